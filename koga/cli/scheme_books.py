"""`koga scheme export` and `import`: a scheme as a workbook, and back."""

from pathlib import Path
from typing import Annotated

import typer

from koga.cli import answer

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document. / JSON으로")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(
        help="Schemes as workbooks / 계획을 통합문서로", no_args_is_help=True,
        rich_markup_mode=None,
    )  # fmt: skip
    group.command("export")(export)
    group.command("import")(bring_in)
    app.add_typer(group, name="scheme")


def export(
    file: Annotated[Path, typer.Argument(help="A scheme file. / 계획 파일")],
    xlsx: Annotated[Path, typer.Option(help="The workbook to write. / 쓸 통합문서")],
    as_json: AsJson = False,
) -> None:
    """Write a scheme as a workbook / 계획을 통합문서로 씁니다."""
    from koga.core.problems import Problem, Refusal
    from koga.documents import scheme_workbook
    from koga.plan.schemes import scheme, writing

    with answer.answering(as_json):
        found = scheme.load(file)
        comments = writing.comments_of(scheme.read_text(file))
        try:
            scheme_workbook.write(xlsx, found, comments)
        except OSError:
            raise Refusal(Problem("book.target", "--xlsx", str(xlsx))) from None
    if as_json:
        answer.document({"scheme": found.code, "leaves": len(found.leaves), "xlsx": str(xlsx)})
    else:
        answer.say(f"값 {len(found.leaves)}개: {xlsx}", f"{len(found.leaves)} figures: {xlsx}")


def bring_in(
    book: Annotated[Path, typer.Argument(help="A workbook of `koga scheme export`. / 통합문서")],
    out: Annotated[Path, typer.Option(help="The scheme file to write. / 쓸 계획 파일")],
    as_json: AsJson = False,
) -> None:
    """Turn such a workbook into a scheme file / 그런 통합문서를 계획 파일로 만듭니다."""
    from koga.core.problems import Problem, Refusal
    from koga.documents import scheme_workbook_reading
    from koga.plan.schemes import scheme

    with answer.answering(as_json):
        body = scheme_workbook_reading.read(book)
        try:
            out.write_bytes(body.encode())
        except OSError:
            raise Refusal(Problem("book.target", "--out", str(out))) from None
        found = scheme.load(out)
    if as_json:
        counted = {"scheme": found.code, "leaves": len(found.leaves), "hash": found.sha256}
        answer.document({**counted, "out": str(out)})
    else:
        answer.say(f"값 {len(found.leaves)}개: {out}", f"{len(found.leaves)} figures: {out}")
