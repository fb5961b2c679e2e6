"""The sheet of a simulation, in Korean or English, as a web page and as a PDF.

It carries what a reader needs to doubt it: hash, seed and version, the Monte Carlo error beside
each number, every value with its basis, range and source, and what it does not say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol

from koga.documents import typesetting

Cells = Sequence[Sequence[str]]


class Drawn(Protocol):
    """A chart as the sheet prints it: for paper and wide screens, and for a phone."""

    wide: str
    narrow: str
    sentence: str
    description: str
    apart: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    kinds: word or number for each column. widths: parts of the free width, 0 for as wide as its
    cells, none at all for words sharing it evenly. rows: one of a single cell is a heading. annex:
    in the annex, closed at first where it can be opened. beside: so many blocks of rows stand
    beside each other on paper, for long tables of few columns.
    """

    title: str
    note: str
    columns: Sequence[str]
    kinds: Sequence[str]
    rows: Cells
    widths: Sequence[float] = ()
    annex: bool = False
    beside: int = 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything printed.

    kicker: what kind of page it is. lead: one or two sentences under the title. headline: figures
    in a row as (label, value, note). facts: (label, value) pairs that say what was computed.
    answers: questions and their answers, on the first page. annex: tables after everything else.
    not_said: what the sheet does not say. foot: the line below each page.
    """

    language: str
    kicker: str
    title: str
    lead: str
    headline: Sequence[tuple[str, str, str]]
    answers: Table
    facts: Sequence[tuple[str, str]]
    figures: Sequence[tuple[Drawn, str]]
    tables: Sequence[Table]
    annex_title: str
    annex: Sequence[Table]
    not_said_title: str
    not_said: Sequence[str]
    foot: str


def pdf(sheet: Sheet) -> bytes:
    """The sheet typeset; the same sheet gives the same bytes."""
    return typesetting.pdf("sheet", _content(sheet), _pictures(sheet))


def png(sheet: Sheet, *, ppi: int = 96) -> list[bytes]:
    """Its pages as pictures."""
    return typesetting.png("sheet", _content(sheet), _pictures(sheet), ppi=ppi)


def _pictures(sheet: Sheet) -> dict[str, str]:
    return {f"figure-{place}": drawn.wide for place, (drawn, _) in enumerate(sheet.figures)}


def _content(sheet: Sheet) -> Mapping[str, Any]:
    return {
        "language": sheet.language,
        "kicker": sheet.kicker,
        "title": sheet.title,
        "running": sheet.title,
        "foot": sheet.foot,
        "lead": sheet.lead,
        "headline": [
            {"label": label, "value": value, "note": note} for label, value, note in sheet.headline
        ],
        "facts": [list(pair) for pair in sheet.facts],
        "figures": [
            {
                "sentence": drawn.sentence,
                "description": drawn.description,
                "picture": f"figure-{place}",
                "caption": caption,
            }
            for place, (drawn, caption) in enumerate(sheet.figures)
        ],
        "answers": _typeset(sheet.answers),
        "tables": [_typeset(table) for table in sheet.tables],
        "annex_title": sheet.annex_title,
        "annex": [_typeset(table) for table in sheet.annex],
        "not_said_title": sheet.not_said_title,
        "not_said": list(sheet.not_said),
    }


def _typeset(table: Table) -> Mapping[str, Any]:
    """A table as the template reads it, blocks of rows beside each other."""
    blocks = table.beside
    rows = [list(row) for row in table.rows]
    if blocks > 1:
        length = -(-len(rows) // blocks)
        empty = [""] * len(table.columns)
        rows += [empty] * (length * blocks - len(rows))
        rows = [
            [cell for block in range(blocks) for cell in rows[block * length + place]]
            for place in range(length)
        ]
    return {
        "title": table.title,
        "note": table.note,
        "columns": list(table.columns) * blocks,
        "kinds": list(table.kinds) * blocks,
        "rows": rows,
        "widths": list(table.widths) * blocks,
    }


def html(sheet: Sheet) -> str:
    """The sheet as one file a browser opens: no script, nothing fetched."""
    parts = [
        f'<p class="kicker">{escape(sheet.kicker)}</p>',
        f'<h1>{escape(sheet.title)}</h1><p class="lead">{escape(sheet.lead)}</p>',
        '<div class="headline">',
        *(
            f"<div><p>{escape(label)}</p><p class=value>{escape(value)}</p>"
            f"<p>{escape(note)}</p></div>"
            for label, value, note in sheet.headline
        ),
        "</div>",
        _table(sheet.answers),
        "<dl>",
        *(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in sheet.facts),
        "</dl>",
    ]
    for drawn, caption in sheet.figures:
        parts.append(
            f"<section><h2>{escape(drawn.sentence)}</h2>"
            f'<p class="note">{escape(drawn.description)}</p>'
            f'<div class="wide">{drawn.wide}</div><div class="narrow">{drawn.narrow}</div>'
            f'<p class="note">{escape(caption)}</p></section>'
        )
    parts += [_table(table) for table in sheet.tables]
    said = "".join(f"<li>{escape(line)}</li>" for line in sheet.not_said)
    parts.append(f"<section><h2>{escape(sheet.not_said_title)}</h2><ul>{said}</ul></section>")
    parts += [f"<h2>{escape(sheet.annex_title)}</h2>", *map(_table, sheet.annex)]
    return (
        f'<!doctype html>\n<html lang="{sheet.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(sheet.title)}</title><style>{_STYLE}</style></head><body><main>"
        + "\n".join(parts)
        + f"</main><footer>{escape(sheet.foot)}</footer></body></html>\n"
    )


def _table(table: Table) -> str:
    heads = "".join(
        f'<th scope="col" class="{kind}">{escape(head)}</th>'
        for head, kind in zip(table.columns, table.kinds, strict=True)
    )
    rows = "\n".join(_row(table, row) for row in table.rows)
    body = f"<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}</tbody></table>"
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    title = f"<h2>{escape(table.title)}</h2>"
    if table.annex:
        return f"<details><summary>{escape(table.title)}</summary>{note}{body}</details>"
    return f"<section>{title}{note}{body}</section>"


_BESIDE = ("오차", "Error")
"""Columns whose cells stay beside the number before them on a phone."""


def _row(table: Table, row: Sequence[str]) -> str:
    """A row, its cells named by their columns for narrow screens; or a heading."""
    if len(row) == 1:
        return f'<tr><th colspan="{len(table.columns)}" class="group">{escape(row[0])}</th></tr>'
    cells = zip(row, table.kinds, table.columns, strict=True)
    return (
        "<tr>"
        + "".join(
            f'<td class="{kind}{" error" if head in _BESIDE else ""}" data-label="{escape(head)}">'
            f"{escape(cell)}</td>"
            for cell, kind, head in cells
        )
        + "</tr>"
    )


_STYLE = """
body{margin:0;color:#16191d;font:17px/1.65 "Noto Sans KR",sans-serif;
word-break:keep-all}
main,footer{max-width:1120px;margin:0 auto;padding:24px;overflow-wrap:break-word}
h1{font-size:38px;line-height:1.25;margin:4px 0 8px;text-wrap:balance}
h2{font-size:24px;line-height:1.35;margin:56px 0 8px;text-wrap:balance}
.kicker,.note,dt,footer,.headline p{color:#545b65;font-size:15px;margin:0}
.lead{font-size:19px;color:#545b65;margin:0 0 18px;max-width:46em}
.headline{display:flex;flex-wrap:wrap;border-top:2px solid #16191d;border-bottom:1px solid #d5d9df}
.headline div{flex:1;min-width:13em;padding:14px 18px 14px 0}
.headline .value{font-size:36px;font-weight:700;color:#16191d;line-height:1.3}
dl{display:grid;grid-template-columns:auto 1fr;gap:2px 14px;font-size:15px;margin:18px 0}
dd{margin:0;overflow-wrap:anywhere} svg{width:100%;height:auto;max-width:1072px;font-family:inherit}
table{border-collapse:collapse;width:100%;font-size:15px;font-variant-numeric:tabular-nums}
th{font-weight:400;color:#545b65;font-size:14px;text-align:left;border-bottom:1.5px solid #16191d}
th,td{padding:5px 14px 5px 0;vertical-align:top} td{border-bottom:1px solid #e8ebef}
.number{text-align:right;white-space:nowrap} summary{color:#0b4f8a;cursor:pointer}
td.word{white-space:pre-line}.narrow{display:none}
.group{font-weight:600;color:#16191d;font-size:15px;padding-top:14px}
summary{padding:8px 0;font-size:17px} section,details{overflow-x:auto}
details{border-bottom:1px solid #e8ebef}
@media(max-width:700px){.wide{display:none}.narrow{display:block}
h1{font-size:28px}h2{font-size:20px;margin-top:40px}
thead{position:absolute;left:-9999px}table,tbody,td,.group{display:block}
tr{display:flex;flex-wrap:wrap;border-bottom:1px solid #d5d9df;padding:6px 0}
td{border:0;padding:1px 0}td.word,.group{flex:0 0 100%;box-sizing:border-box}
td.number{display:flex;justify-content:space-between;gap:12px;flex:1 1 calc(100% - 6.5em);
white-space:normal;box-sizing:border-box;overflow-wrap:anywhere}
td.number.error{display:block;flex:0 0 6.5em;white-space:nowrap}
td.number.error::before{content:none}
td.number::before{content:attr(data-label);color:#545b65;white-space:normal}
td.word:not(:first-child)::before{content:attr(data-label) ": ";color:#545b65}
td.word:first-child{font-weight:600}td.word{overflow-wrap:anywhere}
td:empty:not(.error){display:none}}
"""
