"""A made-up result, for tests of what is drawn, printed and put into files."""

import math
from pathlib import Path

import numpy as np

from koga.plan import figure, measures, result, spread
from koga.plan.outcome import Outcome
from koga.plan.result import Result
from koga.plan.schemes import scheme

FIRST_YEAR, YEARS, PATHS = 2027, 18, 400


def sample(root: Path, code: str = "koga-500", *, engine: str = "exact") -> Result:
    """Curves with a valley and a spread that grows, losses by rank, and people in states."""
    luck = np.random.default_rng(3).normal(0, 1, PATHS)
    at = np.arange(YEARS)
    valley = -60e12 * np.sin(np.pi * np.minimum(at, 9) / 9) + (at / 17.0) ** 2 * 90e12
    spread_out = np.outer(luck, at / 17.0) * 40e12
    series = {
        "net.all": valley + spread_out,
        "net.public": 0.5 * valley + 0.4 * spread_out,
    }
    found = {
        "lowest.all": -series["net.all"].min(axis=1),
        "back.all": np.where(luck > -1, 9 - luck, np.nan),
        "net_at_end.all": series["net.all"][:, -1].copy(),
        "net_at_end.public": np.full(PATHS, math.nan),
    }
    outcome = Outcome(0, np.ones(PATHS), series, found)
    return Result(
        scheme=scheme.load(root / "schemes" / f"{code}.toml"),
        engine=engine,
        engine_version="0.1.0",
        seed=20250306,
        paths=PATHS,
        figures=result.measured(outcome, fast=engine == "fast"),
        series={
            name: [
                figure.figure_of(
                    name, spread.of(values[:, place].copy(), outcome.weights),
                    year=FIRST_YEAR + place, fast=engine == "fast",
                )
                for place in range(YEARS)
            ]
            for name, values in series.items()
        },
        deals=1234,
        quarters=YEARS * 4,
        seconds={"engine": 1.0, "total": 1.5},
        bytes_peak=10**8,
        outcome=outcome,
    )  # fmt: skip


def declared(name: str) -> str:
    """The unit of a name, which a sample may only use if it is declared."""
    return measures.find(name).unit
