"""Formulas, values and lines: the small readers a scheme stands on."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koga.plan.schemes import formula, places, values
from koga.plan.schemes.schema import Field


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("12 / 4 / 3", 1),
        ("1 / 3 + 2 / 3", 1),
        ("-2 * -(3 + 1)", 8),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("a.b / 2 - c", Fraction(1, 2)),
    ],
)
def test_given_arithmetic_when_evaluated_then_it_is_exact(text: str, expected: Fraction) -> None:
    known = {"a.b": Fraction(7), "c": Fraction(3)}

    assert formula.evaluate(text, known.__getitem__) == expected


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "(1", "1)", "1 2", "2 ** 3", "a b", "1..2", "5조", "__import__('os')", "a[0]",
     "(" * 200 + "1" + ")" * 200, "-" * 200 + "1", "1" * 5000],
)  # fmt: skip
def test_given_what_is_no_arithmetic_when_evaluated_then_it_is_unreadable(text: str) -> None:
    with pytest.raises(formula.Unreadable):
        formula.evaluate(text, lambda path: Fraction(1))


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=6))
def test_given_any_sum_when_evaluated_then_it_is_python_s(numbers: list[int]) -> None:
    text = " + ".join(f"({number})" for number in numbers)

    assert formula.evaluate(text, lambda path: Fraction(0)) == sum(numbers)


def test_given_a_formula_when_its_paths_are_asked_then_each_is_named() -> None:
    assert list(formula.paths("size.all.2026 / (a + 2)")) == ["size.all.2026", "a"]
    assert list(formula.paths("a +* ?")) == []


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        ("amount", "4500억", 4500 * 10**8),
        ("amount", 5, 5),
        ("amount", Decimal("5.0"), None),
        ("amount", True, None),
        ("amount", "1e30", None),
        ("rate", "16.5%", Fraction(33, 200)),
        ("rate", Decimal("0.1"), Fraction(1, 10)),
        ("rate", "1/6", Fraction(1, 6)),
        ("rate", "1/0", None),
        ("rate", Decimal("inf"), None),
        ("rate", Decimal("1e400"), None),
        ("year", 2026, 2026),
        ("year", 26, None),
        ("count", 10, 10),
        ("count", "10", None),
        ("date", "2026-03-31", date(2026, 3, 31)),
        ("date", "31 March", None),
        ("text", " 글 ", "글"),
        ("text", "a\x00b", None),
        ("text", "  ", None),
        ("list", ["ai", "bio"], ("ai", "bio")),
        ("list", [], None),
        ("list", ["ai", 1], None),
    ],
)
def test_given_a_value_when_read_then_it_is_of_its_type_or_refused(
    kind: str, raw: object, expected: object
) -> None:
    assert values.read(raw, Field("x", kind, "", "")) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("unit", "expected"), [("KRW", 12 * 10**12), ("share", None)])
def test_given_a_limit_when_read_then_its_unit_decides(unit: str, expected: int | None) -> None:
    assert values.read("12조", Field("x", "limit", "", ""), unit) == expected


@given(st.fractions(-(10**12), 10**12, max_denominator=10**6))
def test_given_any_number_when_written_then_it_reads_back_the_same(number: Fraction) -> None:
    assert values.number(values.decimal_text(number)) == number


@given(st.integers(-(10**15), 10**15), st.integers(0, 9))
def test_given_a_finite_decimal_when_converted_then_it_is_exact(digits: int, scale: int) -> None:
    number = Fraction(digits, 10**scale)

    assert values.as_decimal(number) == Decimal(digits).scaleb(-scale)


def test_given_a_file_when_lines_are_found_then_tables_keys_and_lists_are_placed() -> None:
    text = (
        "# first\n"
        "[a]\n"
        'x = """\n'
        "[not.a.table]\n"
        '"""\n'
        "b.c = 1\n"
        '["q r".s] # why\n'
        "2026 = 1\n"
        "[[t]]\n"
        "id = 1\n"
        "[[t]]\n"
        "[t.deep]\n"
        "y = 2\n"
    )

    lines = places.find(text)

    assert lines[("a", "b", "c")] == 6
    assert ("not", "a", "table") not in lines
    assert lines[("q r", "s", "2026")] == 8
    assert (lines[("t", 0)], lines[("t", 1)]) == (9, 11)
    assert lines[("t", 1, "deep", "y")] == 13
