"""Problems: every code says the same thing in two languages, and renders without a brace left."""

import re
import string
from pathlib import Path

import pytest

from koga.core.problems import Problem, Refusal, catalogue

NAMED = [(code, text) for code, text in catalogue().items()]


def fields_of(text: str) -> set[str]:
    return {name.split(".")[0] for _, name, _, _ in string.Formatter().parse(text) if name}


def parts_of(text: str) -> set[str]:
    """Fields, with a part that comes in both languages (`at_ko`, `at_en`) counted as one."""
    return {re.sub("(^|_)(ko|en)$", "", name) for name in fields_of(text)}


@pytest.mark.parametrize(("code", "text"), NAMED)
def test_given_a_code_when_read_then_both_languages_name_the_same_parts(code, text) -> None:
    assert set(text) == {"ko", "en"}
    assert parts_of(text["ko"]) == parts_of(text["en"])
    assert re.search("[가-힣]", text["ko"])


@pytest.mark.parametrize(("code", "text"), NAMED)
def test_given_a_code_when_rendered_then_no_brace_is_left(code, text) -> None:
    named = fields_of(text["ko"]) | fields_of(text["en"])
    details = {name: "x" for name in named - {"where", "value"}}
    problem = Problem(code, "here", "this", details)

    assert not re.search(r"\{[a-z_]+\}", problem.message("ko") + problem.message("en"))


def test_given_a_code_in_the_source_when_looked_up_then_the_catalogue_has_it(root: Path) -> None:
    used = set()
    for path in (root / "koga").rglob("*.py"):
        used |= set(re.findall(r"Problem\(\s*\"([a-z_.]+)\"", path.read_text()))

    assert used - set(catalogue()) == set()


def test_given_many_problems_when_refused_then_they_stand_in_order_of_precedence() -> None:
    late = Problem("identifiers.check_digit", "b", "1")
    early = Problem("money.unreadable", "a", "x")

    assert [problem.code for problem in Refusal([late, early]).problems] == [early.code, late.code]


def test_given_a_flood_in_one_cell_when_reported_then_it_is_cut() -> None:
    assert len(Problem("money.unreadable", "a", "x" * 10_000).message("en")) < 400
