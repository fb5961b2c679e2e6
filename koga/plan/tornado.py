"""Which assumptions matter: one measure at both ends of the range of every assumed number.

Of `fast`, on the same quasi-random futures at every end. Hundreds of schemes differ from one in one
number each, so what a number does not reach is not computed again.
"""

import hashlib
import multiprocessing
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace

import numpy as np

from koga.core.problems import Refusal
from koga.plan import build, comparison, paths, simulation
from koga.plan.figure import Figure
from koga.plan.model import Model
from koga.plan.outcome import join
from koga.plan.schemes import change
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.shape import Scheme
from koga.plan.schemes.values import Value
from koga.plan.simulation import Progress

PATHS = 256
_BESIDE = ("programme", "labour_market")
"""Tables that no model is built from."""


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
    probe = Probe(scheme, measure, seed=seed, paths=paths)
    chosen = [leaf for leaf in scheme.leaves.values() if takes_part(leaf)]

    def at_ends(leaf: Leaf) -> _Ends | None:
        try:
            low, high = (
                probe.of(change.changed(scheme, {leaf.path: end or 0}, hashed=False))
                for end in (leaf.low, leaf.high)
            )
        except Refusal:
            return None
        return low, high

    found: list[Swing] = []
    skipped: list[str] = []
    for leaf, ends in zip(chosen, _each(at_ends, chosen, workers), strict=True):
        if ends is None:
            skipped.append(leaf.path)
        else:
            found.append(Swing(leaf, leaf.low or 0, leaf.high or 0, *ends))
        if progress is not None:
            progress(len(found) + len(skipped), len(chosen))
    found.sort(key=lambda each: (-each.width, each.leaf.path))
    return Tornado(measure, probe.base, found, skipped, paths, seed)


_Ends = tuple[Figure, Figure]
_Task = Callable[[Leaf], _Ends | None]
_CHUNK = 4
"""Leaves a process takes at a time."""
_given: list[tuple[_Task, Sequence[Leaf]]] = []
"""What a process that was started for a tornado works on."""


def _each(task: _Task, leaves: Sequence[Leaf], workers: int) -> Iterator[_Ends | None]:
    """A task on every leaf, in order: on Linux in as many processes as there are workers.

    Half of the work is Python's own and holds its lock, so threads would wait for each other.
    Processes begin as copies of this one, with all that is already computed.
    """
    if workers == 1 or not sys.platform.startswith("linux"):
        yield from map(task, leaves)
        return
    copies = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(
        workers, mp_context=copies, initializer=_given.append, initargs=((task, leaves),)
    ) as pool:
        yield from pool.map(_place, range(len(leaves)), chunksize=_CHUNK)


def _place(place: int) -> _Ends | None:
    task, leaves = _given[-1]
    return task(leaves[place])


class Probe:
    """One measure of a scheme and of others that differ from it in little.

    base: of the scheme itself. Only the room that says the measure is asked; where a change leaves
    the model as it is, the deals and holders of the first scheme serve again.
    """

    def __init__(self, scheme: Scheme, measure: str, *, seed: int, paths: int) -> None:
        simulation.ask(paths, seed, 1, "fast")
        model = build.build(scheme, apart=False)
        self.measure = measure
        self.room = simulation.room_of(simulation.Job(scheme, model, seed, "fast"), measure)
        self._scheme, self._digest = scheme, _digest(model)
        self._ranges = [
            _Range(scheme, model, seed, first, count, "fast")
            for first, count in simulation.ranges(paths)
        ]
        self.base = self._told(self._ranges)

    def of(self, scheme: Scheme) -> Figure:
        """The measure of another scheme with the same leaves."""
        before = self._scheme.leaves
        moved = {path for path, leaf in scheme.leaves.items() if leaf.value != before[path].value}
        alike, model = True, self._ranges[0].model
        if any(path.partition(".")[0] not in _BESIDE for path in moved):
            model = build.build(scheme, apart=False)
            alike = _digest(model) == self._digest
        if not moved or (alike and self.room in paths.OF_MODEL):
            return self.base
        if alike:
            return self._told([each.told_for(scheme) for each in self._ranges])
        return self._told([replace(each, scheme=scheme, model=model) for each in self._ranges])

    def _told(self, ranges: "Sequence[_Range]") -> Figure:
        outcome = join([paths.ROOMS[self.room](each) for each in ranges])
        return simulation.figure(outcome, self.measure)


_Range = paths.Range


def _digest(model: Model) -> str:
    """Everything a model says, but for whose it is."""
    digest = hashlib.sha256()
    for name in (each.name for each in fields(model) if each.name not in ("scheme", "sha256")):
        value = getattr(model, name)
        array = isinstance(value, np.ndarray)
        digest.update(value.tobytes() if array else repr(value).encode())
    return digest.hexdigest()


def takes_part(leaf: Leaf) -> bool:
    """Whether a leaf is an assumption with a range to move over."""
    return leaf.basis == "assumed" and comparison.is_ranged(leaf)
