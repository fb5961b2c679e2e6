"""Who gets what: a fund's flows through its rules, line by line, recomputed from inception.

`distribute` yields every payment with its day, tier, receiver, won and reason in Korean and
English; callers act on it (the simulator sums it, the ledger posts the difference, the site prints
it). Inside there are exact fractions; each receipt is rounded once, by largest remainder, so the
parts equal the total to the won. The order of rows within a day does not matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import floor

from koga.core import waterfall_losses
from koga.core.fund_flows import Flow
from koga.core.fund_terms import TIER_KINDS, Cover, FundRules
from koga.core.problems import Problem, Refusal, ensure
from koga.core.waterfall_books import FeeYear
from koga.core.waterfall_engine import Engine
from koga.core.waterfall_reasons import reason
from koga.core.waterfall_state import Exact, allocate

ROUNDING = "largest_remainder"
"""The one rounding of a distribution, a policy of `money.split`."""


@dataclass(frozen=True, slots=True)
class Line:
    """One payment.

    day: when it is due.
    tier: the tier's kind, or what else moved money (cover, transfer, fee, recycling, clawback …).
    to: the member paid (negative: who pays), "" where money stays in the fund.
    won: amount.
    reason_ko, reason_en: why.
    deal: the deal or vehicle of the receipt, or "".
    """

    day: date
    tier: str
    to: str
    won: int
    reason_ko: str
    reason_en: str
    deal: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a member stands after the last flow.

    paid_in: won paid in. returned: capital paid back. unreturned: what is left of it.
    hurdle_owed: return owed on the first hurdle, down to the won.
    """

    paid_in: int
    returned: int
    unreturned: int
    hurdle_owed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything a waterfall says.

    lines: payments in order. totals: what each member received net of what it paid (payments in
    are not lines). fee_years: fees with the roll-forward of offsets. carry_paid: the manager's
    carry before any clawback. carry_returned: what came back. positions: accounts at the end.
    """

    lines: tuple[Line, ...]
    totals: Mapping[str, int]
    fee_years: tuple[FeeYear, ...]
    carry_paid: int
    carry_returned: int
    positions: Mapping[str, Position]


@dataclass(frozen=True, slots=True)
class Clawback:
    """The whole-fund test at a day: carry paid, carry due, and what is above it."""

    paid: int
    due: int
    excess: int


def distribute(rules: FundRules, flows: Sequence[Flow], *, through: date | None = None) -> Outcome:
    """Work the flows through the rules from inception.

    Raises `Refusal` where money is left that no tier takes, or an option is exercised that the
    rules do not give. Amounts in won.

    >>> from koga.core import fund_rules
    >>> rules = fund_rules.parse('''
    ... [members.lp]
    ... role = "lp"
    ... [members.gp]
    ... role = "gp"
    ... [[tier]]
    ... kind = "return_of_capital"
    ... to = ["lp"]
    ... [[tier]]
    ... kind = "split"
    ... shares = {lp = "80 %", gp = "20 %"}
    ... ''')
    >>> flows = [
    ...     Flow(date(2024, 1, 1), "paid_in", 100, "lp"),
    ...     Flow(date(2026, 1, 1), "distributable", 150),
    ... ]
    >>> [(line.tier, line.to, line.won) for line in distribute(rules, flows).lines]
    [('return_of_capital', 'lp', 100), ('split', 'lp', 40), ('split', 'gp', 10)]
    """
    engine = Engine(rules, Exact(), 0)
    engine.run(flows, through=through)
    lines = tuple(_lines(engine))
    _check_totals(engine, flows, through)
    totals = dict.fromkeys(rules.members, 0)
    for line in lines:
        if line.to:
            totals[line.to] += line.won
    return Outcome(
        lines,
        totals,
        tuple(engine.fees.years),
        int(engine.carry_paid),
        int(engine.carry_returned),
        _positions(engine),
    )


def absorb_loss(
    rules: FundRules,
    loss: int,
    *,
    capital: Mapping[str, int] | None = None,
    key: str = "",
) -> dict[str, int]:
    """Who bears a loss: covers first, then the lowest rank upwards, within a rank by capital.

    loss: won. capital: what each member has at stake, by default its commitment. key: names the
    rounding. Answers the won each member bears; parts equal the loss. A loss above all capital is
    refused.

    >>> from koga.core import fund_rules
    >>> rules = fund_rules.parse('''
    ... [members.citizens]
    ... role = "lp"
    ... commitment = 80
    ... [members.fiscal]
    ... role = "sponsor"
    ... rank = 2
    ... commitment = 20
    ... [[tier]]
    ... kind = "return_of_capital"
    ... to = [1, 2]
    ... ''')
    >>> absorb_loss(rules, 29)
    {'citizens': 9, 'fiscal': 20}
    """
    own = {
        code: (member.commitment if capital is None else capital.get(code, 0))
        for code, member in rules.members.items()
    }
    if not 0 <= loss <= sum(own.values()):
        details = {"limit": f"{sum(own.values()):,}"}
        raise Refusal(Problem("fund.loss", "loss", f"{loss:,}", details))
    exact = Exact()
    borne = waterfall_losses.by_rank(exact, rules, loss, own, f"{key}/loss")
    engine = Engine(rules, exact, 0)
    for code, amount in own.items():
        engine.accounts.paid_in[code, ""] = amount
    for cover in rules.terms[0].covers:
        _absorb_by_cover(engine, cover, borne, key)
    ensure(sum(borne.values()) == loss, "a loss is borne to the won")
    return {code: int(amount) for code, amount in borne.items()}


def _absorb_by_cover(engine: Engine, cover: Cover, borne: dict[str, int], key: str) -> None:
    codes = list(cover.beneficiaries)
    own = [borne[code] for code in codes]
    paid = min(sum(own), waterfall_losses.cap_won(engine, cover, ""))
    providers = list(cover.provider)
    weights = [engine.rules.members[code].commitment for code in providers]
    exact = engine.arithmetic
    for code, part in zip(codes, allocate(exact, paid, own, codes, key), strict=True):
        borne[code] -= part
    for code, part in zip(
        providers, allocate(exact, paid, weights, providers, f"{key}/from"), strict=True
    ):
        borne[code] += part


def carry_clawback(
    rules: FundRules, flows: Sequence[Flow], *, through: date | None = None
) -> Clawback:
    """The whole-fund test at the end of the flows, whether or not the fund is in liquidation.

    paid: all carry paid so far, before any clawback. due: the manager's carry, had all carry
    waited for the end: capital and hurdle of the whole fund first, from every receipt on its day;
    the rest by the tiers.
    """
    plain = tuple(replace(terms, clawback=None) for terms in rules.terms)
    engine = Engine(replace(rules, terms=plain), Exact(), 0)
    engine.run(flows, through=through)
    last = max(flow.day for flow in flows if through is None or flow.day <= through)
    end = Flow(last, "liquidation", 0)
    due = engine.carry_due(last, [*flows, end])
    paid = engine.carry_paid
    return Clawback(int(paid), floor(due), floor(max(paid - due, 0)))


def changes(before: Sequence[Line], after: Sequence[Line]) -> list[tuple[date, str, str, int]]:
    """What recomputing changed: day, tier, receiver and won to post, without what stayed.

    The books recompute from inception after every event and post this difference.
    """
    sums: dict[tuple[date, str, str], int] = {}
    for lines, sign in ((before, -1), (after, 1)):
        for line in lines:
            key = (line.day, line.tier, line.to)
            sums[key] = sums.get(key, 0) + sign * line.won
    return [(*key, won) for key, won in sorted(sums.items()) if won]


def _lines(engine: Engine) -> list[Line]:
    lines = []
    for payment in engine.payments:
        won = int(payment.amount)
        ensure(won == payment.amount, "a payment is whole won")
        if won:
            korean, english = reason(payment.reason, payment.details)
            lines.append(
                Line(payment.day, payment.tier, payment.to, won, korean, english, payment.deal)
            )
    return lines


_PAID_OUT = (*TIER_KINDS, "recycling", "recallable")
"""Lines that share out a receipt; all others pass money from one member to another, or are fees."""


def _check_totals(engine: Engine, flows: Sequence[Flow], through: date | None) -> None:
    """What went in came out: receipts equal their lines, and passing on changes no total."""
    open_: dict[date, int] = {}
    for flow in flows:
        if flow.kind in _RECEIPTS and (through is None or flow.day <= through):
            open_[flow.day] = open_.get(flow.day, 0) + flow.amount
    passed: dict[date, int] = {}
    for payment in engine.payments:
        if payment.tier in _PAID_OUT:
            open_[payment.day] -= int(payment.amount)
        elif payment.tier != "fee":
            passed[payment.day] = passed.get(payment.day, 0) + int(payment.amount)
    ensure(not any(open_.values()), "parts must equal the total")
    ensure(not any(passed.values()), "what one member pays another receives")


_RECEIPTS = ("distributable", "liquidation", "recallable")


def _positions(engine: Engine) -> dict[str, Position]:
    accounts = engine.accounts
    positions = {}
    for code in engine.rules.members:
        returned = accounts.returned.get(code, 0)
        owed = accounts.owed(code, ("tier", 0), accounts.lots)
        positions[code] = Position(
            int(accounts.capital_of(code, None)),
            int(returned),
            int(accounts.principal(code, accounts.lots)),
            int(owed),
        )
    return positions
