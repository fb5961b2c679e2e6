"""What changed between two releases, and which correction says so.

A row added is growth. A cell changed needs a correction of the later release that names its row
and field, unless the column is one that moves by itself (`Table.moving`). A row removed needs a
correction whose field is `*`, an agency that has not reported, or a table whose rows are computed
anew for every release (`*` among its `moving`). What is left is unexplained.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from koga.release import differences, facts
from koga.release.differences import Leak
from koga.release.manifest import Total
from koga.release.read import Release
from koga.release.tables import REMOVED, TABLES, Table

MOVES = "moves"
"""The explanation of a column that differs from release to release by its nature."""
NOT_REPORTED = "not reported"
"""The explanation of a row whose agency is silent in the later release."""
UNEXPLAINED = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that changed, or one row removed (field `*`).

    table, row: which; row is its address. field: column. old, new: values; a removed row has none.
    explained: a correction's number, `moves`, `not reported`, or blank for unexplained.
    reason: the correction's words.
    """

    table: str
    row: str
    field: str
    old: Any
    new: Any
    explained: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TableDiff:
    """What changed in a table.

    rows: before and after. added: addresses of new rows. changes: changed cells, removed rows.
    """

    table: str
    rows: tuple[int, int]
    added: list[str]
    changes: list[Change]

    @property
    def unexplained(self) -> list[Change]:
        """Changes that nothing in the later release accounts for."""
        return [change for change in self.changes if change.explained == UNEXPLAINED]


@dataclass(frozen=True, slots=True)
class Diff:
    """Two releases beside each other.

    before, after: their ids. tables: one for each table. totals: (before, after) of every total.
    leaks: hidden cells that the two together give away.
    """

    before: str
    after: str
    tables: list[TableDiff]
    totals: list[tuple[Total | None, Total | None]]
    leaks: list[Leak]

    @property
    def explained(self) -> bool:
        """Whether everything that changed or went is accounted for, and nothing hidden is told."""
        return not self.leaks and not any(table.unexplained for table in self.tables)


def diff(before: Release, after: Release) -> Diff:
    """Compare two releases, row by row; each file is held against its hash before it is read."""
    corrections = _new_corrections(before, after)
    silent = after.frame("agencies").filter(~pl.col("reported")).select("agency").collect()
    told = (corrections, frozenset(silent["agency"].to_list()))
    return Diff(
        before.manifest.release,
        after.manifest.release,
        [_table_diff(table, before, after, told) for table in TABLES.values()],
        list(_totals(before, after)),
        differences.leaks(differences.rows_of(after), differences.rows_of(before)),
    )


Told = tuple[Mapping[tuple[str, str, str], tuple[str, str, str]], frozenset[str]]
"""Corrections by table, row and field -> number, reason, new value; agencies that are silent."""


def _new_corrections(
    before: Release, after: Release
) -> Mapping[tuple[str, str, str], tuple[str, str, str]]:
    """The corrections that the later release has and the earlier had not; the last one stands."""
    known = before.frame("corrections").select("correction")
    new = after.frame("corrections").join(known, on="correction", how="anti").collect()
    return {
        (row["table"], row["row"], row["field"]): (row["correction"], row["reason"], row["new"])
        for row in new.sort("corrected_on", "correction").iter_rows(named=True)
    }


def _table_diff(table: Table, before: Release, after: Release, told: Told) -> TableDiff:
    address = facts.address(table).alias(_ROW)
    old = before.frame(table.name).with_columns(address).collect()
    new = after.frame(table.name).with_columns(address).collect()
    gone = old.join(new.select(_ROW), on=_ROW, how="anti", maintain_order="left")
    added = new.join(old.select(_ROW), on=_ROW, how="anti", maintain_order="left")
    changes = [_removed(table, row, told) for row in gone.iter_rows(named=True)]
    names = [name for name in table.names if name in before.columns(table.name)]
    both = old.join(new, on=_ROW, suffix=_LATER, maintain_order="left")
    changes += _changed(table, names, both, told[0])
    rows = (old.height, new.height)
    return TableDiff(table.name, rows, added[_ROW].to_list(), changes)


_ROW, _LATER = "row address", " later"


def _removed(table: Table, row: Mapping[str, Any], told: Told) -> Change:
    corrections, silent = told
    number, reason, _ = corrections.get((table.name, row[_ROW], REMOVED), (UNEXPLAINED, "", ""))
    if not number and row.get("agency") in silent and table.name != "agencies":
        number = NOT_REPORTED
    if not number and REMOVED in table.moving:
        number = MOVES
    return Change(table.name, row[_ROW], REMOVED, row[_ROW], None, number, reason)


def _changed(
    table: Table,
    names: Sequence[str],
    both: pl.DataFrame,
    corrections: Mapping[tuple[str, str, str], tuple[str, str, str]],
) -> Iterator[Change]:
    """Changed cells, column by column in file order, rows in order.

    A column that the earlier release did not have yet has not changed.
    """
    for name in (name for name in names if name not in table.key):
        differing = both.filter(pl.col(name).ne_missing(pl.col(name + _LATER)))
        for row, was, now in differing.select(_ROW, name, name + _LATER).iter_rows():
            number, reason, _ = corrections.get((table.name, row, name), (UNEXPLAINED, "", ""))
            if not number and name in table.moving:
                number = MOVES
            yield Change(table.name, row, name, was, now, number, reason)


def _totals(before: Release, after: Release) -> Iterator[tuple[Total | None, Total | None]]:
    """Totals of the two releases side by side."""
    old = {_kind(total): total for total in before.manifest.totals}
    new = {_kind(total): total for total in after.manifest.totals}
    for kind in sorted(old.keys() | new.keys()):
        yield old.get(kind), new.get(kind)


def _kind(total: Total) -> tuple[str, str, tuple[str, ...]]:
    return total.table, total.column, tuple(total.by.values())
