"""Funds of the fictional city: one ended (the case by hand), two that run, one only called."""

import tomllib
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from koga.core.dates import Period

Rows = list[dict[str, Any]]
HAND, RUNNING, YOUNG, BARE = "hand", "bio-2020", "ai-2023", "new-2026"
WON = 1_000_000
CASE = tomllib.loads(
    (Path(__file__).parents[1] / "cases" / "fund-books.toml").read_text(encoding="utf-8")
)
_FLOWS = {
    HAND: {name: won for name, won in CASE["flows"].items()},
    RUNNING: {
        "2020-Q2 call": 8_000 * WON, "2020-Q4 fee": 160 * WON, "2021-Q4 fee": 160 * WON,
        "2022-Q2 call": 4_000 * WON, "2022-Q4 result": -900 * WON, "2023-Q4 result": 2_300 * WON,
        "2024-Q2 distribution": 5_100 * WON, "2025-Q4 result": 3_050 * WON,
        "2026-Q2 expense": 30 * WON,
    },
    YOUNG: {
        "2023-Q3 call": 6_000 * WON, "2023-Q4 fee": 120 * WON, "2025-Q2 call": 3_000 * WON,
        "2025-Q4 result": 1_400 * WON,
    },
    BARE: {"2026-Q1 call": 1_500 * WON},
}  # fmt: skip
_VALUED = {
    HAND: {name: pair[1] for name, pair in CASE["values"].items()},
    RUNNING: {"2022-Q4": 0, "2023-Q4": 0, "2025-Q4": 210 * WON},
    YOUNG: {"2025-Q4": 0},
    BARE: {},
}
_SAID = {
    HAND: ("손셈 조합", "Fund by hand", "hansol", 2021, "ai"),
    RUNNING: ("바이오 조합", "Bio fund", "narae", 2020, "bio"),
    YOUNG: ("AI 조합", "AI fund", "hansol", 2023, "ai"),
    BARE: ("새 조합", "New fund", "narae", 2026, "ai"),
}
_MANAGERS = {
    "hansol": ("한솔벤처투자", "Hansol Ventures"),
    "narae": ("나래파트너스", "Narae Partners"),
}
OUT = ("distribution", "fee", "expense", "carry")
_SPANS = {
    HAND: [(1, "2023-Q1", "2024-Q1", 6, 9_000 * WON, 13_000 * WON)],
    RUNNING: [(1, "2022-Q3", "2024-Q2", 5, 3_200 * WON, 4_050 * WON), (2,)],
    YOUNG: [(1,)],
    BARE: [],
}  # fmt: skip


def fund_tables(period: str = "2026-H1") -> dict[str, Rows]:
    """The four tables of funds, up to the end of a period."""
    last = f"{period[:4]}-Q{2 * int(period[-1])}"
    flows = [row for code in _FLOWS for row in _flows(code) if row["quarter"] <= last]
    return {
        "funds": [_fund(code, last, flows) for code in _FLOWS],
        "fund_flows": flows,
        "fund_values": [row for code in _FLOWS for row in _values(code, flows, last)],
        "fund_deals": [row for code in _FLOWS for row in _deals(code, last)],
        "benchmarks": _index(Period.parse(period).end),
    }


def _index(last: date) -> Rows:
    """100 at the end of 2019, 0.8 % a month but for every fifth, which falls by 2 %."""
    found, value, day = [], Decimal(100), date(2019, 12, 31)
    number = 0
    while day <= last:
        found.append(_row("benchmarks", benchmark="hn-index", day=day, name_ko="한누리 지수",
                          name_en="Hannuri index", kind="total_return",
                          value=round(value, 4), source="지어낸 지수"))  # fmt: skip
        number += 1
        value *= Decimal("0.98") if number % 5 == 0 else Decimal("1.008")
        year, month = divmod(2019 * 12 + 12 + number, 12)
        day = date(year, month + 1, 1) - timedelta(days=1)
    return found


def _row(table: str, **cells: Any) -> dict[str, Any]:
    from tests.release.sample import row_of

    return row_of(table, **cells)


def _flows(code: str) -> Rows:
    said = (name.split() for name in _FLOWS[code])
    return [
        _row("fund_flows", fund=code, quarter=quarter, kind=kind, unit="KRW",
             amount=_FLOWS[code][f"{quarter} {kind}"])
        for quarter, kind in sorted(said)
    ]  # fmt: skip


def _fund(code: str, last: str, flows: Rows) -> dict[str, Any]:
    ko, en, manager, vintage, sector = _SAID[code]
    sums: dict[str, int] = {}
    for row in flows:
        if row["fund"] == code:
            sums[row["kind"]] = sums.get(row["kind"], 0) + row["amount"]
    ended = Period.parse("2024-Q1").end if code == HAND else None
    return _row(
        "funds", fund=code, agency="hn-growth", name_ko=ko, name_en=en, manager=manager,
        manager_ko=_MANAGERS[manager][0], manager_en=_MANAGERS[manager][1], vintage=vintage,
        instrument="equity", sector=sector, unit="KRW", disclosure="fund",
        legal_basis="한누리시 성장펀드 조례 제12조", through=last, commitment=20_000 * WON,
        paid_in=sums.get("call", 0), distributed=sums.get("distribution", 0),
        costs=sums.get("fee", 0) + sums.get("expense", 0), carry_paid=sums.get("carry", 0),
        ended_on=ended, rules_sha256="ef" * 32,
    )  # fmt: skip


def _values(code: str, flows: Rows, last: str) -> Rows:
    found = []
    for quarter, accrued in _VALUED[code].items():
        known = [row for row in flows if row["fund"] == code and row["quarter"] <= quarter]
        assets = sum(-row["amount"] if row["kind"] in OUT else row["amount"] for row in known)
        if quarter <= last:
            found.append(_row("fund_values", fund=code, quarter=quarter, unit="KRW",
                              nav=assets - accrued, carry_accrued=accrued))  # fmt: skip
    return found


def _deals(code: str, last: str) -> Rows:
    names = ("span", "quarter_from", "quarter_to", "firms", "cost", "proceeds")
    return [
        _row("fund_deals", fund=code, unit="KRW", hidden=len(span) == 1,
             **dict(zip(names, span, strict=False)))
        for span in _SPANS[code]
    ]  # fmt: skip
