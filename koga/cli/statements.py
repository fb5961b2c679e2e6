"""`koga statement …`: who owes a statement, drafting, reading, signing."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer, setup_django

if TYPE_CHECKING:
    from koga.publish.models import Statement

AgencyArgument = Annotated[str, typer.Argument(help="기관 코드 / agency")]
PeriodOption = Annotated[str, typer.Option(help="기간: 2026, 2026-H1, 2026-Q3 / period")]
AsOption = Annotated[str, typer.Option("--as", help="이 일을 하는 사람 / who acts")]
AllOption = Annotated[bool, typer.Option("--all", help="할 수 있는 모든 기관 / every agency I may")]
JsonOption = Annotated[bool, typer.Option("--json", help="한 JSON 문서로 답함 / answer as JSON")]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(help="기관의 공시 / agencies' statements", no_args_is_help=True)
    group.command("due", help="누가 언제까지 내야 하는지 / who owes a statement by when")(due)
    group.command("draft", help="초안을 만들거나 다시 셈함 / make or recount a draft")(draft)
    group.command("show", help="공시를 읽음 / read a statement")(show)
    group.command("sign", help="둘째 사람이 서명함 / sign as a second person")(sign)
    group.command("duty", help="공시 의무를 등록함 / register a duty to publish")(duty)
    group.command("excuse", help="늦는 까닭을 적음 / say why a statement is late")(excuse)
    app.add_typer(group, name="statement")


def due(
    period: PeriodOption,
    login: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """List every statement owed up to the period, with its state today and days late."""
    setup_django()
    from django.utils import timezone

    from koga.core.dates import Period
    from koga.publish import selectors, telling

    with answer.answering(as_json):
        asked = Period.parse(period)
        rows = selectors.due_rows(asked, timezone.localdate())
        names = selectors.names(asked)
        told = [telling.due_json(row, names) for row in rows]
        if as_json:
            answer.document({"due": told})
        else:
            _print_due(told)


def draft(
    period: PeriodOption,
    login: AsOption,
    agency: AgencyArgument = "",
    every: AllOption = False,
    file: Annotated[
        Path | None,
        typer.Option(help="기관이 적는 줄(TOML) / typed rows, a TOML file"),
    ] = None,
    restate: Annotated[
        str, typer.Option(help="서명된 공시를 다시 내는 까닭 / reason for restating a signed one")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Make or recount a draft; without a file, sections left empty are declared nil."""
    setup_django()
    from koga.core.dates import Period
    from koga.operate.parties.services import require_person
    from koga.publish import rounds, services, typed

    with answer.answering(as_json):
        person, asked = require_person(login), Period.parse(period)
        _one_or_all(agency, every)
        if every:
            found = rounds.draft_all(period=asked, person=person)
            _report(found.statements, found.problems, as_json)
            return
        rows = typed.load(file) if file else None
        if restate:
            services.restate(agency=agency, period=asked, person=person, reason=restate)
        made = services.draft(
            agency=agency, period=asked, person=person, typed=rows, declare_nil=rows is None
        )
        _report([made], services.problems_of(made), as_json, waiting=True)


def show(
    period: PeriodOption,
    agency: AgencyArgument = "",
    login: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Print the draft, else the newest signed version; without an agency, every one of them."""
    setup_django()
    from koga.core.dates import Period
    from koga.publish import selectors, services, telling

    with answer.answering(as_json):
        asked = Period.parse(period)
        found = (
            selectors.current_all(asked.name)
            if not agency
            else [selectors.current_of(selectors.require_agency(agency).code, asked.name)]
        )
        names, shown = selectors.names(asked), []
        for statement in found:
            told = telling.statement_json(statement, whole=True)
            problems = services.problems_of(statement) if statement.state == "draft" else []
            told["problems"] = [problem.as_json() for problem in problems]
            shown.append(told)
            if not as_json:
                _print_statement(told, names[statement.agency_id])
                answer.problems(problems, False)
        if as_json:
            answer.document({"statements": shown})


def sign(
    period: PeriodOption,
    login: AsOption,
    agency: AgencyArgument = "",
    every: AllOption = False,
    reviewed: Annotated[
        str, typer.Option("--hash", help="검토한 내용의 해시 / hash of what was reviewed")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Sign the draft as it stands (or only if it still has the hash that was reviewed)."""
    setup_django()
    from koga.core.dates import Period
    from koga.operate.parties.services import require_person
    from koga.publish import rounds, selectors, services

    with answer.answering(as_json):
        person, asked = require_person(login), Period.parse(period)
        _one_or_all(agency, every)
        if every:
            found = rounds.sign_all(period=asked, person=person)
            _report(found.statements, found.problems, as_json)
            return
        held = selectors.draft_of(agency, asked.name)
        now = held.content_hash if held else ""
        done = services.sign(
            agency=agency, period=asked, person=person, reviewed_hash=reviewed or now
        )
        _report([done], [], as_json)


def duty(
    agency: AgencyArgument,
    every: Annotated[str, typer.Option(help="year, half, quarter")],
    since: Annotated[str, typer.Option(help="이 날부터 / from this day")],
    days: Annotated[
        int | None, typer.Option(min=0, max=730, help="기간 뒤 며칠 / days after the period")
    ] = None,
    until: Annotated[str, typer.Option(help="이 날까지 / until this day")] = "",
    as_json: JsonOption = False,
) -> None:
    """Register that an agency owes a statement for every year, half or quarter."""
    setup_django()
    from koga.core.dates import parse_day
    from koga.publish import services

    with answer.answering(as_json):
        row = services.set_duty(
            agency=agency,
            every=every,
            since=parse_day(since, "--since"),
            days=days,
            until=parse_day(until, "--until") if until else None,
        )
        if as_json:
            answer.document({"agency": agency, "every": row.every, "days": row.days})
        else:
            answer.say(
                f"{agency}: {row.every}, 기간이 끝난 뒤 {row.days}일 안",
                f"{agency}: {row.every}, within {row.days} days of the period's end",
            )


def excuse(
    agency: AgencyArgument,
    period: PeriodOption,
    login: AsOption,
    reason: Annotated[str, typer.Option(help="기관이 적는 말 / in the agency's words")],
    as_json: JsonOption = False,
) -> None:
    """Record why a statement is late; it is published beside the days late."""
    setup_django()
    from koga.core.dates import Period
    from koga.operate.parties.services import require_person
    from koga.publish import services

    with answer.answering(as_json):
        row = services.say_why_late(
            agency=agency, period=Period.parse(period), person=require_person(login), text=reason
        )
        if as_json:
            answer.document({"agency": agency, "period": row.period, "reason": row.text})
        else:
            answer.say(f"{agency} {row.period}: 적었습니다.", f"{agency} {row.period}: recorded.")


def _one_or_all(agency: str, every: bool) -> None:
    from koga.core.problems import Problem, Refusal

    if bool(agency) == every:
        raise Refusal(Problem("publish.nobody_named", "koga statement", agency))


def _report(
    statements: "Iterable[Statement]",
    problems: Iterable[Any],
    as_json: bool,
    *,
    waiting: bool = False,
) -> None:
    """Statements acted on, and problems; exit 1 where some were refused.

    waiting: the problems only keep a draft from being signed yet, so the act itself succeeded.
    """
    from koga.publish import telling

    told, found = [telling.statement_json(one) for one in statements], list(problems)
    if as_json:
        shown = {"statements": told, "problems": [problem.as_json() for problem in found]}
        answer.document(shown)
    else:
        for one in told:
            hash_ = one["content_hash"][:16]
            print(f"{one['agency']}  {one['period']}  v{one['version']}  {one['state']}  {hash_}")
        if waiting and found:
            answer.say("서명하기 전에 고칠 것:", "Before it can be signed:")
        answer.problems(found, False)
    if found and not waiting:
        raise SystemExit(answer.NO)


def _print_due(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from koga.release import tables

    korean = answer.language() == "ko"
    table = Table(box=None, pad_edge=False)
    heads = ("agency", "period", "due_on", "state", "days_late", "records_left_out", "reason")
    for name in heads:
        column = tables.DUE.column(name)
        table.add_column(column.ko if korean else column.en)
    for row in rows:
        word = tables.DUE_STATES[row["state"]]
        shown = {
            **row,
            "agency": row["name_ko"] if korean else row["name_en"],
            "state": word.ko if korean else word.en,
        }
        table.add_row(*("" if shown[name] is None else str(shown[name]) for name in heads))
    Console().print(table)


def _print_statement(told: dict[str, Any], names: tuple[str, str]) -> None:
    from rich.console import Console

    from koga.core.dates import Period
    from koga.release import tables

    language = answer.language()
    korean = language == "ko"
    console = Console()
    period = Period.parse(told["period"]).label(language)
    console.print(f"[bold]{names[0] if korean else names[1]}[/bold]  {period}  v{told['version']}")
    answer.say(f"상태: {told['state']}", f"State: {told['state']}")
    print(told["content_hash"])
    for word in tables.SECTIONS.values():
        lines = [line for line in told["lines"] if line["section"] == word.code]
        console.print(f"\n[bold]{word.ko if korean else word.en}[/bold]")
        if word.code in told["nil_sections"]:
            answer.say("해당 없음", "Nil")
        for line in lines:
            console.print(_line_text(line, language), highlight=False, markup=False)
    console.print(f"\n[bold]{'약속' if korean else 'Promises'}[/bold]")
    for promise in told["promises"]:
        console.print(_promise_text(promise, language), highlight=False, markup=False)


def _line_text(line: dict[str, Any], language: str) -> str:
    text = line[f"text_{language}"] or " ".join(x for x in (line["programme"], line["code"]) if x)
    parts = [f"  {text}"]
    if line["value"]:
        parts.append(f"{line['value']} {line['unit']}")
    if line["denominator"]:
        of = line[f"denominator_{language}"]
        parts.append(f"/ {line['denominator']} ({of})")
    if line[f"answer_{language}"]:
        parts.append(f"→ {line[f'answer_{language}']}")
    return "  ".join([*parts, f"[{line['basis']}]"])


def _promise_text(promise: dict[str, Any], language: str) -> str:
    sign_ = "≥" if promise["target_rule"] == "at_least" else "≤"
    goal = f"{sign_} {promise['target']} {promise['unit']}, {promise['due_on']}"
    now = f" ({promise['now']})" if promise["now"] else ""
    state = promise["state"] or "?"
    return f"  {promise['promise']}  {promise[f'text_{language}']}: {goal}  {state}{now}"
