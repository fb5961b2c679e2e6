"""A first loss at the feeder covers what sub-funds lose together, at the sub-fund each alone."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from koga import plan
from koga.core.problems import Refusal
from koga.plan import build, cashflow
from koga.plan.budget import fiscal
from koga.plan.engine import fast
from koga.plan.model import Flows, Model, Vehicle
from koga.plan.money import holders, pots, returns
from koga.plan.schemes.shape import Scheme
from tests.plan import pot_by_hand
from tests.plan.pot_by_hand import vehicle

COUNT = "vehicle.venture_fund.sub_funds"
LEVEL = "vehicle.venture_fund.first_loss.level"
FULL = {"parts": (("citizens", 0.8), ("budget", 0.2)), "first_loss_provider": "fiscal",
        "first_loss_share": 0.2, "first_loss_denominator": "vehicle_total"}  # fmt: skip


@pytest.fixture(scope="module")
def small(root: Path) -> Scheme:
    return plan.load(root / "schemes" / "small.toml")


def several(*vehicles: Vehicle) -> Model:
    """As many vehicles with one line of deals each."""
    one = pot_by_hand.model(vehicles[0], 8)
    count = len(vehicles)
    return dataclasses.replace(
        one,
        vehicles=vehicles,
        lines=tuple(dataclasses.replace(one.lines[0], vehicle=n) for n in range(count)),
        planned_won=np.repeat(one.planned_won, count, axis=0),
        deals=np.repeat(one.deals, count, axis=0),
        evergreen_line=np.full(count, 1 / count),
    )


def two_funds() -> Flows:
    """100 into each of two funds; one brings 70 back, the other 130."""
    put, back = np.zeros((2, 8)), np.zeros((2, 8))
    put[:, 0], back[0, 7], back[1, 7] = 100e9, 70e9, 130e9
    ended = np.zeros_like(put)
    ended[:, 7] = 100e9
    nothing = np.zeros_like(put)
    rows = [each[None] for each in (put, back, nothing, nothing, ended)]
    return Flows(0, *rows, np.ones(1), np.zeros((1, 2)))


def test_given_one_fund_that_gains_what_another_loses_when_apart_then_the_loser_is_covered() -> (
    None
):
    """By hand: of the loss of 30 the junior bears its 20, citizens 10 of their 80."""
    model = several(vehicle(name="v#1", **FULL), vehicle(name="v#2", **FULL))
    flows = two_funds()

    held = holders.holdings(model, flows)
    found = returns.outcome(model, flows, held).measures

    assert list(held.covered) == list(held.called) == ["v"]
    assert held.called["v"][0] == pytest.approx(200e9)
    assert held.covered["v"].sum() == pytest.approx(20e9)
    assert found["loss.senior"][0] == pytest.approx(10e9)
    assert found["first_loss_used.v"][0] == pytest.approx(20 / 40)
    assert "irr_vehicle.v" in found and "irr_vehicle.v#1" not in found


def test_given_the_same_funds_when_pooled_at_the_feeder_then_nobody_loses() -> None:
    model = several(vehicle(name="v", **FULL))
    apart = two_funds()
    flows = dataclasses.replace(
        apart,
        **{name: getattr(apart, name).sum(axis=1, keepdims=True)
           for name in ("invested", "returned", "income", "written_off", "closed")},
    )  # fmt: skip

    held = holders.holdings(model, flows)

    assert held.covered["v"].sum() == 0
    assert returns.outcome(model, flows, held).measures["loss.senior"][0] == 0


def test_given_sub_funds_when_built_then_money_and_rules_are_shared_out_and_none_is_lost(
    small: Scheme,
) -> None:
    one = build.build(small)
    four = build.build(plan.changed(small, {COUNT: 4}))

    names = [each.name for each in four.vehicles]
    assert names == [*(f"venture_fund#{number}" for number in range(1, 5)), "loan"]
    assert {each.told_as for each in four.vehicles} == {each.name for each in one.vehicles}
    assert four.planned_won.sum() == pytest.approx(one.planned_won.sum())
    by_fund = [
        four.planned_won[[line.vehicle == place for line in four.lines]].sum() for place in range(4)
    ]
    assert by_fund == pytest.approx([by_fund[0]] * 4)
    assert four.vehicles[0].parts == one.vehicles[0].parts


def test_given_more_sub_funds_when_simulated_then_the_first_loss_is_used_more_often(
    small: Scheme,
) -> None:
    called, lost = [], []
    for changes in ({COUNT: 1}, {COUNT: 4}, {COUNT: 4, LEVEL: "feeder"}):
        found = plan.simulate(plan.changed(small, changes), paths=1500, seed=3)
        called.append(found.figures["call.venture_fund"])
        lost.append(found.figures["protected_loss"])

    assert float(called[1].mean or 0) > 1.5 * float(called[0].mean or 0)
    assert float(lost[1].mean or 0) > float(lost[0].mean or 0) + 4 * float(lost[0].error or 0)
    assert called[2] == called[0] and lost[2] == lost[0]


def test_given_sub_funds_when_deals_are_expected_then_one_does_for_all(small: Scheme) -> None:
    """Equal funds at their mean end alike: the pooled model answers what the split one does."""
    scheme = plan.changed(small, {COUNT: 3})
    found = []
    for apart in (True, False):
        model = build.build(scheme, apart=apart)
        flows = fast.flows(model, seed=2, first=0, paths=64)
        held = holders.holdings(model, flows)
        found.append(fiscal.outcome(scheme, model, flows, held).measures)

    split, pooled = found
    assert split.keys() == pooled.keys()
    for name in ("cost.lifetime", "cost.treasury"):
        assert split[name] == pytest.approx(pooled[name], rel=2e-3), name


def test_given_sub_funds_when_the_deterministic_path_is_asked_then_there_is_one_fund(
    small: Scheme,
) -> None:
    found = cashflow.cashflow(plan.changed(small, {COUNT: 3}))

    assert list(cashflow.by_vehicle(found)) == ["venture_fund", "loan"]


def test_given_sub_funds_apart_when_paid_to_the_won_then_they_are_told_together(
    small: Scheme,
) -> None:
    scheme = plan.changed(small, {COUNT: 3})
    model = build.build(scheme)

    found = cashflow.of(scheme, model, fast.expected(model))

    told = cashflow.by_vehicle(found)
    assert list(told) == ["venture_fund", "loan"] and len(found.vehicles) == 4
    calls = [sum(cash.called) for name, cash in found.vehicles.items() if "#" in name]
    assert sum(told["venture_fund"]["called"]) == sum(calls)


def test_given_a_first_loss_at_the_sub_fund_when_nobody_says_how_many_then_it_is_lacking(
    root: Path, tmp_path: Path
) -> None:
    text = (root / "schemes" / "small.toml").read_text()
    line = 'sub_funds = { value = 1, basis = "stated", source = "plan" }\n'
    assert line in text
    path = tmp_path / "small.toml"
    path.write_text(text.replace(line, ""))

    with pytest.raises(Refusal) as refused:
        build.build(plan.load(path))

    assert [(each.code, each.where) for each in refused.value.problems] == [("plan.needs", COUNT)]


@pytest.mark.parametrize("count", [0, pots.SUB_FUNDS_MAX + 1])
def test_given_a_number_of_sub_funds_nobody_keeps_apart_when_built_then_it_is_refused(
    small: Scheme, count: int
) -> None:
    with pytest.raises(Refusal) as refused:
        build.build(plan.changed(small, {COUNT: count}))

    assert refused.value.problems[0].code == "plan.sub_funds"
