"""From a simulation to its sheet: an answer on the first page, then tables, then assumptions."""

from collections.abc import Sequence
from dataclasses import replace

from koga.documents import (
    futures_answers,
    futures_assumptions,
    futures_measures,
    futures_money,
)
from koga.documents import futures_words as words
from koga.documents.sheet import Drawn, Sheet, Table
from koga.plan import measures, overlap
from koga.plan.figure import Figure
from koga.plan.overlap import Shared
from koga.plan.result import Result
from koga.plan.schemes.shape import Scheme, counts

YEARS_SHOWN = ("net.all", "net.public", "budget.net")


def sheet(
    result: Result,
    figures: Sequence[Drawn],
    language: str,
    *,
    further: Sequence[Table] = (),
    not_said: Sequence[str] = (),
    beside: Sequence[Scheme] = (),
) -> Sheet:
    """The sheet of one result.

    figures: its charts in order. further: tables of other rooms (the cost estimate, approval
    questions), printed after the measures. not_said: further lines of what it does not say.
    beside: schemes whose overlap with this one is told.
    """
    korean = language == "ko"
    scheme = result.scheme
    lead = figures[0].sentence if figures else ""
    beside = [scheme, *beside]
    shared = overlap.table(beside) if len(beside) > 1 else ()
    main = [
        *futures_money.tables(result, language),
        *futures_measures.tables(result, language),
        *further,
        *overlaps(shared, beside, language),
    ]
    return Sheet(
        language=language,
        kicker="앞날 계산서" if korean else "Sheet of futures",
        title=scheme.name_ko if korean else scheme.name_en,
        lead=(scheme.summary_ko if korean else scheme.summary_en) or lead,
        headline=_headline(result, language),
        answers=futures_answers.table(result, language, shared=shared),
        facts=_facts(result, language),
        figures=[(drawn, _caption(result, drawn, place, language))
                 for place, drawn in enumerate(figures, start=1)],
        tables=_numbered(main, language),
        annex_title="부록" if korean else "Annex",
        annex=[*futures_measures.definitions(result, language), *_years(result, language),
               *futures_assumptions.tables(scheme, language)],
        not_said_title="이 계산서가 말하지 않는 것" if korean else "What this sheet does not say",
        not_said=[*_not_said(result, language), *_limits(result, language), *not_said],
        foot=f"koga {result.engine_version} · sha256 {scheme.sha256[:16]}… · seed {result.seed}",
    )  # fmt: skip


def _numbered(tables: Sequence[Table], language: str) -> list[Table]:
    word = "표" if language == "ko" else "Table"
    return [
        replace(table, title=f"{word} {place}. {table.title}")
        for place, table in enumerate(tables, start=1)
    ]


def _headline(result: Result, language: str) -> list[tuple[str, str, str]]:
    """What the public gets, what budgets bear, and on how many assumptions that stands."""
    korean = language == "ko"
    figures = result.figures
    told = []
    if (each := figures.get("irr.public")) and each.mean is not None:
        low, high = (words.cell(at, each.unit, _PLAIN) for at in (each.p05, each.p95))
        note = f"열에 아홉은 {low}~{high}%" if korean else f"nine in ten: {low} to {high} %"
        label = "공공 돈의 순수익률" if korean else "Net return of public money"
        told.append((label, futures_answers.said(each, language), note))
    if (each := figures.get("cost.treasury")) and each.mean is not None:
        tail = futures_answers.won_said(each.p95, language)
        note = (
            f"현재가치; 20번에 1번은 {tail} 넘음"
            if korean
            else (f"present value; over {tail} once in twenty")
        )
        label = "재정의 순비용" if korean else "Net cost to budgets"
        told.append((label, futures_answers.said(each, language), note))
    found = counts(result.scheme)
    whole = sum(found.values())
    note = (
        f"모두 {whole:,}개 가운데 밝혀진 값 {found['stated']:,}, 셈한 값 {found['derived']:,}"
        if korean
        else f"of {whole:,}; {found['stated']:,} stated, {found['derived']:,} derived"
    )
    told.append(("가정한 값" if korean else "Values assumed", f"{found['assumed']:,}", note))
    return told


_PLAIN = words.Printed(1, 0, "")


def _facts(result: Result, language: str) -> list[tuple[str, str]]:
    korean = language == "ko"
    engines = {
        "exact": ("건마다 뽑음(exact)", "every deal drawn (exact)"),
        "fast": ("기댓값(fast)", "expectations over deals (fast)"),
    }
    told = [
        ("계산 방법", "Engine", engines[result.engine][0 if korean else 1]),
        ("앞날의 수", "Paths", f"{result.paths:,}"),
        ("씨앗", "Seed", str(result.seed)),
        ("엔진 판", "Engine version", f"koga {result.engine_version}"),
        ("건수", "Deals", f"{result.deals:,}"),
        ("기간", "Horizon", _horizon(result, language)),
        ("금액", "Amounts", _AMOUNTS[0 if korean else 1]),
        ("계획 코드", "Scheme", result.scheme.code),
        ("파일 해시", "File hash", f"sha256 {_broken(result.scheme.sha256)}"),
    ]
    return [(ko if korean else en, value) for ko, en, value in told]


_AMOUNTS = (
    "명목 원(물가를 빼지 않음); 현재가치는 첫해 1월 1일",
    "nominal won, inflation not taken off; present values of 1 January of the first year",
)


def _horizon(result: Result, language: str) -> str:
    years = next(iter(result.series.values()), ())
    if not years:
        return f"{result.quarters:,}"
    span = f"{years[0].year}–{years[-1].year}"
    if language == "ko":
        return f"{span}({result.quarters:,}분기)"
    return f"{span} ({result.quarters:,} quarters)"


def _broken(text: str, every: int = 16) -> str:
    """A hash in groups, so that it breaks on paper where a line ends."""
    return " ".join(text[at : at + every] for at in range(0, len(text), every))


def _caption(result: Result, drawn: Drawn, place: int, language: str) -> str:
    """Number of a chart and the futures it shows; a tornado says its own."""
    if drawn.apart:
        return f"그림 {place}." if language == "ko" else f"Figure {place}."
    paths = f"{result.paths:,}"
    if language == "ko":
        return f"그림 {place}. 앞날 {paths}가지, 씨앗 {result.seed}."
    return f"Figure {place}. {paths} futures, seed {result.seed}."


def _years(result: Result, language: str) -> list[Table]:
    """Every series by year: means, and the error of each."""
    korean = language == "ko"
    tables = []
    for name in YEARS_SHOWN:
        years = result.series.get(name)
        if not years:
            continue
        printed = words.printed_for(years, language)
        columns = (
            ("평균", "5%", "25%", "가운데", "75%", "95%")
            if korean
            else ("Mean", "5 %", "25 %", "Median", "75 %", "95 %")
        )
        error = "오차" if korean else "Error"
        told = [head for column in columns for head in (column, error)]
        heads = ("연도" if korean else "Year", *told)
        body = [_year(each, printed) for each in years]
        unit = words.unit_of(years[0].unit, printed, language)
        title = result.label(name, language)
        title = f"{title}(해마다, {unit})" if korean else f"{title} by year, {unit}"
        note = measures.find(name).definition(language)
        kinds = ("word", *("number",) * len(told))
        widths = (0.8, *(1.2, 1) * len(columns))
        tables.append(Table(title, note, heads, kinds, body, widths, annex=True))
    return tables


def _year(each: Figure, printed: words.Printed) -> list[str]:
    mean = words.cell(each.mean, each.unit, printed)
    error = words.plus_minus(each.error, each.unit, printed)
    return [str(each.year), mean, error, *words.quantile_cells(each, printed, range(5))]


_KINDS = {
    "sector": ("분야", "Sector"),
    "year": ("지분투자 연도", "Year of equity"),
    "manager": ("운용사", "Manager"),
}


def overlaps(shared: Sequence[Shared], schemes: Sequence[Scheme], language: str) -> list[Table]:
    """What the scheme has in common with the schemes beside it."""
    if not shared:
        return []
    at = 0 if language == "ko" else 1
    sizes = [won for row in shared for won in row.amounts_won if won is not None]
    printed = words.printed_of(max(sizes, default=0), language)
    names = [(each.name_ko, each.name_en)[at] for each in schemes]
    title = ("다른 계획과 겹치는 것", "What it shares with other schemes")[at]
    note = (
        "약정액 기준, 명목. 둘 다 넣는 돈은 그 가운데 두 번째로 큰 금액입니다.",
        "Commitments, nominal. Put in by both: the second largest of the amounts.",
    )
    return [
        Table(
            title=f"{title} ({printed.unit})",
            note=note[at],
            columns=(("무엇", "이름", *names, "둘 다 넣는 돈"),
                     ("What", "Name", *names, "Put in by both"))[at],
            kinds=("word", "word", *("number",) * (len(names) + 1)),
            rows=[
                [_KINDS[row.kind][at], (row.label_ko, row.label_en)[at],
                 *(printed.won(won) for won in (*row.amounts_won, row.shared_won))]
                for row in shared
            ],
            widths=(1, 1, *(0,) * (len(names) + 1)),
        )
    ]  # fmt: skip


_LIMITS = {
    "ko": (
        "한 그릇의 모든 건은 결성연도와 상관없이 손익을 함께 나눕니다. 자펀드마다 정산하는 "
        "우선손실만 "
        "자펀드별로 셈합니다(건마다 뽑을 때).",
        "금리는 곡선의 날짜에 머뭅니다. 금리가 오르내리는 위험은 폭에 들어 있지 않습니다.",
        "보증채는 남은 투자원가가 덮는 만큼만 차환하고 나머지는 보증이 갚는다고 봅니다. 국가의 "
        "구상권은 기간 안에 돌려받은 돈과, 끝에 기금에 남은 자산(원가)이 채권을 갚고도 덮는 만큼만 "
        "셉니다. 그 밖의 기금 자산과 현금은 재정의 것이 아니므로 순비용에서 빼지 않습니다.",
        "선순위와 무순위는 손실을 똑같이 나눕니다. 계획이 보수를 적지 않은 그릇은 보수가 0입니다.",
    ),
    "en": (
        "All deals of a vehicle share gains and losses, whatever their year; only first losses "
        "settled sub-fund by sub-fund are reckoned so (where deals are drawn).",
        "Rates stay on the curve of its date: the risk that they move is in no range.",
        "Guaranteed bonds are refinanced as far as what is still held at cost covers them, the "
        "rest calls the guarantee. Of the state's claims counts what comes back in the horizon and "
        "what the fund still holds at its end (at cost, beyond its bonds). The fund's other assets "
        "and cash are no budget's and lower no cost.",
        "Senior and unranked money lose alike. A vehicle for which the scheme names no fee has "
        "none.",
    ),
}
"""What the model leaves out that an auditor would ask for."""
_STAYING = 1
"""Place of the limit that is another one where rates move."""
_MOVING = {
    "ko": "국고채 금리는 해마다 움직여 새 채권과 차환의 이자를 바꿉니다. 할인과 융자의 금리는 "
    "곡선의 날짜에 머물고, 금리는 주식시장과 무관하게 움직인다고 봅니다.",
    "en": "Treasury yields move from year to year and with them the interest of new and refinanced "
    "bonds. Discounting and loans stay on the curve of its date; yields move independently of the "
    "stock market.",
}


def _limits(result: Result, language: str) -> list[str]:
    limits = [*_LIMITS[language], *_settling(result, language)]
    path = "market.rate_volatility"
    if path in result.scheme.leaves and result.scheme.number(path) > 0:
        limits[_STAYING] = _MOVING[language]
    return limits


def _settling(result: Result, language: str) -> list[str]:
    """First losses that are all booked in one year, because the vehicle settles when it ends."""
    told = []
    for name, years in result.series.items():
        booked = [each.year for each in years if each.mean or (each.p95 or 0)]
        if name.startswith("first_loss.") and len(booked) == 1:
            called = measures.part_name(name.partition(".")[2], language, result.scheme)
            told.append(f"{called} {booked[0]}")
    if not told:
        return []
    listed = ", ".join(told)
    if language == "ko":
        return [
            f"청산 때 정산하는 우선손실과 원금 손실은 그릇의 마지막 펀드가 끝나는 해에 한꺼번에 "
            f"적습니다({listed}). 먼저 결성한 펀드는 실제로는 더 일찍 정산하므로 현재가치는 그만큼 "
            "작게 잡힙니다. 다른 끝은 --set vehicle.….first_loss.settles=realisation으로 볼 수 "
            "있습니다."
        ]
    return [
        "First losses that settle at liquidation, and losses of capital, are booked in the year "
        f"the vehicle's last fund ends ({listed}). Funds raised earlier really settle earlier, so "
        "present values are that much too small; --set vehicle.….first_loss.settles=realisation "
        "shows the other end."
    ]


def _not_said(result: Result, language: str) -> list[str]:
    assumed = counts(result.scheme)["assumed"]
    if language == "ko":
        said = [
            f"앞날을 맞히지 않습니다. 가정 {assumed}개가 맞을 때 무엇이 따르는지를 셈합니다.",
            "계산 오차는 뽑기에서만 옵니다. 가정이 틀렸을 때의 오차는 가정의 범위에 있습니다.",
            "어느 기업이나 사업이 선정될지, 정책이 옳은지는 말하지 않습니다.",
            "세수, 다른 곳의 고용, 밀려난 투자는 0으로 둔 것이 아니라 셈하지 않은 것입니다.",
        ]
        if result.engine == "fast":
            said.append(
                "기댓값으로 셈해 건별 운은 빠져 있습니다. 작은 묶음의 꼬리는 실제보다 좁고, "
                "자펀드마다 지는 우선손실도 그릇 하나로 셈해 실제보다 적게 불립니다."
            )
        return said
    said = [
        f"It does not predict. It computes what follows if {assumed} assumptions hold.",
        "Its error is of drawing alone; how far an assumption may be off is in its range.",
        "It does not say which firms or projects are chosen, nor whether the policy is right.",
        "Effects left out (tax revenue, jobs elsewhere, other investment displaced) are not zero: "
        "they were not computed.",
    ]
    if result.engine == "fast":
        said.append(
            "Expectations leave the luck of single deals out: tails of small pools are too narrow, "
            "and first losses borne sub-fund by sub-fund, taken as one fund, are called too seldom."
        )
    return said
