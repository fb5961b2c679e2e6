"""A scheme as the simulator sees it: lines of deals on a grid of quarters, vehicles, money sources.

Everything here is numbers a kernel can read; names and sources stay in the scheme. One model gives
the deterministic path (`cashflow`) and both evaluators (`exact`, `fast`), so that they cannot
differ in what they simulate. Amounts are won as float64 (floats live only in simulation), times are
quarters from the first quarter of `first_year`, rates are yearly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

QUARTERS_A_YEAR = 4


@dataclass(frozen=True, slots=True)
class Equity:
    """Shares in firms: fail or exit, once.

    holding_years, holding_shape: mean and shape of the gamma law of the time to exit.
    zero_share: chance that nothing comes back. log_mean, log_deviation: of the multiple otherwise.
    tail_alpha, tail_from, cap: Pareto tail above `tail_from` (0: none), multiples end at `cap`.
    beta: of the log multiple to the market. sector_volatility: yearly, of the sector's factor.
    follow_on_share: of each deal kept for a follow-on round, paid half-way to the mean exit.
    """

    holding_years: float
    holding_shape: float
    zero_share: float
    log_mean: float
    log_deviation: float
    tail_alpha: float
    tail_from: float
    cap: float
    beta: float
    sector_volatility: float
    follow_on_share: float


@dataclass(frozen=True, slots=True)
class Commitment:
    """A commitment to a fund whose deals are not known: Takahashi-Alexander with random growth."""

    contributions: tuple[float, ...]
    life_years: int
    bow: float
    growth: float
    dividend_yield: float
    beta: float
    growth_volatility: float


@dataclass(frozen=True, slots=True)
class Loan:
    """Loans, or with `guarantee` loans of others that are guaranteed and paid for when called.

    ratings: share of AAA, AA, A, BBB, BB, B at the start. rate: interest a year (a guarantee: fee).
    loss_given_default: mean. recovery_slope: how far it moves with one deviation of the factor.
    """

    ratings: tuple[float, ...]
    rate: float
    loss_given_default: float
    recovery_slope: float
    asset_correlation: float
    tenor_years: float
    grace_years: float
    guarantee: bool


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """Project finance: construction without yield, hazard highest at its end, then income."""

    equity_share: float
    debt_rate: float
    equity_return: float
    construction_years: float
    tenor_years: float
    default_share: float
    recovery_share: float
    beta: float


Law: TypeAlias = Equity | Commitment | Loan | Infrastructure


@dataclass(frozen=True, slots=True)
class Line:
    """One class of deals inside one vehicle.

    name: the class's name in the scheme. instrument: direct_equity, indirect, infrastructure, loan.
    vehicle: index into `Model.vehicles`. ticket_won: the size of one deal.
    """

    name: str
    instrument: str
    vehicle: int
    ticket_won: float
    law: Law


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector: its weight in every line, and how its deals differ from the class's."""

    name: str
    weight: float
    zero_share_added: float
    log_deviation_added: float
    holding_years_added: float


@dataclass(frozen=True, slots=True)
class Source:
    """Whose money: an entry of `[capital]`.

    side: fund, private or fiscal. kind: bond, budget, bank, … rank: junior, mezzanine, senior or
    unranked (pari passu).
    """

    name: str
    side: str
    kind: str
    rank: str


@dataclass(frozen=True, slots=True)
class Vehicle:
    """Where money of several sources is put together, with the rules of who gets what.

    parts: by source name, its share of every call; sums to 1. ranks: by source name, its rank here.
    A source named `manager` is the manager's own money beside the investors'.
    first_loss_*: provider (fund, fiscal, sponsor or ""), share of its denominator, `vehicle_total`
    or `protected_money`, level and when it settles (realisation, liquidation). A vehicle of several
    sub-funds that stand for themselves is as many vehicles, named `NAME#1`, `NAME#2` …
    Rates are yearly; fees are on commitments for `investing_years`, then on what is invested.
    """

    name: str
    instrument: str
    parts: tuple[tuple[str, float], ...]
    ranks: tuple[tuple[str, str], ...]
    first_loss_provider: str
    first_loss_share: float
    first_loss_denominator: str
    first_loss_level: str
    first_loss_settles: str
    management_fee: float
    parent_fund_fee: float
    hurdle_rate: float
    carry: float
    catch_up: float
    manager_commitment: float
    upside_to_private: float
    term_years: float
    overrun_years: float
    investing_years: float

    @property
    def told_as(self) -> str:
        """The name its figures are told under: sub-funds of one vehicle together."""
        return self.name.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Market:
    """What the factors of a path are scaled with.

    curve: the treasury curve, as (maturity in years, rate). rate_volatility, rate_memory: of how
    far its one-year yield moves from year to year (`short_rate`); 0 where yields stay on the curve.
    """

    volatility: float
    premium: float
    memory: float
    treasury_rate: float
    social_discount_rate: float
    inflation: float
    curve: tuple[tuple[float, float], ...]
    rate_volatility: float = 0.0
    rate_memory: float = 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """One scheme ready to simulate.

    quarters: of the whole horizon. vintages: quarters in which deals may be made, the first ones.
    planned_won: new money by line, sector and vintage quarter, before anything is reinvested.
    deals: how many deals stand for it, same shape (where only reinvested money comes in, how many
    share it). evergreen: share of what comes back in a quarter that is put in again in the next
    one, as long as that one is a vintage; `evergreen_line` says in what proportion over lines.
    entry_factors: what multiples of equity (`Equity` and `Commitment`) bought in a vintage quarter
    are multiplied with, below 1 where the market is flooded (`absorption.entry_factors`); empty
    where the scheme says nothing of the market.
    """

    scheme: str
    sha256: str
    first_year: int
    quarters: int
    vintages: int
    lines: tuple[Line, ...]
    sectors: tuple[Sector, ...]
    sources: tuple[Source, ...]
    vehicles: tuple[Vehicle, ...]
    market: Market
    planned_won: Floats
    deals: Counts
    evergreen: float
    evergreen_line: Floats
    entry_factors: Floats = field(default_factory=lambda: np.ones(0))

    @property
    def years(self) -> int:
        """Fiscal years of the horizon (the fiscal year is the calendar year)."""
        return -(-self.quarters // QUARTERS_A_YEAR)


@dataclass(frozen=True, slots=True)
class Flows:
    """What the deals of a range of paths did: won by path, line and quarter.

    invested: paid into deals. returned: cash back, of whatever kind. income: the part of `returned`
    that is interest, fee or yield. written_off: cost of what was lost. closed: cost of what ended,
    lost or not, so that `invested - closed` summed up is what is still in deals at cost.
    weights: likelihood ratio per path, ones unless paths were drawn from a shifted law.
    factors: the market factor by path and year, for figures and reverse stress.
    """

    first_path: int
    invested: Floats
    returned: Floats
    income: Floats
    written_off: Floats
    closed: Floats
    weights: Floats
    factors: Floats


@dataclass(frozen=True, slots=True)
class Holdings:
    """Who paid and got what: won by path and quarter, under the name of a source or a vehicle
    (`Vehicle.told_as`).

    paid, received: by source of money, all vehicles together. covered: by vehicle, what its first
    loss bore for others. fees, carry: by vehicle, to its managers. lost_by_rank: by rank, what that
    rank has paid in and will not get back, booked in the quarter its vehicle ends (a cover paid at
    realisation in its own). held: by source and path, its part of what is still held at the end of
    the horizon, at cost; it is not in `received`. called: by vehicle and path, all it called.
    """

    paid: Mapping[str, Floats]
    received: Mapping[str, Floats]
    covered: Mapping[str, Floats]
    fees: Mapping[str, Floats]
    carry: Mapping[str, Floats]
    lost_by_rank: Mapping[str, Floats]
    held: Mapping[str, Floats]
    called: Mapping[str, Floats]
