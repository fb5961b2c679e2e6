"""A round decided by lot: the difference in means, and whether it can have been a lot.

The error allows unequal spreads in the two arms (Neyman), the interval is Welch's. Covariates do
not adjust the estimate; they ask whether the arms were alike before: jointly (Hansen and Bowers
2008, "Covariate balance in simple, stratified and clustered comparative studies", Statistical
Science 23) and one by one. Arms that a lot would hardly have drawn are not a randomised round.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from koga.core.problems import Problem, Refusal
from koga.evaluate.effects import naive, weighing
from koga.evaluate.finding import ARM_MEAN, ARMS, Check, Estimate, Finding, Verdict, Words
from koga.evaluate.panels.panel import Panel
from koga.evaluate.panels.wide import Floats

HEADLINE = ("difference_in_means", "difference_in_means")
REJECTED, DOUBTED = 0.001, 0.01
"""Chances of arms as different by lot: below, not a lot; below, doubted."""
FEW = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to estimate. worth: the smallest effect worth knowing, in the outcome's unit."""

    worth: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two means, its error and degrees of freedom."""

    effect: float
    se: float
    freedom: float


def difference(outcome: Floats, treated: Floats, weight: Floats, cluster: Floats) -> Difference:
    """The difference in means; by clusters where `cluster` is not empty."""
    means, parts = [], []
    for arm in (0.0, 1.0):
        inside = treated == arm
        share = weight[inside] / weight[inside].sum()
        mean = float(share @ outcome[inside])
        means.append(mean)
        parts.append((inside, share * (outcome[inside] - mean)))
    effect = means[1] - means[0]
    if len(cluster):
        return Difference(effect, *_by_cluster(parts, cluster))
    variances, counts = [], []
    for inside, pulls in parts:
        count = int(inside.sum())
        variances.append(float(pulls @ pulls) * count / (count - 1))
        counts.append(count)
    whole = sum(variances)
    below = sum(part**2 / (count - 1) for part, count in zip(variances, counts, strict=True))
    return Difference(effect, math.sqrt(whole), whole**2 / below if below > 0 else math.inf)


def classical(outcome: Floats, treated: Floats, weight: Floats) -> float:
    """The error of the difference as older papers print it: one spread for both arms.

    >>> round(classical(np.array([1.0, 2, 3, 5]), np.array([0.0, 0, 1, 1]), np.ones(4)), 4)
    1.118
    """
    rest, below = 0.0, 0.0
    for arm in (0.0, 1.0):
        inside = treated == arm
        pulls, values = weight[inside], outcome[inside]
        rest += float(pulls @ (values - pulls @ values / pulls.sum()) ** 2)
        below += 1 / float(pulls.sum())
    return math.sqrt(rest / max(len(outcome) - 2, 1) * below)


def _by_cluster(parts: list[tuple[Any, Floats]], cluster: Floats) -> tuple[float, float]:
    numbers = np.unique(cluster, return_inverse=True)[1]
    clusters = int(numbers.max()) + 1
    pull = np.zeros(len(numbers))
    for sign, (inside, pulls) in zip((-1, 1), parts, strict=True):
        pull[inside] = sign * pulls
    sums = np.bincount(numbers, weights=pull, minlength=clusters)
    small = clusters / (clusters - 1)
    return math.sqrt(small * float(sums @ sums)), float(clusters - 1)


def find(panel: Panel, options: Options | None = None, *, question: Words | None = None) -> Finding:
    """The effect of a randomised round with its checks."""
    chosen = options or Options()
    weighing.refuse_worth(chosen.worth)
    frame = panel.frame
    rows = frame.height
    outcome, treated = frame["outcome"].to_numpy(), frame["treated"].to_numpy()
    weight = frame["weight"].to_numpy() if "weight" in frame.columns else np.ones(rows)
    cluster = frame["cluster"].to_numpy() if "cluster" in frame.columns else np.empty(0)
    found = difference(outcome, treated, weight, cluster)
    if not found.se > 1e-12 * abs(found.effect):
        raise Refusal(Problem("evaluate.no_error", panel.declared.outcome))
    low, high = weighing.interval(found.effect, found.se, found.freedom)
    row = Estimate(*HEADLINE, found.effect, found.se, low, high, rows)
    covariates = frame.select(panel.covariates).to_numpy().reshape(rows, -1)
    spread = float(outcome[treated == 0].std(ddof=1))
    names = panel.declared.covariates
    return Finding(
        design="experiment",
        question=question or asked(panel),
        headline=HEADLINE,
        facts={
            **panel.facts(),
            "arms": {"untreated": int((treated == 0).sum()), "treated": int((treated == 1).sum())},
            "settings": {"level": weighing.LEVEL, "freedom": found.freedom},
            **naive.facts([replace(row, estimator=naive.NAIVE, name="treated_untreated")]),
        },
        estimates=(row, *_arm_means(outcome, treated, weight, cluster)),
        checks=(
            balance(covariates, treated, names, weight),
            _arms(treated),
            weighing.power(found.se, spread, worth=chosen.worth, freedom=found.freedom),
        ),
        extra={
            "classical": {
                "estimator": HEADLINE[0],
                "name": HEADLINE[1],
                "se": classical(outcome, treated, weight),
            }
        },
    )


def _arm_means(
    outcome: Floats, treated: Floats, weight: Floats, cluster: Floats
) -> Iterator[Estimate]:
    """The mean of each arm with its own interval; none where an arm is one cluster."""
    for arm, name in enumerate(ARMS):
        inside = treated == arm
        share = weight[inside] / weight[inside].sum()
        mean = float(share @ outcome[inside])
        pulls = share * (outcome[inside] - mean)
        if len(cluster):
            pulls = np.bincount(np.unique(cluster[inside], return_inverse=True)[1], weights=pulls)
        count = len(pulls)
        rows = int(inside.sum())
        if count < 2:
            yield Estimate(ARM_MEAN, name, mean, None, None, None, rows)
            continue
        se = math.sqrt(float(pulls @ pulls) * count / (count - 1))
        yield Estimate(ARM_MEAN, name, mean, se, *weighing.interval(mean, se, count - 1), rows)


def asked(panel: Panel) -> Words:
    """The question in words."""
    outcome = panel.declared.outcome
    return Words(
        f"뽑힌 사람의 “{outcome}”은(는) 뽑히지 않은 사람과 얼마나 다른가?",
        f"By how much does “{outcome}” of those drawn differ from that of those not drawn?",
    )


def balance(
    covariates: Floats, treated: Floats, names: tuple[str, ...], weight: Floats | None = None
) -> Check:
    """Whether a lot would have drawn arms as different as these; blanks count as their own group.

    Value: the chance, by a joint test of all covariates' differences in means. Beside it each
    covariate's means, and their difference in standard deviations.
    """
    if not names:
        return Check(
            "balance",
            None,
            "warn",
            Words(
                "공변량이 없어 추첨으로 나뉘었는지 물을 수 없습니다. --covariates를 주십시오.",
                "No covariates, so it cannot be asked whether a lot was drawn. Give --covariates.",
            ),
        )
    filled, labels = _filled(covariates, names)
    rows = list(_standing(filled, treated, labels))
    size, rank = _joint(filled, treated)
    chance = float(stats.chi2.sf(size, rank)) if rank else 1.0
    widest = max(rows, key=lambda row: abs(float(row["standardised"])))
    verdict: Verdict = "fail" if chance < REJECTED else "warn" if chance < DOUBTED else "ok"
    told = {
        "ok": Words("추첨으로 나올 만한 차이입니다.", "A lot may well draw such arms."),
        "warn": Words("추첨으로는 드문 차이입니다.", "A lot would seldom draw such arms."),
        "fail": Words(
            "추첨으로 나뉜 두 집단이 아니므로, 이 차이를 효과로 읽을 수 없습니다.",
            "These arms were not drawn by lot, so their difference is not an effect.",
        ),
    }[verdict]
    odds = weighing.chance(chance)
    return Check(
        "balance",
        chance,
        verdict,
        Words(
            f"추첨이라면 지원 전 수치가 이만큼 다를 확률은 {odds}입니다(가장 큰 차이: "
            f"“{widest['covariate']}” {float(widest['standardised']):+.2f} 표준편차). {told.ko}",
            f"By lot, figures from before would differ this much with a chance of {odds} "
            f"(widest: “{widest['covariate']}”, {float(widest['standardised']):+.2f} standard "
            f"deviations). {told.en}",
        ),
        {"covariates": rows, "statistic": size, "freedom": rank},
    )


def _filled(covariates: Floats, names: tuple[str, ...]) -> tuple[Floats, list[str]]:
    """Blanks at their column's mean, with a column of its own that says where they were."""
    columns, labels = [], []
    for place, name in enumerate(names):
        column = covariates[:, place]
        blank = np.isnan(column)
        if blank.all():
            continue
        columns.append(np.where(blank, np.nanmean(column), column))
        labels.append(name)
        if blank.any():
            columns.append(blank.astype(np.float64))
            labels.append(f"{name} (blank)")
    return np.column_stack(columns) if columns else np.empty((len(covariates), 0)), labels


def _standing(
    covariates: Floats, treated: Floats, labels: list[str]
) -> Iterator[dict[str, str | float]]:
    for place, name in enumerate(labels):
        on, off = covariates[treated == 1, place], covariates[treated == 0, place]
        spread = math.sqrt((on.var(ddof=1) + off.var(ddof=1)) / 2)
        gap = float(on.mean() - off.mean())
        yield {
            "covariate": name,
            "treated": float(on.mean()),
            "untreated": float(off.mean()),
            "standardised": gap / spread if spread > 0 else 0.0,
        }


def _joint(covariates: Floats, treated: Floats) -> tuple[float, int]:
    """The joint statistic of all differences in means, under a lot of fixed arms, and its rank."""
    on, off = float(treated.sum()), float(len(treated) - treated.sum())
    gap = covariates[treated == 1].mean(axis=0) - covariates[treated == 0].mean(axis=0)
    spread = covariates.std(axis=0, ddof=1)
    kept = spread > 0
    if not kept.any():
        return 0.0, 0
    correlation = np.atleast_2d(np.corrcoef(covariates[:, kept], rowvar=False))
    values, vectors = np.linalg.eigh(correlation)
    along = vectors.T @ (gap[kept] / spread[kept])
    large = values > 1e-8
    scale = 1 / on + 1 / off
    return float(np.sum(along[large] ** 2 / values[large]) / scale), int(large.sum())


def _arms(treated: Floats) -> Check:
    least = int(min((treated == 1).sum(), (treated == 0).sum()))
    verdict: Verdict = "ok" if least >= FEW else "warn"
    return Check(
        "cohort_size",
        float(least),
        verdict,
        Words(
            f"작은 쪽이 {least}입니다."
            + ("" if verdict == "ok" else f" {FEW} 미만이라 구간을 믿기 어렵습니다."),
            f"{least} in the smaller arm."
            + ("" if verdict == "ok" else f" Under {FEW}: an unsure interval."),
        ),
    )
