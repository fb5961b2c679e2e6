"""A scheme with other values: what is derived is computed anew, parts of a whole stay a whole.

A changed figure becomes an assumption with its range and where it came from, so a changed scheme
is a scheme like any other: it passes the same rules and can be written as a file.
"""

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from koga.core.problems import Problem, Refusal, ensure
from koga.plan.schemes import formula, rows, values, writing
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.reading import Reading
from koga.plan.schemes.rules import RULES
from koga.plan.schemes.shape import Scheme
from koga.plan.schemes.values import Value

SOURCE = "바꾸어 본 값 (what-if)"
_ROUNDS_MAX = 50
_WHOLE_TYPES = ("amount", "count", "year")


def changed(scheme: Scheme, changes: Mapping[str, object], *, hashed: bool = True) -> Scheme:
    """The scheme with other values at some paths.

    changes: by dotted path, a value as a file would have it: won as an integer or “7,500억”, a
    share as 0.4, “40%” or “1/6”. hashed: give it the hash of its own file, which takes most of the
    time; otherwise it keeps the first one's.
    The other parts of a whole (weights, shares, a pace) are scaled so that it stays a whole;
    whatever has a formula is computed anew.
    Raises `Refusal` with every path and value that is none, and where a rule of schemes breaks.
    """
    given = _given(scheme, changes)
    leaves = dict(scheme.leaves)
    for path, value in given.items():
        leaves[path] = _put(leaves[path], value, drop_formula=True)
    _derive(leaves, given)
    for whole in wholes(scheme):
        _keep_whole(leaves, whole, given)
    _derive(leaves, given)
    found = _checked(replace(scheme, leaves=leaves))
    if not hashed:
        return found
    body = writing.text(found)
    return replace(found, sha256=hashlib.sha256(body.encode()).hexdigest())


def _given(scheme: Scheme, changes: Mapping[str, object]) -> dict[str, Value]:
    problems: list[Problem] = []
    found: dict[str, Value] = {}
    for path, raw in changes.items():
        leaf = scheme.leaves.get(path)
        if leaf is None:
            near = difflib.get_close_matches(path[:120], scheme.leaves, n=3, cutoff=0)
            problems.append(Problem("plan.path", path, str(raw), {"near": ", ".join(near)}))
            continue
        value = read_value(leaf, raw)
        wrong = "plan.value" if value is None else _outside(leaf, value)
        if value is None or wrong:
            problems.append(Problem(wrong, path, str(raw), {"type": leaf.type, "now": leaf.text}))
        else:
            found[path] = value
    if problems:
        raise Refusal(problems)
    return found


def read_value(leaf: Leaf, raw: object) -> Value | None:
    """A value for a leaf, as a file or a command line writes it; None where it is not of its type.

    Numbers may be text; words of a list are separated by semicolons.
    """
    field = rows.field_at(leaf.path)
    if field is None:
        return None
    if isinstance(raw, float):
        raw = f"{raw:.15g}" if "e" not in f"{raw:.15g}" else f"{raw:.20f}"
    if isinstance(raw, Fraction):
        raw = values.decimal_text(raw)
    if isinstance(raw, str) and leaf.type in ("count", "year"):
        raw = int(raw) if raw.strip().lstrip("+-").isdigit() else raw
    if isinstance(raw, str) and leaf.type == "list":
        raw = [part.strip() for part in raw.split(";")]
    value = values.read(raw, field, leaf.unit)
    chosen = value if isinstance(value, tuple) else (value,)
    if field.choices and any(word not in field.choices for word in chosen):
        return None
    return value


def _outside(leaf: Leaf, value: Value) -> str:
    """The problem of a number that is not possible at all."""
    field, size = rows.field_at(leaf.path), values.numeric(value)
    if field is None or size is None:
        return ""
    low = field.minimum is not None and size < field.minimum
    high = field.maximum is not None and size > field.maximum
    return "plan.impossible" if low or high else ""


def _put(leaf: Leaf, value: Value, *, drop_formula: bool = False) -> Leaf:
    """The leaf with another value, as an assumption whose range holds both values."""
    if value == leaf.value:
        return leaf
    number = values.numeric(value)
    low, high = leaf.low, leaf.high
    if number is not None:
        edges = [edge for edge in (leaf.low, leaf.high, leaf.value, value) if edge is not None]
        low, high = min(edges, key=_size), max(edges, key=_size)
    elif leaf.type in ("choice", "text", "list"):
        words = (*leaf.options, *_words(leaf.value), *_words(value))
        leaf = replace(leaf, options=tuple(dict.fromkeys(words)))
    note_ko, note_en = f"{leaf.text}에서 바꿈", f"changed from {leaf.text}"
    kept = leaf.basis == "assumed" and leaf.note_ko
    return replace(
        leaf,
        value=value,
        basis="assumed",
        low=low,
        high=high,
        source=leaf.source if kept else SOURCE,
        note_ko=f"{leaf.note_ko}; {note_ko}" if kept else note_ko,
        note_en=f"{leaf.note_en}; {note_en}" if kept else note_en,
        formula="" if drop_formula else leaf.formula,
        method="" if drop_formula else leaf.method,
    )


def _words(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def _size(value: Value) -> Fraction:
    return values.numeric(value) or Fraction(0)


def _derive(leaves: dict[str, Leaf], given: Mapping[str, Value]) -> None:
    """Compute anew whatever has a formula, until nothing moves."""
    ruled = {
        path: leaf.formula for path, leaf in leaves.items() if leaf.formula and path not in given
    }
    for _ in range(_ROUNDS_MAX):
        moved = [path for path, said in ruled.items() if _derived(leaves, path, said)]
        if not moved:
            return
    ensure(False, "formulas do not settle")


def _derived(leaves: dict[str, Leaf], path: str, rule: str) -> bool:
    """Compute one leaf anew by its formula, which a rounded one no longer has; whether it moved."""
    leaf = leaves[path]
    try:
        result = formula.evaluate(rule, lambda name: _size(leaves[name].value))
    except ZeroDivisionError:
        raise Refusal(Problem("plan.divides_by_zero", path, rule)) from None
    size = _size(leaf.value)
    agrees = {"at_least": result >= size, "at_most": result <= size}.get(leaf.rule, result == size)
    if agrees:
        return False
    value: Value = result
    if leaf.type in _WHOLE_TYPES:
        value = round(result)
        if value != result:
            said = f"{rule}, 정수로 반올림 (rounded to a whole number)"
            leaves[path] = replace(leaf, value=value, basis="derived", formula="", method=said)
            return bool(leaf.value != value)
    leaves[path] = replace(leaf, value=value, basis="derived", low=None, high=None)
    return True


def wholes(scheme: Scheme) -> Iterator[tuple[str, ...]]:
    """Paths whose numbers are parts of one whole: they sum to 1."""
    names = scheme.entries
    sides: dict[str, list[str]] = {}
    for name in names.get("capital", ()):
        side = str(scheme.plain.get(f"capital.{name}.side", ""))
        sides.setdefault(side, []).append(f"capital.{name}.share")
    by_instrument: dict[str, list[str]] = {}
    for name in names.get("class", ()):
        listed = scheme.plain.get(f"class.{name}.instruments", ())
        for instrument in listed if isinstance(listed, tuple) else ():
            by_instrument.setdefault(instrument, []).append(f"class.{name}.share")
    groups = [*sides.values(), *by_instrument.values()]
    groups.append([f"instrument.{name}.share" for name in names.get("instrument", ())])
    groups.append([f"sector.{name}.weight" for name in names.get("sector", ())])
    groups.append([leaf.path for leaf in scheme.under("pace")])
    for name in names.get("class", ()):
        groups.append([leaf.path for leaf in scheme.under(f"class.{name}.loan.rating")])
    for name in names.get("vehicle", ()):
        table = f"vehicle.{name}.tranche"
        groups.append([f"{table}.{part}.share" for part in names.get(table, ())])
    unique = dict.fromkeys(tuple(path for path in g if path in scheme.leaves) for g in groups)
    return iter([whole for whole in unique if len(whole) > 1])


def _keep_whole(leaves: dict[str, Leaf], whole: Sequence[str], given: Mapping[str, Value]) -> None:
    """Scale the parts that were not given, in proportion, so that all sum to 1 again."""
    fixed = [path for path in whole if path in given]
    free = [path for path in whole if path not in given and not leaves[path].formula]
    bound = [path for path in whole if path not in given and leaves[path].formula]
    sizes = {path: _size(leaves[path].value) for path in whole}
    if not fixed or sum(sizes.values()) == 1:
        return
    rest = 1 - sum(sizes[path] for path in (*fixed, *bound))
    before = sum(sizes[path] for path in free)
    if rest < 0 or before == 0:
        raise Refusal(
            Problem("plan.whole", fixed[0], leaves[fixed[0]].text, {"parts": ", ".join(whole)})
        )
    for path in free:
        leaves[path] = _put(leaves[path], sizes[path] * rest / before)


def _checked(scheme: Scheme) -> Scheme:
    """The scheme, after the rules every scheme passes."""
    found = Reading(
        {},
        leaves=dict(scheme.leaves),
        plain=dict(scheme.plain),
        names={table: list(names) for table, names in scheme.entries.items()},
    )
    for rule in RULES:
        rule(found)
    if found.problems:
        raise Refusal(found.problems)
    return scheme
