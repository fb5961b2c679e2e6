"""The sheet of a simulation: it carries what a reader needs to doubt it, and the same bytes."""

import hashlib
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from koga.documents import futures_sheet, sheet, typesetting
from koga.documents.sheet import Sheet
from koga.figures import futures
from koga.plan.result import Result
from tests.plan.futures_sample import sample


@pytest.fixture(scope="module")
def result(root: Path) -> Result:
    return sample(root, engine="fast")


def made(result: Result, language: str) -> Sheet:
    drawn = [figure for _, figure in futures.all_of(result, language)]
    return futures_sheet.sheet(result, drawn, language)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_result_when_printed_then_every_value_of_the_scheme_stands_with_its_basis(
    result: Result, language: str
) -> None:
    page = sheet.html(made(result, language))

    assert result.scheme.sha256[:16] in page and str(result.seed) in page
    assert "koga 0.1.0" in page and "±" in page and "≈" in page
    for leaf in result.scheme.leaves.values():
        label = leaf.label_ko if language == "ko" else leaf.label_en
        assert escape(label) in page
    for each in result.scheme.sources.values():
        assert escape(each.title) in page
    assert page.count("<tr>") > len(result.scheme.leaves)


def test_given_the_tables_when_counted_then_no_leaf_is_left_out(result: Result) -> None:
    tables = made(result, "en").tables
    listed = [table for table in tables if table.title.startswith("Values ")]

    assert sum(len(table.rows) for table in listed) == len(result.scheme.leaves)
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)


def test_given_the_same_sheet_when_typeset_twice_then_the_bytes_are_the_same(
    result: Result,
) -> None:
    first, second = sheet.pdf(made(result, "ko")), sheet.pdf(made(result, "ko"))

    assert first.startswith(b"%PDF-") and len(first) > 50_000
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


def test_given_words_a_typesetter_would_read_as_code_when_typeset_then_they_stay_words(
    result: Result,
) -> None:
    wild = replace(made(result, "en"), lead='#panic("x") *bold* $x$ <tag> @ref \\ [')

    assert sheet.pdf(wild).startswith(b"%PDF-")
    assert "&lt;tag&gt;" in sheet.html(wild)


def test_given_a_chart_when_made_a_picture_then_it_has_its_proportions(result: Result) -> None:
    drawn = result.figure("fan", "ko")

    picture = typesetting.picture(drawn.wide, scale=2)

    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert picture.startswith(b"\x89PNG")
    assert 1.9 < width / height < 3.2 and width > 800
