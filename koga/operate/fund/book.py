"""A fund's cash book, row by row, as entries of its ledger.

A row is `date,kind,party,amount,cost`, amounts positive; the kind says which way the money goes.
`distribute` and `accrue` name no party: the fund's rules say who gets what, recomputed from
inception, and the difference to what stands in the ledger is posted. Nothing here reads a clock
or a database.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from koga.core.journal import Entry, Posting
from koga.core.problems import Problem, Refusal

if TYPE_CHECKING:
    from koga.core.fund_flows import Flow
    from koga.core.fund_terms import FundRules

KINDS: Mapping[str, tuple[str, str]] = {
    "commitment": ("출자약정", "commitment of an investor"),
    "call": ("납입", "paid in by an investor"),
    "investment": ("투자", "invested in a firm"),
    "proceeds": ("투자회수", "received from a firm; cost: the part of the cost it ends"),
    "write_off": ("감액", "cost of a firm given up"),
    "valuation": ("가치평가", "fair value of what is held of a firm"),
    "fee": ("관리보수", "management fee"),
    "expense": ("조합운영경비", "fund expenses"),
    "distribution": ("배분", "distributed to an investor"),
    "carry": ("성과보수", "carried interest paid to the manager"),
    "carry_accrued": ("미지급 성과보수", "carried interest accrued so far"),
    "distribute": ("규약에 따른 배분", "distributed as the rules say"),
    "accrue": ("규약에 따른 성과보수 충당", "carry accrued as the rules say"),
}
"""Kinds of row with their names."""
BY_RULES = ("distribute", "accrue")
CUSTODY = "cash:custodian"
UNIT = "KRW"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a cash book.

    number: in its file, from 1. day, kind, party: as written. amount: won; for `valuation` and
    `carry_accrued` where it stands, for all others what moves. cost: of what `proceeds` ends.
    """

    number: int
    day: date
    kind: str
    party: str
    amount: int
    cost: int = 0

    @property
    def said(self) -> str:
        """The amounts as an entry's reference keeps them, to see that a row was changed."""
        return f"{self.amount}/{self.cost}"


@dataclass(slots=True)
class Held:
    """Where a fund stands: balances of its accounts, what was paid in, what was given out.

    paid_in: by day and member. given: distributions and carry by day. last: the last day booked.
    """

    balances: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    paid_in: dict[tuple[date, str], int] = field(default_factory=lambda: defaultdict(int))
    given: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    last: date | None = None

    def take(self, day: date, account: str, amount: int) -> None:
        """Count one posting."""
        root, _, name = account.partition(":")
        self.balances[account] += amount
        if root in ("paid-in", "receivable"):
            self.paid_in[day, name] -= amount
        if root in ("distributed", "carry"):
            self.given[day] += amount
        self.last = day if self.last is None else max(self.last, day)

    def of(self, root: str) -> int:
        """The sum of a family of accounts."""
        return sum(won for code, won in self.balances.items() if code.startswith(f"{root}:"))

    @property
    def assets(self) -> int:
        """Cash, cost of what is held and its fair-value adjustment."""
        return self.of("cash") + self.of("investment") + self.of("mark")

    def flows(self, *more: "Flow") -> "list[Flow]":
        """What the rules need: payments in and receipts, each on its day."""
        from koga.core.fund_flows import Flow

        paid = [Flow(day, "paid_in", won, who) for (day, who), won in self.paid_in.items() if won]
        given = [Flow(day, "distributable", won) for day, won in self.given.items() if won]
        return sorted([*paid, *given, *more], key=lambda flow: flow.day)


Lines = list[tuple[str, int]]
"""Accounts and amounts of one entry."""


def entries(
    fund: str, rules: "FundRules | None", held: Held, rows: Iterable[tuple[str, Row]]
) -> Iterator[Entry]:
    """The entries of keyed rows in their order; `held` moves with them. A `Refusal` names a row."""
    for key, row in rows:
        where = f"{fund}, row {row.number}"
        lines = [line for line in _lines(rules, held, row, where) if line[1]]
        if not lines:
            continue
        for account, amount in lines:
            held.take(row.day, account, amount)
        if held.balances[CUSTODY] < 0:
            raise Refusal(Problem("fund_book.cash", where, f"{held.balances[CUSTODY]:,}"))
        postings = tuple(Posting(account, UNIT, amount) for account, amount in lines)
        yield Entry(fund, key, "fund_book", row.day, postings, reference=row.said)


def _lines(rules: "FundRules | None", held: Held, row: Row, where: str) -> Lines:
    if row.kind in BY_RULES:
        if rules is None:
            raise Refusal(Problem("fund_book.no_rules", where, row.kind))
        build = _distribute if row.kind == "distribute" else _accrue
        return build(rules, held, row, where)
    return _PLAIN[row.kind](held, row, where)


def _pair(debit: str, credit: str, amount: int) -> Lines:
    return [(debit, amount), (credit, -amount)]


def _commitment(held: Held, row: Row, where: str) -> Lines:
    return _pair(f"undrawn:{row.party}", f"commitment:{row.party}", row.amount)


def _call(held: Held, row: Row, where: str) -> Lines:
    left = held.balances[f"undrawn:{row.party}"]
    if row.amount > left:
        raise Refusal(Problem("fund_book.overdrawn", where, f"{row.amount:,}", {"left": left}))
    return [
        *_pair(CUSTODY, f"paid-in:{row.party}", row.amount),
        *_pair(f"commitment:{row.party}", f"undrawn:{row.party}", row.amount),
    ]


def _investment(held: Held, row: Row, where: str) -> Lines:
    return _pair(f"investment:{row.party}", CUSTODY, row.amount)


def _proceeds(held: Held, row: Row, where: str) -> Lines:
    gain = row.amount - row.cost
    return [
        (CUSTODY, row.amount),
        *_ended(held, row, row.cost, where),
        (f"gain:{row.party}", -gain),
    ]


def _write_off(held: Held, row: Row, where: str) -> Lines:
    return [*_ended(held, row, row.amount, where), (f"gain:{row.party}", row.amount)]


def _ended(held: Held, row: Row, cost: int, where: str) -> Lines:
    """Cost that leaves the books, with its part of the fair-value adjustment (rounded down)."""
    before = held.balances[f"investment:{row.party}"]
    if cost > before:
        raise Refusal(Problem("fund_book.cost", where, f"{cost:,}", {"held": before}))
    mark = held.balances[f"mark:{row.party}"]
    part = mark if cost == before else mark * cost // before
    return [
        (f"investment:{row.party}", -cost),
        *_pair(f"released:{row.party}", f"mark:{row.party}", part),
    ]


def _valuation(held: Held, row: Row, where: str) -> Lines:
    cost, mark = (held.balances[f"{root}:{row.party}"] for root in ("investment", "mark"))
    if not cost:
        raise Refusal(Problem("fund_book.not_held", where, row.party))
    change = row.amount - cost - mark
    return _pair(f"mark:{row.party}", f"unrealised:{row.party}", change)


def _carry_accrued(held: Held, row: Row, where: str) -> Lines:
    change = row.amount + held.balances[f"accrued:{row.party}"]
    return _pair(f"provision:{row.party}", f"accrued:{row.party}", change)


def _paid(root: str) -> Callable[[Held, Row, str], Lines]:
    def lines(held: Held, row: Row, where: str) -> Lines:
        return _pair(f"{root}:{row.party}", CUSTODY, row.amount)

    return lines


_PLAIN: Mapping[str, Callable[[Held, Row, str], Lines]] = {
    "commitment": _commitment,
    "call": _call,
    "investment": _investment,
    "proceeds": _proceeds,
    "write_off": _write_off,
    "valuation": _valuation,
    "carry_accrued": _carry_accrued,
    "fee": _paid("fee"),
    "expense": _paid("expense"),
    "distribution": _paid("distributed"),
    "carry": _paid("carry"),
}


def _distribute(rules: "FundRules", held: Held, row: Row, where: str) -> Lines:
    """What every member has received by the rules, less what the ledger says it has.

    Carry paid is no longer owed: what is accrued is brought up to date with it.
    """
    from koga.core import waterfall
    from koga.core.fund_flows import Flow

    manager = _manager(rules, where)
    outcome = waterfall.distribute(rules, held.flows(Flow(row.day, "distributable", row.amount)))
    carry = outcome.carry_paid - outcome.carry_returned
    due = {f"distributed:{code}": 0 for code in rules.members}
    for line in outcome.lines:
        if line.to and line.tier != "fee":
            due[f"distributed:{line.to}"] += line.won
    due[f"distributed:{manager}"] -= carry
    due[f"carry:{manager}"] = carry
    lines = [(account, won - held.balances[account]) for account, won in due.items()]
    lines.append((CUSTODY, -sum(won for _, won in lines)))
    after = Held(held.balances.copy(), held.paid_in.copy(), held.given.copy(), held.last)
    for account, amount in lines:
        after.take(row.day, account, amount)
    return [*lines, *_accrue(rules, after, row, where)]


def _accrue(rules: "FundRules", held: Held, row: Row, where: str) -> Lines:
    """The carry that would be due were everything sold today for what it is worth, not yet paid."""
    from koga.core import waterfall
    from koga.core.fund_flows import Flow

    manager = _manager(rules, where)
    sold = Flow(row.day, "distributable", held.assets)
    outcome = waterfall.distribute(rules, held.flows(*([sold] if held.assets > 0 else [])))
    owed = outcome.carry_paid - outcome.carry_returned - held.balances[f"carry:{manager}"]
    change = max(owed, 0) + held.balances[f"accrued:{manager}"]
    return _pair(f"provision:{manager}", f"accrued:{manager}", change)


def _manager(rules: "FundRules", where: str) -> str:
    if len(rules.managers) != 1:
        raise Refusal(Problem("fund_book.managers", where, ", ".join(rules.managers)))
    return rules.managers[0]
