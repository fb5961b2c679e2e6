"""How bad it can get: expected and unexpected loss, value at risk, expected shortfall.

All of them are of a cost: larger is worse. Each comes with its Monte Carlo error, also where paths
were drawn from a shifted law and carry weights (likelihood ratios); everything is then weighed, and
divided by the weights' sum.

Value at risk at 99 %: the cost that one path in a hundred exceeds. Expected shortfall: the mean
cost of the worst hundredth, by Acerbi and Tasche (2002) also where many paths cost the same:
ES = q + E[(x - q)+] / (1 - level). Unexpected loss is the standard deviation.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from koga.core.problems import ensure
from koga.plan.model import Floats
from koga.plan.outcome import Outcome

LEVELS = (0.95, 0.99, 0.995)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number and its Monte Carlo standard error; NaN where it cannot be told."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Risk:
    """The risk of one cost. at_risk, shortfall: by level. paths: defined ones."""

    expected: Measured
    unexpected: Measured
    at_risk: Mapping[float, Measured]
    shortfall: Mapping[float, Measured]
    paths: int


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A weighted sample in ascending order; weights sum to 1, reached is their running sum."""

    values: Floats
    weights: Floats
    reached: Floats

    def quantile(self, level: float) -> float:
        """The smallest value whose running weight reaches the level."""
        level = min(max(level, 0.0), 1.0)
        place = int(np.searchsorted(self.reached, level * (1 - 1e-12)))
        return float(self.values[min(place, self.values.size - 1)])


def of(values: Floats, weights: Floats, levels: tuple[float, ...] = LEVELS) -> Risk:
    """The risk of a cost by path; paths where it is NaN are left out and counted.

    >>> found = of(np.arange(1.0, 101.0), np.ones(100), (0.95,))
    >>> found.expected.value, found.at_risk[0.95].value, round(found.shortfall[0.95].value, 9)
    (50.5, 95.0, 98.0)
    """
    ensure(all(0 < level < 1 for level in levels), "a level lies between 0 and 1")
    known = np.isfinite(values)
    drawn = _sorted(values[known], weights[known])
    if drawn is None:
        none = Measured(math.nan, math.nan)
        return Risk(none, none, dict.fromkeys(levels, none), dict.fromkeys(levels, none), 0)
    return Risk(
        expected=_expected(drawn),
        unexpected=_unexpected(drawn),
        at_risk={level: _at_risk(drawn, level) for level in levels},
        shortfall={level: _shortfall(drawn, level) for level in levels},
        paths=drawn.values.size,
    )


def _sorted(values: Floats, weights: Floats) -> _Sorted | None:
    whole = float(weights.sum())
    if not values.size or whole <= 0:
        return None
    order = np.argsort(values, kind="stable")
    parts = weights[order] / whole
    return _Sorted(values[order], parts, np.cumsum(parts))


def _error(drawn: _Sorted, influence: Floats) -> float:
    """Standard error of a mean from what each path adds to it, centred at its own mean."""
    count = drawn.values.size
    if count < 2:
        return math.nan
    apart = drawn.weights * influence
    return math.sqrt(float((apart * apart).sum()) * count / (count - 1))


def _expected(drawn: _Sorted) -> Measured:
    mean = float(drawn.weights @ drawn.values)
    return Measured(mean, _error(drawn, drawn.values - mean))


def _unexpected(drawn: _Sorted) -> Measured:
    apart = drawn.values - float(drawn.weights @ drawn.values)
    variance = float(drawn.weights @ (apart * apart))
    deviation = math.sqrt(variance)
    if deviation == 0:
        return Measured(0.0, 0.0)
    return Measured(deviation, _error(drawn, apart * apart - variance) / (2 * deviation))


def _at_risk(drawn: _Sorted, level: float) -> Measured:
    """The quantile; its error from the spread of levels one error around it (Woodruff, 1952)."""
    value = drawn.quantile(level)
    above = (drawn.values > value).astype(np.float64)
    margin = _error(drawn, above - float(drawn.weights @ above))
    if math.isnan(margin):
        return Measured(value, math.nan)
    low, high = drawn.quantile(level - margin), drawn.quantile(level + margin)
    return Measured(value, (high - low) / 2)


def _shortfall(drawn: _Sorted, level: float) -> Measured:
    value = drawn.quantile(level)
    over = np.maximum(drawn.values - value, 0.0)
    mean = float(drawn.weights @ over)
    found = value + mean / (1 - level)
    return Measured(found, _error(drawn, over - mean) / (1 - level))


@dataclass(frozen=True, slots=True)
class Row:
    """The risk of one figure in one fiscal year; year 0 is the whole horizon."""

    name: str
    year: int
    risk: Risk


def table(outcome: Outcome, *, first_year: int, series: str, lifetime: str) -> Iterator[Row]:
    """Risk by fiscal year and over the horizon, such as `budget.net` and `cost.lifetime`."""
    values = outcome.series[series]
    for place in range(values.shape[1]):
        found = of(np.ascontiguousarray(values[:, place]), outcome.weights)
        yield Row(series, first_year + place, found)
    yield Row(lifetime, 0, of(outcome.measures[lifetime], outcome.weights))
