"""The page of funds: figures of the release's own tables, in both languages and as PDF."""

from collections.abc import Callable
from pathlib import Path

import pytest

from koga.site import funds
from koga.site.edition import open_edition
from koga.site.selectors import Absent
from tests.release.sample import sample_head, sample_key, sample_tables
from tests.site.conftest import Answer


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/en/funds", ["4 funds have returned or hold", "Fund by hand", "1.33 / 1.40", "hidden",
                       "Hannuri index", "published by statute"]),
        ("/ko/funds", ["펀드 4개는", "손셈 조합", "1.33 / 1.40", "숨김", "한누리 지수"]),
        ("/en/effects", ["What the funds returned"]),
    ],
)  # fmt: skip
def test_given_funds_when_visited_then_their_figures_are_told(
    visit: Callable[..., Answer], path: str, words: list[str]
) -> None:
    text = visit(path).text

    assert [word for word in words if word not in text] == []


def test_given_single_funds_when_drawn_then_no_interval_over_funds_is_spoken_of(
    visit: Callable[..., Answer],
) -> None:
    assert "thin line" not in visit("/en/funds").text
    assert "가는 선" not in visit("/ko/funds").text


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_the_card_when_asked_as_pdf_then_it_is_one_and_the_same(
    visit: Callable[..., Answer], language: str
) -> None:
    answer = visit(f"/{language}/funds.pdf")
    again = visit(f"/{language}/funds.pdf", HTTP_IF_NONE_MATCH=answer.headers["ETag"])

    assert answer.body.startswith(b"%PDF")
    assert again.status == 304


def test_given_a_release_without_funds_when_asked_then_there_is_no_card(tmp_path: Path) -> None:
    from koga.release.build import build

    tables = {name: rows for name, rows in sample_tables(60).items() if "fund" not in name}
    build(tmp_path / "release", tables=tables, head=sample_head(), key=sample_key())
    edition = open_edition(tmp_path / "release", tmp_path / "cache")

    assert not funds.has_funds(edition)
    with pytest.raises(Absent):
        funds.found(edition)
