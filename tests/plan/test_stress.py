"""Reverse stress: the nearest state in which a rank loses, and how the factors stood."""

from statistics import NormalDist

import numpy as np
import pytest

from koga.plan.budget import stress
from koga.plan.model import Floats


def plane(normal: Floats, distance: float) -> stress.Loss:
    """Something is lost beyond a plane at a distance, more the farther beyond."""
    unit = normal / np.linalg.norm(normal)

    def loss(shifts: Floats) -> Floats:
        found: Floats = 1000.0 * np.maximum(shifts @ unit - distance, 0.0)
        return found

    return loss


def test_given_a_plane_when_searched_then_the_nearest_point_is_its_foot() -> None:
    normal = np.array([-3.0, -2.0, 0.0, -1.0])

    found = stress.nearest(plane(normal, 2.5), -np.ones(4))

    assert found.found
    assert found.distance == pytest.approx(2.5, abs=0.002)
    assert found.shift == pytest.approx(2.5 * normal / np.linalg.norm(normal), abs=0.1)
    assert found.chance == pytest.approx(NormalDist().cdf(-2.5), rel=0.01)


def test_given_one_direction_when_searched_then_it_is_where_the_line_meets_the_plane() -> None:
    normal, start = np.array([-1.0, 0.0]), np.array([-1.0, -1.0])

    found = stress.along(plane(normal, 2.0), start)

    assert found.distance == pytest.approx(2 * np.sqrt(2), abs=1e-3)
    assert found.lost > 0.5


def test_given_a_curved_boundary_when_searched_then_no_direction_tried_is_nearer() -> None:
    def loss(shifts: Floats) -> Floats:
        bad = -shifts
        size = 2.0 * bad[:, 0] + bad[:, 1] + 0.3 * bad[:, 0] * bad[:, 1]
        found: Floats = np.maximum(size - 6.0, 0.0) * 1e6
        return found

    found = stress.nearest(loss, -np.ones(2))

    angles = np.linspace(np.pi, 1.5 * np.pi, 721)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    best = min(stress.along(loss, one).distance for one in directions)
    assert found.distance == pytest.approx(best, rel=0.01)


def test_given_nothing_that_is_lost_when_searched_then_it_says_how_far_it_looked() -> None:
    found = stress.nearest(lambda shifts: np.zeros(len(shifts)), -np.ones(3))

    assert (found.found, found.distance, found.lost) == (False, stress.FAR, 0.0)


def test_given_a_loss_without_any_shift_when_searched_then_the_distance_is_next_to_nothing() -> (
    None
):
    found = stress.along(lambda shifts: np.full(len(shifts), 9.0), -np.ones(2))

    assert found.found and found.distance < 1e-3


def test_given_paths_when_conditioned_then_the_mean_factor_is_the_normal_tails() -> None:
    factors = np.random.default_rng(8).standard_normal((50_000, 2))
    lost = np.where(factors[:, 0] < -1.5, 100.0, 0.0)

    found = stress.condition(factors, lost, np.ones(50_000))

    normal = NormalDist()
    exact = -normal.pdf(-1.5) / normal.cdf(-1.5)
    assert found.chance == pytest.approx(normal.cdf(-1.5), abs=4 * found.chance_error)
    assert found.means is not None and found.errors is not None
    assert found.means[0] == pytest.approx(exact, abs=4 * found.errors[0])
    assert found.means[1] == pytest.approx(0, abs=4 * found.errors[1])


def test_given_weights_when_conditioned_then_a_rare_loss_is_seen_and_rightly_rare() -> None:
    fresh = np.random.default_rng(8).standard_normal((20_000, 1)) - 3.0
    weights = np.exp(3.0 * fresh[:, 0] + 4.5)
    lost = np.where(fresh[:, 0] < -3.5, 1.0, 0.0)

    found = stress.condition(fresh, lost, weights)

    assert found.chance == pytest.approx(NormalDist().cdf(-3.5), abs=4 * found.chance_error)
    assert found.chance_error < 0.1 * found.chance
    assert found.paths > 5000


def test_given_no_loss_when_conditioned_then_there_is_no_mean() -> None:
    found = stress.condition(np.zeros((3, 2)), np.zeros(3), np.ones(3))

    assert (found.chance, found.means, found.paths) == (0.0, None, 0)


def test_given_figures_when_ranked_then_the_strongest_driver_comes_first() -> None:
    rng = np.random.default_rng(2)
    market, noise = rng.standard_normal(400), rng.standard_normal(400)

    found = stress.drivers(np.exp(-market) + 0.2 * noise, {"noise": noise, "market": market})

    assert [one.name for one in found] == ["market", "noise"]
    assert found[0].correlation < -0.9


def test_given_equal_values_when_ranked_then_they_share_their_mean_rank() -> None:
    assert stress._ranks(np.array([5.0, 1.0, 5.0, 9.0])).tolist() == [2.5, 1.0, 2.5, 4.0]
