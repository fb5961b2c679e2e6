"""Plots of a score round: mean outcomes and take-up by score, and how many scores there are.

The cutoff is a dashed line at 0. Means are dots with their 95 % interval, lines run to the cutoff
from one side alone; those below in the palette's grey-blue, those above in blue. Bars of the
density start at zero.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from koga.evaluate.cards.card import Card
from koga.evaluate.cards.card_plots import Plot
from koga.evaluate.cards.card_words import number, places_of
from koga.evaluate.finding import Mark
from koga.figures import charts, palette, svg
from koga.figures.charts import SMALL, Figure

SIZES: Mapping[str, tuple[int, int]] = {"wide": (626, 300), "narrow": (358, 262)}
COLOURS = {"below": palette.SERIES[4], "above": palette.BLUE}
THIN, DOT = 1.2, 26
TOP, RIGHT, BELOW = 34, 10, 44


def figure(card: Card, plot: Plot) -> Figure:
    """One picture of a score round."""
    plot = _told(plot)
    pictures = {
        form: svg.drawn(
            _chart(card, plot, width, height),
            name=f"{card.code}-{plot.kind}-{form}", title=plot.sentence, description=plot.note,
        )
        for form, (width, height) in SIZES.items()
    }  # fmt: skip
    columns, rows = _table(card, plot)
    return Figure(pictures["wide"], pictures["narrow"], plot.sentence, columns, rows, plot.note)


def _told(plot: Plot) -> Plot:
    """Marks as people read them: shares in percent, densities as applicants a point of score."""
    if plot.kind == "score_takeup":
        return replace(plot, marks=tuple(_times(_within(mark), 100.0) for mark in plot.marks))
    if plot.kind != "score_density":
        return plot
    bars = [mark for mark in plot.marks if mark.x_to is not None and mark.value > 0]
    if not bars:
        return plot
    wide = (bars[0].x_to or 0.0) - bars[0].x
    everyone = (bars[0].n or 0) / (bars[0].value * wide)
    return replace(plot, marks=tuple(_times(mark, everyone) for mark in plot.marks))


def _within(mark: Mark) -> Mark:
    ends = (None if end is None else min(max(end, 0.0), 1.0) for end in (mark.low, mark.high))
    low, high = ends
    return replace(mark, value=min(max(mark.value, 0.0), 1.0), low=low, high=high)


def _times(mark: Mark, factor: float) -> Mark:
    low, high = (None if end is None else max(end, 0.0) * factor for end in (mark.low, mark.high))
    return replace(mark, value=mark.value * factor, low=low, high=high)


@dataclass(frozen=True, slots=True)
class Paper:
    """Where on the paper values lie: round steps along both axes, and their pixels."""

    across: Sequence[float]
    up: Sequence[float]
    width: int
    height: int
    left: float
    right: float = RIGHT

    def x(self, value: float) -> float:
        """Pixels from the left."""
        share = (value - self.across[0]) / (self.across[-1] - self.across[0])
        return self.left + share * (self.width - self.left - self.right)

    def y(self, value: float) -> float:
        """Pixels from the top."""
        share = (value - self.up[0]) / (self.up[-1] - self.up[0])
        return self.height - BELOW - share * (self.height - BELOW - TOP)


def steps(low: float, high: float, most: int = 6) -> list[float]:
    """Round values that span a range in at most so many steps; they need not hold 0.

    >>> steps(38.2, 61.0), steps(-0.7, 0.9)
    ([35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 65.0], [-1.0, -0.5, 0.0, 0.5, 1.0])
    """
    extent = max(high - low, 1e-9 * max(abs(high), 1.0), 1e-12)
    power = 10.0 ** math.floor(math.log10(extent / most))
    step = power * next(
        unit for unit in (1, 2, 2.5, 5, 10, 20)
        if math.ceil(high / (unit * power)) - math.floor(low / (unit * power)) <= most
    )  # fmt: skip
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * place, 12) for place in range(first, max(last, first + 1) + 1)]


def paper(marks: Sequence[Mark], width: int, height: int, *, zero: bool) -> Paper:
    """The paper for some marks; zero: whether bars make it start at 0."""
    ends = [end for mark in marks for end in (mark.value, mark.low, mark.high) if end is not None]
    sides = [end for mark in marks for end in (mark.x, mark.x_to) if end is not None]
    up = steps(0.0 if zero else min(ends), max(ends))
    across = steps(min(sides), max(sides), 8 if width > 500 else 5)
    left = 10 + max(charts._width(_written(mark)) for mark in up)
    return Paper(across, up, width, height, left)


def _written(value: float) -> str:
    text = f"{value:,.10g}" if abs(value) < 1e4 else f"{value:,.0f}"
    return "−" + text[1:] if text.startswith("-") else text


def frame(
    page: Paper, across: str, up: str, labels: Sequence[tuple[float, str]] = ()
) -> tuple[list[Any], list[Any]]:
    """Grid below the marks; the lowest line in ink and texts above them.

    labels: places along the axis and what stands under them; the round steps where none.
    """
    bottom = page.y(page.up[0])
    right = page.width - page.right
    lines = [
        {"x": page.left, "x2": right, "y": page.y(mark) - 0.4, "y2": page.y(mark) + 0.4,
         "colour": palette.INK if mark == page.up[0] else palette.HAIRLINE}
        for mark in page.up
    ]  # fmt: skip
    sides = [
        {"x": 0, "y": page.y(mark), "text": _written(mark), "colour": palette.SOFT}
        for mark in page.up
    ]
    under = [
        {"x": page.x(mark), "y": bottom + 14, "text": text, "colour": palette.SOFT}
        for mark, text in labels or [(mark, _written(mark)) for mark in page.across]
    ]
    middle = {"x": (page.left + right) / 2, "y": bottom + 34, "text": across,
              "colour": palette.SOFT}  # fmt: skip
    head = {"x": 0, "y": 8, "text": up, "colour": palette.SOFT}
    size = page.width, page.height
    return [charts._boxes(lines[1:], *size)], [
        charts._boxes(lines[:1], *size),
        charts._text([*sides, head], size=SMALL),
        charts._text([*under, middle], size=SMALL, align="center"),
    ]


def polyline(page: Paper, rows: Sequence[Mapping[str, Any]], thick: float = 2.2) -> Any:
    """A line through places on the paper: rows of x, y, colour, series and order."""
    size = page.width, page.height
    return svg.marks("lines", rows, *size, strokeWidth=thick, interpolate="linear")


def dots(page: Paper, rows: Sequence[Mapping[str, Any]]) -> Any:
    """Round dots on the paper: rows of x, y, colour."""
    return svg.marks("point", rows, page.width, page.height, size=DOT, opacity=1, filled=True)


def _chart(card: Card, plot: Plot, width: int, height: int) -> Any:
    density = plot.kind == "score_density"
    page = paper(plot.marks, width, height, zero=density)
    below, above = frame(page, plot.across, plot.up)
    middle = (_bars if density else _means)(page, plot.marks)
    layers = [*below, *middle, dashes(page, 0.0), *_lines(page, plot.marks), *above]
    word = {"x": page.x(0), "y": TOP - 10, "colour": palette.SOFT,
            "text": "기준점" if card.language == "ko" else "cutoff"}  # fmt: skip
    layers.append(charts._text([word], size=SMALL, align="center"))
    return charts._chart(layers, width, height)


def dashes(page: Paper, place: float) -> Any:
    """An upright dashed line at a place of the axis."""
    at, bottom = page.x(place), int(page.y(page.up[0]))
    parts = [
        {"x": at - 0.5, "x2": at + 0.5, "y": top, "y2": top + 4, "colour": palette.SOFT}
        for top in range(TOP, bottom, 8)
    ]
    return charts._boxes(parts, page.width, page.height)


def _side(mark: Mark) -> str:
    return "below" if mark.series.endswith("below") else "above"


def _means(page: Paper, marks: Sequence[Mark]) -> list[Any]:
    shown = [mark for mark in marks if mark.n is not None]
    bars = [_interval(page, mark) for mark in shown if mark.low is not None]
    spots = [
        {"x": page.x(mark.x), "y": page.y(mark.value), "colour": COLOURS[_side(mark)]}
        for mark in shown
    ]
    return [charts._boxes(bars, page.width, page.height), dots(page, spots)] if shown else []


def _interval(page: Paper, mark: Mark, thick: float = THIN) -> dict[str, Any]:
    at = page.x(mark.x)
    return {"x": at - thick / 2, "x2": at + thick / 2, "y": page.y(mark.high or 0.0),
            "y2": page.y(mark.low or 0.0), "colour": COLOURS[_side(mark)]}  # fmt: skip


def _bars(page: Paper, marks: Sequence[Mark]) -> list[Any]:
    shown = [
        {"x": page.x(mark.x) + 0.5, "x2": page.x(mark.x_to) - 0.5, "y": page.y(mark.value),
         "y2": page.y(0), "colour": palette.RULE}
        for mark in marks
        if mark.x_to is not None
    ]  # fmt: skip
    return [charts._boxes(shown, page.width, page.height)] if shown else []


def _lines(page: Paper, marks: Sequence[Mark]) -> list[Any]:
    rows = [
        {"x": page.x(mark.x), "y": page.y(mark.value), "colour": COLOURS[_side(mark)],
         "series": mark.series, "order": mark.x}
        for mark in marks
        if mark.series.startswith("line_")
    ]  # fmt: skip
    ends = [
        _interval(page, mark, 2.4) | {"x": page.x(0) + shift - 1.2, "x2": page.x(0) + shift + 1.2}
        for mark in marks
        if mark.series.startswith("end_") and mark.low is not None
        for shift in (-4 if _side(mark) == "below" else 4,)
    ]
    found = [polyline(page, rows)] if rows else []
    return [*found, charts._boxes(ends, page.width, page.height)] if ends else found


def _table(card: Card, plot: Plot) -> tuple[Sequence[str], list[Sequence[Any]]]:
    korean = card.language == "ko"
    words = {"below": "기준점 아래", "above": "기준점 위"} if korean else {
        "below": "below the cutoff", "above": "above the cutoff",
    }  # fmt: skip
    apart = places_of(max(abs(mark.x) for mark in plot.marks) / 100)
    shown = sorted((mark for mark in plot.marks if mark.n is not None), key=lambda mark: mark.x)
    spread = max(abs(mark.value) for mark in plot.marks)
    digits = places_of(spread / 100)
    cell: Callable[[float | None], str] = lambda value: number(value, digits)  # noqa: E731
    if plot.kind == "score_density":
        columns = ("점수(부터)", "까지", "신청자", "점수 1점당") if korean else (
            "Score from", "to", "Applicants", "a point of score",
        )  # fmt: skip
        return columns, [
            (words[_side(mark)], number(mark.x, apart), number(mark.x_to, apart), f"{mark.n:,}",
             cell(mark.value))
            for mark in shown
        ]  # fmt: skip
    columns = ("점수", "평균", "95% 아래", "95% 위", "신청자") if korean else (
        "Score", "Mean", "95 % low", "95 % high", "Applicants",
    )  # fmt: skip
    rows: list[Sequence[Any]] = [
        (words[_side(mark)], number(mark.x, apart), cell(mark.value), cell(mark.low),
         cell(mark.high), f"{mark.n:,}")
        for mark in shown
    ]  # fmt: skip
    for side, word in words.items():
        ends = [mark for mark in plot.marks if mark.series == f"line_{side}"]
        if ends:
            last = min(ends, key=lambda mark: abs(mark.x))
            name = f"{word} 선의 끝" if korean else f"end of the line {word}"
            rows.append((name, number(last.x, apart), cell(last.value), "–", "–", "–"))
    return columns, rows
