"""The search index of a release: derived from the signed table of records, never signed itself.

It lies under the cache folder, named by the manifest's hash; deleting it costs the time to build
it again. Rows are not copied: the index keeps where each line of the signed JSON Lines file
starts, so whatever a page shows is read from the signed file.
"""

import json
import mmap
import os
import shutil
import sqlite3
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy

from koga.release.read import Release
from koga.release.tables import RECORDS
from koga.site import spelling

FORM = 3
"""Number of this index's form; a change of this module that alters what is stored raises it."""
FACETS = ("agency", "programme", "instrument", "sector", "unit", "fiscal_year", "quarter")
"""Columns by which records are counted and chosen."""
SEARCHED = ("record", "title", "recipient", "source_number")
"""Columns searched for each record; names of its agency and programme are searched beside them."""
SORTS = ("newest", "oldest", "largest", "smallest", "recipient")
_ARRAYS = ("starts", "amount", "counted", *FACETS, *SORTS)
_BATCH = 5_000
BLANK: dict[str, Any] = dict.fromkeys(RECORDS.names)
"""A row of nothing: columns declared since a release was made are there and blank."""


@dataclass(frozen=True, eq=False)
class Index:
    """An open index.

    folder: where it lies. values: of each facet its values, in order of their codes.
    arrays: one entry a record: code of each facet, amount, whether it counts in totals, its place
    in each sorting, and where its line starts.
    """

    folder: Path
    values: Mapping[str, Sequence[str]]
    arrays: Mapping[str, Any]
    lines: mmap.mmap | bytes
    _local: threading.local

    @property
    def size(self) -> int:
        """How many records there are."""
        return len(self.arrays["amount"])

    def row(self, place: int) -> dict[str, Any]:
        """A record as its line of the signed file has it: dates as text."""
        starts = self.arrays["starts"]
        line = self.lines[int(starts[place]) : int(starts[place + 1])]
        return BLANK | json.loads(line)

    def place_of(self, record: str) -> int | None:
        """The place of a record by its id."""
        found = self._ask("SELECT place FROM record WHERE record = ?", record)
        return found[0][0] if found else None

    def children_of(self, record: str) -> list[int]:
        """Places of the records that name this one as their parent."""
        return [place for (place,) in self._ask("SELECT place FROM child WHERE parent = ?", record)]

    def matching(self, term: str) -> "numpy.ndarray[Any, Any]":
        """Whether each record's own text contains a folded term."""
        asked = "SELECT group_concat(rowid) FROM words WHERE words MATCH ?"
        text = self._ask(asked, spelling.expression(term))[0][0] or ""
        mask = numpy.zeros(self.size, dtype=bool)
        if text:
            mask[numpy.fromstring(text, dtype=numpy.int64, sep=",")] = True
        return mask

    def _ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            place = f"file:{_quoted(self.folder / 'words.sqlite3')}?mode=ro&immutable=1"
            connection = sqlite3.connect(place, uri=True, check_same_thread=False)
            self._local.connection = connection
        return connection.execute(sql, values).fetchall()  # type: ignore[no-any-return]


def open_index(release: Release, cache: Path) -> Index:
    """The index of a release, built first where it is not there."""
    folder = cache / f"{release.manifest.sha256}-{FORM}"
    source = release.path("records", "jsonl")
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=".index-", dir=cache))
        try:
            _build(source, part)
            _settle(part, folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return _open(folder, source)


def _settle(part: Path, folder: Path) -> None:
    """Give a finished index its name; another process may have been first, which is as good."""
    try:
        os.rename(part, folder)
    except OSError:
        if not folder.is_dir():
            raise


def _open(folder: Path, source: Path) -> Index:
    values = json.loads((folder / "values.json").read_text())
    arrays = {name: numpy.load(folder / f"{name}.npy") for name in _ARRAYS}
    lines: mmap.mmap | bytes = b""
    if source.stat().st_size:
        with source.open("rb") as opened:
            lines = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    return Index(folder, values, arrays, lines, threading.local())


def _build(source: Path, folder: Path) -> None:
    gathered = _Gathered()
    connection = sqlite3.connect(folder / "words.sqlite3")
    try:
        connection.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE record (record TEXT PRIMARY KEY, place INTEGER) WITHOUT ROWID;"
            "CREATE TABLE child (parent TEXT, place INTEGER,"
            " PRIMARY KEY (parent, place)) WITHOUT ROWID;"
            "CREATE VIRTUAL TABLE words USING fts5(pairs, singles, content='', columnsize=0,"
            " tokenize='ascii');"
        )
        for batch in _batches(source):
            rows = [gathered.add(line) for line in batch]
            connection.executemany("INSERT INTO record VALUES (?, ?)", [row[:2] for row in rows])
            connection.executemany(
                "INSERT INTO child VALUES (?, ?)", [(row[2], row[1]) for row in rows if row[2]]
            )
            connection.executemany(
                "INSERT INTO words (rowid, pairs, singles) VALUES (?, ?, ?)",
                [(row[1], *row[3]) for row in rows],
            )
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        connection.commit()
    finally:
        connection.close()
    gathered.write(folder)


def _batches(source: Path) -> Iterator[list[bytes]]:
    with source.open("rb") as opened:
        batch: list[bytes] = []
        for line in opened:
            batch.append(line)
            if len(batch) == _BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


class _Gathered:
    """What is kept of every record while the index is built."""

    def __init__(self) -> None:
        self.starts = [0]
        self.amounts: list[int] = []
        self.counted: list[bool] = []
        self.facets: dict[str, list[str]] = {name: [] for name in FACETS}
        self.order: list[tuple[str, str, str, str]] = []

    def add(self, line: bytes) -> tuple[str, int, str | None, tuple[str, str]]:
        """Keep a line; answers its id, place, parent and spelled words."""
        row = BLANK | json.loads(line)
        place = len(self.amounts)
        self.starts.append(self.starts[-1] + len(line))
        self.amounts.append(row["amount"])
        self.counted.append(row["counts_in_total"])
        day = row["awarded_on"]
        row["quarter"] = f"{day[:4]}-Q{(int(day[5:7]) - 1) // 3 + 1}"
        for name, kept in self.facets.items():
            value = row[name]
            kept.append("" if value is None else str(value))
        self.order.append((day, row["record"], row["unit"], spelling.fold(row["recipient"] or "")))
        words = spelling.spell(str(row[name]) for name in SEARCHED if row[name] is not None)
        return row["record"], place, row["parent"], words

    def write(self, folder: Path) -> None:
        """The arrays and the facets' values."""
        values: dict[str, list[str]] = {}
        arrays: dict[str, Any] = {
            "starts": numpy.array(self.starts, dtype=numpy.int64),
            "amount": numpy.array(self.amounts, dtype=numpy.int64),
            "counted": numpy.array(self.counted, dtype=bool),
        }
        for name, kept in self.facets.items():
            values[name] = sorted(set(kept))
            codes = {value: code for code, value in enumerate(values[name])}
            arrays[name] = numpy.array([codes[value] for value in kept], dtype=numpy.int32)
        for name in SORTS:
            arrays[name] = _ranks(sorted(range(len(self.amounts)), key=self._key(name)))
        for name, array in arrays.items():
            numpy.save(folder / f"{name}.npy", array)
        (folder / "values.json").write_text(json.dumps(values, ensure_ascii=False))

    def _key(self, name: str) -> Any:
        """Sorting keys; ties go by id. Amounts are compared within a unit, commonest first."""
        order, amounts = self.order, self.amounts
        days = {day: -place for place, day in enumerate(sorted({each[0] for each in order}))}
        often = Counter(each[2] for each in order)
        units = {unit: (-count, unit) for unit, count in often.items()}
        return {
            "newest": lambda at: (days[order[at][0]], order[at][1]),
            "oldest": lambda at: (order[at][0], order[at][1]),
            "largest": lambda at: (units[order[at][2]], -amounts[at], order[at][1]),
            "smallest": lambda at: (units[order[at][2]], amounts[at], order[at][1]),
            "recipient": lambda at: (not order[at][3], order[at][3], order[at][1]),
        }[name]


def _ranks(order: list[int]) -> "numpy.ndarray[Any, Any]":
    ranks = numpy.empty(len(order), dtype=numpy.int32)
    ranks[numpy.array(order, dtype=numpy.int64)] = numpy.arange(len(order), dtype=numpy.int32)
    return ranks


def _quoted(place: Path) -> str:
    from urllib.parse import quote

    return quote(str(place.resolve()))
