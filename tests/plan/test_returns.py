"""Rates, multiples and losses of simulated paths: against core, and against hand-made paths."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.core import irr
from koga.plan import measures
from koga.plan.model import Flows, Model
from koga.plan.money import holders, rates, returns
from tests.plan.pot_by_hand import SOURCES, flows, model, vehicle


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.integers(-(10**6), 10**6), min_size=12, max_size=12), min_size=1, max_size=3
    )
)
def test_given_any_flows_when_solved_then_the_rate_is_that_of_core(table: list[list[int]]) -> None:
    found = rates.quarterly(np.array(table, dtype=float))

    for row, rate in zip(table, found.tolist(), strict=True):
        truth = irr.solve([quarter / 4 for quarter in range(12)], row).rate
        assert rate == pytest.approx(math.nan if truth is None else truth, rel=1e-9, nan_ok=True)


def test_given_flows_without_one_rate_when_solved_then_none_is_given() -> None:
    table = np.array([[0.0, 0, 0], [-1, 0, 0], [-100, 230, -132], [-100, 0, 121]])

    found = rates.quarterly(table)

    assert np.isnan(found[:3]).all()
    assert found[3] == pytest.approx(1.21**2 - 1)


def half_lost() -> tuple[Model, Flows]:
    """One vehicle of 100: 20 % budget (junior), 80 % banks; 100 in, 60 or 150 back after a year."""
    one = vehicle(
        parts=(("budget", 0.2), ("banks", 0.8)),
        first_loss_provider="fiscal",
        first_loss_share=0.25,
        first_loss_denominator="protected_money",
    )
    back = [[0, 0, 0, 0, 60e9], [0, 0, 0, 0, 150e9], [0, 0, 0, 0, 90e9]]
    put = [[100e9, 0, 0, 0, 0]] * 3
    return model(one, 5), flows(put, back, written_off=[[0, 0, 0, 0, 40e9], [0] * 5, [0] * 5])


def test_given_one_vehicle_when_measured_then_its_rate_is_that_of_all_who_paid_in() -> None:
    built, paths = half_lost()

    found = returns.outcome(built, paths, holders.holdings(built, paths)).measures

    rate = found[f"irr_vehicle.{built.vehicles[0].name}"]
    assert rate == pytest.approx(found["irr.net"], abs=1e-12)
    assert rate[1] == pytest.approx(0.5)


def test_given_a_fund_that_loses_when_measured_then_the_junior_bears_it_first() -> None:
    built, paths = half_lost()

    outcome = returns.outcome(built, paths, holders.holdings(built, paths))

    found = outcome.measures
    assert found["loss.junior"] == pytest.approx([20e9, 0, 10e9])
    assert found["loss.senior"] == pytest.approx([20e9, 0, 0])
    assert found["protected_loses"].tolist() == [1, 0, 0]
    assert found["first_loss_used.v"] == pytest.approx([1, 0, 0.5])
    assert found["gross_multiple"] == pytest.approx([0.6, 1.5, 0.9])
    assert found["tvpi.net"] == pytest.approx([0.6, 1.5, 0.9])
    assert found["dpi.private"] == pytest.approx([0.75, 1.5, 1])
    assert found["irr.net"] == pytest.approx([-0.4, 0.5, -0.1])
    assert found["irr.private"] == pytest.approx([-0.25, 0.5, 0])
    assert found["loss_ratio"] == pytest.approx([0.4, 0, 0])
    assert outcome.series["lost.junior"].ravel() == pytest.approx([0, 20e9, 0, 0, 0, 10e9])
    assert outcome.series["paid.banks"].tolist() == [[80e9, 0]] * 3


def test_given_what_is_still_held_when_measured_then_it_counts_at_cost_and_is_no_cash() -> None:
    built, _ = half_lost()
    paths = flows([[100e9, 0, 0, 0, 0]], [[0, 0, 0, 0, 30e9]], closed=[[0, 0, 0, 0, 40e9]])

    held = holders.holdings(built, paths)
    found = returns.outcome(built, paths, held).measures

    assert found["dpi.net"] == pytest.approx(0.3)
    assert found["tvpi.net"] == pytest.approx(0.9)
    assert held.held["banks"] == pytest.approx(50e9)
    assert held.held["budget"] == pytest.approx(10e9)
    assert found["loss.junior"] == pytest.approx(10e9)
    assert found["loss.senior"].tolist() == [0]
    assert found["irr.net"] == pytest.approx(-0.1)


def test_given_an_outcome_when_its_names_are_looked_up_then_each_is_declared() -> None:
    built, paths = half_lost()

    outcome = returns.outcome(built, paths, holders.holdings(built, paths))

    for name, array in outcome.series.items():
        assert measures.find(name).kind == "series", name
        assert array.shape == (3, built.years)
    for name, array in outcome.measures.items():
        assert measures.find(name).kind == "measure", name
        assert array.shape == (3,)
    assert {f"paid.{source.name}" for source in SOURCES} <= set(outcome.series)
