"""The futures of a scheme as its page shows them: charts, their tables, every measure.

All of it comes from the table `futures` of the release; nothing is computed here.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from koga.documents import futures_measures, futures_words
from koga.figures import futures as charts
from koga.figures.charts import Figure as Drawn
from koga.figures.futures_words import COLUMNS, amount, error_words
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
    defined = {row["name"]: row for row in rows if row["period"] == future_rows.ALL}
    return {
        "charts": [
            {
                "name": name,
                "figure": drawn,
                "heads": [
                    *([""] if len(drawn.columns) == len(drawn.rows[0]) - 1 else []),
                    *drawn.columns,
                ],
                **_table(found, name, drawn, language),
                "number": number,
            }
            for number, (name, drawn) in enumerate(charts.all_of(found, language), start=1)
        ],
        "measures": [
            _measure(found, each, defined[name], language)
            for name, each in _shown(found.figures).items()
        ],
        "paths": f"{found.paths:,}",
        "seed": found.seed,
        "engine": ENGINES[found.engine][at],
        "engine_version": found.engine_version,
        "sha256": found.sha256,
        "error": _error(found, language),
    }


def _shown(figures: Mapping[str, Figure]) -> Mapping[str, Figure]:
    """Every measure but those of obligations that ask nothing."""
    asked = futures_measures.asked(figures)
    return {
        name: each
        for name, each in figures.items()
        if name in asked or (each.mean is None and not name.startswith("obligation_"))
    }


def _table(
    found: future_rows.Published, name: str, drawn: Drawn, language: str
) -> Mapping[str, Any]:
    """A chart's table: the one unit of all its amounts, and its rows."""
    needed = charts.NAMES[name][0]
    known = [*((key, years[0]) for key, years in found.series.items()), *found.figures.items()]
    unit = next((each.unit for key, each in known if key.startswith(needed)), "")
    sizes = [abs(each) for row in drawn.rows for each in row[1:] if each is not None]
    printed = futures_words.printed_of(max(sizes, default=0), language)
    return {
        "unit": printed.unit if unit == measures.MONEY else measures.unit_word(unit, language),
        "rows": [_cells(drawn.columns, row, unit, printed, language) for row in drawn.rows],
    }


def _cells(
    heads: Sequence[str],
    row: Sequence[Any],
    unit: str,
    printed: futures_words.Printed,
    language: str,
) -> Mapping[str, Any]:
    """A row of a chart's table: its name, then its figures, each with the whole of it behind."""
    first, *numbers = row
    behind = heads[len(heads) - len(numbers) :]
    error = COLUMNS[language][-1]
    return {
        "name": str(first),
        "cells": [
            {
                "label": label,
                "said": futures_words.plus_minus(each, unit, printed)
                if label == error
                else futures_words.cell(each, unit, printed),
                "exact": "" if each is None else f"{each:,.0f}",
            }
            for label, each in zip(behind, numbers, strict=True)
        ],
    }


def _measure(
    found: future_rows.Published, each: Figure, row: Row, language: str
) -> Mapping[str, Any]:
    """One measure; what is the same in every future has no error, and no range as a chance has."""
    fixed = futures_words.is_fixed(each)
    ranged = not fixed and not _mean_only(each.name)

    def said(value: Any) -> str:
        return amount(value, each.unit, language) if ranged and value is not None else "–"

    return {
        "label": found.label(each.name, language),
        "definition": row["definition_ko" if language == "ko" else "definition_en"],
        "mean": amount(each.mean, each.unit, language),
        "exact": "" if row["mean"] is None else f"{row['mean']:,f}",
        "error": "" if fixed else error_words(each.error, each.unit, language),
        "p05": said(each.p05),
        "p95": said(each.p95),
        "approximate": each.approximate,
    }


def _mean_only(name: str) -> bool:
    """Whether only a measure's mean has a meaning; a name of another release may be unknown."""
    try:
        return measures.find(name).mean_only
    except KeyError:
        return False


def _error(found: future_rows.Published, language: str) -> str:
    """The largest error of the first chart's means, as people say it."""
    years = found.series.get("net.all", ())
    errors = [each.error for each in years if each.error is not None]
    return amount(max(errors), years[0].unit, language) if errors else ""
