"""Measures of a simulation as printed tables: by what they are about, with error and spread."""

from collections.abc import Mapping, Sequence

from koga.documents import futures_words as words
from koga.documents.sheet import Table
from koga.plan import measures
from koga.plan.figure import Figure
from koga.plan.result import Result

GROUPS: Sequence[tuple[str, str, tuple[str, ...]]] = (
    ("수익과 배수", "Returns and multiples",
     ("gross_", "irr.", "irr_vehicle.", "tvpi.", "dpi.", "managers_share")),
    ("나가고 돌아오는 돈(명목)", "Money out and back, nominal",
     ("lowest.", "back.", "net_at_end.")),
    ("손실과 보호", "Loss and protection",
     ("loss_ratio", "loss.", "protected_", "first_loss_used.")),
    ("재정비용", "Cost to budgets", ("cost.", "programmes.")),
    ("우발채무", "Contingent liabilities", ("call.", "guarantee.", "claim", "carry.", "exposure.")),
    ("집중과 시장", "Concentration and the market", ("concentration.", "equity_to_market_")),
    ("인재, GPU, 규제", "People, GPUs, rules",
     ("talents_", "gpu_", "rules_", "key_talent", "hub_")),
)  # fmt: skip
"""Headings of the table of measures, each with the beginnings of the names under it."""
_APART = ("subsidy_rate.", "obligation_")
"""Measures with a table of their own."""
_REST = ("그 밖", "Others")


def tables(result: Result, language: str) -> list[Table]:
    """All measures, then loan subsidies by class and obligations by name."""
    found = {name: each for name, each in result.figures.items() if each.mean is not None}
    made = (_all, _subsidies, _obligations)
    return [table for make in made if (table := make(result, found, language)) is not None]


def grouped(names: Sequence[str]) -> Mapping[tuple[str, str], list[str]]:
    """Names of measures under their headings, in the order of the headings."""
    left = [name for name in names if not name.startswith(_APART)]
    told: dict[tuple[str, str], list[str]] = {}
    for ko, en, starts in GROUPS:
        told[ko, en] = [name for start in starts for name in left if name.startswith(start)]
        left = [name for name in left if name not in told[ko, en]]
    told[_REST] = left
    return {heading: under for heading, under in told.items() if under}


def _all(result: Result, found: Mapping[str, Figure], language: str) -> Table | None:
    if not found:
        return None
    korean = language == "ko"
    printed = words.printed_for(found.values(), language)
    body: list[Sequence[str]] = []
    for heading, under in grouped(list(found)).items():
        body.append([heading[0 if korean else 1]])
        body += [
            words.row(result.label(name, language), found[name], printed, language)
            for name in under
        ]
    return Table(
        title="지표와 계산 오차" if korean else "Measures and their error",
        note=" ".join(
            part
            for part in (
                _note(result, language),
                _drawn(found, language),
                _undefined(result, found, language),
            )
            if part
        ),
        columns=("지표", "단위", "평균", "오차", "5%", "오차", "가운데", "오차", "95%", "오차")
        if korean
        else (
            "Measure",
            "Unit",
            "Mean",
            "Error",
            "5 %",
            "Error",
            "Median",
            "Error",
            "95 %",
            "Error",
        ),
        kinds=("word", "word", *("number",) * 8),
        rows=body,
        widths=(1, *(0,) * 9),
    )


def _note(result: Result, language: str) -> str:
    fast = result.engine == "fast"
    if language == "ko":
        near = " ≈는 건마다 뽑은 평균과 조금 다를 수 있는 값입니다." if fast else ""
        return (
            "오차는 바로 앞 수의 표준오차로 뽑기에서만 오며 가정의 오차가 아닙니다. 5%·95%는 앞날 "
            "20가지에 "
            "1가지가 그보다 낮은(높은) 값입니다. –는 폭이 없거나(모든 앞날에서 같음) 폭에 뜻이 "
            "없는 "
            f"것입니다(확률, 공정가치). 정의는 부록에 있습니다.{near}"
        )
    near = " ≈ marks what may differ a little from the mean of drawn deals." if fast else ""
    return (
        "Error is the standard error of the number before it: from drawing alone, not from "
        "assumptions. One "
        "future in twenty is below the 5 % (above the 95 %) value. –: no spread (the same in every "
        f"future), or none with a meaning (a chance, a fair value). Definitions: annex.{near}"
    )


def _drawn(found: Mapping[str, Figure], language: str) -> str:
    """What marks say of how a figure was drawn."""
    if not any(each.weighed for each in found.values()):
        return ""
    if language == "ko":
        return (
            "‡는 중요도 표집으로 셈한 확률과 드문 금액, †는 표본이 적어 더 뽑아야 할 수입니다. "
            "5%·95%는 옮기지 않은 앞날의 것이라, 위험 표의 VaR(중요도 표집)과 그 오차 안에서 "
            "다를 수 있습니다."
        )
    return (
        "‡: chances and rare amounts by importance sampling; †: on too few paths. 5 % and 95 % are "
        "of plain futures: the VaR of the risk table, by importance sampling, may differ from them "
        "within its error."
    )


def _undefined(result: Result, found: Mapping[str, Figure], language: str) -> str:
    """Which figures some futures leave out, and how many of them."""
    left = [
        f"{result.label(name, language)} {result.paths - each.defined:,}"
        for name, each in found.items()
        if 0 < each.defined < result.paths
    ]
    if not left:
        return ""
    if language == "ko":
        return f"정의되지 않아 뺀 앞날의 수: {', '.join(left)}."
    return f"Futures left out as undefined: {', '.join(left)}."


def _subsidies(result: Result, found: Mapping[str, Figure], language: str) -> Table | None:
    """Loan subsidy rates, one line a class."""
    start = "subsidy_rate.treasury."
    names = [name.removeprefix(start) for name in found if name.startswith(start)]
    if not names:
        return None
    korean = language == "ko"
    return Table(
        title="융자 보조율(%)" if korean else "Loan subsidy rates, %",
        note=_definition_of("subsidy_rate.treasury.*", language)
        + (" 모든 앞날에서 같으므로 오차가 없습니다." if korean else
           " The same in every future, hence without error."),
        columns=("묶음", "국고채 할인", "공정가치(시장 위험의 값을 더함)")
        if korean
        else ("Class of loans", "Treasury rates", "Fair value (market risk priced)"),
        kinds=("word", "number", "number"),
        rows=[
            [
                measures.part_name(name, language, result.scheme),
                *(_shown(found[f"subsidy_rate.{at}.{name}"]) for at in ("treasury", "fair")),
            ]
            for name in names
        ],
        widths=(1, 0, 0),
    )  # fmt: skip


def _shown(each: Figure) -> str:
    return words.cell(each.mean, each.unit, words.Printed(1, 0, ""))


def _obligations(result: Result, found: Mapping[str, Figure], language: str) -> Table | None:
    """Obligations, one line each: how far they are reached, and how often."""
    start = "obligation_met."
    names = [name.removeprefix(start) for name in found if name.startswith(start)]
    if not names:
        return None
    korean = language == "ko"
    return Table(
        title="의무와 조건의 이행" if korean else "Obligations",
        note=_obligations_note(language),
        columns=(
            "의무",
            "이행 배수(배)",
            "오차",
            "5%",
            "오차",
            "95%",
            "오차",
            "지킨 기간(%)",
            "오차",
        )
        if korean
        else (
            "Obligation",
            "Done / asked",
            "Error",
            "5 %",
            "Error",
            "95 %",
            "Error",
            "Periods met, %",
            "Error",
        ),
        kinds=("word", *("number",) * 8),
        rows=[_obligation(result, found, name, language) for name in names],
        widths=(1, *(0,) * 8),
    )


def asked(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Figures that have a value, without how often an obligation is met that asks nothing."""
    met = "obligation_met."
    return {
        name: each
        for name, each in figures.items()
        if each.mean is not None
        and not (
            name.startswith(met)
            and (reached := figures.get(f"obligation_reached.{name.removeprefix(met)}"))
            and reached.mean is None
        )
    }


def _obligations_note(language: str) -> str:
    if language == "ko":
        return (
            "이행 배수는 한 것 ÷ 요구한 것(재는 모든 해를 합함), 지킨 기간은 앞날의 평균입니다. "
            "요구가 0이면 –. 어느 기업에 돈이 갈지는 묶음마다 둔 몫(가정)을 따릅니다. 지역과 "
            "중소기업의 몫처럼 정해진 몫만으로 셈하는 의무는 앞날마다 같아 오차와 폭이 없습니다(–)."
        )
    return (
        "Done / asked over all years measured; periods met is the mean over futures. – where "
        "nothing is asked. Which firms get the money follows the shares assumed for each class: an "
        "obligation reckoned from shares alone (region, SMEs) is the same in every future and has "
        "neither error nor spread (–)."
    )


def _obligation(
    result: Result, found: Mapping[str, Figure], name: str, language: str
) -> Sequence[str]:
    label = measures.part_name(name, language, result.scheme)
    reached, met = found.get(f"obligation_reached.{name}"), found[f"obligation_met.{name}"]
    shown = words.spread_cells(reached, words.Printed(1, 0, "")) if reached else ["–"] * 8
    asked = words.spread_cells(met, words.Printed(1, 0, ""))
    kept = asked[:2] if reached else ["–", "–"]
    return [label, *shown[:4], *shown[6:], *kept]


def definitions(result: Result, language: str) -> list[Table]:
    """What every printed measure is, each pattern once."""
    found = [name for name, each in result.figures.items() if each.mean is not None]
    if not found:
        return []
    korean = language == "ko"
    told = [(measures.find(name).label(language), _definition_of(name, language)) for name in found]
    return [
        Table(
            title="지표의 정의" if korean else "What the measures are",
            note="",
            columns=("지표", "정의") if korean else ("Measure", "Definition"),
            kinds=("word", "word"),
            rows=list(dict.fromkeys(told)),
            widths=(1, 2.6),
            annex=True,
        )
    ]


def _definition_of(name: str, language: str) -> str:
    return measures.find(name).definition(language)
