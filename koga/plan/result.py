"""What a simulation answers: every measure and every series by year, with spread and error."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from koga.plan import measures, spread
from koga.plan.engine.control import Steady
from koga.plan.figure import Figure, figure_of
from koga.plan.model import Model
from koga.plan.outcome import Outcome
from koga.plan.schemes.shape import Scheme

if TYPE_CHECKING:
    import polars

    from koga.plan.budget.tail_figures import Tails


@dataclass(frozen=True, slots=True)
class Result:
    """The futures of one scheme.

    scheme: with every leaf and source. engine, engine_version, seed, paths: what was computed.
    figures: measures by name. series: by name, one figure a year. deals, quarters: of the model.
    seconds: `engine` computing alone, `total` all of it. bytes_peak: of all processes.
    outcome: the paths themselves, where they were kept. tails: risk, chances of rare events and
    reverse stress by importance sampling, where they were asked for.
    """

    scheme: Scheme
    engine: str
    engine_version: str
    seed: int
    paths: int
    figures: Mapping[str, Figure]
    series: Mapping[str, Sequence[Figure]]
    deals: int
    quarters: int
    seconds: Mapping[str, float]
    bytes_peak: int
    outcome: Outcome
    tails: "Tails | None" = None

    def __repr__(self) -> str:
        """One line; the tables are `measures` and `by_year`."""
        told = f"{self.paths:,} futures, {self.engine}, seed {self.seed}"
        sizes = f"{len(self.figures):,} measures, {len(self.series):,} series"
        return f"<Result of {self.scheme.code}: {told}; {sizes}; sha256 {self.scheme.sha256[:12]}…>"

    @property
    def by_year(self) -> "polars.DataFrame":
        """One row a series and year: series, year, unit, mean, quantiles, error of the mean and of
        each quantile, approximate, status."""
        return _frame(_rows(each for years in self.series.values() for each in years), "series")

    @property
    def measures(self) -> "polars.DataFrame":
        """One row a measure: measure, unit, mean, quantiles, error of the mean and of each
        quantile, approximate, status."""
        return _frame(_rows(self.figures.values()), "measure")

    def label(self, name: str, language: str = "en") -> str:
        """A measure or series as people call it."""
        return measures.label(name, language, self.scheme)

    def figure(self, name: str, language: str = "en", **chosen: Any) -> Any:
        """A chart of this result by its name (`koga.figures.futures.NAMES`), ready to display.

        The one door upwards: charts read results, so they are looked up only when asked for.
        """
        from importlib import import_module

        drawn = import_module("koga.figures.futures").draw(self, name, language, **chosen)
        return drawn

    def as_json(self) -> dict[str, Any]:
        """The document of `koga simulate --json`."""
        return {
            "scheme": self.scheme.code,
            "hash": self.scheme.sha256,
            "engine": self.engine,
            "engine_version": self.engine_version,
            "seed": self.seed,
            "paths": self.paths,
            "deals": self.deals,
            "quarters": self.quarters,
            "measures": {name: each.as_json() for name, each in self.figures.items()},
            "by_year": [
                {"year": each.year, "series": each.name, **each.as_json()}
                for years in self.series.values()
                for each in years
            ],
            **({"tails": self.tails.as_json()} if self.tails else {}),
            "seconds": dict(self.seconds),
            "bytes_peak": self.bytes_peak,
        }


_SUMS = (
    "loss.", "net_at_end.", "carry.", "cost.lifetime", "cost.held", "claim", "protected_loss",
)  # fmt: skip
"""Measures in won that are sums of series, or stand in one sum with them."""


def summed(outcome: Outcome) -> frozenset[str]:
    """Figures of an outcome that tables add up: all series in won, and measures that sum them."""
    names = [name for name in outcome.series if measures.find(name).unit == measures.MONEY]
    return frozenset(names + [name for name in outcome.measures if name.startswith(_SUMS)])


def measured(outcome: Outcome, *, fast: bool, steady: Steady | None = None) -> dict[str, Figure]:
    """Every measure of an outcome."""
    if not outcome.measures:
        return {}
    spreads = spread.by_column(np.column_stack(list(outcome.measures.values())), outcome.weights)
    return {
        name: figure_of(name, found, year=0, fast=fast, steady=steady)
        for name, found in zip(outcome.measures, spreads, strict=True)
    }


def yearly(
    outcome: Outcome,
    model: Model,
    *,
    fast: bool,
    only: Collection[str] | None = None,
    steady: Steady | None = None,
) -> dict[str, list[Figure]]:
    """Every series of an outcome, year by year; or only some."""
    return {
        name: [
            figure_of(
                name,
                found,
                year=model.first_year + place,
                fast=fast,
                steady=steady,
                place=place,
            )
            for place, found in enumerate(spread.by_column(values, outcome.weights))
        ]
        for name, values in outcome.series.items()
        if only is None or name in only
    }


def _rows(figures: "Iterator[Figure] | Any") -> Iterator[dict[str, Any]]:
    for each in figures:
        yield {
            "name": each.name,
            "year": each.year,
            "unit": each.unit,
            "mean": each.mean,
            **dict(zip(spread.NAMES, each.quantiles, strict=True)),
            "error": each.error,
            **dict(zip(spread.ERRORS, each.quantile_errors, strict=True)),
            "approximate": each.approximate,
            "status": each.status,
            "defined": each.defined,
            "weighed": each.weighed,
        }


def _frame(rows: Iterator[dict[str, Any]], name: str) -> "polars.DataFrame":
    """Rows as a Polars frame; figures as float64, which holds won exactly to 9,007 trillion."""
    import polars

    schema = {
        "name": polars.String,
        "year": polars.Int32,
        "unit": polars.String,
        **dict.fromkeys(("mean", *spread.NAMES, "error", *spread.ERRORS), polars.Float64),
        "approximate": polars.Boolean,
        "status": polars.String,
        "defined": polars.Int64,
        "weighed": polars.Boolean,
    }
    table = polars.DataFrame(list(rows), schema=schema, orient="row", strict=False)
    table = table.rename({"name": name})
    return table.drop("year") if name == "measure" else table
