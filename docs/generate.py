"""Writes the reference pages that repeat the code: commands, open tables, problems, settings.

`python docs/generate.py` writes them; with `--check` it names the pages that are out of date.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import typer

from koga.cli import build_app
from koga.core.problems import catalogue
from koga.operate.imports import reference as mapping_reference
from koga.plan.schemes import reference
from koga.release import tables

REFERENCE = Path(__file__).parent / "reference"
LANGUAGES = ("en", "ko")


def side(text: str, language: str) -> str:
    """The half of a `한국어 / English` line in one language; the whole where it has one half."""
    halves = re.split(r"\s/\s", text, maxsplit=1)
    if len(halves) == 1:
        return text
    korean = [half for half in halves if re.search("[가-힣]", half)]
    english = [half for half in halves if half not in korean]
    return (korean or english or halves)[0] if language == "ko" else (english or halves)[0]


def commands(language: str) -> str:
    """Every command with its arguments and options."""
    title = {"ko": "명령", "en": "Commands"}[language]
    intro = {
        "ko": "모든 명령은 `--help`를 받고, 되면 0, 답이 ‘아니오’면 1, 잘못 쓰면 2로 끝납니다.",
        "en": "Every command takes `--help` and exits 0 when done, 1 when the answer is no, "
        "2 on wrong use or input.",
    }[language]
    lines = [f"# {title}", "", intro, ""]
    root = typer.main.get_command(build_app())
    for name, command in _walk("koga", root):
        lines += [f"## `{name}`", "", _described(command, language), ""]
        rows = [_parameter(parameter, language) for parameter in command.params]
        rows = [row for row in rows if row]
        if rows:
            heads = {"ko": ("이름", "뜻", "기본값"), "en": ("Name", "Meaning", "Default")}
            lines += _table(heads[language], rows)
    return "\n".join(lines)


def _walk(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    for part, below in sorted(command.commands.items()):
        yield from _walk(f"{name} {part}", below)


def _described(command: click.Command, language: str) -> str:
    short = side(command.help or "", language)
    callback = inspect.unwrap(command.callback) if command.callback else None
    long = inspect.getdoc(callback) or "" if callback else ""
    return short if language == "ko" or not long or long == short else f"{short}. {long}"


def _parameter(parameter: click.Parameter, language: str) -> tuple[str, str, str] | None:
    names = parameter.opts + parameter.secondary_opts
    if "--help" in names:
        return None
    option = isinstance(parameter, click.Option) or names[0].startswith("-")
    name = ", ".join(names) if option else str(parameter.metavar or parameter.name).upper()
    default = parameter.default
    shown = "" if default in (None, False, "", ()) or callable(default) else str(default)
    return f"`{name}`", side(getattr(parameter, "help", "") or "", language), shown


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return [*lines, ""]


def open_tables(language: str) -> str:
    """Every open table and its columns."""
    title = {"ko": "공개 표", "en": "Open tables"}[language]
    intro = {
        "ko": "금액은 그 줄 `unit`의 가장 작은 단위로 적은 정수입니다. 빈칸은 모름, 0은 0입니다.",
        "en": "Amounts are integers in the smallest unit of the row's `unit`. "
        "Blank is unknown, 0 is 0.",
    }[language]
    heads = {
        "ko": ("열", "이름", "종류", "필수"),
        "en": ("Column", "Heading", "Type", "Required"),
    }[language]
    lines = [f"# {title}", "", intro, ""]
    for table in tables.TABLES.values():
        lines += [f"## {getattr(table, language)} (`{table.name}`)", ""]
        lines += _table(
            heads,
            [
                (
                    f"`{column.name}`",
                    getattr(column, language),
                    column.kind,
                    "●" if column.required else "",
                )
                for column in table.columns
            ],
        )
    return "\n".join(lines)


def problems(language: str) -> str:
    """Every problem code in order of precedence."""
    title = {"ko": "문제 코드", "en": "Problem codes"}[language]
    heads = {"ko": ("코드", "말"), "en": ("Code", "Words")}[language]
    rows = [(f"`{code}`", text[language]) for code, text in catalogue().items()]
    return "\n".join([f"# {title}", "", *_table(heads, rows)])


PAGES = {
    "commands": commands,
    "tables": open_tables,
    "problems": problems,
    "scheme": reference.page,
    "mapping": mapping_reference.page,
}


def main() -> int:
    """Write or check every generated page."""
    stale = []
    for stem, write in PAGES.items():
        for language in LANGUAGES:
            page = REFERENCE / f"{stem}{'.ko' if language == 'ko' else ''}.md"
            text = write(language).rstrip() + "\n"
            if "--check" not in sys.argv:
                page.write_text(text)
            elif not page.exists() or page.read_text() != text:
                stale.append(page.name)
    if stale:
        print(f"out of date, run make docs: {', '.join(stale)}")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
