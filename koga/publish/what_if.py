"""What if: a scheme with other values within its declared ranges, and what follows from them.

Only figures someone assumed move, and only between their low and high: a range nobody gave is not
invented. Everything is a function of the address, so an address can be shared; nothing is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from koga import plan
from koga.core.problems import Problem, Refusal
from koga.documents import futures_measures, futures_values, futures_words
from koga.figures import futures
from koga.plan import comparison, simulation
from koga.plan.figure import Figure
from koga.plan.result import Result
from koga.plan.schemes import change, declared, values, writing
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.shape import Scheme
from koga.publish.releasing import shipped_schemes

PATHS, SEED = 256, 20250306
CHARTS = ("fan", "fiscal_cost")
"""Charts of an answer: few, so that it follows the slider."""
SLIDER_STEPS = 1000
"""A slider's value is kept to so many parts of its range."""
_FIRST_OPEN = ("fund", "market")


@dataclass(frozen=True, slots=True)
class Control:
    """One input.

    low, high, now, base: as the input writes them; base is the scheme's own. said: the value as
    people read it. options: (word, label) pairs of a choice; empty for a slider.
    """

    path: str
    label: str
    low: str
    high: str
    now: str
    base: str
    said: str
    said_low: str
    said_high: str
    said_base: str
    options: Sequence[tuple[str, str]]
    changed: bool


def schemes() -> dict[str, Path]:
    """Files of the schemes one may ask about, by code."""
    return {path.stem: path for path in shipped_schemes()}


@lru_cache(maxsize=16)
def _loaded(path: Path, stamp: int) -> Scheme:
    return plan.load(path)


def load(path: Path) -> Scheme:
    """A scheme's file, read once as long as it does not change."""
    return _loaded(path, path.stat().st_mtime_ns)


def movable(scheme: Scheme) -> list[Leaf]:
    """Leaves with an input: assumed numbers with a range, assumed words with other options."""
    return [
        leaf
        for leaf in scheme.leaves.values()
        if leaf.basis == "assumed"
        and (comparison.is_ranged(leaf) or (leaf.type == "choice" and len(leaf.options) > 1))
    ]


def chosen(scheme: Scheme, query: Mapping[str, str]) -> dict[str, str]:
    """What an address asks to change: values that differ from the scheme’s own.

    A path the scheme does not have stays in, so that it is refused and named.
    """
    known = {leaf.path: leaf for leaf in movable(scheme)}
    found = {}
    for path, raw in query.items():
        leaf = known.get(path)
        if leaf is None or not comparison.is_ranged(leaf):
            if leaf is None or raw != leaf.text:
                found[path] = raw
            continue
        kept = _kept(leaf, raw)
        if kept is not None:
            found[path] = kept
    return found


def _kept(leaf: Leaf, raw: str) -> str | None:
    """A slider's number on the grid of its range; None where it is the scheme's own."""
    number = values.number(raw)
    if number is None:
        return raw
    low, high = (comparison.number_of(end) for end in (leaf.low, leaf.high))
    step = (high - low) * Fraction(1, SLIDER_STEPS)
    own = comparison.number_of(leaf.value)
    if abs(number - own) * 2 < step:
        return None
    if not low <= number <= high:
        return raw
    on_grid = low + round((number - low) * Fraction(SLIDER_STEPS) / (high - low)) * step
    if leaf.type in ("amount", "count", "year"):
        return str(round(on_grid))
    return values.decimal_text(_short(on_grid))


def _short(number: Fraction) -> Fraction:
    """A number cut to nine decimal places."""
    return Fraction(round(number * 10**9), 10**9)


def groups(scheme: Scheme, changes: Mapping[str, str], language: str) -> list[Mapping[str, Any]]:
    """Inputs by table of the file, in its order."""
    found: dict[str, list[Control]] = {}
    for leaf in movable(scheme):
        table = leaf.path.partition(".")[0]
        found.setdefault(table, []).append(_control(leaf, changes.get(leaf.path), language))
    return [
        {
            "title": _title(table, language),
            "controls": controls,
            "open": table in _FIRST_OPEN or any(each.changed for each in controls),
            "moved": sum(each.changed for each in controls),
        }
        for table, controls in found.items()
    ]


def _title(table: str, language: str) -> str:
    section = declared.SCHEME.part(table)
    if section is None:
        return table
    return section.ko if language == "ko" else section.en


def _control(leaf: Leaf, given: str | None, language: str) -> Control:
    read = None if given is None else change.read_value(leaf, given)
    value = leaf.value if read is None else read
    low, high = (end if end is not None else value for end in (leaf.low, leaf.high))
    options = [] if comparison.is_ranged(leaf) else futures_values.option_words(leaf, language)

    def said(each: values.Value) -> str:
        return futures_values.number_words(leaf, each, language)

    return Control(
        path=leaf.path,
        label=leaf.label_ko if language == "ko" else leaf.label_en,
        low=_plain(low),
        high=_plain(high),
        now=_plain(value),
        base=_plain(leaf.value),
        said=said(value),
        said_low=said(low),
        said_high=said(high),
        said_base=said(leaf.value),
        options=options,
        changed=given is not None,
    )


def _plain(value: values.Value) -> str:
    """A value as an input writes it: a decimal, also where its digits never end."""
    number = values.numeric(value)
    if number is None:
        return values.text(value)
    return values.decimal_text(number if values.as_decimal(number) is not None else _short(number))


def changed(scheme: Scheme, changes: Mapping[str, str]) -> Scheme:
    """The scheme with the values of an address; a `Refusal` where one is outside its range."""
    outside = [
        problem
        for path, raw in changes.items()
        if (problem := _outside(scheme.leaves.get(path), raw)) is not None
    ]
    if outside:
        raise Refusal(outside)
    return plan.changed(scheme, changes) if changes else scheme


def _outside(leaf: Leaf | None, raw: str) -> Problem | None:
    """The problem of a number beyond the range its scheme declares."""
    value = None if leaf is None else change.read_value(leaf, raw)
    number = None if value is None else values.numeric(value)
    if leaf is None or number is None or not comparison.is_ranged(leaf):
        return None
    low, high = (comparison.number_of(end) for end in (leaf.low, leaf.high))
    if low <= number <= high:
        return None
    ends = {"low": values.text(leaf.low or 0), "high": values.text(leaf.high or 0)}
    return Problem("plan.outside_range", leaf.path, raw, ends)


@lru_cache(maxsize=8)
def _simulated(asked: "Asked") -> Result:
    return simulation.simulate(
        asked.scheme,
        paths=PATHS,
        seed=SEED,
        engine="fast",
        series=("net.all", "budget.net"),
        tailed=False,
    )


class Asked:
    """A scheme remembered by the hash of its file."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme

    def __hash__(self) -> int:
        return hash(self.scheme.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asked) and other.scheme.sha256 == self.scheme.sha256


def answer(scheme: Scheme, changes: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """What follows from the changed values, beside what follows from the scheme's own.

    Raises `Refusal` where the scheme or a value cannot be simulated.
    """
    asked = changed(scheme, changes)
    now, base = _simulated(Asked(asked)), _simulated(Asked(scheme))
    shown = [name for name in CHARTS if name in futures.available(now)]
    charts = [(name, futures.draw(now, name, language)) for name in shown]
    printed = futures_words.printed_for([*now.figures.values(), *base.figures.values()], language)
    return {
        "charts": [{"name": name, "figure": drawn} for name, drawn in charts],
        "rows": [
            _row(now, base, name, printed, language)
            for name, each in futures_measures.asked(now.figures).items()
            if name in base.figures and not each.status and not base.figures[name].status
        ],
        "paths": f"{now.paths:,}",
        "seed": now.seed,
        "engine_version": now.engine_version,
        "sha256": asked.sha256,
    }


def _row(
    now: Result, base: Result, name: str, printed: futures_words.Printed, language: str
) -> Mapping[str, Any]:
    """One measure: the scheme's own, what it is now, and the difference path by path.

    The last two with their errors: as they share their draws, that of the difference is the less.
    """
    here, there = now.figures[name], base.figures[name]
    moved = comparison.difference(now, base, name)
    printed = futures_words.fitting([here, there], printed, language)
    unit = futures_words.unit_of(here.unit, printed, language)

    def said(each: Figure) -> str:
        return futures_words.cell(each.mean, each.unit, printed)

    def error(each: Figure) -> str:
        return futures_words.plus_minus(each.error, each.unit, printed)

    return {
        "label": now.label(name, language),
        "unit": unit,
        "base": said(there),
        "now": said(here),
        "now_error": "" if futures_words.is_fixed(here) else error(here),
        "moved": said(moved) if moved.mean else "",
        "error": error(moved) if moved.mean else "",
    }


def file_of(scheme: Scheme, changes: Mapping[str, str]) -> bytes:
    """The scheme file of an address."""
    return writing.text(changed(scheme, changes)).encode()


def told(scheme: Scheme, refusal: Refusal, language: str) -> list[str]:
    """Why an address cannot be answered, line by line, in the words of the inputs."""
    return [
        _spoken(problem, scheme.leaves.get(problem.where), language).message(language)
        for problem in refusal.problems
    ]


def _spoken(problem: Problem, leaf: Leaf | None, language: str) -> Problem:
    """A problem of a value, with the label of its input for the path and its range as shown."""
    if leaf is None:
        return problem
    label = leaf.label_ko if language == "ko" else leaf.label_en
    if problem.code != "plan.outside_range":
        return replace(problem, where=label)

    def said(value: values.Value | None) -> str:
        return futures_values.number_words(leaf, 0 if value is None else value, language)

    ends = {"low": said(leaf.low), "high": said(leaf.high)}
    given = said(change.read_value(leaf, problem.value))
    return replace(problem, where=label, value=given, details={**problem.details, **ends})
