"""`koga statement …` as scripts use it: JSON on standard output, exit codes 0, 1, 2."""

import json
import re
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from koga.cli import build_app
from koga.publish import typed
from tests.publish.books import agency, person, record

pytestmark = pytest.mark.django_db


def koga(*words: str) -> tuple[int, Any]:
    """Run a command; its exit code and its JSON, or its text without `--json`."""
    ran = CliRunner().invoke(build_app(), ["statement", *words])
    return ran.exit_code, json.loads(ran.stdout) if "--json" in words else ran.stdout


@pytest.fixture(autouse=True)
def two() -> None:
    for code in ("hub", "labs"):
        agency(code, (f"{code}-seed", "grant", "KRW"))
        record(code, f"{code}-seed", f"{code}-1", 1000, date(2026, 3, 1))
    person("maker", "preparer")
    person("checker", "approver")


def test_given_two_agencies_when_drafted_and_signed_with_all_then_both_are_signed() -> None:
    code, drafted = koga("draft", "--all", "--period", "2026-H1", "--as", "maker", "--json")
    assert (code, [one["state"] for one in drafted["statements"]]) == (0, ["draft", "draft"])

    code, signed = koga("sign", "--all", "--period", "2026-H1", "--as", "checker", "--json")

    assert code == 0
    assert [(one["agency"], one["state"]) for one in signed["statements"]] == [
        ("hub", "signed"),
        ("labs", "signed"),
    ]
    assert signed["problems"] == []


def test_given_one_draft_that_fell_behind_when_all_are_signed_then_the_other_is_and_exit_1() -> (
    None
):
    koga("draft", "--all", "--period", "2026-H1", "--as", "maker")
    record("hub", "hub-seed", "hub-9", 5, date(2026, 4, 1))

    code, answer = koga("sign", "--all", "--period", "2026-H1", "--as", "checker", "--json")

    assert code == 1
    assert [one["agency"] for one in answer["statements"]] == ["labs"]
    assert {one["code"] for one in answer["problems"]} == {"publish.ledger_differs"}


def test_given_due_when_asked_then_every_agency_with_its_state() -> None:
    code, answer = koga("due", "--period", "2026-H1", "--json")

    assert code == 0
    assert [(row["agency"], row["due_on"]) for row in answer["due"]] == [
        ("hub", "2026-08-29"),
        ("labs", "2026-08-29"),
    ]


def test_given_a_draft_when_shown_then_its_lines_with_whole_and_smallest_units() -> None:
    koga("draft", "hub", "--period", "2026-H1", "--as", "maker")

    code, answer = koga("show", "hub", "--period", "2026-H1", "--json")

    [statement] = answer["statements"]
    assert code == 0
    assert [(line["code"], line["value"], line["amount"]) for line in statement["lines"]] == [
        ("award", "1", None),
        ("delivered", "1000", 1000),
    ]
    assert "hub agency" in koga("show", "hub", "--period", "2026-H1")[1]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("draft", "hub", "--period", "soon", "--as", "maker"), "dates.period"),
        (("draft", "nowhere", "--period", "2026", "--as", "maker"), "parties.unknown_agency"),
        (("draft", "hub", "--period", "2026", "--as", "nobody"), "parties.unknown_login"),
        (("draft", "hub", "--period", "2026", "--as", "checker"), "parties.role"),
        (("draft", "--period", "2026", "--as", "maker"), "publish.nobody_named"),
        (("draft", "hub", "--all", "--period", "2026", "--as", "maker"), "publish.nobody_named"),
        (("sign", "hub", "--period", "2026", "--as", "checker"), "publish.no_draft"),
        (("sign", "--all", "--period", "2026", "--as", "checker"), "publish.nothing_to_do"),
        (("show", "hub", "--period", "2026"), "publish.no_statement"),
        (("duty", "hub", "--every", "week", "--since", "2026-01-01"), "publish.unknown_rhythm"),
        (("duty", "hub", "--every", "half", "--since", "soon"), "dates.unreadable"),
    ],
)
def test_given_wrong_use_when_run_then_exit_2_and_the_problem(
    words: tuple[str, ...], problem: str
) -> None:
    code, answer = koga(*words, "--json")

    assert code == 2
    assert [one["code"] for one in answer["problems"]] == [problem]


@pytest.mark.parametrize("page", ["publish-a-statement.md", "publish-a-statement.ko.md"])
def test_given_the_example_of_the_how_to_when_drafted_then_nothing_is_wrong_with_it(
    root: Path, tmp_path: Path, page: str
) -> None:
    found = re.search(r"```toml\n(.*?)```", (root / "docs/how-to" / page).read_text(), re.DOTALL)
    assert found is not None
    read = typed.parse(tomllib.loads(found[1], parse_float=Decimal), page)
    assert (len(read.lines), len(read.answers), len(read.promises)) == (2, 1, 1)
    file = tmp_path / "rows.toml"
    file.write_text(re.sub(r"\[\[answer\]\].*?\n\n", "", found[1], flags=re.DOTALL))

    code, answer = koga(
        "draft", "hub", "--period", "2026-H1", "--as", "maker", "--file", str(file), "--json"
    )

    assert code == 0
    assert answer["problems"] == []
