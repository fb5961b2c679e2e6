"""Plots of a score round: both sides, the cutoff, and the same numbers as a table."""

import re

import pytest

from koga.evaluate.cards import card_reading
from koga.figures import effects, scores
from tests.evaluate.test_score_points import found


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_round_when_plotted_then_every_picture_has_its_table_and_sentence(
    language: str,
) -> None:
    came = found(fuzzy=True)
    made = card_reading.of_document(came.as_json(), "round").card(language)

    figures = dict(effects.every(made))

    assert list(figures) == ["score_outcome", "score_takeup", "score_density"]
    for name, figure in figures.items():
        marks = [mark for mark in came.points if mark.plot == name and mark.n]
        lines = 0 if name == "score_density" else 2
        assert len(figure.rows) == len(marks) + lines
        assert all(len(row) == len(figure.columns) + 1 for row in figure.rows)
        assert ("기준점" if language == "ko" else "cutoff") in figure.wide
        assert figure.sentence and figure.description
    names = [re.findall(r' id="([^"]+)"', figure.wide) for figure in figures.values()]
    assert len({each for found_in in names for each in found_in}) == sum(map(len, names))


def test_given_small_steps_when_an_axis_is_written_then_no_digit_is_cut() -> None:
    came = found(fuzzy=False, size=0.3)
    tiny = came.as_json()
    for mark in tiny["points"]:
        if mark["plot"] == "score_outcome":
            for key in ("value", "low", "high"):
                mark[key] = None if mark[key] is None else mark[key] / 1000
    made = card_reading.of_document(tiny, "round").card("en")

    figure = dict(effects.every(made))["score_outcome"]

    labels = re.findall(r">(−?0\.\d+)<", figure.wide)
    assert len(labels) == len(set(labels)) >= 4


def test_given_shares_when_plotted_then_they_are_percent_between_0_and_100() -> None:
    made = card_reading.of_document(found(fuzzy=True).as_json(), "round").card("en")
    figure = dict(effects.every(made))["score_takeup"]

    values = [float(cell) for row in figure.rows for cell in row[2:5] if cell != "–"]

    assert min(values) >= 0 and max(values) == pytest.approx(100, abs=20) and max(values) <= 100


def test_given_a_range_when_stepped_then_its_ends_are_within() -> None:
    for low, high in ((0.0, 0.0), (-3.0, 8.5), (1e-6, 3e-6), (38.2, 61.0)):
        marks = scores.steps(low, high)
        assert marks[0] <= low + 1e-12 and marks[-1] >= high - 1e-12
        assert len(set(marks)) == len(marks) <= 8
