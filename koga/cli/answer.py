"""How every command answers: one JSON document or lines for people, and the exit codes.

0 done, 1 the answer is no, 2 wrong use or wrong input.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from koga.core.problems import Problem, Refusal

YES, NO, WRONG = 0, 1, 2


def language() -> str:
    """The language of lines for people: `KOGA_LANGUAGE`, else Korean in a Korean locale."""
    chosen = os.environ.get("KOGA_LANGUAGE", "")
    if chosen in ("ko", "en"):
        return chosen
    locale = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "ko" if locale.startswith("ko") else "en"


def say(ko: str, en: str) -> None:
    """One line for people on standard output."""
    print(ko if language() == "ko" else en)


def document(answer: Mapping[str, Any]) -> None:
    """The one JSON document of `--json`."""
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def problems(found: list[Problem], as_json: bool) -> None:
    """Problems: with `--json` as the document, else both languages on standard error."""
    if as_json:
        document({"problems": [problem.as_json() for problem in found]})
        return
    for problem in found:
        first, second = ("ko", "en") if language() == "ko" else ("en", "ko")
        print(f"{problem.code}\n  {problem.message(first)}", file=sys.stderr)
        print(f"  {problem.message(second)}", file=sys.stderr)


@contextlib.contextmanager
def answering(as_json: bool = False) -> Iterator[None]:
    """Run a command's body; a `Refusal` becomes its problems and exit code 2."""
    try:
        yield
    except Refusal as refusal:
        problems(refusal.problems, as_json)
        raise SystemExit(WRONG) from None
