"""Rows as Python values -> typed columns, refusing every cell a file could not carry exactly.

Works on some thousands of rows at a time: memory stays bounded and no Python code runs per cell
unless a cell is wrong. Text that is empty becomes blank (unknown).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from typing import Any

import polars as pl

from koga.core.problems import Problem
from koga.release.manifest import moment
from koga.release.tables import AMOUNT_MAX, Column, Table

ROWS_AT_ONCE = 20_000
DECIMAL_PLACES = 9
DECIMAL_DIGITS = 38
"""Decimals as Parquet keeps them: up to 29 digits before the point and 9 behind it."""
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
"""Characters no cell may have; tabs and line ends are allowed."""

_PYTHON: Mapping[str, frozenset[type]] = {
    "text": frozenset({str}),
    "integer": frozenset({int}),
    "amount": frozenset({int}),
    "decimal": frozenset({Decimal, int}),
    "date": frozenset({date}),
    "datetime": frozenset({datetime}),
    "boolean": frozenset({bool}),
}
_STORED: Mapping[str, Any] = {
    "text": pl.String,
    "integer": pl.Int64,
    "amount": pl.Int64,
    "decimal": pl.String,
    "date": pl.Date,
    "datetime": pl.String,
    "boolean": pl.Boolean,
}
_PARQUET: Mapping[str, Any] = {
    "decimal": pl.Decimal(DECIMAL_DIGITS, DECIMAL_PLACES),
    "datetime": pl.Datetime("us", "UTC"),
}


def stored_schema(table: Table) -> dict[str, Any]:
    """Column types as CSV and JSON Lines are written from: decimals and moments are text."""
    return {column.name: _STORED[column.kind] for column in table.columns}


def parquet_schema(table: Table) -> dict[str, Any]:
    """Column types of the Parquet file."""
    return {
        column.name: _PARQUET.get(column.kind, _STORED[column.kind]) for column in table.columns
    }


def as_parquet(table: Table, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Stored columns as Parquet columns."""
    return frame.with_columns(
        [
            pl.col(column.name).cast(_PARQUET["decimal"])
            if column.kind == "decimal"
            else pl.col(column.name).str.to_datetime(
                "%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC"
            )
            for column in table.columns
            if column.kind in _PARQUET
        ]
    )


class Cells:
    """Turns the rows of one table into frames, collecting what is wrong with them.

    problems: everything found so far. wrong: (row, column) of every cell found wrong, so that a
    later check does not call it blank as well. rows: rows seen.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.problems: list[Problem] = []
        self.wrong: set[tuple[int, str]] = set()
        self.rows = 0

    def frames(self, rows: Iterator[Mapping[str, Any]]) -> Iterator[pl.DataFrame]:
        """Frames of at most `ROWS_AT_ONCE` rows, in the order given."""
        while chunk := list(islice(rows, ROWS_AT_ONCE)):
            frame = pl.DataFrame(self._columns(chunk))
            self._refuse_control(frame)
            self.rows += len(chunk)
            yield frame

    def _columns(self, chunk: Sequence[Mapping[str, Any]]) -> list[pl.Series]:
        names = self.table.names
        try:
            picked = [list(map(itemgetter(name), chunk)) for name in names]
            if sum(map(len, chunk)) != len(chunk) * len(names):
                self._refuse_unknown(chunk)
        except KeyError:
            self._refuse_unknown(chunk)
            picked = [[row.get(name) for row in chunk] for name in names]
        return [
            self._column(column, cells)
            for column, cells in zip(self.table.columns, picked, strict=True)
        ]

    def _column(self, column: Column, cells: list[Any]) -> pl.Series:
        found = set(map(type, cells))
        found.discard(type(None))
        if not found <= _PYTHON[column.kind]:
            allowed = _PYTHON[column.kind]
            cells = [
                cell if cell is None or type(cell) in allowed else self._refuse(column, row, cell)
                for row, cell in enumerate(cells)
            ]
        if column.kind in ("integer", "amount"):
            return self._integers(column, cells)
        if column.kind == "decimal":
            cells = [self._decimal(column, row, cell) for row, cell in enumerate(cells)]
        elif column.kind == "datetime":
            cells = [self._moment(column, row, cell) for row, cell in enumerate(cells)]
        elif column.kind == "text":
            return self._texts(column, cells)
        return pl.Series(column.name, cells, dtype=_STORED[column.kind], strict=True)

    def _integers(self, column: Column, cells: list[Any]) -> pl.Series:
        try:
            series = pl.Series(column.name, cells, dtype=pl.Int64, strict=True)
            exact = bool(series.is_between(-AMOUNT_MAX, AMOUNT_MAX).all())
        except (TypeError, OverflowError, ValueError):
            exact = False
        if exact:
            return series
        kept = [
            cell
            if cell is None or -AMOUNT_MAX <= cell <= AMOUNT_MAX
            else self._refuse(column, row, cell, "release.too_large", limit=AMOUNT_MAX)
            for row, cell in enumerate(cells)
        ]
        return pl.Series(column.name, kept, dtype=pl.Int64, strict=True)

    def _texts(self, column: Column, cells: list[Any]) -> pl.Series:
        try:
            series = pl.Series(column.name, cells, dtype=pl.String, strict=True)
        except UnicodeEncodeError:
            kept = [
                cell if cell is None or _encodes(cell) else self._refuse_text(column, row, cell)
                for row, cell in enumerate(cells)
            ]
            series = pl.Series(column.name, kept, dtype=pl.String, strict=True)
        empty = series == ""
        return series.set(empty, None) if empty.any() else series

    def _decimal(self, column: Column, row: int, cell: Any) -> str | None:
        if cell is None:
            return None
        number = Decimal(cell)
        if not number.is_finite():
            self._refuse(column, row, cell)
            return None
        if number == 0:
            return "0"
        vast = number.adjusted() >= DECIMAL_DIGITS - DECIMAL_PLACES or number.adjusted() < -60
        text = "" if vast else decimal_text(number)
        if vast or len(text.partition(".")[2]) > DECIMAL_PLACES:
            self._refuse(column, row, cell, "release.decimal", places=DECIMAL_PLACES)
            return None
        return text

    def _moment(self, column: Column, row: int, cell: Any) -> str | None:
        if cell is None:
            return None
        if cell.tzinfo is not None and 1 < cell.year < 9999:
            return moment(cell)
        self._refuse(column, row, cell)
        return None

    def _refuse(
        self, column: Column, row: int, cell: Any, code: str = "release.kind", **details: Any
    ) -> Any:
        number = self.rows + row + 1
        self.wrong.add((number, column.name))
        details = details or {"expected": column.kind}
        where = at(self.table, number, column.name)
        self.problems.append(Problem(code, where, _shown(cell), details))
        return None

    def _refuse_text(self, column: Column, row: int, cell: str) -> Any:
        shown = cell.encode("utf-8", "backslashreplace").decode()
        return self._refuse(column, row, shown, "release.text")

    def _refuse_control(self, frame: pl.DataFrame) -> None:
        texts = [column for column in self.table.columns if column.kind == "text"]
        damaged = frame.select(pl.col(c.name).str.contains(CONTROL).any() for c in texts)
        for column in texts:
            if not damaged[column.name].item():
                continue
            rows = frame[column.name].str.contains(CONTROL).arg_true()
            for row in rows:
                self._refuse(column, row, repr(frame[column.name][row]), "release.text")

    def _refuse_unknown(self, chunk: Sequence[Mapping[str, Any]]) -> None:
        known = frozenset(self.table.names)
        for row, given in enumerate(chunk, start=self.rows + 1):
            for name in sorted(set(map(str, given)) - known):
                where = at(self.table, row, name)
                self.problems.append(Problem("release.column_unknown", where, name))


def at(table: Table, row: int, column: str = "") -> str:
    """How a problem names a cell: rows are counted from 1, a heading is not a row."""
    return f"{table.name} row {row}" + (f", {column}" if column else "")


def decimal_text(number: Decimal) -> str:
    """A decimal without an exponent or idle zeros, the same whichever database it came from.

    >>> decimal_text(Decimal("1.500")), decimal_text(Decimal("-0")), decimal_text(Decimal("1E3"))
    ('1.5', '0', '1000')
    """
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(cell: Any) -> str:
    if type(cell) is int and abs(cell) > 10**60:
        return f"about 10^{int(math.log10(abs(cell)))}"
    return str(cell)
