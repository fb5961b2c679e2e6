"""Charts draw what their table says: lengths in proportion, from zero, named, within the paper."""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from koga.figures import charts, palette
from koga.figures.charts import Figure, Scale, Series

SVG = "{http://www.w3.org/2000/svg}"
BOX = re.compile(r"M(-?[\d.]+),(-?[\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+Z")
SLIT = 1.0
"""Parts of a column stand this far apart: each is drawn so much shorter."""


@dataclass(frozen=True)
class Box:
    """A filled box."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class Text:
    """A piece of text: where it is anchored, how, its size, colour and words."""

    x: float
    y: float
    anchor: str
    size: float
    colour: str
    words: str


def boxes(drawing: str) -> list[Box]:
    found = []
    for path in ElementTree.fromstring(drawing).iter(f"{SVG}path"):
        place = BOX.fullmatch(path.attrib["d"])
        assert place, path.attrib["d"]
        found.append(Box(*(float(part) for part in place.groups()), path.attrib["fill"]))
    return found


def texts(drawing: str) -> list[Text]:
    found = []
    for text in ElementTree.fromstring(drawing).iter(f"{SVG}text"):
        x, y = re.findall(r"-?[\d.]+", text.attrib["transform"])
        size = float(text.attrib["font-size"].removesuffix("px"))
        found.append(
            Text(float(x), float(y), text.attrib["text-anchor"], size, text.attrib["fill"],
                 text.text or "")
        )  # fmt: skip
    return found


def paper(drawing: str) -> tuple[float, float]:
    width, height = ElementTree.fromstring(drawing).attrib["viewBox"].split()[2:]
    return float(width), float(height)


def columns(values: dict[str, list[int]], size: int = 1, unit: str = "원") -> Figure:
    series = [Series(label, row, place) for place, (label, row) in enumerate(values.items())]
    labels = [f"24 {place + 1}Q" for place in range(len(next(iter(values.values()))))]
    return charts.stacked_columns(
        labels, series, Scale(size, unit), name="c", sentence="읽기", description="무엇"
    )


def rows(values: list[int], grey: int | None = None) -> Figure:
    return charts.bars(
        [f"분야 {place}" for place in range(len(values))], values,
        [f"{value}억" for value in values],
        name="b", sentence="읽기", description="무엇", heading="금액", grey=grey,
    )  # fmt: skip


def test_given_colours_when_text_is_written_in_them_then_it_keeps_its_contrast() -> None:
    text = (palette.INK, palette.SOFT, palette.BLUE, palette.LATE, palette.CORRECTED,
            palette.DERIVED, *palette.LABELS)  # fmt: skip

    assert {
        colour: palette.contrast(colour) for colour in text if palette.contrast(colour) < 4.5
    } == {}
    assert len(palette.SERIES) == len(palette.LABELS) == len(set(palette.SERIES)) == 6
    assert palette.contrast("#000000") == pytest.approx(21)


def test_given_the_page_and_the_charts_when_their_colours_are_read_then_they_are_the_same(
    root: Path,
) -> None:
    styles = (root / "koga/pages/static/koga/koga.css").read_text()
    tokens = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", styles))

    assert tokens["ink"] == palette.INK and tokens["soft"] == palette.SOFT
    assert tokens["blue"] == palette.BLUE and tokens["late"] == palette.LATE
    assert tokens["corrected"] == palette.CORRECTED and tokens["derived"] == palette.DERIVED
    assert tokens["rule"] == palette.RULE and tokens["hairline"] == palette.HAIRLINE


@settings(max_examples=300)
@given(low=st.floats(-1e15, 0), high=st.floats(0, 1e15))
@example(low=0.0, high=0.0)
@example(low=0.0, high=0.004)
@example(low=-3.0, high=0.0)
def test_given_a_range_when_marked_then_few_even_steps_from_zero_span_it(
    low: float, high: float
) -> None:
    marks = charts.ticks(low, high)

    assert 0 in marks and 2 <= len(marks) <= 7
    assert marks[0] <= low and marks[-1] >= high
    steps = {
        round((after - before) / (marks[1] - marks[0]), 9) for before, after in pairwise(marks)
    }
    assert steps == {1.0}


@settings(max_examples=10, deadline=None)
@given(values=st.lists(st.integers(0, 10**6), min_size=2, max_size=10).filter(any))
def test_given_values_when_drawn_as_columns_then_heights_are_in_proportion_and_stand_on_zero(
    values: list[int],
) -> None:
    figure = columns({"융자": values})

    for drawing in (figure.wide, figure.narrow):
        ground = next(each.y for each in boxes(drawing) if each.colour == palette.INK)
        drawn = {
            round(each.x, 1): each for each in boxes(drawing) if each.colour == palette.SERIES[0]
        }
        kept = [each for _, each in sorted(drawn.items())]
        unit = (max(each.height for each in kept) + SLIT) / max(values)
        heights = [value * unit for value in values]
        assume(all(abs(height - edge) > 0.05 for height in heights for edge in (0.3, 2)))
        expected = [each - SLIT if each > 2 else each for each in heights if each >= 0.3]
        assert [each.height for each in kept] == pytest.approx(expected, abs=0.1)
        assert all(abs(each.y + each.height - ground) < 1.1 for each in kept)


def test_given_parts_when_stacked_then_each_stands_on_the_one_before() -> None:
    figure = columns({"융자": [30, 10], "보조": [10, 20], "출자": [5, 5]})

    drawn = boxes(figure.wide)
    first = sorted({each.x for each in drawn if each.colour == palette.SERIES[0]})[0]
    stack = [
        next(each for each in drawn if each.x == first and each.colour == palette.SERIES[place])
        for place in range(3)
    ]
    assert [each.height + SLIT for each in stack] == pytest.approx(
        [(stack[0].height + SLIT) * part / 30 for part in (30, 10, 5)], abs=0.1
    )
    for lower, upper in pairwise(stack):
        assert upper.y + upper.height + SLIT == pytest.approx(lower.y, abs=0.05)


def test_given_a_returned_amount_when_drawn_then_it_hangs_below_zero() -> None:
    figure = columns({"융자": [30, 10], "보조": [-10, 20]})

    ground = next(each.y for each in boxes(figure.wide) if each.colour == palette.INK)
    hanging = [each for each in boxes(figure.wide) if each.colour == palette.SERIES[1]]
    assert min(each.y for each in hanging) < ground < max(each.y for each in hanging)


@settings(max_examples=10, deadline=None)
@given(values=st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=8).filter(any))
def test_given_values_when_drawn_as_bars_then_lengths_are_in_proportion_from_zero(
    values: list[int],
) -> None:
    figure = rows(values)

    for drawing in (figure.wide, figure.narrow):
        drawn = sorted(boxes(drawing), key=lambda each: each.y)
        longest = max(range(len(values)), key=lambda place: abs(values[place]))
        unit = drawn[longest].width / abs(values[longest])
        for each, value in zip(drawn, values, strict=True):
            assert each.width == pytest.approx(max(abs(value) * unit, 1), abs=0.1)
        zeros = [
            each.x if value > 0 else each.x + each.width
            for each, value in zip(drawn, values, strict=True)
            if abs(value) * unit > 1.1
        ]
        assert max(zeros) - min(zeros) < 0.1


def test_given_what_has_no_category_when_drawn_then_it_is_a_grey_bar_among_the_others() -> None:
    colours = [each.colour for each in boxes(rows([3, 2, 9], grey=2).wide)]

    assert colours == [palette.SERIES[0], palette.SERIES[0], palette.NOTHING]


@pytest.mark.parametrize(
    ("names", "size", "unit"),
    [
        (("융자", "보조", "출자", "보증", "기타"), 10**8, "억 원"),
        (("loan", "grant", "equity", "guarantee", "not stated"), 10**9, "bn won"),
    ],
)
def test_given_many_series_when_named_then_names_neither_touch_nor_leave_the_paper(
    names: tuple[str, ...], size: int, unit: str
) -> None:
    values = {
        name: [size * 40 // (place + 1), size // (place + 1)] for place, name in enumerate(names)
    }
    figure = columns(values, size, unit)

    for drawing in (figure.wide, figure.narrow):
        width, height = paper(drawing)
        ends = sorted(
            (each for each in texts(drawing) if each.colour in palette.LABELS),
            key=lambda each: each.y,
        )
        assert [each.words.rpartition(" ")[0] for each in ends] == list(reversed(names))
        assert all(
            after.y - before.y >= each.size for before, after in pairwise(ends) for each in ends
        )
        for each in texts(drawing):
            assert each.x >= 0 and 0 <= each.y <= height
            if each.anchor == "start":
                assert each.x + charts._width(each.words) <= width, each.words
        bars = [each for each in boxes(drawing) if each.colour in palette.SERIES]
        assert max(each.x + each.width for each in bars) < min(each.x for each in ends)


def test_given_long_words_when_drawn_as_bars_then_the_value_stays_on_the_paper() -> None:
    figure = charts.bars(
        ["robotics and mobility", "AI"], [10**12, 10**11], ["₩1,000.0 bn", "₩100.0 bn"],
        name="b", sentence="s", description="d", heading="h",
    )  # fmt: skip

    for drawing in (figure.wide, figure.narrow):
        width, _ = paper(drawing)
        starts = [each for each in texts(drawing) if each.words.startswith("₩")]
        assert all(each.x + charts._width(each.words) <= width for each in starts)
        labels = [each for each in texts(drawing) if not each.words.startswith("₩")]
        left = min(each.x for each in boxes(drawing))
        assert all(charts._width(each.words) <= left for each in labels)


def test_given_a_figure_when_its_table_is_read_then_it_holds_the_very_numbers() -> None:
    big = 2**62 + 1
    figure = columns({"융자": [big, 3], "보조": [1, -2]})

    assert figure.columns == ["융자", "보조"]
    assert figure.rows == [["24 1Q", big, 1], ["24 2Q", 3, -2]]


def test_given_a_drawing_when_read_then_it_names_itself_and_styles_nothing_inline() -> None:
    figure = charts.bars(
        ["<b>&"], [1], ["1"], name="by-sector", sentence="A < B & C", description="x > y",
        heading="h",
    )  # fmt: skip

    for form in ("wide", "narrow"):
        drawing = getattr(figure, form)
        tree = ElementTree.fromstring(drawing)
        assert tree.attrib["role"] == "img"
        first, second = tree.attrib["aria-labelledby"].split()
        assert tree.find(f"{SVG}title").attrib["id"] == first  # type: ignore[union-attr]
        assert tree.find(f"{SVG}title").text == "A < B & C"  # type: ignore[union-attr]
        assert tree.find(f"{SVG}desc").attrib["id"] == second  # type: ignore[union-attr]
        assert "style" not in drawing and "font-family" not in drawing and "href" not in drawing
        assert [each.words for each in texts(drawing)] == ["<b>&", "1"]


def test_given_long_names_when_drawn_for_a_phone_then_they_stand_beneath_the_columns() -> None:
    figure = columns({"Searching after completion": [1, 2], "In AI work in the region": [3, 4]})
    width, height = paper(figure.narrow)

    said = ["In AI work in the region 4", "Searching after completion 2"]
    beside = [each for each in texts(figure.wide) if each.words in said]
    beneath = [each for each in texts(figure.narrow) if each.words in said]
    drawn = [box for box in boxes(figure.narrow) if box.colour in palette.SERIES and box.x > 20]
    assert [each.words for each in beneath] == said
    assert max(box.y + box.height for box in drawn) < min(each.y for each in beneath)
    assert max(each.y for each in beneath) < height
    assert max(box.x + box.width for box in drawn) > 0.7 * width
    assert min(each.x for each in beside) > 0.6 * paper(figure.wide)[0]


def test_given_the_same_numbers_when_drawn_twice_then_the_drawing_is_the_same_text() -> None:
    assert columns({"융자": [3, 4]}) == columns({"융자": [3, 4]})


@pytest.mark.parametrize(
    ("largest", "language", "unit"),
    [(0, "ko", "원"), (9_999, "ko", "원"), (50_000, "ko", "만 원"), (10**8, "ko", "억 원"),
     (10**13, "ko", "조 원"), (-(10**13), "ko", "조 원"), (10**5, "en", "won"),
     (10**6, "en", "m won"), (10**9, "en", "bn won"), (10**12, "en", "tn won")],
)  # fmt: skip
def test_given_a_largest_amount_when_an_axis_is_chosen_then_its_unit_fits(
    largest: int, language: str, unit: str
) -> None:
    assert charts.scale_of(largest, language).unit == unit


@pytest.mark.parametrize(
    ("value", "long", "short"),
    [(1250, "1,250", "1,250"), (-3.5, "−3.5", "−3.5"), (0, "0", "0"), (47.4, "47.4", "47"),
     (7.361, "7.36", "7.36"), (0.0, "0", "0")],
)  # fmt: skip
def test_given_a_number_when_written_on_paper_then_no_more_places_than_it_needs(
    value: float, long: str, short: str
) -> None:
    assert (charts.written(value), charts.short(value)) == (long, short)
