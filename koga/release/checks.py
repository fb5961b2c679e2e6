"""What must hold inside every release: asked when one is built and again when one is verified.

Each check reads the tables as they were written (their Parquet files) and yields a `Problem` with
table and row for whatever does not hold. Rows are counted from 1.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from koga.core.problems import Problem
from koga.release import facts
from koga.release.cells import at
from koga.release.facts import ROW, Tables, listed
from koga.release.read import path_of
from koga.release.tables import TABLES, Table

Cell = tuple[str, int, str]
"""Table, row and column."""


@dataclass(frozen=True, slots=True)
class TableCheck:
    """A check of the tables: its stable name, the table it is about, and what finds problems."""

    name: str
    table: str
    find: Callable[[Tables, str], Iterator[Problem]]


def missing(table: Table, tables: Tables) -> Iterator[Problem]:
    """Required cells that are blank."""
    required = [column.name for column in table.columns if column.required]
    frame = tables[table.name]
    counts = frame.select(pl.col(required).null_count()).collect().row(0, named=True)
    for name in (name for name, count in counts.items() if count):
        bad = frame.filter(pl.col(name).is_null()).select(ROW)
        yield from listed(table, bad, "release.missing", column=name)


def codes(table: Table, tables: Tables) -> Iterator[Problem]:
    """Codes that are not on their closed list."""
    frame = tables[table.name]
    for name, words in table.closed.items():
        bad = frame.filter(pl.col(name).is_not_null() & ~pl.col(name).is_in(list(words)))
        yield from listed(
            table, bad.select(ROW, value=name), "release.closed", column=name,
            expected=", ".join(words),
        )  # fmt: skip


def keys(table: Table, tables: Tables) -> Iterator[Problem]:
    """Rows whose key stands on an earlier row."""
    key = pl.col(table.key[0]) if len(table.key) == 1 else pl.struct(table.key)
    bad = tables[table.name].filter(~key.is_first_distinct())
    yield from listed(table, bad.select(ROW, value=facts.address(table)), "release.duplicate")


def references(table: Table, tables: Tables) -> Iterator[Problem]:
    """Cells that point to a row that is not there."""
    for name, (other, pointed) in table.references.items():
        given = tables[table.name].select(ROW, name).drop_nulls(name)
        there = tables[other].select(pl.col(pointed).alias(name)).unique()
        bad = given.join(there, on=name, how="anti").sort(ROW).select(ROW, value=name)
        yield from listed(table, bad, "release.reference", column=name, expected=other)


def _over_all(
    only: Callable[[Table, Tables], Iterator[Problem]],
) -> Callable[[Tables, str], Iterator[Problem]]:
    def find(tables: Tables, period: str) -> Iterator[Problem]:
        for table in TABLES.values():
            yield from only(table, tables)

    return find


CHECKS: tuple[TableCheck, ...] = (
    TableCheck("required cells", "", _over_all(missing)),
    TableCheck("closed lists", "", _over_all(codes)),
    TableCheck("keys", "", _over_all(keys)),
    TableCheck("references", "", _over_all(references)),
    TableCheck("no person named", "records", facts.persons),
    TableCheck("nothing counted twice", "records", facts.counted_twice),
    TableCheck("records equal delivered flows", "flows", facts.flows_differ),
    TableCheck("only reported agencies", "agencies", facts.not_reported),
    TableCheck("statements and duties agree", "due", facts.due_differs),
    TableCheck("no bare metric", "statement_lines", facts.bare_metrics),
    TableCheck("corrections point to rows", "corrections", facts.corrections_dangling),
)
"""Every check of the tables, in the order a reader is told of them."""


def open_tables(folder: Path) -> Tables:
    """A release's tables as lazy frames, each with its row number."""
    return {
        name: pl.scan_parquet(folder / path_of(name, "parquet")).with_row_index(ROW, offset=1)
        for name in TABLES
    }


def problems(
    folder: Path, *, period: str, reported_already: Collection[Cell] = ()
) -> list[Problem]:
    """Everything that does not hold, leaving out cells that were refused before."""
    tables = open_tables(folder)
    known = {at(TABLES[table], row, column) for table, row, column in reported_already}
    return [
        problem
        for check in CHECKS
        for problem in check.find(tables, period)
        if problem.where not in known
    ]


def ledger_heads(folder: Path) -> list[Mapping[str, Any]]:
    """The rows of the table of ledger heads, as the manifest carries them."""
    lines = (folder / path_of("ledger_heads", "jsonl")).read_bytes().splitlines()
    return [json.loads(line) for line in lines]
