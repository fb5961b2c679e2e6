"""Reading flows, values and an index for `performance`: every problem with its row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from typing import TypeVar

from koga.core import ilpa, money
from koga.core.performance import Cash, Value
from koga.core.pme import Index
from koga.core.problems import Problem, Refusal, in_order

Row = Mapping[str, str | None]
Item = TypeVar("Item")


def read_cash(rows: Iterable[Row], where: str, *, typed: bool = False) -> list[Cash]:
    """Flows of a table with `date`, `amount` and, where typed, `type`.

    >>> read_cash([{"date": "2026-01-31", "amount": "-1,000.50"}], "flows")
    [Cash(day=datetime.date(2026, 1, 31), amount=Fraction(-2001, 2), kind='')]
    """
    found: list[Problem] = []
    cash = []
    for number, row in enumerate(rows, 1):
        place = f"{where}, row {number}"
        day = _day(row.get("date"), f"{place}, date", found)
        amount = _amount(row.get("amount"), f"{place}, amount", found)
        kind = _kind(row.get("type"), f"{place}, type", found) if typed else ""
        if day is not None and amount is not None:
            cash.append(Cash(day, amount, kind))
    return _whole(cash, found, where)


def read_amounts(rows: Iterable[Row], where: str) -> list[Fraction]:
    """The one column of a periodic table."""
    found: list[Problem] = []
    read = [
        _amount(row.get("amount"), f"{where}, row {number}, amount", found)
        for number, row in enumerate(rows, 1)
    ]
    return _whole([amount for amount in read if amount is not None], found, where)


def read_index(rows: Iterable[Row], where: str, *, kind: str = "") -> Index:
    """An index with `date` and `value`, each day once, values above 0."""
    found: list[Problem] = []
    values: dict[date, Fraction] = {}
    for number, row in enumerate(rows, 1):
        place = f"{where}, row {number}"
        day = _day(row.get("date"), f"{place}, date", found)
        value = _amount(row.get("value"), f"{place}, value", found)
        if value is not None and value <= 0:
            text = (row.get("value") or "").strip()
            found.append(Problem("performance.index_value", f"{place}, value", text))
        if day in values:
            found.append(Problem("fund.addressed_twice", f"{place}, date", f"{day}"))
        if day is not None and value is not None:
            values[day] = value
    days = sorted(_whole(list(values), found, where))
    return Index(tuple(days), tuple(values[day] for day in days), kind)


def read_values(options: Sequence[str], where: str = "--nav") -> list[Value]:
    """Values written `DATE=AMOUNT`.

    >>> read_values(["2025-12-31=1,000"])
    [Value(day=datetime.date(2025, 12, 31), amount=Fraction(1000, 1))]
    """
    found: list[Problem] = []
    values: list[Value] = []
    for option in options:
        text, equals, amount_text = option.partition("=")
        if not equals:
            found.append(Problem("performance.nav_option", where, option))
            continue
        day = _day(text, where, found)
        amount = _amount(amount_text, where, found)
        if day in {value.day for value in values}:
            found.append(Problem("fund.addressed_twice", where, text))
        if day is not None and amount is not None:
            values.append(Value(day, amount))
    if found:
        raise Refusal(in_order(found))
    return values


def read_commitment(text: str, where: str = "--commitment") -> Fraction:
    """A commitment as people write it; a `Refusal` where it is not above 0."""
    found: list[Problem] = []
    amount = _amount(text, where, found)
    if amount is not None and amount <= 0:
        found.append(Problem("fund.amount_negative", where, text))
    if found or amount is None:
        raise Refusal(found)
    return amount


def _whole(items: list[Item], found: list[Problem], where: str) -> list[Item]:
    """What was read, where nothing was wrong and something was there."""
    if not items and not found:
        found = [Problem("fund.flows_empty", where)]
    if found:
        raise Refusal(in_order(found))
    return items


def _day(text: str | None, where: str, found: list[Problem]) -> date | None:
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        expected = {"expected": "2026-03-31"}
        found.append(Problem("dates.unreadable", where, text or "", expected))
        return None


def _amount(text: str | None, where: str, found: list[Problem]) -> Fraction | None:
    """A decimal number, or won with 조, 억, 만."""
    given = (text or "").strip()
    if not given:
        found.append(Problem("fund.amount_blank", where))
        return None
    try:
        if any(unit in given for unit in "조억만원"):
            return Fraction(money.parse_won(given, where))
        return Fraction(money.parse_decimal(given, where))
    except Refusal as refusal:
        found.extend(refusal.problems)
        return None


def _kind(text: str | None, where: str, found: list[Problem]) -> str:
    kind = " ".join((text or "").split())
    if kind not in ilpa.TYPES:
        near = get_close_matches(kind, list(ilpa.TYPES), n=3, cutoff=0.4) or list(ilpa.TYPES)[:3]
        details = {"expected": " | ".join(near)}
        found.append(Problem("performance.unknown_type", where, kind, details))
    return kind
