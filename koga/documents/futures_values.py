"""A scheme's figures as printed words: won exactly, shares in per cent, units in one language."""

from fractions import Fraction

from koga.core import money, units
from koga.core.problems import Refusal
from koga.plan import measures
from koga.plan.schemes import rows, values
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.shape import Scheme

_UNITS = {"m2": ("㎡", "m²"), "projects": ("건", "projects"), "count": ("건", "cases")}
_BARE = ("year", "date")


def value_words(scheme: Scheme, leaf: Leaf, language: str) -> str:
    """A leaf's value as it is printed: won in words, chosen words in one language."""
    if leaf.unit == measures.MONEY and isinstance(leaf.value, int):
        return _bounded(leaf) + won_words(leaf.value, language)
    both = rows.value_text(scheme, leaf)
    if isinstance(leaf.value, str | tuple):
        return "; ".join(one_language(part, language) for part in both.split("; "))
    if values.numeric(leaf.value) is None:
        return both
    unit = unit_words(leaf, language)
    gap = "" if language == "ko" else " "
    return f"{_bounded(leaf)}{_number(leaf, leaf.value)}{gap}{unit}".strip()


def _bounded(leaf: Leaf) -> str:
    return {"at_least": "≥ ", "at_most": "≤ "}.get(leaf.rule, "")


def won_words(won: int, language: str) -> str:
    """Won in words where those lose nothing, else every won.

    >>> won_words(12_500_000, "ko"), won_words(12_345_678, "ko"), won_words(12_500_000, "en")
    ('1,250만 원', '12,345,678원', '₩12.5 m')
    """
    steps = (
        ((10**8, 10**8), (10**4, 10**4), (0, 1))
        if language == "ko"
        else ((10**13, 10**11), (10**12, 10**10), (10**10, 10**8), (10**9, 10**7),
              (10**7, 10**5), (10**6, 10**4), (0, 1))
    )  # fmt: skip
    step = next(step for least, step in steps if abs(won) >= least)
    if won % step == 0:
        return money.in_words(won, language)
    return f"{won:,}원" if language == "ko" else f"₩{won:,}"


def unit_words(leaf: Leaf, language: str) -> str:
    """The unit behind a leaf's value; empty where the value says it.

    A unit of the books by its name there, one of measures by its name on charts.
    """
    if not leaf.unit or leaf.unit in ("share", measures.MONEY) or leaf.type in _BARE:
        return ""
    at = 0 if language == "ko" else 1
    if leaf.unit in _UNITS:
        return _UNITS[leaf.unit][at]
    if leaf.unit in measures.UNITS:
        return measures.UNITS[leaf.unit][at]
    try:
        found = units.find(leaf.unit)
    except Refusal:
        return leaf.unit
    return found.ko if language == "ko" else found.en


def number_words(leaf: Leaf, value: values.Value, language: str) -> str:
    """A number a leaf may have as it is printed."""
    if leaf.unit == measures.MONEY and isinstance(value, int):
        return won_words(value, language)
    return _number(leaf, value)


def _number(leaf: Leaf, value: values.Value) -> str:
    number = values.numeric(value)
    return values.text(value) if number is None else figure(number, leaf.unit, leaf.type)


def figure(number: int | Fraction, unit: str, kind: str) -> str:
    """A number as it is printed: shares in per cent to four figures, others to six.

    A year has no separator. kind: the type of its leaf.

    >>> figure(4000, "people", "number"), figure(Fraction(7, 30), "share", "rate")
    ('4,000', '23.33%')
    """
    if kind == "year":
        return str(number)
    if unit == "share":
        return f"{float(number * 100):.4g}%".replace("-", "−")
    if number.denominator == 1:
        return f"{int(number):,}".replace("-", "−")
    return f"{float(number):.6g}".replace("-", "−")


def one_language(word: str, language: str) -> str:
    """“선순위 (senior)” in one language.

    >>> one_language("선순위 (senior)", "en"), one_language("ai", "ko")
    ('senior', 'ai')
    """
    ko, found, rest = word.partition(" (")
    if not found or not rest.endswith(")"):
        return word
    return ko if language == "ko" else rest.removesuffix(")")


def range_words(leaf: Leaf, language: str) -> str:
    """The range of an assumption, or the words it may be."""
    if leaf.low is None or leaf.high is None:
        return "; ".join(word for _, word in option_words(leaf, language))
    ends = [number_words(leaf, end, language) for end in (leaf.low, leaf.high)]
    return " – ".join(dict.fromkeys(ends))


def option_words(leaf: Leaf, language: str) -> list[tuple[str, str]]:
    """The options of a leaf as (word, label) pairs."""
    field = rows.field_at(leaf.path)
    known = field.choices if field else {}
    return [
        (word, (known[word].ko if language == "ko" else known[word].en) if word in known else word)
        for word in leaf.options
    ]
