"""A row of a file as an observation or an application: every field read, or every problem."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from koga.core import identifiers
from koga.core.problems import Problem, Refusal
from koga.core.units import find
from koga.operate.imports import numbers
from koga.operate.imports.awards import clean, getter
from koga.operate.imports.recipients import opaque_id
from koga.operate.imports.sheets import Row
from koga.operate.outcomes.kinds import ANSWERS, COVERAGE, METRICS, Metric
from koga.operate.outcomes.mapping import FIELDS, OutcomeMapping

_MONTH = re.compile(r"(\d{4})[-./]?(0[1-9]|1[0-2])(?:[-./]?\d{2})?")
_LIMITS = {"unit": 60, "source": 120, "round": 60, "programme": 100}
PLACES = {"value": 4, "score": 6, "cutoff": 6}
"""Decimal places kept; a number with more is refused rather than rounded."""
VALUE_MAX = Decimal(10) ** 19


@dataclass(frozen=True, slots=True)
class Read:
    """One row as read: its number, its key among the rows of its series, and its values."""

    row: int
    key: tuple[str, ...]
    values: Mapping[str, Any]


class Reader:
    """Reads rows by one mapping.

    secret: of the books, under which persons get their opaque numbers. today: the last day that
    can have been observed. programmes: units of the known programmes, by code.
    """

    def __init__(
        self, mapping: OutcomeMapping, columns: Sequence[str], *, secret: str, today: date,
        programmes: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.mapping, self.secret, self.today = mapping, secret, today
        self.programmes = programmes
        index = {column: place for place, column in enumerate(columns)}
        self.get: dict[str, Callable[[Sequence[str]], str]] = {
            name: getter(rule, index) for name, rule in mapping.fields.items()
        }
        self.number = numbers.reader(mapping.amounts)
        self.day = numbers.day_reader(mapping.date_formats)

    def read(self, row: Row) -> Read | list[Problem]:
        """What a row says, or all its problems."""
        if row.problems:
            return list(row.problems)
        cells = tuple(map(clean, row.cells))
        text = {name: get(cells) for name, get in self.get.items()}
        problems = self._plain(text, row.number)
        read = self._outcome if self.mapping.kind == "outcomes" else self._application
        found = read(text, row.number, problems)
        return problems or found

    def _plain(self, text: Mapping[str, str], number: int) -> list[Problem]:
        """Blank cells that may not be, and texts that are too long."""
        problems = [
            Problem("imports.blank", _at(number, name), name)
            for name, required in FIELDS[self.mapping.kind].items()
            if required and not text.get(name)
        ]
        for name, limit in _LIMITS.items():
            if len(text.get(name, "")) > limit:
                most = {"limit": f"{limit:,}"}
                problems.append(
                    Problem("imports.too_long", _at(number, name), f"{len(text[name]):,}", most)
                )
        return problems

    def _unit(self, text: str) -> str:
        """Who, as the books may know it: digits of a number, or a person's opaque number."""
        if self.mapping.units == "person":
            return opaque_id(self.secret, text) if text else ""
        if self.mapping.units == "code":
            return text
        return identifiers.digits(text) or text

    def _outcome(self, text: Mapping[str, str], number: int, problems: list[Problem]) -> Read:
        metric = METRICS.get(text["metric"])
        _choice(text, "metric", METRICS, number, problems)
        _choice(text, "coverage", COVERAGE, number, problems)
        month = self._month(text["month"], number, problems)
        value = self._decimal(text, "value", number, problems)
        if metric is not None and value is not None:
            problems += _unfit(metric, value, _at(number, "value"))
        unit = self._unit(text["unit"])
        return Read(
            number,
            (text["metric"], unit, month),
            {
                "unit": unit, "month": month, "metric": text["metric"], "value": value,
                "source": text["source"], "coverage": text["coverage"],
            },
        )  # fmt: skip

    def _month(self, text: str, number: int, problems: list[Problem]) -> str:
        found = _MONTH.fullmatch(text)
        if not found:
            day = self.day(text) if text else None
            if day is None:
                if text:
                    problems.append(Problem("outcomes.month", _at(number, "month"), text))
                return ""
            month = f"{day:%Y-%m}"
        else:
            month = f"{found[1]}-{found[2]}"
        if month > f"{self.today:%Y-%m}":
            problems.append(Problem("outcomes.later", _at(number, "month"), month))
        return month

    def _decimal(
        self, text: Mapping[str, str], name: str, number: int, problems: list[Problem]
    ) -> Decimal | None:
        if not text.get(name):
            return None
        try:
            value = self.number(text[name], _at(number, name))
        except Refusal as refusal:
            problems += refusal.problems
            return None
        if abs(value) >= VALUE_MAX or value != round(value, PLACES[name]):
            expected = {"metric": name, "expected": f"< 10^19, {PLACES[name]} decimal places"}
            problems.append(Problem("outcomes.value", _at(number, name), text[name], expected))
        return value

    def _application(self, text: Mapping[str, str], number: int, problems: list[Problem]) -> Read:
        _choice(text, "answer", ANSWERS, number, problems)
        programme = text["programme"]
        if programme and programme not in self.programmes:
            problems.append(Problem("outcomes.programme", _at(number, "programme"), programme))
        day = self.day(text["decided_on"]) if text.get("decided_on") else None
        if text.get("decided_on") and day is None:
            expected = {"expected": "2026-03-31"}
            where = _at(number, "decided_on")
            problems.append(Problem("dates.unreadable", where, text["decided_on"], expected))
        unit = self._unit(text["unit"])
        return Read(
            number,
            (programme, text["round"], unit),
            {
                "programme_id": programme, "round": text["round"], "unit": unit,
                "answer": text["answer"], "decided_on": day,
                "score": self._decimal(text, "score", number, problems),
                "cutoff": self._decimal(text, "cutoff", number, problems),
                "asked": self._asked(text, programme, number, problems),
            },
        )  # fmt: skip

    def _asked(
        self, text: Mapping[str, str], programme: str, number: int, problems: list[Problem]
    ) -> int | None:
        if not text.get("asked") or programme not in self.programmes:
            return None
        where = _at(number, "asked")
        commodity = find(self.programmes[programme])
        try:
            parts = self.number(text["asked"], where).scaleb(commodity.scale)
        except Refusal as refusal:
            problems += refusal.problems
            return None
        if parts != int(parts) or abs(parts) >= 2**53:
            expected = {"unit": commodity.code, "places": commodity.scale}
            problems.append(Problem("money.inexact", where, text["asked"], expected))
            return None
        return int(parts)


def _at(number: int, field: str) -> str:
    return f"row {number}, {field}"


def _choice(
    text: Mapping[str, str], name: str, known: Mapping[str, Any], number: int,
    problems: list[Problem],
) -> None:  # fmt: skip
    if text[name] and text[name] not in known:
        expected = {"expected": ", ".join(known)}
        problems.append(Problem("imports.choice", _at(number, name), text[name], expected))


def _unfit(metric: Metric, value: Decimal, where: str) -> list[Problem]:
    """Why a number cannot be a value of a metric.

    >>> [problem.code for problem in _unfit(METRICS["survival"], Decimal("0.7"), "row 1, value")]
    ['outcomes.value']
    """
    wrong = metric.whole and value != int(value)
    wrong |= metric.least is not None and value < metric.least
    wrong |= metric.most is not None and value > metric.most
    if not wrong:
        return []
    ends = f"{'' if metric.least is None else metric.least} … {metric.most or ''}".strip(" …")
    expected = "whole number" + (f", {ends}" if ends and metric.most else "")
    if metric.least == 0 and metric.most is None:
        expected += ", 0 or more"
    return [Problem("outcomes.value", where, str(value), {"metric": metric.code,
                                                          "expected": expected})]  # fmt: skip
