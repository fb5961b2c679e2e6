"""One table -> its four files: CSV, CSV for Excel, JSON Lines, Parquet, with hash, rows and totals.

CSV and JSON Lines are the same bytes anywhere; Parquet is under the lock file.
"""

import contextlib
import hashlib
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from koga.release import cells
from koga.release.manifest import ReleaseFile, Total
from koga.release.read import path_of
from koga.release.tables import Table

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
FORMULA = "^[=+\\-@\t\r\n＝＋－＠]"
"""Text that a spreadsheet would run, or run once a cleaner has trimmed it, begins like this."""
PARQUET_GROUP = 100_000

Progress = Callable[[str, int], None]
"""Told a table or file and how many rows or bytes of it are done."""


@dataclass(frozen=True, slots=True)
class Written:
    """A table that was written: its files, its totals, and the cells that were refused."""

    files: tuple[ReleaseFile, ...]
    totals: tuple[Total, ...]
    rows: int
    refused: cells.Cells


class HashedFile:
    """A file being written, its bytes hashed on the way."""

    def __init__(self, place: Path) -> None:
        self._target = place.open("wb")
        self._hash = hashlib.sha256()
        self.bytes = 0

    def write(self, content: bytes | memoryview) -> None:
        """Append bytes."""
        self._hash.update(content)
        self._target.write(content)
        self.bytes += len(content)

    def close(self) -> str:
        """Close and answer the SHA-256."""
        self._target.close()
        return self._hash.hexdigest()


def write_table(
    folder: Path,
    table: Table,
    rows: Iterable[Mapping[str, Any]],
    *,
    progress: Progress | None = None,
) -> Written:
    """Write a table's files under `folder`/data; wrong cells are left blank and reported."""
    reader = cells.Cells(table)
    sums = Sums(table)
    spool = Spool(folder / f".{table.name}.spool")
    targets = {
        form: HashedFile(folder / path_of(table.name, form)) for form in ("csv", "excel", "jsonl")
    }
    heading = pl.DataFrame(schema=cells.stored_schema(table))
    with contextlib.ExitStack() as stack:
        for target in targets.values():
            stack.callback(target.close)
        for job in _jobs(table, targets, heading, with_heading=True):
            job()
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=len(targets)))
        writing: list[Future[None]] = []
        for frame in reader.frames(iter(rows)):
            _finish(writing)
            writing = [pool.submit(job) for job in _jobs(table, targets, frame)]
            spool.add(frame)
            sums.add(frame)
            if progress:
                progress(table.name, reader.rows)
        _finish(writing)
    hashes = {form: (target.bytes, target.close()) for form, target in targets.items()}
    hashes["parquet"] = _parquet(folder, table, spool)
    files = [
        ReleaseFile(path_of(table.name, form), size, sha256, table.name, reader.rows)
        for form, (size, sha256) in hashes.items()
    ]
    return Written(tuple(files), sums.totals(), reader.rows, reader)


class Sums:
    """Totals of a table, kept apart by unit (and stage), over the rows that count."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._sums: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(lambda: [0, 0])

    def add(self, frame: pl.DataFrame) -> None:
        """Count some rows in; 128 bits hold any sum of one frame, Python integers the rest."""
        if not self.table.sums:
            return
        for column, by, rows, amount in sums_of(self.table, frame.lazy()):
            held = self._sums[column, by]
            held[0] += rows
            held[1] += amount

    def totals(self) -> tuple[Total, ...]:
        """The totals so far, in order."""
        return tuple(
            Total(self.table.name, column, dict(zip(self.table.sums_by, by, strict=True)), *held)
            for (column, by), held in sorted(self._sums.items())
        )


def sums_of(table: Table, frame: pl.LazyFrame) -> Iterator[tuple[str, tuple[str, ...], int, int]]:
    """(column, what keeps it apart, rows, sum) of every total of a table."""
    counted = frame.filter(pl.col(table.sums_where)) if table.sums_where else frame
    for column in table.sums:
        grouped = (
            counted.drop_nulls([*table.sums_by, column])
            .group_by(table.sums_by)
            .agg(pl.len().alias("rows"), pl.col(column).cast(pl.Int128).sum())
            .sort(table.sums_by)
            .collect()
        )
        for row in grouped.iter_rows():
            *by, rows, amount = row
            yield column, tuple(by), int(rows), int(amount)


class Spool:
    """Frames set aside on disk until Parquet can be written in one go, within bounded memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts: list[Path] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Set a frame aside."""
        self.folder.mkdir(exist_ok=True)
        part = self.folder / f"{len(self.parts):08d}.arrow"
        frame.write_ipc(part, compression="uncompressed")
        self.parts.append(part)

    def clear(self) -> None:
        """Remove what was set aside."""
        for part in self.parts:
            part.unlink()
        if self.parts:
            self.folder.rmdir()


def _parquet(folder: Path, table: Table, spool: Spool) -> tuple[int, str]:
    place = folder / path_of(table.name, "parquet")
    if spool.parts:
        kept = pl.scan_ipc(spool.parts)
    else:
        kept = pl.LazyFrame(schema=cells.stored_schema(table))
    cells.as_parquet(table, kept).sink_parquet(
        place, compression="zstd", row_group_size=PARQUET_GROUP, statistics=True
    )
    spool.clear()
    with place.open("rb") as source:
        return place.stat().st_size, hashlib.file_digest(source, "sha256").hexdigest()


def _jobs(
    table: Table,
    targets: Mapping[str, HashedFile],
    frame: pl.DataFrame,
    *,
    with_heading: bool = False,
) -> list[Callable[[], None]]:
    """What appends a frame to the three text files; each may run beside the others."""
    return [
        lambda: targets["csv"].write(csv_bytes(frame, heading=with_heading)),
        lambda: targets["excel"].write(excel_bytes(table, frame, heading=with_heading)),
        lambda: targets["jsonl"].write(jsonl_bytes(frame)),
    ]


def _finish(writing: Iterable[Future[None]]) -> None:
    """Wait for one frame to be written before the next one is, so that rows keep their order."""
    for each in writing:
        each.result()


def csv_bytes(frame: pl.DataFrame, *, heading: bool) -> bytes:
    """Rows as CSV: UTF-8, line feeds, quotes only where RFC 4180 needs them, blanks empty."""
    target = io.BytesIO()
    frame.write_csv(target, include_header=heading, quote_style="necessary")
    return target.getvalue()


def excel_bytes(table: Table, frame: pl.DataFrame, *, heading: bool) -> bytes:
    """Rows as the CSV that Korean Excel opens: byte order mark, CR LF, no cell that runs.

    Text that a spreadsheet would take for a formula gets a leading apostrophe in this copy alone.
    """
    target = io.BytesIO()
    if heading:
        target.write(BYTE_ORDER_MARK)
    guarded(table, frame).write_csv(
        target, include_header=heading, quote_style="necessary", line_terminator="\r\n"
    )
    return target.getvalue()


def guarded(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows with an apostrophe before all text that a spreadsheet would take for a formula."""
    texts = [column.name for column in table.columns if column.kind == "text"]
    return frame.with_columns(
        pl.when(pl.col(name).str.contains(FORMULA))
        .then(pl.concat_str(pl.lit("'"), pl.col(name)))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    )


def jsonl_bytes(frame: pl.DataFrame) -> bytes:
    """Rows as JSON Lines: keys in column order, blanks null, decimals and moments as text."""
    target = io.BytesIO()
    frame.write_ndjson(target)
    return target.getvalue()
