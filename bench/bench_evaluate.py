"""A card's estimates for 100,000 firms over 12 years beside the bare calls of the library."""

import math
import statistics
import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from koga.evaluate.effects import did
from koga.evaluate.panels import panel
from koga.evaluate.panels.panel import Declaration

FIRMS, YEARS, RUNS, BOUND = 100_000, 12, 3, 1.0
COHORTS = (2018, 2019, 2020, 2021, 0, 0)
START = 2014
DECLARED = Declaration(design="did", outcome="jobs", unit="firm", time="year", first_treated="from")


def firms() -> pl.DataFrame:
    """Firms of four cohorts and never supported; effects grow with years since support."""
    generator = np.random.default_rng(20250306)
    first = generator.choice(COHORTS, FIRMS)
    years = np.arange(START, START + YEARS)
    level = generator.normal(10, 3, FIRMS)[:, None] + generator.normal(0, 0.5, YEARS).cumsum()
    since = np.where(first[:, None] > 0, years[None, :] - first[:, None], -1)
    jobs = level + np.where(since >= 0, 0.1 + 0.05 * since, 0)
    jobs += generator.normal(0, 1, (FIRMS, YEARS))
    return pl.DataFrame(
        {
            "firm": np.repeat(np.arange(FIRMS), YEARS),
            "year": np.tile(years, FIRMS),
            "from": np.repeat(first, YEARS),
            "jobs": jobs.ravel(),
        }
    )


def bare(frame: Any) -> tuple[float, float]:
    """The library's own estimators one after the other: effects, averages, imputation, shares."""
    import diff_diff

    names = {"outcome": "jobs", "unit": "firm", "time": "year", "first_treat": "from"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cells = diff_diff.CallawaySantAnna().fit(frame, **names)
        cells.aggregate("event_study")
        cells.aggregate("group")
        imputed = diff_diff.ImputationDiD().fit(frame, **names)
        imputed.aggregate("event_study")
        diff_diff.BaconDecomposition().fit(frame, **names)
    return float(cells.overall_att), float(imputed.overall_att)


def measures() -> Iterator[dict[str, Any]]:
    """Median of interleaved runs; both must give the same effects."""
    import pandas as pd

    frame = firms()
    plain = pd.DataFrame({name: frame[name].to_numpy() for name in frame.columns})
    did.find(panel.from_frame(frame.head(12_000), DECLARED))
    own, peer, equal = [], [], True
    for _ in range(RUNS):
        start = time.perf_counter()
        found = did.find(panel.from_frame(frame, DECLARED))
        between = time.perf_counter()
        effects = bare(plain)
        own.append(between - start)
        peer.append(time.perf_counter() - between)
        ours = found.main.estimate, found.estimate("imputation", "imputation").estimate
        equal &= all(
            math.isclose(one or math.nan, other, abs_tol=1e-9)
            for one, other in zip(ours, effects, strict=True)
        )
    ratio = statistics.median(own) / statistics.median(peer)
    yield {
        "name": f"full card's estimates and checks, {FIRMS:,} firms x {YEARS} years / bare library",
        "ratio": round(ratio, 3),
        "bound": BOUND,
        "ok": ratio <= BOUND and equal,
        "seconds": {"own": statistics.median(own), "peer": statistics.median(peer)},
    }
