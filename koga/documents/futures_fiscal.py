"""What a simulation says to a budget office: cost estimate, risk by year, promises, reverse stress.

The tables of `plan.estimate`, `plan.risk`, `plan.contingent` and `plan.reverse` as printed tables.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from koga.documents import futures_answers, futures_tails
from koga.documents.futures_words import Printed, printed_of
from koga.documents.sheet import Table
from koga.plan import measures
from koga.plan.budget import estimate
from koga.plan.budget.reverse import Reverse
from koga.plan.result import Result
from koga.plan.schemes import contingent
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
    for number, table in enumerate((found.result, found.payers, found.promises), start=1):
        sizes = [abs(won) for row in table.rows for won in row.won]
        printed = printed_of(max(sizes, default=0), language)
        title = (
            f"비용추계 {number}. {table.ko}" if korean else f"Cost estimate {number}. {table.en}"
        )
        yield Table(
            title=f"{title} ({printed.unit})",
            note=_estimate_note(number, printed, result, language),
            columns=[
                "항목" if korean else "Item",
                *(each.ko if korean else each.en for each in table.columns),
            ],
            kinds=("word", *("number",) * len(table.columns)),
            rows=[_line(row, printed, language) for row in table.rows],
            widths=(1, *(0,) * len(table.columns)),
        )


def _line(row: estimate.Row, printed: Printed, language: str) -> list[str]:
    """A line of the estimate; what is taken off is printed as coming back."""
    label = row.label(language)
    formula = row.formula_ko if language == "ko" else row.formula_en
    said = f"{label} ({formula})" if row.kind in ("part", "less") else label
    cells = [_signed(-won if row.kind == "less" else won, printed, language) for won in row.won]
    return [said, *cells]


def _signed(won: float | None, printed: Printed, language: str) -> str:
    """An amount; in Korean with △ before what comes back, as budget tables print it.

    >>> printed = Printed(10**8, 0, "억 원")
    >>> _signed(-250_000_000, printed, "ko"), _signed(-250_000_000, printed, "en")
    ('△2', '−2')
    """
    if won is None or won != won:
        return "–"
    said = printed.won(round(won))
    return said.replace("−", "△") if language == "ko" else said


def _estimate_note(number: int, printed: Printed, result: Result, language: str) -> str:
    """How the table is made; under the first, how it leads to the cost of the whole horizon."""
    korean = language == "ko"
    if number == 2:
        return (
            "낸 돈에서 받은 돈을 뺀 값. △는 받은 돈이 더 많다는 뜻입니다. 채권으로 마련한 돈은 "
            "채권 투자자의 "
            "줄에 있고, 기금의 줄은 기금 현금의 변화와 그 밖의 자산입니다. 합계는 건과 보수와 "
            "지원사업에 들어간 돈에서 "
            "건에서 돌아온 돈과 기금 현금의 이자를 뺀 것입니다."
            if korean
            else "Paid less got; below zero more was got. Money raised by bonds stands with "
            "bondholders; the fund's line holds the change of its cash and other assets put in. "
            "The sum "
            "is what deals, fees and programmes took less what deals gave and the fund's cash "
            "earned."
        )
    if number == 3:
        return (
            "위의 현금에 더하지 않습니다: 채권은 재원이고, 융자 보조는 같은 돈을 발생 기준으로 "
            "본 것입니다."
            if korean
            else "Not to be added to the cash above: bonds are its funding, the loan subsidy is "
            "the "
            "same money by accrual."
        )
    errors = [each.error or 0 for each in result.series["budget.net"]]
    error = printed.won(round(max(errors, default=0)))
    said = (
        "의안의 비용추계서 차림을 따른 회계연도별 평균. 현금 기준, 명목. △는 돌아오는 돈입니다. "
        "순부담의 계산 "
        f"오차는 어느 해도 ±{error}{printed.unit}을 넘지 않습니다. 단위 아래를 반올림해 합이 "
        "끝자리에서 다를 수 "
        "있습니다."
        if korean
        else "Means by fiscal year in the layout of a Korean bill's cost estimate; cash, nominal. "
        "Below zero is money coming back. The error of the net cost is at most "
        f"±{error} {printed.unit} in any year. Rounded to the unit, so last digits may not add up."
    )
    return f"{said} {_bridge(result, printed, language)}".strip()


def _bridge(result: Result, printed: Printed, language: str) -> str:
    """From the net cost of all years to the net cost of the whole horizon."""
    held, whole = (result.figures.get(f"cost.{name}") for name in ("held", "lifetime"))
    if held is None or whole is None:
        return ""
    years = sum(round(each.mean or 0) for each in result.series["budget.net"])
    told = [_signed(won, printed, language) for won in (years, held.mean, whole.mean)]
    claims = [each.mean or 0 for name, each in result.figures.items()
              if name.startswith("claim_covered.")]  # fmt: skip
    covered = _signed(sum(claims), printed, language)
    if language == "ko":
        return (
            f"전 기간의 순부담 {told[0]}에서 끝에 남은 재정 몫의 자산(원가) {told[1]}"
            + (f"(그 가운데 기금 자산이 덮는 구상금 {covered})" if claims else "")
            + f"을 빼면 전 기간의 순비용 {told[2]}{printed.unit}입니다."
        )
    return (
        f"The net cost of all years, {told[0]}, less what is still held for budgets at cost at the "
        f"end, {told[1]}"
        + (f" (of which {covered} state's claims the fund's assets cover)" if claims else "")
        + f", is the net cost of the whole horizon, {told[2]} {printed.unit}."
    )


def _risk(result: Result, language: str) -> Iterator[Table]:
    """Expected and unexpected loss, VaR and ES of the net cost by fiscal year and lifetime."""
    if result.tails is None:
        return
    largest = max(abs(row.risk.expected.value) for row in result.tails.rows)
    yield from futures_tails.risk_tables(result, printed_of(largest, language), language)
    drivers = futures_tails.drivers_table(result, language)
    if drivers is not None:
        yield drivers


def _contingent(result: Result, language: str) -> list[Table]:
    """The five approval questions of every guarantee and first loss, with what bears on each."""
    korean = language == "ko"
    found = contingent.answers(result.scheme, result.figures)
    if not found:
        return []
    body: list[Sequence[str]] = []
    for liability, asked in groupby(found, key=lambda each: each.liability):
        body.append([_who(result, liability.name, language)])
        body += [_question(result, each, language) for each in asked]
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
        ("물음", "답", "답의 내용과 관련된 수")
        if korean
        else ("Question", "Answer", "What is answered, and figures")
    )
    return [Table(title, note, heads, ("word",) * 3, body, (0.75, 0.45, 2.6))]


def _who(result: Result, name: str, language: str) -> str:
    plain = result.scheme.plain
    for table in ("capital", "vehicle"):
        if called := plain.get(f"{table}.{name}.name_{language}"):
            return str(called)
    return name


def _question(result: Result, each: contingent.Answer, language: str) -> Sequence[str]:
    """One question: whether it is answered, the answer, and the figures that bear on it."""
    text = each.text_ko if language == "ko" else each.text_en
    answered = each.status != contingent.UNANSWERED
    basis = BASES.get(each.basis) if answered else None
    said = (basis.ko if language == "ko" else basis.en) if basis else ""
    bears = "; ".join(
        f"{measures.find(name).label(language)} {futures_answers.said(figure, language)}"
        for name in each.measures
        if (figure := result.figures[name]).mean is not None
    )
    return [
        each.heading(language),
        " · ".join(part for part in (each.status_word(language), said) if part),
        " — ".join(part for part in (text if answered else "", bears) if part) or "–",
    ]
