"""Fictional registers drawn with a seed, in every form one mapping fits; and a damaged one.

Every name is invented; the agencies are those of the fictional city of the demonstration.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

COLUMNS = ("번호", "기관", "사업", "과제명", "받은곳", "지역", "결정일", "금액", "국비", "시비")
MAPPING = """
register = "hannuri"
version = 1
prefix = "HN"
source_system = "한누리 보조금 대장"
identity = ["번호"]

[fields.agency]
column = "기관"
[fields.programme]
column = "사업"
[fields.title]
column = "과제명"
[fields.recipient]
column = "받은곳"
[fields.region]
column = "지역"
[fields.awarded_on]
column = "결정일"
[fields.amount]
column = "금액"
[fields.amount_national]
column = "국비"
[fields.amount_city]
column = "시비"
[fields.instrument]
constant = "grant"
[fields.unit]
constant = "KRW"

[dates]
formats = ["%Y.%m.%d"]
[recipient]
person = ["^개인 "]
aggregate = ["여럿$"]
"""
WITHOUT_KEY = MAPPING.replace('identity = ["번호"]', f"content = {list(COLUMNS[1:])}")
_AGENCIES = ("한누리AI허브재단", "한누리성장공사", "한누리청년기술원")
_PROGRAMMES = ("씨앗 보조", "도약 융자", "교육 지원")
_HEADS = ("쿠나래", "뵤리온", "헤듀솜", "느와린", "퍼로민")
_TAILS = ("로보틱스", "바이오", "데이터", "랩스")


@dataclass(frozen=True, slots=True)
class Line:
    """One row: number, agency, programme, title, recipient, region, day, won and two shares."""

    number: int
    agency: str
    programme: str
    title: str
    recipient: str
    region: str
    day: date
    amount: int
    national: int
    city: int

    def texts(self) -> tuple[str, ...]:
        """The row as a CSV register writes it."""
        return (
            str(self.number), self.agency, self.programme, self.title, self.recipient, self.region,
            self.day.strftime("%Y.%m.%d"), f"{self.amount:,}", f"{self.national:,}",
            f"{self.city:,}",
        )  # fmt: skip


def lines(count: int, *, seed: int = 7) -> list[Line]:
    """Rows of a register, the same for the same seed."""
    draw = Random(seed)
    return [_line(draw, number) for number in range(1, count + 1)]


def _line(draw: Random, number: int) -> Line:
    agency = draw.randrange(len(_AGENCIES))
    amount = draw.randint(1, 900) * 100_000
    national = amount * draw.randint(0, 10) // 10
    kinds = (f"{draw.choice(_HEADS)}{draw.choice(_TAILS)}", "개인 홍가나", "교육생 여럿", "")
    return Line(
        number=number,
        agency=_AGENCIES[agency],
        programme=f"{_PROGRAMMES[agency]} {draw.randint(1, 3)}",
        title=f"과제 {draw.randint(1, 10**6)}",
        recipient=kinds[draw.choices(range(4), (85, 5, 5, 5))[0]],
        region=f"한누리시 온새구 {draw.randint(1, 99)}번길",
        day=date(2025, 1, 1) + timedelta(draw.randint(0, 364)),
        amount=amount,
        national=national,
        city=amount - national,
    )


def as_csv(rows: Sequence[Line], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """The register as CSV."""
    return texts_as_csv([row.texts() for row in rows], encoding=encoding, delimiter=delimiter)


def texts_as_csv(
    rows: Sequence[Sequence[str]], *, encoding: str = "utf-8", delimiter: str = ","
) -> bytes:
    """Rows of text as CSV with the register's header."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_excel(rows: Sequence[Line], *, sheet: str = "대장") -> bytes:
    """The register as a workbook: numbers as numbers, days as days."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        form = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, COLUMNS)
        for place, row in enumerate(rows, start=1):
            page.write_row(place, 0, row.texts()[:6])
            page.write_number(place, 0, row.number)
            page.write_datetime(place, 6, row.day, form)
            page.write_row(place, 7, (row.amount, row.national, row.city))
    return out.getvalue()


def as_openpyxl(rows: Sequence[Line]) -> bytes:
    """The same workbook written by another program."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    page.append(COLUMNS)
    for row in rows:
        numbers = (row.amount, row.national, row.city)
        page.append((row.number, *row.texts()[1:6], row.day, *numbers))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_parquet(rows: Sequence[Line]) -> bytes:
    """The register as Parquet: integers, decimals, days."""
    import polars

    frame = polars.DataFrame(
        {
            **{name: [row.texts()[place] for row in rows] for place, name in enumerate(COLUMNS)},
            "번호": [row.number for row in rows],
            "결정일": [row.day for row in rows],
            "금액": polars.Series([row.amount for row in rows]).cast(polars.Decimal(18, 2)),
            "국비": [row.national for row in rows],
            "시비": [row.city for row in rows],
        }
    ).select(COLUMNS)
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


FORMS: dict[str, Callable[[Sequence[Line]], bytes]] = {
    "register.csv": as_csv,
    "register-cp949.csv": lambda rows: as_csv(rows, encoding="cp949"),
    "register-bom.csv": lambda rows: as_csv(rows, encoding="utf-8-sig"),
    "register-utf16.csv": lambda rows: as_csv(rows, encoding="utf-16"),
    "register-semicolon.csv": lambda rows: as_csv(rows, delimiter=";"),
    "register-tab.txt": lambda rows: as_csv(rows, delimiter="\t"),
    "register.xlsx": as_excel,
    "register-other.xlsx": as_openpyxl,
    "register.parquet": as_parquet,
    "register-misnamed.parquet": as_excel,
}
"""One register in every form; the last lies about its kind."""


def write(folder: Path, name: str, content: bytes) -> Path:
    """A file of a register."""
    path = folder / name
    path.write_bytes(content)
    return path


DAMAGES: dict[int, tuple[str, str]] = {
    3: ("unreadable amount", "money.unreadable"),
    5: ("blank amount", "imports.blank"),
    7: ("impossible date", "dates.unreadable"),
    9: ("missing agency", "imports.blank"),
    11: ("too many cells", "imports.columns"),
    13: ("too few cells", "imports.columns"),
    15: ("open quotation mark", "imports.quoting"),
    17: ("bytes that are no text", "imports.encoding"),
    19: ("key of row 1 again", "imports.twice"),
    21: ("amount beyond every limit", "money.too_large"),
    23: ("shares that do not sum", "imports.split"),
    25: ("a NUL", "imports.control"),
    27: ("a fraction of a won", "money.inexact"),
    29: ("year 0218", "imports.year"),
    31: ("an endless title", "imports.too_long"),
    33: ("text behind a closing mark", "imports.quoting"),
}
"""Row -> what is wrong with it and the problem it must be refused with."""


def damaged(count: int = 40) -> bytes:
    """A register of `count` rows in which each row of `DAMAGES` is broken in its own way."""
    rows = [list(row.texts()) for row in lines(count)]
    changes: dict[int, tuple[int, str]] = {
        3: (7, "약 백만원"), 5: (7, ""), 7: (6, "2025.02.30"), 9: (1, "  "), 19: (0, "1"),
        21: (7, "9,007,199,254,740,993"), 23: (8, "1"), 25: (3, "과제\0하나"), 27: (7, "100.5"),
        29: (6, "0218.03.01"), 31: (3, "가" * 2001),
    }  # fmt: skip
    for number, (place, text) in changes.items():
        rows[number - 1][place] = text
    for number in (21, 27):
        rows[number - 1][8] = rows[number - 1][9] = ""
    rows[10].append("남는 칸")
    del rows[12][-2:]
    out = texts_as_csv(rows).split(b"\r\n")
    out[15] = out[15].replace(b",", b',"', 1)
    out[17] = out[17].replace("과제".encode(), b"\xc7\xff\xfe")
    out[33] = out[33].replace(b",", b',"a"b,', 1)
    return b"\r\n".join(out)
