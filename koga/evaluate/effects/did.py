"""Difference-in-differences: Callaway-Sant'Anna first, imputation and two-way effects beside it.

>>> from koga.evaluate.effects import did# doctest: +SKIP
>>> from koga.evaluate.panels import panel# doctest: +SKIP
>>> firms = panel.read("firms.csv", panel.Declaration(
...     design="did", outcome="jobs", unit="firm", time="year", first_treated="granted"))
... # doctest: +SKIP
>>> did.find(firms).frame()  # doctest: +SKIP
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from koga.core.problems import Problem, Refusal
from koga.evaluate.effects import bands, callaway, imputation, naive, trend_checks, twfe, weighing
from koga.evaluate.effects.callaway import Average, Base, Cells
from koga.evaluate.effects.comparison import Method
from koga.evaluate.finding import Check, Estimate, Finding, Words
from koga.evaluate.panels import wide
from koga.evaluate.panels.panel import Panel
from koga.evaluate.panels.wide import Wide

SEED = 20_250_306
"""Seed of the multiplier bootstrap where none is declared; printed with its result."""
HEADLINE = ("callaway_santanna", "simple")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to estimate.

    method: dr (doubly robust), ipw or reg. base: varying (each period against the one before,
    before support) or universal (all against the period before support).
    relative_m, smooth_m: bounds of the sensitivity sets asked for.
    worth: the smallest effect worth knowing, in the outcome's unit.
    draws, seed: of the multiplier bootstrap for uniform bands; 0 draws: none.
    """

    method: Method = "dr"
    base: Base = "varying"
    relative_m: Sequence[float] = ()
    smooth_m: Sequence[float] = ()
    worth: float | None = None
    draws: int = 0
    seed: int = SEED


def find(
    panel: Panel,
    options: Options | None = None,
    *,
    question: Words | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Finding:
    """The effect of staggered support on an outcome, with its checks.

    The first row of every estimator, and of every name, is its overall where it has one.
    A `Refusal` where no effect can be estimated at all.
    """
    chosen = options or Options()
    weighing.refuse_worth(chosen.worth)
    laid = wide.of(panel)
    control = panel.declared.control
    found = callaway.cells(laid, control=control, method=chosen.method, base=chosen.base)
    averages = {kind: callaway.average(found, kind) for kind in callaway.KINDS}
    if not averages["simple"]:
        failed = Problem("evaluate.nothing_identified", panel.declared.first_treated)
        raise Refusal(failed)
    if not math.isfinite(averages["simple"][0].se):
        raise Refusal(Problem("evaluate.no_error", panel.declared.outcome))
    study, regressions, classical = _two_way(panel, laid)
    freedom = _freedom(laid)
    estimates = [
        _row(panel, kind, part, freedom) for kind, parts in averages.items() for part in parts
    ]
    estimates += [
        *_cells(panel, found, freedom), *_imputed(panel, laid, freedom), *regressions
    ]  # fmt: skip
    extra: dict[str, Any] = {"classical": {"estimator": "twfe", "name": "twfe", "se": classical}}
    if chosen.draws:
        extra["bands"] = bands.uniform(
            averages["dynamic"], laid, draws=chosen.draws, seed=chosen.seed, progress=progress
        )
    return Finding(
        design="did",
        question=question or asked(panel),
        headline=HEADLINE,
        facts={**panel.facts(), "settings": _settings(chosen), **_plainly(laid)},
        estimates=tuple(estimates),
        checks=tuple(_checks(found, averages["simple"][0], study, chosen, panel)),
        extra=extra,
    )


def asked(panel: Panel) -> Words:
    """The question in words."""
    outcome, first = panel.declared.outcome, panel.declared.first_treated
    return Words(
        f"“{first}”부터 지원받은 대상의 “{outcome}”은(는), 지원이 없었을 때와 얼마나 다른가?",
        f"By how much does “{outcome}” of units supported from “{first}” on differ from what it "
        "would have been without support?",
    )


def _settings(options: Options) -> dict[str, Any]:
    told = {"method": options.method, "base": options.base, "level": weighing.LEVEL}
    if options.draws:
        told |= {"draws": options.draws, "seed": options.seed}
    return told


def _freedom(laid: Wide) -> float | None:
    """Degrees of freedom of intervals: clusters less one where declared, else normal."""
    return float(laid.cluster.max()) if laid.clustered else None


def _interval(
    effect: float, se: float, freedom: float | None
) -> tuple[float | None, float | None, float | None]:
    if not math.isfinite(se):
        return None, None, None
    return se, *weighing.interval(effect, se, freedom)


def _cells(panel: Panel, found: Cells, freedom: float | None) -> Iterator[Estimate]:
    errors = callaway.errors(found.influence, found.wide)
    for cell, se in zip(found.found, errors, strict=True):
        known = not math.isnan(cell.effect)
        shown = _interval(cell.effect, float(se), freedom) if known else (None, None, None)
        if cell.reference:
            shown = (None, None, None)
        yield Estimate(
            "callaway_santanna",
            "att_gt",
            cell.effect if known else None,
            *shown,
            2 * cell.units,
            panel.period(cell.cohort),
            panel.period(cell.time),
            cell.event_time,
        )


def _row(panel: Panel, kind: str, part: Average, freedom: float | None) -> Estimate:
    place: dict[str, Any] = {}
    if part.place is not None:
        places: dict[str, dict[str, Any]] = {
            "group": {"group": panel.period(part.place)},
            "dynamic": {"event_time": int(part.place)},
            "calendar": {"time": panel.period(part.place)},
        }
        place = places[kind]
    shown = _interval(part.effect, part.se, freedom)
    return Estimate("callaway_santanna", kind, part.effect, *shown, part.rows, **place)


def _imputed(panel: Panel, laid: Wide, freedom: float | None) -> Iterator[Estimate]:
    try:
        found = imputation.effects(laid)
    except Refusal:
        yield Estimate("imputation", "imputation", None, None, None, None, panel.frame.height)
        return
    for part in found:
        shown = _interval(part.effect, part.se, freedom)
        effect = part.effect if math.isfinite(part.effect) else None
        yield Estimate(
            "imputation", "imputation", effect, *shown, part.rows, event_time=part.event_time
        )


def _two_way(
    panel: Panel, laid: Wide
) -> tuple[twfe.Regression | None, list[Estimate], float | None]:
    """The event study for the sensitivity sets, the rows of both regressions, and the static one's
    error as older papers reckon it."""
    rows: list[Estimate] = []
    study = classical = None
    for name, fit in (("twfe", twfe.static), ("event", twfe.event_study)):
        try:
            fitted = fit(laid)
        except Refusal:
            rows.append(Estimate("twfe", name, None, None, None, None, panel.frame.height))
            continue
        if name == "event":
            study = fitted
        else:
            classical = float(fitted.classical[0])
        low, high = fitted.interval()
        times: Sequence[int | None] = fitted.event_times or (None,)
        for place, time in enumerate(times):
            ends = float(low[place]), float(high[place])
            effect, se = float(fitted.effects[place]), float(fitted.errors[place])
            rows.append(Estimate("twfe", name, effect, se, *ends, fitted.rows, event_time=time))
    return study, rows, classical


def _checks(
    found: Cells,
    headline: Average,
    study: twfe.Regression | None,
    options: Options,
    panel: Panel,
) -> Iterator[Check]:
    laid, freedom = found.wide, _freedom(found.wide)
    universal = found
    if options.base == "varying":
        universal = callaway.cells(
            laid, control=found.control, method=options.method, base="universal"
        )
    yield trend_checks.pre_trend(found, universal, headline.effect)
    yield trend_checks.overlap(found, panel.covariates)
    yield trend_checks.cohort_size(laid)
    yield weighing.power(headline.se, _spread(laid), worth=options.worth, freedom=freedom)
    yield trend_checks.bacon(laid)
    yield trend_checks.honest_did(study, relative_m=options.relative_m, smooth_m=options.smooth_m)


def _spread(laid: Wide) -> float:
    """Standard deviation of the outcome among rows not (yet) treated."""
    free = laid.times[None, :] < laid.first[:, None]
    return float(np.nanstd(laid.outcome[free], ddof=1))


def _plainly(laid: Wide) -> dict[str, Any]:
    never = np.isinf(laid.first)
    starts = np.where(never, np.inf, np.searchsorted(laid.times, laid.first))
    return naive.facts(naive.by_units(laid.outcome, starts))
