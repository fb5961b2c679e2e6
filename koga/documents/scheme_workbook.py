"""A scheme as a workbook and back: every figure a row, with basis, source, range and reason.

For people who live in a spreadsheet. What is written here is read by `scheme_workbook_reading`;
figures above fifteen digits or without an end stand as text, so that nothing is lost on the way.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from koga.plan.schemes import values
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.shape import Scheme
from koga.plan.schemes.writing import Comments

GUIDE, NAMES, VALUES, SOURCES, COMMENTS = "안내", "이름", "값", "출처", "주석"
HEADER_ROWS = 2
VALUE_COLUMNS = (
    ("path", "항목 (path)", 46),
    ("label_ko", "이름", 40),
    ("label_en", "이름(영문)", 40),
    ("value", "값", 20),
    ("unit", "단위", 10),
    ("basis", "근거 구분", 10),
    ("low", "낮은 값", 14),
    ("high", "높은 값", 14),
    ("options", "선택지(;로 나눔)", 28),
    ("source", "출처", 14),
    ("from", "셈식", 44),
    ("formula", "셈한 방법(글)", 30),
    ("rule", "하한·상한", 10),
    ("note_ko", "까닭", 60),
    ("note_en", "까닭(영문)", 60),
)
NAME_COLUMNS = (("path", "항목 (path)", 46), ("value", "값", 90))
SOURCE_COLUMNS = (
    ("name", "이름", 14),
    ("title", "제목", 70),
    ("publisher", "낸 곳", 30),
    ("date", "날짜", 22),
    ("kind", "종류", 12),
    ("url", "주소", 40),
)
COMMENT_COLUMNS = (("path", "이 항목 위에", 46), ("line", "주석", 110))
_DIGITS_MAX = 15
_GUIDE = (
    "이 통합문서는 계획 파일 하나입니다. 고친 뒤 koga scheme import로 다시 파일이 됩니다.",
    "This workbook is one scheme file. After editing, koga scheme import turns it into a file.",
    "값 시트의 한 줄이 값 하나입니다. 금액은 원이나 “7,500억”, 비율은 0.4, 40%, 1/6처럼 적습니다.",
    "Each row of the sheet 값 is one figure: won or “7,500억”; shares as 0.4, 40% or 1/6.",
    "basis는 stated(밝힘), derived(셈함), assumed(가정)입니다. 가정에는 범위와 까닭을 적습니다.",
    "basis is stated, derived or assumed. An assumption gives a low, a high and a reason.",
    "새 줄을 넣어 새 값을 더할 수 있습니다. 항목(path)은 점으로 이은 이름입니다.",
    "New rows add figures; the path is the dotted name.",
)  # fmt: skip


def write(path: Path, scheme: Scheme, comments: Comments) -> None:
    """Write the workbook; an `OSError` where the file cannot be made."""
    import xlsxwriter

    path.write_bytes(b"")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": scheme.name_ko, "created": date(2000, 1, 1)})
        pages = _Pages(book)
        pages.write(GUIDE, (("guide", "안내 / How to use", 120),), [[line] for line in _GUIDE])
        pages.write(VALUES, VALUE_COLUMNS, (_leaf(leaf) for leaf in scheme.leaves.values()))
        pages.write(NAMES, NAME_COLUMNS, _names(scheme))
        pages.write(SOURCES, SOURCE_COLUMNS, _sources(scheme))
        pages.write(
            COMMENTS,
            COMMENT_COLUMNS,
            ([at, line] for at, lines in comments.items() for line in lines),
        )


def _leaf(leaf: Leaf) -> list[Any]:
    return [
        leaf.path, leaf.label_ko, leaf.label_en, cell(leaf.value), leaf.unit, leaf.basis,
        cell(leaf.low), cell(leaf.high), "; ".join(leaf.options), leaf.source, leaf.formula,
        leaf.method, leaf.rule, leaf.note_ko, leaf.note_en,
    ]  # fmt: skip


def _names(scheme: Scheme) -> Iterable[list[Any]]:
    for path, value in scheme.plain.items():
        if not path.startswith("sources."):
            yield [path, cell(value)]


def _sources(scheme: Scheme) -> Iterable[list[Any]]:
    for name, each in scheme.sources.items():
        yield [name, each.title, each.publisher, each.date, each.kind, each.url]


def cell(value: values.Value | None) -> Any:
    """A value as a cell: numbers that a cell holds exactly as numbers, everything else as text.

    >>> cell(500_000_000_000_000), cell(Fraction(1, 6)), cell(Fraction(2, 5)), cell(("ai", "bio"))
    (500000000000000, '1/6', Decimal('0.4'), 'ai; bio')
    """
    if value is None:
        return ""
    if isinstance(value, int):
        return value if len(str(abs(value))) <= _DIGITS_MAX else str(value)
    if isinstance(value, Fraction):
        exact = values.as_decimal(value)
        fits = exact is not None and len(exact.as_tuple().digits) <= _DIGITS_MAX
        return exact if fits else values.decimal_text(value)
    return value if isinstance(value, date) else values.text(value)


class _Pages:
    """Writes sheets of one workbook."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self.small = book.add_format({"font_color": "#545b65", "bottom": 1})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        self.whole = book.add_format({"num_format": "#,##0", "valign": "top"})
        self.plain = book.add_format({"valign": "top"})

    def write(
        self, name: str, columns: Sequence[tuple[str, str, int]], rows: Iterable[Sequence[Any]]
    ) -> None:
        """One sheet: its Korean headings, the keys below them, then its rows."""
        page = self.book.add_worksheet(name)
        for place, (key, heading, width) in enumerate(columns):
            page.set_column(place, place, width)
            page.write_string(0, place, heading, self.head)
            page.write_string(1, place, key, self.small)
        page.freeze_panes(HEADER_ROWS, 1)
        for number, row in enumerate(rows, start=HEADER_ROWS):
            for place, value in enumerate(row):
                self._cell(page, number, place, value)

    def _cell(self, page: Any, row: int, column: int, value: Any) -> None:
        if isinstance(value, date):
            page.write_datetime(row, column, value, self.day)
        elif isinstance(value, int):
            usual = self.whole if abs(value) >= 10_000 else self.plain
            page.write_number(row, column, value, usual)
        elif isinstance(value, str):
            if value:
                page.write_string(row, column, value, self.wrapped)
        else:
            page.write_number(row, column, value, self.plain)
