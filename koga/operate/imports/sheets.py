"""A register as rows of text, and what every kind of file keeps to."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from koga.core.problems import Problem, Refusal

UNPACKED_MAX = 2 * 2**30
ROWS_MAX = 3_000_000
COLUMNS_MAX = 1_000
CELL_MAX = 20_000


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


def header(cells: Sequence[str], name: str) -> tuple[str, ...]:
    """Column names, composed and stripped; blank ones at the end are dropped."""
    found = [unicodedata.normalize("NFC", cell).strip() for cell in cells]
    while found and not found[-1]:
        found.pop()
    if not found:
        raise Refusal(Problem("imports.header", name))
    if len(found) > COLUMNS_MAX:
        most = limit(COLUMNS_MAX)
        raise Refusal(Problem("imports.too_many_columns", name, f"{len(found):,}", most))
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
        found.append(Problem("imports.cell_long", where, f"{longest:,}", limit(CELL_MAX)))
    return tuple(found)


def require_rows(count: int, name: str) -> None:
    """Refuse a register longer than any this house is built for."""
    if count > ROWS_MAX:
        raise Refusal(Problem("imports.too_many_rows", name, f"{count:,}", limit(ROWS_MAX)))


def limit(most: int) -> dict[str, str]:
    """A limit as the details of a problem.

    >>> limit(3_000_000)
    {'limit': '3,000,000'}
    """
    return {"limit": f"{most:,}"}
