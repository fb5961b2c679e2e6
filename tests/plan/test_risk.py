"""Expected and unexpected loss, value at risk, expected shortfall, against closed forms."""

import itertools
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koga.plan.budget import risk
from koga.plan.outcome import Outcome

NORMAL = NormalDist()


def vasicek(chance: float, correlation: float, factor: np.ndarray) -> np.ndarray:
    """Loss rate of a large pool of equal loans, given the factor (Vasicek, 2002)."""
    from scipy.special import ndtr, ndtri

    below = ndtri(chance) - np.sqrt(correlation) * factor
    return ndtr(below / np.sqrt(1 - correlation))


@pytest.mark.parametrize("shift", [0.0, -2.0])
def test_given_a_large_pool_when_measured_then_it_is_vasiceks_closed_form(shift: float) -> None:
    """Also with the factor drawn from a shifted law and weighed back."""
    chance, correlation, count = 0.03, 0.2, 100_000
    factor = np.random.default_rng(17).standard_normal(count) + shift
    weights = np.exp(-shift * factor + shift * shift / 2)

    found = risk.of(vasicek(chance, correlation, factor), weights)

    assert found.expected.value == pytest.approx(chance, abs=4 * found.expected.error)
    for level, at_risk in found.at_risk.items():
        worst = np.array([NORMAL.inv_cdf(1 - level)])
        exact = float(vasicek(chance, correlation, worst)[0])
        assert at_risk.value == pytest.approx(exact, abs=4 * at_risk.error)
        assert 0 < at_risk.error < 0.02 * exact


def test_given_a_normal_cost_when_measured_then_shortfall_and_deviation_are_textbook() -> None:
    drawn = np.random.default_rng(23).standard_normal(200_000)

    found = risk.of(drawn, np.ones(drawn.size))

    assert found.unexpected.value == pytest.approx(1, abs=4 * found.unexpected.error)
    assert found.unexpected.error == pytest.approx(1 / np.sqrt(2 * drawn.size), rel=0.02)
    for level, shortfall in found.shortfall.items():
        exact = NORMAL.pdf(NORMAL.inv_cdf(level)) / (1 - level)
        assert shortfall.value == pytest.approx(exact, abs=4 * shortfall.error)


def test_given_a_shift_when_the_tail_is_weighed_then_its_error_is_smaller_than_plain() -> None:
    count = 20_000
    plain = np.random.default_rng(3).standard_normal(count)
    shifted = plain + 2.5

    first = risk.of(plain, np.ones(count))
    second = risk.of(shifted, np.exp(-2.5 * shifted + 2.5**2 / 2))

    assert second.shortfall[0.995].error < 0.4 * first.shortfall[0.995].error
    exact = NORMAL.pdf(NORMAL.inv_cdf(0.995)) / 0.005
    assert second.shortfall[0.995].value == pytest.approx(
        exact, abs=4 * second.shortfall[0.995].error
    )


def test_given_errors_when_the_simulation_is_repeated_then_they_are_the_spread_seen() -> None:
    rng = np.random.default_rng(41)
    runs = [risk.of(rng.standard_normal(2000), np.ones(2000)) for _ in range(200)]

    for level in (0.95, 0.99):
        for name in ("at_risk", "shortfall"):
            values = np.array([getattr(run, name)[level].value for run in runs])
            errors = np.array([getattr(run, name)[level].error for run in runs])
            assert errors.mean() == pytest.approx(values.std(ddof=1), rel=0.3), name


def test_given_a_cost_that_is_mostly_nothing_when_measured_then_atoms_do_no_harm() -> None:
    """Two paths in a hundred cost 1,000: the worst five in a hundred cost 400 on average."""
    values = np.zeros(1000)
    values[:20] = 1000.0

    found = risk.of(values, np.ones(1000))

    assert found.at_risk[0.95].value == 0
    assert found.shortfall[0.95].value == pytest.approx(400)
    assert found.shortfall[0.99].value == pytest.approx(1000)


def test_given_undefined_paths_when_measured_then_they_are_left_out_and_counted() -> None:
    found = risk.of(np.array([1.0, np.nan, 3.0]), np.ones(3))
    nothing = risk.of(np.array([np.nan]), np.ones(1))
    alone = risk.of(np.array([5.0]), np.ones(1))

    assert (found.paths, found.expected.value) == (2, 2.0)
    assert nothing.paths == 0 and np.isnan(nothing.expected.value)
    assert alone.expected.value == 5 and np.isnan(alone.expected.error)


costs = st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=60)


@given(costs, st.randoms())
def test_given_any_cost_when_measured_then_levels_rise_and_shortfall_is_above(
    values: list[float], random: object
) -> None:
    weights = np.array([random.random() + 0.1 for _ in values])  # type: ignore[attr-defined]

    found = risk.of(np.array(values), weights / weights.mean())

    at_risk = [found.at_risk[level].value for level in risk.LEVELS]
    shortfall = [found.shortfall[level].value for level in risk.LEVELS]
    slack = 1e-9 * (1 + max(map(abs, values)))
    assert at_risk == sorted(at_risk)
    assert all(a <= b + slack for a, b in itertools.pairwise(shortfall))
    assert all(q <= es + slack for q, es in zip(at_risk, shortfall, strict=True))
    assert shortfall[-1] <= max(values) + slack
    assert found.expected.value <= shortfall[0] + slack


@given(st.lists(st.tuples(st.floats(-1e12, 1e12), st.integers(1, 4)), min_size=2, max_size=40))
def test_given_weights_when_measured_then_it_is_the_repeated_sample(
    drawn: list[tuple[float, int]],
) -> None:
    values = np.array([value for value, _ in drawn])
    times = np.array([count for _, count in drawn])

    weighed = risk.of(values, times / times.mean())
    repeated = risk.of(np.repeat(values, times), np.ones(times.sum()))

    for level in risk.LEVELS:
        assert weighed.at_risk[level].value == repeated.at_risk[level].value
        assert weighed.shortfall[level].value == pytest.approx(
            repeated.shortfall[level].value, rel=1e-9, abs=1e-3
        )


def test_given_an_outcome_when_tabled_then_each_year_and_the_whole_have_a_row() -> None:
    yearly = np.random.default_rng(1).normal(10, 3, (500, 3))
    outcome = Outcome(0, np.ones(500), {"budget.net": yearly}, {"cost.lifetime": yearly.sum(1)})

    rows = list(risk.table(outcome, first_year=2027, series="budget.net", lifetime="cost.lifetime"))

    assert [(row.name, row.year) for row in rows] == [
        ("budget.net", 2027), ("budget.net", 2028), ("budget.net", 2029), ("cost.lifetime", 0),
    ]  # fmt: skip
    total = sum(row.risk.expected.value for row in rows[:3])
    assert rows[3].risk.expected.value == pytest.approx(total)
