"""Whether a difference-in-differences stands: trends before, overlap, cohorts, weights, bounds."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from koga.core.problems import Refusal
from koga.evaluate.effects import callaway, honest, twfe, weighing
from koga.evaluate.effects.callaway import Cells
from koga.evaluate.effects.weighing import LEVEL, POWER
from koga.evaluate.finding import Check, Verdict, Words
from koga.evaluate.panels.wide import Floats, Wide

REJECTED, DOUBTED = 0.05, 0.10
"""Chances of such trends before support, if they were parallel: below, failed; below, doubted."""
UNITS_A_CELL = 25
"""Treated units needed for every cell of a joint test of all cells; else event times are tested."""


def pre_trend(found: Cells, universal: Cells, effect: float) -> Check:
    """Whether treated and comparison units moved alike before support, and who could tell.

    A joint Wald test of every effect before support; with few treated units of the effects by
    event time, as Hotelling's F. Its power: the straight difference in trends it would see with a
    chance of 80 %, and the bias that trend would bring into the average effect (Roth 2022,
    "Pretest with caution", American Economic Review: Insights 4).

    found: cells with the base asked for. universal: the same, all against the period before.
    effect: the average effect, to hold the bias against.
    """
    tested = _tested(found)
    if tested is None:
        return Check(
            "pre_trend",
            None,
            "skipped",
            Words(
                "처치 전 기간이 하나뿐이라 추세를 견줄 수 없습니다.",
                "There is one period before support alone, so trends cannot be compared.",
            ),
        )
    chance, count, of = tested
    slope, bias = _power(universal)
    extra = {"of": of, "restrictions": count, "slope_detectable": slope, "bias_at_slope": bias}
    odds = weighing.chance(chance)
    seen = Words(
        f"처치 전 차이({count}개)가 모두 0이라면 이런 값이 나올 확률은 {odds}입니다.",
        f"Were the differences before support ({count}) all 0, such values had a chance of {odds}.",
    )
    if chance < REJECTED:
        told = Words(
            "평행추세가 성립하지 않으므로 이 설계의 수치는 효과로 읽을 수 없습니다.",
            "Trends were not parallel, so this design's number cannot be read as an effect.",
        )
        return Check("pre_trend", chance, "fail", _join(seen, told), extra)
    weak = bias is None or abs(bias) > abs(effect)
    told = _told(slope, bias, weak)
    verdict: Verdict = "warn" if chance < DOUBTED or weak else "ok"
    return Check("pre_trend", chance, verdict, _join(seen, told), extra)


def _join(first: Words, second: Words) -> Words:
    return Words(f"{first.ko} {second.ko}", f"{first.en} {second.en}")


def _told(slope: float | None, bias: float | None, weak: bool) -> Words:
    if slope is None or bias is None:
        return Words(
            "이 검정의 검정력은 셀 수 없습니다.", "The power of this test cannot be reckoned."
        )
    return Words(
        f"80%의 확률로 알아챌 기울기는 기간당 {slope:.3g}이고, 그 편향은 {bias:.3g}로 "
        + ("추정치보다 큽니다." if weak else "추정치보다 작습니다."),
        f"It would see a slope of {slope:.3g} a period with a chance of 80 %; that slope would "
        f"bias the estimate by {bias:.3g}, "
        + ("more than the estimate itself." if weak else "less than the estimate."),
    )


def _before(found: Cells) -> NDArray[np.int64]:
    return np.flatnonzero(
        [
            cell.time < cell.cohort and not cell.reference and not math.isnan(cell.effect)
            for cell in found.found
        ]
    )


def _tested(found: Cells) -> tuple[float, int, str] | None:
    """The chance of the differences before support, how many were tested, and which."""
    picked = _before(found)
    if not len(picked):
        return None
    treated = int(np.isfinite(found.wide.first).sum())
    effects = np.array([found.found[number].effect for number in picked])
    if treated >= UNITS_A_CELL * len(picked):
        size, rank = _wald(effects, found.covariance(picked))
        if rank == len(picked):
            return float(stats.chi2.sf(size, rank)), rank, "cells"
    averages = [
        part
        for part in callaway.average(found, "dynamic")
        if part.place is not None and part.place < 0 and math.isfinite(part.se)
    ]
    if not averages:
        return None
    influence = np.column_stack([part.influence for part in averages])
    effects = np.array([part.effect for part in averages])
    size, rank = _wald(effects, callaway.covariance(influence, found.wide))
    rest = max(treated - rank, 1)
    chance = float(stats.f.sf(size / rank * rest / (rest + rank - 1), rank, rest))
    return chance, rank, "event_times"


def _wald(effects: Floats, covariance: Floats) -> tuple[float, int]:
    """The Wald statistic on the directions the covariance knows, and how many they are."""
    scale = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    kept = values > 1e-8 * values.max()
    along = vectors[:, kept].T @ (effects / scale)
    return float(np.sum(along**2 / values[kept])), int(kept.sum())


def _power(universal: Cells) -> tuple[float | None, float | None]:
    """The slope seen with a chance of 80 %, and the bias it brings into the average effect."""
    parts = [
        part
        for part in callaway.average(universal, "dynamic")
        if part.place is not None and part.place < 0 and math.isfinite(part.se)
    ]
    after = [cell for cell in universal.found if cell.time >= cell.cohort]
    if not parts or not after:
        return None, None
    influence = np.column_stack([part.influence for part in parts])
    line = np.array([float(part.place or 0) + 1 for part in parts])
    size, rank = _wald(line, callaway.covariance(influence, universal.wide))
    if size <= 0:
        return None, None
    needed = optimize.brentq(
        lambda shift: stats.ncx2.sf(stats.chi2.ppf(LEVEL, rank), rank, shift) - POWER, 1e-6, 1e4
    )
    slope = math.sqrt(needed / size)
    sizes = {cohort: np.sum(universal.wide.first == cohort) for cohort in universal.wide.cohorts}
    weights = np.array([sizes[cell.cohort] for cell in after], dtype=float)
    spans = np.array([cell.time - cell.base for cell in after], dtype=float)
    return slope, slope * float(weights @ spans / weights.sum())


def cohort_size(wide: Wide) -> Check:
    """Whether cohorts are large enough for their errors, and not so small that they tell names."""
    sizes = {cohort: int((wide.first == cohort).sum()) for cohort in wide.cohorts}
    whole, least = sum(sizes.values()), min(sizes.values())
    verdict: Verdict = "fail" if whole < FEW else "warn" if least < FEW else "ok"
    said = Words(
        f"처치된 대상 {whole}, 가장 작은 코호트 {least}. "
        + {
            "ok": "오차를 셀 만합니다.",
            "warn": f"{FEW} 미만인 코호트의 수치는 오차가 크고 대상이 드러날 수 있습니다.",
            "fail": f"처치된 대상이 {FEW} 미만이라 오차를 믿을 수 없습니다. sdid를 쓰십시오.",
        }[verdict],
        f"{whole} treated units, {least} in the smallest cohort. "
        + {
            "ok": "Large enough for their errors.",
            "warn": f"Figures of cohorts under {FEW} are unsure and may single out units.",
            "fail": f"Fewer than {FEW} treated units: errors cannot be trusted. Use sdid.",
        }[verdict],
    )
    return Check("cohort_size", float(least), verdict, said, {"treated": whole})


FEW = 5
"""Units under which a cohort is small, for statistics and for disclosure."""
ALONE, CROWDED = 0.10, 0.01


def overlap(found: Cells, covariates: Sequence[str]) -> Check:
    """Whether treated units have their like among the comparison units, by the covariates."""
    if not covariates:
        return Check(
            "overlap",
            None,
            "skipped",
            Words(
                "공변량을 정하지 않아 물을 수 없습니다.", "No covariates, so it cannot be asked."
            ),
        )
    if found.failed:
        return Check(
            "overlap",
            None,
            "fail",
            Words(
                f"공변량만으로 처치 여부가 갈리거나 겹쳐 {found.failed}칸을 셀 수 없습니다.",
                f"{found.failed} cells cannot be solved: covariates separate treated from "
                "untreated units, or repeat each other.",
            ),
        )
    if not len(found.chances):
        return Check(
            "overlap",
            None,
            "skipped",
            Words(
                "reg는 처치 확률을 쓰지 않습니다. dr나 ipw로 물으십시오.",
                "reg uses no probability of treatment; ask with dr or ipw.",
            ),
        )
    share = float(np.mean(found.chances > 0.95))
    verdict: Verdict = "fail" if share > ALONE else "warn" if share > CROWDED else "ok"
    return Check(
        "overlap",
        share,
        verdict,
        Words(
            f"처치 확률이 0.95를 넘는 처치 대상의 비율은 {share:.1%}입니다."
            + ("" if verdict == "ok" else " 견줄 만한 비교 대상이 모자랍니다."),
            f"{share:.1%} of treated units have a probability of treatment above 0.95."
            + ("" if verdict == "ok" else " They lack their like in the comparison."),
        ),
        {"highest": float(found.chances.max())},
    )


FORBIDDEN = 0.10
"""Weight of the wrong-way comparisons from which the two-way regression is not to be read."""


def bacon(wide: Wide) -> Check:
    """How much of the two-way regression compares late cohorts with units treated before them."""
    kept = int((~np.isnan(wide.outcome).any(axis=1)).sum())
    try:
        shares = twfe.shares(wide)
    except (IndexError, ValueError, ZeroDivisionError):
        shares = []
    if not shares or not all(math.isfinite(share.effect) for share in shares):
        return Check(
            "bacon",
            None,
            "skipped",
            Words(
                "모든 기간에 관측된 대상이 모자라 나눌 수 없습니다.",
                "Too few units are seen in every period to split the regression.",
            ),
            {"shares": []},
        )
    wrong = sum(share.weight for share in shares if share.kind == "later_vs_earlier")
    verdict: Verdict = "ok" if wrong <= FORBIDDEN else "warn"
    part = "" if kept == wide.units else f" ({kept}/{wide.units})"
    return Check(
        "bacon",
        wrong,
        verdict,
        Words(
            f"이원고정효과 계수에서 이미 처치된 대상과 견준 비중은 {wrong:.1%}입니다{part}."
            + ("" if verdict == "ok" else " 그 계수는 효과로 읽지 마십시오."),
            f"{wrong:.1%} of the two-way coefficient compares with units treated before{part}."
            + ("" if verdict == "ok" else " Do not read that coefficient as an effect."),
        ),
        {
            "shares": [
                {"kind": share.kind, "weight": share.weight, "estimate": share.effect}
                for share in shares
            ]
        },
    )


STEADY = 1.0
FLAT = 1e-10
"""Least eigenvalue of the coefficients' correlations: below, too few units or clusters tell them
apart."""


def honest_did(
    study: twfe.Regression | None, *, relative_m: Sequence[float], smooth_m: Sequence[float]
) -> Check:
    """How far trends may part before the first effect of the event study is no longer told from 0.

    Value: the bound, as a multiple of the largest move between neighbouring periods before
    support, up to which the set for event time 0 excludes 0.
    """
    run = _run(study)
    if study is None or run is None:
        return Check(
            "honest_did",
            None,
            "skipped",
            Words(
                "사건연구의 처치 전후 기간이 이어져 있지 않거나, 대상이나 집락이 모자라 물을 수 "
                "없습니다.",
                "The event study lacks unbroken periods before and after support, or units or "
                "clusters enough to tell its coefficients apart.",
            ),
            {"sets": []},
        )
    picked, pre, post = run
    beta, sigma = study.effects[picked], study.covariance[np.ix_(picked, picked)]
    try:
        value = honest.breakdown(beta, sigma, pre=pre, post=post, event=0)
        sets = [
            bound.as_json()
            for event in range(post)
            for ask, bounds in ((honest.relative, relative_m), (honest.smooth, smooth_m))
            if bounds
            for bound in ask(beta, sigma, pre=pre, post=post, m=bounds, event=event)
        ]
    except Refusal as refused:
        problem = refused.problems[0]
        reason = Words(problem.message("ko"), problem.message("en"))
        return Check("honest_did", None, "skipped", reason, {"sets": []})
    verdict: Verdict = "ok" if value >= STEADY else "warn"
    extra = {"sets": sets} if math.isfinite(value) else {"sets": sets, "status": "unbounded"}
    return Check("honest_did", value, verdict, _steady(value, verdict == "ok"), extra)


def _steady(value: float, steady: bool) -> Words:
    if value == 0:
        return Words(
            "평행추세가 옳다 해도 처치 시작 기간의 효과는 0과 구별되지 않습니다.",
            "Even under parallel trends the effect in the first period is not told from 0.",
        )
    shown = f"{value:.2f}" if math.isfinite(value) else "∞"
    return Words(
        f"처치 뒤의 추세 차이가 처치 전 가장 큰 변동의 {shown}배를 넘으면 첫 기간의 효과가 0과 "
        "구별되지 않습니다." + ("" if steady else " 처치 전만큼만 어긋나도 결론이 바뀝니다."),
        "The effect in the first period is told from 0 as long as trends part by no more than "
        f"{shown} times their largest move before support."
        + ("" if steady else " A move as large as seen before would undo it."),
    )


def _run(study: twfe.Regression | None) -> tuple[NDArray[np.int64], int, int] | None:
    """Places of unbroken event times around the reference, how many before and after."""
    if study is None or not np.isfinite(study.covariance).all():
        return None
    size = np.sqrt(np.diag(study.covariance))
    if not (size > 0).all():
        return None
    if np.linalg.eigvalsh(study.covariance / np.outer(size, size))[0] < FLAT:
        return None
    places = {time: place for place, time in enumerate(study.event_times)}
    before: list[int] = []
    after: list[int] = []
    while -2 - len(before) in places:
        before.append(places[-2 - len(before)])
    while len(after) in places:
        after.append(places[len(after)])
    if not before or not after:
        return None
    return np.array([*reversed(before), *after]), len(before), len(after)
