"""Reading funds to compare: dated flows, totals to date, or the flows of a release.

A table of flows has `fund, date, amount` (the investor's view: paid in negative) and, where known,
`type`: blank, `NAV` for a value on a day, or a transaction type as ILPA prints it, which also tells
gross from net. A table of totals has `fund, paid_in, distributed, nav` and no dates. Both may say
`vintage, instrument, sector, manager` of each fund. A release's funds are read from its tables of
funds (`fund_release`); in one that has none, a programme that invests or lends is read as a fund:
what it delivered by quarter is paid in, what was returned is received.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koga.core import performance
from koga.core import performance_reading as reading
from koga.core.dates import Period
from koga.core.performance import Cash, Value
from koga.core.problems import Problem, Refusal, in_order
from koga.evaluate.funds import fund_release
from koga.evaluate.funds.fund import DIMENSIONS, Fund, Funds
from koga.evaluate.panels import tables

if TYPE_CHECKING:
    from koga.release.read import Release

DATED, TOTALS = ("fund", "date", "amount"), ("fund", "paid_in", "distributed", "nav")
PARTS = (*DATED, "type", *TOTALS[1:], *DIMENSIONS)
"""Every column that is read; another heading may stand for one."""
INVESTING = ("equity", "loan")
"""Instruments whose programmes are read as funds in a release."""
_NAV = "nav"

Row = Mapping[str, str | None]


def read(
    path: Path, headings: Mapping[str, str] | None = None, values: Path | None = None
) -> Funds:
    """Read a CSV, a Parquet file or a release's folder; a `Refusal` with every problem.

    headings: part -> heading where the file calls it otherwise. values: for a release, a CSV
    `fund,date,amount` of values, since a release has flows and no values.
    """
    if path.is_dir():
        return _from_release(path, values)
    table = tables.read(path)
    named = {part: (headings or {}).get(part, part) for part in PARTS}
    there = {part for part, heading in named.items() if heading in table.headings}
    form = "flows" if "date" in there or not set(TOTALS) <= there else "totals"
    needed = DATED if form == "flows" else TOTALS
    asked = [part for part in (headings or {}) if part not in there]
    missing = [named[part] for part in dict.fromkeys([*needed, *asked]) if part not in there]
    if missing:
        details = {"expected": ", ".join(table.headings)}
        raise Refusal([Problem("funds.columns", path.name, name, details) for name in missing])
    frame = table.frame.select([*(named[part] for part in PARTS if part in there)])
    text = frame.rename({named[part]: part for part in PARTS if part in there})
    rows = [{name: None if cell is None else f"{cell}" for name, cell in row.items()}
            for row in text.iter_rows(named=True)]  # fmt: skip
    build = _dated if form == "flows" else _totals
    return build(rows, Funds(path.name, table.sha256, (), form))


def _dated(rows: Sequence[Row], about: Funds) -> Funds:
    kinds = {(row.get("type") or "").strip().lower() for row in rows}
    typed = bool(kinds - {"", _NAV})
    found: list[Problem] = []
    cash, values = _by_fund(rows, about.source, found, typed=typed)
    groups = _groups(rows, about.source, found)
    funds = [
        Fund(code, groups.get(code, {}), tuple(flows), tuple(values.get(code, ())))
        for code, flows in cash.items()
    ]
    return _whole(about, funds, found, typed=typed)


def _by_fund(
    rows: Sequence[Row], name: str, found: list[Problem], *, typed: bool
) -> tuple[dict[str, list[Cash]], dict[str, list[Value]]]:
    """Flows and values of each fund; what is wrong goes to `found` with its row."""
    cash: dict[str, list[Cash]] = {}
    values: dict[str, list[Value]] = {}
    for number, row in enumerate(rows, start=1):
        where = f"{name}, row {number}"
        code = _code(row, where, found)
        cash.setdefault(code, [])
        worth = (row.get("type") or "").strip().lower() == _NAV
        try:
            (one,) = reading.read_cash([row], where, typed=typed and not worth)
        except Refusal as refusal:
            found += [_placed(problem) for problem in refusal.problems]
            continue
        if not worth:
            cash[code].append(one)
        elif one.amount < 0:
            found.append(Problem("funds.value_negative", where, f"{row['amount']}"))
        else:
            values.setdefault(code, []).append(Value(one.day, one.amount))
    return cash, values


def _totals(rows: Sequence[Row], about: Funds) -> Funds:
    found: list[Problem] = []
    sums: dict[str, list[Fraction]] = {}
    for number, row in enumerate(rows, start=1):
        where = f"{about.source}, row {number}"
        code = _code(row, where, found)
        into = sums.setdefault(code, [Fraction(0)] * 3)
        for place, part in enumerate(TOTALS[1:]):
            try:
                (amount,) = reading.read_amounts([{"amount": row[part]}], where)
            except Refusal as refusal:
                found += [_placed(problem, part) for problem in refusal.problems]
                continue
            if amount < 0 and part != "distributed":  # recalled above paid out: it happens
                found.append(Problem("funds.value_negative", f"{where}, {part}", f"{row[part]}"))
            into[place] += amount
    groups = _groups(rows, about.source, found)
    funds = [
        Fund(code, groups.get(code, {}), totals=(paid, out, left))
        for code, (paid, out, left) in sums.items()
    ]
    return _whole(about, funds, found)


def _placed(problem: Problem, part: str = "amount") -> Problem:
    """A problem of a one-row reading, at its row of the file."""
    where = problem.where.replace(", row 1", "").replace(", amount", f", {part}")
    return Problem(problem.code, where, problem.value, problem.details)


def _code(row: Row, where: str, found: list[Problem]) -> str:
    code = (row.get("fund") or "").strip()
    if not code:
        found.append(Problem("funds.no_fund", where))
    return code


def _groups(rows: Sequence[Row], name: str, found: list[Problem]) -> dict[str, dict[str, str]]:
    """What each fund says of itself; a fund that says two things is a problem."""
    groups: dict[str, dict[str, str]] = {}
    for number, row in enumerate(rows, start=1):
        own = groups.setdefault((row.get("fund") or "").strip(), {})
        for dimension in DIMENSIONS:
            said = (row.get(dimension) or "").strip()
            if said and own.setdefault(dimension, said) != said:
                where = f"{name}, row {number}, {dimension}"
                details = {"earlier": own[dimension]}
                found.append(Problem("funds.says_two_things", where, said, details))
    return groups


def _whole(about: Funds, funds: list[Fund], found: list[Problem], *, typed: bool = False) -> Funds:
    """The funds with money paid in; a `Refusal` where anything was wrong or none is left."""
    if found:
        raise Refusal(in_order(found))
    kept = tuple(_with_vintage(fund) for fund in funds if _paid_anything(fund, typed=typed))
    if not kept:
        raise Refusal(Problem("funds.nothing", about.source))
    dropped = len(funds) - len(kept)
    return Funds(
        about.source, about.sha256, kept, about.form, about.unit, typed, never_paid=dropped
    )


def _paid_anything(fund: Fund, *, typed: bool) -> bool:
    if fund.totals is not None:
        return fund.totals[0] > 0
    real = performance.real_flows(fund.cash) if typed else fund.cash
    return any(flow.amount < 0 for flow in real)


def _with_vintage(fund: Fund) -> Fund:
    """Where the vintage is not said, the year of the first payment."""
    if "vintage" in fund.groups or not fund.cash:
        return fund
    first = min(flow.day for flow in fund.cash if flow.amount < 0)
    return Fund(fund.code, {**fund.groups, "vintage": f"{first.year}"}, fund.cash, fund.values)


def _from_release(folder: Path, values: Path | None) -> Funds:
    """The funds of a release; in one without, its programmes of equity and loans in won."""
    from koga.release.read import open_release

    release = open_release(folder)
    worth = _release_values(values) if values else {}
    if fund_release.has_funds(release):
        return fund_release.read(release, worth, values.name if values else "")
    cash: dict[str, list[Cash]] = {}
    groups: dict[str, dict[str, str]] = {}
    for row in _invested(release):
        code = f"{row['agency']}/{row['programme']}"
        day = Period.parse(row["quarter"]).end
        sign = -1 if row["stage"] == "delivered" else 1
        cash.setdefault(code, []).append(Cash(day, Fraction(sign * row["amount"])))
        own = {name: row[name] or "" for name in ("instrument", "sector")}
        own["manager"] = row["agency"]
        before = groups.setdefault(code, own)
        groups[code] = {name: said for name, said in before.items() if said == own[name]}
    unknown = sorted(set(worth) - set(cash))
    if unknown:
        where = values.name if values else ""
        raise Refusal([Problem("funds.unknown_fund", where, code) for code in unknown])
    funds = [
        Fund(code, groups[code], tuple(flows), tuple(worth.get(code, ())))
        for code, flows in cash.items()
    ]
    about = Funds(folder.name, release.manifest.sha256, (), "release", "KRW")
    return _whole(about, funds, [])


def _invested(release: "Release") -> Iterable[dict[str, Any]]:
    return (
        row
        for row in release.rows("flows")
        if row["unit"] == "KRW"
        and row["instrument"] in INVESTING
        and row["stage"] in ("delivered", "returned")
        and row["amount"]
    )


def _release_values(path: Path) -> dict[str, list[Value]]:
    table = tables.read(path)
    missing = [part for part in DATED if part not in table.headings]
    if missing:
        details = {"expected": ", ".join(table.headings)}
        raise Refusal([Problem("funds.columns", path.name, name, details) for name in missing])
    rows = [{**row, "type": _NAV} for row in table.frame.iter_rows(named=True)]
    found: list[Problem] = []
    _, values = _by_fund(rows, path.name, found, typed=False)
    if found:
        raise Refusal(in_order(found))
    return values
