"""Who paid and who got on many paths: the compiled kernel against the vectorised waterfall."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from koga.core import waterfall_paths
from koga.plan.model import (
    Equity,
    Flows,
    Line,
    Market,
    Model,
    Sector,
    Source,
    Vehicle,
)
from koga.plan.money import holders, vehicle_rules
from koga.plan.money import seats as seating

PATHS, QUARTERS, ROUNDS = 10_000, 80, 5
BOUND = 0.5
"""Of the time of the vectorised waterfall; three ranks, hurdle, carry, 80 quarters."""


def measures() -> Iterator[dict[str, Any]]:
    """Every measure of this room."""
    model = _model()
    flows = _flows()
    own: list[float] = []
    peer: list[float] = []
    holders.holdings(model, flows)
    for _ in range(ROUNDS):
        own.append(_seconds(lambda: holders.holdings(model, flows)))
        peer.append(_seconds(lambda: _vectorised(model, flows)))
    ratio = statistics.median(own) / statistics.median(peer)
    yield {
        "name": f"holders: {PATHS} paths x {QUARTERS} quarters x 3 ranks, kernel / vectorised",
        "ratio": round(ratio, 3),
        "bound": BOUND,
        "ok": ratio <= BOUND and _agree(model, flows),
        "seconds": {"own": statistics.median(own), "peer": statistics.median(peer)},
    }


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _model() -> Model:
    sources = (
        Source("banks", "private", "bank", "senior"),
        Source("bonds", "fund", "bond", "mezzanine"),
        Source("budget", "fiscal", "budget", "junior"),
    )
    parts = (("banks", 0.5), ("bonds", 0.4), ("budget", 0.1))
    vehicle = Vehicle(
        "fund", "indirect", parts, tuple((one.name, one.rank) for one in sources), "", 0.0, "", "",
        "", 0.0, 0.0, 0.05, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    )  # fmt: skip
    law = Equity(4.0, 4.0, 0.2, 0.5, 0.5, 0.0, 0.0, float("inf"), 1.0, 0.0, 0.0)
    return Model(
        scheme="bench", sha256="", first_year=2026, quarters=QUARTERS, vintages=40,
        lines=(Line("deals", "indirect", 0, 1e9, law),), sectors=(Sector("all", 1, 0, 0, 0),),
        sources=sources, vehicles=(vehicle,),
        market=Market(0.2, 0.05, 0.0, 0.03, 0.045, 0.02, ((10.0, 0.03),)),
        planned_won=np.full((1, 1, 40), 1e12), deals=np.ones((1, 1, 40), dtype=np.int64),
        evergreen=0.0, evergreen_line=np.ones(1),
    )  # fmt: skip


def _flows() -> Flows:
    rng = np.random.default_rng(20260104)
    put = np.zeros((PATHS, 1, QUARTERS))
    put[:, :, :40] = 1e12
    back = np.zeros_like(put)
    level = np.exp(rng.normal(0.1, 0.4, (PATHS, 1)))
    back[:, 0, 20:] = 0.7e12 * level * rng.uniform(0.5, 1.5, (PATHS, QUARTERS - 20))
    closed = np.zeros_like(put)
    closed[:, :, -1] = put.sum(axis=2)
    nothing = np.zeros_like(put)
    return Flows(0, put, back, nothing, nothing, closed, np.ones(PATHS), np.zeros((PATHS, 20)))


def _vectorised(model: Model, flows: Flows) -> waterfall_paths.PathOutcome:
    rules = vehicle_rules.of(model, model.vehicles[0], 10**12)
    rows = []
    for quarter in range(QUARTERS):
        day = holders.quarter_day(model.first_year, quarter)
        for seat in seating.of(model, model.vehicles[0]).seats:
            amounts = flows.invested[:, 0, quarter] * seat.part
            rows.append(waterfall_paths.PathFlow(day, "paid_in", amounts, seat.source))
        rows.append(waterfall_paths.PathFlow(day, "distributable", flows.returned[:, 0, quarter]))
    return waterfall_paths.distribute(rules, rows)


def _agree(model: Model, flows: Flows) -> bool:
    """Every source's total, path by path, to a millionth of a millionth."""
    own, peer = holders.holdings(model, flows), _vectorised(model, flows)
    return all(
        np.allclose(own.received[name].sum(axis=1), peer.totals[name], rtol=1e-9, atol=10)
        for name in own.received
    )
