"""Losses: who bears them, who covers them first, and carry that has to come back."""

from collections.abc import Sequence
from datetime import date

from koga.core.fund_terms import Clawback, Cover, FundRules, Terms
from koga.core.waterfall_books import Books
from koga.core.waterfall_state import NO_DEAL, Amount, Arithmetic, Lot, allocate


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


def realise(books: Books, terms: Terms, day: date, deal: str, amount: Amount) -> None:
    """A realised loss: borne by rank, covered at once where a cover settles at realisation."""
    arithmetic, so_far = books.arithmetic, books.losses
    lots = books.accounts.in_scope(None if deal == NO_DEAL else deal)
    capital = {}
    for code in dict.fromkeys(lot.member for lot in lots):
        before = so_far.borne.get((code, deal), books.zero)
        held = books.accounts.principal(code, lots)
        capital[code] = arithmetic.high(held - before, books.zero)
    if not capital:
        return
    borne = by_rank(arithmetic, books.rules, amount, capital, books.key(day, "loss", deal))
    for code, part in borne.items():
        so_far.borne[code, deal] = so_far.borne.get((code, deal), books.zero) + part
    if books.rules.scope == "deal" and books.rules.losses_carried_forward and deal:
        _carry_forward(books, deal, borne, lots)
    if books.hold_carry:
        return
    for number, cover in enumerate(terms.covers):
        if cover.settles == "realisation":
            _cover(books, day, number, cover, deal, borne)


def _carry_forward(books: Books, deal: str, borne: dict[str, Amount], lots: Sequence[Lot]) -> None:
    """With scope deal a loss is made good from any later deal: its capital leaves its deal."""
    left = dict(borne)
    for lot in list(lots):
        if lot.deal != deal:
            continue
        part = books.arithmetic.low(left[lot.member], lot.principal)
        left[lot.member] = left[lot.member] - part
        books.accounts.move(lot, part, lot.member, NO_DEAL)


def _cover(
    books: Books,
    day: date,
    number: int,
    cover: Cover,
    deal: str,
    losses: dict[str, Amount],
) -> None:
    """Pay beneficiaries their loss, to the cap; what is paid lowers the loss for later covers."""
    arithmetic, so_far = books.arithmetic, books.losses
    codes = [code for code in cover.beneficiaries if code in losses]
    if not codes:
        return
    own = [losses[code] for code in codes]
    loss = sum(own[1:], start=own[0])
    place = deal if cover.level == "vehicle" and cover.base.endswith("paid_in") else ""
    limit = cap_won(books, cover, place)
    used = so_far.used.get((number, place), books.zero)
    paid = arithmetic.low(loss, arithmetic.high(limit - used, books.zero))
    so_far.used[number, place] = used + paid
    details = {"loss": loss, "limit": limit, "cover": cover}
    key = books.key(day, "cover", str(number), deal)
    weights = [books.rules.members[code].commitment for code in cover.provider]
    providers = list(cover.provider)
    for code, part in zip(
        providers, allocate(arithmetic, paid, weights, providers, f"{key}/from"), strict=True
    ):
        books.pay(day, "cover", code, -part, "cover_paid", deal, **details)
    lots = books.accounts.in_scope(None if deal == NO_DEAL else deal)
    for code, part in zip(codes, allocate(arithmetic, paid, own, codes, key), strict=True):
        books.pay(day, "cover", code, part, "cover", deal, **details)
        losses[code] = losses[code] - part
        books.accounts.return_principal(code, part, lots)
        books.note_received(code, deal, part)


def cap_won(books: Books, cover: Cover, deal: str) -> Amount:
    """The most a cover pays, in won: its cap on its named base."""
    if cover.cap_won is not None:
        return books.zero + cover.cap_won
    members = books.rules.members
    side, _, measure = cover.base.rpartition("_")
    if cover.base == "paid_in":
        side, measure = "", "paid_in"
    elif measure == "in":
        side, measure = cover.base.removesuffix("_paid_in"), "paid_in"
    sides = {"": list(members), "beneficiary": cover.beneficiaries, "provider": cover.provider}
    codes = sides[side]
    if measure == "commitment":
        base = books.zero + sum(members[code].commitment for code in codes)
    else:
        amounts = [
            amount
            for (code, where), amount in books.accounts.paid_in.items()
            if code in codes and (not deal or where == deal)
        ]
        base = sum(amounts, start=books.zero)
    return books.arithmetic.floor(base * books.arithmetic.number(cover.cap))


def settle_covers(books: Books, terms: Terms, day: date) -> None:
    """At liquidation: paid in less received, for each vehicle or for all together.

    Vehicles are measured alone only where every payment in names its own.
    """
    for number, cover in enumerate(terms.covers):
        if cover.settles != "liquidation":
            continue
        deals = sorted({deal for _, deal in books.accounts.paid_in})
        alone = cover.level == "vehicle" and NO_DEAL not in deals
        groups = [[deal] for deal in deals] if alone else [sorted({*deals, NO_DEAL})]
        for group in groups:
            losses = {code: _final_loss(books, code, group) for code in cover.beneficiaries}
            deal = group[0] if len(group) == 1 else NO_DEAL
            _cover(books, day, number, cover, deal, losses)


def _final_loss(books: Books, code: str, deals: Sequence[str]) -> Amount:
    paid = received = books.zero
    for deal in deals:
        paid = paid + books.accounts.paid_in.get((code, deal), books.zero)
        received = received + books.received.get((code, deal), books.zero)
    return books.arithmetic.high(paid - received, books.zero)


def claw_back(books: Books, clawback: Clawback, day: date, *, due: Amount) -> Amount:
    """Carry paid above what is due on the whole fund comes back to the investors."""
    arithmetic = books.arithmetic
    paid = books.carry_paid - books.carry_returned
    excess = arithmetic.high(paid - due, books.zero)
    if clawback.also:
        excess = arithmetic.high(excess, _shortfall(books, clawback.also))
    most = paid - arithmetic.floor(paid * arithmetic.number(clawback.tax))
    excess = arithmetic.floor(arithmetic.low(excess, most))
    books.carry_returned = books.carry_returned + excess
    details = {"paid": paid, "due": due}
    managers = list(books.rules.managers)
    weights = [books.rules.members[code].commitment for code in managers]
    from_escrow = arithmetic.low(excess, books.escrow)
    key = books.key(day, "clawback")
    for code, part in zip(
        managers,
        allocate(arithmetic, excess - from_escrow, weights, managers, f"{key}/from"),
        strict=True,
    ):
        books.pay(day, "clawback", code, -part, "clawback", **details)
    investors = [code for code, member in books.rules.members.items() if not member.manages]
    capital = [books.accounts.capital_of(code, None) for code in investors]
    for code, part in zip(
        investors, allocate(arithmetic, excess, capital, investors, key), strict=True
    ):
        books.pay(day, "clawback", code, part, "clawback_received", **details)
        books.note_received(code, NO_DEAL, part)
    return excess


def _shortfall(books: Books, also: str) -> Amount:
    """What investors lack of their capital, or of capital and the first hurdle."""
    total = books.zero
    for code, member in books.rules.members.items():
        if member.manages:
            continue
        total = total + books.accounts.principal(code, books.accounts.lots)
        if also == "hurdle":
            total = total + books.accounts.owed(code, ("tier", 0), books.accounts.lots)
    return total
