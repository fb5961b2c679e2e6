"""Who got what over time: one column a year, one part a member, paid out up and paid back down."""

from collections.abc import Sequence

from koga.core import money
from koga.core.fund_terms import FundRules
from koga.core.waterfall import Outcome
from koga.figures import charts, palette

SERIES_MAX = len(palette.SERIES)
"""At most so many members are drawn apart; the rest are one series."""


def who_got_what(
    rules: FundRules, outcome: Outcome, language: str, *, name: str = "who-got-what"
) -> charts.Figure:
    """Net payments by year and member, in won, with the sentence that reads the chart.

    name: unique on its page. A year without payments keeps its place, so time is to scale. Money
    that stays in the fund is not a payment and is left out.
    """
    years = _years(outcome)
    members = _by_size(rules, outcome)
    sentence = _sentence(outcome, members, years, language)
    if not members:
        return _nothing(name, sentence)
    drawn = members if len(members) <= SERIES_MAX else members[: SERIES_MAX - 1]
    rest = members[len(drawn) :]
    series = [
        charts.Series(code, _values(outcome, years, [code]), place)
        for place, code in enumerate(drawn)
    ]
    if rest:
        label = "그 밖" if language == "ko" else "others"
        series.append(charts.Series(label, _values(outcome, years, rest), SERIES_MAX - 1))
    largest = max((abs(value) for each in series for value in each.values), default=0)
    return charts.stacked_columns(
        [str(year) for year in years],
        series,
        charts.scale_of(largest, language),
        name=name,
        sentence=sentence,
        description=_description(language),
    )


def _nothing(name: str, sentence: str) -> charts.Figure:
    """A figure without a column: its sentence alone."""
    empty = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" role="img" '
        f'aria-labelledby="{name}-title"><title id="{name}-title">{sentence}</title></svg>'
    )
    return charts.Figure(empty, empty, sentence, [], [])


def _years(outcome: Outcome) -> list[int]:
    days = [line.day.year for line in outcome.lines if line.to]
    return list(range(min(days), max(days) + 1)) if days else []


def _by_size(rules: FundRules, outcome: Outcome) -> list[str]:
    """Members who took part, the largest net receiver first; ties in the order of the rules."""
    took_part = {line.to for line in outcome.lines}
    codes = [code for code in rules.members if code in took_part]
    return sorted(codes, key=lambda code: -outcome.totals[code])


def _values(outcome: Outcome, years: Sequence[int], codes: Sequence[str]) -> list[int]:
    return [
        sum(line.won for line in outcome.lines if line.day.year == year and line.to in codes)
        for year in years
    ]


def _sentence(outcome: Outcome, members: Sequence[str], years: Sequence[int], language: str) -> str:
    """What the chart says: the span, the sum, the largest receiver and its share of the sum."""
    korean = language == "ko"
    if not members:
        return "지급된 금액이 없습니다." if korean else "Nothing was paid out."
    total = sum(outcome.totals[code] for code in members)
    first = members[0]
    whole = money.in_words(total, language)
    own = money.in_words(outcome.totals[first], language)
    span = f"{years[0]}" if len(years) == 1 else f"{years[0]}–{years[-1]}"
    if korean:
        when = f"{span}년에" if len(years) == 1 else f"{span}년에 걸쳐"
        return f"{when} 모두 {whole}이 지급되었고, 가장 많이 받은 {first}의 몫은 {own}입니다."
    return f"In {span} {whole} was paid out in all, of which {first} received most, {own}."


def _description(language: str) -> str:
    if language == "ko":
        return "해마다 출자자별로 받은 금액에서 낸 금액을 뺀 값. 0 아래는 낸 쪽이 더 큰 해입니다."
    return "Each year's payments to each member less what it paid back; below zero it paid more."
