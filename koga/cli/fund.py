"""`koga waterfall | performance | pacing | split`: a fund's mathematics, without a database."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer

if TYPE_CHECKING:
    from koga.core.fund_terms import FundRules
    from koga.core.waterfall import Line, Outcome

JsonOption = Annotated[bool, typer.Option("--json", help="한 JSON 문서로 답함 / answer as JSON")]
PolicyOption = Annotated[str, typer.Option(help="나머지 처리 방식 / what happens to the remainder")]
FONTS = "Pretendard, 'Noto Sans KR', 'Malgun Gothic', sans-serif"
NUMBERS = {"ignore_unknown_options": True}
"""So that a negative amount is an argument and not an option."""


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    from koga.cli import fund_figures

    app.command("waterfall", help="누가 언제 왜 얼마를 받는가 / who gets what, line by line")(
        waterfall
    )
    app.command(
        "split", context_settings=NUMBERS, help="금액을 한 원까지 나눔 / split an amount exactly"
    )(split)
    fund_figures.register(app)


def waterfall(
    rules: Annotated[Path, typer.Argument(help="규약(TOML) / fund rules")],
    flows: Annotated[Path, typer.Argument(help="현금흐름(CSV) / flows")],
    xlsx: Annotated[
        Path | None, typer.Option(help="수식이 살아 있는 엑셀 / workbook with live formulas")
    ] = None,
    figure: Annotated[Path | None, typer.Option(help="그림(SVG) / figure")] = None,
    as_json: JsonOption = False,
) -> None:
    """Work dated flows through a fund's rules, from inception, to the won."""
    from koga.cli import tables
    from koga.core import fund_flows, fund_rules
    from koga.core import waterfall as payments

    with answer.answering(as_json):
        read = fund_rules.parse(tables.read_text(rules), rules.name)
        table = tables.read_csv(flows, fund_flows.COLUMNS[:3])
        dated = fund_flows.read(table.rows, list(read.members), f"{flows.name}, row")
        outcome = payments.distribute(read, dated)
        if xlsx is not None:
            from koga.documents import waterfall_workbook

            waterfall_workbook.write(xlsx, read, dated, outcome)
        if figure is not None:
            from koga.figures import waterfall as figures

            drawn = figures.who_got_what(read, outcome, answer.language())
            alone = drawn.wide.replace("<svg ", f'<svg font-family="{FONTS}" ', 1)
            figure.write_text(alone, encoding="utf-8")
        if as_json:
            answer.document(_waterfall_document(read, outcome))
        else:
            print_waterfall(read, outcome, answer.language())


def _waterfall_document(rules: "FundRules", outcome: "Outcome") -> dict[str, Any]:
    return {
        "unit": "KRW",
        "rounding": "largest_remainder",
        "lines": [
            {
                "date": line.day.isoformat(),
                "tier": line.tier,
                "to": line.to or None,
                "amount": line.won,
                "deal": line.deal or None,
                "reason": {"ko": line.reason_ko, "en": line.reason_en},
            }
            for line in outcome.lines
        ],
        "totals": dict(outcome.totals),
        "carry": {"paid": outcome.carry_paid, "returned": outcome.carry_returned},
        "positions": {
            code: {
                "paid_in": position.paid_in,
                "returned": position.returned,
                "unreturned": position.unreturned,
                "hurdle_owed": position.hurdle_owed,
            }
            for code, position in outcome.positions.items()
        },
        "fees": [_fee_year(year) for year in outcome.fee_years],
    }


def _fee_year(year: Any) -> dict[str, Any]:
    names = (
        "base",
        "gross",
        "restored",
        "waived",
        "offset_opening",
        "offset_recognised",
        "offset_applied",
        "offset_closing",
        "net",
    )
    amounts = {name: int(getattr(year, name)) for name in names}
    return {"year": year.year, "date": year.day.isoformat(), **amounts}


def print_waterfall(rules: "FundRules", outcome: "Outcome", language: str) -> None:
    """The waterfall as an accountant would draw it: one block a day, tiers down, members across."""
    from rich.console import Console

    console = Console(width=None if _is_terminal() else 140, highlight=False)
    by_day: dict[Any, list[Line]] = {}
    for line in outcome.lines:
        by_day.setdefault(line.day, []).append(line)
    for day, lines in by_day.items():
        console.print()
        console.print(f"[bold]{day}[/bold]")
        console.print(_day_table(list(rules.members), lines, language))
    console.print()
    console.print(_totals_table(rules, outcome, language))


def _is_terminal() -> bool:
    import sys

    return sys.stdout.isatty()


def _day_table(members: Sequence[str], lines: "Sequence[Line]", language: str) -> Any:
    from rich import box
    from rich.table import Table

    from koga.core.waterfall_reasons import TIERS

    korean = language == "ko"
    table = Table(box=box.SIMPLE_HEAD, show_footer=True, pad_edge=False)
    shown = [code for code in members if any(line.to == code for line in lines)]
    kept = any(not line.to for line in lines)
    table.add_column("단계" if korean else "tier", footer="합계" if korean else "total")
    table.add_column("근거" if korean else "why", ratio=1, style="dim")
    for code in shown:
        total = sum(line.won for line in lines if line.to == code)
        table.add_column(code, justify="right", no_wrap=True, footer=f"{total:,}")
    if kept:
        total = sum(line.won for line in lines if not line.to)
        name = "조합에 남음" if korean else "stays"
        table.add_column(name, justify="right", no_wrap=True, footer=f"{total:,}")
    for group in _steps(lines):
        first = group[0]
        reasons = [line.reason_ko if korean else line.reason_en for line in group]
        cells = [_sum_of(group, code) for code in shown]
        cells += [_sum_of(group, "")] if kept else []
        table.add_row(TIERS[first.tier][0 if korean else 1], _one_reason(reasons), *cells)
    return table


_NUMBER = re.compile(r"\d[\d,]*")


def _one_reason(reasons: Sequence[str]) -> str:
    """One reason for a step: amounts in which its members' reasons differ are summed.

    >>> _one_reason(["repays 800 of it", "repays 1,200 of it"])
    'repays 2,000 of it'
    """
    if len(set(reasons)) == 1:
        return reasons[0]
    if len({_NUMBER.sub("", reason) for reason in reasons}) > 1:
        return "; ".join(dict.fromkeys(reasons))
    columns = zip(*(_NUMBER.findall(reason) for reason in reasons), strict=True)
    amounts = [numbers[0] if len(set(numbers)) == 1 else _sum_text(numbers) for numbers in columns]
    parts = _NUMBER.split(reasons[0])
    return "".join(part + amount for part, amount in zip(parts, [*amounts, ""], strict=True))


def _sum_text(numbers: Sequence[str]) -> str:
    return f"{sum(int(number.replace(',', '')) for number in numbers):,}"


def _steps(lines: "Sequence[Line]") -> "list[list[Line]]":
    """Neighbouring lines of one tier; a member's second line of a tier starts a new step."""
    groups: list[list[Line]] = []
    for line in lines:
        last = groups[-1] if groups else []
        if last and last[0].tier == line.tier and all(one.to != line.to for one in last):
            last.append(line)
        else:
            groups.append([line])
    return groups


def _sum_of(lines: "Sequence[Line]", code: str) -> str:
    own = [line.won for line in lines if line.to == code]
    return f"{sum(own):,}" if own else ""


def _totals_table(rules: "FundRules", outcome: "Outcome", language: str) -> Any:
    from rich import box
    from rich.table import Table

    korean = language == "ko"
    heads = (
        ("출자자", "순위", "납입", "반환 원금", "미반환 원금", "미지급 기준수익", "순 수령")
        if korean
        else ("member", "rank", "paid in", "returned", "unreturned", "hurdle owed", "net received")
    )
    title = "누계 (원)" if korean else "In all (won)"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    table.add_column(heads[0])
    for head in heads[1:]:
        table.add_column(head, justify="right", no_wrap=True)
    for code, position in outcome.positions.items():
        amounts = (
            position.paid_in,
            position.returned,
            position.unreturned,
            position.hurdle_owed,
            outcome.totals[code],
        )
        name = f"{code} · {rules.title(code, language)}"
        rank = str(rules.members[code].rank)
        table.add_row(name, rank, *(f"{amount:,}" for amount in amounts))
    return table


def split(
    amount: Annotated[str, typer.Argument(help="나눌 금액 / the amount")],
    weights: Annotated[Path, typer.Argument(help="비율(CSV: id,weight) / weights")],
    policy: PolicyOption = "largest_remainder",
    name: Annotated[str, typer.Option(help="배분 이름, 추첨에 쓰임 / name, decides ties")] = "",
    as_json: JsonOption = False,
) -> None:
    """Split an amount in proportion to weights; parts and residue equal it to the won."""
    from koga.cli import tables
    from koga.core import money
    from koga.core.problems import Problem, Refusal

    with answer.answering(as_json):
        if policy not in money.POLICIES:
            expected = {"expected": ", ".join(money.POLICIES)}
            raise Refusal(Problem("fund.not_one_of", "--policy", policy, expected))
        total = money.parse_won(amount, "AMOUNT")
        table = tables.read_csv(weights, ("id", "weight"))
        holders, parts = _weights(table.rows, weights.name)
        done = money.split(total, parts, policy=policy, names=holders, distribution=name)
        rows = [
            {"id": holder, "amount": part} for holder, part in zip(holders, done.parts, strict=True)
        ]
        if as_json:
            answer.document(
                {"unit": "KRW", "policy": policy, "parts": rows, "residue": done.residue}
            )
            return
        for row in rows:
            print(f"{row['id']}\t{row['amount']:,}")
        answer.say(f"나머지\t{done.residue:,}", f"residue\t{done.residue:,}")


def _weights(rows: Sequence[Mapping[str, str | None]], where: str) -> tuple[list[str], list[int]]:
    """Holders and whole-number weights; decimals are scaled by one power of ten for all."""
    from koga.core import money
    from koga.core.problems import Problem, Refusal

    found: list[Problem] = []
    holders: list[str] = []
    numbers: list[Decimal] = []
    for number, row in enumerate(rows, 1):
        holder, text = (row.get("id") or "").strip(), (row.get("weight") or "").strip()
        place = f"{where}, row {number}"
        if not holder:
            found.append(Problem("fund.missing", f"{place}, id", "", {"expected": "lp-1"}))
        if holder and holder in holders:
            found.append(Problem("fund.addressed_twice", f"{place}, id", holder))
        holders.append(holder)
        try:
            weight = money.parse_decimal(text, f"{place}, weight")
        except Refusal as refusal:
            found.extend(refusal.problems)
            continue
        if weight < 0:
            found.append(Problem("money.weights", f"{place}, weight", text))
        numbers.append(weight)
    if not rows:
        found.append(Problem("fund.flows_empty", where))
    if found:
        raise Refusal(found)
    places = max(-int(weight.as_tuple().exponent) for weight in numbers)
    return holders, [int(weight.scaleb(max(places, 0))) for weight in numbers]
