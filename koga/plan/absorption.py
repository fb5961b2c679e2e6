"""Whether the market takes a fund's equity in: its size by year, and what flooding does to prices.

With other money of the market M and the fund's equity E in a year, entry prices are taken to rise
by (1 + E / M) ** elasticity; what was bought at a higher price returns a lower multiple, so its
factor is the inverse. That inflows raise the valuations of venture deals: Gompers and Lerner,
Money chasing deals?, Journal of Financial Economics 55 (2000) 281-325. How much is an assumption
of the scheme. Only planned money counts: the price of a year does not depend on the path.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from koga.plan.model import QUARTERS_A_YEAR, Floats
from koga.plan.schemes.shape import Scheme

_TABLE = "equity_market"


@dataclass(frozen=True, slots=True)
class EquityMarket:
    """Money invested in shares of unlisted firms a year, without the fund.

    year: it was measured in. size_won: a year. growth: a year. elasticity: of entry prices to
    money in the market.
    """

    year: int
    size_won: float
    growth: float
    elasticity: float

    def size_in(self, year: int) -> float:
        """Its size in a year, won.

        >>> EquityMarket(2025, 100.0, 0.1, 0.2).size_in(2027)
        121.00000000000001
        """
        grown: float = self.size_won * (1 + self.growth) ** (year - self.year)
        return grown

    def factor(self, equity_won: float, year: int) -> float:
        """What multiples are multiplied with when so much equity comes on top in a year.

        >>> EquityMarket(2025, 100.0, 0.0, 1.0).factor(100.0, 2025)
        0.5
        """
        flooded = 1 + max(0.0, equity_won) / self.size_in(year)
        return float(flooded**-self.elasticity)


def market(scheme: Scheme) -> EquityMarket | None:
    """The market a scheme describes in `[equity_market]`; None where it does not."""
    if f"{_TABLE}.year" not in scheme.leaves or f"{_TABLE}.size" not in scheme.leaves:
        return None

    def said(key: str) -> float:
        path = f"{_TABLE}.{key}"
        return float(scheme.number(path)) if path in scheme.leaves else 0.0

    return EquityMarket(int(said("year")), said("size"), said("growth"), said("elasticity"))


def entry_factors(scheme: Scheme, *, first_year: int, equity_won: Sequence[float]) -> Floats:
    """The factor of each vintage quarter for `Model.entry_factors`; empty without a market.

    equity_won: planned new money in equity by vintage quarter, all lines and sectors together.
    Quarters of one year share one factor: the market's size is known by year.
    """
    found = market(scheme)
    if found is None:
        return np.ones(0)
    quarters = len(equity_won)
    by_year = [
        sum(equity_won[start : start + QUARTERS_A_YEAR])
        for start in range(0, quarters, QUARTERS_A_YEAR)
    ]
    factors = [found.factor(won, first_year + place) for place, won in enumerate(by_year)]
    return np.repeat(np.asarray(factors), QUARTERS_A_YEAR)[:quarters]
