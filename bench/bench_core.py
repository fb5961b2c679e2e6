"""The exact split among ten million holders against Python's big integers."""

import statistics
import time
from collections.abc import Iterator
from typing import Any

import numpy

from koga.core import money

HOLDERS, TOTAL, RUNS, BOUND = 10_000_000, 500_000_000_000_007, 3, 0.25


def big_integers(weights: list[int]) -> list[int]:
    """Floors and largest remainders, one holder after the other; no lots among equals."""
    whole = sum(weights)
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(TOTAL * weight, whole)
        parts.append(part)
        remainders.append(remainder)
    left = TOTAL - sum(parts)
    order = sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)
    for place in order[:left]:
        parts[place] += 1
    return parts


def measures() -> Iterator[dict[str, Any]]:
    """One measure: the median of interleaved runs, and that both give the same parts."""
    weights = numpy.random.default_rng(20250306).integers(1, 10**9, HOLDERS)
    plain = weights.tolist()
    own, peer = [], []
    for _ in range(RUNS):
        start = time.perf_counter()
        parts, _ = money.split_many(TOTAL, weights, policy="largest_remainder", distribution="d")
        between = time.perf_counter()
        expected = big_integers(plain)
        own.append(between - start)
        peer.append(time.perf_counter() - between)
    ratio = statistics.median(own) / statistics.median(peer)
    equal = int(parts.sum()) == TOTAL and int(abs(parts - numpy.array(expected)).max()) <= 1
    yield {
        "name": f"split {HOLDERS:,} holders, vectorised / big integers",
        "ratio": round(ratio, 3),
        "bound": BOUND,
        "ok": ratio <= BOUND and equal,
        "seconds": {"own": statistics.median(own), "peer": statistics.median(peer)},
    }
