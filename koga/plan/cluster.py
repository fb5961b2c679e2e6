"""Ranges of paths on a Dask cluster: each is one pure function call, so any worker may do it."""

import contextlib
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from koga.core.problems import Problem, Refusal
from koga.plan.outcome import Outcome

CONNECT_SECONDS = 20


def computed(
    run: Callable[[int, int], Outcome], parts: Sequence[tuple[int, int]], address: str
) -> Iterator[Outcome]:
    """The outcome of every range, in order, computed on the cluster at an address.

    The scheme and the model travel once. Raises `Refusal` where no scheduler answers.
    """
    with _connected(address) as client:
        if not client.scheduler_info()["workers"]:
            raise Refusal(Problem("plan.cluster", "cluster", address))
        shared = client.scatter(run, broadcast=True, hash=False)
        waiting = [client.submit(_one, shared, *part, pure=False) for part in parts]
        for future in waiting:
            yield future.result()
            future.release()


def _connected(address: str) -> Any:
    """A client of the scheduler at an address (untyped: the library declares no types)."""
    distributed: Any = import_module("distributed")
    try:
        distributed.comm.get_address_host(address)  # a client refused half-made complains later
        return distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError):
        raise Refusal(Problem("plan.cluster", "cluster", address)) from None


def _one(run: Callable[[int, int], Outcome], first: int, count: int) -> Outcome:
    return run(first, count)


def peak_here() -> int:
    """Peak resident memory of this process, in bytes.

    Linux's `getrusage` starts from the size of the program that started this one; its own count of
    the process does not.
    """
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def peak_there(address: str) -> int:
    """The same of all workers of a cluster together."""
    with _connected(address) as client:
        return sum(client.run(peak_here).values())
