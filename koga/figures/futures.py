"""The charts of a simulation, each with its table and the sentence it is read by.

They read anything that has measures and series by year: a result fresh from the engine, or the
table of a signed release. A chart whose series a scheme does not have is not drawn.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from koga.core.problems import Problem, Refusal
from koga.figures import bands, charts, futures_words, palette
from koga.figures.charts import Figure, Scale
from koga.plan import measures, spread
from koga.plan.figure import Figure as Told

_OUTSIDE = ".not_enrolled"
"""A state of people who never entered: the table has it, the chart leaves it out and says so."""
SERIES_MAX = len(palette.SERIES)
TORNADO_MAX = 12
"""So many assumptions are drawn in a tornado; its table has all."""


class Futures(Protocol):
    """What a chart needs of a simulation or of a release."""

    @property
    def figures(self) -> Mapping[str, Told]:
        """Measures by name."""

    @property
    def series(self) -> Mapping[str, Sequence[Told]]:
        """Series by name, one figure a year."""

    def label(self, name: str, language: str) -> str:
        """A name as people read it."""


def fan(futures: Futures, language: str, *, name: str, series: str) -> Figure:
    """Cumulated net cash of one series over years as a fan."""
    years = futures.series[series]
    return bands.fan(
        bands.Fan([each.year for each in years], _quantiles(years)),
        _scale(years, language),
        name=name,
        sentence=futures_words.fan(years, language, public=series == "net.public"),
        description=f"{futures.label(series, language)}. {futures_words.BANDS[language]}",
        columns=_columns(language),
        rows=_rows(years),
        language=language,
    )


def _quantiles(years: Sequence[Told]) -> list[list[float]]:
    return [[each.quantiles[place] or 0 for each in years] for place in range(len(spread.NAMES))]


def _columns(language: str) -> list[str]:
    return list(futures_words.COLUMNS[language])


def _rows(years: Sequence[Told]) -> list[list[Any]]:
    return [[each.year, *each.quantiles, each.mean, each.error] for each in years]


def _scale(figures: Sequence[Told], language: str) -> Scale:
    """The unit along an axis: for money by its size, else the unit itself."""
    values = [abs(value) for each in figures for value in (*each.quantiles, each.mean) if value]
    unit = figures[0].unit
    if unit == measures.MONEY:
        return charts.scale_of(math.ceil(max(values, default=0)), language)
    return Scale(1, measures.unit_word(unit, language))


def loss_by_rank(futures: Futures, language: str, *, name: str) -> Figure:
    """What each rank paid in and does not get back."""
    found = [(key, each) for key, each in futures.figures.items() if key.startswith("loss.")]
    bars = [
        bands.Bar(
            measures.part_name(key.partition(".")[2], language),
            each.mean or 0,
            each.p05 or 0,
            each.p95 or 0,
            futures_words.mean_and_tail(each, language),
        )
        for key, each in found
    ]
    return bands.ranged_bars(
        bars,
        name=name,
        sentence=futures_words.losses(
            [(bar.label, each) for bar, (_, each) in zip(bars, found, strict=True)], language
        ),
        description=futures_words.RANGES[language],
        columns=[futures_words.RANK[language], *_columns(language)[1:]],
        rows=[
            [bar.label, *each.quantiles, each.mean, each.error]
            for bar, (_, each) in zip(bars, found, strict=True)
        ],
    )


def cost(futures: Futures, language: str, *, name: str, series: str) -> Figure:
    """Money of one year after the other: its mean, and the range of nine in ten."""
    years = futures.series[series]
    scale = _scale(years, language)
    unit = charts.unit_beside(scale, language)
    bars = [
        bands.Bar(
            str(each.year),
            each.mean or 0,
            each.p05 or 0,
            each.p95 or 0,
            f"{futures_words.MEAN[language]} {charts.short((each.mean or 0) / scale.size)}{unit}",
        )
        for each in years
    ]
    return bands.ranged_columns(
        [each.year for each in years],
        bars,
        scale,
        name=name,
        sentence=futures_words.cost(futures.label(series, language), years, language),
        description=f"{futures.label(series, language)}. {futures_words.RANGES[language]}",
        columns=_columns(language),
        rows=_rows(years),
        end=futures_words.LINE[language],
    )


def people(futures: Futures, language: str, *, name: str, prefix: str) -> Figure:
    """A pipeline of people by state, means by year; the smallest states are one series."""
    found = {
        key: each
        for key, each in futures.series.items()
        if key.startswith(prefix) and not key.endswith(_OUTSIDE)
    }
    whole = {key: [round(one.mean or 0) for one in years] for key, years in found.items()}
    order = sorted(whole, key=lambda key: -sum(whole[key]))
    drawn = order if len(order) <= SERIES_MAX else order[: SERIES_MAX - 1]
    series = [
        charts.Series(futures.label(key, language).rpartition(" · ")[2], whole[key], place)
        for place, key in enumerate(drawn)
    ]
    if rest := order[len(drawn) :]:
        values = [sum(column) for column in zip(*(whole[key] for key in rest), strict=True)]
        series.append(charts.Series(futures_words.REST[language], values, SERIES_MAX - 1))
    years = [each.year for each in next(iter(found.values()))]
    largest = max(max(values) for values in whole.values())
    return charts.stacked_columns(
        [str(year) for year in years],
        series,
        Scale(1 if largest < 100_000 else 1000, futures_words.people_unit(largest, language)),
        name=name,
        sentence=futures_words.people(series, years, language),
        description=futures_words.PEOPLE[language],
        width=bands.SIZES["wide"][0],
    )


def tornado(
    swings: Sequence[bands.Swing], base: Told, language: str, *, name: str, label: str,
    paths: int, seed: int,
) -> Figure:  # fmt: skip
    """How far one measure moves over the declared range of each assumption.

    paths, seed: of the fast engine's futures, which are its own.
    """
    told = {"base": futures_words.amount(base.mean, base.unit, language), "paths": f"{paths:,}"}
    shown = list(swings[:TORNADO_MAX])
    drawn = bands.tornado(
        shown,
        base.mean or 0,
        name=name,
        sentence=futures_words.tornado(shown, base, label, language),
        description=futures_words.TORNADO[language].format(**told, seed=seed),
        columns=list(futures_words.SWING_COLUMNS[language]),
        rows=[
            [each.label, each.low_words, each.at_low, each.high_words, each.at_high]
            for each in swings
        ],
        base_words=futures_words.TORNADO_BASE[language].format(**told),
    )
    return replace(drawn, apart=True)


Draw = Callable[[Futures, str, str], Figure]


def _fan_of(series: str) -> Draw:
    return lambda futures, language, name: fan(futures, language, name=name, series=series)


def _cost_of(series: str) -> Draw:
    return lambda futures, language, name: cost(futures, language, name=name, series=series)


NAMES: Mapping[str, tuple[str, Draw]] = {
    "fan": ("net.all", _fan_of("net.all")),
    "j_curve": ("net.public", _fan_of("net.public")),
    "loss_by_rank": (
        "loss.",
        lambda futures, language, name: loss_by_rank(futures, language, name=name),
    ),
    "fiscal_cost": ("budget.net", _cost_of("budget.net")),
    "talents": (
        "talents.",
        lambda futures, language, name: people(futures, language, name=name, prefix="talents."),
    ),
}
"""Charts by name: the series or measures they need (a dot at the end: all below it), and how."""


def available(futures: Futures) -> list[str]:
    """The charts a simulation has the series for, in the order they are shown."""
    known = [*futures.series, *futures.figures]
    return [
        name
        for name, (needed, _) in NAMES.items()
        if any(key.startswith(needed) if needed.endswith(".") else key == needed for key in known)
    ]


def draw(futures: Futures, name: str, language: str, **chosen: Any) -> Figure:
    """One chart by its name; a `Refusal` names those there are.

    chosen: `element`, the id its picture bears on a page (its name unless given).
    """
    if name not in available(futures):
        near = {"near": ", ".join(available(futures)) or "-"}
        raise Refusal(Problem("plan.figure", "figure", name, near))
    return NAMES[name][1](futures, language, chosen.get("element", name.replace("_", "-")))


def all_of(futures: Futures, language: str) -> Iterator[tuple[str, Figure]]:
    """Every chart of a simulation with its name."""
    for name in available(futures):
        yield name, draw(futures, name, language)
