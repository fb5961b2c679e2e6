"""A card as a file of its own, for a finding that no release holds: one page, one stylesheet."""

from pathlib import Path

from django.template import Context, Engine

from koga.evaluate.cards.card import Card
from koga.evaluate.cards.fund_card import FundCard
from koga.evaluate.funds.funds import FundFinding
from koga.site import funds
from koga.site.effects import TONES, figures

_ROOMS = Path(__file__).resolve().parents[1]
STYLESHEET = "card.css"


def html(card: Card) -> str:
    """The page; it links to `STYLESHEET` beside it and fetches nothing else."""
    content = {
        "card": card,
        "figures": figures(card),
        "language": card.language,
        "tone": TONES[card.state],
        "stylesheet": STYLESHEET,
        "on_site": False,
    }
    return _engine().get_template("site/card_alone.html").render(Context(content))


def funds_html(card: FundCard, found: FundFinding) -> str:
    """The card of funds as a page of its own, in the same way."""
    content = {
        "card": card,
        "figures": funds.figures(found, card.language),
        "language": card.language,
        "tone": TONES[card.state],
        "stylesheet": STYLESHEET,
        "on_site": False,
    }
    return _engine().get_template("site/funds_alone.html").render(Context(content))


def _engine() -> Engine:
    return Engine(
        dirs=[str(_ROOMS / "site" / "templates")],
        builtins=["koga.pages.templatetags.words"],
        libraries={"telling": "koga.site.templatetags.telling"},
    )


def stylesheet() -> str:
    """The site's stylesheet without its fonts."""
    text = (_ROOMS / "pages" / "static" / "koga" / "koga.css").read_text()
    return "\n".join(line for line in text.split("\n") if not line.startswith("@import"))
