"""What a simulation says to a budget office: cost estimate, risk by year, promises, reverse stress.

The tables of `plan.estimate`, `plan.risk`, `plan.contingent` and `plan.reverse` as printed tables.
"""

from collections.abc import Iterator, Sequence

from koga.core import money
from koga.documents.futures_words import Printed, cell, printed_for, unit_of
from koga.documents.sheet import Table
from koga.plan import contingent, estimate, risk
from koga.plan.result import Figure, Result
from koga.plan.reverse import Reverse
from koga.release.tables import BASES

LEVELS = (0.95, 0.995)
"""Levels the risk table prints; the others stand in the files."""


def tables(result: Result, language: str, *, stressed: Reverse | None = None) -> list[Table]:
    """Tables for the sheet, where the scheme has what they need.

    stressed: the reverse stress of the scheme's protected rank, where it was searched.
    """
    found = list(_estimate(result, language))
    found += _risk(result, language)
    if stressed is not None:
        found.append(_reverse(stressed, language))
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
        printed = _unit(max(sizes, default=0), language)
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


def _unit(largest: int, language: str) -> Printed:
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


def _risk(result: Result, language: str) -> list[Table]:
    """Expected and unexpected loss, VaR and ES of the net cost by fiscal year and lifetime."""
    outcome = result.outcome
    if "budget.net" not in outcome.series or "cost.lifetime" not in outcome.measures:
        return []
    korean = language == "ko"
    first_year = result.series["budget.net"][0].year
    found = list(
        risk.table(outcome, first_year=first_year, series="budget.net", lifetime="cost.lifetime")
    )
    printed = _unit(round(max(abs(row.risk.expected.value) for row in found)), language)
    whole = "전 기간" if korean else "Lifetime"
    means = [*result.series["budget.net"], result.figures["cost.lifetime"]]
    heads = [
        "회계연도" if korean else "Fiscal year",
        "기대값" if korean else "Expected",
        "오차" if korean else "Error",
        "비기대손실" if korean else "Unexpected",
        *(f"VaR {level * 100:g}%" for level in LEVELS),
        *(f"ES {level * 100:g}%" for level in LEVELS),
    ]
    body = [
        [
            str(row.year) if row.year else whole,
            printed.won(told.mean),
            f"± {printed.won(told.error)}",
            _won(row.risk.unexpected.value, printed),
            *(_won(row.risk.at_risk[level].value, printed) for level in LEVELS),
            *(_won(row.risk.shortfall[level].value, printed) for level in LEVELS),
        ]
        for row, told in zip(found, means, strict=True)
    ]
    note = (
        "비기대손실은 표준편차, VaR은 그 수준의 분위수, ES는 그 위의 평균입니다."
        if korean
        else "Unexpected is the standard deviation, VaR the quantile, ES the mean above it."
    )
    title = "재정 순부담의 위험" if korean else "Risk of the net cost to budgets"
    kinds = ("word", *("number",) * 7)
    return [Table(f"{title} ({printed.unit})", note, heads, kinds, body, (0.8, *(1,) * 7))]


def _won(value: float, printed: Printed) -> str:
    return printed.won(round(value)) if value == value else "–"


def _reverse(found: Reverse, language: str) -> Table:
    """What must happen before the protected rank loses: the market's factor of each year."""
    korean = language == "ko"
    years = [str(found.first_year + place) for place in range(len(found.nearest.shift))]
    shifts = zip(years, found.level.shift, found.nearest.shift, strict=True)
    body = [[year, _shift(level), _shift(near)] for year, level, near in shifts]
    title = (
        "무슨 일이 있어야 보호받는 순위가 잃는가"
        if korean
        else "What must happen before the protected rank loses"
    )
    heads = (
        ("연도", "해마다 같은 충격", "가장 그럴 법한 길")
        if korean
        else ("Year", "Every year alike", "Most likely course")
    )
    kinds = ("word", "number", "number")
    note = _reverse_note(found, language)
    return Table(title, note, heads, kinds, body, (1, 1, 1), folded=True)


def _shift(deviations: float) -> str:
    return f"{deviations:+.2f}".replace("-", "−")


def _reverse_note(found: Reverse, language: str) -> str:
    """Where the loss begins and how far that is; or that it is out of reach."""
    lost = money.in_words(round(found.lost_won), language)
    far = f"{found.nearest.distance:.1f}"
    if language == "ko":
        if not found.nearest.found:
            return f"시장 요인이 표준편차의 {far}배까지 나빠져도 보호받는 순위는 잃지 않습니다."
        return (
            f"시장 요인(1은 한 해의 표준편차)이 아래만큼 나쁘면 잃기 시작합니다. 평균에서 "
            f"표준편차의 {far}배만큼 떨어진 곳입니다. 충격이 없으면 {lost}을 잃습니다."
        )
    if not found.nearest.found:
        return f"Up to {far} standard deviations of the market the protected rank loses nothing."
    return (
        "With the market's factor (1 is a yearly standard deviation) as bad as below it begins to "
        f"lose: {far} standard deviations from the mean. Without a shock it loses {lost}."
    )


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
