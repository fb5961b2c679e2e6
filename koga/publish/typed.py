"""Rows people type, from a form or a TOML file, into lines and promises: all problems at once.

A form sends text; a TOML file may also hold numbers and dates. Both go through the same reading,
so a figure is a decimal from text and never a float.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from koga.core.dates import parse_day
from koga.core.problems import Problem, Refusal
from koga.publish.content import SECTIONS, Line, Promise

NUMBERS = ("value", "denominator", "target", "now")
DAYS = ("window_start", "window_end", "due_on")
LENGTHS = {
    "code": 60,
    "programme": 100,
    "unit": 30,
    "denominator_ko": 200,
    "denominator_en": 200,
    "method": 500,
    "evidence": 500,
    "reason": 500,
}
LENGTH_MAX = 1000
DIGITS_MAX = 40

LINE_KEYS = tuple(field.name for field in fields(Line) if field.name != "basis")
PROMISE_KEYS = ("text_ko", "text_en", "target", "target_rule", "unit", "due_on")
ANSWER_KEYS = ("promise", "state", "now", "reason", "evidence")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about one earlier promise."""

    promise: str
    state: str = ""
    now: Decimal | None = None
    reason: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class NewPromise:
    """A promise as typed, before it gets its number."""

    text_ko: str
    text_en: str
    target: Decimal
    target_rule: str
    unit: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Typed:
    """Everything a person typed into one statement.

    nil: sections declared empty. lines: typed lines. answers: to earlier promises.
    promises: the next ones.
    """

    nil: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    answers: tuple[Answer, ...] = ()
    promises: tuple[NewPromise, ...] = ()


def _short(number: Decimal) -> bool:
    digits, exponent = number.as_tuple().digits, int(number.as_tuple().exponent)
    return len(digits) <= DIGITS_MAX and abs(exponent) <= DIGITS_MAX


class Reader:
    """Reads fields one by one and keeps every problem met on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def read(self, given: Mapping[str, Any], keys: Iterable[str], where: str) -> dict[str, Any]:
        """The named fields of one row: numbers, days and trimmed text; blank is None or "".

        where: how a problem names the row; "" where it is shown beside the field itself.
        """
        return {
            key: self._field(key, given.get(key), f"{where}, {key}" if where else "")
            for key in keys
        }

    def _field(self, key: str, given: Any, where: str) -> Any:
        text = "" if given is None else str(given).strip()
        if key in NUMBERS:
            return self._number(text, key, where) if text else None
        if key in DAYS:
            return self._day(text, key, where) if text else None
        limit = LENGTHS.get(key, LENGTH_MAX)
        if len(text) > limit:
            details = {"limit": limit, "field": key}
            self.problems.append(Problem("publish.text_too_long", where, text, details))
        return text[:limit]

    def _number(self, text: str, key: str, where: str) -> Decimal | None:
        try:
            number = Decimal(text.replace(",", ""))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not _short(number):
            self.problems.append(Problem("publish.number", where, text, {"field": key}))
            return None
        return number

    def _day(self, text: str, key: str, where: str) -> date | None:
        try:
            return parse_day(text, where)
        except Refusal:
            details = {"expected": "2026-03-31", "field": key}
            self.problems.append(Problem("dates.unreadable", where, text, details))
            return None

    def line(self, given: Mapping[str, Any], where: str) -> Line:
        """One typed line."""
        return Line(basis="typed", **self.read(given, LINE_KEYS, where))

    def answer(self, given: Mapping[str, Any], where: str) -> Answer:
        """What is said about an earlier promise."""
        return Answer(**self.read(given, ANSWER_KEYS, where))

    def promise(self, given: Mapping[str, Any], where: str) -> NewPromise | None:
        """A new promise; None where it lacks what makes it measurable."""
        read = self.read(given, PROMISE_KEYS, where)
        missing = [key for key in PROMISE_KEYS if not given.get(key) and given.get(key) != 0]
        for key in missing:
            place = f"{where}, {key}" if where else ""
            problem = Problem("publish.required", place, "", {"field": key})
            self.problems.append(problem)
        if read["target"] is None or read["due_on"] is None or missing:
            return None
        return NewPromise(**read)


def load(path: Path) -> Typed:
    """Read a TOML file of typed rows; a `Refusal` lists every problem in it."""
    try:
        raw = path.read_bytes().decode()
        given = tomllib.loads(raw, parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal(Problem("publish.file_unreadable", path.name, str(error))) from None
    return parse(given, path.name)


def parse(given: Mapping[str, Any], name: str) -> Typed:
    """Typed rows from a parsed TOML document of the given name."""
    reader = Reader()
    reader.problems += _unknown(given, ("nil", "line", "answer", "promise"), name)
    nil = given.get("nil", [])
    nil = tuple(str(section) for section in nil) if isinstance(nil, list) else (str(nil),)
    for section in nil:
        if section not in SECTIONS:
            reader.problems.append(Problem("publish.unknown_section", f"{name}, nil", section))
    lines, answers, promises = [], [], []
    for where, row in _rows(given, "line", LINE_KEYS, name, reader):
        lines.append(reader.line(row, where))
    for where, row in _rows(given, "answer", ANSWER_KEYS, name, reader):
        answers.append(reader.answer(row, where))
    for where, row in _rows(given, "promise", PROMISE_KEYS, name, reader):
        promises.append(reader.promise(row, where))
    if reader.problems:
        raise Refusal(reader.problems)
    made = tuple(promise for promise in promises if promise is not None)
    return Typed(nil, tuple(lines), tuple(answers), made)


def _rows(
    given: Mapping[str, Any], table: str, keys: tuple[str, ...], name: str, reader: Reader
) -> list[tuple[str, Mapping[str, Any]]]:
    rows = given.get(table, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        details = {"expected": f"[[{table}]]"}
        reader.problems.append(Problem("publish.unknown_key", name, f"[{table}]", details))
        return []
    found = []
    for number, row in enumerate(rows, start=1):
        where = f"{name}, [[{table}]] {number}"
        reader.problems += _unknown(row, keys, where)
        found.append((where, row))
    return found


def _unknown(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> list[Problem]:
    details = {"expected": ", ".join(known)}
    return [
        Problem("publish.unknown_key", where, str(key), details)
        for key in given
        if key not in known
    ]


def number_promises(made: Iterable[NewPromise], agency: str, period: str) -> list[Promise]:
    """New promises with the numbers they bear for ever.

    >>> made = NewPromise("가", "a", Decimal(3), "at_least", "count", date(2027, 1, 1))
    >>> number_promises([made], "HUB", "2026-H1")[0].promise
    'HUB-2026-H1-1'
    """
    return [
        Promise(
            promise=f"{agency}-{period}-{number}",
            made_in=period,
            text_ko=made_one.text_ko,
            text_en=made_one.text_en,
            target=made_one.target,
            target_rule=made_one.target_rule,
            unit=made_one.unit,
            due_on=made_one.due_on,
        )
        for number, made_one in enumerate(made, start=1)
    ]
