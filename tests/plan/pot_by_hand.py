"""One vehicle with one line of deals, written by hand, and its exact twin in core.waterfall."""

from typing import Any

import numpy as np

from koga.core import waterfall
from koga.core.fund_flows import Flow
from koga.plan.model import Equity, Flows, Line, Market, Model, Sector, Source, Vehicle
from koga.plan.money import holders, vehicle_rules
from koga.plan.money import seats as seating

LAW = Equity(4, 4, 0.2, 0.5, 0.5, 0, 0, float("inf"), 1, 0, 0)
SOURCES = (
    Source("bonds", "fund", "bond", "unranked"),
    Source("budget", "fiscal", "budget", "junior"),
    Source("banks", "private", "bank", "senior"),
    Source("citizens", "private", "citizens", "senior"),
    Source("pensions", "private", "pension", "mezzanine"),
    Source("manager", "private", "manager", "unranked"),
)


def vehicle(**changed: Any) -> Vehicle:
    """A vehicle without any rule but those named."""
    usual: dict[str, Any] = {
        "name": "v",
        "instrument": "indirect",
        "parts": (("bonds", 0.2), ("budget", 0.1), ("banks", 0.4), ("pensions", 0.3)),
        "ranks": tuple((source.name, source.rank) for source in SOURCES),
        "first_loss_provider": "",
        "first_loss_share": 0.0,
        "first_loss_denominator": "",
        "first_loss_level": "",
        "first_loss_settles": "",
        "management_fee": 0.0,
        "parent_fund_fee": 0.0,
        "hurdle_rate": 0.0,
        "carry": 0.0,
        "catch_up": 0.0,
        "manager_commitment": 0.0,
        "upside_to_private": 0.0,
        "term_years": 0.0,
        "overrun_years": 0.0,
        "investing_years": 0.0,
    }
    return Vehicle(**{**usual, **changed})


def model(one: Vehicle, quarters: int, *, evergreen: float = 0.0, vintages: int = 1) -> Model:
    """One vehicle with one line of deals."""
    planned = np.zeros((1, 1, vintages))
    return Model(
        scheme="test",
        sha256="",
        first_year=2026,
        quarters=quarters,
        vintages=vintages,
        lines=(Line("deals", "indirect", 0, 1e9, LAW),),
        sectors=(Sector("all", 1, 0, 0, 0),),
        sources=SOURCES,
        vehicles=(one,),
        market=Market(0.2, 0.05, 0, 0.03, 0.045, 0.02, ((10, 0.03),)),
        planned_won=planned,
        deals=np.ones((1, 1, vintages), dtype=np.int64),
        evergreen=evergreen,
        evergreen_line=np.ones(1),
    )


def flows(invested: Any, returned: Any, written_off: Any = 0, closed: Any = None) -> Flows:
    """Flows of one line: arrays of paths × quarters."""
    put, back = (
        np.atleast_2d(np.asarray(invested, float)),
        np.atleast_2d(np.asarray(returned, float)),
    )
    off = np.broadcast_to(np.asarray(written_off, float), put.shape)
    ended = put.cumsum(axis=1) if closed is None else np.atleast_2d(np.asarray(closed, float))
    if closed is None:  # everything ends in the last quarter
        ended = np.zeros_like(put)
        ended[:, -1] = put.sum(axis=1)
    lines = [array[:, None, :].copy() for array in (put, back, np.zeros_like(put), off, ended)]
    paths, quarters = put.shape
    return Flows(0, *lines, np.ones(paths), np.zeros((paths, -(-quarters // 4))))


def exact(
    one: Model, invested: list[int], returned: list[int], lost: list[int]
) -> waterfall.Outcome:
    """The same through core.waterfall, everything ended."""
    rules = vehicle_rules.of(one, one.vehicles[0], 10**12)
    seats = seating.of(one, one.vehicles[0])
    rows = []
    for quarter, (put, back, off) in enumerate(zip(invested, returned, lost, strict=True)):
        day = holders.quarter_day(one.first_year, quarter)
        for seat in seats.seats:
            member = vehicle_rules.code(seat.source, seat.level)
            rows.append(Flow(day, "paid_in", round(put * seat.part), member))
        rows.append(Flow(day, "realised_loss", off))
        rows.append(Flow(day, "distributable", back))
    rows.append(Flow(holders.quarter_day(one.first_year, len(invested) - 1), "liquidation", 0))
    return waterfall.distribute(rules, rows)


def by_source(outcome: waterfall.Outcome) -> dict[str, int]:
    """Net of each source: its seats together."""
    totals: dict[str, int] = {}
    for member, won in outcome.totals.items():
        name = member.removesuffix(".behind")
        totals[name] = totals.get(name, 0) + won
    return totals
