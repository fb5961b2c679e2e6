"""A fund's dated flows, as read from `date,kind,amount,member,deal`.

Amounts are positive; the kind says which way the money goes. Reading collects every problem with
its row number (the header is not a row).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from koga.core import money
from koga.core.problems import Problem, Refusal, in_order

KINDS: Mapping[str, tuple[str, str]] = {
    "paid_in": ("납입", "paid in"),
    "distributable": ("배분 가능액", "distributable"),
    "realised_loss": ("손실 확정", "realised loss"),
    "liquidation": ("청산", "liquidation"),
    "recallable": ("재출자 조건부 배분", "recallable distribution"),
    "transfer": ("이전", "transfer"),
    "fee": ("보수·경비", "fee or expense"),
    "impairment": ("손상", "impairment"),
    "impairment_reversal": ("손상 환입", "impairment reversal"),
}
"""Kinds of flow with their names. `paid_in` without a member is shared by commitments."""

COLUMNS = ("date", "kind", "amount", "member", "deal")
_REQUIRED = ("date", "kind", "amount")
AMOUNT_MAX = 2**63 - 1
"""Largest amount of one row; sums may be larger, whole numbers here do not overflow."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One row of the fund's cash book.

    day: when it took effect.
    kind: a key of `KINDS`.
    amount: won, 0 or more.
    member: who pays or receives, or "".
    deal: the deal or vehicle it belongs to, or "".
    """

    day: date
    kind: str
    amount: int
    member: str = ""
    deal: str = ""


def read(
    rows: Iterable[Mapping[str, str | None]], members: Sequence[str], where: str = "row"
) -> list[Flow]:
    """Flows of a table; a `Refusal` lists every problem of every row.

    members: the identifiers the rules know.

    >>> read([{"date": "2026-01-31", "kind": "paid_in", "amount": "10억", "member": "lp"}], ["lp"])
    [Flow(day=datetime.date(2026, 1, 31), kind='paid_in', amount=1000000000, member='lp', deal='')]
    """
    flows: list[Flow] = []
    found: list[Problem] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(rows, 1):
        place = f"{where} {number}"
        cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
        problems = _row_problems(cells, members, place)
        problems += _paid_in_twice(cells, seen, number, place)
        day, amount = _day(cells, place, problems), _amount(cells, place, problems)
        found += problems
        if day is not None and amount is not None and not problems:
            flows.append(Flow(day, cells["kind"], amount, cells["member"], cells["deal"]))
    if not flows and not found:
        found.append(Problem("fund.flows_empty", where))
    if found:
        raise Refusal(in_order(found))
    return flows


def columns_missing(header: Sequence[str], where: str = "header") -> list[Problem]:
    """A problem for each required column a table lacks."""
    return [
        Problem("fund.column_missing", where, ", ".join(header), {"expected": name})
        for name in _REQUIRED
        if name not in header
    ]


def _row_problems(cells: Mapping[str, str], members: Sequence[str], place: str) -> list[Problem]:
    problems = []
    kind, member = cells["kind"], cells["member"]
    if kind not in KINDS:
        expected = {"expected": ", ".join(KINDS)}
        problems.append(Problem("fund.unknown_kind", f"{place}, kind", kind, expected))
    if member and member not in members:
        expected = {"expected": ", ".join(members)}
        problems.append(Problem("fund.unknown_member", f"{place}, member", member, expected))
    if kind == "transfer" and not member:
        problems.append(Problem("fund.member_missing", f"{place}, member", member, {"kind": kind}))
    return problems


def _paid_in_twice(
    cells: Mapping[str, str], seen: dict[tuple[str, ...], int], number: int, place: str
) -> list[Problem]:
    """The same member paying in twice on a day for one deal is a slip, not a second payment."""
    if cells["kind"] != "paid_in" or not cells["member"]:
        return []
    key = (cells["date"], cells["member"], cells["deal"])
    first = seen.setdefault(key, number)
    if first == number:
        return []
    details = {"first": first, "day": cells["date"]}
    return [Problem("fund.member_twice", f"{place}, member", cells["member"], details)]


def _day(cells: Mapping[str, str], place: str, problems: list[Problem]) -> date | None:
    try:
        return date.fromisoformat(cells["date"])
    except ValueError:
        expected = {"expected": "2026-03-31"}
        problems.append(Problem("dates.unreadable", f"{place}, date", cells["date"], expected))
        return None


def _amount(cells: Mapping[str, str], place: str, problems: list[Problem]) -> int | None:
    text, where = cells["amount"], f"{place}, amount"
    if not text:
        problems.append(Problem("fund.amount_blank", where))
        return None
    try:
        amount = money.parse_won(text, where)
    except Refusal as refusal:
        problems.extend(refusal.problems)
        return None
    if amount < 0:
        problems.append(Problem("fund.amount_negative", where, text))
    elif amount > AMOUNT_MAX:
        limit = {"limit": f"{AMOUNT_MAX:,}"}
        problems.append(Problem("money.too_large", where, text, limit))
    return amount
