"""A waterfall as a workbook: terms, flows, every payment, totals and workings, by live formulas.

Sheets: Summary (totals and checks), Lines (every payment with its reason), Flows and Terms (what
goes in, in blue), Workings (every step). Changing an amount or a rate recalculates all of it; what
cannot be changed by a cell is the structure: days, members, the order of tiers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from koga.core.fund_flows import KINDS, Flow
from koga.core.fund_terms import FundRules
from koga.core.problems import Problem, Refusal, ensure
from koga.core.waterfall import Outcome
from koga.core.waterfall_books import Payment
from koga.core.waterfall_engine import Engine
from koga.core.waterfall_reasons import TIERS, reason
from koga.documents.formulas import SHEET, Formula, Workings
from koga.figures import palette

if TYPE_CHECKING:
    import xlsxwriter

ROWS_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class _Styles:
    """Cell formats by purpose."""

    head: Any
    title: Any
    won: Any
    exact: Any
    given: Any
    given_won: Any
    day: Any
    text: Any
    soft: Any
    total: Any


def write(path: Path, rules: FundRules, flows: Sequence[Flow], outcome: Outcome) -> None:
    """Write the workbook; a `Refusal` where the file cannot be written or would be too long.

    Amounts in won. The stored values are the exact ones, also before a first recalculation.
    """
    import xlsxwriter

    terms = list(_numbers(rules))
    workings = Workings({id(value): f"Terms!$B${row}" for row, (_, value) in enumerate(terms, 2)})
    payments = _work(rules, flows, workings)
    if len(workings.rows) > ROWS_MAX:
        details = {"limit": f"{ROWS_MAX:,}"}
        raise Refusal(Problem("documents.too_long", str(path), f"{len(workings.rows):,}", details))
    try:
        with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
            styles = _styles(book)
            names = ("Summary", "Lines", "Flows", "Terms", SHEET)
            sheets = {name: book.add_worksheet(name) for name in names}
            _write_lines(sheets["Lines"], styles, payments)
            _write_summary(sheets["Summary"], styles, rules, outcome, flows, payments)
            _write_flows(sheets["Flows"], styles, flows)
            _write_terms(sheets["Terms"], styles, terms)
            _write_workings(sheets[SHEET], styles, workings)
    except (OSError, xlsxwriter.exceptions.FileCreateError):
        raise Refusal(Problem("documents.unwritable", str(path), str(path))) from None


def _numbers(rules: FundRules) -> Iterator[tuple[str, Fraction]]:
    """Every rate and share of the rules with its path, each object once."""
    seen: set[int] = set()
    for path, value in _walk(rules.terms, "terms"):
        if id(value) not in seen and value not in (0, 1):
            seen.add(id(value))
            yield path, value
    if rules.equalisation is not None:
        yield "equalisation.rate", rules.equalisation.rate


def _walk(value: Any, path: str) -> Iterator[tuple[str, Fraction]]:
    if isinstance(value, Fraction):
        yield path, value
    elif isinstance(value, tuple):
        for place, item in enumerate(value, 1):
            yield from _walk(item, f"{path}[{place}]")
    elif is_dataclass(value):
        for each in fields(value):
            yield from _walk(getattr(value, each.name), f"{path}.{each.name}")


def _work(rules: FundRules, flows: Sequence[Flow], workings: Workings) -> list[Payment]:
    """Run the engine on formulas: each flow's amount is its cell."""
    zero = workings.formula(0)
    engine = Engine(rules, workings, zero)
    cells = []
    for row, flow in enumerate(flows, 2):
        amount = Formula(f"Flows!$C${row}", Fraction(flow.amount), workings)
        cells.append(Flow(flow.day, flow.kind, cast(int, amount), flow.member, flow.deal))
    engine.run(cells)
    return [payment for payment in engine.payments if workings.formula(payment.amount).text != "0"]


def _styles(book: "xlsxwriter.Workbook") -> _Styles:
    base = {"font_name": "Calibri", "font_size": 10, "font_color": palette.INK}
    won = {**base, "num_format": "#,##0;[Red]-#,##0;–"}

    def style(extra: Mapping[str, Any]) -> Any:
        return book.add_format({**base, **extra})

    return _Styles(
        head=style({"bold": True, "bottom": 1, "bottom_color": palette.INK, "text_wrap": True}),
        title=style({"bold": True, "font_size": 14}),
        won=book.add_format(won),
        exact=style({"num_format": "#,##0.######"}),
        given=style({"font_color": palette.BLUE, "num_format": "0.########"}),
        given_won=book.add_format({**won, "font_color": palette.BLUE}),
        day=style({"num_format": "yyyy-mm-dd", "align": "left"}),
        text=style({"valign": "top"}),
        soft=style({"font_color": palette.SOFT}),
        total=book.add_format({**won, "bold": True, "top": 1, "top_color": palette.INK}),
    )


def _stored(value: Fraction) -> int | str:
    """A value as stored beside its formula: whole numbers as such, others to 15 digits."""
    if value.denominator == 1:
        return value.numerator
    with localcontext() as context:
        context.prec = 15
        return str(Decimal(value.numerator) / Decimal(value.denominator))


def _put(sheet: Any, row: int, column: int, one: Formula, style: Any) -> None:
    sheet.write_formula(row, column, f"={one.text}", style, _stored(one.value))


def _heads(sheet: Any, styles: _Styles, heads: Sequence[tuple[str, int]], row: int = 0) -> None:
    for column, (head, width) in enumerate(heads):
        sheet.set_column(column, column, width)
        sheet.write(row, column, head, styles.head)
    sheet.freeze_panes(row + 1, 0)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(row)


_LINES = (
    ("일자 Date", 11),
    ("단계 Tier", 18),
    ("Tier", 22),
    ("받는 이 To", 16),
    ("금액(원) Won", 20),
    ("건 Deal", 10),
    ("근거", 60),
    ("Why", 60),
)


def _write_lines(sheet: Any, styles: _Styles, payments: Sequence[Payment]) -> None:
    _heads(sheet, styles, _LINES)
    for row, payment in enumerate(payments, 1):
        amount = payment.amount
        ensure(amount.value.denominator == 1, "a payment is whole won")
        korean, english = reason(payment.reason, _plain(payment.details))
        sheet.write_datetime(row, 0, _midnight(payment.day), styles.day)
        sheet.write(row, 1, TIERS[payment.tier][0], styles.text)
        sheet.write(row, 2, TIERS[payment.tier][1], styles.text)
        sheet.write(row, 3, payment.to or "–", styles.text)
        _put(sheet, row, 4, amount, styles.won)
        sheet.write(row, 5, payment.deal, styles.text)
        sheet.write(row, 6, korean, styles.soft)
        sheet.write(row, 7, english, styles.soft)
    sheet.autofilter(0, 0, max(len(payments), 1), len(_LINES) - 1)


def _plain(details: Mapping[str, Any]) -> dict[str, Any]:
    """Details of a reason with formulas replaced by their values."""
    plain = {}
    for name, value in details.items():
        plain[name] = _whole(value.value) if isinstance(value, Formula) else value
        if name == "fee":
            plain[name] = _PlainFee(value)
    return plain


def _whole(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


class _PlainFee:
    """A fee year whose amounts read as numbers."""

    def __init__(self, year: Any) -> None:
        self._year = year

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._year, name)
        return value.value if isinstance(value, Formula) else value


def _midnight(day: date) -> Any:
    from datetime import datetime

    return datetime(day.year, day.month, day.day)  # noqa: DTZ001


def _write_summary(
    sheet: Any,
    styles: _Styles,
    rules: FundRules,
    outcome: Outcome,
    flows: Sequence[Flow],
    payments: Sequence[Payment],
) -> None:
    """Totals by member and tier, and the checks an auditor would run first."""
    tiers = list(dict.fromkeys(payment.tier for payment in payments))
    sheet.write(0, 0, "배분 내역 · Who gets what (won)", styles.title)
    heads = [("출자자 Member", 18), ("호칭 Title", 22)]
    heads += [(f"{TIERS[tier][0]} {TIERS[tier][1]}", 18) for tier in tiers]
    _heads(sheet, styles, [*heads, ("순 수령 Net received", 20)], row=2)
    last = len(payments) + 1
    codes = [*rules.members, "–"]
    for row, code in enumerate(codes, 3):
        sheet.write(row, 0, code, styles.text)
        title = rules.title(code, "ko") if code in rules.members else "조합에 남음 stays"
        sheet.write(row, 1, title, styles.soft)
        for column, tier in enumerate(tiers, 2):
            _sum_if(sheet, styles, (row, column), (code, tier), payments, last)
        total = sum(_won_of(payments, code, tier) for tier in tiers)
        ends = f"{_column(2)}{row + 1}:{_column(len(tiers) + 1)}{row + 1}"
        sheet.write_formula(row, len(tiers) + 2, f"=SUM({ends})", styles.total, total)
    _write_checks(sheet, styles, 5 + len(codes), flows, payments, last)
    ensure(
        all(outcome.totals[code] == _won_of(payments, code) for code in rules.members),
        "the workbook's totals are the waterfall's",
    )


def _sum_if(
    sheet: Any,
    styles: _Styles,
    place: tuple[int, int],
    wanted: tuple[str, str],
    payments: Sequence[Payment],
    last: int,
) -> None:
    code, tier = wanted
    text = (
        f"=SUMIFS(Lines!$E$2:$E${last},Lines!$D$2:$D${last},$A{place[0] + 1},"
        f'Lines!$C$2:$C${last},"{TIERS[tier][1]}")'
    )
    sheet.write_formula(*place, text, styles.won, _won_of(payments, code, tier))


def _won_of(payments: Sequence[Payment], code: str, tier: str = "") -> int:
    return sum(
        int(payment.amount.value)
        for payment in payments
        if (payment.to or "–") == code and tier in ("", payment.tier)
    )


def _column(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_SHARED_OUT = ("return_of_capital", "hurdle", "catch_up", "split", "recycling", "recallable")
_RECEIPTS = ("distributable", "liquidation", "recallable")


def _write_checks(
    sheet: Any,
    styles: _Styles,
    row: int,
    flows: Sequence[Flow],
    payments: Sequence[Payment],
    last: int,
) -> None:
    """Receipts equal what was paid out of them; what members pay each other sums to nothing."""
    received = sum(flow.amount for flow in flows if flow.kind in _RECEIPTS)
    end = len(flows) + 1
    inflow = "+".join(
        f'SUMIFS(Flows!$C$2:$C${end},Flows!$B$2:$B${end},"{kind}")' for kind in _RECEIPTS
    )
    outflow = "+".join(
        f'SUMIFS(Lines!$E$2:$E${last},Lines!$C$2:$C${last},"{TIERS[tier][1]}")'
        for tier in _SHARED_OUT
    )
    rest = "+".join(
        f'SUMIFS(Lines!$E$2:$E${last},Lines!$C$2:$C${last},"{TIERS[tier][1]}")'
        for tier in TIERS
        if tier not in (*_SHARED_OUT, "fee")
    )
    sheet.write(row, 0, "검산 Checks", styles.head)
    sheet.write(row + 1, 0, "수령 합계 − 배분 합계 · receipts less paid out", styles.text)
    sheet.write_formula(row + 1, 3, f"=({inflow})-({outflow})", styles.won, 0)
    sheet.write(row + 2, 0, "출자자 간 이전 합계 · passed between members", styles.text)
    sheet.write_formula(row + 2, 3, f"={rest}", styles.won, 0)
    sheet.write(row + 3, 0, "수령 합계 · receipts", styles.text)
    sheet.write_formula(row + 3, 3, f"={inflow}", styles.won, received)
    note = "파란 값은 고칠 수 있으며 모든 금액이 다시 계산됩니다. Blue values may be changed."
    sheet.write(row + 5, 0, note, styles.soft)


def _write_flows(sheet: Any, styles: _Styles, flows: Sequence[Flow]) -> None:
    heads = (
        ("일자 Date", 11),
        ("종류 Kind", 20),
        ("금액(원) Won", 20),
        ("출자자 Member", 16),
        ("건 Deal", 12),
        ("종류", 18),
    )
    _heads(sheet, styles, heads)
    for row, flow in enumerate(flows, 1):
        sheet.write_datetime(row, 0, _midnight(flow.day), styles.day)
        sheet.write(row, 1, flow.kind, styles.text)
        sheet.write_number(row, 2, flow.amount, styles.given_won)
        sheet.write(row, 3, flow.member, styles.text)
        sheet.write(row, 4, flow.deal, styles.text)
        sheet.write(row, 5, KINDS[flow.kind][0], styles.soft)


def _write_terms(sheet: Any, styles: _Styles, terms: Sequence[tuple[str, Fraction]]) -> None:
    _heads(sheet, styles, (("규약 항목 Term", 44), ("값 Value", 16)))
    for row, (path, value) in enumerate(terms, 1):
        sheet.write(row, 0, path, styles.text)
        text = f"={value.numerator}/{value.denominator}"
        sheet.write_formula(row, 1, text, styles.given, _stored(value))


_DOES = {
    "": "셈 sum or product",
    "min": "작은 값 smaller",
    "max": "큰 값 larger",
    "ratio": "비율 ratio",
    "exact": "정확한 값 exact",
    "floor": "원 미만 버림 whole won",
    "remainder": "나머지 remainder",
    "won": "원 단위 won",
}


def _write_workings(sheet: Any, styles: _Styles, workings: Workings) -> None:
    heads = (
        ("번호 No.", 8),
        ("대상 About", 48),
        ("셈 Step", 22),
        ("값 Value", 24),
        ("추첨 순서 Lot", 10),
    )
    _heads(sheet, styles, heads)
    for number, row in enumerate(workings.rows, 1):
        sheet.write_number(number, 0, number, styles.soft)
        sheet.write(number, 1, row.about, styles.soft)
        sheet.write(number, 2, _DOES[row.does], styles.soft)
        style = styles.won if row.does in ("won", "floor") else styles.exact
        one = Formula(row.formula, row.value, workings)
        _put(sheet, number, 3, one, style)
        if row.lot is not None:
            sheet.write_number(number, 4, row.lot, styles.soft)
