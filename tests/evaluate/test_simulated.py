"""Programmes whose effect is known: intervals that cover, null programmes, manipulated scores."""

import numpy as np
import pytest

from koga.evaluate.effects import callaway, density, local_lines, trend_checks, twfe, weighing
from koga.evaluate.panels import wide
from tests.evaluate import made

COUNT = 200


@pytest.fixture(scope="module")
def programmes() -> list[tuple[float, float, float, float]]:
    """Truth, estimate, error and two-way estimate of 200 programmes."""
    found = []
    for seed in range(COUNT):
        programme = made.staggered(seed)
        laid = wide.of(programme.panel)
        cells = callaway.cells(laid, control="never", method="dr", base="varying")
        simple = callaway.average(cells, "simple")[0]
        plain = float(twfe.static(laid).effects[0])
        found.append((programme.truth, simple.effect, simple.se, plain))
    return found


def test_given_200_staggered_programmes_when_estimated_then_intervals_cover_as_stated(
    programmes: list[tuple[float, float, float, float]],
) -> None:
    truth, estimate, se, _ = np.array(programmes).T

    low, high = weighing.interval(estimate, se)
    covered = np.mean((low <= truth) & (truth <= high))

    assert 0.92 <= covered <= 0.98


def test_given_effects_that_grow_when_estimated_then_two_way_effects_are_biased_and_ours_not(
    programmes: list[tuple[float, float, float, float]],
) -> None:
    truth, estimate, se, plain = np.array(programmes).T

    bias, two_way = np.mean(estimate - truth), np.mean(plain - truth)

    assert abs(bias) < 3 * se.mean() / np.sqrt(COUNT)
    assert two_way < -0.1 * truth.mean()


def test_given_200_null_programmes_when_estimated_then_false_findings_come_at_the_stated_rate() -> (
    None
):
    false = 0
    for seed in range(COUNT):
        laid = wide.of(made.staggered(10_000 + seed, size=0.0).panel)
        cells = callaway.cells(laid, control="not-yet", method="dr", base="varying")
        simple = callaway.average(cells, "simple")[0]
        false += weighing.two_sided(simple.effect, simple.se) < 0.05

    assert 0.02 * COUNT <= false <= 0.08 * COUNT


def test_given_parallel_trends_when_tested_then_few_are_refused_and_others_are() -> None:
    refused = {0.0: 0, 0.5: 0}
    for trend in refused:
        for seed in range(40):
            laid = wide.of(made.staggered(20_000 + seed, units=300, trend=trend).panel)
            found = callaway.cells(laid, control="never", method="dr", base="varying")
            check = trend_checks.pre_trend(found, found, 1.0)
            refused[trend] += check.verdict == "fail"

    assert refused[0.0] <= 6
    assert refused[0.5] == 40


def test_given_200_manipulated_rounds_when_tested_then_all_are_refused() -> None:
    verdicts = [density.check(score).verdict for score in made.rounds(COUNT, manipulated=True)]

    assert verdicts == ["fail"] * COUNT


@pytest.mark.parametrize("width", [0.1, 0.3, 0.5])
def test_given_rounds_with_everyone_just_below_lifted_when_tested_then_all_are_refused(
    width: float,
) -> None:
    for score in made.rounds(30, manipulated=False, seed=1):
        lifted = (score < 0) & (score > -width)

        pushed = np.where(lifted, (score + width) / 3, score)

        assert density.check(pushed).verdict == "fail"


def test_given_200_honest_rounds_when_tested_then_refusals_come_at_the_stated_rate() -> None:
    verdicts = [density.check(score).verdict for score in made.rounds(COUNT, manipulated=False)]

    assert verdicts.count("fail") <= 0.09 * COUNT


@pytest.mark.parametrize("manipulated", [True, False])
def test_given_scores_in_whole_points_when_tested_then_manipulation_shows_on_the_grid(
    manipulated: bool,
) -> None:
    refused = 0
    for seed in range(100):
        generator = np.random.default_rng([7, seed])
        score = np.clip(np.round(generator.normal(58, 12, 1500)), 0, 100)
        if manipulated:
            lifted = (score >= 57) & (score < 60) & (generator.random(1500) < 0.6)
            score = np.where(lifted, 60 + generator.integers(0, 3, 1500), score)
        found = density.test(score - 60)
        assert found is not None
        assert found.kind == "grid"
        refused += found.chance < density.REJECTED

    assert refused >= 99 if manipulated else refused <= 10


def test_given_scores_with_a_known_jump_when_estimated_then_robust_intervals_cover() -> None:
    covered = 0
    for seed in range(COUNT):
        generator = np.random.default_rng([11, seed])
        score = 2 * generator.beta(2, 4, 500) - 1
        outcome = 0.48 + 1.3 * score + 2 * score**2 + 0.4 * (score >= 0)
        outcome += generator.normal(0, 0.3, 500)
        given = local_lines.design(
            score, outcome[:, None], np.ones(500), fuzzy=False, variance="nn"
        )
        found = local_lines.jump(given, *local_lines.bandwidths(given))
        low, high = weighing.interval(found.corrected, found.robust)
        covered += low <= 0.4 <= high

    assert 0.91 * COUNT <= covered <= 0.98 * COUNT
