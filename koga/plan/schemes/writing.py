"""A scheme as the text of its file: every leaf, name and source, read back the same.

The text is laid out by the declared schema, not copied, so that what a person changed in a
workbook or on a page becomes a file like any other. Whole-line comments travel beside the scheme,
each under the path of the line it stood above.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

from koga.plan.schemes import declared, places, reading, rows, values
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.schema import TYPES, Field, Section
from koga.plan.schemes.shape import Scheme
from koga.plan.schemes.values import Value

Comments: TypeAlias = Mapping[str, Sequence[str]]
"""Lines of comment by the dotted path of the table or key below them; "" is the file's end."""
Node: TypeAlias = "dict[str, Node | Leaf | Value]"

_MYRIADS = ((10**12, "조"), (10**8, "억"), (10**4, "만"))
_INLINE = ("sources",)


def text(scheme: Scheme, comments: Comments | None = None) -> str:
    """The scheme's file. Reading it gives the same leaves and plain values.

    comments: put back above the tables and keys they stood above.
    """
    comments = comments or {}
    own = _own_words(_Worded(scheme))
    spelled = {path: _worded(leaf, own[path]) for path, leaf in scheme.leaves.items()}
    return "\n".join(_lines(replace(scheme, leaves=spelled), comments)).strip("\n") + "\n"


def _worded(leaf: Leaf, own: tuple[str, str, str]) -> Leaf:
    return replace(leaf, label_ko=own[0], label_en=own[1], unit=own[2])


class _Worded:
    """A scheme as far as its labels and units go: another value leaves them as they are."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._told = (
            *((leaf.path, leaf.label_ko, leaf.label_en, leaf.unit) for leaf in
              scheme.leaves.values()),
            *scheme.plain.items(),
        )  # fmt: skip

    def __hash__(self) -> int:
        return hash(self._told)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Worded) and self._told == other._told


@lru_cache(maxsize=16)
def _own_words(worded: _Worded) -> Mapping[str, tuple[str, str, str]]:
    """Labels and unit the file must say, empty where the schema gives them by itself."""
    leaves = worded.scheme.leaves
    units = {path: leaf.unit if leaf.type == "limit" else "" for path, leaf in leaves.items()}
    bare = {path: _worded(leaf, ("", "", units[path])) for path, leaf in leaves.items()}
    found = _read_back("\n".join(_lines(replace(worded.scheme, leaves=bare), {})))
    own = {}
    for path, leaf in leaves.items():
        read = found.get(path, leaf)
        same = (read.label_ko, read.label_en) == (leaf.label_ko, leaf.label_en)
        labels = ("", "") if same else (leaf.label_ko, leaf.label_en)
        own[path] = (*labels, leaf.unit if read.unit != leaf.unit else units[path])
    return own


def _read_back(body: str) -> Mapping[str, Leaf]:
    import tomllib
    from decimal import Decimal

    document = tomllib.loads(body, parse_float=Decimal)
    return reading.read(document, {}).leaves


def comments_of(body: str) -> dict[str, list[str]]:
    """The whole-line comments of a scheme's text, under the path of the line below them."""
    paths = _paths_by_line(body)
    found: dict[str, list[str]] = {}
    waiting: list[str] = []
    for number, line in enumerate(body.splitlines(), start=1):
        if line.lstrip().startswith("#"):
            waiting.append(line.strip())
        elif not line.strip() and waiting and waiting[-1]:
            waiting.append("")
        elif line.strip() and number in paths and waiting:
            found.setdefault(paths[number], []).extend(waiting)
            waiting = []
    if waiting:
        found.setdefault("", []).extend(waiting)
    return found


def _paths_by_line(body: str) -> dict[int, str]:
    """The dotted path each line opens, entries of lists by their id."""
    import tomllib

    document = tomllib.loads(body.replace("\r\n", "\n"))
    found: dict[int, str] = {}
    for position, line in places.find(body).items():
        keys = _keys(document, position)
        if keys and keys[-1] in ("note", "source"):
            keys = keys[:-1]
        found[line] = max(found.get(line, ""), ".".join(keys), key=len)
    return found


def _keys(document: Mapping[str, Any], position: places.Position) -> list[str]:
    node: Any = document
    keys = []
    for part in position:
        node = node[part]
        numbered = isinstance(part, int) and isinstance(node, Mapping)
        keys.append(str(node.get("id", part)) if numbered else str(part))
    return keys


def _tree(scheme: Scheme) -> Node:
    """Leaves and plain values as nested tables, entries of lists by their id."""
    tree: Node = {}
    told: list[tuple[str, Leaf | Value]] = [*scheme.plain.items(), *scheme.leaves.items()]
    for path, value in told:
        node: Node = tree
        *above, last = path.split(".")
        for key in above:
            inner = node.setdefault(key, {})
            node = inner if isinstance(inner, dict) else {}
        node[last] = value
    return tree


def _lines(scheme: Scheme, comments: Comments) -> Iterator[str]:
    tree = _tree(scheme)
    for part in declared.SCHEME.parts:
        node = tree.get(part.name)
        if isinstance(part, Section) and isinstance(node, dict):
            yield from _section(part, node, part.name, scheme, comments)
    if comments.get(""):
        yield from ["", *comments[""]]


def _section(
    section: Section, node: Node, path: str, scheme: Scheme, comments: Comments
) -> Iterator[str]:
    if section.name in _INLINE:
        yield from _inline_entries(node, path, comments)
    elif section.shape in ("named", "list"):
        above = list(comments.get(path, ()))
        for name in scheme.entries.get(path, ()):
            entry = node.get(name)
            if isinstance(entry, dict):
                inside = f"{path}.{name}"
                header = f"[[{path}]]" if section.shape == "list" else f"[{inside}]"
                said = [*above, *comments.get(inside, ())]
                yield from _table(section, entry, inside, scheme, comments, header, said)
                above = []
    else:
        said = list(comments.get(path, ()))
        yield from _table(section, node, path, scheme, comments, f"[{path}]", said)


def _inline_entries(node: Node, path: str, comments: Comments) -> Iterator[str]:
    """Tables of plain values, one line each."""
    yield from ["", *comments.get(path, ()), f"[{path}]"]
    for name, entry in node.items():
        if isinstance(entry, dict):
            cells = [f"{key} = {_plain(value)}" for key, value in entry.items()]
            yield from [*comments.get(f"{path}.{name}", ()), f"{name} = {{ {', '.join(cells)} }}"]


def _table(
    section: Section, node: Node, path: str, scheme: Scheme, comments: Comments,
    header: str, said: Sequence[str],
) -> Iterator[str]:  # fmt: skip
    """One table: header, what its assumed leaves share, its own keys, then tables inside."""
    in_list = section.shape == "list"
    own = dict(_flat(node) if in_list else ((k, v) for k, v in node.items() if not _is_table(v)))
    tables = {} if in_list else {key: value for key, value in node.items() if _is_table(value)}
    if own:
        shared = _shared([value for value in own.values() if isinstance(value, Leaf)])
        yield from ["", *said, header]
        plain = [(key, value) for key, value in own.items() if not isinstance(value, Leaf)]
        for key, given in plain:
            yield from [*comments.get(f"{path}.{key}", ()), f"{key} = {_plain(given)}"]
        yield from (f"{key} = {value}" for key, value in shared.items())
        for key, value in own.items():
            if isinstance(value, Leaf):
                line = f"{key} = {_leaf(value, shared)}"
                yield from [*comments.get(f"{path}.{key}", ()), line]
    elif said:
        yield from ["", *said]
    for key, table in tables.items():
        part = section.part(key)
        if isinstance(part, Section) and isinstance(table, dict):
            yield from _section(part, table, f"{path}.{key}", scheme, comments)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _flat(node: Node, start: str = "") -> Iterator[tuple[str, Leaf | Value]]:
    """Keys of an entry of a list, tables inside it by dotted keys."""
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{start}{key}.")
        else:
            yield f"{start}{key}", value


def _shared(leaves: Sequence[Leaf]) -> dict[str, str]:
    """Source and note of the table, where more than one of its assumed leaves has them."""
    assumed = [leaf for leaf in leaves if leaf.basis == "assumed"]
    shared = {}
    for key, told in (("source", _source), ("note", _note)):
        counted = Counter(told(leaf) for leaf in assumed if told(leaf))
        if counted and counted.most_common(1)[0][1] > 1:
            shared[key] = counted.most_common(1)[0][0]
    return shared


def _source(leaf: Leaf) -> str:
    return _quoted(leaf.source) if leaf.source else ""


def _note(leaf: Leaf) -> str:
    return _pair(leaf.note_ko, leaf.note_en)


def _pair(ko: str, en: str) -> str:
    if ko == en:
        return _quoted(ko) if ko else ""
    return f"{{ ko = {_quoted(ko)}, en = {_quoted(en)} }}"


def _leaf(leaf: Leaf, shared: Mapping[str, str]) -> str:
    """One figure on one line; what its table says for it is not said again."""
    own = shared if leaf.basis == "assumed" else {}
    cells = {
        "value": _figure(leaf.value, leaf),
        "unit": _quoted(leaf.unit) if leaf.unit else "",
        "basis": _quoted(leaf.basis),
        "low": "" if leaf.low is None else _figure(leaf.low, leaf),
        "high": "" if leaf.high is None else _figure(leaf.high, leaf),
        "options": _plain(leaf.options) if leaf.options else "",
        "source": "" if _source(leaf) == own.get("source") else _source(leaf),
        "from": _quoted(leaf.formula) if leaf.formula else "",
        "formula": _quoted(leaf.method) if leaf.method else "",
        "rule": _quoted(leaf.rule) if leaf.rule else "",
        "label": _pair(leaf.label_ko, leaf.label_en),
        "note": "" if _note(leaf) == own.get("note") else _note(leaf),
    }
    return "{ " + ", ".join(f"{key} = {cell}" for key, cell in cells.items() if cell) + " }"


def _figure(value: Value, leaf: Leaf) -> str:
    amount = leaf.type == "amount" or (leaf.type == "limit" and leaf.unit == "KRW")
    return _won(value) if amount and isinstance(value, int) else _plain(value)


def _won(amount: int) -> str:
    """Whole 조, 억 or 만 as people write them, else the integer.

    >>> _won(500_000_000_000_000), _won(750_000_000_000), _won(3500)
    ('"500조"', '"7500억"', '3500')
    """
    for size, word in _MYRIADS:
        if amount and amount % size == 0:
            return f'"{amount // size}{word}"'
    return str(amount)


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_quoted(word) for word in value) + "]"
    if isinstance(value, Fraction):
        written = values.decimal_text(value)
        return _quoted(written) if "/" in written else written
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int) else _quoted(str(value))


def _quoted(written: str) -> str:
    return json.dumps(written, ensure_ascii=False)


def type_of(path: str) -> Field | None:
    """The declared field at a path, of a leaf or of a plain value; None where there is none."""
    return rows.field_at(path)


def usual_unit(field: Field) -> str:
    """The unit a field has by itself; "" where its entry or the file decides."""
    return "" if field.unit == "@unit" else field.unit or TYPES[field.type][0]
