"""Tails and the reverse stress as a budget office reads them."""

import dataclasses
import re
from pathlib import Path

import pytest

from koga import plan
from koga.documents import futures_fiscal, futures_sheet, futures_tails
from koga.plan import build
from koga.plan.budget import reverse
from koga.plan.budget.reverse import Reverse
from koga.plan.result import Result


@pytest.fixture(scope="module")
def result(root: Path) -> Result:
    small = plan.load(root / "schemes" / "small.toml")
    return plan.simulate(small, paths=800, seed=3, engine="fast")


@pytest.fixture(scope="module")
def stressed(result: Result) -> Reverse:
    found = reverse.reverse(build.build(result.scheme))
    assert found is not None
    return found


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_simulation_when_printed_then_every_tail_has_its_error_and_the_mark(
    result: Result, language: str
) -> None:
    tables = list(futures_fiscal.tables(result, language))
    at_risk, shortfall = (
        next(table for table in tables if f": {name} (" in table.title) for name in ("VaR", "ES")
    )

    assert len(at_risk.rows) == len(result.series["budget.net"]) + 1
    assert all("±" in cell for row in at_risk.rows for cell in row[1:])
    assert all("±" in cell for row in shortfall.rows for cell in row[1::2])
    assert [head for head in at_risk.columns if "‡" in head] == [
        f"VaR {level} ‡" for level in ("95%", "99%", "99.5%")
    ]
    assert "‡" in at_risk.note and re.search(r"1\.0\d\d ± 0|0\.9\d\d ± 0", at_risk.note)


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("ko", ("보호받는 순위(선순위)가 1원이라도 잃을 확률은", "%p)", "년 말에 보통의 길보다")),
        ("en", ("The protected rank (senior) loses a won or more", "points)", "ordinary course")),
    ],
)
def test_given_a_rank_that_may_lose_when_told_then_the_sentence_has_chance_error_and_market(
    result: Result, stressed: Reverse, language: str, parts: tuple[str, ...]
) -> None:
    table = futures_tails.reverse_table(result, stressed, language)

    assert all(part in table.note for part in parts)
    assert len(table.rows) == len(stressed.nearest.shift)
    assert all(len(row) == 6 for row in table.rows)
    assert table.rows[-1][3].startswith("−")


def test_given_a_market_that_cannot_reach_it_when_told_then_the_sentence_says_how_far_was_looked(
    result: Result, stressed: Reverse
) -> None:
    out = dataclasses.replace(stressed.nearest, found=False, distance=8.0)

    told = futures_tails.sentence(result, dataclasses.replace(stressed, nearest=out), "en")

    assert told.endswith("Up to 8 standard deviations of the market alone it loses nothing.")


def test_given_a_result_without_tails_when_printed_then_no_tail_is(result: Result) -> None:
    bare = dataclasses.replace(result, tails=None)

    titles = [table.title for table in futures_fiscal.tables(bare, "en")]

    assert titles and not any("Risk" in title or "drives" in title for title in titles)


def test_given_marked_figures_when_the_sheet_is_made_then_the_note_explains_the_mark(
    result: Result,
) -> None:
    sheet = futures_sheet.sheet(result, [], "ko")

    table = next(each for each in sheet.tables if "지표와 계산 오차" in each.title)
    marked = [row[0] for row in table.rows if "‡" in row[0]]
    assert any("한누리 벤처펀드" in label for label in marked)
    assert "‡는 중요도 표집" in table.note
