"""What cannot be said in a statement: bare percentages, unanswered advice, vague promises."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koga.core.dates import Period
from koga.publish import checks
from koga.publish.content import Content, Line, Promise
from tests.publish.books import typed_line

HALF = Period.parse("2026-H1")
WHOLE: dict[str, Any] = {
    "denominator": Decimal(104),
    "denominator_ko": "입주 기업",
    "denominator_en": "tenant firms",
    "window_start": date(2026, 1, 1),
    "window_end": date(2026, 6, 30),
    "method": "전수 조사",
}


def found(line: Line) -> list[str]:
    return [problem.code for problem in checks.line_problems(line, "1")]


def test_given_a_line_that_is_right_when_checked_then_nothing_is_said() -> None:
    assert found(typed_line()) == []
    assert found(typed_line(section="results", code="alive", **WHOLE)) == []


@pytest.mark.parametrize("unit", ["percent", "ratio"])
@pytest.mark.parametrize("missing", ["denominator", "denominator_ko", "window_start", "window_end"])
def test_given_a_percentage_that_lacks_one_part_when_checked_then_refused(
    unit: str, missing: str
) -> None:
    blank: Any = "" if missing.endswith("_ko") else None
    line = typed_line(section="timeliness", code="in_time", unit=unit, **{**WHOLE, missing: blank})

    assert found(line) == ["publish.bare_percentage"]


@pytest.mark.parametrize("text", ["목표의 87%를 달성", "87 퍼센트 달성", "reached 87 percent"])
def test_given_a_percentage_in_words_when_checked_then_refused(text: str) -> None:
    line = typed_line(section="limits", code="note", text_ko=text, text_en=text, value=None)

    assert found(line) == ["publish.bare_percentage"]


def test_given_a_count_of_programmes_in_words_when_checked_then_it_is_no_percentage() -> None:
    line = typed_line(
        section="limits", code="note", text_ko="프로그램 3 프로젝트 2", text_en="x", value=None
    )

    assert found(line) == []


@pytest.mark.parametrize("missing", ["denominator", "window_end", "method", "denominator_en"])
def test_given_a_result_without_its_measure_when_checked_then_refused(missing: str) -> None:
    blank: Any = "" if missing in ("method", "denominator_en") else None
    line = typed_line(section="results", code="alive", **{**WHOLE, missing: blank})

    assert found(line) == ["publish.metric_incomplete"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"section": "news"}, "publish.unknown_section"),
        ({"code": "party"}, "publish.unknown_code"),
        ({"unit": "furlong"}, "publish.unknown_unit"),
        ({"text_en": ""}, "publish.both_languages"),
        ({"value": None}, "publish.value_missing"),
        ({"evidence": ""}, "publish.evidence_missing"),
        (
            {"section": "advice", "code": "accepted", "answer_ko": "예"},
            "publish.answer_missing",
        ),
        (
            {"window_start": date(2026, 6, 1), "window_end": date(2026, 5, 1)},
            "publish.window_order",
        ),
    ],
)
def test_given_one_thing_wrong_when_checked_then_exactly_that_is_named(
    changes: dict[str, Any], code: str
) -> None:
    assert found(typed_line(**changes)) == [code]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"due_on": date(2026, 6, 30)}, "publish.promise_past"),
        ({"target_rule": "about"}, "publish.unknown_code"),
        ({"unit": ""}, "publish.unknown_unit"),
        ({"text_en": ""}, "publish.both_languages"),
    ],
)
def test_given_a_promise_nobody_could_measure_when_checked_then_refused(
    changes: dict[str, Any], code: str
) -> None:
    right: dict[str, Any] = {
        "promise": "hub-2026-H1-1", "made_in": "2026-H1", "text_ko": "가", "text_en": "a",
        "target": Decimal(45), "target_rule": "at_most", "unit": "days",
        "due_on": date(2026, 12, 31),
    }  # fmt: skip
    problems = checks.new_promise_problems(Promise(**{**right, **changes}), "1", HALF)

    assert [problem.code for problem in problems] == [code]


FIGURES = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["KRW", "SEAT"]), st.integers(1, 10**15)),
    unique_by=lambda figure: figure[:2],
)


@given(stated=FIGURES, booked=FIGURES)
def test_given_any_figures_when_compared_then_a_problem_for_each_that_differs(
    stated: list[tuple[str, str, int]], booked: list[tuple[str, str, int]]
) -> None:
    def lines(figures: list[tuple[str, str, int]]) -> tuple[Line, ...]:
        return tuple(
            Line("resources", "delivered", "ledger", programme, value=Decimal(value), unit=unit)
            for programme, unit, value in figures
        )

    problems = checks.ledger_problems(Content("hub", "2026-H1", 1, lines=lines(stated)),
                                      lines(booked))  # fmt: skip

    assert len(problems) == len({figure[:2] for figure in set(stated) ^ set(booked)})


@given(st.lists(st.sampled_from(["nil", "lines", "neither"]), min_size=6, max_size=6))
def test_given_any_sections_when_checked_then_exactly_those_neither_filled_nor_nil_are_named(
    states: list[str],
) -> None:
    sections = ("actions", "resources", "timeliness", "advice", "results", "limits")
    pairs = list(zip(sections, states, strict=True))
    content = Content(
        "hub", "2026-H1", 1,
        nil=(*(name for name, state in pairs if state == "nil"), "promises"),
        lines=tuple(Line(name, "x", "ledger") for name, state in pairs if state == "lines"),
    )  # fmt: skip

    problems = checks.content_problems(content, HALF)

    assert [(p.code, p.value) for p in problems] == [
        ("publish.section_missing", name) for name, state in pairs if state == "neither"
    ]
