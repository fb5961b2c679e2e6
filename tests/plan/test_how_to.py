"""The notebook-like pages: their blocks run in order, in both languages the same."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from koga.plan import tornado


def blocks(root: Path, page: str) -> list[str]:
    text = (root / "docs" / "how-to" / page).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_given_the_page_when_run_block_by_block_then_every_block_runs_and_tells_something(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = tornado.takes_part
    monkeypatch.setattr(
        tornado, "takes_part", lambda leaf: every(leaf) and leaf.path.startswith("fund.")
    )
    monkeypatch.chdir(root)
    names: dict[str, object] = {}
    told = io.StringIO()
    for place, block in enumerate(blocks(root, "simulate-a-scheme.md"), start=1):
        with contextlib.redirect_stdout(told):
            exec(compile(block, f"block {place}", "exec"), names)

    said = told.getvalue()
    assert "net.all" not in said and "shape: (" in said
    assert "In the median future" in said and "±" in said
    assert "fund.reinvested_share" in said


def test_given_the_page_on_writing_when_its_code_runs_then_it_holds_what_the_page_says(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    (block,), names = blocks(root, "write-a-scheme.md"), dict[str, object]()
    told = io.StringIO()

    with contextlib.redirect_stdout(told):
        exec(compile(block, "write-a-scheme.md", "exec"), names)
        for line in re.findall(r"^fund\.\w+\(.+?\)(?=  #)", block, re.M):
            exec(f"print({line})", names)

    assert told.getvalue().count("Cell(year=") == 45
    assert told.getvalue().endswith("150000000000000\n1/6\n")
    (korean,) = blocks(root, "write-a-scheme.ko.md")
    assert re.sub(r"  # .*", "", korean) == re.sub(r"  # .*", "", block)


def test_given_both_languages_when_compared_then_their_code_is_the_same_but_for_labels(
    root: Path,
) -> None:
    english, korean = (blocks(root, f"simulate-a-scheme{end}") for end in (".md", ".ko.md"))

    assert [each.replace(', "ko")', "").replace(', "en")', "").replace(")", "")
            for each in english] == [
        each.replace(', "ko")', "").replace(', "en")', "").replace(")", "") for each in korean
    ]  # fmt: skip


def test_given_both_languages_when_compared_then_they_print_the_same_commands(root: Path) -> None:
    for page in ("simulate-a-scheme", "write-a-scheme", "evaluate-a-programme"):
        english, korean = (
            re.findall(r"^koga .*$", (root / "docs/how-to" / f"{page}{end}").read_text(), re.M)
            for end in (".md", ".ko.md")
        )
        assert english and english == korean, page
