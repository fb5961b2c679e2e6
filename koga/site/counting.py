"""Counting records and lines: exact, and never across units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from koga.core.dates import Period, quarter_of
from koga.site import search, telling
from koga.site.edition import Edition, Row


def main_unit(edition: Edition, kind: str) -> str:
    """The unit of a kind (money, compute …) that most records are in; blank where there is none."""
    counts = search.choices(edition, search.Query())["unit"]
    of_kind = [each for each in counts if kind_of(each.value) == kind]
    return max(of_kind, key=lambda each: (each.count, each.value)).value if of_kind else ""


def kind_of(unit: str) -> str:
    """The kind of a unit, blank where it is no commodity."""
    from koga.core import units
    from koga.core.problems import Refusal

    try:
        return units.find(unit).kind
    except Refusal:
        return ""


def chosen(edition: Edition, unit: str, period: Period | None = None) -> Any:
    """Which records of a unit count in totals, in a period or at all."""
    arrays, values = edition.index.arrays, edition.index.values["unit"]
    code = values.index(unit) if unit in values else -1
    mask = (arrays["unit"] == code) & arrays["counted"]
    return mask if period is None else mask & search.within(edition, period)


def total(edition: Edition, mask: Any) -> int:
    """The exact sum of some records of one unit."""
    import numpy

    amounts = edition.index.arrays["amount"][mask]
    return search.sums_by(numpy.zeros(len(amounts), dtype=numpy.int64), amounts, 1)[0]


def by(edition: Edition, column: str, mask: Any) -> dict[str, int]:
    """Exact sums of some records of one unit by the values of a facet that occur among them."""
    import numpy

    values = edition.index.values[column]
    codes = edition.index.arrays[column][mask]
    sums = search.sums_by(codes, edition.index.arrays["amount"][mask], len(values))
    present = set(numpy.unique(codes).tolist())
    return {values[code]: amount for code, amount in enumerate(sums) if code in present}


def crossed(edition: Edition, columns: tuple[str, str], mask: Any) -> dict[tuple[str, str], int]:
    """Exact sums by two facets at once."""
    first, second = (edition.index.values[name] for name in columns)
    codes = (
        edition.index.arrays[columns[0]][mask].astype("int64") * len(second)
        + edition.index.arrays[columns[1]][mask]
    )
    sums = search.sums_by(codes, edition.index.arrays["amount"][mask], len(first) * len(second))
    return {
        (first[place // len(second)], second[place % len(second)]): amount
        for place, amount in enumerate(sums)
        if amount
    }


def rows_in(edition: Edition, unit: str, period: Period) -> int:
    """How many records of a unit were decided in a period, whether they count in totals or not."""
    values = edition.index.values["unit"]
    if unit not in values:
        return 0
    mask = edition.index.arrays["unit"] == values.index(unit)
    return int((mask & search.within(edition, period)).sum())


def stages(edition: Edition, unit: str, period: Period) -> dict[str, int]:
    """What entered each stage in a period, of one unit, from the table of flows."""
    quarters = set(quarters_of(period))
    found: dict[str, int] = {}
    for row in edition.tables["flows"]:
        if row["unit"] == unit and row["quarter"] in quarters:
            found[row["stage"]] = found.get(row["stage"], 0) + row["amount"]
    return found


def quarters_of(period: Period) -> list[str]:
    """The quarters that lie wholly in a period, in order."""
    firsts = [date(period.start.year, month, 1) for month in (1, 4, 7, 10)]
    named = [Period.parse(quarter_of(day)) for day in firsts]
    return [each.name for each in named if each.start in period and each.end in period]


def year_before(period: Period) -> Period:
    """The same months a year earlier."""
    return Period.parse(f"{period.start.year - 1:04d}{period.name[4:]}")


@dataclass(frozen=True, slots=True)
class LineSum:
    """What lines of statements with one code sum to in one unit.

    lines: the lines. value: their sum. agencies: how many agencies report it.
    """

    unit: str
    value: Decimal
    lines: Sequence[Row]
    agencies: int


def line_sums(edition: Edition, code: str, period: str) -> list[LineSum]:
    """Sums of the lines of a code reported for a period, unit by unit."""
    groups: dict[str, list[Row]] = {}
    for row in edition.tables["statement_lines"]:
        if row["code"] == code and row["period"] == period and row["value"] is not None:
            groups.setdefault(row["unit"] or "", []).append(row)
    return [
        LineSum(unit, sum((row["value"] for row in rows), Decimal(0)), rows,
                len({row["agency"] for row in rows}))
        for unit, rows in sorted(groups.items(), key=lambda each: (-len(each[1]), each[0]))
    ]  # fmt: skip


def states(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many promises stand in each state."""
    found: dict[str, int] = {}
    for row in rows:
        found[row["state"]] = found.get(row["state"], 0) + 1
    return found


def spoken(value: Decimal, unit: str, language: str) -> telling.Said:
    """A value of whole units in words."""
    behind = telling.unit_word(unit, language)
    head, tail = telling.count_in_words(int(value), language)
    if value != int(value):
        head, tail = telling.decimal(value), ""
    return telling.Said(head, f"{tail} {behind}".strip(), f"{telling.decimal(value)} {behind}")
