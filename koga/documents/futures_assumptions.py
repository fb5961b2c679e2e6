"""Every value of a scheme with its basis, range, source and reason, as the annex of its sheet.

Years that say the same stand in one line; what a line shares with the one above it is a ditto mark;
values of one thing (a programme, a class of deals) stand under its name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from koga.documents.futures_values import one_language, range_words, value_words
from koga.documents.sheet import Table
from koga.plan.schemes import words
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.shape import Scheme

_OWN = {"ko": "자체 가정", "en": "our choice"}
_DITTO, _DITTO_FROM = "〃", 8
_PARTED = " · "


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: the first of the leaves it stands for, and its words.

    head: the thing it belongs to, "" where it stands alone. item: its label without the head.
    leaves: how many values of the scheme it stands for. cells: after the item.
    """

    head: str
    item: str
    leaves: int
    cells: tuple[str, ...]


def tables(scheme: Scheme, language: str) -> list[Table]:
    """Values stated, derived and assumed, then the sources they name."""
    return [*(_table(scheme, basis, language) for basis in _HEADS), _sources(scheme, language)]


_HEADS = {
    "stated": (
        ("밝혀진 값", "Values stated"),
        ("항목", "값", "출처"),
        ("Item", "Value", "Source"),
        (1.2, 0.9, 1.5),
    ),
    "derived": (
        ("셈한 값과 셈식", "Values derived, with formulas"),
        ("항목", "값", "셈식"),
        ("Item", "Value", "Formula"),
        (1.1, 0.6, 2),
    ),
    "assumed": (
        ("가정한 값: 범위, 출처, 까닭", "Values assumed: range, source, reason"),
        ("항목", "값", "범위", "출처", "까닭"),
        ("Item", "Value", "Range", "Source", "Reason"),
        (1.55, 0.8, 0.9, 0.5, 1.7),
    ),
}


def _table(scheme: Scheme, basis: str, language: str) -> Table:
    titles, korean, english, widths = _HEADS[basis]
    found = lines(scheme, basis, language)
    count = sum(line.leaves for line in found)
    title = titles[0 if language == "ko" else 1]
    kinds = ("word", "number", *("word",) * (len(widths) - 2))
    return Table(
        title=f"{title}: {count:,}",
        note=_note(basis, language),
        columns=korean if language == "ko" else english,
        kinds=kinds,
        rows=list(_rows(found)),
        widths=widths,
        annex=True,
    )


def _note(basis: str, language: str) -> str:
    korean = language == "ko"
    if basis == "derived":
        return (
            "셈식의 이름은 계획 파일(scheme.toml)의 항목입니다."
            if korean
            else "Names in formulas are entries of the scheme's file (scheme.toml)."
        )
    if basis == "assumed":
        return (
            f"이 파일을 쓴 사람이 고른 값입니다. 출처가 있으면 그 숫자나 범위의 근거이고, 없으면 "
            f"“{_OWN['ko']}”입니다. 〃는 위와 같음. 출처의 이름은 부록 끝의 표에 있습니다."
            if korean
            else "Chosen by whoever wrote the file. A source is where the number or its range "
            "comes "
            f"from; without one it is “{_OWN['en']}”. 〃: as above. Sources are listed at the end."
        )
    return ""


def _rows(found: Sequence[Line]) -> Iterator[Sequence[str]]:
    """Lines under the head they share; a head of one line stays in its label."""
    for head, run in groupby(found, key=lambda line: line.head):
        under = list(run)
        alone = len(under) == 1
        if head and not alone:
            yield [head]
        for line in _said_once(under):
            yield [_PARTED.join((head, line.item)) if head and alone else line.item, *line.cells]


def _said_once(found: Sequence[Line]) -> Iterator[Line]:
    """A last cell of several words that repeats the one above is a ditto mark."""
    last = ""
    for line in found:
        *before, own = line.cells
        repeated = own == last and len(own) > _DITTO_FROM
        yield replace(line, cells=(*before, _DITTO)) if repeated else line
        last = own


def lines(scheme: Scheme, basis: str, language: str) -> list[Line]:
    """Every value of one basis in the scheme's order, years that say the same in one line."""
    found = [leaf for leaf in scheme.leaves.values() if leaf.basis == basis]
    told = ((leaf, _cells(scheme, leaf, language)) for leaf in found)
    printed = []
    for key, run in groupby(told, key=lambda pair: _same(pair[0], pair[1], language)):
        leaves = [pair[0] for pair in run]
        head, _, rest = _label(leaves[0], language).partition(_PARTED)
        item = rest or head
        if len(leaves) > 1:
            last = _label(leaves[-1], language).rpartition(_PARTED)[2]
            item = f"{item.removesuffix('년')}–{last}"
        printed.append(Line(head if rest else "", item, len(leaves), key[1]))
    return list(_joined(printed))


def _joined(found: Sequence[Line]) -> Iterator[Line]:
    """Lines of one head that say the same stand in one, their items side by side."""
    for _, run in groupby(found, key=lambda line: (line.head, line.cells) if line.head else line):
        under = list(run)
        item = "; ".join(line.item for line in under)
        yield replace(under[0], item=item, leaves=sum(line.leaves for line in under))


def _same(leaf: Leaf, cells: tuple[str, ...], language: str) -> tuple[str, tuple[str, ...]]:
    """What leaves of several years share: their label without the year, and every cell."""
    label = _label(leaf, language)
    above, _, last = label.rpartition(_PARTED)
    year = last.removesuffix("년")
    if not (above and len(year) == len("2027") and year.isdigit()):
        return label, cells
    *before, own = cells
    return above, (*before, own.replace(year, "YYYY") if leaf.basis == "derived" else own)


def _label(leaf: Leaf, language: str) -> str:
    return leaf.label_ko if language == "ko" else leaf.label_en


def _cells(scheme: Scheme, leaf: Leaf, language: str) -> tuple[str, ...]:
    shown = value_words(scheme, leaf, language)
    if leaf.basis == "derived":
        return shown, f"= {leaf.formula}" if leaf.formula else leaf.method
    if leaf.basis == "stated":
        return shown, _cited(scheme, leaf)
    note = leaf.note_ko if language == "ko" else leaf.note_en
    source = scheme.sources.get(leaf.source)
    own = not leaf.source or (source is not None and source.kind == "own")
    return shown, range_words(leaf, language), _OWN[language] if own else leaf.source, note


def _cited(scheme: Scheme, leaf: Leaf) -> str:
    cited = scheme.sources.get(leaf.source)
    return f"{leaf.source}: {cited.title}, {cited.publisher}" if cited else leaf.source


def _sources(scheme: Scheme, language: str) -> Table:
    korean = language == "ko"
    heads = ("이름", "제목", "낸 곳", "날짜", "종류")
    kinds = words.SOURCE_KIND_WORDS
    return Table(
        title=f"출처: {len(scheme.sources)}" if korean else f"Sources: {len(scheme.sources)}",
        note="" if korean else "Titles and publishers in the language they are published in.",
        columns=heads if korean else ("Name", "Title", "Publisher", "Date", "Kind"),
        kinds=("word",) * 5,
        rows=[
            [
                name,
                each.title,
                each.publisher,
                one_language(each.date, language),
                kinds[each.kind].ko if korean else kinds[each.kind].en,
            ]
            for name, each in scheme.sources.items()
        ],
        widths=(0, 2.2, 1, 0, 0.8),
        annex=True,
    )
