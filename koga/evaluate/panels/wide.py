"""A panel laid out unit by period: one row a unit, one column a period, blanks where unobserved."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koga.core.problems import ensure
from koga.evaluate.panels.panel import Panel

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

NEVER = float("inf")
"""The cohort of units that are never treated."""


@dataclass(frozen=True, slots=True)
class Wide:
    """Units by periods.

    outcome: [units, periods], NaN where there is no row.
    times: the periods in order.
    first: the cohort of each unit: its first treated period, `NEVER` for none.
    covariates: [units, periods, covariates].
    weight: of each unit, with mean 1; that of its first row where rows differ.
    cluster: number of each unit's cluster, from 0; the unit's own number where none is declared.
    clustered: whether clusters were declared.
    """

    outcome: Floats
    times: Whole
    first: Floats
    covariates: Floats
    weight: Floats
    cluster: Whole
    clustered: bool

    @property
    def units(self) -> int:
        """How many units."""
        return int(self.outcome.shape[0])

    @property
    def cohorts(self) -> Floats:
        """The treated cohorts in order."""
        return np.unique(self.first[np.isfinite(self.first)])

    @property
    def balanced(self) -> bool:
        """Whether every unit has a row in every period."""
        return not bool(np.isnan(self.outcome).any())

    def take(self, keep: NDArray[np.bool_]) -> "Wide":
        """Some of the units."""
        return Wide(
            self.outcome[keep],
            self.times,
            self.first[keep],
            self.covariates[keep],
            self.weight[keep] / self.weight[keep].mean(),
            np.unique(self.cluster[keep], return_inverse=True)[1].astype(np.int64),
            self.clustered,
        )


def of(panel: Panel) -> Wide:
    """A panel with units, periods and first treatment, laid out wide."""
    frame = panel.frame
    unit = frame["unit"].to_numpy().astype(np.int64)
    times, place = np.unique(frame["time"].to_numpy(), return_inverse=True)
    units = int(unit.max()) + 1
    ensure(units == frame["unit"].n_unique(), "units are numbered from 0 without gaps")

    def laid(column: str) -> Floats:
        grid = np.full((units, len(times)), np.nan)
        grid[unit, place] = frame[column].to_numpy()
        return grid

    _, row = np.unique(unit, return_index=True)
    names = panel.covariates
    covariates = np.empty((units, len(times), len(names)))
    for number, name in enumerate(names):
        covariates[:, :, number] = laid(name)
    first = frame["first"].to_numpy()[row] if "first" in frame.columns else np.full(units, NEVER)
    weight = frame["weight"].to_numpy()[row] if "weight" in frame.columns else np.ones(units)
    clustered = "cluster" in frame.columns
    cluster = frame["cluster"].to_numpy()[row] if clustered else np.arange(units)
    return Wide(
        laid("outcome"),
        times.astype(np.int64),
        first.astype(np.float64),
        covariates,
        weight / weight.mean(),
        cluster.astype(np.int64),
        clustered,
    )
