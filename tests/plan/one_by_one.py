"""Deals lived one by one as the laws' documentation says, from the class's parameters alone.

An engine of its own to hold `exact` against: factors by their recursion, other random numbers,
gamma and Beta laws of SciPy, a latent normal for every loan and year. One line, one sector, all
deals made in the first quarter; a row of each result is one path, a column one quarter of age.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import ndtr, ndtri

from koga.plan.engine import migration
from koga.plan.model import Equity, Floats, Loan, Market

EXIT_SWING, FAIL_SWING, SECTOR_SHARE, LAG = 0.6, 0.5, 0.25, 4


@dataclass(frozen=True, slots=True)
class Lived:
    """Per deal of one won on average: by path and quarter."""

    invested: Floats
    returned: Floats
    written_off: Floats
    closed: Floats


def factors(rng: np.random.Generator, paths: int, years: int, memory: float) -> Floats:
    """Market and sector, paths × 2 × years, year by year from the one before."""
    found = np.empty((paths, 2, years))
    found[:, :, 0] = rng.standard_normal((paths, 2))
    for year in range(1, years):
        fresh = rng.standard_normal((paths, 2))
        found[:, :, year] = memory * found[:, :, year - 1] + math.sqrt(1 - memory**2) * fresh
    return found


def cycle(drawn: Floats) -> Floats:
    """Of each path and year, the market's and the sector's in one normal."""
    both: Floats = math.sqrt(1 - SECTOR_SHARE) * drawn[:, 0] + math.sqrt(SECTOR_SHARE) * drawn[:, 1]
    return both


def equity(
    law: Equity, market: Market, *, paths: int, deals: int, quarters: int, seed: int
) -> Lived:
    """Shares in firms with a lognormal multiple."""
    rng = np.random.default_rng(seed)
    years = quarters // 4 + 2
    drawn = factors(rng, paths, years, market.memory)
    swing = 2 * ndtr(cycle(drawn)) - 1
    exits, fails = in_quarters(law, years)
    end, fail = in_years(exits, fails)
    alive, kind = np.ones((paths, deals), dtype=bool), np.zeros((paths, deals), dtype=int)
    age = np.full((paths, deals), 4 * years)
    for year in range(years):
        luck = rng.random((paths, deals))
        ends = end[year] * (1 + EXIT_SWING * swing[:, year, None])
        gone = alive & (luck < ends + fail[year] * (1 - FAIL_SWING * swing[:, year, None]))
        exited = gone & (luck < ends)
        for now, law_by_quarter, mark in ((exited, exits, 1), (gone & ~exited, fails, 2)):
            first = max(1, 4 * year - 1)
            chances = law_by_quarter[first - 1 : 4 * year + 2]
            if now.any():
                chosen = rng.choice(chances.size, now.sum(), p=chances / chances.sum())
                age[now], kind[now] = first + chosen, mark
        alive &= ~gone
    multiple = _multiples(rng, law, market, drawn, (end, fail, exits, swing), age)
    return _equity_flows(law, age, kind, multiple, quarters)


def in_quarters(law: Equity, years: int) -> tuple[Floats, Floats]:
    """Chance of exit and of failure in each quarter of age, from the first."""
    ends = np.arange(4 * years) / 4
    held = stats.gamma(law.holding_shape, scale=law.holding_years / law.holding_shape)
    lost = stats.gamma(2.0, scale=0.6 * law.holding_years / 2)
    exits, fails = (np.diff(one.cdf(ends)) for one in (held, lost))
    return (1 - law.zero_share) * exits, law.zero_share * fails


def in_years(exits: Floats, fails: Floats) -> tuple[Floats, Floats]:
    """The same as chances of those alive in years that begin in the middle of a calendar year."""
    edges = [0, *range(2, exits.size + 1, 4)]
    sums = [np.array([one[low:high].sum() for low, high in itertools.pairwise(edges)])
            for one in (exits, fails)]  # fmt: skip
    before = 1 - np.concatenate([[0], np.cumsum(sums[0] + sums[1])[:-1]])
    return sums[0] / before, sums[1] / before


def _multiples(
    rng: np.random.Generator,
    law: Equity,
    market: Market,
    drawn: Floats,
    chances: tuple[Floats, Floats, Floats, Floats],
    age: Floats,
) -> Floats:
    """Log-normal; the market's and sector's returns since the deal explain a part."""
    years = drawn.shape[2]
    ages = 4 * years
    weights = np.array([_overlap(each / 4, years) for each in range(ages)])
    apart = np.abs(np.subtract.outer(np.arange(years), np.arange(years)))
    variance = np.einsum("ay,yz,az->a", weights, market.memory**apart, weights)
    returns = np.einsum("pfy,ay->pfa", drawn, weights) / np.sqrt(np.maximum(variance, 1e-12))
    at_mean = _overlap(law.holding_years, years + 20)
    apart = np.abs(np.subtract.outer(np.arange(years + 20), np.arange(years + 20)))
    spread = math.sqrt(at_mean @ market.memory**apart @ at_mean)
    loads = np.array([law.beta * market.volatility, law.sector_volatility])
    loads *= spread / law.log_deviation
    loads *= min(1.0, math.sqrt(0.5) / math.hypot(*loads))
    common = loads[0] * returns[:, 0] + loads[1] * returns[:, 1]
    common += _kept_mean(law, chances, common, float(loads @ loads))[None, :]
    place = np.minimum(age, ages - 1)
    score = np.take_along_axis(common, place, axis=1)
    score += math.sqrt(1 - loads @ loads) * rng.standard_normal(age.shape)
    return np.exp(law.log_mean + law.log_deviation * score)


def _overlap(length: float, years: int) -> Floats:
    """How much of each calendar year an interval covers that begins in the middle of the first."""
    starts = np.arange(years)
    return np.clip(np.minimum(starts + 1, 0.5 + length) - np.maximum(starts, 0.5), 0, 1)


def _kept_mean(
    law: Equity, chances: tuple[Floats, Floats, Floats, Floats], common: Floats, variance: float
) -> Floats:
    """By age, what is added to scores so that those who exit in a year bring the class's mean."""
    end, fail, exits, swing = chances
    alive, found = np.ones(swing.shape[0]), np.zeros(common.shape[1])
    for year in range(end.size):
        ended = alive * end[year] * (1 + EXIT_SWING * swing[:, year])
        alive = alive - ended - alive * fail[year] * (1 - FAIL_SWING * swing[:, year])
        ages = np.arange(max(1, 4 * year - 1), min(4 * year + 3, exits.size + 1))
        weight = ended[:, None] * exits[ages - 1][None, :]
        grown = np.exp(law.log_deviation * common[:, ages] - law.log_deviation**2 * variance / 2)
        found[ages] = -math.log((weight * grown).sum() / weight.sum()) / law.log_deviation
    return found


def _equity_flows(law: Equity, age: Floats, kind: Floats, multiple: Floats, quarters: int) -> Lived:
    later = max(1, round(law.holding_years * 2))
    first = 1 - law.follow_on_share
    stake = np.where(age <= later, first, 1.0)
    over = age < quarters
    invested = np.zeros((age.shape[0], quarters))
    invested[:, 0] = first
    if later < quarters:
        invested[:, later] += law.follow_on_share * (age > later).mean(axis=1)
    return Lived(
        invested,
        _by_quarter(age, over & (kind == 1), stake * multiple, quarters),
        _by_quarter(age, over & (kind == 2), stake, quarters),
        _by_quarter(age, over, stake, quarters),
    )


def _by_quarter(age: Floats, counted: Floats, won: Floats, quarters: int) -> Floats:
    paths, deals = age.shape
    rows = np.broadcast_to(np.arange(paths)[:, None], age.shape)
    place = (rows * quarters + age)[counted]
    found = np.bincount(place, won[counted], paths * quarters) / deals
    return found.reshape(paths, quarters)


def loan(law: Loan, market: Market, *, paths: int, deals: int, quarters: int, seed: int) -> Lived:
    """Loans or guarantees: a latent normal a year moves each one's rating."""
    rng = np.random.default_rng(seed)
    years = quarters // 4 + 1
    now = cycle(factors(rng, paths, years, market.memory))
    worse = ndtri(np.minimum(np.cumsum(migration.YEARLY[:, ::-1], axis=1)[:, ::-1], 1.0))
    state = rng.choice(6, (paths, deals), p=np.array(law.ratings) / sum(law.ratings))
    age, fallen = np.full((paths, deals), 4 * years), np.zeros((paths, years))
    for year in range(years):
        level = math.sqrt(law.asset_correlation) * now[:, year, None]
        latent = level + math.sqrt(1 - law.asset_correlation) * rng.standard_normal(state.shape)
        after = (latent[:, :, None] < worse[state.clip(max=5)][:, :, 1:]).sum(axis=2)
        moves = rng.random(state.shape) < (0.5 if year == 0 else 1.0)
        defaults = moves & (state < 6) & (after == 6)
        part = rng.integers(1, 3, state.shape) if year == 0 else rng.integers(0, 4, state.shape)
        first = 0 if year == 0 else 4 * year - 1
        age = np.where(defaults, first + part, age)
        fallen[:, year] = defaults.mean(axis=1)
        state = np.where(moves & (state < 6), after, state)
    back = _recovered(rng, law, now, fallen, age)
    return _loan_flows(law, age, back, quarters)


def _recovered(
    rng: np.random.Generator, law: Loan, now: Floats, fallen: Floats, age: Floats
) -> Floats:
    """Beta with a + b = 1, its mean moving by the slope with the cycle of the year of default."""
    mean = 1 - law.loss_given_default
    beta = stats.beta(mean, 1 - mean)
    grid = np.linspace(-6, 6, 4001)
    weights = np.exp(-grid * grid / 2)
    weights /= weights.sum()
    share = law.recovery_slope / float((beta.ppf(ndtr(grid)) * grid) @ weights)
    own = math.sqrt(1 - share**2)
    by_cycle = np.array([float(beta.ppf(ndtr(y + own * grid)) @ weights)
                         for y in np.linspace(-3, 3, 301)])  # fmt: skip
    offset = np.zeros(now.shape[1])
    for year in range(now.shape[1]):
        low, high = -1.0, 1.0
        for _ in range(30):
            middle = (low + high) / 2
            back = np.interp(share * now[:, year] + middle, np.linspace(-3, 3, 301), by_cycle)
            below = (back * fallen[:, year]).sum() < mean * fallen[:, year].sum()
            low, high = (middle, high) if below else (low, middle)
        offset[year] = (low + high) / 2
    year = np.minimum((age + 1) // 4, now.shape[1] - 1)
    score = share * np.take_along_axis(now, year, axis=1) + offset[year]
    found: Floats = beta.ppf(ndtr(score + own * rng.standard_normal(age.shape)))
    return found


def _loan_flows(law: Loan, age: Floats, back: Floats, quarters: int) -> Lived:
    tenor, grace = round(4 * law.tenor_years), round(4 * law.grace_years)
    ages = np.arange(quarters + 1)
    owed = np.clip((tenor - np.maximum(ages - 1, grace)) / (tenor - grace), 0, 1)
    owed[0] = owed[tenor + 1 :] = 0.0
    stake = owed[np.minimum(age, quarters)]
    defaulted = age < quarters
    closed = _by_quarter(age, defaulted, stake, quarters)
    alive = np.array([(age > one).mean(axis=1) for one in range(quarters)]).T
    due = np.where((ages > grace) & (ages <= tenor), 1 / (tenor - grace), 0.0)[:quarters]
    invested = np.zeros((age.shape[0], quarters))
    if law.guarantee:
        invested += closed
        due = np.zeros(quarters)
    else:
        invested[:, 0] = 1.0
    returned = _by_quarter(age + LAG, age + LAG < quarters, stake * back, quarters)
    returned += alive * (due + owed[:quarters] * law.rate / 4)
    written = _by_quarter(age, defaulted, stake * (1 - back), quarters)
    return Lived(invested, returned, written, closed + alive * due)
