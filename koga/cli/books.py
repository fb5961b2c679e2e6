"""`koga init | user add | serve | backup | restore | demo`: the books as a whole."""

import os
from pathlib import Path
from typing import Annotated

import typer

from koga.cli import answer, setup_django

JsonOption = Annotated[bool, typer.Option("--json", help="한 JSON 문서로 답함 / answer as JSON")]
PortOption = Annotated[int, typer.Option(min=1, max=65535, help="포트 / port")]
HostOption = Annotated[str, typer.Option(help="듣는 주소 / address to listen on")]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("init", help="빈 장부를 만듦 / make an empty set of books")(init)
    app.command("serve", help="데스크 또는 공개 누리집을 염 / serve the desk or the public site")(
        serve
    )
    app.command(
        "backup", help="장부를 파일로 옮겨 적고 검사함 / copy the books and check the copy"
    )(backup)
    app.command("restore", help="옮겨 적은 장부를 되살림 / bring a copy back and check it")(restore)
    app.command(
        "demo", help="지어낸 도시의 장부를 만들고 보여 줌 / build and show a fictional city"
    )(demo)
    user = typer.Typer(help="사람과 역할 / people and roles", no_args_is_help=True)
    user.command("add", help="사람을 더하고 역할을 줌 / add a person with a role")(user_add)
    app.add_typer(user, name="user")


def init(
    name_ko: Annotated[str, typer.Option(help="공개하는 곳 이름 / publisher, Korean")] = "",
    name_en: Annotated[str, typer.Option(help="공개하는 곳 영문 이름 / publisher, English")] = "",
    scheme: Annotated[
        list[str] | None,
        typer.Option(help="공시가 답하는 계획의 코드 / scheme whose targets our statements answer"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Create or upgrade the tables of the books; never touches what is posted."""
    from koga.web.books import initialise

    with answer.answering(as_json):
        place = initialise(name_ko=name_ko, name_en=name_en, schemes=scheme or ())
        if as_json:
            answer.document({"books": place})
        else:
            answer.say(f"장부가 준비되었습니다: {place}", f"The books are ready: {place}")


def user_add(
    login: Annotated[str, typer.Argument(help="로그인 이름 / login")],
    role: Annotated[
        str, typer.Option(help="operator, preparer, approver, auditor 중 하나 / one of these")
    ],
    agency: Annotated[
        str, typer.Option(help="기관 코드, 비우면 모두 / agency, empty for all")
    ] = "",
    office_ko: Annotated[str, typer.Option(help="직책 / office, Korean")] = "",
    office_en: Annotated[str, typer.Option(help="직책(영문) / office, English")] = "",
    as_json: JsonOption = False,
) -> None:
    """Add a person, or another role to one; the password comes from KOGA_PASSWORD or a prompt."""
    setup_django()
    from koga.operate.parties import selectors, services

    with answer.answering(as_json):
        person = selectors.find_person(login)
        if person is None:
            password = os.environ.get("KOGA_PASSWORD") or typer.prompt(
                "비밀번호 / password", hide_input=True, confirmation_prompt=True
            )
            person = services.add_person(
                login=login,
                password=password,
                office_ko=office_ko,
                office_en=office_en,
                role=role,
                agency=agency or None,
            )
        else:
            services.grant_role(person=person, role=role, agency=agency or None)
        if as_json:
            answer.document({"login": login, "role": role, "agency": agency or None})
        else:
            answer.say(f"{login}: {role}", f"{login}: {role}")


def serve(
    public: Annotated[
        Path | None, typer.Option(help="이 공개판만 보임 / show this release alone")
    ] = None,
    port: PortOption = 8000,
    host: HostOption = "127.0.0.1",
) -> None:
    """The desk over the books, or with `--public` the public site over one release."""
    from koga.web import server

    with answer.answering():
        if public is None:
            server.serve_books(host=host, port=port)
        else:
            server.serve_release(public, host=host, port=port)


def backup(
    to: Annotated[Path, typer.Argument(help="새 파일 / a new file")], as_json: JsonOption = False
) -> None:
    """Copy the books while they are in use, then run every ledger check on them."""
    setup_django()
    from koga.web import backups

    with answer.answering(as_json):
        _checked(backups.backup(to), as_json)


def restore(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="백업 파일 / a backup")],
    as_json: JsonOption = False,
) -> None:
    """Bring a copy back where there are no books yet, then run every ledger check."""
    setup_django(books=False)
    from koga.web import backups

    with answer.answering(as_json):
        _checked(backups.restore(source), as_json)


def _checked(result: dict[str, object], as_json: bool) -> None:
    if as_json:
        answer.document(result)
    else:
        good = bool(result["ok"])
        answer.say(
            f"{result['file']}: 검사 {'통과' if good else '실패'}",
            f"{result['file']}: checks {'passed' if good else 'failed'}",
        )
    if not result["ok"]:
        raise SystemExit(answer.NO)


def demo(
    size: Annotated[str, typer.Option(help="small 또는 full / small or full")] = "small",
    no_serve: Annotated[bool, typer.Option("--no-serve", help="열지 않음 / build only")] = False,
    port: PortOption = 8000,
    as_json: JsonOption = False,
) -> None:
    """Build the books, keys and two releases of a fictional city under var/demo."""
    from koga.cli import demo as demonstration

    with answer.answering(as_json):
        demonstration.run(size=size, serve=not no_serve, port=port, as_json=as_json)
