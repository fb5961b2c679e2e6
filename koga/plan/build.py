"""From a scheme to the model both evaluators simulate.

Committed money (`scheme.committed`) comes together in vehicles (`pots`), goes out by quarter
(`pace`) and is split into deals by class and sector. Nothing is guessed: a figure the simulation
needs and the scheme lacks is a problem at its own path, and all of them are said at once.
"""

import re

import numpy as np

from koga.core.problems import Problem, Refusal, in_order
from koga.plan import absorption, class_laws, pace
from koga.plan.model import (
    QUARTERS_A_YEAR,
    Commitment,
    Counts,
    Equity,
    Floats,
    Law,
    Line,
    Market,
    Model,
    Sector,
    Source,
    Vehicle,
)
from koga.plan.money import pots
from koga.plan.money.holders import fee_load
from koga.plan.money.pots import Pot
from koga.plan.needs import Needs
from koga.plan.schemes import scheme as schemes
from koga.plan.schemes.shape import Scheme

HORIZON_YEARS_MAX = 60
_MATURITY = re.compile(r"(\d{1,3})(y|m|)", re.ASCII)


def build(scheme: Scheme, *, horizon_years: int | None = None, apart: bool = True) -> Model:
    """The model of a scheme; a `Refusal` lists everything it lacks (`plan.*`).

    horizon_years: of the simulation from the first year; by default years of deployment and life
    where the scheme gives both, else until deals of the last vintage have mostly ended. apart:
    keep sub-funds apart that stand for themselves; where deals are taken by their expectation they
    are all alike, and one does for all.
    """
    needs = Needs(scheme)
    cells = schemes.committed(scheme)
    if not any(cell.amount_won for cell in cells):
        needs.say("plan.no_money", "instrument")
        raise Refusal(in_order(needs.problems))
    gathered = pots.gather(needs, cells)
    found = pots.sources(needs, gathered)
    shared = pots.splits(needs, gathered, found)
    whole = [pots.vehicle(needs, pot, found, shared) for pot in gathered]
    gathered, vehicles = pots.sub_funds(needs, gathered, whole, apart=apart)
    sectors = _sectors(needs)
    lines = _lines(needs, vehicles)
    market = _market(needs)
    _loads_fit(needs, vehicles)
    if needs.problems:
        raise Refusal(in_order(needs.problems))
    first_year = _first_year(needs, gathered)
    put_in = _put_in(needs, gathered, vehicles, found, first_year)
    planned = _planned(needs, lines, sectors, put_in)
    won, deals = pace.whole_deals(planned, [line.ticket_won for line in lines])
    evergreen = needs.given("fund.reinvested_share")
    spread = _evergreen_line(lines, won)
    if evergreen > 0:
        deals = _shared_deals(deals, spread)
    quarters = QUARTERS_A_YEAR * _horizon(needs, horizon_years, lines, vehicles, sectors, won)
    return Model(
        scheme=scheme.code,
        sha256=scheme.sha256,
        first_year=first_year,
        quarters=max(quarters, won.shape[2]),
        vintages=won.shape[2],
        lines=lines,
        sectors=sectors,
        sources=found,
        vehicles=vehicles,
        market=market,
        planned_won=won,
        deals=deals,
        evergreen=evergreen,
        evergreen_line=spread,
        entry_factors=_entry_factors(scheme, first_year, lines, won),
    )


def lacking(scheme: Scheme) -> list[Problem]:
    """Everything a scheme lacks for a simulation; empty where it can be simulated."""
    try:
        build(scheme)
    except Refusal as refusal:
        return list(refusal.problems)
    return []


def _entry_factors(scheme: Scheme, first_year: int, lines: tuple[Line, ...], won: Floats) -> Floats:
    """What entry prices do to multiples, by how much equity is planned in a year."""
    equity = [isinstance(line.law, Equity | Commitment) for line in lines]
    by_quarter = won[equity].sum(axis=(0, 1)).tolist()
    return absorption.entry_factors(scheme, first_year=first_year, equity_won=by_quarter)


def _loads_fit(needs: Needs, vehicles: tuple[Vehicle, ...]) -> None:
    for vehicle in vehicles:
        if fee_load(vehicle) >= 1:
            path = f"instrument.{vehicle.instrument}.terms.management_fee"
            needs.say("plan.fees", path, fee_load(vehicle), years=vehicle.investing_years)


def _first_year(needs: Needs, gathered: list[Pot]) -> int:
    years = [year for pot in gathered for year in pot.years]
    if needs.has("fund.first_year"):
        years.append(int(needs.exact("fund.first_year")))
    return min(years)


def _sectors(needs: Needs) -> tuple[Sector, ...]:
    """Sectors with a weight; one sector of all where the scheme weighs none."""
    weighed = [name for name in needs.entries("sector") if needs.has(f"sector.{name}.weight")]
    return tuple(
        Sector(
            name,
            needs.given(f"sector.{name}.weight"),
            needs.given(f"sector.{name}.zero_share_added"),
            needs.given(f"sector.{name}.log_deviation_added"),
            needs.given(f"sector.{name}.holding_years_added"),
        )
        for name in weighed
    ) or (Sector("all", 1.0, 0.0, 0.0, 0.0),)


def _lines(needs: Needs, vehicles: tuple[Vehicle, ...]) -> tuple[Line, ...]:
    """Every class of deals inside every vehicle of its instruments."""
    lines = []
    laws: dict[tuple[str, str], Law | None] = {}
    for place, vehicle in enumerate(vehicles):
        classes = _classes(needs, vehicle.instrument)
        if not classes:
            needs.say("plan.no_class", f"instrument.{vehicle.instrument}", vehicle.instrument)
        for name in classes:
            key = name, vehicle.instrument
            if key not in laws:
                laws[key] = class_laws.law_of(needs, *key)
            law, ticket = laws[key], needs.needed(f"class.{name}.ticket")
            if ticket <= 0:
                needs.say("plan.ticket", f"class.{name}.ticket", ticket)
            elif law is not None:
                lines.append(Line(name, vehicle.instrument, place, ticket, law))
    return tuple(lines)


def _classes(needs: Needs, instrument: str) -> list[str]:
    listed = {
        name: needs.scheme.plain.get(f"class.{name}.instruments") for name in needs.entries("class")
    }
    return [name for name, of in listed.items() if isinstance(of, tuple) and instrument in of]


def _market(needs: Needs) -> Market:
    rate = needs.needed("market.treasury_rate")
    return Market(
        volatility=needs.needed("market.volatility"),
        premium=needs.given("market.premium"),
        memory=needs.given("market.memory"),
        treasury_rate=rate,
        social_discount_rate=needs.given("market.social_discount_rate", rate),
        inflation=needs.given("market.inflation"),
        curve=_curve(needs) or ((1.0, rate),),
        rate_volatility=needs.given("market.rate_volatility"),
        rate_memory=needs.given("market.rate_memory"),
    )


def _curve(needs: Needs) -> tuple[tuple[float, float], ...]:
    """The treasury curve by maturity in years; keys are `10`, `10y` or `6m`."""
    points = []
    for leaf in needs.scheme.under("market.curve"):
        match = _MATURITY.fullmatch(leaf.path.rpartition(".")[2])
        if match is None or match[1] == "0":
            needs.say("plan.maturity", leaf.path, leaf.path.rpartition(".")[2])
            continue
        years = int(match[1]) / (12 if match[2] == "m" else 1)
        points.append((years, needs.needed(leaf.path)))
    return tuple(sorted(points))


def _put_in(
    needs: Needs,
    gathered: list[Pot],
    vehicles: tuple[Vehicle, ...],
    found: tuple[Source, ...],
    first_year: int,
) -> Floats:
    """Won put into deals by vehicle and quarter: committed, less what is never used and fees."""
    used = 1 - needs.given("fund.undeployed_share")
    paced = [
        pace.by_quarter(
            {year: float(pot.of_year(year)) * used for year in pot.years},
            first_year=first_year,
            lag_years=pots.term(needs, pot, "call_lag_years"),
        )
        for pot in gathered
    ]
    called = np.zeros((len(paced), max(map(len, paced))))
    for row, won in zip(called, paced, strict=True):
        row[: len(won)] = won
    within = pace.within_limits(called, _limits(needs, vehicles, found), first_year)
    last = int(np.flatnonzero(within.sum(axis=0)).max()) + 1
    loads = np.array([fee_load(vehicle) for vehicle in vehicles])
    put_in: Floats = within[:, :last] * (1 - loads)[:, None]
    return put_in


def _limits(
    needs: Needs, vehicles: tuple[Vehicle, ...], found: tuple[Source, ...]
) -> list[tuple[Floats, dict[int, float]]]:
    """Bond limits of a year, and a limit on all public cash of a year."""

    def part_of(names: set[str]) -> Floats:
        return np.array(
            [sum(part for name, part in vehicle.parts if name in names) for vehicle in vehicles]
        )

    limits = []
    for source in found:
        by_year = _by_year(needs, f"capital.{source.name}.bond.limit")
        if by_year:
            limits.append((part_of({source.name}), by_year))
    cash = _by_year(needs, "fund.cash_limit")
    if cash:
        public = {source.name for source in found if source.side != "private"}
        limits.append((part_of(public), cash))
    return limits


def _by_year(needs: Needs, path: str) -> dict[int, float]:
    years = {}
    for leaf in needs.scheme.under(path):
        year = leaf.path.rpartition(".")[2]
        if year != "total":
            years[int(year)] = needs.needed(leaf.path)
    return years


def _planned(
    needs: Needs, lines: tuple[Line, ...], sectors: tuple[Sector, ...], put_in: Floats
) -> Floats:
    shares = np.array([needs.given(f"class.{line.name}.share") for line in lines])
    weights = np.array([sector.weight for sector in sectors])
    by_line = put_in[[line.vehicle for line in lines]] * shares[:, None]
    planned: Floats = by_line[:, None, :] * (weights / weights.sum())[None, :, None]
    return planned


def _evergreen_line(lines: tuple[Line, ...], won: Floats) -> Floats:
    """In proportion to planned money; guarantees are given on paper and take no cash."""
    cash = np.array([line.instrument != class_laws.GUARANTEE for line in lines])
    planned = won.sum(axis=(1, 2)) * cash
    whole = planned.sum()
    spread: Floats = planned / whole if whole else planned
    return spread


def _shared_deals(deals: Counts, spread: Floats) -> Counts:
    """Where only reinvested money comes in, as many deals share it as in other quarters."""
    shared = deals.copy()
    for line in np.flatnonzero(spread):
        for sector in range(deals.shape[1]):
            row = shared[line, sector]
            made = row[row > 0]
            if made.size:
                row[row == 0] = max(1, round(float(made.mean())))
    return shared


def _horizon(
    needs: Needs,
    asked: int | None,
    lines: tuple[Line, ...],
    vehicles: tuple[Vehicle, ...],
    sectors: tuple[Sector, ...],
    won: Floats,
) -> int:
    """Years of the simulation."""
    if asked is not None:
        if not 1 <= asked <= HORIZON_YEARS_MAX:
            needs.say("plan.horizon", "horizon", asked, most=HORIZON_YEARS_MAX)
            raise Refusal(needs.problems)
        return asked
    if needs.has("fund.life_years") and needs.has("fund.deployment_years"):
        years = needs.exact("fund.deployment_years") + needs.exact("fund.life_years")
        return min(-(-years.numerator // years.denominator), HORIZON_YEARS_MAX)
    added = max(sector.holding_years_added for sector in sectors)
    longest = 0.0
    for line in lines:
        vehicle = vehicles[line.vehicle]
        term = vehicle.term_years + vehicle.overrun_years
        longest = max(longest, term or class_laws.length_years(line.law, added))
    last = won.shape[2] / QUARTERS_A_YEAR
    return min(int(np.ceil(last + longest)), HORIZON_YEARS_MAX)
