"""A published figure -> the rows it sums, each with its file and line.

A figure is written `records.amount[unit=KRW,agency=X]` (a column of a table, with conditions), or
`records.rows[…]` (a count), or `statement:AGENCY:PERIOD:SECTION:LINE` (one line of a statement).
Only rows that count in totals are summed, and two units are never added: a figure that spans
several units has several totals.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from koga.core import units
from koga.core.dates import Period
from koga.core.problems import Problem, Refusal
from koga.release import facts
from koga.release.read import Release, path_of
from koga.release.tables import TABLES, Table

_FIGURE = re.compile(r"([a-z_]+)\.([a-z_]+)(?:\[([^\]]*)\])?")
COUNT = "rows"
"""In place of a column: how many rows."""
PERIOD = "period"
"""A condition any table with a date or a quarter of its own understands."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a figure.

    file, line: where it stands, counted from 1 (JSON Lines, one row a line). row: its address.
    value: what it adds: an integer in its unit's smallest parts, or 1 where rows are counted.
    """

    file: str
    line: int
    row: str
    unit: str
    value: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure and what it is made of.

    figure: as asked. conditions: what was asked for, and whether only counted rows are summed.
    totals: unit (blank for a count) -> sum. lines: every row summed. statement, source: the
    statement's own line, where one was asked for, and where it stands. agrees: whether its value
    is that total; None where it does not come from the ledger.
    """

    figure: str
    conditions: Mapping[str, str]
    totals: Mapping[str, int]
    lines: Sequence[Line]
    statement: Mapping[str, Any] | None = None
    source: Line | None = None
    agrees: bool | None = None


def explain(release: Release, figure: str) -> Explanation:
    """What a figure of a release is made of; a `Refusal` says how to write one."""
    if figure.startswith("statement:"):
        return _explain_statement(release, figure)
    match = _FIGURE.fullmatch(figure.strip())
    table = TABLES.get(match[1]) if match else None
    if match is None or table is None or match[2] not in (*table.sums, COUNT):
        raise Refusal(Problem("release.figure", "figure", figure))
    column, said = match[2], _conditions(table, match[3] or "", figure)
    asked = [_meets(table, name, value) for name, value in said.items()]
    if table.sums_where and column != COUNT:
        said.setdefault(table.sums_where, "true")
        asked.append(pl.col(table.sums_where))
    lines = _lines(release, table, column, asked)
    if not lines:
        raise Refusal(Problem("release.figure_none", "release", figure))
    return Explanation(figure, said, _totals(lines), lines)


def _conditions(table: Table, text: str, figure: str) -> dict[str, str]:
    """Conditions as written, `a=1,b=2`. A value may hold anything but commas and brackets."""
    conditions: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        name = name.strip()
        dated = name == PERIOD and {"quarter", "awarded_on"} & set(table.names)
        if not equals or name in conditions or not (dated or name in table.names):
            raise Refusal(Problem("release.figure", name or "figure", figure))
        conditions[name] = value.strip()
    return conditions


def _meets(table: Table, name: str, value: str) -> pl.Expr:
    """A condition as Polars asks it; a blank value asks for blanks."""
    if name == PERIOD and PERIOD not in table.names:
        return facts.in_period(table, Period.parse(value).name)
    if not value:
        return pl.col(name).is_null()
    return pl.col(name).cast(pl.String).str.to_lowercase() == value.lower()


def _lines(release: Release, table: Table, column: str, asked: Sequence[pl.Expr]) -> list[Line]:
    """The rows that meet all that is asked, with their lines in the JSON Lines file."""
    counting = column == COUNT
    chosen = (
        release.frame(table.name)
        .with_row_index(facts.ROW, offset=1)
        .filter(*asked)
        .select(
            facts.ROW,
            facts.address(table).alias("row"),
            pl.lit("").alias("unit") if counting else pl.col("unit"),
            pl.lit(1).alias("value") if counting else pl.col(column).alias("value"),
        )
        .drop_nulls("value")
        .collect()
    )
    file = path_of(table.name, "jsonl")
    release.file(file)
    return [Line(file, number, *cells) for number, *cells in chosen.iter_rows()]


def _totals(lines: Sequence[Line]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.unit] = totals.get(line.unit, 0) + line.value
    return dict(sorted(totals.items()))


def _explain_statement(release: Release, figure: str) -> Explanation:
    """A line of a statement; where it comes from the ledger, with the rows it sums."""
    parts = figure.split(":")
    table = TABLES["statement_lines"]
    if len(parts) != 1 + len(table.key):
        raise Refusal(Problem("release.figure", "figure", figure))
    key = dict(zip(table.key, parts[1:], strict=True))
    found = [
        (number, row)
        for number, row in release.numbered_rows(table.name)
        if all(str(row[name]) == value for name, value in key.items())
    ]
    if not found:
        raise Refusal(Problem("release.figure_none", "release", figure))
    number, row = found[0]
    own = Line(path_of(table.name, "jsonl"), number, table.address(row), row["unit"] or "", 0)
    behind = _behind(release, row) if row["basis"] == "ledger" and row["value"] is not None else []
    if not behind:
        return Explanation(figure, key, {}, [], row, own)
    totals = _totals(behind)
    scale = 0 if "" in totals else units.find(row["unit"]).scale
    agrees = Decimal(sum(totals.values())).scaleb(-scale) == row["value"]
    return Explanation(figure, key, totals, behind, row, own, agrees)


COUNTED: Mapping[str, tuple[str, ...]] = {
    "award": ("grant", "guarantee", "other"),
    "loan": ("loan",),
    "investment": ("equity",),
}
"""Action of a statement -> instruments whose records it counts."""


def _behind(release: Release, row: Mapping[str, Any]) -> list[Line]:
    """The flows that a quantity of the ledger sums, or the records that a count counts."""
    agencies = pl.col("agency").is_in(_answers_for(release, row["agency"]))
    if row["code"] in COUNTED and row["unit"] == "count":
        records = TABLES["records"]
        kind = pl.col("instrument").is_in(list(COUNTED[row["code"]]))
        counted = pl.col("counts_in_total")
        asked = [agencies, facts.in_period(records, row["period"]), kind, counted]
        return _lines(release, records, COUNT, asked)
    try:
        units.find(row["unit"] or "")
    except Refusal:
        return []
    flows = TABLES["flows"]
    stage = row["code"] if row["code"] in flows.closed["stage"] else "delivered"
    asked = [agencies, facts.in_period(flows, row["period"]), pl.col("stage") == stage,
             pl.col("unit") == row["unit"]]  # fmt: skip
    if row["programme"]:
        asked.append(pl.col("programme") == row["programme"])
    return _lines(release, flows, "amount", asked)


def _answers_for(release: Release, agency: str) -> list[str]:
    """An agency and those it succeeded, whose books its statement answers for."""
    successors = [(row["agency"], row["successor"]) for row in release.rows("agencies")]
    found = [agency]
    for code in found:
        found += [old for old, new in successors if new == code and old not in found]
    return found
