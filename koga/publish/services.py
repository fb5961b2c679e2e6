"""Writes about statements: drafting, editing, signing, restating; and building a release.

Every edit is one compare-and-swap on the content hash its editor saw, so two people who edit at
once cannot overwrite each other. A signed version never changes; the database refuses it as well.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from koga.core.dates import Period
from koga.core.problems import Problem, Refusal
from koga.operate.parties.models import Person
from koga.operate.parties.services import require_role
from koga.operate.support.models import Programme
from koga.publish import booked, checks, duties, selectors
from koga.publish.content import SECTIONS, Content, Line, Promise, plain
from koga.publish.models import (
    Duty,
    Excuse,
    Publisher,
    State,
    Statement,
    StatementEdit,
    StatementLine,
    StatementPromise,
)
from koga.publish.typed import Answer, NewPromise, Typed, number_promises

if TYPE_CHECKING:
    from koga.release.manifest import Manifest

PREPARER, APPROVER = "preparer", "approver"
REASON_MAX = 500


@transaction.atomic
def describe_publisher(*, name_ko: str, name_en: str, own_schemes: Iterable[str] = ()) -> Publisher:
    """Say who publishes the releases of these books, and whose targets they answer to."""
    said = {
        "name_ko": name_ko.strip(),
        "name_en": name_en.strip(),
        "own_schemes": sorted(own_schemes),
    }
    row, _ = Publisher.objects.update_or_create(pk=1, defaults=said)
    return row


@transaction.atomic
def set_duty(
    *, agency: str, every: str, since: date, days: int | None = None, until: date | None = None
) -> Duty:
    """Register that an agency owes a statement for every year, half or quarter from a day on."""
    selectors.require_agency(agency)
    if every not in duties.RHYTHMS:
        raise Refusal(Problem("publish.unknown_rhythm", agency, every))
    kept = duties.days_default() if days is None else days
    row, _ = Duty.objects.update_or_create(
        agency_id=agency, since=since, defaults={"every": every, "days": kept, "until": until}
    )
    return row


@transaction.atomic
def say_why_late(
    *, agency: str, period: Period, person: Person, text: str, at: datetime | None = None
) -> Excuse:
    """Record why a statement is late, in the agency's own words."""
    selectors.require_agency(agency)
    _require(person, PREPARER, agency)
    said = text.strip()
    if not said or len(said) > REASON_MAX:
        code = "publish.text_too_long" if said else "publish.required"
        raise Refusal(Problem(code, f"{agency} {period}", said, {"limit": REASON_MAX}))
    return Excuse.objects.create(
        agency_id=agency,
        period=period.name,
        text=said,
        said_by=person,
        said_at=at or timezone.now(),
    )


def draft(
    *,
    agency: str,
    period: Period,
    person: Person,
    typed: Typed | None = None,
    declare_nil: bool = False,
    books: booked.Books | None = None,
) -> Statement:
    """Make or refresh the draft of a statement: figures of the ledger recounted, earlier promises
    carried in; `typed` replaces everything typed so far.

    declare_nil: sections left empty are declared nil. books: read beforehand for many agencies.
    Refused where the period is already signed: restate it.
    """
    selectors.require_agency(agency)
    _require(person, PREPARER, agency)
    held = selectors.draft_of(agency, period.name)
    if held is None and selectors.signed_of(agency, period.name) is not None:
        raise Refusal(Problem("publish.already_signed", f"{agency} {period}"))
    before = selectors.content_of(held) if held else Content(agency, period.name, 1)
    content = replace(
        before, lines=_recounted(before, period, books), promises=_promises(before, period)
    )
    if typed is not None:
        content = _with_typed(content, typed)
    if declare_nil:
        content = replace(content, nil=_nil_where_empty(content))
    if held is None:
        return _create(content, period, person)
    return _swap(held, content, person, expected_hash=before.hash())


def restate(
    *,
    agency: str,
    period: Period,
    person: Person,
    reason: str,
    books: booked.Books | None = None,
) -> Statement:
    """Start a new version of a signed statement, for a reason; it says what the old one said,
    with the figures of the ledger recounted."""
    selectors.require_agency(agency)
    _require(person, PREPARER, agency)
    where = f"{agency} {period}"
    signed = selectors.signed_of(agency, period.name)
    if signed is None:
        raise Refusal(Problem("publish.no_statement", where))
    said = reason.strip()
    if not said or len(said) > REASON_MAX:
        code = "publish.text_too_long" if said else "publish.restate_reason"
        raise Refusal(Problem(code, where, said, {"limit": REASON_MAX}))
    before = replace(selectors.content_of(signed), version=signed.version + 1, reason=said)
    return _create(replace(before, lines=_recounted(before, period, books)), period, person)


def put_line(
    *, statement: Statement, person: Person, expected_hash: str, line: Line, place: int | None
) -> Statement:
    """Add a typed line, or replace the one at a place of the draft (counted from 0)."""
    where = f"{statement.agency_id} {statement.period}"
    problems = checks.line_problems(line, where) + _programme_problems(statement, line, where)
    if problems:
        raise Refusal(problems)

    def change(content: Content) -> Content:
        lines = list(content.lines)
        if place is None or not 0 <= place < len(lines):
            lines.append(line)
        else:
            lines[place] = line
        nil = tuple(section for section in content.nil if section != line.section)
        return replace(content, lines=tuple(lines), nil=nil)

    return _edit(statement, person, expected_hash, change)


def remove_line(
    *, statement: Statement, person: Person, expected_hash: str, place: int
) -> Statement:
    """Take a typed line out of the draft."""

    def change(content: Content) -> Content:
        kept = [
            line
            for number, line in enumerate(content.lines)
            if number != place or line.basis != "typed"
        ]
        return replace(content, lines=tuple(kept))

    return _edit(statement, person, expected_hash, change)


def declare_nil(
    *, statement: Statement, person: Person, expected_hash: str, sections: Iterable[str]
) -> Statement:
    """Declare exactly these sections nil."""
    chosen = tuple(section for section in SECTIONS if section in set(sections))

    def change(content: Content) -> Content:
        return replace(content, nil=chosen)

    return _edit(statement, person, expected_hash, change)


def put_promise(
    *, statement: Statement, person: Person, expected_hash: str, made: NewPromise
) -> Statement:
    """Add a next promise; its number follows the last one of this statement."""
    period = Period.parse(statement.period)
    agency = statement.agency_id

    def change(content: Content) -> Content:
        number = 1 + max((int(one.promise.rpartition("-")[2]) for one in _made(content)), default=0)
        promise = replace(
            number_promises([made], agency, period.name)[0],
            promise=f"{agency}-{period}-{number}",
        )
        problems = checks.new_promise_problems(promise, f"{agency} {period}", period)
        if problems:
            raise Refusal(problems)
        nil = tuple(section for section in content.nil if section != "promises")
        return replace(content, promises=(*content.promises, promise), nil=nil)

    return _edit(statement, person, expected_hash, change)


def remove_promise(
    *, statement: Statement, person: Person, expected_hash: str, promise: str
) -> Statement:
    """Take a next promise out of the draft; earlier ones can only be answered."""

    def change(content: Content) -> Content:
        kept = tuple(
            one
            for one in content.promises
            if one.promise != promise or one.made_in != content.period
        )
        return replace(content, promises=kept)

    return _edit(statement, person, expected_hash, change)


def answer_promise(
    *, statement: Statement, person: Person, expected_hash: str, answer: Answer
) -> Statement:
    """Say what became of an earlier promise."""
    period = Period.parse(statement.period)

    def change(content: Content) -> Content:
        answered = _answered(content, [answer])
        found = [one for one in answered if one.promise == answer.promise]
        problems = [
            problem
            for one in found
            for problem in checks.answer_problems(one, f"{content.agency} {one.promise}", period)
        ]
        if problems:
            raise Refusal(problems)
        return replace(content, promises=tuple(answered))

    return _edit(statement, person, expected_hash, change)


def recount(*, statement: Statement, person: Person, expected_hash: str) -> Statement:
    """Compute the figures of the ledger in a draft again."""
    period = Period.parse(statement.period)

    def change(content: Content) -> Content:
        return replace(content, lines=_recounted(content, period, None))

    return _edit(statement, person, expected_hash, change)


def problems_of(statement: Statement, books: booked.Books | None = None) -> list[Problem]:
    """Everything that keeps a draft from being signed, the books read again."""
    period = Period.parse(statement.period)
    content = selectors.content_of(statement)
    found = checks.content_problems(content, period)
    where = f"{content.agency} {content.period}"
    for line in content.lines:
        found += _programme_problems(statement, line, where)
    there = {one.promise for one in content.promises}
    found += [
        Problem("publish.promise_unanswered", where, one.text_ko)
        for one in selectors.earlier_promises(content.agency, period)
        if one.promise not in there
    ]
    held = booked.lines(
        books or booked.read_books(period), selectors.covered(content.agency, period)
    )
    return found + checks.ledger_problems(content, held)


def sign(
    *,
    agency: str,
    period: Period,
    person: Person,
    reviewed_hash: str,
    at: datetime | None = None,
    books: booked.Books | None = None,
) -> Statement:
    """Sign the draft of a statement as a second person, naming the hash that was reviewed.

    at: the moment of the act; given only where history is replayed (the demonstration).
    Refused unless every section is there or nil, every earlier promise answered, and every
    figure of the ledger equal to the books at this moment.
    """
    selectors.require_agency(agency)
    _require(person, APPROVER, agency)
    where = f"{agency} {period}"
    with transaction.atomic():
        held = selectors.draft_of(agency, period.name)
        if held is None:
            signed = selectors.signed_of(agency, period.name)
            code = "publish.already_signed" if signed else "publish.no_draft"
            raise Refusal(Problem(code, where))
        content = selectors.content_of(held)
        now = content.hash()
        if reviewed_hash != now or held.content_hash != now:
            raise Refusal(Problem("publish.hash_changed", where, reviewed_hash, {"now": now}))
        if held.edits.filter(person=person).exists() or held.prepared_by_id == person.pk:
            raise Refusal(Problem("publish.same_person", where, person.login))
        problems = problems_of(held, books)
        if problems:
            raise Refusal(problems)
        covered = selectors.covered(agency, period)
        changed = Statement.objects.filter(
            pk=held.pk, state=State.DRAFT, content_hash=reviewed_hash
        ).update(
            state=State.SIGNED,
            signed_by=person,
            signed_at=at or timezone.now(),
            ledger_lines=booked.entries(books or booked.read_books(period), covered),
        )
        if changed != 1:
            raise Refusal(Problem("publish.edited_meanwhile", where))
    held.refresh_from_db()
    return held


def build_release(
    *,
    period: str,
    key_file: Path,
    out: Path,
    previous: Path | None = None,
    schemes: Iterable[Path] | None = None,
    licence: str = "KOGL-1",
    benchmarks: Iterable[Path] = (),
) -> "Manifest":
    """Build and sign the release of a period: a function of the books and the key alone.

    It is dated by the last signature it carries. previous: the release before, whose log it
    continues. schemes: scheme files to show; by default those shipped in `schemes/`.
    benchmarks: files of indices to carry, so that funds can be compared from the release alone.
    """
    from koga.publish import releasing

    return releasing.build(
        period=Period.parse(period),
        key_file=key_file,
        out=out,
        previous=previous,
        schemes=schemes,
        licence=licence,
        benchmarks=benchmarks,
    )


def _require(person: Person, role: str, agency: str) -> None:
    """Refuse the act unless the person holds the role now, for the agency or its successor."""
    if not selectors.may(person, role, agency):
        require_role(person, role, agency)


def _promises(content: Content, period: Period) -> tuple[Promise, ...]:
    """Earlier promises still open, with what was already said about them, then the new ones."""
    said = {one.promise: one for one in _carried(content)}
    earlier = selectors.earlier_promises(content.agency, period)
    return (*(said.get(one.promise, one) for one in earlier), *_made(content))


def _recounted(content: Content, period: Period, books: booked.Books | None) -> tuple[Line, ...]:
    held = booked.lines(
        books or booked.read_books(period), selectors.covered(content.agency, period)
    )
    typed = [line for line in content.lines if line.basis == "typed"]
    return (*held, *typed)


def _with_typed(content: Content, typed: Typed) -> Content:
    problems = []
    for number, line in enumerate(typed.lines, start=1):
        where = f"[[line]] {number}"
        problems += checks.line_problems(line, where)
    period = Period.parse(content.period)
    made = number_promises(typed.promises, content.agency, content.period)
    for number, promise in enumerate(made, start=1):
        problems += checks.new_promise_problems(promise, f"[[promise]] {number}", period)
    try:
        earlier = _answered(replace(content, promises=_carried(content)), typed.answers)
    except Refusal as refusal:
        problems += refusal.problems
        earlier = []
    if problems:
        raise Refusal(problems)
    held = [line for line in content.lines if line.basis == "ledger"]
    return replace(
        content,
        nil=tuple(section for section in SECTIONS if section in typed.nil),
        lines=(*held, *typed.lines),
        promises=(*earlier, *made),
    )


def _carried(content: Content) -> tuple[Promise, ...]:
    return tuple(one for one in content.promises if one.made_in != content.period)


def _made(content: Content) -> tuple[Promise, ...]:
    return tuple(one for one in content.promises if one.made_in == content.period)


def _answered(content: Content, answers: Iterable[Answer]) -> list[Promise]:
    """Promises with the answers put in; an answer to none of them is refused."""
    given = {answer.promise: answer for answer in answers}
    known = {one.promise for one in _carried(content)}
    unknown = [
        Problem("publish.promise_unknown", f"{content.agency} {content.period}", name)
        for name in given
        if name not in known
    ]
    if unknown:
        raise Refusal(unknown)
    answered = []
    for one in content.promises:
        answer = given.get(one.promise)
        if answer is not None:
            one = replace(
                one,
                state=answer.state,
                now=answer.now,
                reason=answer.reason,
                evidence=answer.evidence,
            )
        answered.append(one)
    return answered


def _nil_where_empty(content: Content) -> tuple[str, ...]:
    filled = {line.section for line in content.lines}
    if _made(content):
        filled.add("promises")
    return tuple(section for section in SECTIONS if section not in filled)


def _programme_problems(statement: Statement, line: Line, where: str) -> list[Problem]:
    if not line.programme or line.basis != "typed":
        return []
    period = Period.parse(statement.period)
    known = Programme.objects.filter(
        programme=line.programme, agency_id__in=selectors.covered(statement.agency_id, period)
    )
    if known.exists():
        return []
    return [Problem("publish.unknown_programme", where, line.programme)]


def _create(content: Content, period: Period, person: Person) -> Statement:
    where = f"{content.agency} {content.period}"
    try:
        with transaction.atomic():
            statement = Statement.objects.create(
                agency_id=content.agency,
                period=period.name,
                period_end=period.end,
                version=content.version,
                reason=content.reason,
                nil=list(content.nil),
                content_hash=content.hash(),
                prepared_by=person,
            )
            _write_content(statement, content)
            _note_edit(statement, person, content.hash())
    except IntegrityError:
        raise Refusal(Problem("publish.edited_meanwhile", where)) from None
    return statement


def _edit(
    statement: Statement,
    person: Person,
    expected_hash: str,
    change: Callable[[Content], Content],
) -> Statement:
    """Change a draft that still is what the editor saw."""
    _require(person, PREPARER, statement.agency_id)
    with transaction.atomic():
        held = Statement.objects.get(pk=statement.pk)
        where = f"{held.agency_id} {held.period}"
        if held.state != State.DRAFT:
            raise Refusal(Problem("publish.already_signed", where))
        if held.content_hash != expected_hash:
            raise Refusal(Problem("publish.edited_meanwhile", where))
        return _swap(held, change(selectors.content_of(held)), person, expected_hash=expected_hash)


def _swap(held: Statement, content: Content, person: Person, *, expected_hash: str) -> Statement:
    """Write new content where the draft still has the expected hash; else refuse, save nothing."""
    new = content.hash()
    with transaction.atomic():
        found = Statement.objects.filter(pk=held.pk, state=State.DRAFT, content_hash=expected_hash)
        changes = {"content_hash": new, "nil": list(content.nil), "prepared_by": person}
        if found.update(**(changes if new != expected_hash else {"content_hash": new})) != 1:
            raise Refusal(Problem("publish.edited_meanwhile", f"{held.agency_id} {held.period}"))
        if new != expected_hash:
            held.lines.all().delete()
            held.promises.all().delete()
            _write_content(held, content)
            _note_edit(held, person, new)
    held.refresh_from_db()
    return held


def _note_edit(statement: Statement, person: Person, content_hash: str) -> None:
    StatementEdit.objects.create(
        statement=statement, person=person, at=timezone.now(), content_hash=content_hash
    )


def _write_content(statement: Statement, content: Content) -> None:
    StatementLine.objects.bulk_create(
        StatementLine(statement=statement, place=place, **_stored(line))
        for place, line in enumerate(content.lines)
    )
    StatementPromise.objects.bulk_create(
        StatementPromise(statement=statement, place=place, **_stored(promise))
        for place, promise in enumerate(content.promises)
    )


def _stored(row: Line | Promise) -> dict[str, Any]:
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    for name in ("value", "denominator", "target", "now"):
        if name in values:
            values[name] = "" if values[name] is None else plain(values[name])
    return values
