"""Mappings as data: every fault of one is listed at once, and numbers are read as declared."""

from decimal import Decimal

import pytest

from koga.core.problems import LANGUAGES, Refusal
from koga.operate.imports import mapping as mappings
from koga.operate.imports import numbers
from koga.operate.imports.mapping import Amounts
from koga.operate.imports.sheets import Number
from tests.operate.imports import registers


def problems_of(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refused:
        mappings.parse(text)
    for problem in refused.value.problems:
        assert all(problem.message(language) for language in LANGUAGES)
    return [(problem.code.removeprefix("imports."), problem.where)
            for problem in refused.value.problems]  # fmt: skip


def test_given_a_mapping_with_many_faults_when_parsed_then_all_are_listed() -> None:
    text = """
        register = "Not A Code"
        version = 1
        prefix = "x"
        colour = "red"
        split_sums = ["amount_city", "amount_gold"]
        [file]
        encoding = "latin-9"
        header_row = 0
        [amounts]
        decimal = ","
        multiplier = 0
        rounding = "nearest"
        [recipient]
        person = ["("]
        [fields.amount]
        column = "a"
        constant = "1"
        [fields.unit]
        constant = "DOLLAR"
        [fields.instrument]
        constant = "gift"
        [fields.weight]
        column = "w"
        [fields.title]
        column = "t"
        map = "nowhere"
        [[agency]]
        code = "a b"
        values = ["X"]
        names = [{ ko = "가" }]
        [[agency]]
        code = "b"
        values = ["X"]
        names = [{ en = "B" }]
        [[succession]]
        from = "b"
        to = "c"
        on = 2026-01-01
    """

    found = problems_of(text)

    assert set(found) == {
        ("mapping_value", "register"), ("mapping_value", "prefix"),
        ("mapping_key", "colour"), ("mapping_missing", "source_system"),
        ("mapping_value", "split_sums"), ("mapping_value", "file.encoding"),
        ("mapping_value", "file.header_row"), ("mapping_value", "amounts.thousands"),
        ("mapping_value", "amounts.multiplier"), ("mapping_value", "amounts.rounding"),
        ("mapping_pattern", "recipient.person"), ("mapping_rule", "fields.amount"),
        ("units.unknown", "fields.unit.constant"),
        ("mapping_value", "fields.instrument.constant"), ("mapping_key", "fields.weight"),
        ("mapping_map", "fields.title.map"), ("mapping_missing", "fields.programme"),
        ("mapping_missing", "fields.awarded_on"), ("mapping_missing", "fields.agency"),
        ("mapping_value", "agency 1.code"), ("mapping_twice", "agency 2.values"),
        ("mapping_missing", "agency 1.names 1.en"), ("mapping_agency", "succession 1.to"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        'register = 5', 'version = "1"', 'version = true', 'identity = "번호"', 'identity = [1]',
        'fields = "x"', 'fields = { title = "x" }', 'maps = ["x"]', 'maps = { a = 1 }',
        'maps = { a = { b = 1 } }', 'agency = "x"', 'agency = ["x"]', 'file = "x.csv"',
        'succession = [{ from = "a", to = "b", on = "2026-01-01" }]',
    ],
)  # fmt: skip
def test_given_a_key_of_the_wrong_type_when_parsed_then_it_is_named(line: str) -> None:
    assert "mapping_type" in {code for code, _ in problems_of(line)}


@pytest.mark.parametrize("text", ["register = ", "= 1", "[a]\n[a]", "\0", "a = " + "[" * 5000])
def test_given_what_is_no_toml_when_parsed_then_refused(text: str) -> None:
    assert problems_of(text)[0][0] == "mapping_toml"


def test_given_a_column_that_may_name_a_person_when_it_identifies_rows_then_refused() -> None:
    text = registers.MAPPING.replace('identity = ["번호"]', 'identity = ["받은곳"]')

    assert problems_of(text) == [("mapping_personal", "identity")]


def test_given_a_file_without_some_columns_when_checked_then_each_is_named() -> None:
    mapping = mappings.parse(registers.MAPPING)

    problems = mappings.check_columns(mapping, ["번호", "번호", "기관", "사업"], "x.csv")

    assert {(p.code, p.value) for p in problems} == {
        ("imports.column_twice", "번호"),
        *(("imports.column_unknown", name) for name in registers.COLUMNS[3:]),
    }


def test_given_no_mapping_file_when_loaded_then_refused() -> None:
    with pytest.raises(Refusal) as refused:
        mappings.load("no-such-mapping")

    assert refused.value.problems[0].code == "imports.mapping_file"


GERMAN = Amounts(decimal=",", thousands=".")
SWISS = Amounts(thousands="'")
SPACED = Amounts(decimal=",", thousands=" ", symbols=("€",))
KOREAN = Amounts(korean_words=True, symbols=("원",))
THOUSANDS = Amounts(multiplier=1000)


@pytest.mark.parametrize(
    ("amounts", "cell", "number"),
    [
        (Amounts(), "1,234.50", "1234.50"), (Amounts(), "(1,234)", "-1234"),
        (Amounts(), "△300", "-300"), (GERMAN, "1.234,50", "1234.50"),
        (GERMAN, Number("1234.5"), "1234.5"), (GERMAN, Number("1.234"), "1.234"),
        (SWISS, "1'234.5", "1234.5"), (SPACED, "1\u202f234,5 €", "1234.5"),
        (KOREAN, "3.5억 원", "350000000"), (KOREAN, "1,200원", "1200"),
        (THOUSANDS, "551.588", "551588.000"), (THOUSANDS, "-0.00001", "-0.01000"),
    ],
)  # fmt: skip
def test_given_a_convention_when_a_number_is_read_then_exactly_that(
    amounts: Amounts, cell: str, number: str
) -> None:
    assert numbers.reader(amounts)(cell, "amount") == Decimal(number)


@pytest.mark.parametrize(
    ("amounts", "cell"),
    [
        (Amounts(), "1.234,50"), (Amounts(), "12,34"), (Amounts(), "NaN"), (Amounts(), "1e9999"),
        (Amounts(), "9" * 200), (GERMAN, "1,234.50"), (SWISS, "1,234"),
        (SPACED, "12 34"), (Amounts(thousands=""), "1,000"), (Amounts(), "1e60"),
    ],
)  # fmt: skip
def test_given_another_convention_when_a_number_is_read_then_refused_not_guessed(
    amounts: Amounts, cell: str
) -> None:
    with pytest.raises(Refusal) as refused:
        numbers.reader(amounts)(cell, "row 1, amount")

    assert refused.value.problems[0].code in ("money.unreadable", "money.too_large")
    assert refused.value.problems[0].value[:9] == cell[:9]


@pytest.mark.parametrize(
    ("formats", "cell", "day"),
    [
        (("%d/%m/%y",), "01/09/15", "2015-09-01"), (("%Y.%m.%d",), "2026.3.1", "2026-03-01"),
        ((), "2026-03-31", "2026-03-31"), ((), "2026-03-31 00:00:00", "2026-03-31"),
        (("%d/%m/%y",), "2015-09-01", "2015-09-01"), (("%d/%m/%y",), "31/02/15", None),
        ((), "2026-13-01", None), ((), "20260331", None), (("%Y",), "추후 공지", None),
    ],
)  # fmt: skip
def test_given_date_formats_when_a_day_is_read_then_it_or_nothing(
    formats: tuple[str, ...], cell: str, day: str | None
) -> None:
    found = numbers.day_reader(formats)(cell)

    assert (found.isoformat() if found else None) == day
