"""Key talents: how many stay, treated or not.

Untreated a key talent leaves with the yearly hazard -log(1 - exit rate). Treatment multiplies it
with exp(-Σ effect × amount / 10 million won), the amounts being salary, housing and research money
a year. Those treated are as many as the programme pays for. What treatment keeps is the difference
to how many would be there untreated, arrivals being equal.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from koga.plan.model import Floats
from koga.plan.needs import Needs
from koga.plan.programmes import path_draws
from koga.plan.programmes.span import by_year
from koga.plan.schemes.shape import Scheme

_UNIT_WON = 10_000_000
_KINDS = ("salary", "housing", "research")


@dataclass(frozen=True, slots=True)
class Treatment:
    """treated: persons paid for by year. amounts, effects: by kind of treatment, in won a year and
    per 10 million won."""

    name: str
    treated: Mapping[int, float]
    stock: float
    arrivals: float
    exit_rate: float
    amounts: tuple[float, ...]
    effects: tuple[float, ...]

    @property
    def hazard(self) -> float:
        """Of leaving in a year, untreated."""
        return -math.log1p(-min(self.exit_rate, 1 - 1e-12))

    @property
    def multiplier(self) -> float:
        """What treatment multiplies the hazard with."""
        pairs = zip(self.amounts, self.effects, strict=True)
        return math.exp(-sum(amount / _UNIT_WON * effect for amount, effect in pairs))


@dataclass(frozen=True, slots=True)
class Kept:
    """By path and year: key talents at its end, how many left in it, how many more than untreated
    there are (against the expectation without treatment)."""

    first_year: int
    stock: Floats
    left: Floats
    more: Floats


def treatments(scheme: Scheme) -> tuple[Treatment, ...]:
    """The programmes of a scheme that treat key talents."""
    needs = Needs(scheme)
    found = []
    for name in scheme.entries.get("programme", ()):
        path = f"programme.{name}.treatment"
        if f"{path}.exit_rate" in scheme.leaves:
            found.append(
                Treatment(
                    name=name,
                    treated=by_year(scheme, f"programme.{name}.quantity"),
                    stock=needs.needed(f"{path}.stock"),
                    arrivals=needs.needed(f"{path}.arrivals"),
                    exit_rate=needs.needed(f"{path}.exit_rate"),
                    amounts=tuple(needs.needed(f"{path}.{kind}") for kind in _KINDS),
                    effects=tuple(needs.needed(f"{path}.{kind}_effect") for kind in _KINDS),
                )
            )
    return tuple(found)


def untreated(treatment: Treatment, years: int) -> Floats:
    """How many would be there at each year's end without treatment, expected."""
    found, stock = np.empty(years), treatment.stock
    for year in range(years):
        stock = stock * math.exp(-treatment.hazard) + treatment.arrivals
        found[year] = stock
    return found


def kept(treatment: Treatment, *, seed: int, first: int, paths: int) -> Kept:
    """What a range of paths keeps. Who arrives in a year can leave from the next on."""
    start, last = min(treatment.treated), max(treatment.treated)
    years = last - start + 1
    chances = (
        -math.expm1(-treatment.hazard * treatment.multiplier),
        -math.expm1(-treatment.hazard),
    )
    stock, left = np.empty((paths, years)), np.empty((paths, years))
    streams = path_draws.generators(seed, first, paths, f"key talents {treatment.name}")
    for place, stream in enumerate(streams):
        here = int(treatment.stock)
        for year in range(years):
            paid = min(here, int(treatment.treated.get(start + year, 0.0)))
            leaving = stream.binomial(paid, chances[0]) + stream.binomial(here - paid, chances[1])
            here += int(treatment.arrivals) - int(leaving)
            stock[place, year], left[place, year] = here, leaving
    return Kept(start, stock, left, stock - untreated(treatment, years))
