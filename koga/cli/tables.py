"""Reading small CSV tables for commands: UTF-8 with or without a mark, every problem at once."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from koga.core.problems import Problem, Refusal


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file.

    header: its column names. rows: one mapping per data row, counted from 1.
    """

    header: tuple[str, ...]
    rows: tuple[dict[str, str | None], ...]


def read_text(path: Path) -> str:
    """A file's text; a `Refusal` where it is not there or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError:
        raise Refusal(Problem("cli.file", str(path), str(path))) from None
    except UnicodeDecodeError as fault:
        details = {"byte": fault.start}
        raise Refusal(Problem("cli.encoding", str(path), str(path), details)) from None


def read_csv(path: Path, columns: Sequence[str]) -> Table:
    """A CSV file with at least the named columns; blank lines are skipped.

    A row with more cells than the header is refused with its number.
    """
    return parse_csv(read_text(path), path.name, columns)


def parse_csv(text: str, name: str, columns: Sequence[str]) -> Table:
    """`read_csv` on text."""
    lines = [line for line in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in line)]
    if not lines:
        raise Refusal(Problem("fund.flows_empty", name))
    header = tuple(cell.strip().lower() for cell in lines[0])
    found = [
        Problem("fund.column_missing", name, ", ".join(header), {"expected": column})
        for column in columns
        if column not in header
    ]
    for number, line in enumerate(lines[1:], 1):
        if len(line) > len(header):
            details = {"expected": len(header)}
            found.append(Problem("cli.cells", f"{name}, row {number}", str(len(line)), details))
    if found:
        raise Refusal(found)
    rows = tuple(dict(zip(header, line, strict=False)) for line in lines[1:])
    return Table(header, rows)
