"""Simple arithmetic over the leaves of a scheme: + - * / ( ), numbers and dotted paths.

Nothing is evaluated as code. Numbers are exact fractions, so a derived value either equals its
formula or does not; there is no tolerance.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,30}(?:\.\d{1,30})?)(?![\w.])"
    r"|(?P<path>[A-Za-z_]\w*(?:\.\w+)*)|(?P<sign>[-+*/()]))",
    re.ASCII,
)
_LENGTH_MAX = 4_000
_DEPTH_MAX = 50


class Unreadable(Exception):
    """The text is no arithmetic; `place` is the first character that does not fit."""

    def __init__(self, place: int) -> None:
        super().__init__(f"unreadable at {place}")
        self.place = place


@dataclass(frozen=True, slots=True)
class Token:
    """A number, path or sign of the text, and where it starts."""

    kind: str
    text: str
    place: int


def tokens(text: str) -> list[Token]:
    """The text in its parts; raises `Unreadable`.

    >>> [token.text for token in tokens("size.all.2026 / 5")]
    ['size.all.2026', '/', '5']
    """
    if len(text) > _LENGTH_MAX:
        raise Unreadable(_LENGTH_MAX)
    found: list[Token] = []
    place = 0
    body = text.rstrip()
    while place < len(body):
        match = _TOKEN.match(body, place)
        if match is None:
            raise Unreadable(place)
        kind = match.lastgroup or ""
        found.append(Token(kind, match[kind], match.start(kind)))
        place = match.end()
    return found


def paths(text: str) -> Iterator[str]:
    """The paths a formula names; nothing where it cannot be read."""
    try:
        found = tokens(text)
    except Unreadable:
        return
    yield from (token.text for token in found if token.kind == "path")


def evaluate(text: str, look_up: Callable[[str], Fraction]) -> Fraction:
    """The exact value. `look_up` gives the number at a path and may raise what it likes.

    Raises `Unreadable` for text that is no arithmetic and `ZeroDivisionError`.

    >>> evaluate("(a + 2 * b) / 4", {"a": Fraction(2), "b": Fraction(1, 2)}.__getitem__)
    Fraction(3, 4)
    """
    reading = _Reading(tokens(text), look_up, len(text))
    value = reading.total(0)
    if reading.next is not None:
        raise Unreadable(reading.next.place)
    return value


class _Reading:
    """Recursive descent over the tokens."""

    def __init__(self, found: list[Token], look_up: Callable[[str], Fraction], length: int) -> None:
        self._tokens = found
        self._look_up = look_up
        self._length = length
        self._at = 0

    @property
    def next(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, *signs: str) -> str:
        token = self.next
        if token is None or token.kind != "sign" or token.text not in signs:
            return ""
        self._at += 1
        return token.text

    def total(self, depth: int) -> Fraction:
        value = self._product(depth)
        while sign := self._take("+", "-"):
            term = self._product(depth)
            value = value + term if sign == "+" else value - term
        return value

    def _product(self, depth: int) -> Fraction:
        value = self._atom(depth)
        while sign := self._take("*", "/"):
            factor = self._atom(depth)
            value = value * factor if sign == "*" else value / factor
        return value

    def _atom(self, depth: int) -> Fraction:
        token = self.next
        if token is None or depth > _DEPTH_MAX:
            raise Unreadable(self._length if token is None else token.place)
        if self._take("-"):
            return -self._atom(depth + 1)
        if self._take("("):
            value = self.total(depth + 1)
            if not self._take(")"):
                raise Unreadable(self.next.place if self.next else self._length)
            return value
        if token.kind == "sign":
            raise Unreadable(token.place)
        self._at += 1
        return Fraction(token.text) if token.kind == "number" else self._look_up(token.text)
