"""Regression discontinuity on application scores: the effect on those just above the cutoff.

Sharp where a score at or above the cutoff decides; fuzzy where `treated` says who took it up.
Rounds with cutoffs of their own are pooled by scores less their cutoff, each round with its own
level. The estimate speaks of applicants near the cutoff alone.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from koga.core.problems import Problem, Refusal
from koga.evaluate.effects import density, local_lines, naive, score_points, weighing
from koga.evaluate.effects.density import Tested
from koga.evaluate.effects.local_lines import Design, Jump, Variance
from koga.evaluate.effects.score_points import Seen
from koga.evaluate.finding import Check, Estimate, Finding, Mark, Verdict, Words
from koga.evaluate.panels.panel import Panel
from koga.evaluate.panels.wide import Floats

HEADLINE = ("rd", "rd_robust")
REJECTED, DOUBTED = 0.01, 0.05
"""Chances of a jump in a covariate or at a made-up cutoff: below, failed or doubted."""
WEAK_FIRST = 10.0
"""Squared t of the jump of take-up below which a fuzzy ratio is weakly identified."""
FEW_NEAR = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to estimate.

    h, b: bandwidths in units of the score; chosen from the rows where None, b = h where h is given.
    variance: nn (three nearest neighbours) or hc1.
    worth: the smallest effect worth knowing, in the outcome's unit.
    """

    h: float | None = None
    b: float | None = None
    variance: Variance = "nn"
    worth: float | None = None


@dataclass(frozen=True, slots=True)
class _Rows:
    """Columns in use: scores less their cutoff, outcome, take-up, covariates, rounds, weights.

    scores: of every row of the file, those without an outcome included.
    """

    score: Floats
    scores: Floats
    outcome: Floats
    takeup: Floats | None
    covariates: Floats
    rounds: Floats
    weight: Floats


def find(panel: Panel, options: Options | None = None, *, question: Words | None = None) -> Finding:
    """The effect at the cutoff with its checks; a `Refusal` where it cannot be solved."""
    chosen = options or Options()
    weighing.refuse_worth(chosen.worth)
    _refuse_bandwidths(chosen)
    rows = _rows(panel)
    given = _design(rows, rows.outcome, chosen.variance, takeup=rows.takeup)
    h, b = _reaches(given, chosen)
    found = local_lines.jump(given, h, b)
    if not (found.robust > _exact(found.corrected) and math.isfinite(found.robust)):
        raise Refusal(Problem("evaluate.no_error", panel.declared.outcome))
    tested = density.test(rows.scores)
    sides = int((rows.score < 0).sum()), int((rows.score >= 0).sum())
    return Finding(
        design="rd",
        question=question or asked(panel),
        headline=HEADLINE,
        facts={
            **panel.facts(),
            "settings": _settings(chosen, fuzzy=rows.takeup is not None),
            **_plainly(rows),
        },
        estimates=tuple(_estimates(found)),
        checks=tuple(_checks(rows, chosen, found, h, panel, tested)),
        extra={
            "bandwidths": {"h": h, "b": b},
            "n": {"all": sides, "h": found.rows_h, "b": found.rows_b},
            **_first_stage(found),
        },
        points=tuple(_points(rows, h, tested)),
    )


def _points(rows: _Rows, h: float, tested: Tested | None) -> Iterator[Mark]:
    plots = [(score_points.OUTCOME, rows.outcome)]
    if rows.takeup is not None:
        plots.append((score_points.TAKEUP, rows.takeup))
    for plot, value in plots:
        yield from score_points.of_values(plot, Seen(rows.score, value, rows.weight), h)
    yield from score_points.of_density(rows.scores, tested, h)


def _exact(effect: float) -> float:
    """An error as small beside its effect is the arithmetic's own."""
    return 1e-12 * abs(effect)


def asked(panel: Panel) -> Words:
    """The question in words."""
    outcome, score = panel.declared.outcome, panel.declared.score
    return Words(
        f"“{score}” 기준점을 막 넘은 신청자의 “{outcome}”은(는) 막 못 넘은 신청자와 얼마나 다른가?",
        f"By how much does “{outcome}” of applicants just above the cutoff of “{score}” differ "
        "from that of those just below?",
    )


def _refuse_bandwidths(options: Options) -> None:
    problems = []
    for name, value in (("--bandwidth", options.h), ("--bias-bandwidth", options.b)):
        if value is not None and not (math.isfinite(value) and value > 0):
            expected = "Above 0, in units of the score. / 점수 단위로 0보다 큰 값."
            problems.append(Problem("evaluate.option", name, str(value), {"expected": expected}))
    if options.b is not None and options.h is None:
        expected = "Give --bandwidth as well. / --bandwidth도 함께 주십시오."
        problems.append(
            Problem("evaluate.option", "--bias-bandwidth", str(options.b), {"expected": expected})
        )
    if problems:
        raise Refusal(problems)


def _rows(panel: Panel) -> _Rows:
    frame = panel.frame
    cutoff = panel.declared.cutoff
    by_row = frame["cutoff"].to_numpy() if isinstance(cutoff, str) else cutoff
    scored = frame if panel.scores is None else panel.scores
    every = scored["cutoff"].to_numpy() if isinstance(cutoff, str) else cutoff
    rows = frame.height
    weight = frame["weight"].to_numpy() if "weight" in frame.columns else np.ones(rows)
    rounds = np.zeros((rows, 0))
    if "round" in frame.columns:
        number = frame["round"].to_numpy()
        rounds = (number[:, None] == np.arange(1, int(number.max()) + 1)).astype(np.float64)
    return _Rows(
        score=_centred(frame["score"].to_numpy(), by_row),
        scores=_centred(scored["score"].to_numpy(), every),
        outcome=frame["outcome"].to_numpy(),
        takeup=frame["treated"].to_numpy() if "treated" in frame.columns else None,
        covariates=frame.select(panel.covariates).to_numpy().reshape(rows, -1),
        rounds=rounds,
        weight=weight / weight.mean(),
    )


def _centred(score: Floats, cutoff: Floats | float) -> Floats:
    """Scores less their cutoff, without the last digits that taking away leaves.

    61.3 - 60 and 71.3 - 70 differ in the fifteenth digit: two points of a grid where there is one.
    """
    away: Floats = score - cutoff
    size = max(float(np.abs(score).max(initial=0.0)), float(np.abs(cutoff).max()))
    if not 1e-100 < size < 1e100:
        return away
    found: Floats = np.round(away, 12 - math.ceil(math.log10(size)))
    return found


def _design(
    rows: _Rows,
    outcome: Floats,
    variance: Variance,
    *,
    takeup: Floats | None = None,
    adjusted: bool = True,
    kept: Any = slice(None),
    shift: float = 0.0,
) -> Design:
    parts = [outcome[:, None], *([] if takeup is None else [takeup[:, None]])]
    parts += [rows.covariates] if adjusted else []
    responses = np.hstack([*parts, rows.rounds])[kept]
    return local_lines.design(
        rows.score[kept] - shift,
        responses,
        rows.weight[kept],
        fuzzy=takeup is not None,
        variance=variance,
    )


def _reaches(given: Design, options: Options) -> tuple[float, float]:
    if options.h is None:
        return local_lines.bandwidths(given)
    return options.h, options.b or options.h


def _settings(options: Options, *, fuzzy: bool) -> dict[str, Any]:
    return {
        "design": "fuzzy" if fuzzy else "sharp",
        "variance": options.variance,
        "kernel": "triangular",
        "order": local_lines.ORDER,
        "bandwidth": "mserd" if options.h is None else "given",
        "level": weighing.LEVEL,
    }


def _estimates(found: Jump) -> Iterator[Estimate]:
    rows = sum(found.rows_h)
    for name, effect, se in (
        ("rd", found.effect, found.se),
        ("rd_bias_corrected", found.corrected, found.se),
        ("rd_robust", found.corrected, found.robust),
    ):
        yield Estimate("rd", name, effect, se, *weighing.interval(effect, se), rows)


def _first_stage(found: Jump) -> dict[str, Any]:
    if math.isnan(found.first):
        return {}
    low, high = weighing.interval(found.first, found.first_se)
    return {
        "first_stage": {
            "estimate": found.first,
            "se": found.first_se,
            "ci_low": low,
            "ci_high": high,
        }
    }


def _plainly(rows: _Rows) -> dict[str, Any]:
    above = rows.score >= 0
    return naive.facts([naive.apart(rows.outcome[above], rows.outcome[~above])])


def _checks(
    rows: _Rows, options: Options, found: Jump, h: float, panel: Panel, tested: Tested | None
) -> Iterator[Check]:
    yield density.judged(tested)
    yield _balance(rows, options.variance, panel.declared.covariates)
    yield _placebo(rows, options.variance)
    yield _near(found)
    if rows.takeup is not None:
        yield _took_up(found)
    below = (rows.score < 0) & (rows.score > -h)
    spread = float(rows.outcome[below].std(ddof=1)) if below.sum() > 1 else math.nan
    yield weighing.power(found.robust, spread, worth=options.worth)


def _balance(rows: _Rows, variance: Variance, names: tuple[str, ...]) -> Check:
    """Whether figures from before the decision jump at the cutoff as well."""
    if not names:
        said = Words(
            "공변량을 정하지 않아 물을 수 없습니다.", "No covariates, so it cannot be asked."
        )
        return Check("balance", None, "skipped", said)
    jumps: list[tuple[float, str]] = []
    for place, name in enumerate(names):
        chance = _chance(rows, rows.covariates[:, place], variance)
        if chance is not None:
            jumps.append((chance, name))
    if not jumps:
        said = Words("공변량의 도약을 셀 수 없습니다.", "No covariate's jump can be solved.")
        return Check("balance", None, "skipped", said)
    least, worst = min(jumps)
    joint = min(1.0, least * len(jumps))
    verdict: Verdict = "fail" if joint < REJECTED else "warn" if joint < DOUBTED else "ok"
    return Check(
        "balance",
        joint,
        verdict,
        Words(
            f"지원 전 수치 {len(jumps)}개 가운데 “{worst}”의 도약이 가장 뚜렷합니다"
            f"(여러 번 물은 것을 감안한 확률 {weighing.chance(joint)})."
            + ("" if verdict == "ok" else " 기준점 양쪽의 신청자가 서로 다릅니다."),
            f"Of {len(jumps)} figures from before, “{worst}” jumps most clearly "
            f"(chance, counting all questions, {weighing.chance(joint)})."
            + ("" if verdict == "ok" else " Applicants differ on the two sides of the cutoff."),
        ),
        {"covariates": [{"covariate": name, "p": chance} for chance, name in jumps]},
    )


def _chance(
    rows: _Rows, outcome: Floats, variance: Variance, kept: Any = slice(None), shift: float = 0.0
) -> float | None:
    """The chance of a jump as large without any; None where it cannot be solved."""
    try:
        given = _design(rows, outcome[:], variance, adjusted=False, kept=kept, shift=shift)
        found = local_lines.jump(given, *local_lines.bandwidths(given))
    except Refusal:
        return None
    if not found.robust > 0:
        return None
    return weighing.two_sided(found.corrected, found.robust)


def _placebo(rows: _Rows, variance: Variance) -> Check:
    """Whether the outcome jumps where nothing was decided: at each side's median score."""
    asked_at = []
    for side in (rows.score < 0, rows.score >= 0):
        middle = float(np.median(rows.score[side]))
        chance = _chance(rows, rows.outcome, variance, side, middle)
        if chance is not None:
            asked_at.append({"score": middle, "p": chance})
    if not asked_at:
        said = Words(
            "한쪽만으로는 점수가 모자라 물을 수 없습니다.",
            "Too few scores on one side alone to ask.",
        )
        return Check("placebo", None, "skipped", said)
    least = min(1.0, min(row["p"] for row in asked_at) * len(asked_at))
    verdict: Verdict = "warn" if least < DOUBTED else "ok"
    return Check(
        "placebo",
        least,
        verdict,
        Words(
            f"아무 결정도 없던 점수에서 도약이 보일 확률은 {weighing.chance(least)}입니다."
            + ("" if verdict == "ok" else " 기준점이 아닌 곳에서도 결과가 뜁니다."),
            f"Jumps where nothing was decided: a chance of {weighing.chance(least)}."
            + ("" if verdict == "ok" else " The outcome jumps away from the cutoff as well."),
        ),
        {"cutoffs": asked_at},
    )


def _near(found: Jump) -> Check:
    least = min(found.rows_h)
    verdict: Verdict = "ok" if least >= FEW_NEAR else "warn"
    return Check(
        "cohort_size",
        float(least),
        verdict,
        Words(
            f"대역폭 안의 신청자는 아래 {found.rows_h[0]}, 위 {found.rows_h[1]}입니다."
            + ("" if verdict == "ok" else f" 한쪽이 {FEW_NEAR} 미만이라 구간을 믿기 어렵습니다."),
            f"{found.rows_h[0]} applicants below and {found.rows_h[1]} above within the bandwidth."
            + ("" if verdict == "ok" else f" Under {FEW_NEAR} on a side: an unsure interval."),
        ),
    )


def _took_up(found: Jump) -> Check:
    strength = (found.first / found.first_se) ** 2 if found.first_se > 0 else math.inf
    verdict: Verdict = "ok" if strength >= WEAK_FIRST else "warn"
    extra = {} if math.isfinite(strength) else {"status": "unbounded"}
    return Check(
        "first_stage",
        strength,
        verdict,
        Words(
            f"기준점에서 지원을 받는 비율이 {found.first:.3f}만큼 뜁니다(세기 {strength:.1f})."
            + ("" if verdict == "ok" else " 약해서 비율의 구간을 믿기 어렵습니다."),
            f"Take-up jumps by {found.first:.3f} at the cutoff (strength {strength:.1f})."
            + ("" if verdict == "ok" else " Too weak to trust the ratio's interval."),
        ),
        extra,
    )
