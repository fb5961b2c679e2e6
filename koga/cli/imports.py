"""`koga import`: registers from files into the books, and what vanished from them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer, outcomes, setup_django
from koga.cli.progress import steps

if TYPE_CHECKING:
    from koga.operate.imports.services import Outcome

SHOWN_MAX = 20
JsonOption = Annotated[bool, typer.Option("--json", help="한 JSON 문서로 답함 / answer as JSON")]
AsOption = Annotated[str, typer.Option("--as", help="누구로서 하는지(로그인) / login who acts")]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(
        help="대장을 장부에 반영함 / bring registers into the books", no_args_is_help=True
    )
    group.command("awards", help="지원 내역 대장을 반영함 / import a register of awards")(awards)
    group.command(
        "vanished", help="대장에서 사라진 내역을 보임 / list records their register no longer has"
    )(vanished)
    group.command("decide", help="사라진 내역을 두거나 철회함 / keep or withdraw vanished records")(
        decide
    )
    outcomes.register(group)
    app.add_typer(group, name="import")


def awards(
    file: Annotated[Path, typer.Argument(help="CSV, Excel 또는 Parquet / register file")],
    mapping: Annotated[str, typer.Option(help="매핑 파일 / mapping file")],
    login: AsOption,
    sheet: Annotated[str, typer.Option(help="Excel 시트 / Excel sheet")] = "",
    snapshot: Annotated[
        bool,
        typer.Option(
            "--snapshot",
            help="대장 전체를 다시 받음: 바뀐 줄은 정정, 사라진 줄은 목록 / the whole register "
            "anew: changed rows are corrections, vanished ones are listed",
        ),
    ] = False,
    reason: Annotated[str, typer.Option(help="정정의 까닭 / reason of corrections")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="아무것도 쓰지 않고 답만 함 / answer, write nothing")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Import a register; the rows with problems are listed and stay out, the rest goes in."""
    setup_django()
    from koga.operate.imports import mapping as mappings
    from koga.operate.imports import services
    from koga.operate.parties.services import require_person

    with answer.answering(as_json), steps() as report:
        outcome = services.import_awards(
            file,
            mappings.load(mapping),
            person=require_person(login),
            snapshot=snapshot,
            dry_run=dry_run,
            sheet=sheet,
            reason=reason,
            progress=report,
        )
    if as_json:
        answer.document(document_of(outcome, dry_run))
    else:
        _tell(outcome, dry_run)


def document_of(outcome: "Outcome", dry_run: bool) -> dict[str, Any]:
    """An import's answer as the contract has it."""
    from koga.operate.imports import wording
    from koga.operate.imports.services import totals_list

    return {
        "read": outcome.read,
        "added": outcome.added,
        "unchanged": outcome.unchanged,
        "corrected": outcome.corrected,
        "vanished": len(outcome.vanished),
        "refused": len(outcome.refused),
        "rows_refused": [
            {"row": row, "problems": list(map(wording.as_json, problems))}
            for row, problems in outcome.refused.items()
        ],
        "rows_vanished": outcome.vanished,
        "totals": totals_list(outcome.totals),
        "corrected_totals": totals_list(outcome.corrected_totals),
        "rounding": outcome.rounding,
        "warnings": list(map(wording.as_json, outcome.warnings)),
        "batch": outcome.batch,
        "dry_run": dry_run,
    }


def _tell(outcome: "Outcome", dry_run: bool) -> None:
    from koga.core.units import as_decimal
    from koga.operate.imports import wording

    if dry_run:
        answer.say("시험 반영입니다. 아무것도 쓰지 않았습니다.", "A dry run: nothing was written.")
    answer.say(
        f"읽음 {outcome.read:,}  더함 {outcome.added:,}  그대로 {outcome.unchanged:,}  "
        f"정정 {outcome.corrected:,}  사라짐 {len(outcome.vanished):,}  "
        f"거절 {len(outcome.refused):,}",
        f"read {outcome.read:,}  added {outcome.added:,}  unchanged {outcome.unchanged:,}  "
        f"corrected {outcome.corrected:,}  vanished {len(outcome.vanished):,}  "
        f"refused {len(outcome.refused):,}",
    )
    for unit, amount in sorted(outcome.totals.items()):
        print(f"  {unit} {as_decimal(amount, unit):,f}")
    for one in outcome.rounding:
        answer.say(
            f"  반올림: {one['field']} {one['rows']:,}줄, 차이 합 {one['total']} ({one['unit']})",
            f"  rounded: {one['field']} on {one['rows']:,} rows, {one['total']} in all "
            f"({one['unit']}, smallest units)",
        )
    language = answer.language()
    if outcome.warnings:
        answer.say(f"  알림 {len(outcome.warnings):,}건", f"  {len(outcome.warnings):,} warnings")
    _list([wording.message(p, language) for p in outcome.warnings])
    _list([wording.message(p, language) for found in outcome.refused.values() for p in found])
    if outcome.vanished:
        answer.say("  결정을 기다리는 내역", "  waiting for a decision")
        _list(outcome.vanished)


def _list(lines: list[str]) -> None:
    for line in lines[:SHOWN_MAX]:
        print(f"    {line}")
    if len(lines) > SHOWN_MAX:
        rest = len(lines) - SHOWN_MAX
        answer.say(f"    … 그 밖에 {rest:,}건", f"    … and {rest:,} more")


def vanished(
    register_code: Annotated[
        str, typer.Option("--register", help="대장 코드 / register's code")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """List the records that wait for a decision: their register no longer has them."""
    setup_django()
    from koga.operate.imports import selectors

    with answer.answering(as_json):
        rows = selectors.waiting(register_code)
        if as_json:
            answer.document({"vanished": rows})
            return
        for row in rows:
            print(f"{row['record']}  {row['amount']:,} {row['unit']}  {row['title'][:60]}")
        answer.say(
            f"{len(rows):,}건이 결정을 기다립니다.", f"{len(rows):,} records wait for a decision."
        )


def decide(
    records: Annotated[list[str], typer.Argument(help="지원번호들 / record numbers")],
    decision: Annotated[str, typer.Option(help="keep 또는 withdraw / keep or withdraw")],
    reason: Annotated[str, typer.Option(help="까닭(공개됨) / reason (published)")],
    login: AsOption,
    as_json: JsonOption = False,
) -> None:
    """Decide what becomes of vanished records; a withdrawal posts the difference to nothing."""
    setup_django()
    from koga.operate.imports import services
    from koga.operate.parties.services import require_person

    with answer.answering(as_json):
        entries = services.decide_vanished(
            records, decision=decision, reason=reason, person=require_person(login)
        )
    if as_json:
        answer.document({"records": records, "decision": decision, "entries": entries})
    else:
        answer.say(f"정했습니다. 분개: {len(entries)}", f"Decided. Entries: {len(entries)}")
