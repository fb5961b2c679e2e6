"""What a score round looks like: mean outcomes by score, lines through them, and how many scores.

The pictures that go with a discontinuity. Means are of at least `LEAST` applicants, so nobody is
singled out; equal scores stay together. The lines are straight lines by the estimate's own kernel
and bandwidth, drawn anew at every score from one side alone: where they end at the cutoff is the
conventional estimate. The density's line is the one its test speaks of.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from koga.evaluate.effects import density
from koga.evaluate.effects.density import Line, Tested
from koga.evaluate.finding import Mark
from koga.evaluate.panels.wide import Floats

LEAST = 10
"""Applicants a mean or a count rests on at least."""
BINS = 20
"""Means on one side at most."""
REACHES = 3
"""How many bandwidths from the cutoff the pictures go."""
STEPS = 24
"""Places on one side at which a line is drawn."""
SURE = 1.959963984540054
OUTCOME, TAKEUP, DENSITY = "score_outcome", "score_takeup", "score_density"
SIDES = ("below", "above")


@dataclass(frozen=True, slots=True)
class Seen:
    """Scores less their cutoff with what was observed at them. weight: of each row."""

    score: Floats
    value: Floats
    weight: Floats


def of_values(plot: str, seen: Seen, h: float) -> Iterator[Mark]:
    """Means by score and the lines through them on both sides of the cutoff."""
    for side, inside in zip(SIDES, (seen.score < 0, seen.score >= 0), strict=True):
        near = inside & (np.abs(seen.score) <= REACHES * h) & (seen.weight > 0)
        order = np.argsort(seen.score[near], kind="stable")
        one = Seen(*(each[near][order] for each in (seen.score, seen.value, seen.weight)))
        means = list(_means(plot, side, one))
        yield from means
        if means:
            far = max((mark.x for mark in means), key=abs)
            yield from _line(plot, side, one, (h, far))


def _means(plot: str, side: str, one: Seen) -> Iterator[Mark]:
    for chosen in _bins(one.score):
        weight = one.weight[chosen] / one.weight[chosen].sum()
        value, rows = one.value[chosen], len(one.value[chosen])
        mean = float(weight @ value)
        error = math.sqrt(float(weight**2 @ (value - mean) ** 2) * rows / (rows - 1))
        low, high = mean - SURE * error, mean + SURE * error
        place = float(weight @ one.score[chosen])
        yield Mark(plot, side, place, None, mean, low, high, rows)


def _bins(score: Floats) -> Iterator[slice]:
    """Runs of sorted scores, about alike in size, that part no equal scores."""
    rows = len(score)
    size = max(LEAST, math.ceil(rows / BINS))
    last = np.append(score[1:] != score[:-1], np.ones(min(rows, 1), dtype=bool))
    ends = np.flatnonzero(last) + 1
    start = 0
    for end in ends:
        if end - start >= size and (rows - end >= size or end == rows):
            yield slice(start, int(end))
            start = int(end)
    if rows - start >= LEAST:
        yield slice(start, rows)


def _line(plot: str, side: str, one: Seen, reach: tuple[float, float]) -> Iterator[Mark]:
    """A straight line at every place from the outermost mean to the cutoff."""
    h, far = reach
    for place in _places(far, side):
        kernel = np.maximum(1 - np.abs(one.score - place) / h, 0) * one.weight
        if int((kernel > 0).sum()) < LEAST:
            continue
        away = one.score - place
        sums = [float(kernel @ away**power) for power in range(3)]
        below = sums[0] * sums[2] - sums[1] ** 2
        if below <= 1e-10 * sums[0] * max(sums[2], 1e-300):
            continue
        value = float((sums[2] * kernel - sums[1] * kernel * away) @ one.value) / below
        yield Mark(plot, f"line_{side}", float(place), None, value, None, None, None)


def _places(far: float, side: str) -> Floats:
    places: Floats = np.linspace(*((far, 0.0) if side == "below" else (0.0, far)), STEPS)
    return places


def of_density(score: Floats, tested: Tested | None, h: float) -> Iterator[Mark]:
    """How many scores lie where, the density's line on both sides, and its ends at the cutoff."""
    line = tested.line if tested else Line()
    reach = max(REACHES * h, 6 * line.step)
    for number, side in enumerate(SIDES):
        inside = score >= 0 if number else score < 0
        near = np.sort(score[inside & (np.abs(score) <= reach)])
        yield from _counts(side, near, len(score), (reach, line.step))
        if not len(near):
            continue
        for place, value in density.drawn(score, line, _drawn_at(near, side, line.step)):
            yield Mark(DENSITY, f"line_{side}", place, None, value, None, None, None)
        if line.ends:
            value, error = line.ends[number]
            ends = value - SURE * error, value + SURE * error
            yield Mark(DENSITY, f"end_{side}", 0.0, None, value, *ends, None)


def _drawn_at(near: Floats, side: str, step: float) -> Floats:
    """Places of the line: the middle of a grid's bars, else evenly from the cutoff on."""
    if not step:
        return _places(float(near[0] if side == "below" else near[-1]), side)
    middle: Floats = step * (np.arange(density.POINTS_MOST, dtype=np.float64) + 0.5)
    return middle if side == "above" else -middle[::-1]


def _counts(side: str, near: Floats, every: int, reach: tuple[float, float]) -> Iterator[Mark]:
    """Bars of one side, from the cutoff outwards, each wide enough for `LEAST` scores."""
    far, step = reach
    width = max(far / BINS, step)
    if step:
        width = step * round(width / step)
    away = np.abs(near) if side == "above" else np.abs(near) - 1e-12 * far
    counts = np.bincount((away / width).astype(np.int64), minlength=1)
    start, held = 0, 0
    for place, count in enumerate(counts.tolist(), start=1):
        held += count
        if held < LEAST:
            continue
        ends = (start * width, place * width)
        low, high = ends if side == "above" else (-ends[1], 0.0 - ends[0])
        value = held / (every * (high - low))
        yield Mark(DENSITY, side, low, high, value, None, None, held)
        start, held = place, 0
