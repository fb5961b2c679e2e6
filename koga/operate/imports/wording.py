"""Problems of rows in people's words: “row 3, amount” is 3행 금액 to a Korean reader."""

import re
from typing import Any

from koga.core.problems import LANGUAGES, Problem
from koga.operate.imports.mapping_keys import FIELDS
from koga.release.tables import RECORDS

_ROW = re.compile(r"row (\d+)(?:, (\w+))?")
_HEADINGS = {column.name: (column.ko, column.en) for column in RECORDS.columns}


def message(problem: Problem, language: str) -> str:
    """The problem as a sentence that names row and field as the reader would.

    >>> message(Problem("imports.blank", "row 3, amount"), "ko")
    '3행 금액·물량: 꼭 있어야 하는 칸이 비어 있습니다.'
    """
    text = problem.message(language)
    match = _ROW.fullmatch(problem.where)
    return text.replace(problem.where, _place(match, language), 1) if match else text


def _place(match: re.Match[str], language: str) -> str:
    name = match[2] or ""
    headings = _HEADINGS.get(name)
    if headings is None and name in FIELDS:
        headings = (FIELDS[name].ko, FIELDS[name].en)
    korean, english = headings or (name, name)
    if language == "ko":
        return f"{match[1]}행 {korean}".strip()
    return f"row {match[1]}" + (f", {english}" if english else "")


def as_json(problem: Problem) -> dict[str, Any]:
    """The shape every answer uses, in these words."""
    words = {language: message(problem, language) for language in LANGUAGES}
    return problem.as_json() | {"message": words}
