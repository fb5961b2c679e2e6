"""The deterministic path of a scheme, quarter by quarter to the won (`koga cashflow`).

Every chance at its mean (`fast.expected`), rounded to won line by line, then through the exact
waterfall vehicle by vehicle. It is one path, not a forecast: what may happen is `simulate`'s.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from koga.core import money
from koga.core.problems import ensure
from koga.plan import build
from koga.plan.model import QUARTERS_A_YEAR, Floats, Flows, Holdings, Model
from koga.plan.money import returns, vehicle_cash
from koga.plan.money.vehicle_cash import Cash, Deals, Won
from koga.plan.programmes import programmes
from koga.plan.schemes import scheme as schemes
from koga.plan.schemes.shape import Cell, Scheme

_CHANCE = "protected_loses"
"""A chance over many paths says nothing on one."""
_DEALS = ("invested", "returned", "income", "written_off", "closed")


@dataclass(frozen=True, slots=True)
class Cashflow:
    """A scheme's deterministic path.

    committed: as the scheme says. vehicles: the cash of each. programmes: cost by quarter of the
    horizon, won. measures: as a simulation's, of this one path; NaN where undefined.
    """

    scheme: Scheme
    model: Model
    committed: tuple[Cell, ...]
    vehicles: Mapping[str, Cash]
    programmes: Mapping[str, Won]
    measures: Mapping[str, float]


def cashflow(scheme: Scheme) -> Cashflow:
    """The deterministic path of a scheme; a `Refusal` lists what the scheme lacks for it."""
    from koga.plan.engine import fast

    model = build.build(scheme, apart=False)
    return of(scheme, model, fast.expected(model))


def of(scheme: Scheme, model: Model, expected: Flows) -> Cashflow:
    """The same of a model and the flows of its lines (one path)."""
    deals = _deals(model, expected)
    vehicles = {
        vehicle.name: vehicle_cash.of(model, place, deals[place])
        for place, vehicle in enumerate(model.vehicles)
    }
    found = Cashflow(
        scheme=scheme,
        model=model,
        committed=tuple(schemes.committed(scheme)),
        vehicles=vehicles,
        programmes=_programmes(scheme, model),
        measures={},
    )
    told = returns.outcome(model, _flows(expected, found), holdings(found)).measures
    measures = {name: round(float(value[0]), 12) for name, value in told.items() if name != _CHANCE}
    _balanced(found)
    return Cashflow(scheme, model, found.committed, vehicles, found.programmes, measures)


def _deals(model: Model, expected: Flows) -> list[Deals]:
    """Each vehicle's deals, every line rounded to won before lines are added."""
    lines = {name: np.rint(getattr(expected, name)[0]).astype(np.int64) for name in _DEALS}
    by_vehicle = []
    for place in range(len(model.vehicles)):
        own = [line.vehicle == place for line in model.lines]
        by_vehicle.append({name: won[own].sum(axis=0).tolist() for name, won in lines.items()})
    pool = lines["returned"].sum(axis=0).tolist()
    return [Deals(**won, pool=pool) for won in by_vehicle]


def _programmes(scheme: Scheme, model: Model) -> dict[str, Won]:
    """Planned cost of each programme, a year's even over its quarters, to the won."""
    return {
        name: _by_quarter(model, name, programmes.cost_by_year(scheme, name))
        for name in scheme.entries.get("programme", ())
    }


def _by_quarter(model: Model, name: str, years: Mapping[int, float]) -> Won:
    won = [0] * model.quarters
    for year, cost in years.items():
        parts = money.split(
            round(cost), [1] * QUARTERS_A_YEAR, policy="largest_remainder",
            distribution=f"{name}/{year}",
        ).parts  # fmt: skip
        start = (year - model.first_year) * QUARTERS_A_YEAR
        for quarter, part in enumerate(parts, start):
            if 0 <= quarter < model.quarters:
                won[quarter] += part
    return won


def _balanced(found: Cashflow) -> None:
    """What sources pay less what they get is what deals and managers take, to the won."""
    paid = received = kept = deals = 0
    for cash in found.vehicles.values():
        paid += sum(map(sum, cash.paid)) + sum(map(sum, cash.parent_fees))
        paid += sum(map(sum, cash.covers.values()))
        received += sum(map(sum, cash.received))
        kept += sum(cash.fees) + sum(map(sum, cash.parent_fees)) + sum(cash.carry)
        deals += sum(cash.deals.invested) - sum(cash.deals.returned)
    ensure(paid - received - kept == deals, "money in is money out, to the won")


def by_source(found: Cashflow) -> dict[str, dict[str, Won]]:
    """What each source paid (with parent fees and first losses) and received, by quarter."""
    quarters = found.model.quarters
    table = {
        source.name: {"paid": [0] * quarters, "received": [0] * quarters}
        for source in found.model.sources
    }
    for cash in found.vehicles.values():
        for place, seat in enumerate(cash.seats):
            _add(table[seat.source]["paid"], cash.paid[place])
            _add(table[seat.source]["paid"], cash.parent_fees[place])
            _add(table[seat.source]["received"], cash.received[place])
        for name, won in cash.covers.items():
            _add(table[name]["paid"], won)
    return table


def by_rank(found: Cashflow) -> dict[str, dict[str, Won]]:
    """What each rank paid into vehicles, received and never gets back, by quarter.

    A cover from outside is a loss of its provider's rank, as in `holders`.
    """
    quarters = found.model.quarters
    rank = {source.name: source.rank for source in found.model.sources}
    table: dict[str, dict[str, Won]] = {}

    def row(name: str) -> dict[str, Won]:
        return table.setdefault(
            name, {what: [0] * quarters for what in ("paid", "received", "lost")}
        )

    for cash in found.vehicles.values():
        for place, seat in enumerate(cash.seats):
            _add(row(seat.rank)["paid"], cash.paid[place])
            _add(row(seat.rank)["received"], cash.received[place])
            _add(row(seat.rank)["lost"], cash.lost[place])
        for name, won in cash.covers.items():
            _add(row(rank[name])["lost"], won)
    return table


def by_vehicle(found: Cashflow) -> dict[str, dict[str, Won]]:
    """Each vehicle's deals, calls, distributions, fees, carry and first loss, by quarter.

    Sub-funds of one vehicle together.
    """
    tables: dict[str, dict[str, Won]] = {}
    for vehicle in found.model.vehicles:
        cash = found.vehicles[vehicle.name]
        own = {
            "invested": cash.deals.invested,
            "returned": cash.deals.returned,
            "written_off": cash.deals.written_off,
            "called": cash.called,
            "distributed": _sum(cash.received),
            "fees": _sum([cash.fees, *cash.parent_fees]),
            "carry": cash.carry,
            "first_loss": cash.first_loss,
        }
        before = tables.get(vehicle.told_as)
        tables[vehicle.told_as] = (
            {name: _sum([before[name], won]) for name, won in own.items()} if before else own
        )
    return tables


def _add(into: Won, won: Won) -> None:
    for quarter, amount in enumerate(won):
        into[quarter] += amount


def _sum(rows: list[Won]) -> Won:
    return [sum(column) for column in zip(*rows, strict=True)]


def holdings(found: Cashflow) -> Holdings:
    """The same as a simulation's holdings, of one path."""

    def path(won: Won) -> Floats:
        return np.array([won], dtype=np.float64)

    sources, ranks = by_source(found), by_rank(found)
    vehicles = by_vehicle(found)
    held = dict.fromkeys(sources, 0)
    for cash in found.vehicles.values():
        for seat, won in zip(cash.seats, cash.held, strict=True):
            held[seat.source] += won
    covered = {vehicle.told_as for vehicle in found.model.vehicles if vehicle.first_loss_provider}
    return Holdings(
        paid={name: path(row["paid"]) for name, row in sources.items()},
        received={name: path(row["received"]) for name, row in sources.items()},
        covered={
            name: path(row["first_loss"]) for name, row in vehicles.items() if name in covered
        },
        fees={name: path(row["fees"]) for name, row in vehicles.items()},
        carry={name: path(row["carry"]) for name, row in vehicles.items()},
        lost_by_rank={name: path(row["lost"]) for name, row in ranks.items()},
        held={name: np.array([float(won)]) for name, won in held.items()},
        called={name: np.array([float(sum(row["called"]))]) for name, row in vehicles.items()},
    )


def _flows(expected: Flows, found: Cashflow) -> Flows:
    """The rounded flows of the deals, all of a vehicle's in its first line."""
    lines = [line.vehicle for line in found.model.lines]

    def rows(name: str) -> Floats:
        made = np.zeros((1, len(lines), found.model.quarters))
        for place, cash in enumerate(found.vehicles.values()):
            made[0, lines.index(place)] = getattr(cash.deals, name)
        return made

    invested, returned, income, written_off, closed = (rows(name) for name in _DEALS)
    return Flows(
        first_path=expected.first_path,
        invested=invested,
        returned=returned,
        income=income,
        written_off=written_off,
        closed=closed,
        weights=expected.weights,
        factors=expected.factors,
    )


def quarters(found: Cashflow) -> Iterator[dict[str, Any]]:
    """One mapping a quarter: flows by source, vehicle, rank and programme, in won."""
    tables = _tables(found)
    for quarter in range(found.model.quarters):
        year, place = divmod(quarter, QUARTERS_A_YEAR)
        name = f"{found.model.first_year + year}-Q{place + 1}"
        yield {"quarter": name, "unit": "KRW"} | _cut(tables, quarter, quarter + 1)


def years(found: Cashflow) -> Iterator[dict[str, Any]]:
    """The same by fiscal year."""
    tables = _tables(found)
    for year in range(found.model.years):
        start = year * QUARTERS_A_YEAR
        yield {"year": found.model.first_year + year, "unit": "KRW"} | _cut(
            tables, start, start + QUARTERS_A_YEAR
        )


_Tables = Mapping[str, Mapping[str, Mapping[str, Won]]]


def _tables(found: Cashflow) -> _Tables:
    return {
        "sources": by_source(found),
        "vehicles": by_vehicle(found),
        "ranks": by_rank(found),
        "programmes": {name: {"cost": won} for name, won in found.programmes.items()},
    }


def _cut(tables: _Tables, start: int, end: int) -> dict[str, Any]:
    return {
        table: {
            name: {what: sum(won[start:end]) for what, won in row.items()}
            for name, row in rows.items()
        }
        for table, rows in tables.items()
    }
