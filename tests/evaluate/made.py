"""Panels and score rounds with known effects, drawn anew from a seed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from koga.evaluate.panels.panel import Declaration, Panel, from_frame

STAGGERED = Declaration(design="did", outcome="y", unit="u", time="t", first_treated="g")
PERIODS = 8
COHORTS = (4, 6, 0)


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme: its panel and its true average effect on the treated, by unit and period.

    truth: over all such programmes. drawn: over the very units of this one, of which the errors of
    imputation speak.
    """

    panel: Panel
    truth: float
    drawn: float


def effect(first: int, time: int, size: float) -> float:
    """Grows with time since support, and is larger in the first cohort."""
    if not first or time < first:
        return 0.0
    return size * (1 + 0.5 * (time - first)) * (1.5 if first == COHORTS[0] else 1.0)


def staggered(seed: int, *, units: int = 90, size: float = 1.0, trend: float = 0.0) -> Programme:
    """A staggered programme: unit and period effects, noise that lasts, effects that grow.

    Cohorts are drawn too, each as likely: errors count that their sizes are estimates.
    """
    generator = np.random.default_rng(seed)
    first = generator.choice(COHORTS, units)
    level = generator.normal(0, 2, len(first)) + (first > 0)
    common = generator.normal(0, 1, PERIODS).cumsum()
    lasting = generator.normal(0, 0.7, (len(first), PERIODS))
    noise = lasting.copy()
    for time in range(1, PERIODS):
        noise[:, time] += 0.5 * noise[:, time - 1]
    added = np.array(
        [[effect(g, t, size) + trend * t * (g > 0) for t in range(1, PERIODS + 1)] for g in first]
    )
    outcome = level[:, None] + common[None, :] + noise + added
    frame = pl.DataFrame(
        {
            "u": np.repeat(np.arange(len(first)), PERIODS),
            "t": np.tile(np.arange(1, PERIODS + 1), len(first)),
            "g": np.repeat(first, PERIODS),
            "y": outcome.ravel(),
        }
    )
    felt = [effect(g, t, size) for g in COHORTS for t in range(1, PERIODS + 1) if 0 < g <= t]
    here = [effect(g, t, size) for g in first for t in range(1, PERIODS + 1) if 0 < g <= t]
    truth, drawn = sum(felt) / len(felt), sum(here) / len(here)
    return Programme(from_frame(frame, STAGGERED), truth, drawn)


def rounds(
    count: int, *, manipulated: bool, seed: int = 0, size: int = 800
) -> Iterator[np.ndarray]:
    """Scores less their cutoff; manipulated: of those just below, 60 % are lifted above."""
    for number in range(count):
        generator = np.random.default_rng([seed, number])
        score = generator.normal(-0.2, 1.0, size)
        if manipulated:
            lifted = (score < 0) & (score > -0.25) & (generator.random(size) < 0.6)
            score = np.where(lifted, -score * generator.random(size), score)
        yield score
