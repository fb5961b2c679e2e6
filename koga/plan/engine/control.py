"""Means of `exact` steadied by `fast`: the control variate of every figure a simulation publishes.

On equal factors the two engines differ by the luck of single deals alone, and what `fast` gives on
average is known much better than a few thousand paths can tell: from quasi-random factors. So

    mean = mean(exact - fast on the same factors) + mean(fast on quasi-random factors)

which is unbiased (the coefficient is one, not fitted), with the variances of both parts in its
error. As the coefficient is one, steadied means add up where paths do. Glasserman, Monte Carlo
Methods in Financial Engineering (2004), 4.1 and 5.4.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from koga.plan.model import Floats
from koga.plan.outcome import Outcome

REPLICATES = 8
"""Independent scramblings of the quasi-random factors; their spread is the reference's error."""
REPLICATE_PATHS_MAX = 1024
_GAIN = 0.9
"""The plain mean stays where the steadied one has no clearly smaller error."""


@dataclass(frozen=True, slots=True)
class Steady:
    """Means and standard errors by name: of a measure one number, of a series one by year.

    together: figures that are added up on one page, so that either all of their means are steadied
    or none; steadied: which of the two.
    """

    mean: Mapping[str, Floats]
    error: Mapping[str, Floats]
    together: Collection[str] = ()
    steadied: bool = True

    def better(self, name: str, place: int, error: float) -> tuple[float, float] | None:
        """Mean and error of a figure, where they beat a plain error; else None."""
        if name not in self.mean:
            return None
        mean, own = float(self.mean[name][place]), float(self.error[name][place])
        if name in self.together:
            return (mean, own) if self.steadied and math.isfinite(mean) else None
        return (mean, own) if own < _GAIN * error else None


def replicate_paths(count: int) -> int:
    """Paths of one replicate for a simulation of `count`: the power of two next above, to a limit.

    >>> replicate_paths(10_000), replicate_paths(100)
    (1024, 128)
    """
    return min(REPLICATE_PATHS_MAX, max(64, 1 << (count - 1).bit_length()))


def replicate_seed(seed: int, replicate: int) -> int:
    """The seed of a scrambling: of the simulation's seed, and of no simulation a user asks for."""
    return (seed * 2654435761 + 97 * (replicate + 1)) % (2**63 - 1)


def steady(
    exact: Outcome,
    control: Iterable[Outcome],
    reference: Sequence[Iterable[Outcome]],
    *,
    together: Collection[str] = (),
) -> Steady:
    """Steadied means of every figure both engines have.

    exact: all its paths. control: `fast` on the same factors, range by range, all of them.
    reference: `fast` on quasi-random factors, each replicate range by range. together: figures
    whose means are added up: they are all steadied where that makes their variances smaller.
    """
    apart = _Sums()
    for part in control:
        place = slice(part.first_path, part.first_path + part.paths)
        own = {name: values[place] for name, values in _figures(exact).items()}
        apart.add({name: own[name] - values for name, values in _figures(part).items()})
    means = []
    for replicate in reference:
        sums = _Sums()
        for part in replicate:
            sums.add(_figures(part))
        means.append(sums.means())
    mean, error = {}, {}
    for name, differs in apart.means().items():
        known = np.stack([each[name] for each in means])
        mean[name] = differs + known.mean(axis=0)
        error[name] = np.sqrt(apart.variance(name) + known.var(axis=0, ddof=1) / len(means))
    summed = [name for name in together if name in mean]
    plain = sum(float(_variance(_figures(exact)[name]).sum()) for name in summed)
    kept = sum(float((error[name] ** 2).sum()) for name in summed)
    return Steady(mean, error, frozenset(summed), kept < _GAIN**2 * plain)


def _variance(values: Floats) -> Floats:
    """Variance of the mean of plain paths, by year."""
    found: Floats = values.var(axis=0) / max(1, values.shape[0] - 1)
    return found


def _figures(outcome: Outcome) -> dict[str, Floats]:
    """Every figure of some paths, as paths × years; measures as one year."""
    return dict(outcome.series) | {n: v[:, None] for n, v in outcome.measures.items()}


class _Sums:
    """Sums and sums of squares by figure, in the order of the ranges."""

    def __init__(self) -> None:
        self.count = 0
        self.first: dict[str, Floats] = {}
        self.second: dict[str, Floats] = {}

    def add(self, figures: Mapping[str, Floats]) -> None:
        """Take some paths in."""
        self.count += next(iter(figures.values())).shape[0]
        for name, values in figures.items():
            self.first[name] = self.first.get(name, 0.0) + values.sum(axis=0)
            self.second[name] = self.second.get(name, 0.0) + (values * values).sum(axis=0)

    def means(self) -> dict[str, Floats]:
        """Mean by figure; NaN where it is undefined on a path."""
        return {name: total / self.count for name, total in self.first.items()}

    def variance(self, name: str) -> Floats:
        """Variance of the mean."""
        mean = self.first[name] / self.count
        apart = np.maximum(0.0, self.second[name] / self.count - mean * mean)
        found: Floats = apart / max(1, self.count - 1)
        return found
