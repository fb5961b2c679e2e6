"""The words of a card of shares by months since: its heading, lead and table."""

from collections.abc import Iterator, Sequence

from koga.evaluate.cards import card_words
from koga.evaluate.cards.card_about import About
from koga.evaluate.cards.card_sums import Line
from koga.evaluate.finding import Estimate


def heading(about: About, main: Estimate, language: str) -> str:
    """What share got there, by which month."""
    share = f"{100 * (main.estimate or 0.0):.0f}%"
    month = "" if about.month is None else f"{about.month:g}"
    reached = main.name == "reached"
    if language == "ko":
        if reached:
            return f"시작한 뒤 {month}달 안에 {share}가 “{about.event}”에 이르렀습니다"
        return f"시작한 뒤 {month}달이 지나도록 {share}는 “{about.event}”에 이르지 않았습니다"
    if reached:
        return f"{share} reached “{about.event}” within {month} months of the start"
    return f"{share} had not reached “{about.event}” {month} months after the start"


def lead(about: About, language: str) -> str:
    """That a share is no effect."""
    if language == "ko":
        return "달마다 센 비율이며 지원의 효과가 아닙니다."
    return "A share counted month by month; it is no effect of support."


def lines(about: About, estimates: Sequence[Estimate], language: str) -> Iterator[Line]:
    """Shares at the months asked, of all and by group; the one told first in bold."""
    shown = [row for row in estimates if row.name == about.headline[1]]
    for row in shown:
        if row.event_time is None:
            continue
        first = row.group is None and row.event_time == about.month
        yield Line(
            _label(row, language), _percent(row.estimate), _interval(row, language),
            strong=first,
        )  # fmt: skip


def _label(row: Estimate, language: str) -> str:
    month = f"{row.event_time}달" if language == "ko" else f"month {row.event_time}"
    who = ("모두" if language == "ko" else "all") if row.group is None else str(row.group)
    return f"{who}, {month}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _interval(row: Estimate, language: str) -> str:
    if row.ci_low is None or row.ci_high is None:
        return ""
    return card_words.interval(100 * row.ci_low, 100 * row.ci_high, 1, language)
