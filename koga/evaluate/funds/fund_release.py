"""Reading the funds of a release: what investors paid and got by quarter, gross and net.

Net is what investors paid in and received, at the ends of quarters, with the last value; gross adds
fees, expenses and carry back as ILPA's gross-up does. Figures of single funds stand in the release
because a statute publishes them; of single firms there is nothing but spans of ended deals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from koga.core import ilpa, pme
from koga.core.dates import Period
from koga.core.performance import Cash, Value
from koga.core.problems import Problem, Refusal
from koga.evaluate.finding import Words
from koga.evaluate.funds.fund import DIMENSIONS, Ended, Fund, Funds

if TYPE_CHECKING:
    from koga.release.read import Release

TYPES: Mapping[str, tuple[str, int]] = {
    "call": ("Capital Call: Total Amount", -1),
    "distribution": ("Distribution: Permanent", 1),
    "fee": ("Gross Up Management Fees", 1),
    "expense": ("Gross Up Partnership Expenses", 1),
    "carry": (ilpa.CARRY_PAID, 1),
}
"""Kind of flow -> its type in ILPA's template, and its sign as investors see it."""
ACCRUED = "Gross Up Unrealized Carried Interest"


def has_funds(release: "Release") -> bool:
    """Whether a release tells of funds; an older one does not."""
    return "funds" in release.tables and release.count("funds") > 0


def read(release: "Release", given: Mapping[str, list[Value]], where: str) -> Funds:
    """The funds of a release whose figures it shows; given: values that it has not.

    A `Refusal` where a given value is of no fund of the release.
    """
    rows = {row["fund"]: row for row in release.rows("funds")}
    unknown = sorted(set(given) - set(rows))
    if unknown:
        raise Refusal([Problem("funds.unknown_fund", where, code) for code in unknown])
    cash = _cash(release)
    values = _values(release, cash)
    for code, more in given.items():
        values[code] = more[-1]
    ended = _ended(release)
    funds = tuple(
        Fund(
            code,
            _groups(row),
            tuple(cash[code]),
            (values[code],) if code in values else (),
            public=True,
            ended=ended.get(code, ()),
        )
        for code, row in rows.items()
        if any(flow.amount < 0 for flow in cash.get(code, ()))
    )
    if not funds:
        raise Refusal(Problem("funds.nothing", release.folder.name))
    withheld = sum(row["disclosure"] == "withheld" for row in rows.values())
    return Funds(
        release.folder.name, release.manifest.sha256, funds, "release", "KRW", typed=True,
        never_paid=len(rows) - len(funds) - withheld, withheld=withheld, names=_names(rows),
    )  # fmt: skip


def _cash(release: "Release") -> dict[str, list[Cash]]:
    cash: dict[str, list[Cash]] = {}
    for row in release.rows("fund_flows"):
        if row["kind"] in TYPES:
            kind, sign = TYPES[row["kind"]]
            day = Period.parse(row["quarter"]).end
            cash.setdefault(row["fund"], []).append(Cash(day, Fraction(sign * row["amount"]), kind))
    return cash


def _values(release: "Release", cash: Mapping[str, list[Cash]]) -> dict[str, Value]:
    """The last value of each fund; the carry accrued then joins its flows as ILPA's type."""
    last: dict[str, dict[str, Any]] = {}
    for row in release.rows("fund_values"):
        if row["fund"] not in last or row["quarter"] > last[row["fund"]]["quarter"]:
            last[row["fund"]] = row
    for code, row in last.items():
        if row["carry_accrued"] and code in cash:
            day = Period.parse(row["quarter"]).end
            cash[code].append(Cash(day, Fraction(row["carry_accrued"]), ACCRUED))
    return {
        code: Value(Period.parse(row["quarter"]).end, Fraction(row["nav"]))
        for code, row in last.items()
    }


def _ended(release: "Release") -> dict[str, tuple[Ended, ...]]:
    found: dict[str, tuple[Ended, ...]] = {}
    for row in release.rows("fund_deals"):
        told = (row["firms"], row["cost"], row["proceeds"])
        one = Ended(0, 0, 0, hidden=True) if row["hidden"] else Ended(*told)
        found[row["fund"]] = (*found.get(row["fund"], ()), one)
    return found


def _groups(row: Mapping[str, Any]) -> dict[str, str]:
    groups = {name: f"{row[name]}" for name in DIMENSIONS if row[name] is not None}
    return groups | {"fund": row["fund"]}


def _names(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, tuple[str, str]]]:
    managers = {row["manager"]: (row["manager_ko"], row["manager_en"]) for row in rows.values()}
    return {
        "manager": managers,
        "fund": {code: (row["name_ko"], row["name_en"]) for code, row in rows.items()},
    }


@dataclass(frozen=True, slots=True)
class Benchmark:
    """An index that a release carries: its code, name, source, and the index itself."""

    code: str
    name: Words
    source: str
    index: pme.Index


def benchmarks(release: "Release") -> list[Benchmark]:
    """The indices of a release, by code."""
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in release.rows("benchmarks"):
        rows.setdefault(row["benchmark"], []).append(row)
    found = []
    for code, own in sorted(rows.items()):
        own.sort(key=lambda row: row["day"])
        days, values = (tuple(row[name] for row in own) for name in ("day", "value"))
        index = pme.Index(days, tuple(map(Fraction, values)), own[0]["kind"])
        name = Words(own[0]["name_ko"], own[0]["name_en"])
        found.append(Benchmark(code, name, own[0]["source"], index))
    return found
