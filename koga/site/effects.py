"""Effects: every finding as a card, and what stands in its place where there is none.

All of it comes from the tables of findings of the release; nothing is estimated here.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from koga.evaluate.cards import card_reading, card_words
from koga.evaluate.cards.card import Card
from koga.figures import effects as charts
from koga.figures.charts import Figure
from koga.site.edition import Edition, Row
from koga.site.selectors import Absent
from koga.site.telling import named

TONES: Mapping[str, str] = {"ok": "derived", "warn": "assumed", "fail": "late", "registered": ""}
"""The tone of a state's tag; its word says the same."""
_ORDER = ("ok", "warn", "fail", "registered")


@lru_cache(maxsize=64)
def told(edition: Edition, code: str, language: str) -> Card:
    """The card of a finding."""
    row = edition.findings[code]
    programme = edition.programmes[row["programme"]]
    told = card_reading.of_rows(
        row, programme, **{name: edition.tables[f"finding_{name}"] for name in _PARTS}
    )
    return told.card(language)


_PARTS = ("estimates", "checks", "points")


@lru_cache(maxsize=64)
def drawn(edition: Edition, code: str, language: str) -> Sequence[Mapping[str, Any]]:
    """The plots of a finding, numbered."""
    return figures(told(edition, code, language))


@lru_cache(maxsize=64)
def typeset(edition: Edition, code: str, language: str) -> bytes:
    """The card of a finding as a PDF; typeset once in the life of a process."""
    from koga.documents import finding_card

    if code not in edition.findings:
        raise Absent(code)
    foot = f"{edition.head.release} · sha256 {edition.name}"
    return finding_card.pdf(told(edition, code, language), foot=foot)


def figures(shown: Card) -> Sequence[Mapping[str, Any]]:
    """The plots of a card, numbered, with their tables by column."""
    return [
        {"name": name, "figure": figure, "number": number, "rows": _rows(figure),
         "head": _head(name, shown), "source": _source(name)}
        for number, (name, figure) in enumerate(charts.every(shown), start=1)
    ]  # fmt: skip


def _source(name: str) -> str:
    told = ("events", "groups", "synthetic_path", "arm_mean")
    return "finding_estimates" if name in told else "finding_points"


def _head(name: str, shown: Card) -> str:
    korean = shown.language == "ko"
    return {
        "events": f"첫 지원 뒤 {shown.span}" if korean else f"{shown.span}s since support",
        "groups": "첫 지원" if korean else "First support",
        "synthetic_path": shown.span if korean else shown.span.capitalize(),
        "synthetic_weights": "견준 대상" if korean else "Compared with",
        "arm_mean": "집단" if korean else "Arm",
    }.get(name, "계열" if korean else "Series")


def _rows(figure: Figure) -> list[Mapping[str, Any]]:
    return [
        {
            "name": row[0],
            "cells": [
                {"label": label, "said": said}
                for label, said in zip(figure.columns, row[1:], strict=True)
            ],
        }
        for row in figure.rows
    ]


def effects(edition: Edition, language: str) -> Mapping[str, Any]:
    """Every finding, and how many programmes have none."""
    rows = sorted(
        edition.findings.values(), key=lambda row: (_ORDER.index(row["state"]), row["finding"])
    )
    evaluated = {row["programme"] for row in rows}
    without = [
        {"programme": code, "name": named(row, "name", language)}
        for code, row in edition.programmes.items()
        if code not in evaluated
    ]
    return {
        "name_of_page": "성과" if language == "ko" else "Effects",
        "rows": [_entry(edition, row, language) for row in rows],
        "measured": sum(row["state"] != "registered" for row in rows),
        "programmes": len(edition.programmes),
        "without": without,
        "funds": sum(bool(row["paid_in"]) for row in edition.tables["funds"]),
    }


def _entry(edition: Edition, row: Row, language: str) -> Mapping[str, Any]:
    shown = told(edition, row["finding"], language)
    first = shown.lines[0] if shown.lines else None
    return {
        "finding": row["finding"],
        "heading": shown.heading,
        "programme": shown.programme,
        "question": shown.question,
        "state": shown.state_word,
        "tone": TONES[row["state"]],
        "alarm": shown.alarm,
        "estimate": "" if first is None or row["state"] == "fail"
        else card_words.behind(first.value, shown.unit, language),
        "interval": first.interval if first else "",
    }  # fmt: skip


def finding(edition: Edition, language: str, code: str) -> Mapping[str, Any]:
    """One finding as its card."""
    if code not in edition.findings:
        raise Absent(code)
    shown = told(edition, code, language)
    paths = {file.path for file in edition.release.manifest.files}
    plan = f"files/plans/{code}.toml"
    return {
        "name_of_page": shown.programme,
        "card": shown,
        "tone": TONES[shown.state],
        "figures": drawn(edition, code, language),
        "row": edition.findings[code],
        "plan": plan if plan in paths else "",
        "on_site": True,
    }


def of_programme(edition: Edition, language: str, programme: str) -> list[Mapping[str, Any]]:
    """The findings of one programme, for its own page."""
    return [
        _entry(edition, row, language)
        for row in edition.findings.values()
        if row["programme"] == programme
    ]
