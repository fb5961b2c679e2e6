"""A register's file as rows of text, whatever kind of file it is.

The kind is told from the file's first bytes, never from its name. A row that cannot be read keeps
its number and its problems; the rows around it stay. Numbers that a file holds as numbers arrive
as `Number`, dates as ISO text, so that one mapping fits CSV, Excel and Parquet of equal columns.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from koga.core.problems import Problem, Refusal

BYTES_MAX = 512 * 2**20
UNPACKED_MAX = 2 * 2**30
ROWS_MAX = 3_000_000
COLUMNS_MAX = 1_000
CELL_MAX = 20_000

_OTHER_KINDS = (
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"SQLite format 3", "SQLite"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"{\\rtf", "RTF"),
)


class Number(str):
    """A cell that the file holds as a number: digits with a point, no separators to interpret."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One data row.

    number: counted from 1, the header not counted, wholly empty rows not counted.
    cells: one text per column; empty where the row could not be read.
    problems: why it could not.
    """

    number: int
    cells: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A register as read.

    kind: csv, excel or parquet. columns: header texts. rows: every data row in order.
    file_hash: SHA-256 of the file, hex. encoding, delimiter: how a text file was read.
    """

    kind: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    file_hash: str
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class FileSettings:
    """What a mapping says about the file; blanks are found out from the file itself."""

    encoding: str = ""
    delimiter: str = ""
    header_row: int = 1
    sheet: str = ""


def read(path: Path, settings: FileSettings, *, rows_max: int | None = None) -> Sheet:
    """Read a register. `rows_max` stops early, for a preview.

    Raises `Refusal` where the file as a whole cannot be read: not there, empty, of another kind,
    too large, without the sheet or the header asked for.
    """
    from koga.operate.imports import reading_csv, reading_typed

    content = _content(path)
    file_hash = hashlib.sha256(content).hexdigest()
    kind = kind_of(content, path.name)
    if kind == "csv":
        return reading_csv.read(content, settings, path.name, file_hash, rows_max)
    if settings.delimiter and not settings.sheet:
        settings = FileSettings(header_row=settings.header_row)
    if kind == "excel":
        return reading_typed.read_excel(content, settings, path.name, file_hash, rows_max)
    return reading_typed.read_parquet(content, path.name, file_hash, rows_max)


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise Refusal(Problem("imports.no_file", "FILE", str(path)))
        size = path.stat().st_size
        if size > BYTES_MAX:
            raise Refusal(Problem("imports.too_big", path.name, f"{size:,}", _limit(BYTES_MAX)))
        content = path.read_bytes()
    except OSError as error:
        raise Refusal(Problem("imports.no_file", "FILE", f"{path}: {error.strerror}")) from None
    if not content.strip():
        raise Refusal(Problem("imports.empty", path.name))
    return content


def kind_of(content: bytes, name: str) -> str:
    """`csv`, `excel` or `parquet`, from the bytes; a `Refusal` names any other kind.

    >>> kind_of(b"a,b", "register.xlsx")
    'csv'
    """
    if content.startswith(b"PAR1"):
        return "parquet"
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "excel"
    other = next((label for start, label in _OTHER_KINDS if content.startswith(start)), "")
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        other = "HTML/XML"
    if not other and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        sample = content[: 64 * 1024]
        strange = sum(sample.count(bytes([code])) for code in range(9))
        other = "binary" if strange > 8 and strange * 50 > len(sample) else ""
    if other:
        raise Refusal(Problem("imports.wrong_kind", name, other))
    return "csv"


def header(cells: Sequence[str], name: str) -> tuple[str, ...]:
    """Column names, composed and stripped; blank ones at the end are dropped."""
    found = [unicodedata.normalize("NFC", cell).strip() for cell in cells]
    while found and not found[-1]:
        found.pop()
    if not found:
        raise Refusal(Problem("imports.header", name))
    if len(found) > COLUMNS_MAX:
        limit = _limit(COLUMNS_MAX)
        raise Refusal(Problem("imports.too_many_columns", name, f"{len(found):,}", limit))
    return tuple(found)


def fit(number: int, cells: Sequence[str], width: int) -> Row:
    """A row of as many cells as there are columns, or the problem that it has not.

    Empty cells beyond the last column are dropped, as spreadsheets write them.
    """
    kept = cells[:width]
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        details = {"expected": width}
        problem = Problem("imports.columns", f"row {number}", str(len(cells)), details)
        return Row(number, (), (problem,))
    return Row(number, tuple(kept), _unprintable(number, kept))


def _unprintable(number: int, cells: Sequence[str]) -> tuple[Problem, ...]:
    """Control characters, bytes that are not text, and cells longer than any register's."""
    joined = "".join(cells)
    where = f"row {number}"
    if joined.isprintable() and len(joined) <= CELL_MAX:
        return ()
    found = []
    bad = {ord(c) - 0xDC00 for c in joined if "\udc80" <= c <= "\udcff"}
    if bad:
        shown = " ".join(f"0x{byte:02x}" for byte in sorted(bad))
        found.append(Problem("imports.encoding", where, shown))
    controls = {c for c in joined if (c < " " and c not in "\t\r\n") or c == "\x7f"}
    if controls:
        found.append(Problem("imports.control", where, " ".join(sorted(map(ascii, controls)))))
    longest = max(map(len, cells))
    if longest > CELL_MAX:
        found.append(Problem("imports.cell_long", where, f"{longest:,}", _limit(CELL_MAX)))
    return tuple(found)


def require_rows(count: int, name: str) -> None:
    """Refuse a register longer than any this house is built for."""
    if count > ROWS_MAX:
        raise Refusal(Problem("imports.too_many_rows", name, f"{count:,}", _limit(ROWS_MAX)))


def _limit(limit: int) -> dict[str, str]:
    return {"limit": f"{limit:,}"}
