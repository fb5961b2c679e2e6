"""How text is compared and how it is spelled for the full-text index.

A term matches where it stands as a plain substring after the same folding: Unicode NFC and
casefold. Every pair of neighbouring UTF-16 units becomes one token of hexadecimal digits, so a
term of two units or more is a phrase of consecutive tokens; a token that no pair can spell stands
between words, so that no phrase reaches over a blank.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

BREAK = "x"
_UNIT = 4


def fold(text: str) -> str:
    """Text as it is compared.

    >>> fold("ＡＩ Straße"), fold("\\u1112\\u1161\\u11ab")
    ('ａｉ strasse', '한')
    """
    folded = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", folded)


def terms(query: str) -> list[str]:
    """The folded terms of a query, each once, in order.

    >>> terms("AI  서울 ai")
    ['ai', '서울']
    """
    return list(dict.fromkeys(fold(query).split()))


def _units(word: str) -> str:
    return word.encode("utf-16-be").hex()


def pairs(word: str) -> list[str]:
    """The tokens of a word's neighbouring units, in order.

    >>> pairs("ab1")
    ['00610062', '00620031']
    """
    spelled = _units(word)
    width = 2 * _UNIT
    return [spelled[at : at + width] for at in range(0, len(spelled) - _UNIT, _UNIT)]


@lru_cache(maxsize=100_000)
def _spelled(word: str) -> str:
    return " ".join((*pairs(word), BREAK))


def spell(fields: Iterable[str]) -> tuple[str, str]:
    """What the index keeps of some fields: pairs in order with breaks, and every single unit."""
    words = fold(" ".join(fields)).split()
    units = _units("".join(set("".join(words))))
    singles = {units[at : at + _UNIT] for at in range(0, len(units), _UNIT)}
    return " ".join(map(_spelled, words)), " ".join(singles)


def expression(term: str) -> str:
    """The full-text expression that finds a folded term without blanks.

    >>> expression("ai"), expression("a")
    ('pairs : "00610069"', 'singles : "0061"')
    """
    found = pairs(term)
    if not found:
        return f'singles : "{_units(term)}"'
    return f'pairs : "{" ".join(found)}"'
