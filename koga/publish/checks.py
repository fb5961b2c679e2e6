"""What keeps a statement from being said or signed. Pure: no database, no clock.

A line or promise is checked the moment it is written; the whole (every section there or nil,
every earlier promise answered, every figure of the ledger equal to the books) when it is signed.
"""

import re
from collections.abc import Iterable, Iterator

from koga.core import units
from koga.core.dates import Period
from koga.core.problems import Problem, Refusal
from koga.publish.content import PROMISES, Content, Line, Promise
from koga.release import tables

_BARE = re.compile(r"\d\s*(%|％|퍼센트|프로(?!그램|젝트|세)|percent|per cent)", re.IGNORECASE)
METRIC_SECTIONS = ("timeliness", "results")
"""Sections whose figures always need a denominator and a window (invariant 9)."""


def line_problems(line: Line, where: str) -> list[Problem]:
    """Everything wrong with one typed line.

    >>> unsaid = Line("results", "alive", text_ko="생존", text_en="alive")
    >>> [problem.code for problem in line_problems(unsaid, "1")]
    ['publish.value_missing', 'publish.evidence_missing']
    """
    problems = []
    if line.section not in tables.SECTIONS:
        problems.append(Problem("publish.unknown_section", where, line.section))
    problems += _code_problems(line, where)
    if not (line.text_ko and line.text_en):
        problems.append(Problem("publish.both_languages", where, line.text_ko or line.text_en))
    problems += _figure_problems(line, where)
    if line.section == "advice" and not (line.answer_ko and line.answer_en):
        problems.append(Problem("publish.answer_missing", where, _both(line)))
    if line.section != "limits" and not line.evidence:
        problems.append(Problem("publish.evidence_missing", where, _both(line) or line.code))
    return problems


def _code_problems(line: Line, where: str) -> Iterator[Problem]:
    closed = {"actions": tables.ACTIONS, "advice": tables.ADVICE_ANSWERS}.get(line.section)
    if closed is not None and line.code not in closed:
        details = {"expected": ", ".join(closed)}
        yield Problem("publish.unknown_code", where, line.code, details)
    elif not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", line.code):
        details = {"expected": "a-z 0-9 _"}
        yield Problem("publish.unknown_code", where, line.code, details)


def _figure_problems(line: Line, where: str) -> Iterator[Problem]:
    metric = line.section in METRIC_SECTIONS
    if line.value is None:
        if metric or line.section == "actions":
            yield Problem("publish.value_missing", where, line.code)
        if _BARE.search(f"{line.text_ko} {line.text_en}") and line.denominator is None:
            yield Problem("publish.bare_percentage", where, line.text_ko)
        return
    yield from unit_problems(line.unit, where)
    related = bool(line.denominator_ko and line.denominator_en and (line.denominator or 0) > 0)
    windowed = bool(line.window_start and line.window_end)
    bare = line.unit.upper() in tables.RATIO_UNITS or _BARE.search(f"{line.text_ko} {line.text_en}")
    if bare and not (related and windowed):
        yield Problem("publish.bare_percentage", where, f"{line.value:f} {line.unit}")
    elif metric and not (related and windowed and line.method):
        yield Problem("publish.metric_incomplete", where, line.code)
    if line.window_start and line.window_end and line.window_start > line.window_end:
        yield Problem("publish.window_order", where, f"{line.window_start} – {line.window_end}")


def unit_problems(unit: str, where: str) -> list[Problem]:
    """A unit is a commodity or one of `tables.MEASURES`."""
    if unit in tables.MEASURES:
        return []
    try:
        units.find(unit)
    except Refusal:
        expected = ", ".join((*tables.MEASURES, *units.COMMODITIES))
        return [Problem("publish.unknown_unit", where, unit, {"expected": expected})]
    return []


def new_promise_problems(promise: Promise, where: str, period: Period) -> list[Problem]:
    """Everything that keeps a new promise from being measurable."""
    problems = []
    if not (promise.text_ko and promise.text_en):
        problems.append(Problem("publish.both_languages", where, _both(promise)))
    if promise.target_rule not in tables.TARGET_RULES:
        details = {"expected": ", ".join(tables.TARGET_RULES)}
        problems.append(Problem("publish.unknown_code", where, promise.target_rule, details))
    problems += unit_problems(promise.unit, where)
    if promise.due_on <= period.end:
        problems.append(Problem("publish.promise_past", where, promise.due_on.isoformat()))
    return problems


def answer_problems(promise: Promise, where: str, period: Period) -> list[Problem]:
    """Everything wrong with what a statement says about an earlier promise."""
    if promise.state not in ("met", "on_track", "late", "dropped"):
        return [Problem("publish.promise_unanswered", where, _both(promise))]
    problems = []
    if promise.state == "dropped":
        if not promise.reason:
            problems.append(Problem("publish.promise_reason", where, _both(promise)))
        return problems
    if promise.now is None:
        problems.append(Problem("publish.value_missing", where, promise.promise))
    if not promise.evidence:
        problems.append(Problem("publish.evidence_missing", where, _both(promise)))
    contradicted = (promise.state == "met" and promise.now is not None and not promise.reached) or (
        promise.state == "on_track" and promise.due_on <= period.end
    )
    if contradicted:
        problems.append(Problem("publish.promise_contradicted", where, _both(promise)))
    return problems


def content_problems(content: Content, period: Period) -> list[Problem]:
    """Everything that keeps a statement from being signed, the books aside."""
    whole = f"{content.agency} {content.period}"
    problems = list(_section_problems(content, whole))
    for number, line in enumerate(content.lines, start=1):
        if line.basis == "typed":
            problems += line_problems(line, f"{whole} {line.section} {number}")
    for promise in content.promises:
        where = f"{whole} {promise.promise}"
        if promise.made_in == content.period:
            problems += new_promise_problems(promise, where, period)
        else:
            problems += answer_problems(promise, where, period)
    return problems


def _section_problems(content: Content, whole: str) -> Iterator[Problem]:
    filled = {line.section for line in content.lines}
    if any(promise.made_in == content.period for promise in content.promises):
        filled.add(PROMISES)
    for section in (*tables.SECTIONS, PROMISES):
        if section in filled and section in content.nil:
            yield Problem("publish.nil_contradicted", whole, section, _section_words(section))
        elif section not in filled and section not in content.nil:
            yield Problem("publish.section_missing", whole, section, _section_words(section))


def _both(row: Line | Promise) -> str:
    return " / ".join(text for text in (row.text_ko, row.text_en) if text)


def _section_words(section: str) -> dict[str, str]:
    word = tables.SECTIONS.get(section)
    return {"ko": word.ko, "en": word.en} if word else {"ko": "다음 약속", "en": "Next promises"}


def ledger_problems(content: Content, booked: Iterable[Line]) -> list[Problem]:
    """Every figure of the ledger that does not stand in the statement as it stands in the books."""
    stated = {line.figure: line for line in content.lines if line.basis == "ledger"}
    books = {line.figure: line for line in booked}
    problems = []
    for figure in sorted(stated.keys() | books.keys()):
        said, held = stated.get(figure), books.get(figure)
        told = said.value if said and said.value is not None else 0
        known = held.value if held and held.value is not None else 0
        if told != known:
            section, code, programme, unit = figure
            where = " ".join(part for part in (content.agency, section, code, programme) if part)
            details = {"booked": f"{known:,f}" if known else "0", "unit": unit}
            value = f"{told:,f}" if told else "0"
            problems.append(Problem("publish.ledger_differs", where, value, details))
    return problems
