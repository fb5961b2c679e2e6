"""A fund as a data file, and its futures.

    from koga import plan

    scheme = plan.load("schemes/koga-500.toml")
    result = plan.simulate(scheme, paths=1_000, seed=20250306)
    result.by_year, result.measures, result.figure("fan")

Importing this package loads nothing heavy; the functions do when they are called.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from koga.plan.result import Result
    from koga.plan.schemes.shape import Scheme

__all__ = ["changed", "load", "simulate"]


def load(path: str | Path) -> "Scheme":
    """The scheme in a file. Raises `koga.core.problems.Refusal` with every problem found."""
    from koga.plan.schemes import scheme

    return scheme.load(path)


def changed(scheme: "Scheme", changes: Mapping[str, Any]) -> "Scheme":
    """The scheme with other values at some paths, everything derived from them computed anew.

    Raises `Refusal` where a path or value is none of the scheme's.
    """
    from koga.plan.schemes import change

    return change.changed(scheme, changes)


def simulate(
    scheme: "Scheme",
    *,
    paths: int,
    seed: int,
    engine: Literal["exact", "fast"] = "exact",
    workers: int = 1,
    cluster: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> "Result":
    """The futures of a scheme; see `koga.plan.simulation.simulate`."""
    from koga.plan import simulation

    return simulation.simulate(
        scheme,
        paths=paths,
        seed=seed,
        engine=engine,
        workers=workers,
        cluster=cluster,
        progress=progress,
    )
