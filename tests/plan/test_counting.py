"""Counts are drawn from exactly the binomial, and streams are functions of their names alone."""

import numpy as np
import pytest
from numba import njit
from scipy import stats

from koga.plan.engine import counting


@njit
def _drawn(count: float, chance: float, seed: int, number: int) -> np.ndarray:
    stream = np.zeros(1, np.uint64)
    found = np.empty(number)
    for place in range(number):
        stream[0] = counting.opened(seed, place, 7, 3)
        found[place] = counting.binomial(count, chance, stream)
    return found


@njit
def _leavers(count: float, hazard: float, seed: int, number: int) -> np.ndarray:
    stream = np.zeros(1, np.uint64)
    found = np.empty(number)
    for place in range(number):
        stream[0] = counting.opened(seed, place, 8, 3)
        found[place] = counting.leaving(count, hazard, False, stream)
    return found


def _fits(found: np.ndarray, count: int, chance: float) -> float:
    """The p-value of the chi-square test against the exact binomial."""
    law = stats.binom.pmf(np.arange(count + 1), count, chance) * found.size
    common = law >= 10
    counted = np.bincount(found.astype(int), minlength=count + 1)
    seen = np.append(counted[common], counted[~common].sum())
    meant = np.append(law[common], law[~common].sum())
    seen, meant = seen[meant > 1e-9], meant[meant > 1e-9]
    return float(stats.chi2.sf(((seen - meant) ** 2 / meant).sum(), seen.size - 1))


@pytest.mark.parametrize(
    ("count", "chance"),
    [(1, 0.3), (10, 0.3), (50, 0.006), (7, 0.9), (52, 0.49), (60, 0.45), (1000, 0.12),
     (1000, 0.97), (5000, 0.4), (30000, 0.01)],
)  # fmt: skip
def test_given_many_draws_when_counted_then_they_follow_the_binomial(
    count: int, chance: float
) -> None:
    found = _drawn(float(count), chance, 20250306, 60_000)

    assert found.min() >= 0 and found.max() <= count
    assert np.array_equal(found, np.floor(found))
    assert _fits(found, count, chance) > 1e-4


@pytest.mark.parametrize("hazard", [0.002, 0.1, 1.5])
def test_given_a_hazard_when_persons_leave_then_each_does_with_its_chance(hazard: float) -> None:
    found = _leavers(400.0, hazard, 5, 60_000)

    assert _fits(found, 400, 1 - np.exp(-hazard)) > 1e-4


def test_given_nobody_or_certainty_when_drawn_then_there_is_no_chance_in_it() -> None:
    assert _drawn(0.0, 0.5, 1, 3).tolist() == [0, 0, 0]
    assert _drawn(9.0, 1.0, 1, 3).tolist() == [9, 9, 9]
    assert _drawn(9.0, 0.0, 1, 3).tolist() == [0, 0, 0]


def test_given_neighbouring_streams_when_drawn_then_they_do_not_resemble_each_other() -> None:
    seeds = np.array([_drawn(2000.0, 0.5, seed, 4000) for seed in range(4)])
    together = np.corrcoef(seeds)
    within = np.corrcoef(seeds[0][:-1], seeds[0][1:])[0, 1]

    assert np.abs(together - np.eye(4)).max() < 0.08
    assert abs(within) < 0.08
