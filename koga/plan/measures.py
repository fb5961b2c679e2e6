"""What a simulation answers, in words: every series and measure with unit, label and definition.

The words stand in `measures.toml`, one table a name. A `*` in a name stands for one part: a source
of money, a vehicle, a rank, a sector, a programme; its own name comes from the scheme.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from koga.plan.schemes import words
from koga.plan.schemes.shape import Scheme

MONEY = "KRW"
UNITS: Mapping[str, tuple[str, str]] = {
    MONEY: ("원", "won"),
    "rate": ("연 비율", "a year"),
    "share": ("비율", "share"),
    "people": ("명", "people"),
    "count": ("건", "count"),
    "multiple": ("배", "times"),
    "years": ("년", "years"),
    "weeks": ("주", "weeks"),
    "hours": ("시간", "hours"),
    "cards": ("장", "cards"),
    "firms": ("개사", "firms"),
    "m2_days": ("㎡·일", "m²-days"),
    "": ("", ""),
}
"""Units of series and measures as printed behind a figure."""

_GROUPS: Mapping[str, tuple[str, str]] = {
    "all": ("모두", "all"),
    "net": ("모두", "all money"),
    "public": ("공공", "public"),
    "manager": ("운용사", "managers"),
    "mean": ("전 기간 평균", "all years, mean"),
}
_MIX = re.compile(r"(.+)_(\d{4})", re.ASCII)
_OF_VEHICLES = ("call.", "first_loss", "irr_vehicle.", "fees.", "carried.")
"""Beginnings of names whose part is a vehicle before it is a source of the same name."""
_NAMED_TABLES = ("capital", "vehicle", "class", "sector", "programme", "obligation", "target")


@dataclass(frozen=True, slots=True)
class Declared:
    """One name or pattern of names.

    kind: series or measure. unit: a key of `UNITS`. linear: an expectation over deals, so that
    `fast` gives the mean of `exact` without bias. mean_only: its spread over futures says nothing
    (a chance, a price). definition: numerator, denominator, what is out.
    """

    name: str
    kind: str
    unit: str
    ko: str
    en: str
    definition_ko: str
    definition_en: str
    linear: bool
    mean_only: bool

    def label(self, language: str) -> str:
        """What it is called."""
        return self.ko if language == "ko" else self.en

    def definition(self, language: str) -> str:
        """What is divided by what, and what is left out."""
        return self.definition_ko if language == "ko" else self.definition_en


@cache
def declared() -> Mapping[str, Declared]:
    """Every declared name or pattern, in the order of the file."""
    with (Path(__file__).parent / "measures.toml").open("rb") as source:
        document = tomllib.load(source)
    return {name: _declared(name, row) for name, row in document.items()}


def _declared(name: str, row: Mapping[str, Any]) -> Declared:
    return Declared(
        name=name,
        kind=str(row["kind"]),
        unit=str(row["unit"]),
        ko=str(row["ko"]),
        en=str(row["en"]),
        definition_ko=str(row["definition_ko"]),
        definition_en=str(row["definition_en"]),
        linear=bool(row.get("linear", False)),
        mean_only=bool(row.get("mean_only", False)),
    )


@cache
def find(name: str) -> Declared:
    """The declaration of a name: its own, else the first pattern it fits; KeyError otherwise."""
    known = declared()
    if name in known:
        return known[name]
    for pattern, found in known.items():
        if "*" in pattern and _fits(name, pattern):
            return found
    raise KeyError(name)


def _fits(name: str, pattern: str) -> bool:
    """Whether each dotted part fits; a star stands for one part.

    >>> _fits("paid.bonds", "paid.*"), _fits("paid.bonds.late", "paid.*")
    (True, False)
    """
    parts, wanted = name.split("."), pattern.split(".")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def label(name: str, language: str, scheme: Scheme | None = None) -> str:
    """A name as people read it: the declared label, and whose or which part it is."""
    found = find(name)
    pairs = zip(name.split("."), found.name.split("."), strict=True)
    first = "vehicle" if name.startswith(_OF_VEHICLES) else ""
    parts = [
        part_name(part, language, scheme, first=first) for part, pattern in pairs if "*" in pattern
    ]
    return " · ".join([found.label(language), *parts])


def part_name(part: str, language: str, scheme: Scheme | None = None, *, first: str = "") -> str:
    """The name of a source, vehicle, rank, sector or programme; the key itself where it has none.

    first: the table of a scheme to look in before the others.

    >>> part_name("senior", "en"), part_name("2031", "ko")
    ('senior', '2031')
    >>> part_name("loan_2027", "en")  # a vehicle of another mix from then on
    'low-rate loans (from 2027)'
    """
    for table in (first, *_NAMED_TABLES) if scheme else ():
        called = scheme.plain.get(f"{table}.{part}.name_{language}") if scheme else None
        if called:
            return str(called)
    if part in _GROUPS:
        return _GROUPS[part][0 if language == "ko" else 1]
    for listed in (words.RANK_WORDS, words.INSTRUMENT_WORDS, words.SIDE_WORDS):
        if part in listed:
            return listed[part].ko if language == "ko" else listed[part].en
    if mixed := _MIX.fullmatch(part):
        called = part_name(mixed[1], language, scheme)
        return f"{called}({mixed[2]}년부터)" if language == "ko" else f"{called} (from {mixed[2]})"
    return part


def unit_word(unit: str, language: str) -> str:
    """A unit as printed behind a figure."""
    return UNITS.get(unit, (unit, unit))[0 if language == "ko" else 1]
