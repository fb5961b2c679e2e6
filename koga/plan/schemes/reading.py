"""From a parsed TOML document to leaves, names and problems: the declared schema is followed, and
whatever it does not know is a problem at its own path. Nothing here raises over bad input."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

from koga.core.problems import Problem
from koga.plan.schemes import declared, schema, values
from koga.plan.schemes.leaf import BASES, Leaf
from koga.plan.schemes.places import Position
from koga.plan.schemes.schema import LEAF_KEYS, TABLE_KEYS, Field, Section

_NAME = re.compile(r"[A-Za-z]\w{0,63}", re.ASCII)
_ENTRY = re.compile(r"[A-Za-z0-9][\w-]{0,63}", re.ASCII)
_YEAR = re.compile(r"(19|20|21|22)\d\d", re.ASCII)
_SOURCE_NAME = re.compile(r"[\w.-]+", re.ASCII)
_MEASURES = ("amount", "rate", "number", "years", "count", "year", "date", "limit")
"""Types whose assumptions give a low and a high; the others give options."""
_RULES = ("at_least", "at_most")


@dataclass(frozen=True, slots=True)
class At:
    """Where the reader stands and what the tables above pass down.

    path: dotted, for people. position: as in the document. labels: KO/EN names so far.
    note, source: for assumed leaves without their own. unit: of the entry's quantities.
    """

    path: str = ""
    position: Position = ()
    labels: tuple[tuple[str, str], ...] = ()
    note: tuple[str, str] = ("", "")
    source: str = ""
    unit: str = ""

    def child(self, key: str) -> "At":
        """The place of a key inside this one."""
        path = f"{self.path}.{key}" if self.path else key
        return replace(self, path=path, position=(*self.position, key))

    def named(self, ko: str, en: str) -> "At":
        """The same place with one more label."""
        return replace(self, labels=(*self.labels, (ko, en)))


@dataclass(slots=True)
class Reading:
    """What was read: filled by the functions of this module.

    lines: position to line. leaves by path. plain: identifying values by path.
    names: names of the entries of every named table and list, by the table's path.
    references: (path, name given, table it must be a name of). problems: in the order found.
    line_of: line by path. sources: names of the scheme's sources, known before the walk.
    document: the whole of it, for the name of what an entry refers to.
    """

    lines: Mapping[Position, int]
    leaves: dict[str, Leaf] = field(default_factory=dict)
    plain: dict[str, values.Value] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    line_of: dict[str, int] = field(default_factory=dict)
    references: list[tuple[str, str, str]] = field(default_factory=list)
    sources: tuple[str, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)

    def line(self, position: Position) -> int:
        """The line of a position, or of the nearest table above that has one."""
        for length in range(len(position), 0, -1):
            if position[:length] in self.lines:
                return self.lines[position[:length]]
        return 0

    def add(self, code: str, at: At, value: object = "", **details: object) -> None:
        """Note a problem at a place."""
        self.line_of.setdefault(at.path, self.line(at.position))
        self.problems.append(located(code, at.path, value, self.line_of[at.path], **details))


def located(code: str, path: str, value: object, line: int, **details: object) -> Problem:
    """A problem whose text names the line, where it is known."""
    at_ko, at_en = (f" ({line}행)", f" (line {line})") if line else ("", "")
    return Problem(
        code, path, str(value), {"at_ko": at_ko, "at_en": at_en, "line": line, **details}
    )


def read(document: Mapping[str, Any], lines: Mapping[Position, int]) -> Reading:
    """Read a whole document by the declared schema."""
    sources = document.get("sources")
    names = tuple(str(name) for name in sources) if isinstance(sources, Mapping) else ()
    reading = Reading(
        lines,
        sources=tuple(name for name in names if name not in TABLE_KEYS),
        document=document,
    )
    _table(reading, declared.SCHEME, document, At())
    return reading


def _section(reading: Reading, section: Section, node: object, at: At) -> None:
    if section.shape == "list":
        _list(reading, section, node, at)
        return
    if not isinstance(node, Mapping):
        reading.add("scheme.not_table", at, node, name=section.name)
        return
    if section.shape == "one":
        silent = at.path in ("fund", "scheme")
        _table(reading, section, node, at if silent else at.named(section.ko, section.en))
    elif section.shape == "named":
        _named(reading, section, node, at)
    else:
        _figures(reading, section, node, at)


def _table(reading: Reading, section: Section, node: Mapping[str, Any], at: At) -> None:
    at = _inherited(reading, node, at)
    reading.line_of.setdefault(at.path, reading.line(at.position))
    for key, raw in node.items():
        part = section.part(key)
        if part is None:
            if key not in TABLE_KEYS or not at.path:
                known = [known.name for known in section.parts]
                _unknown(reading, at.child(key), key, known)
        elif isinstance(part, Section):
            _section(reading, part, raw, at.child(key))
        elif part.plain:
            _plain(reading, part, raw, at.child(key))
        else:
            _leaf(reading, part, raw, at.child(key).named(part.ko, part.en))
    for part in section.parts:
        if part.required and part.name not in node:
            reading.add(part.missing, at.child(part.name), "", ko=part.ko, en=part.en)


def _inherited(reading: Reading, node: Mapping[str, Any], at: At) -> At:
    """The place with the table's own note, source and unit for what stands in it."""
    if not at.path:
        return at
    if "note" in node:
        at = replace(at, note=_pair(reading, node["note"], at.child("note")))
    if "source" in node:
        at = replace(at, source=_source_text(reading, node["source"], at.child("source")))
    unit = node.get("unit")
    return replace(at, unit=unit) if isinstance(unit, str) else at


def _named(reading: Reading, section: Section, node: Mapping[str, Any], at: At) -> None:
    at = _inherited(reading, node, at)
    reading.line_of.setdefault(at.path, reading.line(at.position))
    names = reading.names.setdefault(at.path, [])
    for name, raw in node.items():
        if name in TABLE_KEYS:
            continue
        inside = at.child(name)
        if section.names and name not in section.names:
            _unknown(reading, inside, name, section.names)
        elif not _NAME.fullmatch(name):
            reading.add("scheme.name", inside, name)
        elif not isinstance(raw, Mapping):
            reading.add("scheme.not_table", inside, raw, name=name)
        else:
            names.append(name)
            _table(reading, section, raw, inside.named(*_called(reading, section, name, raw)))


def _called(
    reading: Reading, section: Section, name: str, node: Mapping[str, Any]
) -> tuple[str, str]:
    """What an entry is called: its own name, else the closed list's, else its key.

    One that need not have a name is called as what it refers to: a tranche as its money.
    """
    if name in section.names:
        return section.names[name].ko, section.names[name].en
    other = _referred(reading, section, node)
    ko, en = (node.get(key, other.get(key)) for key in ("name_ko", "name_en"))
    return (ko if isinstance(ko, str) else name, en if isinstance(en, str) else name)


def _referred(reading: Reading, section: Section, node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The table an entry refers to by the one name it must give; empty where there is none."""
    for part in section.parts:
        if isinstance(part, Field) and part.refers_to and part.required:
            found: object = reading.document
            for key in (part.refers_to, str(node.get(part.name))):
                found = found.get(key) if isinstance(found, Mapping) else None
            return found if isinstance(found, Mapping) else {}
    return {}


def _list(reading: Reading, section: Section, node: object, at: At) -> None:
    if not isinstance(node, list):
        reading.add("scheme.not_list", at, node, name=section.name)
        return
    names = reading.names.setdefault(at.path, [])
    for place, raw in enumerate(node):
        numbered = replace(at.child(str(place)), position=(*at.position, place))
        if not isinstance(raw, Mapping):
            reading.add("scheme.not_table", numbered, raw, name=section.name)
            continue
        name = raw.get("id")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            if "id" in raw:
                reading.add("scheme.name", numbered, name)
            name = str(place)
        elif name in names:
            reading.add("scheme.duplicate", replace(numbered, path=f"{at.path}.{name}"), name)
            name = str(place)
        names.append(name)
        inside = replace(numbered, path=f"{at.path}.{name}")
        _table(reading, section, raw, inside.named(*_called(reading, section, name, raw)))


def _figures(reading: Reading, section: Section, node: Mapping[str, Any], at: At) -> None:
    if "value" in node and "basis" in node:
        reading.add("scheme.not_table", at, "", name=section.name)
        return
    at = _inherited(reading, node, at.named(section.ko, section.en))
    entry = section.entry
    latest = ""
    for key, raw in node.items():
        inside = at.child(key)
        if key in TABLE_KEYS or entry is None:
            continue
        if section.shape == "by_year" and key != "total":
            if not _YEAR.fullmatch(key):
                reading.add("scheme.year", inside, key)
                continue
            if key <= latest:
                reading.add("scheme.years_order", inside, key, before=latest)
            latest = max(latest, key)
        elif section.names and key not in section.names:
            _unknown(reading, inside, key, section.names)
            continue
        elif not _ENTRY.fullmatch(key):
            reading.add("scheme.name", inside, key)
            continue
        _leaf(reading, entry, raw, inside.named(*_figure_called(section, key)))
    if section.sums_to_one:
        _whole(reading, [at.child(key) for key in node if key not in TABLE_KEYS], at)


def _whole(reading: Reading, places: list[At], at: At) -> None:
    """The figures of one whole add up to 1; said only where each of them could be read."""
    sizes = [
        values.numeric(reading.leaves[place.path].value)
        for place in places
        if place.path in reading.leaves
    ]
    whole = sum((size for size in sizes if size is not None), Fraction(0))
    if len(sizes) == len(places) and whole != 1:
        reading.add("scheme.sum", at, values.text(whole))


def _figure_called(section: Section, key: str) -> tuple[str, str]:
    if section.shape == "by_year":
        return ("전체 기간", "whole period") if key == "total" else (f"{key}년", key)
    if word := section.names.get(key):
        return word.ko, word.en
    ko, en = section.numbered if key.isdigit() else ("{}", "{}")
    return ko.format(key), en.format(key)


def _unknown(reading: Reading, at: At, key: str, known: Iterable[str]) -> None:
    names = list(known)
    near = difflib.get_close_matches(key[:80], names, n=1)
    listed = ", ".join(near or names)
    reading.add("scheme.unknown_key", at, key, known=listed or "-")


def _plain(reading: Reading, part: Field, raw: object, at: At) -> None:
    value = values.read(raw, part)
    if value is None:
        _wrong_type(reading, part.type, raw, at)
    elif _chosen(reading, part, value, at):
        reading.plain[at.path] = value
        reading.line_of[at.path] = reading.line(at.position)
        _refer(reading, part, value, at)


def _refer(reading: Reading, part: Field, value: values.Value, at: At) -> None:
    words = value if isinstance(value, tuple) else (str(value),)
    if part.refers_to:
        reading.references.extend((at.path, word, part.refers_to) for word in words)


def _wrong_type(reading: Reading, kind: schema.Type, raw: object, at: At) -> None:
    _, ko, en = schema.TYPES[kind]
    reading.add("scheme.type", at, raw, expected_ko=ko, expected_en=en)


def _chosen(reading: Reading, part: Field, value: values.Value, at: At) -> bool:
    """Whether the value, or each of a list, is one of the words allowed."""
    if not part.choices:
        return True
    words = value if isinstance(value, tuple) else (str(value),)
    wrong = [word for word in words if word not in part.choices]
    for word in wrong:
        reading.add("scheme.choice", at, word, choices=", ".join(part.choices))
    return not wrong


def _leaf(reading: Reading, part: Field, raw: object, at: At) -> None:
    reading.line_of[at.path] = reading.line(at.position)
    if not isinstance(raw, Mapping):
        reading.add("scheme.not_leaf", at, raw)
        return
    for key in raw:
        if key not in LEAF_KEYS:
            _unknown(reading, at.child(key), key, LEAF_KEYS)
    unit = _unit(reading, part, raw, at)
    value = _measured(reading, part, raw, "value", unit, at)
    if "value" not in raw:
        reading.add("scheme.no_value", at)
    basis = _basis(reading, raw, at)
    low = _measured(reading, part, raw, "low", unit, at.child("low"))
    high = _measured(reading, part, raw, "high", unit, at.child("high"))
    options = _options(reading, part, raw, at)
    note = _pair(reading, raw["note"], at.child("note")) if "note" in raw else ("", "")
    label = _label(reading, raw, at)
    formula, method = _text(reading, raw, "from", at), _text(reading, raw, "formula", at)
    rule = _rule(reading, raw, at)
    source = _source(reading, raw, basis, at)
    if value is not None:
        _range(reading, value, low, high, at)
    if basis == "assumed":
        note = note if any(note) else at.note
        _assumption(reading, part, raw, note, at)
    if basis == "derived" and not (formula or method):
        reading.add("scheme.no_formula", at)
    if value is None or not basis:
        return
    _refer(reading, part, value, at)
    reading.leaves[at.path] = Leaf(
        path=at.path,
        type=part.type,
        value=value,
        basis=basis,
        source=source,
        unit=unit,
        low=low,
        high=high,
        options=options,
        note_ko=note[0],
        note_en=note[1],
        label_ko=label[0],
        label_en=label[1],
        rule=rule,
        formula=formula,
        method=method,
        line=reading.line_of[at.path],
    )


def _unit(reading: Reading, part: Field, raw: Mapping[str, Any], at: At) -> str:
    usual = at.unit if part.unit == "@unit" else part.unit or schema.TYPES[part.type][0]
    given = raw.get("unit", usual)
    allowed = ("share", "KRW") if part.type == "limit" else (usual,) if usual else ()
    if not isinstance(given, str) or (allowed and given not in allowed):
        reading.add("scheme.unit", at, given, allowed=", ".join(allowed) or "text")
        return usual
    return given


def _measured(
    reading: Reading, part: Field, raw: Mapping[str, Any], key: str, unit: str, at: At
) -> values.Value | None:
    """One of value, low and high, of the field's type and within what is possible."""
    if key not in raw:
        return None
    value = values.read(raw[key], part, unit)
    if value is None:
        _wrong_type(reading, part.type, raw[key], at)
        return None
    if not _chosen(reading, part, value, at):
        return None
    size = values.numeric(value)
    if size is not None and part.minimum is not None and size < part.minimum:
        reading.add("scheme.too_small", at, raw[key], limit=values.text(part.minimum))
        return None
    if size is not None and part.maximum is not None and size > part.maximum:
        reading.add("scheme.too_large", at, raw[key], limit=values.text(part.maximum))
        return None
    return value


def _basis(reading: Reading, raw: Mapping[str, Any], at: At) -> str:
    if "basis" not in raw:
        reading.add("scheme.no_basis", at)
        return ""
    basis = raw["basis"]
    if not isinstance(basis, str) or basis not in BASES:
        reading.add("scheme.basis", at, basis)
        return ""
    return basis


def _source(reading: Reading, raw: Mapping[str, Any], basis: str, at: At) -> str:
    """The leaf's source; only an assumption may take its table's."""
    if "source" in raw:
        return _source_text(reading, raw["source"], at)
    if basis == "assumed" and at.source:
        return at.source
    if basis in ("stated", "assumed"):
        reading.add("scheme.no_source", at)
    return ""


def _source_text(reading: Reading, raw: object, at: At) -> str:
    named = values.line(raw)
    if named is None:
        reading.add("scheme.no_source", at, raw)
        return ""
    known = reading.sources
    if _SOURCE_NAME.fullmatch(named) and named not in known:
        listed = difflib.get_close_matches(named[:80], known, n=3) or known[:8]
        reading.add("scheme.unknown_source", at, named, known=", ".join(listed) or "-")
    return named


def _range(
    reading: Reading,
    value: values.Value,
    low: values.Value | None,
    high: values.Value | None,
    at: At,
) -> None:
    size = _sortable(value)
    least = None if low is None else _sortable(low)
    most = None if high is None else _sortable(high)
    if size is None:
        return
    if least is not None and most is not None and least > most:
        reading.add("scheme.range_order", at, f"{low} – {high}")
    elif (least is not None and size < least) or (most is not None and size > most):
        shown = tuple("" if edge is None else values.text(edge) for edge in (low, high))
        reading.add("scheme.range", at, values.text(value), low=shown[0], high=shown[1])


def _sortable(value: values.Value) -> Fraction | None:
    size = values.numeric(value)
    if size is None and isinstance(value, date):
        return Fraction(value.toordinal())
    return size


def _assumption(
    reading: Reading, part: Field, raw: Mapping[str, Any], note: tuple[str, str], at: At
) -> None:
    """An assumption says how far it may be off, and why it was chosen."""
    ranged = "low" in raw and "high" in raw
    if not (ranged if part.type in _MEASURES else raw.get("options")):
        reading.add(
            "scheme.no_range", at, keys="low, high" if part.type in _MEASURES else "options"
        )
    if not any(note):
        reading.add("scheme.no_reason", at)


def _options(reading: Reading, part: Field, raw: Mapping[str, Any], at: At) -> tuple[str, ...]:
    if "options" not in raw:
        return ()
    options = values.words(raw["options"])
    if options is None:
        _, ko, en = schema.TYPES["list"]
        reading.add(
            "scheme.type", at.child("options"), raw["options"], expected_ko=ko, expected_en=en
        )
        return ()
    _chosen(reading, part, options, at.child("options"))
    return options


def _text(reading: Reading, raw: Mapping[str, Any], key: str, at: At) -> str:
    if key not in raw:
        return ""
    written = values.line(raw[key])
    if written is None:
        _wrong_type(reading, "text", raw[key], at.child(key))
    return written or ""


def _rule(reading: Reading, raw: Mapping[str, Any], at: At) -> str:
    rule = raw.get("rule", "")
    if rule and rule not in _RULES:
        reading.add("scheme.choice", at.child("rule"), rule, choices=", ".join(_RULES))
        return ""
    return str(rule)


def _label(reading: Reading, raw: Mapping[str, Any], at: At) -> tuple[str, str]:
    if "label" in raw:
        return _pair(reading, raw["label"], at.child("label"))
    ko, en = (" · ".join(parts) for parts in zip(*at.labels, strict=True))
    return ko, en


def _pair(reading: Reading, raw: object, at: At) -> tuple[str, str]:
    """A text in Korean and English: `{ko, en}`, or one text for both."""
    both = (raw, raw)
    if isinstance(raw, Mapping) and set(raw) == {"ko", "en"}:
        both = (raw["ko"], raw["en"])
    ko, en = values.line(both[0]), values.line(both[1])
    if ko is None or en is None:
        reading.add("scheme.pair", at, raw)
    return ko or "", en or ""
