"""What a fund's waterfall remembers between two days: accounts, fees, losses, payments made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from koga.core.fund_terms import FundRules, Terms
from koga.core.waterfall_state import NO_DEAL, Accounts, Amount, Arithmetic


@dataclass(frozen=True, slots=True)
class Payment:
    """Money to a member (negative: from it), or staying in the fund where `to` is empty."""

    day: date
    tier: str
    to: str
    amount: Amount
    reason: str
    details: Mapping[str, Any]
    deal: str = NO_DEAL


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


@dataclass(slots=True)
class LossBook:
    """Losses borne so far by member and deal, and how far each cover is used."""

    zero: Amount
    borne: dict[tuple[str, str], Amount] = field(default_factory=dict)
    used: dict[tuple[int, str], Amount] = field(default_factory=dict)


@dataclass(slots=True)
class Books:
    """The state of a fund between two days.

    hold_carry: carry waits for the end (the whole-fund test). record: takes each payment in place
    of the list `payments`.
    """

    rules: FundRules
    arithmetic: Arithmetic
    zero: Amount
    hold_carry: bool = False
    record: Callable[[Payment], None] | None = None
    payments: list[Payment] = field(default_factory=list)
    received: dict[tuple[str, str], Amount] = field(default_factory=dict)
    escrow: Amount = 0
    carry_paid: Amount = 0
    carry_returned: Amount = 0
    accounts: Accounts = field(init=False)
    fees: FeeBook = field(init=False)
    losses: LossBook = field(init=False)
    _write: Callable[[Payment], None] = field(init=False)
    _notes: bool = field(init=False)

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.rules, self.arithmetic, self.zero)
        self.fees = FeeBook(self.arithmetic, self.zero)
        self.losses = LossBook(self.zero)
        self._write = self.record or self.payments.append
        self._notes = any(
            cover.settles == "liquidation" for terms in self.rules.terms for cover in terms.covers
        )

    def pay(
        self,
        day: date,
        tier: str,
        to: str,
        amount: Amount,
        reason: str,
        deal: str = NO_DEAL,
        **details: Any,
    ) -> None:
        """Record a payment."""
        self._write(Payment(day, tier, to, amount, reason, details, deal))

    def key(self, day: date, *parts: str) -> str:
        """The name of a rounding, so that ties are drawn by lot anew each time."""
        return "/".join((day.isoformat(), *parts))

    def note_received(self, member: str, deal: str, amount: Amount) -> None:
        """Remember what a member got from a deal, where a cover asks for it at the end."""
        if not self._notes:
            return
        key = (member, deal)
        self.received[key] = self.received.get(key, self.zero) + amount
