"""How bad it can get: expected and unexpected loss, value at risk, expected shortfall.

All of them are of a cost: larger is worse. Each comes with its Monte Carlo error, also where paths
were drawn from a shifted law and carry weights (likelihood ratios, mean 1). Means are then divided
by the weights' sum; tails, for which paths are shifted, by the number of paths, as the weights of
the paths that matter are small and those of the others large and noisy.

Value at risk at 99 %: the cost that one path in a hundred exceeds. Expected shortfall: the mean
cost of the worst hundredth, by Acerbi and Tasche (2002) also where many paths cost the same:
ES = q + E[(x - q)+] / (1 - level). Unexpected loss is the standard deviation.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from koga.core.problems import ensure
from koga.plan import spread
from koga.plan.model import Counts, Floats
from koga.plan.outcome import Outcome

LEVELS = (0.95, 0.99, 0.995)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number and its Monte Carlo standard error; NaN where it cannot be told."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Risk:
    """The risk of one cost.

    at_risk, shortfall: by level. effective: by level, how many equally weighed paths the tail from
    the quantile on is worth. paths: defined ones.
    """

    expected: Measured
    unexpected: Measured
    at_risk: Mapping[float, Measured]
    shortfall: Mapping[float, Measured]
    effective: Mapping[float, float]
    paths: int


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A sample in ascending order with its weights; above: of the weights, what lies beyond each,
    as a share of the number of paths; law: which law each path was drawn from."""

    values: Floats
    weights: Floats
    above: Floats
    law: Counts

    def quantile(self, beyond: float) -> float:
        """The smallest value that no more than this share of the paths exceeds."""
        place = int(np.searchsorted(-self.above, -(beyond + 1e-12)))
        return float(self.values[min(place, self.values.size - 1)])

    def tail_mean(self, terms: Floats) -> tuple[float, float]:
        """Mean over all paths of something that lives in the tail, and its standard error."""
        return spread.by_law(self.weights * terms, self.law)


def of(
    values: Floats,
    weights: Floats,
    levels: tuple[float, ...] = LEVELS,
    *,
    law: Counts | None = None,
) -> Risk:
    """The risk of a cost by path; paths where it is NaN are left out and counted.

    law: which law of a mixture each path was drawn from, for the errors of tails.

    >>> found = of(np.arange(1.0, 101.0), np.ones(100), (0.95,))
    >>> found.expected.value, found.at_risk[0.95].value, round(found.shortfall[0.95].value, 9)
    (50.5, 95.0, 98.0)
    """
    ensure(all(0 < level < 1 for level in levels), "a level lies between 0 and 1")
    known = np.isfinite(values)
    law = np.zeros(values.size, dtype=np.int64) if law is None else law
    drawn = _sorted(values[known], weights[known], law[known])
    if drawn is None:
        none = Measured(math.nan, math.nan)
        empty = dict.fromkeys(levels, none)
        return Risk(none, none, empty, empty, dict.fromkeys(levels, 0.0), 0)
    return Risk(
        expected=Measured(*_mean(drawn, drawn.values)),
        unexpected=_unexpected(drawn),
        at_risk={level: _at_risk(drawn, level) for level in levels},
        shortfall={level: _shortfall(drawn, level) for level in levels},
        effective={level: _effective(drawn, level) for level in levels},
        paths=drawn.values.size,
    )


def _effective(drawn: _Sorted, level: float) -> float:
    return spread.effective(drawn.weights[drawn.values >= drawn.quantile(1 - level)])


def _sorted(values: Floats, weights: Floats, law: Counts) -> _Sorted | None:
    if not values.size or float(weights.sum()) <= 0:
        return None
    order = np.argsort(values, kind="stable")
    sorted_weights = weights[order]
    above = np.zeros(values.size)
    above[:-1] = np.cumsum(sorted_weights[:0:-1])[::-1] / values.size
    return _Sorted(values[order], sorted_weights, above, law[order])


def _mean(drawn: _Sorted, terms: Floats) -> tuple[float, float]:
    """Ratio estimate of a mean, and its standard error."""
    parts = drawn.weights / drawn.weights.sum()
    mean = float(parts @ terms)
    count = terms.size
    if count < 2:
        return mean, math.nan
    apart = parts * (terms - mean)
    return mean, math.sqrt(float((apart * apart).sum()) * count / (count - 1))


def _unexpected(drawn: _Sorted) -> Measured:
    apart = drawn.values - _mean(drawn, drawn.values)[0]
    variance, error = _mean(drawn, apart * apart)
    deviation = math.sqrt(variance)
    return Measured(deviation, error / (2 * deviation)) if deviation > 0 else Measured(0.0, 0.0)


def _at_risk(drawn: _Sorted, level: float) -> Measured:
    """The quantile; its error from the spread of levels one error around it (Woodruff, 1952)."""
    beyond = 1 - level
    value = drawn.quantile(beyond)
    _, margin = drawn.tail_mean((drawn.values > value).astype(np.float64))
    if math.isnan(margin):
        return Measured(value, math.nan)
    high, low = drawn.quantile(max(0.0, beyond - margin)), drawn.quantile(beyond + margin)
    return Measured(value, (high - low) / 2)


def _shortfall(drawn: _Sorted, level: float) -> Measured:
    value = drawn.quantile(1 - level)
    mean, error = drawn.tail_mean(np.maximum(drawn.values - value, 0.0))
    return Measured(value + mean / (1 - level), error / (1 - level))


@dataclass(frozen=True, slots=True)
class Row:
    """The risk of one figure in one fiscal year; year 0 is the whole horizon."""

    name: str
    year: int
    risk: Risk


def table(
    outcome: Outcome, *, first_year: int, series: str, lifetime: str, law: Counts | None = None
) -> Iterator[Row]:
    """Risk by fiscal year and over the horizon, such as `budget.net` and `cost.lifetime`."""
    values = outcome.series[series]
    for place in range(values.shape[1]):
        found = of(np.ascontiguousarray(values[:, place]), outcome.weights, law=law)
        yield Row(series, first_year + place, found)
    yield Row(lifetime, 0, of(outcome.measures[lifetime], outcome.weights, law=law))
