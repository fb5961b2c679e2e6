"""One receipt through the tiers of a fund's rules: who gets which part of it, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from koga.core.fund_terms import Terms, Tier
from koga.core.problems import Problem, Refusal
from koga.core.waterfall_state import Accounts, Amount, Lot, Slot


@dataclass(slots=True)
class Cell:
    """A member's part of one tier: exact amount, why, and whether it is the manager's carry."""

    tier: str
    to: str
    amount: Amount
    reason: str
    details: dict[str, Any]
    carry: bool = False


@dataclass(slots=True)
class Profit:
    """What has been paid out above capital, and the manager's part of it."""

    total: Amount
    carry: Amount


@dataclass(slots=True)
class Pass:
    """A receipt on its way through the tiers."""

    accounts: Accounts
    lots: Sequence[Lot]
    deal: str | None
    left: Amount
    profit: Profit
    cells: list[Cell] = field(default_factory=list)
    credit: dict[str, Amount] = field(default_factory=dict)

    def pay(self, tier: Tier, place: int, slots: dict[int, Slot]) -> None:
        """Let one tier take its part of what is left."""
        self.accounts.arithmetic.note(tier.kind, *tier.to)
        if tier.kind == "return_of_capital":
            self._owed(tier, [self.accounts.principal(code, self.lots) for code in tier.to])
        elif tier.kind == "hurdle":
            dues = [self._due(code, slots[place]) for code in tier.to]
            self._owed(tier, dues)
        elif tier.kind == "catch_up":
            self._catch_up(tier)
        else:
            self._split(tier, slots.get(place))

    def _due(self, code: str, slot: Slot) -> Amount:
        """Return owed less what this receipt has already paid above capital."""
        owed = self.accounts.owed(code, slot, self.lots)
        if code not in self.credit:
            return owed
        return self.accounts.arithmetic.high(owed - self.credit[code], self.accounts.zero)

    def _owed(self, tier: Tier, dues: Sequence[Amount]) -> None:
        """Pay what is owed; where it does not suffice, in proportion to it."""
        arithmetic = self.accounts.arithmetic
        due = sum(dues[1:], start=dues[0])
        paid = arithmetic.low(self.left, due)
        ratio = arithmetic.ratio(paid, due)
        for code, owed in zip(tier.to, dues, strict=True):
            part = owed * ratio
            details = {"due": owed, "accrual": tier.accrual}
            self.cells.append(Cell(tier.kind, code, part, tier.kind, details))
            if tier.kind == "hurdle":
                self._credit(code, part)
        if tier.kind == "hurdle":
            self.profit.total = self.profit.total + paid
        self.left = self.left - paid

    def _credit(self, code: str, part: Amount) -> None:
        self.credit[code] = self.credit.get(code, self.accounts.zero) + part

    def _catch_up(self, tier: Tier) -> None:
        """To the manager until its part of all profit is the cap: (c·P - G) / (k - c) in all."""
        arithmetic = self.accounts.arithmetic
        share, cap = arithmetic.number(tier.share), arithmetic.number(tier.cap)
        missing = cap * self.profit.total - self.profit.carry
        size = arithmetic.high(missing / (share - cap), self.accounts.zero)
        paid = arithmetic.low(self.left, size)
        details = {"share": tier.share, "cap": tier.cap}
        for code, part in self._by_capital(tier.to, paid * share):
            self.cells.append(Cell("catch_up", code, part, "catch_up", details, True))
        if tier.share < 1:
            members = self.accounts.rules.members
            others = [code for code in members if not members[code].manages]
            for code, part in self._by_capital(others, paid * (1 - share)):
                self.cells.append(Cell("catch_up", code, part, "catch_up_beside", details))
        self.profit.total = self.profit.total + paid
        self.profit.carry = self.profit.carry + paid * share
        self.left = self.left - paid

    def _split(self, tier: Tier, slot: Slot | None) -> None:
        arithmetic = self.accounts.arithmetic
        paid = self.left if slot is None else arithmetic.low(self.left, self._room(tier, slot))
        members = self.accounts.rules.members
        for name, group, part in tier.shares:
            amount = paid * arithmetic.number(part)
            carry = all(members[code].manages for code in group)
            if carry:
                self.profit.carry = self.profit.carry + amount
            details = {"group": name, "part": part, "accrual": tier.accrual}
            for code, share in self._by_capital(group, amount):
                self.cells.append(Cell("split", code, share, "split", details, carry))
                counts = slot is not None and tier.counts == "received" and not carry
                if counts and code in tier.to:
                    self._credit(code, share)
        if slot is not None and tier.counts == "distributed":
            for code, share in self._by_capital(tier.to, paid):
                self._credit(code, share)
        self.profit.total = self.profit.total + paid
        self.left = self.left - paid

    def _room(self, tier: Tier, slot: Slot) -> Amount:
        """Size of a bounded split: until those it counts for have their return."""
        arithmetic = self.accounts.arithmetic
        dues = [self._due(code, slot) for code in tier.to]
        due = sum(dues, start=self.accounts.zero)
        if tier.counts == "distributed":
            return due
        members = self.accounts.rules.members
        parts = [
            part
            for _, group, part in tier.shares
            if set(group) & set(tier.to) and not all(members[code].manages for code in group)
        ]
        part = sum(parts, start=Fraction(0))
        return due / arithmetic.number(part)

    def _by_capital(self, codes: Sequence[str], amount: Amount) -> list[tuple[str, Amount]]:
        """Among several members in proportion to capital paid in, else commitment, else evenly."""
        if len(codes) == 1:
            return [(codes[0], amount)]
        shares = capital_shares(self.accounts, codes, self.deal)
        return [(code, amount * share) for code, share in shares]


def capital_shares(
    accounts: Accounts, codes: Sequence[str], deal: str | None
) -> list[tuple[str, Amount]]:
    """Each member's share by capital paid in; before any, by commitment; without any, evenly."""
    arithmetic = accounts.arithmetic
    capital = [accounts.capital_of(code, deal) for code in codes]
    whole = sum(capital, start=accounts.zero)
    committed = [accounts.rules.members[code].commitment for code in codes]
    promised = sum(committed)
    missing = 1 - arithmetic.ratio(whole, whole)
    shares = []
    for code, own, promise in zip(codes, capital, committed, strict=True):
        other = arithmetic.ratio(promise, promised) if promised else arithmetic.ratio(1, len(codes))
        shares.append((code, arithmetic.ratio(own, whole) + missing * other))
    return shares


def slot_places(terms: Terms) -> dict[int, Slot]:
    """The return each tier with a rate pays, by the tier's place."""
    bearing = [place for place, tier in enumerate(terms.tiers) if tier.accrual is not None]
    return {place: ("tier", number) for number, place in enumerate(bearing)}


def run(
    accounts: Accounts, terms: Terms, receipt: Amount, deal: str | None, profit: Profit
) -> Pass:
    """A receipt through all tiers; what no tier takes is left in the pass."""
    current = Pass(accounts, accounts.in_scope(deal), deal, receipt, profit)
    slots = slot_places(terms)
    for place, tier in enumerate(terms.tiers):
        current.pay(tier, place, slots)
    return current


def book(current: Pass, won: Sequence[Amount]) -> None:
    """Enter a settled pass in the accounts: capital in won, returns exactly."""
    accounts = current.accounts
    for cell, amount in zip(current.cells, won, strict=True):
        if cell.tier == "return_of_capital":
            accounts.return_principal(cell.to, amount, current.lots)
    slots = {slot for lot in current.lots for slot in lot.spells if slot[0] == "tier"}
    for code, credit in current.credit.items():
        for slot in sorted(slots):
            accounts.pay_return(code, slot, credit, current.lots)


def refuse_left_over(left: Amount, day: date) -> None:
    """Money no tier takes has no owner: the rules lack a last split."""
    raise Refusal(Problem("fund.left_over", f"{day}", f"{left:,}"))
