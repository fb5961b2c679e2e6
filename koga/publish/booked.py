"""What the books say for statements and flows: quantities by programme, stage, unit and quarter.

The amount of a stage is what *entered* it: budgeted is not reduced by what was later committed,
nor committed by what was later delivered, but a reversal or a correction takes back what it undoes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Count

from koga.core import units
from koga.core.dates import Period
from koga.operate.ledger.selectors import whole
from koga.operate.support.models import Programme, Record
from koga.publish import duties
from koga.publish.content import Line

_QUARTER = {
    "sqlite": "substr(p.effective_date, 1, 4) || '-Q' || "
    "((CAST(substr(p.effective_date, 6, 2) AS INTEGER) + 2) / 3)",
    "postgresql": "to_char(p.effective_date, 'YYYY\"-Q\"Q')",
}
_STAGE_SUMS = """
SELECT l.code, a.code, p.commodity, {quarter} AS quarter,
       SUM(p.amount >> 32), SUM(p.amount & 4294967295), COUNT(DISTINCT p.seq)
FROM ledger_posting p
JOIN ledger_account a ON a.id = p.account_id
JOIN ledger_ledger l ON l.id = p.ledger_id
JOIN ledger_entry e ON e.ledger_id = p.ledger_id AND e.seq = p.seq
LEFT JOIN ledger_entry r ON r.ledger_id = e.ledger_id AND r.seq = e.reverses
WHERE p.effective_date <= %s AND (
  a.code LIKE 'delivered:%%' OR a.code LIKE 'lapsed:%%' OR a.code LIKE 'returned:%%'
  OR (a.code LIKE 'available:%%' AND COALESCE(r.kind, e.kind) LIKE 'budget%%')
  OR (a.code LIKE 'committed:%%' AND COALESCE(r.kind, e.kind) LIKE 'commit%%')
  OR (a.code LIKE 'reserved:%%' AND
      CASE WHEN e.reverses IS NULL THEN p.amount > 0 ELSE p.amount < 0 END))
GROUP BY l.code, a.code, p.commodity, quarter
ORDER BY l.code, a.code, p.commodity, quarter
"""
_INVESTMENTS = """
SELECT l.code, COUNT(*)
FROM ledger_entry e
JOIN ledger_ledger l ON l.id = e.ledger_id
LEFT JOIN ledger_entry u ON u.ledger_id = e.ledger_id AND u.reverses = e.seq
WHERE e.kind = 'investment' AND u.seq IS NULL AND e.effective_date BETWEEN %s AND %s
GROUP BY l.code
"""
COUNTED = {
    "loan": "loan",
    "equity": "investment",
    "grant": "award",
    "guarantee": "award",
    "other": "award",
}
"""Instrument of a programme -> code of the action whose cases are counted."""
DELIVERED = {"compute": "gpu_hours", "space": "space_let", "training": "seats_filled"}
"""Kind of commodity -> code of the action whose delivered quantity is summed."""


@dataclass(frozen=True, slots=True)
class StageSum:
    """What entered one stage of one programme in one quarter, in smallest units."""

    ledger: str
    programme: str
    stage: str
    unit: str
    quarter: str
    amount: int
    entries: int


def stage_sums(through: date) -> Iterator[StageSum]:
    """Sums of every ledger up to a day, by ledger, account, unit and quarter."""
    sql = _STAGE_SUMS.format(quarter=_QUARTER[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(sql, [through.isoformat()])
        rows = cursor.fetchall()
    for ledger, account, unit, quarter, high, low, entries in rows:
        stage, _, programme = account.partition(":")
        yield StageSum(ledger, programme, stage, unit, quarter, whole(high, low), entries)


_DELIVERED_BY = """
SELECT COALESCE(SUM(p.amount), 0)
FROM ledger_posting p
JOIN ledger_account a ON a.id = p.account_id
JOIN ledger_ledger l ON l.id = p.ledger_id
JOIN ledger_entry e ON e.ledger_id = p.ledger_id AND e.seq = p.seq
WHERE l.code = %s AND e.reference = %s AND p.effective_date <= %s AND a.code LIKE 'delivered:%%'
"""


def delivered_by(ledger: str, reference: str, through: date) -> int:
    """What the entries of one record, effective by a day, delivered, in smallest units."""
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERED_BY, [ledger, reference, through.isoformat()])
        return int(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class Books:
    """Everything statements of one period need, read once for all agencies.

    sums: by ledger, within the period. cases: records awarded in the period by agency and
    programme. recorded: programmes that keep records. instruments: by programme.
    investments: investments of the ledger in the period.
    """

    period: Period
    sums: Mapping[str, tuple[StageSum, ...]]
    cases: Mapping[tuple[str, str], int]
    recorded: frozenset[str]
    instruments: Mapping[str, str]
    investments: Mapping[str, int]


def read_books(period: Period, known: Iterable[StageSum] | None = None) -> Books:
    """Read what the books say about a period; known: sums that reach its end, read before."""
    within = set(duties.quarters(period))
    sums: dict[str, list[StageSum]] = defaultdict(list)
    for one in stage_sums(period.end) if known is None else known:
        if one.quarter in within:
            sums[one.ledger].append(one)
    with connection.cursor() as cursor:
        cursor.execute(_INVESTMENTS, [period.start.isoformat(), period.end.isoformat()])
        investments = dict(cursor.fetchall())
    return Books(
        period=period,
        sums={ledger: tuple(found) for ledger, found in sums.items()},
        cases=_cases(period),
        recorded=frozenset(Record.objects.values_list("programme_id", flat=True).distinct()),
        instruments=dict(Programme.objects.values_list("programme", "instrument")),
        investments=investments,
    )


def _cases(period: Period) -> dict[tuple[str, str], int]:
    rows = (
        Record.objects.filter(
            awarded_on__gte=period.start,
            awarded_on__lte=period.end,
            counts_in_total=True,
            withdrawn=False,
        )
        .values_list("agency_id", "programme_id")
        .order_by("agency_id", "programme_id")
        .annotate(cases=Count("pk"))
    )
    return {(agency, programme): cases for agency, programme, cases in rows}


def lines(books: Books, covered: Iterable[str]) -> list[Line]:
    """The lines of the ledger in the statement of an agency that answers for `covered` ledgers.

    Section `actions` counts cases and delivered quantities by kind, section `resources` gives
    each programme's stages in its own unit. Nothing is added across units.
    """
    ledgers = sorted(covered)
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for one in _of(books, ledgers):
        sums[one.programme, one.stage, one.unit] += one.amount
    resources = [
        _line(books, "resources", stage, programme, units.as_decimal(amount, unit), unit)
        for (programme, stage, unit), amount in sorted(sums.items())
        if amount
    ]
    return [*_actions(books, ledgers), *resources]


def entries(books: Books, covered: Iterable[str]) -> int:
    """How many ledger entries the figures of a statement sum."""
    return sum(one.entries for one in _of(books, covered))


def _of(books: Books, ledgers: Iterable[str]) -> Iterator[StageSum]:
    for ledger in sorted(ledgers):
        yield from books.sums.get(ledger, ())


def _actions(books: Books, ledgers: list[str]) -> list[Line]:
    figures: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (agency, programme), cases in books.cases.items():
        action = COUNTED.get(books.instruments.get(programme, ""))
        if action and agency in ledgers:
            figures[action, "count"] += cases
    for one in _of(books, ledgers):
        kind = units.find(one.unit).kind
        action = COUNTED.get(books.instruments.get(one.programme, ""))
        if one.stage == "delivered" and kind in DELIVERED:
            figures[DELIVERED[kind], one.unit] += units.as_decimal(one.amount, one.unit)
        elif one.stage == "committed" and action and one.programme not in books.recorded:
            figures[action, "count"] += one.entries
    for ledger in ledgers:
        figures["investment", "count"] += books.investments.get(ledger, 0)
    return [
        _line(books, "actions", code, "", value, unit)
        for (code, unit), value in sorted(figures.items())
        if value
    ]


def _line(books: Books, section: str, code: str, programme: str, value: Decimal, unit: str) -> Line:
    return Line(
        section=section,
        code=code,
        basis="ledger",
        programme=programme,
        value=value,
        unit=unit,
        window_start=books.period.start,
        window_end=books.period.end,
    )
