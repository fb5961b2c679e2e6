"""Reverse stress: what must happen before a protected rank loses, and what drives a cost.

Two answers side by side. On simulated paths: how the factors stood, on average, where the rank
lost. By direct search: the smallest shift of all factors together, in standard deviations, after
which it loses (the design point of structural reliability, Hasofer and Lind, 1974): the most
likely way for it to happen.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from koga.core.problems import ensure
from koga.plan import spread
from koga.plan.model import Counts, Floats

Loss: TypeAlias = Callable[[Floats], Floats]
"""From shifts (points × factors, in standard deviations) to what is lost at each, in won."""

FAR = 8.0
"""Standard deviations beyond which the search does not look (a chance of 6e-16 along one line)."""
_STEPS = 12
_HALVINGS = 24
_POINTS = 16


@dataclass(frozen=True, slots=True)
class Condition:
    """The factors on the paths where something is lost.

    chance: of a loss, with its error. means, errors: of each year's factor, given a loss; None
    where it was lost on no path. paths: how many lost.
    """

    chance: float
    chance_error: float
    means: Floats | None
    errors: Floats | None
    paths: int


def condition(
    factors: Floats,
    lost: Floats,
    weights: Floats,
    *,
    above: float = 0.5,
    law: Counts | None = None,
) -> Condition:
    """How the factors stood on the paths that lost `above` or more.

    factors: by path and year. weights: likelihood ratios (mean 1), ones for plain paths. law: of
    each path, where they were drawn from several laws.

    >>> market = np.array([[1.0], [-2.0], [-1.0], [0.0]])
    >>> found = condition(market, np.array([0.0, 9.0, 5.0, 0.0]), np.ones(4))
    >>> found.chance, found.paths, found.means.tolist()
    (0.5, 2, [-1.5])
    """
    loses = lost >= above
    chance, chance_error = spread.by_law(np.where(loses, weights, 0.0), law)
    count = int(loses.sum())
    if not count:
        return Condition(chance, chance_error, None, None, 0)
    parts = weights[loses] / weights[loses].sum()
    means = parts @ factors[loses]
    apart = parts[:, None] * (factors[loses] - means)
    errors = np.sqrt((apart * apart).sum(axis=0)) if count > 1 else np.full(means.shape, math.nan)
    return Condition(chance, chance_error, means, errors, count)


@dataclass(frozen=True, slots=True)
class Design:
    """The nearest shift after which something is lost.

    distance: in standard deviations. shift: by factor. chance: of a loss, were the loss region a
    half-space (normal cdf of -distance). lost: there, in won. found: False where nothing is lost
    within `FAR`; then the rest says how far was looked.
    """

    found: bool
    distance: float
    shift: Floats
    chance: float
    lost: float


def along(loss: Loss, direction: Floats, *, above: float = 0.5) -> Design:
    """The smallest shift along one direction after which more than `above` is lost."""
    unit = direction / float(np.sqrt(direction @ direction))
    radii = np.linspace(0.0, FAR, _POINTS + 1)
    losses = loss(radii[:, None] * unit)
    beyond = np.flatnonzero(losses > above)
    if not beyond.size:
        return Design(False, FAR, FAR * unit, _tail(FAR), float(losses[-1]))
    low, high = radii[max(int(beyond[0]) - 1, 0)], radii[int(beyond[0])]
    lost = float(losses[beyond[0]])
    for _ in range(_HALVINGS // 4):
        inner = np.linspace(low, high, _POINTS + 1)
        losses = loss(inner[:, None] * unit)
        first = int(np.flatnonzero(losses > above)[0])
        low, high, lost = inner[max(first - 1, 0)], inner[first], float(losses[first])
    return Design(True, float(high), high * unit, _tail(high), lost)


def nearest(loss: Loss, start: Floats, *, above: float = 0.5) -> Design:
    """The smallest joint shift of all factors, from a first direction such as "all years bad".

    From a point just beyond the boundary the direction turns to where the loss rises fastest, as
    long as that brings the boundary nearer. Every direction tried loses less than the answer does
    at its distance; a nearer point elsewhere cannot be excluded.
    """
    ensure(bool(np.any(start)), "a direction is needed")
    best = along(loss, start, above=above)
    blend = 1.0
    for _ in range(_STEPS):
        if not best.found or blend < 0.05:
            break
        slope = _slope(loss, best.shift * (1.0 + 0.5 / _POINTS))
        size = float(np.sqrt(slope @ slope))
        if size == 0:
            break
        here = best.shift / max(best.distance, 1e-12)
        turned = along(loss, (1.0 - blend) * here + blend * slope / size, above=above)
        if turned.found and turned.distance < best.distance * (1 - 1e-6):
            best = turned
        else:
            blend /= 2
    return best


def _slope(loss: Loss, point: Floats, step: float = 0.05) -> Floats:
    """Central differences of the loss by factor, all points in one evaluation."""
    moves = step * np.eye(point.size)
    losses = loss(np.concatenate([point + moves, point - moves]))
    found: Floats = (losses[: point.size] - losses[point.size :]) / (2 * step)
    return found


def _tail(distance: float) -> float:
    """Chance that a standard normal lies beyond a distance."""
    return 0.5 * math.erfc(distance / math.sqrt(2))


@dataclass(frozen=True, slots=True)
class Driver:
    """How closely a cost follows a figure: Spearman's rank correlation over the paths."""

    name: str
    correlation: float


def drivers(cost: Floats, figures: Mapping[str, Floats], *, top: int = 10) -> list[Driver]:
    """The figures a cost follows most closely, strongest first; constant ones are left out.

    >>> cost = np.array([1.0, 2.0, 3.0, 4.0])
    >>> drivers(cost, {"up": cost**3, "down": -cost, "still": np.ones(4)})
    [Driver(name='up', correlation=1.0), Driver(name='down', correlation=-1.0)]
    """
    found = []
    for name, values in figures.items():
        known = np.isfinite(values) & np.isfinite(cost)
        if known.sum() > 2 and np.ptp(values[known]) > 0 and np.ptp(cost[known]) > 0:
            ranks = np.corrcoef(_ranks(cost[known]), _ranks(values[known]))
            found.append(Driver(name, round(float(ranks[0, 1]), 12)))
    return sorted(found, key=lambda one: (-abs(one.correlation), -one.correlation, one.name))[:top]


def _ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means: Floats = ends - (counts - 1) / 2.0
    return means[inverse]
