"""Mappings written by a form: from column names to a first draft, from a form to TOML text."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from koga.operate.imports import mapping_keys as keys
from koga.release.tables import RECORDS

_BARE = re.compile(r"[A-Za-z0-9_-]+")
CONSTANT, TEMPLATE = "=constant", "=template"
"""Choices of a field's source beside the column names, which carry `COLUMN` in front."""
COLUMN = "c:"


def dumps(document: Mapping[str, Any]) -> str:
    """A mapping's tables as TOML, plain values first.

    >>> dumps({"register": "a", "fields": {"amount": {"column": "금액"}}})
    'register = "a"\\n\\n[fields.amount]\\ncolumn = "금액"\\n'
    """
    lines = [f"{_key(name)} = {_value(value)}" for name, value in _plain(document)]
    for name, value in document.items():
        if isinstance(value, dict):
            lines += _table(value, _key(name))
        elif _is_tables(value):
            for row in value:
                lines += ["", f"[[{_key(name)}]]"]
                lines += [f"{_key(part)} = {_value(inner)}" for part, inner in row.items()]
    return "\n".join(lines) + "\n"


def _table(table: Mapping[str, Any], name: str) -> list[str]:
    plain = _plain(table)
    lines = ["", f"[{name}]"] if plain or not table else []
    lines += [f"{_key(part)} = {_value(value)}" for part, value in plain]
    for part, value in table.items():
        if isinstance(value, dict):
            lines += _table(value, f"{name}.{_key(part)}")
    return lines


def _plain(table: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (name, value)
        for name, value in table.items()
        if not isinstance(value, dict) and not _is_tables(value)
    ]


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(name)} = {_value(part)}" for name, part in value.items())
        return "{ " + inner + " }"
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    controls = re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match[0]):04x}", escaped)
    return f'"{controls}"'


def suggest(columns: Sequence[str], file_name: str) -> dict[str, Any]:
    """A first draft: columns whose names are a field's own go to that field.

    >>> suggest(["금액", "비고"], "보조금.xlsx")["fields"]
    {'amount': {'column': '금액'}, 'unit': {'constant': 'KRW'}}
    """
    headings = {field.name: field.name for field in keys.FIELDS.values()}
    for column in RECORDS.columns:
        if column.name in keys.FIELDS:
            headings |= {column.ko: column.name, column.en.casefold(): column.name}
    headings |= {"기관": "agency", "사업": "programme", "금액": "amount", "통화": "unit"}
    fields: dict[str, Any] = {}
    for column in columns:
        name = headings.get(column.casefold())
        if name and name not in fields:
            fields[name] = {"column": column}
    fields.setdefault("unit", {"constant": "KRW"})
    stem = re.sub(r"[^a-z0-9._-]+", "-", file_name.rsplit(".", 1)[0].lower()).strip("-._")
    return {
        "register": stem[:40] or "register",
        "version": 1,
        "prefix": re.sub(r"[^A-Z0-9]", "", stem.upper())[:6] or "REG",
        "source_system": file_name,
        "fields": fields,
    }


def compose(document: Mapping[str, Any], form: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping as the form says it; what the form does not show stays as it was.

    form: texts by name; `field-NAME` is the chosen source, `text-NAME` its constant or template,
    `identity` the list of chosen columns.
    """
    found = {name: value for name, value in document.items() if name != "fields"}
    for name in ("register", "prefix", "source_system"):
        found[name] = str(form.get(name, "")).strip()
    found.setdefault("version", 1)
    _put(found, "identity", [str(column) for column in form.get("identity", [])])
    amounts = dict(found.get("amounts", {}))
    multiplier = str(form.get("multiplier", "")).replace(",", "").strip()
    _put(amounts, "multiplier", int(multiplier) if multiplier.isdecimal() else multiplier)
    _put(amounts, "rounding", str(form.get("rounding", "")))
    _put(found, "amounts", amounts)
    dates = dict(found.get("dates", {}))
    formats = [part.strip() for part in str(form.get("date_formats", "")).split(",")]
    _put(dates, "formats", [part for part in formats if part])
    _put(found, "dates", dates)
    before = document.get("fields", {})
    fields = {}
    for name in keys.FIELDS:
        rule = _composed(before.get(name, {}), form, name)
        if rule:
            fields[name] = rule
    found["fields"] = fields
    return found


def _put(table: dict[str, Any], name: str, value: Any) -> None:
    """Set a value, or leave it out where the form left it blank."""
    if value in ("", [], {}):
        table.pop(name, None)
    else:
        table[name] = value


def _composed(before: Mapping[str, Any], form: Mapping[str, Any], name: str) -> dict[str, Any]:
    source = str(form.get(f"field-{name}", ""))
    text = str(form.get(f"text-{name}", ""))
    if not source:
        return {}
    kept = {key: value for key, value in before.items() if key not in keys.SOURCES}
    if source == CONSTANT:
        return {"constant": text, **kept}
    if source == TEMPLATE:
        return {"template": text, **kept}
    return {"column": source.removeprefix(COLUMN), **kept}


def chosen(document: Mapping[str, Any], name: str) -> tuple[str, str]:
    """What the form shows for a field: the chosen source and the text beside it."""
    rule = document.get("fields", {}).get(name, {})
    if "constant" in rule:
        return CONSTANT, str(rule["constant"])
    if "template" in rule:
        return TEMPLATE, str(rule["template"])
    return (COLUMN + str(rule["column"]), "") if "column" in rule else ("", "")
