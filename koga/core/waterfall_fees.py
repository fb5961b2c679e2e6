"""Management fees: base, brackets, impairments that move the base, waivers, offsets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from koga.core.day_counts import add_years
from koga.core.fund_rules import Fee, Terms
from koga.core.waterfall_state import Amount, Arithmetic, allocate

if TYPE_CHECKING:
    from koga.core.waterfall_engine import Engine


@dataclass(frozen=True, slots=True)
class FeeYear:
    """One year's fee with the roll-forward of its offsets, as ILPA's A.1 asks for it.

    gross: rate × base. restored: withheld earlier because of an impairment since reversed.
    offset_recognised: the fund's part of what the manager received; offset_applied: set off now;
    what could not be applied is carried forward. net: paid to the manager.
    """

    year: int
    day: date
    base: Amount
    gross: Amount
    restored: Amount
    waived: Amount
    offset_opening: Amount
    offset_recognised: Amount
    offset_applied: Amount
    offset_closing: Amount
    net: Amount


@dataclass(slots=True)
class FeeBook:
    """Standing impairments, fees withheld because of them, offsets not yet applied."""

    arithmetic: Arithmetic
    zero: Amount
    standing: dict[str, Amount] = field(default_factory=dict)
    withheld: dict[tuple[str, int], Amount] = field(default_factory=dict)
    restored: Amount = 0
    offset_open: Amount = 0
    offsets_seen: int = 0
    years: list[FeeYear] = field(default_factory=list)

    def impair(self, *, day: date, terms: Terms, member: str, deal: str, amount: Amount) -> None:
        """An impairment of a deal lowers the invested base from its day."""
        del day, terms, member
        self.standing[deal] = self.standing.get(deal, self.zero) + amount

    def restore(self, *, day: date, terms: Terms, member: str, deal: str, amount: Amount) -> None:
        """A reversal raises the base again; where the rules say so, also for the years before."""
        del day, member
        arithmetic = self.arithmetic
        standing = self.standing.get(deal, self.zero)
        part = arithmetic.ratio(arithmetic.low(amount, standing), standing)
        self.standing[deal] = arithmetic.high(standing - amount, self.zero)
        for place, fee in enumerate(terms.fees):
            held = self.withheld.get((deal, place), self.zero)
            if fee.restoration == "retroactive":
                self.restored = self.restored + held * part
            self.withheld[deal, place] = held * (1 - part)


def year_ends(first: date, last: date) -> Iterator[tuple[date, int]]:
    """The anniversaries of the first flow on which a year of the fund ends, with their number."""
    year = 1
    while add_years(first, year) <= last:
        yield add_years(first, year), year
        year += 1


def charge(engine: "Engine", terms: Terms, day: date, year: int) -> None:
    """The fee of the year that ended, before anything else happens on its last day."""
    book, arithmetic = engine.fees, engine.arithmetic
    base = gross = engine.zero
    for place, fee in enumerate(terms.fees):
        if not _in_years(fee, year):
            continue
        base, full = _base(engine, fee)
        own = _rated(fee, base, arithmetic, engine.zero)
        withheld = _rated(fee, full, arithmetic, engine.zero) - own
        _note_withheld(book, place, withheld)
        gross = gross + own
    gross = arithmetic.floor(gross)
    restored = arithmetic.floor(book.restored)
    book.restored = book.restored - restored
    waived = engine.zero
    for waiver in terms.waivers:
        if _in_years(waiver, year):
            waived = waived + arithmetic.floor(gross * arithmetic.number(waiver.share))
    due = arithmetic.high(gross + restored - waived, engine.zero)
    opening, recognised = book.offset_open, _recognised(engine, day)
    applied = arithmetic.low(opening + recognised, due)
    book.offset_open = opening + recognised - applied
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
        book.offset_open,
        net,
    )
    book.years.append(entry)
    _pay(engine, terms, entry)


def _in_years(one: Any, year: int) -> bool:
    return bool(one.first <= year and (one.last is None or year <= one.last))


def _base(engine: "Engine", fee: Fee) -> tuple[Amount, Amount]:
    """The base as it stands, and as it would stand without impairments."""
    if fee.base == "commitment":
        whole = engine.zero + sum(member.commitment for member in engine.rules.members.values())
        return whole, whole
    lots = engine.accounts.lots
    invested = sum((lot.principal for lot in lots), start=engine.zero)
    impaired = sum(engine.fees.standing.values(), start=engine.zero)
    return engine.arithmetic.high(invested - impaired, engine.zero), invested


def _rated(fee: Fee, base: Amount, arithmetic: Arithmetic, zero: Amount) -> Amount:
    """Rate × base; with brackets each rate on its own slice of the base."""
    total = zero
    for place, (above, rate) in enumerate(fee.brackets):
        slice_ = arithmetic.high(base - above, zero)
        if place + 1 < len(fee.brackets):
            slice_ = arithmetic.low(slice_, fee.brackets[place + 1][0] - above)
        total = total + slice_ * arithmetic.number(rate)
    return total


def _note_withheld(book: FeeBook, place: int, withheld: Amount) -> None:
    impaired = sum(book.standing.values(), start=book.zero)
    for deal, standing in book.standing.items():
        share = withheld * book.arithmetic.ratio(standing, impaired)
        book.withheld[deal, place] = book.withheld.get((deal, place), book.zero) + share


def _recognised(engine: "Engine", day: date) -> Amount:
    """Offsets recognised since the last year end, the fund's part of each in won."""
    total = engine.zero
    offsets = engine.rules.offsets[engine.fees.offsets_seen :]
    for offset in offsets:
        if offset.day >= day:
            break
        share = engine.arithmetic.number(offset.share)
        total = total + engine.arithmetic.floor(offset.amount * share)
        engine.fees.offsets_seen += 1
    return total


def _pay(engine: "Engine", terms: Terms, entry: FeeYear) -> None:
    codes = list(engine.rules.managers)
    weights = [engine.rules.members[code].commitment for code in codes]
    key = engine.key(entry.day, "fee")
    parts = allocate(engine.arithmetic, entry.net, weights, codes, key)
    for code, part in zip(codes, parts, strict=True):
        engine.pay(entry.day, "fee", code, part, "fee", fee=entry, fees=terms.fees)
