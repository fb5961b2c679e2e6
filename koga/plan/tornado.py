"""Which assumptions matter: one measure at both ends of the range of every assumed number."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from koga.core.problems import Refusal
from koga.plan import comparison, simulation
from koga.plan.result import Figure
from koga.plan.schemes import change
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.shape import Scheme
from koga.plan.schemes.values import Value
from koga.plan.simulation import Progress

PATHS = 256


@dataclass(frozen=True, slots=True)
class Swing:
    """One assumption: the measure at its low and at its high, all else as the scheme has it."""

    leaf: Leaf
    low: Value
    high: Value
    at_low: Figure
    at_high: Figure

    @property
    def width(self) -> float:
        """How far the measure moves."""
        return abs(float(self.at_high.mean or 0) - float(self.at_low.mean or 0))


@dataclass(frozen=True, slots=True)
class Tornado:
    """Every assumption, the widest swing first.

    base: the measure as the scheme stands. skipped: paths that cannot move alone.
    """

    measure: str
    base: Figure
    swings: Sequence[Swing]
    skipped: Sequence[str]
    paths: int
    seed: int


def tornado(
    scheme: Scheme,
    measure: str,
    *,
    seed: int,
    paths: int = PATHS,
    workers: int = 1,
    progress: Progress | None = None,
) -> Tornado:
    """One measure over the declared range of every assumed number, on common draws of `fast`.

    A range nobody gave is not invented: only leaves with a low and a high take part.
    """
    told = simulation.measure_of(scheme, measure, paths=paths, seed=seed, workers=workers)
    chosen = [leaf for leaf in scheme.leaves.values() if takes_part(leaf)]

    def swing(leaf: Leaf) -> Swing | str:
        ends = []
        for end in (leaf.low, leaf.high):
            try:
                there = change.changed(scheme, {leaf.path: end}, hashed=False)
                found = simulation.measure_of(there, measure, paths=paths, seed=seed)
            except Refusal:
                return leaf.path
            ends.append((end, found))
        (low, at_low), (high, at_high) = ends
        return Swing(leaf, low or 0, high or 0, at_low, at_high)

    found: list[Swing] = []
    skipped: list[str] = []
    with ThreadPoolExecutor(workers) as pool:
        for done, each in enumerate(pool.map(swing, chosen), start=1):
            if isinstance(each, str):
                skipped.append(each)
            else:
                found.append(each)
            if progress is not None:
                progress(done, len(chosen))
    found.sort(key=lambda each: (-each.width, each.leaf.path))
    return Tornado(measure, told, found, skipped, paths, seed)


def takes_part(leaf: Leaf) -> bool:
    """Whether a leaf is an assumption with a range to move over."""
    return leaf.basis == "assumed" and comparison.is_ranged(leaf)
