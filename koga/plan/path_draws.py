"""Random numbers of whole ranges of paths, each path from its own Philox stream.

A stream is keyed by (seed, path, purpose), so a range is a pure function of what it is asked for
and the same purpose in another scheme meets the same numbers. Philox: Salmon and others, SC 2011.
"""

import hashlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from koga.plan.model import Floats

Counts = NDArray[np.int64]


def generator(seed: int, path: int, purpose: str) -> np.random.Generator:
    """The stream of one path and purpose."""
    spelled = f"{seed}\x1f{purpose}".encode()
    word = int.from_bytes(hashlib.sha256(spelled).digest()[:8], "big")
    return np.random.Generator(np.random.Philox(key=np.array([word, path], dtype=np.uint64)))


def each(
    seed: int, first: int, paths: int, purpose: str, draw: Callable[[np.random.Generator], Floats]
) -> Floats:
    """What `draw` takes from each path's stream, one row a path."""
    return np.stack([draw(generator(seed, first + place, purpose)) for place in range(paths)])


def normals(seed: int, first: int, paths: int, purpose: str, number: int) -> Floats:
    """Standard normals, paths × number."""
    return each(seed, first, paths, purpose, lambda stream: stream.standard_normal(number))
