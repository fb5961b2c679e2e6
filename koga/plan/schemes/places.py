"""On which line of a TOML file a dotted path stands; the standard reader does not tell."""

import re
from collections.abc import Mapping

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*="
)
_PART = re.compile(r"[\w-]+|\"([^\"]*)\"|'([^']*)'")
_TRIPLE = re.compile(r'"""|\'\'\'')

Position = tuple[str | int, ...]


def find(text: str) -> Mapping[Position, int]:
    """First line (from 1) of every table and key, by its position in the document.

    Elements of an array of tables are numbered from 0.

    >>> find('[fund]\\nsize = 5\\n[[target]]\\nid = "a"')[("target", 0, "id")]
    4
    """
    lines: dict[Position, int] = {}
    counts: dict[Position, int] = {}
    table: Position = ()
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not inside:
            if header := _HEADER.match(line):
                table = _opened(header, counts)
                _note(lines, table, number)
                continue
            if key := _KEY.match(line):
                _note(lines, table + _parts(key[1]), number)
        inside = _after(line, inside)
    return lines


def _opened(header: re.Match[str], counts: dict[Position, int]) -> Position:
    """The table a header opens; a repeated array gets its next number."""
    position: Position = ()
    parts = _parts(header[2])
    for place, part in enumerate(parts):
        position = (*position, part)
        last = place == len(parts) - 1
        if last and header[1] == "[[":
            counts[position] = counts.get(position, -1) + 1
        if position in counts:
            position = (*position, counts[position])
    return position


def _note(lines: dict[Position, int], position: Position, number: int) -> None:
    for length in range(1, len(position) + 1):
        lines.setdefault(position[:length], number)


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(
        next(group for group in (match[1], match[2], match[0]) if group is not None)
        for match in _PART.finditer(dotted)
    )


def _after(line: str, inside: str) -> str:
    """The triple quote that is still open at the end of the line."""
    for quote in _TRIPLE.findall(line):
        if not inside:
            inside = quote
        elif quote == inside:
            inside = ""
    return inside
