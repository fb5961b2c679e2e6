"""What the charts of a simulation say: one sentence each, from templates over their own figures.

They compare and never praise or blame. Amounts are said as people say them; the table has the won.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from koga.core import money
from koga.figures.bands import Swing
from koga.figures.charts import Series
from koga.plan import measures
from koga.plan.figure import Figure as Told
from koga.plan.figure import Number

BANDS: Mapping[str, str] = {
    "ko": "진한 띠는 절반, 옅은 띠는 열에 아홉이 드는 폭입니다.",
    "en": "The dark band holds one half, the light band nine in ten.",
}
RANGES: Mapping[str, str] = {
    "ko": "막대는 평균, 가는 줄은 열에 아홉이 드는 폭입니다.",
    "en": "The bar is the mean, the thin line the range of nine in ten.",
}
TORNADO: Mapping[str, str] = {
    "ko": "가정 하나만 낮은 값과 높은 값으로 바꾼 평균. 건마다 뽑지 않고 기댓값으로 셈하며(fast), "
    "모두 같은 준난수 앞날 {paths}가지(씨앗 {seed})로 견줍니다. 자펀드는 하나로 셈하므로 가운데 "
    "선이 표의 평균과 조금 다를 수 있습니다.",
    "en": "The mean with one assumption alone at its low and high end. Deals by their expectation "
    "(fast engine), the same {paths} quasi-random futures (seed {seed}) at every end; sub-funds "
    "are taken as one, so the middle may differ a little from the tables.",
}
TORNADO_BASE: Mapping[str, str] = {
    "ko": "{base} · 기댓값(fast), 앞날 {paths}가지",
    "en": "{base} · fast, {paths} futures",
}
PEOPLE: Mapping[str, str] = {
    "ko": "해마다 단계별로 머무는 사람의 평균. 한 사람은 한 번 세고, 등록하지 않은 사람은 뺍니다.",
    "en": "Mean number of people in each state; each counted once, who never enrolled left out.",
}
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "ko": ("연도", "5%", "25%", "가운데", "75%", "95%", "평균", "계산 오차"),
    "en": ("Year", "5 %", "25 %", "Median", "75 %", "95 %", "Mean", "Error"),
}
SWING_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "ko": ("가정", "낮은 값", "그때", "높은 값", "그때"),
    "en": ("Assumption", "Low", "gives", "High", "gives"),
}
RANK: Mapping[str, str] = {"ko": "순위", "en": "Rank"}
REST: Mapping[str, str] = {"ko": "그 밖", "en": "others"}
MEAN: Mapping[str, str] = {"ko": "평균", "en": "mean"}
LINE: Mapping[str, str] = {"ko": "열에 아홉의 폭", "en": "nine in ten"}
RARE: Mapping[str, str] = {"ko": "20번에 1번 이하", "en": "in at most 1 of 20"}
ERROR_MIN = 1e-5
"""Below it (of won: below one) an error is that of the arithmetic and says nothing."""
_SHOWN_MIN = 0.005
"""From here on two decimals show a figure."""


def amount(value: Number, unit: str, language: str) -> str:
    """A figure as people say it.

    >>> amount(1_250_000_000_000, "KRW", "en"), amount(0.0512, "rate", "ko"), amount(None, "", "en")
    ('₩1.25 tn', '연 5.12%', 'undefined')
    >>> amount(-0.0166, "rate", "en")
    '−1.66 % a year'
    """
    if value is None:
        return "정의되지 않음" if language == "ko" else "undefined"
    if unit == measures.MONEY:
        return money.in_words(_short_won(round(value)), language).replace("-", "−")
    size = value * 100 if unit in ("rate", "share") else value
    whole = unit not in ("rate", "share") and abs(size) >= 100
    said = f"{size:,.0f}" if whole else f"{size:,.2f}".rstrip("0").rstrip(".")
    return _with_unit(said.replace("-", "−"), unit, language)


def error_words(size: Number, unit: str, language: str) -> str:
    """An error as people say it: one that two decimals do not show keeps its first figure.

    Nothing where there is none, or only that of the arithmetic.

    >>> error_words(0.00213, "multiple", "en"), error_words(36_266, "KRW", "en")
    ('0.002 times', '₩36,266')
    >>> error_words(1e-9, "rate", "ko")
    ''
    """
    scaled = (size or 0) * (100 if unit in ("rate", "share") else 1)
    if scaled < (1 if unit == measures.MONEY else ERROR_MIN):
        return ""
    if unit == measures.MONEY or scaled >= _SHOWN_MIN:
        return amount(size, unit, language)
    return _with_unit(f"{Decimal(f'{scaled:.1g}'):f}", unit, language)


def _with_unit(said: str, unit: str, language: str) -> str:
    if unit in ("rate", "share"):
        if language == "ko":
            return f"연 {said}%" if unit == "rate" else f"{said}%"
        return f"{said} % a year" if unit == "rate" else f"{said} %"
    word = measures.unit_word(unit, language)
    return f"{said}{word}" if language == "ko" else f"{said} {word}".strip()


def mean_and_tail(each: Told, language: str) -> str:
    """What stands at the end of a range: the mean by its name, and where one in twenty begins."""
    mean = amount(each.mean, each.unit, language)
    if each.p95 is None or not each.mean:
        return f"{MEAN[language]} {mean}"
    if not each.p95:
        return f"{MEAN[language]} {mean} · {RARE[language]}"
    return f"{MEAN[language]} {mean} · 95% {amount(each.p95, each.unit, language)}"


def _particle(word: str, closed: str, open_: str) -> str:
    """The Korean particle after a word: by whether its last syllable is closed.

    >>> _particle("순현금", "을", "를"), _particle("햇수", "을", "를"), _particle("IRR", "을", "를")
    ('을', '를', '을')
    """
    last = word.rstrip(")")[-1:]
    if "가" <= last <= "힣":
        return closed if (ord(last) - ord("가")) % 28 else open_
    return closed if last.upper() in "LMNR013678" else open_


def _short_won(won: int) -> int:
    """Won cut to three or four leading figures, as prose says them; the table keeps all.

    >>> _short_won(57_312_345_678_901), _short_won(-812_345_678_901), _short_won(12_345)
    (57300000000000, -812300000000, 12345)
    """
    size = abs(won)
    steps = ((10**14, 10**12), (10**13, 10**11), (10**12, 10**10), (10**8, 10**8), (10**6, 10**4))
    for least, step in steps:
        if size >= least:
            kept = (size + step // 2) // step * step
            return kept if won >= 0 else -kept
    return won


def fan(years: Sequence[Told], language: str, *, public: bool = False) -> str:
    """When the median future is lowest, and when it is back at nothing; of public money alone."""
    median = [each.p50 or 0 for each in years]
    low = min(range(len(median)), key=median.__getitem__)
    if median[low] >= 0:
        if language == "ko":
            return "가운데 앞날에서는 들어간 돈이 나온 돈을 넘는 해가 없습니다"
        return "In the median future no year has more paid in than received"
    depth = amount(-median[low], years[low].unit, language)
    at = years[low].year
    back = next((each.year for each in years[low:] if (each.p50 or 0) >= 0), None)
    if language == "ko":
        whose = "공공 돈만 보면 가운데 앞날에서" if public else "가운데 앞날에서"
        head = f"{whose} {at}년까지 순 {depth}이 들어가고"
        tail = (
            f"{back}년에 본전이 됩니다" if back else f"{years[-1].year}년까지 본전이 되지 않습니다"
        )
        return f"{head} {tail}"
    whose = "of public money alone, " if public else ""
    head = f"In the median future, {whose}{depth} net has been paid in by {at}"
    tail = f"and is back by {back}" if back else f"and is not back by {years[-1].year}"
    return f"{head} {tail}"


def losses(found: Sequence[tuple[str, Told]], language: str) -> str:
    """Which rank loses most on average, and how much once in twenty."""
    label, most = max(found, key=lambda pair: pair[1].mean or 0)
    if not most.mean and not most.p95:
        return "어느 순위도 잃지 않습니다" if language == "ko" else "No rank loses anything"
    mean, tail = (amount(value, most.unit, language) for value in (most.mean, most.p95))
    if not most.p95:
        if language == "ko":
            return f"가장 많이 잃는 것은 {label}로 평균 {mean}이고, 20번에 1번 이하로 잃습니다"
        return f"{label.capitalize()} money loses most: {mean} on average, in at most 1 of 20"
    if language == "ko":
        return f"가장 많이 잃는 것은 {label}로 평균 {mean}이고, 20번에 1번은 {tail}을 넘습니다"
    return f"{label.capitalize()} money loses most: {mean} on average, over {tail} once in twenty"


def cost(label: str, years: Sequence[Told], language: str) -> str:
    """In which year most is due on average, and how much once in twenty."""
    most = max(years, key=lambda each: each.mean or 0)
    mean, tail = (amount(value, most.unit, language) for value in (most.mean, most.p95))
    if mean == tail:
        told = f"{most.year}년이 {mean}으로 가장 큽니다" if language == "ko" else (
            f"highest in {most.year}, {mean}"
        )  # fmt: skip
        return f"{label}: {told}"
    if language == "ko":
        return f"{label}: {most.year}년이 평균 {mean}으로 가장 크고 20번에 1번은 {tail}을 넘습니다"
    return f"{label}: highest in {most.year}, {mean} on average and over {tail} once in twenty"


def people(series: Sequence[Series], years: Sequence[int], language: str) -> str:
    """How many have come into the pipeline by the last year, and where most of them are then."""
    last = [each.values[-1] for each in series]
    most = max(range(len(last)), key=last.__getitem__)
    total, own = f"{sum(last):,}", f"{last[most]:,}"
    label = series[most].label
    if language == "ko":
        most_of = f"‘{label}’{_particle(label, '이', '가')} {own}명으로 가장 많습니다"
        return f"{years[-1]}년까지 들어온 {total}명 가운데 {most_of}"
    return f"Of {total} people who ever came in, by {years[-1]} most are in “{label}”: {own}"


def people_unit(largest: int, language: str) -> str:
    """The unit of people along an axis."""
    if largest < 100_000:
        return "명" if language == "ko" else "people"
    return "천 명" if language == "ko" else "thousand people"


def tornado(swings: Sequence[Swing], base: Told, label: str, language: str) -> str:
    """Which assumption moves the figure most, from where to where."""
    if not swings:
        return "움직이는 가정이 없습니다" if language == "ko" else "No assumption moves it"
    first = swings[0]
    ends = sorted((first.at_low, first.at_high))
    low, high = (amount(value, base.unit, language) for value in ends)
    if language == "ko":
        whose = f"{label}{_particle(label, '을', '를')}"
        return f"{whose} 가장 크게 움직이는 가정은 {first.label}입니다: {low}에서 {high}까지"
    return f"{label} moves most with “{first.label}”: from {low} to {high}"
