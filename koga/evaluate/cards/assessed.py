"""A registered plan carried out: its panel estimated, its checks asked, its naive figures beside.

Whatever keeps a plan from giving a number (no unit before support, too few units) is a failed
check with its reason, never an absence without one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koga.core.problems import Problem, Refusal
from koga.evaluate.effects import naive
from koga.evaluate.finding import ARM_MEAN, PATH, Check, Estimate, Finding, Mark, Verdict, Words
from koga.evaluate.panels import panel, panels
from koga.evaluate.panels.planned import Plan

if TYPE_CHECKING:
    import polars as pl

HEADLINES: Mapping[str, tuple[str, str]] = {
    "did": ("callaway_santanna", "simple"),
    "sdid": ("sdid", "sdid"),
    "rd": ("rd", "rd_robust"),
    "experiment": ("difference_in_means", "difference_in_means"),
}


@dataclass(frozen=True, slots=True)
class Assessed:
    """What came of a plan.

    state: the worst verdict of the checks. estimates: the design's, then the naive figures.
    checks: in the design's order. cohorts: (first period, units), None for never treated.
    headline: estimator and name of the estimate to print first. points: marks of its pictures.
    """

    state: Verdict
    estimates: tuple[Estimate, ...]
    checks: tuple[Check, ...]
    cohorts: tuple[tuple[Any, int], ...]
    headline: tuple[str, str]
    rows: int
    periods: tuple[Any, ...]
    points: tuple[Mark, ...] = ()


def assess(plan: Plan, frame: "pl.DataFrame") -> Assessed:
    """Carry a plan out on its panel, as `panels.build` makes it or `panels.read` reads it back."""
    plain = tuple(_naive(plan, frame))
    try:
        found = _found(plan, frame)
    except Refusal as refusal:
        return _refused(plan, frame, refusal.problems, plain)
    plain = plain or tuple(naive.of_facts(found.facts))
    told = found.facts.get("cohorts") or found.facts.get("starts", ())
    cohorts = tuple((row["first"], row["units"]) for row in told)
    return Assessed(
        state=found.verdict,
        estimates=(*found.estimates, *plain),
        checks=found.checks,
        cohorts=cohorts,
        headline=found.headline,
        rows=int(found.facts["rows"]["used"]),
        periods=tuple(found.facts.get("periods", ())),
        points=found.points,
    )


def _found(plan: Plan, rows: "pl.DataFrame") -> Finding:
    frame = panel.from_frame(rows, panels.declaration(plan), name=plan.code)
    if plan.design == "did":
        from koga.evaluate.effects import did

        options = did.Options(
            method=plan.method, base=plan.base, relative_m=plan.relative_m,
            smooth_m=plan.smooth_m, worth=plan.worth,
        )  # fmt: skip
        return did.find(frame, options, question=plan.question)
    if plan.design == "sdid":
        from koga.evaluate.effects import sdid

        return sdid.find(frame, sdid.Options(worth=plan.worth), question=plan.question)
    if plan.design == "rd":
        from koga.evaluate.effects import rd

        return rd.find(frame, rd.Options(worth=plan.worth), question=plan.question)
    from koga.evaluate.effects import experiment

    return experiment.find(frame, experiment.Options(worth=plan.worth), question=plan.question)


def _refused(
    plan: Plan, frame: "pl.DataFrame", problems: Sequence[Problem], plain: tuple[Estimate, ...]
) -> Assessed:
    """A plan whose panel cannot carry its design: failed, with every reason."""
    reasons = [
        " ".join(dict.fromkeys(problem.message(language) for problem in problems[:5]))
        for language in ("ko", "en")
    ]
    check = Check("panel", float(len(problems)), "fail", Words(*reasons))
    return Assessed(
        "fail", plain, (check,), (), HEADLINES[plan.design], frame.height, ()
    )  # fmt: skip


def _naive(plan: Plan, frame: "pl.DataFrame") -> list[Estimate]:
    """The plain figures of a panel by first support, which stand even where the design fails."""
    if plan.design != "did" or frame["first_treated"].null_count() == frame.height:
        return []
    return naive.of_frame(frame)


@cache
def code_sha256() -> str:
    """The hash of the code that estimates: every module of this room, by name."""
    digest = hashlib.sha256()
    room = Path(__file__).parents[1]
    for path in sorted(room.rglob("*.py")):
        name = path.relative_to(room).as_posix()
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


MINIMUM = 5
"""Units under which a figure is not published."""


def shown(assessed: Assessed) -> tuple[Estimate, ...]:
    """The estimates with small cells blanked, so that no few units can be told from them.

    The average of synthetic difference-in-differences speaks of few units by its design and
    stands. A cohort under the minimum, and where subtraction would give it away another, loses its
    figures; so does a figure by event time or period that rests on too few supported units.
    """
    treated = {first: units for first, units in assessed.cohorts if first is not None}
    if not treated:
        return _arms_shown(assessed.estimates)
    hidden = _hidden_cohorts(treated)
    periods = list(assessed.periods)

    def blank(row: Estimate) -> bool:
        if row.estimator == "sdid" and row.group is None:
            return False
        if row.estimator in (naive.NAIVE, PATH) or (
            row.estimator == "twfe" and row.event_time is None
        ):
            return sum(treated.values()) < MINIMUM
        if row.group is not None:
            return row.group in hidden
        told = _contributing(row, treated, periods)
        return sum(treated[first] for first in told) < MINIMUM or set(told) <= hidden != set()

    return tuple(_blanked(row) if blank(row) else row for row in assessed.estimates)


def _arms_shown(estimates: tuple[Estimate, ...]) -> tuple[Estimate, ...]:
    """Means of both arms blanked where one is too small: the difference would give it away."""
    few = any(row.estimator == ARM_MEAN and row.n < MINIMUM for row in estimates)
    return tuple(_blanked(row) if few and row.estimator == ARM_MEAN else row for row in estimates)


def _blanked(row: Estimate) -> Estimate:
    return replace(row, estimate=None, se=None, ci_low=None, ci_high=None, n=0)


def _contributing(row: Estimate, treated: Mapping[Any, int], periods: list[Any]) -> list[Any]:
    """The cohorts that a figure by event time or period speaks of."""
    place = {period: number for number, period in enumerate(periods)}
    if row.event_time is not None:
        return [first for first in treated if 0 <= place[first] + row.event_time < len(periods)]
    if row.time is not None:
        return [first for first in treated if place[first] <= place[row.time]]
    return list(treated)


def _hidden_cohorts(treated: Mapping[Any, int]) -> set[Any]:
    from koga.evaluate import small_cells

    groups, start = [], 0
    for first, units in treated.items():
        members = frozenset(range(start, start + units))
        groups.append(small_cells.Group("cohort", str(first), members))
        start += units
    whole = small_cells.Group("", "", frozenset(range(start)))
    protected = small_cells.protect([whole, *groups], MINIMUM)
    names = list(treated)
    return {names[place - 1] for place in protected.hidden if place > 0}
