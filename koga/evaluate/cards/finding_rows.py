"""What came of a plan as rows of the open tables, and whether a second computation gives the same.

Figures are published to six digits: what is left does not depend on the machine they came from.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from koga.core.problems import Problem, Refusal
from koga.evaluate.cards import assessed
from koga.evaluate.cards.assessed import Assessed
from koga.evaluate.finding import Check, Estimate, Mark
from koga.evaluate.panels import panels, planned
from koga.evaluate.panels.planned import Plan

Row = dict[str, Any]
DIGITS, PLACES = 6, 9
NEAR = 2e-5
"""Two computations agree where they differ by no more than this part: the last printed digit."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Cells of the row of the finding, rows of its estimates, of its checks and of its pictures."""

    result: Row
    estimates: list[Row]
    checks: list[Row]
    points: list[Row]


def of(plan: Plan, came: Assessed) -> Rows:
    """The rows of a plan carried out, small cells blanked."""
    shown = assessed.shown(came)
    return Rows(
        _of_result(came, shown),
        list(_estimates(plan.code, came.estimates, shown)),
        list(_checks(plan.code, came.checks)),
        list(_points(plan.code, came.points)),
    )


def _of_result(came: Assessed, shown: Sequence[Estimate]) -> Row:
    main = next(
        (row for row in shown if (row.estimator, row.name) == came.headline and _overall(row)),
        None,
    )
    told = {"state": came.state, "estimator": came.headline[0]}
    if main is None or main.ci_low is None:
        return told
    return told | _figures(main)


def _overall(row: Estimate) -> bool:
    return (row.group, row.time, row.event_time) == (None, None, None)


def _figures(row: Estimate) -> Row:
    return {name: published(getattr(row, name)) for name in ("estimate", "se", "ci_low", "ci_high")}


def _estimates(code: str, every: Sequence[Estimate], shown: Sequence[Estimate]) -> Iterator[Row]:
    rows = [
        {
            "finding": code,
            "estimator": row.estimator,
            "name": row.name,
            "place": place_of(row),
            "group": None if row.group is None else str(row.group),
            "time": None if row.time is None else str(row.time),
            "event_time": row.event_time,
            **_figures(row),
            "n": None if hidden else row.n,
            "hidden": hidden,
        }
        for row, hidden in _with_hidden(every, shown)
    ]
    yield from sorted(rows, key=lambda row: (row["estimator"], row["name"], _order(row)))


def _order(row: Row) -> tuple[str, str, int]:
    return (
        row["group"] or "",
        row["time"] or "",
        -99 if row["event_time"] is None else row["event_time"],
    )


def _with_hidden(
    every: Sequence[Estimate], shown: Sequence[Estimate]
) -> Iterator[tuple[Estimate, bool]]:
    for was, now in zip(every, shown, strict=True):
        yield now, now is not was


def place_of(row: Estimate) -> str:
    """What of a finding an estimate speaks of, as its key writes it.

    >>> place_of(Estimate("callaway_santanna", "dynamic", 1.0, 0.1, 0.8, 1.2, 90, event_time=-2))
    'e-2'
    """
    parts = []
    if row.group is not None:
        parts.append(f"g{row.group}")
    if row.time is not None:
        parts.append(f"t{row.time}")
    if row.event_time is not None and not parts:
        parts.append(f"e{row.event_time:+d}")
    return "/".join(parts) or "all"


def _checks(code: str, checks: Sequence[Check]) -> Iterator[Row]:
    for check in checks:
        yield {
            "finding": code,
            "check": check.name,
            "value": published(check.value),
            "verdict": check.verdict,
            "reason_ko": check.reason.ko,
            "reason_en": check.reason.en,
        }


def _points(code: str, marks: Sequence[Mark]) -> Iterator[Row]:
    """Marks in the order they are drawn; one of fewer than five units is left out."""
    places: Counter[tuple[str, str]] = Counter()
    for mark in sorted(marks, key=lambda mark: (mark.plot, mark.series, mark.x)):
        if mark.n is not None and mark.n < assessed.MINIMUM:
            continue
        places[mark.plot, mark.series] += 1
        yield {
            "finding": code,
            "plot": mark.plot,
            "series": mark.series,
            "place": places[mark.plot, mark.series],
            "x": published(mark.x),
            "x_to": published(mark.x_to),
            "value": published(mark.value),
            "low": published(mark.low),
            "high": published(mark.high),
            "n": mark.n,
        }


def published(value: float | None) -> Decimal | None:
    """A figure as it is published: to six digits, at most nine places; blank where unknown.

    >>> published(2.2581584751582464), published(1234567.8), published(float("inf"))
    (Decimal('2.25816'), Decimal('1234570'), None)
    """
    if value is None or not math.isfinite(value):
        return None
    text = f"{round(Decimal(f'{value:.{DIGITS}g}'), PLACES):f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


@dataclass(frozen=True, slots=True)
class Rerun:
    """Whether a finding came out again.

    finding: its code. held: whether the table is the withheld one. differing: what differs, as
    (place, published, computed). estimates: how many figures were compared.
    """

    finding: str
    held: bool
    estimates: int
    differing: tuple[tuple[str, str, str], ...]

    @property
    def ok(self) -> bool:
        """Whether everything agrees."""
        return self.held and not self.differing


def rerun(release: Any, code: str, content: bytes) -> Rerun:
    """Compute a finding of an open release again from its withheld table.

    The plan is the one in the release; a `Refusal` where the release has no such finding.
    """
    rows = {row["finding"]: row for row in release.rows("findings")}
    path = f"files/plans/{code}.toml"
    if code not in rows or not rows[code]["panel_sha256"]:
        expected = {"expected": ", ".join(rows) or "-"}
        raise Refusal(Problem("evaluate.no_finding", "finding", code, expected))
    plan = planned.parse(release.file(path).read_text(), code)
    held = hashlib.sha256(content).hexdigest() == rows[code]["panel_sha256"]
    if not held:
        return Rerun(code, False, 0, ())
    again = of(plan, assessed.assess(plan, panels.read(content)))
    told = [row for row in release.rows("finding_estimates") if row["finding"] == code]
    key = ("estimator", "name", "place")
    hidden = {tuple(row[name] for name in key) for row in told if row["hidden"]}
    shown = [row for row in again.estimates if tuple(row[name] for name in key) not in hidden]
    differing = list(_differing([row for row in told if not row["hidden"]], shown, key, _FIGURES))
    asked = [row for row in release.rows("finding_checks") if row["finding"] == code]
    differing += _differing(asked, again.checks, ("check",), ("value", "verdict"))
    marks = [row for row in release.rows("finding_points") if row["finding"] == code]
    if marks:
        differing += _differing(marks, again.points, _MARK, ("x", "x_to", "value", "low", "high"))
    return Rerun(code, True, len(told), tuple(differing))


_MARK = ("plot", "series", "place")
_FIGURES = ("estimate", "se", "ci_low", "ci_high", "n")


def _differing(
    told: Sequence[Mapping[str, Any]], again: Sequence[Mapping[str, Any]],
    key: Sequence[str], columns: Sequence[str],
) -> Iterator[tuple[str, str, str]]:  # fmt: skip
    first = {tuple(row[name] for name in key): row for row in told}
    second = {tuple(row[name] for name in key): row for row in again}
    for place in sorted(first.keys() | second.keys()):
        one, other = first.get(place, {}), second.get(place, {})
        for name in columns:
            if not _same(one.get(name), other.get(name)):
                where = "/".join(map(str, (*place, name)))
                yield where, str(one.get(name)), str(other.get(name))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return math.isclose(one, other, rel_tol=NEAR, abs_tol=10.0**-PLACES)
    return bool(one == other)
