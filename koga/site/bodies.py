"""Agencies and programmes: what each has done, from its records, flows and statements."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from koga.core.dates import Period
from koga.figures import charts
from koga.release.tables import DUE_STATES, INSTRUMENTS, SECTORS, STAGES
from koga.site import counting, effects, search, telling
from koga.site.edition import Edition, Row
from koga.site.front import axis
from koga.site.selectors import Absent
from koga.site.telling import named, word

QUARTERS = 12


def agencies(edition: Edition, language: str) -> Mapping[str, Any]:
    """Every agency and how many records it has."""
    counts = _counts(edition, "agency")
    rows = [
        {
            "agency": code,
            "name": named(row, "name", language),
            "kind": row["kind"],
            "reported": row["reported"],
            "successor": _name(edition.agencies, row["successor"], language),
            "records": f"{counts.get(code, 0):,}",
        }
        for code, row in edition.agencies.items()
    ]
    rows.sort(key=lambda row: row["name"])
    return {"name_of_page": "기관" if language == "ko" else "Agencies", "rows": rows}


def agency(edition: Edition, language: str, code: str) -> Mapping[str, Any]:
    """One agency: its names, its statements, its programmes."""
    row = edition.agencies.get(code)
    if row is None:
        raise Absent(code)
    due = [each for each in edition.tables["due"] if each["agency"] == code]
    due.sort(key=lambda each: Period.parse(each["period"]).end, reverse=True)
    counts = _counts(edition, "agency")
    return {
        "name_of_page": named(row, "name", language),
        "row": row,
        "successor": _name(edition.agencies, row["successor"], language),
        "due": [
            {
                "period": each["period"],
                "label": Period.parse(each["period"]).label(language),
                "state": word(DUE_STATES, each["state"], language),
                "days_late": each["days_late"],
                "signed_at": each["signed_at"],
                "left_out": each["records_left_out"],
                "there": (code, each["period"]) in edition.statements,
            }
            for each in due
        ],
        "programmes": [
            _programme(edition, each, language)
            for each in edition.programmes.values()
            if each["agency"] == code
        ],
        "count": counts.get(code, 0),
        "records": f"/{language}/search{search.Query(agency=code).address()}",
    }


def programmes(edition: Edition, language: str) -> Mapping[str, Any]:
    """Every programme, what it gave in the period and how many records it has."""
    rows = [_programme(edition, row, language) for row in edition.programmes.values()]
    rows.sort(key=lambda row: (row["agency_name"], row["name"]))
    return {
        "name_of_page": "지원사업" if language == "ko" else "Programmes",
        "rows": rows,
        "label": edition.period.label(language),
    }


def _programme(edition: Edition, row: Row, language: str) -> Mapping[str, Any]:
    code, unit = row["programme"], row["unit"]
    flows = edition.flows.get((code,), ())
    within = set(counting.quarters_of(edition.period))
    now = _stage(flows, unit, "delivered", within)
    return {
        "programme": code,
        "name": named(row, "name", language),
        "agency": row["agency"],
        "agency_name": named(edition.agencies[row["agency"]], "name", language),
        "instrument": word(INSTRUMENTS, row["instrument"], language),
        "sector": word(SECTORS, row["sector"], language),
        "unit": unit,
        "now": now,
        "ever": _stage(flows, unit, "delivered", None),
        "records": f"{_counts(edition, 'programme').get(code, 0):,}",
        "address": f"/{language}/search{search.Query(programme=code).address()}",
    }


def _stage(flows: Sequence[Row], unit: str, stage: str, quarters: set[str] | None) -> int:
    return sum(
        row["amount"]
        for row in flows
        if row["unit"] == unit
        and row["stage"] == stage
        and (quarters is None or row["quarter"] in quarters)
    )


def programme(edition: Edition, language: str, code: str) -> Mapping[str, Any]:
    """One programme: its stages by quarter, its targets of law, its records."""
    row = edition.programmes.get(code)
    if row is None:
        raise Absent(code)
    flows = edition.flows.get((code,), ())
    return {
        "name_of_page": named(row, "name", language),
        "row": row,
        "legal_basis": telling.either(row["legal_basis"], language),
        "told": _programme(edition, row, language),
        "tables": [
            _stages(flows, unit, language) for unit in sorted({each["unit"] for each in flows})
        ],
        "chart": _chart(flows, row["unit"], language),
        "count": _counts(edition, "programme").get(code, 0),
        "findings": effects.of_programme(edition, language, code),
    }


def _stages(flows: Sequence[Row], unit: str, language: str) -> Mapping[str, Any]:
    rows = [row for row in flows if row["unit"] == unit]
    stages = [code for code in STAGES if any(row["stage"] == code for row in rows)]
    cells = {(row["quarter"], row["stage"]): row["amount"] for row in rows}
    quarters = sorted({row["quarter"] for row in rows}, reverse=True)
    labels = [word(STAGES, code, language) for code in stages]
    return {
        "unit": unit,
        "stages": labels,
        "rows": [
            {
                "name": telling.quarter(name, language, long=True),
                "cells": [
                    {"label": label, "amount": cells.get((name, stage))}
                    for label, stage in zip(labels, stages, strict=True)
                ],
            }
            for name in quarters
        ],
        "sums": [
            {"label": label,
             "amount": sum(row["amount"] for row in rows if row["stage"] == stage)}
            for label, stage in zip(labels, stages, strict=True)
        ],
    }  # fmt: skip


def _chart(flows: Sequence[Row], unit: str, language: str) -> charts.Figure | None:
    """What was delivered by quarter; none where there is only one quarter."""
    sums = {
        row["quarter"]: row["amount"]
        for row in flows
        if row["unit"] == unit and row["stage"] == "delivered"
    }
    if len(sums) < 2:
        return None
    names = [max(sums)]
    while len(names) < QUARTERS and names[0] > min(sums):
        names.insert(0, Period.parse(names[0]).previous.name)
    values = [sums.get(name, 0) for name in names]
    label = word(STAGES, "delivered", language)
    plain = "분기별 지급·제공" if language == "ko" else "Delivered by quarter"
    return charts.stacked_columns(
        [telling.quarter(name, language) for name in names],
        [charts.Series(label, values, 0)],
        axis(max(map(abs, values)), unit, language),
        name="delivered", sentence=plain, description=plain,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _counts(edition: Edition, facet: str) -> Mapping[str, int]:
    return {each.value: each.count for each in search.choices(edition, search.Query())[facet]}


def _name(rows: Mapping[str, Row], code: str | None, language: str) -> str:
    return named(rows[code], "name", language) if code else ""
