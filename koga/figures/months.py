"""Curves by months since: shares as steps, each named at its end, the first two with their band."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from koga.evaluate.cards.card import Card
from koga.evaluate.cards.card_plots import Plot
from koga.evaluate.cards.card_words import number
from koga.evaluate.finding import Mark
from koga.figures import charts, palette, scores, svg
from koga.figures.charts import SMALL, Figure
from koga.figures.scores import Paper

TINTS = ("#dfe8f1", "#f7e9d0")
"""Bands of the first two curves; with more, bands would hide each other and stand in the table."""
STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120)
"""Months between two ticks."""
APART = 15


def figure(card: Card, plot: Plot) -> Figure:
    """Shares by months since the start, a curve a group."""
    pictures = {
        form: svg.drawn(
            _chart(plot, width, height),
            name=f"{card.code}-{plot.kind}-{form}", title=plot.sentence, description=plot.note,
        )
        for form, (width, height) in scores.SIZES.items()
    }  # fmt: skip
    korean = card.language == "ko"
    columns = ("달", "비율(%)", "95% 아래", "95% 위", "지켜보는 대상") if korean else (
        "Month", "Share (%)", "95 % low", "95 % high", "Still followed",
    )  # fmt: skip
    everybody = "모두" if korean else "all"
    rows = [
        (everybody if mark.series == "all" else mark.series, f"{mark.x:g}", number(mark.value, 1),
         number(mark.low, 1), number(mark.high, 1), f"{mark.n or 0:,}")
        for mark in plot.marks
    ]  # fmt: skip
    return Figure(pictures["wide"], pictures["narrow"], plot.sentence, columns, rows, plot.note)


def ticks(last: float, most: int) -> list[float]:
    """Whole months from 0 to the last or beyond, in at most so many steps.

    >>> ticks(18, 8), ticks(24, 5)
    ([0.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0], [0.0, 6.0, 12.0, 18.0, 24.0])
    """
    step = next((each for each in STEPS if math.ceil(last / each) <= most), math.ceil(last / most))
    return [float(step * place) for place in range(max(math.ceil(last / step), 1) + 1)]


def _curves(plot: Plot) -> dict[str, list[Mark]]:
    found: dict[str, list[Mark]] = {}
    for mark in plot.marks:
        found.setdefault(mark.series, []).append(mark)
    return {name: sorted(marks, key=lambda mark: mark.x) for name, marks in found.items()}


def _chart(plot: Plot, width: int, height: int) -> Any:
    curves = _curves(plot)
    named = len(curves) > 1
    room = max(charts._width(name) for name in curves) + 12 if named else 0
    page = Paper(
        ticks(max(mark.x for mark in plot.marks), 8 if width > 500 else 5),
        [0.0, 25.0, 50.0, 75.0, 100.0], width, height, 34.0, scores.RIGHT + room,
    )  # fmt: skip
    below, above = scores.frame(page, plot.across, plot.up)
    bands, lines, ends = [], [], []
    for place, (name, marks) in enumerate(curves.items()):
        colour = palette.SERIES[place % len(palette.SERIES)]
        if place < len(TINTS) >= len(curves):
            bands += list(_band(page, marks, TINTS[place]))
        lines += list(_steps(page, marks, name, colour))
        ends.append({"x": page.x(marks[-1].x) + 6, "y": page.y(marks[-1].value), "text": name,
                     "colour": palette.LABELS[place % len(palette.LABELS)]})  # fmt: skip
    layers = [*below, charts._boxes(bands, width, height)] if bands else [*below]
    layers += [scores.polyline(page, lines), *above]
    if named:
        layers.append(charts._text(_parted(ends), size=SMALL))
    return charts._chart(layers, width, height)


def _steps(page: Paper, marks: Sequence[Mark], name: str, colour: str) -> Iterator[dict[str, Any]]:
    order, held = 0, marks[0].value
    for mark in marks:
        for value in (held, mark.value):
            yield {"x": page.x(mark.x), "y": page.y(value), "colour": colour, "series": name,
                   "order": order}  # fmt: skip
            order += 1
        held = mark.value


def _band(page: Paper, marks: Sequence[Mark], tint: str) -> Iterator[dict[str, Any]]:
    for mark, after in itertools.pairwise(marks):
        if mark.low is not None and mark.high is not None:
            yield {"x": page.x(mark.x), "x2": page.x(after.x), "y": page.y(mark.high),
                   "y2": page.y(mark.low), "colour": tint}  # fmt: skip


def _parted(ends: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Names at the ends of their curves, none over another."""
    last = -APART
    for end in sorted(ends, key=lambda end: float(end["y"])):
        end["y"] = last = max(float(end["y"]), last + APART)
    return ends
