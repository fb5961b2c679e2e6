"""Factors of paths: memory, quasi-random points, shifts with likelihood ratios."""

import numpy as np
import pytest
from scipy.stats import qmc

from koga.plan.engine import factors, sobol

SIZE = {"years": 12, "sectors": 3}


def test_given_no_scrambling_when_points_are_made_then_they_are_scipys() -> None:
    count = 512
    found = np.empty((count, sobol.DIMENSIONS))
    for index in range(count):
        sobol.fill(sobol.plain(), np.zeros(64, dtype=np.uint32), index, found[index])
    order = np.arange(count) ^ (np.arange(count) >> 1)  # SciPy goes in Gray code
    expected = qmc.Sobol(sobol.DIMENSIONS, scramble=False).random(count)

    np.testing.assert_allclose(found[order], expected + 0.5 / 2**32, rtol=0, atol=1e-15)


@pytest.mark.parametrize("seed", [0, 1, 987654321])
def test_given_a_scrambling_when_points_are_made_then_every_dimension_stays_even(seed: int) -> None:
    directions, shift = sobol.scrambled(seed)
    found = np.empty((256, sobol.DIMENSIONS))
    for index in range(256):
        sobol.fill(directions, shift, 256 + index, found[index])

    assert (np.floor(np.sort(found, axis=0) * 256) == np.arange(256)[:, None]).all()


def test_given_two_seeds_when_scrambled_then_points_differ() -> None:
    one, other = (sobol.scrambled(seed)[0] for seed in (1, 2))

    assert (one != other).any(axis=1).all()


@pytest.mark.parametrize("memory", [-0.2, 0.0, 0.3, 0.9])
def test_given_memory_when_loadings_are_made_then_they_give_its_covariance(memory: float) -> None:
    matrix, variances = factors.loadings(12, memory)
    apart = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))

    np.testing.assert_allclose(matrix @ matrix.T, np.asarray(memory) ** apart, atol=1e-12)
    assert (np.diff(variances) <= 1e-12).all()
    np.testing.assert_allclose(matrix.sum(axis=0) ** 2, (np.ones(12) @ matrix) ** 2)


@pytest.mark.parametrize("source", ["sobol", "counter"])
def test_given_many_paths_when_drawn_then_years_are_standard_with_memory(
    source: factors.Draws,
) -> None:
    drawn = factors.drawn(**SIZE, memory=0.3, seed=7, first=0, paths=8192, source=source)
    flat = drawn.values.reshape(8192, -1)

    assert np.abs(flat.mean(axis=0)).max() < 0.06
    assert np.abs(flat.std(axis=0) - 1).max() < 0.04
    correlation = np.corrcoef(drawn.values[:, 0].T)
    np.testing.assert_allclose(np.diag(correlation, 1), 0.3, atol=0.05)
    between = np.corrcoef(drawn.values[:, 0, 5], drawn.values[:, 2, 5])[0, 1]
    assert abs(between) < 0.05
    assert (drawn.weights == 1.0).all()


@pytest.mark.parametrize("source", ["sobol", "counter"])
def test_given_a_range_cut_in_parts_when_drawn_then_the_parts_are_its_bits(
    source: factors.Draws,
) -> None:
    def drawn(first: int, paths: int) -> np.ndarray:
        made = factors.drawn(
            **SIZE, memory=0.1, seed=3, first=first, paths=paths, source=source, shift=-0.7
        )
        return np.concatenate([made.values.reshape(paths, -1), made.weights[:, None]], axis=1)

    whole = drawn(0, 50)
    parts = np.concatenate([drawn(0, 13), drawn(13, 1), drawn(14, 36)])

    assert (whole == parts).all()


def test_given_a_shift_when_weighed_then_means_and_rare_chances_are_those_without() -> None:
    plain = {**SIZE, "memory": 0.2, "seed": 5, "first": 0, "paths": 16384}
    shifted = factors.drawn(**plain, shift=-2.0, source="sobol")
    decade = shifted.market[:, :10].sum(axis=1)
    apart = np.abs(np.subtract.outer(np.arange(10), np.arange(10)))
    deviation = np.sqrt((0.2**apart).sum())
    rare = decade < -3.0 * deviation

    assert shifted.weights.mean() == pytest.approx(1.0, abs=0.02)
    assert rare.mean() > 0.05
    assert (shifted.weights * rare).mean() == pytest.approx(0.0013499, rel=0.05)


def test_given_quasi_random_factors_when_averaged_then_they_beat_the_counter() -> None:
    def spread(source: factors.Draws) -> float:
        means = [
            np.exp(
                factors.drawn(**SIZE, memory=0.0, seed=seed, first=0, paths=512, source=source)
                .market.sum(axis=1) * 0.2
            ).mean()
            for seed in range(12)
        ]  # fmt: skip
        return float(np.std(means))

    assert spread("sobol") < spread("counter") / 8
