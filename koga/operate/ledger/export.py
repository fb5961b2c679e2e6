"""The books for other tools: CSV, Parquet, an accountant's workbook, Beancount.

Every format holds every posting. Amounts stay integers of the smallest unit in CSV and Parquet; the
workbook and Beancount write them with the decimals of their commodity.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta, timezone
from itertools import groupby, islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from koga.core.accounts import KINDS, ROOTS, root_of
from koga.core.problems import Problem, Refusal
from koga.core.units import as_decimal
from koga.documents import books
from koga.operate.ledger import selectors
from koga.operate.ledger.clock import moment
from koga.operate.ledger.selectors import Line

COLUMNS: Mapping[str, Callable[[Line], Any]] = {
    "ledger": lambda line: line.ledger,
    "entry": lambda line: line.seq,
    "line": lambda line: line.line,
    "effective": lambda line: line.effective,
    "recorded_at": lambda line: moment(line.recorded_us),
    "kind": lambda line: line.kind,
    "account": lambda line: line.account,
    "unit": lambda line: line.commodity,
    "amount": lambda line: line.amount,
    "debit": lambda line: max(line.amount, 0),
    "credit": lambda line: max(-line.amount, 0),
    "reference": lambda line: line.reference,
    "key": lambda line: line.key,
    "reverses": lambda line: line.reverses,
    "relates_to": lambda line: line.relates_to,
    "maker": lambda line: line.maker,
    "checker": lambda line: line.checker,
    "content_hash": lambda line: line.content.hex(),
    "chain_hash": lambda line: line.chain.hex(),
}
"""Columns of CSV and Parquet; amounts in the smallest unit of `unit`."""


def csv_file(out: Path, ledger: str | None = None, *, using: str = "default") -> int:
    """Write every posting into a CSV file; returns how many."""
    with out.open("w", encoding="utf-8", newline="") as target:
        return lines_csv(target, ledger, using=using)


def lines_csv(out: IO[str], ledger: str | None = None, *, using: str = "default") -> int:
    """Write every posting as CSV; returns how many."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for line in selectors.lines(ledger, using=using):
        cells = (read(line) for read in COLUMNS.values())
        writer.writerow("" if cell is None else _text(cell) for cell in cells)
        count += 1
    return count


def _text(cell: Any) -> str:
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


def lines_parquet(out: Path, ledger: str | None = None, *, using: str = "default") -> int:
    """Write every posting as Parquet; returns how many.

    By way of a CSV file beside it, so that the books never have to fit into memory.
    """
    import polars

    with NamedTemporaryFile("w", encoding="utf-8", newline="", dir=out.parent) as between:
        count = lines_csv(between, ledger, using=using)
        between.flush()
        texts = [n for n, kind in _schema().items() if kind == polars.String and n != "recorded_at"]
        polars.scan_csv(between.name, schema=_schema()).with_columns(
            polars.col(texts).fill_null(""),
            polars.col("recorded_at").str.to_datetime("%+", time_unit="us", time_zone="UTC"),
        ).sink_parquet(out)
    return count


def _schema() -> dict[str, Any]:
    import polars

    numbers = dict.fromkeys(("entry", "line", "amount", "debit", "credit", "reverses"))
    return {name: polars.Int64 if name in numbers else polars.String for name in COLUMNS} | {
        "effective": polars.Date
    }


def workbook(out: Path, ledger: str | None = None, *, using: str = "default") -> int:
    """Write 분개장, 계정별원장 and 합계잔액시산표 as one Excel workbook; returns how many lines."""
    room = books.ROWS_MAX - books.HEADER_ROWS
    lines = list(islice(map(_book_line, selectors.lines(ledger, using=using)), room + 1))
    if len(lines) > room:
        raise Refusal(Problem("ledger.sheet_full", "xlsx", f"{len(lines):,}+"))
    books.write_books(out, lines)
    return len(lines)


_KOREA = timezone(timedelta(hours=9))


def _book_line(line: Line) -> books.BookLine:
    root, kind = root_of(line.account), KINDS.get(line.kind)
    return books.BookLine(
        ledger=line.ledger,
        entry=line.seq,
        line=line.line,
        effective=line.effective,
        recorded=moment(line.recorded_us).astimezone(_KOREA).isoformat(sep=" "),
        kind=kind.ko if kind else line.kind,
        account=line.account,
        heading=root.ko if root else "",
        unit=line.commodity,
        amount=line.amount,
        reference=line.reference,
        key=line.key,
        reverses="" if line.reverses is None else f"{line.ledger}#{line.reverses}",
        relates_to=line.relates_to,
        maker=line.maker,
        checker=line.checker,
    )


# --- Beancount

_SIDES = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
}


def beancount(ledger: str | None = None, *, using: str = "default") -> Iterator[str]:
    """The books as lines of a Beancount file: every entry one transaction.

    Beancount sums and checks them by itself; balances must agree with ours. Its account names
    allow less than ours: `beancount_account` writes ours so that no two become one.
    """
    yield 'option "title" "koga"\n'
    yield from _openings(ledger, using)
    by_entry = groupby(
        selectors.lines(ledger, using=using), key=lambda line: (line.ledger, line.seq)
    )
    for _, lines in by_entry:
        yield from _transaction(list(lines))


def beancount_file(out: Path, ledger: str | None = None, *, using: str = "default") -> int:
    """Write the Beancount file; returns how many postings it holds."""
    count = 0
    with out.open("w", encoding="utf-8") as target:
        for line in beancount(ledger, using=using):
            target.write(line)
            count += line.startswith("  ") and line[2].isupper()
    return count


def _openings(ledger: str | None, using: str) -> Iterator[str]:
    units: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    for code, account, unit, day in selectors.openings(ledger, using=using):
        name = beancount_account(code, account)
        units.setdefault(name, []).append(unit)
        first[name] = min(day.isoformat(), first.get(name, "9999-12-31"))
    for name, held in sorted(units.items()):
        yield f"{first[name]} open {name} {','.join(sorted(held))}\n"


def _transaction(lines: list[Line]) -> Iterator[str]:
    head = lines[0]
    kind = KINDS[head.kind].ko if head.kind in KINDS else head.kind
    yield f"\n{head.effective} * {_quoted(kind)} {_quoted(head.reference)}\n"
    known = {
        "ledger": head.ledger,
        "entry": f"{head.ledger}#{head.seq}",
        "kind": head.kind,
        "key": head.key,
        "recorded": moment(head.recorded_us).isoformat(),
        "reverses": "" if head.reverses is None else f"{head.ledger}#{head.reverses}",
        "relates-to": head.relates_to,
        "maker": head.maker,
        "checker": head.checker,
        "chain": head.chain.hex(),
    }
    yield from (f"  {name}: {_quoted(value)}\n" for name, value in known.items() if value)
    for line in lines:
        number = as_decimal(line.amount, line.commodity)
        account = beancount_account(line.ledger, line.account)
        yield f"  {account}  {number:f} {line.commodity}\n"


def beancount_account(ledger: str, account: str) -> str:
    """A Beancount name for an account of a ledger; two accounts never get the same one.

    Letters, digits and Hangul stay; a hyphen is doubled, any other character becomes its code
    point between hyphens. An N in front lets a part begin as Beancount wants.

    >>> beancount_account("시청", "delivered:hub-2_a")
    'Expenses:N시청:Delivered:Nhub--2-5f-a'
    """
    family, _, name = account.partition(":")
    side = _SIDES[ROOTS[family].side]
    return ":".join((side, _legal(ledger), family.capitalize(), _legal(name)))


def _legal(part: str) -> str:
    return "N" + "".join(
        character
        if (character.isascii() and character.isalnum()) or "가" <= character <= "힣"
        else "--" if character == "-" else f"-{ord(character):x}-"
        for character in part
    )  # fmt: skip


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
