"""The books as an accountant's workbook: 분개장, 계정별원장, 합계잔액시산표.

Amounts are numbers with the decimals of their commodity; above fifteen figures, which a cell cannot
hold exactly, they stand as text. Commodities are never added to each other. Text cells are written
as text, so a reference that begins with `=` is not a formula.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from koga.core.units import as_decimal, find

ROWS_MAX = 1_048_576
"""Rows of an Excel sheet."""
HEADER_ROWS = 2
EXACT_MAX = 10**15


@dataclass(frozen=True, slots=True)
class BookLine:
    """One line of the journal, as printed.

    ledger, entry, line: its address. effective: its day; recorded: when it was posted, as text.
    kind: the kind of entry as people say it. account, heading: its account and the account's
    family. unit, amount: commodity and smallest units, debit positive. reverses: the entry it
    undoes, as text. relates_to: the closed period it belongs to.
    """

    ledger: str
    entry: int
    line: int
    effective: date
    recorded: str
    kind: str
    account: str
    heading: str
    unit: str
    amount: int
    reference: str
    key: str
    reverses: str
    relates_to: str
    maker: str
    checker: str


_JOURNAL = (
    ("원장", "Ledger", 14),
    ("분개번호", "Entry", 10),
    ("줄", "Line", 6),
    ("날짜", "Effective", 12),
    ("종류", "Kind", 18),
    ("계정과목", "Account", 34),
    ("계정 구분", "Family", 18),
    ("단위", "Unit", 14),
    ("차변", "Debit", 20),
    ("대변", "Credit", 20),
    ("적요", "Reference", 24),
    ("취소한 분개", "Reverses", 14),
    ("관련 기간", "Relates to", 12),
    ("작성", "Maker", 20),
    ("승인", "Checker", 20),
    ("기록 시각", "Recorded", 30),
    ("중복방지 열쇠", "Key", 36),
)
_ACCOUNTS = (
    ("원장", "Ledger", 14),
    ("계정과목", "Account", 34),
    ("단위", "Unit", 14),
    ("날짜", "Effective", 12),
    ("분개번호", "Entry", 10),
    ("종류", "Kind", 18),
    ("적요", "Reference", 24),
    ("차변", "Debit", 20),
    ("대변", "Credit", 20),
    ("차/대", "Dr/Cr", 8),
    ("잔액", "Balance", 20),
)
_TRIAL = (
    ("원장", "Ledger", 14),
    ("단위", "Unit", 14),
    ("차변 잔액", "Debit balance", 20),
    ("차변 합계", "Debit total", 20),
    ("계정과목", "Account", 34),
    ("대변 합계", "Credit total", 20),
    ("대변 잔액", "Credit balance", 20),
)


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account of the trial balance, or a total where `account` is ""."""

    ledger: str
    unit: str
    account: str
    debit: int
    credit: int
    debit_balance: int
    credit_balance: int


def trial_balance(lines: Iterable[BookLine]) -> list[TrialRow]:
    """합계잔액시산표: per ledger and unit its accounts, then their total."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for line in lines:
        pair = sums.setdefault((line.ledger, line.unit, line.account), [0, 0])
        pair[line.amount < 0] += abs(line.amount)
    rows = []
    for (ledger, unit), places in groupby(sorted(sums), key=lambda place: place[:2]):
        accounts = [_trial_row(place, *sums[place]) for place in places]
        total = TrialRow(
            ledger,
            unit,
            "",
            sum(row.debit for row in accounts),
            sum(row.credit for row in accounts),
            sum(row.debit_balance for row in accounts),
            sum(row.credit_balance for row in accounts),
        )
        rows += [*accounts, total]
    return rows


def _trial_row(place: tuple[str, str, str], debit: int, credit: int) -> TrialRow:
    net = debit - credit
    return TrialRow(*place, debit, credit, max(net, 0), max(-net, 0))


def write_books(path: Path, lines: Sequence[BookLine]) -> None:
    """Write the workbook; an `OSError` where the file cannot be made.

    `lines` come in the order of the journal, at most a sheet full.
    """
    import xlsxwriter

    path.write_bytes(b"")  # fails here and now; the writer would leave its temporary files open
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheets = _Sheets(book)
        sheets.write("분개장", _JOURNAL, (_journal_row(line) for line in lines))
        sheets.write("계정별원장", _ACCOUNTS, _account_rows(lines))
        sheets.write("합계잔액시산표", _TRIAL, map(_trial_cells, trial_balance(lines)))


@dataclass(frozen=True, slots=True)
class _Amount:
    """An amount to be printed in its commodity's decimals."""

    value: int
    unit: str


def _sided(amount: int, unit: str) -> tuple[_Amount | None, _Amount | None]:
    """Debit and credit cell of an amount."""
    size = _Amount(abs(amount), unit)
    return (size, None) if amount > 0 else (None, size)


def _journal_row(line: BookLine) -> list[Any]:
    return [
        line.ledger, line.entry, line.line, line.effective, line.kind, line.account, line.heading,
        line.unit, *_sided(line.amount, line.unit), line.reference, line.reverses,
        line.relates_to, line.maker, line.checker, line.recorded, line.key,
    ]  # fmt: skip


def _account_rows(lines: Iterable[BookLine]) -> Iterator[list[Any]]:
    """Per account its lines by day, with the running balance on its side."""

    def place(line: BookLine) -> tuple[str, str, str]:
        return line.ledger, line.account, line.unit

    def order(line: BookLine) -> tuple[Any, ...]:
        return *place(line), line.effective, line.entry, line.line

    for _, of_account in groupby(sorted(lines, key=order), key=place):
        balance = 0
        for line in of_account:
            balance += line.amount
            side = "차 Dr" if balance > 0 else "대 Cr" if balance < 0 else ""
            yield [
                line.ledger, line.account, line.unit, line.effective, line.entry, line.kind,
                line.reference, *_sided(line.amount, line.unit), side,
                _Amount(abs(balance), line.unit),
            ]  # fmt: skip


def _trial_cells(row: TrialRow) -> list[Any]:
    def cell(amount: int) -> _Amount:
        return _Amount(amount, row.unit)

    return [
        row.ledger, row.unit, cell(row.debit_balance), cell(row.debit),
        row.account or "합계 Total", cell(row.credit), cell(row.credit_balance),
    ]  # fmt: skip


class _Sheets:
    """Writes sheets of one workbook, row by row."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.text_amount = book.add_format({"align": "right"})
        self.amounts: dict[int, Any] = {}

    def write(
        self, name: str, columns: Sequence[tuple[str, str, int]], rows: Iterable[Sequence[Any]]
    ) -> None:
        """One sheet: a Korean and an English heading row, then its rows."""
        sheet = self.book.add_worksheet(name)
        for place, (_, _, width) in enumerate(columns):
            sheet.set_column(place, place, width)
        for number in range(HEADER_ROWS):
            for place, column in enumerate(columns):
                sheet.write_string(number, place, str(column[number]), self.head)
        sheet.freeze_panes(HEADER_ROWS, 0)
        for number, row in enumerate(rows, start=HEADER_ROWS):
            for place, value in enumerate(row):
                self._cell(sheet, number, place, value)

    def _cell(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if isinstance(value, _Amount):
            self._amount(sheet, row, column, value)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self.day)
        elif isinstance(value, int):
            sheet.write_number(row, column, value)
        elif value:
            sheet.write_string(row, column, value)

    def _amount(self, sheet: Any, row: int, column: int, amount: _Amount) -> None:
        number = as_decimal(amount.value, amount.unit)
        if amount.value >= EXACT_MAX:
            sheet.write_string(row, column, f"{number:,}", self.text_amount)
            return
        scale = find(amount.unit).scale
        if scale not in self.amounts:
            decimals = "." + "0" * scale if scale else ""
            self.amounts[scale] = self.book.add_format({"num_format": "#,##0" + decimals})
        sheet.write_number(row, column, number, self.amounts[scale])
