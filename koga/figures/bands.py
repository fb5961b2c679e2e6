"""Charts of what is uncertain: a fan over years, bars with their range, and a tornado.

A range is always drawn as a band, a bar or a line, never told as a number alone. Values come as
numbers in their own unit and stand as such in the table; only positions on the paper are scaled.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from koga.figures import charts, palette, svg
from koga.figures.charts import SMALL, TEXT, Figure, Scale

Number = int | float
SIZES: Mapping[str, tuple[int, int]] = {"wide": (860, 300), "narrow": (358, 250)}
OUTER, INNER = "#dbe6f2", "#b2c9e3"
"""Bands of nine in ten and of one half: the first series' blue on paper."""


@dataclass(frozen=True, slots=True)
class Fan:
    """One series over years.

    years: the columns. quantiles: for each of 5, 25, 50, 75 and 95 % its value a year.
    """

    years: Sequence[int]
    quantiles: Sequence[Sequence[Number]]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its word, its value, the ends of its range, and the value in words."""

    label: str
    value: Number
    low: Number
    high: Number
    words: str


def fan(
    drawn: Fan, scale: Scale, *, name: str, sentence: str, description: str,
    columns: Sequence[str], rows: Sequence[Sequence[Any]], language: str,
) -> Figure:  # fmt: skip
    """A band of nine in ten, one of a half, and the median, named at their ends."""
    pictures = {
        form: svg.drawn(
            _fan_chart(drawn, scale, language, width=width, height=height),
            name=f"{name}-{form}", title=sentence, description=description,
        )
        for form, (width, height) in SIZES.items()
    }  # fmt: skip
    return Figure(pictures["wide"], pictures["narrow"], sentence, columns, rows, description)


def _fan_chart(drawn: Fan, scale: Scale, language: str, *, width: int, height: int) -> Any:
    lines = [[value / scale.size for value in line] for line in drawn.quantiles]
    marks = charts.ticks(min(map(min, lines)), max(map(max, lines)))
    narrow = width < 500
    right, left = (118 if narrow else 150), (40 if narrow else 62)
    top, bottom = 22, height - 28

    def x(place: int) -> float:
        return left + (width - left - right) * place / max(len(drawn.years) - 1, 1)

    def y(value: float) -> float:
        return bottom - (value - marks[0]) / (marks[-1] - marks[0]) * (bottom - top)

    grid, texts = _grid(marks, scale, y, left=left, right=width - right)
    layers = [charts._boxes([line for line in grid if line["colour"] != palette.INK],
                            width, height)]  # fmt: skip
    for low, high, colour in ((0, 4, OUTER), (1, 3, INNER)):
        layers.append(_band(lines[low], lines[high], x, y, colour, width, height))
    layers.append(charts._boxes([line for line in grid if line["colour"] == palette.INK],
                                width, height))  # fmt: skip
    layers.append(_line(lines[2], x, y, palette.BLUE, width, height))
    ends = _fan_ends(lines, scale, y, language, at=width - right + 10)
    layers.append(charts._text(texts, size=SMALL))
    layers.append(charts._text(_years(drawn.years, x, bottom + 18),
                               size=SMALL, align="center"))  # fmt: skip
    soft = [row for row in ends if row["colour"] != palette.BLUE]
    blue = [row for row in ends if row["colour"] == palette.BLUE]
    layers += [charts._text(soft, size=SMALL), charts._text(blue, weight=600)]
    return charts._chart(layers, width, height)


def _grid(
    marks: Sequence[float], scale: Scale, y: Callable[[float], float], *, left: int, right: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Grid lines, zero in ink, and what stands beside them."""
    lines, texts = [], []
    for mark in marks:
        zero = mark == 0
        thick, colour = (1.0, palette.INK) if zero else (0.8, palette.HAIRLINE)
        lines.append({"x": left - 8, "x2": right, "y": y(mark) - thick / 2,
                      "y2": y(mark) + thick / 2, "colour": colour})  # fmt: skip
        unit = scale.unit if mark == marks[-1] else ""
        said = charts.written(mark)
        if unit and len(said + unit) * 7 > left:
            texts.append({"x": 0, "y": y(mark) - 11, "text": f"{said}{charts._gap(unit)}{unit}",
                          "colour": palette.SOFT})  # fmt: skip
        else:
            texts.append({"x": 0, "y": y(mark), "text": f"{said}{charts._gap(unit)}{unit}",
                          "colour": palette.SOFT})  # fmt: skip
    return lines, texts


def _years(
    years: Sequence[int], x: Callable[[int], float], y: float, step_min: float = 44
) -> list[dict[str, Any]]:
    """Years below the paper, as many as have room, the last one always."""
    wide = (x(len(years) - 1) - x(0)) / max(len(years) - 1, 1) if len(years) > 1 else step_min
    every = next((n for n in (1, 2, 5, 10, 20) if wide * n >= step_min), 50)
    last = len(years) - 1
    shown = [place for place in range(0, last + 1, every) if (last - place) * wide >= step_min]
    return [
        {"x": x(place), "y": y, "text": str(years[place]), "colour": palette.SOFT}
        for place in [*shown, last]
    ]


def _band(
    low: Sequence[float], high: Sequence[float], x: Any, y: Any, colour: str,
    width: int, height: int,
) -> Any:  # fmt: skip
    rows = [
        {"x": x(place), "y": y(one), "y2": y(other)}
        for place, (one, other) in enumerate(zip(low, high, strict=True))
    ]
    return svg.marks("area", rows, width, height, color=colour, line=False)


def _line(
    values: Sequence[float], x: Any, y: Any, colour: str, width: int, height: int
) -> svg.Layer:
    rows = [{"x": x(place), "y": y(value)} for place, value in enumerate(values)]
    return svg.marks("line", rows, width, height, color=colour, strokeWidth=2.2)


def _fan_ends(
    lines: Sequence[Sequence[float]], scale: Scale, y: Any, language: str, *, at: float
) -> list[dict[str, Any]]:
    """The names of the bands and the median beside the last year, pushed apart."""
    median = charts.short(lines[2][-1]) + charts.unit_beside(scale, language)
    if language == "ko":
        words = [
            ("20번에 1번", "꼴로 이보다 위"),
            (f"가운데 {median}",),
            ("20번에 1번", "꼴로 이보다 아래"),
        ]
    else:
        words = [("1 in 20 above",), (f"median {median}",), ("1 in 20 below",)]
    places = [y(lines[4][-1]), y(lines[2][-1]), y(lines[0][-1])]
    room = TEXT * (1.0 + max(map(len, words)) * 0.62)
    places[0] = min(places[0], places[1] - room)
    places[2] = max(places[2], places[1] + room)
    rows = []
    for place, (height, parts) in enumerate(zip(places, words, strict=True)):
        colour = palette.BLUE if place == 1 else palette.SOFT
        start = height - (len(parts) - 1) * SMALL * 0.62
        rows += [
            {"x": at, "y": start + number * SMALL * 1.25, "text": part, "colour": colour}
            for number, part in enumerate(parts)
        ]
    return rows


def ranged_columns(
    years: Sequence[int], bars: Sequence[Bar], scale: Scale, *, name: str, sentence: str,
    description: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], end: str,
) -> Figure:  # fmt: skip
    """A column a year with a thin line to the ends of its range; `end` names that line."""
    pictures = {
        form: svg.drawn(
            _ranged_chart(years, bars, scale, end, width=width, height=height),
            name=f"{name}-{form}", title=sentence, description=description,
        )
        for form, (width, height) in SIZES.items()
    }  # fmt: skip
    return Figure(pictures["wide"], pictures["narrow"], sentence, columns, rows, description)


def _ranged_chart(
    years: Sequence[int], bars: Sequence[Bar], scale: Scale, end: str, *, width: int, height: int
) -> Any:
    ends = [each / scale.size for bar in bars for each in (bar.low, bar.high, bar.value)]
    marks = charts.ticks(min(ends), max(ends))
    narrow = width < 500
    left, right, top, bottom = (40 if narrow else 62), (96 if narrow else 150), 22, height - 28
    step = (width - left - right) / max(len(bars), 1)

    def x(place: int) -> float:
        return left + step * (place + 0.5)

    def y(value: float) -> float:
        return bottom - (value - marks[0]) / (marks[-1] - marks[0]) * (bottom - top)

    grid, texts = _grid(marks, scale, y, left=left, right=width - right)
    boxes, whiskers = [], []
    for place, bar in enumerate(bars):
        value = y(bar.value / scale.size)
        boxes.append({"x": x(place) - step * 0.36, "x2": x(place) + step * 0.36,
                      "y": min(value, y(0)), "y2": max(value, y(0), min(value, y(0)) + 0.6),
                      "colour": palette.SERIES[0]})  # fmt: skip
        low, high = y(bar.low / scale.size), y(bar.high / scale.size)
        whiskers.append({"x": x(place) - 0.8, "x2": x(place) + 0.8, "y": high, "y2": low,
                         "colour": palette.INK})  # fmt: skip
    names = _range_names(bars[-1], scale, y, end, at=width - right + 10)
    layers = [
        charts._boxes(grid, width, height),
        charts._boxes(boxes, width, height),
        charts._boxes(whiskers, width, height),
        charts._text(texts, size=SMALL),
        charts._text(_years(years, x, bottom + 18), size=SMALL,
                     align="center"),
        charts._text(names, size=SMALL),
    ]  # fmt: skip
    return charts._chart(layers, width, height)


def _range_names(bar: Bar, scale: Scale, y: Any, end: str, *, at: float) -> list[dict[str, Any]]:
    """What the column and the line are, beside the last year."""
    value, high = y(bar.value / scale.size), y(bar.high / scale.size)
    high = min(high, value - TEXT * 1.3)
    return [
        {"x": at, "y": value, "text": bar.words, "colour": palette.LABELS[0]},
        {"x": at, "y": high, "text": end, "colour": palette.INK},
    ]


def ranged_bars(
    bars: Sequence[Bar], *, name: str, sentence: str, description: str,
    columns: Sequence[str], rows: Sequence[Sequence[Any]], base: Number = 0,
) -> Figure:  # fmt: skip
    """Lying bars from `base` to their value, each with a thin line over its range."""
    pictures = {
        form: svg.drawn(
            _lying_chart(bars, base, width=width),
            name=f"{name}-{form}", title=sentence, description=description,
        )
        for form, (width, _) in SIZES.items()
    }  # fmt: skip
    return Figure(pictures["wide"], pictures["narrow"], sentence, columns, rows, description)


def _lying_chart(bars: Sequence[Bar], base: Number, *, width: int) -> Any:
    step, narrow = (46 if width < 500 else 34), width < 500
    left = 1 if narrow else min(300, 18 + max(charts._width(bar.label) for bar in bars))
    right = 8 if narrow else 14 + max(charts._width(bar.words) for bar in bars)
    low = min(base, *(min(bar.low, bar.value) for bar in bars))
    high = max(base, *(max(bar.high, bar.value) for bar in bars))
    room = (width - left - right) / ((high - low) or 1)
    height = step * len(bars) + 6

    def x(value: Number) -> float:
        return left + (value - low) * room

    boxes, lines, texts = [], [], []
    for place, bar in enumerate(bars):
        middle = step * place + (step * 0.68 if narrow else step / 2)
        ends = sorted((x(base), x(bar.value)))
        boxes.append({"x": ends[0], "x2": max(ends[1], ends[0] + 1), "y": middle - 8,
                      "y2": middle + 8, "colour": palette.SERIES[0]})  # fmt: skip
        lines.append({"x": x(bar.low), "x2": x(bar.high), "y": middle - 0.8, "y2": middle + 0.8,
                      "colour": palette.INK})  # fmt: skip
        over = middle - 19 if narrow else middle
        texts.append({"x": 4 if narrow else 0, "y": over, "text": bar.label,
                      "colour": palette.INK})  # fmt: skip
        beside = 14 + charts._width(bar.label) if narrow else max(ends[1], x(bar.high)) + 8
        texts.append({"x": beside, "y": over, "text": bar.words,
                      "colour": palette.INK})  # fmt: skip
    zero = [{"x": x(base) - 0.5, "x2": x(base) + 0.5, "y": 0, "y2": height, "colour": palette.INK}]
    layers = [
        charts._boxes(boxes, width, height),
        charts._boxes(lines, width, height),
        charts._boxes(zero, width, height),
        charts._text(texts),
    ]
    return charts._chart(layers, width, height)


@dataclass(frozen=True, slots=True)
class Swing:
    """One bar of a tornado.

    label: the assumption. at_low, at_high: the figure at either end of its range.
    low_words, high_words: the ends of the assumption, as written beside the bar.
    """

    label: str
    at_low: Number
    at_high: Number
    low_words: str
    high_words: str


def tornado(
    swings: Sequence[Swing], base: Number, *, name: str, sentence: str, description: str,
    columns: Sequence[str], rows: Sequence[Sequence[Any]], base_words: str,
) -> Figure:  # fmt: skip
    """How far a figure moves over the range of each assumption, the widest first."""
    pictures = {
        form: svg.drawn(
            _tornado_chart(swings, base, base_words, width=width),
            name=f"{name}-{form}", title=sentence, description=description,
        )
        for form, (width, _) in SIZES.items()
    }  # fmt: skip
    return Figure(pictures["wide"], pictures["narrow"], sentence, columns, rows, description)


def _tornado_chart(swings: Sequence[Swing], base: Number, base_words: str, *, width: int) -> Any:
    narrow = width < 500
    step, top = (48 if narrow else 32), 26
    labels_width = max(charts._width(each.label) for each in swings)
    left = 0 if narrow else min(0.48 * width, 18 + labels_width)
    side = 8 + max(
        charts._width(word) * 0.93 for each in swings for word in (each.low_words, each.high_words)
    )
    ends = [base, *(end for each in swings for end in (each.at_low, each.at_high))]
    low, high = min(ends), max(ends)
    room = (width - left - 2 * side) / ((high - low) or 1)
    height = top + step * len(swings) + 4

    def x(value: Number) -> float:
        return left + side + (value - low) * room

    boxes, labels, words = [], [], []
    for place, each in enumerate(swings):
        middle = top + step * place + (step * 0.68 if narrow else step / 2)
        for value, colour in (
            (each.at_low, palette.SERIES[4]),
            (each.at_high, palette.SERIES[0]),
        ):
            start, stop = sorted((x(base), x(value)))
            boxes.append({"x": start, "x2": max(stop, start + 0.6), "y": middle - 8,
                          "y2": middle + 8, "colour": colour})  # fmt: skip
        left_word, right_word = each.low_words, each.high_words
        if each.at_low > each.at_high:
            left_word, right_word = right_word, left_word
        outer = sorted((x(each.at_low), x(each.at_high), x(base)))
        labels.append({"x": 0, "y": middle - 20 if narrow else middle, "text": each.label,
                       "colour": palette.INK})  # fmt: skip
        words.append({"x": outer[0] - 6 - charts._width(left_word) * 0.93, "y": middle,
                      "text": left_word, "colour": palette.SOFT})  # fmt: skip
        words.append({"x": outer[-1] + 6, "y": middle, "text": right_word,
                      "colour": palette.SOFT})  # fmt: skip
    zero = [{"x": x(base) - 0.5, "x2": x(base) + 0.5, "y": top - 6, "y2": height,
             "colour": palette.INK}]  # fmt: skip
    head = [{"x": x(base), "y": top - 16, "text": base_words, "colour": palette.INK}]
    layers = [
        charts._boxes(boxes, width, height),
        charts._boxes(zero, width, height),
        charts._text(labels),
        charts._text(words, size=SMALL),
        charts._text(head, align="center", weight=600),
    ]
    return charts._chart(layers, width, height)
