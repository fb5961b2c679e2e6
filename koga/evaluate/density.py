"""Whether scores were pushed over the cutoff: a jump in how many there are on its two sides.

Scores that are nearly all different: the local polynomial density test of Cattaneo, Jansson and
Ma (2020), "Simple local polynomial density estimators", Journal of the American Statistical
Association 115, as diff-diff computes it (robust, order 2, jackknife errors). Scores on a grid
(whole points), where that test is not meant to be used: the jump of McCrary (2008), Journal of
Econometrics 142, on the counts of the grid's points themselves, by a log-linear line on each side
with errors widened where counts scatter more than by chance.
"""

import math
import warnings
from dataclasses import dataclass

import numpy as np
from scipy import stats

from koga.evaluate import weighing
from koga.evaluate.finding import Check, Verdict, Words
from koga.evaluate.wide import Floats

REJECTED, DOUBTED = 0.05, 0.10
GRID_SHARE = 0.2
"""Share of repeated scores on a side from which scores count as lying on a grid."""
POINTS_LEAST, POINTS_MOST = 4, 12
"""Points of the grid used on each side of the cutoff."""


@dataclass(frozen=True, slots=True)
class Tested:
    """A test of equal density at the cutoff. statistic: positive where there are more above."""

    statistic: float
    chance: float
    kind: str


def test(score: Floats) -> Tested | None:
    """The test for scores less their cutoff; None where there are too few near it."""
    sides = (score[score < 0], score[score >= 0])
    crowded = max(1 - len(np.unique(side)) / max(len(side), 1) for side in sides)
    return _grid(score) if crowded >= GRID_SHARE else _smooth(score)


def _smooth(score: Floats) -> Tested | None:
    import diff_diff
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = diff_diff.RDDensityTest().fit(pd.DataFrame({"score": score}), running="score")
        except (ValueError, np.linalg.LinAlgError):
            return None
    if not math.isfinite(found.p_value):
        return None
    return Tested(float(found.t_stat), float(found.p_value), "local_polynomial")


def _grid(score: Floats) -> Tested | None:
    seen, found = np.unique(score, return_counts=True)
    points: Floats = seen.astype(np.float64)
    counts: Floats = found.astype(np.float64)
    step = float(np.min(np.diff(points))) if len(points) > 1 else 0.0
    places = np.round((points - points[points >= 0].min()) / step) if step else points
    if step and np.allclose(points - points[points >= 0].min(), places * step, atol=step * 1e-3):
        whole = np.arange(places.min(), places.max() + 1)
        filled = np.zeros(len(whole))
        filled[(places - places.min()).astype(int)] = counts
        points, counts = whole, filled
    else:
        points = np.arange(-float((points < 0).sum()), float((points >= 0).sum()))
    left = points[(points < 0) & (points >= -POINTS_MOST)]
    right = points[(points >= 0) & (points < POINTS_MOST)]
    if min(len(left), len(right)) < POINTS_LEAST:
        return None
    near = np.isin(points, np.concatenate([left, right]))
    return _jump(points[near] + 0.5, counts[near])


def _jump(place: Floats, counts: Floats) -> Tested | None:
    """The jump at 0 of a log-linear line through counts, by Poisson regression."""
    above = (place > 0).astype(np.float64)
    design = np.column_stack([np.ones(len(place)), place, above, place * above])
    slope = np.linalg.lstsq(design, np.log(counts + 0.5), rcond=None)[0]
    for _ in range(50):
        mean = np.exp(np.clip(design @ slope, -30, 30))
        gram = design.T @ (design * mean[:, None])
        if np.linalg.cond(gram) > 1e12:
            return None
        step = np.linalg.solve(gram, design.T @ (counts - mean))
        slope = slope + step
        if np.abs(step).max() < 1e-9:
            break
    mean = np.exp(np.clip(design @ slope, -30, 30))
    spread = max(1.0, float(np.sum((counts - mean) ** 2 / mean)) / max(len(place) - 4, 1))
    se = math.sqrt(spread * float(np.linalg.inv(design.T @ (design * mean[:, None]))[2, 2]))
    statistic = float(slope[2]) / se
    if not math.isfinite(statistic):
        return None
    return Tested(statistic, float(2 * stats.norm.sf(abs(statistic))), "grid")


def check(score: Floats) -> Check:
    """The verdict of the test: below 5 % the scores are taken as manipulated and it fails."""
    found = test(score)
    if found is None:
        return Check(
            "density",
            None,
            "warn",
            Words(
                "기준점 가까이에 점수가 너무 적어 조작 여부를 물을 수 없습니다.",
                "Too few scores near the cutoff to ask whether they were pushed over it.",
            ),
        )
    rejected = found.chance < REJECTED
    verdict: Verdict = "fail" if rejected else "warn" if found.chance < DOUBTED else "ok"
    odds = weighing.chance(found.chance)
    side = Words("위", "above") if found.statistic > 0 else Words("아래", "below")
    said = Words(
        f"기준점 양쪽의 점수 밀도가 같다면 이런 차이가 날 확률은 {odds}입니다."
        + (
            f" 기준점 바로 {side.ko}에 점수가 몰려 있어 효과로 읽을 수 없습니다."
            if rejected
            else ""
        ),
        f"Were densities equal on both sides, such a difference had a chance of {odds}."
        + (
            f" Scores pile up just {side.en} the cutoff, so no effect can be read from it."
            if rejected
            else ""
        ),
    )
    extra = {"statistic": found.statistic, "test": found.kind}
    return Check("density", found.chance, verdict, said, extra)
