"""Search, one record, and the file of exactly what a search shows."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from koga.core.dates import Period
from koga.release.tables import INSTRUMENTS, RECIPIENT_CLASSES, RECORDS, SECTORS
from koga.site import corrections, search, telling
from koga.site.edition import Edition, Row
from koga.site.search import Choice, Found, Query
from koga.site.selectors import Absent
from koga.site.telling import named, word

SORTS: Mapping[str, tuple[str, str]] = {
    "newest": ("결정일 늦은 순", "Newest first"),
    "oldest": ("결정일 이른 순", "Oldest first"),
    "largest": ("큰 금액·물량부터", "Largest first"),
    "smallest": ("작은 금액·물량부터", "Smallest first"),
    "recipient": ("받은 곳 가나다순", "By recipient"),
}
FACETS: Mapping[str, tuple[str, str]] = {
    "agency": ("기관", "Agency"),
    "programme": ("사업", "Programme"),
    "instrument": ("지원 수단", "Instrument"),
    "sector": ("분야", "Sector"),
    "unit": ("단위", "Unit"),
    "year": ("회계연도", "Fiscal year"),
}
CHOICES_MAX = 300
"""Values a facet offers at most, those of most records; the address takes any."""
_CHUNK = 500


def page(edition: Edition, language: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
    """The page of a search."""
    query = search.read(parameters, edition)
    found = search.find(edition, query)
    here = f"/{language}/search"
    return {
        "name_of_page": _title(query, language),
        "query": query,
        "count": found.count,
        "count_text": f"{found.count:,}",
        "sums": [_sum(each, language) for each in found.sums],
        "rows": [_row(edition, edition.index.row(place), language) for place in found.places],
        "facets": _facets(edition, query, language),
        "sorts": [
            {"value": name, "label": words[0 if language == "ko" else 1],
             "chosen": name == query.sort}
            for name, words in SORTS.items()
        ],
        "periods": _periods(edition, query, language),
        "csv": f"/{language}/search.csv{query.address(page=1)}",
        "pages": _pages(found, here),
        "first": (query.page - 1) * search.PAGE_ROWS + 1,
        "last": (query.page - 1) * search.PAGE_ROWS + len(found.places),
        "narrowed": bool(query.address(page=1, sort="newest")),
        "here": here,
    }  # fmt: skip


def _title(query: Query, language: str) -> str:
    plain = "지원 내역" if language == "ko" else "Records of support"
    return f"{query.q}: {plain}" if query.q else plain


def _sum(each: search.UnitSum, language: str) -> Mapping[str, Any]:
    return {
        "said": telling.in_words(each.amount, each.unit, language),
        "rows_text": f"{each.rows:,}",
        "inside": each.rows - each.counted,
        "inside_text": f"{each.rows - each.counted:,}",
        "unit": each.unit,
    }


def _row(edition: Edition, row: Row, language: str) -> Mapping[str, Any]:
    programme = edition.programmes[row["programme"]]
    return {
        "record": row["record"],
        "title": row["title"] or named(programme, "name", language),
        "recipient": row["recipient"],
        "class": word(RECIPIENT_CLASSES, row["recipient_class"], language),
        "programme": named(programme, "name", language),
        "programme_code": row["programme"],
        "agency": named(edition.agencies[row["agency"]], "name", language),
        "awarded_on": row["awarded_on"],
        "amount": row["amount"],
        "unit": row["unit"],
        "inside": not row["counts_in_total"],
        "corrected": ("records", row["record"]) in edition.corrections,
    }


def _facets(edition: Edition, query: Query, language: str) -> list[Mapping[str, Any]]:
    found = search.choices(edition, query)
    return [
        {
            "name": name,
            "label": words[0 if language == "ko" else 1],
            "choices": [
                {
                    "value": each.value,
                    "label": _choice(edition, name, each.value, language),
                    "count": each.count,
                    "chosen": each.chosen,
                }
                for each in _most(found[name], name)
            ],
        }
        for name, words in FACETS.items()
    ]


def _periods(edition: Edition, query: Query, language: str) -> list[Mapping[str, Any]]:
    """Periods offered: those of statements, and the one asked for."""
    names = [*edition.periods]
    if query.period and query.period not in names:
        names.insert(0, query.period)
    return [
        {"value": name, "label": Period.parse(name).label(language),
         "chosen": name == query.period}
        for name in names
    ]  # fmt: skip


def _most(choices: Sequence[Choice], name: str) -> list[Choice]:
    if name == "year":
        return sorted(choices, key=lambda each: each.value, reverse=True)[:CHOICES_MAX]
    order = sorted(choices, key=lambda each: (not each.chosen, -each.count, each.value))
    return sorted(order[:CHOICES_MAX], key=lambda each: (-each.count, each.value))


def _choice(edition: Edition, name: str, value: str, language: str) -> str:
    if value == search.NONE:
        return "적지 않음" if language == "ko" else "not stated"
    if name == "agency":
        return named(edition.agencies[value], "name", language)
    if name == "programme":
        return named(edition.programmes[value], "name", language)
    if name == "unit":
        return telling.unit_word(value, language)
    words = {"instrument": INSTRUMENTS, "sector": SECTORS}.get(name)
    return word(words, value, language) if words else value


def _pages(found: Found, here: str) -> Mapping[str, Any]:
    number, last = found.query.page, found.pages
    return {
        "number": number,
        "last": last,
        "before": here + found.query.address(page=number - 1) if number > 1 else "",
        "after": here + found.query.address(page=number + 1) if number < last else "",
    }


def csv_lines(edition: Edition, parameters: Mapping[str, str]) -> Iterator[bytes]:
    """The file of a search: every row it finds, in its order, with the columns of the table.

    The query is read before the first line is given out, so a bad one is refused whole.
    """
    query = search.read(parameters, edition)
    return _csv(edition, search.every_place(edition, query))


def _csv(edition: Edition, places: Any) -> Iterator[bytes]:
    yield _csv_text([list(RECORDS.names)])
    for start in range(0, len(places), _CHUNK):
        rows = (edition.index.row(int(place)) for place in places[start : start + _CHUNK])
        yield _csv_text([[_cell(row[name]) for name in RECORDS.names] for row in rows])


def _csv_text(rows: list[list[str]]) -> bytes:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue().encode()


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def record(edition: Edition, language: str, code: str) -> Mapping[str, Any]:
    """One record with everything that is known of it."""
    place = edition.index.place_of(code)
    if place is None:
        raise Absent(code)
    row = dict(edition.index.row(place))
    row["awarded_on"] = date.fromisoformat(row["awarded_on"])
    programme, agency = edition.programmes[row["programme"]], edition.agencies[row["agency"]]
    shares = ("amount_national", "amount_city", "amount_district", "amount_own")
    parent = edition.index.place_of(row["parent"]) if row["parent"] else None
    children = edition.index.children_of(code)
    changed = edition.corrections.get(("records", code), ())
    return {
        "name_of_page": row["title"] or code,
        "row": row,
        "programme": named(programme, "name", language),
        "agency": named(agency, "name", language),
        "instrument": word(INSTRUMENTS, row["instrument"], language),
        "sector": word(SECTORS, row["sector"], language),
        "class": word(RECIPIENT_CLASSES, row["recipient_class"], language),
        "shares": [
            {"label": _heading(name, language), "amount": row[name]}
            for name in shares
            if row[name] is not None
        ],
        "parent": None if parent is None else _row(edition, edition.index.row(parent), language),
        "children": [_row(edition, edition.index.row(at), language) for at in children[:200]],
        "children_count": len(children),
        "corrections": corrections.told(edition, changed, language),
        "line": place + 1,
    }


def _heading(name: str, language: str) -> str:
    column = RECORDS.column(name)
    return column.ko if language == "ko" else column.en
