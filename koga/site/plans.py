"""Schemes as readable pages: how little was stated, every value with its basis, the targets."""

from collections.abc import Mapping, Sequence
from typing import Any

from koga.core.dates import Period
from koga.documents import futures_values
from koga.plan.schemes import declared
from koga.plan.schemes import rows as leaf_rows
from koga.plan.schemes import values as leaf_values
from koga.release.tables import BASES
from koga.site import counting, futures, sentences, telling
from koga.site.edition import Edition, Row
from koga.site.front import Figure
from koga.site.selectors import Absent
from koga.site.telling import Said, named, word

KINDS = ("stated", "derived", "assumed")
FORMS: Mapping[str, tuple[str, str]] = {
    "fund": ("펀드", "fund"),
    "statutory_fund": ("법정 기금", "statutory fund"),
}
"""Words of a scheme's legal form; another form is shown as it is written."""
OPTIONS = "선택지 options: "
"""What stands before the options of a choice in the open table."""


def schemes(edition: Edition, language: str) -> Mapping[str, Any]:
    """Every scheme and how much of it was ever stated."""
    return {
        "name_of_page": "계획(스킴)" if language == "ko" else "Schemes",
        "rows": [
            {
                "scheme": row["scheme"],
                "name": named(row, "name", language),
                "summary": named(row, "summary", language),
                "form": _form(row, language),
                "proposed_on": row["proposed_on"],
                **{kind: f"{row[kind]:,}" for kind in KINDS},
                "total": f"{sum(row[kind] for kind in KINDS):,}",
            }
            for row in edition.schemes.values()
        ],
    }


def _form(row: Row, language: str) -> str:
    words = FORMS.get(row["legal_form"])
    return words[0 if language == "ko" else 1] if words else str(row["legal_form"])


def scheme(edition: Edition, language: str, code: str) -> Mapping[str, Any]:
    """One scheme."""
    row = edition.schemes.get(code)
    if row is None:
        raise Absent(code)
    values = [each for each in edition.tables["scheme_values"] if each["scheme"] == code]
    name = named(row, "name", language)
    total = sum(row[kind] for kind in KINDS)
    return {
        "name_of_page": name,
        "heading": sentences.scheme_values(name, row["stated"], total, language) or name,
        "row": row,
        "summary": named(row, "summary", language),
        "form": _form(row, language),
        "figures": [_figure(row, kind, values, language) for kind in KINDS],
        "groups": [
            {
                "kind": kind,
                "word": word(BASES, kind, language),
                "title": _title(kind, language),
                "count": sum(each["basis"] == kind for each in values),
                "parts": _parts(kind, values, language),
            }
            for kind in KINDS
        ],
        "targets": _targets(edition, code, language),
        "futures": futures.told(edition, code, language),
    }


def _parts(kind: str, values: Sequence[Row], language: str) -> list[Mapping[str, Any]]:
    """Values of one basis by the table of the file they stand in, in its order."""
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for each in values:
        if each["basis"] == kind:
            table = each["path"].partition(".")[0]
            parts.setdefault(table, []).append(_value(each, language))
    return [
        {
            "id": f"{kind}-{table}",
            "title": _table_title(table, language),
            "rows": rows,
            "open": kind != "assumed",
        }
        for table, rows in parts.items()
    ]


def _table_title(table: str, language: str) -> str:
    """A table of the scheme's file as people call it."""
    section = declared.SCHEME.part(table)
    if section is None:
        return table
    return section.ko if language == "ko" else section.en


def _title(kind: str, language: str) -> str:
    ko, en = {
        "stated": ("밝혀진 값", "Values stated"),
        "derived": ("밝혀진 값에서 셈한 값", "Values derived"),
        "assumed": ("가정한 값", "Values assumed"),
    }[kind]
    return ko if language == "ko" else en


def _figure(row: Row, kind: str, values: Sequence[Row], language: str) -> Figure:
    notes = {
        "stated": ("출처를 함께 적음", "each with its source"),
        "derived": ("셈식을 함께 적음", "each with its formula"),
        "assumed": ("범위와 까닭을 함께 적음", "each with its range and reason"),
    }
    count = sum(each["basis"] == kind for each in values)
    see = telling.see(count, ("개 값", "value{|s}"), language)
    return Figure(
        _title(kind, language),
        Said(f"{row[kind]:,}", "개" if language == "ko" else "", f"{row[kind]:,}"),
        [notes[kind][0 if language == "ko" else 1]],
        f"#{kind}" if count else "",
        see if count else "",
        kind,
    )


def _value(row: Row, language: str) -> Mapping[str, Any]:
    source = row["source"] or ""
    return {
        "label": named(row, "label", language) or row["path"],
        "path": row["path"],
        "value": _number(row["value"], row, language),
        "exact": row["value"],
        "kind": row["basis"],
        "basis": word(BASES, row["basis"], language),
        "range": _range(row, language),
        "source": source.replace("셈식(formula): ", "= "),
        "note": _note(row["note"], language),
    }


def _note(note: str | None, language: str) -> str:
    """A note in the page's language, the options of a choice too."""
    said, found, options = telling.either(note, language).partition(OPTIONS)
    if not found:
        return said
    head = "선택지: " if language == "ko" else "options: "
    return f"{said}{head}{telling.chosen_words(options, language)}"


def _number(value: str, row: Row, language: str, *, bare: bool = False) -> str:
    """A value with separators and its unit: won as people say them, shares in per cent.

    bare: without the unit behind it, as an end of a range.
    """
    unit = row["unit"] or ""
    sign, written = (value[:2], value[2:]) if value[:2] in ("≥ ", "≤ ") else ("", value)
    number = leaf_values.number(written)
    if number is None:
        return telling.chosen_words(value, language)
    if unit == "KRW" and number.denominator == 1:
        return sign + str(telling.in_words(int(number), unit, language))
    field = leaf_rows.field_at(row["path"])
    said = futures_values.figure(number, unit, field.type if field else "")
    behind = "" if bare or unit == "share" else telling.unit_word(unit, language)
    gap = "" if language == "ko" else " "
    return f"{sign}{said}{gap}{behind}".strip()


def _range(row: Row, language: str) -> str:
    if row["low"] is None and row["high"] is None:
        return ""
    low, high = (
        "" if row[end] is None else _number(row[end], row, language, bare=True)
        for end in ("low", "high")
    )
    return low if low == high else f"{low} – {high}"


def _targets(edition: Edition, code: str, language: str) -> list[Mapping[str, Any]]:
    """Targets beside what statements report; a target without a report says so."""
    rows = [row for row in edition.tables["targets"] if row["scheme"] == code]
    reported = {row["code"] for row in edition.tables["statement_lines"]}
    return [
        {
            "label": named(row, "label", language),
            "definition": named(row, "definition", language),
            "period": Period.parse(row["period"]).label(language),
            "target": telling.decimal(row["target_value"]),
            "unit": telling.unit_word(row["unit"], language),
            "reported": None
            if row["reported_value"] is None
            else str(counting.spoken(row["reported_value"], row["unit"], language)),
            "statements": row["statements"],
            "address": f"/{language}/lines/{row['metric']}" if row["metric"] in reported else "",
        }
        for row in rows
    ]
