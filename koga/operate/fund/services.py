"""Writes about funds: the register, and cash books taken in. One file is one transaction."""

import csv
import io
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.db import transaction

from koga.core import fund_rules, money
from koga.core.dates import parse_day
from koga.core.problems import Problem, Refusal, in_order
from koga.operate.fund import book, selectors
from koga.operate.fund.book import KINDS, Row
from koga.operate.fund.models import Fund
from koga.operate.ledger import services as ledger
from koga.operate.parties.models import Agency, Person, Role
from koga.operate.parties.services import require_role
from koga.release.tables import FUNDS

COLUMNS = ("date", "kind", "party", "amount", "cost")
NEEDED = COLUMNS[:4]
STATED = (
    "fund", "agency", "name_ko", "name_en", "manager", "manager_ko", "manager_en", "vintage",
    "instrument", "sector", "legal_form", "disclosure", "legal_basis",
)  # fmt: skip
"""What a fund's file says; all but sector, legal form and legal basis must be there."""
_OPTIONAL = ("sector", "legal_form", "legal_basis")


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking a cash book in did: rows read, entries posted, rows that stood there already."""

    read: int
    posted: int
    unchanged: int


@transaction.atomic
def register(text: str, *, rules: str = "", person: Person, where: str = "fund") -> Fund:
    """Put a fund into the register as its TOML file says; said again, the later text stands.

    rules: its rules (규약) as TOML, checked as `koga check` does. A `Refusal` lists every problem.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as trouble:
        raise Refusal(Problem("fund_book.unreadable", where, str(trouble))) from None
    found = _register_problems(said, where)
    if rules:
        found += fund_rules.check(rules, f"{where}, rules")
    if found:
        raise Refusal(in_order(found))
    require_role(person, Role.OPERATOR, said["agency"])
    values: dict[str, Any] = {name: said.get(name, "") for name in STATED if name != "fund"}
    values["agency_id"] = values.pop("agency")
    held, _ = Fund.objects.update_or_create(
        fund=said["fund"], defaults={**values, "rules": rules}
    )  # fmt: skip
    ledger.open_ledger(held.fund)
    return held


def _register_problems(said: Mapping[str, Any], where: str) -> list[Problem]:
    found = [
        Problem("fund_book.key_unknown", f"{where}, {name}", name, {"expected": ", ".join(STATED)})
        for name in said
        if name not in STATED
    ]
    found += [
        Problem("fund_book.key_missing", f"{where}, {name}")
        for name in STATED
        if name not in _OPTIONAL and not said.get(name)
    ]
    for name, words in FUNDS.closed.items():
        if said.get(name) and said[name] not in words:
            expected = {"expected": ", ".join(words)}
            found.append(
                Problem("fund_book.not_one_of", f"{where}, {name}", f"{said[name]}", expected)
            )
    vintage = said.get("vintage")
    if vintage and not (isinstance(vintage, int) and 1900 <= vintage <= 2200):
        found.append(Problem("fund_book.vintage", f"{where}, vintage", f"{vintage}"))
    agency = said.get("agency")
    if agency and not Agency.objects.filter(pk=agency).exists():
        found.append(Problem("fund_book.agency", f"{where}, agency", f"{agency}"))
    return found


def read_book(text: str, where: str) -> list[Row]:
    """The rows of a cash book (CSV); a `Refusal` lists every problem of every row."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    header = reader.fieldnames or []
    missing = [name for name in NEEDED if name not in header]
    if missing:
        details = {"expected": ", ".join(COLUMNS)}
        raise Refusal([Problem("fund_book.column", where, name, details) for name in missing])
    found: list[Problem] = []
    rows = [_row(number, cells, where, found) for number, cells in enumerate(reader, start=1)]
    whole = [row for row in rows if row is not None]
    for before, after in pairwise(whole):
        if after.day < before.day:
            place = f"{where}, row {after.number}"
            found.append(Problem("fund_book.order", place, f"{after.day}", {"last": before.day}))
    if not rows:
        found.append(Problem("fund_book.empty", where))
    if found:
        raise Refusal(in_order(found))
    return whole


def _row(number: int, cells: Mapping[str, str], where: str, found: list[Problem]) -> Row | None:
    place = f"{where}, row {number}"
    said = {name: (cells.get(name) or "").strip() for name in COLUMNS}
    problems: list[Problem] = []
    kind = said["kind"]
    if kind not in KINDS:
        expected = {"expected": ", ".join(KINDS)}
        problems.append(Problem("fund_book.kind", f"{place}, kind", kind, expected))
    elif (kind in book.BY_RULES) == bool(said["party"]) and not (
        kind == "expense" and not said["party"]
    ):
        problems.append(Problem("fund_book.party", f"{place}, party", said["party"]))
    day = _day(said["date"], place, problems)
    needs_none = kind == "accrue"
    amount = 0 if needs_none else _won(said["amount"], f"{place}, amount", problems)
    cost = _won(said["cost"], f"{place}, cost", problems) if kind == "proceeds" else 0
    found += problems
    if problems or day is None:
        return None
    party = said["party"] or ("general" if kind == "expense" else "")
    return Row(number, day, kind, party, amount, cost)


def _day(text: str, place: str, problems: list[Problem]) -> date | None:
    try:
        return parse_day(text, f"{place}, date")
    except Refusal as refusal:
        problems.extend(refusal.problems)
        return None


def _won(text: str, place: str, problems: list[Problem]) -> int:
    try:
        amount = money.parse_won(text, place)
    except Refusal as refusal:
        problems.extend(refusal.problems)
        return 0
    if amount < 0:
        problems.append(Problem("fund_book.negative", place, text))
    return amount


@transaction.atomic
def take_in(fund: str, rows: Iterable[Row], *, person: Person) -> Taken:
    """Post the rows of a cash book that do not stand in the ledger yet, in their order.

    The same row again changes nothing; a row that stands there with another amount is refused
    (reverse its entry first), and so is a new row before the last day booked, since what the rules
    give depends on the order. A `Refusal` leaves nothing posted.
    """
    held = selectors.fund_named(fund)
    require_role(person, Role.OPERATOR, held.agency_id)
    rules = fund_rules.parse(held.rules, fund) if held.rules else None
    standing = selectors.standing(fund)
    fresh, found, unchanged, read = [], [], 0, 0
    for key, row in _keyed(rows):
        read += 1
        place = f"{fund}, row {row.number}"
        if key in standing.keys:
            unchanged += 1
            if standing.keys[key] != row.said:
                details = {"stands": standing.keys[key]}
                found.append(Problem("fund_book.changed", place, row.said, details))
        elif standing.held.last is not None and row.day < standing.held.last:
            details = {"last": standing.held.last}
            found.append(Problem("fund_book.order", place, f"{row.day}", details))
        else:
            fresh.append((key, row))
    if found:
        raise Refusal(in_order(found))
    made = list(book.entries(fund, rules, standing.held, fresh))
    ledger.post_many(made, maker=person.opaque_id)
    return Taken(read, len(made), unchanged)


def _keyed(rows: Iterable[Row]) -> list[tuple[str, Row]]:
    """Rows with their keys: day, kind and party, and which of several alike."""
    seen: Counter[tuple[date, str, str]] = Counter()
    keyed = []
    for row in rows:
        alike = (row.day, row.kind, row.party)
        seen[alike] += 1
        key = " ".join(("book", f"{row.day}", row.kind, row.party, f"{seen[alike]}")).strip()
        keyed.append((key, row))
    return keyed
