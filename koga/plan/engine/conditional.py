"""The laws given the factors of eight paths, compiled: chances by year, scores, mean payoffs.

`exact` draws deals from these numbers and `fast` adds their means up; nothing else differs. Paths
are the last axis of all that depends on factors (`lanes`).
"""

import math

from koga.plan.engine import lanes, migration
from koga.plan.engine.compiled import inlined, lean
from koga.plan.engine.lanes import Lanes
from koga.plan.engine.laws import SECTOR_SHARE
from koga.plan.model import Floats


@lean
def cycles(drawn: Floats, cycle: Floats, swing: Floats) -> None:
    """Of each sector and year: the cycle z, and g = 2 Φ(z) - 1 that moves chances.

    drawn: the market's factor in the first row, then the sectors'.
    """
    common, own = math.sqrt(1.0 - SECTOR_SHARE), math.sqrt(SECTOR_SHARE)
    for sector in range(swing.shape[0]):
        for year in range(swing.shape[1]):
            for lane in range(swing.shape[2]):
                level = common * drawn[0, year, lane] + own * drawn[1 + sector, year, lane]
                cycle[sector, year, lane] = level
                swing[sector, year, lane] = math.erf(level * 0.7071067811865476)


@lean
def levels(market: Floats, load: float, log_mean: float, found: Floats) -> None:
    """exp(log_mean + load z) by year."""
    for year in range(market.shape[0]):
        lanes.put(found[year], lanes.exp(log_mean + load * lanes.at(market[year])))


@lean
def middles(drawn: Floats, middle: Floats) -> None:
    """Each factor's sum up to the middle of each year."""
    for row in range(drawn.shape[0]):
        total = lanes.alike(0.0)
        for year in range(drawn.shape[1]):
            now = lanes.at(drawn[row, year])
            lanes.put(middle[row, year], total + 0.5 * now)
            total = total + now


@lean
def rating_matrices(nodes: Floats, cycle: Floats, rows: Floats, found: Floats) -> None:
    """The rating matrix of each sector and year; rows: room for one."""
    for sector in range(found.shape[0]):
        for year in range(found.shape[1]):
            migration.at(nodes, cycle[sector, year], rows, found[sector, year])


@lean
def returns(
    drawn: Floats, middle: Floats, vintage: int, scale: Floats, years: int, found: Floats
) -> None:
    """By factor and year of age, its sum from the middle of the vintage year to that of the year,
    in deviations of its own; in year 0 that of the half year is the year's own."""
    for row in range(middle.shape[0]):
        begun = lanes.at(middle[row, vintage])
        lanes.put(found[row, 0], lanes.at(drawn[row, vintage]))
        for year in range(1, years):
            since = lanes.at(middle[row, vintage + year]) - begun
            lanes.put(found[row, year], since * scale[year])


@lean
def hazard_years(
    chances: Floats, swing: Floats, vintage: int, years: int, ended: Floats, failed: Floats
) -> None:
    """Chance at the start that a deal ends, and that it fails, by sector and year of its life.

    chances: of ending and failing, and their swings, each by sector and year. swing: by sector and
    calendar year, the vintage's k-th year being `vintage` + k.
    """
    for sector in range(swing.shape[0]):
        alive = lanes.alike(1.0)
        for year in range(years):
            now = lanes.at(swing[sector, vintage + year])
            one = chances[0, sector, year] * (1.0 + chances[2, sector, year] * now)
            other = chances[1, sector, year] * (1.0 - chances[3, sector, year] * now)
            lanes.put(ended[sector, year], alive * one)
            lanes.put(failed[sector, year], alive * other)
            alive = alive * lanes.most(lanes.alike(0.0), 1.0 - one - other)


@lean
def rating_years(mix: Floats, matrices: Floats, vintage: int, years: int, ended: Floats) -> None:
    """The same for loans: ratings move by the matrix of each calendar year, half in the first."""
    for sector in range(matrices.shape[0]):
        shares = (
            lanes.alike(mix[0]), lanes.alike(mix[1]), lanes.alike(mix[2]),
            lanes.alike(mix[3]), lanes.alike(mix[4]), lanes.alike(mix[5]),
        )  # fmt: skip
        for year in range(years):
            part = 0.5 if year == 0 else 1.0
            shares, lost = migration.year(matrices[sector, vintage + year], part, shares)
            lanes.put(ended[sector, year], lost)


@lean
def scores(
    offset: Floats, loads: Floats, moved: Floats, begin: int, years: int, found: Floats
) -> None:
    """The factors' part of scores by sector and year of age.

    loads: on the market and the sector, by sector. moved: from year `begin` on what the loads are
    on, of variance one: the market's in row 0, then the sectors'.
    """
    for sector in range(loads.shape[1]):
        on_market, on_sector = loads[0, sector], loads[1, sector]
        for year in range(years):
            market = on_market * lanes.at(moved[0, begin + year])
            own = on_sector * lanes.at(moved[1 + sector, begin + year])
            lanes.put(found[sector, year], (offset[sector, year] + market) + own)


@lean
def straight_means(coefficients: Floats, score: Floats, years: int, found: Floats) -> None:
    """The mean payoff of a lognormal law at each score."""
    for sector in range(score.shape[0]):
        low, slope = coefficients[sector, 0], coefficients[sector, 1]
        for year in range(years):
            lanes.put(found[sector, year], lanes.exp(low + slope * lanes.at(score[sector, year])))


@lean
def curved_means(
    coefficients: Floats, reach: Floats, offset: Floats, score: Floats, years: int, found: Floats
) -> None:
    """The same for other laws, each score kept where the polynomial was fitted."""
    for sector in range(score.shape[0]):
        most = reach[sector]
        for year in range(years):
            level = offset[sector, year]
            kept = lanes.least(lanes.alike(level + most), lanes.at(score[sector, year]))
            kept = lanes.most(lanes.alike(level - most), kept)
            lanes.put(found[sector, year], lanes.exp(_polynomial(coefficients[sector], kept)))


@inlined
def _polynomial(c: Floats, x: Lanes) -> Lanes:
    """Of degree `payoff.DEGREE`, 12, lowest coefficient first; pairs of terms are summed, so that
    no product waits for all those before it."""
    squared = x * x
    fourth = squared * squared
    low = (c[0] + c[1] * x) + (c[2] + c[3] * x) * squared
    middle = (c[4] + c[5] * x) + (c[6] + c[7] * x) * squared
    high = (c[8] + c[9] * x) + (c[10] + c[11] * x) * squared
    whole: Lanes = low + (middle + (high + c[12] * fourth) * fourth) * fourth
    return whole


@lean
def fund_years(
    called: Floats, distributed: Floats, growth: Floats, dividend: float, terms: Floats
) -> None:
    """A fund by Takahashi and Alexander, its growth by year of age.

    terms: by row and year what each of four quarters is: called; distributed; the yield's part of
    it; cost of what was distributed. A year's sums are those of `pacing.project` with that growth.
    """
    put_in = 0.0
    value, cost = lanes.alike(0.0), lanes.alike(0.0)
    for year in range(growth.shape[0]):
        contribution = called[year] * (1.0 - put_in)
        grown = value * lanes.at(growth[year])
        distribution = distributed[year] * grown
        relief = distributed[year] * cost
        lanes.put(terms[0, year], lanes.alike(0.25 * contribution))
        lanes.put(terms[1, year], 0.25 * distribution)
        lanes.put(terms[2, year], 0.25 * lanes.least(distribution, dividend * grown))
        lanes.put(terms[3, year], 0.25 * relief)
        put_in += contribution
        value = grown + contribution - distribution
        cost = cost + contribution - relief
