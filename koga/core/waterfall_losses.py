"""Losses: who bears them, who covers them first, and carry that has to come back."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from koga.core.fund_flows import Flow
from koga.core.fund_rules import Cover, FundRules, Terms
from koga.core.waterfall_state import NO_DEAL, Amount, Arithmetic, Lot, allocate

if TYPE_CHECKING:
    from koga.core.waterfall_engine import Engine


@dataclass(slots=True)
class LossBook:
    """Losses borne so far by member and deal, and how far each cover is used."""

    zero: Amount
    borne: dict[tuple[str, str], Amount] = field(default_factory=dict)
    used: dict[tuple[int, str], Amount] = field(default_factory=dict)


def by_rank(
    arithmetic: Arithmetic,
    rules: FundRules,
    loss: Amount,
    capital: dict[str, Amount],
    key: str,
) -> dict[str, Amount]:
    """A loss on members' capital: the lowest rank bears it first, within a rank by capital."""
    zero = loss * 0
    borne = dict.fromkeys(capital, zero)
    left = loss
    for rank in sorted({rules.members[code].rank for code in capital}, reverse=True):
        codes = [code for code in capital if rules.members[code].rank == rank]
        own = [capital[code] for code in codes]
        part = arithmetic.low(left, sum(own[1:], start=own[0]))
        for code, amount in zip(
            codes, allocate(arithmetic, part, own, codes, f"{key}/{rank}"), strict=True
        ):
            borne[code] = amount
        left = left - part
    return borne


def realise(engine: "Engine", terms: Terms, day: date, deal: str, amount: Amount) -> None:
    """A realised loss: borne by rank, covered at once where a cover settles at realisation."""
    arithmetic, book = engine.arithmetic, engine.losses
    lots = engine.accounts.in_scope(None if deal == NO_DEAL else deal)
    capital = {}
    for code in dict.fromkeys(lot.member for lot in lots):
        before = book.borne.get((code, deal), engine.zero)
        held = engine.accounts.principal(code, lots)
        capital[code] = arithmetic.high(held - before, engine.zero)
    if not capital:
        return
    borne = by_rank(arithmetic, engine.rules, amount, capital, engine.key(day, "loss", deal))
    for code, part in borne.items():
        book.borne[code, deal] = book.borne.get((code, deal), engine.zero) + part
    if engine.rules.scope == "deal" and engine.rules.losses_carried_forward and deal:
        _carry_forward(engine, deal, borne, lots)
    if engine.hold_carry:
        return
    for number, cover in enumerate(terms.covers):
        if cover.settles == "realisation":
            _cover(engine, day, number, cover, deal, borne)


def _carry_forward(
    engine: "Engine", deal: str, borne: dict[str, Amount], lots: Sequence[Lot]
) -> None:
    """With scope deal a loss is made good from any later deal: its capital leaves its deal."""
    left = dict(borne)
    for lot in list(lots):
        if lot.deal != deal:
            continue
        part = engine.arithmetic.low(left[lot.member], lot.principal)
        left[lot.member] = left[lot.member] - part
        engine.accounts.move(lot, part, lot.member, NO_DEAL)


def _cover(
    engine: "Engine",
    day: date,
    number: int,
    cover: Cover,
    deal: str,
    losses: dict[str, Amount],
) -> None:
    """Pay beneficiaries their loss, to the cap; what is paid lowers the loss for later covers."""
    arithmetic, book = engine.arithmetic, engine.losses
    codes = [code for code in cover.beneficiaries if code in losses]
    if not codes:
        return
    own = [losses[code] for code in codes]
    loss = sum(own[1:], start=own[0])
    place = deal if cover.level == "vehicle" and cover.base.endswith("paid_in") else ""
    limit = cap_won(engine, cover, place)
    used = book.used.get((number, place), engine.zero)
    paid = arithmetic.low(loss, arithmetic.high(limit - used, engine.zero))
    book.used[number, place] = used + paid
    details = {"loss": loss, "limit": limit, "cover": cover}
    key = engine.key(day, "cover", str(number), deal)
    weights = [engine.rules.members[code].commitment for code in cover.provider]
    providers = list(cover.provider)
    for code, part in zip(
        providers, allocate(arithmetic, paid, weights, providers, f"{key}/from"), strict=True
    ):
        engine.pay(day, "cover", code, -part, "cover_paid", deal, **details)
    lots = engine.accounts.in_scope(None if deal == NO_DEAL else deal)
    for code, part in zip(codes, allocate(arithmetic, paid, own, codes, key), strict=True):
        engine.pay(day, "cover", code, part, "cover", deal, **details)
        losses[code] = losses[code] - part
        engine.accounts.return_principal(code, part, lots)
        engine.note_received(code, deal, part)


def cap_won(engine: "Engine", cover: Cover, deal: str) -> Amount:
    """The most a cover pays, in won: its cap on its named base."""
    if cover.cap_won is not None:
        return engine.zero + cover.cap_won
    members = engine.rules.members
    side, _, measure = cover.base.rpartition("_")
    if cover.base == "paid_in":
        side, measure = "", "paid_in"
    elif measure == "in":
        side, measure = cover.base.removesuffix("_paid_in"), "paid_in"
    sides = {"": list(members), "beneficiary": cover.beneficiaries, "provider": cover.provider}
    codes = sides[side]
    if measure == "commitment":
        base = engine.zero + sum(members[code].commitment for code in codes)
    else:
        amounts = [
            amount
            for (code, where), amount in engine.accounts.paid_in.items()
            if code in codes and (not deal or where == deal)
        ]
        base = sum(amounts, start=engine.zero)
    return engine.arithmetic.floor(base * engine.arithmetic.number(cover.cap))


def settle_covers(engine: "Engine", terms: Terms, day: date) -> None:
    """At liquidation: paid in less received, for each vehicle or for all together.

    Vehicles are measured alone only where every payment in names its own.
    """
    for number, cover in enumerate(terms.covers):
        if cover.settles != "liquidation":
            continue
        deals = sorted({deal for _, deal in engine.accounts.paid_in})
        alone = cover.level == "vehicle" and NO_DEAL not in deals
        groups = [[deal] for deal in deals] if alone else [sorted({*deals, NO_DEAL})]
        for group in groups:
            losses = {code: _final_loss(engine, code, group) for code in cover.beneficiaries}
            deal = group[0] if len(group) == 1 else NO_DEAL
            _cover(engine, day, number, cover, deal, losses)


def _final_loss(engine: "Engine", code: str, deals: Sequence[str]) -> Amount:
    paid = received = engine.zero
    for deal in deals:
        paid = paid + engine.accounts.paid_in.get((code, deal), engine.zero)
        received = received + engine.received.get((code, deal), engine.zero)
    return engine.arithmetic.high(paid - received, engine.zero)


def claw_back(engine: "Engine", terms: Terms, day: date, history: Sequence[Flow]) -> Amount:
    """Carry paid above what is due on the whole fund comes back to the investors."""
    clawback = terms.clawback
    if clawback is None or not engine.rules.managers:
        return engine.zero
    arithmetic = engine.arithmetic
    due = carry_due(engine, day, history)
    paid = engine.carry_paid - engine.carry_returned
    excess = arithmetic.high(paid - due, engine.zero)
    if clawback.also:
        excess = arithmetic.high(excess, _shortfall(engine, clawback.also))
    most = paid - arithmetic.floor(paid * arithmetic.number(clawback.tax))
    excess = arithmetic.floor(arithmetic.low(excess, most))
    engine.carry_returned = engine.carry_returned + excess
    details = {"paid": paid, "due": due}
    managers = list(engine.rules.managers)
    weights = [engine.rules.members[code].commitment for code in managers]
    from_escrow = arithmetic.low(excess, engine.escrow)
    key = engine.key(day, "clawback")
    for code, part in zip(
        managers,
        allocate(arithmetic, excess - from_escrow, weights, managers, f"{key}/from"),
        strict=True,
    ):
        engine.pay(day, "clawback", code, -part, "clawback", **details)
    investors = [code for code, member in engine.rules.members.items() if not member.manages]
    capital = [engine.accounts.capital_of(code, None) for code in investors]
    for code, part in zip(
        investors, allocate(arithmetic, excess, capital, investors, key), strict=True
    ):
        engine.pay(day, "clawback", code, part, "clawback_received", **details)
        engine.note_received(code, NO_DEAL, part)
    return excess


def carry_due(engine: "Engine", day: date, history: Sequence[Flow]) -> Amount:
    """Carry on the whole fund, had it waited: capital and hurdle first, the rest by the tiers."""
    from koga.core.waterfall_engine import Engine

    plain = tuple(
        replace(terms, covers=(), fees=(), clawback=None, escrow=terms.escrow * 0)
        for terms in engine.rules.terms
    )
    rules = replace(engine.rules, scope="fund", terms=plain)
    test = Engine(rules, engine.arithmetic, engine.zero, hold_carry=True)
    test.run(history, through=day)
    return test.carry_paid


def _shortfall(engine: "Engine", also: str) -> Amount:
    """What investors lack of their capital, or of capital and the first hurdle."""
    total = engine.zero
    for code, member in engine.rules.members.items():
        if member.manages:
            continue
        total = total + engine.accounts.principal(code, engine.accounts.lots)
        if also == "hurdle":
            total = total + engine.accounts.owed(code, ("tier", 0), engine.accounts.lots)
    return total
