"""A scheme's workbook read back: every problem with its sheet, row and field, or the scheme's text.

The rows become the document a scheme file would be, and the same reader and rules judge it.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from koga.core.problems import Problem, Refusal
from koga.documents import scheme_workbook as pages
from koga.plan.schemes import declared, rows, scheme, writing
from koga.plan.schemes.schema import Field, Section

SIZE_MAX = 20_000_000
UNPACKED_MAX = 400_000_000
ROWS_MAX = 50_000
_FIELDS = ("low", "high", "unit", "note", "label", "options", "source", "rule", "from", "formula")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: its sheet and its number as the spreadsheet shows it."""

    sheet: str
    row: int


@dataclass(slots=True)
class _Gathered:
    """What was read: the document as a file would have it, where each path stands, problems."""

    document: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    comments: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(path: Path) -> str:
    """The text of the scheme file a workbook holds.

    Raises `Refusal` with every problem: those of the workbook itself, else those of the scheme.
    """
    found = _gather(_sheets(path))
    if found.problems:
        raise Refusal(found.problems)
    document = _listed(found.document)
    read_scheme = scheme.from_document(document)
    if isinstance(read_scheme, list):
        raise Refusal([_at_row(problem, found.places) for problem in read_scheme])
    body = writing.text(read_scheme, found.comments)
    problems = scheme.check(body, path.name)
    if problems:
        raise Refusal([_at_row(problem, found.places) for problem in problems])
    return body


def _at_row(problem: Problem, places: Mapping[str, Place]) -> Problem:
    """The same problem, told by sheet, row and field."""
    at = problem.where
    while at and at not in places:
        at = at.rpartition(".")[0]
    if not at:
        return problem
    key = problem.where[len(at) + 1 :].partition(".")[0]
    column = key if key in _FIELDS else "value"
    place = places[at]
    said = f"{place.sheet}!{place.row} {column} ({problem.where})"
    return replace(problem, where=said, details={**problem.details, "at_ko": "", "at_en": ""})


def _sheets(path: Path) -> dict[str, list[list[Any]]]:
    """Every sheet's grid by name; a `Refusal` for what is no workbook."""
    from python_calamine import CalamineWorkbook

    try:
        body = path.read_bytes()
    except OSError:
        raise Refusal(Problem("cli.file", str(path), str(path))) from None
    if len(body) > SIZE_MAX or _unpacked(body, path.name) > UNPACKED_MAX:
        limit = {"limit": f"{SIZE_MAX:,}"}
        raise Refusal(Problem("book.size", path.name, f"{len(body):,}", limit))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        return {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as fault:  # calamine panics outside Exception on some damaged files
        raise Refusal(Problem("book.unreadable", path.name, str(fault))) from None


def _unpacked(body: bytes, name: str) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as fault:
        raise Refusal(Problem("book.unreadable", name, str(fault))) from None


def _gather(sheets: Mapping[str, list[list[Any]]]) -> _Gathered:
    found = _Gathered()
    for row, cells in _rows(sheets, pages.NAMES, ("path", "value"), found):
        _plain(found, row, cells)
    wanted = tuple(key for key, _, _ in pages.VALUE_COLUMNS)
    for row, cells in _rows(sheets, pages.VALUES, ("path", "value", "basis"), found, wanted):
        _figure(found, row, cells)
    for row, cells in _rows(sheets, pages.SOURCES, ("name", "title"), found):
        _source(found, row, cells)
    if pages.COMMENTS in sheets:
        for _, cells in _rows(sheets, pages.COMMENTS, ("path", "line"), found):
            line = str(cells["line"] or "").rstrip()
            said = line if line.startswith("#") or not line else f"# {line}"
            found.comments.setdefault(_text(cells["path"]), []).append(" ".join(said.splitlines()))
    return found


def _rows(
    sheets: Mapping[str, list[list[Any]]],
    name: str,
    needed: tuple[str, ...],
    found: _Gathered,
    wanted: tuple[str, ...] = (),
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Data rows of a sheet by the keys in its second row; blank rows are skipped."""
    if name not in sheets:
        listed = {"sheets": ", ".join(sheets)}
        found.problems.append(Problem("book.sheet", "workbook", name, listed))
        return
    grid = sheets[name]
    keys = [_text(cell) for cell in grid[1]] if len(grid) > 1 else []
    for key in needed:
        if key not in keys:
            given = {"keys": ", ".join(keys) or "-"}
            found.problems.append(Problem("book.column", f"{name}!2", key, given))
    if any(key not in keys for key in needed):
        return
    if len(grid) > ROWS_MAX:
        limit = {"limit": f"{ROWS_MAX:,}"}
        found.problems.append(Problem("book.rows", name, f"{len(grid):,}", limit))
        return
    for number, line in enumerate(grid[2:], start=3):
        cells = dict.fromkeys(wanted, "") | dict(zip(keys, line, strict=False))
        if any(_text(cell) for key, cell in cells.items() if key):
            yield Place(name, number), cells


def _plain(found: _Gathered, place: Place, cells: Mapping[str, Any]) -> None:
    path = _text(cells["path"])
    declared_field = rows.field_at(path)
    value = _raw(cells["value"], declared_field)
    _put(found, place, path, value)


def _source(found: _Gathered, place: Place, cells: Mapping[str, Any]) -> None:
    told = {key: _text(cells.get(key, "")) for key, _, _ in pages.SOURCE_COLUMNS[1:]}
    given = {key: value for key, value in told.items() if value}
    _put(found, place, f"sources.{_text(cells['name'])}", given)


def _figure(found: _Gathered, place: Place, cells: Mapping[str, Any]) -> None:
    """One row as a leaf; a blank cell is a key that is not given."""
    path = _text(cells["path"])
    declared_field = rows.field_at(path)
    leaf: dict[str, Any] = {}
    for key in ("value", "low", "high"):
        if _text(cells[key]):
            leaf[key] = _raw(cells[key], declared_field)
    for key in ("unit", "basis", "source", "from", "formula", "rule"):
        if _text(cells[key]):
            leaf[key] = _text(cells[key])
    if _text(cells["options"]):
        leaf["options"] = _words(cells["options"])
    for key in ("note", "label"):
        ko, en = _text(cells[f"{key}_ko"]), _text(cells[f"{key}_en"])
        if ko or en:
            leaf[key] = {"ko": ko or en, "en": en or ko}
    _put(found, place, path, leaf)


def _put(found: _Gathered, place: Place, path: str, value: Any) -> None:
    """A value at its dotted path; each path once, none inside another's value."""
    said = f"{place.sheet}!{place.row} path"
    if path in found.places:
        first = found.places[path]
        at = {"first": f"{first.sheet}!{first.row}"}
        found.problems.append(Problem("book.twice", said, path, at))
        return
    node = found.document
    *above, last = path.split(".")
    for key in above:
        inner = node.setdefault(key, {})
        if not isinstance(inner, dict) or "basis" in inner:
            found.problems.append(Problem("book.path", said, path))
            return
        node = inner
    if not all([*above, last]) or last in node:
        found.problems.append(Problem("book.path", said, path))
        return
    node[last] = value
    found.places[path] = place


def _listed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its lists of entries as lists, each entry with its id."""
    lists = {
        part.name
        for part in declared.SCHEME.parts
        if isinstance(part, Section) and part.shape == "list"
    }
    return {
        key: [{"id": name, **entry} for name, entry in value.items() if isinstance(entry, dict)]
        if key in lists and isinstance(value, dict)
        else value
        for key, value in document.items()
    }


def _text(cell: Any) -> str:
    """A cell as one line of text.

    >>> _text(2027.0), _text(" AI "), _text(None)
    ('2027', 'AI', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, Decimal | float | int) and not isinstance(cell, bool):
        number = Decimal(f"{cell:.15g}")
        return f"{number:f}"
    if isinstance(cell, datetime):
        cell = cell.date()
    return " ".join(str(cell).split())


def _words(cell: Any) -> list[str]:
    return [word.strip() for word in _text(cell).split(";") if word.strip()]


def _raw(cell: Any, declared_field: Field | None) -> Any:
    """A cell as the file would write it: whole numbers, exact decimals, words, dates, lists."""
    kind = declared_field.type if declared_field else "text"
    if kind == "list":
        return _words(cell)
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal | float):
        written = _text(cell)
        return int(written) if kind in ("count", "year") and written.isdigit() else written
    number = Decimal(f"{cell:.15g}")
    if kind in ("text", "choice", "date"):
        return _text(cell)
    return int(number) if number == int(number) else number
