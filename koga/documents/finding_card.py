"""The card of a finding as a page of A4, in Korean or English; the same card, the same bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from koga.documents import typesetting
from koga.evaluate.cards.card import Card
from koga.figures import effects
from koga.figures.charts import Figure

_WORDS: Mapping[str, tuple[str, str]] = {
    "kicker": ("효과 평가", "Evaluation of effect"),
    "checks_title": ("검증", "The checks"),
    "net_title": ("총변화, 순효과, 든 돈", "Gross, net and cost"),
    "facts_title": ("무엇을, 누구와, 언제 견주었는가", "What is asked, who is compared with whom"),
    "not_said_title": ("이 평가가 말하지 않는 것", "What this does not say"),
    "proof_title": ("등록과 검산", "Registration and proof"),
}
_ESTIMATE = ("추정치", "The estimate")
_NO_EFFECT = ("효과로 읽을 수 없는 숫자", "Numbers that are no effect")


def pdf(card: Card, *, foot: str = "") -> bytes:
    """The card typeset; foot: the line below, such as the release it comes from."""
    figures = _figures(card)
    return typesetting.pdf("finding", _content(card, figures, foot), _pictures(figures))


def png(card: Card, *, foot: str = "", ppi: int = 96) -> list[bytes]:
    """Its pages as pictures."""
    figures = _figures(card)
    return typesetting.png("finding", _content(card, figures, foot), _pictures(figures), ppi=ppi)


Figures = Sequence[tuple[str, Figure]]


def _figures(card: Card) -> Figures:
    return effects.every(card)


def _pictures(figures: Figures) -> dict[str, str]:
    return {name: figure.wide for name, figure in figures}


def _content(card: Card, figures: Figures, foot: str) -> Mapping[str, Any]:
    at = 0 if card.language == "ko" else 1
    words = {name: both[at] for name, both in _WORDS.items()}
    interval = ("95% 구간", "95 % interval")[at]
    unit = card.unit[:1].upper() + card.unit[1:]
    return {
        **asdict(card),
        **words,
        "kicker": f"{words['kicker']} · {card.programme}",
        "foot": foot,
        "figures": [
            {"sentence": figure.sentence, "description": figure.description, "picture": name}
            for name, figure in figures
        ],
        "estimate_title": (_NO_EFFECT if card.state == "fail" else _ESTIMATE)[at],
        "estimate_heads": [("잰 것", "Measure")[at], unit, interval],
        "net_heads": [
            ("잰 것", "Measure")[at], ("값", "Value")[at], interval,
            ("어떻게 셈했는가", "How it is computed")[at],
        ],
        "proof": [[label, _broken(value)] for label, value in card.proof],
    }  # fmt: skip


def _broken(text: str) -> str:
    """A hash in groups of sixteen, so that it breaks on paper where a line ends."""
    words = [
        " ".join(word[at : at + 16] for at in range(0, len(word), 16)) if len(word) == 64 else word
        for word in text.split(" ")
    ]
    return " ".join(words)
