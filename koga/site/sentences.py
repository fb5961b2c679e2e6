"""Headings that say what was found: templates over a page's own figures, in both languages.

They compare and never praise or blame. Where no template applies the answer is blank and the page
keeps its plain name.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from koga.core.dates import Period
from koga.site.telling import in_words, quarter, with_particle

_PARTS: Sequence[tuple[Fraction, str, str]] = (
    (Fraction(1, 2), "절반", "half"),
    (Fraction(2, 3), "셋 중 둘", "two thirds"),
    (Fraction(3, 4), "넷 중 셋", "three quarters"),
    (Fraction(4, 5), "다섯 중 넷", "four fifths"),
    (Fraction(9, 10), "열 중 아홉", "nine tenths"),
)
_NEAR = Fraction(2, 100)


def part_in_words(part: int, whole: int, language: str) -> str:
    """A part as people say it where it is within two hundredths of a plain one, else nothing.

    >>> part_in_words(76, 100, "ko"), part_in_words(76, 100, "en"), part_in_words(58, 100, "en")
    ('넷 중 셋', 'three quarters', '')
    """
    if whole <= 0 or not 0 < part <= whole:
        return ""
    share = Fraction(part, whole)
    for size, ko, en in _PARTS:
        if abs(share - size) <= _NEAR:
            return ko if language == "ko" else en
    return ""


def support(
    period: Period, unit: str, now: Mapping[str, int], before: Mapping[str, int], language: str
) -> str:
    """The front page's heading: what was given, and what the change consists of.

    now, before: money by instrument's word in this period and the same one a year earlier.

    >>> half = Period.parse("2026-H1")
    >>> support(half, "KRW", {"융자": 9 * 10**9, "보조": 10**9}, {"융자": 6 * 10**9}, "ko")
    '2026년 상반기에 지원 100억 원, 늘어난 몫의 넷 중 셋쯤은 융자입니다'
    >>> support(half, "KRW", {"grants": 3 * 10**9}, {"grants": 4 * 10**9}, "en")
    '₩3.00 bn given in 2026 H1, ₩1.00 bn less than in the same months a year before'
    """
    total, earlier = sum(now.values()), sum(before.values())
    if total <= 0:
        return ""
    spoken = in_words(total, unit, language)
    when = period.label(language)
    start = f"{when}에 지원 {spoken}" if language == "ko" else f"{spoken} given in {when}"
    if earlier <= 0:
        return start + _largest(now, total, language)
    rise = total - earlier
    if rise > 0:
        grown = {name: amount - before.get(name, 0) for name, amount in now.items()}
        name = max(grown, key=lambda each: (grown[each], each))
        part = part_in_words(grown[name], rise, language)
        if part and language == "ko":
            return f"{start}, 늘어난 몫의 {part}쯤은 {name}입니다"
        if part:
            return f"{start}; about {part} of the increase is {name}"
    return start + _beside(rise, unit, language)


def _largest(now: Mapping[str, int], total: int, language: str) -> str:
    name = max(now, key=lambda each: (now[each], each))
    part = part_in_words(now[name], total, language)
    if not part:
        return "" if language == "en" else "입니다"
    if language == "ko":
        return f", {part}쯤은 {name}입니다"
    return f"; about {part} of it is {name}"


def _beside(rise: int, unit: str, language: str) -> str:
    if language == "ko":
        if rise == 0:
            return ", 지난해 같은 기간과 같습니다"
        much = in_words(abs(rise), unit, language)
        return f", 지난해 같은 기간보다 {much} {'많습니다' if rise > 0 else '적습니다'}"
    if rise == 0:
        return ", the same as in the same months a year before"
    much = in_words(abs(rise), unit, language)
    return f", {much} {'more' if rise > 0 else 'less'} than in the same months a year before"


def over_time(
    quarters: Sequence[str], values: Mapping[str, Sequence[int]], unit: str, language: str
) -> str:
    """The reading of money by quarter: the largest part of the last quarter beside a year before.

    >>> over_time(["2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"],
    ...     {"융자": [33 * 10**9, 1, 1, 1, 61 * 10**9]}, "KRW", "ko")
    '2026년 2분기의 융자는 610억 원, 한 해 전 같은 분기보다 280억 원 많습니다'
    """
    if len(quarters) < 5 or not values:
        return ""
    name = max(values, key=lambda each: (values[each][-1], each))
    last, before = values[name][-1], values[name][-5]
    if last <= 0 or before <= 0 or last == before:
        return ""
    when, spoken = quarter(quarters[-1], language, long=True), in_words(last, unit, language)
    much = in_words(abs(last - before), unit, language)
    if language == "ko":
        side = "많습니다" if last > before else "적습니다"
        topic = with_particle(name, "은", "는")
        return f"{when}의 {topic} {spoken}, 한 해 전 같은 분기보다 {much} {side}"
    side = "more" if last > before else "less"
    first = f"{name[:1].upper()}{name[1:]}"
    return f"{first} in {when}: {spoken}, {much} {side} than in the same quarter a year before"


def by_sector(sectors: Mapping[str, int], total: int, unit: str, language: str) -> str:
    """The reading of money by sector: the largest, out of how much.

    >>> by_sector({"AI": 3 * 10**9, "bio": 10**9}, 4 * 10**9, "KRW", "en")
    'AI is the largest: ₩3.00 bn of ₩4.00 bn'
    """
    if total <= 0 or not sectors:
        return ""
    name = max(sectors, key=lambda each: (sectors[each], each))
    if sectors[name] <= 0:
        return ""
    part, whole = in_words(sectors[name], unit, language), in_words(total, unit, language)
    if language == "ko":
        return f"가장 큰 분야는 {name}, {whole} 가운데 {part}입니다"
    return f"{name} is the largest: {part} of {whole}"


def silent(names: Sequence[str], owed: int, language: str) -> str:
    """Who has not reported.

    >>> silent(["가관"], 12, "ko"), silent([], 12, "en")
    ('12곳 가운데 1곳이 아직 보고하지 않았습니다', 'Every agency that owed a statement has reported')
    """
    if not owed:
        return ""
    if language == "ko":
        if not names:
            return "보고할 기관이 모두 보고했습니다"
        return f"{owed}곳 가운데 {len(names)}곳이 아직 보고하지 않았습니다"
    if not names:
        return "Every agency that owed a statement has reported"
    return f"{len(names)} of {owed} agencies have not reported yet"


def scheme_values(name: str, stated: int, total: int, language: str) -> str:
    """How much of a scheme was ever stated.

    >>> scheme_values("성장 계획", 6, 160, "ko")
    '성장 계획: 값 160개 가운데 밝혀진 것은 6개입니다'
    """
    if not total:
        return ""
    if language == "ko":
        return f"{name}: 값 {total:,}개 가운데 밝혀진 것은 {stated:,}개입니다"
    return f"{name}: {stated:,} of its {total:,} values were ever stated"
