"""What loans and guarantees cost when they are given: the subsidy at disbursement, two ways.

As under the US Federal Credit Reform Act (2 U.S.C. 661a(5)): the net present value, on the day of
disbursement, of everything expected to be paid out less everything expected to come back (interest,
principal, fees, recoveries), administration left out, discounted at treasury rates. Beside it the
fair value (CBO, publication 53886): the same flows weighed with the price of market risk, as who
defaults in bad years costs more than who defaults in good ones. A positive subsidy is a cost.

The flows of one won given in a quarter are the means of the simulator's own law over fixed
quasi-random paths; the subsidy of a year's loans is what is disbursed times that year's rate. It is
a cost by accrual and says again what later shows in cash: the two are never added up.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from koga.plan.budget import curve
from koga.plan.engine import factors, fast, prepared
from koga.plan.engine.factors import Factors
from koga.plan.model import (
    QUARTERS_A_YEAR,
    Floats,
    Flows,
    Line,
    Loan,
    Market,
    Model,
    Sector,
    Vehicle,
)

PATHS, SEED = 1024, 661
"""Quasi-random paths a cohort's means are taken over, and their seed."""
_AFTER = 2 * QUARTERS_A_YEAR
"""Quarters after the tenor in which recoveries may still come."""


def present_cost(net: Floats, discount: Floats, start: int = 0) -> Floats:
    """Present value, on the day of disbursement, of what is paid out less what comes back.

    net: won by quarter from the one of disbursement on, last axis. discount: treasury factors from
    the first day of the horizon. start: quarters from then to the end of that of disbursement.

    >>> net = np.array([1000.0, -5.0, -5.0, -5.0, -1005.0])
    >>> factors = curve.discount_factors(np.full(9, 0.04))
    >>> round(float(present_cost(net, factors, 4)), 3)
    19.51
    """
    factors = discount[start : start + net.shape[-1]] / discount[start]
    found: Floats = net @ factors
    return found


@dataclass(frozen=True, slots=True)
class Cohort:
    """One won of every loan class given at once: what is paid out less what comes back.

    net: by path, class and quarter from disbursement on; of a guarantee, per won guaranteed.
    kernel: by path and quarter, the price of market risk since disbursement.
    """

    net: Floats
    kernel: Floats

    @property
    def expected(self) -> Floats:
        """Means by class and quarter."""
        found: Floats = self.net.mean(axis=0)
        return found

    @property
    def weighed(self) -> Floats:
        """The same with market risk priced."""
        found: Floats = (self.net * self.kernel[:, None, :]).mean(axis=0)
        return found


def loan_lines(model: Model) -> list[int]:
    """Places of lines that lend or guarantee loans."""
    return [place for place, line in enumerate(model.lines) if isinstance(line.law, Loan)]


def cohort(model: Model) -> Cohort:
    """The cohort of a model's loan classes over `PATHS` fixed paths; kept for models alike."""
    lines, mix = _asked(model)
    return _cohort(lines, model.sectors, model.vehicles, model.market, mix)


def _asked(model: Model) -> tuple[tuple[Line, ...], tuple[float, ...]]:
    """Loan lines, and the parts of sectors in what they are planned to lend."""
    places = loan_lines(model)
    planned = model.planned_won[places].sum(axis=(0, 2))
    weights = planned if planned.sum() > 0 else np.array([one.weight for one in model.sectors])
    whole = float(weights.sum()) or 1.0
    return tuple(model.lines[place] for place in places), tuple((weights / whole).tolist())


@lru_cache(maxsize=8)
def _cohort(
    lines: tuple[Line, ...],
    sectors: tuple[Sector, ...],
    vehicles: tuple[Vehicle, ...],
    market: Market,
    mix: tuple[float, ...],
) -> Cohort:
    single = _single(lines, sectors, vehicles, market, mix)
    drawn = factors.drawn(
        years=prepared.years_of(single), sectors=len(sectors), memory=market.memory,
        seed=SEED, first=0, paths=PATHS, source="sobol",
    )  # fmt: skip
    return _given(single, drawn)


def _given(single: Model, drawn: Factors) -> Cohort:
    made = fast.flows_on(single, drawn, first=0)
    kernel = np.repeat(curve.pricing_kernel(single.market, made.factors), QUARTERS_A_YEAR, axis=1)
    return Cohort(made.invested - made.returned, kernel[:, : single.quarters])


def _single(
    lines: tuple[Line, ...],
    sectors: tuple[Sector, ...],
    vehicles: tuple[Vehicle, ...],
    market: Market,
    mix: tuple[float, ...],
) -> Model:
    """A model in which one won of each loan class is given in the first quarter, nothing else."""
    longest = max(line.law.tenor_years for line in lines if isinstance(line.law, Loan))
    won = np.tile(np.array(mix)[None, :, None], (len(lines), 1, 1))
    return Model(
        scheme="cohort", sha256="", first_year=1, quarters=_whole_years(longest) + _AFTER,
        vintages=1, lines=lines, sectors=sectors, sources=(), vehicles=vehicles, market=market,
        planned_won=won, deals=np.ones(won.shape, dtype=np.int64), evergreen=0.0,
        evergreen_line=np.zeros(len(lines)),
    )  # fmt: skip


def _whole_years(years: float) -> int:
    return QUARTERS_A_YEAR * -(-round(years * QUARTERS_A_YEAR) // QUARTERS_A_YEAR)


@dataclass(frozen=True, slots=True)
class Rates:
    """Subsidy per won disbursed, by loan class and quarter of disbursement.

    lines: places in the model. treasury, fair: the two discountings.
    """

    lines: tuple[int, ...]
    treasury: Floats
    fair: Floats


def rates(model: Model) -> Rates:
    """What one won lent or guaranteed costs, by class and quarter; kept for models alike."""
    places = loan_lines(model)
    if not places:
        nothing = np.zeros((0, model.quarters))
        return Rates((), nothing, nothing)
    lines, mix = _asked(model)
    asked = lines, model.sectors, model.vehicles, model.market, mix
    return Rates(tuple(places), *_rates(*asked, model.quarters))


@lru_cache(maxsize=8)
def _rates(
    lines: tuple[Line, ...],
    sectors: tuple[Sector, ...],
    vehicles: tuple[Vehicle, ...],
    market: Market,
    mix: tuple[float, ...],
    quarters: int,
) -> tuple[Floats, Floats]:
    found = _cohort(lines, sectors, vehicles, market, mix)
    discount = curve.treasury(market, quarters + found.net.shape[2])
    starts = range(1, quarters + 1)
    treasury, fair = (
        np.stack([present_cost(net, discount, start) for start in starts], axis=1)
        for net in (found.expected, found.weighed)
    )
    return treasury, fair


def series(model: Model, flows: Flows, found: Rates) -> dict[str, Floats]:
    """`subsidy.treasury`, `subsidy.fair`: of what is lent in each fiscal year, won by path."""
    starts = np.arange(0, model.quarters, QUARTERS_A_YEAR)
    given = disbursed(model, flows, found.lines)
    answer = {}
    for name, rate in (("treasury", found.treasury), ("fair", found.fair)):
        cost = np.einsum("plq,lq->pq", given, rate)
        answer[f"subsidy.{name}"] = np.add.reduceat(cost, starts, axis=1)
    return answer


def disbursed(model: Model, flows: Flows, lines: Sequence[int]) -> Floats:
    """Won lent, and won guaranteed, by path, loan class and quarter."""
    given = flows.invested[:, list(lines)].copy()
    for row, place in enumerate(lines):
        law = model.lines[place].law
        if isinstance(law, Loan) and law.guarantee:
            given[:, row] = 0.0
            given[:, row, : model.vintages] = model.planned_won[place].sum(axis=0)
    return given


def by_class(model: Model, found: Rates) -> dict[str, tuple[float, float]]:
    """The rate of each class over all that is planned, at treasury and at fair value."""
    answer = {}
    for row, place in enumerate(found.lines):
        planned = np.zeros(model.quarters)
        planned[: model.vintages] = model.planned_won[place].sum(axis=0)
        whole = planned.sum()
        if whole > 0:
            line = model.lines[place]
            rate = (float(each[row] @ planned / whole) for each in (found.treasury, found.fair))
            answer[line.name] = (next(rate), next(rate))
    return answer


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the loans of one vintage cost per won, as known at the end of a year.

    vintage, year: fiscal years; in `vintage - 1` stands the estimate made before disbursement.
    disbursed_won: planned. treasury, fair: per won, on the day of disbursement.
    """

    vintage: int
    year: int
    disbursed_won: float
    treasury: float
    fair: float


def book(model: Model, market_factors: Floats, *, through: int | None = None) -> list[Estimate]:
    """The original estimate and the re-estimates of every vintage of planned loans.

    market_factors: the market factor of each fiscal year that has passed, from the first year on
    (standard normal; 0 an ordinary year). Each re-estimate takes the years passed as they were and
    the mean over what may still come. through: the last year to re-estimate in, the last given by
    default. Flows before the estimate are those expected under the factors given.
    """
    places = loan_lines(model)
    planned = model.planned_won[places].sum(axis=1)
    passed = market_factors.size if through is None else through - model.first_year + 1
    found = []
    for year in range(-(-model.vintages // QUARTERS_A_YEAR)):
        block = slice(year * QUARTERS_A_YEAR, (year + 1) * QUARTERS_A_YEAR)
        won = planned[:, block].sum(axis=1)
        if won.sum() > 0:
            for known in range(max(0, passed - year) + 1):
                given = market_factors[year : year + known]
                costs = _estimate(model, year, won, given)
                found.append(
                    Estimate(
                        model.first_year + year,
                        model.first_year + year + known - 1,
                        float(won.sum()),
                        *costs,
                    )
                )
    return found


def _estimate(model: Model, year: int, won: Floats, known: Floats) -> tuple[float, float]:
    """Cost per won of a vintage year, the market factors of its first years known."""
    lines, mix = _asked(model)
    single = _single(lines, model.sectors, model.vehicles, model.market, mix)
    known = known[: single.years]
    drawn = factors.drawn(
        years=prepared.years_of(single), sectors=len(model.sectors),
        memory=model.market.memory, seed=SEED, first=0, paths=PATHS, source="sobol",
    )  # fmt: skip
    values = drawn.values.copy()
    values[:, 0] = _continued(model.market, drawn.market, known)
    made = _given(single, dataclasses.replace(drawn, values=values))
    kernel = made.kernel / made.kernel[:, [max(known.size * QUARTERS_A_YEAR - 1, 0)]]
    if not known.size:
        kernel = made.kernel
    kernel[:, : known.size * QUARTERS_A_YEAR] = 1.0
    length = single.quarters
    discount = curve.treasury(model.market, model.quarters + length)
    start = year * QUARTERS_A_YEAR + QUARTERS_A_YEAR // 2
    parts = won / won.sum()
    plain = present_cost(made.expected, discount, start)
    fair = present_cost((made.net * kernel[:, None, :]).mean(axis=0), discount, start)
    return float(parts @ plain), float(parts @ fair)


def _continued(market: Market, drawn: Floats, known: Floats) -> Floats:
    """Drawn factors whose first years are as they were and whose later years go on from there."""
    fresh = curve.innovations(market, drawn)
    found = drawn.copy()
    left = np.sqrt(1.0 - market.memory * market.memory)
    for year in range(drawn.shape[1]):
        if year < known.size:
            found[:, year] = known[year]
        elif year:
            found[:, year] = market.memory * found[:, year - 1] + left * fresh[:, year]
    return found
