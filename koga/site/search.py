"""Finding records: what is asked for, what matches, how it is counted, sorted and summed.

A query finds what a plain scan of the same texts would find: every term, separated by blanks,
must stand somewhere in the record's id, title, recipient, source number, or in a Korean or English
name of its programme or agency.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from koga.core.dates import Period
from koga.core.problems import Problem, Refusal
from koga.site import spelling
from koga.site.edition import Edition
from koga.site.index import SORTS

PAGE_ROWS = 25
QUERY_MAX = 200
TERMS_MAX = 12
"""Words of one query: each costs a look into the index, and nobody types more."""
NONE = "none"
"""How an address writes "nothing stated" for a facet."""
FACETS: Mapping[str, str] = {
    "agency": "agency",
    "programme": "programme",
    "instrument": "instrument",
    "sector": "sector",
    "unit": "unit",
    "year": "fiscal_year",
}
"""Facets shown: parameter of the address -> column."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a person asks for; the fields are the parameters of the address.

    q: words. agency … year: one value each, or blank. period: by the day of decision.
    sort: one of `index.SORTS`. page: from 1.
    """

    q: str = ""
    agency: str = ""
    programme: str = ""
    instrument: str = ""
    sector: str = ""
    unit: str = ""
    year: str = ""
    period: str = ""
    sort: str = "newest"
    page: int = 1

    def address(self, **changes: object) -> str:
        """The query string of this query with some fields changed; what is usual is left out.

        >>> Query(q="AI", page=3).address(page=1), Query().address()
        ('?q=AI', '')
        """
        changed = replace(self, **changes)  # type: ignore[arg-type]
        usual = Query()
        said = {
            field.name: getattr(changed, field.name)
            for field in fields(Query)
            if getattr(changed, field.name) != getattr(usual, field.name)
        }
        return "?" + urlencode(said) if said else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet: as in the address, how many records match, whether it is chosen."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class UnitSum:
    """What the matching records of one unit sum to, in its smallest parts.

    rows: records of the unit. counted: those that count in totals. amount: their sum.
    """

    unit: str
    rows: int
    counted: int
    amount: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a query finds.

    count: all matching records. places: those of the page. sums: by unit. pages: how many.
    """

    query: Query
    count: int
    places: Sequence[int]
    sums: Sequence[UnitSum]
    pages: int


def read(parameters: Mapping[str, str], edition: Edition) -> Query:
    """The query of an address; a `Refusal` lists everything in it that cannot be understood."""
    given = {field.name: parameters.get(field.name, "").strip() for field in fields(Query)}
    problems = [*_word_problems(given["q"])]
    for name, column in FACETS.items():
        value = given[name]
        if value and not _known(edition, column, "" if value == NONE else value):
            problems.append(Problem("site.unknown_value", name, _printable(value)))
    if given["period"]:
        try:
            Period.parse(given["period"])
        except Refusal:
            problems.append(Problem("dates.period", "period", _printable(given["period"])))
    if given["sort"] and given["sort"] not in SORTS:
        details = {"expected": ", ".join(SORTS)}
        problems.append(Problem("site.sort", "sort", _printable(given["sort"]), details))
    page = given.pop("page") or "1"
    if not (page.isascii() and page.isdigit() and 1 <= len(page) <= 9 and int(page)):
        problems.append(Problem("site.page", "page", _printable(page)))
    if problems:
        raise Refusal(problems)
    given["sort"] = given["sort"] or "newest"
    return Query(**given, page=int(page))  # type: ignore[arg-type]


def _known(edition: Edition, column: str, value: str) -> bool:
    """Whether a value may be asked for: it occurs, or is an agency or programme without records."""
    named = {"agency": edition.agencies, "programme": edition.programmes}.get(column, {})
    return value in named or value in edition.index.values[column]


def _word_problems(words: str) -> Iterator[Problem]:
    if len(words) > QUERY_MAX:
        details = {"limit": QUERY_MAX}
        yield Problem("site.query_long", "q", _printable(words), details)
    elif len(spelling.terms(words)) > TERMS_MAX:
        yield Problem("site.query_terms", "q", _printable(words), {"limit": TERMS_MAX})
    if any(_unreadable(sign) for sign in words):
        yield Problem("site.query_unreadable", "q", _printable(words))


def _unreadable(sign: str) -> bool:
    return sign < " " or sign in "\x7f�" or "\ud800" <= sign <= "\udfff"


def _printable(value: str) -> str:
    return "".join("�" if _unreadable(sign) else sign for sign in value[:200])


def find(edition: Edition, query: Query) -> Found:
    """The page of records a query asks for, and what all that match sum to."""
    mask = _mask(edition, query)
    count = int(mask.sum())
    pages = max(1, -(-count // PAGE_ROWS))
    if query.page > pages:
        raise Refusal(Problem("site.page_beyond", "page", str(query.page), {"pages": pages}))
    return Found(query, count, _page(edition, query, mask), sums(edition, mask), pages)


def _page(edition: Edition, query: Query, mask: Any) -> list[int]:
    import numpy

    places = numpy.flatnonzero(mask)
    ranks = edition.index.arrays[query.sort][places]
    end = min(query.page * PAGE_ROWS, len(places))
    start = (query.page - 1) * PAGE_ROWS
    if end < len(places):
        nearest = numpy.argpartition(ranks, end - 1)[:end]
        places, ranks = places[nearest], ranks[nearest]
    return [int(place) for place in places[numpy.argsort(ranks)][start:end]]


def every_place(edition: Edition, query: Query) -> Any:
    """The places of every matching record, in the query's order."""
    import numpy

    places = numpy.flatnonzero(_mask(edition, query))
    return places[numpy.argsort(edition.index.arrays[query.sort][places])]


def choices(edition: Edition, query: Query) -> Mapping[str, Sequence[Choice]]:
    """For each facet, how many records each value would leave, all other choices kept."""
    import numpy

    masks = {name: _facet_mask(edition, query, name) for name in FACETS}
    base = _word_mask(edition, query)
    answer: dict[str, list[Choice]] = {}
    for name, column in FACETS.items():
        mask = base
        for other, theirs in masks.items():
            if theirs is not None and other != name:
                mask = mask & theirs
        values = edition.index.values[column]
        codes = edition.index.arrays[column][mask]
        counts = numpy.bincount(codes, minlength=len(values)).tolist()
        chosen = getattr(query, name)
        answer[name] = [
            Choice(value or NONE, count, (value or NONE) == chosen)
            for value, count in zip(values, counts, strict=True)
            if count or (value or NONE) == chosen
        ]
        if chosen and not any(each.chosen for each in answer[name]):
            answer[name].append(Choice(chosen, 0, True))
    return answer


def sums(edition: Edition, mask: Any) -> list[UnitSum]:
    """What records sum to, unit by unit, the unit of most records first; exact."""
    import numpy

    arrays, values = edition.index.arrays, edition.index.values["unit"]
    units = arrays["unit"][mask]
    counted = arrays["counted"][mask]
    rows = numpy.bincount(units, minlength=len(values)).tolist()
    inside = numpy.bincount(units[counted], minlength=len(values)).tolist()
    totals = sums_by(units[counted], arrays["amount"][mask][counted], len(values))
    found = [
        UnitSum(unit, count, within, total)
        for unit, count, within, total in zip(values, rows, inside, totals, strict=True)
        if count
    ]
    return sorted(found, key=lambda each: (-each.rows, each.unit))


def sums_by(codes: Any, amounts: Any, size: int) -> list[int]:
    """Exact sums of 64-bit amounts by code: high and low halves are added apart.

    >>> import numpy
    >>> sums_by(numpy.array([0, 1, 0]), numpy.array([2**62, 5, 2**62]), 2) == [2**63, 5]
    True
    """
    import numpy

    high = numpy.zeros(size, dtype=numpy.int64)
    low = numpy.zeros(size, dtype=numpy.int64)
    numpy.add.at(high, codes, amounts >> 32)
    numpy.add.at(low, codes, amounts & 0xFFFFFFFF)
    return [(up << 32) + down for up, down in zip(high.tolist(), low.tolist(), strict=True)]


def _mask(edition: Edition, query: Query) -> Any:
    mask = _word_mask(edition, query)
    for name in FACETS:
        theirs = _facet_mask(edition, query, name)
        if theirs is not None:
            mask = mask & theirs
    return mask


def _facet_mask(edition: Edition, query: Query, name: str) -> Any:
    """Which records have the chosen value; None where none is chosen."""
    value = getattr(query, name)
    if not value:
        return None
    column = FACETS[name]
    values, wanted = edition.index.values[column], "" if value == NONE else value
    code = values.index(wanted) if wanted in values else -1
    return edition.index.arrays[column] == code


def within(edition: Edition, period: Period) -> Any:
    """Which records were decided within a period."""
    import numpy

    quarters = [
        Period.parse(name).start in period and Period.parse(name).end in period
        for name in edition.index.values["quarter"]
    ]
    return numpy.array(quarters, dtype=bool)[edition.index.arrays["quarter"]]


def _word_mask(edition: Edition, query: Query) -> Any:
    """Which records contain every term and fall in the period asked for."""
    import numpy

    mask = numpy.ones(edition.index.size, dtype=bool)
    if query.period and edition.index.size:
        mask &= within(edition, Period.parse(query.period))
    for term in spelling.terms(query.q):
        mask &= numpy.unpackbits(_term_bits(edition, term), count=edition.index.size).view(bool)
    return mask


@lru_cache(maxsize=256)
def _term_bits(edition: Edition, term: str) -> Any:
    """Which records a term matches, eight to a byte; the last terms asked for are kept."""
    import numpy

    mask = edition.index.matching(term)
    for column, rows in (("agency", edition.agencies), ("programme", edition.programmes)):
        named = [
            term in spelling.fold(row["name_ko"]) or term in spelling.fold(row["name_en"])
            for row in (rows[code] for code in edition.index.values[column])
        ]
        if any(named):
            mask |= numpy.array(named, dtype=bool)[edition.index.arrays[column]]
    return numpy.packbits(mask)
