"""One function a chart. Bars start at zero; series are named at their ends; no legend box.

Values come as exact integers and leave as the same integers in the table; only positions on the
paper are floats.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from koga.figures import palette, svg

TEXT, SMALL = 13.5, 12.5
NAMES_MOST = 0.45
"""Names beside columns take at most this part of the width; longer ones stand beneath."""
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its word, its values in the order of the columns, its number in the palette."""

    label: str
    values: Sequence[int]
    colour: int


@dataclass(frozen=True, slots=True)
class Scale:
    """How values are written on the paper: divided by `size`, the unit behind the topmost."""

    size: int
    unit: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart ready to print.

    wide, narrow: SVG text for a desk and for a phone. sentence: its reading.
    columns, rows: the same numbers as a table. description: what is shown and what is left out.
    apart: of other futures than the rest of a sheet, which its description tells.
    """

    wide: str
    narrow: str
    sentence: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    description: str = ""
    apart: bool = False

    def _repr_html_(self) -> str:
        """How a notebook shows it: its sentence over the picture."""
        return f"<figure><figcaption>{escape(self.sentence)}</figcaption>{self.wide}</figure>"


def scale_of(largest: int, language: str) -> Scale:
    """The unit in which won up to `largest` are written along an axis.

    >>> scale_of(93_000_000_000, "ko"), scale_of(93_000_000_000, "en")
    (Scale(size=100000000, unit='억 원'), Scale(size=1000000000, unit='bn won'))
    >>> scale_of(2_480_000_000_000, "ko")
    Scale(size=1000000000000, unit='조 원')
    """
    korean = ((10**12, "조 원"), (10**8, "억 원"), (10**4, "만 원"))
    english = ((10**12, "tn won"), (10**9, "bn won"), (10**6, "m won"))
    for size, unit in korean if language == "ko" else english:
        if abs(largest) >= size:
            return Scale(size, unit)
    return Scale(1, "원" if language == "ko" else "won")


def ticks(low: float, high: float) -> list[float]:
    """Round values from zero that span a range in at most seven steps.

    >>> ticks(0, 930), ticks(-60, 180), ticks(0, 0)
    ([0.0, 250.0, 500.0, 750.0, 1000.0], [-100.0, 0.0, 100.0, 200.0], [0.0, 0.25, 0.5, 0.75, 1.0])
    """
    high = max(high, 0) if min(low, 0) < max(high, 0) else 1.0
    extent = high - min(low, 0)
    size = 10.0 ** (len(str(int(extent))) - 1) if extent >= 1 else 0.1
    candidates = [unit * size / shrink for shrink in (10, 1) for unit in _STEPS]
    step = next((each for each in candidates if extent / each <= 4.2), size)
    first = -(-min(low, 0) // step) if low >= 0 else min(low, 0) // step
    last = -(-max(high, 0) // step)
    return [step * number for number in range(int(first), int(last) + 1)]


def written(value: float) -> str:
    """A number along an axis: no more places than it needs."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return "−" + text[1:] if text.startswith("-") else text


def short(value: float) -> str:
    """A number beside a mark: whole from ten on, two places below; the table has all of it."""
    return written(round(value) if abs(value) >= 10 else value)


def unit_beside(scale: Scale, language: str) -> str:
    """The unit after a number beside a mark, its currency left to the axis.

    >>> unit_beside(Scale(10**12, "조 원"), "ko"), unit_beside(Scale(10**12, "tn won"), "en")
    ('조', ' tn')
    """
    short_unit = scale.unit.removesuffix("원").removesuffix("won").strip()
    return f" {short_unit}" if short_unit and language == "en" else short_unit


def _chart(layers: Sequence[Any], width: int, height: int) -> svg.Picture:
    """Layers of shapes and words as a picture; words stand above all shapes."""
    words = [layer for layer in layers if isinstance(layer, svg.Words)]
    shapes = [layer for layer in layers if not isinstance(layer, svg.Words)]
    return svg.Picture(shapes, words, width, height)


def _text(
    rows: Sequence[svg.Row], *, size: float = TEXT, align: str = "left", weight: int = 0
) -> svg.Words:
    """Text at pixels: rows of x, y, text, colour."""
    return svg.Words(rows, size, align, weight)


def _boxes(rows: Sequence[svg.Row], width: int, height: int) -> svg.Layer:
    """Filled boxes at pixels: rows of x, x2, y, y2, colour."""
    return svg.marks("rect", rows, width, height)


def _stacks(series: Sequence[Series], columns: int) -> list[list[tuple[int, int]]]:
    """Where each series' part of each column begins and ends: up from zero, or down from it."""
    rise, fall = [0] * columns, [0] * columns
    parts = []
    for each in series:
        placed = []
        for column, value in enumerate(each.values):
            side = rise if value >= 0 else fall
            placed.append((side[column], side[column] + value))
            side[column] += value
        parts.append(placed)
    return parts


def stacked_columns(
    labels: Sequence[str], series: Sequence[Series], scale: Scale, *,
    name: str, sentence: str, description: str, width: int = 626,
) -> Figure:  # fmt: skip
    """Columns over time, one part a series, each series named beside the last column.

    width: of the picture for a desk, in its own units.
    """
    sizes = {"wide": (width, 292), "narrow": (358, 250)}
    pictures = {
        form: svg.drawn(
            _columns_chart(labels, series, scale, width=width, height=height),
            name=f"{name}-{form}",
            title=sentence,
            description=description,
        )
        for form, (width, height) in sizes.items()
    }
    rows = [[label, *(each.values[place] for each in series)] for place, label in enumerate(labels)]
    heads = [each.label for each in series]
    return Figure(pictures["wide"], pictures["narrow"], sentence, heads, rows, description)


def _columns_chart(
    labels: Sequence[str], series: Sequence[Series], scale: Scale, *, width: int, height: int
) -> Any:
    stacks = _stacks(series, len(labels))
    ends = [end / scale.size for parts in stacks for _, end in parts]
    marks = ticks(min(ends, default=0.0), max(ends, default=0.0))
    ends_with = [_end_name(each, scale) for each in series if each.values]
    right = 12 + max((_width(text, bold=True) for text in ends_with), default=0)
    listed = right > NAMES_MOST * width
    right = 18 if listed else right
    left, top, bottom = 0 if width < 500 else 6, 26, height - 30
    indent = 34 if width < 500 else 52

    def at(value: float) -> float:
        return bottom - (value - marks[0]) / (marks[-1] - marks[0]) * (bottom - top)

    step = (width - right - left - indent) / max(len(labels), 1)
    bar = step * (0.72 if len(labels) > 3 else 0.4)
    boxes, lines, texts = [], [], []
    for mark in marks:
        y = at(mark)
        thick, colour = (1.0, palette.INK) if mark == 0 else (0.8, palette.HAIRLINE)
        lines.append({"x": 0, "x2": width - right, "y": y - thick / 2, "y2": y + thick / 2,
                      "colour": colour})  # fmt: skip
        behind = f"{scale.unit}" if mark == marks[-1] else ""
        if mark:
            texts.append({"x": 0, "y": y - 9, "text": f"{written(mark)}{_gap(behind)}{behind}",
                          "colour": palette.SOFT})  # fmt: skip
    for each, parts in zip(series, stacks, strict=True):
        for column, (start, end) in enumerate(parts):
            x = left + indent + step * column + (step - bar) / 2
            low, high = sorted((at(start / scale.size), at(end / scale.size)))
            if high - low >= 0.3:
                slit = 0.5 if high - low > 2 else 0
                boxes.append({"x": x, "x2": x + bar, "y": low + slit, "y2": high - slit,
                              "colour": palette.SERIES[each.colour]})  # fmt: skip
    if listed:
        names, keys = _names_beneath(series, scale, y=height + 8)
        boxes += keys
        height += round(len(names) * TEXT * 1.6) + 4
    else:
        names = _end_names(series, stacks, scale, at=at, x=width - right + 8)
    below = _below(labels, left + indent, step, y=bottom + 16)
    layers = [_boxes(lines, width, height)]
    if boxes:
        layers.append(_boxes(boxes, width, height))
    if 0 in marks:
        layers.append(_boxes([line for line in lines if line["colour"] == palette.INK],
                             width, height))  # fmt: skip
    layers.append(_text(texts, size=SMALL))
    layers.append(_text(below, size=SMALL, align="center"))
    layers.append(_text(names, weight=600))
    return _chart(layers, width, height)


def _gap(unit: str) -> str:
    return "" if not unit or unit[0] in "조억만원" else " "


def _below(labels: Sequence[str], left: float, step: float, *, y: float) -> list[dict[str, Any]]:
    """Labels under columns: the year where it changes; where it is tight, years and the last."""
    rows = []
    every = 1 if any(" " in label for label in labels) else int(36 // max(step, 1)) + 1
    for place, label in enumerate(labels):
        if (len(labels) - 1 - place) % every:
            continue
        year, _, part = label.partition(" ")
        first = place == 0 or labels[place - 1].partition(" ")[0] != year
        if step >= 34:
            shown = label if first else part or year
        else:
            shown = year if first else part if place == len(labels) - 1 else ""
        if shown:
            rows.append({"x": left + step * (place + 0.5), "y": y, "text": shown,
                         "colour": palette.SOFT})  # fmt: skip
    return rows


def _end_name(series: Series, scale: Scale) -> str:
    return f"{series.label} {short(series.values[-1] / scale.size)}"


def _names_beneath(
    series: Sequence[Series], scale: Scale, *, y: float
) -> tuple[list[svg.Row], list[svg.Row]]:
    """Names under the columns and the boxes beside them, the topmost part first."""
    names: list[svg.Row] = []
    keys: list[svg.Row] = []
    for place, each in enumerate([one for one in reversed(series) if one.values]):
        middle = y + place * TEXT * 1.6
        keys.append({"x": 0, "x2": 10, "y": middle - 5, "y2": middle + 5,
                     "colour": palette.SERIES[each.colour]})  # fmt: skip
        names.append({"x": 16, "y": middle, "text": _end_name(each, scale),
                      "colour": palette.LABELS[each.colour]})  # fmt: skip
    return names, keys


def _end_names(
    series: Sequence[Series], stacks: Sequence[Sequence[tuple[int, int]]], scale: Scale, *,
    at: Any, x: float,
) -> list[dict[str, Any]]:  # fmt: skip
    """Names beside the last column's parts, pushed apart where they would touch."""
    rows = []
    for each, parts in zip(series, stacks, strict=True):
        if not parts:
            continue
        start, end = parts[-1]
        rows.append({"x": x, "y": at((start + end) / 2 / scale.size),
                     "text": _end_name(each, scale),
                     "colour": palette.LABELS[each.colour]})  # fmt: skip
    rows.sort(key=lambda row: -row["y"])
    for lower, upper in itertools.pairwise(rows):
        upper["y"] = min(upper["y"], lower["y"] - TEXT * 1.35)
    return rows


def bars(
    labels: Sequence[str], values: Sequence[int], words: Sequence[str], *,
    name: str, sentence: str, description: str, heading: str, grey: int | None = None,
) -> Figure:  # fmt: skip
    """One bar a category, its value in words at its end; `grey` is the place without category."""
    pictures = {}
    for form, width in {"wide": 447, "narrow": 358}.items():
        chart = _bars_chart(labels, values, words, width=width, grey=grey)
        pictures[form] = svg.drawn(
            chart, name=f"{name}-{form}", title=sentence, description=description
        )
    rows = [[label, value] for label, value in zip(labels, values, strict=True)]
    return Figure(pictures["wide"], pictures["narrow"], sentence, [heading], rows, description)


def _bars_chart(
    labels: Sequence[str], values: Sequence[int], words: Sequence[str], *,
    width: int, grey: int | None,
) -> Any:  # fmt: skip
    step = 37
    left = min(170, 22 + max((_width(label) for label in labels), default=0))
    right = 14 + max((_width(word) for word in words), default=0)
    low, high = min([0, *values]), max([0, *values])
    room = (width - left - right) / ((high - low) or 1)
    zero = left - low * room
    height = step * max(len(labels), 1) + 6
    boxes, texts = [], []
    for place, (label, value, word) in enumerate(zip(labels, values, words, strict=True)):
        middle = step * place + step / 2
        colour = palette.NOTHING if place == grey else palette.SERIES[0]
        ends = sorted((zero, zero + value * room))
        boxes.append({"x": ends[0], "x2": max(ends[1], ends[0] + 1), "y": middle - 9,
                      "y2": middle + 9, "colour": colour})  # fmt: skip
        texts.append({"x": 0, "y": middle, "text": label, "colour": palette.INK})
        texts.append({"x": ends[1] + 8, "y": middle, "text": word, "colour": palette.INK})
    layers = [_boxes(boxes, width, height), _text(texts)]
    return _chart(layers, width, height)


def _width(text: str, *, bold: bool = False) -> float:
    """About how wide a text is in the page's type: a syllable is a square, a letter half of it."""
    letter = 0.62 if bold else 0.57
    return sum(TEXT * (0.95 if sign > "\u2e80" else letter) for sign in text)
