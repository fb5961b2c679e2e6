"""Whether scores were pushed over the cutoff: a jump in how many there are on its two sides.

Scores that are nearly all different: the local polynomial density test of Cattaneo, Jansson and
Ma (2020), "Simple local polynomial density estimators", Journal of the American Statistical
Association 115, as diff-diff computes it (robust, order 2, jackknife errors). Scores on a grid
(whole points), where that test is not meant to be used: the jump of McCrary (2008), Journal of
Econometrics 142, on the counts of the grid's points themselves, by a log-linear line on each side
with errors widened where counts scatter more than by chance.

Where everyone just below was lifted there are no scores left to draw a density through, and the
first test says nothing. So the scores nearest to the cutoff are counted as well: as many should
lie above as below (the binomial test of Cattaneo, Frandsen and Titiunik 2015, Journal of Causal
Inference 3), refused below 0.5 % so that both together refuse about one honest round in twenty.
"""

import math
import warnings
from dataclasses import dataclass

import numpy as np
from scipy import stats

from koga.evaluate.effects import weighing
from koga.evaluate.finding import Check, Verdict, Words
from koga.evaluate.panels.wide import Floats

REJECTED, DOUBTED = 0.05, 0.10
GRID_SHARE = 0.2
"""Share of repeated scores on a side from which scores count as lying on a grid."""
NEAREST, NEAREST_REJECTED = 50, 0.005
"""Scores nearest to the cutoff that are counted, and the chance below which they refuse."""
POINTS_LEAST, POINTS_MOST = 4, 12
"""Points of the grid used on each side of the cutoff."""
GRID_WIDEST = 1_000_000
"""Steps from the first to the last score of a grid; scores further apart lie on none."""
HELD_LEAST, TOGETHER = 5, (2, 5, 10, 20, 50, 100)
"""Scores a point of the grid should hold near the cutoff, and how many points go into one."""
DRAWN_LEAST = 10
"""Scores within reach of a place at which the line is drawn."""


@dataclass(frozen=True, slots=True)
class Line:
    """The line a test speaks of.

    reach: bandwidths left and right. ends: density at the cutoff from the left and from the right
    with its error. step: between points of a grid, 0 for none. slope: of the grid's log-linear
    line: level, slope, jump, change of slope; empty without a grid.
    """

    reach: tuple[float, float] = (0.0, 0.0)
    ends: tuple[tuple[float, float], ...] = ()
    step: float = 0.0
    slope: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Tested:
    """A test of equal density at the cutoff. statistic: positive where there are more above.

    below, above: of the scores nearest to the cutoff; nearest: the chance of such a split.
    """

    statistic: float
    chance: float
    kind: str
    below: int
    above: int
    nearest: float
    line: Line

    @property
    def rejected(self) -> bool:
        """Whether the scores are taken as manipulated."""
        split = self.kind != "grid" and self.nearest < NEAREST_REJECTED
        return self.chance < REJECTED or split


def test(score: Floats) -> Tested | None:
    """The test for scores less their cutoff; None where there are too few near it."""
    sides = (score[score < 0], score[score >= 0])
    crowded = max(1 - len(np.unique(side)) / max(len(side), 1) for side in sides)
    if crowded >= GRID_SHARE:
        found, kind = _grid(score), "grid"
    else:
        found, kind = _smooth(score), "local_polynomial"
    below, above = _nearest(score)
    nearest = float(stats.binomtest(above, below + above).pvalue) if below + above else 1.0
    if found is None:
        if kind == "grid" or nearest >= NEAREST_REJECTED:
            return None
        found, kind = (float(above - below) / math.sqrt(below + above), nearest, Line()), "nearest"
    statistic, chance, line = found
    return Tested(statistic, chance, kind, below, above, nearest, line)


def _nearest(score: Floats) -> tuple[int, int]:
    """How many of the nearest scores lie below and above; a quarter of a small round."""
    count = min(NEAREST, len(score) // 4)
    near = score[np.argsort(np.abs(score), kind="stable")[:count]]
    return int((near < 0).sum()), int((near >= 0).sum())


def _smooth(score: Floats) -> tuple[float, float, Line] | None:
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
    reach = float(found.h_left), float(found.h_right)
    ends = (found.f_left, found.se_left), (found.f_right, found.se_right)
    line = Line(reach, tuple((float(value), float(se)) for value, se in ends))
    return float(found.t_stat), float(found.p_value), line


def _grid(score: Floats) -> tuple[float, float, Line] | None:
    seen, found = np.unique(score, return_counts=True)
    points: Floats = seen.astype(np.float64)
    counts: Floats = found.astype(np.float64)
    step = float(np.min(np.diff(points))) if len(points) > 1 else 0.0
    if step and np.ptp(points) / step > GRID_WIDEST:
        step = 0.0
    places = np.round((points - points[points >= 0].min()) / step) if step else points
    if step and np.allclose(points - points[points >= 0].min(), places * step, atol=step * 1e-3):
        whole = np.arange(places.min(), places.max() + 1)
        filled = np.zeros(len(whole))
        filled[(places - places.min()).astype(int)] = counts
        points, counts, step = _together(whole, filled, step)
    else:
        step = 0.0
        points = np.arange(-float((points < 0).sum()), float((points >= 0).sum()))
    left = points[(points < 0) & (points >= -POINTS_MOST)]
    right = points[(points >= 0) & (points < POINTS_MOST)]
    if min(len(left), len(right)) < POINTS_LEAST:
        return None
    near = np.isin(points, np.concatenate([left, right]))
    return _jump(points[near] + 0.5, counts[near], step)


def _together(places: Floats, counts: Floats, step: float) -> tuple[Floats, Floats, float]:
    """Neighbouring points of a fine grid taken as one until a point near the cutoff holds enough.

    Twelve points of a tenth each reach too little around a cutoff to tell who was lifted over it.
    """
    found = places, counts, step
    for by in TOGETHER:
        near = np.abs(found[0] + 0.5) < POINTS_MOST
        if found[1][near].mean() >= HELD_LEAST:
            break
        first, end = math.ceil(places[0] / by), math.floor((places[-1] + 1) / by)
        if min(-first, end) < POINTS_LEAST:
            break
        inside = (places >= first * by) & (places < end * by)
        held = counts[inside].reshape(-1, by).sum(axis=1)
        found = np.arange(first, end, dtype=np.float64), held, step * by
    return found


def _jump(place: Floats, counts: Floats, step: float) -> tuple[float, float, Line] | None:
    """The jump at 0 of a log-linear line through counts, by Poisson regression."""
    above = (place > 0).astype(np.float64)
    design = np.column_stack([np.ones(len(place)), place, above, place * above])
    slope = np.linalg.lstsq(design, np.log(counts + 0.5), rcond=None)[0]
    for _ in range(50):
        mean = np.exp(np.clip(design @ slope, -30, 30))
        gram = design.T @ (design * mean[:, None])
        if np.linalg.cond(gram) > 1e12:
            return None
        moved = np.linalg.solve(gram, design.T @ (counts - mean))
        slope = slope + moved
        if np.abs(moved).max() < 1e-9:
            break
    mean = np.exp(np.clip(design @ slope, -30, 30))
    spread = max(1.0, float(np.sum((counts - mean) ** 2 / mean)) / max(len(place) - 4, 1))
    se = math.sqrt(spread * float(np.linalg.inv(design.T @ (design * mean[:, None]))[2, 2]))
    statistic = float(slope[2]) / se
    if not math.isfinite(statistic):
        return None
    line = Line(step=step, slope=tuple(slope.tolist()))
    return statistic, float(2 * stats.norm.sf(abs(statistic))), line


def drawn(score: Floats, line: Line, places: Floats) -> list[tuple[float, float]]:
    """The test's line at some places of one side, as scores a unit of score and applicant.

    Without a grid: the slope of the scores' distribution by a parabola, from that side alone.
    """
    if line.slope and line.step:
        level, slope, jump, change = line.slope
        above = float(places.max() > 0)
        counts = np.exp(level + jump * above + (slope + change * above) * places / line.step)
        return list(zip(places.tolist(), (counts / (len(score) * line.step)).tolist(), strict=True))
    if not line.ends:
        return []
    order = np.sort(score)
    share = (np.arange(len(order)) + 0.5) / len(order)
    side = order >= 0 if places.max() > 0 else order < 0
    found = []
    for place in places.tolist():
        away = order[side] - place
        kernel = np.maximum(1 - np.abs(away) / line.reach[int(places.max() > 0)], 0)
        if int((kernel > 0).sum()) < DRAWN_LEAST:
            continue
        rows = np.sqrt(kernel)[:, None] * (away[:, None] ** np.arange(3))
        height = np.linalg.lstsq(rows, np.sqrt(kernel) * share[side], rcond=None)[0][1]
        found.append((place, max(float(height), 0.0)))
    return found


def check(score: Floats) -> Check:
    """The verdict of the test: below 5 % the scores are taken as manipulated and it fails."""
    return judged(test(score))


def judged(found: Tested | None) -> Check:
    """The verdict of a test made before."""
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
    verdict: Verdict = "fail" if found.rejected else "warn" if found.chance < DOUBTED else "ok"
    split = found.chance >= REJECTED and found.rejected
    side = Words("위", "above") if found.above > found.below else Words("아래", "below")
    odds = weighing.chance(found.chance)
    said = Words(
        f"기준점 양쪽의 점수 밀도가 같다면 이런 차이가 날 확률은 {odds}입니다."
        + (f" 가장 가까운 점수는 아래 {found.below}, 위 {found.above}입니다." if split else "")
        + (
            f" 기준점 바로 {side.ko}에 점수가 몰려 있어 효과로 읽을 수 없습니다."
            if found.rejected
            else ""
        ),
        f"Were densities equal on both sides, such a difference had a chance of {odds}."
        + (f" Of the nearest, {found.below} lie below and {found.above} above." if split else "")
        + (
            f" Scores pile up just {side.en} the cutoff, so no effect can be read from it."
            if found.rejected
            else ""
        ),
    )
    extra = {
        "statistic": found.statistic,
        "test": found.kind,
        "nearest": {"below": found.below, "above": found.above, "p": found.nearest},
    }
    return Check("density", found.chance, verdict, said, extra)
