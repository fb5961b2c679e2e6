"""The futures of a scheme as its page shows them: charts, their tables, every measure.

All of it comes from the table `futures` of the release; nothing is computed here.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from koga.figures import futures as charts
from koga.figures.futures_words import amount
from koga.plan import future_rows, measures
from koga.plan.figure import Figure
from koga.site.edition import Edition, Row

ENGINES: Mapping[str, tuple[str, str]] = {
    "fast": ("기댓값으로", "by expectations over deals"),
    "exact": ("건마다 뽑아", "deal by deal"),
}


@lru_cache(maxsize=32)
def told(edition: Edition, code: str, language: str) -> Mapping[str, Any] | None:
    """What the page of a scheme says of its futures; None where the release holds none."""
    rows = [row for row in edition.tables["futures"] if row["scheme"] == code]
    found = future_rows.published(rows)
    if found is None:
        return None
    at = 0 if language == "ko" else 1
    return {
        "charts": [
            {
                "name": name,
                "figure": drawn,
                "heads": [
                    *([""] if len(drawn.columns) == len(drawn.rows[0]) - 1 else []),
                    *drawn.columns,
                ],
                "unit": _unit(found, name, language),
                "rows": [_cells(drawn.columns, row) for row in drawn.rows],
                "number": number,
            }
            for number, (name, drawn) in enumerate(charts.all_of(found, language), start=1)
        ],
        "measures": [
            _measure(found, each, row, language)
            for each, row in zip(found.figures.values(), _measures(rows), strict=True)
        ],
        "paths": f"{found.paths:,}",
        "seed": found.seed,
        "engine": ENGINES[found.engine][at],
        "engine_version": found.engine_version,
        "sha256": found.sha256,
        "error": _error(found, language),
    }


def _measures(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["period"] == future_rows.ALL]


def _unit(found: future_rows.Published, name: str, language: str) -> str:
    """The unit of a chart's table."""
    needed = charts.NAMES[name][0]
    known = [*((key, years[0]) for key, years in found.series.items()), *found.figures.items()]
    unit = next((each.unit for key, each in known if key.startswith(needed)), "")
    return measures.unit_word(unit, language)


def _cells(heads: Sequence[str], row: Sequence[Any]) -> Mapping[str, Any]:
    """A row of a chart's table: its name, then whole numbers with separators."""
    first, *numbers = row
    behind = heads[len(heads) - len(numbers) :]
    said = ["–" if each is None else f"{each:,.0f}" for each in numbers]
    return {
        "name": str(first),
        "cells": [{"label": label, "said": each} for label, each in zip(behind, said, strict=True)],
    }


def _measure(
    found: future_rows.Published, each: Figure, row: Row, language: str
) -> Mapping[str, Any]:
    def said(value: Any) -> str:
        return amount(value, each.unit, language)

    return {
        "label": found.label(each.name, language),
        "definition": row["definition_ko" if language == "ko" else "definition_en"],
        "mean": said(each.mean),
        "exact": "" if row["mean"] is None else f"{row['mean']:,f}",
        "error": "" if each.error is None else said(each.error),
        "p05": said(each.p05) if each.p05 is not None else "–",
        "p95": said(each.p95) if each.p95 is not None else "–",
        "approximate": each.approximate,
    }


def _error(found: future_rows.Published, language: str) -> str:
    """The largest error of the first chart's means, as people say it."""
    years = found.series.get("net.all", ())
    errors = [each.error for each in years if each.error is not None]
    return amount(max(errors), years[0].unit, language) if errors else ""
