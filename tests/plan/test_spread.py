"""Means, errors and quantiles of many paths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koga.plan import figure, spread


def test_given_plain_paths_when_summed_up_then_it_is_the_textbook() -> None:
    drawn = np.random.default_rng(7).normal(10, 2, 4001)

    found = spread.of(drawn, np.ones(4001))

    assert found.mean == pytest.approx(drawn.mean(), rel=1e-14)
    assert found.error == pytest.approx(drawn.std(ddof=1) / np.sqrt(4001), rel=1e-12)
    assert found.quantiles == tuple(np.quantile(drawn, spread.QUANTILES))


def test_given_paths_of_a_shifted_law_when_weighted_then_tail_and_error_come_out_right() -> None:
    shift, count = 2.0, 40_000
    drawn = np.random.default_rng(11).normal(0, 1, count) + shift
    weights = np.exp(-shift * drawn + shift * shift / 2)

    found = spread.of((drawn > 2.5).astype(float), weights)

    assert abs(found.mean - 0.00620967) < 4 * found.error
    assert found.error < 0.5 * np.sqrt(0.0062 / count)


def test_given_weights_when_a_quantile_is_asked_then_it_is_that_of_the_repeated_sample() -> None:
    values, times = np.array([5.0, 1.0, 9.0, 3.0]), np.array([2.0, 1.0, 4.0, 3.0])
    repeated = np.repeat(values, times.astype(int))

    found = spread.of(values, times)

    assert found.mean == pytest.approx(repeated.mean())
    median = np.sort(repeated)[int(np.ceil(0.5 * repeated.size)) - 1]
    assert found.quantiles[2] == median


@pytest.mark.parametrize("weighed", [False, True])
def test_given_many_samples_when_quantiles_are_told_then_their_errors_are_how_far_they_scatter(
    weighed: bool,
) -> None:
    stream = np.random.default_rng(3)
    samples = stream.lognormal(0, 1, (1500, 400))
    weights = stream.uniform(0.5, 1.5, 400) if weighed else np.ones(400)

    found = [spread.of(sample, weights) for sample in samples]

    scatter = np.std([each.quantiles for each in found], axis=0)
    told = np.mean([each.quantile_errors for each in found], axis=0)
    assert told == pytest.approx(scatter, rel=0.12)


def test_given_too_few_paths_when_summed_up_then_the_outer_quantiles_have_no_error() -> None:
    found = spread.of(np.arange(9.0), np.ones(9))

    outer, inner = found.quantile_errors[::4], found.quantile_errors[1:4]
    assert np.isnan(outer).all() and np.isfinite(inner).all()


def test_given_a_figure_undefined_everywhere_when_summed_up_then_it_is_none_and_says_so() -> None:
    found = spread.of(np.full(5, np.nan), np.ones(5))

    assert found.defined == 0
    assert figure.number(found.mean, whole=True) is None


@given(st.lists(st.floats(-1e15, 1e15), min_size=2, max_size=50), st.integers(0, 5))
def test_given_undefined_paths_when_summed_up_then_the_others_alone_count(
    values: list[float], missing: int
) -> None:
    known = np.array(values)
    mixed = np.concatenate([known, np.full(missing, np.nan)])

    assert spread.of(mixed, np.ones(mixed.size)) == spread.of(known, np.ones(known.size))


@pytest.mark.parametrize("paths", [1, 2, 9, 1000])
@pytest.mark.parametrize("even", [True, False])
def test_given_many_figures_when_summed_up_together_then_each_is_to_the_bit_what_it_is_alone(
    paths: int, even: bool
) -> None:
    stream = np.random.default_rng(8)
    table = stream.lognormal(20, 3, (paths, 12)) * stream.choice([1, -1, 0], (paths, 12))
    table[::3, 4] = np.nan
    table[:, 7] = np.nan
    weights = np.ones(paths) if even else stream.uniform(0.5, 2.0, paths)

    together = spread.by_column(table, weights)

    alone = [spread.of(np.ascontiguousarray(table[:, place]), weights) for place in range(12)]
    assert [repr(each) for each in together] == [repr(each) for each in alone]
