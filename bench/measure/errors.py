"""Whether told errors are those made: `python -m bench.measure.errors [COUNT]`.

`koga-500` with so many other seeds: of every measure, how far its means and quantiles scatter, over
the error told beside them. About 1 is right. One JSON line a number.
"""

import json
import sys
from pathlib import Path

import numpy as np

from koga.plan import measures, simulation, spread
from koga.plan.schemes import scheme

SCHEME = Path(__file__).parent.parent.parent / "schemes" / "koga-500.toml"
PATHS, CORES = 512, 2
LEAST_WON = 1e6
"""An error of less than this many won is arithmetic's."""


def main(count: int) -> None:
    """Print scatter over error of all numbers that have one in every simulation."""
    koga = scheme.load(SCHEME)
    told: dict[str, list[tuple[float, float]]] = {}
    for seed in range(count):
        made = simulation.simulate(koga, paths=PATHS, seed=seed, workers=CORES, tailed=False)
        for name, each in made.figures.items():
            numbers = zip(
                ("mean", *spread.NAMES),
                (each.mean, *each.quantiles),
                (each.error, *each.quantile_errors),
                strict=True,
            )
            for which, value, error in numbers:
                if (
                    value is not None
                    and error
                    and error > LEAST_WON * (each.unit == measures.MONEY)
                ):
                    told.setdefault(f"{name} {which}", []).append((value, error))
    for name, runs in told.items():
        if len(runs) == count:
            values, errors = np.array(runs, dtype=np.float64).T
            ratio = values.std(ddof=1) / np.sqrt((errors**2).mean())
            print(json.dumps({"name": name, "scatter / error": round(float(ratio), 2)}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
