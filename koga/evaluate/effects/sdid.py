"""Synthetic difference-in-differences: one district, one hub, few treated units.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), "Synthetic difference-in-differences",
American Economic Review 111. Weights on untreated units make their mean run parallel to the
treated before support; weights on earlier periods make them like the later ones. Where support
starts at several times, every start is estimated on its own against the never treated and the
effects are averaged by treated units and periods (their appendix; Clarke, Pailanir, Athey and
Imbens 2023, "Synthetic difference-in-differences estimation").
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koga.core.problems import Problem, Refusal
from koga.evaluate.effects import naive, sdid_errors, synthetic_path, weighing
from koga.evaluate.effects.sdid_errors import DRAWS, SEED, Error, Errors
from koga.evaluate.effects.synthetic import Cohort, Laid, average, cohorts_of, estimate
from koga.evaluate.finding import Check, Estimate, Finding, Mark, Verdict, Words
from koga.evaluate.panels.panel import Panel
from koga.evaluate.panels.wide import Floats

HEADLINE = ("sdid", "sdid")
NAMED_MAX = 20
FIT_SHARE = 0.5
__all__ = ["HEADLINE", "Options", "asked", "estimate", "find"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to estimate.

    error: placebo (untreated units taken as treated) or jackknife (each unit left out in turn).
    draws, seed: placebos for the error; 0: each untreated unit once.
    worth: the smallest effect worth knowing, in the outcome's unit.
    """

    error: Error = "placebo"
    draws: int = DRAWS
    seed: int = SEED
    worth: float | None = None


def find(
    panel: Panel,
    options: Options | None = None,
    *,
    question: Words | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Finding:
    """The effect of support that few units get, at one time or at several, with its checks."""
    chosen = options or Options()
    weighing.refuse_worth(chosen.worth)
    laid, order = _laid(panel)
    cohorts = cohorts_of(laid)
    errors = sdid_errors.of(
        laid, cohorts, error=chosen.error, draws=chosen.draws, seed=chosen.seed, progress=progress
    )
    if not errors.se > 1e-12 * abs(average(cohorts)):
        raise Refusal(Problem("evaluate.no_error", panel.declared.outcome))
    named = _named(panel, cohorts, order)
    return Finding(
        design="sdid",
        question=question or asked(panel),
        headline=HEADLINE,
        facts={
            **panel.facts(),
            "treated_units": [panel.unit_names[number] for number in order[laid.untreated :]],
            "starts": [
                *({"first": _period(panel, cohort), "units": cohort.units} for cohort in cohorts),
                {"first": None, "units": laid.untreated},
            ],
            "settings": {
                "error": chosen.error,
                "placebos": len(errors.placebos),
                "seed": chosen.seed,
                "level": weighing.LEVEL,
            },
            **_plainly(laid),
        },
        estimates=(*_rows(panel, laid, cohorts, errors), *_path(panel, laid, cohorts)),
        checks=tuple(_checks(laid, cohorts, errors, chosen)),
        extra={"weights": named},
        points=tuple(_weights(named["units"])) if len(cohorts) == 1 else (),
    )


def _period(panel: Panel, cohort: Cohort) -> Any:
    return panel.period(sorted(panel.frame["time"].unique().to_list())[cohort.before])


def _rows(
    panel: Panel, laid: Laid, cohorts: Sequence[Cohort], errors: Errors
) -> Iterator[Estimate]:
    """The average, then each start where there are several."""
    effect = average(cohorts)
    low, high = weighing.interval(effect, errors.se)
    yield Estimate("sdid", "sdid", effect, errors.se, low, high, laid.outcome.size)
    if len(cohorts) == 1:
        return
    for cohort, se in zip(cohorts, errors.by_cohort, strict=True):
        low, high = weighing.interval(cohort.fit.effect, se)
        rows = (laid.untreated + cohort.units) * laid.outcome.shape[1]
        first = _period(panel, cohort)
        yield Estimate("sdid", "sdid", cohort.fit.effect, se, low, high, rows, group=first)


def _path(panel: Panel, laid: Laid, cohorts: Sequence[Cohort]) -> Iterator[Estimate]:
    """Both means over time; several starts have no one synthetic control to draw."""
    if len(cohorts) == 1:
        times = sorted(panel.frame["time"].unique().to_list())
        yield from synthetic_path.of(laid, cohorts[0], [panel.period(time) for time in times])


def _weights(rows: Sequence[dict[str, Any]]) -> Iterator[Mark]:
    return synthetic_path.weights([(row["unit"], row["weight"]) for row in rows])


def asked(panel: Panel) -> Words:
    """The question in words."""
    outcome = panel.declared.outcome
    return Words(
        f"지원받은 곳의 “{outcome}”은(는), 지원이 없었을 때와 얼마나 다른가?",
        f"By how much does “{outcome}” of the supported differ from what it would have been "
        "without support?",
    )


def _laid(panel: Panel) -> tuple[Laid, NDArray[np.int64]]:
    """Outcome by unit and period, untreated units first, then by start; and unit numbers."""
    frame = panel.frame
    unit = frame["unit"].to_numpy()
    times, place = np.unique(frame["time"].to_numpy(), return_inverse=True)
    outcome = np.empty((int(unit.max()) + 1, len(times)))
    treated = np.zeros_like(outcome)
    outcome[unit, place] = frame["outcome"].to_numpy()
    treated[unit, place] = frame["treated"].to_numpy()
    ever = treated.max(axis=1) == 1
    start = np.where(ever, np.argmax(treated == 1, axis=1), -1)
    order = np.argsort(start, kind="stable")
    untreated = int((~ever).sum())
    if untreated < 2:
        raise Refusal(
            Problem("evaluate.few_units", panel.declared.treated, str(untreated), {"least": 2})
        )
    return Laid(outcome[order], untreated, start[order][untreated:]), order


def _plainly(laid: Laid) -> dict[str, Any]:
    starts = np.concatenate([np.full(laid.untreated, np.inf), laid.starts])
    return naive.facts(naive.by_units(laid.outcome, starts))


def _named(
    panel: Panel, cohorts: Sequence[Cohort], order: NDArray[np.int64]
) -> dict[str, list[dict[str, Any]]]:
    """The heaviest untreated units and the earlier periods with a weight, start by start."""
    times = sorted(panel.frame["time"].unique().to_list())
    told: dict[str, list[dict[str, Any]]] = {"units": [], "periods": []}
    for cohort in cohorts:
        first = {"first": _period(panel, cohort)} if len(cohorts) > 1 else {}
        units = cohort.fit.units
        heaviest = [place for place in np.argsort(-units)[:NAMED_MAX] if units[place] > 0]
        told["units"] += [
            {**first, "unit": panel.unit_names[order[place]], "weight": float(units[place])}
            for place in heaviest
        ]
        told["periods"] += [
            {**first, "time": panel.period(time), "weight": float(weight)}
            for time, weight in zip(times[: cohort.before], cohort.fit.periods, strict=True)
            if weight > 0
        ]
    return told


def _checks(
    laid: Laid, cohorts: Sequence[Cohort], errors: Errors, options: Options
) -> Iterator[Check]:
    yield _fit(laid, cohorts)
    effect = average(cohorts)
    if len(errors.placebos):
        yield _placebo(effect, errors.placebos, options)
    spread = float(laid.outcome[: laid.untreated].std(ddof=1))
    yield weighing.power(errors.se, spread, worth=options.worth)


def _placebo(effect: float, placebos: Floats, options: Options) -> Check:
    chance = float((1 + np.sum(np.abs(placebos) >= abs(effect))) / (1 + len(placebos)))
    odds = weighing.chance(chance)
    return Check(
        "placebo",
        chance,
        "ok",
        Words(
            f"처치되지 않은 대상에서 이만한 수치가 나온 비율은 {odds}입니다.",
            f"A figure as large came up among untreated units in a share of {odds}.",
        ),
        {"draws": len(placebos), "seed": options.seed},
    )


def _fit(laid: Laid, cohorts: Sequence[Cohort]) -> Check:
    """Whether the weighted units ran parallel to the treated before support."""
    below = laid.outcome[: laid.untreated]
    weights = np.array([cohort.weight for cohort in cohorts], dtype=np.float64)
    left, moved = [], []
    for cohort in cohorts:
        mean = laid.outcome[cohort.rows, : cohort.before].mean(axis=0)
        left.append(float(np.var(mean - cohort.fit.units @ below[:, : cohort.before])))
        moved.append(float(np.var(mean)))
    unexplained, movement = (
        float(np.sqrt(np.average(parts, weights=weights))) for parts in (left, moved)
    )
    share = unexplained / movement if movement > 0 else float("inf")
    verdict: Verdict = "ok" if share <= FIT_SHARE else "warn"
    return Check(
        "pre_trend",
        share,
        verdict,
        Words(
            f"처치 전 처치 대상의 움직임 가운데 {share:.1%}가 합성 대상으로 설명되지 않습니다."
            + ("" if verdict == "ok" else " 나란히 움직인 비교 대상을 만들지 못했습니다."),
            f"{share:.1%} of the treated units' movement before support is left unexplained."
            + ("" if verdict == "ok" else " No comparison was found that ran parallel."),
        ),
        {"rmse": unexplained},
    )
