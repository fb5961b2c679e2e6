"""Weights on untreated units and earlier periods, start by start, and the effects they give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koga.evaluate.panels.wide import Floats

STEPS_FIRST, STEPS = 100, 10_000


@dataclass(frozen=True, slots=True)
class Synthetic:
    """An estimate. units, periods: weights on untreated units and on earlier periods."""

    effect: float
    units: Floats
    periods: Floats


@dataclass(frozen=True, slots=True)
class Laid:
    """outcome: [units, periods], the untreated first, then by start. starts: column by unit."""

    outcome: Floats
    untreated: int
    starts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Units whose support starts at one time.

    before: periods before it. rows: their places in the layout. weight: treated units times
    periods. fit: their estimate against the never treated.
    """

    before: int
    rows: slice
    weight: int
    fit: Synthetic

    @property
    def units(self) -> int:
        """How many."""
        return int(self.rows.stop - self.rows.start)


def cohorts_of(laid: Laid) -> list[Cohort]:
    """Every start estimated on its own, in order."""
    found, place = [], laid.untreated
    untreated, periods = laid.outcome[: laid.untreated], laid.outcome.shape[1]
    for before, count in zip(*np.unique(laid.starts, return_counts=True), strict=True):
        rows = slice(place, place + int(count))
        own = np.vstack([untreated, laid.outcome[rows]])
        fit = estimate(own, laid.untreated, int(before))
        found.append(Cohort(int(before), rows, int(count) * (periods - int(before)), fit))
        place = rows.stop
    return found


def average(cohorts: Sequence[Cohort]) -> float:
    """The effect by treated units and periods."""
    whole = sum(cohort.weight for cohort in cohorts)
    return sum(cohort.weight * cohort.fit.effect for cohort in cohorts) / whole


def estimate(outcome: Floats, untreated: int, before: int) -> Synthetic:
    """The effect on the rows after the first `untreated`, from column `before` on.

    outcome: [units, periods], untreated units first, treated periods last.
    """
    after = outcome.shape[1] - before
    treated = outcome.shape[0] - untreated
    noise = float(np.std(np.diff(outcome[:untreated, :before], axis=1), ddof=1))
    zeta_units = (treated * after) ** 0.25 * noise
    zeta_periods = 1e-6 * noise
    least = 1e-5 * noise
    top = outcome[:untreated]
    periods = _weights(
        np.column_stack([top[:, :before], top[:, before:].mean(axis=1)]), zeta_periods, least
    )
    left = outcome[:, :before]
    units = _weights(
        np.column_stack([left[:untreated].T, left[untreated:].mean(axis=0)]), zeta_units, least
    )
    by_unit = np.concatenate([-units, np.full(treated, 1 / treated)])
    by_period = np.concatenate([-periods, np.full(after, 1 / after)])
    return Synthetic(float(by_unit @ outcome @ by_period), units, periods)


def _weights(columns: Floats, zeta: float, least: float) -> Floats:
    """Weights of the first columns that sum to 1 and reproduce the last up to a level.

    By the authors' descent: a first run, small weights set to 0, a second run from the rest.
    """
    centred = columns - columns.mean(axis=0)
    count = columns.shape[1] - 1
    first = _frank_wolfe(centred, zeta, least, np.full(count, 1 / count), STEPS_FIRST)
    first[first <= first.max() / 4] = 0
    return _frank_wolfe(centred, zeta, least, first / first.sum(), STEPS)


def _frank_wolfe(centred: Floats, zeta: float, least: float, start: Floats, steps: int) -> Floats:
    from koga.evaluate.effects.frank_wolfe import descend

    columns = np.ascontiguousarray(centred.T)
    found: Floats = descend(columns, start.copy(), zeta, least, steps)
    return found
