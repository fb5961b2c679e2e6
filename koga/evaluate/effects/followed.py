"""Survival as a finding: shares with the event by months since, by group, and whether groups part.

What is told is a share, not an effect: groups that were not drawn by lot may differ in anything.
Shares come from `survival.curve`; groups are compared by the log-rank test (Mantel 1966).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import stats

from koga.core.problems import Problem, Refusal
from koga.evaluate.effects import survival, weighing
from koga.evaluate.effects.survival import Step
from koga.evaluate.finding import Check, Estimate, Finding, Mark, Verdict, Words
from koga.evaluate.panels.panel import Panel
from koga.evaluate.panels.wide import Floats

Share = Literal["reached", "left"]
MONTHS = (6.0, 12.0, 24.0)
LEAST, FEW = 5, 20
"""Units still followed without which a share is not told; and under which it is doubted."""
PLOT, EVERYBODY = "survival", "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """at: months asked. share: told first, those with the event (reached) or without (left)."""

    at: Sequence[float] = MONTHS
    share: Share = "reached"


@dataclass(frozen=True, slots=True)
class Group:
    """Units followed: months to the event or to the last observation; event: 1 where it was seen.

    name: blank for all of them.
    """

    name: str
    months: Floats
    event: Floats
    steps: tuple[Step, ...]


def find(panel: Panel, options: Options | None = None, *, question: Words | None = None) -> Finding:
    """Shares by months since with their checks; a `Refusal` where nothing can be told."""
    chosen = options or Options()
    groups = _groups(panel)
    asked_at = _asked(groups[0], chosen)
    estimates = [row for group in groups for row in _rows(group, asked_at, chosen.share)]
    last = asked_at[-1]
    return Finding(
        design="survival",
        question=question or asked(panel),
        headline=("kaplan_meier", chosen.share),
        facts={
            **panel.facts(),
            "settings": {"at": asked_at, "share": chosen.share, "level": weighing.LEVEL},
            "headline_month": last,
            "groups": [
                {
                    "group": group.name or None,
                    "units": len(group.months),
                    "events": int(group.event.sum()),
                }
                for group in groups
            ],
        },
        estimates=tuple(estimates),
        checks=tuple(_checks(groups, last)),
        points=tuple(mark for group in _drawn(groups) for mark in _marks(group)),
    )


def asked(panel: Panel) -> Words:
    """The question in words."""
    event = panel.declared.treated
    return Words(
        f"시작한 뒤 몇 달 안에 얼마나 많은 대상이 “{event}”에 이르는가?",
        f"What share reach “{event}” within how many months of the start?",
    )


def _groups(panel: Panel) -> list[Group]:
    """Everybody, then each group by name."""
    frame = panel.frame
    months, event = frame["outcome"].to_numpy(), frame["treated"].to_numpy()
    found = [_group("", months, event)]
    if "group" in frame.columns:
        names = frame["group"].cast(str).to_numpy()
        found += [
            _group(str(name), months[names == name], event[names == name])
            for name in np.unique(names)
        ]
    return found


def _group(name: str, months: Floats, event: Floats) -> Group:
    return Group(name, months, event, tuple(survival.curve(months, event)))


def _asked(everybody: Group, options: Options) -> list[float]:
    """The months asked at which enough are still followed; the last observed one if none is."""
    if not options.at:
        raise Refusal(Problem("evaluate.option", "--at", "", {"expected": "6,12,24"}))
    known = [
        month
        for month in sorted({float(month) for month in options.at})
        if int((everybody.months >= month).sum()) >= LEAST
    ]
    if not known:
        longest = float(np.sort(everybody.months)[-min(LEAST, len(everybody.months))])
        expected = {"expected": f"≤ {longest:g}"}
        shown = ",".join(f"{month:g}" for month in options.at)
        raise Refusal(Problem("evaluate.option", "--at", shown, expected))
    return known


def _rows(group: Group, asked_at: Sequence[float], share: Share) -> Iterator[Estimate]:
    """The share told first at the last month asked, then both shares at every month."""
    place: dict[str, Any] = {"group": group.name or None}
    names: tuple[Share, ...] = ("reached", "left") if share == "reached" else ("left", "reached")
    if not group.name:
        yield _share(group, asked_at[-1], share, {})
    for name in names:
        for month in asked_at:
            if int((group.months >= month).sum()) >= LEAST:
                yield _share(group, month, name, {**place, "event_time": _whole(month)})


def _whole(month: float) -> Any:
    return int(month) if month == int(month) else month


def _share(group: Group, month: float, name: Share, place: dict[str, Any]) -> Estimate:
    step = survival.at(list(group.steps), month)
    rows = len(group.months)
    value, se, low, high = 1.0, None, math.nan, math.nan
    if step is not None:
        value, se, low, high = step.survival, step.error, step.low, step.high
    if math.isnan(low):
        low, high = _exact(value, step.at_risk if step else int((group.months >= month).sum()))
    if name == "reached":
        value = 1 - value
        low, high = 1 - high, 1 - low
    return Estimate("kaplan_meier", name, value, se, low, high, rows, **place)


def _exact(value: float, at_risk: int) -> tuple[float, float]:
    """The interval where nobody, or everybody, had the event: exact, by those still followed."""
    far = 0.025 ** (1 / max(at_risk, 1))
    return (far, 1.0) if value > 0 else (0.0, 1 - far)


def _checks(groups: Sequence[Group], last: float) -> Iterator[Check]:
    yield _size(groups)
    yield _follow_up(groups[0], last)
    if len(groups) > 2:
        yield _log_rank(groups[1:])


def _size(groups: Sequence[Group]) -> Check:
    least = min(len(group.months) for group in groups)
    verdict: Verdict = "fail" if least < LEAST else "warn" if least < FEW else "ok"
    said = Words(
        f"가장 작은 집단이 {least}입니다."
        + ("" if verdict == "ok" else f" {FEW} 미만이라 구간이 넓고 대상이 드러날 수 있습니다."),
        f"{least} in the smallest group."
        + ("" if verdict == "ok" else f" Under {FEW}: an unsure interval that may single out."),
    )
    return Check("cohort_size", float(least), verdict, said)


def _follow_up(everybody: Group, last: float) -> Check:
    """Whether enough are followed to the last month asked."""
    early = (everybody.months < last) & (everybody.event == 0)
    share = float(early.mean())
    still = int((everybody.months >= last).sum())
    verdict: Verdict = "warn" if share > 0.5 or still < FEW else "ok"
    said = Words(
        f"{last:g}달까지 지켜보지 못한 대상의 비율은 {share:.0%}이고, 그때까지 남아 지켜본 대상은 "
        f"{still}입니다."
        + ("" if verdict == "ok" else " 먼저 떠난 이가 남은 이와 같다는 가정에 크게 기댑니다."),
        f"{share:.0%} were not followed to month {last:g}; {still} were still followed then."
        + ("" if verdict == "ok" else " It leans on those lost being like those who stayed."),
    )
    return Check("follow_up", share, verdict, said, {"still_followed": still})


def _log_rank(groups: Sequence[Group]) -> Check:
    size, freedom = log_rank([(group.months, group.event) for group in groups])
    chance = float(stats.chi2.sf(size, freedom)) if freedom else 1.0
    odds = weighing.chance(chance)
    return Check(
        "log_rank",
        chance,
        "ok",
        Words(
            f"집단마다 같았다면 곡선이 이만큼 벌어질 확률은 {odds}입니다. 추첨으로 나뉜 집단이 "
            "아니면 이 차이는 지원의 효과가 아닙니다.",
            f"Were groups alike, curves would part so much with a chance of {odds}. Unless groups "
            "were drawn by lot, that difference is no effect of support.",
        ),
        {"statistic": size, "freedom": freedom},
    )


def log_rank(groups: Sequence[tuple[Floats, Floats]]) -> tuple[float, int]:
    """The log-rank statistic of several groups (months, event) and its degrees of freedom.

    >>> import numpy as np
    >>> early, late = np.array([1.0, 2, 3, 4]), np.array([5.0, 6, 7, 8])
    >>> size, freedom = log_rank([(early, np.ones(4)), (late, np.ones(4))])
    >>> round(size, 3), freedom
    (7.344, 1)
    """
    times = np.unique(np.concatenate([months[event == 1] for months, event in groups]))
    gap = np.zeros(len(groups))
    spread = np.zeros((len(groups), len(groups)))
    for time in times:
        risk = np.array([float((months >= time).sum()) for months, _ in groups])
        events = np.array(
            [float(((months == time) & (event == 1)).sum()) for months, event in groups]
        )
        whole, hit = risk.sum(), events.sum()
        share = risk / whole
        gap += events - hit * share
        if whole > 1:
            scale = hit * (whole - hit) / (whole - 1)
            spread += scale * (np.diag(share) - np.outer(share, share))
    rank = int(np.linalg.matrix_rank(spread)) if len(times) else 0
    return float(gap @ np.linalg.pinv(spread) @ gap) if rank else 0.0, rank


def _drawn(groups: Sequence[Group]) -> Sequence[Group]:
    return groups[1:] if len(groups) > 2 else groups[:1]


def _marks(group: Group) -> Iterator[Mark]:
    """Steps of the curve while enough are at risk; from the start on, where everybody is left."""
    name = group.name or EVERYBODY
    yield Mark(PLOT, name, 0.0, None, 1.0, None, None, len(group.months))
    for step in group.steps:
        if step.at_risk >= LEAST:
            low, high = (None if math.isnan(end) else end for end in (step.low, step.high))
            yield Mark(PLOT, name, step.month, None, step.survival, low, high, step.at_risk)
