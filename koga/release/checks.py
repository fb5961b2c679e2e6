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
from koga.release import differences, facts, finding_facts, fund_facts
from koga.release.cells import at
from koga.release.facts import ROW, Tables, listed
from koga.release.frames import blank_frame, completed, scan
from koga.release.manifest import Withheld
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


GENERIC: tuple[tuple[str, Callable[[Table, Tables], Iterator[Problem]]], ...] = (
    ("required cells", missing),
    ("closed lists", codes),
    ("keys", keys),
    ("references", references),
)
"""Checks that read what a table declares of itself."""


CHECKS: tuple[TableCheck, ...] = (
    TableCheck("no person named", "records", facts.persons),
    TableCheck("nothing counted twice", "records", facts.counted_twice),
    TableCheck("records have entries", "records", facts.without_entry),
    TableCheck("records equal delivered flows", "flows", facts.flows_differ),
    TableCheck("only reported agencies", "agencies", facts.not_reported),
    TableCheck("statements and duties agree", "due", facts.due_differs),
    TableCheck("no bare metric", "statement_lines", facts.bare_metrics),
    TableCheck("corrections point to rows", "corrections", facts.corrections_dangling),
    TableCheck("no finding without its checks", "findings", finding_facts.unchecked),
    TableCheck("plans registered as said", "findings", finding_facts.misregistered),
    TableCheck("small cells hidden", "finding_estimates", finding_facts.small_cells),
    TableCheck("no few in a mark", "finding_points", finding_facts.few_in_a_mark),
    TableCheck("nothing told by subtraction", "finding_estimates", differences.given_away),
    TableCheck("funds' totals are their flows", "funds", fund_facts.totals),
    TableCheck("funds' values roll forward", "fund_values", fund_facts.roll_forward),
    TableCheck("no figure of a fund beyond its quarter", "fund_flows", fund_facts.beyond),
    TableCheck("benchmarks declare themselves", "benchmarks", fund_facts.benchmarks),
    TableCheck("no single firm's deal", "fund_deals", fund_facts.small_cells),
)
"""Checks of what the tables say together, in the order a reader is told of them."""


def open_tables(folder: Path, declared: Mapping[str, Table] = TABLES) -> Tables:
    """A release's tables as lazy frames, each with its row number."""
    frames = {
        name: completed(table, scan(folder / path_of(name, "parquet")))
        if name in declared
        else blank_frame(table)
        for name, table in TABLES.items()
    }
    frames |= {
        name: scan(folder / path_of(name, "parquet")) for name in declared if name not in TABLES
    }
    return {name: frame.with_row_index(ROW, offset=1) for name, frame in frames.items()}


def outcomes(
    tables: Tables, *, period: str, declared: Mapping[str, Table] = TABLES
) -> Iterator[tuple[str, str, list[Problem]]]:
    """(name, table, problems) of every check; a table is held to what its release declares."""
    for name, check in GENERIC:
        yield name, "", [each for table in declared.values() for each in check(table, tables)]
    for told in CHECKS:
        yield told.name, told.table, list(told.find(tables, period))


def problems(
    folder: Path, *, period: str, reported_already: Collection[Cell] = ()
) -> list[Problem]:
    """Everything that does not hold, leaving out cells that were refused before."""
    tables = open_tables(folder)
    known = {at(TABLES[table], row, column) for table, row, column in reported_already}
    return [
        problem
        for _, _, found in outcomes(tables, period=period)
        for problem in found
        if problem.where not in known
    ]


def ledger_heads(folder: Path) -> list[Mapping[str, Any]]:
    """The rows of the table of ledger heads, as the manifest carries them."""
    lines = (folder / path_of("ledger_heads", "jsonl")).read_bytes().splitlines()
    return [json.loads(line) for line in lines]


def withheld(folder: Path) -> list[Withheld]:
    """The tables that findings rest on and that stay inside, as the manifest vouches for them."""
    lines = (folder / path_of("findings", "jsonl")).read_bytes().splitlines()
    rows = [row for row in map(json.loads, lines) if row["panel_sha256"]]
    return [
        Withheld(
            f"panel of {row['finding']}", row["panel_rows"], row["panel_sha256"],
            row["rerun_ko"], row["rerun_en"],
        )
        for row in sorted(rows, key=lambda row: str(row["finding"]))
    ]  # fmt: skip
