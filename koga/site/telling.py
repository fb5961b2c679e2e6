"""Numbers, units, days and names as people read them, in Korean or English.

Exact everywhere but where the name says `in_words`: words are cut to leading figures towards zero
and the exact number stands beside them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from koga.core import money, units
from koga.core.dates import Period
from koga.core.korean import with_particle as with_particle
from koga.core.problems import Refusal
from koga.pages.counted import by_number
from koga.release.tables import MEASURES, Word
from koga.site.edition import SEOUL

_TAIL = re.compile(r"(.*\d)(\D*)")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_BOTH = re.compile(r"([^()]+(?:\([^()]*\)[^()]*)*) \((.+)\)")
_TORN = re.compile(
    r"(?<=[\d억조만]) (?=[\d억조만원건명]|bn|tn|m\b|million|billion|won)"
    r"|(?<=값) (?=\d)|(?<=한) (?=해 전)|(?<=한 해) (?=전)"
)
_PARTICLE = re.compile(r"(?<=%)(?=[\uac00-\ud7a3])")
_OTHER_UNITS = {
    "share": ("(전체를 1로)", "of 1"),
    "years": ("년", "years"),
    "projects": ("개 사업", "projects"),
}
"""Units of schemes that are neither commodities nor measures of statements."""
_MONTHS = (
    "January February March April May June July August September October November December"
).split()


@dataclass(frozen=True, slots=True)
class Said:
    """A number in words.

    number, unit: the big figure and the small word behind it. exact: the whole of it.
    """

    number: str
    unit: str
    exact: str

    def __str__(self) -> str:
        joint = "" if not self.unit or self.unit[0] in "억조만원명건석%" else " "
        return f"{self.number}{joint}{self.unit}"


def named(row: Mapping[str, Any], stem: str, language: str) -> str:
    """The Korean or English text of a row, the other where one is missing.

    >>> named({"name_ko": "가", "name_en": ""}, "name", "en")
    '가'
    """
    other = "en" if language == "ko" else "ko"
    return str(row[f"{stem}_{language}"] or row[f"{stem}_{other}"] or "")


def either(text: str | None, language: str) -> str:
    """A text written as “Korean / English” in the page's language; any other text whole.

    >>> either("두 번 적음 / entered twice", "en"), either("국비 / 시비", "en")
    ('entered twice', '국비 / 시비')
    """
    first, *rest = (text or "").split(" / ")
    if not rest or not _HANGUL.search(first) or _HANGUL.search(rest[0]):
        return text or ""
    chosen = first if language == "ko" else rest[0]
    return "; ".join(part.strip(" /") for part in (chosen, *rest[1:]) if part.strip(" /"))


def chosen_words(text: str, language: str) -> str:
    """Words written as “한국어 (English)”, one or several, in the page's language.

    >>> chosen_words("반도체 (Semiconductors); 우주 (Space)", "en"), chosen_words("≥ 100", "en")
    ('Semiconductors; Space', '≥ 100')
    """
    return "; ".join(_one(part, language) for part in text.split("; "))


def _one(part: str, language: str) -> str:
    found = _BOTH.fullmatch(part)
    if not found or not _HANGUL.search(found[1]) or _HANGUL.search(found[2]):
        return part
    return found[1] if language == "ko" else found[2]


def bound(text: str) -> str:
    """Text whose numbers are not torn from their units at a line's end, nor from a particle.

    >>> bound("지원 7,760억 원") == "지원 7,760억\u00a0원", bound("57%가") == "57%\u2060가"
    (True, True)
    """
    return _PARTICLE.sub("\u2060", _TORN.sub("\u00a0", text))


def word(words: Mapping[str, Word], code: str | None, language: str) -> str:
    """The word of a closed list's code; a code the list does not know is shown as it is."""
    if not code:
        return ""
    found = words.get(code)
    return code if found is None else (found.ko if language == "ko" else found.en)


def unit_word(code: str | None, language: str) -> str:
    """A unit as printed behind or above a number.

    >>> unit_word("KRW", "ko"), unit_word("DAYS", "en"), unit_word("M2-DAY", "ko")
    ('원', 'days', '㎡·일')
    """
    if not code:
        return ""
    if code in _OTHER_UNITS:
        return _OTHER_UNITS[code][0 if language == "ko" else 1]
    measure = MEASURES.get(code) or MEASURES.get(code.lower())
    if measure:
        return measure.ko if language == "ko" else measure.en
    try:
        commodity = units.find(code)
    except Refusal:
        return code
    return commodity.ko if language == "ko" else commodity.en


def is_money(code: str) -> bool:
    """Whether a unit is a currency."""
    return code in units.COMMODITIES and units.COMMODITIES[code].kind == "money"


def whole(amount: int, unit: str) -> Decimal:
    """Smallest parts of a unit as the number people read; an unknown unit is counted in ones."""
    try:
        return units.as_decimal(amount, unit)
    except Refusal:
        return Decimal(amount)


def exact(amount: int, unit: str) -> str:
    """Smallest parts of a unit as an exact number with separators.

    >>> exact(1234567, "KRW"), exact(-1414570262500, "EUR"), exact(500000, "GPU-HOUR-H100")
    ('1,234,567', '-14,145,702,625.00', '500')
    """
    number = whole(amount, unit)
    return f"{number:,f}" if is_money(unit) else decimal(number)


def decimal(number: Decimal | int | None) -> str:
    """A decimal with separators and without trailing zeros; nothing where it is unknown.

    >>> decimal(Decimal("1234.500")), decimal(Decimal("1E+4")), decimal(None)
    ('1,234.5', '10,000', '')
    """
    if number is None:
        return ""
    text = f"{Decimal(number):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def see(count: int, what: tuple[str, str], language: str) -> str:
    """The words of a link to what a figure counts: Korean and English behind the number.

    >>> see(681, ("줄", "line{|s}"), "ko"), see(1, ("줄", "line{|s}"), "en")
    ('681줄 보기', 'See 1 line')
    """
    if language == "ko":
        return f"{count:,}{what[0]} 보기"
    return f"See {count:,} {by_number(what[1], count)}"


def in_words(amount: int, unit: str, language: str) -> Said:
    """An amount as people say it.

    >>> str(in_words(776_000_000_000, "KRW", "ko")), str(in_words(1_840_500_000, "SEAT", "ko"))
    ('7,760억 원', '18억 석')
    >>> in_words(1_414_570_262_500, "EUR", "en").number
    'EUR 14.1'
    """
    said = f"{exact(amount, unit)} {unit_word(unit, language)}"
    number = int(whole(amount, unit))
    if not is_money(unit):
        head, tail = count_in_words(number, language)
        behind = unit_word(unit, language)
        return Said(head, f"{tail} {behind}".strip(), said)
    text = money.in_words(number, language)
    if unit != "KRW" and language == "ko":
        text = text.removesuffix("원").strip() + " " + unit_word(unit, "ko")
    elif unit != "KRW":
        text = text.replace("₩", unit + " ")
    found = _TAIL.fullmatch(text)
    head, tail = (found[1], found[2].strip()) if found else (text, "")
    return Said(head, tail, said)


def count_in_words(number: int, language: str) -> tuple[str, str]:
    """A count in leading figures and the word for their size, cut towards zero.

    >>> count_in_words(1_840_500, "ko"), count_in_words(1_120_411, "en"), count_in_words(4212, "ko")
    (('184', '만'), ('1.12', 'million'), ('4,212', ''))
    """
    sign, size = ("-" if number < 0 else ""), abs(number)
    if language == "ko" and size >= 10**8:
        text = money.in_words(size, "ko").removesuffix("원").strip()
        found = _TAIL.fullmatch(text)
        return (sign + found[1], found[2]) if found else (sign + text, "")
    if language == "ko" and size >= 10**5:
        return f"{sign}{size // 10**4:,}", "만"
    for name, step in (("billion", 10**9), ("million", 10**6)):
        if language == "en" and size >= step:
            whole_part, part = divmod(size * 100 // step, 100)
            return f"{sign}{whole_part:,}.{part:02d}", name
    return f"{number:,}", ""


def day(value: date | None, language: str) -> str:
    """A day in prose.

    >>> day(date(2026, 9, 30), "ko"), day(date(2026, 9, 30), "en")
    ('2026년 9월 30일', '30 September 2026')
    """
    if value is None:
        return ""
    if language == "ko":
        return f"{value.year}년 {value.month}월 {value.day}일"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def seoul(moment: datetime) -> datetime:
    """A moment on Korean clocks."""
    return moment.astimezone(SEOUL)


def span(period: Period, language: str) -> str:
    """The months of a period.

    >>> span(Period.parse("2026-H1"), "ko"), span(Period.parse("2026-H1"), "en")
    ('2026년 1월부터 6월까지', 'January to June 2026')
    """
    first, last = period.start.month, period.end.month
    if language == "ko":
        return f"{period.start.year}년 {first}월부터 {last}월까지"
    return f"{_MONTHS[first - 1]} to {_MONTHS[last - 1]} {period.start.year}"


def quarter(name: str, language: str, *, long: bool = False) -> str:
    """A quarter as a chart's axis or a sentence writes it.

    >>> quarter("2026-Q2", "ko"), quarter("2026-Q2", "ko", long=True), quarter("2026-Q2", "en")
    ('26 2Q', '2026년 2분기', '26 Q2')
    """
    year, part = name.split("-Q")
    if language == "ko":
        return f"{year}년 {part}분기" if long else f"{year[2:]} {part}Q"
    return f"{year} Q{part}" if long else f"{year[2:]} Q{part}"
