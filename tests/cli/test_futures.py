"""`koga simulate` and `koga compare`: their JSON, their files, their exit codes."""

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from koga.cli import build_app, main
from koga.documents import sheet

SMALL = ["--paths", "64", "--seed", "5", "--engine", "fast"]


def run(*words: str) -> Result:
    return CliRunner().invoke(build_app(), list(words))


@pytest.fixture(scope="module")
def small(root: Path) -> str:
    return str(root / "schemes" / "small.toml")


def answered(*words: str) -> dict[str, Any]:
    ran = run(*words, "--json")
    assert ran.exit_code == 0, ran.output
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def test_given_a_scheme_when_simulated_then_the_document_has_the_contracts_keys(
    small: str,
) -> None:
    told = answered("simulate", small, *SMALL)

    assert {
        "scheme", "hash", "engine", "seed", "paths", "measures", "by_year", "seconds",
        "bytes_peak", "deals", "quarters",
    } <= told.keys()  # fmt: skip
    assert (told["engine"], told["paths"], told["seed"]) == ("fast", 64, 5)
    some = told["measures"]["net_at_end.all"]
    assert {"mean", "p05", "p25", "p50", "p75", "p95", "error"} <= some.keys()
    assert some["unit"] == "KRW" and some["approximate"] is True
    assert isinstance(some["mean"], int) and some["p05"] <= some["p50"] <= some["p95"]


def test_given_out_when_simulated_twice_then_every_file_is_there_and_the_same(
    small: str, tmp_path: Path
) -> None:
    told = [
        answered("simulate", small, *SMALL, "--out", str(tmp_path / name)) for name in ("a", "b")
    ]

    names = set(told[0]["files"])
    assert {
        "by_year.parquet", "measures.parquet", "assumptions.parquet", "scheme.toml",
        "fan.ko.svg", "fan.en.png", "sheet.ko.html", "sheet.en.html", "sheet.ko.pdf",
        "sheet.en.pdf",
    } <= names  # fmt: skip
    hashes = [
        {name: hashlib.sha256((tmp_path / folder / name).read_bytes()).hexdigest()
         for name in names}
        for folder in ("a", "b")
    ]  # fmt: skip
    assert hashes[0] == hashes[1]
    table = pl.read_parquet(tmp_path / "a" / "by_year.parquet")
    assert table.height == len(told[0]["by_year"])
    page = (tmp_path / "a" / "sheet.en.html").read_text()
    assert told[0]["hash"][:16] in page and "Cost estimate 1" in page


def test_given_a_writer_that_dies_when_it_writes_again_then_the_last_whole_result_stays(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered("simulate", small, *SMALL, "--out", str(tmp_path))
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    monkeypatch.setattr(sheet, "pdf", lambda _: (_ for _ in ()).throw(OSError(28, "disk full")))

    ran = run("simulate", small, "--paths", "32", "--seed", "6", "--engine", "fast",
              "--out", str(tmp_path), "--json")  # fmt: skip

    assert json.loads(ran.stdout)["problems"][0]["code"] == "cli.write"
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before
    for line in (tmp_path / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(before[name]).hexdigest() == digest


@pytest.mark.parametrize("words", [["simulate", "x.toml"], ["frob"], ["compare", "--paths", "two"]])
def test_given_wrong_use_with_json_when_run_then_it_is_one_document_and_exit_two(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["koga", *words, "--json"])

    with pytest.raises(SystemExit) as left:
        main()

    assert left.value.code == 2
    told = capsys.readouterr()
    assert told.err == ""
    assert json.loads(told.out)["problems"][0]["code"] == "cli.usage"


def test_given_every_plan_command_when_help_lists_them_then_in_both_languages() -> None:
    listed = run("--help").stdout.splitlines()

    for name in ("check", "cashflow", "simulate", "compare", "scheme"):
        assert any(line.split()[:1] == [name] and " / " in line for line in listed), name


def test_given_a_changed_value_when_compared_then_rows_stand_on_common_draws(small: str) -> None:
    told = answered("compare", small, "--set", "fund.reinvested_share=80%", "--paths", "64")

    first, second = told["rows"]
    assert second["set"] == {"fund.reinvested_share": "80%"}
    assert first["hash"] != second["hash"]
    apart = second["differences"]["lowest.all"]
    assert abs(apart["mean"]) > 0
    assert apart["error"] < 0.5 * first["measures"]["lowest.all"]["error"]


def test_given_a_goal_when_sought_then_the_answer_or_a_no_with_exit_one(small: str) -> None:
    vary = ["--vary", "fund.reinvested_share", "--paths", "64"]
    ends = answered("compare", small, *vary, "--seek", "lowest.all=88.5억")

    assert ends["seek"]["reached"] is True and 0 < float(ends["seek"]["value"]) < 1
    assert ends["rows"][-1]["measures"]["lowest.all"]["mean"] == ends["seek"]["mean"]
    no = run("compare", small, *vary, "--seek", "lowest.all=900조", "--json")
    assert no.exit_code == 1 and json.loads(no.stdout)["seek"]["reached"] is False


def test_given_money_moved_when_compared_then_the_case_says_what_moved(small: str) -> None:
    told = answered("compare", small, "--move", "1억", "instrument.loan", "programme.gpu",
                    "--paths", "16")  # fmt: skip

    assert told["rows"][1]["set"] == {"move": "1억 instrument.loan → programme.gpu"}
    assert told["rows"][1]["hash"] != told["rows"][0]["hash"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["simulate", "SMALL", "--paths", "0", "--seed", "1"], "plan.number"),
        (["simulate", "SMALL", "--paths", "4", "--seed", "1", "--engine", "slow"], "plan.engine"),
        (["simulate", "SMALL", *SMALL, "--set", "nothing"], "plan.assignment"),
        (["simulate", "SMALL", *SMALL, "--tornado", "irr.publik"], "plan.measure"),
        (["simulate", "SMALL", *SMALL, "--out", "SMALL"], "cli.write"),
        (["simulate", "SMALL", *SMALL, "--cluster", "rubbish"], "plan.cluster"),
        (["compare", "SMALL", "--seek", "lowest.all", "--vary", "fund.first_year"], "plan.seek"),
        (["compare", "SMALL", "--seek", "lowest.all=1"], "plan.no_vary"),
        (["simulate", "none.toml", *SMALL], "scheme.file"),
    ],
)
def test_given_wrong_words_when_run_then_the_problem_is_told_with_exit_two(
    small: str, words: list[str], code: str
) -> None:
    ran = run(*(small if word == "SMALL" else word for word in words), "--json")

    assert ran.exit_code == 2
    problem = json.loads(ran.stdout)["problems"][0]
    assert problem["code"] == code and "{" not in problem["message"]["en"]


def test_given_a_terminal_when_simulated_then_the_table_names_every_defined_measure(
    small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOGA_LANGUAGE", "ko")
    monkeypatch.setenv("COLUMNS", "200")

    ran = run("simulate", small, *SMALL)

    assert ran.exit_code == 0
    assert "끝의 순현금 · 모두" in ran.stdout and "±" in ran.stdout and "씨앗 5" in ran.stdout


def test_given_two_schemes_when_compared_then_what_they_share_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    both = [str(root / "schemes" / f"{name}.toml") for name in ("koga-500", "national-growth-150")]

    told = run("compare", *both, "--paths", "8", "--seed", "1", "--json")
    said = run("compare", *both, "--paths", "8", "--seed", "1")

    shared = {row["code"]: row for row in json.loads(told.stdout)["overlap"]}
    assert shared["ai"]["amounts_won"] == [150 * 10**12, 30 * 10**12]
    assert shared["ai"]["shared_won"] == 30 * 10**12
    assert "150,000.0" in said.stdout or "1,500,000" in said.stdout
