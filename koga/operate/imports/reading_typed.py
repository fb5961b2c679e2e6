"""Excel and Parquet registers: files that know numbers and dates as such.

A number becomes the digits a person sees: Excel keeps fifteen significant ones, so
1234.99999984000001 in the file is 1234.99999984; Parquet's decimals and integers are exact.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any

from koga.core.problems import Problem, Refusal
from koga.operate.imports.sheets import (
    ROWS_MAX,
    UNPACKED_MAX,
    FileSettings,
    Number,
    Row,
    Sheet,
    fit,
    header,
    require_rows,
)


def read_excel(
    content: bytes, settings: FileSettings, name: str, file_hash: str, rows_max: int | None
) -> Sheet:
    """Read one sheet of a workbook (.xlsx, .xls, .ods)."""
    from python_calamine import CalamineWorkbook

    _require_small(content, name)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = _chosen(book, settings.sheet, name)
        grid: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    except (KeyboardInterrupt, SystemExit, Refusal):
        raise
    except BaseException as error:  # calamine panics outside Exception on some damaged files
        raise Refusal(Problem("imports.unreadable", name, str(error))) from None
    require_rows(len(grid), name)
    start = settings.header_row - 1
    if start >= len(grid):
        raise Refusal(Problem("imports.header", name))
    columns = header([" ".join(_text(cell).split()) for cell in grid[start]], name)
    rows = list(islice(_rows((map(_text, line) for line in grid[start + 1 :]), columns), rows_max))
    return Sheet("excel", columns, rows, file_hash)


def _require_small(content: bytes, name: str) -> None:
    """Refuse an archive that would unpack to far more than it weighs."""
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refusal(Problem("imports.unreadable", name, str(error))) from None
    if size > UNPACKED_MAX or size > 400 * max(len(content), 1 << 16):
        limit = {"limit": f"{UNPACKED_MAX:,}"}
        raise Refusal(Problem("imports.unpacks", name, f"{size:,}", limit))


def _chosen(book: Any, wanted: str, name: str) -> Any:
    """The sheet asked for, else the only one with anything in it."""
    names = book.sheet_names
    known = {"sheets": ", ".join(names)}
    if wanted:
        if wanted not in names:
            raise Refusal(Problem("imports.sheet", name, wanted, known))
        return book.get_sheet_by_name(wanted)
    filled = [sheet for sheet in map(book.get_sheet_by_name, names) if sheet.height and sheet.width]
    if not filled:
        raise Refusal(Problem("imports.empty", name))
    if len(filled) > 1:
        raise Refusal(Problem("imports.which_sheet", name, "", known))
    return filled[0]


def read_parquet(content: bytes, name: str, file_hash: str, rows_max: int | None) -> Sheet:
    """Read a Parquet file; nested columns are refused."""
    import polars

    try:
        scan = polars.scan_parquet(io.BytesIO(content))
        schema = scan.collect_schema()
        nested = [column for column, kind in schema.items() if kind.is_nested()]
        if nested:
            raise Refusal(Problem("imports.nested", name, ", ".join(nested)))
        columns = header(list(schema), name)
        require_rows(scan.select(polars.len()).collect().item(), name)
        frame = (scan if rows_max is None else scan.head(rows_max)).collect()
    except (KeyboardInterrupt, SystemExit, Refusal):
        raise
    except BaseException as error:  # polars panics outside Exception on some damaged files
        raise Refusal(Problem("imports.unreadable", name, str(error))) from None
    typed = [list(_column(frame[column])) for column in frame.columns]
    rows = list(islice(_rows(zip(*typed, strict=True), columns), ROWS_MAX))
    return Sheet("parquet", columns, rows, file_hash)


def _column(series: Any) -> Iterator[str]:
    """The texts of a column, converted by its type and not value by value where that is exact."""
    import polars

    kind = series.dtype
    if kind == polars.String:
        return (value if value is not None else "" for value in series)
    if kind.is_integer() or kind.is_decimal():
        texts = series.cast(polars.String)
        return (Number(value) if value is not None else "" for value in texts)
    return map(_text, series)


def _rows(lines: Iterable[Iterable[str]], columns: Sequence[str]) -> Iterator[Row]:
    number = 0
    for line in lines:
        cells = tuple(line)
        if any(cells):
            number += 1
            yield fit(number, cells, len(columns))


def _text(value: Any) -> str:
    """One typed cell as text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return Number(f"{Decimal(f'{value:.15g}'):f}") if value == value else ""
    if isinstance(value, int | Decimal):
        return Number(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)
