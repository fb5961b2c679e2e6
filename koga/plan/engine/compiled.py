"""How the simulator's kernels are compiled, and where the machine code is kept.

Compiling takes half a minute once; the result stays beside this package's compiled Python (or under
`var/` where that cannot be written), in a folder named after the kernels' source, so that no kernel
ever meets machine code of another version of a function it calls. Only modules that hold kernels
import this one, for it loads Numba.
"""

import atexit
import contextlib
import hashlib
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_HERE = Path(__file__).parent
_PLAN = _HERE.parent
_CONSTANTS = ("laws.py", "payoff.py", "prepared.py")
"""Modules without kernels whose constants kernels read."""


def _version() -> str:
    """Sixteen hexadecimal digits of everything compiled code depends on."""
    digest = hashlib.sha256(f"{numba.__version__} {numpy.__version__}".encode())
    for source in sorted(_PLAN.rglob("*.py")):
        text = source.read_bytes()
        if b"engine.compiled import" in text or b"njit" in text or source.name in _CONSTANTS:
            digest.update(text)
    return digest.hexdigest()[:16]


def cache_dir() -> Path:
    """Where machine code is kept: `NUMBA_CACHE_DIR`, else `__pycache__`, else `var/`.

    Where none can be written, a folder that goes with the process: every run compiles then.
    """
    given, name = os.environ.get("NUMBA_CACHE_DIR"), f"kernels-{_version()}"
    for place in [Path(given)] if given else [_HERE / "__pycache__" / name, Path("var") / name]:
        with contextlib.suppress(OSError):
            place.mkdir(parents=True, exist_ok=True)
            if os.access(place, os.W_OK):
                return place
    passing = tempfile.mkdtemp(prefix="koga-kernels-")
    atexit.register(shutil.rmtree, passing, ignore_errors=True)
    return Path(passing)


_OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "no_cfunc_wrapper": True,
    "error_model": "numpy",
    "fastmath": {"contract"},
}
CACHE = cache_dir()
vars(numba.config)["CACHE_DIR"] = str(CACHE)


_one = threading.Lock()


def cold() -> bool:
    """Whether nothing is compiled yet: after installation and after every change of the kernels."""
    return not any(CACHE.rglob("fast.*.nbi"))


def tell() -> None:
    """Where nothing is compiled yet, say why the first simulation takes so long, as a warning.

    Unless a program sets logging up otherwise, warnings are lines on standard error.
    """
    if cold():
        logging.getLogger(__name__).warning(
            "처음 한 번은 계산 코드를 이 컴퓨터에 맞춰 번역합니다. 일 분쯤 걸립니다. / "
            "The first run compiles the simulator for this computer; that takes about a minute."
        )


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the folder of machine code: one thread of one process compiles, others wait and load."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with _one, (CACHE / "lock").open("w") as held:
        # Where a system has no such locks two processes compile the same, which is only slower.
        with contextlib.suppress(ImportError, OSError):
            import fcntl

            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def kernel(function: Kernel) -> Kernel:
    """Compile a function for use by other kernels and, without Python's lock, by threads.

    Division by zero gives what NumPy gives; products and sums may be fused, nothing is reordered.
    """
    return cast(Kernel, numba.njit(**_OPTIONS)(function))


def inlined(function: Kernel) -> Kernel:
    """The same for a few lines that are put in place of every call."""
    return cast(Kernel, numba.njit(inline="always", **_OPTIONS)(function))


def lean(function: Kernel) -> Kernel:
    """A kernel that makes no array, so that no references are counted: a third faster where many
    small slices are taken. Its callers make all room."""
    return cast(Kernel, cast(Any, numba.njit)(_nrt=False, **_OPTIONS)(function))
