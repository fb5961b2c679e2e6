"""The typeset card: one page, the same bytes, in both languages."""

import pytest

from koga.documents import finding_card
from koga.evaluate.cards import card
from tests.evaluate.test_card import ABOUT, CHECKS, told


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_card_when_typeset_then_it_is_one_page_and_the_same_bytes(language: str) -> None:
    made = card.make(ABOUT, told(2.0), CHECKS, language)

    assert len(finding_card.png(made, ppi=40)) == 1
    assert finding_card.pdf(made, foot="release") == finding_card.pdf(made, foot="release")
