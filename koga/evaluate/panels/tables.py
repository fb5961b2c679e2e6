"""A table from a file or a frame as text columns, so that every unreadable cell can be named.

CSV (utf-8 or cp949; comma, semicolon, tab or bar) and Parquet. Blank is an empty cell or one of
`NA`, `N/A`, `NaN`, `null`, `.`, as statistics packages write it.
"""

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from koga.core.problems import Problem, Refusal

if TYPE_CHECKING:
    import polars as pl

BLANKS = ("", "na", "n/a", "nan", "null", "none", ".", "<na>")
"""Cells that say nothing, in lower case."""
INFINITE = ("inf", "+inf", "infinity", "-inf", "-infinity")
ROWS_MAX = 20
"""Rows named when many have too few or too many cells."""
_SEPARATORS = ",;\t|"
_WORKBOOKS = (b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"))
"""First bytes of .xlsx and of .xls."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds, before anything is made of it.

    frame: the columns as read (text from CSV, typed from Parquet).
    headings: every heading in order, repeated ones included.
    sha256: hash of the file's bytes, or of the frame's where there is no file.
    name: the file's name.
    """

    frame: "pl.DataFrame"
    headings: tuple[str, ...]
    sha256: str
    name: str


def read(path: Path) -> Table:
    """Read a CSV or Parquet file; a `Refusal` where it is absent, empty or broken."""
    if not path.is_file():
        raise Refusal(Problem("evaluate.no_file", str(path)))
    content = path.read_bytes()
    if content.startswith(_WORKBOOKS):
        raise _broken(path, "Excel; save the sheet as CSV / 시트를 CSV로 저장하십시오")
    parquet = content[:4] == b"PAR1"
    frame, headings = _parquet(content, path) if parquet else _csv(content, path)
    return Table(frame, headings, hashlib.sha256(content).hexdigest(), path.name)


def from_frame(frame: "pl.DataFrame", name: str = "frame") -> Table:
    """A table of a Polars frame; its hash is that of its CSV."""
    digest = hashlib.sha256(frame.write_csv().encode()).hexdigest()
    return Table(frame, tuple(frame.columns), digest, name)


def _parquet(content: bytes, path: Path) -> tuple["pl.DataFrame", tuple[str, ...]]:
    import polars as pl

    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as broken:
        raise _broken(path, str(broken)) from None
    return frame, tuple(frame.columns)


def _csv(content: bytes, path: Path) -> tuple["pl.DataFrame", tuple[str, ...]]:
    import polars as pl

    text = _decoded(content, path)
    first = text.split("\n", 1)[0].strip("\r")
    if not first.strip():
        raise _broken(path, "no heading in the first line")
    separator = max(_SEPARATORS, key=first.count)
    headings = tuple(part.strip() for part in next(csv.reader([first], delimiter=separator)))
    _refuse_ragged(text.rstrip("\r\n"), separator, len(headings))
    try:
        frame = pl.read_csv(
            io.BytesIO(text.rstrip("\r\n").encode()),
            separator=separator,
            infer_schema=False,
            has_header=False,
            skip_rows=1,
            new_columns=[f"{place}:{name}" for place, name in enumerate(headings)],
        )
    except pl.exceptions.NoDataError:
        return pl.DataFrame({name: [] for name in dict.fromkeys(headings)}), headings
    except pl.exceptions.PolarsError as broken:
        raise _broken(path, str(broken).split("\n", 1)[0]) from None
    once = {name: place for place, name in reversed(list(enumerate(headings)))}
    return frame.select(
        pl.col(f"{place}:{name}").alias(name) for name, place in once.items()
    ), headings


def _refuse_ragged(text: str, separator: str, wide: int) -> None:
    """A `Refusal` that names the rows with more or fewer cells than there are headings."""
    if '"' in text:
        counts = (len(row) for row in csv.reader(io.StringIO(text), delimiter=separator))
    else:
        counts = (line.count(separator) + 1 for line in text.split("\n"))
    try:
        wrong = [(row, count) for row, count in enumerate(counts) if count != wide]
    except csv.Error:
        return
    code, details = "evaluate.row_cells", {"expected": wide}
    problems = [Problem(code, f"row {row}", str(count), details) for row, count in wrong[:ROWS_MAX]]
    if len(wrong) > ROWS_MAX:
        more = str(len(wrong) - ROWS_MAX)
        problems.append(Problem("evaluate.more_cells", "rows", more, {"like": code}))
    if problems:
        raise Refusal(problems)


def _decoded(content: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _broken(path, "neither UTF-8 nor CP949")


def _broken(path: Path, why: str) -> Refusal:
    return Refusal(Problem("evaluate.unreadable_file", str(path), why))
