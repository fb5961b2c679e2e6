"""Who paid and who got, on paths: the compiled kernel is the truth of core.waterfall."""

import importlib.util
import itertools
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.plan.model import Vehicle
from koga.plan.money import holders
from tests.plan.pot_by_hand import SOURCES, by_source, exact, flows, model, vehicle

_SPEC = importlib.util.spec_from_file_location(
    "waterfall_cases_of_core", Path(__file__).parents[1] / "core" / "test_waterfall_cases.py"
)
assert _SPEC and _SPEC.loader
golden = importlib.util.module_from_spec(_SPEC)
sys.modules["waterfall_cases_of_core"] = golden
_SPEC.loader.exec_module(golden)

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


PLAIN = vehicle(parts=(("citizens", 0.9), ("manager", 0.1)), hurdle_rate=0.05, carry=0.2)
ANGLO = vehicle(parts=(("citizens", 1.0),), hurdle_rate=0.08, carry=0.2, catch_up=1.0)
TRANCHES = vehicle(parts=(("banks", 0.8), ("budget", 0.2)))


def new_deal(citizens: int, fiscal: int) -> Vehicle:
    """Citizens' and fiscal money side by side; 20 % of the whole is fiscal first loss."""
    whole = citizens + fiscal
    return vehicle(
        parts=(("citizens", citizens / whole), ("budget", fiscal / whole)),
        ranks=(("citizens", "senior"), ("budget", "unranked")),
        first_loss_provider="fiscal",
        first_loss_share=0.2,
        first_loss_denominator="vehicle_total",
    )


# Cases whose rules a vehicle of a scheme can have: the vehicle, and whose money each member's is.
FITTING: dict[str, tuple[Vehicle, dict[str, str]]] = {
    "korean: whole profit above the hurdle is shared 80 to 20": (PLAIN, {"lp": "citizens"}),
    "korean: a receipt below capital is shared by capital": (PLAIN, {"lp": "citizens"}),
    "korean: the hurdle is paid in part, no carry": (PLAIN, {"lp": "citizens"}),
    "korean: returned capital no longer earns the hurdle": (PLAIN, {"lp": "citizens"}),
    "korean: calls on different days earn from their own day": (PLAIN, {"lp": "citizens"}),
    "korean: a policy fund with a hurdle of 0 %": (
        replace(ANGLO, hurdle_rate=0.0, catch_up=0.0), {"lp": "citizens"},
    ),
    "korean: two receipts of one day are one receipt, in whatever order": (
        PLAIN, {"lp": "citizens"},
    ),
    "anglo: full catch-up leaves the manager exactly 20 % of profit": (ANGLO, {"lp": "citizens"}),
    "anglo: the catch-up ends at its cap (not 36 % of profit)": (ANGLO, {"lp": "citizens"}),
    "anglo: a catch-up cut short continues with the next receipt": (ANGLO, {"lp": "citizens"}),
    "transfer: 20 % of the policy investor's profit above the hurdle goes to the private one": (
        vehicle(
            parts=(("bonds", 0.6), ("citizens", 0.4)), hurdle_rate=0.05, carry=0.2,
            upside_to_private=0.2,
        ),
        {"policy": "bonds", "private": "citizens"},
    ),
} | {
    f"new deal: {name}": (TRANCHES, {"senior": "banks", "junior": "budget"})
    for name in (
        "a vehicle that lost 29.12 % takes the junior's 20 % and 9.12 points more",
        "a vehicle that lost 25.22 %",
        "a vehicle that lost 6.07 % leaves the senior whole",
        "a vehicle that lost 4.37 % leaves the senior whole",
        "the best vehicle, +13.39 %",
    )
} | {
    f"new deal: tranche {name}": (
        new_deal(*sizes), {"citizens": "citizens", "fiscal": "budget", "fiscal_junior": "budget"},
    )
    for name, sizes in {
        "1 at its reported +5.2 %": (1419, 600),
        "1 had it lost 20 %: citizens whole": (1419, 600),
        "1 had it lost 29.12 %: citizens lose 11.4 %": (1419, 600),
        "2 at its reported +8.8 %": (269, 200),
        "2 had it lost 25.22 %": (269, 200),
    }.items()
}  # fmt: skip
GOLDEN = {case.id: case.values[0] for case in golden.ALL}


def table_of(case: dict[str, Any]) -> tuple[list[float], list[float], list[float]]:
    """A case by day: length of the spell before it in years (act/365f), paid in, paid out."""
    _, rows = golden.read_case(case)
    days = sorted({row.day for row in rows})
    lengths = [0.0] + [(after - day).days / 365 for day, after in itertools.pairwise(days)]
    sums = {
        kinds: [
            float(sum(row.amount for row in rows if row.day == day and row.kind in kinds))
            for day in days
        ]
        for kinds in (("paid_in",), ("distributable", "liquidation"))
    }
    return lengths, *sums.values()


@pytest.mark.parametrize("name", FITTING)
def test_given_a_golden_case_a_vehicle_can_have_when_held_then_its_totals_are_as_signed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = GOLDEN[name]
    one, owner = FITTING[name]
    lengths, paid_in, paid_out = table_of(case)
    monkeypatch.setattr(holders, "quarter_years", lambda _: np.array(lengths))

    held = holders.holdings(model(one, len(lengths)), flows([paid_in], [paid_out]))

    expected = dict.fromkeys(owner.values(), 0)
    for member, won in case["totals"].items():
        if member in owner:
            expected[owner[member]] += won
    for source, won in expected.items():
        assert held.received[source].sum() == pytest.approx(won, abs=2)
    manager = held.received["manager"].sum() + held.carry["v"].sum()
    assert manager == pytest.approx(case["totals"].get("gp", 0), abs=2)


def test_given_paths_side_by_side_when_held_then_none_touches_another() -> None:
    one = model(VEHICLES["cover at realisation"], 9)
    drawn = np.random.default_rng(5).uniform(0, 1e12, (3, 70, 9))

    together = holders.holdings(one, flows(*drawn))
    alone = [holders.holdings(one, flows(*drawn[:, path : path + 1])) for path in (0, 31, 32, 69)]

    for place, path in enumerate((0, 31, 32, 69)):
        for what in ("paid", "received", "lost_by_rank", "carry", "covered"):
            for name, won in getattr(together, what).items():
                assert won[path].tolist() == getattr(alone[place], what)[name][0].tolist()


def charged(returned: list[float]) -> tuple[Any, Any]:
    """2 % on 100 put in for two years, and 50 closed after three: fees and calls by year."""
    one = replace(
        model(vehicle(parts=(("bonds", 1.0),), management_fee=0.02, investing_years=2.0), 16),
        planned_won=np.array([[[100.0]]]),
    )
    closed, put, back = np.zeros((1, 16)), np.zeros((1, 16)), np.zeros((1, 16))
    closed[0, 11], put[0, 0] = 50.0, 100.0
    back[0, 3::4] = returned
    held = holders.holdings(one, flows(put, back, closed=closed))
    return (row.reshape(4, 4).sum(axis=1) for row in (held.fees["v"], held.paid["bonds"]))


def test_given_fees_when_charged_then_on_commitments_first_and_later_on_what_is_invested() -> None:
    """Of 104.1667 (100 and two years of fees within the commitment), then of 100, then of 50."""
    fees, paid = charged([0, 0, 10, 10])

    assert fees == pytest.approx([100 / 0.96 * 0.02, 100 / 0.96 * 0.02, 2, 1], rel=1e-2)
    assert paid == pytest.approx([100 + fees[0], fees[1], 0, 0])


def test_given_no_receipts_when_fees_are_due_later_then_they_wait_for_them() -> None:
    fees, paid = charged([0, 0, 0, 2])

    assert fees == pytest.approx([100 / 0.96 * 0.02, 100 / 0.96 * 0.02, 0, 2], rel=1e-2)
    assert paid[2:].tolist() == [0, 0]


def test_given_a_parent_fund_when_it_charges_then_public_money_alone_pays() -> None:
    one = model(vehicle(parts=(("bonds", 0.4), ("banks", 0.6)), parent_fund_fee=0.01), 5)

    held = holders.holdings(one, flows([[100.0, 0, 0, 0, 0]], [[0.0] * 5]))

    assert held.fees["v"].sum() == pytest.approx(0.4, rel=1e-2)
    assert held.paid["bonds"].sum() == pytest.approx(40 + held.fees["v"].sum())
    assert held.paid["banks"].sum() == pytest.approx(60)
