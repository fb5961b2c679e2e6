"""Uniform bands of an event study: all event times inside together, 95 times in a hundred.

Multiplier bootstrap of influence functions (Callaway and Sant'Anna 2021, algorithm 1): each draw
turns every unit's, or cluster's, influence by +1 or -1; the band's width is the 95 % quantile of
the largest studentised deviation. The same seed gives the same band.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from koga.evaluate.effects.callaway import Average
from koga.evaluate.effects.weighing import LEVEL
from koga.evaluate.panels.wide import Wide

ROUND = 50
"""Draws between two steps of the progress bar."""


def uniform(
    parts: Sequence[Average],
    laid: Wide,
    *,
    draws: int,
    seed: int,
    progress: Callable[[str, int], None] | None = None,
) -> dict[str, Any]:
    """The band: its critical value and ends by event time."""
    shown = [part for part in parts if part.place is not None and math.isfinite(part.se)]
    influence = np.column_stack([part.influence for part in shown])
    if laid.clustered:
        sums = np.zeros((int(laid.cluster.max()) + 1, influence.shape[1]))
        np.add.at(sums, laid.cluster, influence)
        influence = sums
    errors = np.array([part.se for part in shown])
    generator = np.random.default_rng(seed)
    largest = np.empty(draws)
    for start in range(0, draws, ROUND):
        count = min(ROUND, draws - start)
        turns = 2.0 * generator.integers(0, 2, size=(count, len(influence))) - 1.0
        moved = turns @ influence / laid.units
        largest[start : start + count] = np.abs(moved / errors).max(axis=1)
        if progress:
            progress("bootstrap", count)
    critical = float(np.quantile(largest, LEVEL))
    return {
        "draws": draws,
        "seed": seed,
        "level": LEVEL,
        "critical": critical,
        "rows": [
            {
                "event_time": int(part.place or 0),
                "ci_low": part.effect - critical * part.se,
                "ci_high": part.effect + critical * part.se,
            }
            for part in shown
        ],
    }
