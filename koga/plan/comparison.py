"""Schemes side by side on common draws: what differs is the scheme and not the luck.

Every case is simulated on the same seed, so path by path the same markets happen to all of them;
the error of a difference is that of the paired differences, which is smaller than two errors apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from koga.core.problems import Problem, Refusal
from koga.plan import simulation, spread
from koga.plan.figure import Figure, figure_of
from koga.plan.result import Result
from koga.plan.schemes import change, values
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.shape import Scheme
from koga.plan.simulation import Engine, Progress

SEEK_ROUNDS = 40
SEEK_PATHS = 4096
SEEK_INSIDE = 3


@dataclass(frozen=True, slots=True)
class Case:
    """One scheme to compare, and what was changed in it, as written."""

    label: str
    scheme: Scheme
    changes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One case simulated; `differences` of each measure from the first case's, path by path."""

    case: Case
    result: Result
    differences: Mapping[str, Figure]


def compare(
    cases: Sequence[Case],
    *,
    paths: int,
    seed: int,
    engine: Engine = "exact",
    workers: int = 1,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> list[Row]:
    """Every case on the same draws, with its paired differences from the first."""
    rows: list[Row] = []
    whole = paths * len(cases)
    for number, case in enumerate(cases):
        told = _shifted(progress, number * paths, whole)
        found = simulation.simulate(
            case.scheme, paths=paths, seed=seed, engine=engine, workers=workers, cluster=cluster,
            progress=told, tailed=False,
        )  # fmt: skip
        first = rows[0].result if rows else found
        rows.append(Row(case, found, _differences(found, first)))
    return rows


def _shifted(progress: Progress | None, before: int, whole: int) -> Progress | None:
    return None if progress is None else lambda done, _: progress(before + done, whole)


def _differences(found: Result, first: Result) -> dict[str, Figure]:
    shared = [name for name in found.outcome.measures if name in first.outcome.measures]
    return {name: difference(found, first, name) for name in shared}


def difference(found: Result, first: Result, name: str) -> Figure:
    """How far a measure is from the first result's, path by path on common draws."""
    apart = found.outcome.measures[name] - first.outcome.measures[name]
    weights = first.outcome.weights
    return figure_of(name, spread.of(apart, weights), year=0, fast=found.engine == "fast")


@dataclass(frozen=True, slots=True)
class Sought:
    """The value of one leaf at which a measure's mean is what was asked for.

    value: of the leaf, None where no value of its range gives it. figure: the measure there, or at
    the value tried that comes closest. ends: the leaf and the measure at both ends of the
    range. rounds: how many simulations it took. scheme: with the value put in.
    """

    path: str
    measure: str
    target: float
    value: values.Value | None
    figure: Figure
    ends: tuple[tuple[values.Value, Figure], tuple[values.Value, Figure]]
    rounds: int
    scheme: Scheme


def seek(
    scheme: Scheme,
    *,
    measure: str,
    target: float,
    vary: str,
    seed: int,
    paths: int = SEEK_PATHS,
    workers: int = 1,
) -> Sought:
    """Find, on the fast engine, the value of `vary` within its range that gives `target`.

    Brent's method on common draws; the mean is then a smooth function of the leaf. Where both ends
    of the range lie on one side of the target, `SEEK_INSIDE` values between them are tried; where
    these do as well there is no answer, and the closest is told.
    """
    from scipy.optimize import brentq

    leaf = ranged_leaf(scheme, vary)
    low, high = number_of(leaf.low), number_of(leaf.high)
    tried: dict[float, tuple[Scheme, Figure]] = {}

    def off(at: float) -> float:
        if at not in tried:
            there = change.changed(scheme, {vary: put(leaf, at)})
            tried[at] = (
                there,
                simulation.measure_of(there, measure, paths=paths, seed=seed, workers=workers),
            )
        return _known(tried[at][1], measure) - target

    first, last = off(float(low)), off(float(high))
    ends = (
        (put(leaf, float(low)), tried[float(low)][1]),
        (put(leaf, float(high)), tried[float(high)][1]),
    )
    bracket = float(low), float(high)
    width = bracket[1] - bracket[0]
    if first * last > 0:
        inside = [bracket[0] + width * n / (SEEK_INSIDE + 1) for n in range(1, SEEK_INSIDE + 1)]
        across = next((at for at in inside if off(at) * first <= 0), None)
        if across is None:
            there, figure = tried[min(tried, key=lambda at: abs(off(at)))]
            return Sought(vary, measure, target, None, figure, ends, len(tried), there)
        bracket = bracket[0], across
    at = float(brentq(off, *bracket, xtol=width * 1e-6, maxiter=SEEK_ROUNDS))
    off(at)
    there, figure = tried[at]
    value = there.leaves[vary].value
    return Sought(vary, measure, target, value, figure, ends, len(tried), there)


def ranged_leaf(scheme: Scheme, path: str) -> Leaf:
    """The leaf at a path if it has a range to vary it over; else a `Refusal`."""
    leaf = scheme.leaves.get(path)
    if leaf is None:
        change.changed(scheme, {path: ""})
    if leaf is None or not is_ranged(leaf):
        raise Refusal(Problem("plan.vary", path, "" if leaf is None else leaf.text))
    return leaf


def is_ranged(leaf: Leaf) -> bool:
    """Whether a leaf is a number with a low and a high that differ."""
    ends = [None if end is None else values.numeric(end) for end in (leaf.low, leaf.high)]
    return None not in ends and ends[0] != ends[1] and values.numeric(leaf.value) is not None


def number_of(value: values.Value | None) -> Fraction:
    """A value as a number to compute with."""
    return Fraction(0) if value is None else values.numeric(value) or Fraction(0)


def as_number(value: Fraction) -> float:
    """An exact number as the engine computes with it."""
    return float(value)


def put(leaf: Leaf, at: float) -> values.Value:
    """A number between a leaf's ends as a value of its type; the ends themselves exactly."""
    for end in (leaf.low, leaf.high):
        if end is not None and float(number_of(end)) == at:
            return end
    if leaf.type in ("amount", "count", "year"):
        return round(at)
    return Fraction(f"{at:.9g}")


def _known(figure: Figure, measure: str) -> float:
    if figure.mean is None:
        raise Refusal(Problem("plan.undefined", "measure", measure))
    return float(figure.mean)
