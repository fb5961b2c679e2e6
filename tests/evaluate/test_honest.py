"""Sensitivity to failing trends: published sets, exact special cases, coverage, wrong input."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.core.problems import Refusal
from koga.evaluate.effects import conditional, honest
from tests.evaluate import published

MEDICAID = (published.MEDICAID_BETA, published.MEDICAID_SIGMA)
PROFITS = (published.PROFITS_BETA, published.PROFITS_SIGMA)
NORMAL_95 = 1.959963984540054


def ends(bounds: Sequence[honest.Bound]) -> dict[float, tuple[float, float]]:
    return {one.m: (one.low, one.high) for one in bounds}


def agree(found: Sequence[honest.Bound], expected: dict, within: float) -> None:
    actual = ends(found)
    assert list(actual) == list(expected)
    for m, pair in expected.items():
        assert actual[m] == pytest.approx(pair, abs=within), m


def test_given_the_medicaid_study_when_bounded_relatively_then_the_printed_sets_come_out() -> None:
    expected = published.MEDICAID_RELATIVE
    found = honest.relative(*MEDICAID, pre=5, post=2, m=list(expected))
    agree(found, expected, 1e-3)


def test_given_the_medicaid_average_when_bounded_relatively_then_the_printed_sets_come_out() -> (
    None
):
    expected = published.MEDICAID_RELATIVE_AVERAGE
    found = honest.relative(*MEDICAID, pre=5, post=2, m=list(expected), event=[0.5, 0.5])
    agree(found, expected, 1.3e-3)  # printed to three places, on a grid 0.0004 wide


def test_given_the_medicaid_study_when_broken_down_then_just_under_two() -> None:
    at = honest.breakdown(*MEDICAID, pre=5, post=2)
    assert 1.9 < at < 2.0
    inside, outside = honest.relative(*MEDICAID, pre=5, post=2, m=[at, at + 1e-4])
    assert inside.excludes_zero()
    assert not outside.excludes_zero()


def test_given_the_medicaid_study_when_bounded_by_smoothness_then_the_printed_sets() -> None:
    expected = published.MEDICAID_SMOOTH
    found = honest.smooth(*MEDICAID, pre=5, post=2, m=list(expected))
    agree(found, expected, 5e-4)  # 0.101 and on are printed to three places
    assert 0.02 < honest.breakdown(*MEDICAID, pre=5, post=2, kind="smooth") < 0.03


def test_given_the_profits_study_when_averaged_then_the_hybrid_sets_on_a_wide_grid() -> None:
    expected = published.PROFITS_HYBRID_AVERAGE
    found = honest.relative(*PROFITS, pre=4, post=4, m=list(expected), event=[0.25] * 4)
    agree(found, expected, 5e-4)


@pytest.mark.parametrize("event", list(published.PROFITS_SMOOTH))
def test_given_the_profits_study_when_bounded_by_smoothness_then_the_printed_sets(
    event: int | tuple[float, ...],
) -> None:
    expected = published.PROFITS_SMOOTH[event]
    found = honest.smooth(*PROFITS, pre=4, post=4, m=list(expected), event=event)
    agree(found, expected, 1e-3)


@pytest.mark.parametrize("m", list(published.PROFITS_CONDITIONAL))
def test_given_the_profits_study_when_tested_conditionally_then_on_the_same_side_of_each_end(
    m: float,
) -> None:
    """Without a first stage nothing in the authors' software is drawn at random: exact."""
    low, high = published.PROFITS_CONDITIONAL[m]
    step = 40 * np.sqrt(published.PROFITS_SIGMA[4, 4]) / 999
    theta = np.array([low - step, low, high, high + step])
    study = honest._study(*PROFITS, pre=4, post=4, event=0, alpha=0.05)
    kept = np.zeros(4, dtype=bool)
    for moments in honest._relative_moments(study, m):
        kept |= conditional.accepts(moments, theta, size=0.05, critical=np.inf)
    assert kept.tolist() == [False, True, True, False]


@pytest.mark.parametrize("event", [0, 1, [0.5, 0.5], [1.0, -1.0]])
def test_given_parallel_trends_when_bounded_by_zero_then_the_ordinary_interval(
    event: int | list[float],
) -> None:
    beta, sigma = MEDICAID
    weights = np.eye(2)[event] if isinstance(event, int) else np.array(event)
    centre = weights @ beta[5:]
    half = NORMAL_95 * np.sqrt(weights @ sigma[5:, 5:] @ weights)
    (found,) = honest.relative(beta, sigma, pre=5, post=2, m=[0], event=event)
    assert (found.low, found.high) == pytest.approx((centre - half, centre + half), abs=1e-6)


def test_given_one_period_after_when_bounded_by_zero_then_the_ordinary_interval() -> None:
    beta, sigma = np.array([0.0, 0.0, 0.0, 0.4]), np.diag([0.01, 0.01, 0.01, 0.04])
    (found,) = honest.relative(beta, sigma, pre=3, post=1, m=[0])
    half = 0.2 * NORMAL_95
    assert (found.low, found.high) == pytest.approx((0.4 - half, 0.4 + half), abs=1e-6)


def test_given_a_straight_trend_when_bounded_by_smoothness_zero_then_it_is_taken_out() -> None:
    beta = 0.3 * np.array([-3.0, -2.0, -1.0, 1.0, 2.0]) + np.array([0, 0, 0, 1.0, 1.5])
    sigma = 1e-10 * np.eye(5)
    first, second = (
        honest.smooth(beta, sigma, pre=3, post=2, m=[0], event=event)[0] for event in (0, 1)
    )
    assert (first.low + first.high) / 2 == pytest.approx(1.0, abs=1e-4)
    assert (second.low + second.high) / 2 == pytest.approx(1.5, abs=1e-4)


def test_given_no_noise_when_bounded_relatively_then_the_set_is_the_identified_one() -> None:
    """The largest earlier move is 0.2, so after two periods δ is within ±2·M·0.2."""
    beta, sigma = np.array([0.2, 0.1, 1.0, 2.0]), 1e-12 * np.eye(4)
    found = honest.relative(beta, sigma, pre=2, post=2, m=[0.5, 1.5], event=1)
    agree(found, {0.5: (1.9, 2.1), 1.5: (1.7, 2.3)}, 1e-4)


def test_given_no_noise_when_bounded_by_smoothness_then_the_set_is_the_identified_one() -> None:
    """Second differences of at most M: δ_2 = 2κ + 2d_0 + d_1, so ±3M about the extrapolation."""
    beta, sigma = np.array([-0.2, -0.1, 1.0, 2.0]), 1e-12 * np.eye(4)
    found = honest.smooth(beta, sigma, pre=2, post=2, m=[0.1], event=1)
    agree(found, {0.1: (1.8 - 0.3, 1.8 + 0.3)}, 1e-3)


covariances = st.integers(0, 10_000).map(
    lambda seed: np.cov(np.random.default_rng(seed).normal(size=(5, 40))) / 40
)


@settings(max_examples=25, deadline=None)
@given(
    sigma=covariances,
    beta=st.lists(st.floats(-2, 2), min_size=5, max_size=5),
    weight=st.floats(0, 1),
)
def test_given_any_study_when_the_bound_grows_then_the_set_grows(
    sigma: np.ndarray, beta: list[float], weight: float
) -> None:
    event = [weight, 1 - weight]
    bounds = [0, 0.25, 0.5, 1, 2]
    slack = 0.02 * np.sqrt(np.diag(sigma).max())
    found = honest.relative(beta, sigma, pre=3, post=2, m=bounds, event=event)
    assert all(there.low - here.low < slack for here, there in pairwise(found))
    assert all(there.high - here.high > -slack for here, there in pairwise(found))
    found = honest.smooth(beta, sigma, pre=3, post=2, m=bounds, event=event)
    lengths = [one.high - one.low for one in found]  # its centre moves, so its ends need not
    assert all(there > here for here, there in pairwise(lengths))


@settings(max_examples=25, deadline=None)
@given(sigma=covariances, scale=st.floats(0.01, 100), m=st.floats(0, 2))
def test_given_another_unit_when_bounded_then_the_sets_scale_with_it(
    sigma: np.ndarray, scale: float, m: float
) -> None:
    beta = np.array([0.1, -0.2, 0.1, 0.6, 0.9])
    here = honest.relative(beta, sigma, pre=3, post=2, m=[m])[0]
    there = honest.relative(scale * beta, scale**2 * sigma, pre=3, post=2, m=[m])[0]
    assert (there.low, there.high) == pytest.approx((scale * here.low, scale * here.high), rel=1e-5)
    here = honest.smooth(beta, sigma, pre=3, post=2, m=[m])[0]
    there = honest.smooth(scale * beta, scale**2 * sigma, pre=3, post=2, m=[scale * m])[0]
    assert (there.low, there.high) == pytest.approx((scale * here.low, scale * here.high), rel=1e-5)


@settings(max_examples=15, deadline=None)
@given(sigma=covariances, m=st.floats(0.001, 1), seed=st.integers(0, 1000))
def test_given_any_study_when_bounded_by_smoothness_then_no_other_weights_are_shorter(
    sigma: np.ndarray, m: float, seed: int
) -> None:
    """Half the length at random weights that are blind to the slope is never below ours."""
    found = honest.fixed_length.shortest(
        np.zeros(5), sigma, before=3, weights=np.array([1.0, 0.0]), m=m, alpha=0.05
    )
    random = np.random.default_rng(seed)
    spread = np.abs(found.weights_before).max()
    for size in (0.001, 0.01, 0.1, 1.0):
        before = found.weights_before + size * spread * random.normal(size=3)
        before[2] += 1 - before @ [3, 2, 1]  # δ_-3 = -3κ + 2d_-1 + d_-2, δ_-2 = -2κ + d_-1
        bends = np.array([2 * before[0] + before[1], before[0]])
        bias = m * (1 + np.abs(bends).sum())
        chosen = np.concatenate([before, [1.0, 0.0]])
        sd = np.sqrt(chosen @ sigma @ chosen)
        half = sd * honest.fixed_length.folded_quantile(bias / sd, 0.05)
        assert half > found.half - 1e-7


def test_given_trends_at_the_edge_of_the_bound_when_repeated_then_the_sets_cover() -> None:
    random = np.random.default_rng(11)
    root = random.normal(size=(5, 5)) / 10 + 0.2 * np.eye(5)
    sigma = root @ root.T
    moves_before, m = np.array([0.3, -0.1, 0.05]), 1.0
    after = 0.3 * m * np.array([1.0, 2.0])
    trend = np.concatenate([-np.cumsum(moves_before[::-1])[::-1], after])
    effect = np.array([0.5, 0.8])
    truth = trend + np.concatenate([np.zeros(3), effect])
    covered = 0
    for _ in range(300):
        beta = truth + root @ random.normal(size=5)
        study = honest._study(beta, sigma, pre=3, post=2, event=0, alpha=0.05)
        covered += any(_keeps(moments, effect[0]) for moments in honest._relative_moments(study, m))
    assert covered / 300 > 0.925


def test_given_no_trend_when_repeated_then_false_findings_stay_at_the_stated_rate() -> None:
    random = np.random.default_rng(12)
    sigma = 0.01 * (np.eye(5) + 0.5)
    root = np.linalg.cholesky(sigma)
    told = 0
    for _ in range(300):
        study = honest._study(
            root @ random.normal(size=5), sigma, pre=3, post=2, event=0, alpha=0.05
        )
        told += not any(_keeps(moments, 0.0) for moments in honest._relative_moments(study, 0.5))
    assert told / 300 < 0.075


def _keeps(moments: conditional.Moments, theta: float) -> bool:
    critical = conditional.least_favourable(moments.factor, 0.005)
    size = (0.05 - 0.005) / (1 - 0.005)
    kept = conditional.accepts(moments, np.array([theta]), size=size, critical=critical)
    return bool(kept[0])


@pytest.mark.parametrize("correlation", [-1.0, -0.5, 0.0, 0.8])
def test_given_moments_that_all_bind_when_bounded_then_the_quantile_is_that_of_a_maximum(
    correlation: float,
) -> None:
    from scipy.stats import multivariate_normal, norm

    factor = np.array([[1.0, 0.0], [correlation, np.sqrt(1 - correlation**2)]])
    found = conditional.least_favourable(factor, 0.005)
    if correlation == -1:
        expected = 1 - 2 * norm.sf(found)
    else:
        expected = multivariate_normal(cov=factor @ factor.T).cdf([found, found])
    assert expected == pytest.approx(0.995, abs=1e-6)


def test_given_a_finding_that_never_breaks_when_broken_down_then_infinite() -> None:
    beta, sigma = np.array([0.0, 0.0, 5.0, 5.0]), np.diag([1e-14, 1e-14, 0.01, 0.01])
    assert honest.breakdown(beta, sigma, pre=2, post=2) == float("inf")


def test_given_nothing_found_when_broken_down_then_zero() -> None:
    beta, sigma = np.array([0.0, 0.0, 0.1, 0.1]), 0.01 * np.eye(4)
    assert honest.breakdown(beta, sigma, pre=2, post=2) == 0.0
    assert honest.breakdown(beta, sigma, pre=2, post=2, kind="smooth") == 0.0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"pre": 3}, "sensitivity.periods"),
        ({"pre": 0, "post": 4}, "sensitivity.periods"),
        ({"sigma": np.eye(3)}, "sensitivity.covariance"),
        ({"sigma": np.diag([1.0, 1.0, -1.0, 1.0])}, "sensitivity.covariance"),
        ({"sigma": np.triu(np.ones((4, 4)))}, "sensitivity.covariance"),
        ({"sigma": np.ones((4, 4))}, "sensitivity.covariance"),
        ({"betahat": [0.0, np.nan, 0.0, 0.0]}, "sensitivity.covariance"),
        ({"event": 2}, "sensitivity.event"),
        ({"event": -1}, "sensitivity.event"),
        ({"event": [0.0, 0.0]}, "sensitivity.event"),
        ({"event": [1.0, 0.0, 0.0]}, "sensitivity.event"),
        ({"m": [0.5, -1.0]}, "sensitivity.bound"),
        ({"m": [float("nan")]}, "sensitivity.bound"),
        ({"alpha": 0.0}, "sensitivity.level"),
        ({"alpha": 0.95}, "sensitivity.level"),
    ],
)
@pytest.mark.parametrize("build", [honest.relative, honest.smooth])
def test_given_a_wrong_study_when_bounded_then_refused_by_name(
    build: object, change: dict, code: str
) -> None:
    asked = {
        "betahat": [0.0, 0.1, 0.5, 0.6], "sigma": 0.01 * np.eye(4),
        "pre": 2, "post": 2, "m": [1.0], "event": 0, "alpha": 0.05,
    }  # fmt: skip
    asked |= change
    betahat, sigma = asked.pop("betahat"), asked.pop("sigma")
    with pytest.raises(Refusal) as refused:
        build(betahat, sigma, **asked)  # type: ignore[operator]
    assert [problem.code for problem in refused.value.problems] == [code]
    for language in ("ko", "en"):
        assert refused.value.problems[0].message(language)


@pytest.mark.parametrize("page", ["sensitivity.md", "sensitivity.ko.md"])
def test_given_the_page_when_its_example_runs_then_the_sets_come_out(root: Path, page: str) -> None:
    text = (root / "docs" / "reference" / page).read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict = {}
    exec(example, names)  # the page's own code, read from the checkout
    assert [one.event_time for one in names["sets"]] == [1, 1, 1]
    assert 1 < names["limit"] < 5
