"""A register's file as rows of text, whatever kind of file it is.

The kind is told from the file's first bytes, never from its name. A row that cannot be read keeps
its number and its problems; the rows around it stay. Numbers that a file holds as numbers arrive
as `Number`, dates as ISO text, so that one mapping fits CSV, Excel and Parquet of equal columns.
"""

import hashlib
from pathlib import Path

from koga.core.problems import Problem, Refusal
from koga.operate.imports import reading_csv, reading_typed
from koga.operate.imports.sheets import FileSettings, Sheet, limit

BYTES_MAX = 512 * 2**20

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


def read(path: Path, settings: FileSettings, *, rows_max: int | None = None) -> Sheet:
    """Read a register. `rows_max` stops early, for a preview.

    Raises `Refusal` where the file as a whole cannot be read: not there, empty, of another kind,
    too large, without the sheet or the header asked for.
    """
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
            raise Refusal(Problem("imports.too_big", path.name, f"{size:,}", limit(BYTES_MAX)))
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
