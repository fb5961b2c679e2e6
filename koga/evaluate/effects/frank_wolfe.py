"""Descent on weights that sum to 1, compiled: thousands of small steps for every placebo."""

import numpy as np
from numba import njit

from koga.evaluate.panels.wide import Floats


@njit(cache=True)
def descend(columns: Floats, weights: Floats, zeta: float, least: float, steps: int) -> Floats:
    """Weights of all but the last row that come nearest to the last (Frank-Wolfe).

    columns: [parts and the target last, rows], each centred. weights: where to start, changed.
    zeta: ridge penalty. least: stop where a step lowers the mean squared gap by no more than
    its square.
    """
    rows = columns.shape[1]
    parts, target = columns[:-1], columns[-1]
    eta = rows * zeta**2
    fitted = weights @ parts
    value = np.inf
    for _ in range(steps):
        gap = fitted - target
        place = np.argmin(parts @ gap + eta * weights)
        direction = -weights
        direction[place] += 1.0
        moved = parts[place] - fitted
        curve = moved @ moved + eta * (direction @ direction)
        if curve > 0.0:
            slope = gap @ moved + eta * (weights @ direction)
            step = min(1.0, max(0.0, -slope / curve))
            weights += step * direction
            fitted += step * moved
        gap = fitted - target
        now = zeta**2 * (weights @ weights) + gap @ gap / rows
        if value - now <= least**2:
            break
        value = now
    return weights
