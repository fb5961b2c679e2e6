"""What a correction changes: the fields, their old and new words, and the entries' difference."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from koga.core.dates import quarter_of
from koga.core.journal import Entry, Posting
from koga.operate.support.models import Record, RecordChange
from koga.release.tables import REMOVED

FIELDS = {
    "agency": "agency_id",
    "programme": "programme_id",
    "instrument": "instrument",
    "sector": "sector",
    "title": "title",
    "recipient": "recipient",
    "recipient_id": "recipient_id",
    "recipient_class": "recipient_class",
    "region": "region",
    "awarded_on": "awarded_on",
    "fiscal_year": "fiscal_year",
    "unit": "unit",
    "amount": "amount",
    "amount_national": "amount_national",
    "amount_city": "amount_city",
    "amount_district": "amount_district",
    "amount_own": "amount_own",
    "parent": "parent_id",
    "counts_in_total": "counts_in_total",
    "source_number": "source_number",
}
"""Columns of the open table that a register can correct -> attributes of a record."""


@dataclass(frozen=True, slots=True)
class Booked:
    """Where a record stands in the books: the ledger, account, unit, day and amount."""

    agency: str
    programme: str
    unit: str
    awarded_on: date
    amount: int


def booked(values: Mapping[str, Any]) -> Booked:
    """The books' side of a record given by its attributes."""
    return Booked(
        values["agency_id"],
        values["programme_id"],
        values["unit"],
        values["awarded_on"],
        values["amount"],
    )


def postings(stand: Booked, sign: int = 1) -> tuple[Posting, ...]:
    """Support delivered from an external source; a negative amount turns the sides."""
    return (
        Posting(f"delivered:{stand.programme}", stand.unit, sign * stand.amount),
        Posting("source:external", stand.unit, -sign * stand.amount),
    )


def effective_day(day: date, closed_through: date | None) -> tuple[date, str]:
    """The day an entry counts for, and the closed quarter it belongs to, or "".

    >>> effective_day(date(2026, 3, 1), date(2026, 6, 30))
    (datetime.date(2026, 7, 1), '2026-Q1')
    """
    if closed_through is None or day > closed_through:
        return day, ""
    return closed_through + timedelta(days=1), quarter_of(day)


def difference(
    key: str,
    reference: str,
    old: Booked | None,
    new: Booked | None,
    closed: Mapping[str, date | None],
) -> list[Entry]:
    """Entries that lead from one stand in the books to another; none where the books agree.

    One entry per ledger, day and closed quarter; where there are several, their keys are numbered.
    """
    sums: dict[tuple[str, date, str], dict[tuple[str, str], int]] = {}
    for stand, sign in ((old, -1), (new, 1)):
        if stand is None or (old == new):
            continue
        day, relates_to = effective_day(stand.awarded_on, closed.get(stand.agency))
        lines = sums.setdefault((stand.agency, day, relates_to), defaultdict(int))
        for posting in postings(stand, sign):
            lines[posting.account, posting.commodity] += posting.amount
    found = [
        (place, [Posting(*account, amount) for account, amount in lines.items() if amount])
        for place, lines in sums.items()
    ]
    found = [(place, lines) for place, lines in found if lines]
    return [
        Entry(
            ledger=ledger,
            key=key if len(found) == 1 else f"{key}:{number}",
            kind="import_correction",
            effective=day,
            postings=tuple(lines),
            reference=reference,
            relates_to=relates_to,
        )
        for number, ((ledger, day, relates_to), lines) in enumerate(found, start=1)
    ]


def changed(record: Record, new: Mapping[str, Any]) -> list[str]:
    """Names of the open columns in which a record differs from its new values."""
    return [
        name
        for name, attribute in FIELDS.items()
        if attribute in new and getattr(record, attribute) != new[attribute]
    ]


def changes(
    record: Record, new: Mapping[str, Any], *, version: int, reason: str, on: date, entry: str
) -> Iterator[RecordChange]:
    """A row of the table of corrections for every field that changes."""
    for name in changed(record, new):
        attribute = FIELDS[name]
        yield RecordChange(
            correction=f"{record.record}.v{version}.{name}",
            row=record,
            agency_id=new.get("agency_id", record.agency_id),
            field=name,
            old=word(getattr(record, attribute)),
            new=word(new[attribute]),
            reason=reason,
            corrected_on=on,
            entry=entry,
        )


def withdrawal(record: Record, *, version: int, reason: str, on: date, entry: str) -> RecordChange:
    """The row of the table of corrections that says a record was taken out."""
    return RecordChange(
        correction=f"{record.record}.v{version}",
        row=record,
        agency_id=record.agency_id,
        field=REMOVED,
        old=word(record.amount),
        reason=reason,
        corrected_on=on,
        entry=entry,
    )


def word(value: Any) -> str:
    """A value as the open tables write it.

    >>> word(None), word(True), word(-5), word(date(2026, 3, 1))
    ('', 'true', '-5', '2026-03-01')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
