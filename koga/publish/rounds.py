"""One act over all agencies a person may act for: each statement by itself, problems gathered."""

from collections.abc import Callable
from dataclasses import dataclass

from koga.core.dates import Period
from koga.core.problems import Problem, Refusal
from koga.operate.parties.models import Person
from koga.publish import booked, selectors, services
from koga.publish.models import Statement


@dataclass(frozen=True, slots=True)
class Round:
    """What came of it: the statements acted on, and every problem of those refused."""

    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...]


def draft_all(*, period: Period, person: Person) -> Round:
    """Draft every statement owed for a period that the person may prepare; empty sections nil.

    A signed one is left as it is; a draft that exists is recounted from the books.
    """
    books = booked.read_books(period)
    mine = [code for code in _owing(period) if selectors.may(person, services.PREPARER, code)]

    def act(code: str) -> Statement:
        signed = selectors.signed_of(code, period.name)
        if signed is not None:
            return selectors.draft_of(code, period.name) or signed
        return services.draft(
            agency=code, period=period, person=person, declare_nil=True, books=books
        )

    return _each(mine, act, person)


def sign_all(*, period: Period, person: Person) -> Round:
    """Sign every draft of a period that the person may sign, as it stands at this moment."""
    books = booked.read_books(period)
    drafts = [
        draft
        for code in _drafted(period)
        if selectors.may(person, services.APPROVER, code)
        and (draft := selectors.draft_of(code, period.name)) is not None
    ]
    hashes = {draft.agency_id: draft.content_hash for draft in drafts}

    def act(code: str) -> Statement:
        return services.sign(
            agency=code, period=period, person=person, reviewed_hash=hashes[code], books=books
        )

    return _each(list(hashes), act, person)


def _owing(period: Period) -> list[str]:
    return [one.agency for one in selectors.owed_through(period) if one.period == period]


def _drafted(period: Period) -> list[str]:
    found = Statement.objects.filter(period=period.name, state="draft")
    return list(found.order_by("agency_id").values_list("agency_id", flat=True))


def _each(codes: list[str], act: Callable[[str], Statement], person: Person) -> Round:
    done: list[Statement] = []
    problems: list[Problem] = []
    for code in codes:
        try:
            done.append(act(code))
        except Refusal as refusal:
            problems += refusal.problems
    if not codes:
        raise Refusal(Problem("publish.nothing_to_do", "--all", person.login))
    return Round(tuple(done), tuple(problems))
