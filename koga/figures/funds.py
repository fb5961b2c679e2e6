"""Charts of fund performance: a multiple and its interval by group, and KS-PME beside the index.

One row a group: a mark, the line of its interval over funds, the value in words. The line at 1 is
in ink: the money paid in, or the same money in the index. For KS-PME a pale bar behind the mark is
the benchmark's own interval. Groups that are hidden are counted below, never drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from koga.evaluate.funds.funds import Figure as Row
from koga.evaluate.funds.funds import FundFinding
from koga.figures import charts, palette, svg
from koga.figures.charts import SMALL, Figure
from koga.release.tables import INSTRUMENTS, SECTORS

ROWS_MAX = 24
"""Rows drawn; where there are more groups the largest are drawn, and all stand in the table."""
WIDTHS: Mapping[str, int] = {"wide": 626, "narrow": 358}
STEP, TOP = 28, 30
APART = 18
"""Height of a name that stands above its mark, where it has no room beside it."""
PALE = "#dbe6f2"
TITLES: Mapping[str, tuple[str, str]] = {
    "tvpi": ("투자배수(TVPI)", "TVPI"),
    "ks_pme": ("공개시장 대비 성과(KS-PME)", "KS-PME"),
}
DIMENSIONS: Mapping[str, tuple[str, str]] = {
    "vintage": ("결성연도", "vintage"),
    "instrument": ("수단", "instrument"),
    "sector": ("분야", "sector"),
    "manager": ("운용사", "manager"),
    "fund": ("펀드", "fund"),
}
_CODES = {"instrument": INSTRUMENTS, "sector": SECTORS}
_COLUMNS = {
    "ko": ("펀드 수", "값", "95% 아래", "95% 위", "벤치마크 아래", "벤치마크 위"),
    "en": ("funds", "value", "95 % low", "95 % high", "benchmark low", "benchmark high"),
}


@dataclass(frozen=True, slots=True)
class _Paper:
    """Where values stand on the paper."""

    left: float
    right: float
    low: float
    high: float

    def x(self, value: float) -> float:
        part = (value - self.low) / (self.high - self.low)
        return self.left + part * (self.right - self.left)


def all_of(found: FundFinding, language: str) -> dict[str, Figure]:
    """Every chart that can be drawn of a finding, by file name."""
    drawn = {}
    for dimension in DIMENSIONS:
        for name in TITLES:
            if shown(found, name, dimension):
                key = f"{name.replace('_', '-')}-by-{dimension}"
                drawn[key] = by_group(found, name, dimension, language)
    return drawn


def of_card(found: FundFinding, language: str) -> dict[str, Figure]:
    """The charts of a card: KS-PME and the multiple, by fund where funds are told, else vintage."""
    by = "fund" if shown(found, "tvpi", "fund") else "vintage"
    return {
        name.replace("_", "-"): by_group(found, name, by, language)
        for name in ("ks_pme", "tvpi")
        if shown(found, name, by)
    }


def shown(found: FundFinding, name: str, dimension: str) -> list[Row]:
    """The groups that have the figure and may be shown."""
    return [row for row in found.of(name, dimension=dimension) if row.told.value is not None]


def by_group(found: FundFinding, name: str, dimension: str, language: str) -> Figure:
    """A figure over the groups of a dimension, net of fees."""
    everyone = found.of(name, dimension=dimension)
    rows = shown(found, name, dimension)
    most = sorted(rows, key=lambda row: -row.told.n)[:ROWS_MAX]
    drawn = [row for row in rows if row in most]
    sentence = _sentence(rows, name, dimension, language, found)
    description = _description(found, name, len(everyone), rows, drawn, language)
    pictures = {
        form: svg.drawn(
            _chart(drawn, width, language, found), name=f"funds-{name}-{dimension}-{form}",
            title=sentence, description=description,
        )
        for form, width in WIDTHS.items()
    }  # fmt: skip
    table = [
        [word(row, language, found), row.told.n, row.told.value, row.told.low, row.told.high,
         *(row.benchmark or (None, None))]
        for row in rows
    ]  # fmt: skip
    columns = [DIMENSIONS[dimension][language != "ko"], *_COLUMNS[language]]
    return Figure(pictures["wide"], pictures["narrow"], sentence, columns, table, description)


def word(row: Row, language: str, found: FundFinding | None = None) -> str:
    """A group as people read it: codes of instruments, sectors, managers and funds have words."""
    named = found.named(row) if found else None
    if named is not None:
        return named[language]
    codes = _CODES.get(row.dimension or "", {})
    if row.group in codes:
        return codes[row.group].ko if language == "ko" else codes[row.group].en
    if not row.group:
        return "미상" if language == "ko" else "not stated"
    return f"{row.group}년" if row.dimension == "vintage" and language == "ko" else row.group


def _sentence(
    rows: Sequence[Row], name: str, dimension: str, language: str, found: FundFinding
) -> str:
    """The highest and the lowest group; the plain name where there is nothing to compare."""
    title = TITLES[name][language != "ko"]
    by = DIMENSIONS[dimension][language != "ko"]
    if len(rows) < 2:
        return f"{by}별 {title}" if language == "ko" else f"{title} by {by}"
    ordered = sorted(rows, key=lambda row: row.told.value or 0.0)
    least, most = ordered[0], ordered[-1]
    low, high = word(least, language, found), word(most, language, found)
    if language == "ko":
        return (
            f"{title} 값이 가장 높은 쪽은 {by} {high}({most.told.value:.2f}), "
            f"가장 낮은 쪽은 {low}({least.told.value:.2f})입니다"
        )
    return (
        f"{title} is highest for {by} {high} ({most.told.value:.2f}) "
        f"and lowest for {low} ({least.told.value:.2f})"
    )


def _description(
    found: FundFinding,
    name: str,
    groups: int,
    rows: Sequence[Row],
    most: Sequence[Row],
    language: str,
) -> str:
    """What is shown, against what, and what is left out."""
    korean = language == "ko"
    told, drawn = len(rows), len(most)
    parts = ["낸 돈 1에 대한 값, 보수를 뺀 뒤." if korean else "Per 1 paid in, net of fees."]
    if any(row.told.low is not None for row in most):
        parts.append(
            "가는 선은 펀드 사이의 95% 구간입니다."
            if korean
            else "The thin line is the 95 % interval over funds."
        )
    if name == "ks_pme":
        kind = (found.facts.get("benchmark") or {}).get("kind")
        price = kind == "price"
        kind_word = (
            ("가격지수" if price else "총수익지수") if korean else str(kind).replace("_", " ")
        )
        parts.append(
            f"1은 같은 돈을 {kind_word}에 넣은 결과이고, 옅은 막대는 지수의 달이 달리 놓였을 때의 "
            "95% 구간입니다."
            if korean
            else f"1 is the same money in the index ({kind_word}); the pale bar is the 95 % "
            "interval had its months fallen otherwise."
        )
    if groups > told:
        away = groups - told
        parts.append(
            f"펀드가 적거나 값이 없는 {away}개 칸은 뺐습니다."
            if korean
            else f"Groups left out, with few funds or no figure: {away}."
        )
    if told > drawn:
        parts.append(
            f"큰 {drawn}개 칸만 그렸고 모두는 표에 있습니다."
            if korean
            else f"The {drawn} largest groups are drawn; all stand in the table."
        )
    return " ".join(parts)


def _chart(rows: Sequence[Row], width: int, language: str, found: FundFinding) -> Any:
    ends = [1.0] + [
        end
        for row in rows
        for end in (row.told.value, row.told.low, row.told.high, *(row.benchmark or ()))
        if end is not None
    ]
    marks = charts.ticks(0.0, max(ends))
    names = [word(row, language, found) for row in rows]
    room = 14 + max(charts._width(name) for name in names)
    above = APART if room > width * 0.32 else 0
    paper = _Paper(4 if above else room, width - 62, min([0.0, *ends]), marks[-1])
    height = TOP + (STEP + above) * len(rows) + 6
    grid, texts = _marks(marks, paper, height)
    pale, lines, dots = [], [], []
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        middle = TOP + (STEP + above) * (place + 1) - STEP / 2
        value = row.told.value or 0.0
        if row.benchmark:
            pale.append(_bar(paper, row.benchmark, middle, 8, PALE))
        if row.told.low is not None and row.told.high is not None:
            lines.append(_bar(paper, (row.told.low, row.told.high), middle, 1, palette.SERIES[0]))
        dots.append({"x": paper.x(value) - 4, "x2": paper.x(value) + 4, "y": middle - 4,
                     "y2": middle + 4, "colour": palette.SERIES[0]})  # fmt: skip
        texts.append({"x": 0, "y": middle - above, "text": _cut(name, paper.right),
                      "colour": palette.INK})  # fmt: skip
        texts.append({"x": paper.right + 12, "y": middle, "text": f"{value:.2f}",
                      "colour": palette.INK})  # fmt: skip
    one = [{"x": paper.x(1) - 0.6, "x2": paper.x(1) + 0.6, "y": TOP - 6, "y2": height,
            "colour": palette.INK}]  # fmt: skip
    boxes = [each for each in (grid, pale, one, lines, dots) if each]
    layers = [charts._boxes(each, width, height) for each in boxes]
    layers.append(charts._text(texts, size=SMALL))
    return charts._chart(layers, width, height)


def _marks(
    marks: Sequence[float], paper: _Paper, height: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Hairlines from the top with their numbers."""
    lines = [
        {"x": paper.x(mark) - 0.4, "x2": paper.x(mark) + 0.4, "y": TOP - 6, "y2": height,
         "colour": palette.HAIRLINE}
        for mark in marks
    ]  # fmt: skip
    texts = [
        {"x": paper.x(mark) - 4, "y": TOP - 16, "text": charts.written(mark),
         "colour": palette.SOFT}
        for mark in marks
    ]  # fmt: skip
    return lines, texts


def _bar(
    paper: _Paper, ends: tuple[float, float], middle: float, half: float, colour: str
) -> dict[str, Any]:
    """A bar from one value to another, kept on the paper."""
    low, high = (min(max(end, paper.low), paper.high) for end in ends)
    return {"x": paper.x(low), "x2": paper.x(high), "y": middle - half, "y2": middle + half,
            "colour": colour}  # fmt: skip


def _cut(name: str, room: float) -> str:
    """A name as far as it fits."""
    while charts._width(name) > room and len(name) > 2:
        name = name[:-2] + "…"
    return name
