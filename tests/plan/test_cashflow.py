"""The deterministic path: to the won, and the same as a simulation without chance."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from koga.plan import build, cashflow
from koga.plan.cashflow import Cashflow
from koga.plan.engine import fast
from koga.plan.model import Equity, Flows, Model
from koga.plan.money import holders
from koga.plan.schemes import scheme
from tests.plan.pot_by_hand import flows, model, vehicle

SHIPPED = ("koga-500", "national-growth-150", "small")
NAMED = ("paid", "received", "fees", "carry", "covered", "lost_by_rank")


@pytest.fixture(scope="module", params=SHIPPED)
def found(request: pytest.FixtureRequest, root: Path) -> Cashflow:
    return cashflow.cashflow(scheme.load(root / "schemes" / f"{request.param}.toml"))


def test_given_a_path_when_summed_by_year_quarter_and_source_then_it_is_one_sum(
    found: Cashflow,
) -> None:
    by_quarter, by_year = list(cashflow.quarters(found)), list(cashflow.years(found))
    sources, vehicles = cashflow.by_source(found), cashflow.by_vehicle(found)

    assert len(by_quarter) == found.model.quarters and len(by_year) == found.model.years
    for name, row in sources.items():
        for what, won in row.items():
            assert sum(one["sources"][name][what] for one in by_quarter) == sum(won)
            assert sum(one["sources"][name][what] for one in by_year) == sum(won)
    for quarter, one in enumerate(by_quarter):
        received = sum(row["received"] for row in one["sources"].values())
        assert received == sum(row["distributed"] for row in one["vehicles"].values())
        called = sum(row["paid"] for row in one["ranks"].values())
        assert called == sum(row["called"] for row in one["vehicles"].values()), quarter
    for name, row in vehicles.items():
        cash = found.vehicles[name]
        waiting = sum(row["returned"]) - sum(row["distributed"]) - sum(row["carry"])
        assert sum(row["called"]) == sum(row["invested"]) + sum(cash.fees) - (
            waiting + sum(map(sum, cash.covers.values()))
        )


def test_given_a_path_when_run_as_a_simulation_then_every_cell_is_the_same_won(
    found: Cashflow,
) -> None:
    """Zero volatility: what differs is the rounding of each quarter's lines, a won a quarter."""
    paths = fast.expected(found.model)
    rounded = Flows(
        0,
        *(np.rint(getattr(paths, name)) for name in ("invested", "returned", "income")),
        *(np.rint(getattr(paths, name)) for name in ("written_off", "closed")),
        paths.weights,
        paths.factors,
    )

    simulated, exact = holders.holdings(found.model, rounded), cashflow.holdings(found)

    for what in NAMED:
        ours, theirs = getattr(simulated, what), getattr(exact, what)
        assert ours.keys() == theirs.keys(), what
        for name in ours:
            gap = np.abs(ours[name] - theirs[name]).max()
            assert gap <= found.model.quarters, (what, name, gap)


def test_given_a_scheme_without_chance_when_simulated_then_it_is_the_deterministic_path(
    root: Path,
) -> None:
    """With no volatility, correlation or memory every path is the expected one."""
    built = build.build(scheme.load(root / "schemes" / "small.toml"))
    still = replace(
        built,
        market=replace(built.market, volatility=0.0, memory=0.0),
        lines=tuple(
            replace(line, law=replace(line.law, beta=0.0, sector_volatility=0.0))
            if isinstance(line.law, Equity)
            else replace(line, law=replace(line.law, asset_correlation=0.0, recovery_slope=0.0))
            for line in built.lines
        ),
    )

    drawn = fast.flows(still, seed=3, first=0, paths=4, draws="counter")
    one = holders.holdings(still, fast.expected(still))
    many = holders.holdings(still, drawn)

    for name in one.received:
        for path in range(4):
            assert np.abs(many.received[name][path] - one.received[name][0]).max() < 1


def exact(one: Model, paths: Flows) -> Cashflow:
    """A hand-made vehicle through the exact path."""
    nothing = scheme.load(Path(__file__).parents[2] / "schemes" / "small.toml")
    return cashflow.of(replace(nothing, entries={}), one, paths)


@pytest.mark.parametrize("settles", ["realisation", "liquidation"])
def test_given_a_cover_from_outside_when_it_is_paid_then_the_payer_pays_what_others_get(
    settles: str,
) -> None:
    one = model(
        vehicle(
            parts=(("bonds", 0.5), ("banks", 0.5)),
            first_loss_provider="fiscal",
            first_loss_share=0.1,
            first_loss_denominator="vehicle_total",
            first_loss_settles=settles,
        ),
        8,
    )
    paths = flows(
        [[1e10, 0, 0, 0, 0, 0, 0, 0]],
        [[0, 0, 0, 0, 0, 0, 0, 7e9]],
        written_off=[[0, 0, 0, 3e9, 0, 0, 0, 0]],
    )

    found = exact(one, paths)
    simulated = holders.holdings(one, paths)

    paid_in = 3 if settles == "realisation" else 7
    assert cashflow.by_source(found)["budget"]["paid"][paid_in] == 10**9
    assert cashflow.by_vehicle(found)["v"]["first_loss"][paid_in] == 10**9
    assert found.measures["first_loss_used.v"] == 1
    assert sum(cashflow.by_source(found)["banks"]["received"]) == 4 * 10**9
    for what in NAMED:
        for name, won in getattr(cashflow.holdings(found), what).items():
            assert np.abs(won - getattr(simulated, what)[name]).max() < 2, (what, name)


def test_given_reinvestment_when_paid_out_then_recycled_money_is_neither_paid_nor_called() -> None:
    one = replace(
        model(vehicle(parts=(("bonds", 1.0),)), 6, evergreen=0.5, vintages=4),
        planned_won=np.array([[[100.0e6, 0, 0, 0]]]),
    )
    back = [0, 40e6, 40e6, 40e6, 40e6, 40e6]
    paths = flows([[100e6, 0, 20e6, 20e6, 0, 0]], [back])

    found = exact(one, paths)

    assert found.vehicles["v"].called == [100_000_000, 0, 0, 0, 0, 0]
    assert cashflow.by_source(found)["bonds"]["received"] == [
        0, 20_000_000, 20_000_000, 40_000_000, 40_000_000, 40_000_000,
    ]  # fmt: skip


def test_given_what_is_still_held_when_the_horizon_ends_then_it_is_at_cost_and_no_cash() -> None:
    one = model(vehicle(parts=(("bonds", 0.5), ("banks", 0.5))), 4)
    paths = flows([[10e6, 0, 0, 0]], [[0, 0, 0, 2e6]], closed=[[0, 0, 0, 4e6]])

    found = exact(one, paths)

    assert found.vehicles["v"].held == [3_000_000, 3_000_000]
    assert found.measures["dpi.net"] == pytest.approx(0.2)
    assert found.measures["tvpi.net"] == pytest.approx(0.8)
    assert found.measures["loss.senior"] == pytest.approx(10**6)


def test_given_a_won_less_reinvested_than_kept_back_then_it_is_paid_out_a_quarter_later() -> None:
    one = replace(
        model(vehicle(parts=(("bonds", 1.0),)), 6, evergreen=0.5, vintages=4),
        planned_won=np.array([[[100.0e6, 0, 0, 0]]]),
    )
    back = [0, 40e6, 40e6, 40e6, 40e6, 40e6]

    found = exact(one, flows([[100e6, 0, 19_999_999, 20e6, 0, 0]], [back]))

    assert cashflow.by_source(found)["bonds"]["received"][:3] == [0, 20_000_000, 20_000_001]
