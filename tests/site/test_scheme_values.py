"""A scheme's values as its public page prints them, from the rows of the shipped proposal."""

from pathlib import Path

import pytest

from koga.plan.schemes import scheme
from koga.site import plans


@pytest.fixture(scope="module")
def values(root: Path) -> dict[str, dict[str, object]]:
    proposal = scheme.load(root / "schemes" / "koga-500.toml")
    return {row["path"]: row for row in scheme.release_rows([proposal], [])["scheme_values"]}


@pytest.mark.parametrize(
    ("path", "said", "span"),
    [
        ("target.talents_ai_seoul_2025.part.sesac", "4,000 people", ""),
        ("instrument.indirect.share", "23.33%", "20% – 35%"),
        ("instrument.loan.terms.loan_spread", "0%", "−0.3% – 0.5%"),
        ("fund.first_year", "2027", "2026 – 2029"),
        ("fund.deployment_years", "10 years", "5 – 20"),
        ("size.all.total", "₩500.0 tn", ""),
    ],
)
def test_given_a_value_when_shown_then_it_is_a_number_people_read_with_the_exact_one_behind(
    values: dict[str, dict[str, object]], path: str, said: str, span: str
) -> None:
    shown = plans._value(values[path], "en")

    assert (shown["value"], shown["range"]) == (said, span)
    assert shown["exact"] == values[path]["value"]


def test_given_a_count_when_shown_in_korean_then_its_unit_is_joined(
    values: dict[str, dict[str, object]],
) -> None:
    assert plans._value(values["fund.deployment_years"], "ko")["value"] == "10년"


@pytest.mark.parametrize(
    ("language", "options"),
    [("ko", "선택지: 펀드; 기금"), ("en", "options: fund; statutory fund")],
)
def test_given_a_choice_when_shown_then_its_options_are_in_the_language_of_the_page(
    values: dict[str, dict[str, object]], language: str, options: str
) -> None:
    assert str(plans._value(values["scheme.legal_form"], language)["note"]).endswith(options)


def test_given_a_path_that_ends_at_a_named_table_when_shown_then_its_value_still_stands() -> None:
    row = {"label_ko": "가", "label_en": "a", "path": "vehicle.some", "value": "4000", "unit": None,
           "basis": "stated", "low": None, "high": None, "source": None, "note": None}  # fmt: skip

    assert plans._value(row, "ko")["value"] == "4,000"
