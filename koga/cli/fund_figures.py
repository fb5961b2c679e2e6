"""`koga performance | pacing`: returns of a fund, and what a commitment will call and pay."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer

if TYPE_CHECKING:
    from fractions import Fraction

    from koga.core.performance import Metric
    from koga.core.pme import Index

JsonOption = Annotated[bool, typer.Option("--json", help="한 JSON 문서로 답함 / answer as JSON")]
INDEX_KINDS = ("price", "total_return")
INDEX_UNIT_BELOW = 100_000_000
"""A commitment below one 억 is read as an index (per 100) and answered unrounded."""


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(
        "performance", help="수익률과 배수, 지수 비교 / rates, multiples, index comparison"
    )(performance)
    app.command("pacing", help="약정의 납입·배분 전망 / calls and distributions to come")(pacing)


def performance(
    flows: Annotated[Path, typer.Argument(help="현금흐름(CSV) / flows")],
    index: Annotated[Path | None, typer.Option(help="지수(CSV) / index")] = None,
    index_kind: Annotated[
        str, typer.Option(help="price 또는 total_return / price or total return")
    ] = "",
    nav: Annotated[
        list[str] | None, typer.Option(help="DATE=AMOUNT, 여러 번 / may be repeated")
    ] = None,
    commitment: Annotated[str, typer.Option(help="약정액 / commitment")] = "",
    day_count: Annotated[str, typer.Option(help="일수 계산 방식 / day count")] = "act/365f",
    as_json: JsonOption = False,
) -> None:
    """Rates with every root and a status; multiples; the PME family."""
    from koga.core import day_counts
    from koga.core.problems import Problem, Refusal

    with answer.answering(as_json):
        found = []
        if day_count not in day_counts.DAY_COUNTS:
            found.append(day_counts.unknown(day_count, "--day-count"))
        if index_kind and index_kind not in INDEX_KINDS:
            expected = {"expected": ", ".join(INDEX_KINDS)}
            found.append(Problem("fund.not_one_of", "--index-kind", index_kind, expected))
        if found:
            raise Refusal(found)
        shown = _study(flows, index, index_kind, nav or [], commitment, day_count)
        if as_json:
            answer.document(shown)
        else:
            print_performance(shown, answer.language())


def _study(
    flows: Path,
    index: Path | None,
    index_kind: str,
    navs: list[str],
    commitment: str,
    day_count: str,
) -> dict[str, Any]:
    """Read everything, listing the problems of all inputs together, and measure."""
    from koga.cli import tables
    from koga.core import performance as figures
    from koga.core import performance_reading as reading

    table = tables.read_csv(flows, ("amount",))
    if "date" not in table.header:
        return _periodic(table, flows.name, index, navs)
    typed = "type" in table.header
    together = Together()
    cash = together.add(lambda: reading.read_cash(table.rows, flows.name, typed=typed), [])
    values = together.add(lambda: reading.read_values(navs), [])
    promised = together.add(lambda: reading.read_commitment(commitment) if commitment else None)
    public = together.add(lambda: _read_index(index, index_kind))
    together.refuse()
    real = figures.real_flows(cash) if typed else cash
    held = figures.record(real, values)
    metrics = figures.measure(held, day_count=day_count, commitment=promised, index=public)
    shown: dict[str, Any] = {
        "metrics": {name: _metric(metric) for name, metric in metrics.items()},
        "first": held.first.isoformat(),
        "as_of": held.last.isoformat(),
        "nav": figures.as_number(held.closing),
        "day_count": day_count,
        "under_a_year": (held.last - held.first).days < 365,
    }
    if public is not None:
        days = [day for day, _ in held.flows] + [held.last]
        shown["index"] = {
            "kind": index_kind or None,
            "days_old_max": max(public.age_days(day) for day in days),
        }
    if typed:
        found = figures.views(cash, values, day_count=day_count)
        shown["views"] = {
            view: {name: _metric(metric) for name, metric in each.items()}
            for view, each in found.items()
        }
    return shown


class Together:
    """Collects the problems of several readings, to refuse once."""

    def __init__(self) -> None:
        self.found: list[Any] = []

    def add(self, read: Any, instead: Any = None) -> Any:
        """The reading, or `instead` where it was refused."""
        from koga.core.problems import Refusal

        try:
            return read()
        except Refusal as refusal:
            self.found.extend(refusal.problems)
            return instead

    def refuse(self) -> None:
        """Refuse where there was a problem."""
        from koga.core.problems import Refusal

        if self.found:
            raise Refusal(self.found)


def _read_index(index: Path | None, kind: str) -> "Index | None":
    from koga.cli import tables
    from koga.core import performance_reading as reading

    if index is None:
        return None
    return reading.read_index(tables.read_csv(index, ("date", "value")).rows, index.name, kind=kind)


def _periodic(table: Any, name: str, index: Path | None, navs: list[str]) -> dict[str, Any]:
    from koga.core import performance as figures
    from koga.core import performance_reading as reading
    from koga.core.problems import Problem, Refusal

    given = [(f"--nav {one}", "--nav") for one in navs] + (
        [("--index", "--index")] if index else []
    )
    if given:
        raise Refusal([Problem("performance.periodic_nav", name, text) for text, _ in given])
    metrics = figures.periodic(reading.read_amounts(table.rows, name))
    return {
        "metrics": {label: _metric(metric) for label, metric in metrics.items()},
        "day_count": "periodic",
    }


def _metric(metric: "Metric") -> dict[str, Any]:
    shown: dict[str, Any] = {
        "value": metric.value,
        "status": metric.status,
        "roots": list(metric.roots),
        "convention": metric.convention or None,
        "as_of": metric.as_of.isoformat() if metric.as_of else None,
        "nav_dates": [day.isoformat() for day in metric.navs],
        **metric.more,
    }
    if metric.value is None:
        shown["reason"] = {"ko": metric.reason[0], "en": metric.reason[1]}
    return shown


LABELS: Mapping[str, tuple[str, str]] = {
    "irr": ("내부수익률(IRR)", "internal rate of return"),
    "dpi": ("실현 배수(DPI)", "DPI"),
    "rvpi": ("잔존 배수(RVPI)", "RVPI"),
    "tvpi": ("투자배수(TVPI)", "TVPI"),
    "pic": ("납입률(PIC)", "paid in to commitment"),
    "ks_pme": ("공개시장 대비(KS-PME)", "Kaplan-Schoar PME"),
    "ln_pme": ("지수 투자 수익률(LN-PME)", "Long-Nickels PME"),
    "pme_plus": ("PME+", "PME+"),
    "mpme": ("mPME", "mPME"),
    "direct_alpha": ("다이렉트 알파", "direct alpha"),
    "direct_alpha_log": ("다이렉트 알파(로그)", "direct alpha (log)"),
    "modified_dietz": ("수정 디츠", "modified Dietz"),
}
_RATES = re.compile("irr|ln_pme|pme_plus|mpme|direct_alpha|modified_dietz")


def print_performance(shown: Mapping[str, Any], language: str) -> None:
    """Metrics as a table; the four views beside each other."""
    from rich.console import Console

    console = Console(highlight=False)
    console.print(_metrics_table(shown, language))
    if "views" in shown:
        console.print(_views_table(shown["views"], language))


def _metrics_table(shown: Mapping[str, Any], language: str) -> Any:
    from rich import box
    from rich.table import Table

    korean = language == "ko"
    title = f"{shown.get('first', '')} – {shown.get('as_of', '')} · {shown['day_count']}"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for head in ("지표", "값", "상태", "비고") if korean else ("metric", "value", "status", "note"):
        table.add_column(head, justify="right" if head in ("값", "value") else "left")
    for name, metric in shown["metrics"].items():
        label = LABELS[name][0 if korean else 1]
        table.add_row(label, _figure(name, metric), metric["status"], _note(metric, language))
    return table


def _figure(name: str, metric: Mapping[str, Any]) -> str:
    if metric["value"] is None:
        return "–"
    if _RATES.fullmatch(name) or name == "direct_alpha_log":
        return f"{metric['value'] * 100:,.4f} %"
    return f"{metric['value']:,.4f}"


def _note(metric: Mapping[str, Any], language: str) -> str:
    notes = []
    if metric["value"] is None:
        notes.append(metric["reason"][language])
        if metric["roots"]:
            notes.append(", ".join(f"{root * 100:,.4f} %" for root in metric["roots"]))
    if metric.get("lambda") is not None:
        notes.append(f"λ {metric['lambda']:,.4f}")
    if metric.get("terminal") is not None:
        notes.append(f"{'끝값' if language == 'ko' else 'terminal'} {metric['terminal']:,.2f}")
    return "  ".join(notes)


def _views_table(found: Mapping[str, Any], language: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title="ILPA", title_justify="left", pad_edge=False)
    table.add_column("")
    heads = {
        "gross_with_facility": ("총(차입 포함)", "gross, with facility"),
        "net_with_facility": ("순(차입 포함)", "net, with facility"),
        "gross_without_facility": ("총(차입 제외)", "gross, without facility"),
        "net_without_facility": ("순(차입 제외)", "net, without facility"),
    }
    for view in found:
        table.add_column(heads[view][0 if language == "ko" else 1], justify="right")
    for name in ("irr", "dpi", "rvpi", "tvpi"):
        label = LABELS[name][0 if language == "ko" else 1]
        table.add_row(label, *(_figure(name, each[name]) for each in found.values()))
    return table


def pacing(
    commitment: Annotated[str, typer.Option(help="약정액 / commitment")],
    contributions: Annotated[str, typer.Option(help="연도별 납입률 R1,R2,… / rates by year")],
    life: Annotated[int, typer.Option(help="존속기간(년) / life in years")],
    bow: Annotated[float, typer.Option(help="배분 곡선 / bow")],
    growth: Annotated[float, typer.Option(help="연 성장률 / yearly growth")],
    yield_: Annotated[float, typer.Option("--yield", help="최소 배분률 / yield")],
    years: Annotated[int, typer.Option(help="전망 연수 / years shown")],
    as_json: JsonOption = False,
) -> None:
    """Project a commitment by the model of Takahashi and Alexander (2001)."""
    from koga.core import performance_reading as reading
    from koga.plan.engine import pacing as model

    with answer.answering(as_json):
        together = Together()
        amount = together.add(lambda: reading.read_commitment(commitment), 0)
        rates = together.add(lambda: _rates(contributions), ())
        together.refuse()
        assumed = model.assume(amount, rates, life=life, bow=bow, growth=growth, yield_=yield_)
        path = model.project(assumed, years)
        whole = amount >= INDEX_UNIT_BELOW
        rows = [_pacing_row(year, whole) for year in path]
        if as_json:
            shown = {"unit": "KRW" if whole else None, "years": rows}
            answer.document({**shown, "tvpi": model.multiple(path), "irr": model.rate(path)})
        else:
            _print_pacing(rows, answer.language())


def _rates(text: str) -> "list[Fraction]":
    """Rates by year, separated by commas: shares, per cents or fractions."""
    from koga.core.fund_rules import Reading
    from koga.core.problems import Refusal

    reading = Reading("")
    shares = [
        reading.fraction(part, f"--contributions {place}")
        for place, part in enumerate(text.split(","), 1)
    ]
    if reading.found:
        raise Refusal(reading.found)
    return [share for share in shares if share is not None]


def _pacing_row(year: Any, whole: bool) -> dict[str, Any]:
    names = ("contribution", "distribution", "nav", "unfunded")
    amounts = {name: getattr(year, name) for name in names}
    rounded = {name: round(amount) for name, amount in amounts.items()}
    return {"year": year.year, **(rounded if whole else amounts)}


def _print_pacing(rows: list[dict[str, Any]], language: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    heads = (
        ("연차", "납입", "배분", "순자산가치", "미납입 약정액")
        if language == "ko"
        else ("year", "contribution", "distribution", "NAV", "undrawn")
    )
    for head in heads:
        table.add_column(head, justify="right")
    for row in rows:
        year, *amounts = row.values()
        table.add_row(
            str(year),
            *(f"{one:,}" if isinstance(one, int) else f"{one:,.2f}" for one in amounts),
        )
    Console(highlight=False).print(table)
