"""`koga check`: every problem of a scheme or of a fund's rules, and what a scheme rests on."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer

if TYPE_CHECKING:
    from koga.core.problems import Problem

_RULES = re.compile(r"^\s*(\[\[\s*tier\s*\]\]|\[\s*members\b)", re.MULTILINE)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("check")(check)


def check(
    file: Annotated[Path, typer.Argument(help="A scheme or fund rules. / 계획이나 규약 파일")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document. / JSON으로")] = False,
) -> None:
    """List every problem of a scheme or of fund rules / 계획이나 규약의 문제를 모두 알립니다."""
    from koga.plan.schemes import scheme

    with answer.answering(as_json):
        text = scheme.read_text(file)
    if _RULES.search(text):
        _answer_rules(text, as_json)
        return
    found = scheme.examine(text, str(file))
    warnings = found.warnings + ([] if found.problems else _not_simulated(file))
    if as_json:
        answer.document(
            {
                "kind": "scheme",
                "problems": [_as_json(problem) for problem in found.problems],
                "warnings": [_as_json(warning) for warning in warnings],
                "leaves": dict(found.counts),
                "tables": {table: dict(tally) for table, tally in found.by_table.items()},
            }
        )
    else:
        answer.problems(found.problems, as_json=False)
        for warning in warnings:
            answer.say(f"주의: {warning.message('ko')}", f"Warning: {warning.message('en')}")
        _say_counts(found.counts, len(found.problems))
    if found.problems:
        raise SystemExit(answer.WRONG)


def _not_simulated(file: Path) -> "list[Problem]":
    """What the scheme lacks for `koga simulate`: no mistake, but good to know."""
    from koga.plan import build
    from koga.plan.schemes import scheme

    return build.lacking(scheme.load(file))


def _answer_rules(text: str, as_json: bool) -> None:
    from koga.core import fund_rules

    found = fund_rules.check(text)
    if as_json:
        answer.document({"kind": "rules", "problems": [_as_json(problem) for problem in found]})
    else:
        answer.problems(found, as_json=False)
    if found:
        raise SystemExit(answer.WRONG)
    if not as_json:
        answer.say("문제가 없습니다.", "No problem found.")


def _as_json(problem: "Problem") -> dict[str, Any]:
    shown = problem.as_json()
    return {**shown, "line": problem.details["line"]} if problem.details.get("line") else shown


def _say_counts(counts: Any, problems: int) -> None:
    stated, derived, assumed = counts["stated"], counts["derived"], counts["assumed"]
    answer.say(
        f"밝힌 값 {stated}, 셈한 값 {derived}, 가정 {assumed}. 문제 {problems}건.",
        f"{stated} stated, {derived} derived, {assumed} assumed. Problems: {problems}.",
    )
