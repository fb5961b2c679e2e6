"""Plots of effects: every point with its interval, a hidden place without one."""

import re
from dataclasses import replace

from koga.evaluate.cards import card
from koga.figures import effects
from tests.evaluate.test_card import ABOUT, CHECKS, told


def test_given_a_card_when_plotted_then_every_point_has_its_bar_and_its_row() -> None:
    made = card.make(ABOUT, told(2.0), CHECKS, "en")

    events, groups = effects.event_study(made), effects.by_group(made)

    assert events is not None and groups is not None
    assert [row[0] for row in events.rows] == ["−3", "−2", "−1", "0", "+1", "+2"]
    assert events.rows[-1] == ("+2", "2.00", "1.50", "2.50")
    assert events.sentence == made.events_sentence
    assert "support begins" in events.wide and "support begins" in events.narrow
    names = [re.findall(r' id="([^"]+)"', each.wide) for each in (events, groups)]
    assert not set(names[0]) & set(names[1])


def test_given_a_hidden_place_when_plotted_then_it_is_a_ring_without_a_number() -> None:
    made = card.make(ABOUT, told(2.0), CHECKS, "ko")
    blank = replace(made.groups[0], value=None, low=None, high=None)
    drawn = effects.by_group(replace(made, groups=(blank, made.groups[1])))

    assert drawn is not None
    assert drawn.rows[0] == ("2024년 상반기", "–", "–", "–")


def test_given_a_card_without_estimates_when_plotted_then_there_is_no_plot() -> None:
    made = card.make(replace(ABOUT, state="registered"), [], [], "en")

    assert effects.event_study(made) is None and effects.by_group(made) is None
