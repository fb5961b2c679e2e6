"""The sheet of a simulation: it carries what a reader needs to doubt it, and the same bytes."""

import hashlib
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from koga.documents import futures_assumptions, futures_sheet, sheet, typesetting
from koga.documents.sheet import Sheet
from koga.figures import bands, futures
from koga.plan.figure import Figure
from koga.plan.result import Result
from koga.plan.schemes import leaf, scheme, shape
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
    for each_leaf in result.scheme.leaves.values():
        label = each_leaf.label_ko if language == "ko" else each_leaf.label_en
        *above, last = label.split(" · ")
        year = last.removesuffix("년")
        assert (year.isdigit() and len(year) == 4) or escape(last) in page, label
        assert not above or escape(above[0]) in page, label
    for each in result.scheme.sources.values():
        assert escape(each.title) in page


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_tornado_when_printed_then_it_says_its_own_engine_and_futures(
    result: Result, language: str
) -> None:
    base = result.figures["lowest.all"]
    swing = bands.Swing("fee", 0.01, 0.02, "1%", "2%")
    drawn = futures.tornado([swing], base, language, name="t", label="IRR", paths=256, seed=7)

    told = futures_sheet.sheet(result, [drawn], language).figures[0]

    assert "256" in drawn.wide and "fast" in drawn.wide
    assert "fast" in told[0].description and "256" in told[0].description
    assert f"{result.paths:,}" not in told[1]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_first_loss_settled_at_the_end_when_printed_then_its_year_is_told(
    result: Result, language: str
) -> None:
    none = [replace(each, mean=0, quantiles=(0,) * 5) for each in result.series["net.all"]]
    last = [*none[:-1], replace(none[-1], mean=10**12)]

    def told(years: list[Figure]) -> list[str]:
        booked = replace(result, series={**result.series, "first_loss.equity_funds": years})
        return [line for line in made(booked, language).not_said if "realisation" in line]

    assert len(told(last)) == 1 and str(last[-1].year) in told(last)[0]
    assert not told(none) and not told([last[-1], *last[1:]])


@pytest.mark.parametrize("name", ["koga-500", "national-growth-150", "small"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_scheme_when_its_values_are_listed_then_none_is_left_out(
    root: Path, name: str, language: str
) -> None:
    found = scheme.load(root / "schemes" / f"{name}.toml")

    printed = {basis: futures_assumptions.lines(found, basis, language) for basis in leaf.BASES}

    counted = shape.counts(found)
    for basis, lines in printed.items():
        assert sum(line.leaves for line in lines) == counted[basis]
        assert all(line.item and line.cells[0] for line in lines)
    assert len(printed["assumed"]) <= counted["assumed"]


def test_given_years_that_say_the_same_when_listed_then_they_stand_in_one_line(
    root: Path,
) -> None:
    found = scheme.load(root / "schemes" / "koga-500.toml")

    lines = futures_assumptions.lines(found, "assumed", "en")

    pace = [line for line in lines if line.head == "Share committed each year"]
    assert [line.item for line in pace] == ["2027", "2028", "2029–2036"]
    assert [line.cells[0] for line in pace] == ["4%", "8%", "11%"]
    assert sum(line.leaves for line in pace) == 10


def test_given_the_tables_when_laid_out_then_every_row_fits_its_columns(result: Result) -> None:
    for language in ("ko", "en"):
        page = made(result, language)
        for table in (page.answers, *page.tables, *page.annex):
            assert {len(row) for row in table.rows} <= {1, len(table.columns)}
            assert len(table.kinds) == len(table.columns)
            assert len(table.widths) in (0, len(table.columns))


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
