"""A fund's flows through its rules, day by day from inception.

Within a day the order is fixed, so the order of rows never matters: fee of the year that ended,
later closes, payments in, impairments, stakes changing hands, recallable distributions, expenses,
realised losses with their covers, receipts, liquidation. Receipts of one day and deal are one sum.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

from koga.core import waterfall_fees, waterfall_losses, waterfall_tiers
from koga.core.day_counts import year_fraction
from koga.core.fund_flows import Flow
from koga.core.fund_terms import Terms, Transfer
from koga.core.problems import Problem, Refusal
from koga.core.waterfall_books import Books
from koga.core.waterfall_state import Amount, Slot, allocate
from koga.core.waterfall_tiers import Cell, Pass, Profit

FUND = "*"
"""Key of what is counted for the fund as a whole."""


@dataclass(slots=True)
class Engine(Books):
    """A fund's books and the acts that move them."""

    calls: list[tuple[date, str, str, Amount]] = field(default_factory=list)
    profits: dict[str, Profit] = field(default_factory=dict)
    recycled: Amount = 0
    suspended: Amount = 0

    def run(self, flows: Sequence[Flow], *, through: date | None = None) -> None:
        """Work through all flows up to and including a day."""
        days = sorted({flow.day for flow in flows if through is None or flow.day <= through})
        if not days:
            return
        years = dict(waterfall_fees.year_ends(days[0], days[-1])) if self._charges() else {}
        by_day: dict[date, list[Flow]] = {}
        for flow in flows:
            by_day.setdefault(flow.day, []).append(flow)
        closings = {member.closing for member in self.rules.members.values() if member.closing}
        for day in sorted({*days, *years, *(day for day in closings if day <= days[-1])}):
            self._day(day, by_day.get(day, []), years.get(day), flows)

    def _charges(self) -> bool:
        return any(terms.fees for terms in self.rules.terms)

    def _day(
        self, day: date, flows: Sequence[Flow], year: int | None, history: Sequence[Flow]
    ) -> None:
        terms = self.rules.terms_on(day)
        self.arithmetic.note(day, "whole-fund test" if self.hold_carry else "")
        if year is not None:
            waterfall_fees.charge(self, terms, day, year)
        self._equalise(day)
        sums = _sums(flows)
        for (kind, member, deal), amount in sums.items():
            acts: dict[str, Callable[..., None]] = {
                "paid_in": self._pay_in,
                "impairment": self.fees.impair,
                "impairment_reversal": self.fees.restore,
                "transfer": self._exercise,
                "recallable": self._recall,
                "fee": self._expense,
                "realised_loss": self._lose,
                "distributable": self._receive,
                "liquidation": self._liquidate,
            }
            acts[kind](day=day, terms=terms, member=member, deal=deal, amount=amount)
        if any(kind == "liquidation" for kind, _, _ in sums):
            self._settle_fund(day, terms, history)
        if self.hold_carry and not any(kind == "liquidation" for kind, _, _ in sums):
            self._apply_suspended(day, terms)

    # --- money in

    def _pay_in(self, *, day: date, terms: Terms, member: str, deal: str, amount: Amount) -> None:
        del terms
        if member:
            shares = [(member, amount)]
        else:
            codes = [code for code, one in self.rules.members.items() if self._admitted(one, day)]
            weights = [self.rules.members[code].commitment for code in codes]
            parts = allocate(self.arithmetic, amount, weights, codes, self.key(day, "paid_in"))
            shares = list(zip(codes, parts, strict=True))
        for code, part in shares:
            self.accounts.pay_in(code, deal, day, part)
            self.calls.append((day, code, deal, part))

    @staticmethod
    def _admitted(member: Any, day: date) -> bool:
        return member.commitment > 0 and (member.closing is None or member.closing <= day)

    def _equalise(self, day: date) -> None:
        """Members of a later close pay their share of every earlier call, and interest apart."""
        terms = self.rules.equalisation
        late = [m for m in self.rules.members.values() if m.closing == day and terms]
        if not late or terms is None:
            return
        self.accounts.accrue(day)
        admitted = [
            member.commitment
            for member in self.rules.members.values()
            if member.closing is None or member.closing <= day
        ]
        calls: dict[tuple[date, str], Amount] = {}
        for called, _, deal, amount in self.calls:
            calls[called, deal] = calls.get((called, deal), self.zero) + amount
        for member in late:
            share = Fraction(member.commitment, sum(admitted))
            for (called, deal), amount in calls.items():
                principal = self.arithmetic.floor(amount * self.arithmetic.number(share))
                years = year_fraction(called, day, terms.day_count)
                grows = self.arithmetic.number(terms.rate) * self.arithmetic.number(years)
                interest = self.arithmetic.floor(principal * grows)
                earlier = [one.code for one in late]
                self._equalise_call(
                    day, called, deal, member.code, principal, interest, skip=earlier
                )

    def _equalise_call(
        self,
        day: date,
        called: date,
        deal: str,
        newcomer: str,
        principal: Amount,
        interest: Amount,
        *,
        skip: Sequence[str],
    ) -> None:
        lots = [
            lot
            for lot in self.accounts.lots
            if lot.day == called and lot.deal == deal and lot.member not in skip
        ]
        names = [lot.member for lot in lots]
        weights = [lot.principal for lot in lots]
        key = self.key(day, "equalisation", newcomer, called.isoformat())
        parts = allocate(self.arithmetic, principal, weights, names, key)
        gains = allocate(self.arithmetic, interest, weights, names, f"{key}/interest")
        details = {"called": called, "newcomer": newcomer}
        self.pay(day, "equalisation", newcomer, -principal, "equalisation", deal, **details)
        self.pay(
            day,
            "equalisation_interest",
            newcomer,
            -interest,
            "equalisation_interest",
            deal,
            **details,
        )
        self._pay_capital(newcomer, deal, principal)
        for lot, part, gain in zip(lots, parts, gains, strict=True):
            self.pay(day, "equalisation", lot.member, part, "equalisation", deal, **details)
            self.pay(
                day,
                "equalisation_interest",
                lot.member,
                gain,
                "equalisation_interest",
                deal,
                **details,
            )
            self._pay_capital(lot.member, deal, -part)
            self.accounts.move(lot, part, newcomer, deal)

    def _pay_capital(self, member: str, deal: str, amount: Amount) -> None:
        paid_in = self.accounts.paid_in
        paid_in[member, deal] = paid_in.get((member, deal), self.zero) + amount

    def _exercise(self, *, day: date, terms: Terms, member: str, deal: str, amount: Amount) -> None:
        """A call option exercised: `amount` of capital changes hands at cost plus interest."""
        del deal
        self.accounts.accrue(day)
        options = [one for one in terms.transfers if one.kind == "call_option"]
        for place, option in enumerate(options):
            if member in option.takers:
                self._buy(day, option, ("option", place), member, amount)
                return
        raise Refusal(Problem("fund.option_missing", f"{day}", member))

    def _buy(self, day: date, option: Transfer, slot: Slot, taker: str, amount: Amount) -> None:
        lots = [lot for lot in self.accounts.lots if lot.member in option.givers]
        stake = sum((lot.principal for lot in lots), start=self.zero)
        if self.arithmetic.exact and amount > stake * option.share:
            limit = f"{int(stake * option.share):,}"
            raise Refusal(
                Problem("fund.option_exceeded", f"{day}", f"{amount:,}", {"limit": limit})
            )
        names = [f"{lot.member}/{place}" for place, lot in enumerate(lots)]
        weights = [lot.principal for lot in lots]
        parts = allocate(self.arithmetic, amount, weights, names, self.key(day, "option", taker))
        for lot, part in zip(lots, parts, strict=True):
            spell = lot.spells.get(slot)
            grown = spell.capitalised + spell.current if spell else self.zero
            ratio = self.arithmetic.ratio(part, lot.principal)
            price = part + self.arithmetic.floor(grown * ratio)
            details = {"capital": part, "accrual": option.accrual}
            self.pay(day, "transfer", taker, -price, "call_option", lot.deal, **details)
            self.pay(day, "transfer", lot.member, price, "call_option", lot.deal, **details)
            self._pay_capital(taker, lot.deal, part)
            self._pay_capital(lot.member, lot.deal, -part)
            self.accounts.move(lot, part, taker, lot.deal)

    # --- money out

    def _expense(self, *, day: date, terms: Terms, member: str, deal: str, amount: Amount) -> None:
        del terms
        if not member and not self.rules.managers:
            raise Refusal(Problem("fund.no_manager", f"{day}, fee", "fee"))
        codes = [member] if member else list(self.rules.managers)
        weights = [self.rules.members[code].commitment for code in codes]
        parts = allocate(self.arithmetic, amount, weights, codes, self.key(day, "expense"))
        for code, part in zip(codes, parts, strict=True):
            self.pay(day, "fee", code, part, "expense", deal)

    def _recall(self, *, day: date, terms: Terms, member: str, deal: str, amount: Amount) -> None:
        """Capital paid back that may be called again: return of capital, in proportion to it."""
        del terms
        self.accounts.accrue(day)
        lots = self.accounts.in_scope(deal or None)
        codes = [member] if member else list(dict.fromkeys(lot.member for lot in lots))
        if not codes:
            raise Refusal(Problem("fund.left_over", f"{day}", f"{amount:,}"))
        weights = [self.accounts.principal(code, lots) for code in codes]
        parts = allocate(self.arithmetic, amount, weights, codes, self.key(day, "recallable"))
        for code, part in zip(codes, parts, strict=True):
            self.pay(day, "recallable", code, part, "recallable", deal)
            self.accounts.return_principal(code, part, lots)
            self.note_received(code, deal, part)

    def _lose(self, *, day: date, terms: Terms, member: str, deal: str, amount: Amount) -> None:
        del member
        self.accounts.accrue(day)
        waterfall_losses.realise(self, terms, day, deal, amount)

    def _receive(self, *, day: date, terms: Terms, member: str, deal: str, amount: Amount) -> None:
        del member
        recycling = terms.recycling
        if recycling is not None:
            promised = sum(member.commitment for member in self.rules.members.values())
            limit = self.arithmetic.floor(promised * self.arithmetic.number(recycling.limit))
            room = self.arithmetic.high(limit - self.recycled, self.zero)
            part = self.arithmetic.floor(amount * self.arithmetic.number(recycling.share))
            kept = self.arithmetic.low(part, room)
            details = {"share": recycling.share, "limit": recycling.limit}
            self.pay(day, "recycling", "", kept, "recycling", deal, **details)
            self.recycled = self.recycled + kept
            amount = amount - kept
        if self.hold_carry:
            self.suspended = self.suspended + amount
            return
        self._distribute(day, terms, deal, amount)

    def _liquidate(
        self, *, day: date, terms: Terms, member: str, deal: str, amount: Amount
    ) -> None:
        del member
        if self.hold_carry:
            self.suspended = self.suspended + amount
            return
        self._distribute(day, terms, deal, amount)

    def _scope(self, deal: str) -> str | None:
        """The deal whose accounts a receipt answers to; None for the fund as a whole."""
        return deal if self.rules.scope == "deal" and deal else None

    def _distribute(self, day: date, terms: Terms, deal: str, amount: Amount) -> None:
        self.accounts.accrue(day)
        scope = self._scope(deal)
        profit = self.profits.setdefault(scope or FUND, Profit(self.zero, self.zero))
        current = waterfall_tiers.run(self.accounts, terms, amount, scope, profit)
        if self.arithmetic.exact and current.left != 0:
            waterfall_tiers.refuse_left_over(current.left, day)
        names = [f"{place}:{cell.to}" for place, cell in enumerate(current.cells)]
        exact = [cell.amount for cell in current.cells]
        won = self.arithmetic.settle(amount, exact, names, self.key(day, deal))
        waterfall_tiers.book(current, won)
        for cell, part in zip(current.cells, won, strict=True):
            self.pay(day, cell.tier, cell.to, part, cell.reason, deal, **cell.details)
            self.note_received(cell.to, deal, part)
        self._keep_escrow(day, terms, current, won)
        self._pass_excess(day, terms, current, won)

    def carry_cells(self, current: Pass, won: Sequence[Amount]) -> list[tuple[Cell, Amount]]:
        """The manager's carry; what it gets as an investor is not carry."""
        return [(cell, part) for cell, part in zip(current.cells, won, strict=True) if cell.carry]

    def _keep_escrow(self, day: date, terms: Terms, current: Pass, won: Sequence[Amount]) -> None:
        for cell, part in self.carry_cells(current, won):
            self.carry_paid = self.carry_paid + part
            if terms.escrow:
                kept = self.arithmetic.floor(part * self.arithmetic.number(terms.escrow))
                self.pay(day, "escrow", cell.to, -kept, "escrow", share=terms.escrow)
                self.pay(day, "escrow", "", kept, "escrow", share=terms.escrow)
                self.escrow = self.escrow + kept

    def _pass_excess(self, day: date, terms: Terms, current: Pass, won: Sequence[Amount]) -> None:
        """초과수익 이전: a share of the givers' profit goes to the takers."""
        for number, transfer in enumerate(terms.transfers):
            if transfer.kind != "excess":
                continue
            share = self.arithmetic.number(transfer.share)
            passed = self.zero
            for code in transfer.givers:
                profit = self._profit_of(code, transfer, current, won)
                own = self.arithmetic.floor(profit * share)
                self.pay(day, "transfer", code, -own, "excess", share=transfer.share, profit=profit)
                passed = passed + own
            shares = waterfall_tiers.capital_shares(self.accounts, transfer.takers, None)
            weights = [share for _, share in shares]
            key = self.key(day, "excess", str(number))
            parts = allocate(self.arithmetic, passed, weights, list(transfer.takers), key)
            for code, part in zip(transfer.takers, parts, strict=True):
                self.pay(day, "transfer", code, part, "excess_received")

    def _profit_of(
        self, code: str, transfer: Transfer, current: Pass, won: Sequence[Amount]
    ) -> Amount:
        """What a giver got above the hurdle, or above capital, from one receipt."""
        kinds = ("split", "catch_up") + (("hurdle",) if transfer.over == "capital" else ())
        parts = [
            part
            for cell, part in zip(current.cells, won, strict=True)
            if cell.to == code and cell.tier in kinds
        ]
        return sum(parts, start=self.zero)

    # --- the end

    def _settle_fund(self, day: date, terms: Terms, history: Sequence[Flow]) -> None:
        if self.hold_carry:
            self._apply_suspended(day, terms, last=True)
            return
        excess = self.zero
        if terms.clawback is not None and self.rules.managers:
            due = self.carry_due(day, history)
            excess = waterfall_losses.claw_back(self, terms.clawback, day, due=due)
        self._release_escrow(day, excess)
        waterfall_losses.settle_covers(self, terms, day)

    def carry_due(self, day: date, history: Sequence[Flow]) -> Amount:
        """Carry on the whole fund, had it waited: capital and hurdle first, then by the tiers."""
        plain = tuple(
            replace(terms, covers=(), fees=(), clawback=None, escrow=terms.escrow * 0)
            for terms in self.rules.terms
        )
        rules = replace(self.rules, scope="fund", terms=plain)
        test = Engine(rules, self.arithmetic, self.zero, hold_carry=True)
        test.run(history, through=day)
        return test.carry_paid

    def _release_escrow(self, day: date, excess: Amount) -> None:
        """What is not clawed back goes to the manager; `excess` was taken from the escrow first."""
        if not any(terms.escrow for terms in self.rules.terms):
            return
        self.pay(day, "escrow", "", -self.escrow, "escrow_release")
        codes = list(self.rules.managers)
        weights = [self.rules.members[code].commitment for code in codes]
        left = self.escrow - self.arithmetic.low(excess, self.escrow)
        parts = allocate(self.arithmetic, left, weights, codes, self.key(day, "escrow"))
        for code, part in zip(codes, parts, strict=True):
            self.pay(day, "escrow", code, part, "escrow_release")
        self.escrow = self.zero

    def _apply_suspended(self, day: date, terms: Terms, *, last: bool = False) -> None:
        """In the whole-fund test receipts pay capital and hurdle; carry waits for the end."""
        self.accounts.accrue(day)
        profit = self.profits.setdefault(FUND, Profit(self.zero, self.zero))
        used = terms if last else _before_carry(terms)
        current = waterfall_tiers.run(self.accounts, used, self.suspended, None, profit)
        self.suspended = current.left
        waterfall_tiers.book(current, [cell.amount for cell in current.cells])
        if last:
            for _, part in self.carry_cells(current, [cell.amount for cell in current.cells]):
                self.carry_paid = self.carry_paid + part


def _before_carry(terms: Terms) -> Terms:
    """The tiers before the first that pays carry."""
    tiers = []
    for tier in terms.tiers:
        if tier.kind in ("catch_up", "split"):
            break
        tiers.append(tier)
    return Terms(terms.since, tuple(tiers))


_ORDER = {
    kind: place
    for place, kind in enumerate(
        (
            "paid_in",
            "impairment",
            "impairment_reversal",
            "transfer",
            "recallable",
            "fee",
            "realised_loss",
            "distributable",
            "liquidation",
        )
    )
}


def _sums(flows: Sequence[Flow]) -> dict[tuple[str, str, str], Amount]:
    """A day's flows summed by kind, member and deal, in the fixed order of a day."""
    sums: dict[tuple[str, str, str], Amount] = {}
    for flow in sorted(flows, key=lambda one: (_ORDER[one.kind], one.deal, one.member)):
        member = "" if flow.kind in _SHARED else flow.member
        key = (flow.kind, member, flow.deal)
        sums[key] = sums[key] + flow.amount if key in sums else flow.amount
    return sums


_SHARED = ("distributable", "liquidation", "realised_loss", "impairment", "impairment_reversal")
