"""What must happen before a protected rank loses: reverse stress of one scheme.

The state searched is the market's factor, year by year, with everything else as expected; a scheme
whose senior rank survives every market within reach says so. See `stress` for the search.
"""

from dataclasses import dataclass

import numpy as np

from koga.plan.budget import stress
from koga.plan.budget.stress import Condition, Design, Driver, Loss
from koga.plan.engine import factors, fast, prepared
from koga.plan.model import Counts, Floats, Model
from koga.plan.money import holders
from koga.plan.outcome import Outcome

PROTECTED, UNRANKED = "senior", "unranked"
ABOVE_WON = 1.0
"""A loss counts from one won on (`returns` counts `protected_loses` alike)."""


@dataclass(frozen=True, slots=True)
class Reverse:
    """The answer for one rank.

    level: every year equally bad, `level.shift` the factor of each. nearest: the most likely single
    course of bad years. lost_won: what the rank loses on the expected path, without any shift.
    volatility: of the market, a year, what one deviation of its factor stands for.
    """

    rank: str
    first_year: int
    level: Design
    nearest: Design
    lost_won: float
    volatility: float


def loss_of(model: Model, rank: str) -> Loss:
    """What a rank loses, over all vehicles and years, as a function of the market's factor.

    Deals by their expectation given the factor, sectors at their mean.
    """
    years, sectors = prepared.years_of(model), len(model.sectors)

    def loss(shifts: Floats) -> Floats:
        values = np.zeros((len(shifts), 1 + sectors, years))
        values[:, 0, : shifts.shape[1]] = shifts
        drawn = factors.Factors(values, np.ones(len(shifts)))
        made = holders.holdings(model, fast.flows_on(model, drawn, first=0))
        found: Floats = made.lost_by_rank[rank].sum(axis=1)
        return found

    return loss


def reverse(model: Model, *, rank: str = "", above_won: float = ABOVE_WON) -> Reverse | None:
    """The nearest bad course of the market after which a rank loses; None where nobody holds it.

    rank: the protected one unless named. above_won: a loss counts from here on.
    """
    held = {one for vehicle in model.vehicles for _, one in vehicle.ranks}
    rank = rank or next((one for one in (PROTECTED, UNRANKED) if one in held), "")
    if rank not in held:
        return None
    loss = loss_of(model, rank)
    start = -np.ones(model.years)
    nearest = stress.nearest(loss, start, above=above_won)
    level = stress.along(loss, start, above=above_won)
    plain = float(loss(np.zeros((1, model.years)))[0])
    return Reverse(rank, model.first_year, level, nearest, plain, model.market.volatility)


def protected(outcome: Outcome) -> str:
    """The rank that others protect on these paths: senior, else unranked; empty where none is."""
    return next((rank for rank in (PROTECTED, UNRANKED) if f"lost.{rank}" in outcome.series), "")


def seen(outcome: Outcome, *, rank: str = PROTECTED, law: Counts | None = None) -> Condition | None:
    """How the market stood on the simulated paths where a rank lost; None where nobody holds it.

    law: of each path which law of a mixture it was drawn from, for the error.
    """
    lost = outcome.series.get(f"lost.{rank}")
    if lost is None:
        return None
    factors, weights = outcome.series["market.factor"], outcome.weights
    return stress.condition(factors, lost.sum(axis=1), weights, above=ABOVE_WON, law=law)


CAUSES = ("gross_multiple", "loss_ratio")
"""Measures of what deals did, before anybody's share of it."""


def drivers(
    outcome: Outcome, *, cost: str = "cost.lifetime", first_year: int, top: int = 10
) -> list[Driver]:
    """What a cost follows most closely over the paths: the market by year and over all years, and
    what the deals brought. Other results, which follow the same causes, are not asked.
    """
    market = outcome.series["market.factor"]
    figures = {f"market.{first_year + year}": market[:, year] for year in range(market.shape[1])}
    figures["market.mean"] = market.mean(axis=1)
    figures |= {name: outcome.measures[name] for name in CAUSES if name in outcome.measures}
    return stress.drivers(outcome.measures[cost], figures, top=top)
