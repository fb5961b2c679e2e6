"""A row of a register as an award: every field read, or every problem the row has."""

import hmac
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any

from koga.core import identifiers, money
from koga.core.problems import Problem, Refusal, ensure
from koga.core.units import find
from koga.operate.imports import identity, numbers
from koga.operate.imports.mapping import RegisterMapping, Rule
from koga.operate.imports.mapping_keys import SHARES
from koga.operate.imports.places import Places
from koga.operate.imports.recipients import Recipient, recipient_reader
from koga.operate.imports.sheets import Row

LENGTHS = {"title": 2000, "region": 200, "source_number": 200, "legal_basis": 300, "parent": 200}
_TRUE = {"true", "1", "yes", "y", "o", "예", "네", "포함"}
_FALSE = {"false", "0", "no", "n", "x", "아니오", "제외", "미포함"}
RECORD_MAX = 2**53 - 1
"""Largest amount of one record: the last integer every JSON reader keeps, 9,007조 won."""
Cells = Sequence[str]
Getter = Callable[[Cells], str]


@dataclass(slots=True)
class Award:
    """One row as it is to stand in the books.

    key: identity by declared columns, or "" where `content` and occurrence identify the row.
    rounded: what rounding added, per amount field, in smallest units. The rest as in RECORDS.
    """

    row: int
    key: str
    content: str
    agency: str
    programme: str
    instrument: str
    sector: str
    title: str
    recipient: Recipient
    region: str
    awarded_on: date
    fiscal_year: int
    unit: str
    amount: int
    shares: tuple[int | None, ...]
    parent: str
    counts_in_total: bool
    source_number: str
    warnings: list[Problem] = field(default_factory=list)
    rounded: dict[str, Decimal] = field(default_factory=dict)


class AwardReader:
    """Reads rows by one mapping; `places` knows and collects agencies and programmes."""

    def __init__(
        self, mapping: RegisterMapping, columns: Sequence[str], places: Places, secret: str
    ) -> None:
        self.mapping, self.places, self.secret = mapping, places, secret
        self.index = {column: place for place, column in enumerate(columns)}
        self.get: dict[str, Getter] = {
            name: getter(rule, self.index) for name, rule in mapping.fields.items()
        }
        self.number = numbers.reader(mapping.amounts)
        self.day = numbers.day_reader(mapping.date_formats)
        self.recipient = recipient_reader(mapping, secret)
        self.keys = [self.index[column] for column in mapping.identity]
        self.content = self._content_cells()

    def _content_cells(self) -> list[tuple[str, int, str]]:
        """Columns that make a row's content, by name: (name, place, how it is made canonical)."""
        fields = self.mapping.fields
        amounts = {fields[name].column for name in ("amount", *SHARES) if name in fields}
        days = {fields["awarded_on"].column}
        chosen = self.mapping.content or self.mapping.columns
        kinds = {column: "amount" for column in amounts} | {column: "day" for column in days}
        return [(name, self.index[name], kinds.get(name, "")) for name in sorted(set(chosen))]

    def read(self, row: Row) -> Award | list[Problem]:
        """The award of a row, or all its problems."""
        if row.problems:
            return list(row.problems)
        row = Row(row.number, tuple(map(clean, row.cells)))
        problems: list[Problem] = []
        text = self._texts(row, problems)
        agency, programme = self.places.of_row(text, row.number, problems)
        unit = self._unit(text, programme, row.number, problems)
        amount, shares, rounded = self._amounts(row, unit, problems)
        awarded_on = self._awarded_on(text["awarded_on"], row.number, problems)
        fiscal_year = self._fiscal_year(text["fiscal_year"], awarded_on, row.number, problems)
        recipient = self.recipient(text, row.number, problems)
        counts = self._counts(text, row.number, problems)
        key = self._key(row, problems)
        instrument, sector = self.places.kind_of(text, programme, row.number, problems)
        if problems:
            return problems
        ensure(amount is not None and awarded_on is not None, "a row without problems is complete")
        named = recipient.kind != "person" or self.mapping.keep_title
        return Award(
            row=row.number,
            key=key,
            content="" if key else self._content(row.cells, recipient.kind == "person"),
            agency=agency,
            programme=programme,
            instrument=instrument,
            sector=sector,
            title=text["title"] if named else "",
            recipient=recipient,
            region=recipient.region(text["region"]),
            awarded_on=awarded_on,  # type: ignore[arg-type]
            fiscal_year=fiscal_year,
            unit=unit,
            amount=amount,  # type: ignore[arg-type]
            shares=shares,
            parent=text["parent"],
            counts_in_total=counts,
            source_number=text["source_number"] or key,
            warnings=self._warnings(text, recipient, row.number),
            rounded=rounded,
        )

    def _texts(self, row: Row, problems: list[Problem]) -> dict[str, str]:
        """Every field as text by its rule, blank where the mapping has none."""
        text = dict.fromkeys(_TEXT_FIELDS, "")
        for name, get in self.get.items():
            text[name] = get(row.cells)
        for name, limit in LENGTHS.items():
            if len(text[name]) > limit:
                where = f"row {row.number}, {name}"
                problems.append(
                    Problem(
                        "imports.too_long", where, f"{len(text[name]):,}", {"limit": f"{limit:,}"}
                    )
                )
        return text

    def _unit(
        self, text: Mapping[str, str], programme: str, number: int, problems: list[Problem]
    ) -> str:
        unit = text["unit"] or self.places.unit_of(programme)
        where = f"row {number}, unit"
        if not unit:
            if programme or not self.mapping.programmes_existing:
                problems.append(Problem("imports.blank", where, "unit"))
            return ""
        try:
            find(unit, where)
        except Refusal as refusal:
            problems += refusal.problems
            return ""
        return unit

    def _amounts(
        self, row: Row, unit: str, problems: list[Problem]
    ) -> tuple[int | None, tuple[int | None, ...], dict[str, Decimal]]:
        exact = {
            name: self._exact(name, row, problems)
            for name in ("amount", *SHARES)
            if name in self.get
        }
        where = f"row {row.number}, amount"
        amount = exact["amount"]
        parts = [exact.get(name) for name in self.mapping.split_sums]
        given = [part for part in parts if part is not None]
        if amount is not None and parts and len(given) == len(parts) and sum(given) != amount:
            details = {"sum": f"{sum(given):,}"}
            problems.append(Problem("imports.split", where, f"{amount:,}", details))
        rounded: dict[str, Decimal] = {}
        if not unit:
            return None, (), rounded
        whole = {
            name: self._whole(value, unit, f"row {row.number}, {name}", problems, rounded)
            for name, value in exact.items()
            if value is not None
        }
        _fit_shares(whole, self.mapping.split_sums if len(given) == len(parts) else ())
        return whole.get("amount"), tuple(whole.get(name) for name in SHARES), rounded

    def _exact(self, name: str, row: Row, problems: list[Problem]) -> Decimal | None:
        cell = self.get[name](row.cells)
        where = f"row {row.number}, {name}"
        if not cell:
            if name == "amount":
                problems.append(Problem("imports.blank", where, "amount"))
            return None
        try:
            return self.number(cell, where)
        except Refusal as refusal:
            problems += refusal.problems
            return None

    def _whole(
        self,
        number: Decimal,
        unit: str,
        where: str,
        problems: list[Problem],
        rounded: dict[str, Decimal],
    ) -> int | None:
        try:
            whole = money.to_smallest(
                number, unit, rounding=self.mapping.amounts.rounding, where=where
            )
        except Refusal as refusal:
            problems += refusal.problems
            return None
        if abs(whole) > RECORD_MAX:
            limit = {"limit": f"{RECORD_MAX:,}"}
            problems.append(Problem("money.too_large", where, f"{whole:,}", limit))
            return None
        difference = whole - number.scaleb(find(unit).scale)
        if difference:
            rounded[where.rpartition(" ")[2]] = difference
        return whole

    def _awarded_on(self, text: str, number: int, problems: list[Problem]) -> date | None:
        where = f"row {number}, awarded_on"
        if not text:
            problems.append(Problem("imports.blank", where, "awarded_on"))
            return None
        day = self.day(text)
        if day is None:
            expected = " · ".join((*self.mapping.date_formats, "2026-03-31"))
            problems.append(Problem("dates.unreadable", where, text, {"expected": expected}))
        elif not 1900 <= day.year <= 2100:
            problems.append(Problem("imports.year", where, text))
        return day

    def _fiscal_year(
        self, text: str, awarded_on: date | None, number: int, problems: list[Problem]
    ) -> int:
        if not text:
            return awarded_on.year if awarded_on else 0
        if text.isascii() and text.isdigit() and 1900 <= int(text[:6]) <= 2100:
            return int(text)
        problems.append(Problem("imports.year", f"row {number}, fiscal_year", text))
        return 0

    def _counts(self, text: Mapping[str, str], number: int, problems: list[Problem]) -> bool:
        given = text["counts_in_total"].casefold()
        if not given:
            return not text["parent"]
        if given not in _TRUE | _FALSE:
            details = {"expected": "true, false"}
            where = f"row {number}, counts_in_total"
            problems.append(Problem("imports.choice", where, given, details))
        return given in _TRUE

    def _key(self, row: Row, problems: list[Problem]) -> str:
        if not self.keys:
            return ""
        parts = [row.cells[place] for place in self.keys]
        if not all(parts):
            columns = ", ".join(self.mapping.identity)
            problems.append(Problem("imports.blank", f"row {row.number}", columns))
            return ""
        return identity.of_key(parts)

    def key_of(self, row: Row) -> str:
        """The declared key of a row that may have problems elsewhere; blank where it has none."""
        return self._key(Row(row.number, tuple(map(clean, row.cells))), []) if row.cells else ""

    def _content(self, cells: Cells, personal: bool) -> str:
        """The hash of a row's content; under the books' secret where it may name a person."""
        parts = []
        for name, place, kind in self.content:
            parts += [name, self._canonical(cells[place], kind) if kind else cells[place]]
        digest = identity.digest_of(parts)
        if personal:
            return hmac.new(bytes.fromhex(self.secret), digest.digest(), "sha256").hexdigest()
        return digest.hexdigest()

    def _canonical(self, cell: str, kind: str) -> str:
        """A cell as it would be in any kind of file: 1,000.50 and 1000.5 are one."""
        if kind == "amount" and cell:
            try:
                return f"{self.number(cell, '').normalize():f}"
            except Refusal:
                return cell
        day = self.day(cell) if kind == "day" else None
        return day.isoformat() if day else str(cell)

    def _warnings(
        self, text: Mapping[str, str], recipient: Recipient, number: int
    ) -> list[Problem]:
        given = text["recipient_id"]
        if not given or not self.mapping.number or recipient.kind == "person":
            return []
        where = f"row {number}, recipient_id"
        if self.mapping.number == "business":
            return identifiers.check_business_number(given, where)
        return identifiers.check_corporate_number(given, where)


_TEXT_FIELDS = (
    "agency", "agency_name", "programme", "programme_name", "instrument", "sector", "legal_basis",
    "title", "recipient", "recipient_id", "recipient_class", "region", "awarded_on", "fiscal_year",
    "unit", "parent", "counts_in_total", "source_number",
)  # fmt: skip


def _fit_shares(whole: dict[str, Any], split_sums: Sequence[str]) -> None:
    """Shares rounded apart may miss the rounded amount; the largest takes the difference."""
    shares = [name for name in split_sums if whole.get(name) is not None]
    if not shares or whole.get("amount") is None:
        return
    difference = whole["amount"] - sum(whole[name] for name in shares)
    if 0 < abs(difference) <= len(shares):
        whole[max(shares, key=lambda name: abs(whole[name]))] += difference


def clean(cell: str) -> str:
    """A cell composed (NFC), with runs of white space as one blank; the same object if unchanged.

    >>> clean(" 보조   사업 ")
    '보조 사업'
    """
    text = " ".join((cell if cell.isascii() else unicodedata.normalize("NFC", cell)).split())
    return cell if text == cell else text


def getter(rule: Rule, index: Mapping[str, int]) -> Getter:
    """The rule as a function of a row's cells."""
    take = _source(rule, index)
    if not rule.lookup and rule.otherwise is None:
        default = rule.default
        return (lambda cells: take(cells) or default) if default else take

    def looked_up(cells: Cells) -> str:
        value = take(cells)
        found = rule.lookup.get(value)
        if found is None and value:
            found = value if rule.otherwise is None else rule.otherwise
        return found or rule.default

    return looked_up


def _source(rule: Rule, index: Mapping[str, int]) -> Getter:
    if rule.column:
        return itemgetter(index[rule.column])
    if not rule.template:
        constant = rule.constant
        return lambda cells: constant
    texts, places = rule.parts[::2], [index[column] for column in rule.parts[1::2]]
    head, tails = texts[0], list(zip(places, texts[1:], strict=True))

    def joined(cells: Cells) -> str:
        if not any(cells[place] for place in places):
            return ""
        return clean(head + "".join([cells[place] + tail for place, tail in tails]))

    return joined
