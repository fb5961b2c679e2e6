"""GPU-hours: bought or rented, what they cost and how many are delivered.

Bought: cards are added each year so that those in service deliver the plan at planned utilisation;
each serves `life` years. Its yearly cost is price × (annuity with resale) + operation × price +
power while available. Rented: reserved hours are paid whether used or not. Hours delivered are
hours available × utilisation. Cost per delivered hour = cost of the years / hours of the years;
with constant figures it is

    buy: (price·a + price·o + kW·PUE·H·e) / (H·u),  a = i (1 - s (1+i)^-L) / (1 - (1+i)^-L)
    rent: rent / u

with H = 8,760 × availability, u utilisation, o operation, e electricity, s resale, i interest and
L life.
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

HOURS_A_YEAR = 8_760


@dataclass(frozen=True, slots=True)
class Supply:
    """How a programme's GPU-hours come about. Rates are yearly, money is won.

    planned: hours by year. rent_share: of them rented. price_change, rent move with the year;
    price_deviation and utilisation_deviation are random by path and year.
    """

    name: str
    planned: Mapping[int, float]
    rent_share: float
    rent_price: float
    price: float
    price_change: float
    price_deviation: float
    resale_share: float
    interest_rate: float
    operating_share: float
    power_kw: float
    overhead: float
    power_price: float
    availability_share: float
    utilisation_share: float
    utilisation_deviation: float
    life_years: float

    @property
    def hours_a_card(self) -> float:
        """Hours a card is available in a year."""
        return HOURS_A_YEAR * self.availability_share

    @property
    def capital_charge(self) -> float:
        """Yearly cost of capital and wear per won of price: the annuity with what is left."""
        life, interest = max(1.0, round(self.life_years)), self.interest_rate
        if interest == 0:
            return (1 - self.resale_share) / life
        kept = (1 + interest) ** -life
        return float(interest * (1 - self.resale_share * kept) / (1 - kept))

    @property
    def power_a_card(self) -> float:
        """Electricity of one card in a year."""
        return self.power_kw * self.overhead * self.hours_a_card * self.power_price


@dataclass(frozen=True, slots=True)
class Delivered:
    """By path and year: hours delivered, cards in service, cost, and cash spent (won)."""

    first_year: int
    hours: Floats
    cards: Floats
    cost: Floats
    spent: Floats


def supplies(scheme: Scheme) -> tuple[Supply, ...]:
    """The computing programmes of a scheme that say how they are supplied."""
    return tuple(
        _supply(scheme, name)
        for name in scheme.entries.get("programme", ())
        if f"programme.{name}.supply.rent_share" in scheme.leaves
    )


def _supply(scheme: Scheme, name: str) -> Supply:
    needs, path = Needs(scheme), f"programme.{name}"
    inside = (
        "rent_share", "rent_price", "price", "price_deviation", "resale_share", "interest_rate",
        "operating_share", "power_kw", "overhead", "power_price", "availability_share",
        "utilisation_deviation",
    )  # fmt: skip
    return Supply(
        name=name,
        planned=by_year(scheme, f"{path}.quantity"),
        price_change=needs.given(f"{path}.supply.price_change"),
        utilisation_share=needs.needed(f"{path}.utilisation_share"),
        life_years=needs.needed(f"{path}.life_years"),
        **{key: needs.needed(f"{path}.supply.{key}") for key in inside},
    )


def cost_per_hour(supply: Supply) -> float:
    """Won per delivered hour at today's prices and planned utilisation, in closed form."""
    used = supply.hours_a_card * supply.utilisation_share
    yearly = supply.price * (supply.capital_charge + supply.operating_share) + supply.power_a_card
    rented = supply.rent_price / supply.utilisation_share
    return supply.rent_share * rented + (1 - supply.rent_share) * yearly / used


def delivered(supply: Supply, *, seed: int, first: int, paths: int) -> Delivered:
    """Hours, cards and money by path; prices and utilisation are random, plans are not."""
    start, years = min(supply.planned), max(supply.planned) - min(supply.planned) + 1
    drawn = path_draws.normals(seed, first, paths, f"supply {supply.name}", 2 * years)
    spread = supply.price_deviation
    steps = spread * drawn[:, :years] - 0.5 * spread**2
    uses = supply.utilisation_deviation * drawn[:, years:]
    return _delivered(supply, start, np.exp(np.cumsum(steps, axis=1)), uses)


def expected(supply: Supply) -> Delivered:
    """One path with prices and utilisation as planned."""
    start, years = min(supply.planned), max(supply.planned) - min(supply.planned) + 1
    return _delivered(supply, start, np.ones((1, years)), np.zeros((1, years)))


def _delivered(supply: Supply, start: int, prices: Floats, uses: Floats) -> Delivered:
    """prices: what the trend of prices is multiplied with. uses: what utilisation is moved by."""
    years = prices.shape[1]
    bought = _bought(supply, start, years)
    trend = (1 + supply.price_change) ** np.arange(years)
    price = supply.price * trend * prices
    used = np.clip(supply.utilisation_share + uses, 0.0, 1.0)
    serving = np.array([row.sum() for row in _serving(supply, bought)])
    worth = np.stack([(price * row).sum(axis=1) for row in _serving(supply, bought)], axis=1)
    rented = _planned(supply, start, years) * supply.rent_share / supply.utilisation_share
    rent = rented * supply.rent_price * trend
    running = worth * supply.operating_share + serving * supply.power_a_card + rent
    return Delivered(
        first_year=start,
        hours=(serving * supply.hours_a_card + rented) * used,
        cards=np.broadcast_to(serving, used.shape).copy(),
        cost=worth * supply.capital_charge + running,
        spent=price * bought + running,
    )


def _planned(supply: Supply, start: int, years: int) -> Floats:
    return np.array([supply.planned.get(start + year, 0.0) for year in range(years)])


def _bought(supply: Supply, start: int, years: int) -> Floats:
    """Cards bought in each year: what the plan needs beyond those still in service."""
    life = max(1, round(supply.life_years))
    usable = supply.hours_a_card * supply.utilisation_share
    needed = _planned(supply, start, years) * (1 - supply.rent_share) / usable
    bought = np.zeros(years)
    for year in range(years):
        serving = bought[max(0, year - life + 1) : year].sum()
        bought[year] = max(0.0, math.ceil(needed[year] - 1e-9) - serving)
    return bought


def _serving(supply: Supply, bought: Floats) -> Floats:
    """By year, the cards of each year of purchase that are in service."""
    life, years = max(1, round(supply.life_years)), bought.size
    age = np.arange(years)[:, None] - np.arange(years)[None, :]
    return np.where((age >= 0) & (age < life), bought[None, :], 0.0)
