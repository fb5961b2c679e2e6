"""Forecasts against what happened: was the band as wide as it said, was the middle in the middle?

Each forecast keeps the year it was made in (its vintage). For every figure known since, the share
of simulated paths below what happened (the probability integral transform, PIT) says where in the
fan it fell: over many figures the shares spread evenly between 0 and 1 where forecasts were right,
pile up at both ends where bands were too narrow, at one end where the middle was off (Dawid, 1984).
Years of one forecast move together, so many rows may hold few independent tests.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from koga.core.problems import ensure
from koga.plan.model import Floats
from koga.plan.outcome import Outcome

BAND = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Forecast:
    """A simulation and the fiscal year it was made in. first_year: of its series."""

    vintage: int
    first_year: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """One figure forecast and known. low, high: ends of the 90 % band. pit: between 0 and 1."""

    vintage: int
    series: str
    year: int
    actual: float
    low: float
    median: float
    high: float
    pit: float

    @property
    def inside(self) -> bool:
        """Whether what happened lies in the band."""
        return self.low <= self.actual <= self.high


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the band held. rows: figures compared; inside: of them, in the band.

    share: inside / rows, NaN where there is none. low, high: 95 % interval of the share were rows
    independent (Wilson, 1927); bands are off where it leaves out `wanted`. below, above: rows
    under and over the band.
    """

    rows: int
    inside: int
    share: float
    low: float
    high: float
    below: int
    above: int
    wanted: float = BAND[1] - BAND[0]

    @property
    def held(self) -> bool | None:
        """Whether the share found is what was promised; None where nothing was compared."""
        return self.low <= self.wanted <= self.high if self.rows else None


@dataclass(frozen=True, slots=True)
class Backtest:
    """All rows, the coverage over all of them and by vintage, and how even the PIT values are.

    histogram: rows in each tenth of PIT. distance: the largest gap between the share of rows at or
    below a PIT value and that value (Kolmogorov), NaN without rows.
    """

    rows: tuple[Row, ...]
    coverage: Coverage
    by_vintage: Mapping[int, Coverage]
    histogram: tuple[int, ...]
    distance: float


def pit(values: Floats, weights: Floats, actual: float) -> float:
    """Share of the paths below what happened, paths equal to it counted half.

    >>> pit(np.array([1.0, 2.0, 2.0, 3.0]), np.ones(4), 2.0)
    0.5
    """
    whole = float(weights.sum())
    ensure(whole > 0, "no paths")
    below = float(weights[values < actual].sum())
    equal = float(weights[values == actual].sum())
    return (below + equal / 2) / whole


def backtest(forecasts: Iterable[Forecast], actuals: Mapping[str, Mapping[int, float]]) -> Backtest:
    """Compare forecasts with what the books say since.

    actuals: by name of a series and fiscal year. Only years from the vintage on count: what was
    known when a forecast was made is no test of it. Figures a forecast lacks are left out.
    """
    rows = tuple(row for forecast in forecasts for row in _rows(forecast, actuals))
    vintages = sorted({row.vintage for row in rows})
    pits = np.sort(np.array([row.pit for row in rows]))
    tenths, _ = np.histogram(pits, bins=np.linspace(0, 1, 11))
    return Backtest(
        rows=rows,
        coverage=coverage(rows),
        by_vintage={one: coverage([row for row in rows if row.vintage == one]) for one in vintages},
        histogram=tuple(int(count) for count in tenths),
        distance=_distance(pits),
    )


def _rows(forecast: Forecast, actuals: Mapping[str, Mapping[int, float]]) -> Iterable[Row]:
    outcome = forecast.outcome
    for name, by_year in actuals.items():
        if name not in outcome.series:
            continue
        for year, actual in sorted(by_year.items()):
            place = year - forecast.first_year
            if year >= forecast.vintage and 0 <= place < outcome.series[name].shape[1]:
                values = np.ascontiguousarray(outcome.series[name][:, place])
                ends = _quantiles(values, outcome.weights)
                share = pit(values, outcome.weights, actual)
                yield Row(forecast.vintage, name, year, actual, *ends, share)


def _quantiles(values: Floats, weights: Floats) -> tuple[float, float, float]:
    from koga.plan import spread

    found = spread.of(values, weights)
    return found.quantiles[0], found.quantiles[2], found.quantiles[-1]


def coverage(rows: Iterable[Row]) -> Coverage:
    """How often the band held over some rows."""
    listed = list(rows)
    count = len(listed)
    inside = sum(row.inside for row in listed)
    below = sum(row.actual < row.low for row in listed)
    share = inside / count if count else math.nan
    low, high = _wilson(inside, count)
    return Coverage(count, inside, share, low, high, below, count - inside - below)


def _wilson(hits: int, count: int) -> tuple[float, float]:
    """95 % interval of a share."""
    if not count:
        return math.nan, math.nan
    z = 1.959963984540054
    share = hits / count
    middle = share + z * z / (2 * count)
    reach = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return (middle - reach) / scale, (middle + reach) / scale


def _distance(pits: Floats) -> float:
    count = pits.size
    if not count:
        return math.nan
    steps = np.arange(1, count + 1) / count
    return float(np.maximum(steps - pits, pits - steps + 1 / count).max())
