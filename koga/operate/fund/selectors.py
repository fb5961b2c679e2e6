"""Reads of funds: the register, where each stands, and its movements by quarter.

Everything comes from the accounts of the fund's ledger, whoever posted to them and by which kind
of entry: a fund kept entry by entry at the desk and one taken in from a cash book read the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from koga.core.problems import Problem, Refusal
from koga.operate.fund.book import UNIT, Held
from koga.operate.fund.models import Fund
from koga.operate.ledger import selectors as ledger
from koga.operate.ledger.selectors import FlowRow

KINDS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "call": (("paid-in", -1), ("receivable", -1)),
    "distribution": (("distributed", 1),),
    "fee": (("fee", 1),),
    "expense": (("expense", 1),),
    "carry": (("carry", 1),),
    "result": (("gain", -1), ("unrealised", -1), ("released", -1)),
}
"""Kind of flow -> families of accounts whose movement it is, with its sign (a debit is +)."""
_ASSETS = ("cash", "investment", "mark")
_VALUED = "unrealised"
"""The family that moves where a value is put on what is held, and only there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a fund's ledger stands. keys: keys of its book's rows -> amounts as written."""

    held: Held
    keys: Mapping[str, str]


@dataclass(slots=True)
class Quarter:
    """A fund's quarter: flows by kind, and at its end assets, accrued carry, commitments.

    valued: whether a value was put on holdings in it, or nothing is left to value.
    """

    flows: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    assets: int = 0
    accrued: int = 0
    valued: bool = False
    commitment: int = 0


@dataclass(frozen=True, slots=True)
class Firm:
    """What one firm's accounts moved by in a quarter: invested, cost ended, realised result."""

    quarter: str
    firm: str
    invested: int
    ended: int
    gain: int


def fund_named(code: str) -> Fund:
    """A fund of the register; a `Refusal` names those there are."""
    found = Fund.objects.filter(pk=code).first()
    if found is None:
        expected = ", ".join(Fund.objects.order_by("fund").values_list("fund", flat=True)) or "-"
        raise Refusal(Problem("fund_book.unknown", "fund", code, {"expected": expected}))
    return found


def funds() -> list[Fund]:
    """Every fund, by code."""
    return list(Fund.objects.order_by("fund"))


def standing(fund: str) -> Standing:
    """Balances, payments and keys of a fund, from every posting of its ledger."""
    held, keys = Held(), {}
    for line in ledger.lines(fund):
        if line.commodity == UNIT:
            held.take(line.effective, line.account, line.amount)
        keys[line.key] = line.reference
    return Standing(held, keys)


def heads_known(codes: Iterable[str]) -> dict[str, int]:
    """The last entry of each of some ledgers."""
    chosen = set(codes)
    return {head["ledger"]: head["entries"] for head in ledger.heads() if head["ledger"] in chosen}


def movements(known: Mapping[str, int], through: date | None = None) -> dict[str, list[FlowRow]]:
    """Movements in won of funds' accounts by quarter, each ledger up to an entry."""
    found: dict[str, list[FlowRow]] = {code: [] for code in known}
    for row in ledger.flow_rows(through, known=known):
        if row.commodity == UNIT:
            found[row.ledger].append(row)
    return found


def quarters(rows: Iterable[FlowRow]) -> dict[str, Quarter]:
    """A fund's quarters in order, flows of each and where it stands at its end."""
    found: dict[str, Quarter] = defaultdict(Quarter)
    moved: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        root = row.account.partition(":")[0]
        moved[row.quarter][root] += row.net
        found[row.quarter].valued |= root == _VALUED
    stands: dict[str, int] = defaultdict(int)
    for name in sorted(found):
        quarter = found[name]
        for root, net in moved[name].items():
            stands[root] += net
        for kind, families in KINDS.items():
            quarter.flows[kind] = sum(sign * moved[name][root] for root, sign in families)
        quarter.assets = sum(stands[root] for root in _ASSETS)
        quarter.accrued = -stands["accrued"]
        quarter.commitment = -stands["commitment"] - stands["paid-in"]
        given_back = not quarter.assets and (stands["distributed"] or stands["gain"])
        quarter.valued |= bool(given_back)
    return dict(sorted(found.items()))


def firms(rows: Iterable[FlowRow]) -> list[Firm]:
    """What every firm's accounts moved by, quarter by quarter."""
    moved: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        root, _, name = row.account.partition(":")
        if root == "investment":
            moved[row.quarter, name][0] += row.debit
            moved[row.quarter, name][1] += row.credit
        elif root == "gain":
            moved[row.quarter, name][2] -= row.net
    return [Firm(quarter, name, *each) for (quarter, name), each in sorted(moved.items())]
