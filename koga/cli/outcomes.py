"""`koga import outcomes` and `koga import applications`: observations into the books."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer, setup_django
from koga.cli.progress import steps

if TYPE_CHECKING:
    from koga.operate.outcomes.services import Outcome

SHOWN_MAX = 20
File = Annotated[Path, typer.Argument(help="CSV, Excel 또는 Parquet / CSV, Excel or Parquet")]
MappingOption = Annotated[str, typer.Option(help="매핑 파일 / mapping file")]
AsOption = Annotated[str, typer.Option("--as", help="누구로서 하는지(로그인) / login who acts")]
SheetOption = Annotated[str, typer.Option(help="Excel 시트 / Excel sheet")]
SnapshotOption = Annotated[
    bool,
    typer.Option(
        "--snapshot",
        help="전체를 다시 받음: 달라진 값은 새 판이 됨 / the whole export anew: a value that "
        "differs becomes a new version",
    ),
]
ReasonOption = Annotated[str, typer.Option(help="정정의 까닭 / reason of corrections")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="아무것도 쓰지 않고 답만 함 / answer, write nothing")
]
JsonOption = Annotated[bool, typer.Option("--json", help="한 JSON 문서로 답함 / answer as JSON")]


def register(group: typer.Typer) -> None:
    """Add the two commands to `koga import`."""
    group.command(
        "outcomes", help="관측된 결과를 반영함(고용, 매출, 생존 등) / import observed outcomes"
    )(outcomes)
    group.command(
        "applications",
        help="탈락한 신청까지 점수와 함께 반영함 / import applications with their scores, the "
        "refused ones too",
    )(applications)


def outcomes(
    file: File,
    mapping: MappingOption,
    login: AsOption,
    sheet: SheetOption = "",
    snapshot: SnapshotOption = False,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Import observations of units by month; rows with problems are listed and stay out."""
    _run("outcomes", file, mapping, login, sheet=sheet, snapshot=snapshot, reason=reason,
         dry_run=dry_run, as_json=as_json)  # fmt: skip


def applications(
    file: File,
    mapping: MappingOption,
    login: AsOption,
    sheet: SheetOption = "",
    snapshot: SnapshotOption = False,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Import applications to programmes; refused applicants are kept, inside the books alone."""
    _run("applications", file, mapping, login, sheet=sheet, snapshot=snapshot, reason=reason,
         dry_run=dry_run, as_json=as_json)  # fmt: skip


def _run(kind: str, file: Path, mapping: str, login: str, *, as_json: bool, **options: Any) -> None:
    setup_django()
    from koga.operate.outcomes import mapping as mappings
    from koga.operate.outcomes import services
    from koga.operate.parties.services import require_person

    with answer.answering(as_json), steps() as report:
        outcome = services.import_file(
            file, mappings.load(mapping, kind), person=require_person(login), progress=report,
            **options,
        )  # fmt: skip
    if as_json:
        answer.document(document_of(outcome, options["dry_run"]))
    else:
        _tell(outcome, options["dry_run"])


def document_of(outcome: "Outcome", dry_run: bool) -> dict[str, Any]:
    """An import's answer, in the shape every import answers."""
    from koga.operate.imports import wording

    return {
        "read": outcome.read,
        "added": outcome.added,
        "unchanged": outcome.unchanged,
        "corrected": outcome.corrected,
        "vanished": outcome.vanished,
        "refused": len(outcome.refused),
        "rows_refused": [
            {"row": row, "problems": list(map(wording.as_json, problems))}
            for row, problems in outcome.refused.items()
        ],
        "totals": [],
        "batch": outcome.receipt,
        "dry_run": dry_run,
    }


def _tell(outcome: "Outcome", dry_run: bool) -> None:
    from koga.operate.imports import wording

    if dry_run:
        answer.say("시험 반영입니다. 아무것도 쓰지 않았습니다.", "A dry run: nothing was written.")
    answer.say(
        f"읽음 {outcome.read:,}  더함 {outcome.added:,}  그대로 {outcome.unchanged:,}  "
        f"정정 {outcome.corrected:,}  사라짐 {outcome.vanished:,}  거절 {len(outcome.refused):,}",
        f"read {outcome.read:,}  added {outcome.added:,}  unchanged {outcome.unchanged:,}  "
        f"corrected {outcome.corrected:,}  vanished {outcome.vanished:,}  "
        f"refused {len(outcome.refused):,}",
    )
    found = [problem for problems in outcome.refused.values() for problem in problems]
    for problem in found[:SHOWN_MAX]:
        print(f"    {wording.message(problem, answer.language())}")
    if len(found) > SHOWN_MAX:
        rest = len(found) - SHOWN_MAX
        answer.say(f"    … 그 밖에 {rest:,}건", f"    … and {rest:,} more")
