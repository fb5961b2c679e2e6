"""Pictures of a score round: what their marks rest on, and that they show the estimate itself."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from koga.evaluate.cards import card_reading
from koga.evaluate.effects import density, rd, score_points
from koga.evaluate.effects.score_points import Seen
from koga.evaluate.finding import Finding, Mark
from koga.evaluate.panels import panel
from koga.evaluate.panels.panel import Declaration


def found(*, grid: bool = False, fuzzy: bool = False, size: float = 3.0, seed: int = 4) -> Finding:
    """A round of 1,200 applicants with a cutoff of 60 and an effect of `size`."""
    generator = np.random.default_rng(seed)
    score = np.clip(generator.normal(60, 12, 1200), 0, 100)
    score = np.round(score) if grid else score
    above = score >= 60
    taken = generator.random(1200) < np.where(above, 0.85, 0.1) if fuzzy else above
    outcome = 0.1 * score + size * taken + generator.normal(0, 2, 1200)
    frame = pl.DataFrame({"s": score, "y": outcome, "t": taken.astype(int)})
    declared = Declaration(
        design="rd", outcome="y", score="s", cutoff=60.0, treated="t" if fuzzy else ""
    )
    return rd.find(panel.from_frame(frame, declared))


def of(marks: tuple[Mark, ...], plot: str, series: str) -> list[Mark]:
    return [mark for mark in marks if (mark.plot, mark.series) == (plot, series)]


def at_cutoff(marks: list[Mark]) -> float:
    return min(marks, key=lambda mark: abs(mark.x)).value


def test_given_a_sharp_round_when_drawn_then_the_lines_part_by_the_conventional_estimate() -> None:
    came = found()

    below, above = (of(came.points, "score_outcome", f"line_{side}") for side in ("below", "above"))

    gap = at_cutoff(above) - at_cutoff(below)
    assert gap == pytest.approx(came.estimate("rd", "rd").estimate, abs=1e-9)


def test_given_a_fuzzy_round_when_drawn_then_both_gaps_give_the_ratio() -> None:
    came = found(fuzzy=True)

    gaps = [
        at_cutoff(of(came.points, plot, "line_above"))
        - at_cutoff(of(came.points, plot, "line_below"))
        for plot in ("score_outcome", "score_takeup")
    ]

    assert gaps[0] / gaps[1] == pytest.approx(came.estimate("rd", "rd").estimate, abs=1e-9)


@pytest.mark.parametrize("grid", [False, True])
def test_given_a_round_when_drawn_then_no_mark_rests_on_few_and_means_are_of_their_rows(
    grid: bool,
) -> None:
    came = found(grid=grid)

    counts = [mark.n for mark in came.points if mark.n is not None]
    assert min(counts) >= score_points.LEAST
    near = 3 * came.extra["bandwidths"]["h"]
    seen = came.extra["n"]["all"]
    means = [mark for mark in came.points if mark.plot == "score_outcome" and mark.n]
    assert sum(mark.n for mark in means) <= sum(seen)
    assert max(abs(mark.x) for mark in means) <= near


def test_given_equal_scores_when_binned_then_they_stay_together() -> None:
    score = np.repeat([-3.0, -2.0, -1.0], [12, 30, 11])
    seen = Seen(score, np.arange(53.0), np.ones(53))

    marks = list(score_points.of_values("score_outcome", seen, 2.0))

    shown = [(round(mark.x, 9), mark.n) for mark in marks if mark.n]
    assert shown == [(-3.0, 12), (-2.0, 30), (-1.0, 11)]
    assert marks[0].value == pytest.approx(5.5)


def test_given_even_scores_when_their_density_is_drawn_then_bars_and_line_agree_with_the_test() -> (
    None
):
    score = np.random.default_rng(8).normal(0, 1, 4000)
    tested = density.test(score)

    marks = tuple(score_points.of_density(score, tested, 0.6))

    bars = of(marks, "score_density", "above")
    assert tested is not None and bars[0].x == 0.0
    assert sum(mark.n or 0 for mark in bars) <= int((score >= 0).sum())
    for mark in bars:
        wide = (mark.x_to or 0.0) - mark.x
        assert mark.value * wide * 4000 == pytest.approx(mark.n)
    for number, side in enumerate(("below", "above")):
        (end,) = of(marks, "score_density", f"end_{side}")
        assert end.value == tested.line.ends[number][0]
        assert end.low is not None and end.high is not None
        line = at_cutoff(of(marks, "score_density", f"line_{side}"))
        assert end.low < line < end.high
        assert abs(line - 0.3989) < 0.06


def test_given_a_round_when_its_card_is_made_then_sentences_say_what_is_seen() -> None:
    came = found(grid=True, fuzzy=True)
    told = card_reading.of_document(came.as_json(), "round")

    ko, en = told.card("ko"), told.card("en")

    assert [plot.kind for plot in en.plots] == ["score_outcome", "score_takeup", "score_density"]
    assert en.plots[0].sentence == "Y: higher just above the cutoff than just below it"
    assert en.plots[1].sentence.startswith("At the cutoff the share supported goes from ")
    assert ko.plots[2].sentence == "점수가 기준점에서 몰리거나 끊긴 흔적이 보이지 않습니다"
    assert ko.heading.startswith("지원: 기준점을 넘으면 y가 ")
    assert "point of score" in en.plots[2].up


def test_given_no_effect_when_its_card_is_made_then_nothing_is_told_from_zero() -> None:
    told = card_reading.of_document(found(size=0.0, seed=5).as_json(), "round")

    made = told.card("en")

    assert made.heading == "Support, at the cutoff: no difference in y could be told from none"
    assert made.plots[0].sentence == "Y: no difference at the cutoff is told from 0"


def test_given_a_doubted_density_when_its_card_is_made_then_the_picture_does_not_deny_it() -> None:
    came = found(grid=True)
    doubted = tuple(
        dataclasses.replace(check, verdict="warn") if check.name == "density" else check
        for check in came.checks
    )
    told = card_reading.of_document(dataclasses.replace(came, checks=doubted).as_json(), "round")

    en, ko = (told.card(language).plots[-1] for language in ("en", "ko"))

    assert en.sentence == "Whether scores pile up at the cutoff is not clear"
    assert ko.sentence == "점수가 기준점에서 몰렸는지는 분명하지 않습니다"
    assert "95" not in en.note + ko.note
