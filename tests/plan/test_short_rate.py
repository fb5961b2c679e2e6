"""Treasury yields that move: their variance in closed form, and what bonds pay for it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from koga import plan
from koga.plan import build
from koga.plan.budget import bonds, fiscal, short_rate
from koga.plan.engine import fast
from koga.plan.model import Market
from koga.plan.money import holders
from tests.plan import by_hand

YEARS, PATHS = 25, 20_000


def rates(volatility: float, memory: float) -> Market:
    return replace(by_hand.market(), rate_volatility=volatility, rate_memory=memory)


@pytest.mark.parametrize("memory", [0.0, 0.6, 0.9, 1.0])
def test_given_a_memory_when_yields_move_then_their_variance_is_the_closed_form(
    memory: float,
) -> None:
    market = rates(0.01, memory)

    moved = short_rate.moved(market, seed=3, first=0, paths=PATHS, years=YEARS)

    assert (moved[:, 0] == 0).all()
    for year in (1, 2, 7, 24):
        meant = short_rate.deviation(market, year)
        ratio = (moved[:, year] / meant).var(ddof=1) * (PATHS - 1)
        assert 1e-4 < stats.chi2.cdf(ratio, PATHS - 1) < 1 - 1e-4
        assert abs(moved[:, year].mean()) < 4.5 * meant / np.sqrt(PATHS)
    if memory < 1:
        long = 0.01 / np.sqrt(1 - memory**2)
        assert short_rate.deviation(market, 400) == pytest.approx(long)
        assert np.corrcoef(moved[:, 23], moved[:, 24])[0, 1] == pytest.approx(memory, abs=0.02)


def test_given_a_range_when_cut_then_each_path_moves_alike_in_every_scheme() -> None:
    whole = short_rate.moved(rates(0.01, 0.8), seed=3, first=0, paths=9, years=12)
    part = short_rate.moved(rates(0.01, 0.8), seed=3, first=4, paths=3, years=12)
    twice = short_rate.moved(rates(0.02, 0.8), seed=3, first=0, paths=9, years=12)

    assert np.array_equal(part, whole[4:7])
    assert twice == pytest.approx(2 * whole)


def test_given_a_yield_when_the_one_year_yield_moves_then_it_moves_by_the_mean_expected() -> None:
    """x (1 + m + … + m^(n-1)) / n, the mean of what the one-year yields are expected to move by."""
    for memory in (0.0, 0.5, 0.95, 1.0):
        market = rates(0.01, memory)
        for years in (1, 2, 10, 30):
            summed = sum(memory**year for year in range(years)) / years
            assert short_rate.loading(market, 4 * years) == pytest.approx(summed)
    assert short_rate.loading(rates(0.01, 0.5), np.array([1, 2, 3])).tolist() == [1, 1, 1]


def test_given_a_move_when_bonds_are_refinanced_then_they_pay_the_new_yield() -> None:
    """1,000 at 4 % for five years, renewed in year 5, when five-year bonds yield a point more."""
    market = rates(0.01, 0.8)
    model = by_hand.model(at=market)
    own = by_hand.terms(tenors=(20,), supported=44, while_covered=False)
    moves = np.zeros((2, model.years))
    load = float(short_rate.loading(market, 20))
    moves[1, 5:] = 0.01 / load

    purse = bonds.purse(
        model, own, paid=np.eye(1, 44).repeat(2, 0) * 1000, received=np.zeros((2, 44)),
        held=np.full((2, 44), 1000.0), rates=moves,
    )  # fmt: skip

    assert purse.refinanced[:, 20].tolist() == pytest.approx([1000, 1000])
    assert purse.interest[:, 1:21] == pytest.approx(np.full((2, 20), 10.0))
    assert purse.interest[0, 21:40] == pytest.approx(np.full(19, 10.0))
    assert purse.interest[1, 21:40] == pytest.approx(np.full(19, 12.5))


def test_given_a_fall_when_bonds_are_issued_then_they_pay_nothing_but_not_less() -> None:
    model = by_hand.model(at=rates(0.01, 1.0))
    own = by_hand.terms(tenors=(8,), while_covered=False)
    moves = np.full((1, model.years), -0.05)

    purse = bonds.purse(
        model, own, paid=np.eye(1, 44) * 1000, received=np.eye(1, 44, 8) * 1000,
        held=np.zeros((1, 44)), rates=moves,
    )  # fmt: skip

    assert purse.interest.sum() == purse.earned.sum() == purse.called.sum() == 0


def test_given_a_call_where_cheaper_when_yields_fall_then_only_there_is_it_redeemed() -> None:
    model = by_hand.model(at=rates(0.01, 1.0))
    own = by_hand.terms(tenors=(20,), supported=44, while_covered=False, call_quarters=8)
    moves = np.zeros((3, model.years))
    moves[1, 2:], moves[2, 2:] = -0.01, 0.01

    purse = bonds.purse(
        model, own, paid=np.eye(1, 44).repeat(3, 0) * 1000, received=np.zeros((3, 44)),
        held=np.full((3, 44), 1000.0), rates=moves,
    )  # fmt: skip

    assert purse.redeemed[:, 8].tolist() == pytest.approx([0, 1000, 0])
    assert purse.interest[1, 9] == pytest.approx(7.5)
    assert purse.interest[[0, 2], 9].tolist() == pytest.approx([10, 10])


def test_given_no_volatility_when_rates_are_asked_then_all_is_as_on_the_curve_to_the_bit() -> None:
    model = by_hand.model(at=rates(0.0, 0.9))
    own = by_hand.terms(tenors=(8, 20), spread=0.002, supported=20, call_quarters=8)
    stream = np.random.default_rng(4)
    asked = {
        "paid": stream.uniform(0, 100, (6, 44)) * (np.arange(44) < 20),
        "received": stream.uniform(0, 100, (6, 44)) * (np.arange(44) > 12),
        "held": stream.uniform(0, 900, (6, 44)),
    }

    still = bonds.purse(model, own, **asked)
    moves = short_rate.moved(model.market, seed=1, first=0, paths=6, years=model.years)
    told = bonds.purse(model, own, **asked, rates=np.zeros((6, model.years)))
    once = bonds.purse(model, own, **asked, rates=moves)

    assert moves.shape == (1, model.years)
    for name in bonds._FIELDS:
        assert np.array_equal(getattr(still, name), getattr(told, name)), name
        assert np.array_equal(getattr(still, name), getattr(once, name)), name


def test_given_a_scheme_when_its_rates_move_then_refinancing_shows_in_its_fan(root: Path) -> None:
    scheme = plan.load(root / "schemes" / "koga-500.toml")
    still = plan.changed(scheme, {"market.rate_volatility": "0"})

    moving, staying = (plan.simulate(each, paths=128, seed=7, engine="fast")
                       for each in (scheme, still))  # fmt: skip

    wide, narrow = ([each.p95 - each.p05 for each in found.series["bonds.interest.bonds"][8:]]
                    for found in (moving, staying))  # fmt: skip
    assert sum(wide) > 1.5 * sum(narrow)
    assert "market.rate_move" in moving.series and "market.rate_move" not in staying.series
    assert moving.series["paid.bonds"] == staying.series["paid.bonds"]


def test_given_a_scheme_without_the_keys_when_simulated_then_it_is_one_with_noughts(
    root: Path,
) -> None:
    scheme = plan.load(root / "schemes" / "koga-500.toml")
    still = plan.changed(scheme, {"market.rate_volatility": "0"})
    keys = ("market.rate_volatility", "market.rate_memory")
    bare = replace(still, leaves={k: v for k, v in still.leaves.items() if k not in keys})
    found = []
    for each in (still, bare):
        model = build.build(each, apart=False)
        flows = fast.flows(model, seed=2, first=0, paths=8)
        held = holders.holdings(model, flows)
        moves = short_rate.moved(model.market, seed=2, first=0, paths=8, years=model.years)
        found.append(fiscal.outcome(each, model, flows, held, rates=moves))

    assert found[0].series.keys() == found[1].series.keys()
    for name, figures in found[0].series.items():
        assert np.array_equal(figures, found[1].series[name]), name
