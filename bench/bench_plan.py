"""The simulator's engines on the measuring scheme, beside a C loop, NumPy and plain Monte Carlo.

All on schemes/reference-50k.toml: 50,000 deals, 80 quarters, half of what comes back put in again.
Times of engines are CPU seconds of one thread, own and peer in turns; the C compiler is `cc`.
"""

import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from bench import peer_plan
from koga.plan import build, simulation, tails
from koga.plan.budget.tail_figures import Law
from koga.plan.engine import exact, factors, fast, prepared
from koga.plan.engine.prepared import Tables
from koga.plan.model import Floats, Model
from koga.plan.schemes import scheme

HERE = Path(__file__).parent
SCHEME = HERE.parent / "schemes" / "reference-50k.toml"
TURNS, C_PATHS, NUMPY_PATHS = 9, 96, 24
C_BOUND, NUMPY_BOUND, FAST_BOUND, BYTES_BOUND = 1.0, 1 / 7, 0.3, 500_000_000
FAST_PATHS, RANGE, CORES = 8192, 256, 2
REPLICATES, PATHS, REFERENCE = 16, 1024, 8
RARE, RARE_PATHS, RARE_REPLICATES, RARE_BOUND = 0.001, 8192, 48, 1 / 10
ANSWER_BOUND, TWO_CORES_BOUND = 1.0, 0.65
RATE, PROTECTED = 0.03, 0.2
"""The terminal value compounds at 3 % a year; the first 20 % of losses are borne first."""

POINTERS = (
    "numbers", "law_of", "deals", "chances", "loads", "offset", "coefficients",
    "terms", "rates", "ratings", "matrices", "bins", "curve", "money", "mix", "scale", "marks",
    "keys",
)  # fmt: skip


class Struct(ctypes.Structure):
    """`Tables` of peer_plan.c."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in ("lines", "sectors", "years", "quarters", "vintages")),
        ("evergreen", ctypes.c_double),
        *((name, ctypes.c_void_p) for name in POINTERS),
    ]


class PeerInC:
    """The exact engine in C, built by the machine's compiler for this machine."""

    def __init__(self, tables: Tables, folder: Path) -> None:
        library = folder / "peer_plan.so"
        flags = ["-O3", "-march=native", "-shared", "-fPIC"]
        subprocess.run(["cc", *flags, "-o", library, HERE / "peer_plan.c", "-lm"], check=True)
        self.run = ctypes.CDLL(str(library)).run
        lines, _, sectors, years = tables.chances.shape
        shown = tables._replace(offset=tables.offset[:, :, :years])
        self.kept = [np.ascontiguousarray(getattr(shown, name)) for name in POINTERS]
        self.struct = Struct(
            lines, sectors, years, tables.quarters, tables.vintages, tables.evergreen,
            *(array.ctypes.data for array in self.kept),
        )  # fmt: skip

    def flows(self, drawn: factors.Factors, seed: int) -> Floats:
        """Path × line × 5 × quarter, as the engine's kernel fills them."""
        values = np.ascontiguousarray(drawn.values)
        made = np.zeros((values.shape[0], self.struct.lines, 5, self.struct.quarters))
        self.run(
            ctypes.byref(self.struct), ctypes.c_void_p(values.ctypes.data), ctypes.c_uint64(seed),
            ctypes.c_int64(0), ctypes.c_int64(values.shape[0]), ctypes.c_void_p(made.ctypes.data),
        )  # fmt: skip
        return made


def drawn(model: Model, paths: int, seed: int) -> factors.Factors:
    """The factors the exact engine has on its first paths."""
    return factors.drawn(
        years=prepared.years_of(model), sectors=len(model.sectors), memory=model.market.memory,
        seed=seed, first=0, paths=paths,
    )  # fmt: skip


def in_turns(own: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float]:
    """Median CPU seconds of both, run in turns; what either compiles first does not count."""
    own(), peer()
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(TURNS):
        for kept, run in zip(seconds, (own, peer), strict=True):
            start = time.thread_time()
            run()
            kept.append(time.thread_time() - start)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def measure(
    name: str, ratio: float, bound: float, own: float, peer: float, sound: bool = True
) -> dict[str, Any]:
    """One line of `make bench`."""
    return {
        "name": name, "ratio": round(ratio, 4), "bound": round(bound, 4),
        "ok": ratio <= bound and sound, "seconds": {"own": own, "peer": peer},
    }  # fmt: skip


def measures() -> Iterator[dict[str, Any]]:
    """Speed beside C and NumPy, the whole run, the fast engine, precision per CPU second."""
    model = build.build(scheme.load(SCHEME))
    yield beside_c(model)
    yield beside_numpy(model)
    yield fast_alone(model)
    yield two_threads(model)
    yield from precision(model)
    yield rare_event(model)
    yield what_if_answered()
    yield from whole_run()


def beside_c(model: Model) -> dict[str, Any]:
    """Same factors, same words, same flows; the rate is deals times paths a second and core."""
    given = drawn(model, C_PATHS, 1)
    with tempfile.TemporaryDirectory() as folder:
        peer = PeerInC(prepared.tables(model), Path(folder))
        made = exact.flows_on(model, given, seed=1, first=0)
        other = peer.flows(given, 1)[:, :, 1]
        equal = bool(np.allclose(made.returned, other, rtol=1e-9, atol=1.0))
        own, beside = in_turns(
            lambda: exact.flows_on(model, given, seed=1, first=0), lambda: peer.flows(given, 1)
        )
    rate = model.deals.sum() * C_PATHS / own / 1e6
    name = f"exact engine / plain C -O3 loop ({rate:.0f} million deal-paths a second and core)"
    return measure(name, own / beside, C_BOUND, own, beside, equal)


def beside_numpy(model: Model) -> dict[str, Any]:
    """A path at a time, all deals of it at once."""
    given = drawn(model, NUMPY_PATHS, 2)
    peer, rng = peer_plan.lay_out(model), np.random.default_rng(2)

    def vectorised() -> None:
        for path in range(NUMPY_PATHS):
            peer_plan.path(peer, given.values[path], rng)

    own, beside = in_turns(lambda: exact.flows_on(model, given, seed=2, first=0), vectorised)
    return measure("exact engine / vectorised NumPy", own / beside, NUMPY_BOUND, own, beside)


def fast_alone(model: Model) -> dict[str, Any]:
    """8,192 quasi-random paths in ranges on two threads: CPU seconds shared by two cores."""

    def part(first: int) -> None:
        fast.flows(model, seed=1, first=first, paths=RANGE)

    part(0)
    seconds = []
    for _ in range(TURNS):
        start = time.process_time()
        with ThreadPoolExecutor(CORES) as pool:
            list(pool.map(part, range(0, FAST_PATHS, RANGE)))
        seconds.append((time.process_time() - start) / CORES)
    own = statistics.median(seconds)
    name = f"fast engine, {FAST_PATHS:,} paths on {CORES} cores, seconds / {FAST_BOUND}"
    return measure(name, own / FAST_BOUND, 1.0, own, FAST_BOUND)


def two_threads(model: Model) -> dict[str, Any]:
    """Wall seconds of ranges with all their figures: two threads of two free cores / one."""
    job = simulation.Job(scheme.load(SCHEME), model, 1, "exact")
    job.run(0, RANGE)
    parts = simulation.ranges(8 * RANGE, RANGE)
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(3):
        for kept, workers in zip(seconds, (CORES, 1), strict=True):
            start = time.perf_counter()
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(lambda part: job.run(*part), parts))
            kept.append(time.perf_counter() - start)
    own, peer = map(statistics.median, seconds)
    name = f"ranges of {RANGE} paths with all figures, wall seconds, {CORES} threads / 1"
    return measure(name, own / peer, TWO_CORES_BOUND, own, peer)


def told(flows: Any) -> Floats:
    """Two figures by path: terminal value per won put in, and the share of it borne first."""
    quarters = flows.invested.shape[2]
    grown = (1 + RATE) ** ((quarters - np.arange(quarters)) / 4)
    value = (flows.returned.sum(axis=1) @ grown) / (flows.invested.sum(axis=1) @ grown)
    return np.stack([value, np.clip(1.0 - value, 0.0, PROTECTED)])


def steadied(model: Model, seed: int) -> Floats:
    """Both means by the control variate, its reference drawn anew."""
    own = told(exact.flows(model, seed=seed, first=0, paths=PATHS))
    near = told(fast.flows(model, seed=seed, first=0, paths=PATHS, draws="counter"))
    known = [
        told(fast.flows(model, seed=seed * 1000 + place, first=0, paths=PATHS)).mean(axis=1)
        for place in range(REFERENCE)
    ]
    return (own - near).mean(axis=1) + np.mean(known, axis=0)


def precision(model: Model) -> Iterator[dict[str, Any]]:
    """1 / (variance × CPU seconds) of plain Monte Carlo over that of the control variate."""
    plain, steady = [], []
    seconds = np.zeros(2)
    for replicate in range(REPLICATES):
        seed = 100 + replicate
        marks = [time.thread_time()]
        flows = exact.flows(model, seed=seed, first=0, paths=PATHS)
        plain.append(told(flows).mean(axis=1))
        marks.append(time.thread_time())
        steady.append(steadied(model, seed))
        marks.append(time.thread_time())
        seconds += np.diff(marks)
    variance = np.array([np.var(plain, axis=0, ddof=1), np.var(steady, axis=0, ddof=1)])
    names = (("mean", 1 / 100), ("expected first loss", 1 / 50))
    for place, (what, bound) in enumerate(names):
        worth = variance[:, place] * seconds
        name = f"variance × CPU seconds of the {what}, control variate / plain ({REPLICATES} runs)"
        yield measure(name, worth[1] / worth[0], bound, seconds[1], seconds[0])


def rare_event(model: Model) -> dict[str, Any]:
    """1 / (variance × CPU seconds) of a chance near one in a thousand: the mixture of laws that a
    simulation reads tails from over plain Monte Carlo.

    The event: the terminal value per won put in falls below what it is on one path in a thousand.
    """
    spread = told(fast.flows(model, seed=7, first=0, paths=RARE_PATHS))[0]
    limit = float(np.quantile(spread, RARE))
    met = spread < limit
    pilot = Law(0, RARE_PATHS, 0.0)
    aimed = tails.first_component(model, seed=7, law=pilot, source="sobol")[met].mean()
    laws = tails.planned(PATHS, (round(float(aimed), 2),))
    chances: tuple[list[float], list[float]] = ([], [])
    seconds = np.zeros(2)
    for replicate in range(RARE_REPLICATES):
        seed = 500 + replicate
        marks = [time.thread_time()]
        whole = laws[-1].first + laws[-1].paths
        values = told(fast.flows(model, seed=seed, first=0, paths=whole, draws="counter"))[0]
        chances[0].append(float((values < limit).mean()))
        marks.append(time.thread_time())
        found = [
            told(fast.flows(model, seed=seed, first=law.first, paths=law.paths, draws="counter",
                            shift=law.shift))[0]
            for law in laws
        ]  # fmt: skip
        component = np.concatenate(
            [tails.first_component(model, seed=seed, law=law, source="counter") for law in laws]
        )
        weights = tails.weights(component, laws)
        chances[1].append(float(((np.concatenate(found) < limit) * weights).mean()))
        marks.append(time.thread_time())
        seconds += np.diff(marks)
    mean, told_apart = float(np.mean(chances[1])), np.var(chances, axis=1, ddof=1)
    error = float(np.sqrt(told_apart.sum() / RARE_REPLICATES))
    worth = told_apart * seconds
    name = f"variance × CPU seconds of a chance of {mean:.1e}, importance sampling / plain"
    agree = abs(mean - float(np.mean(chances[0]))) < 4 * error
    return measure(name, float(worth[1] / worth[0]), RARE_BOUND, *map(float, seconds[::-1]), agree)


def what_if_answered() -> dict[str, Any]:
    """The desk's answer to a value of koga-500 nobody asked for yet: its simulation and charts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koga.web.settings_books")
    import django

    django.setup()
    from koga.publish import what_if

    koga = what_if.load(what_if.schemes()["koga-500"])
    seconds = []
    for turn in range(TURNS + 1):
        start = time.perf_counter()
        what_if.answer(koga, {"fund.reinvested_share": f"0.{400 + turn}"}, "ko")
        seconds.append(time.perf_counter() - start)
    own = statistics.median(seconds[1:])
    name = f"the desk's answer to a what-if of koga-500, seconds / {ANSWER_BOUND}"
    return measure(name, own / ANSWER_BOUND, 1.0, own, ANSWER_BOUND)


def whole_run() -> Iterator[dict[str, Any]]:
    """`koga simulate` of 10,000 paths on two workers: all figures of all rooms, and its memory.

    Compiling, once after installation, takes more memory; a first run has it done.
    """
    simulated(paths=2)
    start = time.perf_counter()
    answer = simulated(paths=10_000)
    wall = time.perf_counter() - start
    engine, peak = answer["seconds"]["engine"], answer["bytes_peak"]
    name = f"koga simulate, 50,000 deals × 10,000 paths × 80 quarters: peak bytes / {BYTES_BOUND:,}"
    yield {**measure(name, peak / BYTES_BOUND, 1.0, engine, wall), "bytes": peak}


def simulated(*, paths: int) -> dict[str, Any]:
    """What `koga simulate` answers, in a process of its own."""
    command = [
        str(Path(sys.executable).parent / "koga"), "simulate", str(SCHEME), "--paths", str(paths),
        "--seed", "1", "--workers", str(CORES), "--json",
    ]  # fmt: skip
    answer: dict[str, Any] = json.loads(subprocess.check_output(command))
    return answer
