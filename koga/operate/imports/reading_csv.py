"""CSV as registers really come: several encodings and separators, and broken rows among good ones.

Rows are told apart line by line. A quoted cell may run over several lines; where the lines joined
do not make a row of the header's width, the first of them is refused alone and reading goes on
with the next, so that one open quotation mark does not swallow the rest of the file.
"""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator, Sequence

from koga.core.problems import Problem, Refusal
from koga.operate.imports.sheets import FileSettings, Row, Sheet, fit, header, require_rows

ENCODINGS = ("utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "cp1252")
DELIMITERS = (",", ";", "\t", "|")
_JOINED_LINES_MAX = 200
_SNIFFED_LINES = 20


def read(
    content: bytes, settings: FileSettings, name: str, file_hash: str, rows_max: int | None
) -> Sheet:
    """Read a text register; encoding and separator are found out where not declared."""
    encoding = settings.encoding or encoding_of(content)
    text = _decoded(content, encoding)
    lines = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    if len(lines) == 1 and "\r" in text:
        lines = text.removeprefix("\ufeff").split("\r")
    start = settings.header_row - 1
    if start >= len(lines) or not lines[start].strip():
        raise Refusal(Problem("imports.header", name))
    require_rows(len(lines), name)
    delimiter = settings.delimiter or delimiter_of(lines[start : start + _SNIFFED_LINES])
    cells, after = _heading(lines, start, delimiter)
    columns = header(cells, name)
    rows = []
    for row in _rows(lines, after, len(columns), delimiter):
        rows.append(row)
        if rows_max is not None and len(rows) >= rows_max:
            break
    return Sheet("csv", columns, rows, file_hash, encoding, delimiter)


def encoding_of(content: bytes) -> str:
    """UTF-8 or CP949 (Korean Windows): the one in which fewer lines fail; UTF-16 by its mark.

    >>> encoding_of("금액".encode("cp949")), encoding_of("금액".encode())
    ('cp949', 'utf-8')
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if _failures(content, "utf-8") <= _failures(content, "cp949"):
        return "utf-8"
    return "cp949"


def _failures(content: bytes, encoding: str) -> int:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return sum(not _decodes(line, encoding) for line in content.split(b"\n"))
    return 0


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(content: bytes, encoding: str) -> str:
    """Text in which bytes that fit no character stand as lone surrogates, found again per row.

    The lines are decoded apart: in CP949 a stray lead byte would swallow the line's end.
    """
    if encoding.startswith("utf-"):
        return content.decode(encoding, "surrogateescape" if "16" not in encoding else "replace")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        lines = content.split(b"\n")
        return "\n".join(line.decode(encoding, "surrogateescape") for line in lines)


def delimiter_of(lines: Sequence[str]) -> str:
    """The separator that cuts most of the first lines into the header's number of cells.

    >>> delimiter_of(["a;b;c", "1;2,5;3", "4;5;6"])
    ';'
    """

    def fitness(delimiter: str) -> tuple[int, int]:
        widths = [len(_cut(line, delimiter) or ()) for line in lines if line.strip()]
        return (Counter(widths)[widths[0]] if widths[0] > 1 else 0, widths[0])

    return max(DELIMITERS, key=fitness)


def _heading(lines: Sequence[str], start: int, delimiter: str) -> tuple[Sequence[str], int]:
    """The header's cells, which may be quoted over several lines, and where the data begins."""
    for stop in range(start + 1, min(start + 20, len(lines)) + 1):
        cells = _cut("\n".join(lines[start:stop]), delimiter)
        if cells is not None:
            return [" ".join(cell.split()) for cell in cells], stop
    return lines[start].split(delimiter), start + 1


def _rows(lines: Sequence[str], start: int, width: int, delimiter: str) -> Iterator[Row]:
    number, place = 0, start
    while place < len(lines):
        line = lines[place].removesuffix("\r")
        if not line.strip().strip(delimiter):
            place += 1
            continue
        number += 1
        if '"' not in line:
            place += 1
            yield fit(number, line.split(delimiter), width)
            continue
        cells, used = _quoted(lines, place, width, delimiter)
        place += used
        if cells is None:
            yield Row(number, (), (Problem("imports.quoting", f"row {number}"),))
        else:
            yield fit(number, cells, width)


def _quoted(
    lines: Sequence[str], place: int, width: int, delimiter: str
) -> tuple[Sequence[str] | None, int]:
    """The cells of a row with quotation marks, and how many lines it takes."""
    line = lines[place].removesuffix("\r")
    alone = _cut(line, delimiter)
    if alone is not None:
        return alone, 1
    if not _open(line, delimiter):
        return None, 1
    joined = line
    for used in range(2, min(_JOINED_LINES_MAX, len(lines) - place) + 1):
        following = lines[place + used - 1].removesuffix("\r")
        joined += "\n" + following
        if '"' not in following:
            continue
        cells = _cut(joined, delimiter)
        if cells is not None:
            return (cells, used) if len(cells) == width else (None, 1)
        if not _open(joined, delimiter):
            return None, 1
    return None, 1


def _cut(text: str, delimiter: str) -> list[str] | None:
    """The cells of one complete row, or None where its quotation marks do not pair."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _open(text: str, delimiter: str) -> bool:
    """Whether the row only lacks its closing quotation mark."""
    return _cut(text + '"', delimiter) is not None
