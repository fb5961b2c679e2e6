"""Plots of effects: by time since support, and by the period of first support.

Points with their 95 % interval as bars, the zero line in ink, the time before support shaded, the
start of support dashed. A place hidden for few units is an empty ring on the line without a bar.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from koga.evaluate.cards.card import Card, Point
from koga.evaluate.cards.card_words import number, places_of
from koga.figures import charts, months, palette, paths, scores, svg
from koga.figures.charts import SMALL, Figure

SIZES: Mapping[str, tuple[int, int]] = {"wide": (626, 300), "narrow": (358, 262)}
SHADE = "#f3f5f7"
"""Behind the time before support."""
BEFORE = palette.SERIES[4]
THICK, ROUND = 2.4, 62


_ROOMS: Mapping[str, Any] = {
    "survival": months, "score_outcome": scores, "score_takeup": scores, "score_density": scores,
}  # fmt: skip


def every(card: Card) -> list[tuple[str, Figure]]:
    """Every plot of a card with its name, in the order it shows them."""
    made = [("events", event_study(card)), ("groups", by_group(card))]
    found = [(name, figure) for name, figure in made if figure is not None]
    return [
        *found,
        *((plot.kind, _ROOMS.get(plot.kind, paths).figure(card, plot)) for plot in card.plots),
    ]


def event_study(card: Card) -> Figure | None:
    """Effects by time since support; None where the card has none."""
    points = [point for point in card.events if point.value is not None]
    if len(points) < 2:
        return None
    return _figure(card, card.events, card.events_sentence, card.events_note, "events", _events)


def by_group(card: Card) -> Figure | None:
    """Effects by the period of first support; None where there is only one."""
    if len(card.groups) < 2 or not any(point.value is not None for point in card.groups):
        return None
    return _figure(card, card.groups, card.groups_sentence, card.groups_note, "groups", _groups)


def _figure(
    card: Card, points: Sequence[Point], sentence: str, note: str, kind: str, draw: Any
) -> Figure:
    pictures = {
        form: svg.drawn(
            draw(card, points, width=width, height=height),
            name=f"{card.code}-{kind}-{form}", title=sentence, description=note,
        )
        for form, (width, height) in SIZES.items()
    }  # fmt: skip
    columns = ("추정치", "95% 아래", "95% 위") if card.language == "ko" else (
        "Estimate", "95 % low", "95 % high"
    )  # fmt: skip
    places = _places(points)
    rows = [
        (point.label, *(number(end, places) for end in (point.value, point.low, point.high)))
        for point in points
    ]
    return Figure(pictures["wide"], pictures["narrow"], sentence, columns, rows, note)


def _places(points: Sequence[Point]) -> int:
    """Places that show a hundredth of the largest figure, two at least."""
    ends = [abs(end) for point in points for end in (point.value, point.low, point.high) if end]
    return max(2, places_of(max(ends, default=1.0) / 100))


def _marks(points: Sequence[Point]) -> list[float]:
    ends = [end for point in points for end in (point.low, point.high, point.value)]
    known = [end for end in ends if end is not None]
    return charts.ticks(min(known), max(known))


def _events(card: Card, points: Sequence[Point], *, width: int, height: int) -> Any:
    marks = _marks(points)
    left, right, top, bottom = 40, 8, 26, height - 44
    first, last = points[0].place, points[-1].place
    step = (width - left - right) / (last - first + 1)

    def x(place: float) -> float:
        return left + step * (place - first + 0.5)

    def y(value: float) -> float:
        return bottom - (value - marks[0]) / (marks[-1] - marks[0]) * (bottom - top)

    start = x(-0.5)
    shaded = [{"x": left, "x2": start, "y": top - 10, "y2": bottom, "colour": SHADE}]
    grid, texts = _grid(marks, y, left, width - right)
    dashes = [
        {"x": start - 0.5, "x2": start + 0.5, "y": at, "y2": at + 4, "colour": palette.SOFT}
        for at in range(top - 10, bottom, 8)
    ]
    bars, full, rings = [], [], []
    for point in points:
        colour = BEFORE if point.place < 0 else palette.BLUE
        spot = {"x": x(point.place), "y": y(point.value or 0.0), "colour": colour}
        if point.value is None or point.low is None or point.high is None:
            rings.append(spot)
            continue
        full.append(spot)
        bars.append({"x": spot["x"] - THICK / 2, "x2": spot["x"] + THICK / 2,
                     "y": y(point.high), "y2": y(point.low), "colour": colour})  # fmt: skip
    every = 2 if step < 26 else 1
    below = [
        {"x": x(point.place), "y": bottom + 17, "text": point.label, "colour": palette.SOFT}
        for point in points
        if point.place % every == 0
    ]
    korean = card.language == "ko"
    begins = {"x": start, "y": top - 18, "colour": palette.SOFT,
              "text": "지원 시작" if korean else "support begins"}  # fmt: skip
    under = {"x": (left + width - right) / 2, "y": bottom + 37, "colour": palette.SOFT,
             "text": _axis(card)}  # fmt: skip
    layers = [
        charts._boxes(shaded, width, height),
        charts._boxes([line for line in grid if line["colour"] != palette.INK], width, height),
        charts._boxes(dashes, width, height),
        charts._boxes([line for line in grid if line["colour"] == palette.INK], width, height),
        charts._boxes(bars, width, height),
        _dots(full, width, height),
    ]
    if rings:
        layers.append(_dots(rings, width, height, hollow=True))
    layers += [
        charts._text(texts, size=SMALL),
        charts._text([begins], size=SMALL),
        charts._text(below, size=SMALL, align="center"),
        charts._text([under], size=SMALL, align="center"),
    ]
    return charts._chart(layers, width, height)


def _axis(card: Card) -> str:
    return f"첫 지원 뒤 {card.span} 수" if card.language == "ko" else (
        f"{card.span}s since first support"
    )  # fmt: skip


def _grid(
    marks: Sequence[float], y: Any, left: float, right: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    lines, texts = [], []
    for mark in marks:
        thick, colour = (1.0, palette.INK) if mark == 0 else (0.8, palette.HAIRLINE)
        lines.append({"x": left, "x2": right, "y": y(mark) - thick / 2, "y2": y(mark) + thick / 2,
                      "colour": colour})  # fmt: skip
        texts.append({"x": 0, "y": y(mark), "text": _signed(mark), "colour": palette.SOFT})
    return lines, texts


def _signed(mark: float) -> str:
    text = f"{mark:,.6g}" if abs(mark) < 1e5 else f"{mark:,.0f}"
    return f"+{text}" if mark > 0 else text.replace("-", "−")


def _dots(
    rows: Sequence[Mapping[str, Any]], width: int, height: int, *, hollow: bool = False
) -> Any:
    ink = {"filled": not hollow, "strokeWidth": 1.6}
    return svg.marks("point", rows, width, height, size=ROUND, opacity=1, **ink)


def _groups(card: Card, points: Sequence[Point], *, width: int, height: int) -> Any:
    marks = _marks(points)
    step, top = 34, 10
    left = 14 + max(charts._width(point.label) for point in points)
    right = 14 + max(charts._width(number(point.value, _places(points))) for point in points)
    height = top + step * len(points) + 26
    bottom = top + step * len(points)

    def x(value: float) -> float:
        return left + (value - marks[0]) / (marks[-1] - marks[0]) * (width - left - right)

    lines, bars, full, rings, texts = [], [], [], [], []
    places = max(1, places_of(max(abs(point.value or 0.0) for point in points) / 10))
    for mark in marks:
        thick, colour = (1.0, palette.INK) if mark == 0 else (0.8, palette.HAIRLINE)
        lines.append({"x": x(mark) - thick / 2, "x2": x(mark) + thick / 2, "y": top - 4,
                      "y2": bottom, "colour": colour})  # fmt: skip
    under = [
        {"x": x(mark), "y": bottom + 14, "text": _signed(mark), "colour": palette.SOFT}
        for mark in marks
    ]
    for place, point in enumerate(points):
        middle = top + step * (place + 0.5)
        texts.append({"x": 0, "y": middle, "text": point.label, "colour": palette.INK})
        if point.value is None or point.low is None or point.high is None:
            rings.append({"x": x(0), "y": middle, "colour": palette.SERIES[4]})
            continue
        spot = {"x": x(point.value), "y": middle, "colour": palette.BLUE}
        full.append(spot)
        bars.append({"x": x(point.low), "x2": x(point.high), "y": middle - THICK / 2,
                     "y2": middle + THICK / 2, "colour": palette.BLUE})  # fmt: skip
        texts.append({"x": width - right + 10, "y": middle, "text": number(point.value, places),
                      "colour": palette.INK})  # fmt: skip
    layers = [
        charts._boxes(lines, width, height),
        charts._boxes(bars, width, height),
        _dots(full, width, height),
    ]
    if rings:
        layers.append(_dots(rings, width, height, hollow=True))
    layers += [
        charts._text(texts),
        charts._text(under, size=SMALL, align="center"),
    ]
    return charts._chart(layers, width, height)
