"""`koga evaluate funds`: what funds returned, by vintage, instrument, sector and manager."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer

if TYPE_CHECKING:
    from koga.core.pme import Index
    from koga.evaluate.finding import Words
    from koga.evaluate.funds.fund_release import Benchmark
    from koga.evaluate.funds.funds import Figure, FundFinding

JsonOption = Annotated[bool, typer.Option("--json", help="한 JSON 문서로 답함 / answer as JSON")]


def register(group: typer.Typer) -> None:
    """Add `funds` to the commands of `koga evaluate`."""
    group.command("funds", help="펀드 성과와 지수 비교 / what funds returned, against an index")(
        funds
    )


def funds(
    source: Annotated[
        Path,
        typer.Argument(help="흐름이나 누계 표, 또는 공개판 폴더 / flows, totals, or a release"),
    ],
    index: Annotated[
        str,
        typer.Option(help="지수(CSV), 또는 공개판에 실린 지수 코드 / index, or one of a release"),
    ] = "",
    index_kind: Annotated[
        str,
        typer.Option(
            "--index-kind", "--kind", help="price 또는 total_return / price or total return"
        ),
    ] = "",
    by: Annotated[
        str, typer.Option(help="묶을 항목 / dimensions: vintage,instrument,sector,manager,fund")
    ] = "",
    column: Annotated[
        list[str] | None, typer.Option(help="역할=머리글, 여러 번 / PART=HEADING, may be repeated")
    ] = None,
    values: Annotated[
        Path | None, typer.Option(help="공개판 펀드의 평가값(CSV) / values of a release's funds")
    ] = None,
    minimum: Annotated[int, typer.Option(help="보일 수 있는 펀드 수 / fewest funds shown")] = 5,
    draws: Annotated[int, typer.Option(help="지수를 다시 뽑는 횟수 / draws of the index")] = 999,
    block_months: Annotated[int, typer.Option(help="다시 뽑는 달 묶음 / months a block")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="난수 씨앗 / seed of the draws")] = 1,
    figure: Annotated[
        Path | None, typer.Option(help="그림(SVG)을 쓸 폴더 / folder of figures")
    ] = None,
    card: Annotated[
        Path | None, typer.Option(help="카드(HTML, PDF)를 쓸 폴더 / folder of the card")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Pooled multiples, rates and PME with their errors; small groups hidden for good."""
    from koga.evaluate.funds import fund_reading
    from koga.evaluate.funds import funds as study

    with answer.answering(as_json):
        how = study.Settings(
            by=tuple(name.strip() for name in by.split(",") if name.strip()),
            minimum=minimum, draws=draws, block_months=block_months, seed=seed,
        )  # fmt: skip
        public, name = _index(index, index_kind, source)
        read = fund_reading.read(source, _headings(column or []), values)
        found = study.evaluate(read, index=public, settings=how, name=name)
        if figure is not None:
            _draw(found, figure)
        if card is not None:
            _write_card(found, card)
        if as_json:
            answer.document(found.as_json())
        else:
            print_funds(found, answer.language())
    if found.verdict == "fail":
        raise SystemExit(answer.NO)


def _headings(options: list[str]) -> dict[str, str]:
    """Columns by their part, from `PART=HEADING`."""
    from koga.core.problems import Problem, Refusal
    from koga.evaluate.funds.fund_reading import PARTS

    headings, found = {}, []
    for option in options:
        part, equals, heading = option.partition("=")
        if part not in PARTS or not equals or not heading:
            details = {"expected": ", ".join(PARTS)}
            found.append(Problem("funds.column_option", "--column", option, details))
        headings[part] = heading
    if found:
        raise Refusal(found)
    return headings


def _index(given: str, kind: str, source: Path) -> "tuple[Index | None, Words | None]":
    """The index and its name: a file, which must say what it is of, or one the release carries."""
    from koga.cli import tables
    from koga.cli.fund_figures import INDEX_KINDS
    from koga.core import performance_reading as reading
    from koga.core.problems import Problem, Refusal

    kind = "total_return" if kind == "total" else kind
    if kind and kind not in INDEX_KINDS:
        expected = {"expected": ", ".join(INDEX_KINDS)}
        raise Refusal(Problem("fund.not_one_of", "--index-kind", kind, expected))
    carried = _carried(given, source)
    if carried is not None:
        return carried.index, carried.name
    if not given:
        return None, None
    if not kind:
        raise Refusal(Problem("funds.index_undeclared", "--index-kind"))
    file = Path(given)
    rows = tables.read_csv(file, ("date", "value")).rows
    return reading.read_index(rows, file.name, kind=kind), None


def _carried(given: str, source: Path) -> "Benchmark | None":
    """The index of a release that is asked for; its first where none is."""
    if not source.is_dir() or Path(given or ".").is_file():
        return None
    from koga.evaluate.funds.fund_release import benchmarks
    from koga.release.read import open_release

    there = benchmarks(open_release(source))
    return next((one for one in there if given in ("", one.code)), None)


def _write_card(found: "FundFinding", folder: Path) -> None:
    """The card in both languages, as a page and typeset."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koga.web.settings_public")
    from koga.core.problems import Problem, Refusal
    from koga.documents import fund_card as documents
    from koga.evaluate.cards import fund_card
    from koga.site import alone

    contents = {alone.STYLESHEET: alone.stylesheet().encode()}
    foot = f"{found.facts['source']} · sha256 {found.facts['sha256']}"
    for language in ("ko", "en"):
        made = fund_card.make(found, language)
        contents[f"funds.{language}.html"] = alone.funds_html(made, found).encode()
        contents[f"funds.{language}.pdf"] = documents.pdf(made, found, foot=foot)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    except OSError as trouble:
        told = f"{folder}: {trouble.strerror}"
        raise Refusal(Problem("evaluate.card_target", "--card", told)) from None


def _draw(found: "FundFinding", folder: Path) -> None:
    """Both figures by vintage, and by the other dimensions, as files."""
    from koga.cli.fund import FONTS
    from koga.figures import funds as figures

    folder.mkdir(parents=True, exist_ok=True)
    for name, drawn in figures.all_of(found, answer.language()).items():
        alone = drawn.wide.replace("<svg ", f'<svg font-family="{FONTS}" ', 1)
        (folder / f"{name}.svg").write_text(alone, encoding="utf-8")


LABELS: Mapping[str, tuple[str, str]] = {
    "vintage": ("결성연도", "vintage"),
    "instrument": ("수단", "instrument"),
    "sector": ("분야", "sector"),
    "manager": ("운용사", "manager"),
    "fund": ("펀드", "fund"),
}
HEADS = {
    "ko": ("펀드 수", "투자배수(TVPI)", "실현 배수(DPI)", "내부수익률", "지수 대비(KS-PME)"),
    "en": ("funds", "TVPI", "DPI", "IRR", "KS-PME"),
}
COLUMNS = ("tvpi", "dpi", "irr", "ks_pme")


def print_funds(found: "FundFinding", language: str) -> None:
    """A table a dimension, then what must be said beside it."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    for basis in ("net", "gross"):
        for dimension in (None, *LABELS):
            if found.of("tvpi", dimension=dimension, basis=basis):
                console.print(_table(found, dimension, basis, language))
    for line in _benchmark_lines(found, language):
        console.print(line)
    for check in found.checks:
        console.print(f"{check.verdict:>8}  {check.reason[language]}")


def _benchmark_lines(found: "FundFinding", language: str) -> Iterator[str]:
    """The index with its own uncertainty, and what a star stands for."""
    korean = language == "ko"
    for row in found.of("index_return", basis="index"):
        told = row.told
        if told.value is None or told.low is None or told.high is None:
            continue
        rate = f"{told.value * 100:,.1f} % ({told.low * 100:,.1f}…{told.high * 100:,.1f})"
        yield (
            f"지수의 연 수익률 {rate}, {told.n}개월"
            if korean
            else f"the index a year: {rate}, {told.n} months"
        )
    for row in found.of("ks_pme"):
        if row.benchmark is not None:
            ends = f"{row.benchmark[0]:,.2f}…{row.benchmark[1]:,.2f}"
            yield (
                f"지수의 달이 달리 놓였다면 모든 펀드의 KS-PME는 {ends}"
                if korean
                else f"had the index's months fallen otherwise, KS-PME of all funds: {ends}"
            )
    yield from _ended_lines(found, korean)
    told = [row for row in found.figures if row.told.name in COLUMNS]
    if any(row.told.status == "suppressed" for row in told):
        yield "* 펀드가 적어 숨김" if korean else "* hidden: few funds"


def _ended_lines(found: "FundFinding", korean: bool) -> Iterator[str]:
    """What deals that ended brought in, by the spans that may be shown."""
    for row in found.of("deal_multiple", basis="deals"):
        told = row.told
        if told.value is not None:
            yield (
                f"끝난 투자 {told.n}개사: 원금 1에 회수 {told.value:,.2f}"
                if korean
                else f"ended deals, {told.n} firms: {told.value:,.2f} received for each 1 invested"
            )


def _table(found: "FundFinding", dimension: str | None, basis: str, language: str) -> Any:
    from rich import box
    from rich.table import Table

    from koga.figures import funds as figures

    korean = language == "ko"
    word = {"net": ("순", "net"), "gross": ("총", "gross")}[basis][0 if korean else 1]
    everyone = "모든 펀드" if korean else "all funds"
    head = LABELS[dimension][0 if korean else 1] if dimension else everyone
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(f"{head} · {word}")
    for each in HEADS[language]:
        table.add_column(each, justify="right")
    rows = [found.of(name, dimension=dimension, basis=basis) for name in COLUMNS]
    for places in zip(*rows, strict=True):
        first = places[0]
        name = everyone if dimension is None else figures.word(first, language, found)
        count = f"{first.told.n}" if first.told.n else "–"
        table.add_row(name, count, *(_cell(one) for one in places))
    return table


def _cell(one: "Figure") -> str:
    told = one.told
    if told.value is None:
        return "*" if told.status == "suppressed" else "–"
    rate = told.name == "irr"
    value = f"{told.value * 100:,.1f} %" if rate else f"{told.value:,.2f}"
    if told.low is None or told.high is None:
        return value
    if rate:
        return f"{value} ({told.low * 100:,.1f}…{told.high * 100:,.1f})"
    return f"{value} ({told.low:,.2f}…{told.high:,.2f})"
