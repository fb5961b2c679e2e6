"""The treasury curve: par yields by maturity, discount factors, forward par yields, risk premium.

Quoted yields are taken as par yields of bonds with quarterly coupons (a quote with half-yearly
coupons differs by under two basis points at 4 %). Between quoted maturities they are interpolated
linearly, beyond the first and the last they stay level. Future yields are those the curve implies:
a bond refinanced at them costs, discounted, what it brings in.
"""

from typing import Any

import numpy as np

from koga.plan.model import QUARTERS_A_YEAR, Floats, Market


def par_yields(points: tuple[tuple[float, float], ...], quarters: int) -> Floats:
    """Par yield a year of every maturity from one quarter on.

    points: (maturity in years, yield a year), ordered by maturity.

    >>> par_yields(((1.0, 0.02), (2.0, 0.03)), 8).round(4).tolist()
    [0.02, 0.02, 0.02, 0.02, 0.0225, 0.025, 0.0275, 0.03]
    """
    years = np.arange(1, quarters + 1) / QUARTERS_A_YEAR
    found = np.interp(years, [at for at, _ in points], [rate for _, rate in points])
    return np.asarray(found, dtype=np.float64)


def discount_factors(yields: Floats) -> Floats:
    """Price today of one won after 0, 1, 2, … quarters, from par yields by quarter of maturity.

    A bond with coupons of a quarter of its par yield is worth its face:
    D(n) = (1 - c(n) x (D(1) + … + D(n-1))) / (1 + c(n)), c(n) = yield(n) / 4.

    >>> discount_factors(np.full(8, 0.04))[[0, 4, 8]].round(6).tolist()
    [1.0, 0.96098, 0.923483]
    """
    factors = np.ones(len(yields) + 1)
    annuity = 0.0
    for place, coupon in enumerate(yields / QUARTERS_A_YEAR, start=1):
        factors[place] = (1.0 - coupon * annuity) / (1.0 + coupon)
        annuity += factors[place]
    return factors


def treasury(market: Market, quarters: int) -> Floats:
    """Discount factors of the market's curve; of its one treasury rate where it has no curve."""
    points = market.curve or ((1.0, market.treasury_rate),)
    return discount_factors(par_yields(points, quarters))


def level(rate: float, quarters: int) -> Floats:
    """Discount factors of one yearly rate: (1 + rate) to the minus t years.

    >>> level(0.045, 4)[4].round(6).item()
    0.956938
    """
    years = np.arange(quarters + 1, dtype=np.float64) / QUARTERS_A_YEAR
    found: Floats = np.power(1.0 + rate, -years)
    return found


def forward_par(factors: Floats, start: Any, quarters: Any) -> Floats:
    """Par yields a year of bonds issued after `start` quarters, as the curve implies them.

    (D(start) - D(start + n)) / (D(start + 1) + … + D(start + n)), times four. Whole numbers or
    arrays of them.

    >>> forward_par(discount_factors(np.full(40, 0.04)), 8, np.array([4, 20])).round(12).tolist()
    [0.04, 0.04]
    """
    end = np.add(start, quarters)
    sums = np.cumsum(factors)
    found: Floats = QUARTERS_A_YEAR * (factors[start] - factors[end]) / (sums[end] - sums[start])
    return found


def price_of_risk(market: Market) -> float:
    """What the market pays for one deviation of its factor a year: premium over volatility."""
    return market.premium / market.volatility if market.volatility > 0 else 0.0


def innovations(market: Market, factors: Floats) -> Floats:
    """What is new in each year's market factor: standard normal, independent from year to year.

    factors: by path and year, F(t) = memory x F(t-1) + sqrt(1 - memory²) x e(t), F(0) = e(0).
    """
    fresh = np.array(factors, dtype=np.float64)
    memory = market.memory
    left = np.sqrt(1.0 - memory * memory)
    if left > 0:
        fresh[:, 1:] = (factors[:, 1:] - memory * factors[:, :-1]) / left
    else:
        fresh[:, 1:] = 0.0
    return fresh


def pricing_kernel(market: Market, factors: Floats) -> Floats:
    """By path and year, what a won in that year weighs once market risk is priced.

    The running product of exp(-p e(t) - p² / 2), p the price of risk: mean 1, above 1 where the
    market fell. Expectations weighed with it and discounted at treasury are fair values.
    """
    price = price_of_risk(market)
    steps = np.exp(-price * innovations(market, factors) - price * price / 2)
    found: Floats = np.multiply.accumulate(steps, axis=1)
    return found
