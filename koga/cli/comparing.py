"""`koga compare`: cases from files and changes side by side, goal seek, money moved, a tornado."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer, futures, progress

if TYPE_CHECKING:
    from koga.plan.comparison import Case, Row, Sought
    from koga.plan.overlap import Shared
    from koga.plan.result import Result
    from koga.plan.schemes.shape import Scheme
    from koga.plan.tornado import Tornado


PATHS, SEED = 4096, 1


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("compare")(compare)


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of `koga compare`."""

    schemes: tuple[Path, ...]
    sets: tuple[str, ...]
    seek: str
    vary: str
    move: tuple[str, str, str]
    tornado: str
    paths: int
    seed: int
    workers: int
    engine: str
    cluster: str


def compare(
    schemes: Annotated[list[Path], typer.Argument(help="Scheme files. / 계획 파일들")],
    sets: futures.Sets = [],  # noqa: B006
    seek: Annotated[
        str, typer.Option(metavar="MEASURE=VALUE", help="What to reach. / 이르려는 값")
    ] = "",
    vary: Annotated[
        str, typer.Option(metavar="PATH", help="What to vary for it. / 바꿀 항목")
    ] = "",
    move: Annotated[
        tuple[str, str, str],
        typer.Option(metavar="AMOUNT FROM TO", help="Move money between two uses. / 돈 옮기기"),
    ] = ("", "", ""),
    tornado: futures.TornadoOf = "",
    paths: Annotated[int, typer.Option(help="How many futures. / 앞날의 수")] = PATHS,
    seed: Annotated[int, typer.Option(help="Of every draw. / 뽑기의 씨앗")] = SEED,
    workers: futures.Workers = 1,
    engine: futures.Engine = "fast",
    cluster: futures.Cluster = "",
    as_json: futures.AsJson = False,
) -> None:
    """Schemes on common draws; goal seek / 계획들을 같은 뽑기로 견주고 값을 찾습니다."""
    asked = Asked(
        schemes=tuple(schemes), sets=tuple(sets), seek=seek, vary=vary, move=move,
        tornado=tornado, paths=paths, seed=seed, workers=workers, engine=engine, cluster=cluster,
    )  # fmt: skip
    _answer(asked, as_json)


def _answer(asked: Asked, as_json: bool) -> None:
    """Run it and print it; exit 1 where the goal sought is out of reach."""
    with answer.answering(as_json):
        cases = _cases(asked)
        sought = _sought(asked, cases)
        if sought is not None and sought.value is not None:
            cases = [*cases, _found_case(cases[0], sought)]
        rows = _rows(asked, cases, as_json)
        swings = _swings(asked, cases, as_json)
        shared = _shared(asked, cases)
    if as_json:
        answer.document(
            {
                "engine": asked.engine,
                "seed": asked.seed,
                "paths": asked.paths,
                "rows": [_row_json(row) for row in rows],
                **({"seek": _seek_json(sought)} if sought else {}),
                **({"tornado": futures.tornado_json(swings)} if swings else {}),
                **({"overlap": [dataclasses.asdict(row) for row in shared]} if shared else {}),
            }
        )
    else:
        _print(rows)
        if sought is not None:
            _print_sought(sought)
        if swings is not None:
            futures.print_tornado(swings, rows[0].result)
        _print_shared(shared, [case.scheme for case in cases[: len(asked.schemes)]])
    if sought is not None and sought.value is None:
        raise SystemExit(answer.NO)


def _shared(asked: Asked, cases: Sequence["Case"]) -> "Sequence[Shared]":
    """What the files have in common; nothing where there is one."""
    from koga.plan import overlap

    given = [case.scheme for case in cases[: len(asked.schemes)]]
    return overlap.table(given) if len(given) > 1 else ()


def _print_shared(shared: "Sequence[Shared]", schemes: "Sequence[Scheme]") -> None:
    """Sectors, years and managers in common, for people."""
    from koga.documents import futures_sheet

    for table in futures_sheet.overlaps(shared, schemes, answer.language()):
        print(f"\n{table.title}")
        futures.print_table(table.columns, table.rows, words=2)


def _cases(asked: Asked) -> list["Case"]:
    """Every file as it is, then every file with what was set, then with the money moved."""
    from koga import plan
    from koga.core import money
    from koga.plan.comparison import Case

    changes = futures.assignments(asked.sets)
    loaded = [plan.load(path) for path in asked.schemes]
    cases = [Case(scheme.code, scheme, {}) for scheme in loaded]
    if changes:
        said = ", ".join(f"{path}={value}" for path, value in changes.items())
        cases += [
            Case(f"{scheme.code}: {said}", plan.changed(scheme, changes), changes)
            for scheme in loaded
        ]
    amount, start, end = asked.move
    if amount:
        from koga.plan import moves

        won = money.parse_won(amount, "--move")
        said = f"{amount} {start} → {end}"
        cases += [
            Case(
                f"{scheme.code}: {said}",
                moves.move(scheme, giving=start, taking=end, amount_won=won),
                {"move": said},
            )
            for scheme in loaded
        ]
    return cases


def _sought(asked: Asked, cases: Sequence["Case"]) -> "Sought | None":
    from koga.core.problems import Problem, Refusal
    from koga.plan import comparison

    if not asked.seek and not asked.vary:
        return None
    measure, sign, target = asked.seek.partition("=")
    number = _number(target)
    wrong = []
    if not (measure.strip() and sign) or number is None:
        wrong.append(Problem("plan.seek", "--seek", asked.seek))
    if not asked.vary:
        wrong.append(Problem("plan.no_vary", "--vary", ""))
    if wrong or number is None:
        raise Refusal(wrong)
    return comparison.seek(
        cases[0].scheme, measure=measure.strip(), target=number, vary=asked.vary,
        seed=asked.seed, paths=asked.paths, workers=asked.workers,
    )  # fmt: skip


def _number(written: str) -> Any:
    """A target as a number: 0.05, “5%”, won or “3조”; None for anything else."""
    from koga.core import money
    from koga.core.problems import Refusal
    from koga.plan import comparison
    from koga.plan.schemes import values

    exact = values.number(written.strip())
    if exact is None:
        try:
            exact = comparison.number_of(money.parse_won(written))
        except Refusal:
            return None
    return comparison.as_number(exact)


def _found_case(first: "Case", sought: "Sought") -> "Case":
    from koga.plan.comparison import Case
    from koga.plan.schemes import values

    value = "" if sought.value is None else values.text(sought.value)
    said = {sought.path: value}
    return Case(f"{first.label}: {sought.path}={value}", sought.scheme, said)


def _rows(asked: Asked, cases: Sequence["Case"], as_json: bool) -> list["Row"]:
    from koga.plan import comparison

    whole = asked.paths * len(cases)
    engine: Any = asked.engine
    with progress.bar("앞날", "futures", quiet=as_json, total=whole) as step:
        return comparison.compare(
            cases, paths=asked.paths, seed=asked.seed, engine=engine, workers=asked.workers,
            cluster=asked.cluster or None, progress=futures.told(step),
        )  # fmt: skip


def _swings(asked: Asked, cases: Sequence["Case"], as_json: bool) -> "Tornado | None":
    if not asked.tornado:
        return None
    return futures.tornado_of(cases[0].scheme, asked.tornado, asked.seed, asked.workers, as_json)


def _row_json(row: "Row") -> dict[str, Any]:
    result = row.result
    return {
        "label": row.case.label,
        "scheme": result.scheme.code,
        "hash": result.scheme.sha256,
        "set": dict(row.case.changes),
        "measures": {name: each.as_json() for name, each in result.figures.items()},
        "differences": {name: each.as_json() for name, each in row.differences.items()},
    }


def _seek_json(sought: "Sought") -> dict[str, Any]:
    from koga.plan.schemes import values

    return {
        "measure": sought.measure,
        "target": sought.target,
        "vary": sought.path,
        "reached": sought.value is not None,
        "value": None if sought.value is None else values.text(sought.value),
        "mean": sought.figure.mean,
        "error": sought.figure.error,
        "ends": [
            {"value": values.text(value), "mean": figure.mean} for value, figure in sought.ends
        ],
        "rounds": sought.rounds,
        "hash": sought.scheme.sha256,
    }


def _print(rows: Sequence["Row"]) -> None:
    """Measures as rows, cases as columns, each later case beside its difference."""
    from rich.console import Console

    from koga.documents import futures_measures
    from koga.documents import futures_words as words

    language = answer.language()
    korean = language == "ko"
    first = rows[0].result
    for number, row in enumerate(rows):
        print(f"{chr(65 + number)}  {row.case.label}  (sha256 {row.result.scheme.sha256[:12]}…)")
    heads = ["지표" if korean else "Measure", "단위" if korean else "Unit", "A", "±"]
    for number in range(1, len(rows)):
        letter = chr(65 + number)
        heads += [letter, f"{letter} − A", f"± ({letter} − A)"]
    shown = []
    everything = [each for row in rows for each in row.result.figures.values()]
    printed = words.printed_for(everything, language)
    for name, each in futures_measures.asked(first.figures).items():
        line = [first.label(name, language), words.unit_of(each.unit, printed, language)]
        near = "≈ " if each.approximate else ""
        line.append(near + words.cell(each.mean, each.unit, printed))
        line.append(words.error_cell(each.error, each.unit, printed))
        for row in rows[1:]:
            other, apart = row.result.figures.get(name), row.differences.get(name)
            line += [
                words.cell(one.mean if one else None, each.unit, printed) for one in (other, apart)
            ]
            line.append(words.error_cell(apart.error if apart else None, each.unit, printed))
        shown.append(line)
    print()
    if Console().width < futures.WIDE:  # unit beside the label, no second value: labels stay words
        kept = [0, *(n for n in range(2, len(heads)) if n < 4 or (n - 4) % 3)]
        shown = [[f"{row[0]}, {row[1]}", *(row[n] for n in kept[1:])] for row in shown]
        futures.print_table([heads[n] for n in kept], shown, words=1)
    else:
        futures.print_table(heads, shown, words=2)
    print(_drawn(first, korean))


def _drawn(first: "Result", korean: bool) -> str:
    """On what the figures rest, and where they differ from those of `koga simulate`."""
    if korean:
        fast = " ≈는 건마다 뽑은 평균과 다를 수 있는 값입니다(기댓값, 자펀드는 하나로)."
        return (
            f"앞날 {first.paths:,}가지, {first.engine}, 씨앗 {first.seed}, 모든 경우에 같은 뽑기. "
            "확률과 꼬리는 옮긴 앞날 없이 셈하므로 koga simulate의 ‡보다 오차가 큽니다."
        ) + (fast if first.engine == "fast" else "")
    fast = " ≈ may differ from the mean of drawn deals (expectations, sub-funds as one)."
    return (
        f"{first.paths:,} futures, {first.engine}, seed {first.seed}, the same draws in every "
        "case. Chances and rare amounts are of plain futures: less precise than what koga simulate "
        "marks ‡."
    ) + (fast if first.engine == "fast" else "")


def _print_sought(sought: "Sought") -> None:
    from koga.figures import futures_words
    from koga.plan.schemes import values

    def said(value: Any) -> str:
        return futures_words.amount(value, sought.figure.unit, answer.language())

    target, mean = said(sought.target), said(sought.figure.mean)
    path, measure = sought.path, sought.measure
    if sought.value is not None:
        found = values.text(sought.value)
        answer.say(
            f"{path} = {found}이면 {measure} = {mean} (목표 {target}, 계산 {sought.rounds}번)",
            f"{path} = {found} gives {measure} = {mean} "
            f"(sought {target}, {sought.rounds} simulations)",
        )
        return
    ends = ", ".join(f"{values.text(value)} → {said(figure.mean)}" for value, figure in sought.ends)
    answer.say(
        f"{path}의 범위에서 고르게 시험한 값 {sought.rounds}개 가운데 어느 것도 {measure} = "
        f"{target}에 이르지 않습니다. 범위의 두 끝: {ends}. 다른 항목을 바꾸거나(--tornado "
        f"{measure}: 무엇이 움직이는지) 계획 파일에서 범위를 넓히십시오.",
        f"None of {sought.rounds} values across the range of {path} gives {measure} = {target}. At "
        f"its ends: {ends}. Vary another path (--tornado {measure} lists what moves it) or widen "
        "the range in the scheme's file.",
    )
