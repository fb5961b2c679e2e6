"""Words are written where the renderer would put them; layers are what Altair says."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
import vl_convert

from koga.figures import svg

ROWS = [
    {"x": 10, "y": 20, "text": "가운데 <b> & 3.14159", "colour": "#111111"},
    {"x": 12.3456, "y": 40.5, "text": "−7", "colour": "#222222"},
]
_TEXT = re.compile(r"<text[^>]*>.*?</text>")


@pytest.mark.parametrize(
    ("size", "align", "weight"), [(12.5, "left", 0), (13.5, "center", 600), (18.0, "right", 0)]
)
def test_given_words_when_drawn_then_they_stand_where_vega_puts_them(
    size: float, align: str, weight: int
) -> None:
    altair = svg.library()
    look = {"fontSize": size, "baseline": "middle", "align": align}
    chart = (
        altair.Chart(altair.Data(values=ROWS), width=100, height=80)
        .mark_text(**look, **({"fontWeight": weight} if weight else {}))
        .encode(
            x=altair.X("x:Q", scale=altair.Scale(domain=[0, 100]), axis=None),
            y=altair.Y("y:Q", scale=altair.Scale(domain=[80, 0]), axis=None),
            text="text:N",
            color=altair.Color("colour:N", scale=None),
        )
    )
    raw = vl_convert.vegalite_to_svg(chart.to_dict(validate=False))
    theirs = [re.sub(svg._UNWANTED, "", each) for each in _TEXT.findall(raw)]

    words = svg.Words(ROWS, size, align, weight)

    assert _TEXT.findall(svg._written(words)) == theirs


def test_given_words_above_the_paper_when_drawn_then_the_view_reaches_them() -> None:
    high = svg.Words([{"x": 0, "y": -10, "text": "1", "colour": "#000000"}], 12.5)
    low = svg.Words([{"x": 0, "y": 79, "text": "1", "colour": "#000000"}], 12.5)
    box = svg.marks("rect", [{"x": 0, "x2": 9, "y": 1, "y2": 5, "colour": "#000000"}], 90, 80)

    whole = svg.drawn(svg.Picture([box], [high, low], 90, 80), name="a", title="t", description="d")

    root = ElementTree.fromstring(whole)
    left, top, width, height = (float(part) for part in root.attrib["viewBox"].split())
    assert (left, width) == (0, 90)
    assert top <= -10 - 6 and top + height >= 79 + 6


def test_given_a_number_in_words_when_drawn_then_its_places_are_kept() -> None:
    words = svg.Words([{"x": 1.23456, "y": 8, "text": "3.14159", "colour": "#000000"}], 12.5)
    drawn = svg.drawn(svg.Picture([], [words], 40, 20), name="a", title="t", description="d")

    assert ">3.14159</text>" in drawn and "translate(1.23,12)" in drawn


def test_given_one_look_when_asked_twice_then_only_the_rows_differ() -> None:
    one = svg.marks("line", [{"x": 1, "y": 2}], 90, 80, color="#0b4f8a", strokeWidth=2.2)
    two = svg.marks("line", [{"x": 3, "y": 4}], 90, 80, color="#0b4f8a", strokeWidth=2.2)

    assert one["data"] != two["data"]
    assert one["mark"] == two["mark"] == {"type": "line", "color": "#0b4f8a", "strokeWidth": 2.2}
    assert one["encoding"]["y"]["scale"] == {"domain": [80, 0], "nice": False}
