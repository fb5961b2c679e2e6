"""The law of one deal of each instrument: when and how it ends, what it pays while it lives.

A deal's life is counted in quarters of age; ages fall into years as slot = age + 1, year = slot //
4, so that year k of a vintage is on average calendar year (vintage + k), whose factor it feels. In
each year a deal that is still alive fails with chance F_k (1 - f_k g) or ends with chance
E_k (1 + e_k g), where g = 2 Φ(z) - 1 lies between -1 and 1 and has mean nought: chances are never
clipped and their means over independent years are exactly those of the class. A year's chance is
spread over its quarters in parts of 256.

Everything here is unconditional, a pure function of the class's parameters; `conditional` puts the
factors in. Amounts are per unit put into the deal.
"""

import math
from dataclasses import dataclass

import numpy as np

from koga.plan.engine import pacing, payoff
from koga.plan.engine.payoff import Payoff
from koga.plan.model import (
    QUARTERS_A_YEAR,
    Commitment,
    Equity,
    Floats,
    Infrastructure,
    Law,
    Loan,
    Market,
    Sector,
)

HAZARD, CREDIT, FUND = 0, 1, 2
"""Kinds: chances by year, chances from moving ratings, a fund's pacing."""

EXIT_SWING, FAIL_SWING = 0.6, 0.5
"""How far a year's factor moves exits and failures: yearly proceeds of Korean venture funds swung
between -45 % and +77 %."""
VOLATILITY_USUAL = 0.2
"""At this market volatility the swings are full; below they shrink with it, to none at zero."""
FAIL_MEAN, FAIL_SHAPE = 0.6, 2.0
"""Failures come sooner than exits: a gamma law of shape 2 whose mean is this part of theirs."""
SECTOR_SHARE = 0.25
"""Part of the variance of a year's cycle that is the sector's own."""
RECOVERY_LAG = 4
"""Quarters from default to recovery."""
RECOVERY_PEAK = 1.0
"""a + b of the Beta law of recoveries: below two, mass lies at both ends."""
PARTS = 256
LEAST = 1e-9
"""A smaller log deviation is none."""
BUILD_RISE_YEARS, RUN_FALL_YEARS = 1.0, 2.5
"""Project hazards rise to the end of construction and fall after it, by e in so many years."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The law of one class in one sector, as arrays by year (K) or by slot (4 K).

    kind: HAZARD, CREDIT or FUND. end, fail: chance in a year for those alive at its start.
    end_swing, fail_swing: how the year's factor moves them. end_part, fail_part: by slot, the part
    of its year's chance in 256ths. payoff: per unit of exposure, at the end. cumulated: the score's
    factors are returns over the holding time, else the cycle of the year. market_load,
    sector_load: of the score to either, each of variance one.
    draw: paid in by those alive. exposure: cost at stake at the slot. repaid: cost coming back from
    those alive. fixed, floating: income of those alive, the latter times the market's level with
    `income_load`. lag: quarters from end to payoff. loss: ending is a loss. guarantee: nothing is
    paid in before a call.
    mix, correlation: of ratings (CREDIT). called, distributed, growth, growth_load, dividend: of a
    fund by year of age (FUND).
    """

    kind: int
    end: Floats
    fail: Floats
    end_swing: Floats
    fail_swing: Floats
    end_part: Floats
    fail_part: Floats
    payoff: Payoff
    cumulated: bool
    market_load: float
    sector_load: float
    draw: Floats
    exposure: Floats
    repaid: Floats
    fixed: Floats
    floating: Floats
    income_load: float = 0.0
    lag: int = 0
    loss: bool = False
    guarantee: bool = False
    mix: tuple[float, ...] = ()
    correlation: float = 0.0
    called: tuple[float, ...] = ()
    distributed: tuple[float, ...] = ()
    growth: float = 0.0
    growth_load: float = 0.0
    dividend: float = 0.0


def terms(law: Law, sector: Sector, market: Market, *, years: int, still: bool = False) -> Terms:
    """The law of a class in a sector over `years` of age.

    still: with every factor taken away and each chance and payoff at its mean over all paths.
    """
    if isinstance(law, Equity):
        return equity(law, sector, market, years=years, still=still)
    if isinstance(law, Loan):
        return loan(law, years=years, still=still)
    if isinstance(law, Infrastructure):
        return infrastructure(law, market, years=years, still=still)
    return commitment(law, market, years=years, still=still)


def equity(law: Equity, sector: Sector, market: Market, *, years: int, still: bool) -> Terms:
    """Shares in a firm: it fails, or it exits at a multiple; once.

    Time to exit: gamma with the class's mean and shape. Multiple: the class's law at every age. A
    sector has chances of its own by year; a year's quarters are the class's in all sectors.
    """
    holding = max(0.25, law.holding_years + sector.holding_years_added)
    zero = min(0.99, max(0.0, law.zero_share + sector.zero_share_added))
    deviation = law.log_deviation + sector.log_deviation_added
    deviation = deviation if deviation > LEAST else 0.0
    end, _, fail, _ = competing(*_lives(law, zero, holding, years))
    _, end_part, _, fail_part = competing(*_lives(law, zero, max(0.25, law.holding_years), years))
    swing = 0.0 if still else swing_of(market)
    end_swing, fail_swing = swings(end, fail, EXIT_SWING * swing, FAIL_SWING * swing)
    market_load, sector_load = (0.0, 0.0) if still else loads(law, market, holding, deviation)
    multiple = payoff.multiple(
        log_mean=law.log_mean,
        deviation=deviation,
        tail_alpha=law.tail_alpha,
        tail_from=law.tail_from,
        cap=law.cap,
        share=math.hypot(market_load, sector_load),
    )
    draw, exposure = np.zeros(4 * years), np.full(4 * years, 1.0 - law.follow_on_share)
    later = min(4 * years - 1, 1 + max(1, round(law.holding_years * QUARTERS_A_YEAR / 2)))
    draw[1], draw[later] = 1.0 - law.follow_on_share, law.follow_on_share
    exposure[later + 1 :] = 1.0
    nothing = np.zeros(4 * years)
    return Terms(
        HAZARD, end, fail, end_swing, fail_swing, end_part, fail_part, multiple,
        True, market_load, sector_load, draw, exposure, nothing, nothing, nothing,
    )  # fmt: skip


def _lives(law: Equity, zero: float, holding: float, years: int) -> tuple[Floats, Floats]:
    """Chances of exit and of failure by quarter of age."""
    return (
        (1.0 - zero) * gamma_quarters(holding, law.holding_shape, years),
        zero * gamma_quarters(FAIL_MEAN * holding, FAIL_SHAPE, years),
    )


def loads(law: Equity, market: Market, holding: float, deviation: float) -> tuple[float, float]:
    """Loads of a multiple's score on market and sector returns over the holding time.

    The log multiple moves by beta with the market's log return over the mean holding time, as far
    as that leaves half of the class's own variance to the deal: the class's law is never widened.
    """
    if deviation <= 0.0:
        return 0.0, 0.0
    spread = math.sqrt(interval_variance(holding, market.memory)) / deviation
    on_market = law.beta * market.volatility * spread
    on_sector = law.sector_volatility * spread
    whole = math.hypot(on_market, on_sector)
    if whole < payoff.SURE:
        return 0.0, 0.0
    scale = min(1.0, payoff.SHARE_MAX / whole)
    return on_market * scale, on_sector * scale


def loan(law: Loan, *, years: int, still: bool) -> Terms:
    """A loan, or a guarantee of one: interest, grace, equal repayments; ratings move each year."""
    slots = 4 * years
    tenor = max(1, round(law.tenor_years * QUARTERS_A_YEAR))
    grace = min(max(0, round(law.grace_years * QUARTERS_A_YEAR)), tenor - 1)
    age = np.arange(slots) - 1
    repaid = np.where((age > grace) & (age <= tenor), 1.0 / (tenor - grace), 0.0)
    left = np.clip((tenor - np.maximum(age - 1, grace)) / (tenor - grace), 0.0, 1.0)
    exposure = np.where((age >= 1) & (age <= tenor), left, 0.0)
    draw, nothing = np.zeros(slots), np.zeros(slots)
    draw[1] = 0.0 if law.guarantee else 1.0
    part = np.where(np.arange(slots) < 4, 0.5, 0.25)
    part[:2] = 0.0
    slope = 0.0 if still else law.recovery_slope
    back = payoff.recovery(1.0 - law.loss_given_default, slope, RECOVERY_PEAK)
    whole = sum(law.ratings) or 1.0
    none = np.zeros(years)
    return Terms(
        CREDIT, none, none, none, none, part, nothing, back, False, 0.0, back.share,
        draw, exposure, nothing if law.guarantee else repaid,
        exposure * (law.rate / QUARTERS_A_YEAR), nothing,
        lag=RECOVERY_LAG, loss=True, guarantee=law.guarantee,
        mix=tuple(share / whole for share in law.ratings),
        correlation=0.0 if still else law.asset_correlation,
    )  # fmt: skip


def infrastructure(law: Infrastructure, market: Market, *, years: int, still: bool) -> Terms:
    """A project: drawn over construction, then a level payment that earns debt and equity rates.

    Interest of the construction years is added to what the payments must earn. The equity's part
    of income moves with the market's year; defaults are likeliest at the end of construction.
    """
    slots = 4 * years
    build = round(law.construction_years * QUARTERS_A_YEAR)
    tenor = max(build + 1, round(law.tenor_years * QUARTERS_A_YEAR))
    draw, exposure, repaid, income = _project(law, build, tenor)
    age = np.arange(1, tenor + 1)
    away = np.where(
        age <= build,
        (build - age) / (QUARTERS_A_YEAR * BUILD_RISE_YEARS),
        (age - build) / (QUARTERS_A_YEAR * RUN_FALL_YEARS),
    )
    weight = np.exp(-away)
    end, part, fail, none = competing(
        fit(law.default_share * weight / weight.sum(), slots - 2), np.zeros(slots - 2)
    )
    down = 0.0 if still else FAIL_SWING * swing_of(market)
    down_by_year, _ = swings(end, fail, -down, 0.0)
    slope = 0.0 if still else law.beta * market.volatility
    back = payoff.recovery(law.recovery_share, slope, RECOVERY_PEAK)
    equity_income = law.equity_share * law.equity_return / max(1e-12, _blended(law))
    floats = 0.0 if still else law.beta * market.volatility
    shaped = [fit(array, slots) for array in (draw, exposure, repaid, income)]
    return Terms(
        HAZARD, end, fail, down_by_year, np.zeros(years), part, none, back,
        False, 0.0, back.share, shaped[0], shaped[1], shaped[2],
        shaped[3] * (1.0 - equity_income), shaped[3] * equity_income,
        income_load=floats, lag=RECOVERY_LAG, loss=True,
    )  # fmt: skip


def _blended(law: Infrastructure) -> float:
    return law.equity_share * law.equity_return + (1.0 - law.equity_share) * law.debt_rate


def _project(law: Infrastructure, build: int, tenor: int) -> tuple[Floats, Floats, Floats, Floats]:
    """By slot, for a project that does not default: drawn, cost at stake, cost repaid, income."""
    rate = (1.0 + _blended(law)) ** (1.0 / QUARTERS_A_YEAR) - 1.0
    payments = tenor - build
    draw, exposure, repaid, income = (np.zeros(tenor + 2) for _ in range(4))
    steps = max(1, build)
    draw[1 : 1 + steps] = 1.0 / steps
    owed = float(sum((1.0 + rate) ** (build - age) for age in range(steps))) / steps
    grown = owed
    level = owed / payments if rate <= 0.0 else owed * rate / -math.expm1(
        -payments * math.log1p(rate)
    )  # fmt: skip
    for slot in range(2, tenor + 2):
        if slot <= build + 1:
            exposure[slot] = min(1.0, (slot - 1) / steps)
            continue
        exposure[slot] = owed / grown
        principal = level - owed * rate
        repaid[slot] = principal / grown
        income[slot] = level - repaid[slot]
        owed -= principal
    return draw, exposure, repaid, income


def commitment(law: Commitment, market: Market, *, years: int, still: bool) -> Terms:
    """A commitment to a fund: Takahashi-Alexander with a growth that follows the market.

    The fund's own luck multiplies all it pays by one lognormal factor of mean one, whose variance
    is its yearly one times half its life.
    """
    assumed = pacing.Assumptions(
        1.0, law.contributions, law.life_years, law.bow, law.growth, law.dividend_yield
    )
    ages = range(1, years + 1)
    rates = law.contributions
    none, nothing = np.zeros(years), np.zeros(4 * years)
    own = 0.0 if still else law.growth_volatility * math.sqrt(law.life_years / 2.0)
    return Terms(
        FUND, none, none, none, none, nothing, nothing, payoff.lognormal(-own * own / 2, own, 0.0),
        False, 0.0, 0.0, nothing, nothing, nothing, nothing, nothing,
        called=tuple(rates[min(age, len(rates)) - 1] for age in ages),
        distributed=tuple(pacing.distribution_rate(assumed, age) for age in ages),
        growth=law.growth,
        growth_load=0.0 if still else law.beta * market.volatility,
        dividend=law.dividend_yield,
    )  # fmt: skip


def gamma_quarters(mean: float, shape: float, years: int) -> Floats:
    """Chance of each quarter of age, from the first, under a gamma law of a mean in years."""
    from scipy.special import gammainc

    ends = np.arange(4 * years - 1) / QUARTERS_A_YEAR
    shape = shape if shape > 0.0 else 1.0
    found: Floats = np.diff(gammainc(shape, ends * shape / mean))
    return found


def competing(ends: Floats, fails: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Chances of each quarter as chances by year of those alive, and parts by slot.

    ends, fails: chance of age 1, 2, … for a deal at its start; together at most one.
    """
    by_year = [np.concatenate([np.zeros(2), each]).reshape(-1, 4) for each in (ends, fails)]
    sums = np.stack([each.sum(axis=1) for each in by_year])
    chances = np.zeros_like(sums)
    alive = 1.0
    for year, (end, fail) in enumerate(sums.T.tolist()):
        if alive > 1e-12:
            chances[:, year] = min(1.0, end / alive), min(1.0, fail / alive)
        alive -= end + fail
    end_part, fail_part = (_parts(each) for each in by_year)
    return chances[0], end_part, chances[1], fail_part


def _parts(by_year: Floats) -> Floats:
    """A year's four chances as parts of 256, by largest remainder; late in a year without any."""
    whole = by_year.sum(axis=1, keepdims=True)
    some = whole > 0.0
    exact = np.divide(by_year, whole, out=np.zeros_like(by_year), where=some) * PARTS
    floors = np.floor(exact)
    rank = np.argsort(np.argsort(floors - exact, axis=1, kind="stable"), axis=1)
    more = rank < PARTS - floors.sum(axis=1, keepdims=True)
    found: Floats = np.where(some, (floors + more) / PARTS, [0.0, 0.0, 0.5, 0.5]).ravel()
    return found


def swings(end: Floats, fail: Floats, up: float, down: float) -> tuple[Floats, Floats]:
    """Swings by year, made smaller where chances would pass one at the cycle's extremes."""
    moved = np.abs(end * up - fail * down)
    scale = np.minimum(1.0, np.maximum(0.0, 1.0 - end - fail) / np.maximum(moved, 1e-300))
    return up * scale, down * scale


def swing_of(market: Market) -> float:
    """Part of the full swings that a market of this volatility has."""
    return min(1.0, max(0.0, market.volatility) / VOLATILITY_USUAL)


def interval_variance(years: float, memory: float) -> float:
    """Variance of the summed factor over an interval that begins in the middle of a year."""
    whole = max(0.0, years)
    weights = [min(0.5, whole)]
    whole -= weights[0]
    while whole > 1e-12:
        weights.append(min(1.0, whole))
        whole -= weights[-1]
    row = np.array(weights)
    apart = np.abs(np.subtract.outer(np.arange(row.size), np.arange(row.size)))
    return float(row @ (np.asarray(memory, dtype=float) ** apart) @ row)


def returns_variance(year: int, memory: float) -> float:
    """Variance of the summed factor from the middle of a vintage year to that of year k of age.

    In year 0 the return is the half year's own.
    """
    return 0.25 if year == 0 else interval_variance(float(year), memory)


def fit(array: Floats, size: int) -> Floats:
    """Cut to a size or filled up with noughts."""
    found = np.zeros(size)
    count = min(size, array.size)
    found[:count] = array[:count]
    return found
