"""Random numbers of whole ranges of paths, each path from its own Philox stream.

A stream is keyed by (seed, path, purpose), so a range is a pure function of what it is asked for
and the same purpose in another scheme meets the same numbers. Philox: Salmon and others, SC 2011.
"""

import hashlib
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from koga.plan.model import Floats

Counts = NDArray[np.int64]


def generators(seed: int, first: int, paths: int, purpose: str) -> Iterator[np.random.Generator]:
    """The streams of the paths `first`, `first + 1`, … for one purpose, each until the next.

    One generator is put at the beginning of each stream: making a new one takes ten times as long.
    """
    spelled = f"{seed}\x1f{purpose}".encode()
    word = int.from_bytes(hashlib.sha256(spelled).digest()[:8], "big")
    source = np.random.Philox(key=np.array([word, first], dtype=np.uint64))
    stream, state = np.random.Generator(source), source.state
    for path in range(first, first + paths):
        state["state"]["key"][1] = path
        source.state = state
        yield stream


def each(
    seed: int, first: int, paths: int, purpose: str, draw: Callable[[np.random.Generator], Floats]
) -> Floats:
    """What `draw` takes from each path's stream, one row a path."""
    return np.stack([draw(stream) for stream in generators(seed, first, paths, purpose)])


def normals(seed: int, first: int, paths: int, purpose: str, number: int) -> Floats:
    """Standard normals, paths × number."""
    return each(seed, first, paths, purpose, lambda stream: stream.standard_normal(number))
