"""The laws given the factors of one path, compiled: chances by year, scores, mean payoffs.

`exact` draws deals from these numbers and `fast` adds their means up; nothing else differs.
"""

import math

import numpy as np

from koga.plan import migration
from koga.plan.compiled import kernel
from koga.plan.laws import SECTOR_SHARE
from koga.plan.model import Floats
from koga.plan.payoff import DEGREE, REACH

_LOG2E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_MAGIC = 6755399441055744.0
"""1.5 · 2^52: added and taken away, it rounds to whole numbers and shows them in the low bits."""


@kernel
def cycles(drawn: Floats, cycle: Floats, swing: Floats) -> None:
    """Of each sector and year: the cycle z, and g = 2 Φ(z) - 1 that moves chances.

    drawn: the market's factor in the first row, then the sectors'.
    """
    common, own = math.sqrt(1.0 - SECTOR_SHARE), math.sqrt(SECTOR_SHARE)
    for sector in range(cycle.shape[0]):
        for year in range(cycle.shape[1]):
            level = common * drawn[0, year] + own * drawn[1 + sector, year]
            cycle[sector, year] = level
            swing[sector, year] = math.erf(level * 0.7071067811865476)


@kernel
def running(drawn: Floats, summed: Floats) -> None:
    """Each factor's sum up to each quarter, a year's value spread evenly over its quarters."""
    for row in range(drawn.shape[0]):
        total = 0.0
        for year in range(drawn.shape[1]):
            step = 0.25 * drawn[row, year]
            for quarter in range(4):
                summed[row, 4 * year + quarter] = total
                total += step
        summed[row, 4 * drawn.shape[1]] = total


@kernel
def rating_matrices(nodes: Floats, cycle: Floats, found: Floats) -> None:
    """The rating matrix of each sector and year."""
    for sector in range(cycle.shape[0]):
        for year in range(cycle.shape[1]):
            migration.at(nodes, cycle[sector, year], found[sector, year])


@kernel
def holding_returns(summed: Floats, vintage: int, scale: Floats, slots: int, found: Floats) -> None:
    """By factor and slot, its sum from the middle of a vintage year, in deviations of its own."""
    begin = 4 * vintage + 2
    last = summed.shape[1] - 1
    for row in range(summed.shape[0]):
        start = summed[row, begin]
        for slot in range(2, slots):
            found[row, slot] = (summed[row, min(begin + slot - 1, last)] - start) * scale[slot]


@kernel
def hazard_years(
    end: Floats, fail: Floats, end_swing: Floats, fail_swing: Floats,
    swing: Floats, line: int, vintage: int, years: int, ended: Floats, failed: Floats,
) -> None:  # fmt: skip
    """Chance at the start that a deal ends, and that it fails, by sector and year of its life."""
    for sector in range(swing.shape[0]):
        alive = 1.0
        for year in range(years):
            now = swing[sector, vintage + year]
            one = end[line, sector, year] * (1.0 + end_swing[line, sector, year] * now)
            other = fail[line, sector, year] * (1.0 - fail_swing[line, sector, year] * now)
            ended[line, sector, year] = alive * one
            failed[line, sector, year] = alive * other
            alive *= 1.0 - one - other


@kernel
def rating_years(
    ratings: Floats, matrices: Floats, which: int, line: int, vintage: int, years: int,
    state: Floats, after: Floats, ended: Floats, failed: Floats,
) -> None:  # fmt: skip
    """The same for loans: ratings move by the matrix of each calendar year, half in the first."""
    for sector in range(matrices.shape[1]):
        for rating in range(state.size):
            state[rating] = ratings[line, rating]
        for year in range(years):
            part = 0.5 if year == 0 else 1.0
            matrix = matrices[which, sector, vintage + year]
            ended[line, sector, year] = migration.year(state, matrix, part, after)
            failed[line, sector, year] = 0.0


@kernel
def log_means(
    coefficients: Floats, offset: Floats, market_load: Floats, sector_load: Floats,
    curved: bool, line: int, returns: Floats, slots: int,
    scores: Floats, logs: Floats,
) -> None:  # fmt: skip
    """By sector and slot, one after the other: the factors' part of the score, the log mean payoff.

    returns: by slot, what the loads are on, of variance one: the market's in row 0, then sectors'.
    """
    for sector in range(returns.shape[0] - 1):
        on_market, on_sector = market_load[line, sector], sector_load[line, sector]
        begin = sector * slots
        low, slope = coefficients[line, sector, 0], coefficients[line, sector, 1]
        for slot in range(slots):
            common = offset[line, sector, slot] + on_market * returns[0, slot]
            scores[begin + slot] = common + on_sector * returns[1 + sector, slot]
        for slot in range(slots):
            logs[begin + slot] = low + slope * scores[begin + slot]
    if curved:
        _curved_means(coefficients, offset, market_load, sector_load, line, slots, scores, logs)


@kernel
def _curved_means(
    coefficients: Floats, offset: Floats, market_load: Floats, sector_load: Floats,
    line: int, slots: int, scores: Floats, logs: Floats,
) -> None:  # fmt: skip
    """The polynomial instead of the line, the score kept where it was fitted."""
    for sector in range(offset.shape[1]):
        reach = REACH * math.hypot(market_load[line, sector], sector_load[line, sector])
        own, begin = coefficients[line, sector], sector * slots
        for slot in range(slots):
            middle = offset[line, sector, slot]
            kept = min(middle + reach, max(middle - reach, scores[begin + slot]))
            total = own[DEGREE]
            for power in range(DEGREE - 1, -1, -1):
                total = total * kept + own[power]
            logs[begin + slot] = total


@kernel
def exponential(logs: Floats, count: int, rounded: Floats, bits: np.ndarray, found: Floats,
                found_bits: np.ndarray) -> None:  # fmt: skip
    """exp of `count` numbers between -700 and 700, without a branch, to fifteen digits.

    bits, found_bits: the same memory as `rounded` and `found`, as 64-bit integers.
    """
    for place in range(count):
        turned = logs[place] * _LOG2E + _MAGIC
        rounded[place] = turned
        whole = turned - _MAGIC
        r = (logs[place] - whole * _LN2_HIGH) - whole * _LN2_LOW
        high = 1 / 39916800 + r * (1 / 479001600)
        high = 1 / 362880 + r * (1 / 3628800 + r * high)
        high = 1 / 5040 + r * (1 / 40320 + r * high)
        high = 1 / 120 + r * (1 / 720 + r * high)
        high = 1 / 6 + r * (1 / 24 + r * high)
        found[place] = 1.0 + r * (1.0 + r * (1 / 2 + r * high))
    for place in range(count):
        found_bits[place] += bits[place] << 52


@kernel
def fund_years(
    called: Floats, distributed: Floats, growth: Floats, dividend: float,
    vintage: int, years: int, draw: Floats, paid: Floats, closed: Floats, income: Floats,
) -> None:  # fmt: skip
    """A fund by Takahashi and Alexander, its growth by calendar year: what a quarter of age sees.

    draw: called by slot. paid: distributed. closed: cost of what was distributed. income: the
    yield's part of it. A year's sums are those of `pacing.project` with that year's growth.
    """
    put_in = value = cost = 0.0
    for array in (draw, paid, closed, income):
        array[:] = 0.0
    for year in range(years):
        contribution = called[year] * (1.0 - put_in)
        grown = value * growth[vintage + year]
        distribution = distributed[year] * grown
        relief = distributed[year] * cost
        dividends = min(distribution, dividend * grown)
        for quarter in range(4):
            slot = 4 * year + 1 + quarter
            if slot < draw.size:
                draw[slot] = 0.25 * contribution
            if slot + 1 < draw.size:
                paid[slot + 1] = 0.25 * distribution
                closed[slot + 1] = 0.25 * relief
                income[slot + 1] = 0.25 * dividends
        put_in += contribution
        value = grown + contribution - distribution
        cost += contribution - relief
