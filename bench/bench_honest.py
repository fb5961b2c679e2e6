"""Sensitivity sets against a library's: time of a study's sets, where both answer the same."""

import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

ROUNDS = 5
SECONDS_BOUND = 2.0
RATIO_BOUND = 1.0
BOUNDS = [0.5, 1.0, 1.5, 2.0]


def measures() -> Iterator[dict[str, Any]]:
    """Every measure of this room."""
    yield relative_sets()
    yield smooth_sets()


def relative_sets() -> dict[str, Any]:
    """Four relative-magnitude sets and the breakdown value, 5 + 2 coefficients; share of 2 s."""
    from koga.evaluate.effects import honest

    beta, sigma = study()

    def own() -> None:
        honest.relative(beta, sigma, pre=5, post=2, m=BOUNDS)
        honest.breakdown(beta, sigma, pre=5, post=2)

    seconds = [timed(own) for _ in range(ROUNDS)]
    ratio = statistics.median(seconds) / SECONDS_BOUND
    return {
        "name": "evaluate.honest.relative",
        "ratio": round(ratio, 4),
        "bound": 1.0,
        "ok": ratio <= 1.0,
        "seconds": {"own": round(statistics.median(seconds), 4), "peer": SECONDS_BOUND},
    }


def smooth_sets() -> dict[str, Any]:
    """Four smoothness sets against diff-diff's, in turns; wrong where they differ by over 1e-3."""
    from koga.evaluate.effects import honest

    beta, sigma = study()
    peer = library(beta, sigma)
    bounds = [0.01, 0.02, 0.03, 0.05]
    here, there = [], []
    for _ in range(ROUNDS):
        here.append(timed(lambda: honest.smooth(beta, sigma, pre=5, post=2, m=bounds)))
        there.append(timed(lambda: [peer(m) for m in bounds]))
    own_sets = honest.smooth(beta, sigma, pre=5, post=2, m=bounds)
    apart = max(
        max(abs(one.low - low), abs(one.high - high))
        for one, (low, high) in zip(own_sets, map(peer, bounds), strict=True)
    )
    own, other = statistics.median(here), statistics.median(there)
    return {
        "name": "evaluate.honest.smooth",
        "ratio": round(own / other, 3),
        "bound": RATIO_BOUND,
        "ok": own / other <= RATIO_BOUND and apart < 1e-3,
        "seconds": {"own": round(own, 4), "peer": round(other, 4)},
    }


def library(beta: Any, sigma: Any) -> Callable[[float], tuple[float, float]]:
    """The library's set for one bound, from the same coefficients."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from diff_diff import honest_did

    before, after = beta[:5], beta[5:]
    weights = np.array([1.0, 0.0])

    def bounds(m: float) -> tuple[float, float]:
        low, high = honest_did._compute_optimal_flci(before, after, sigma, weights, 5, 2, m)[:2]
        return float(low), float(high)

    return bounds


def study() -> tuple[Any, Any]:
    """The published study the tests reproduce."""
    from tests.evaluate import published

    return published.MEDICAID_BETA, published.MEDICAID_SIGMA


def timed(act: Callable[[], object]) -> float:
    """Seconds an act takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
