"""Management fees: base, brackets, impairments that move the base, waivers, offsets."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from koga.core.day_counts import add_years
from koga.core.fund_terms import Fee, Terms
from koga.core.waterfall_books import Books, FeeBook, FeeYear
from koga.core.waterfall_state import Amount, Arithmetic, allocate


def year_ends(first: date, last: date) -> Iterator[tuple[date, int]]:
    """The anniversaries of the first flow on which a year of the fund ends, with their number."""
    year = 1
    while add_years(first, year) <= last:
        yield add_years(first, year), year
        year += 1


def charge(books: Books, terms: Terms, day: date, year: int) -> None:
    """The fee of the year that ended, before anything else happens on its last day."""
    so_far, arithmetic = books.fees, books.arithmetic
    base = gross = books.zero
    for place, fee in enumerate(terms.fees):
        if not _in_years(fee, year):
            continue
        base, full = _base(books, fee)
        own = _rated(fee, base, arithmetic, books.zero)
        withheld = _rated(fee, full, arithmetic, books.zero) - own
        _note_withheld(so_far, place, withheld)
        gross = gross + own
    gross = arithmetic.floor(gross)
    restored = arithmetic.floor(so_far.restored)
    so_far.restored = so_far.restored - restored
    waived = books.zero
    for waiver in terms.waivers:
        if _in_years(waiver, year):
            waived = waived + arithmetic.floor(gross * arithmetic.number(waiver.share))
    due = arithmetic.high(gross + restored - waived, books.zero)
    opening, recognised = so_far.offset_open, _recognised(books, day)
    applied = arithmetic.low(opening + recognised, due)
    so_far.offset_open = opening + recognised - applied
    net = due - applied
    entry = FeeYear(
        year,
        day,
        base,
        gross,
        restored,
        waived,
        opening,
        recognised,
        applied,
        so_far.offset_open,
        net,
    )
    so_far.years.append(entry)
    _pay(books, terms, entry)


def _in_years(one: Any, year: int) -> bool:
    return bool(one.first <= year and (one.last is None or year <= one.last))


def _base(books: Books, fee: Fee) -> tuple[Amount, Amount]:
    """The base as it stands, and as it would stand without impairments."""
    if fee.base == "commitment":
        whole = books.zero + sum(member.commitment for member in books.rules.members.values())
        return whole, whole
    lots = books.accounts.lots
    invested = sum((lot.principal for lot in lots), start=books.zero)
    impaired = sum(books.fees.standing.values(), start=books.zero)
    return books.arithmetic.high(invested - impaired, books.zero), invested


def _rated(fee: Fee, base: Amount, arithmetic: Arithmetic, zero: Amount) -> Amount:
    """Rate × base; with brackets each rate on its own slice of the base."""
    total = zero
    for place, (above, rate) in enumerate(fee.brackets):
        slice_ = arithmetic.high(base - above, zero)
        if place + 1 < len(fee.brackets):
            slice_ = arithmetic.low(slice_, fee.brackets[place + 1][0] - above)
        total = total + slice_ * arithmetic.number(rate)
    return total


def _note_withheld(so_far: FeeBook, place: int, withheld: Amount) -> None:
    impaired = sum(so_far.standing.values(), start=so_far.zero)
    for deal, standing in so_far.standing.items():
        share = withheld * so_far.arithmetic.ratio(standing, impaired)
        so_far.withheld[deal, place] = so_far.withheld.get((deal, place), so_far.zero) + share


def _recognised(books: Books, day: date) -> Amount:
    """Offsets recognised since the last year end, the fund's part of each in won."""
    total = books.zero
    offsets = books.rules.offsets[books.fees.offsets_seen :]
    for offset in offsets:
        if offset.day >= day:
            break
        share = books.arithmetic.number(offset.share)
        total = total + books.arithmetic.floor(offset.amount * share)
        books.fees.offsets_seen += 1
    return total


def _pay(books: Books, terms: Terms, entry: FeeYear) -> None:
    codes = list(books.rules.managers)
    weights = [books.rules.members[code].commitment for code in codes]
    key = books.key(entry.day, "fee")
    parts = allocate(books.arithmetic, entry.net, weights, codes, key)
    for code, part in zip(codes, parts, strict=True):
        books.pay(entry.day, "fee", code, part, "fee", fee=entry, fees=terms.fees)
