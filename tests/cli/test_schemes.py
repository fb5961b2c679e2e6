"""`koga check` at the command line: answers, exit codes, and which kind of file it is."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from koga.cli import build_app
from koga.plan.schemes import scheme

RULES = """
scope = "fund"
[members.manager]
role = "gp"
commitment = 1
[[tier]]
kind = "no such tier"
"""


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(build_app(), ["check", *arguments])
    return result.exit_code, result.stdout, result.stderr


def answered(*arguments: str) -> tuple[int, dict[str, Any]]:
    code, out, err = run(*arguments, "--json")
    assert err == ""
    return code, json.loads(out)


@pytest.mark.parametrize("name", ["koga-500", "national-growth-150", "small"])
def test_given_a_shipped_scheme_when_checked_then_the_answer_is_yes(root: Path, name: str) -> None:
    code, answer = answered(str(root / "schemes" / f"{name}.toml"))

    assert code == 0
    assert answer["problems"] == []
    assert set(answer["leaves"]) == {"stated", "derived", "assumed"}
    assert sum(answer["leaves"].values()) == sum(
        sum(tally.values()) for tally in answer["tables"].values()
    )


def test_given_open_approval_questions_when_checked_then_they_are_warnings(root: Path) -> None:
    path = str(root / "schemes" / "koga-500.toml")

    code, answer = answered(path)
    _, out, _ = run(path)

    assert code == 0
    assert [one["code"] for one in answer["warnings"]] == ["contingent.open"] * 2
    assert set(answer["warnings"][0]["message"]) == {"ko", "en"}
    assert out.count("contingent.") == 2


def test_given_a_scheme_with_mistakes_when_checked_then_it_is_wrong_input(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    text = (root / "schemes" / "small.toml").read_text()
    path.write_text(text.replace("value = 2025, basis", "value = -1, basis"))

    code, answer = answered(str(path))

    assert code == 2
    assert [(one["code"], one["where"]) for one in answer["problems"]] == [
        ("scheme.type", "fund.first_year")
    ]
    problem = answer["problems"][0]
    assert set(problem["message"]) == {"ko", "en"}
    assert path.read_text().splitlines()[problem["line"] - 1].startswith("first_year")
    whole = scheme.load(root / "schemes" / "small.toml")
    assert answer["leaves"]["stated"] == scheme.counts(whole)["stated"] - 1


def test_given_people_when_they_ask_then_problems_go_to_standard_error(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[scheme]\n")

    code, out, err = run(str(path))

    assert code == 2
    assert "scheme.missing" in err and "scheme.code" in err
    assert "scheme.missing" not in out


@pytest.mark.parametrize(("body", "code"), [(None, "scheme.file"), (b"\xff", "scheme.encoding")])
def test_given_a_file_that_cannot_be_read_when_checked_then_it_is_a_problem(
    tmp_path: Path, body: bytes | None, code: str
) -> None:
    path = tmp_path / "mine.toml"
    if body is not None:
        path.write_bytes(body)

    exit_code, answer = answered(str(path))

    assert exit_code == 2
    assert [one["code"] for one in answer["problems"]] == [code]


def test_given_fund_rules_when_checked_then_they_are_read_as_rules(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(RULES)

    code, answer = answered(str(path))

    assert (code, answer["kind"]) == (2, "rules")
    assert answer["problems"]
    assert not any(one["code"].startswith("scheme.") for one in answer["problems"])
