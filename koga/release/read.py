"""Reading a release: typed rows, tables as frames, and the path of every file.

Each file is held against the manifest's hash before its first row is given out. Whether the
manifest itself is genuine is `koga.release.verify`'s question, not this module's.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koga.core.problems import Problem, Refusal
from koga.release import files, manifest
from koga.release.declared import read_tables
from koga.release.files import Damaged
from koga.release.manifest import Manifest
from koga.release.tables import TABLES, Table

if TYPE_CHECKING:
    import polars as pl

FORMATS: Mapping[str, str] = {
    "csv": ".csv",
    "excel": ".excel.csv",
    "jsonl": ".jsonl",
    "parquet": ".parquet",
}
"""Formats of every table and how their file names end."""
DATA_PACKAGE = "datapackage.json"
_READ: Mapping[str, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}


def path_of(table: str, form: str) -> str:
    """The path of a table's file inside a release.

    >>> path_of("records", "excel")
    'data/records.excel.csv'
    """
    return f"data/{table}{FORMATS[form]}"


class Release:
    """An open release.

    folder: where it lies. manifest: what it says of itself.
    """

    def __init__(self, folder: Path, content: Manifest) -> None:
        self.folder = folder
        self.manifest = content
        self._sound: set[str] = set()

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables as this release declares them."""
        try:
            return read_tables(self.file(DATA_PACKAGE).read_bytes())
        except ValueError as trouble:
            raise Refusal(Problem("release.damaged", DATA_PACKAGE, str(trouble))) from None

    def columns(self, table: str) -> frozenset[str]:
        """The columns a table has in this release."""
        return frozenset(self.tables[table].names) if table in self.tables else frozenset()

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """The rows of a table in file order: int, Decimal, date, datetime, bool, text or None."""
        return (row for _, row in self.numbered_rows(table))

    def numbered_rows(self, table: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The rows of a table with their line in the JSON Lines file, counted from 1."""
        if table not in self.tables:
            return
        place = self.path(table, "jsonl")
        columns = [
            (column.name, _READ[column.kind])
            for column in self.tables[table].columns
            if column.kind in _READ
        ]
        there = self.columns(table)
        blank = dict.fromkeys(name for name in TABLES[table].names if name not in there)
        with place.open("rb") as source:
            for number, line in enumerate(source, start=1):
                row = json.loads(line)
                row |= {name: read(row[name]) for name, read in columns if row[name] is not None}
                yield number, row | blank

    def frame(self, table: str) -> "pl.LazyFrame":
        """A table for fast work over many rows (Polars, from the Parquet file).

        Columns declared since the release was made are there and blank.
        """
        from koga.release.frames import blank_frame, completed, scan

        if table not in self.tables:
            return blank_frame(TABLES[table])
        return completed(TABLES[table], scan(self.path(table, "parquet")))

    def count(self, table: str) -> int:
        """How many rows a table has."""
        if table not in self.tables:
            return 0
        return self.manifest.file(path_of(table, "jsonl")).rows or 0

    def path(self, table: str, form: str) -> Path:
        """The file of a table as csv, excel, jsonl or parquet, held against its hash once."""
        return self.file(path_of(table, form))

    def file(self, path: str) -> Path:
        """Any file of the release by its path, held against its hash once."""
        try:
            place = files.locate(self.folder, path)
            fresh = path not in self._sound
            if fresh and files.sha256_of(place, path) != self.manifest.file(path).sha256:
                raise Damaged(path, "sha256")
        except Damaged as damage:
            raise Refusal(Problem("release.damaged", damage.path, damage.reason)) from None
        self._sound.add(path)
        return place


def open_release(folder: Path) -> Release:
    """Open a release; a `Refusal` where the folder holds none that can be read."""
    if not Path(folder).is_dir():
        raise Refusal(Problem("release.folder", "release", str(folder)))
    try:
        content = files.read_small(Path(folder), manifest.NAME)
        return Release(Path(folder), manifest.from_bytes(content))
    except Damaged as damage:
        raise Refusal(Problem("release.damaged", damage.path, damage.reason)) from None
