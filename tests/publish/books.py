"""Small books for the tests of statements: agencies, people, programmes, records, entries."""

from datetime import date
from decimal import Decimal
from typing import Any

from koga.core.dates import Period
from koga.core.journal import Entry, Posting
from koga.operate.ledger import services as ledger
from koga.operate.parties import services as parties
from koga.operate.parties.models import Person
from koga.operate.support.models import Programme, Record
from koga.publish import selectors, services
from koga.publish.content import Line
from koga.publish.models import Statement
from koga.publish.typed import Typed

HALF = Period.parse("2026-H1")
LATER = Period.parse("2026-H2")
MAKER = "p0123456789abcdef"


def person(login: str, role: str, agency: str | None = None) -> Person:
    """Someone with one role."""
    added = parties.add_person(
        login=login,
        password="long enough to pass",
        office_ko="과장",
        office_en="Head of unit",
        role=role,
        agency=agency,
    )
    return added


def agency(code: str, *programmes: tuple[str, str, str]) -> None:
    """An agency and its programmes as (code, instrument, unit)."""
    parties.create_agency(code=code, name_ko=f"{code} 기관", name_en=f"{code} agency")
    for name, instrument, unit in programmes:
        Programme.objects.create(
            programme=name,
            agency_id=code,
            name_ko=name,
            name_en=name,
            instrument=instrument,
            sector="ai",
            unit=unit,
        )


def post(
    ledger_code: str, kind: str, debit: str, credit: str, unit: str, amount: int, on: date, key: str
) -> Any:
    """One entry of two lines."""
    postings = (Posting(debit, unit, amount), Posting(credit, unit, -amount))
    return ledger.post(Entry(ledger_code, key, kind, on, postings, key), maker=MAKER)


def record(agency_code: str, programme: str, number: str, amount: int, on: date) -> Record:
    """A record of support as an import leaves it: a row and its entry."""
    held = Programme.objects.get(programme=programme)
    posted = post(
        agency_code, "import", f"delivered:{programme}", "source:external",
        held.unit, amount, on, number,
    )  # fmt: skip
    return Record.objects.create(
        record=number,
        version=1,
        agency_id=agency_code,
        programme_id=programme,
        instrument=held.instrument,
        sector=held.sector,
        recipient_class="none",
        awarded_on=on,
        counted_on=on,
        register="test",
        identity=number,
        batch=1,
        row_number=1,
        fiscal_year=on.year,
        unit=held.unit,
        amount=amount,
        counts_in_total=True,
        entry=f"{posted.ledger}#{posted.seq}",
    )


def typed_line(**changes: Any) -> Line:
    """A typed line that is right in itself."""
    right = {
        "section": "actions",
        "code": "guidance",
        "text_ko": "안내서를 냄",
        "text_en": "Guidance issued",
        "value": Decimal(3),
        "unit": "count",
        "evidence": "고시 2026-3",
    }
    return Line(**{**right, **changes})


def drafted(code: str, who: Person, period: Period = HALF, typed: Typed | None = None) -> Statement:
    """A draft whose empty sections are declared nil."""
    return services.draft(
        agency=code, period=period, person=who, typed=typed, declare_nil=typed is None
    )


def signed(
    code: str, maker: Person, checker: Person, period: Period = HALF, **more: Any
) -> Statement:
    """A statement drafted by one and signed by another."""
    drafted(code, maker, period, more.pop("typed", None))
    held = selectors.draft_of(code, period.name)
    assert held is not None
    return services.sign(
        agency=code, period=period, person=checker, reviewed_hash=held.content_hash, **more
    )


def codes(refused: Any) -> list[str]:
    """Codes of the problems of a refusal caught by `pytest.raises`."""
    return [problem.code for problem in refused.value.problems]
