"""Who owes a statement by when: periods of a duty, due dates, days late. Pure.

UK experience behind it: a duty to report that has no register and no date is never monitored.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from koga.core.dates import Period, quarter_of

RHYTHMS = ("year", "half", "quarter")


@cache
def days_default() -> int:
    """Days after the period's end where nothing else is registered."""
    with (Path(__file__).parent / "duties.toml").open("rb") as source:
        return int(tomllib.load(source)["default"]["days"])


@dataclass(frozen=True, slots=True)
class Owed:
    """A statement owed: by whom, for which period, by when."""

    agency: str
    period: Period
    due_on: date


def period_of(day: date, every: str) -> Period:
    """The year, half or quarter a day falls in.

    >>> str(period_of(date(2026, 8, 1), "half"))
    '2026-H2'
    """
    if every == "year":
        return Period.parse(f"{day.year:04d}")
    if every == "half":
        return Period.parse(f"{day.year:04d}-H{1 if day.month <= 6 else 2}")
    return Period.parse(quarter_of(day))


def periods(every: str, since: date, through: date, until: date | None = None) -> Iterator[Period]:
    """Periods that start on or after `since` and end by `through` (and by `until`, if given).

    >>> [str(p) for p in periods("half", date(2025, 7, 1), date(2026, 6, 30))]
    ['2025-H2', '2026-H1']
    """
    last = min(through, until or through)
    period = period_of(since, every)
    if period.start < since:
        period = period.next
    while period.end <= last:
        yield period
        period = period.next


def due_on(period: Period, days: int) -> date:
    """The last day on which a statement is in time."""
    return period.end + timedelta(days=days)


def quarters(period: Period) -> tuple[str, ...]:
    """The quarters a period is made of.

    >>> quarters(Period.parse("2026-H2"))
    ('2026-Q3', '2026-Q4')
    """
    return tuple(str(part) for part in periods("quarter", period.start, period.end))


def days_late(due: date, done: date) -> int:
    """Days after the due date, 0 where in time."""
    return max(0, (done - due).days)


def state(due: date, *, signed: date | None, nil: bool, as_of: date) -> tuple[str, int]:
    """State of a duty (a key of `tables.DUE_STATES`) and days late, seen from a day.

    A late nil return is `signed_late`: lateness is said first.

    >>> state(date(2026, 8, 29), signed=None, nil=False, as_of=date(2026, 9, 30))
    ('missing', 32)
    """
    if signed is not None:
        late = days_late(due, signed)
        if late:
            return "signed_late", late
        return ("nil" if nil else "signed"), 0
    if as_of <= due:
        return "not_yet_due", 0
    return "missing", days_late(due, as_of)


def newest(owed: Iterable[Owed]) -> dict[str, Owed]:
    """The latest period each agency owes a statement for."""
    found: dict[str, Owed] = {}
    for one in owed:
        held = found.get(one.agency)
        if held is None or one.period.end >= held.period.end:
            found[one.agency] = one
    return found
