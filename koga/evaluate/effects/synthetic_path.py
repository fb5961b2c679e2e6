"""Supported units against their synthetic control over time, and the weights it is made of."""

from collections.abc import Iterator, Sequence

from koga.evaluate.effects.synthetic import Cohort, Laid
from koga.evaluate.finding import PATH, SIDES, WEIGHTS, Estimate, Mark, Period


def of(laid: Laid, cohort: Cohort, periods: Sequence[Period | None]) -> Iterator[Estimate]:
    """Both means period by period, for support with one start.

    The synthetic control is moved as a whole so that both agree before support by the periods'
    weights: the mean gap since support is then the estimate. No period has an interval.
    """
    treated = laid.outcome[cohort.rows].mean(axis=0)
    other = cohort.fit.units @ laid.outcome[: laid.untreated]
    level = float(cohort.fit.periods @ (treated - other)[: cohort.before])
    for name, means in zip(SIDES, (treated, other + level), strict=True):
        for place, (period, mean) in enumerate(zip(periods, means.tolist(), strict=True)):
            yield Estimate(
                PATH, name, mean, None, None, None, cohort.units, time=period,
                event_time=place - cohort.before,
            )  # fmt: skip


def weights(heaviest: Sequence[tuple[str, float]]) -> Iterator[Mark]:
    """One mark a unit, the heaviest first; each rests on one unit, so no release carries it."""
    for place, (unit, weight) in enumerate(heaviest):
        yield Mark(WEIGHTS, unit, float(place), None, weight, None, None, 1)
