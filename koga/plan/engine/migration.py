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
from typing import TypeAlias

import numpy as np

from koga.plan.engine import lanes
from koga.plan.engine.compiled import inlined, lean
from koga.plan.engine.lanes import LANES, Lanes
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

STATES, WIDTH = 6, 7
"""Ratings, and the width of a row: default comes last."""
Shares: TypeAlias = tuple[Lanes, Lanes, Lanes, Lanes, Lanes, Lanes]
"""Shares by rating, of eight paths."""
REACH, NODES = 7.0, 449
"""Factors from -7 to 7 in steps of 1/32; between nodes chances are interpolated."""


@lru_cache(maxsize=32)
def conditional(correlation: float) -> Floats:
    """The yearly matrix at each node of the factor, its rows one after the other."""
    from scipy.special import ndtr, ndtri

    if correlation <= 0.0:
        return np.repeat(YEARLY.reshape(1, -1), NODES, axis=0)
    factor = np.linspace(-REACH, REACH, NODES)[:, None, None]
    worse = np.cumsum(YEARLY[:, ::-1], axis=1)[:, :-1]
    ends = ndtri(np.clip(worse, 0.0, 1.0))[None]
    chance = ndtr((ends - np.sqrt(correlation) * factor) / np.sqrt(1.0 - correlation))
    edges = np.concatenate(
        [np.zeros((NODES, STATES, 1)), chance, np.ones((NODES, STATES, 1))], axis=2
    )
    matrices = np.diff(edges, axis=2)[:, :, ::-1]
    return np.ascontiguousarray(matrices.reshape(NODES, -1))


@lean
def at(matrices: Floats, factor: Floats, rows: Floats, found: Floats) -> None:
    """The matrix at the factor of each of eight paths, row after row, into `found`.

    rows: room for eight chances at a time with the paths as first axis; the last eight overlap.
    """
    nodes, count = matrices.shape
    for lane in range(factor.size):
        place = (min(REACH, max(-REACH, factor[lane])) + REACH) * ((nodes - 1) / (2.0 * REACH))
        node = min(int(place), nodes - 2)
        part = place - node
        low, high = matrices[node], matrices[node + 1]
        for block in range(rows.shape[0]):
            cut = min(LANES * block, count - LANES)
            below, above = lanes.at(low[cut : cut + LANES]), lanes.at(high[cut : cut + LANES])
            lanes.put(rows[block, lane], below + part * (above - below))
    for block in range(rows.shape[0]):
        cut = min(LANES * block, count - LANES)
        lanes.turn(rows[block], found[cut : cut + LANES])


@inlined
def column(m: Floats, end: int, s: Shares) -> Lanes:
    """The share that comes to a rating: the six where they are now, each by its chance."""
    low = s[0] * lanes.at(m[end]) + s[1] * lanes.at(m[WIDTH + end])
    low = low + s[2] * lanes.at(m[2 * WIDTH + end])
    high = s[3] * lanes.at(m[3 * WIDTH + end]) + s[4] * lanes.at(m[4 * WIDTH + end])
    return low + (high + s[5] * lanes.at(m[5 * WIDTH + end]))


@lean
def year(m: Floats, part: float, s: Shares) -> tuple[Shares, Lanes]:
    """Shares by rating after `part` of a year in which they move by the matrix `m`; the share that
    defaults."""
    kept = 1.0 - part
    after = (
        kept * s[0] + part * column(m, 0, s), kept * s[1] + part * column(m, 1, s),
        kept * s[2] + part * column(m, 2, s), kept * s[3] + part * column(m, 3, s),
        kept * s[4] + part * column(m, 4, s), kept * s[5] + part * column(m, 5, s),
    )  # fmt: skip
    return after, part * column(m, 6, s)
