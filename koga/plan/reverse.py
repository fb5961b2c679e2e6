"""What must happen before a protected rank loses: reverse stress of one scheme.

The state searched is the market's factor, year by year, with everything else as expected; a scheme
whose senior rank survives every market within reach says so. See `stress` for the search.
"""

from dataclasses import dataclass

import numpy as np

from koga.plan import factors, fast, holders, prepared, stress
from koga.plan.model import Floats, Model
from koga.plan.outcome import Outcome
from koga.plan.stress import Condition, Design, Driver, Loss

PROTECTED = "senior"


@dataclass(frozen=True, slots=True)
class Reverse:
    """The answer for one rank.

    level: every year equally bad, `level.shift` the factor of each. nearest: the most likely single
    course of bad years. lost_won: what the rank loses on the expected path, without any shift.
    """

    rank: str
    first_year: int
    level: Design
    nearest: Design
    lost_won: float


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


def reverse(model: Model, *, rank: str = PROTECTED, above_won: float = 1.0) -> Reverse | None:
    """The nearest bad course of the market after which a rank loses; None where nobody holds it.

    above_won: a loss counts from here on.
    """
    if rank not in {one for vehicle in model.vehicles for _, one in vehicle.ranks}:
        return None
    loss = loss_of(model, rank)
    start = -np.ones(model.years)
    nearest = stress.nearest(loss, start, above=above_won)
    level = stress.along(loss, start, above=above_won)
    plain = float(loss(np.zeros((1, model.years)))[0])
    return Reverse(rank, model.first_year, level, nearest, plain)


def seen(outcome: Outcome, *, rank: str = PROTECTED) -> Condition | None:
    """How the market stood on the simulated paths where a rank lost; None where nobody holds it."""
    lost = outcome.series.get(f"lost.{rank}")
    if lost is None:
        return None
    return stress.condition(outcome.series["market.factor"], lost.sum(axis=1), outcome.weights)


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
    figures["market.all"] = market.mean(axis=1)
    figures |= {name: outcome.measures[name] for name in CAUSES if name in outcome.measures}
    return stress.drivers(outcome.measures[cost], figures, top=top)
