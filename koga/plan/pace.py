"""When money goes out: commitments of a year by quarter, call lag, limits of a year, deals.

Commitments of a year are made evenly over its quarters and called `lag` later; a lag that is no
whole quarter falls on the two quarters beside it. Where a limit on a fiscal year's cash binds,
what exceeds it waits for the next year. Deals come whole: a sector that makes fewer than one deal a
quarter makes them in some quarters of the year, with the year's money.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from koga.plan.model import QUARTERS_A_YEAR, Counts, Floats

WAIT_YEARS = 20
"""How long money may wait for a limit; what waits longer is not put in."""


def by_quarter(years: Mapping[int, float], *, first_year: int, lag_years: float) -> Floats:
    """Won by quarter from the first year on; sums to the years' won.

    >>> by_quarter({2026: 8.0}, first_year=2026, lag_years=0.25).tolist()
    [0.0, 2.0, 2.0, 2.0, 2.0, 0.0]
    """
    lag = lag_years * QUARTERS_A_YEAR
    whole, part = math.floor(lag), lag - math.floor(lag)
    last = (max(years) + 1 - first_year) * QUARTERS_A_YEAR
    paced = np.zeros(last + whole + 1)
    for year, won in years.items():
        for quarter in range(QUARTERS_A_YEAR):
            at = (year - first_year) * QUARTERS_A_YEAR + quarter + whole
            paced[at] += won / QUARTERS_A_YEAR * (1 - part)
            paced[at + 1] += won / QUARTERS_A_YEAR * part
    return paced


def within_limits(
    called: Floats, limits: Sequence[tuple[Floats, Mapping[int, float]]], first_year: int
) -> Floats:
    """Won by vehicle and quarter with every year's cash within its limits.

    limits: what part of each vehicle's calls counts, and the limit by year. A year that exceeds a
    limit is scaled down, vehicle by vehicle as far as its limits ask; the rest waits.
    """
    years = -(-called.shape[1] // QUARTERS_A_YEAR)
    kept = np.zeros((called.shape[0], (years + WAIT_YEARS) * QUARTERS_A_YEAR))
    kept[:, : called.shape[1]] = called
    if not limits:
        return kept[:, : called.shape[1]]
    for year in range(years + WAIT_YEARS):
        block = slice(year * QUARTERS_A_YEAR, (year + 1) * QUARTERS_A_YEAR)
        need = kept[:, block].sum(axis=1)
        ratio = np.ones(len(need))
        for counts, by_year in limits:
            limit = by_year.get(first_year + year, math.inf)
            used = float(need @ counts)
            if used > limit:
                ratio = np.where(counts > 0, np.minimum(ratio, limit / used), ratio)
        waits = need * (1 - ratio)
        kept[:, block] *= ratio[:, None]
        later = slice(block.stop, block.stop + QUARTERS_A_YEAR)
        kept[:, later] += waits[:, None] / QUARTERS_A_YEAR
    last = int(np.flatnonzero(kept.sum(axis=0)).max(initial=-1)) + 1
    return kept[:, : max(last, called.shape[1])]


def whole_deals(planned: Floats, tickets: Sequence[float]) -> tuple[Floats, Counts]:
    """Won and number of deals by line, sector and quarter; sums by line, sector and year stay.

    tickets: won of one deal, by line.
    """
    won = planned.copy()
    deals = np.zeros(planned.shape, dtype=np.int64)
    lines, sectors, quarters = planned.shape
    for start in range(0, quarters, QUARTERS_A_YEAR):
        block = slice(start, min(start + QUARTERS_A_YEAR, quarters))
        for line in range(lines):
            for sector in range(sectors):
                year = _year_of_deals(planned[line, sector, block], tickets[line], line + sector)
                won[line, sector, block], deals[line, sector, block] = year
    return won, deals


def _year_of_deals(year: Floats, ticket: float, turn: int) -> tuple[Floats, Counts]:
    """A year's money in whole deals: by quarter as planned, or in as many quarters as deals."""
    active = np.flatnonzero(year)
    counts = np.zeros(len(year), dtype=np.int64)
    if not len(active):
        return year, counts
    total = float(year.sum())
    count = max(1, round(total / ticket))
    if count < len(active):
        chosen = active[(turn + np.arange(count) * len(active) // count) % len(active)]
        won = np.zeros(len(year))
        won[chosen] = total / count
        counts[chosen] = 1
        return won, counts
    exact = year[active] / total * count
    floor = np.maximum(np.floor(exact).astype(np.int64), 1)
    missing = count - int(floor.sum())
    order = np.argsort(-(exact - floor), kind="stable")
    floor[order[: max(missing, 0)]] += 1
    counts[active] = floor
    return year, counts
