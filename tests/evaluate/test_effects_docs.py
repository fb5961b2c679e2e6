"""The how-to on effects: every block runs and prints what the page shows; thresholds are ours."""

import contextlib
import io
import re
import sys
from pathlib import Path

import pytest

from koga.cli import main
from koga.evaluate.effects import density, experiment, rd, trend_checks

BLOCK = re.compile(r"```(python|sh|text)\n(.*?)```", re.DOTALL)


def printed(kind: str, code: str, names: dict[str, object]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.MonkeyPatch.context() as patched:
        if kind == "python":
            exec(code, names)
            return out.getvalue()
        for line in code.strip().splitlines():
            patched.setattr(sys, "argv", line.split())
            with contextlib.suppress(SystemExit):
                main()
    return out.getvalue()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_given_the_how_to_when_its_blocks_run_then_they_print_what_it_shows(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KOGA_LANGUAGE", language)
    suffix = ".ko.md" if language == "ko" else ".md"
    page = (root / "docs/how-to" / f"evaluate-a-programme{suffix}").read_text()

    names: dict[str, object] = {}
    told, shown = "", 0
    for kind, code in BLOCK.findall(page):
        if kind == "text":
            assert code in told
            shown += 1
        else:
            told = printed(kind, code, names)

    assert shown == 6


@pytest.mark.parametrize("suffix", [".md", ".ko.md"])
def test_given_the_reference_when_read_then_its_thresholds_are_those_of_the_code(
    root: Path, suffix: str
) -> None:
    page = (root / "docs/reference" / f"effects{suffix}").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", page, re.MULTILINE))

    def figures(check: str) -> list[float]:
        return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", rows[check])]

    assert figures("pre_trend") == [trend_checks.REJECTED, trend_checks.DOUBTED]
    assert figures("overlap") == [trend_checks.ALONE, trend_checks.CROWDED]
    assert figures("cohort_size") == [trend_checks.FEW, trend_checks.FEW, rd.FEW_NEAR]
    assert figures("bacon") == [trend_checks.FORBIDDEN]
    assert figures("honest_did") == [trend_checks.STEADY]
    assert figures("density") == [density.REJECTED, density.NEAREST_REJECTED, density.DOUBTED]
    assert figures("balance") == [
        experiment.REJECTED, experiment.DOUBTED, rd.REJECTED, rd.DOUBTED,
    ]  # fmt: skip
    assert figures("placebo") == [rd.DOUBTED]
    assert figures("first_stage") == [rd.WEAK_FIRST]
