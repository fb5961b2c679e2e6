"""The contents of a release whose files are exactly those signed: do its numbers hold together?

Every table's four files carry the same rows; rows and totals recompute; the Data Package and the
list of hashes say what the manifest says; and the checks asked at build are asked again.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

import koga
from koga.core.problems import Problem
from koga.release import cells, describe
from koga.release import checks as tables_checks
from koga.release.declared import read_tables
from koga.release.files import Damaged
from koga.release.manifest import Manifest, total_json
from koga.release.read import path_of
from koga.release.tables import TABLES, Table
from koga.release.write import guarded, jsonl_bytes, sums_of

Outcome = tuple[str, bool, str, str]
"""Name, whether it holds, file, detail: the fields of `verify.Check`."""


def checks(folder: Path, held: Manifest) -> Iterator[Outcome]:
    """Every check of contents, in order."""
    declared, told = _declared(folder, held)
    yield told
    complete = told[1]
    for table in declared.values() if complete else ():
        outcomes = list(_check_table(folder, table, held))
        complete &= all(ok for _, ok, _, _ in outcomes)
        yield from outcomes
    yield _attempt("data package", describe.DATA_PACKAGE, _data_package, folder, held)
    yield _attempt("list of hashes", describe.HASHES, _hashes, folder, held)
    if not complete:
        return
    yield _attempt("ledger heads", path_of("ledger_heads", "jsonl"), _heads, folder, held)
    if "findings" in declared:
        yield _attempt("withheld tables", path_of("findings", "jsonl"), _withheld, folder, held)
    try:
        yield from _check_together(folder, held.period, declared)
    except Exception as trouble:  # another version's declaration that its own files belie
        yield "tables", False, describe.DATA_PACKAGE, type(trouble).__name__


def _check_together(folder: Path, period: str, declared: Mapping[str, Table]) -> Iterator[Outcome]:
    """What the tables must say together."""
    tables = tables_checks.open_tables(folder, declared)
    for name, about, found in tables_checks.outcomes(tables, period=period, declared=declared):
        if not found:
            yield name, True, path_of(about, "csv") if about else "", ""
            continue
        named = found[0].where.replace(",", " ").split(" ")[0]
        yield name, False, path_of(named, "csv"), _told(found)


def _declared(folder: Path, held: Manifest) -> tuple[Mapping[str, Table], Outcome]:
    """The tables as the release declares them; its own koga must declare them so, too."""
    name, file = "declared tables", describe.DATA_PACKAGE
    try:
        declared = read_tables((folder / file).read_bytes())
    except ValueError as trouble:
        return {}, (name, False, file, str(trouble))
    stated = {each.table for each in held.files if each.table}
    if declared.keys() != stated:
        return {}, (name, False, file, "declares other tables than the manifest")
    same = held.koga != koga.__version__ or declared == dict(TABLES)
    detail = "" if same else "declares its tables otherwise than the koga that made it"
    return declared, (name, same, file, detail)


def _told(found: list[Problem]) -> str:
    more = f" (+{len(found) - 1})" if len(found) > 1 else ""
    return found[0].message("en") + more


def _attempt(name: str, file: str, test: Any, *given: Any) -> Outcome:
    """Run one check; whatever a well-signed but ill-made file does is an answer, not a crash."""
    try:
        detail = test(*given)
    except Exception as trouble:
        return name, False, file, f"cannot be read ({type(trouble).__name__})"
    return name, not detail, file, detail


def _check_table(folder: Path, table: Table, held: Manifest) -> Iterator[Outcome]:
    name = "rows and sums"
    paths = {each.path: each for each in held.files}
    parquet = path_of(table.name, "parquet")
    if any(path_of(table.name, form) not in paths for form in _FORMS):
        yield name, False, path_of(table.name, "csv"), "a format of this table is not there"
        return
    try:
        frame = pl.read_parquet(folder / parquet)
        if dict(frame.schema) != cells.parquet_schema(table):
            raise Damaged(parquet, "its columns are not those declared")
    except Exception as trouble:
        yield name, False, parquet, f"cannot be read ({type(trouble).__name__})"
        return
    yield _attempt(name, parquet, _sums_differ, table, frame, held)
    for form in ("csv", "excel", "jsonl"):
        path = path_of(table.name, form)
        yield _attempt(name, path, _form_differs, folder / path, form, table, frame)


_FORMS = ("csv", "excel", "jsonl", "parquet")


def _sums_differ(table: Table, frame: pl.DataFrame, held: Manifest) -> str:
    """Why rows or totals of a table are not the manifest's; blank where they are."""
    for form in _FORMS:
        stated = held.file(path_of(table.name, form)).rows
        if stated != frame.height:
            return f"{frame.height} rows instead of {stated}"
    computed = [
        (column, dict(zip(table.sums_by, by, strict=True)), rows, amount)
        for column, by, rows, amount in sums_of(table, frame.lazy())
    ]
    stated_totals = [(t.column, dict(t.by), t.rows, t.sum) for t in held.totals_of(table.name)]
    return "" if computed == stated_totals else "the totals do not recompute"


def _form_differs(place: Path, form: str, table: Table, frame: pl.DataFrame) -> str:
    """Why a text file does not carry the rows of the Parquet file; blank where it does."""
    schema = cells.stored_schema(table)
    if form == "jsonl" and _is_written_so(place, table, frame):
        return ""
    if form == "jsonl":
        read = pl.read_ndjson(place, schema=schema) if place.stat().st_size else frame.clear()
    else:
        read = pl.read_csv(place, schema=schema, encoding="utf8")
    typed = cells.as_parquet(table, read.lazy()).collect() if read.height else frame.clear()
    expected = guarded(table, frame) if form == "excel" else frame
    if read.height != frame.height:
        return f"{read.height} rows instead of {frame.height}"
    if typed.columns != frame.columns:
        return "its columns are not those declared"
    return "" if typed.equals(expected) else "its rows are not those of the other formats"


def _is_written_so(place: Path, table: Table, frame: pl.DataFrame) -> bool:
    """Whether a JSON Lines file is what writing the rows anew gives: quicker than reading it.

    A file written by another version may spell the same rows otherwise; then it is read.
    """
    if any(column.kind in ("decimal", "datetime") for column in table.columns):
        return False
    with place.open("rb") as source:
        for part in frame.iter_slices(cells.ROWS_AT_ONCE):
            expected = jsonl_bytes(part)
            if source.read(len(expected)) != expected:
                return False
        return not source.read(1)


def _data_package(folder: Path, held: Manifest) -> str:
    package = json.loads((folder / describe.DATA_PACKAGE).read_bytes())
    described = {each["path"]: each for each in package["resources"]}
    for file in (each for each in held.files if each.table):
        said = described.pop(file.path)
        sums = [total_json(total) for total in held.totals_of(file.table)]
        if (said["hash"], said["bytes"], said["rows"], said["sums"]) != (
            f"sha256:{file.sha256}", file.bytes, file.rows, sums,
        ):  # fmt: skip
            return f"{file.path} is described otherwise than in the manifest"
    return f"describes {sorted(described)[0]}, which is not there" if described else ""


def _hashes(folder: Path, held: Manifest) -> str:
    listed = describe.hashes(each for each in held.files if each.path != describe.HASHES)
    said = (folder / describe.HASHES).read_bytes()
    return "" if said == listed else "lists other hashes than the manifest"


def _withheld(folder: Path, held: Manifest) -> str:
    """Whether the manifest vouches for exactly the withheld tables that findings rest on."""
    same = tables_checks.withheld(folder) == list(held.withheld)
    return "" if same else "not the withheld tables of the manifest"


def _heads(folder: Path, held: Manifest) -> str:
    heads = tables_checks.ledger_heads(folder)
    return "" if heads == list(held.ledger_heads) else "not the ledger heads of the manifest"
