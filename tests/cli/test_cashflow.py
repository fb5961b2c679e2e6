"""`koga cashflow` as scripts call it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def koga(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "koga.cli", *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def answered(root: Path) -> dict[str, Any]:
    done = koga("cashflow", str(root / "schemes" / "small.toml"), "--json")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_given_a_scheme_when_asked_as_json_then_it_has_the_shape_of_the_contract(
    answered: dict[str, Any],
) -> None:
    assert {"committed", "years", "quarters", "measures"} <= answered.keys()
    assert [year["year"] for year in answered["years"]][:2] == [2025, 2026]
    assert answered["quarters"][0]["quarter"] == "2025-Q1"
    for part in (*answered["years"], *answered["quarters"]):
        assert part["unit"] == "KRW"
        assert set(part["sources"]) == {"city", "banks"}
        assert set(part["vehicles"]) == {"venture_fund", "loan"}
        assert set(part["ranks"]) == {"senior", "junior"}
        assert set(part["programmes"]) == {"academy", "gpu"}
        assert all(
            isinstance(won, int)
            for table in ("sources", "vehicles", "ranks", "programmes")
            for row in part[table].values()
            for won in row.values()
        )
    assert answered["measures"]["irr.net"]["unit"] == "rate"


def test_given_a_scheme_when_its_years_are_summed_then_they_are_its_quarters(
    answered: dict[str, Any],
) -> None:
    for name in ("city", "banks"):
        for what in ("paid", "received"):
            by_year = sum(year["sources"][name][what] for year in answered["years"])
            by_quarter = sum(one["sources"][name][what] for one in answered["quarters"])
            assert by_year == by_quarter > 0
    assert sum(cell["amount"] for cell in answered["committed"]) == 10_000_000_000


@pytest.mark.parametrize(("language", "word"), [("ko", "돈의 원천"), ("en", "Source of money")])
def test_given_a_person_when_they_ask_then_the_tables_are_in_their_language(
    root: Path, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    monkeypatch.setenv("KOGA_LANGUAGE", language)

    done = koga("cashflow", str(root / "schemes" / "small.toml"))

    assert done.returncode == 0, done.stderr
    assert word in done.stdout


def test_given_a_small_terminal_when_printed_then_years_stand_and_no_figure_is_cut(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("KOGA_LANGUAGE", "en")

    done = koga("cashflow", str(root / "schemes" / "national-growth-150.toml"))

    assert "…" not in done.stdout
    assert len([line for line in done.stdout.splitlines() if line.startswith("2026 ")]) == 2


def test_given_a_path_that_is_none_when_set_then_it_is_refused_with_the_nearest(root: Path) -> None:
    path = str(root / "schemes" / "small.toml")

    done = koga("cashflow", path, "--set", "market.volatillity=0.3", "--json")

    assert done.returncode == 2
    assert json.loads(done.stdout)["problems"][0]["code"] == "plan.path"


def test_given_a_scheme_that_lacks_a_figure_when_asked_then_every_need_is_said(
    root: Path, tmp_path: Path
) -> None:
    text = (root / "schemes" / "small.toml").read_text()
    start = text.index("[market]")
    end = text.index("# 목표: 기관의")
    path = tmp_path / "lacking.toml"
    path.write_text(text[:start] + text[end:])

    done = koga("cashflow", str(path), "--json")

    assert done.returncode == 2
    assert {problem["where"] for problem in json.loads(done.stdout)["problems"]} == {
        "market.treasury_rate",
        "market.volatility",
    }


def test_given_a_scheme_that_cannot_be_simulated_when_checked_then_it_is_right_but_warned_of(
    root: Path, tmp_path: Path
) -> None:
    text = (root / "schemes" / "small.toml").read_text()
    path = tmp_path / "lacking.toml"
    path.write_text(text[: text.index("[market]")] + text[text.index("# 목표: 기관의") :])

    done = koga("check", str(path), "--json")

    answer = json.loads(done.stdout)
    assert (done.returncode, answer["problems"]) == (0, [])
    assert [warning["where"] for warning in answer["warnings"]][-2:] == [
        "market.treasury_rate",
        "market.volatility",
    ]
