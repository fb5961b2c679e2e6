"""Errors of synthetic difference-in-differences, by placebos or by leaving units out.

Placebos (their algorithm 4): untreated units are taken as treated at the same starts, drawn with a
declared seed; the error is the deviation of what comes out. They need more untreated units than
treated ones. Jackknife (their algorithm 3): each unit left out in turn, weights kept and scaled
up; it needs two treated units at every start and errs on the large side.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from koga.core.problems import Problem, Refusal
from koga.evaluate.effects.synthetic import Cohort, Laid, average, cohorts_of
from koga.evaluate.panels.wide import Floats

Error = Literal["placebo", "jackknife"]
SEED, DRAWS = 20_250_306, 200
Progress = Callable[[str, int], None] | None


@dataclass(frozen=True, slots=True)
class Errors:
    """se: of the average. by_cohort: of every start. placebos: effects where there is none."""

    se: float
    by_cohort: tuple[float, ...]
    placebos: Floats


def of(
    laid: Laid,
    cohorts: Sequence[Cohort],
    *,
    error: Error,
    draws: int,
    seed: int,
    progress: Progress = None,
) -> Errors:
    """The errors; a `Refusal` where there are too few units for them."""
    if error == "jackknife":
        return _jackknife(laid, cohorts)
    treated = len(laid.starts)
    if laid.untreated <= treated:
        details = {"treated": treated, "least": treated + 1}
        raise Refusal(Problem("evaluate.few_controls", "treated", str(laid.untreated), details))
    if draws == 0 and treated > 1:
        expected = "2 … (--placebos 0: one treated unit)"
        raise Refusal(Problem("evaluate.option", "--placebos", "0", {"expected": expected}))
    if draws == 1:
        raise Refusal(Problem("evaluate.option", "--placebos", "1", {"expected": "0, 2 …"}))
    return _placebos(laid, draws, seed, progress)


def _placebos(laid: Laid, draws: int, seed: int, progress: Progress) -> Errors:
    untreated, treated = laid.untreated, len(laid.starts)
    generator = np.random.default_rng(seed)
    rounds = untreated if draws == 0 else draws
    kinds = len(np.unique(laid.starts))
    found, parts = np.empty(rounds), np.empty((rounds, kinds))
    for draw in range(rounds):
        order = np.roll(np.arange(untreated), -draw - 1)
        chosen = order if draws == 0 else generator.permutation(untreated)
        made = cohorts_of(Laid(laid.outcome[chosen], untreated - treated, laid.starts))
        found[draw] = average(made)
        parts[draw] = [cohort.fit.effect for cohort in made]
        if progress:
            progress("placebo", 1)
    by_cohort = tuple(parts.std(axis=0).tolist())
    return Errors(float(found.std()), by_cohort, found)


def _jackknife(laid: Laid, cohorts: Sequence[Cohort]) -> Errors:
    """Leaving out a unit with all the weight, or the only one of a start, leaves nothing."""
    fewest = min(cohort.units for cohort in cohorts)
    if fewest < 2:
        raise Refusal(Problem("evaluate.jackknife", "--error", str(fewest)))
    if any(np.count_nonzero(cohort.fit.units) < 2 for cohort in cohorts):
        raise Refusal(Problem("evaluate.jackknife", "--error", "1"))
    units = len(laid.outcome)
    effects = np.empty((units, len(cohorts)))
    weights = np.empty((units, len(cohorts)))
    for out in range(units):
        for place, cohort in enumerate(cohorts):
            effects[out, place], weights[out, place] = _without(laid, cohort, out)
    whole = (effects * weights).sum(axis=1) / weights.sum(axis=1)
    se = _spread(whole)
    by_cohort = [
        _spread(np.delete(effects[:, place], _others(cohorts, place)))
        for place in range(len(cohorts))
    ]
    return Errors(se, tuple(by_cohort), np.empty(0))


def _others(cohorts: Sequence[Cohort], place: int) -> list[int]:
    """Rows of the other starts, which a start of its own does not rest on."""
    return [
        row
        for number, cohort in enumerate(cohorts)
        if number != place
        for row in range(cohort.rows.start, cohort.rows.stop)
    ]


def _spread(values: Floats) -> float:
    count = len(values)
    return float(np.sqrt((count - 1) / count * np.sum((values - values.mean()) ** 2)))


def _without(laid: Laid, cohort: Cohort, out: int) -> tuple[float, int]:
    """A start's effect without a unit, its weights kept; and its treated units times periods."""
    units = cohort.fit.units.copy()
    rows = np.arange(cohort.rows.start, cohort.rows.stop)
    if out < laid.untreated:
        units[out] = 0.0
        units /= units.sum()
    rows = rows[rows != out]
    after = laid.outcome.shape[1] - cohort.before
    by_period = np.concatenate([-cohort.fit.periods, np.full(after, 1 / after)])
    gap = laid.outcome[rows].mean(axis=0) - units @ laid.outcome[: laid.untreated]
    return float(gap @ by_period), len(rows) * after
