"""What the pages of the desk show, put together from the selectors."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from koga.core import accounts, units
from koga.core.dates import Period
from koga.core.problems import Refusal
from koga.operate.imports import selectors as imports
from koga.operate.ledger import selectors as ledger
from koga.operate.ledger.models import Approval, Entry
from koga.operate.parties.models import Person
from koga.operate.parties.selectors import holds
from koga.publish import selectors, services
from koga.publish.content import PROMISES, Content, Line, Promise
from koga.publish.forms import shown
from koga.publish.models import State, Statement
from koga.release import tables
from koga.release.tables import Word


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for the person at the desk.

    kind: draft, sign, restate or approve. ko, en: what. link: where. due_on: by when, if known.
    late: days late.
    """

    kind: str
    ko: str
    en: str
    link: str
    due_on: date | None = None
    late: int = 0


TASKS = {
    "draft": Word("draft", "작성", "draft"),
    "finish": Word("finish", "초안 마무리", "finish the draft"),
    "sign": Word("sign", "검토·서명", "review and sign"),
    "approve": Word("approve", "분개 승인", "approve an entry"),
    "decide": Word("decide", "사라진 내역 결정", "decide on vanished rows"),
}


def queue(person: Person) -> list[dict[str, Any]]:
    """What waits for a person, the most urgent first."""
    today = timezone.localdate()
    found = [*_statement_tasks(person, today), *_entry_tasks(person), *_vanished_tasks(person)]
    found.sort(key=lambda task: (task.due_on or date.max, task.ko))
    return [{"task": task, "word": TASKS[task.kind]} for task in found]


def period_before(day: date) -> Period:
    """The half-year that ended last before a day."""
    half = "H1" if day.month <= 6 else "H2"
    return Period.parse(f"{day.year}-{half}").previous


def _statement_tasks(person: Person, today: date) -> Iterable[Task]:
    period = period_before(today)
    prepares = set(selectors.agencies_of(person, services.PREPARER))
    approves = set(selectors.agencies_of(person, services.APPROVER))
    if not prepares and not approves:
        return
    names = selectors.names(period)
    drafts = {(row.agency_id, row.period): row for row in selectors.open_drafts()}
    for row in selectors.due_rows(period, today):
        draft = drafts.pop((row.agency, row.period), None)
        if row.state in ("missing", "not_yet_due") or draft is not None:
            waits = {"due_on": row.due_on, "late": row.days_late if not row.signed_at else 0}
            yield from _task(person, row.agency, row.period, draft, names, prepares, approves,
                             waits)  # fmt: skip
    for (agency, written), draft in drafts.items():
        waits = {"due_on": selectors.due_date(agency, Period.parse(written)), "late": 0}
        yield from _task(person, agency, written, draft, names, prepares, approves, waits)


def _task(
    person: Person,
    agency: str,
    written: str,
    draft: Statement | None,
    names: Any,
    prepares: set[str],
    approves: set[str],
    waits: dict[str, Any],
) -> Iterable[Task]:
    period = Period.parse(written)
    name_ko, name_en = names.get(agency, (agency, agency))
    ko, en = f"{name_ko} {period.label('ko')} 공시", f"{name_en}, statement {period.label('en')}"
    if draft is None:
        if agency in prepares:
            link = f"/desk/statements/start/?agency={agency}&period={written}"
            yield Task("draft", ko, en, link, **waits)
        return
    edited = draft.edits.filter(person=person).exists()
    if agency in approves and not edited:
        yield Task("sign", ko, en, f"/desk/statements/{draft.pk}/sign/", **waits)
    elif agency in prepares:
        yield Task("finish", ko, en, f"/desk/statements/{draft.pk}/", **waits)


def _entry_tasks(person: Person) -> Iterable[Task]:
    for draft in entries_for(person):
        kind = accounts.KINDS[draft.entry.kind]
        ko = f"{draft.entry.ledger} 원장 {kind.ko} {draft.entry.reference}"
        en = f"Ledger {draft.entry.ledger}: {kind.en} {draft.entry.reference}"
        yield Task("approve", ko, en, f"/desk/entries/{draft.number}/")


def _vanished_tasks(person: Person) -> Iterable[Task]:
    """Rows that disappeared from a register, for those who may decide what that means."""
    mine = set(selectors.agencies_of(person, "operator"))
    if not mine:
        return
    waiting = Counter(row["register"] for row in imports.waiting() if row["agency"] in mine)
    for register, count in sorted(waiting.items()):
        ko, en = f"{register} 대장에서 사라진 {count}건", f"{count} rows gone from {register}"
        yield Task("decide", ko, en, "/desk/imports/")


def entries_for(person: Person) -> list[ledger.Draft]:
    """Proposed entries a person may approve: of their agencies and not their own."""
    return [
        draft
        for draft in ledger.open_drafts()
        if draft.maker != person.opaque_id and holds(person, services.APPROVER, draft.entry.ledger)
    ]


def entries_seen_by(person: Person) -> list[ledger.Draft]:
    """Proposed entries a person may read."""
    wide = holds(person, "auditor")
    return [
        draft
        for draft in ledger.open_drafts()
        if wide
        or draft.maker == person.opaque_id
        or holds(person, services.APPROVER, draft.entry.ledger)
    ]


def entry_page(draft: ledger.Draft, person: Person) -> dict[str, Any]:
    """An entry before the last click: exactly the lines to be written and who must approve."""
    entry = draft.entry
    return {
        "draft": draft,
        "entry": entry,
        "kind": accounts.KINDS[entry.kind],
        "content": draft.content.hex(),
        "lines": [
            {
                "account": posting.account,
                "root": accounts.root_of(posting.account),
                "debit": _amount(posting.amount, posting.commodity),
                "credit": _amount(-posting.amount, posting.commodity),
                "unit": unit_word(posting.commodity),
            }
            for posting in entry.postings
        ],
        "maker_is_me": draft.maker == person.opaque_id,
        "may_approve": draft.maker != person.opaque_id
        and holds(person, services.APPROVER, entry.ledger),
    }


def decided_entry(number: int, person: Person) -> dict[str, Any] | None:
    """A proposed entry after its decision, with the address of what was written, if anything."""
    decision = Approval.objects.filter(draft_id=number).select_related("draft", "ledger").first()
    if decision is None:
        return None
    code = decision.ledger.code
    involved = person.opaque_id in (decision.maker, decision.checker)
    if not (involved or holds(person, services.APPROVER, code) or holds(person, "auditor")):
        return None
    written = Entry.objects.filter(ledger_id=decision.ledger_id, key=decision.draft.key).first()
    return {
        "approved": decision.verdict == "approved",
        "address": f"{code}#{written.seq}" if written else "",
        "chain": bytes(written.chain).hex() if written else "",
        "content": bytes(decision.content).hex(),
    }


def _amount(amount: int, unit: str) -> str:
    return figure(units.as_decimal(amount, unit)) if amount > 0 else ""


def figure(value: Decimal | None) -> str:
    """A figure as people read it.

    >>> figure(Decimal("1234567.50"))
    '1,234,567.5'
    """
    if value is None:
        return ""
    whole, _, part = f"{value:,f}".partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part}" if part else whole


def unit_word(code: str) -> Word:
    """A unit as printed behind a figure."""
    if code in tables.MEASURES:
        return tables.MEASURES[code]
    try:
        found = units.find(code)
    except Refusal:
        return Word(code, code, code)
    return Word(code, found.ko, found.en)


def statement_page(statement: Statement, person: Person) -> dict[str, Any]:
    """A statement as its page shows it, section by section, with what the person may do."""
    content = selectors.content_of(statement)
    period = Period.parse(statement.period)
    draft = statement.state == State.DRAFT
    prepares = selectors.may(person, services.PREPARER, statement.agency_id)
    problems = services.problems_of(statement) if draft else []
    newest = selectors.signed_of(statement.agency_id, statement.period)
    programmes = selectors.programme_names(line.programme for line in content.lines)
    return {
        "statement": statement,
        "name": selectors.names(period).get(statement.agency_id),
        "label": Word(period.name, period.label("ko"), period.label("en")),
        "due_on": selectors.due_date(statement.agency_id, period),
        "sections": [_section(content, word, programmes) for word in tables.SECTIONS.values()],
        "earlier": [_promise(one) for one in content.promises if one.made_in != content.period],
        "made": [_promise(one) for one in content.promises if one.made_in == content.period],
        "promises_nil": PROMISES in content.nil,
        "open_problems": shown(problems),
        "versions": selectors.versions_of(statement),
        "may_edit": draft and prepares,
        "may_sign": draft
        and selectors.may(person, services.APPROVER, statement.agency_id)
        and not statement.edits.filter(person=person).exists(),
        "may_restate": not draft
        and prepares
        and newest == statement
        and selectors.draft_of(statement.agency_id, statement.period) is None,
    }


def _section(
    content: Content, word: Word, programmes: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    lines = [
        {**_shown_line(line, place), "programme": programmes.get(line.programme)}
        for place, line in enumerate(content.lines)
        if line.section == word.code
    ]
    return {"word": word, "lines": lines, "nil": word.code in content.nil}


def _shown_line(line: Line, place: int) -> dict[str, Any]:
    code = tables.ACTIONS.get(line.code) if line.section == "actions" else None
    code = code or tables.ADVICE_ANSWERS.get(line.code) if line.section == "advice" else code
    code = code or tables.STAGES.get(line.code) or Word(line.code, line.code, line.code)
    unit = unit_word(line.unit)
    return {
        "line": line,
        "place": place,
        "typed": line.basis == "typed",
        "what": code,
        "basis": tables.BASES[line.basis],
        "figure": figure(line.value),
        "unit": unit,
        "of": figure(line.denominator),
    }


def _promise(promise: Promise) -> dict[str, Any]:
    return {
        "promise": promise,
        "target": figure(promise.target),
        "now": figure(promise.now),
        "rule": tables.TARGET_RULES[promise.target_rule],
        "unit": unit_word(promise.unit),
        "state": tables.PROMISE_STATES.get(promise.state),
    }


def due_page(period: Period) -> list[dict[str, Any]]:
    """Who owes a statement by when, as it stands today."""
    names = selectors.names(period)
    rows = selectors.due_rows(period, timezone.localdate())
    return [
        {
            "row": row,
            "name": names.get(row.agency, (row.agency, row.agency)),
            "state": tables.DUE_STATES[row.state],
            "label": row.period,
        }
        for row in sorted(rows, key=lambda row: (-period_end(row.period), row.agency))
    ]


def period_end(written: str) -> int:
    """The last day of a period as a number to sort by."""
    return Period.parse(written).end.toordinal()


def statements_page(person: Person) -> list[dict[str, Any]]:
    """The statements a person may read, newest period first."""
    rows = selectors.statements_seen_by(person)
    names = selectors.names(Period.parse("9998"))
    return [
        {"statement": row, "name": names.get(row.agency_id), "draft": row.state == State.DRAFT}
        for row in rows
    ]


def startable(person: Person) -> list[Word]:
    """Agencies a person may prepare a statement for, as options of a select."""
    names = selectors.names(Period.parse("9998"))
    return [Word(code, *names[code]) for code in selectors.agencies_of(person, services.PREPARER)]


def reads(person: Person, statement: Statement) -> bool:
    """Whether a person may read a statement: with any role for its agency, or as an auditor."""
    roles = ("preparer", "approver", "operator", "auditor")
    return any(selectors.may(person, role, statement.agency_id) for role in roles) or holds(
        person, "auditor"
    )
