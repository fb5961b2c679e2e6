"""What the waterfall remembers: capital paid in and not yet returned, and the returns owed on it.

The same arithmetic runs on exact fractions and on NumPy arrays of many paths: amounts are combined
with `low`, `high`, `ratio`, never compared in an `if`. `Exact` is the truth; the arrays' gap to it
is bounded by tests over every golden case.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import floor, lcm
from typing import Any, Protocol

from koga.core import money
from koga.core.day_counts import ADDITIVE, add_years, year_fraction
from koga.core.fund_terms import Accrual, FundRules, Terms
from koga.core.problems import ensure

Amount = Any
"""A Fraction or int of won, or an array of them (one per path)."""

Slot = tuple[str, int]
"""A return that is owed: ("tier", n-th tier with a rate) or ("option", n-th call option)."""

NO_DEAL = ""


class Arithmetic(Protocol):
    """How amounts are combined."""

    exact: bool

    def note(self, *words: object) -> None:
        """What is computed from here on, for whoever writes the steps down."""

    def number(self, value: Fraction) -> Amount:
        """A constant of the rules."""

    def low(self, one: Amount, other: Amount) -> Amount:
        """The smaller of two."""

    def high(self, one: Amount, other: Amount) -> Amount:
        """The larger of two."""

    def ratio(self, part: Amount, whole: Amount) -> Amount:
        """Part over whole, 0 where the whole is 0 or less."""

    def floor(self, amount: Amount) -> Amount:
        """Down to the won."""

    def settle(
        self, total: Amount, cells: Sequence[Amount], names: Sequence[str], key: str
    ) -> list[Amount]:
        """Cells that sum to the total, in won: the one rounding of a distribution."""


class Exact:
    """Fractions inside; a distribution is rounded once, by largest remainder (`money.split`)."""

    exact = True

    def note(self, *words: object) -> None:
        """Steps are not written down."""

    def number(self, value: Fraction) -> Amount:
        """Fractions stay as they are."""
        return value

    def low(self, one: Amount, other: Amount) -> Amount:
        """The smaller of two."""
        return min(one, other)

    def high(self, one: Amount, other: Amount) -> Amount:
        """The larger of two."""
        return max(one, other)

    def ratio(self, part: Amount, whole: Amount) -> Amount:
        """Part over whole, 0 where the whole is 0 or less."""
        return Fraction(part) / whole if whole > 0 else Fraction(0)

    def floor(self, amount: Amount) -> Amount:
        """Down to the won (원 미만 버림)."""
        return floor(amount)

    def settle(
        self, total: Amount, cells: Sequence[Amount], names: Sequence[str], key: str
    ) -> list[Amount]:
        """Whole won by largest remainder; lots decide between equal remainders."""
        exact = [Fraction(cell) for cell in cells]
        scale = lcm(*(cell.denominator for cell in exact))
        weights = [cell.numerator * (scale // cell.denominator) for cell in exact]
        if total == 0 or not any(weights):
            ensure(total == 0, "cells without weight cannot hold a total")
            return [0 for _ in cells]
        split = money.split(
            int(total), weights, policy="largest_remainder", names=names, distribution=key
        )
        return list(split.parts)


def allocate(
    arithmetic: Arithmetic, total: Amount, weights: Sequence[Amount], names: Sequence[str], key: str
) -> list[Amount]:
    """A total shared by weights, in won; equal parts where all weights are 0."""
    whole = sum(weights[1:], start=weights[0])
    even = arithmetic.ratio(1, len(weights))
    missing = 1 - arithmetic.ratio(whole, whole)
    cells = [total * (arithmetic.ratio(weight, whole) + missing * even) for weight in weights]
    return arithmetic.settle(total, cells, names, key)


@dataclass(slots=True)
class Spell:
    """A return owed on one lot: what has joined the base, what has not, and counted up to when."""

    capitalised: Amount
    current: Amount
    counted: date


@dataclass(slots=True)
class Lot:
    """One payment of capital by one member, as far as it has not been returned."""

    member: str
    deal: str
    day: date
    principal: Amount
    first: bool = False
    spells: dict[Slot, Spell] = field(default_factory=dict)


def slots_of(terms: Terms) -> dict[Slot, Accrual]:
    """Every return the terms let grow."""
    bearing = [tier.accrual for tier in terms.tiers if tier.accrual is not None]
    options = [transfer.accrual for transfer in terms.transfers if transfer.accrual is not None]
    slots: dict[Slot, Accrual] = {("tier", place): one for place, one in enumerate(bearing)}
    slots.update({("option", place): one for place, one in enumerate(options)})
    return slots


class Accounts:
    """Capital accounts of all members, by lot."""

    def __init__(self, rules: FundRules, arithmetic: Arithmetic, zero: Amount) -> None:
        self.rules = rules
        self.arithmetic = arithmetic
        self.zero = zero
        self.lots: list[Lot] = []
        self.paid_in: dict[tuple[str, str], Amount] = {}
        self.returned: dict[str, Amount] = {}
        self._history = [(terms.since, slots_of(terms)) for terms in rules.terms]
        self._years: dict[tuple[date, date, str], Any] = {}
        self.merging = rules.equalisation is None and all(
            accrual.compounding == "simple" and accrual.day_count in ADDITIVE
            for _, slots in self._history
            for accrual in slots.values()
        )

    def pay_in(self, member: str, deal: str, day: date, amount: Amount) -> None:
        """Capital paid in; with simple returns lots of one member and deal are one account."""
        key = (member, deal)
        self.paid_in[key] = self.paid_in.get(key, self.zero) + amount
        if self.merging:
            for lot in self.lots:
                if lot.member == member and lot.deal == deal:
                    self._accrue(lot, day)
                    lot.principal = lot.principal + amount
                    return
        first = all(lot.member != member for lot in self.lots)
        self.lots.append(Lot(member, deal, day, amount + self.zero, first))

    def move(self, lot: Lot, part: Amount, member: str, deal: str) -> None:
        """Take `part` of a lot, with the returns owed on it, to another member or deal."""
        share = self.arithmetic.ratio(part, lot.principal)
        first = all(one.member != member for one in self.lots)
        other = Lot(member, deal, lot.day, part, first)
        for slot, spell in lot.spells.items():
            other.spells[slot] = Spell(
                spell.capitalised * share, spell.current * share, spell.counted
            )
            spell.capitalised = spell.capitalised * (1 - share)
            spell.current = spell.current * (1 - share)
        lot.principal = lot.principal - part
        self.lots.append(other)

    def in_scope(self, deal: str | None) -> list[Lot]:
        """Lots a receipt of a deal answers to; all lots where the deal is None."""
        if deal is None:
            return self.lots
        return [lot for lot in self.lots if lot.deal in (deal, NO_DEAL)]

    def accrue(self, day: date) -> None:
        """Count every return up to a day."""
        for lot in self.lots:
            self._accrue(lot, day)

    def principal(self, member: str, lots: Sequence[Lot]) -> Amount:
        """Capital of a member not yet returned."""
        return self._sum([lot.principal for lot in lots if lot.member == member])

    def owed(self, member: str, slot: Slot, lots: Sequence[Lot]) -> Amount:
        """Return owed to a member on one slot, as counted."""
        spells = [lot.spells[slot] for lot in lots if lot.member == member and slot in lot.spells]
        return self._sum([self._grown(spell) for spell in spells])

    def _grown(self, spell: Spell) -> Amount:
        if spell.capitalised is self.zero:
            return spell.current
        return spell.capitalised + spell.current

    def capital_of(self, member: str, deal: str | None) -> Amount:
        """Capital a member has paid in, for a deal (and what belongs to no deal) or in all."""
        return self._sum(
            [
                amount
                for (code, where), amount in self.paid_in.items()
                if code == member and (deal is None or where in (deal, NO_DEAL))
            ]
        )

    def return_principal(self, member: str, amount: Amount, lots: Sequence[Lot]) -> None:
        """Pay capital back, oldest lot first."""
        own = [lot for lot in lots if lot.member == member]
        returned = self.returned.get(member, self.zero)
        left = amount
        for place, lot in enumerate(own):
            taken = self.arithmetic.low(left, lot.principal)
            lot.principal = lot.principal - taken
            returned = returned + taken
            if place + 1 < len(own):
                left = left - taken
        self.returned[member] = returned

    def pay_return(self, member: str, slot: Slot, amount: Amount, lots: Sequence[Lot]) -> None:
        """Pay a return, oldest lot first and within it what has joined the base first."""
        low = self.arithmetic.low
        spells = [lot.spells[slot] for lot in lots if lot.member == member and slot in lot.spells]
        left = amount
        for place, spell in enumerate(spells):
            if spell.capitalised is not self.zero:
                old = low(left, spell.capitalised)
                spell.capitalised = spell.capitalised - old
                left = left - old
            young = low(left, spell.current)
            spell.current = spell.current - young
            if place + 1 < len(spells):
                left = left - young

    def _sum(self, amounts: Sequence[Amount]) -> Amount:
        if len(amounts) == 1:
            return amounts[0]
        return sum(amounts, start=self.zero)

    def _accrue(self, lot: Lot, day: date) -> None:
        for start, end, slots in self._stretches(lot, day):
            for slot, accrual in slots.items():
                self._accrue_slot(lot, slot, accrual, start, end)

    def _stretches(self, lot: Lot, day: date) -> list[tuple[date, date, dict[Slot, Accrual]]]:
        """The days up to `day`, cut where amended terms come into force."""
        stretches = []
        for place, (since, slots) in enumerate(self._history):
            after = self._history[place + 1][0] if place + 1 < len(self._history) else None
            start = max(lot.day, since) if since else lot.day
            end = min(day, after) if after else day
            if start < end:
                stretches.append((start, end, slots))
        return stretches

    def _accrue_slot(self, lot: Lot, slot: Slot, accrual: Accrual, start: date, end: date) -> None:
        spell = lot.spells.get(slot)
        if spell is None:
            spell = lot.spells[slot] = Spell(self.zero, self.zero, start)
        if spell.counted >= end:
            return
        self.arithmetic.note("accrual", lot.member, lot.deal, f"{spell.counted}–{end}")
        rate = self.arithmetic.number(accrual.rate)
        base = self._base(lot, accrual)
        annual = accrual.compounding == "annual"
        while spell.counted < end:
            reference, until = (lot.day, end) if not annual else _year_of(lot.day, spell, end)
            years = self._between(reference, spell.counted, until, accrual.day_count)
            grows = base + spell.capitalised if annual else base
            spell.current = spell.current + grows * (rate * years)
            spell.counted = until
            if annual and until == _anniversary_after(lot.day, reference):
                spell.capitalised = spell.capitalised + spell.current
                spell.current = self.zero

    def _base(self, lot: Lot, accrual: Accrual) -> Amount:
        if accrual.base == "paid_in":
            return lot.principal
        if not lot.first:
            return self.zero
        commitment = self.rules.members[lot.member].commitment
        returned: Amount = self.returned.get(lot.member, self.zero)
        return self.arithmetic.high(commitment - returned, self.zero)

    def _between(self, reference: date, start: date, end: date, day_count: str) -> Any:
        """Years from start to end, both counted from the lot's own reference day."""
        key = (start, end, day_count if day_count in ADDITIVE else f"{day_count} {reference}")
        if key not in self._years:
            years = year_fraction(reference, end, day_count)
            years -= year_fraction(reference, start, day_count)
            self._years[key] = self.arithmetic.number(years)
        return self._years[key]


def _year_of(paid: date, spell: Spell, end: date) -> tuple[date, date]:
    """The last anniversary of a payment up to which it was counted, and the next stop."""
    years = spell.counted.year - paid.year
    reference = add_years(paid, years)
    if reference > spell.counted:
        reference = add_years(paid, years - 1)
    return reference, min(end, _anniversary_after(paid, reference))


def _anniversary_after(paid: date, reference: date) -> date:
    return add_years(paid, reference.year - paid.year + 1)
