"""The waterfall on many paths at once: the same engine on float64 arrays, one number per path.

It is not a second implementation: `waterfall_engine` runs with this arithmetic in place of exact
fractions, so every tier, cover, transfer, fee, amendment, equalisation, recycling, clawback and
escrow the exact waterfall knows is here. Days, kinds, members and deals of the flows are the same
on all paths, the amounts differ. Two things are not done: amounts are not rounded to won, and
wrong inputs (money no tier takes, an option used too far) are clipped or reported as a residue
instead of refused. The gap to the exact waterfall is at most `GAP_WON` per line plus the float's
own 1e-9 of the amounts; tests hold every golden case to it. Calls should name their members: the
exact waterfall rounds a call it has to share by commitments, and what is shared by capital follows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from koga.core.fund_flows import Flow
from koga.core.fund_terms import FundRules
from koga.core.waterfall_books import Payment
from koga.core.waterfall_engine import Engine
from koga.core.waterfall_state import Amount

Floats = NDArray[np.float64]
GAP_WON = 2.0
"""Won by which a line may differ from the exact one: its rounding and that of capital before it."""


@dataclass(frozen=True, slots=True)
class PathFlow:
    """A flow whose amount differs by path.

    day, kind, member, deal: as in `fund_flows.Flow`. amounts: won per path, 0 or more.
    """

    day: date
    kind: str
    amounts: Floats
    member: str = ""
    deal: str = ""


@dataclass(frozen=True, slots=True)
class PathOutcome:
    """Payments of all paths.

    payments: by day, tier and receiver ("" for money that stays), an amount per path.
    totals: by member, an amount per path. carry_paid, carry_returned: per path.
    """

    payments: Mapping[tuple[date, str, str], Floats]
    totals: Mapping[str, Floats]
    carry_paid: Floats
    carry_returned: Floats


class _Floats:
    """Arithmetic on arrays."""

    exact = False

    def note(self, *words: object) -> None:
        """Steps are not written down."""

    def number(self, value: Fraction) -> Amount:
        """A constant as float."""
        return float(value)

    def low(self, one: Amount, other: Amount) -> Amount:
        """The smaller of two, path by path."""
        return np.minimum(one, other)

    def high(self, one: Amount, other: Amount) -> Amount:
        """The larger of two, path by path."""
        return np.maximum(one, other)

    def ratio(self, part: Amount, whole: Amount) -> Amount:
        """Part over whole, 0 where the whole is 0 or less."""
        if isinstance(whole, int | float):
            return part / whole if whole > 0 else part * 0.0
        positive = whole > 0
        if positive.all():
            return part / whole
        shape = np.broadcast(part, whole).shape
        return np.divide(part, whole, out=np.zeros(shape), where=positive)

    def floor(self, amount: Amount) -> Amount:
        """Paths are not rounded."""
        return amount

    def settle(
        self, total: Amount, cells: Sequence[Amount], names: Sequence[str], key: str
    ) -> list[Amount]:
        """Cells as they are: paths are not rounded."""
        del total, names, key
        return list(cells)


def distribute(rules: FundRules, flows: Sequence[PathFlow], *, by_day: bool = True) -> PathOutcome:
    """Work the flows of all paths through the rules; amounts in won as float64.

    by_day: whether payments are kept by day and tier, or only their totals by member.

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
    ... shares = {lp = 0.8, gp = 0.2}
    ... ''')
    >>> paid = PathFlow(date(2024, 1, 1), "paid_in", np.array([100.0, 100.0]), "lp")
    >>> back = PathFlow(date(2026, 1, 1), "distributable", np.array([150.0, 90.0]))
    >>> distribute(rules, [paid, back]).totals["gp"].tolist()
    [10.0, 0.0]
    """
    count = max(len(flow.amounts) for flow in flows)
    payments: dict[tuple[date, str, str], Any] = {}
    totals: dict[str, Any] = {code: np.zeros(count) for code in rules.members}

    def add(payment: Payment) -> None:
        if payment.to:
            totals[payment.to] += payment.amount
        if by_day:
            key = (payment.day, payment.tier, payment.to)
            known = payments.get(key)
            payments[key] = payment.amount if known is None else known + payment.amount

    engine = Engine(rules, _Floats(), np.zeros(count), record=add)
    engine.run(
        [
            Flow(flow.day, flow.kind, cast(int, flow.amounts), flow.member, flow.deal)
            for flow in flows
        ]
    )
    return PathOutcome(
        payments,
        totals,
        np.zeros(count) + engine.carry_paid,
        np.zeros(count) + engine.carry_returned,
    )
