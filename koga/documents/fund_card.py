"""The card of funds as pages of A4, in Korean or English; the same card, the same bytes."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from koga.documents import typesetting
from koga.evaluate.cards.fund_card import FundCard
from koga.evaluate.funds.funds import FundFinding
from koga.figures import funds as figures
from koga.figures.charts import Figure

_WORDS: Mapping[str, tuple[str, str]] = {
    "kicker": ("펀드 성과", "What the funds returned"),
    "ended_title": ("끝난 투자", "Deals that ended"),
    "checks_title": ("검증", "The checks"),
    "facts_title": ("무엇을, 무엇과 견주었는가", "What is compared with what"),
    "not_said_title": ("이 카드가 말하지 않는 것", "What this does not say"),
}
_ENDED = (("펀드", "기업 수", "원금 1에 회수"), ("Fund", "Firms", "Received for 1 invested"))


def pdf(card: FundCard, found: FundFinding, *, foot: str = "") -> bytes:
    """The card typeset; foot: the line below, such as the release it comes from."""
    drawn = figures.of_card(found, card.language)
    return typesetting.pdf("funds", _content(card, drawn, foot), _pictures(drawn))


def png(card: FundCard, found: FundFinding, *, foot: str = "", ppi: int = 96) -> list[bytes]:
    """Its pages as pictures."""
    drawn = figures.of_card(found, card.language)
    return typesetting.png("funds", _content(card, drawn, foot), _pictures(drawn), ppi=ppi)


def _pictures(drawn: Mapping[str, Figure]) -> dict[str, str]:
    return {name: figure.wide for name, figure in drawn.items()}


def _content(card: FundCard, drawn: Mapping[str, Figure], foot: str) -> Mapping[str, Any]:
    at = 0 if card.language == "ko" else 1
    return {
        **asdict(card),
        **{name: both[at] for name, both in _WORDS.items()},
        "foot": foot,
        "ended_heads": _ENDED[at],
        "group_head": ("묶음", "Group")[at],
        "figures": [
            {"sentence": figure.sentence, "description": figure.description, "picture": name}
            for name, figure in drawn.items()
        ],
    }
