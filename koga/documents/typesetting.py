"""Typeset pages: a Typst template, its content as JSON and its pictures, to PDF or PNG.

Only the fonts of the lock file are used and no clock, so the same content gives the same bytes.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typst

FAMILY = "Noto Sans KR"
FOLDER = Path(__file__).parent / "typeset"
"""Where the templates stand, each `NAME.typ`; `page.typ` is what they share."""


@cache
def _fonts() -> "typst.Fonts":
    import pylopdf_fonts_ko
    import typst

    folder = Path(pylopdf_fonts_ko.__file__).parent
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )


def _files(template: str, content: Mapping[str, Any], pictures: Mapping[str, str]) -> Any:
    """What the compiler sees: the template as `main`, all templates, content and pictures."""
    told = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    files = {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.typ"))}
    files["main"] = files[f"{template}.typ"]
    files["content.json"] = told.encode()
    for name, picture in pictures.items():
        spelled = picture.replace("<text ", f'<text font-family="{FAMILY}" ')
        files[f"{name}.svg"] = spelled.encode()
    return files


def pdf(template: str, content: Mapping[str, Any], pictures: Mapping[str, str]) -> bytes:
    """A PDF with tags for readers of screens.

    template: the stem of a file of `FOLDER`. content: what it reads from `content.json`.
    pictures: SVG text by name, read as `NAME.svg`.
    """
    import typst

    made = typst.compile(
        _files(template, content, pictures), font_paths=_fonts(), format="pdf", timestamp=0
    )
    return made if isinstance(made, bytes) else b"".join(made or ())


def png(
    template: str, content: Mapping[str, Any], pictures: Mapping[str, str], *, ppi: int = 96
) -> list[bytes]:
    """The same pages as pictures, one a page."""
    import typst

    made = typst.compile(
        _files(template, content, pictures),
        font_paths=_fonts(),
        format="png",
        ppi=ppi,
        timestamp=0,
    )
    return [made] if isinstance(made, bytes) else list(made or ())


def picture(drawn: str, *, scale: int = 2) -> bytes:
    """One SVG picture as a PNG on white, its text in the same type as the pages."""
    return png("picture", {}, {"picture": drawn}, ppi=72 * scale)[0]
