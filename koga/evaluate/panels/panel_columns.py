"""From text cells to typed columns of a panel; every cell that cannot be read is a problem."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from koga.core.problems import Problem
from koga.evaluate.panels.declaration import NEEDS, Declaration
from koga.evaluate.panels.tables import BLANKS, INFINITE, Table

if TYPE_CHECKING:
    import polars as pl

NAMED_MAX = 20
"""Cells of one column that are named one by one; the rest is counted."""
LARGEST = 1e100
"""Numbers beyond cannot be squared and summed; nothing measured is as large."""
NUMBERS = ("outcome", "score", "weights", "treated", "cutoff")
_WORDS = {"Q": 4, "H": 2, "M": 12}
_WRITTEN = r"^(\d{4})-?(Q[1-4]|H[12]|M?(?:0[1-9]|1[0-2]))$"


@dataclass(frozen=True, slots=True)
class Columns:
    """Typed columns of a table with what was wrong in them.

    frame: `row` and a column for every part that could be read.
    blank: per part, how many cells are blank.
    """

    frame: "pl.DataFrame"
    declared: Declaration
    problems: tuple[Problem, ...]
    period_names: Mapping[int, str] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    unit_names: tuple[str, ...] = ()


def read(table: Table, declared: Declaration) -> Columns:
    """Typed columns of the declared parts; problems of headings and of cells."""
    import polars as pl

    parts = declared.parts()
    problems = _of_headings(table, declared)
    found = [(part, name) for part, name in parts if name in table.headings]
    frame = pl.DataFrame({"row": range(1, table.frame.height + 1)}, schema={"row": pl.Int64})
    names: dict[int, str] = {}
    style = _style(table.frame[declared.time]) if declared.time in table.headings else ""
    for part, name in found:
        cells = table.frame[name]
        if part in ("time", "first_treated"):
            column, wrong = _periods(part, cells, style, names)
        elif part in NUMBERS or part.startswith("x"):
            column, wrong = _numbers(part, cells)
            if (declared.design, part) == ("survival", "outcome"):
                wrong.add("evaluate.negative_months", cells, (column < 0).fill_null(False))
        else:
            column, wrong = _words(part, cells)
        problems += _named(wrong, name)
        frame = frame.with_columns(column.alias(_short(part)))
    if table.frame.height == 0:
        problems.append(Problem("evaluate.no_rows", table.name))
    return Columns(frame, declared, tuple(problems), names)


def _short(part: str) -> str:
    return {"first_treated": "first", "weights": "weight", "rounds": "round"}.get(part, part)


def _of_headings(table: Table, declared: Declaration) -> list[Problem]:
    parts = declared.parts()
    problems = [
        Problem("evaluate.undeclared", declared.design, part)
        for part in NEEDS[declared.design]
        if part not in dict(parts)
    ]
    for part, name in parts:
        if name not in table.headings:
            near = difflib.get_close_matches(name, table.headings, n=3, cutoff=0.5)
            shown = ", ".join(near or table.headings[:12])
            problems.append(Problem("evaluate.no_column", part, name, {"expected": shown}))
        elif table.headings.count(name) > 1:
            problems.append(Problem("evaluate.column_twice", part, name))
    roles: dict[str, list[str]] = {}
    for part, name in parts:
        roles.setdefault(name, []).append(part)
    problems += [
        Problem("evaluate.two_parts", ", ".join(played), name)
        for name, played in roles.items()
        if len(played) > 1 and set(played) != {"unit", "cluster"}
    ]
    return problems


def _text(cells: "pl.Series") -> "pl.Series":
    import polars as pl

    if cells.dtype == pl.String:
        return cells.fill_null("").str.strip_chars()
    if cells.dtype == pl.Boolean:
        return cells.cast(pl.Int8).cast(pl.String).fill_null("")
    if cells.dtype.is_temporal():
        return cells.cast(pl.Date, strict=False).dt.strftime("%Y-%m").fill_null("")
    return cells.cast(pl.String).fill_null("")


def _blank(text: "pl.Series") -> "pl.Series":
    return text.str.to_lowercase().is_in(list(BLANKS))


def _numbers(part: str, cells: "pl.Series") -> tuple["pl.Series", "_Wrong"]:
    import polars as pl

    if cells.dtype.is_numeric() and not cells.dtype.is_decimal():
        values = cells.cast(pl.Float64).fill_nan(None)
        blank = values.is_null()
    else:
        text = _text(cells)
        blank = _blank(text)
        if part == "treated":
            text = text.str.to_lowercase().replace({"true": "1", "false": "0"})
        values = text.cast(pl.Float64, strict=False).fill_nan(None)
    wrong = _Wrong()
    wrong.add("evaluate.not_a_number", cells, values.is_null() & ~blank)
    wrong.add("evaluate.infinite", cells, values.is_infinite().fill_null(False))
    far = (values.abs() > LARGEST).fill_null(False) & values.is_finite().fill_null(False)
    wrong.add("evaluate.too_large", cells, far)
    if part == "treated":
        wrong.add("evaluate.not_binary", cells, ~values.is_in([0.0, 1.0]).fill_null(True))
    if part == "weights":
        wrong.add("evaluate.negative_weight", cells, (values < 0).fill_null(False))
    if part in ("weights", "treated", "score", "cutoff"):
        wrong.add("evaluate.blank", cells, blank)
    return values, wrong


def _words(part: str, cells: "pl.Series") -> tuple["pl.Series", "_Wrong"]:
    wrong = _Wrong()
    if cells.dtype.is_integer():
        wrong.add("evaluate.blank", cells, cells.is_null())
        return cells, wrong
    text = _text(cells)
    wrong.add("evaluate.blank", cells, _blank(text))
    return text, wrong


def _style(cells: "pl.Series") -> str:
    """How periods are written: "" for whole numbers, else Q, H or M for words."""
    if cells.dtype.is_numeric():
        return ""
    for cell in _text(cells).unique(maintain_order=True):
        if match := re.match(_WRITTEN, cell):
            kind = match[2][0]
            if len(cell) > 6 or "-" in cell:
                return kind if kind in "QH" else "M"
        elif cell and cell.lower() not in BLANKS:
            return ""
    return ""


def _periods(
    part: str, cells: "pl.Series", style: str, names: dict[int, str]
) -> tuple["pl.Series", "_Wrong"]:
    import polars as pl

    if cells.dtype.is_numeric() and not cells.dtype.is_decimal():
        number = cells.cast(pl.Float64).fill_nan(None)
        blank = number.is_null()
        endless = number.is_infinite().fill_null(False)
    else:
        text = _text(cells)
        blank = _blank(text)
        number = text.cast(pl.Float64, strict=False).fill_nan(None)
        endless = text.str.to_lowercase().is_in(list(INFINITE))
    never = blank | (number == 0).fill_null(False) | endless
    if style:
        text = _text(cells)
        values = _written(text, style)
        for name, value in pl.DataFrame({"n": text, "v": values}).unique().iter_rows():
            if value is not None:
                names[int(value)] = name
    else:
        values = number.set(number.is_infinite().fill_null(False), None)
        values = values.set((values != values.floor()).fill_null(False), None)
    wrong = _Wrong()
    if part == "first_treated":
        values = values.set(never, float("inf"))
        wrong.add("evaluate.not_a_period", cells, values.is_null())
        return values, wrong
    wrong.add("evaluate.blank", cells, blank)
    wrong.add("evaluate.not_a_period", cells, values.is_null() & ~blank)
    return values.cast(pl.Int64), wrong


def _written(text: "pl.Series", style: str) -> "pl.Series":
    import polars as pl

    per_year = _WORDS[style]
    mark = style if style in "QH" else "M?"
    pattern = rf"^(\d{{4}})-{mark}(\d{{1,2}})$"
    year = text.str.extract(pattern, 1).cast(pl.Float64, strict=False)
    part = text.str.extract(pattern, 2).cast(pl.Float64, strict=False)
    valid = (part >= 1) & (part <= per_year)
    return (year * per_year + part - 1).set(~valid.fill_null(False), None)


class _Wrong:
    """Cells of one column that cannot stand, by code."""

    def __init__(self) -> None:
        self.found: list[tuple[str, list[int], list[str]]] = []

    def add(self, code: str, cells: "pl.Series", where: "pl.Series") -> None:
        rows = where.arg_true()
        if len(rows):
            shown = cells.gather(rows.head(NAMED_MAX)).to_list()
            told = ["" if cell is None else str(cell) for cell in shown]
            self.found.append((code, rows.to_list(), told))


def _named(wrong: _Wrong, name: str) -> list[Problem]:
    problems = []
    for code, rows, cells in wrong.found:
        problems += [
            Problem(code, f"row {row + 1}, {name}", cell)
            for row, cell in zip(rows, cells, strict=False)
        ]
        if len(rows) > NAMED_MAX:
            more = len(rows) - NAMED_MAX
            problems.append(Problem("evaluate.more_cells", name, str(more), {"like": code}))
    return problems


def keep(columns: Columns) -> Columns:
    """The rows an estimator may use: blank outcomes and covariates out, units numbered."""
    import polars as pl

    frame, dropped = columns.frame, dict(columns.dropped)
    frame = _without(frame, "blank_outcome", pl.col("outcome").is_null(), dropped)
    covariates = [name for name in frame.columns if re.fullmatch(r"x\d+", name)]
    if covariates and columns.declared.design != "experiment":
        blank = pl.any_horizontal(pl.col(covariates).is_null())
        frame = _without(frame, "blank_covariate", blank, dropped)
    if "weight" in frame.columns:
        frame = _without(frame, "zero_weight", pl.col("weight") == 0, dropped)
    if "first" in frame.columns and frame.height:
        start, end = frame["time"].min(), frame["time"].max()
        late = frame.filter(pl.col("first").is_between(end, float("inf"), closed="none"))
        dropped["treated_after_the_end_counted_as_never"] = late["unit"].n_unique()
        later = pl.col("first") > end
        frame = frame.with_columns(
            pl.when(later).then(float("inf")).otherwise(pl.col("first")).alias("first")
        )
        dropped["units_treated_from_the_start"] = frame.filter(pl.col("first") <= start)[
            "unit"
        ].n_unique()
        frame = _without(frame, "treated_from_the_start", pl.col("first") <= start, dropped)
    names: tuple[str, ...] = ()
    if "unit" in frame.columns:
        frame, names = _numbered(frame, "unit")
    for part in ("cluster", "round"):
        if part in frame.columns:
            frame, _ = _numbered(frame, part)
    return Columns(
        frame,
        columns.declared,
        (),
        columns.period_names,
        {reason: count for reason, count in dropped.items() if count},
        names,
    )


def _without(
    frame: "pl.DataFrame", reason: str, gone: "pl.Expr", dropped: dict[str, int]
) -> "pl.DataFrame":
    left = frame.filter(~gone.fill_null(False))
    dropped[reason] = frame.height - left.height
    return left


def _numbered(frame: "pl.DataFrame", part: str) -> tuple["pl.DataFrame", tuple[str, ...]]:
    """The part's names replaced by numbers from 0, in the order of the sorted names."""
    import polars as pl

    names = frame[part].unique().sort()
    if names.dtype == pl.String and names.str.contains(r"^\d{1,15}$").all():
        names = names.gather(names.cast(pl.Int64).arg_sort())
    lookup = pl.DataFrame({part: names, "number": range(len(names))}, schema_overrides={
        "number": pl.Int64
    })  # fmt: skip
    joined = frame.join(lookup, on=part, how="left", maintain_order="left")
    return joined.with_columns(pl.col("number").alias(part)).drop("number"), tuple(
        names.cast(pl.String)
    )
