"""`koga evaluate`: effects of support, with checks that can say no."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer

if TYPE_CHECKING:
    from koga.evaluate.finding import Finding
    from koga.evaluate.panels.declaration import Declaration
    from koga.evaluate.panels.panel import Panel

SIBLINGS = ("evaluate_funds", "evaluate_card")
"""Files of this folder that add their commands to the group, each with `register(group)`."""

File = Annotated[Path, typer.Argument(help="CSV나 Parquet 표 / CSV or Parquet table")]
Outcome = Annotated[str, typer.Option(help="결과 열 / column of the outcome")]
Covariates = Annotated[
    str, typer.Option(help="지원 전 수치의 열, 쉼표로 / columns from before, by commas")
]
Weights = Annotated[str, typer.Option(help="가중치 열 / column of weights")]
Cluster = Annotated[str, typer.Option(help="집락 열 / column of clusters")]
Worth = Annotated[
    float | None,
    typer.Option(help="알 가치가 있는 최소 효과 / the smallest effect worth knowing"),
]
Json = Annotated[bool, typer.Option("--json", help="한 JSON 문서로 답함 / answer as JSON")]


def register(app: typer.Typer) -> None:
    """Add the group with the commands of this file and of its siblings."""
    group = typer.Typer(
        name="evaluate",
        help="지원의 효과와 그 점검 / effects of support, with their checks",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("did", help="이중차분 / difference-in-differences")(did)
    group.command("rd", help="점수 기준점의 불연속 / discontinuity at a score")(rd)
    group.command("sdid", help="합성 이중차분 / synthetic difference-in-differences")(sdid)
    group.command("experiment", help="추첨으로 나뉜 회차 / a round decided by lot")(experiment)
    group.command("survival", help="달마다 이른 비율 / shares by months since")(survival)
    for sibling in SIBLINGS:
        try:
            module = importlib.import_module(f"koga.cli.{sibling}")
        except ModuleNotFoundError as missing:
            if missing.name != f"koga.cli.{sibling}":
                raise
            continue
        module.register(group)
    app.add_typer(group)


def did(
    file: File,
    outcome: Outcome,
    unit: Annotated[str, typer.Option(help="대상 열 / column of units")],
    time: Annotated[str, typer.Option(help="기간 열 / column of periods")],
    first_treated: Annotated[
        str, typer.Option(help="처음 처치된 기간의 열 / column of the first treated period")
    ],
    control: Annotated[
        str, typer.Option(help="비교 대상: never 또는 not-yet / whom to compare with")
    ] = "never",
    method: Annotated[str, typer.Option(help="dr, ipw, reg / the estimator")] = "dr",
    covariates: Covariates = "",
    cluster: Cluster = "",
    base: Annotated[
        str, typer.Option(help="견줄 기간: varying 또는 universal / period compared with")
    ] = "varying",
    relative_m: Annotated[
        str, typer.Option(help="상대 크기 한계, 쉼표로 / relative-magnitude bounds, by commas")
    ] = "",
    smooth_m: Annotated[
        str, typer.Option(help="평활 한계, 쉼표로 / smoothness bounds, by commas")
    ] = "",
    weights: Weights = "",
    worth: Worth = None,
    bands: Annotated[
        int, typer.Option(help="동시 신뢰대의 반복 수 / draws for uniform bands; 0: none")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="반복의 씨앗 / seed of the draws")] = 20_250_306,
    as_json: Json = False,
) -> None:
    """Callaway-Sant'Anna, imputation and two-way fixed effects side by side, with checks."""
    from koga.cli import progress
    from koga.evaluate.effects import did as design
    from koga.evaluate.panels import options_given

    with answer.answering(as_json):
        words = {"--control": control, "--method": method, "--base": base}
        options_given.refuse(words, bands=bands)
        declared = _declared(
            design="did", outcome=outcome, unit=unit, time=time, first_treated=first_treated,
            covariates=options_given.names(covariates), weights=weights, cluster=cluster,
            control=control,
        )  # fmt: skip
        options = design.Options(
            method=method, base=base, worth=worth, draws=bands, seed=seed,  # type: ignore[arg-type]
            relative_m=options_given.figures("--relative-m", relative_m),
            smooth_m=options_given.figures("--smooth-m", smooth_m),
        )  # fmt: skip
        with progress.bar("신뢰대", "bands", quiet=as_json or not bands, total=bands) as step:
            _answer(file, declared, as_json, lambda p: design.find(p, options, progress=step))


def rd(
    file: File,
    score: Annotated[str, typer.Option(help="점수 열 / column of scores")],
    outcome: Outcome,
    cutoff: Annotated[
        str, typer.Option(help="기준점, 또는 회차별 기준점의 열 / the cutoff, or its column")
    ],
    treated: Annotated[
        str, typer.Option(help="실제 지원 여부 열(퍼지) / column of take-up: a fuzzy design")
    ] = "",
    bandwidth: Annotated[float | None, typer.Option(help="대역폭 h / bandwidth h")] = None,
    bias_bandwidth: Annotated[
        float | None, typer.Option(help="편향 대역폭 b / bandwidth b of the bias")
    ] = None,
    covariates: Covariates = "",
    variance: Annotated[str, typer.Option(help="nn 또는 hc1 / nn or hc1")] = "nn",
    rounds: Annotated[str, typer.Option(help="회차 열 / column of rounds")] = "",
    weights: Weights = "",
    worth: Worth = None,
    as_json: Json = False,
) -> None:
    """The effect on applicants just above the cutoff, sharp or fuzzy."""
    from koga.evaluate.effects import rd as design
    from koga.evaluate.panels import options_given

    with answer.answering(as_json):
        options_given.refuse({"--variance": variance})
        declared = _declared(
            design="rd", outcome=outcome, score=score, cutoff=options_given.cutoff(cutoff),
            treated=treated, covariates=options_given.names(covariates), rounds=rounds,
            weights=weights,
        )  # fmt: skip
        options = design.Options(
            h=bandwidth, b=bias_bandwidth, variance=variance, worth=worth,  # type: ignore[arg-type]
        )  # fmt: skip
        _answer(file, declared, as_json, lambda panel: design.find(panel, options))


def sdid(
    file: File,
    outcome: Outcome,
    unit: Annotated[str, typer.Option(help="대상 열 / column of units")],
    time: Annotated[str, typer.Option(help="기간 열 / column of periods")],
    treated: Annotated[str, typer.Option(help="처치 여부(0, 1) 열 / column of treated, 0 or 1")],
    error: Annotated[
        str, typer.Option(help="placebo 또는 jackknife / how the error is reckoned")
    ] = "placebo",
    placebos: Annotated[int, typer.Option(help="위약 반복 수 / draws of placebos")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="반복의 씨앗 / seed of the draws")] = 20_250_306,
    worth: Worth = None,
    as_json: Json = False,
) -> None:
    """One place or few: against a weighted mean of others that ran parallel before."""
    from koga.cli import progress
    from koga.evaluate.effects import sdid as design
    from koga.evaluate.panels import options_given

    with answer.answering(as_json):
        options_given.refuse({"--error": error}, placebos=placebos)
        declared = _declared(design="sdid", outcome=outcome, unit=unit, time=time, treated=treated)
        options = design.Options(
            error=error, draws=placebos, seed=seed, worth=worth,  # type: ignore[arg-type]
        )  # fmt: skip
        with progress.bar("위약", "placebos", quiet=as_json, total=placebos) as step:
            _answer(file, declared, as_json, lambda p: design.find(p, options, progress=step))


def experiment(
    file: File,
    outcome: Outcome,
    treated: Annotated[str, typer.Option(help="처치 여부(0, 1) 열 / column of treated, 0 or 1")],
    covariates: Covariates = "",
    cluster: Cluster = "",
    weights: Weights = "",
    worth: Worth = None,
    as_json: Json = False,
) -> None:
    """The difference in means of a round decided by lot; covariates ask whether it was one."""
    from koga.evaluate.effects import experiment as design
    from koga.evaluate.panels import options_given

    with answer.answering(as_json):
        declared = _declared(
            design="experiment", outcome=outcome, treated=treated,
            covariates=options_given.names(covariates), cluster=cluster, weights=weights,
        )  # fmt: skip
        options = design.Options(worth=worth)
        _answer(file, declared, as_json, lambda panel: design.find(panel, options))


def survival(
    file: File,
    months: Annotated[
        str,
        typer.Option(help="시작부터 그 일까지, 또는 마지막 관측까지의 달 수 열 / column of months"),
    ],
    event: Annotated[
        str,
        typer.Option(help="일어났으면 1, 관측이 먼저 끝났으면 0인 열 / column of events, 1 or 0"),
    ],
    group: Annotated[str, typer.Option(help="집단 열 / column of groups")] = "",
    at: Annotated[str, typer.Option(help="물을 달, 쉼표로 / months asked, by commas")] = "6,12,24",
    share: Annotated[
        str, typer.Option(help="먼저 말할 비율: reached 또는 left / the share told first")
    ] = "reached",
    as_json: Json = False,
) -> None:
    """Employment or survival by months since the start (Kaplan-Meier), by group."""
    from koga.evaluate.effects import followed as design
    from koga.evaluate.panels import options_given

    with answer.answering(as_json):
        options_given.refuse({"--share": share})
        declared = _declared(design="survival", outcome=months, treated=event, group=group)
        options = design.Options(
            at=options_given.figures("--at", at), share=share,  # type: ignore[arg-type]
        )  # fmt: skip
        _answer(file, declared, as_json, lambda panel: design.find(panel, options))


def _declared(**parts: Any) -> "Declaration":
    from koga.evaluate.panels.declaration import Declaration

    return Declaration(**parts)


def _answer(
    file: Path, declared: "Declaration", as_json: bool, find: "Callable[[Panel], Finding]"
) -> None:
    """Read, estimate, print; exit 1 where a check failed."""
    from koga.evaluate.panels import panel

    found = find(panel.read(file, declared))
    if as_json:
        answer.document(found.as_json())
    else:
        from koga.cli.evaluate_page import print_finding

        print_finding(found, answer.language())
    if found.verdict == "fail":
        raise SystemExit(answer.NO)
