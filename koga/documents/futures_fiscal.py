"""What a simulation says to a budget office: cost estimate, risk by year, promises, reverse stress.

The tables of `plan.estimate`, `plan.risk`, `plan.contingent` and `plan.reverse` as printed tables.
"""

from collections.abc import Iterator, Sequence

from koga.documents import futures_tails
from koga.documents.futures_words import Printed, cell, printed_for, unit_of
from koga.documents.sheet import Table
from koga.plan import contingent, estimate
from koga.plan.result import Figure, Result
from koga.plan.reverse import Reverse
from koga.release.tables import BASES


def tables(result: Result, language: str, *, stressed: Reverse | None = None) -> list[Table]:
    """Tables for the sheet, where the scheme has what they need.

    stressed: the reverse stress of the scheme's protected rank, where it was searched.
    """
    found = list(_estimate(result, language))
    found += _risk(result, language)
    if stressed is not None:
        found.append(futures_tails.reverse_table(result, stressed, language))
    found += _contingent(result, language)
    return found


def _means(result: Result) -> dict[str, list[int]]:
    wanted = ("budget.", "borne.", "bonds.", "subsidy.")
    return {
        name: [round(each.mean or 0) for each in years]
        for name, years in result.series.items()
        if name.startswith(wanted)
    }


def _estimate(result: Result, language: str) -> Iterator[Table]:
    if "budget.net" not in result.series:
        return
    korean = language == "ko"
    first_year = result.series["budget.net"][0].year
    found = estimate.estimate(result.scheme, _means(result), first_year=first_year)
    errors = [each.error or 0 for each in result.series["budget.net"]]
    for number, table in enumerate((found.result, found.payers, found.promises), start=1):
        sizes = [abs(won) for row in table.rows for won in row.won]
        printed = unit(max(sizes, default=0), language)
        title = (
            f"비용추계 {number}. {table.ko}" if korean else f"Cost estimate {number}. {table.en}"
        )
        yield Table(
            title=f"{title} ({printed.unit})",
            note=_estimate_note(number, printed, errors, language),
            columns=[
                "항목" if korean else "Item",
                *(each.ko if korean else each.en for each in table.columns),
            ],
            kinds=("word", *("number",) * len(table.columns)),
            rows=[_line(row, printed, language) for row in table.rows],
            widths=(1, *(0,) * len(table.columns)),
        )


def unit(largest: int, language: str) -> Printed:
    """The unit a table is printed in whose largest amount this is."""
    if language == "ko":
        return Printed(10**8, 0, "억 원") if largest >= 10**11 else Printed(10**6, 0, "백만 원")
    return Printed(10**9, 1, "bn won") if largest >= 10**11 else Printed(10**6, 0, "m won")


def _line(row: estimate.Row, printed: Printed, language: str) -> list[str]:
    """A line of the estimate; what is taken off is printed with △."""
    label = row.label(language)
    formula = row.formula_ko if language == "ko" else row.formula_en
    said = f"{label} ({formula})" if row.kind in ("part", "less") else label
    cells = [_signed(-won if row.kind == "less" else won, printed) for won in row.won]
    return [said, *cells]


def _signed(won: int, printed: Printed) -> str:
    """An amount with △ before what comes back, as budget tables print it.

    >>> _signed(-250_000_000, Printed(10**8, 0, "억 원")), _signed(0, Printed(1, 0, "원"))
    ('△2', '0')
    """
    return printed.won(won).replace("−", "△")


def _estimate_note(
    number: int, printed: Printed, errors: Sequence[int | float], language: str
) -> str:
    if number > 1:
        return ""
    error = printed.won(round(max(errors, default=0)))
    if language == "ko":
        return (
            "의안의 비용추계서 차림을 따른 회계연도별 평균, 현금 기준. △는 돌아오는 돈입니다. "
            f"순부담의 계산 오차는 어느 해도 ±{error}{printed.unit}을 넘지 않습니다. "
            "단위 아래를 반올림해 합이 끝자리에서 다를 수 있습니다."
        )
    return (
        "Means by fiscal year on a cash basis, as a Korean bill's cost estimate. △ is money "
        f"coming back. The error of the net cost is at most ±{error} {printed.unit} in any year. "
        "Rounded to the unit, so sums may differ in the last digit."
    )


def _risk(result: Result, language: str) -> Iterator[Table]:
    """Expected and unexpected loss, VaR and ES of the net cost by fiscal year and lifetime."""
    if result.tails is None:
        return
    largest = max(abs(row.risk.expected.value) for row in result.tails.rows)
    yield from futures_tails.risk_tables(result, unit(round(largest), language), language)
    drivers = futures_tails.drivers_table(result, language)
    if drivers is not None:
        yield drivers


def _contingent(result: Result, language: str) -> list[Table]:
    """The five approval questions of every guarantee and first loss, with what bears on each."""
    korean = language == "ko"
    found = contingent.answers(result.scheme, result.figures)
    if not found:
        return []
    body = []
    for each in found:
        text = each.text_ko if korean else each.text_en
        basis = BASES.get(each.basis)
        said = (basis.ko if korean else basis.en) if basis else ""
        bears = "; ".join(
            f"{result.label(name, language)} {_figure(result.figures[name], language)}"
            for name in each.measures
        )
        who = result.scheme.plain.get(f"capital.{each.liability.name}.name_{language}")
        who = who or result.scheme.plain.get(f"vehicle.{each.liability.name}.name_{language}")
        body.append(
            [
                str(who or each.liability.name),
                each.heading(language),
                " · ".join(part for part in (each.status_word(language), said) if part),
                " — ".join(part for part in (text, bears) if part) or "–",
            ]
        )
    title = (
        "우발채무 승인 전의 다섯 물음"
        if korean
        else "Five questions before a contingent liability is approved"
    )
    note = (
        "계획 파일이 답하지 않은 물음은 비워 둡니다. 수는 이 모의실험의 것입니다."
        if korean
        else "What the scheme's file does not answer stays open. Figures are of this simulation."
    )
    heads = (
        ("약속", "물음", "답", "답의 내용과 관련된 수")
        if korean
        else ("Promise", "Question", "Answer", "What is answered, and figures")
    )
    return [Table(title, note, heads, ("word",) * 4, body, (0.8, 0.7, 0.6, 2.6), folded=True)]


def _figure(each: Figure, language: str) -> str:
    printed = printed_for([each], language)
    shown = cell(each.mean, each.unit, printed)
    return f"{shown} {unit_of(each.unit, printed, language)}"
