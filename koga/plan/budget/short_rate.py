"""How far treasury yields have moved from the curve by a year of a path (Vasicek, 1977).

The one-year yield of year t lies x(t) above the one today's curve implies for it, x(0) = 0 and

    x(t) = m x(t-1) + v e(t),  e independent standard normal,

with v the scheme's `market.rate_volatility` and m its `market.rate_memory`. After t years its
variance is v² (1 - m^2t) / (1 - m²); a rate without end forgets where it was. A bond of n years
yields the mean of the one-year yields expected over its life, so it moves by

    x(t) (1 + m + … + m^(n-1)) / n

and long bonds move less. Years in between are drawn out with a real exponent. Yields have no price
of risk of their own and do not move with the stock market. Nothing is drawn where v is 0.
"""

from typing import Any

import numpy as np

from koga.plan.model import QUARTERS_A_YEAR, Floats, Market
from koga.plan.programmes import path_draws


def moved(market: Market, *, seed: int, first: int, paths: int, years: int) -> Floats:
    """x(t) by path and year, a pure function of (seed, path): the same path meets the same draws
    in every scheme. One row of zeros, for all paths, where rates stay."""
    if market.rate_volatility <= 0.0:
        return np.zeros((1, years))
    steps = path_draws.normals(seed, first, paths, "short rate", max(years - 1, 0))
    found = np.zeros((paths, years))
    for year in range(1, years):
        step = market.rate_volatility * steps[:, year - 1]
        found[:, year] = market.rate_memory * found[:, year - 1] + step
    return found


def deviation(market: Market, years: int) -> float:
    """The standard deviation of x after so many years, in closed form.

    >>> from koga.plan.model import Market
    >>> rates = Market(0.2, 0.05, 0.0, 0.03, 0.045, 0.02, (), 0.01, 1.0)
    >>> deviation(rates, 0), round(deviation(rates, 4), 12)
    (0.0, 0.02)
    """
    memory = market.rate_memory
    if memory >= 1.0:
        return market.rate_volatility * float(np.sqrt(years))
    variance = (1.0 - memory ** (2 * years)) / (1.0 - memory * memory)
    return market.rate_volatility * float(np.sqrt(variance))


def loading(market: Market, quarters: Any) -> Floats:
    """By how much a yield over so many quarters moves when the one-year yield moves by one.

    >>> from koga.plan.model import Market
    >>> rates = Market(0.2, 0.05, 0.0, 0.03, 0.045, 0.02, (), 0.01, 0.5)
    >>> loading(rates, np.array([1, 4, 8, 40])).round(4).tolist()
    [1.0, 1.0, 0.75, 0.1998]
    """
    memory = market.rate_memory
    years = np.maximum(np.asarray(quarters, dtype=np.float64) / QUARTERS_A_YEAR, 1.0)
    if memory >= 1.0:
        return np.ones_like(years)
    found: Floats = (1.0 - memory**years) / (years * (1.0 - memory))
    return found
