"""A scheme with thirty different mistakes: thirty problems, each at its place and with a hint."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from koga.core.problems import Problem
from koga.plan.schemes import scheme

MISTAKES = Path(__file__).with_name("thirty-mistakes.toml")
EXPECTED = re.compile(r"# (scheme\.\w+)$", re.MULTILINE)
HINT = re.compile(
    r"\b(Write|Give|Use|Choose|Check|Swap|Correct|Say|Names|It must|See|Add|Units)\b|missing \("
)


@pytest.fixture(scope="module")
def found() -> list[Problem]:
    return scheme.check(MISTAKES.read_text(), MISTAKES.name)


def test_given_thirty_mistakes_when_checked_then_each_is_a_problem_of_its_own(
    found: list[Problem],
) -> None:
    expected = EXPECTED.findall(MISTAKES.read_text())

    assert len(expected) == len(set(expected)) == 30
    assert sorted(problem.code for problem in found) == sorted(expected)


def test_given_thirty_mistakes_when_told_then_each_has_its_place_and_a_hint_in_both_languages(
    found: list[Problem],
) -> None:
    places = [problem.where for problem in found]

    assert len(set(places)) == 30
    for problem in found:
        korean, english = problem.message("ko"), problem.message("en")
        assert "행)" in korean and "(line " in english, problem.code
        assert HINT.search(english), english
        assert re.search(r"십시오|있는 이름|쓰는 이름|쓸 수 있는|이어야|있어야|값", korean), korean


def test_given_thirty_mistakes_when_the_command_checks_then_it_says_no_with_all_of_them() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "koga.cli", "check", str(MISTAKES), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert len(json.loads(done.stdout)["problems"]) == 30
