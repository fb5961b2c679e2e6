"""The front page: the period in five figures, money over time and by sector, what is missing."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from koga.core.dates import Period, quarter_of
from koga.figures import charts
from koga.release.tables import DUE_STATES, INSTRUMENTS, PROMISE_STATES, SECTORS, STAGES
from koga.site import corrections, counting, search, sentences, telling
from koga.site.edition import Edition, Row
from koga.site.selectors import REPORTED, Absent
from koga.site.telling import Said, named, word

QUARTERS = 10
CORRECTIONS = 5
TRAINED = ("talents_completed", "seats_filled")
"""Codes of statement lines that count people trained: completions where reported, else places."""
RULES = ("rule_removed",)
LINES, ITEMS, PROMISES = ("줄", "line{|s}"), ("개 항목", "item{|s}"), ("개 약속", "promise{|s}")
"""What a figure's link counts, behind the number."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the figures in a row.

    label: what it is. said: the number; None where nothing was reported. facts: what puts it in
    proportion. address, lines: the lines it sums and how many they are.
    """

    label: str
    said: Said | None
    facts: Sequence[str]
    address: str
    lines: str
    tone: str = ""

    @property
    def long(self) -> bool:
        """Whether the number needs smaller type."""
        if self.said is None:
            return False
        behind = sum(15 if sign > "\u2e80" else 8 for sign in self.said.unit)
        return 20 * len(self.said.number) + behind > 200


@lru_cache(maxsize=8)
def content(edition: Edition, language: str) -> Mapping[str, Any]:
    """Everything the front page shows."""
    unit = counting.main_unit(edition, "money")
    due = edition.due_now()
    silent = [row for row in due if row["state"] not in REPORTED]
    older = [row for row in edition.tables["due"] if row["state"] == "missing"]
    missing = sorted(
        {(row["agency"], row["period"]): row for row in (*silent, *older)}.values(),
        key=lambda row: (-row["days_late"], row["period"], row["agency"]),
    )
    corrected = corrections.newest_first(edition)
    owed_by = max((row["due_on"] for row in due), default=None)
    return {
        "heading": _heading(edition, unit, language),
        "span": telling.span(edition.period, language),
        "reporting": len(due) - len(silent),
        "figures": [
            _money(edition, unit, language),
            _compute(edition, language),
            _reported(edition, TRAINED, ("교육을 마친 사람", "Training completed"), language),
            _reported(edition, RULES, ("없애거나 고친 규제", "Rules removed or changed"), language),
            _promises(edition, language),
        ],
        "over_time": _over_time(edition, unit, language),
        "by_sector": _by_sector(edition, unit, language),
        "unit": unit,
        "missing": missing,
        "missing_rows": [_silent(edition, row, language) for row in missing],
        "missing_heading": sentences.silent([row["agency"] for row in silent], len(due), language),
        "due_day": telling.day(owed_by, language),
        "due_past": owed_by is not None and owed_by < telling.seoul(edition.head.signed_on).date(),
        "corrections": corrections.told(edition, corrected[:CORRECTIONS], language),
        "corrections_count": len(corrected),
    }


def _silent(edition: Edition, row: Row, language: str) -> Mapping[str, Any]:
    """An agency that has not reported, as the table shows it."""
    last = row["last_period"]
    never = "없음" if language == "ko" else "none"
    return {
        "agency": row["agency"],
        "name": named(edition.agencies[row["agency"]], "name", language),
        "last": Period.parse(last).label(language) if last else never,
        "period": Period.parse(row["period"]).label(language),
        "state": word(DUE_STATES, row["state"], language),
        "days_late": row["days_late"],
        "left_out": row["records_left_out"],
        "reason": telling.either(row["reason"], language),
    }


def _heading(edition: Edition, unit: str, language: str) -> str:
    """The finding of the period; blank where there is none."""
    if not unit:
        return ""
    now, before = (
        {
            word(INSTRUMENTS, code, language): amount
            for code, amount in counting.by(
                edition, "instrument", counting.chosen(edition, unit, period)
            ).items()
        }
        for period in (edition.period, counting.year_before(edition.period))
    )
    return sentences.support(edition.period, unit, now, before, language)


def _money(edition: Edition, unit: str, language: str) -> Figure:
    label = "지급·제공한 돈" if language == "ko" else "Money delivered"
    if not unit:
        return Figure(label, None, [], "", "")
    period = edition.period
    now = counting.total(edition, counting.chosen(edition, unit, period))
    before = counting.total(edition, counting.chosen(edition, unit, counting.year_before(period)))
    promised = counting.stages(edition, unit, period).get("committed", 0)
    ever = counting.total(edition, counting.chosen(edition, unit))
    facts = [
        ("한 해 전 같은 기간 {}", "same months a year before {}", before),
        ("같은 기간 협약 {}", "committed in the period {}", promised),
        ("처음부터 모두 {}", "since the first record {}", ever),
    ]
    said = [
        (ko if language == "ko" else en).format(telling.in_words(amount, unit, language))
        for ko, en, amount in facts
        if amount
    ]
    address, lines = _records(edition, unit, language)
    return Figure(label, telling.in_words(now, unit, language), said[:2], address, lines)


def _compute(edition: Edition, language: str) -> Figure:
    label = "제공한 GPU 시간" if language == "ko" else "GPU-hours delivered"
    unit = counting.main_unit(edition, "compute")
    if not unit:
        return Figure(label, None, [], "", "")
    now = counting.total(edition, counting.chosen(edition, unit, edition.period))
    stages = counting.stages(edition, unit, edition.period)
    facts = [
        f"{word(STAGES, stage, language)} {telling.in_words(stages[stage], unit, language).number}"
        f"{_size(telling.in_words(stages[stage], unit, language), unit, language)}"
        for stage in ("available", "committed", "returned", "lapsed")
        if stages.get(stage)
    ]
    grade = unit.removeprefix("GPU-HOUR-")
    ko, en = f"GPU {grade} 기준", f"of grade {grade}"
    address, lines = _records(edition, unit, language)
    spoken = telling.in_words(now, unit, language)
    small = _size(spoken, unit, language)
    hours = "시간" if language == "ko" else "hours"
    shown = Said(spoken.number, f"{small.strip()} {hours}".strip(), spoken.exact)
    joined = [", ".join(facts)] if facts else []
    return Figure(label, shown, [ko if language == "ko" else en, *joined], address, lines)


def _size(spoken: Said, unit: str, language: str) -> str:
    """The word for the size alone: 만, million."""
    size = spoken.unit.removesuffix(telling.unit_word(unit, language)).strip()
    return size if language == "ko" or not size else " " + size


def _records(edition: Edition, unit: str, language: str) -> tuple[str, str]:
    count = counting.rows_in(edition, unit, edition.period)
    address = search.Query(unit=unit, period=edition.period.name).address()
    return f"/{language}/search{address}", telling.see(count, LINES, language)


def _reported(
    edition: Edition, codes: Sequence[str], label: tuple[str, str], language: str
) -> Figure:
    """A figure summed over lines of statements, of the first code that is reported."""
    korean = language == "ko"
    found = {code: counting.line_sums(edition, code, edition.period.name) for code in codes}
    code, sums = next(((code, sums) for code, sums in found.items() if sums), ("", []))
    if not sums:
        return Figure(label[0 if korean else 1], None, [], "", "")
    first = sums[0]
    facts = [
        f"{first.agencies}개 기관의 보고" if korean else f"agencies reporting: {first.agencies}"
    ]
    facts += _targets(edition, code, first.unit, language)
    address = f"/{language}/lines/{code}"
    lines = telling.see(len(first.lines), ITEMS, language)
    said = counting.spoken(first.value, first.unit, language)
    return Figure(label[0 if korean else 1], said, facts[:3], address, lines)


def _targets(edition: Edition, code: str, unit: str, language: str) -> list[str]:
    """The largest target of the year that statements answer for what a code counts, in words."""
    found = [
        row
        for row in edition.tables["targets"]
        if row["statements"]
        and row["metric"] == code
        and row["unit"] == unit
        and edition.period.start in Period.parse(row["period"])
    ]
    if not found:
        return []
    row = max(found, key=lambda each: each["target_value"])
    value = telling.decimal(row["target_value"])
    if language == "ko":
        return [f"계획의 {row['period']}년 목표 {value}"]
    return [f"a scheme's target for {row['period']}: {value}"]


def _promises(edition: Edition, language: str) -> Figure:
    korean = language == "ko"
    label = "지난 약속 가운데 지킨 것" if korean else "Earlier promises met"
    rows = [
        row
        for row in edition.tables["promises"]
        if row["period"] == edition.period.name and row["state"] != "promised"
    ]
    if not rows:
        return Figure(label, None, [], "", "")
    states = counting.states(rows)
    parts = [
        f"{word(PROMISE_STATES, state, language)} {states[state]}"
        for state in ("on_track", "late", "dropped")
        if states.get(state)
    ]
    met = states.get("met", 0)
    said = Said(f"{met}", f"/ {len(rows)}", f"{met} / {len(rows)}")
    lines = telling.see(len(rows), PROMISES, language)
    return Figure(label, said, [", ".join(parts)], f"/{language}/promises", lines)


def _last_quarter(edition: Edition, cells: Mapping[tuple[str, str], int]) -> str:
    """The last quarter drawn: the period's own, or an earlier one where records end before it."""
    end = quarter_of(edition.period.end)
    return min(end, max((quarter for quarter, _ in cells), default=end))


def _over_time(edition: Edition, unit: str, language: str) -> Mapping[str, Any] | None:
    if not unit:
        return None
    cells = counting.crossed(edition, ("quarter", "instrument"), counting.chosen(edition, unit))
    last = Period.parse(_last_quarter(edition, cells))
    quarters = [last]
    while len(quarters) < QUARTERS and quarters[0].previous.name >= min(
        (name for name, _ in cells), default=last.name
    ):
        quarters.insert(0, quarters[0].previous)
    names = [each.name for each in quarters]
    sums = {
        code: [cells.get((name, code), 0) for name in names]
        for code in edition.index.values["instrument"]
    }
    shown = [(code, row) for code, row in sums.items() if any(row)]
    shown.sort(key=lambda each: (-sum(each[1]), each[0]))
    series = [
        charts.Series(word(INSTRUMENTS, code, language), row, min(place, 5))
        for place, (code, row) in enumerate(shown)
    ]
    largest = max((sum(row[place] for _, row in shown) for place in range(len(names))), default=0)
    values = {each.label: each.values for each in series}
    plain = "분기별 지원, 수단별" if language == "ko" else "Support by quarter and instrument"
    heading = sentences.over_time(names, values, unit, language) or plain
    figure = charts.stacked_columns(
        [telling.quarter(name, language) for name in names], series,
        axis(largest, unit, language),
        name="over-time", sentence=heading, description=plain,
    )  # fmt: skip
    table = [
        {
            "name": telling.quarter(name, language, long=True),
            "code": name,
            "cells": [{"label": each.label, "amount": each.values[place]} for each in series],
        }
        for place, name in enumerate(names)
    ]
    address = f"/{language}/search{search.Query(unit=unit).address()}"
    return {"figure": figure, "table": table, "address": address}


def axis(largest: int, unit: str, language: str) -> charts.Scale:
    """The unit along an axis for amounts in smallest parts: 억 원, bn euros, 만 GPU 시간."""
    parts = 10 ** -int(telling.whole(1, unit).as_tuple().exponent)
    scale = charts.scale_of(largest // parts, language)
    plain = "원" if language == "ko" else "won"
    return charts.Scale(
        scale.size * parts, scale.unit.replace(plain, telling.unit_word(unit, language))
    )


def _by_sector(edition: Edition, unit: str, language: str) -> Mapping[str, Any] | None:
    if not unit:
        return None
    sums = counting.by(edition, "sector", counting.chosen(edition, unit, edition.period))
    if not sums:
        return None
    nothing = "분야 적지 않음" if language == "ko" else "no sector stated"
    order = sorted((code for code in sums if code), key=lambda code: (-sums[code], code))
    order += [code for code in sums if not code]
    labels = [word(SECTORS, code, language) if code else nothing for code in order]
    values = [sums[code] for code in order]
    said = [str(telling.in_words(value, unit, language)).removesuffix(" 원") for value in values]
    total = sum(values)
    known = {label: sums[code] for label, code in zip(labels, order, strict=True) if code}
    plain = "분야별 지원" if language == "ko" else "Support by sector"
    heading = sentences.by_sector(known, total, unit, language) or plain
    figure = charts.bars(
        labels, values, said, name="by-sector", sentence=heading, description=plain,
        heading=telling.unit_word(unit, language), grey=order.index("") if "" in order else None,
    )  # fmt: skip
    return {
        "figure": figure,
        "unstated": sums.get(""),
        "table": [
            {
                "name": label,
                "code": code,
                "amount": sums[code],
                "address": f"/{language}/search"
                + search.Query(
                    unit=unit, period=edition.period.name, sector=code or search.NONE
                ).address(),
            }
            for code, label in zip(order, labels, strict=True)
        ],
        "address": f"/{language}/search"
        + search.Query(unit=unit, period=edition.period.name).address(),
    }


def csv_of(edition: Edition, language: str, name: str) -> str:
    """The numbers of a chart as CSV, amounts in the smallest parts of the unit."""
    shown = content(edition, language)
    target = io.StringIO()
    write = csv.writer(target, lineterminator="\n").writerow
    if name == "over-time" and shown["over_time"]:
        labels = [cell["label"] for cell in shown["over_time"]["table"][0]["cells"]]
        write(["quarter", "unit", *labels])
        for row in shown["over_time"]["table"]:
            write([row["code"], shown["unit"], *(cell["amount"] for cell in row["cells"])])
    elif name == "by-sector" and shown["by_sector"]:
        write(["period", "sector", "label", "unit", "amount"])
        for row in shown["by_sector"]["table"]:
            write([edition.period.name, row["code"], row["name"], shown["unit"], row["amount"]])
    else:
        raise Absent(name)
    return target.getvalue()
