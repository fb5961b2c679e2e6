"""`koga fund register | book`: funds in the books, and their cash books."""

from pathlib import Path
from typing import Annotated

import typer

from koga.cli import answer, setup_django
from koga.core.problems import Problem, Refusal

JsonOption = Annotated[bool, typer.Option("--json", help="한 JSON 문서로 답함 / answer as JSON")]
AsOption = Annotated[str, typer.Option("--as", help="로그인 이름 / login")]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(help="펀드의 장부 / the books of funds", no_args_is_help=True)
    group.command("register", help="펀드를 등록함 / register a fund")(register_fund)
    group.command("book", help="현금출납장을 원장에 반영함 / take a cash book into the ledger")(
        book
    )
    app.add_typer(group, name="fund")


def register_fund(
    file: Annotated[Path, typer.Argument(help="펀드 파일(TOML) / file of the fund")],
    login: AsOption,
    rules: Annotated[Path | None, typer.Option(help="규약 파일(TOML) / the fund's rules")] = None,
    as_json: JsonOption = False,
) -> None:
    """Put a fund into the register, with its rules; said again, the later file stands."""
    setup_django()
    from koga.operate.fund import services
    from koga.operate.parties.services import require_person

    with answer.answering(as_json):
        text = _read(file)
        made = services.register(
            text, rules=_read(rules) if rules else "", person=require_person(login), where=file.name
        )
        if as_json:
            answer.document({"fund": made.fund, "agency": made.agency_id})
        else:
            answer.say(f"펀드를 등록했습니다: {made.fund}", f"The fund is registered: {made.fund}")


def book(
    fund: Annotated[str, typer.Argument(help="펀드 코드 / code of the fund")],
    file: Annotated[Path, typer.Argument(help="현금출납장(CSV) / cash book")],
    login: AsOption,
    as_json: JsonOption = False,
) -> None:
    """Post the rows of a cash book that do not stand in the ledger yet: all of them or none."""
    setup_django()
    from koga.operate.fund import services
    from koga.operate.parties.services import require_person

    with answer.answering(as_json):
        rows = services.read_book(_read(file), file.name)
        taken = services.take_in(fund, rows, person=require_person(login))
        if as_json:
            answer.document(
                {"fund": fund, "read": taken.read, "posted": taken.posted,
                 "unchanged": taken.unchanged}
            )  # fmt: skip
        else:
            answer.say(
                f"{taken.read:,}행: 분개 {taken.posted:,}건, 이미 있던 행 {taken.unchanged:,}건",
                f"{taken.read:,} rows: {taken.posted:,} entries, {taken.unchanged:,} known rows",
            )


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as trouble:
        raise Refusal(Problem("fund_book.file", str(file), type(trouble).__name__)) from None
