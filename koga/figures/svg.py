"""An Altair chart as SVG that stands in a page: no inline style, the page's own type, a name.

The policy of the pages forbids inline style, so everything is said in presentation attributes,
which is how Vega writes SVG. Names of marks are taken out: the chart is one image with a title and
a description, and the same numbers stand beside it as a table.
"""

import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair

_OPENING = re.compile(r"<svg[^>]*?viewBox=\"([^\"]*)\"[^>]*>")
_UNWANTED = re.compile(r' (?:role|aria-[a-z]+|font-family|class)="[^"]*"')
_EMPTY = re.compile(r'<path(?: [a-z-]+="[^"]*")* d=""[^>]*/>|<path[^>]* d="M0,0h0v0h0Z"[^>]*/>')
_VIEW = re.compile(r'<path[^>]* stroke="#ddd"/>')
_TAG = re.compile(r"<[^>]*>")
_TAIL = re.compile(r"(\d\.\d{2})\d+")


def library() -> Any:
    """Altair, its self-checks off: every chart is of our own making and is tested as drawn.

    They take most of the time of a chart, and a page that follows a slider has none to spare.
    """
    import altair
    from altair.utils import schemapi

    schemapi.DEBUG_MODE = False
    return altair


def drawn(chart: "altair.LayerChart", *, name: str, title: str, description: str) -> str:
    """The chart as SVG text; `name` is unique on its page."""
    import vl_convert

    raw = vl_convert.vegalite_to_svg(chart.to_dict(validate=False))
    opening = _OPENING.search(raw)
    if opening is None:
        raise AssertionError("the renderer wrote no viewBox")
    body = raw[opening.end() :].removesuffix("</svg>")
    for pattern in (_UNWANTED, _EMPTY, _VIEW):
        body = pattern.sub("", body)
    body = _TAG.sub(lambda tag: _TAIL.sub(r"\1", tag[0]), body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{opening[1]}" role="img" '
        f'aria-labelledby="{name}-title {name}-description">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-description">{escape(description)}</desc>{body}</svg>'
    )
