"""Curves by months since: a published table, censoring, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from koga.core.problems import Refusal
from koga.evaluate.effects import survival

# Freireich et al. (1963), weeks in remission under 6-mercaptopurine, as in Kalbfleisch and
# Prentice (2002), table 1.1: S(6) .857, S(10) .753, S(16) .627, S(23) .448; Greenwood's error
# at 6 weeks .0764.
WEEKS = np.array(
    [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], dtype=float
)
RELAPSED = np.array([1] * 9 + [0] * 12, dtype=float)


def test_given_remissions_when_followed_then_the_published_curve_stands() -> None:
    steps = survival.curve(WEEKS, RELAPSED)

    shown = {step.month: round(step.survival, 3) for step in steps}
    assert shown == {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert [step.at_risk for step in steps] == [21, 17, 15, 12, 11, 7, 6]
    first = steps[0]
    assert (round(first.low, 3), round(first.high, 3)) == (0.620, 0.952)


def test_given_all_observed_when_followed_then_the_curve_is_the_share_left() -> None:
    months = np.random.default_rng(1).integers(1, 25, 500).astype(float)

    steps = survival.curve(months, np.ones(500))

    for step in steps:
        assert step.survival == pytest.approx(float(np.mean(months > step.month)))
    assert steps[-1].reached == 1.0


def test_given_a_rate_at_a_month_when_asked_then_later_observation_does_not_move_it() -> None:
    short = np.where(WEEKS > 12, 12.0, WEEKS)
    seen = np.where(WEEKS > 12, 0.0, RELAPSED)

    early = survival.at(survival.curve(short, seen), 11)
    late = survival.at(survival.curve(WEEKS, RELAPSED), 11)

    assert early is not None and late is not None
    assert early.survival == late.survival
    assert survival.at(survival.curve(WEEKS, RELAPSED), 3) is None


def test_given_wrong_months_when_followed_then_each_is_a_problem() -> None:
    with pytest.raises(Refusal) as refused:
        survival.curve(np.array([1.0, -2.0, np.nan]), np.array([1.0, 0.0, 2.0]))

    codes = [problem.code for problem in refused.value.problems]
    assert sorted(codes) == ["evaluate.not_binary", "evaluate.option", "evaluate.option"]
    with pytest.raises(Refusal):
        survival.curve(np.empty(0), np.empty(0))


def test_given_a_file_when_followed_then_the_frame_has_a_row_a_month(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    lines = [f"{int(week)},{int(seen)}" for week, seen in zip(WEEKS, RELAPSED, strict=True)]
    path.write_text("\n".join(["months,employed", *lines, ",0"]), encoding="utf-8")

    months, event = survival.read(path, months="months", event="employed")
    frame = survival.frame(survival.curve(months, event))

    assert frame.columns == ["month", "at_risk", "events", "survival", "low", "high", "reached"]
    assert frame.height == 7
