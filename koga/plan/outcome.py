"""What a range of paths gave, in a form every reader shares: named series by year and measures.

Ranges are pure functions of (model, seed, first path, number of paths), so joining the outcomes of
two ranges gives the outcome of the whole, wherever they were computed.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from koga.core.problems import ensure
from koga.plan.model import Floats


@dataclass(frozen=True, slots=True)
class Outcome:
    """Series and measures of paths `first_path`, `first_path + 1`, …

    weights: likelihood ratio by path. series: by name, an array of paths × years.
    measures: by name, a number by path (NaN where it is undefined on that path).
    Names are those of `plan.measures`, with a dot before what is broken down by.
    """

    first_path: int
    weights: Floats
    series: Mapping[str, Floats]
    measures: Mapping[str, Floats]

    @property
    def paths(self) -> int:
        """How many paths."""
        return int(self.weights.size)


def join(parts: Sequence[Outcome]) -> Outcome:
    """One outcome of adjoining ranges, in any order given."""
    ordered = sorted(parts, key=lambda part: part.first_path)
    for before, after in itertools.pairwise(ordered):
        ensure(before.first_path + before.paths == after.first_path, "ranges do not adjoin")
    first = ordered[0]
    return Outcome(
        first_path=first.first_path,
        weights=np.concatenate([part.weights for part in ordered]),
        series={n: np.concatenate([part.series[n] for part in ordered]) for n in first.series},
        measures={
            n: np.concatenate([part.measures[n] for part in ordered]) for n in first.measures
        },
    )


def merge(parts: Sequence[Outcome]) -> Outcome:
    """What several rooms say of the same range, under one roof; a name may come once."""
    series: dict[str, Floats] = {}
    measures: dict[str, Floats] = {}
    for part in parts:
        ensure(part.first_path == parts[0].first_path, "not the same range")
        ensure(not (series.keys() & part.series.keys()), "a series comes twice")
        ensure(not (measures.keys() & part.measures.keys()), "a measure comes twice")
        series |= part.series
        measures |= part.measures
    return Outcome(parts[0].first_path, parts[0].weights, series, measures)
