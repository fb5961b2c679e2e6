"""The fast engine: what holds of money on any model and path, and its laws by hand on one path."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from koga.plan.engine import exact, factors, fast, migration, prepared
from koga.plan.model import Commitment, Equity, Floats, Flows, Infrastructure, Law, Loan, Model
from tests.plan import deals_by_hand as by_hand
from tests.plan import one_by_one

NAMES = ("invested", "returned", "income", "written_off", "closed")
WON = 1e-3
"""What sums of doubles may be off by."""

SHARES = st.floats(0, 1)
equities = st.builds(
    Equity,
    holding_years=st.floats(0.5, 9),
    holding_shape=st.floats(1, 12),
    zero_share=st.floats(0, 0.8),
    log_mean=st.floats(-0.5, 0.8),
    log_deviation=st.floats(0, 1.3),
    tail_alpha=st.sampled_from([0.0, 2.0]),
    tail_from=st.sampled_from([0.0, 5.0]),
    cap=st.sampled_from([0.0, 60.0]),
    beta=st.floats(0, 2),
    sector_volatility=st.floats(0, 0.3),
    follow_on_share=st.floats(0, 0.5),
)
loans = st.builds(
    Loan,
    ratings=st.tuples(*[SHARES] * 5, st.floats(0.1, 1)),
    rate=st.floats(0, 0.1),
    loss_given_default=st.floats(0.05, 1),
    recovery_slope=st.floats(0, 0.15),
    asset_correlation=st.floats(0, 0.3),
    tenor_years=st.floats(0.5, 9),
    grace_years=st.floats(0, 3),
    guarantee=st.booleans(),
)
projects = st.builds(
    Infrastructure,
    equity_share=SHARES,
    debt_rate=st.floats(0, 0.08),
    equity_return=st.floats(0, 0.12),
    construction_years=st.floats(0, 4),
    tenor_years=st.floats(5, 12),
    default_share=st.floats(0, 0.3),
    recovery_share=st.floats(0, 1),
    beta=st.floats(0, 1),
)
funds = st.builds(
    Commitment,
    contributions=st.tuples(st.floats(0.1, 1), st.floats(0.1, 1)),
    life_years=st.integers(3, 12),
    bow=st.floats(0.5, 4),
    growth=st.floats(-0.1, 0.2),
    dividend_yield=st.floats(0, 0.1),
    beta=st.floats(0, 1.5),
    growth_volatility=st.floats(0, 0.3),
)
laws = st.one_of(equities, loans, projects, funds)


@st.composite
def models(draw: st.DrawFn) -> Model:
    """One to three lines of any law; some vintages, sectors and lines without new money."""
    chosen = draw(st.lists(laws, min_size=1, max_size=3))
    lines: dict[str, Law] = {f"line {place}": law for place, law in enumerate(chosen)}
    built = by_hand.model(
        lines, sectors=draw(st.integers(1, 2)), vintages=draw(st.integers(1, 6)), quarters=44,
        evergreen=draw(st.sampled_from([0.0, 0.5, 1.0])), deals=draw(st.integers(1, 9)),
    )  # fmt: skip
    some = draw(st.integers(0, 2**31))
    given_ones = np.random.default_rng(some).random(built.planned_won.shape) < 0.7
    return dataclasses.replace(built, planned_won=built.planned_won * given_ones)


def rows(flows: Flows) -> Floats:
    """Paths × lines × 5 × quarters."""
    return np.stack([getattr(flows, name) for name in NAMES], axis=2)


@given(models(), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_given_any_model_when_simulated_then_money_is_neither_negative_nor_made(
    model: Model, seed: int
) -> None:
    both = [
        fast.flows(model, seed=seed, first=3, paths=3),
        exact.flows(model, seed=seed, first=3, paths=2),
        fast.expected(model),
    ]
    for flows in both:
        assert (rows(flows) >= -WON).all()
        assert (flows.income <= flows.returned + WON).all()
        assert (flows.written_off <= flows.closed + WON).all()
        held = np.cumsum(flows.invested - flows.closed, axis=2)
        assert (held >= -WON).all()
        assert flows.weights.tolist() == [1.0] * len(flows.weights)


@given(models())
@settings(max_examples=25, deadline=None)
def test_given_any_model_when_its_money_is_doubled_then_so_are_its_flows(model: Model) -> None:
    twice = dataclasses.replace(model, planned_won=2 * model.planned_won)
    one, other = (rows(fast.flows(each, seed=1, first=0, paths=3)) for each in (model, twice))

    np.testing.assert_allclose(other, 2 * one, rtol=1e-12, atol=WON)


@given(models(), st.integers(0, 5))
@settings(max_examples=25, deadline=None)
def test_given_nothing_put_again_when_a_plan_is_split_then_flows_add_up(
    model: Model, after: int
) -> None:
    model = dataclasses.replace(model, evergreen=0.0)
    early, late = model.planned_won.copy(), model.planned_won.copy()
    early[:, :, after:] = 0.0
    late[:, :, :after] = 0.0
    whole, *parts = (
        rows(fast.flows(dataclasses.replace(model, planned_won=won), seed=1, first=0, paths=3))
        for won in (model.planned_won, early, late)
    )

    np.testing.assert_allclose(parts[0] + parts[1], whole, rtol=1e-11, atol=WON)


@given(models(), st.sets(st.integers(1, 7)), st.sampled_from(["sobol", "counter"]))
@settings(max_examples=25, deadline=None)
def test_given_any_model_when_a_range_is_cut_anywhere_then_not_a_bit_differs(
    model: Model, cuts: set[int], draws: factors.Draws
) -> None:
    def found(first: int, paths: int) -> bytes:
        made = fast.flows(model, seed=2, first=first, paths=paths, draws=draws, shift=-1.0)
        return rows(made).tobytes() + made.weights.tobytes() + made.factors.tobytes()

    ends = [0, *sorted(cuts), 8]
    parts = [
        fast.flows(model, seed=2, first=low, paths=high - low, draws=draws, shift=-1.0)
        for low, high in itertools.pairwise(ends)
    ]
    joined = [
        np.concatenate([rows(one) for one in parts]),
        np.concatenate([one.weights for one in parts]),
        np.concatenate([one.factors for one in parts]),
    ]

    assert b"".join(one.tobytes() for one in joined) == found(0, 8)


# ---------------------------------------------------------------- what is put in again

PLAIN: dict[str, Law] = {"venture": by_hand.VENTURE, "secured": by_hand.SECURED}


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("engine", ["exact", "fast"])
def test_given_a_share_put_again_when_money_returns_then_lines_take_it_in_their_proportion(
    engine: str, share: float
) -> None:
    model = dataclasses.replace(
        by_hand.model(PLAIN, evergreen=share, vintages=16, quarters=40),
        evergreen_line=np.array([0.25, 0.75]),
    )
    run = exact.flows if engine == "exact" else fast.flows
    flows = run(model, seed=1, first=0, paths=5)
    back = share * flows.returned.sum(axis=1)[:, :15]

    planned = model.planned_won.sum(axis=1)
    for line, part in enumerate((0.25, 0.75)):
        found = flows.invested[:, line, 1:16] - planned[line, 1:]
        np.testing.assert_allclose(found, part * back, rtol=1e-9, atol=WON)
    assert not flows.invested[:, :, 16:].any()


def test_given_a_line_closed_in_a_vintage_when_money_returns_then_the_other_takes_all() -> None:
    model = by_hand.model(PLAIN, evergreen=0.5, vintages=16, quarters=40)
    planned, deals = model.planned_won.copy(), model.deals.copy()
    planned[1, :, 8:], deals[1, :, 8:] = 0.0, 0
    model = dataclasses.replace(model, planned_won=planned, deals=deals)

    flows = fast.flows(model, seed=1, first=0, paths=3)

    found = flows.invested[:, 0, 8:16] - planned[0, :, 8:].sum(axis=0)
    np.testing.assert_allclose(found, 0.5 * flows.returned.sum(axis=1)[:, 7:15], rtol=1e-9)
    assert not flows.invested[:, 1, 8:].any()


# ---------------------------------------------------------------- without volatility


def still(law: Law) -> Law:
    """The law without anything that moves with a factor."""
    if isinstance(law, Equity):
        return dataclasses.replace(law, sector_volatility=0.0)
    if isinstance(law, Loan):
        return dataclasses.replace(law, asset_correlation=0.0, recovery_slope=0.0)
    if isinstance(law, Commitment):
        return dataclasses.replace(law, growth_volatility=0.0)
    return law


@given(st.lists(laws, min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_given_no_volatility_when_simulated_then_every_path_is_the_expected_one_to_the_won(
    chosen: list[Law],
) -> None:
    lines = {f"line {place}": still(law) for place, law in enumerate(chosen)}
    model = by_hand.model(lines, market=by_hand.STILL, vintages=5, quarters=40, evergreen=0.5)

    expected = rows(fast.expected(model))
    found = rows(fast.flows(model, seed=7, first=11, paths=3))

    assert np.abs(found - expected).max() < 0.5


# ---------------------------------------------------------------- laws by hand, on given factors


def on_factors(law: Law, drawn: Floats, quarters: int = 48) -> Flows:
    """One won promised by one line of one sector in the first quarter."""
    model = by_hand.model({"one": law}, sectors=1, vintages=1, deals=1, quarters=quarters)
    model = dataclasses.replace(model, planned_won=np.ones((1, 1, 1)))
    assert drawn.shape[1:] == (2, prepared.years_of(model))
    return fast.flows_on(model, factors.Factors(drawn, np.ones(drawn.shape[0])), first=0)


def by_year(quarters: Floats) -> Floats:
    """Ages 1, 2, then 3 … 6, 7 … 10, …: years that begin in the middle of a calendar year."""
    ends = [1, *range(3, quarters.shape[-1] + 1, 4)]
    return np.stack([quarters[..., low:high].sum(axis=-1) for low, high in
                     itertools.pairwise(ends)], axis=-1)  # fmt: skip


@pytest.fixture(scope="module")
def paths() -> Floats:
    return one_by_one.factors(np.random.default_rng(8), 50, 13, 0.3)


def test_given_factors_when_firms_live_then_exits_and_failures_are_the_formulas(
    paths: Floats,
) -> None:
    law = by_hand.VENTURE
    flows = on_factors(law, paths)
    exits, fails = one_by_one.in_quarters(law, 13)
    end, fail = one_by_one.in_years(exits, fails)
    swing = 2 * ndtr(one_by_one.cycle(paths)) - 1
    ending, failing = end * (1 + 0.6 * swing), fail * (1 - 0.5 * swing)
    alive = np.cumprod(1 - ending - failing, axis=1)
    alive = np.concatenate([np.ones((50, 1)), alive[:, :-1]], axis=1)

    failed = by_year(flows.written_off[:, 0])
    count = failed.shape[1]
    np.testing.assert_allclose(failed, (alive * failing)[:, :count], rtol=1e-9)
    np.testing.assert_allclose(
        by_year(flows.closed[:, 0]), (alive * (ending + failing))[:, :count], rtol=1e-9
    )


def test_given_factors_when_loans_live_then_defaults_are_those_of_moving_ratings(
    paths: Floats,
) -> None:
    """A loan repaid at its end only; the year's matrix by Vasicek's and CreditMetrics' formula."""
    law = Loan((0.0, 0.2, 0.2, 0.2, 0.2, 0.2), 0.0, 1.0, 0.0, 0.2, 11.5, 11.25, False)
    flows = on_factors(law, paths)
    worse = np.minimum(np.cumsum(migration.YEARLY[:, ::-1], axis=1)[:, ::-1], 1.0)
    cycle = one_by_one.cycle(paths)

    for path in range(50):
        state, expected = np.array([*law.ratings, 0.0]), []
        for year in range(11):
            level = ndtri(worse[:, 1:]) - math.sqrt(0.2) * cycle[path, year]
            reached = np.hstack([np.ones((6, 1)), ndtr(level / math.sqrt(0.8)), np.zeros((6, 1))])
            step = np.vstack([-np.diff(reached, axis=1), np.eye(7)[6]])
            part = 0.5 if year == 0 else 1.0
            after = (1 - part) * state + part * state @ step
            expected.append(after[6] - state[6])
            state = after
        found = by_year(flows.written_off[path, 0])[:11]
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=1e-9)
    np.testing.assert_allclose(flows.closed[:, 0].sum(axis=1), 1.0, rtol=1e-9)


def test_given_factors_when_a_fund_is_called_then_calls_do_not_move_and_its_growth_does(
    paths: Floats,
) -> None:
    law = dataclasses.replace(by_hand.FUND, growth_volatility=0.0)
    flows = on_factors(law, paths)
    good = paths[:, 0, :4].sum(axis=1)

    assert (flows.invested == flows.invested[0]).all()
    paid = flows.returned[:, 0, :20].sum(axis=1)
    assert np.corrcoef(good, np.log(paid))[0, 1] > 0.7


def test_given_shifted_factors_when_weighed_then_means_are_those_without_the_shift() -> None:
    model = by_hand.model(by_hand.ALL, quarters=48)
    plain = fast.flows(model, seed=1, first=0, paths=2048)
    shifted = fast.flows(model, seed=2, first=0, paths=4096, shift=-0.6)

    assert shifted.weights.mean() == pytest.approx(1, abs=0.01)
    assert shifted.factors.mean() < -0.1
    for name in ("returned", "written_off"):
        one, other = (getattr(each, name).sum(axis=2) for each in (plain, shifted))
        mean = (shifted.weights[:, None] * other).mean(axis=0)
        np.testing.assert_allclose(mean, one.mean(axis=0), rtol=0.015, atol=1e6)
        moved = np.abs(other.mean(axis=0) - one.mean(axis=0)) > 0.02 * one.mean(axis=0)
        assert moved.sum() > 2


@pytest.mark.parametrize("loss", [0.0, 0.005, 0.02, 0.05, 0.35, 0.65, 0.95, 0.98, 0.995, 1.0])
def test_given_any_loss_and_a_steep_slope_when_averaged_then_the_mean_loss_is_the_class_one(
    loss: float,
) -> None:
    """A recovery close to nothing or all has no room to move by the whole slope.

    Rare losses come in a few bad years: so many paths, and those offsets are solved on, know a mean
    loss of 1 in 200 to 1 in 100 only (one deviation, by replicates).
    """
    law = dataclasses.replace(by_hand.GUARANTEE, loss_given_default=loss, recovery_slope=0.15)
    model = by_hand.model({"guarantee": law}, sectors=1, vintages=1)

    flows = fast.flows(model, seed=4, first=0, paths=16384)

    called, lost = flows.invested.sum(), flows.written_off.sum()
    assert lost / called == pytest.approx(loss, rel=0.01 if loss > 0.04 else 0.03, abs=1e-12)
    assert 1 - lost / called == pytest.approx(1 - loss, rel=0.01, abs=1e-12)
    assert (flows.written_off <= flows.closed + WON).all()
