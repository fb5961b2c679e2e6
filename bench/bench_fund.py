"""Fund mathematics: batch rates against a loop over pyxirr, paths against bare NumPy."""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np

FUNDS = 10_000
PATHS = 10_000
QUARTERS = 80
ROUNDS = 7
IRR_BOUND = 0.5
PATHS_BOUND = 3.0

RULES = """
[members.lp]
role = "lp"
commitment = 99_000_000_000
[members.gp]
role = "gp"
commitment = 1_000_000_000
[[tier]]
kind = "return_of_capital"
to = [1]
[[tier]]
kind = "hurdle"
to = [1]
rate = 0.08
compounding = "simple"
day_count = "act/365f"
[[tier]]
kind = "catch_up"
to = ["gp"]
share = 1
cap = 0.2
[[tier]]
kind = "split"
shares = {lp = 0.8, gp = 0.2}
"""


def measures() -> Iterator[dict[str, Any]]:
    """Every measure of this room."""
    for columns in (13, 49):
        yield batch_irr(columns)
    yield waterfall_paths()


def batch_irr(columns: int) -> dict[str, Any]:
    """10,000 funds with hard rows against pyxirr.xirr row by row; wrong rows fail the measure."""
    import pyxirr

    from koga.core.performance import irr_batch

    amounts, days, dates = funds(columns, seed=columns)
    rows = amounts.tolist()
    own, peer = interleaved(
        lambda: irr_batch(amounts, days),
        lambda: [pyxirr.xirr(dates, row, silent=True) for row in rows],
    )
    right = wrong_rows(amounts, days, irr_batch(amounts, days)) == 0
    name = f"irr_batch_{FUNDS}x{columns}"
    return measure(name, own, peer, IRR_BOUND, right)


def waterfall_paths() -> dict[str, Any]:
    """10,000 paths × 80 quarters against the same formula written by hand for these rules."""
    from koga.core import fund_rules
    from koga.core import waterfall_paths as paths

    rules = fund_rules.parse(RULES)
    days, paid, received = quarters()
    flows = [
        paths.PathFlow(day, "paid_in", paid[code][place], code)
        for place, day in enumerate(days)
        for code in ("lp", "gp")
        if place < len(paid[code])
    ]
    flows += [
        paths.PathFlow(day, "distributable", received[place]) for place, day in enumerate(days)
    ]
    own, peer = interleaved(
        lambda: paths.distribute(rules, flows, by_day=False), lambda: bare(days, paid, received)
    )
    totals, expected = paths.distribute(rules, flows).totals, bare(days, paid, received)
    right = all(np.allclose(totals[code], expected[code], rtol=1e-9) for code in totals)
    return measure(f"waterfall_{PATHS}x{QUARTERS}", own, peer, PATHS_BOUND, right)


def funds(columns: int, *, seed: int) -> tuple[Any, Any, list[date]]:
    """Funds that call first and pay later; one in a hundred is hard (none, several, lost …)."""
    draw = np.random.default_rng(seed)
    dates = [
        date(2010 + place, 1, 1) if columns == 13 else date(2010 + place // 4, 1 + place % 4 * 3, 1)
        for place in range(columns)
    ]
    days = np.array([(day - dates[0]).days for day in dates])
    years = days / 365
    calls = np.exp(-years / 2) * draw.gamma(2, 1, (FUNDS, columns)) * (years < 6)
    shape = (years / 4) ** 2 * np.exp(-((years - 6) ** 2) / 10)
    skill = draw.lognormal(0, 0.6, (FUNDS, 1))
    amounts = np.round((shape * draw.gamma(2, 1, (FUNDS, columns)) * skill - calls) * 1e6)
    for number, row in enumerate(draw.choice(FUNDS, FUNDS // 100, replace=False)):
        amounts[row] = hard_row(number % 8, columns, amounts[row], draw)
    return amounts, days, dates


def hard_row(kind: int, columns: int, row: Any, draw: Any) -> Any:
    """A fund with no root, several, a double one, nearly all lost, or random signs."""
    if kind == 0:
        return -np.abs(row)
    if kind == 6:
        return draw.normal(0, 1e6, columns).round()
    starts = {
        1: (-100, 230, -132),
        2: (-100, 150, -60),
        3: (-1e9, 0, 1),
        4: (-1000, 3600, -4310, 1716),
        5: (-100, 1e6),
        7: (-100, 220, -121),
    }
    hard = np.zeros(columns)
    hard[: len(starts[kind])] = starts[kind]
    return hard


def wrong_rows(amounts: Any, days: Any, rates: Any) -> int:
    """Rows of a sample, and all undecided ones, that differ from the rigorous solver."""
    from koga.core.irr import solve

    years = [float(day) / 365 for day in days]
    chosen = {*range(0, FUNDS, 101), *np.flatnonzero(np.isnan(rates))[:150].tolist()}
    wrong = 0
    for row in sorted(chosen):
        rate = solve(years, amounts[row].tolist()).rate
        found = rates[row]
        same = np.isnan(found) if rate is None else abs(found - rate) <= 1e-9 * (1 + abs(rate))
        wrong += not same
    return wrong


def quarters() -> tuple[list[date], dict[str, Any], Any]:
    """Quarter days, five years of calls by member, and receipts of every quarter."""
    draw = np.random.default_rng(80)
    days = [date(2025 + place // 4, 1 + place % 4 * 3, 1) for place in range(QUARTERS)]
    calls = draw.gamma(4, 1, (20, PATHS)) * 1e9
    paid = {"lp": calls * 0.99, "gp": calls * 0.01}
    grows = np.linspace(0, 3, QUARTERS)[:, None]
    return days, paid, draw.gamma(2, 1, (QUARTERS, PATHS)) * grows * 1e9


def bare(days: list[date], paid: Any, received: Any) -> dict[str, Any]:
    """The same rules, written out for two members and these four tiers only."""
    zero = np.zeros(PATHS)
    capital = {"lp": zero, "gp": zero}
    owed = {"lp": zero, "gp": zero}
    totals = {"lp": zero, "gp": zero}
    profit = carry = zero
    before = days[0]
    for place, day in enumerate(days):
        years = (day - before).days / 365
        before = day
        for code in capital:
            owed[code] = owed[code] + capital[code] * (0.08 * years)
            if place < len(paid[code]):
                capital[code] = capital[code] + paid[code][place]
        left = received[place]
        for account in (capital, owed):
            due = account["lp"] + account["gp"]
            given = np.minimum(left, due)
            ratio = np.divide(given, due, out=np.zeros(PATHS), where=due > 0)
            for code in capital:
                part = account[code] * ratio
                account[code] = account[code] - part
                totals[code] = totals[code] + part
            profit = profit + given if account is owed else profit
            left = left - given
        caught = np.minimum(left, np.maximum((0.2 * profit - carry) / 0.8, 0))
        left = left - caught
        share = caught + 0.2 * left
        carry = carry + share
        profit = profit + caught + left
        totals["gp"] = totals["gp"] + share
        totals["lp"] = totals["lp"] + 0.8 * left
    return totals


def interleaved(own: Callable[[], Any], peer: Callable[[], Any]) -> tuple[float, float]:
    """Medians of both, timed in turns."""
    own(), peer()
    taken: dict[str, list[float]] = {"own": [], "peer": []}
    for _ in range(ROUNDS):
        for name, act in (("own", own), ("peer", peer)):
            start = time.perf_counter()
            act()
            taken[name].append(time.perf_counter() - start)
    return statistics.median(taken["own"]), statistics.median(taken["peer"])


def measure(name: str, own: float, peer: float, bound: float, right: bool) -> dict[str, Any]:
    """One line of `make bench`."""
    ratio = own / peer
    return {
        "name": name,
        "ratio": round(ratio, 3),
        "bound": bound,
        "ok": bool(right and ratio <= bound),
        "seconds": {"own": round(own, 5), "peer": round(peer, 5)},
        "right": right,
    }
