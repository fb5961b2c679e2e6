"""Simulate a scheme: ranges of paths, here or on a cluster, put together into one result.

Ranges have one fixed size, so the tables do not depend on how many workers computed them or where.
Nothing beyond this process starts unless `workers` or `cluster` asks for it.
"""

import difflib
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

import koga
from koga.core.problems import Problem, Refusal, ensure
from koga.plan import build, cluster, paths, result, spread, tails
from koga.plan.budget import tail_figures
from koga.plan.budget.tail_figures import Tails
from koga.plan.engine import compiled, control
from koga.plan.figure import Figure, figure_of
from koga.plan.model import Floats, Model
from koga.plan.outcome import Outcome
from koga.plan.result import Result
from koga.plan.schemes.shape import Scheme

Engine: TypeAlias = Literal["exact", "fast"]
Progress: TypeAlias = Callable[[int, int], None]
"""Told after each range how many paths are done, of how many."""

RANGE = 256
"""Paths of one range: small enough for two workers to share few paths, large enough to be cheap."""
_WARM: set[tuple[str, str]] = set()
"""Schemes and engines whose kernels this process has loaded or compiled."""
PATHS_MAX = 4_000_000
WORKERS_MAX = 256


@dataclass(frozen=True, slots=True)
class Job:
    """One simulation, apart from which paths: what every range of it needs.

    room: the one to ask, all of them where it is empty.
    """

    scheme: Scheme
    model: Model
    seed: int
    engine: paths.Engine
    room: str = ""

    def run(self, first: int, count: int) -> Outcome:
        """The paths `first` … `first + count - 1`."""
        return paths.run(
            self.scheme, self.model, seed=self.seed, first=first, paths=count, engine=self.engine,
            room=self.room,
        )  # fmt: skip


def simulate(
    scheme: Scheme,
    *,
    paths: int,
    seed: int,
    engine: Engine = "exact",
    workers: int = 1,
    cluster: str | None = None,
    progress: Progress | None = None,
    model: Model | None = None,
    series: Collection[str] | None = None,
    tailed: bool = True,
) -> Result:
    """The futures of a scheme.

    paths: how many. seed: of every draw; the same seed gives the same tables to the won. workers:
    threads of this process. cluster: address of a Dask scheduler, which computes instead.
    progress: told after each range. model: built from the scheme unless it is given. series: only
    some. tailed: with tails and rare events by importance sampling, which draws a quarter more.
    Raises `Refusal` for a scheme or numbers nothing can be simulated with.
    """
    started = time.perf_counter()
    ask(paths, seed, workers, engine)
    model = build.build(scheme, apart=engine == "exact") if model is None else model
    job = Job(scheme, model, seed, engine)
    _warm(job)
    computing = time.perf_counter()
    outcome = _all(job, paths, workers, cluster, progress)
    fast = engine == "fast"
    steady = None if fast else _steady(job, outcome, workers, cluster)
    found = _tails(job, outcome, workers, cluster) if tailed else None
    computed = time.perf_counter()
    figures = result.measured(outcome, fast=fast, steady=steady)
    figures = tail_figures.put(figures, found) if found else figures
    series = result.yearly(outcome, model, fast=fast, only=series, steady=steady)
    return Result(
        scheme=scheme,
        engine=engine,
        engine_version=koga.__version__,
        seed=seed,
        paths=paths,
        figures=figures,
        series=series,
        deals=int(model.deals.sum()),
        quarters=model.quarters,
        seconds={"engine": computed - computing, "total": time.perf_counter() - started},
        bytes_peak=_bytes_peak(cluster),
        outcome=outcome,
        tails=found,
    )


def _warm(job: Job) -> None:
    """Load or compile every kernel in one thread before there are others; no computing time yet."""
    for engine in ("exact", "control") if job.engine == "exact" else (job.engine,):
        asked = job.model.scheme, engine
        if asked not in _WARM:
            with compiled.alone():
                Job(job.scheme, job.model, job.seed, engine).run(0, 2)
            _WARM.add(asked)


def _tails(job: Job, plain: Outcome, workers: int, address: str | None) -> Tails:
    """Tails from the plain paths and as many shifted ones as `tails.planned` says."""
    aimed = tails.pilot(job.scheme, _pooled(job), seed=job.seed)
    laws = tails.planned(plain.paths, tails.shifts(aimed))
    drawn = tails.Job(job.scheme, job.model, job.seed, job.engine, laws)
    parts = [(law.first + first, count) for law in laws[1:] for first, count in ranges(law.paths)]
    found = [plain, *(_computed(drawn, parts, workers, address) if parts else ())]
    sample = tails.mixed(found, job.model, seed=job.seed, laws=laws, engine=job.engine)
    first_year = job.model.first_year
    return tail_figures.read(sample, plain, laws=laws, targets=aimed, first_year=first_year)


def _steady(job: Job, outcome: Outcome, workers: int, address: str | None) -> control.Steady:
    """The means of `exact` with those of `fast` as control variate."""

    pooled = _pooled(job)

    def of(engine: paths.Engine, seed: int, count: int) -> Iterator[Outcome]:
        one = Job(job.scheme, pooled, seed, engine)
        return _computed(one, ranges(count), workers, address)

    each = control.replicate_paths(outcome.paths)
    reference = [
        of("reference", control.replicate_seed(job.seed, place), each)
        for place in range(control.REPLICATES)
    ]
    own = of("control", job.seed, outcome.paths)
    return control.steady(outcome, own, reference, together=result.summed(outcome))


def _pooled(job: Job) -> Model:
    """The model for `fast`, to which sub-funds of one vehicle are all alike."""
    if all(vehicle.name == vehicle.told_as for vehicle in job.model.vehicles):
        return job.model
    return build.build(job.scheme, apart=False)


def measure_of(scheme: Scheme, measure: str, *, paths: int, seed: int, workers: int = 1) -> Figure:
    """One measure of `fast` alone, for goal seek and sliders; other rooms are not asked.

    Raises `Refusal` naming close ones where there is no such measure.
    """
    ask(paths, seed, workers, "fast")
    job = Job(scheme, build.build(scheme, apart=False), seed, "fast")
    outcome = _all(replace(job, room=room_of(job, measure)), paths, workers, None, None)
    return figure(outcome, measure)


def room_of(job: Job, measure: str) -> str:
    """The room that says a measure of `fast`, found on two paths."""
    known: list[str] = []
    with compiled.alone():
        for room in paths.ROOMS:
            said = replace(job, room=room).run(0, 2).measures
            if measure in said:
                return room
            known += said
    near = difflib.get_close_matches(measure, known, n=4, cutoff=0.3)
    listed = near or known[:12]
    raise Refusal(Problem("plan.measure", "measure", measure, {"near": ", ".join(listed)}))


def figure(outcome: Outcome, measure: str) -> Figure:
    """A measure of `fast` as a figure."""
    found = spread.of(outcome.measures[measure], outcome.weights)
    return figure_of(measure, found, year=0, fast=True)


def ask(paths: int, seed: int, workers: int, engine: str) -> None:
    """Refuse what cannot be computed with, all at once."""
    limits = (
        ("paths", paths, 1, PATHS_MAX),
        ("seed", seed, 0, 2**63 - 1),
        ("workers", workers, 1, WORKERS_MAX),
    )
    found = [
        Problem("plan.number", name, str(given), {"low": f"{low:,}", "high": f"{high:,}"})
        for name, given, low, high in limits
        if not low <= given <= high
    ]
    if engine not in ("exact", "fast"):
        found.append(Problem("plan.engine", "engine", engine))
    if found:
        raise Refusal(found)


def ranges(count: int, size: int = RANGE) -> list[tuple[int, int]]:
    """First path and number of paths of every range.

    >>> ranges(600, 256)
    [(0, 256), (256, 256), (512, 88)]
    """
    return [(first, min(size, count - first)) for first in range(0, count, size)]


def _all(
    job: Job, count: int, workers: int, address: str | None, progress: Progress | None
) -> Outcome:
    """All ranges, each put in its place as it comes."""
    parts = ranges(count)
    gathered: Gathered | None = None
    for outcome in _computed(job, parts, workers, address):
        if gathered is None:
            gathered = Gathered.like(outcome, count)
        gathered.put(outcome)
        if progress is not None:
            progress(gathered.done, count)
    ensure(gathered is not None, "no range was computed")
    return gathered.outcome() if gathered else job.run(0, count)


def _computed(
    job: Job | tails.Job, parts: Sequence[tuple[int, int]], workers: int, address: str | None
) -> Iterator[Outcome]:
    if address is not None:
        yield from cluster.computed(job.run, parts, address)
    elif workers == 1:
        for first, count in parts:
            yield job.run(first, count)
    else:
        with ThreadPoolExecutor(workers) as pool:
            yield from pool.map(lambda part: job.run(*part), parts)


@dataclass(slots=True)
class Gathered:
    """All paths of a simulation as they come in: arrays of their full size, filled range by range.

    done: how many paths are in.
    """

    weights: Floats
    series: dict[str, Floats]
    measures: dict[str, Floats]
    done: int = 0

    @classmethod
    def like(cls, first: Outcome, count: int) -> "Gathered":
        """Room for `count` paths of what `first` has."""
        return cls(
            np.empty(count),
            {name: np.empty((count, each.shape[1])) for name, each in first.series.items()},
            {name: np.empty(count) for name in first.measures},
        )

    def put(self, part: Outcome) -> None:
        """Put a range in its place."""
        ensure(part.series.keys() == self.series.keys(), "ranges differ in their series")
        ensure(part.measures.keys() == self.measures.keys(), "ranges differ in their measures")
        place = slice(part.first_path, part.first_path + part.paths)
        self.weights[place] = part.weights
        for name, values in part.series.items():
            self.series[name][place] = values
        for name, values in part.measures.items():
            self.measures[name][place] = values
        self.done += part.paths

    def outcome(self) -> Outcome:
        """Everything as one outcome."""
        ensure(self.done == self.weights.size, "a range is missing")
        return Outcome(0, self.weights, self.series, self.measures)


def _bytes_peak(address: str | None) -> int:
    """Peak resident memory of this process and of every process of the cluster, in bytes."""
    own = cluster.peak_here()
    return own if address is None else own + cluster.peak_there(address)
