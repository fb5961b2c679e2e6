"""Space for start-ups: square metres by year, how much of it is lived in, what it is worth.

m²-days delivered = area × days of the year × occupancy; the support it carries is the market rent
it does not charge. Occupancy varies by path and year.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from koga.plan.model import Floats
from koga.plan.needs import Needs
from koga.plan.programmes import path_draws
from koga.plan.programmes.span import by_year
from koga.plan.schemes.shape import Scheme


@dataclass(frozen=True, slots=True)
class Space:
    """area: m² by year. market_rent: won per m² and month. charged_share: of it asked for."""

    name: str
    area: Mapping[int, float]
    occupancy_share: float
    occupancy_deviation: float
    firm_area: float
    market_rent: float
    charged_share: float


@dataclass(frozen=True, slots=True)
class Occupied:
    """By path and year: m²-days lived in, firms housed at a time, rent not charged (won)."""

    first_year: int
    days: Floats
    firms: Floats
    support: Floats


def spaces(scheme: Scheme) -> tuple[Space, ...]:
    """The space programmes of a scheme."""
    keys = ("occupancy_share", "occupancy_deviation", "firm_area", "market_rent", "charged_share")
    needs = Needs(scheme)
    return tuple(
        Space(
            name=name,
            area=by_year(scheme, f"programme.{name}.space.area"),
            **{key: needs.needed(f"programme.{name}.space.{key}") for key in keys},
        )
        for name in scheme.entries.get("programme", ())
        if f"programme.{name}.space.firm_area" in scheme.leaves
    )


def occupied(space: Space, *, seed: int, first: int, paths: int) -> Occupied:
    """What a range of paths delivers."""
    start, years = min(space.area), max(space.area) - min(space.area) + 1
    drawn = path_draws.normals(seed, first, paths, f"space {space.name}", years)
    listed = range(start, start + years)
    area = np.array([space.area.get(year, 0.0) for year in listed])
    days = np.array([365.0 + calendar.isleap(year) for year in listed])
    lived = np.clip(space.occupancy_share + space.occupancy_deviation * drawn, 0.0, 1.0) * area
    yearly = 12 * space.market_rent * (1 - space.charged_share)
    return Occupied(start, lived * days, lived / space.firm_area, lived * yearly)
