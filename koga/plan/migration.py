"""How ratings move in a year, given that year's factor: Korean ratings and the one-factor model.

NICE Rating, average one-year movements of 1998-2023, per cent of the borrowers of a rating, in the
order AAA, AA, A, BBB, BB, B and below, default; what is missing to 100 was withdrawn. Withdrawal
says nothing of quality here: its share is spread over the other columns in their proportions.
AAA's 0.19 % that neither stayed, defaulted nor was withdrawn is put down to AA.

Given the factor z of the year (higher is better), a borrower of rating i ends in rating j or worse
with chance Φ((c_ij - sqrt(r) z) / sqrt(1 - r)), c_ij = Φ⁻¹ of the unconditional chance and r the
asset correlation: Vasicek (2002) for the last column, Gupton and others (CreditMetrics, 1997) for
the others. The mean over z is the unconditional matrix.
"""

from functools import lru_cache

import numpy as np

from koga.plan.compiled import kernel
from koga.plan.model import Floats

OBSERVED = np.array(
    [
        [96.58, 0.19, 0.00, 0.00, 0.00, 0.00, 0.00],
        [0.70, 91.60, 2.16, 0.00, 0.00, 0.00, 0.00],
        [0.00, 4.56, 83.08, 3.07, 0.13, 0.30, 0.09],
        [0.00, 0.00, 6.15, 69.79, 3.15, 1.87, 0.60],
        [0.00, 0.00, 0.11, 3.62, 64.21, 4.98, 3.17],
        [0.00, 0.00, 0.17, 0.17, 1.73, 62.69, 8.64],
    ]
)
"""Per cent; rows are where a borrower starts, the last column is default."""
YEARLY: Floats = OBSERVED / OBSERVED.sum(axis=1, keepdims=True)
"""The same as shares of those whose rating was not withdrawn."""

STATES, WIDTH = 6, 8
"""Ratings, and the width of a row: one more for default, one to fill a vector."""
REACH, NODES = 7.0, 449
"""Factors from -7 to 7 in steps of 1/32; between nodes chances are interpolated."""


@lru_cache(maxsize=32)
def conditional(correlation: float) -> Floats:
    """The yearly matrix at each node of the factor: nodes × `STATES` × `WIDTH`."""
    from scipy.special import ndtr, ndtri

    if correlation <= 0.0:
        return _widened(np.repeat(YEARLY[None], NODES, axis=0))
    factor = np.linspace(-REACH, REACH, NODES)[:, None, None]
    worse = np.cumsum(YEARLY[:, ::-1], axis=1)[:, :-1]
    ends = ndtri(np.clip(worse, 0.0, 1.0))[None]
    chance = ndtr((ends - np.sqrt(correlation) * factor) / np.sqrt(1.0 - correlation))
    edges = np.concatenate(
        [np.zeros((NODES, STATES, 1)), chance, np.ones((NODES, STATES, 1))], axis=2
    )
    return _widened(np.diff(edges, axis=2)[:, :, ::-1])


def _widened(matrices: Floats) -> Floats:
    wide = np.zeros((*matrices.shape[:2], WIDTH))
    wide[:, :, : STATES + 1] = matrices
    return wide


@kernel
def at(matrices: Floats, factor: float, found: Floats) -> None:
    """The matrix at one factor, into `found`."""
    nodes = matrices.shape[0]
    place = (min(REACH, max(-REACH, factor)) + REACH) * ((nodes - 1) / (2.0 * REACH))
    node = min(int(place), nodes - 2)
    part = place - node
    for start in range(found.shape[0]):
        for end in range(found.shape[1]):
            low = matrices[node, start, end]
            found[start, end] = low + part * (matrices[node + 1, start, end] - low)


@kernel
def year(state: Floats, matrix: Floats, part: float, after: Floats) -> float:
    """Move shares by rating on by `part` of a year; answers the share that defaults.

    state, after: eight numbers, ratings first, default in the seventh, nought at the start.
    """
    for end in range(WIDTH):
        after[end] = (1.0 - part) * state[end]
    for start in range(STATES):
        share = part * state[start]
        for end in range(WIDTH):
            after[end] += share * matrix[start, end]
    for end in range(STATES):
        state[end] = after[end]
    return float(after[STATES])
