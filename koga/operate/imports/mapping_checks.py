"""What can be wrong with a mapping before any file is read: its shape, then its sense."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from koga.core.problems import Problem, Refusal
from koga.core.units import find
from koga.operate.imports import mapping_keys as keys
from koga.operate.imports.mapping_keys import HOLE, Key
from koga.release.tables import INSTRUMENTS, RECIPIENT_CLASSES, SECTORS

_REGISTER = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_PREFIX = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
_CODE = re.compile(r"[0-9A-Za-z가-힣][0-9A-Za-z가-힣._-]{0,59}")
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "text": str,
    "integer": int,
    "boolean": bool,
    "date": date,
    "texts": list,
    "patterns": list,
    "map": (dict, str),
    "table": (dict, list),
}
_CLOSED: Mapping[str, Iterable[str]] = {
    "instrument": INSTRUMENTS,
    "sector": SECTORS,
    "recipient_class": RECIPIENT_CLASSES,
}


def problems_of(document: Mapping[str, Any]) -> list[Problem]:
    """Every problem of a mapping; what the keys mean together only once their types are right."""
    found = list(_shape(document))
    if any(problem.code == "imports.mapping_type" for problem in found):
        return found
    return found + list(_sense(document))


# --- shape: which keys, of which types


def _shape(document: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _table(document, {**keys.TOP, **keys.TABLES}, "")
    sections = {
        "file": keys.FILE,
        "amounts": keys.AMOUNTS,
        "dates": keys.DATES,
        "recipient": keys.RECIPIENT,
        "programmes": keys.PROGRAMMES,
        "agencies": keys.AGENCIES,
    }
    for name, declared in sections.items():
        yield from _section(document.get(name, {}), declared, name)
    for name, declared in (("agency", keys.AGENCY), ("succession", keys.SUCCESSION)):
        rows = document.get(name, [])
        if not isinstance(rows, list):
            yield _wrong_type(name, rows, "[[…]]")
            continue
        for place, row in enumerate(rows, start=1):
            yield from _section(row, declared, f"{name} {place}")
    yield from _fields_shape(document)
    yield from _maps_shape(document.get("maps", {}))


def _fields_shape(document: Mapping[str, Any]) -> Iterator[Problem]:
    fields = document.get("fields", {})
    if not isinstance(fields, dict):
        yield _wrong_type("fields", fields, "[fields.…]")
        return
    maps = document.get("maps", {})
    for name, rule in fields.items():
        where = f"fields.{name}"
        if name not in keys.FIELDS:
            yield Problem("imports.mapping_key", where, name, {"known": ", ".join(keys.FIELDS)})
            continue
        yield from _section(rule, keys.RULE, where)
        if not isinstance(rule, dict):
            continue
        if sum(source in rule for source in keys.SOURCES) != 1:
            yield Problem("imports.mapping_rule", where, ", ".join(rule) or "-")
        lookup = rule.get("map")
        if isinstance(lookup, str) and (not isinstance(maps, dict) or lookup not in maps):
            yield Problem("imports.mapping_map", f"{where}.map", lookup)
        if isinstance(lookup, dict):
            yield from _texts_only(lookup, f"{where}.map")


def _maps_shape(maps: Any) -> Iterator[Problem]:
    if not isinstance(maps, dict):
        yield _wrong_type("maps", maps, "[maps.…]")
        return
    for name, table in maps.items():
        if isinstance(table, dict):
            yield from _texts_only(table, f"maps.{name}")
        else:
            yield _wrong_type(f"maps.{name}", table, "[maps.…]")


def _texts_only(table: Mapping[str, Any], where: str) -> Iterator[Problem]:
    for name, value in table.items():
        if not isinstance(value, str):
            yield _wrong_type(f"{where}.{name}", value, "text")


def _section(table: Any, declared: Mapping[str, Key], where: str) -> Iterator[Problem]:
    if isinstance(table, dict):
        yield from _table(table, declared, where)
    else:
        yield _wrong_type(where, table, f"[{where}]")


def _table(table: Mapping[str, Any], declared: Mapping[str, Key], where: str) -> Iterator[Problem]:
    prefix = f"{where}." if where else ""
    for name in table.keys() - declared.keys():
        known = {"known": ", ".join(declared)}
        yield Problem("imports.mapping_key", f"{prefix}{name}", name, known)
    for name, key in declared.items():
        if name not in table:
            if key.required:
                yield Problem("imports.mapping_missing", f"{prefix}{name}")
            continue
        yield from _value(table[name], key, f"{prefix}{name}")


def _value(value: Any, key: Key, where: str) -> Iterator[Problem]:
    expected = _KINDS[key.kind]
    boolean_as_number = key.kind == "integer" and isinstance(value, bool)
    several = key.kind in ("texts", "patterns")
    wrong = not isinstance(value, expected) or boolean_as_number
    if wrong or (several and not all(isinstance(one, str) for one in value)):
        yield _wrong_type(where, value, key.kind)
    elif key.kind == "patterns":
        for pattern in value:
            if (fault := _pattern_fault(pattern)) is not None:
                yield Problem("imports.mapping_pattern", where, pattern, {"fault": fault})
    elif key.choices and value not in key.choices:
        expected_words = " · ".join(repr(choice) for choice in key.choices)
        yield Problem("imports.mapping_value", where, str(value), {"expected": expected_words})


def _pattern_fault(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    return None


def _wrong_type(where: str, value: Any, expected: str) -> Problem:
    return Problem("imports.mapping_type", where, str(value), {"expected": expected})


# --- sense: what the keys say together


def _sense(document: Mapping[str, Any]) -> Iterator[Problem]:
    fields = document.get("fields")
    yield from _codes(document)
    if isinstance(fields, dict):
        yield from _required_fields(document, fields)
        yield from _constants(fields)
    yield from _declared_agencies(document)
    amounts = document.get("amounts", {})
    if isinstance(amounts, dict):
        decimal, thousands = amounts.get("decimal", "."), amounts.get("thousands", ",")
        if decimal == thousands:
            expected = {"expected": "decimal ≠ thousands"}
            yield Problem("imports.mapping_value", "amounts.thousands", str(thousands), expected)
        multiplier = amounts.get("multiplier", 1)
        if isinstance(multiplier, int) and multiplier < 1:
            expected = {"expected": "≥ 1"}
            yield Problem("imports.mapping_value", "amounts.multiplier", str(multiplier), expected)
    yield from _rows_and_shares(document)


def _codes(document: Mapping[str, Any]) -> Iterator[Problem]:
    for name, pattern, expected in (
        ("register", _REGISTER, "berlin-grants"),
        ("prefix", _PREFIX, "BER"),
    ):
        value = document.get(name)
        if isinstance(value, str) and not pattern.fullmatch(value):
            yield Problem("imports.mapping_value", name, value, {"expected": expected})


def _rows_and_shares(document: Mapping[str, Any]) -> Iterator[Problem]:
    file = document.get("file", {})
    header_row = file.get("header_row", 1) if isinstance(file, dict) else 1
    if isinstance(header_row, int) and not 1 <= header_row <= 1000:
        expected = {"expected": "1 … 1000"}
        yield Problem("imports.mapping_value", "file.header_row", str(header_row), expected)
    for name in _list(document.get("split_sums")):
        if name not in keys.SHARES:
            expected = {"expected": ", ".join(keys.SHARES)}
            yield Problem("imports.mapping_value", "split_sums", str(name), expected)


def _required_fields(document: Mapping[str, Any], fields: Mapping[str, Any]) -> Iterator[Problem]:
    programmes = document.get("programmes", {})
    existing = isinstance(programmes, dict) and programmes.get("existing") is True
    required = [name for name, field in keys.FIELDS.items() if field.required]
    if not existing:
        required += ["agency", "instrument", "unit"]
    for name in required:
        if name not in fields:
            yield Problem("imports.mapping_missing", f"fields.{name}")
    personal = {
        column for name in ("recipient", "recipient_id") for column in _columns_of(fields.get(name))
    }
    for column in _list(document.get("identity")):
        if column in personal and _may_be_person(document):
            yield Problem("imports.mapping_personal", "identity", str(column))


def _may_be_person(document: Mapping[str, Any]) -> bool:
    recipient = document.get("recipient", {})
    classes = document.get("fields", {}).get("recipient_class", {})
    declared = isinstance(recipient, dict) and bool(recipient.get("person"))
    constant = classes.get("constant") if isinstance(classes, dict) else None
    return declared or (bool(classes) and constant in (None, "person"))


def _columns_of(rule: Any) -> tuple[str, ...]:
    if not isinstance(rule, dict):
        return ()
    column, template = rule.get("column"), rule.get("template")
    if isinstance(column, str):
        return (column,)
    return tuple(HOLE.findall(template)) if isinstance(template, str) else ()


def _constants(fields: Mapping[str, Any]) -> Iterator[Problem]:
    """Values that are the same on every row can be judged without a row."""
    for name, rule in fields.items():
        fixed = rule.get("constant") if isinstance(rule, dict) else None
        if not isinstance(fixed, str) or not fixed:
            continue
        where = f"fields.{name}.constant"
        if name in _CLOSED and fixed not in _CLOSED[name]:
            expected = {"expected": ", ".join(_CLOSED[name])}
            yield Problem("imports.mapping_value", where, fixed, expected)
        if name == "unit":
            try:
                find(fixed, where)
            except Refusal as refusal:
                yield from refusal.problems


def _declared_agencies(document: Mapping[str, Any]) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    codes = set()
    for place, agency in enumerate(_tables(document.get("agency")), start=1):
        code = agency.get("code")
        if isinstance(code, str):
            codes.add(code)
            if not _CODE.fullmatch(code):
                expected = {"expected": "be-economy"}
                yield Problem("imports.mapping_value", f"agency {place}.code", code, expected)
        for value in _list(agency.get("values")):
            if value in taken:
                yield Problem("imports.mapping_twice", f"agency {place}.values", str(value))
            taken[value] = str(code)
        for spot, name in enumerate(_tables(agency.get("names")), start=1):
            yield from _section(name, keys.NAME, f"agency {place}.names {spot}")
    for place, row in enumerate(_tables(document.get("succession")), start=1):
        for end in ("from", "to"):
            if isinstance(row.get(end), str) and row[end] not in codes:
                yield Problem("imports.mapping_agency", f"succession {place}.{end}", row[end])


def _tables(rows: Any) -> list[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else []
