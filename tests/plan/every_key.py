"""Every key of the scheme format that is a figure, and what moving one of them changes."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import numpy as np

from koga.core.problems import Refusal
from koga.plan import build, paths
from koga.plan.model import Floats
from koga.plan.schemes import change, declared, rows, scheme, values
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.schema import Field, Section
from koga.plan.schemes.shape import Scheme

Answers = Mapping[str, Floats]
_PATHS = 3


def keys(section: Section = declared.SCHEME, before: str = "") -> Iterator[str]:
    """The format's figures by dotted key, `*` for a name or a year."""
    for part in section.parts:
        here = before + part.name
        if isinstance(part, Field):
            if not part.plain:
                yield here
        elif part.shape in ("by_year", "by_name"):
            yield f"{here}.*"
        else:
            yield from keys(part, here + (".*." if part.shape in ("named", "list") else "."))


def key_of(path: str) -> str:
    """The key a leaf's path stands for.

    >>> key_of("class.seed.multiple.cap"), key_of("capital.bonds.bond.limit.2027")
    ('class.*.multiple.cap', 'capital.*.bond.limit.*')
    """
    found: list[str] = []
    section: Section | Field | None = declared.SCHEME
    names = iter(path.split("."))
    for name in names:
        section = section.part(name) if isinstance(section, Section) else None
        found.append(name)
        if isinstance(section, Section) and section.shape != "one":
            found += ["*" for _ in (next(names, None),)]
    return ".".join(found)


def answers(told: Scheme) -> Answers:
    """Everything a simulation of a few paths answers."""
    outcome = paths.run(told, build.build(told), seed=1, first=0, paths=_PATHS, engine="exact")
    return {**outcome.series, **outcome.measures}


def differ(one: Answers, other: Answers) -> bool:
    """Whether any answer is another."""
    return one.keys() != other.keys() or any(
        one[name].shape != other[name].shape
        or not np.array_equal(one[name], other[name], equal_nan=True)
        for name in one
    )


def moves(leaf: Leaf) -> Iterator[object]:
    """Other values a leaf may have: its options, its ends, a tenth or a half more or less, 0."""
    field = rows.field_at(leaf.path)
    yield from (word for word in leaf.options if word != leaf.value)
    if leaf.type == "choice" and field:
        yield from (word for word in field.choices if word != leaf.value)
    if isinstance(leaf.value, date):
        yield from (f"{leaf.value.year + years}-12-31" for years in (-1, 1, 5))
    number = values.numeric(leaf.value)
    if number is None or leaf.type in ("text", "choice", "list", "date"):
        return
    yield from (end for end in (leaf.high, leaf.low) if end is not None and end != number)
    whole = leaf.type in ("year", "count", "amount") or leaf.unit == "KRW"
    for part in (1.1, 0.9, 1.5, 0.5):
        yield max(round(number * part), 1) if whole else float(number) * part
    yield 1 if whole else 0.01


def acting(told: Scheme, wanted: set[str], *, leaves: int = 4) -> set[str]:
    """Of the wanted keys those of which moving one of some leaves changes an answer.

    leaves: of one key that are moved before it counts as doing nothing.
    """
    before = answers(told)
    found: set[str] = set()
    tried: dict[str, int] = {}
    for leaf in sorted(told.leaves.values(), key=lambda one: one.basis == "derived"):
        key = key_of(leaf.path)
        if key not in wanted or key in found:
            continue
        tried[key] = tried.get(key, 0) + 1
        if tried[key] <= leaves and _acts(told, leaf, before):
            found.add(key)
    return found


def _acts(told: Scheme, leaf: Leaf, before: Answers) -> bool:
    """Whether some move of a leaf that the rules of schemes allow changes an answer."""
    for value in moves(leaf):
        try:
            if differ(before, answers(change.changed(told, {leaf.path: value}, hashed=False))):
                return True
        except Refusal:
            continue
    return False


def rewritten(path: Path, changes: Mapping[str, str], at: Path) -> Scheme:
    """A scheme file with parts of its text replaced."""
    text = scheme.read_text(path)
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    written = at / path.name
    written.write_text(text)
    return scheme.load(written)
