"""What is wrong with an input, as a value: code, where, which value, what to do, in two languages.

Every refusal koga gives a person is a list of `Problem`. The prose lives in one catalogue,
`problems.toml`, whose order is the order of precedence: where two problems apply to one place,
the one listed first is shown first. Exceptions other than `Refusal` are our own bugs.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("ko", "en")


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """All problem codes with their Korean and English text, in order of precedence."""
    with (Path(__file__).parent / "problems.toml").open("rb") as source:
        return tomllib.load(source)


@cache
def _precedence() -> Mapping[str, int]:
    return {code: place for place, code in enumerate(catalogue())}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input.

    code: stable name of the problem, a key of the catalogue.
    where: file, sheet, row, field or dotted path, as the person would look for it.
    value: the offending value as it was given, shortened to 200 characters.
    details: further named parts of the text (the limit, what was expected instead).

    >>> Problem("money.unreadable", "row 3, amount", "abc").message("en")
    'row 3, amount: “abc” is not an amount of money. Write digits, such as 1,200 or 1조 2,400억.'
    """

    code: str
    where: str = ""
    value: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def message(self, language: str) -> str:
        """The problem as a sentence in `ko` or `en`."""
        text = catalogue()[self.code][language]
        filled = text.format(where=self.where, value=shorten(self.value), **self.details)
        return filled.removeprefix(": ")

    def as_json(self) -> dict[str, Any]:
        """The shape every `--json` answer and every error page uses."""
        return {
            "code": self.code,
            "where": self.where,
            "value": shorten(self.value),
            "message": {language: self.message(language) for language in LANGUAGES},
        }


class Refusal(Exception):
    """An act was refused; carries every problem found, in order of precedence."""

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        found = [problems] if isinstance(problems, Problem) else list(problems)
        self.problems = in_order(found)
        super().__init__("; ".join(problem.message("en") for problem in self.problems))


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems by precedence of their code; problems of one code keep the order found."""
    return sorted(problems, key=lambda problem: _precedence()[problem.code])


def shorten(value: object, length_max: int = 200) -> str:
    """A value as text, cut so that one bad cell cannot flood a page."""
    text = str(value)
    return text if len(text) <= length_max else text[: length_max - 1] + "…"


def ensure(condition: bool, message: str) -> None:
    """An invariant of our own code: raise where it does not hold, also under `python -O`."""
    if not condition:
        raise AssertionError(message)
