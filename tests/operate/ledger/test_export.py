"""The books in other tools' hands: nothing lost, nothing added, the same balances."""

import csv
import io
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars
import pytest

from koga.core.journal import Entry
from koga.core.problems import Refusal
from koga.core.units import as_decimal
from koga.documents import books as workbooks
from koga.operate.ledger import export, selectors, services
from koga.operate.ledger.selectors import Line
from tests.books_on import Books, line, moved


@pytest.fixture
def mixed(books: Books) -> Books:
    """Two ledgers, four commodities, awkward names, a reversal, amounts a float would spoil."""
    at = {"using": books.using}
    entries = [
        moved("a", 9_007_199_254_740_993, reference='=cmd|" /c \\ calc"'),
        moved("b", 1_234_567, debit="delivered:교육.1_가", commodity="EUR", on=date(2026, 4, 2)),
        moved("c", 1_500, debit="delivered:gpu", commodity="GPU-HOUR-H100"),
        moved("d", 30, debit="delivered:gpu", commodity="SEAT", ledger="서울 AI허브"),
        moved("e", -700, ledger="서울 AI허브"),
        Entry("hub", "f", "deliver", date(2026, 5, 5),
              (line("delivered:p1", 3, "SEAT"), line("committed:p1", -3, "SEAT"),
               line("delivered:p1", 9, "EUR"), line("committed:p1", -9, "EUR"))),
    ]  # fmt: skip
    services.post_many(entries, maker="p1", **at)
    draft = services.reverse("hub", 2, key="undo", effective=date(2026, 6, 1), maker="p1", **at)
    services.approve(draft, checker="p2", **at)
    return books


def balances_of(lines: list[Line]) -> dict[tuple[str, str, str], int]:
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for each in lines:
        sums[each.ledger, each.account, each.commodity] += each.amount
    return dict(sums)


def test_given_the_books_when_written_as_csv_then_every_posting_is_a_row(mixed: Books) -> None:
    out = io.StringIO()

    count = export.lines_csv(out, using=mixed.using)

    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    lines = list(selectors.lines(using=mixed.using))
    assert count == len(rows) == len(lines) == 16
    assert [
        (row["ledger"], int(row["entry"]), row["account"], row["unit"], int(row["amount"]))
        for row in rows
    ] == [(each.ledger, each.seq, each.account, each.commodity, each.amount) for each in lines]
    assert all(int(row["debit"]) - int(row["credit"]) == int(row["amount"]) for row in rows)
    assert rows[0]["reference"] == '=cmd|" /c \\ calc"'
    assert rows[-1]["chain_hash"] == lines[-1].chain.hex()


def test_given_the_books_when_written_as_parquet_then_types_and_values_are_kept(
    mixed: Books, tmp_path: Path
) -> None:
    export.lines_parquet(tmp_path / "books.parquet", using=mixed.using)

    frame = polars.read_parquet(tmp_path / "books.parquet")
    lines = list(selectors.lines(using=mixed.using))
    assert frame["amount"].to_list() == [each.amount for each in lines]
    assert frame["effective"].to_list() == [each.effective for each in lines]
    assert frame["reverses"].to_list() == [each.reverses for each in lines]
    assert frame["checker"].to_list() == [each.checker for each in lines]
    assert [int(at.timestamp() * 1_000_000) // 10 for at in frame["recorded_at"]] == [
        each.recorded_us // 10 for each in lines
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["books.parquet"]


def test_given_no_entry_when_written_as_parquet_then_the_columns_are_there(
    books: Books, tmp_path: Path
) -> None:
    assert export.lines_parquet(tmp_path / "books.parquet", using=books.using) == 0

    assert polars.read_parquet(tmp_path / "books.parquet").columns == list(export.COLUMNS)


def rows_of(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]


def number(value: Any) -> Decimal:
    return Decimal(str(value).replace(",", "")) if value is not None else Decimal(0)


def test_given_the_books_when_written_as_a_workbook_then_its_sheets_agree_with_the_books(
    mixed: Books, tmp_path: Path
) -> None:
    export.workbook(tmp_path / "books.xlsx", using=mixed.using)

    book = openpyxl.load_workbook(tmp_path / "books.xlsx")
    assert book.sheetnames == ["분개장", "계정별원장", "합계잔액시산표"]
    journal, accounts, trial = (rows_of(sheet) for sheet in book)
    lines = list(selectors.lines(using=mixed.using))
    assert [number(row[8]) - number(row[9]) for row in journal] == [
        as_decimal(each.amount, each.commodity) for each in lines
    ]
    assert journal[0][10] == '=cmd|" /c \\ calc"'
    expected = {place: as_decimal(amount, place[2]) for place, amount in balances_of(lines).items()}
    last = {
        (row[0], row[1], row[2]): number(row[10]) * (-1 if str(row[9]).startswith("대") else 1)
        for row in accounts
    }
    assert last == expected
    of_accounts = [row for row in trial if row[4] != "합계 Total"]
    assert {
        (row[0], row[4], row[1]): number(row[2]) - number(row[6]) for row in of_accounts
    } == expected
    totals = [row for row in trial if row[4] == "합계 Total"]
    assert {(row[0], row[1]) for row in totals} == {(place[0], place[2]) for place in expected}
    assert all(number(row[3]) == number(row[5]) for row in totals)
    assert all(number(row[2]) == number(row[6]) for row in totals)


def test_given_an_amount_beyond_fifteen_figures_when_in_a_cell_then_it_is_exact_text(
    mixed: Books, tmp_path: Path
) -> None:
    export.workbook(tmp_path / "books.xlsx", using=mixed.using)

    cell = openpyxl.load_workbook(tmp_path / "books.xlsx")["분개장"].cell(3, 9).value

    assert cell == "9,007,199,254,740,993"


@pytest.mark.parametrize("engine", ["sqlite"])
def test_given_more_lines_than_a_sheet_holds_when_written_then_it_is_refused(
    mixed: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "ROWS_MAX", 17)

    with pytest.raises(Refusal, match="Excel sheet"):
        export.workbook(tmp_path / "books.xlsx", using=mixed.using)
    assert not (tmp_path / "books.xlsx").exists()


def test_given_the_books_when_beancount_reads_them_then_it_finds_no_error_and_the_same_balances(
    mixed: Books,
) -> None:
    from beancount import loader
    from beancount.core import data, realization

    text = "".join(export.beancount(using=mixed.using))
    entries, errors, _ = loader.load_string(text)
    lines = list(selectors.lines(using=mixed.using))

    assert errors == []
    found = {}
    root = realization.realize(entries)
    for place in balances_of(lines):
        name = export.beancount_account(place[0], place[1])
        inventory = realization.get(root, name).balance
        found[place] = inventory.get_currency_units(place[2]).number
    assert found == {
        place: as_decimal(amount, place[2]) for place, amount in balances_of(lines).items()
    }
    transactions = [each for each in entries if isinstance(each, data.Transaction)]
    assert {each.meta["entry"] for each in transactions} == {
        f"{each.ledger}#{each.seq}" for each in lines
    }
    assert {each.meta["chain"] for each in transactions} == {each.chain.hex() for each in lines}


NAMES = ["a", "A", "a-b", "a--b", "a_b", "a.b", "ab", "a-5f-b", "2026", "가", "각", "가-", "N"]


def test_given_any_two_accounts_when_named_for_beancount_then_the_names_differ() -> None:
    names = {
        export.beancount_account(ledger, f"{root}:{name}")
        for ledger in ("hub", "hub-", "Hub", "서울 AI", "서울AI", "a:b", "é")
        for root in ("delivered", "paid-in", "fee")
        for name in NAMES
    }

    assert len(names) == 7 * 3 * len(NAMES)


def test_given_one_ledger_when_exported_then_only_it_is(mixed: Books) -> None:
    out = io.StringIO()
    export.lines_csv(out, "서울 AI허브", using=mixed.using)
    text = "".join(export.beancount("서울 AI허브", using=mixed.using))

    assert out.getvalue().count("\n") == 5
    assert "Nhub" not in text
