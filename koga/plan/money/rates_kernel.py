"""Rates of return on a grid of quarters, compiled: a guarded Newton search on a polynomial.

With x = (1 + r)^(-1/4) a path's flows a₀, a₁, … are worth Σ aᵢ·xⁱ; the rate is where that is 0.
"""

import math

import numpy as np

from koga.plan.engine.compiled import inlined, kernel
from koga.plan.model import Counts, Floats

UNDEFINED, SURE, DOUBTFUL = 0, 1, 2
_STEPS = 60
_CLOSE = 1e-15
_FAR = 2.0
"""A rate of -99.97 % or of 298,000 %."""


@kernel
def solve(flows: Floats, rates: Floats, verdict: Counts) -> None:
    """The root of every path, and whether it is surely the only one.

    flows: by path and quarter. rates: a year, NaN where undefined. An even number of sign changes
    is undefined (never exactly one root); more than one leave a doubt unless the balance grown at
    the rate keeps one sign to the end (Soper 1959).
    """
    for path in range(flows.shape[0]):
        changes, first, last = _changes(flows[path])
        rates[path] = np.nan
        verdict[path] = UNDEFINED
        if changes % 2 == 0:
            continue
        root = _root(flows[path], first, last)
        if np.isnan(root):
            verdict[path] = DOUBTFUL
            continue
        rates[path] = math.expm1(-4.0 * root)
        verdict[path] = SURE
        if changes > 1 and not _keeps_sign(flows[path], first, last, math.exp(-root)):
            verdict[path] = DOUBTFUL


@inlined
def _changes(flow: Floats) -> tuple[int, int, int]:
    """How often the sign changes, and the first and last quarter with a flow."""
    changes, first, last, before = 0, -1, -1, 0.0
    for quarter in range(flow.size):
        won = flow[quarter]
        if won != 0.0:
            if first < 0:
                first = quarter
            elif (won > 0.0) != (before > 0.0):
                changes += 1
            last, before = quarter, won
    return changes, first, last


@kernel
def _root(flow: Floats, first: int, last: int) -> float:
    """ln x of the root within ±`_FAR`, else NaN.

    Searched on ln(worth of what is received / worth of what is paid in), which is all but a
    straight line in ln x; halved where a step would leave the bracket.
    """
    low, high, at = -_FAR, _FAR, 0.0
    rising = flow[first] < 0.0
    for _ in range(_STEPS):
        value, slope = _gap(flow, first, last, math.exp(at))
        if (value < 0.0) == rising:
            low = at
        else:
            high = at
        step = at - value / slope if slope != 0.0 else 0.5 * (low + high)
        if not low < step < high:
            step = 0.5 * (low + high)
        if abs(step - at) <= _CLOSE:
            return step if abs(step) < _FAR - 1e-6 else np.nan
        at = step
    return np.nan


@inlined
def _gap(flow: Floats, first: int, last: int, x: float) -> tuple[float, float]:
    """ln of what is received over what is paid in, both at x, and its slope in ln x."""
    got, got_slope, put, put_slope = 0.0, 0.0, 0.0, 0.0
    for back in range(last - first + 1):
        won = flow[last - back]
        got_slope = got_slope * x + got
        put_slope = put_slope * x + put
        got = got * x + max(won, 0.0)
        put = put * x + max(-won, 0.0)
    return math.log(got / put), x * (got_slope / got - put_slope / put)


@inlined
def _keeps_sign(flow: Floats, first: int, last: int, growth: float) -> bool:
    """Whether the balance grown at the rate has the first flow's sign until the last quarter."""
    balance, keeps = 0.0, True
    for quarter in range(first, last):
        balance = balance * growth + flow[quarter]
        if (balance > 0.0) != (flow[first] > 0.0):
            keeps = False
    return keeps
