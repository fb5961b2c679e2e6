"""Typed rows from a TOML file: read exactly, every problem listed at once."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koga.core.problems import Refusal
from koga.publish import typed
from tests.publish.books import codes

RIGHT = """
nil = ["advice", "promises"]

[[line]]
section = "results"
code = "alive_24_months"
text_ko = "24개월 뒤 영업 중"
text_en = "still trading after 24 months"
value = 87
unit = "firms"
denominator = 104
denominator_ko = "입주 기업"
denominator_en = "tenant firms"
window_start = 2026-01-01
window_end = "2026-06-30"
method = "전수 조사"
evidence = "조회 결과표"

[[answer]]
promise = "hub-2025-H2-1"
state = "late"
now = 52.5
evidence = "218건"

[[promise]]
text_ko = "결정까지 45일"
text_en = "45 days to a decision"
target = "45"
target_rule = "at_most"
unit = "days"
due_on = 2026-12-31
"""


def test_given_a_right_file_when_read_then_numbers_are_decimals_of_their_text(
    tmp_path: Path,
) -> None:
    file = tmp_path / "rows.toml"
    file.write_text(RIGHT)

    read = typed.load(file)

    assert read.nil == ("advice", "promises")
    assert (read.lines[0].value, read.lines[0].denominator) == (Decimal(87), Decimal(104))
    assert read.answers[0].now == Decimal("52.5")
    assert read.promises[0].target == Decimal(45)


def test_given_many_mistakes_when_read_then_all_are_listed_at_once(tmp_path: Path) -> None:
    file = tmp_path / "rows.toml"
    file.write_text(
        'nil = ["weather"]\nspare = 1\n[[line]]\nvalue = "many"\nwindow_end = "soon"\n'
        'colour = "red"\n[[promise]]\ntext_ko = "가"\n'
    )

    with pytest.raises(Refusal) as refused:
        typed.load(file)

    assert sorted(set(codes(refused))) == [
        "dates.unreadable", "publish.number", "publish.required", "publish.unknown_key",
        "publish.unknown_section",
    ]  # fmt: skip
    assert "rows.toml, [[line]] 1, value" in [p.where for p in refused.value.problems]


@pytest.mark.parametrize("content", [b"= nonsense", b"\xff\xfe", b"line = 3", b"[line]\nx = 1"])
def test_given_a_file_that_is_no_such_document_when_read_then_a_problem(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "rows.toml"
    file.write_bytes(content)

    with pytest.raises(Refusal):
        typed.load(file)


@pytest.mark.parametrize("text", ["1e999999999", "NaN", "Infinity", "1.2.3", "12억", "0x10"])
def test_given_a_number_no_statement_can_hold_when_read_then_a_problem(text: str) -> None:
    reader = typed.Reader()

    reader.line({"value": text}, "1")

    assert [problem.code for problem in reader.problems] == ["publish.number"]


@given(st.text(max_size=30))
def test_given_any_text_as_a_number_when_read_then_a_decimal_or_a_problem(text: str) -> None:
    reader = typed.Reader()

    line = reader.line({"value": text}, "1")

    assert (line.value is None) == (bool(reader.problems) or not text.strip())
