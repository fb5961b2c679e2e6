"""A chart as SVG that stands in a page: no inline style, the page's own type, a name.

The policy of the pages forbids inline style, so everything is said in presentation attributes,
which is how Vega writes SVG. Names of marks are taken out: the chart is one image with a title and
a description, and the same numbers stand beside it as a table.

Everything is placed at pixels. Altair says how a kind of layer looks, once for each size; a picture
fills in its rows. Its words are written here, as Vega would write them: the renderer measures each
word, which took nine tenths of the time of a chart, and they are placed already.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

_OPENING = re.compile(r"<svg[^>]*?viewBox=\"([^\"]*)\"[^>]*>")
_UNWANTED = re.compile(r' (?:role|aria-[a-z]+|font-family|class)="[^"]*"')
_EMPTY = re.compile(r'<path(?: [a-z-]+="[^"]*")* d=""[^>]*/>|<path[^>]* d="M0,0h0v0h0Z"[^>]*/>')
_VIEW = re.compile(r'<path[^>]* stroke="#ddd"/>')
_TAG = re.compile(r"<[^>]*>")
_TAIL = re.compile(r"(\d\.\d{2})\d+")
_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_CHANNELS: Mapping[str, tuple[str, ...]] = {
    "rect": ("x2", "y2", "color"),
    "area": ("y2",),
    "line": (),
    "lines": ("color", "detail", "order"),
    "point": ("color",),
}
"""Kinds of layers, and what their rows have beside x and y."""
_DOWN, _UP = 0.3, 0.8
"""Parts of a letter's size from its middle down to the line, and from the line up to its top."""

Row = Mapping[str, Any]
Layer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """Text at pixels.

    rows: x, y (the middle of the letters), text and colour of each. size: of the letters. align:
    where x is, `left`, `center` or `right` of the text. weight: of the letters, 0 for plain ones.
    """

    rows: Sequence[Row]
    size: float
    align: str = "left"
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """Layers of shapes as Vega-Lite has them, words above them, and the size of the paper."""

    layers: Sequence[Layer]
    words: Sequence[Words]
    width: int
    height: int


def library() -> Any:
    """Altair, its self-checks off: every chart is of our own making and is tested as drawn.

    They take most of the time of a chart, and a page that follows a slider has none to spare.
    """
    import altair
    from altair.utils import schemapi

    schemapi.DEBUG_MODE = False
    return altair


def marks(kind: str, rows: Sequence[Row], width: int, height: int, **look: Any) -> Layer:
    """A layer of marks at pixels.

    kind: `rect`, `area`, `point`, one `line`, or `lines` by series. rows: x, y and, as the kind has
    them, x2, y2, colour, series and order. look: of the mark, as Altair names it.
    """
    return {"data": {"values": rows}, **_look(kind, width, height, tuple(sorted(look.items())))}


@lru_cache(maxsize=512)
def _look(kind: str, width: int, height: int, look: tuple[tuple[str, Any], ...]) -> Layer:
    """Mark and channels of a layer without its rows."""
    altair = library()
    channels: dict[str, Any] = {
        "x": altair.X("x:Q", scale=altair.Scale(domain=[0, width], nice=False), axis=None),
        "y": altair.Y("y:Q", scale=altair.Scale(domain=[height, 0], nice=False), axis=None),
    }
    more = {
        "x2": altair.X2("x2:Q"),
        "y2": altair.Y2("y2:Q"),
        "color": altair.Color("colour:N", scale=None),
        "detail": altair.Detail("series:N"),
        "order": altair.Order("order:Q"),
    }
    channels |= {channel: more[channel] for channel in _CHANNELS[kind]}
    chart = altair.Chart(altair.Data(values=[]))
    marked = getattr(chart, "mark_line" if kind == "lines" else f"mark_{kind}")(**dict(look))
    said = marked.encode(**channels).to_dict(validate=False)
    return {"mark": said["mark"], "encoding": said["encoding"]}


@lru_cache(maxsize=512)
def _paper(width: int, height: int) -> Layer:
    """A chart of this size without its layers."""
    altair = library()
    empty = altair.Chart(altair.Data(values=[])).mark_rect()
    said = (
        altair.layer(empty)
        .properties(width=width, height=height, padding=0)
        .configure_view(stroke=None)
        .configure(background="transparent")
        .to_dict(validate=False)
    )
    return {key: value for key, value in said.items() if key not in ("layer", "data", "datasets")}


def drawn(picture: Picture, *, name: str, title: str, description: str) -> str:
    """The picture as SVG text; `name` is unique on its page."""
    import vl_convert

    raw = vl_convert.vegalite_to_svg(
        {**_paper(picture.width, picture.height), "layer": list(picture.layers)}
    )
    opening = _OPENING.search(raw)
    if opening is None:
        raise AssertionError("the renderer wrote no viewBox")
    body = raw[opening.end() :].removesuffix("</svg>")
    for pattern in (_UNWANTED, _EMPTY, _VIEW):
        body = pattern.sub("", body)
    body = _TAG.sub(_shortened, body + "".join(map(_written, picture.words)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{_view(picture)}" role="img" '
        f'aria-labelledby="{name}-title {name}-description">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-description">{escape(description)}</desc>{body}</svg>'
    )


def _shortened(tag: re.Match[str]) -> str:
    """A tag whose numbers have two places at most; numbers people read are left alone."""
    return _TAIL.sub(r"\1", tag[0])


def _written(words: Words) -> str:
    weight = f' font-weight="{words.weight}"' if words.weight else ""
    down = round(_DOWN * words.size)
    said = "".join(
        f'<text text-anchor="{_ANCHORS[words.align]}" '
        f'transform="translate({_short(row["x"])},{_short(row["y"] + down)})" '
        f'font-size="{_short(words.size)}px"{weight} fill="{row["colour"]}">'
        f"{escape(str(row['text']), quote=False)}</text>"
        for row in words.rows
    )
    return f"<g>{said}</g>" if said else ""


def _short(place: float) -> str:
    """A place as Vega writes it: a whole one without its nought."""
    return str(int(place)) if place == int(place) else repr(float(place))


def _view(picture: Picture) -> str:
    """The paper, higher where words stand out above or below it."""
    top, bottom = 0.0, float(picture.height)
    for words in picture.words:
        over = round(_UP * words.size) - round(_DOWN * words.size)
        for row in words.rows:
            top = min(top, row["y"] - over)
            bottom = max(bottom, row["y"] - over + words.size)
    above, below = math.floor(top), math.ceil(bottom)
    return f"0 {above} {picture.width} {below - above}"
