"""What the funds returned: the card of a release's funds, computed from its own tables.

Figures against an index use the first benchmark the release carries; without one they are left out
and the page says so. Nothing here is read from anywhere but the release.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from koga.evaluate.cards import fund_card
from koga.evaluate.cards.fund_card import FundCard
from koga.evaluate.funds import fund_release
from koga.evaluate.funds import funds as study
from koga.evaluate.funds.funds import FundFinding
from koga.figures import funds as charts
from koga.site.edition import Edition
from koga.site.selectors import Absent

TONES: Mapping[str, str] = {"ok": "derived", "warn": "assumed", "fail": "late"}


def has_funds(edition: Edition) -> bool:
    """Whether a fund of the release has had money paid in."""
    return any(row["paid_in"] for row in edition.tables["funds"])


@lru_cache(maxsize=8)
def found(edition: Edition) -> FundFinding:
    """The release's funds, compared; an `Absent` where it tells of none."""
    if not has_funds(edition):
        raise Absent("funds")
    read = fund_release.read(edition.release, {}, "")
    carried = fund_release.benchmarks(edition.release)
    first = carried[0] if carried else None
    return study.evaluate(
        read, index=first.index if first else None, name=first.name if first else None
    )


@lru_cache(maxsize=16)
def told(edition: Edition, language: str) -> FundCard:
    """The card of the release's funds."""
    return fund_card.make(found(edition), language)


@lru_cache(maxsize=16)
def typeset(edition: Edition, language: str) -> bytes:
    """The card as a PDF; typeset once in the life of a process."""
    from koga.documents import fund_card as documents

    foot = f"{edition.head.release} · sha256 {edition.name}"
    return documents.pdf(told(edition, language), found(edition), foot=foot)


@lru_cache(maxsize=16)
def drawn(edition: Edition, language: str) -> Sequence[Mapping[str, Any]]:
    """The charts of the card."""
    return figures(found(edition), language)


def figures(finding: FundFinding, language: str) -> Sequence[Mapping[str, Any]]:
    """The charts of a card, numbered, with their tables."""
    made = charts.of_card(finding, language)
    return [
        {"name": name, "figure": figure, "number": number, "rows": list(_rows(figure))}
        for number, (name, figure) in enumerate(made.items(), start=1)
    ]


def _rows(figure: Any) -> Sequence[Mapping[str, Any]]:
    """A chart's table with its figures written; its first column heads the rows."""
    heads = figure.columns[1:]
    return [
        {
            "name": row[0],
            "cells": [
                {"label": label, "said": _written(cell)}
                for label, cell in zip(heads, row[1:], strict=True)
            ],
        }
        for row in figure.rows
    ]


def _written(cell: Any) -> str:
    if cell is None:
        return "–"
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def page(edition: Edition, language: str) -> Mapping[str, Any]:
    """The page of funds."""
    card = told(edition, language)
    return {
        "name_of_page": "펀드 성과" if language == "ko" else "Funds",
        "card": card,
        "tone": TONES[card.state],
        "figures": drawn(edition, language),
        "on_site": True,
    }
