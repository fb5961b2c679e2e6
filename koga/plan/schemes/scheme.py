"""A public growth fund as a data file: load it, check it, list what it says and on what basis.

`check` tells every problem of a file at once and never raises over its content; `load` refuses a
file that has any. A scheme holds its leaves by dotted path; the simulator, the site and the open
tables read the same leaves.
"""

import hashlib
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from koga.core import money
from koga.core.problems import Problem, Refusal, in_order
from koga.plan.schemes import contingent, places
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.reading import Reading, located, read
from koga.plan.schemes.rows import release_rows
from koga.plan.schemes.rules import RULES, SIDES
from koga.plan.schemes.shape import (
    Cell,
    Citation,
    Scheme,
    counts,
    counts_by_table,
    leaves,
    tally,
    tally_by_table,
)

__all__ = [
    "Cell",
    "Citation",
    "Examination",
    "Leaf",
    "Scheme",
    "check",
    "committed",
    "counts",
    "counts_by_table",
    "examine",
    "from_document",
    "leaves",
    "load",
    "read_text",
    "release_rows",
]

_SIZE_MAX = 4_000_000


def load(path: str | Path) -> Scheme:
    """The scheme in a file. Raises `Refusal` with every problem found."""
    body = _bytes(Path(path))
    reading = _read(_text(body, str(path)))
    if reading.problems:
        raise Refusal(reading.problems)
    return _scheme(reading, body)


def check(text: str, name: str = "scheme") -> list[Problem]:
    """Every problem of a scheme's text, in order of precedence; empty where there is none.

    name: what to call the file in problems that have no path of their own.

    >>> [problem.code for problem in check("[scheme")]
    ['scheme.syntax']
    """
    return examine(text, name).problems


@dataclass(frozen=True, slots=True)
class Examination:
    """What `koga check` answers: every problem, and how many figures stand on which basis.

    warnings: of a scheme without a problem, approval questions nobody has answered.
    """

    problems: list[Problem]
    counts: Mapping[str, int]
    by_table: Mapping[str, Mapping[str, int]]
    warnings: list[Problem]


def examine(text: str, name: str = "scheme") -> Examination:
    """Check a scheme's text and count its figures, also where there are problems."""
    try:
        reading = _read(text, name)
    except Refusal as refusal:
        return Examination(refusal.problems, tally([]), {}, [])
    found = list(reading.leaves.values())
    open_ = [] if reading.problems else contingent.warnings(_scheme(reading, text.encode()))
    return Examination(in_order(reading.problems), tally(found), tally_by_table(found), open_)


def committed(scheme: Scheme) -> list[Cell]:
    """What is committed by year, instrument and source, in won.

    Cells as written where instruments carry amounts by year. Where they carry shares of the size,
    the size is split over instrument, source and year by largest remainder, so that the cells add
    up to it to the won. Budget money (`fiscal`) is as written and comes on top.
    """
    names = scheme.entries.get("instrument", ())
    written = [cell for name in names for cell in _written(scheme, name)]
    cells = written + _shared_out(scheme)
    return sorted(cells, key=lambda cell: (cell.year, names.index(cell.instrument), cell.source))


def _written(scheme: Scheme, name: str) -> Iterator[Cell]:
    for side in SIDES:
        for leaf in scheme.under(f"instrument.{name}.{side}"):
            year = leaf.path.rpartition(".")[2]
            if year != "total" and isinstance(leaf.value, int):
                yield Cell(int(year), name, side, leaf.value)


def _shared_out(scheme: Scheme) -> list[Cell]:
    pace = {int(leaf.path.rpartition(".")[2]): leaf for leaf in scheme.under("pace")}
    parts: list[tuple[int, str, str, Fraction]] = []
    for name in scheme.entries.get("instrument", ()):
        path = f"instrument.{name}"
        if f"{path}.share" not in scheme.leaves:
            continue
        share, fund = scheme.number(f"{path}.share"), scheme.number(f"{path}.fund_share")
        for year, leaf in pace.items():
            weight = share * scheme.number(leaf.path)
            parts.append((year, name, "fund", weight * fund))
            parts.append((year, name, "private", weight * (1 - fund)))
    if not parts:
        return []
    whole = math.lcm(*(part[3].denominator for part in parts))
    weights = [int(part[3] * whole) for part in parts]
    names = [f"{year} {name} {side}" for year, name, side, _ in parts]
    total = scheme.amount("size.all.total")
    split = money.split(
        total, weights, policy="largest_remainder", names=names, distribution=scheme.code
    )
    return [
        Cell(year, name, side, amount)
        for (year, name, side, _), amount in zip(parts, split.parts, strict=True)
    ]


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            body = source.read(_SIZE_MAX + 1)
    except OSError:
        raise Refusal(located("scheme.file", str(path), "", 0)) from None
    if len(body) > _SIZE_MAX:
        raise Refusal(located("scheme.file_size", str(path), "", 0, limit=f"{_SIZE_MAX:,}"))
    return body


def from_document(document: Mapping[str, Any]) -> Scheme | list[Problem]:
    """A scheme from an already parsed document, hashed as nothing; or every problem of it.

    document: as the TOML reader gives it, decimals exact. Lines are not known.
    """
    reading = read(document, {})
    for rule in RULES:
        rule(reading)
    return in_order(reading.problems) if reading.problems else _scheme(reading, b"")


def read_text(path: str | Path) -> str:
    """A scheme file's text; refuses a file that is not there, too large or not UTF-8."""
    return _text(_bytes(Path(path)), str(path))


def _text(body: bytes, name: str) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = body[: wrong.start].count(b"\n") + 1
        raise Refusal(located("scheme.encoding", name, "", line)) from None


def _read(text: str, name: str = "scheme") -> Reading:
    document = _document(text, name)
    reading = read(document, places.find(text))
    for rule in RULES:
        rule(reading)
    return reading


def _document(text: str, name: str) -> Mapping[str, Any]:
    """The TOML document, decimals exact. The parser's own words stay English; we add the line."""
    try:
        return tomllib.loads(text.replace("\r\n", "\n"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as wrong:
        said = str(wrong)
    except (ValueError, ArithmeticError, RecursionError) as wrong:
        said = type(wrong).__name__
    line = _line_said(said)
    raise Refusal(located("scheme.syntax", name, said, line))


def _line_said(said: str) -> int:
    head, found, tail = said.partition("(at line ")
    digits = tail.partition(",")[0]
    return int(digits) if found and head and digits.isdigit() else 0


def _scheme(reading: Reading, body: bytes) -> Scheme:
    plain = reading.plain
    day = plain.get("scheme.proposed_on")

    def said(key: str) -> str:
        return str(plain.get(f"scheme.{key}", ""))

    citations = {
        name: Citation(
            name,
            *(str(plain.get(f"sources.{name}.{key}", "")) for key in _CITED),
        )
        for name in reading.names.get("sources", [])
    }
    return Scheme(
        code=said("code"),
        name_ko=said("name_ko"),
        name_en=said("name_en"),
        summary_ko=said("summary_ko"),
        summary_en=said("summary_en"),
        proposed_on=day if isinstance(day, date) else None,
        legal_form=str(reading.leaves["scheme.legal_form"].value),
        sha256=hashlib.sha256(body).hexdigest(),
        sources=citations,
        leaves=dict(reading.leaves),
        plain=dict(plain),
        entries={table: tuple(names) for table, names in reading.names.items()},
    )


_CITED = ("title", "publisher", "date", "kind", "url")
