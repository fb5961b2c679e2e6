"""The `koga` command. Commands load what they need when they run."""

import importlib
import sys
from typing import Annotated

import typer

GROUPS = (
    "release",
    "schemes",
    "ledger",
    "imports",
    "statements",
    "fund",
    "fund_books",
    "books",
    "evaluate",
    "cashflow",
    "futures",
    "comparing",
    "scheme_books",
)
"""Files of this folder, each with `register(app)`."""


def build_app() -> typer.Typer:
    """The command line with every group registered."""
    app = typer.Typer(
        name="koga",
        help="Run a public growth fund in the open. / 공공 성장펀드를 열린 장부로 운영합니다.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_everywhere)
    for group in GROUPS:
        try:
            module = importlib.import_module(f"koga.cli.{group}")
        except ModuleNotFoundError as missing:
            if missing.name != f"koga.cli.{group}":
                raise
            continue
        module.register(app)
    return app


def _say_version(asked: bool) -> None:
    if asked:
        import koga

        typer.echo(f"koga {koga.__version__}")
        raise typer.Exit


def _everywhere(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_say_version, help="판을 밝힘 / say which version"
        ),
    ] = False,
) -> None:
    """Run a public growth fund in the open. / 공공 성장펀드를 열린 장부로 운영합니다."""


def main() -> None:
    """Entry point of the console script; a `Refusal` anywhere becomes words and exit code 2.

    With `--json` wrong use is told as a problem too, and not as the usage printed for people.
    """
    from typer.exceptions import TyperException

    from koga.cli import answer
    from koga.core.problems import Problem, Refusal

    as_json = "--json" in sys.argv
    with answer.answering(as_json):
        try:
            code = build_app()(standalone_mode=not as_json)
        except TyperException as wrong:
            context = getattr(wrong, "ctx", None)
            command = context.command_path if context else "koga"
            said = getattr(wrong, "format_message", wrong.__str__)()
            raise Refusal(Problem("cli.usage", command, said)) from None
    sys.exit(code if isinstance(code, int) else 0)


def setup_django(*, books: bool = True) -> None:
    """Load the books' settings; every command that touches the books calls this first.

    Refuses where there are no books yet, unless `books` says that none are needed.
    """
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koga.web.settings_books")
    django.setup()
    if books:
        from koga.web.books import require_books

        require_books()
