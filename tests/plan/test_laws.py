"""Laws of single deals: chances sum to one, means are the class's, closed forms hold."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtr, ndtri

from koga.plan.engine import conditional, laws, migration, pacing, payoff
from koga.plan.engine.lanes import LANES
from koga.plan.model import Equity, Infrastructure, Loan, Market, Sector
from tests.plan import deals_by_hand as by_hand

PLAIN = Sector("all", 1.0, 0.0, 0.0, 0.0)
YEARS = 21


def law(law: laws.Law, *, market: Market = by_hand.LIVELY, still: bool = False) -> laws.Terms:
    return laws.terms(law, PLAIN, market, years=YEARS, still=still)


def lived(terms: laws.Terms, swing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chances of ending and failing by year, by path of `swing`."""
    paths = swing.shape[0]
    chances = np.stack([terms.end, terms.fail, terms.end_swing, terms.fail_swing])
    ended, failed = np.zeros((2, paths, YEARS, LANES))
    alike = np.ascontiguousarray(np.broadcast_to(chances[:, None], (4, paths, YEARS)))
    conditional.hazard_years(alike, eightfold(swing), 0, YEARS, ended, failed)
    return ended[..., 3], failed[..., 3]


def eightfold(numbers: np.ndarray) -> np.ndarray:
    """The same numbers on eight paths."""
    return np.repeat(numbers[..., None], LANES, axis=-1)


equities = st.builds(
    Equity,
    holding_years=st.floats(0.3, 15),
    holding_shape=st.floats(0.5, 60),
    zero_share=st.floats(0, 0.9),
    log_mean=st.floats(-1, 1),
    log_deviation=st.floats(0, 1.5),
    tail_alpha=st.sampled_from([0.0, 1.9, 3.0]),
    tail_from=st.sampled_from([0.0, 4.0, 8.0]),
    cap=st.sampled_from([0.0, 50.0, math.inf]),
    beta=st.floats(-1, 3),
    sector_volatility=st.floats(0, 0.4),
    follow_on_share=st.floats(0, 0.9),
)


@given(equities, st.lists(st.floats(-1, 1), min_size=YEARS, max_size=YEARS))
@settings(max_examples=150, deadline=None)
def test_given_any_equity_and_path_when_lived_then_chances_lie_between_nought_and_one(
    equity: Equity, path: list[float]
) -> None:
    terms = law(equity)
    ended, failed = lived(terms, np.array([path]))

    assert (ended >= 0).all() and (failed >= 0).all()
    assert ended.sum() + failed.sum() <= 1 + 1e-12
    for part in (terms.end_part, terms.fail_part):
        assert (part.reshape(YEARS, 4).sum(axis=1) == 1).all()
    assert terms.draw.sum() == pytest.approx(1.0)
    assert math.hypot(terms.market_load, terms.sector_load) <= payoff.SHARE_MAX + 1e-12


@given(equities)
@settings(max_examples=60, deadline=None)
def test_given_any_equity_when_no_factor_moves_then_it_has_the_class_time_and_failures(
    equity: Equity,
) -> None:
    ended, failed = lived(law(equity), np.zeros((1, YEARS)))
    horizon = (4 * YEARS - 2) / 4
    exits = stats.gamma.cdf(horizon, equity.holding_shape, scale=equity.holding_years
                            / equity.holding_shape)  # fmt: skip

    assert ended.sum() == pytest.approx((1 - equity.zero_share) * exits, abs=1e-9)
    assert failed.sum() <= equity.zero_share + 1e-9


def test_given_independent_years_when_averaged_then_chances_are_the_class_ones() -> None:
    terms = law(by_hand.SEED, market=by_hand.FORGETFUL)
    swing = np.random.default_rng(5).uniform(-1, 1, (40_000, YEARS))
    means = [each.mean(axis=0) for each in lived(terms, swing)]
    expected = [each[0] for each in lived(terms, np.zeros((1, YEARS)))]

    np.testing.assert_allclose(means, expected, rtol=0.03, atol=2e-5)
    assert terms.end_swing[5] == laws.EXIT_SWING


def test_given_a_certain_exit_when_the_market_swings_then_it_stays_certain() -> None:
    certain = Equity(3.1, 1e9, 0.0, 0.3, 0.0, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0)
    ended, failed = lived(law(certain), np.array([[1.0, -1.0] * 10 + [1.0]]))

    assert ended.max() == pytest.approx(1.0, abs=1e-12) and failed.sum() == 0.0


def test_given_a_tail_when_multiples_are_drawn_then_quantiles_are_the_class_ones() -> None:
    law = payoff.multiple(
        log_mean=0.25, deviation=1.376, tail_alpha=2.0, tail_from=5.0, cap=150.0, share=0.6
    )
    scores = np.random.default_rng(3).standard_normal(400_000)
    drawn = law.curve(scores)
    beyond = stats.norm.sf((math.log(5.0) - 0.25) / 1.376)

    assert (drawn < 1).mean() == pytest.approx(ndtr(-0.25 / 1.376), abs=0.003)
    for multiple in (5.0, 10.0, 40.0):
        expected = beyond * (5.0 / multiple) ** 2
        assert (drawn > multiple).mean() == pytest.approx(expected, rel=0.05)
    assert drawn.max() <= 150.0
    assert law.mean() == pytest.approx(drawn.mean(), rel=0.02)


@pytest.mark.parametrize(
    "zero,log_mean,deviation,below,ten",
    [(0.388, 0.25, 1.376, 0.65, 0.042), (0.213, 0.515, 0.537, 0.346, 0.0)],
)
def test_given_published_fits_when_counted_then_their_two_quantiles_come_back(
    zero: float, log_mean: float, deviation: float, below: float, ten: float
) -> None:
    law = payoff.lognormal(log_mean, deviation, 0.5)
    scores = ndtri((np.arange(20_000) + 0.5) / 20_000)
    drawn = law.curve(scores)

    assert zero + (1 - zero) * (drawn < 1).mean() == pytest.approx(below, abs=0.002)
    assert (1 - zero) * (drawn >= 10).mean() == pytest.approx(ten, abs=0.002)


@pytest.mark.parametrize("deviation", [0.0, 0.3, 1.376])
def test_given_own_luck_when_bins_are_averaged_then_their_mean_is_one(deviation: float) -> None:
    bins = payoff.lognormal(0.1, deviation, 0.0).bins()
    body, low, high = np.split(bins, 3)

    assert body.mean() == pytest.approx(1.0, abs=1e-12)
    assert low.mean() == pytest.approx(body[0], abs=1e-12)
    assert high.mean() == pytest.approx(body[-1], rel=1e-9)
    assert (np.diff(body) >= 0).all() and (np.diff(high) >= -1e-12).all()


def test_given_own_scores_when_bins_are_used_then_moments_are_a_normals() -> None:
    scores = payoff.own_scores()
    body, low, high = np.split(scores, 3)
    whole = np.concatenate([low, body[1:-1], high])
    weights = np.concatenate([np.full(payoff.BINS, 1 / payoff.BINS), np.ones(payoff.BINS - 2),
                              np.full(payoff.BINS, 1 / payoff.BINS)]) / payoff.BINS  # fmt: skip

    assert float(weights @ whole) == pytest.approx(0.0, abs=1e-12)
    assert float(weights @ whole**2) == pytest.approx(1.0, abs=1e-4)
    assert float(weights @ whole**4) == pytest.approx(3.0, abs=5e-3)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
def test_given_the_factors_part_when_deals_are_averaged_then_the_polynomial_knows(
    share: float,
) -> None:
    law = payoff.multiple(
        log_mean=0.25, deviation=1.0, tail_alpha=2.0, tail_from=5.0, cap=100.0, share=share
    )
    scores = np.linspace(-4.5, 4.5, 37) * share
    found = np.exp(np.polynomial.polynomial.polyval(scores, law.polynomial()))

    np.testing.assert_allclose(found, law.given(scores), rtol=2e-3)
    weights = np.exp(-((scores / share) ** 2) / 2)
    assert float(weights @ found) == pytest.approx(float(weights @ law.given(scores)), rel=1e-4)


@given(st.floats(0.02, 0.98), st.floats(0, 0.2))
@settings(max_examples=25, deadline=None)
def test_given_any_recovery_when_averaged_then_its_mean_is_as_said_and_its_mass_at_the_ends(
    mean: float, slope: float
) -> None:
    law = payoff.recovery(mean, slope)
    shares = law.curve(np.linspace(-8, 8, 801))

    assert law.mean() == pytest.approx(mean, abs=2e-4)
    assert (shares >= 0).all() and (shares <= 1).all() and (np.diff(shares) >= 0).all()
    assert law.share <= payoff.SHARE_MAX


def test_given_a_slope_when_the_cycle_moves_then_recoveries_move_by_it() -> None:
    law = payoff.recovery(0.65, 0.1)
    ends = law.given(np.array([-0.2, 0.2]) * law.share)

    assert (ends[1] - ends[0]) / 0.4 == pytest.approx(0.1, rel=0.05)


# ---------------------------------------------------------------- ratings


def test_given_the_published_matrix_when_read_then_rows_and_defaults_are_the_published_ones() -> (
    None
):
    withdrawn = 100 - migration.OBSERVED.sum(axis=1)

    np.testing.assert_allclose(withdrawn, [3.23, 5.54, 8.78, 18.44, 23.90, 26.60], atol=0.02)
    np.testing.assert_allclose(migration.YEARLY.sum(axis=1), 1.0)
    assert migration.YEARLY[4, 6] == pytest.approx(0.0317 / 0.761, rel=1e-3)


def test_given_three_years_when_ratings_move_then_published_defaults_are_near() -> None:
    step = np.zeros((8, 8))
    step[:6, :7] = migration.OBSERVED / 100
    step[6, 6] = step[7, 7] = 1.0
    step[:6, 7] = 1.0 - step[:6].sum(axis=1)  # withdrawn: seen no more
    three = np.linalg.matrix_power(step, 3)[:6, 6]

    np.testing.assert_allclose(three[2:], [0.0043, 0.0165, 0.0689, 0.1664], rtol=0.25)


@pytest.mark.parametrize("correlation", [0.08, 0.15, 0.24])
def test_given_factors_when_averaged_then_the_matrix_is_the_unconditional_one(
    correlation: float,
) -> None:
    matrices = migration.conditional(correlation)
    nodes = np.linspace(-migration.REACH, migration.REACH, migration.NODES)
    weights = np.exp(-nodes * nodes / 2)

    mean = (weights / weights.sum()) @ matrices
    np.testing.assert_allclose(mean, migration.YEARLY.ravel(), atol=1e-9)
    assert (matrices >= -1e-15).all()


@pytest.mark.parametrize("factor", [-2.33, -0.4, 0.0, 1.9])
def test_given_a_factor_when_ratings_move_then_defaults_are_vasiceks(factor: float) -> None:
    abreast = np.zeros((42, LANES))
    migration.at(migration.conditional(0.15), np.linspace(factor, 3.0, LANES),
                 np.zeros((6, LANES, LANES)), abreast)  # fmt: skip
    found = abreast[:, 0]
    expected = ndtr((ndtri(migration.YEARLY[:, 6]) - math.sqrt(0.15) * factor) / math.sqrt(0.85))

    np.testing.assert_allclose(found.reshape(6, 7)[:, 6], expected, rtol=1e-3, atol=1e-12)
    np.testing.assert_allclose(found.reshape(6, 7).sum(axis=1), 1.0)


@given(st.lists(st.floats(-5, 5), min_size=10, max_size=10), st.lists(st.floats(0, 1), min_size=6,
       max_size=6).filter(any))  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_given_any_path_when_loans_live_then_nobody_defaults_twice(
    path: list[float], mix: list[float]
) -> None:
    shares = np.array(mix) / sum(mix)
    matrices, ended = np.zeros((1, 10, 42, LANES)), np.zeros((1, 10, LANES))
    rows, cycle = np.zeros((6, LANES, LANES)), eightfold(np.array([path]))
    conditional.rating_matrices(migration.conditional(0.2), cycle, rows, matrices)
    conditional.rating_years(shares, matrices, 0, 10, ended)

    assert (ended >= 0).all() and (ended.sum(axis=(0, 1)) <= 1 + 1e-12).all()


# ---------------------------------------------------------------- loans, projects, funds


@pytest.mark.parametrize("loan", [by_hand.SECURED, by_hand.GUARANTEE])
def test_given_a_loan_when_nothing_goes_wrong_then_all_comes_back_by_its_tenor(loan: Loan) -> None:
    terms = law(loan)
    tenor, grace = round(4 * loan.tenor_years), round(4 * loan.grace_years)

    assert terms.repaid.sum() == pytest.approx(0.0 if loan.guarantee else 1.0)
    assert (terms.exposure[2 : 3 + grace] == 1.0).all()
    assert terms.exposure[tenor + 1] == pytest.approx(1.0 / (tenor - grace))
    assert not terms.exposure[tenor + 2 :].any()
    assert terms.fixed[2] == pytest.approx(loan.rate / 4)


def test_given_a_project_when_nothing_goes_wrong_then_it_earns_its_blended_rate() -> None:
    wind = by_hand.WIND
    terms = law(wind)
    flows = terms.repaid + terms.fixed + terms.floating - terms.draw
    rate = wind.equity_share * wind.equity_return + (1 - wind.equity_share) * wind.debt_rate
    discount = (1 + rate) ** (-np.arange(flows.size) / 4)

    assert float(flows @ discount) == pytest.approx(0.0, abs=1e-12)
    assert terms.draw.sum() == pytest.approx(1.0) and terms.repaid.sum() == pytest.approx(1.0)
    assert not (terms.fixed + terms.repaid)[: 2 + 12].any()


def test_given_a_project_when_it_fails_then_most_likely_at_the_end_of_construction() -> None:
    wind = by_hand.WIND
    terms = law(wind, still=True)
    ended, _ = lived(terms, np.zeros((1, YEARS)))
    by_slot = np.repeat(ended[0], 4) * terms.end_part

    assert by_slot.sum() == pytest.approx(wind.default_share, rel=1e-6)
    assert int(np.argmax(by_slot)) in (12, 13, 14)
    assert by_slot[:30].sum() > 0.8 * wind.default_share


def test_given_a_short_project_when_laid_out_then_it_still_pays_back() -> None:
    terms = law(Infrastructure(0.5, 0.0, 0.0, 0.0, 0.25, 0.0, 0.8, 0.0))

    assert terms.repaid.sum() == pytest.approx(1.0) and terms.draw[1] == 1.0


def test_given_a_fund_when_its_years_are_summed_then_they_are_takahashi_and_alexanders() -> None:
    fund = by_hand.FUND
    terms = law(fund, still=True)
    rows = np.zeros((4, YEARS, LANES))
    growth = eightfold(np.full(YEARS, 1.0 + fund.growth))
    conditional.fund_years(
        np.array(terms.called), np.array(terms.distributed), growth, fund.dividend_yield, rows
    )
    base = pacing.Assumptions(1.0, fund.contributions, 12, fund.bow, fund.growth,
                              fund.dividend_yield)  # fmt: skip
    years = pacing.project(base, YEARS)

    called, paid, _, closed = 4 * rows[:, :, 5]
    np.testing.assert_allclose(called, [year.contribution for year in years], atol=1e-15)
    np.testing.assert_allclose(paid, [year.distribution for year in years], atol=1e-15)
    assert closed.sum() == pytest.approx(sum(year.contribution for year in years[:-1]))


def test_given_a_scheme_without_volatility_when_laws_are_made_then_no_factor_moves_them() -> None:
    for one in by_hand.ALL.values():
        terms = law(one, still=True)

        assert not terms.end_swing.any() and not terms.fail_swing.any()
        assert (terms.market_load, terms.sector_load, terms.correlation) == (0.0, 0.0, 0.0)
        assert (terms.income_load, terms.growth_load) == (0.0, 0.0)


@pytest.mark.parametrize("memory", [-0.2, 0.0, 0.5])
def test_given_an_interval_when_its_variance_is_asked_then_whole_years_are_summed(
    memory: float,
) -> None:
    found = laws.interval_variance(2.5, memory)
    expected = (0.25 + 1 + 1) + 2 * memory * (0.5 + 1) + 2 * memory**2 * 0.5

    assert found == pytest.approx(expected)


def test_given_a_sector_that_differs_when_its_law_is_made_then_the_class_is_shifted() -> None:
    slow = Sector("slow", 1.0, 0.1, 0.3, 2.0)
    plain, other = (
        laws.terms(by_hand.VENTURE, one, by_hand.LIVELY, years=40) for one in (PLAIN, slow)
    )
    zero = [lived_fail(terms) for terms in (plain, other)]

    assert zero[1] - zero[0] == pytest.approx(0.1, abs=2e-3)
    assert other.payoff.mean() > plain.payoff.mean()
    assert dataclasses.asdict(plain)["draw"].tolist() == other.draw.tolist()


def lived_fail(terms: laws.Terms) -> float:
    alive, failed = 1.0, 0.0
    for end, fail in zip(terms.end, terms.fail, strict=True):
        failed += alive * fail
        alive *= 1 - end - fail
    return failed
