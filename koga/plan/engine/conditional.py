"""The laws given the factors of one path, compiled: chances by year, scores, mean payoffs.

`exact` draws deals from these numbers and `fast` adds their means up; nothing else differs.
"""

import math

import numpy as np

from koga.plan.engine import migration
from koga.plan.engine.compiled import lean
from koga.plan.engine.laws import SECTOR_SHARE
from koga.plan.engine.payoff import DEGREE
from koga.plan.model import Floats

_LOG2E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_MAGIC = 6755399441055744.0
"""1.5 · 2^52: added and taken away, it rounds to whole numbers and shows them in the low bits."""


@lean
def cycles(drawn: Floats, cycle: Floats, swing: Floats) -> None:
    """Of each sector and year: the cycle z, and g = 2 Φ(z) - 1 that moves chances.

    drawn: the market's factor in the first row, then the sectors'.
    """
    common, own = math.sqrt(1.0 - SECTOR_SHARE), math.sqrt(SECTOR_SHARE)
    for sector in range(swing.shape[0]):
        for year in range(swing.shape[1]):
            level = common * drawn[0, year] + own * drawn[1 + sector, year]
            cycle[sector, year] = level
            swing[sector, year] = math.erf(level * 0.7071067811865476)


@lean
def levels(market: Floats, load: float, log_mean: float, found: Floats) -> None:
    """exp(log_mean + load z) by year."""
    for year in range(market.size):
        found[year] = math.exp(log_mean + load * market[year])


@lean
def middles(drawn: Floats, middle: Floats) -> None:
    """Each factor's sum up to the middle of each year."""
    for row in range(drawn.shape[0]):
        total = 0.0
        for year in range(drawn.shape[1]):
            middle[row, year] = total + 0.5 * drawn[row, year]
            total += drawn[row, year]


@lean
def rating_matrices(nodes: Floats, cycle: Floats, found: Floats) -> None:
    """The rating matrix of each sector and year."""
    for sector in range(found.shape[0]):
        for year in range(found.shape[1]):
            migration.at(nodes, cycle[sector, year], found[sector, year])


@lean
def returns(
    drawn: Floats, middle: Floats, vintage: int, scale: Floats, years: int, found: Floats
) -> None:
    """By factor and year of age, its sum from the middle of the vintage year to that of the year,
    in deviations of its own; in year 0 that of the half year is the year's own."""
    for row in range(middle.shape[0]):
        since, out = middle[row, vintage:], found[row]
        for year in range(years):
            out[year] = (since[year] - since[0]) * scale[year]
        out[0] = drawn[row, vintage]


@lean
def hazard_years(
    chances: Floats, swing: Floats, vintage: int, years: int, ended: Floats, failed: Floats
) -> None:
    """Chance at the start that a deal ends, and that it fails, by sector and year of its life.

    chances: of ending and failing, and their swings, each by sector and year. swing: by sector and
    calendar year, the vintage's k-th year being `vintage` + k.
    """
    for sector in range(swing.shape[0]):
        alive = 1.0
        for year in range(years):
            now = swing[sector, vintage + year]
            one = chances[0, sector, year] * (1.0 + chances[2, sector, year] * now)
            other = chances[1, sector, year] * (1.0 - chances[3, sector, year] * now)
            ended[sector, year] = alive * one
            failed[sector, year] = alive * other
            alive *= max(0.0, 1.0 - one - other)


@lean
def rating_years(mix: Floats, matrices: Floats, vintage: int, years: int, ended: Floats) -> None:
    """The same for loans: ratings move by the matrix of each calendar year, half in the first."""
    for sector in range(matrices.shape[0]):
        shares = (mix[0], mix[1], mix[2], mix[3], mix[4], mix[5])
        for year in range(years):
            part = 0.5 if year == 0 else 1.0
            matrix = matrices[sector, vintage + year]
            shares, ended[sector, year] = migration.year(matrix, part, shares)


@lean
def scores(
    offset: Floats, loads: Floats, moved: Floats, begin: int, years: int, found: Floats
) -> None:
    """The factors' part of scores by sector and year of age.

    loads: on the market and the sector, by sector. moved: from year `begin` on what the loads are
    on, of variance one: the market's in row 0, then the sectors'.
    """
    market = moved[0, begin:]
    for sector in range(loads.shape[1]):
        on_market, on_sector = loads[0, sector], loads[1, sector]
        level, own, out = offset[sector], moved[1 + sector, begin:], found[sector]
        for year in range(years):
            out[year] = (level[year] + on_market * market[year]) + on_sector * own[year]


@lean
def log_means(coefficients: Floats, score: Floats, years: int, logs: Floats) -> None:
    """The log mean payoff of a lognormal law at each score."""
    for sector in range(score.shape[0]):
        low, slope = coefficients[sector, 0], coefficients[sector, 1]
        for year in range(years):
            logs[sector, year] = low + slope * score[sector, year]


@lean
def curved_means(
    coefficients: Floats, reach: Floats, offset: Floats, score: Floats, years: int, logs: Floats
) -> None:
    """The same for other laws, each score kept where the polynomial was fitted."""
    for sector in range(score.shape[0]):
        most = reach[sector]
        for year in range(years):
            level = offset[sector, year]
            kept = min(level + most, max(level - most, score[sector, year]))
            total = coefficients[sector, DEGREE]
            for power in range(DEGREE - 1, -1, -1):
                total = total * kept + coefficients[sector, power]
            logs[sector, year] = total


@lean
def exponential(
    logs: Floats, count: int, rounded: Floats, bits: np.ndarray, found: Floats,
    found_bits: np.ndarray,
) -> None:  # fmt: skip
    """exp of `count` numbers of each row, between -700 and 700, without a branch, to 15 digits.

    bits, found_bits: the same memory as `rounded` and `found`, as 64-bit integers.
    """
    for row in range(logs.shape[0]):
        for place in range(count):
            rounded[place] = logs[row, place] * _LOG2E + _MAGIC
        for place in range(count):
            whole = rounded[place] - _MAGIC
            r = (logs[row, place] - whole * _LN2_HIGH) - whole * _LN2_LOW
            high = 1 / 39916800 + r * (1 / 479001600)
            high = 1 / 362880 + r * (1 / 3628800 + r * high)
            high = 1 / 5040 + r * (1 / 40320 + r * high)
            high = 1 / 120 + r * (1 / 720 + r * high)
            high = 1 / 6 + r * (1 / 24 + r * high)
            found[row, place] = 1.0 + r * (1.0 + r * (1 / 2 + r * high))
        for place in range(count):
            found_bits[row, place] += bits[place] << 52


@lean
def fund_years(
    called: Floats, distributed: Floats, growth: Floats, dividend: float,
    draw: Floats, paid: Floats, income: Floats, closed: Floats,
) -> None:  # fmt: skip
    """A fund by Takahashi and Alexander, its growth by year of age, by slot.

    draw: called. paid: distributed. income: the yield's part of it. closed: cost of what was
    distributed. A year's sums are those of `pacing.project` with that year's growth.
    """
    put_in = value = cost = 0.0
    for array in (draw, paid, closed, income):
        array[:] = 0.0
    for year in range(growth.size):
        contribution = called[year] * (1.0 - put_in)
        grown = value * growth[year]
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
