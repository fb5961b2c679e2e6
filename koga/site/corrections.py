"""Corrections as people read them: what was changed, from what to what, why and when."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from koga.core.dates import Period
from koga.release.tables import REMOVED, TABLES
from koga.site import telling
from koga.site.edition import Edition, Row

SHOWN_MAX = 2_000
"""Corrections listed on their page; the file holds every one."""


def newest_first(edition: Edition) -> list[Row]:
    """Every correction, the newest first."""
    return sorted(
        edition.tables["corrections"],
        key=lambda row: (row["corrected_on"], row["correction"]),
        reverse=True,
    )


def told(edition: Edition, rows: Iterable[Row], language: str) -> list[Mapping[str, Any]]:
    """Corrections with their words and where they lead."""
    return [_told(edition, row, language) for row in rows]


def _told(edition: Edition, row: Row, language: str) -> Mapping[str, Any]:
    record = _record(edition, row)
    what = _what(edition, row, record, language)
    unit = record["unit"] if record else ""
    removed = row["field"] == REMOVED
    return {
        "what": what,
        "address": _address(row, record, language),
        "field": _field(row, language),
        "old": _value(row, row["old"], unit, language),
        "new": ("뺌" if language == "ko" else "taken out")
        if removed
        else _value(row, row["new"], unit, language),
        "reason": telling.either(row["reason"], language),
        "on": row["corrected_on"].isoformat(),
    }


def _what(edition: Edition, row: Row, record: Row | None, language: str) -> str:
    if record is not None:
        return str(record["title"] or record["recipient"] or row["row"])
    agency = edition.agencies.get(row["agency"])
    if agency is None or row["table"] == "records":
        return str(row["row"])
    parts = row["row"].split("/")
    period = parts[1] if len(parts) > 1 and parts[1] in edition.periods else ""
    name = telling.named(agency, "name", language)
    return f"{name}, {Period.parse(period).label(language)}" if period else name


def _record(edition: Edition, row: Row) -> Row | None:
    if row["table"] != "records":
        return None
    place = edition.index.place_of(row["row"])
    return None if place is None else edition.index.row(place)


def _address(row: Row, record: Row | None, language: str) -> str:
    if record is not None:
        return f"/{language}/records/{quote(record['record'], safe='')}"
    if row["table"] in ("statements", "statement_lines"):
        agency, _, rest = row["row"].partition("/")
        return f"/{language}/statements/{quote(agency, safe='')}/{rest.split('/')[0]}"
    return ""


def _field(row: Row, language: str) -> str:
    table = TABLES.get(row["table"])
    if row["field"] == REMOVED or table is None:
        return row["row"]
    try:
        column = table.column(row["field"])
    except KeyError:
        return f"{row['row']} · {row['field']}"
    return f"{row['row']} · {column.ko if language == 'ko' else column.en}"


def _value(row: Row, value: str | None, unit: str, language: str) -> str:
    """An amount with separators and its unit; other values as they were written."""
    if value is None:
        return ""
    digits = value.removeprefix("-")
    if unit and row["field"].startswith("amount") and digits.isdigit():
        joint = "" if language == "ko" and telling.is_money(unit) else " "
        return f"{telling.exact(int(value), unit)}{joint}{telling.unit_word(unit, language)}"
    return f"{int(value):,}" if digits.isascii() and digits.isdigit() else value


def page(edition: Edition, language: str) -> Mapping[str, Any]:
    """The page of corrections."""
    rows = newest_first(edition)
    return {
        "name_of_page": "고친 값" if language == "ko" else "Corrections",
        "count": len(rows),
        "shown": min(len(rows), SHOWN_MAX),
        "rows": told(edition, rows[:SHOWN_MAX], language),
    }
