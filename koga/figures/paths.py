"""Supported units beside their synthetic control, its weights, and the arms of a lot."""

from collections.abc import Sequence
from typing import Any

from koga.evaluate.cards.card import Card
from koga.evaluate.cards.card_plots import Plot
from koga.evaluate.cards.card_words import number, places_of
from koga.evaluate.finding import PATH, SIDES, WEIGHTS
from koga.figures import charts, palette, scores, svg
from koga.figures.charts import SMALL, Figure
from koga.figures.scores import Paper

STEP, BAR, ROUND, THICK = 20, 9, 62, 2.4
SHOWN = 12
"""Weights drawn; the table beside lists all there are."""
LONGEST = 24
COLOURS = dict(zip(SIDES, (palette.BLUE, palette.SERIES[4]), strict=True))


def figure(card: Card, plot: Plot) -> Figure:
    """One of the three pictures."""
    draw = {PATH: _path, WEIGHTS: _weights}.get(plot.kind, _arms)
    pictures = {
        form: svg.drawn(
            draw(card, plot, width, height),
            name=f"{card.code}-{plot.kind}-{form}", title=plot.sentence, description=plot.note,
        )
        for form, (width, height) in scores.SIZES.items()
    }  # fmt: skip
    columns, rows = _table(card, plot)
    return Figure(pictures["wide"], pictures["narrow"], plot.sentence, columns, rows, plot.note)


def _said(card: Card) -> dict[str, str]:
    words = ("지원받음", "합성 비교") if card.language == "ko" else ("supported", "synthetic")
    return dict(zip(SIDES, words, strict=True))


def _path(card: Card, plot: Plot, width: int, height: int) -> Any:
    words = _said(card)
    ends = [mark.value for mark in plot.marks]
    up = scores.steps(min(ends), max(ends))
    first, last = (pick(mark.x for mark in plot.marks) for pick in (min, max))
    left = 10 + max(charts._width(scores._written(mark)) for mark in up)
    right = 12 + max(charts._width(word) for word in words.values())
    page = Paper([first, last], up, width, height, left, right)
    below, above = scores.frame(page, "", plot.up, _labels(page, plot))
    lines, names = [], []
    for side, word in words.items():
        own = [mark for mark in plot.marks if mark.series == side]
        lines += [
            {"x": page.x(mark.x), "y": page.y(mark.value), "colour": COLOURS[side],
             "series": side, "order": mark.x}
            for mark in own
        ]  # fmt: skip
        colour = palette.BLUE if side == SIDES[0] else palette.LABELS[4]
        end = page.x(last) + 6, page.y(own[-1].value)
        names.append({"x": end[0], "y": end[1], "text": word, "colour": colour})
    upper, lower = sorted(names, key=lambda name: float(str(name["y"])))
    lower["y"] = max(float(str(lower["y"])), float(str(upper["y"])) + 15)
    start = {"x": page.x(-0.5), "y": scores.TOP - 10, "colour": palette.SOFT,
             "text": "지원 시작" if card.language == "ko" else "support starts"}  # fmt: skip
    layers = [*below, scores.dashes(page, -0.5), scores.polyline(page, lines), *above]
    layers += [charts._text(names, size=SMALL), charts._text([start], size=SMALL, align="center")]
    return charts._chart(layers, width, height)


def _labels(page: Paper, plot: Plot) -> list[tuple[float, str]]:
    """Names of periods under the axis, as many as stand apart."""
    told = sorted({mark.x: name for mark, name in zip(plot.marks, plot.names, strict=True)}.items())
    wide = 14 + max(charts._width(name) for _, name in told)
    room = page.width - page.left - page.right
    every = max(1, -int(-len(told) * wide // room))
    return told[::every]


def _weights(card: Card, plot: Plot, width: int, height: int) -> Any:
    marks = plot.marks[:SHOWN]
    names = [_short(name) for name in plot.names[:SHOWN]]
    left = 14 + max(charts._width(name) for name in names)
    right, height = 52, STEP * len(marks) + 12
    most = max(mark.value for mark in marks)
    bars, texts = [], []
    for place, (mark, name) in enumerate(zip(marks, names, strict=True)):
        middle = 6 + STEP * (place + 0.5)
        end = left + mark.value / most * (width - left - right)
        bars.append({"x": left, "x2": end, "y": middle - BAR / 2, "y2": middle + BAR / 2,
                     "colour": COLOURS["synthetic"]})  # fmt: skip
        texts.append({"x": 0, "y": middle, "text": name, "colour": palette.INK})
        texts.append({"x": end + 6, "y": middle, "text": number(mark.value, 3),
                      "colour": palette.SOFT})  # fmt: skip
    return charts._chart([charts._boxes(bars, width, height), charts._text(texts, size=SMALL)],
                         width, height)  # fmt: skip


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def _arms(card: Card, plot: Plot, width: int, height: int) -> Any:
    ends = [end for mark in plot.marks for end in (mark.low, mark.high, mark.value)
            if end is not None]  # fmt: skip
    marks = scores.steps(min(ends), max(ends), 6 if width > 500 else 4)
    left = 16 + max(charts._width(name) for name in plot.names)
    digits = _digits(plot)
    right = 16 + max(charts._width(number(mark.value, digits)) for mark in plot.marks)
    step, top = 34, 26
    bottom = top + step * len(plot.marks)

    def x(value: float) -> float:
        return left + (value - marks[0]) / (marks[-1] - marks[0]) * (width - left - right)

    grid = [
        {"x": x(mark) - 0.4, "x2": x(mark) + 0.4, "y": top, "y2": bottom,
         "colour": palette.HAIRLINE}
        for mark in marks
    ]  # fmt: skip
    under = [
        {"x": x(mark), "y": bottom + 14, "text": scores._written(mark), "colour": palette.SOFT}
        for mark in marks
    ]
    bars, spots = [], []
    texts = [{"x": 0, "y": 8, "text": plot.up, "colour": palette.SOFT}]
    for place, (mark, name) in enumerate(zip(plot.marks, plot.names, strict=True)):
        middle = top + step * (place + 0.5)
        colour = COLOURS[SIDES[1 - place]]
        spots.append({"x": x(mark.value), "y": middle, "colour": colour})
        if mark.low is not None and mark.high is not None:
            bars.append({"x": x(mark.low), "x2": x(mark.high), "y": middle - THICK / 2,
                         "y2": middle + THICK / 2, "colour": colour})  # fmt: skip
        texts.append({"x": 0, "y": middle, "text": name, "colour": palette.INK})
        texts.append({"x": width - right + 10, "y": middle, "text": number(mark.value, digits),
                      "colour": palette.INK})  # fmt: skip
    height = bottom + 26
    dots = svg.marks("point", spots, width, height, size=ROUND, opacity=1, filled=True)
    layers = [charts._boxes([*grid, *bars], width, height), dots, charts._text(texts, size=SMALL)]
    return charts._chart([*layers, charts._text(under, size=SMALL, align="center")], width, height)


def _digits(plot: Plot) -> int:
    """Places that show a hundredth of how far the figures lie apart."""
    ends = [end for mark in plot.marks for end in (mark.value, mark.low, mark.high)
            if end is not None]  # fmt: skip
    return places_of((max(ends) - min(ends)) / 100)


def _table(card: Card, plot: Plot) -> tuple[Sequence[str], list[Sequence[Any]]]:
    korean = card.language == "ko"
    if plot.kind == WEIGHTS:
        return ("무게" if korean else "Weight",), [
            (name, number(mark.value, 3)) for mark, name in zip(plot.marks, plot.names, strict=True)
        ]
    digits = _digits(plot)
    if plot.kind != PATH:
        columns = ("평균", "95% 아래", "95% 위", "신청자") if korean else (
            "Mean", "95 % low", "95 % high", "Applicants",
        )  # fmt: skip
        return columns, [
            (name, *(number(end, digits) for end in (mark.value, mark.low, mark.high)),
             f"{mark.n:,}")
            for mark, name in zip(plot.marks, plot.names, strict=True)
        ]  # fmt: skip
    half = len(plot.marks) // 2
    columns = (*_said(card).values(), "틈" if korean else "gap")
    pairs = zip(plot.names, plot.marks[:half], plot.marks[half:], strict=False)
    return columns, [
        (name, *(number(value, digits) for value in (one.value, other.value,
                                                     one.value - other.value)))
        for name, one, other in pairs
    ]  # fmt: skip
