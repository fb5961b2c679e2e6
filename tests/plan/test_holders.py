"""Who paid and who got, on paths: the compiled kernel is the truth of core.waterfall."""

import importlib.util
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.core import day_counts, fund_flows, fund_rules, waterfall
from koga.core.fund_flows import Flow
from koga.core.fund_rules import FundRules
from koga.plan import build, holders, holders_kernel, scheme, vehicle_rules
from koga.plan import seats as seating
from koga.plan.model import Equity, Flows, Line, Market, Model, Sector, Source, Vehicle

_SPEC = importlib.util.spec_from_file_location(
    "waterfall_cases_of_core", Path(__file__).parents[1] / "core" / "test_waterfall_cases.py"
)
assert _SPEC and _SPEC.loader
golden = importlib.util.module_from_spec(_SPEC)
sys.modules["waterfall_cases_of_core"] = golden
_SPEC.loader.exec_module(golden)

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


VEHICLES = {
    "ranks": vehicle(),
    "pari passu": vehicle(parts=(("bonds", 0.5), ("banks", 0.5))),
    "hurdle and carry": vehicle(hurdle_rate=0.05, carry=0.2),
    "catch-up": vehicle(hurdle_rate=0.08, carry=0.2, catch_up=1.0),
    "half catch-up": vehicle(hurdle_rate=0.08, carry=0.2, catch_up=0.5),
    "excess passed on": vehicle(hurdle_rate=0.05, carry=0.2, upside_to_private=0.2),
    "manager's money": vehicle(
        parts=(("bonds", 0.28), ("manager", 0.02), ("banks", 0.7)),
        carry=0.2, hurdle_rate=0.04, upside_to_private=0.3,
    ),
    "funded first loss": vehicle(
        parts=(("citizens", 0.7), ("budget", 0.3)), first_loss_provider="fiscal",
        first_loss_share=0.2, first_loss_denominator="vehicle_total",
        ranks=(("citizens", "senior"), ("budget", "unranked")),
    ),
    "cover at the end": vehicle(
        first_loss_provider="fiscal", first_loss_share=0.3,
        first_loss_denominator="protected_money", first_loss_settles="liquidation",
    ),
    "cover at realisation": vehicle(
        first_loss_provider="fiscal", first_loss_share=0.25,
        first_loss_denominator="vehicle_total", first_loss_settles="realisation",
        hurdle_rate=0.05, carry=0.1,
    ),
    "cover by the manager": vehicle(
        first_loss_provider="manager", first_loss_share=0.1,
        first_loss_denominator="vehicle_total", first_loss_settles="liquidation",
    ),
}  # fmt: skip

MILLIONS = st.integers(0, 10**7).map(lambda number: number * 10**6)


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(sorted(VEHICLES)),
    paths=st.lists(
        st.lists(
            st.tuples(
                MILLIONS,
                MILLIONS,
                MILLIONS,
            ),
            min_size=9, max_size=9,
        ),
        min_size=1, max_size=3,
    ),
)  # fmt: skip
def test_given_any_flows_when_held_then_each_source_nets_what_the_exact_waterfall_says(
    name: str, paths: list[list[tuple[int, int, int]]]
) -> None:
    one = model(VEHICLES[name], 9)
    table = np.array(paths, dtype=float)

    held = holders.holdings(one, flows(table[:, :, 0], table[:, :, 1], table[:, :, 2]))

    for place, path in enumerate(paths):
        invested, returned, lost = (list(column) for column in zip(*path, strict=True))
        truth = by_source(exact(one, invested, returned, lost))
        bound = 40 + 1e-9 * sum(invested + returned)
        for source in SOURCES:
            covers = sum(cover[place].sum() for cover in held.covered.values())
            net = held.received[source.name][place].sum() - held.paid[source.name][place].sum()
            paid_in = sum(
                round(put * part)
                for part in [dict(one.vehicles[0].parts).get(source.name, 0.0)]
                for put in invested
            )
            assert net + paid_in == pytest.approx(truth.get(source.name, 0), abs=bound), (
                source.name, covers,
            )  # fmt: skip
        assert held.carry["v"][place].sum() == pytest.approx(truth["carry"], abs=bound)
