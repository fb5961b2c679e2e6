"""Charts: the numbers they draw are the numbers they are given, readable and policy-abiding."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.figures import charts, palette

LABELS = ["25 1Q", "25 2Q", "25 3Q", "25 4Q", "26 1Q"]
SVG = "{http://www.w3.org/2000/svg}"


def columns(*rows: list[int]) -> charts.Figure:
    series = [charts.Series(f"수단 <{n}>", row, n) for n, row in enumerate(rows)]
    largest = max(max(map(abs, row)) for row in rows)
    return charts.stacked_columns(
        LABELS[: len(rows[0])], series, charts.scale_of(largest, "ko"),
        name="test", sentence="융자가 가장 큽니다 & <더>", description="분기별",
    )  # fmt: skip


def boxes(picture: str, colour: str) -> list[float]:
    """Heights of the boxes of a colour, from left to right."""
    found = re.findall(rf'd="M([\d.-]+),[\d.-]+h[\d.-]+v([\d.]+)h[^"]*" fill="{colour}"', picture)
    return [float(height) for _, height in sorted(found, key=lambda each: float(each[0]))]


def test_given_a_chart_when_drawn_then_it_is_one_named_image_without_inline_style() -> None:
    figure = columns([1 * 10**9, 2 * 10**9, 3 * 10**9], [5 * 10**8] * 3)
    for picture in (figure.wide, figure.narrow):
        root = ElementTree.fromstring(picture)

        assert root.get("role") == "img"
        title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None and title.text == "융자가 가장 큽니다 & <더>"
        assert description is not None and description.text == "분기별"
        named = {each.get("id") for each in (title, description)}
        assert set((root.get("aria-labelledby") or "").split()) == named
        assert "style" not in picture and "font-family" not in picture and "<script" not in picture
    assert "test-wide-title" in figure.wide and "test-narrow-title" in figure.narrow


def test_given_values_when_drawn_then_heights_stand_in_their_proportion_from_zero() -> None:
    figure = columns([10**9, 2 * 10**9, 4 * 10**9])
    first, second, third = boxes(figure.wide, palette.SERIES[0])

    assert (second + 1) / (first + 1) == pytest.approx(2, abs=0.02)
    assert (third + 1) / (first + 1) == pytest.approx(4, abs=0.03)


def test_given_series_when_drawn_then_each_is_named_at_its_end_with_its_last_value() -> None:
    figure = columns([10**9, 3 * 10**9], [2 * 10**8, 5 * 10**8])
    texts = [each.text for each in ElementTree.fromstring(figure.wide).iter(f"{SVG}text")]

    assert "수단 <0> 30" in texts and "수단 <1> 5" in texts
    assert not any("legend" in (each or "") for each in texts)


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(st.lists(st.integers(-(10**15), 10**15), min_size=5, max_size=5),
                     min_size=1, max_size=6))  # fmt: skip
def test_given_any_amounts_when_drawn_then_the_table_holds_them_to_the_won(
    rows: list[list[int]],
) -> None:
    figure = columns(*rows)

    assert [list(row[1:]) for row in figure.rows] == [
        list(each) for each in zip(*rows, strict=True)
    ]
    ElementTree.fromstring(figure.wide)
    assert "nan" not in figure.wide.lower()


def test_given_a_category_without_a_name_when_drawn_then_it_is_a_grey_bar_in_its_place() -> None:
    figure = charts.bars(
        ["인공지능", "적지 않음"], [300, 100], ["300원", "100원"],
        name="b", sentence="s", description="d", heading="원", grey=1,
    )  # fmt: skip

    assert figure.wide.count(palette.NOTHING) == 1 and figure.wide.count(palette.SERIES[0]) == 1
    assert figure.rows == [["인공지능", 300], ["적지 않음", 100]]


@given(low=st.integers(-(10**6), 10**6), high=st.integers(-(10**6), 10**6))
def test_given_any_range_when_ticked_then_zero_and_the_range_are_inside(
    low: int, high: int
) -> None:
    low, high = min(low, high), max(low, high)
    marks = charts.ticks(low, high)

    assert 0 in marks and marks[0] <= low and marks[-1] >= high and 2 <= len(marks) <= 8


def test_given_the_palette_when_measured_then_every_word_is_readable_on_white() -> None:
    words = (palette.INK, palette.SOFT, palette.BLUE, palette.LATE, palette.CORRECTED,
             palette.DERIVED, *palette.LABELS)  # fmt: skip

    assert all(palette.contrast(colour) >= 4.5 for colour in words)
    assert len(palette.SERIES) == len(palette.LABELS) == 6
