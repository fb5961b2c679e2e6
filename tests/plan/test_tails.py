"""Tails of costs by importance sampling: right, and with less error than plain paths."""

from pathlib import Path

import pytest

from koga.plan import build, risk, scheme, tails
from koga.plan.model import Model
from koga.plan.outcome import Outcome
from koga.plan.shape import Scheme


@pytest.fixture(scope="module")
def small(root: Path) -> Scheme:
    return scheme.load(root / "schemes" / "small.toml")


@pytest.fixture(scope="module")
def model(small: Scheme) -> Model:
    return build.build(small)


@pytest.fixture(scope="module")
def plain(small: Scheme, model: Model) -> Outcome:
    return tails.shifted(small, model, paths=6000, seed=1, engine="fast", shift=0.0)


@pytest.fixture(scope="module")
def bad(small: Scheme, model: Model) -> Outcome:
    return tails.shifted(small, model, paths=2000, seed=2, engine="fast")


def test_given_bad_paths_when_weighed_back_then_the_tail_is_the_plain_one(
    plain: Outcome, bad: Outcome
) -> None:
    one, other = (risk.of(found.measures["cost.lifetime"], found.weights) for found in (plain, bad))

    for level in risk.LEVELS:
        for name in ("at_risk", "shortfall"):
            first, second = getattr(one, name)[level], getattr(other, name)[level]
            apart = abs(first.value - second.value)
            assert apart < 4 * (first.error**2 + second.error**2) ** 0.5, (name, level)


def test_given_a_third_of_the_paths_when_shifted_then_the_far_tail_has_the_smaller_error(
    plain: Outcome, bad: Outcome
) -> None:
    one, other = (risk.of(found.measures["cost.lifetime"], found.weights) for found in (plain, bad))

    assert other.shortfall[0.995].error < 0.7 * one.shortfall[0.995].error


def test_given_weights_when_averaged_then_they_are_one(bad: Outcome) -> None:
    # The ratio's deviation is sqrt(exp(1.8²) - 1): about 5.
    assert bad.weights.mean() == pytest.approx(1, abs=4 * 5 / 2000**0.5)


def test_given_shifted_paths_when_tabled_then_each_year_and_the_whole_have_a_row(
    bad: Outcome, model: Model
) -> None:
    rows = list(tails.table(bad, model))

    assert [row.year for row in rows] == [*range(2025, 2025 + model.years), 0]


def test_given_every_deal_drawn_when_shifted_then_ranges_join_and_the_tail_is_worse(
    small: Scheme, model: Model, bad: Outcome
) -> None:
    found = tails.shifted(small, model, paths=300, seed=2, engine="exact")

    assert found.paths == 300
    assert (found.weights == bad.weights[:300]).all()
    drawn = risk.of(found.measures["cost.lifetime"], found.weights)
    expected = risk.of(bad.measures["cost.lifetime"], bad.weights)
    assert drawn.shortfall[0.99].value > expected.shortfall[0.99].value
