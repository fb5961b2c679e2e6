"""What a statement says, as values: its lines, its promises, the sections it declares nil.

The hash a second person signs is SHA-256 over the RFC 8785 form of the very rows a release
publishes, so anyone can recompute it from `statement_lines` and `promises`.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import rfc8785

from koga.release import tables

CONTENT_TAG = "koga-statement-1"
PROMISES = "promises"
"""Name under which the next promises are declared nil; all other sections are `SECTIONS`."""
SECTIONS = (*tables.SECTIONS, PROMISES)
ENDED = ("met", "dropped")
"""States after which a promise is not carried into the next statement."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a section.

    section, code: what it is about; basis: `ledger` (computed from the books) or `typed`.
    programme: code of the programme, or "". text_ko, text_en: what it says.
    value, unit: the figure in whole units (not smallest ones), exact.
    denominator with its meaning: out of how many. window_start, window_end: measured when.
    method: how. evidence: where anyone can look. answer_ko, answer_en: to a piece of advice.
    """

    section: str
    code: str
    basis: str = "typed"
    programme: str = ""
    text_ko: str = ""
    text_en: str = ""
    value: Decimal | None = None
    unit: str = ""
    denominator: Decimal | None = None
    denominator_ko: str = ""
    denominator_en: str = ""
    window_start: date | None = None
    window_end: date | None = None
    method: str = ""
    evidence: str = ""
    answer_ko: str = ""
    answer_en: str = ""

    @property
    def figure(self) -> tuple[str, str, str, str]:
        """What identifies a figure of the ledger within a statement."""
        return self.section, self.code, self.programme, self.unit


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise: made in this statement (state `promised`) or an earlier one reported on.

    promise: its number for ever; made_in: the period it was made in.
    target, target_rule, unit, due_on: what makes it measurable.
    now, state, reason, evidence: how it stands; state "" is not answered yet.
    """

    promise: str
    made_in: str
    text_ko: str
    text_en: str
    target: Decimal
    target_rule: str
    unit: str
    due_on: date
    now: Decimal | None = None
    state: str = "promised"
    reason: str = ""
    evidence: str = ""

    @property
    def reached(self) -> bool:
        """Whether what is reported now satisfies the target."""
        if self.now is None:
            return False
        at_least = self.target_rule == "at_least"
        return self.now >= self.target if at_least else self.now <= self.target

    def carried(self) -> "Promise":
        """The same promise at the start of the next statement: to be answered."""
        return replace(self, now=None, state="", reason="", evidence="")


@dataclass(frozen=True, slots=True)
class Content:
    """All that a statement says.

    agency, period, version: which statement. nil: sections declared empty, of `SECTIONS`.
    lines, promises: in the order they are printed. reason: why it restates an earlier version.
    """

    agency: str
    period: str
    version: int
    nil: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    promises: tuple[Promise, ...] = ()
    reason: str = ""

    @property
    def is_nil(self) -> bool:
        """Whether it is a nil return: nothing to report in any section."""
        return not self.lines and not self.promises

    def hash(self) -> str:
        """The hash a signature names: lower-case hexadecimal SHA-256.

        >>> len(Content("HUB", "2026-H1", 1).hash())
        64
        """
        body = {
            "tag": CONTENT_TAG,
            "agency": self.agency,
            "period": self.period,
            "version": self.version,
            "reason": self.reason,
            "nil": sorted(self.nil),
            "statement_lines": [_as_text(row) for row in line_rows(self)],
            "promises": [_as_text(row) for row in promise_rows(self)],
        }
        return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def line_rows(content: Content) -> Iterator[dict[str, Any]]:
    """The statement's rows of the table `statement_lines`, numbered from 1 in each section.

    A section declared nil is one row of basis `nil`.
    """
    for section in tables.SECTIONS:
        lines = [line for line in content.lines if line.section == section]
        if not lines and section in content.nil:
            lines = [Line(section, "nil", "nil")]
        for number, line in enumerate(lines, start=1):
            yield _line_row(content, line, number)


def _line_row(content: Content, line: Line, number: int) -> dict[str, Any]:
    return {
        "agency": content.agency,
        "period": content.period,
        "section": line.section,
        "line": number,
        "code": line.code,
        "programme": line.programme or None,
        "text_ko": _with_answer(line.text_ko, "답", line.answer_ko),
        "text_en": _with_answer(line.text_en, "Answer", line.answer_en),
        "value": line.value,
        "unit": line.unit or None,
        "denominator": line.denominator,
        "denominator_ko": line.denominator_ko or None,
        "denominator_en": line.denominator_en or None,
        "window_start": line.window_start,
        "window_end": line.window_end,
        "method": line.method or None,
        "basis": line.basis,
        "evidence": line.evidence or None,
    }


def _with_answer(text: str, word: str, answer: str) -> str | None:
    return f"{text} — {word}: {answer}" if answer else text or None


def promise_rows(content: Content) -> Iterator[dict[str, Any]]:
    """The statement's rows of the table `promises`: earlier ones with their state, then new."""
    for promise in content.promises:
        yield {
            "promise": promise.promise,
            "agency": content.agency,
            "period": content.period,
            "made_in": promise.made_in,
            "text_ko": promise.text_ko,
            "text_en": promise.text_en,
            "target": promise.target,
            "target_rule": promise.target_rule,
            "unit": promise.unit,
            "due_on": promise.due_on,
            "now": promise.now,
            "state": promise.state,
            "reason": promise.reason or None,
            "evidence": promise.evidence or None,
        }


def plain(number: Decimal) -> str:
    """A decimal in plain notation without trailing zeros: one spelling for one value.

    >>> plain(Decimal("1.20E+3")), plain(Decimal("0.500"))
    ('1200', '0.5')
    """
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _as_text(row: dict[str, Any]) -> dict[str, str | None]:
    return {name: cell(value) for name, value in row.items()}


def cell(value: object) -> str | None:
    """A value as the files of a release write it; None for a blank."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
