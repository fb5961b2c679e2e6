"""The conditional and least-favourable hybrid test of moment inequalities, without linear programs.

Source: Andrews, Roth and Pakes (2023, Review of Economic Studies 90), as Rambachan and Roth (2023,
section 3) use it. Moments `E[y(θ)] ≤ X·nuisance` are tested through the dual of

    η = min over nuisance of max_i (y_i(θ) - X_i·nuisance) / sd_i = max over vertices γ of γ·y(θ)

For relative magnitudes the vertices are known in closed form (`koga.evaluate.effects.honest`), so η
is the largest of a few lines in θ and the whole test is arithmetic over a grid of θ.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

GRID = 401
"""Points of the first grid over θ."""
ZOOMS, ZOOM_POINTS = 4, 65
"""Rounds that narrow an end of the set, each by the number of points."""
DIRECTIONS = 2048
"""Angles over which the least-favourable quantile is a mean."""
_SAME = 1e-9
_NO_VARIANCE = 1e-20


@dataclass(frozen=True, slots=True)
class Moments:
    """Studentised moments at the vertices of the dual: lines in θ with a common normal noise.

    level, slope: the value of vertex v at θ is `level[v] - slope[v] * θ`.
    factor: a row of two per vertex; the covariance of the values is `factor @ factor.T` (all of
        them are combinations of two estimates: the effect asked for and the largest earlier move).
    """

    level: Floats
    slope: Floats
    factor: Floats


def least_favourable(factor: Floats, size: float) -> float:
    """The 1 - size quantile of the largest moment where every moment binds.

    The noise is a direction u in the plane and a distance r, independent; the largest moment is
    r·g(u), so its tail is the mean over an even grid of u of P(r > c / g(u)) = exp(-(c / g)² / 2).
    Nothing is drawn at random.

    >>> round(least_favourable(np.array([[1.0, 0.0], [-1.0, 0.0]]), 0.05), 5)
    1.95996
    """
    from scipy.optimize import brentq

    angles = (np.arange(DIRECTIONS) + 0.5) * (2 * np.pi / DIRECTIONS)
    reach = (np.column_stack([np.cos(angles), np.sin(angles)]) @ factor.T).max(axis=1)
    outward = reach[reach > 0]

    def excess(critical: float) -> float:
        tails: Floats = np.exp(-((critical / outward) ** 2) / 2)
        return float(tails.sum()) / DIRECTIONS - size

    if excess(0.0) <= 0:
        return 0.0
    farthest = float(outward.max() * np.sqrt(-2 * np.log(size)))
    return float(brentq(excess, 0.0, farthest, xtol=1e-12 * farthest))


def accepts(moments: Moments, theta: Floats, *, size: float, critical: float) -> Booleans:
    """Whether each θ is kept by the conditional test of a size, inside `η ≤ critical`.

    At the largest vertex γ*, η is normal and truncated to [vlo, vup]: the values at which γ* stays
    largest given what is independent of it. Rejected where η exceeds its truncated quantile or
    `critical`; never where η ≤ 0.
    """
    values = moments.level - np.multiply.outer(theta, moments.slope)
    rows, largest = np.arange(theta.size), values.argmax(axis=1)
    eta = values[rows, largest]
    covariance = moments.factor @ moments.factor.T
    variance = covariance[largest, largest]
    certain = variance < _NO_VARIANCE
    spread = np.sqrt(np.where(certain, 1.0, variance))
    low, high = _truncation(values, eta, covariance[largest] / (spread**2)[:, None])
    tail = _upper_tail(eta / spread, low / spread, np.minimum(high, critical) / spread)
    kept: Booleans = (eta <= 0) | (~certain & (eta <= critical) & ~(tail < size))
    return kept


def _truncation(values: Floats, eta: Floats, regression: Floats) -> tuple[Floats, Floats]:
    """vlo and vup: where another vertex's line `rest + regression·c` would overtake c itself."""
    rest = values - regression * eta[:, None]
    gain = 1 - regression
    moving = np.abs(gain) > _SAME
    crossing = rest / np.where(moving, gain, 1.0)
    low = np.where(moving & (gain > 0), crossing, -np.inf).max(axis=1)
    high = np.where(moving & (gain < 0), crossing, np.inf).min(axis=1)
    return np.minimum(low, eta), np.maximum(high, eta)


def _upper_tail(at: Floats, low: Floats, high: Floats) -> Floats:
    """P(Z > at) of a standard normal kept to [low, high]; 1 where the interval is a point."""
    from scipy.special import log_ndtr

    base = log_ndtr(-low)
    above, beyond = np.exp(log_ndtr(-at) - base), np.exp(log_ndtr(-high) - base)
    room = 1 - beyond
    tail: Floats = np.where(room > 0, (above - beyond) / np.where(room > 0, room, 1.0), 1.0)
    return tail


def interval(moments: Moments, *, alpha: float, first_stage: float) -> tuple[float, float] | None:
    """The least and greatest θ the hybrid test keeps; None where it keeps none.

    first_stage: size of the least-favourable test (κ); the conditional test has the rest,
    (α - κ) / (1 - κ). Beyond what the first test keeps nothing is looked for: there it rejects.
    """
    critical = least_favourable(moments.factor, first_stage)
    size = (alpha - first_stage) / (1 - first_stage)
    falling, rising = moments.slope > 0, moments.slope < 0
    ends = (moments.level - critical) / np.where(moments.slope == 0, 1.0, moments.slope)
    low, high = ends[falling].max(), ends[rising].min()
    if low > high:
        return None
    grid = np.linspace(low, high, GRID)
    kept = np.flatnonzero(accepts(moments, grid, size=size, critical=critical))
    if not kept.size:
        return None
    bottom = _edge(moments, grid[max(kept[0] - 1, 0)], grid[kept[0]], size, critical)
    top = _edge(moments, grid[min(kept[-1] + 1, GRID - 1)], grid[kept[-1]], size, critical)
    return bottom, top


def _edge(moments: Moments, out: float, kept: float, size: float, critical: float) -> float:
    """The last θ that is kept on the way out from `kept`, found by ever finer grids."""
    for _ in range(ZOOMS):
        if out == kept:
            break
        steps = np.linspace(kept, out, ZOOM_POINTS)
        outward = np.flatnonzero(accepts(moments, steps, size=size, critical=critical))
        last = int(outward[-1]) if outward.size else 0
        kept, out = float(steps[last]), float(steps[min(last + 1, ZOOM_POINTS - 1)])
    return float(kept)
