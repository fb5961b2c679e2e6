"""The shortest confidence interval of fixed length under a bound on how a trend may bend.

Source: Rambachan and Roth (2023, section 4), after Donoho (1994) and Armstrong and Kolesár (2018).
With event times counted from the reference period, δ_0 = 0 and second differences d_t of at most M,

    δ_t  =  t·κ + Σ_{0 ≤ j < t} (t - j) d_j          after,
    δ_-t = -t·κ + Σ_{1 ≤ j < t} (t - j) d_-j         before,

so an estimate a·β_pre + l·β_post has a bounded bias only where it is blind to the slope κ
(Σ t·a_-t = Σ t·l_t), and its worst bias is M (Σ_j |Σ_{t>j} (t-j) l_t| + Σ_{j≥1} |x_j|) with
x_j = Σ_{t>j} (t-j) a_-t. Half the length is sd(x)·q(M·bias(x) / sd(x)), q the 1 - α quantile of
|N(·, 1)|. The best x lies on the frontier of variance and Σ|x_j|: a lasso path, followed exactly.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from koga.evaluate.effects.conditional import Booleans, Floats

_TINY = 1e-12
Half = Callable[[Floats], float]


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval: its centre, half its length, the weights on the earlier periods."""

    centre: float
    half: float
    weights_before: Floats


def shortest(
    beta: Floats, sigma: Floats, *, before: int, weights: Floats, m: float, alpha: float
) -> Interval:
    """The fixed-length interval of `weights · effect` where second differences are at most m.

    beta, sigma: coefficients in order of time without the reference period, and their covariance.
    before: how many of them come before it. m in the outcome's unit per period.
    """
    after = np.arange(1, weights.size + 1)
    fixed_bias = float(np.abs(_tails(weights)).sum())
    bend = _bend(before)
    start = bend[:, 0] * float(after @ weights)
    inner = sigma[:before, :before]
    cross = sigma[:before, before:] @ weights
    quadratic = bend[:, 1:].T @ inner @ bend[:, 1:]
    linear = bend[:, 1:].T @ (inner @ start + cross)

    def spread(x: Floats) -> float:
        chosen = np.concatenate([start + bend[:, 1:] @ x, weights])
        return float(np.sqrt(chosen @ sigma @ chosen))

    def half(x: Floats) -> float:
        sd = spread(x)
        return sd * folded_quantile(m * (fixed_bias + float(np.abs(x).sum())) / sd, alpha)

    best = _least(half, quadratic, linear) if m else _solve(quadratic, -linear)
    before_weights = start + bend[:, 1:] @ best
    centre = float(before_weights @ beta[:before] + weights @ beta[before:])
    return Interval(centre, half(best), before_weights)


def _tails(weights: Floats) -> Floats:
    """Σ_{t>j} (t - j) l_t for j = 0, 1, …: what each second difference after the start adds."""
    tails: Floats = np.cumsum(np.cumsum(weights[::-1]))[::-1]
    return tails


def _bend(before: int) -> Floats:
    """Weights on the earlier coefficients (oldest first) from x_0, x_1, …: a second difference."""
    latest_first = np.eye(before) - 2 * np.eye(before, k=1) + np.eye(before, k=2)
    return latest_first[::-1]


def _solve(matrix: Floats, right: Floats) -> Floats:
    if not right.size:
        return right
    return np.asarray(np.linalg.lstsq(matrix, right, rcond=None)[0], dtype=np.float64)


def folded_quantile(shift: float, alpha: float) -> float:
    """The 1 - α quantile of |N(shift, 1)|, to 1e-12.

    >>> round(folded_quantile(0, 0.05), 6), round(folded_quantile(10, 0.05), 6)
    (1.959964, 11.644854)
    """
    from scipy.special import ndtr, ndtri

    low, high = max(0.0, shift + float(ndtri(alpha))), shift + float(ndtri(1 - alpha / 2))
    for _ in range(80):
        middle = (low + high) / 2
        inside = ndtr(middle - shift) - ndtr(-middle - shift)
        low, high = (middle, high) if inside < 1 - alpha else (low, middle)
    return (low + high) / 2


def _least(half: Half, quadratic: Floats, linear: Floats) -> Floats:
    """The point of the frontier with the least half length."""
    from scipy.optimize import minimize_scalar

    corners = list(_frontier(quadratic, linear))
    best = min(corners, key=half)
    for here, there in pairwise(corners):
        along = partial(_between, half, here, there)
        found = minimize_scalar(along, bounds=(0, 1), method="bounded", options={"xatol": 1e-10})
        best = min(best, here + found.x * (there - here), key=half)
    return best


def _between(half: Half, here: Floats, there: Floats, part: float) -> float:
    return half(here + part * (there - here))


def _frontier(quadratic: Floats, linear: Floats) -> Iterator[Floats]:
    """Corners of argmin ½x·Q·x + c·x + λΣ|x| as λ falls from where x = 0 to 0; straight between."""
    x = np.zeros(linear.size)
    yield x
    scale = float(np.abs(linear).max(initial=0.0))
    if not scale:
        return
    quadratic, linear, penalty = quadratic / scale, linear / scale, 1.0
    active = np.abs(linear) >= penalty - _TINY
    for _ in range(20 * linear.size + 20):
        if penalty <= _TINY:
            return
        gradient = quadratic @ x + linear
        signs = np.where(x != 0, np.sign(x), -np.sign(gradient))
        step = np.zeros(linear.size)
        step[active] = _solve(quadratic[np.ix_(active, active)], signs[active])
        length, event = _next_corner(x, step, gradient, quadratic @ step, penalty, active)
        x = x + length * step
        penalty -= length
        if event >= 0:
            active = active.copy()
            x[event] = 0.0 if active[event] else x[event]
            active[event] = not active[event]
        yield x


def _next_corner(
    x: Floats, step: Floats, gradient: Floats, change: Floats, penalty: float, active: Booleans
) -> tuple[float, int]:
    """How far the penalty may fall until a coefficient joins or leaves, and which (-1: none)."""
    length, event = penalty, -1
    for place in range(x.size):
        if active[place]:
            reach = [-x[place] / step[place]] if step[place] * x[place] < 0 else []
        else:
            up, down = 1 + change[place], 1 - change[place]
            reach = [(penalty - gradient[place]) / up] if up > _TINY else []
            reach += [(penalty + gradient[place]) / down] if down > _TINY else []
        for candidate in reach:
            if _TINY < candidate < length:
                length, event = float(candidate), place
    return length, event
