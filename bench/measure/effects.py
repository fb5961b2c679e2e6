"""How well intervals keep their word, at length: `python -m bench.measure.effects [COUNT]`.

Programmes with known effects, and none: coverage and false findings of every estimator, the bias of
two-way effects beside them; scores pushed over a cutoff by how many and how far; lots and choices.
One JSON line a measure. The test suite runs the same on 200 programmes.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from koga.evaluate.effects import callaway, density, imputation, trend_checks, twfe, weighing
from koga.evaluate.panels import wide
from tests.evaluate import made

SIZES = (1.0, 0.0)
CONTROLS: tuple[callaway.Control, ...] = ("never", "not-yet")


def programmes(count: int) -> Iterator[dict[str, Any]]:
    """Coverage, bias and false findings of the four estimators."""
    for size in SIZES:
        rows: dict[str, list[tuple[float, float, float]]] = {}
        refused = 0
        for seed in range(count):
            programme = made.staggered(seed, size=size, units=150)
            laid = wide.of(programme.panel)
            for control in CONTROLS:
                cells = callaway.cells(laid, control=control, method="dr", base="varying")
                simple = callaway.average(cells, "simple")[0]
                kept = rows.setdefault(f"callaway_santanna {control}", [])
                kept.append((programme.truth, simple.effect, simple.se))
            refused += trend_checks.pre_trend(cells, cells, 1.0).verdict == "fail"
            imputed = imputation.effects(laid)[-1]
            rows.setdefault("imputation", []).append((programme.drawn, imputed.effect, imputed.se))
            plain = twfe.static(laid)
            two_way = float(plain.effects[0]), float(plain.errors[0])
            rows.setdefault("twfe", []).append((programme.truth, *two_way))
        for name, found in rows.items():
            yield _kept(name, size, np.array(found))
        yield {"measure": "pre_trend refused", "size": size, "share": refused / count}


def _kept(name: str, size: float, found: np.ndarray) -> dict[str, Any]:
    truth, estimate, se = found.T
    low, high = weighing.interval(estimate, se)
    return {
        "measure": name,
        "size": size,
        "truth": round(float(truth.mean()), 4),
        "bias": round(float((estimate - truth).mean()), 4),
        "coverage": round(float(np.mean((low <= truth) & (truth <= high))), 4),
        "found": round(float(np.mean((low > 0) | (high < 0))), 4),
    }


def scores(count: int) -> Iterator[dict[str, Any]]:
    """Rounds refused, by how far below the cutoff and how many of them were lifted."""
    for width, share in ((0.0, 0.0), (0.1, 0.3), (0.1, 1.0), (0.25, 0.3), (0.25, 0.6), (0.5, 1.0)):
        refused = 0
        for number, honest in enumerate(made.rounds(count, manipulated=False, seed=5)):
            generator = np.random.default_rng([6, number])
            lifted = (honest < 0) & (honest > -width) & (generator.random(len(honest)) < share)
            pushed = np.where(lifted, (honest + width) / 3, honest)
            refused += density.check(pushed).verdict == "fail"
        yield {"measure": "density", "width": width, "lifted": share, "refused": refused / count}


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for measure in (*programmes(asked), *scores(asked)):
        print(json.dumps(measure), flush=True)
