"""`koga cashflow`: the deterministic path of a scheme, to the won."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer
from koga.cli.futures import AsJson, Sets, assignments, print_table

if TYPE_CHECKING:
    from koga.documents.futures_words import Printed
    from koga.plan.cashflow import Cashflow


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("cashflow")(cashflow)


def cashflow(
    scheme: Annotated[Path, typer.Argument(help="A scheme file. / 계획 파일")],
    sets: Sets = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """The one path on which every chance takes its mean / 모든 값이 평균대로인 한 갈래의 흐름."""
    from koga import plan
    from koga.plan import cashflow as of_plan

    with answer.answering(as_json):
        chosen = plan.load(scheme)
        changes = assignments(sets)
        found = of_plan.cashflow(plan.changed(chosen, changes) if changes else chosen)
    if as_json:
        answer.document(as_document(found))
    else:
        print_cashflow(found)


def as_document(found: "Cashflow") -> dict[str, Any]:
    """The answer as JSON: money in won, rates as numbers, an undefined figure as null."""
    from koga.plan import cashflow as of_plan

    return {
        "scheme": found.scheme.code,
        "hash": found.scheme.sha256,
        "unit": "KRW",
        "committed": [
            {
                "year": cell.year,
                "instrument": cell.instrument,
                "source": cell.source,
                "amount": cell.amount_won,
                "unit": "KRW",
            }
            for cell in found.committed
        ],
        "years": list(of_plan.years(found)),
        "quarters": list(of_plan.quarters(found)),
        "measures": {name: _measure(name, value) for name, value in found.measures.items()},
    }


def _measure(name: str, value: float) -> dict[str, Any]:
    from koga.plan import measures

    unit = measures.find(name).unit
    if value != value:
        return {"value": None, "unit": unit, "status": "undefined"}
    known = round(value) if unit == measures.MONEY else value
    return {"value": known, "unit": unit, "status": "defined"}


def print_cashflow(found: "Cashflow") -> None:
    """The path for people: years, sources of money, vehicles, and what it comes to."""
    from rich.console import Console

    korean = answer.language() == "ko"
    scheme, console = found.scheme, Console()
    printed = _unit(found, korean)
    console.print(f"[bold]{scheme.name_ko if korean else scheme.name_en}[/]")
    answer.say(
        f"모든 값이 평균대로인 한 갈래의 흐름입니다. 예측이 아닙니다. 단위 {printed.unit}\n",
        f"The one path on which every chance takes its mean; not a forecast. In {printed.unit}\n",
    )
    _print_years(found, printed, korean)
    _print_sources(found, printed, korean)
    _print_vehicles(found, printed, korean)
    _print_measures(found, korean)


def _unit(found: "Cashflow", korean: bool) -> "Printed":
    """One unit for all tables, by the size of the scheme."""
    from koga.documents.futures_words import Printed

    total = sum(cell.amount_won for cell in found.committed)
    if total >= 10**14:
        return Printed(10**12, 2, "조 원" if korean else "trillion won")
    if korean:
        return Printed(10**8, 1, "억 원")
    return Printed(10**9, 2, "bn won")


def _print_years(found: "Cashflow", printed: "Printed", korean: bool) -> None:
    from koga.plan import cashflow as of_plan

    heads = (
        ("연도", "약정", "투자", "돌아온 돈", "공공 납입", "공공 수령", "민간 납입", "민간 수령",
         "보수", "지원사업", "공공 누계")
        if korean
        else ("Year", "Committed", "Invested", "Back", "Public in", "Public out", "Private in",
              "Private out", "Managers", "Programmes", "Public net")
    )  # fmt: skip
    side = {source.name: source.side for source in found.model.sources}
    committed: dict[int, int] = {}
    for cell in found.committed:
        committed[cell.year] = committed.get(cell.year, 0) + cell.amount_won
    rows, sums, net = [], [0] * 9, 0
    for year in of_plan.years(found):
        won = _year(year, side)
        won = [committed.get(year["year"], 0), *won]
        net += won[4] - won[3]
        if any(won):
            sums = [one + other for one, other in zip(sums, won, strict=True)]
            rows.append([str(year["year"]), *map(printed.won, won), printed.won(net)])
    rows.append(["합계" if korean else "All", *map(printed.won, sums), printed.won(net)])
    print_table(heads, rows, words=1)
    answer.say(
        "공공은 펀드와 재정의 돈이며, 채권 이자와 지원사업은 들어 있지 않습니다.",
        "Public is money of the fund and the budget; bond interest and programmes are not in it.",
    )


def _year(year: dict[str, Any], side: dict[str, str]) -> list[int]:
    """Deals, public and private money, managers and programmes of a year."""
    vehicles, sources = year["vehicles"].values(), year["sources"].items()

    def of_side(private: bool, what: str) -> int:
        return sum(row[what] for name, row in sources if (side[name] == "private") is private)

    return [
        sum(row["invested"] for row in vehicles),
        sum(row["returned"] for row in vehicles),
        of_side(False, "paid"),
        of_side(False, "received"),
        of_side(True, "paid"),
        of_side(True, "received"),
        sum(row["fees"] + row["carry"] for row in vehicles),
        sum(row["cost"] for row in year["programmes"].values()),
    ]


def _print_sources(found: "Cashflow", printed: "Printed", korean: bool) -> None:
    from koga.plan import cashflow as of_plan

    heads = (
        ("돈의 원천", "낸 돈", "받은 돈", "남은 몫(원가)", "차이")
        if korean
        else ("Source of money", "Paid in", "Received", "Still held, at cost", "Difference")
    )
    held = of_plan.holdings(found).held
    rows = []
    for name, row in of_plan.by_source(found).items():
        paid, received, rest = sum(row["paid"]), sum(row["received"]), round(held[name][0])
        words = [paid, received, rest, received + rest - paid]
        rows.append([_name(found, name, korean), *map(printed.won, words)])
    print()
    print_table(heads, rows, words=1)


def _print_vehicles(found: "Cashflow", printed: "Printed", korean: bool) -> None:
    from koga.plan import cashflow as of_plan
    from koga.plan.money import pots

    heads = (
        ("그릇", "투자", "돌아온 돈", "납입", "배분", "보수", "성과보수", "우선손실")
        if korean
        else ("Vehicle", "Invested", "Back", "Called", "Distributed", "Fees", "Carry", "First loss")
    )
    keys = ("invested", "returned", "called", "distributed", "fees", "carry", "first_loss")
    called = "name_ko" if korean else "name_en"
    rows = [
        [
            str(found.scheme.plain.get(f"vehicle.{name}.{called}") or _name(found, name, korean)),
            *(printed.won(sum(row[key])) for key in keys),
        ]
        for name, row in of_plan.by_vehicle(found).items()
    ]
    print()
    print_table(heads, rows, words=1)
    apart = pots.settled_apart(found.scheme)
    if apart:
        listed = ", ".join(_name(found, name, korean) for name in apart)
        answer.say(
            f"{listed}: 자펀드마다 지는 우선손실을 여기서는 그릇 하나로 셈하므로 실제보다 "
            "적습니다.",
            f"{listed}: first losses borne sub-fund by sub-fund are reckoned here on the whole "
            "vehicle, hence too low.",
        )


def _print_measures(found: "Cashflow", korean: bool) -> None:
    from koga.documents import futures_words
    from koga.plan import measures

    language = "ko" if korean else "en"
    printed = _unit(found, korean)
    rows: list[Sequence[str]] = []
    for name, value in found.measures.items():
        unit = measures.find(name).unit
        known = None if value != value else value
        rows.append(
            [
                measures.label(name, language, found.scheme),
                futures_words.cell(known, unit, printed),
                futures_words.unit_of(unit, printed, language),
            ]
        )
    print()
    heads = ("지표", "값", "단위") if korean else ("Measure", "Value", "Unit")
    print_table(heads, rows, words=1)


def _name(found: "Cashflow", name: str, korean: bool) -> str:
    from koga.plan import measures

    return measures.part_name(name, "ko" if korean else "en", found.scheme)
