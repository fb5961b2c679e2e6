"""Means of `exact` steadied by `fast`: the control variate of every figure a simulation publishes.

On equal factors the two engines differ by the luck of single deals alone, and what `fast` gives on
average is known much better than a few thousand paths can tell: from quasi-random factors. So

    mean = mean(exact - fast on the same factors) + mean(fast on quasi-random factors)

which is unbiased (the coefficient is one, not fitted), with the variances of both parts in its
error. As the coefficient is one, steadied means add up where paths do. Glasserman, Monte Carlo
Methods in Financial Engineering (2004), 4.1 and 5.4.

A figure that is undefined on some paths is a ratio: what it adds up to where it is defined, over
how often it is. Both are steadied alike, and the error is that of the ratio (delta method).
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

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
    plain_paths = _figures(exact)
    centre = {name: _defined_mean(values) for name, values in plain_paths.items()}
    apart = _Sums()
    for part in control:
        place = slice(part.first_path, part.first_path + part.paths)
        figures = _figures(part)
        own = _centred({name: plain_paths[name][place] for name in figures}, centre)
        near = _centred(figures, centre)
        apart.add({name: (own[name][0] - near[name][0], own[name][1] - near[name][1])
                   for name in figures})  # fmt: skip
    replicates = []
    for replicate in reference:
        sums = _Sums()
        for part in replicate:
            sums.add(_centred(_figures(part), centre))
        replicates.append(sums)
    mean, error = {}, {}
    for name in apart.first:
        known = np.stack([each.mean(name) for each in replicates])
        often = apart.often(name) + sum(each.often(name) for each in replicates) / len(replicates)
        often = np.where(often > 0.0, often, np.nan)
        mean[name] = centre[name] + (apart.mean(name) + known.mean(axis=0)) / often
        spread = apart.variance(name) + known.var(axis=0, ddof=1) / len(replicates)
        error[name] = np.sqrt(spread) / often
    summed = [name for name in together if name in mean]
    plain = sum(float(_variance(plain_paths[name]).sum()) for name in summed)
    kept = sum(float((error[name] ** 2).sum()) for name in summed)
    return Steady(mean, error, frozenset(summed), kept < _GAIN**2 * plain)


def _variance(values: Floats) -> Floats:
    """Variance of the mean of plain paths, by year."""
    found: Floats = values.var(axis=0) / max(1, values.shape[0] - 1)
    return found


def _figures(outcome: Outcome) -> dict[str, Floats]:
    """Every figure of some paths, as paths × years; measures as one year."""
    return dict(outcome.series) | {n: v[:, None] for n, v in outcome.measures.items()}


def _defined_mean(values: Floats) -> Floats:
    """Mean of the paths where a figure is defined, by year; 0 where it is on none."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=0)
    found: Floats = total / np.maximum(1, known.sum(axis=0))
    return found


_Terms: TypeAlias = tuple[Floats, Floats]
"""Paths × years of a figure less its centre, 0 where undefined; and 1 where it is defined."""


def _centred(figures: Mapping[str, Floats], centre: Mapping[str, Floats]) -> dict[str, _Terms]:
    """Figures as the terms of a ratio: about the plain mean, so that the ratio's error to the
    first order is that of the first term alone."""
    found = {}
    for name, values in figures.items():
        known = np.isfinite(values)
        found[name] = np.where(known, values - centre[name], 0.0), known.astype(np.float64)
    return found


class _Sums:
    """Sums and sums of squares by figure, and how often it is defined, range after range."""

    def __init__(self) -> None:
        self.count = 0
        self.first: dict[str, Floats] = {}
        self.second: dict[str, Floats] = {}
        self.known: dict[str, Floats] = {}

    def add(self, figures: Mapping[str, _Terms]) -> None:
        """Take some paths in."""
        self.count += next(iter(figures.values()))[0].shape[0]
        for name, (values, known) in figures.items():
            self.first[name] = self.first.get(name, 0.0) + values.sum(axis=0)
            self.second[name] = self.second.get(name, 0.0) + (values * values).sum(axis=0)
            self.known[name] = self.known.get(name, 0.0) + known.sum(axis=0)

    def mean(self, name: str) -> Floats:
        """Mean of a figure about its centre, by year."""
        return self.first[name] / self.count

    def often(self, name: str) -> Floats:
        """On what share of the paths it is defined."""
        return self.known[name] / self.count

    def variance(self, name: str) -> Floats:
        """Variance of the mean."""
        mean = self.first[name] / self.count
        apart = np.maximum(0.0, self.second[name] / self.count - mean * mean)
        found: Floats = apart / max(1, self.count - 1)
        return found
