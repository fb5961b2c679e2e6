"""What a simulation answers: every measure and every series by year, with spread and error."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from koga.plan import measures, spread
from koga.plan.engine.control import Steady
from koga.plan.model import Model
from koga.plan.outcome import Outcome
from koga.plan.schemes.shape import Scheme

if TYPE_CHECKING:
    import polars

    from koga.plan.budget.tail_figures import Tails

Number = int | float | None
"""Won as int, other figures as float, None where a figure is undefined."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure, or one series in one year.

    year: of the series, 0 for a measure. unit: a key of `measures.UNITS`; won are whole.
    quantiles: those of `spread.NAMES`. error: standard error of `mean`. quantile_errors: of each
    quantile, none where they were not published.
    approximate: not the mean of `exact` (from `fast` and no plain expectation over deals).
    status: "" or why the mean is None, `unsettled` where it rests on too few paths. defined: on how
    many paths it is defined. weighed: mean and error are of importance sampling (`plan.tails`),
    quantiles of the plain paths.
    """

    name: str
    year: int
    unit: str
    mean: Number
    error: Number
    quantiles: tuple[Number, ...]
    approximate: bool
    status: str
    defined: int
    weighed: bool = False
    quantile_errors: tuple[Number, ...] = (None,) * len(spread.NAMES)

    @property
    def p05(self) -> Number:
        """One path in twenty is below it."""
        return self.quantiles[0]

    @property
    def p50(self) -> Number:
        """The median."""
        return self.quantiles[2]

    @property
    def p95(self) -> Number:
        """One path in twenty is above it."""
        return self.quantiles[-1]

    def as_json(self) -> dict[str, Any]:
        """The shape of `koga simulate --json`."""
        shown: dict[str, Any] = {"mean": self.mean}
        shown |= dict(zip(spread.NAMES, self.quantiles, strict=True)) | {"error": self.error}
        shown |= dict(zip(spread.ERRORS, self.quantile_errors, strict=True))
        if self.unit:
            shown["unit"] = self.unit
        if self.approximate:
            shown["approximate"] = True
        if self.weighed:
            shown["importance_sampled"] = True
        if self.status:
            shown["status"] = self.status
        return shown


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


def figure_of(
    name: str,
    found: spread.Spread,
    *,
    year: int,
    fast: bool,
    steady: Steady | None = None,
    place: int = 0,
) -> Figure:
    """A spread under its name: won whole, undefined as None with a status.

    steady: better means, of which `place` is this figure's.
    """
    better = steady.better(name, place, found.error) if steady else None
    if better is not None:
        found = replace(found, mean=better[0], error=better[1])
    told = measures.find(name)
    whole = told.unit == measures.MONEY
    return Figure(
        name=name,
        year=year,
        unit=told.unit,
        mean=number(found.mean, whole=whole),
        error=number(found.error, whole=whole),
        quantiles=tuple(number(each, whole=whole) for each in found.quantiles),
        approximate=fast and not told.linear,
        status="" if found.defined else "undefined",
        defined=found.defined,
        quantile_errors=tuple(number(each, whole=whole) for each in found.quantile_errors),
    )


def number(value: float, *, whole: bool) -> Number:
    """A figure as it is published: whole won, else as it is, None where there is none.

    >>> number(2.6, whole=True), number(2.6, whole=False), number(float("nan"), whole=True)
    (3, 2.6, None)
    """
    if not math.isfinite(value):
        return None
    return round(value) if whole else float(value)


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
