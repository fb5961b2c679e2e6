"""`koga simulate`: the futures of a scheme."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer, progress

if TYPE_CHECKING:
    from koga.plan.result import Result
    from koga.plan.schemes.shape import Scheme
    from koga.plan.tornado import Tornado


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("simulate")(simulate)


SchemeFile = Annotated[Path, typer.Argument(help="A scheme file. / 계획 파일")]
Sets = Annotated[
    list[str],
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value of the scheme. / 값을 바꿈"),
]
Workers = Annotated[int, typer.Option(help="Threads of this machine. / 함께 쓸 스레드 수")]
Engine = Annotated[
    str,
    typer.Option(help="exact draws every deal, fast takes expectations. / 건마다 뽑음, 기댓값"),
]
Cluster = Annotated[
    str, typer.Option(metavar="ADDRESS", help="A Dask scheduler. / Dask 스케줄러 주소")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document. / JSON으로")]
TornadoOf = Annotated[
    str,
    typer.Option(metavar="MEASURE", help="Over every assumed range. / 가정의 범위마다"),
]


def simulate(
    scheme: SchemeFile,
    paths: Annotated[int, typer.Option(help="How many futures. / 앞날의 수")],
    seed: Annotated[int, typer.Option(help="Of every draw. / 뽑기의 씨앗")],
    workers: Workers = 1,
    engine: Engine = "exact",
    cluster: Cluster = "",
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Tables, charts and sheets. / 표와 그림과 계산서"),
    ] = None,
    beside: Annotated[
        list[Path], typer.Option(metavar="FILE", help="Schemes to tell overlaps with. / 옆 계획")
    ] = [],  # noqa: B006
    sets: Sets = [],  # noqa: B006
    tornado: TornadoOf = "",
    as_json: AsJson = False,
) -> None:
    """The futures of a scheme, with error / 계획의 앞날을 오차와 함께 셈합니다."""
    from koga import plan
    from koga.cli import futures_files

    with answer.answering(as_json):
        chosen = _changed(plan.load(scheme), sets)
        others = [plan.load(each) for each in beside]
        if out:
            futures_files.require_writable(out)
        with progress.bar("앞날", "futures", quiet=as_json, total=paths) as step:
            result = plan.simulate(
                chosen, paths=paths, seed=seed, workers=workers, engine=_engine(engine),
                cluster=cluster or None, progress=told(step),
            )  # fmt: skip
        swings = tornado_of(chosen, tornado, seed, workers, as_json) if tornado else None
        files = futures_files.write(out, result, swings, others) if out else []
    if as_json:
        shown = result.as_json() | ({"tornado": tornado_json(swings)} if swings else {})
        answer.document(shown | ({"files": files} if out else {}))
        return
    print_result(result)
    if swings is not None:
        print_tornado(swings, result)
    if out:
        answer.say(f"\n파일 {len(files)}개: {out}", f"\n{len(files)} files: {out}")


def _engine(engine: str) -> Any:
    """The engine's name as it was written; the simulation refuses what is none."""
    return engine


def told(step: progress.Step | None) -> Any:
    """A progress callback that tells the bar how far it is."""
    if step is None:
        return None
    before = [0]

    def tell(done: int, _: int) -> None:
        step("", done - before[0])
        before[0] = done

    return tell


def _changed(scheme: "Scheme", sets: Sequence[str]) -> "Scheme":
    from koga import plan

    changes = assignments(sets)
    return plan.changed(scheme, changes) if changes else scheme


def assignments(sets: Sequence[str]) -> dict[str, str]:
    """Pairs written path=value; a `Refusal` lists those that are none.

    >>> assignments(["market.volatility=0.25"])
    {'market.volatility': '0.25'}
    """
    from koga.core.problems import Problem, Refusal

    pairs = [each.partition("=") for each in sets]
    wrong = [
        Problem("plan.assignment", "--set", each)
        for each, (path, sign, value) in zip(sets, pairs, strict=True)
        if not (path.strip() and sign and value.strip())
    ]
    if wrong:
        raise Refusal(wrong)
    return {path.strip(): value.strip() for path, _, value in pairs}


def tornado_of(scheme: "Scheme", measure: str, seed: int, workers: int, as_json: bool) -> "Tornado":
    """A tornado with a bar that counts assumptions."""
    from koga.plan import tornado

    with progress.bar("가정", "assumptions", quiet=as_json, total=_ranged(scheme)) as step:
        return tornado.tornado(scheme, measure, seed=seed, workers=workers, progress=told(step))


def _ranged(scheme: "Scheme") -> int:
    from koga.plan import tornado

    return sum(tornado.takes_part(leaf) for leaf in scheme.leaves.values())


def tornado_json(found: "Tornado") -> dict[str, Any]:
    """A tornado as JSON: the measure at both ends of every range, the widest first."""
    from koga.plan.schemes import values

    return {
        "measure": found.measure,
        "engine": "fast",
        "paths": found.paths,
        "seed": found.seed,
        "base": found.base.as_json(),
        "swings": [
            {
                "path": each.leaf.path,
                "low": values.text(each.low),
                "high": values.text(each.high),
                "at_low": each.at_low.mean,
                "at_high": each.at_high.mean,
            }
            for each in found.swings
        ],
        "skipped": list(found.skipped),
    }


WIDE = 110
"""Columns of a terminal on which every figure of a simulation has room."""


def print_result(result: "Result") -> None:
    """A result for people: what was computed, every measure with its error, the readings."""
    from rich.console import Console

    from koga.documents import futures_measures, futures_words

    language = answer.language()
    korean = language == "ko"
    console = Console()
    scheme = result.scheme
    console.print(f"[bold]{scheme.name_ko if korean else scheme.name_en}[/]")
    engine = result.engine
    told = (
        f"앞날 {result.paths:,}가지 · {engine} · 건수 {result.deals:,} · 분기 {result.quarters} · "
        f"씨앗 {result.seed}"
        if korean
        else f"{result.paths:,} futures · {engine} · {result.deals:,} deals · "
        f"{result.quarters} quarters · seed {result.seed}"
    )
    console.print(f"[dim]{told}\nsha256 {scheme.sha256}[/]\n")
    found = futures_measures.asked(result.figures)
    printed = futures_words.printed_for(found.values(), language)
    rows = [
        futures_words.row(result.label(name, language), each, printed, language)
        for name, each in found.items()
    ]
    heads = (
        ("지표", "단위", "평균", "오차", "5%", "가운데", "95%")
        if korean
        else ("Measure", "Unit", "Mean", "Error", "5 %", "Median", "95 %")
    )
    if console.width < WIDE:  # unit beside the label, no median: labels stay words
        print_table(
            (heads[0], heads[2], heads[3], heads[4], heads[6]),
            [(f"{row[0]}, {row[1]}", row[2], row[3], row[4], row[8]) for row in rows],
            words=1,
        )
    else:
        print_table(heads, [(*row[:5], row[6], row[8]) for row in rows], words=2)
    _print_tails(result)
    seconds, size = result.seconds, result.bytes_peak
    took = f"{seconds['engine']:.2f} s / {seconds['total']:.2f} s · {size / 2**20:,.0f} MiB"
    console.print(f"\n[dim]{took}[/]")


def _print_tails(result: "Result") -> None:
    """The tail of the lifetime cost, each number with its error, and how it was drawn."""
    from koga.documents import futures_tails, futures_words
    from koga.plan.budget import risk

    if result.tails is None:
        return
    language = answer.language()
    whole = result.tails.rows[-1].risk
    printed = futures_words.printed_of(round(whole.at_risk[risk.LEVELS[-1]].value), language)
    rows = [
        [
            f"{level * 100:g}%",
            futures_tails.measured(whole.at_risk[level], printed),
            futures_tails.measured(whole.shortfall[level], printed),
            f"{whole.effective[level]:,.0f}",
        ]
        for level in risk.LEVELS
    ]
    korean = language == "ko"
    label = "전 기간 재정 순부담의 꼬리" if korean else "Tail of the lifetime cost to budgets"
    print(f"\n{label}, {printed.unit} {futures_tails.WEIGHED_MARK}")
    heads = ("수준", "VaR", "ES", "유효 표본") if korean else ("Level", "VaR", "ES", "Effective")
    print_table(heads, rows, words=1)
    for told in (
        futures_tails.chance(result, language),
        futures_tails.method(result.tails, language),
    ):
        if told:
            print(told)


WORDS_MIN = 24
"""A column of words is folded to this width before columns of numbers go to a table below."""


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, words: int) -> None:
    """A table on the terminal: hairlines, words left, numbers right.

    Where its numbers have no room beside each other they stand in tables one below the other, so
    that no figure is ever cut off; the first `words` columns are repeated.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for number, columns in enumerate(_abreast(heads, rows, words, console.width)):
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
        for place in columns:
            wide = _wide(heads, rows, place)
            table.add_column(
                heads[place],
                justify="left" if place < words else "right",
                no_wrap=place > 0,
                min_width=min(wide, WORDS_MIN) if place == 0 else wide,
            )
        for row in rows:
            table.add_row(*(row[place] if place < len(row) else "" for place in columns))
        if number:
            console.print()
        console.print(table)


def _abreast(
    heads: Sequence[str], rows: Sequence[Sequence[str]], words: int, room: int
) -> list[list[int]]:
    """Places of the columns of each table: as few tables as fit the room, about equally long.

    >>> _abreast(("Year", "In", "Out"), [("2026", "1,000,000", "2,000,000")], 1, 20)
    [[0, 1], [0, 2]]
    """
    gap = 3
    wide = [_wide(heads, rows, place) + gap for place in range(len(heads))]
    wide[0] = min(wide[0], WORDS_MIN + gap)
    named, left = list(range(words)), list(range(words, len(heads)))
    free = room + gap - sum(wide[:words])
    count = 1
    while count < len(left):
        length = -(-len(left) // count)
        parts = [left[at : at + length] for at in range(0, len(left), length)]
        if all(sum(wide[place] for place in part) <= free for part in parts):
            break
        count += 1
    length = max(1, -(-len(left) // count))
    return [named + left[at : at + length] for at in range(0, len(left), length)]


def _wide(heads: Sequence[str], rows: Sequence[Sequence[str]], place: int) -> int:
    from rich.cells import cell_len

    cells = [row[place] for row in rows if place < len(row)]
    return max(cell_len(cell) for cell in (heads[place], *cells))


def print_tornado(found: "Tornado", result: "Result") -> None:
    """The widest swings of a tornado for people."""
    from koga.documents import futures_values, futures_words

    language = answer.language()
    figures = [each for swing in found.swings for each in (swing.at_low, swing.at_high)]
    printed = futures_words.printed_for([found.base, *figures], language)
    rows = [
        [
            each.leaf.label_ko if language == "ko" else each.leaf.label_en,
            futures_values.number_words(each.leaf, each.low, language),
            futures_words.cell(each.at_low.mean, found.base.unit, printed),
            futures_values.number_words(each.leaf, each.high, language),
            futures_words.cell(each.at_high.mean, found.base.unit, printed),
        ]
        for each in found.swings[:15]
    ]
    label = result.label(found.measure, language)
    unit = futures_words.unit_of(found.base.unit, printed, language)
    now = futures_words.cell(found.base.mean, found.base.unit, printed)
    print(f"\n{label}, {unit}: {now}")
    answer.say(
        f"건별 기댓값(fast), 같은 준난수 앞날 {found.paths:,}가지, 씨앗 {found.seed}",
        f"fast engine, the same {found.paths:,} quasi-random futures, seed {found.seed}",
    )
    if found.skipped:
        listed = ", ".join(found.skipped)
        answer.say(
            f"혼자 움직일 수 없어 뺀 가정 {len(found.skipped)}개: {listed}",
            f"{len(found.skipped)} assumptions left out, as they cannot move alone: {listed}",
        )
    heads = (
        ("가정", "낮게", "이면", "높게", "이면")
        if language == "ko"
        else ("Assumption", "Low", "gives", "High", "gives")
    )
    print_table(heads, rows, words=1)
