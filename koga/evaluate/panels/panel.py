"""Panels: a table with declared columns, checked once, in the names every estimator uses.

A panel is a Polars frame with the columns `row` (data row from 1), `unit`, `time`, `first`,
`outcome`, `treated`, `score`, `weight`, `cluster` as far as they are declared, and `x1`, `x2`, …
for the covariates. Every problem of a table is told at once.

The dating rule: a unit is treated from the first period named in its `first_treated` column on,
and stays treated. Never treated is a blank, 0 or inf there, and a period after the last one
observed. Units treated in the first period observed or before have no period before and are
left out and counted. Rows with a blank outcome are left out and counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koga.core.problems import Refusal
from koga.evaluate.finding import Period, Words
from koga.evaluate.panels import panel_checks, panel_columns, tables
from koga.evaluate.panels.declaration import Declaration

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Declaration", "Panel", "from_frame", "read"]

DATING = Words(
    "처치 시점 규칙: “{first}” 열에 적힌 첫 기간부터 처치된 것으로 보고 끝까지 처치 상태로 둡니다. "
    "빈칸, 0, inf와 마지막 기간보다 뒤의 값은 처치되지 않은 것으로 봅니다.",
    "Dating rule: a unit is treated from the period in the column “{first}” on and stays so. "
    "A blank, 0, inf or a period after the last observed one is never treated.",
)


@dataclass(frozen=True, slots=True)
class Panel:
    """A checked table, ready for an estimator.

    frame: the rows in use; columns as this module says.
    declared: which heading plays which part.
    source, sha256: the file's name and hash.
    rows_read: data rows of the file.
    dropped: rows or units left out, by reason.
    unit_names: the name of unit number n.
    scores: every score of the file (and its cutoff), rows without an outcome included.
    period_names: the written form of each period where periods are words, else empty.
    """

    frame: "pl.DataFrame"
    declared: Declaration
    source: str
    sha256: str
    rows_read: int
    dropped: Mapping[str, int]
    unit_names: tuple[str, ...] = ()
    period_names: Mapping[int, str] = field(default_factory=dict)
    scores: "pl.DataFrame | None" = None

    @property
    def covariates(self) -> list[str]:
        """The covariates' columns in the frame."""
        return [f"x{place + 1}" for place in range(len(self.declared.covariates))]

    def period(self, number: float | None) -> Period | None:
        """A period as it was written."""
        if number is None:
            return None
        return self.period_names.get(int(number), int(number))

    def facts(self) -> dict[str, Any]:
        """What a finding says of its rows: columns, counts, hash, dating rule."""
        frame, known = self.frame, set(self.frame.columns)
        told: dict[str, Any] = {
            "source": self.source,
            "sha256": self.sha256,
            "columns": self.declared.as_json(),
            "rows": {"read": self.rows_read, "used": frame.height, "dropped": dict(self.dropped)},
        }
        if "unit" in known:
            told["units"] = frame["unit"].n_unique()
        if "time" in known:
            told["periods"] = [self.period(time) for time in sorted(frame["time"].unique())]
        if "first" in known:
            told["cohorts"] = self._cohorts()
            told["dating_rule"] = Words(
                DATING.ko.format(first=self.declared.first_treated),
                DATING.en.format(first=self.declared.first_treated),
            ).as_json()
        return told

    def _cohorts(self) -> list[dict[str, Any]]:
        sizes = self.frame.group_by("first").agg(units=_n_unique("unit")).sort("first")
        return [
            {"first": None if first == float("inf") else self.period(first), "units": units}
            for first, units in sizes.iter_rows()
        ]


def _n_unique(column: str) -> "pl.Expr":
    import polars as pl

    return pl.col(column).n_unique()


def read(path: Path | str, declared: Declaration) -> Panel:
    """Read a CSV or Parquet file as a panel; a `Refusal` carries every problem found."""
    return from_table(tables.read(Path(path)), declared)


def from_frame(frame: "pl.DataFrame", declared: Declaration, *, name: str = "frame") -> Panel:
    """A panel of a Polars frame; a `Refusal` carries every problem found."""
    return from_table(tables.from_frame(frame, name), declared)


def from_table(table: tables.Table, declared: Declaration) -> Panel:
    """A panel of a table as read; a `Refusal` carries every problem found."""
    columns = panel_columns.read(table, declared)
    problems = list(columns.problems)
    problems += panel_checks.of_rows(columns)
    if problems:
        raise Refusal(problems)
    kept = panel_columns.keep(columns)
    problems = panel_checks.of_design(kept)
    if problems:
        raise Refusal(problems)
    return Panel(
        frame=kept.frame,
        declared=declared,
        source=table.name,
        sha256=table.sha256,
        rows_read=table.frame.height,
        dropped=kept.dropped,
        unit_names=kept.unit_names,
        period_names=kept.period_names,
        scores=_scores(columns.frame) if declared.design == "rd" else None,
    )


def _scores(frame: "pl.DataFrame") -> "pl.DataFrame":
    return frame.select(name for name in ("score", "cutoff") if name in frame.columns)
