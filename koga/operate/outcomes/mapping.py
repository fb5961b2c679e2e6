"""Mappings of outcomes and applications: which column fills which field, as data.

They are written like those of awards ([file], [amounts], [dates], [fields.NAME], [maps]) and name
their kind, so that a register of one kind is never read as another.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from koga.core.problems import Problem, Refusal
from koga.operate.imports import mapping as awards
from koga.operate.imports.mapping import Amounts, Rule
from koga.operate.imports.mapping_keys import HOLE
from koga.operate.imports.sheets import FileSettings

FIELDS: Mapping[str, Mapping[str, bool]] = {
    "outcomes": {
        "unit": True, "month": True, "metric": True, "value": True, "source": True,
        "coverage": True,
    },
    "applications": {
        "programme": True, "round": True, "unit": True, "answer": True, "score": False,
        "cutoff": False, "decided_on": False, "asked": False,
    },
}  # fmt: skip
"""Fields of each kind, and whether a row cannot do without them."""
UNITS = ("business", "corporate", "person", "code")
"""What names a unit: a registration number, a person (kept as an opaque number), or a code."""
_TOP = ("kind", "series", "source_system", "units", "file", "amounts", "dates", "fields", "maps")
_RULE = ("column", "constant", "template", "map", "otherwise", "default")


@dataclass(frozen=True, slots=True)
class OutcomeMapping:
    """A checked mapping; text as written and its SHA-256, the rest as declared there."""

    kind: str
    series: str
    source_system: str
    units: str
    file: FileSettings
    amounts: Amounts
    date_formats: tuple[str, ...]
    fields: Mapping[str, Rule]
    text: str
    sha256: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it reads, once."""
        return tuple(
            dict.fromkeys(column for rule in self.fields.values() for column in rule.columns)
        )


def load(name: str | Path, kind: str) -> OutcomeMapping:
    """Read a mapping file of a kind; a `Refusal` lists every problem."""
    path = Path(name)
    path = path if path.is_file() else awards.SHIPPED / path.name
    try:
        text = path.read_bytes()[: awards.TEXT_MAX + 1].decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(Problem("imports.mapping_file", str(name), str(error))) from None
    return parse(text, kind, where=path.name)


def parse(text: str, kind: str, where: str = "mapping") -> OutcomeMapping:
    """Check a mapping and read it."""
    document = awards.document_of(text, where)
    if document.get("kind") != kind:
        expected = {"expected": kind}
        given = str(document.get("kind", "awards"))
        raise Refusal(Problem("outcomes.mapping_kind", where, given, expected))
    problems = [*_top(document), *_settings(document), *_fields(document, kind)]
    if problems:
        raise Refusal(problems)
    amounts = dict(document.get("amounts", {}))
    amounts["symbols"] = tuple(amounts.get("symbols", ()))
    maps = document.get("maps", {})
    return OutcomeMapping(
        kind=kind,
        series=document["series"],
        source_system=document.get("source_system", ""),
        units=document.get("units", "business"),
        file=FileSettings(**document.get("file", {})),
        amounts=Amounts(**amounts),
        date_formats=tuple(document.get("dates", {}).get("formats", ())),
        fields=MappingProxyType(
            {name: _rule(rule, maps) for name, rule in document["fields"].items()}
        ),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _top(document: Mapping[str, Any]) -> list[Problem]:
    known = {"expected": ", ".join(_TOP)}
    found = [Problem("outcomes.mapping_key", key, key, known) for key in document.keys() - {*_TOP}]
    for key, limit in (("series", 60), ("source_system", 120)):
        value = document.get(key, "")
        wrong = not isinstance(value, str) or len(value) > limit
        if wrong or (key == "series" and not value):
            expected = {"expected": f"text, 1–{limit}"}
            found.append(Problem("outcomes.mapping_value", key, str(value), expected))
    if document.get("units", "business") not in UNITS:
        expected = {"expected": ", ".join(UNITS)}
        found.append(Problem("outcomes.mapping_value", "units", str(document["units"]), expected))
    return sorted(found, key=lambda problem: problem.where)


_SETTINGS: Mapping[str, Mapping[str, type]] = {
    "file": {"encoding": str, "delimiter": str, "header_row": int, "sheet": str},
    "amounts": {
        "decimal": str, "thousands": str, "multiplier": int, "symbols": list,
        "korean_words": bool,
    },
    "dates": {"formats": list},
    "maps": {},
}  # fmt: skip


def _settings(document: Mapping[str, Any]) -> list[Problem]:
    found = []
    for name, keys in _SETTINGS.items():
        table = document.get(name, {})
        if not isinstance(table, Mapping):
            found.append(Problem("outcomes.mapping_value", name, str(table), {"expected": "table"}))
            continue
        for key, value in table.items():
            place = f"{name}.{key}"
            if keys and key not in keys:
                expected = {"expected": ", ".join(keys)}
                found.append(Problem("outcomes.mapping_key", place, key, expected))
            elif keys and not isinstance(value, keys[key]):
                expected = {"expected": keys[key].__name__}
                found.append(Problem("outcomes.mapping_value", place, str(value), expected))
    return found


def _fields(document: Mapping[str, Any], kind: str) -> list[Problem]:
    fields = document.get("fields", {})
    if not isinstance(fields, Mapping):
        return [Problem("outcomes.mapping_value", "fields", str(fields), {"expected": "table"})]
    known = FIELDS[kind]
    found = [
        Problem("outcomes.mapping_field", "fields", name)
        for name, required in known.items()
        if required and name not in fields
    ]
    for name, rule in fields.items():
        place = f"fields.{name}"
        if name not in known:
            expected = {"expected": ", ".join(known)}
            found.append(Problem("outcomes.mapping_key", place, name, expected))
        elif not isinstance(rule, Mapping):
            found.append(Problem("outcomes.mapping_value", place, str(rule), {"expected": "table"}))
        else:
            found += _of_rule(rule, place, document.get("maps", {}))
    return found


def _of_rule(rule: Mapping[str, Any], place: str, maps: Any) -> list[Problem]:
    expected = {"expected": ", ".join(_RULE)}
    found = [
        Problem("outcomes.mapping_key", f"{place}.{key}", key, expected)
        for key in sorted(rule.keys() - {*_RULE})
    ]
    given = [key for key in ("column", "constant", "template") if rule.get(key)]
    texts = all(isinstance(rule.get(key, ""), str) for key in _RULE if key != "map")
    if len(given) != 1 or not texts:
        one = {"expected": "column | constant | template"}
        found.append(Problem("outcomes.mapping_value", place, str(dict(rule)), one))
    lookup = rule.get("map", {})
    table = maps.get(lookup) if isinstance(lookup, str) and isinstance(maps, Mapping) else lookup
    if not isinstance(table, Mapping) or not all(isinstance(v, str) for v in table.values()):
        wanted = {"expected": "{text = text} | [maps.NAME]"}
        found.append(Problem("outcomes.mapping_value", f"{place}.map", str(lookup), wanted))
    if (
        isinstance(rule.get("template"), str)
        and rule["template"]
        and not HOLE.findall(rule["template"])
    ):
        holes = {"expected": "{column}"}
        found.append(Problem("outcomes.mapping_value", place, rule["template"], holes))
    return found


def _rule(rule: Mapping[str, Any], maps: Mapping[str, Mapping[str, str]]) -> Rule:
    lookup = rule.get("map", {})
    return Rule(
        column=rule.get("column", ""),
        constant=rule.get("constant", ""),
        template=rule.get("template", ""),
        lookup=maps[lookup] if isinstance(lookup, str) else lookup,
        otherwise=rule.get("otherwise"),
        default=rule.get("default", ""),
    )
