"""Who owes a statement, who gave one, and what one statement says."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from koga.core.dates import Period
from koga.core.problems import Problem, Refusal
from koga.release.tables import (
    ACTIONS,
    ADVICE_ANSWERS,
    BASES,
    DUE_STATES,
    PROMISE_STATES,
    SECTIONS,
    STAGES,
    TARGET_RULES,
)
from koga.site import corrections, counting, search, sentences, telling
from koga.site.edition import Edition, Row
from koga.site.front import ITEMS, LINES, PROMISES, Figure
from koga.site.selectors import REPORTED, Absent
from koga.site.telling import Said, named, word

FIGURES_MAX = 4


def page(edition: Edition, language: str, asked: str) -> Mapping[str, Any]:
    """Everyone who owes a statement of one period, and where they stand."""
    period = asked or edition.head.period
    if period not in edition.periods and asked:
        raise Refusal(Problem("site.unknown_value", "period", asked[:40]))
    due = [row for row in edition.tables["due"] if row["period"] == period]
    silent = [row["agency"] for row in due if row["state"] not in REPORTED]
    rows = sorted(due, key=lambda row: (row["state"] in REPORTED, -row["days_late"], row["agency"]))
    label = Period.parse(period).label(language)
    return {
        "name_of_page": f"기관 보고, {label}" if language == "ko" else f"Statements, {label}",
        "heading": sentences.silent(silent, len(due), language),
        "label": label,
        "rows": [_owed(edition, row, language) for row in rows],
        "periods": [
            {"label": Period.parse(name).label(language), "here": name == period,
             "address": f"/{language}/statements"
             + ("" if name == edition.head.period else f"?period={name}")}
            for name in edition.periods
        ],
    }  # fmt: skip


def _owed(edition: Edition, row: Row, language: str) -> Mapping[str, Any]:
    return {
        "agency": row["agency"],
        "name": named(edition.agencies[row["agency"]], "name", language),
        "state": word(DUE_STATES, row["state"], language),
        "late": row["days_late"] > 0,
        "due_on": row["due_on"],
        "due_text": telling.day(row["due_on"], language),
        "signed_at": row["signed_at"],
        "days_late": row["days_late"],
        "left_out": row["records_left_out"],
        "reason": telling.either(row["reason"], language),
        "period": row["period"],
        "there": (row["agency"], row["period"]) in edition.statements,
    }


def statement(edition: Edition, language: str, agency: str, period: str) -> Mapping[str, Any]:
    """One statement; where none was signed but one is owed, who owes it since when."""
    key = (agency, period)
    due, row = edition.due.get(key), edition.statements.get(key)
    if agency not in edition.agencies or (due is None and row is None):
        raise Absent(f"{agency}/{period}")
    name = named(edition.agencies[agency], "name", language)
    shown = Period.parse(period)
    head = {
        "agency": agency,
        "name": name,
        "name_of_page": f"{name}, {shown.label(language)}",
        "label": shown.label(language),
        "heading": _heading(name, shown, language),
        "due": None if due is None else _owed(edition, due, language),
        "row": row,
        "left_out": due["records_left_out"] if due else 0,
    }
    if row is None:
        return head
    lines = edition.lines.get(key, ())
    promises = edition.promises.get(key, ())
    changed = [
        each
        for table in ("statements", "statement_lines", "promises")
        for (of, place), rows in edition.corrections.items()
        if of == table and place.startswith(f"{agency}/{period}")
        for each in rows
    ]
    return head | {
        "signed_on": telling.day(telling.seoul(row["signed_at"]).date(), language),
        "signed_role": telling.either(row["signed_role"], language),
        "prepared_role": telling.either(row["prepared_role"], language),
        "ledger_lines": f"{row['ledger_lines']:,}",
        "figures": _figures(edition, lines, promises, language),
        "sections": [
            _section(edition, code, lines, shown, language)
            for code in ("actions", "timeliness", "advice", "results")
        ],
        "resources": _resources(edition, lines, shown, language),
        "limits": [_line(edition, line, shown, language) for line in _of(lines, "limits")],
        "earlier": [_promise(each, language) for each in promises if each["state"] != "promised"],
        "next": [_promise(each, language) for each in promises if each["state"] == "promised"],
        "corrections": corrections.told(edition, changed, language),
        "records": search.Query(agency=agency, period=period).address(),
    }


def _heading(name: str, period: Period, language: str) -> str:
    if language == "ko":
        return f"{name}: {telling.span(period, language)} 산업을 위해 한 일"
    return f"{name}: what it did for industry, {telling.span(period, language)}"


def _of(lines: Iterable[Row], section: str) -> list[Row]:
    """The lines of a section that say something."""
    return [line for line in lines if line["section"] == section and line["basis"] != "nil"]


def _nil(lines: Iterable[Row], section: str) -> bool:
    return any(line["section"] == section and line["basis"] == "nil" for line in lines)


def _section(
    edition: Edition, code: str, lines: Sequence[Row], period: Period, language: str
) -> Mapping[str, Any]:
    return {
        "code": code,
        "title": word(SECTIONS, code, language),
        "nil": _nil(lines, code),
        "lines": [_line(edition, line, period, language) for line in _of(lines, code)],
        "measured": any(line["value"] is not None for line in _of(lines, code)),
    }


def _line(edition: Edition, line: Row, period: Period, language: str) -> Mapping[str, Any]:
    """A line as the page shows it: its figure, what it is out of, where anyone can look."""
    evidence = telling.either(line["evidence"], language)
    return {
        "text": _text(edition, line, language)[:1].upper() + _text(edition, line, language)[1:],
        "answer": word(ADVICE_ANSWERS, line["code"], language)
        if line["section"] == "advice" and line["code"] in ADVICE_ANSWERS
        else "",
        "value": telling.decimal(line["value"]),
        "unit": telling.unit_word(line["unit"], language),
        "denominator": telling.decimal(line["denominator"]),
        "denominator_text": named(line, "denominator", language),
        "window": window(line, language),
        "method": telling.either(line["method"], language),
        "basis": word(BASES, line["basis"], language),
        "evidence": evidence,
        "evidence_address": evidence if evidence.startswith(("https://", "http://")) else "",
        "address": _behind(edition, line, period, language),
        "agency": line["agency"],
        "agency_name": named(edition.agencies[line["agency"]], "name", language),
        "period": line["period"],
    }


def _text(edition: Edition, line: Row, language: str) -> str:
    written = named(line, "text", language)
    programme = edition.programmes.get(line["programme"] or "")
    words = STAGES if line["section"] == "resources" else ACTIONS
    text = written or word(words, line["code"], language)
    return f"{named(programme, 'name', language)}: {text}" if programme else text


def window(line: Row, language: str) -> str:
    """When a figure was measured."""
    start, end = line["window_start"], line["window_end"]
    if start is None or end is None:
        return ""
    return f"{start.isoformat()} – {end.isoformat()}"


def _behind(edition: Edition, line: Row, period: Period, language: str) -> str:
    """The address of the records a figure of the ledger sums, where there are any."""
    query = _query_behind(edition, line, period)
    return f"/{language}/search{query.address()}" if query else ""


def _query_behind(edition: Edition, line: Row, period: Period) -> search.Query | None:
    if line["basis"] != "ledger":
        return None
    query = search.Query(agency=line["agency"], period=period.name)
    values = edition.index.values
    if line["agency"] not in values["agency"]:
        return None
    if line["programme"] in values["programme"]:
        query = search.Query(programme=line["programme"], period=period.name)
    elif line["unit"] in values["unit"]:
        query = search.Query(agency=line["agency"], unit=line["unit"], period=period.name)
    return query


def _resources(
    edition: Edition, lines: Sequence[Row], period: Period, language: str
) -> Mapping[str, Any]:
    """Money and resources as one row a programme and unit, one column a stage."""
    found = _of(lines, "resources")
    stages = [code for code in STAGES if any(line["code"] == code for line in found)]
    cells: dict[tuple[str, str], dict[str, Decimal]] = {}
    for line in found:
        if line["code"] in STAGES and line["value"] is not None:
            cells.setdefault((line["programme"] or "", line["unit"] or ""), {})[line["code"]] = (
                line["value"]
            )
    rows = []
    for (programme, unit), values in sorted(cells.items()):
        row = edition.programmes.get(programme)
        at = search.Query(programme=programme, period=period.name).address()
        listed = programme in edition.index.values["programme"]
        rows.append({
            "name": named(row, "name", language) if row else programme,
            "address": f"/{language}/programmes/{programme}" if row else "",
            "lines": f"/{language}/search{at}" if listed else "",
            "unit": telling.unit_word(unit, language),
            "cells": [
                {"label": word(STAGES, stage, language),
                 "value": telling.decimal(values.get(stage))}
                for stage in stages
            ],
        })  # fmt: skip
    other = [line for line in found if line["code"] not in STAGES]
    return {
        "title": word(SECTIONS, "resources", language),
        "nil": _nil(lines, "resources"),
        "stages": [word(STAGES, code, language) for code in stages],
        "rows": rows,
        "lines": [_line(edition, line, period, language) for line in other],
    }


def _promise(row: Row, language: str) -> Mapping[str, Any]:
    rule = word(TARGET_RULES, row["target_rule"], language)
    unit = telling.unit_word(row["unit"], language)
    target = telling.decimal(row["target"])
    evidence = telling.either(row["evidence"], language)
    return {
        "text": named(row, "text", language),
        "target": f"{target}{'' if unit == '%' else ' '}{unit} {rule}"
        if language == "ko"
        else f"{rule} {target} {unit}".replace(f" 1 {unit}", f" 1 ({unit})"),
        "now": telling.decimal(row["now"]),
        "state": row["state"],
        "state_word": word(PROMISE_STATES, row["state"], language),
        "due_on": row["due_on"],
        "reason": telling.either(row["reason"], language),
        "evidence": evidence,
        "evidence_address": evidence if evidence.startswith(("https://", "http://")) else "",
        "made_in": row["made_in"],
        "agency": row["agency"],
        "period": row["period"],
        "number": row["promise"],
    }


def _figures(
    edition: Edition, lines: Sequence[Row], promises: Sequence[Row], language: str
) -> list[Figure]:
    """At most four figures: what was delivered, a result with its denominator, advice, promises."""
    figures = [_action(edition, line, language) for line in _best(lines)]
    results = [line for line in _of(lines, "results") if line["value"] is not None]
    if results:
        figures.append(_result(results[0], language))
    advice = [line for line in _of(lines, "advice") if line["code"] in ADVICE_ANSWERS]
    if advice:
        figures.append(_advice(advice, language))
    answered = [each for each in promises if each["state"] != "promised"]
    if answered:
        figures.append(_kept(answered, language))
    return figures[:FIGURES_MAX]


def _best(lines: Sequence[Row]) -> list[Row]:
    """Up to two figures of the ledger: the largest delivery of two different units."""
    delivered = [
        line
        for line in _of(lines, "resources")
        if line["code"] == "delivered" and line["value"] is not None
    ]
    delivered.sort(key=lambda line: -line["value"])
    chosen: dict[str, Row] = {}
    for line in delivered:
        chosen.setdefault(line["unit"], line)
    return list(chosen.values())[:2]


def _action(edition: Edition, line: Row, language: str) -> Figure:
    period = Period.parse(line["period"])
    parts = 1
    if counting.kind_of(line["unit"]):
        from koga.core import money

        parts = money.to_smallest(line["value"], line["unit"], rounding="floor")
        said = telling.in_words(parts, line["unit"], language)
    else:
        said = counting.spoken(line["value"], line["unit"], language)
    query = _query_behind(edition, line, period)
    count = search.find(edition, query).count if query else 0
    see = telling.see(count, LINES, language) if count else ""
    address = _behind(edition, line, period, language) if count else ""
    return Figure(_text(edition, line, language), said, [], address, see)


def _result(line: Row, language: str) -> Figure:
    said = counting.spoken(line["value"], line["unit"], language)
    facts = []
    if line["denominator"] is not None:
        of = named(line, "denominator", language)
        number = telling.decimal(line["denominator"])
        facts.append(f"{of} {number} 가운데" if language == "ko" else f"of {number} {of}")
    facts.append(window(line, language))
    text = named(line, "text", language) or line["code"]
    return Figure(text, said, [fact for fact in facts if fact], "", "")


def _advice(lines: Sequence[Row], language: str) -> Figure:
    answered = sum(line["code"] != "overdue" for line in lines)
    label = "전문가 조언에 답한 것" if language == "ko" else "Answers to experts' advice"
    facts = [
        f"{word(ADVICE_ANSWERS, code, language)} {count}"
        for code, count in (
            (code, sum(line["code"] == code for line in lines)) for code in ADVICE_ANSWERS
        )
        if count
    ]
    said = Said(f"{answered}", f"/ {len(lines)}", f"{answered} / {len(lines)}")
    return Figure(label, said, facts, "#advice", telling.see(len(lines), ITEMS, language))


def _kept(rows: Sequence[Row], language: str) -> Figure:
    states = counting.states(rows)
    met = states.get("met", 0)
    label = "지난 약속 가운데 지킨 것" if language == "ko" else "Earlier promises met"
    facts = [
        f"{word(PROMISE_STATES, state, language)} {states[state]}"
        for state in ("on_track", "late", "dropped")
        if states.get(state)
    ]
    said = Said(f"{met}", f"/ {len(rows)}", f"{met} / {len(rows)}")
    joined = [", ".join(facts)] if facts else []
    return Figure(label, said, joined, "#earlier", telling.see(len(rows), PROMISES, language))


def promises(edition: Edition, language: str) -> Mapping[str, Any]:
    """Every promise in its newest report, of all agencies."""
    newest: dict[str, Row] = {}
    for row in edition.tables["promises"]:
        held = newest.get(row["promise"])
        if held is None or Period.parse(held["period"]).end < Period.parse(row["period"]).end:
            newest[row["promise"]] = row
    rows = [{**_promise(row, language),
             "agency_name": named(edition.agencies[row["agency"]], "name", language)}
            for row in newest.values()]  # fmt: skip
    order = {state: place for place, state in enumerate(
        ("late", "dropped", "on_track", "met", "promised"))}  # fmt: skip
    rows.sort(key=lambda row: (order[row["state"]], row["agency"], row["number"]))
    return {
        "name_of_page": "약속" if language == "ko" else "Promises",
        "groups": [
            {"state": state, "word": word(PROMISE_STATES, state, language),
             "rows": [row for row in rows if row["state"] == state]}
            for state in order
            if any(row["state"] == state for row in rows)
        ],
        "count": len(rows),
    }  # fmt: skip


def lines(edition: Edition, language: str, code: str) -> Mapping[str, Any]:
    """Every line of statements with one code, newest period first."""
    found = [row for row in edition.tables["statement_lines"] if row["code"] == code]
    if not found or code == "nil":
        raise Absent(code)
    first = found[0]
    words = {"actions": ACTIONS, "resources": STAGES, "advice": ADVICE_ANSWERS}
    title = word(words.get(first["section"], {}), code, language)
    if title == code:
        title = named(first, "text", language) or code
    groups = []
    for period in edition.periods:
        rows = [row for row in found if row["period"] == period]
        shown = Period.parse(period)
        if rows:
            groups.append({
                "label": shown.label(language),
                "lines": [_line(edition, row, shown, language) for row in rows],
                "sums": [
                    counting.spoken(each.value, each.unit, language)
                    for each in counting.line_sums(edition, code, period)
                ] if first["section"] == "actions" or code in ADDED else [],
            })  # fmt: skip
    return {"name_of_page": title, "groups": groups, "code": code}


ADDED = ("talents_completed",)
"""Codes outside `actions` whose lines may be added across agencies: each person is counted once."""
