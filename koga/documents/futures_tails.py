"""Tails of a simulation in words: risk by year with its errors, and the reverse stress.

Numbers drawn by importance sampling carry ‡, those that rest on too few paths †.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from koga.documents.futures_words import UNSETTLED_MARK, WEIGHED_MARK, Printed
from koga.documents.sheet import Table
from koga.plan.budget import risk, stress, tail_figures
from koga.plan.budget.reverse import Reverse
from koga.plan.budget.tail_figures import Tails
from koga.plan.figure import Figure
from koga.plan.money import pots
from koga.plan.result import Result
from koga.plan.schemes import words

_MARK = WEIGHED_MARK


def risk_tables(result: Result, printed: Printed, language: str) -> Iterator[Table]:
    """Expected and unexpected loss, value at risk and shortfall, by fiscal year and lifetime."""
    tails = result.tails
    if tails is None:
        return
    korean = language == "ko"
    means = [*result.series[tail_figures.NET], result.figures[tail_figures.COST]]
    told = list(zip(tails.rows, means, strict=True))
    year = "회계연도" if korean else "Fiscal year"
    title = "재정 순부담의 위험" if korean else "Risk of the net cost to budgets"
    yield Table(
        f"{title}: VaR ({printed.unit})",
        f"{_risk_words(language)} {method(tails, language)}",
        (year, "기대값" if korean else "Expected", "비기대손실" if korean else "Unexpected",
         *(f"VaR {level * 100:g}% {_MARK}" for level in risk.LEVELS)),
        ("word", *("number",) * 5),
        [_at_risk(row, mean, printed, language) for row, mean in told],
        (0.6, *(1,) * 5),
    )  # fmt: skip
    worth = "유효" if korean else "Eff."
    heads = [head for level in risk.LEVELS for head in (f"ES {level * 100:g}% {_MARK}", worth)]
    yield Table(
        f"{title}: ES ({printed.unit})",
        "ES 뒤의 수는 그 꼬리가 고르게 뽑은 앞날 몇 개와 맞먹는지입니다(유효 표본 크기)."
        if korean
        else "Behind each ES: how many evenly weighed paths its tail is worth (effective sample).",
        (year, *heads),
        ("word", *("number",) * 6),
        [_shortfall(row, printed, language) for row, _ in told],
        (0.6, *(1.3, 0.5) * 3),
    )


def _year(row: risk.Row, language: str) -> str:
    return str(row.year) if row.year else "전 기간" if language == "ko" else "Lifetime"


def _at_risk(row: risk.Row, mean: Figure, printed: Printed, language: str) -> list[str]:
    return [
        _year(row, language),
        f"{printed.won(mean.mean)} ± {printed.won(mean.error)}",
        measured(row.risk.unexpected, printed),
        *(_level(row.risk.at_risk[level], row.risk, level, printed) for level in risk.LEVELS),
    ]


def _shortfall(row: risk.Row, printed: Printed, language: str) -> list[str]:
    cells = [_year(row, language)]
    for level in risk.LEVELS:
        cells.append(_level(row.risk.shortfall[level], row.risk, level, printed))
        cells.append(f"{row.risk.effective[level]:,.0f}")
    return cells


def _level(found: risk.Measured, of: risk.Risk, level: float, printed: Printed) -> str:
    mark = "" if tail_figures.is_settled(of, level) else f" {UNSETTLED_MARK}"
    return measured(found, printed) + mark


def measured(found: risk.Measured, printed: Printed) -> str:
    """A number and its error in the table's unit.

    >>> measured(risk.Measured(12.4e9, 3.1e8), Printed(10**8, 0, "억 원"))
    '124 ± 3'
    """
    value, error = (round(each) if math.isfinite(each) else None
                    for each in (found.value, found.error))  # fmt: skip
    return f"{printed.won(value)} ± {printed.won(error)}"


def _risk_words(language: str) -> str:
    if language == "ko":
        return (
            "현금 기준, 명목. 비기대손실은 표준편차, VaR은 그 수준의 분위수, ES는 그 위의 "
            "평균입니다. "
            "해마다의 꼬리는 서로 다른 앞날에서 오므로 더해도 전 기간이 되지 않습니다. 전 기간은 "
            "끝에 "
            "남은 재정 몫의 자산을 뺀 것입니다."
        )
    return (
        "Cash, nominal. Unexpected is the standard deviation, VaR the quantile, ES the mean above "
        "it. Tails of single years come from different futures and do not add up; the lifetime is "
        "less what is left for budgets at the end."
    )


def method(tails: Tails, language: str) -> str:
    """How the marked numbers were drawn."""
    shifted = [law for law in tails.laws if law.shift]
    if not shifted:
        return ""
    shifts = ", ".join(f"{law.shift:+.2f}".replace("-", "−") for law in shifted)
    count = sum(law.paths for law in shifted)
    weight, error = tails.weight.value, tails.weight.error
    if language == "ko":
        return (
            f"{_MARK} 중요도 표집: 시장의 주성분을 표준편차의 {shifts}배 옮긴 앞날 "
            f"{count:,}가지를 더 뽑고 가중치로 되돌렸습니다. 가중치의 평균은 {weight:.3f} ± "
            f"{error:.3f}입니다(1이어야 함). {UNSETTLED_MARK} 표본이 적어 더 뽑아야 할 수."
        )
    return (
        f"{_MARK} Importance sampling: {count:,} more futures with the market's main "
        f"component moved by {shifts} standard deviations, weighed back; the mean weight is "
        f"{weight:.3f} ± {error:.3f} (it should be 1). {UNSETTLED_MARK} rests on too few paths."
    )


def reverse_table(result: Result, found: Reverse, language: str) -> Table:
    """What must happen before the protected rank loses: the market's factor of each year."""
    korean = language == "ko"
    seen = result.tails.seen if result.tails else None
    title = (
        "무슨 일이 있어야 보호받는 순위가 잃는가"
        if korean
        else "What must happen before the protected rank loses"
    )
    heads = (
        ["연도", "해마다 같은 충격", "가장 그럴 법한 길", "그때까지 시장"]
        if korean
        else ["Year", "Every year alike", "Most likely course", "Market so far"]
    )
    columns = [
        [str(found.first_year + place) for place in range(len(found.nearest.shift))],
        [_shift(each) for each in found.level.shift],
        [_shift(each) for each in found.nearest.shift],
        so_far(found.nearest.shift, found.volatility),
    ]
    if seen is not None and seen.means is not None and seen.errors is not None:
        mark = f" {_MARK}"
        heads += [("잃은 앞날의 평균" if korean else "Where it lost") + mark,
                  ("그때까지 시장" if korean else "Market so far") + mark]  # fmt: skip
        pairs = zip(seen.means, seen.errors, strict=True)
        columns.append([f"{_shift(mean)} ± {error:.2f}" for mean, error in pairs])
        columns.append(so_far(seen.means, found.volatility))
    return Table(
        title,
        sentence(result, found, language),
        heads,
        ("word", *("number",) * (len(heads) - 1)),
        [list(row) for row in zip(*columns, strict=True)],
        (0.7, *(1,) * (len(heads) - 1)),
    )


def so_far(shifts: Sequence[float] | np.ndarray, volatility: float) -> list[str]:
    """How far the market then stands below or above its ordinary course, year by year.

    >>> so_far([-1.0, -1.0, 0.0], 0.2)
    ['−18%', '−33%', '−33%']
    """
    levels = np.expm1(volatility * np.cumsum(np.asarray(shifts, dtype=np.float64)))
    return [_signed(level) for level in levels]


def _signed(level: float) -> str:
    return f"{level * 100:+.0f}%".replace("-", "−")


def _shift(deviations: float) -> str:
    return f"{deviations:+.2f}".replace("-", "−")


def sentence(result: Result, found: Reverse, language: str) -> str:
    """The reverse stress as a budget office reads it: how likely, and what the market does."""
    korean = language == "ko"
    said = [chance(result, language), _as_one(result, language)]
    if not found.nearest.found:
        far = f"{found.nearest.distance:.0f}"
        said.append(
            f"시장 요인이 표준편차의 {far}배까지 나빠지는 것만으로는 잃지 않습니다."
            if korean
            else f"Up to {far} standard deviations of the market alone it loses nothing."
        )
        return " ".join(part for part in said if part)
    year, level = _lowest(found.nearest.shift, found)
    far = f"{found.nearest.distance:.1f}"
    said.append(
        f"가장 그럴 법한 길은 주식시장이 {year}년 말에 보통의 길보다 {level} 낮은 것입니다"
        f"(평균에서 표준편차의 {far}배). 아래 표는 해마다의 시장 요인이며 1은 한 해의 "
        "표준편차입니다."
        if korean
        else f"The most likely way: the stock market stands {level} below its ordinary course at "
        f"the end of {year} ({far} standard deviations from the mean). The table has the "
        "market's factor of each year; 1 is a yearly standard deviation."
    )
    return " ".join(part for part in said if part)


def _as_one(result: Result, language: str) -> str:
    """That the search takes sub-funds as one, where their first losses are apart."""
    if not pots.settled_apart(result.scheme):
        return ""
    if language == "ko":
        return (
            "아래의 길은 건별 기댓값으로 찾으며, 자펀드마다 지는 우선손실도 그릇 하나로 셈합니다."
        )
    return (
        "The courses below are searched on expectations over deals, with first losses of sub-funds "
        "reckoned on the whole vehicle."
    )


def _lowest(shifts: np.ndarray, found: Reverse) -> tuple[int, str]:
    """By when the fall is over but for a twentieth, and how far below its ordinary course it is."""
    course = np.cumsum(shifts)
    place = int(np.argmax(course <= 0.95 * course.min()))
    depth = -math.expm1(found.volatility * float(course[place]))
    return found.first_year + place, f"{depth * 100:.0f}%"


def chance(result: Result, language: str) -> str:
    """How likely a loss of the protected rank is; empty where nobody is protected."""
    korean = language == "ko"
    tails = result.tails
    seen = tails.seen if tails else None
    if tails is None or seen is None or not math.isfinite(seen.chance_error):
        return ""
    word = words.RANK_WORDS[tails.rank]
    rank = word.ko if korean else word.en
    if not seen.paths:
        return (
            f"보호받는 순위({rank})는 뽑은 앞날 어디에서도 잃지 않았습니다."
            if korean
            else f"The protected rank ({rank}) lost on none of the futures drawn."
        )
    likely, error = percent(seen.chance), percent(seen.chance_error)
    often = f"{1 / seen.chance:,.0f}"
    if korean:
        return (
            f"보호받는 순위({rank})가 1원이라도 잃을 확률은 {likely}%(오차 ±{error}%p), "
            f"곧 앞날 {often}가지에 한 번꼴입니다 {_MARK}."
        )
    return (
        f"The protected rank ({rank}) loses a won or more with a chance of {likely}% (error "
        f"±{error} points), about one future in {often} {_MARK}."
    )


def percent(share: float) -> str:
    """A share in per cent with two figures at least, however small.

    >>> percent(0.0611), percent(0.0000258), percent(0.0), percent(1.0)
    ('6.11', '0.0026', '0', '100')
    """
    size = share * 100
    if size == 0:
        return "0"
    places = max(2, 1 - math.floor(math.log10(size)))
    return f"{size:.{places}f}".rstrip("0").rstrip(".") if size >= 1 else f"{size:.{places}f}"


def drivers_table(result: Result, language: str) -> Table | None:
    """What the lifetime cost follows most closely over the paths."""
    found = result.tails.drivers if result.tails else ()
    if not found:
        return None
    korean = language == "ko"
    title = "무엇이 전 기간 순부담을 움직이는가" if korean else "What drives the lifetime cost"
    note = (
        "앞날들의 순위상관(스피어만). −1에 가까우면 그것이 클 때 순부담이 작습니다."
        if korean
        else "Spearman's rank correlation over the futures; near −1: the more of it, the less cost."
    )
    heads = ("지표", "순위상관") if korean else ("Figure", "Rank correlation")
    return Table(
        title, note, heads, ("word", "number"), [_driver(each, result, language) for each in found],
        (2, 1),
    )  # fmt: skip


def _driver(each: stress.Driver, result: Result, language: str) -> list[str]:
    return [result.label(each.name, language), _shift(each.correlation)]
