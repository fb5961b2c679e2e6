"""The cost of a scheme by fiscal year and who bears it, in the layout of a Korean cost estimate.

A bill that costs money comes with a cost estimate (비용추계서, National Assembly Act art. 79-2):
by art. 4 of the rules made under it (의안의 비용추계 등에 관한 규칙) with the result, what causes
cost, and the premises. This module gives its tables as data; sheets, pages and terminals print
them. Won are whole; every total is the sum of the cells printed above it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from koga.core.problems import ensure
from koga.plan.schemes import rows
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.shape import Scheme

Kind: TypeAlias = Literal["part", "less", "total", "memo"]
Means: TypeAlias = Mapping[str, Sequence[float]]
"""Mean won by name of a series and year, from the first year of the horizon on."""

YEARS = 5
"""Years a cost estimate shows one by one; the rest of the horizon is one column."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: name of the series it shows, its words, won by column.

    kind: `part` adds to the total, `less` is taken from it (printed with △), `total` is their sum,
    `memo` stands beside it. formula: how it is worked out, in Korean and English.
    """

    name: str
    kind: Kind
    ko: str
    en: str
    won: tuple[int, ...]
    formula_ko: str
    formula_en: str

    def label(self, language: str) -> str:
        """Its words."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True, slots=True)
class Column:
    """A heading in Korean and English; year 0 for sums of years."""

    year: int
    ko: str
    en: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the estimate, in won."""

    name: str
    ko: str
    en: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Premise:
    """One assumption the estimate stands on: a figure of the scheme with its basis and source."""

    ko: str
    en: str
    value: str
    basis: str
    source: str
    note_ko: str
    note_en: str


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """The whole estimate: result, who bears it, promises beside it, premises."""

    result: Table
    payers: Table
    promises: Table
    premises: tuple[Premise, ...]


_RESULT: tuple[tuple[str, Kind, str, str, str, str], ...] = (
    ("budget.paid_in", "part", "펀드 출자·우선손실 납입", "Money put into vehicles",
     "재정 재원이 그릇에 낸 돈", "what budget sources paid into vehicles"),
    ("budget.interest", "part", "채권 이자 지원", "Interest support",
     "펀드 현금으로 못 낸 이자 가운데 재정이 지원한 금액",
     "bond interest the fund's cash did not reach, as far as a budget supports it"),
    ("budget.guarantee", "part", "국가보증 지급", "Payments on state guarantees",
     "펀드가 못 갚은 보증채 원리금", "principal and interest of guaranteed bonds left unpaid"),
    ("budget.programmes", "part", "지원사업", "Programmes",
     "연도별 물량 × 단가", "quantity by year x unit cost"),
    ("budget.returned", "less", "출자 회수", "Returned from vehicles",
     "그릇에서 돌아온 원금과 이익", "capital and gains that came back"),
    ("budget.recovered", "less", "구상금 회수", "Guarantee payments recovered",
     "대신 갚은 돈 가운데 돌려받은 금액", "of what was paid on guarantees, what came back"),
)  # fmt: skip
_PAYERS: tuple[tuple[str, Kind, str, str, str, str], ...] = tuple(
    (f"borne.{name}", "part", ko, en, "낸 돈 − 받은 돈", "paid less got")
    for name, ko, en in (
        ("state", "국비", "State budget"),
        ("local", "지방비", "Local budgets"),
        ("fund", "기금·공공기관", "Funds and public bodies"),
        ("private", "민간", "Private money"),
        ("lenders", "채권 투자자(빌려준 돈)", "Bondholders (lent)"),
    )
)


def estimate(scheme: Scheme, means: Means, *, first_year: int, years: int = YEARS) -> CostEstimate:
    """The estimate of a simulated scheme.

    means: of the series `budget.*`, `borne.*`, `bonds.*`, `subsidy.*`, such as a result's. years:
    shown one by one; the rest of the horizon has a column of its own, and all of it one.
    """
    columns = _columns(means, first_year, years)
    return CostEstimate(
        result=_table(("result", "추계 결과", "Result"), columns, _rows(means, _RESULT, years),
                      ("재정의 순부담", "Net cost to budgets")),
        payers=_table(("payers", "재원 부담", "Who bears it"), columns,
                      _rows(means, _PAYERS, years), ("합계", "All together")),
        promises=Table("promises", "따로 보는 우발채무와 보조", "Promises and subsidies beside it",
                       columns, tuple(_memos(means, years))),
        premises=tuple(premises(scheme)),
    )  # fmt: skip


def _columns(means: Means, first_year: int, years: int) -> tuple[Column, ...]:
    horizon = len(means["budget.net"])
    shown = min(years, horizon)
    single = [
        Column(year, f"{year}년", str(year)) for year in range(first_year, first_year + shown)
    ]
    last = first_year + horizon - 1
    span = f"{first_year}~{first_year + shown - 1}"
    sums = [
        Column(0, f"{span}년 합계", span.replace("~", "-")),
        Column(0, f"{shown}년 연평균", f"Mean of {shown}"),
    ]
    if horizon > shown:
        after = f"{first_year + shown}~{last}"
        sums.append(Column(0, f"{after}년", after.replace("~", "-")))
        sums.append(Column(0, f"전 기간({horizon}년)", f"All {horizon} years"))
    return tuple(single + sums)


def _cells(by_year: Sequence[float], years: int) -> tuple[int, ...]:
    """Whole won: years one by one, their sum, a year on average, the rest, all."""
    won = [round(value) for value in by_year]
    shown = won[:years]
    head = sum(shown)
    cells = [*shown, head, round(head / len(shown))]
    if len(won) > years:
        cells += [sum(won) - head, sum(won)]
    return tuple(cells)


def _rows(
    means: Means, listed: Iterable[tuple[str, Kind, str, str, str, str]], years: int
) -> list[Row]:
    return [
        Row(name, kind, ko, en, _cells(means[name], years), formula_ko, formula_en)
        for name, kind, ko, en, formula_ko, formula_en in listed
    ]


def _table(
    named: tuple[str, str, str],
    columns: tuple[Column, ...],
    parts: list[Row],
    summed: tuple[str, str],
) -> Table:
    """Parts and, last, their total: each of its cells adds up the cells above it."""
    signs = [-1 if row.kind == "less" else 1 for row in parts]
    won = tuple(
        sum(sign * row.won[place] for sign, row in zip(signs, parts, strict=True))
        for place in range(len(columns))
    )
    ensure(all(len(row.won) == len(columns) for row in parts), "a row has other columns")
    last = Row(named[0], "total", *summed, won, "위 항목의 합", "sum of the above")
    return Table(*named, columns, (*parts, last))


_MEMOS: tuple[tuple[str, str, str, str, str], ...] = (
    ("budget.first_loss", "재정이 먼저 진 손실", "First loss borne by budgets",
     "출자와 회수의 차이에 들어 있음", "part of paid in less returned"),
    ("bonds.issued", "채권 발행(새로)", "Bonds issued anew",
     "납입과 이자를 내려고 발행한 액면", "face value issued for calls and interest"),
    ("bonds.refinanced", "채권 차환", "Bonds refinanced",
     "만기 원금을 갚으려고 발행한 액면", "face value issued to repay principal"),
    ("bonds.interest", "채권 이자", "Bond interest", "누가 내든", "whoever pays it"),
    ("bonds.to_consent", "앞으로 동의받아야 할 발행", "Issues not consented to yet",
     "동의한 한도가 없는 해의 발행액", "issues of years without a limit"),
    ("subsidy.treasury", "융자 보조(국고채 할인)", "Loan subsidy, treasury rates",
     "발생 기준; 현금에 더하지 않음", "by accrual; not added to cash"),
    ("subsidy.fair", "융자 보조(공정가치)", "Loan subsidy, fair value",
     "시장 위험의 값을 더한 발생 기준", "by accrual, market risk priced"),
)  # fmt: skip


def _memos(means: Means, years: int) -> Iterable[Row]:
    """Rows beside the cash; bonds of several sources are added up."""
    for name, ko, en, formula_ko, formula_en in _MEMOS:
        series = [won for one, won in means.items() if one == name or one.startswith(f"{name}.")]
        if series:
            by_year = [sum(year) for year in zip(*series, strict=True)]
            yield Row(name, "memo", ko, en, _cells(by_year, years), formula_ko, formula_en)


_FLAT: tuple[str, ...] = (
    "fund.first_year", "fund.deployment_years", "fund.life_years", "fund.reinvested_share",
    "fund.undeployed_share",
)  # fmt: skip


def premises(scheme: Scheme) -> Iterable[Premise]:
    """The figures an estimate stands on: time, market, bonds, loans, first losses, programmes."""
    tests: tuple[Callable[[str], bool], ...] = (
        lambda path: path in _FLAT,
        lambda path: path.startswith("market."),
        lambda path: path.startswith("capital.") and ".bond." in path,
        lambda path: path.startswith("class.") and ".loan." in path,
        lambda path: path.startswith("vehicle.") and ".first_loss." in path,
        lambda path: (
            path.startswith("programme.") and (path.endswith(".unit_cost") or ".quantity." in path)
        ),
    )
    for test in tests:
        for leaf in scheme.leaves.values():
            if test(leaf.path):
                yield _premise(scheme, leaf)


def _premise(scheme: Scheme, leaf: Leaf) -> Premise:
    cited = scheme.sources.get(leaf.source)
    source = f"{cited.publisher}, {cited.title} ({cited.date})" if cited else leaf.source
    return Premise(
        ko=leaf.label_ko,
        en=leaf.label_en,
        value=rows.value_text(scheme, leaf),
        basis=leaf.basis,
        source=source,
        note_ko=leaf.note_ko,
        note_en=leaf.note_en,
    )
