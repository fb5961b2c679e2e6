"""The commands on effects: their JSON, their page in two languages, their exit codes."""

import contextlib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from koga.cli import main
from tests.evaluate import made


@dataclass(frozen=True, slots=True)
class Ran:
    returncode: int
    stdout: str
    stderr: str


def koga(*arguments: object, language: str = "en") -> Ran:
    """The command in this process, as the console script runs it."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        pytest.MonkeyPatch.context() as patched,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patched.setenv("KOGA_LANGUAGE", language)
        patched.setattr(sys, "argv", ["koga", "evaluate", *map(str, arguments)])
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frame = made.staggered(3, units=120).panel.frame
    path = tmp_path_factory.mktemp("did") / "programme.csv"
    frame.with_columns(first=pl.when(pl.col("first").is_infinite()).then(None).otherwise("first")
                       ).write_csv(path)  # fmt: skip
    return path


@pytest.fixture(scope="module")
def round_of(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("rd")
    paths = {}
    for name, manipulated in (("honest", False), ("pushed", True)):
        score = next(made.rounds(1, manipulated=manipulated, seed=4))
        outcome = score + 0.5 * (score >= 0) + np.random.default_rng(1).normal(0, 0.5, len(score))
        paths[name] = folder / f"{name}.csv"
        pl.DataFrame({"score": score, "jobs": outcome}).write_csv(paths[name])
    return paths


DID = ("--outcome", "outcome", "--unit", "unit", "--time", "time", "--first-treated", "first")


def test_given_a_programme_when_asked_for_json_then_it_is_the_contract_s(programme: Path) -> None:
    ran = koga("did", programme, *DID, "--json", "--relative-m", "0.5,1", "--smooth-m", "0.1")

    told = json.loads(ran.stdout)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert set(told) == {"finding", "estimates", "checks", "classical"}
    assert set(told["estimates"][0]) == {
        "estimator", "name", "group", "time", "event_time", "estimate", "se", "ci_low", "ci_high",
        "n",
    }  # fmt: skip
    checks = {check["name"]: check for check in told["checks"]}
    assert {"pre_trend", "bacon", "honest_did", "overlap", "power"} <= set(checks)
    assert all(set(check["reason"]) == {"ko", "en"} for check in told["checks"])
    assert {row["m"] for row in checks["honest_did"]["sets"]} == {0.5, 1.0, 0.1}
    assert set(checks["bacon"]["shares"][0]) == {"kind", "weight", "estimate"}


@pytest.mark.parametrize(("language", "words"), [("en", "average effect on the treated"),
                                                 ("ko", "처치집단 평균(ATT)")])  # fmt: skip
def test_given_a_programme_when_asked_by_a_person_then_a_small_page_answers(
    programme: Path, language: str, words: str
) -> None:
    ran = koga("did", programme, *DID, language=language)

    assert ran.returncode == 0
    assert words in ran.stdout
    assert len(ran.stdout.splitlines()) < 60


def test_given_pushed_scores_when_asked_then_the_answer_is_no_and_still_printed(
    round_of: dict[str, Path],
) -> None:
    options = ("--score", "score", "--outcome", "jobs", "--cutoff", "0")

    honest = koga("rd", round_of["honest"], *options, "--json")
    pushed = koga("rd", round_of["pushed"], *options, "--json")
    page = koga("rd", round_of["pushed"], *options)

    assert honest.returncode == 0
    assert set(json.loads(honest.stdout)["n"]) == {"all", "h", "b"}
    assert set(json.loads(honest.stdout)["bandwidths"]) == {"h", "b"}
    assert pushed.returncode == 1
    density = next(c for c in json.loads(pushed.stdout)["checks"] if c["name"] == "density")
    assert density["verdict"] == "fail"
    assert page.returncode == 1
    assert "Not to be read as an effect: density of scores" in page.stdout


def test_given_wrong_options_when_asked_then_every_one_is_a_problem(programme: Path) -> None:
    ran = koga("did", programme, *DID, "--control", "all", "--method", "ols", "--bands", "-3",
               "--json")  # fmt: skip

    told = json.loads(ran.stdout)["problems"]
    assert ran.returncode == 2
    assert [problem["where"] for problem in told] == ["--control", "--method", "--bands"]


@pytest.mark.parametrize("worth", ["nan", "inf", "-1", "0"])
def test_given_a_worth_that_is_no_size_when_asked_then_refused(
    worth: str, round_of: dict[str, Path]
) -> None:
    ran = koga("rd", round_of["honest"], "--score", "score", "--outcome", "jobs", "--cutoff", "0",
               "--worth", worth, "--json")  # fmt: skip

    told = json.loads(ran.stdout)["problems"]
    assert ran.returncode == 2
    assert [(each["code"], each["where"]) for each in told] == [("evaluate.option", "--worth")]


@pytest.mark.parametrize("quoted", ["{}", '"{}"'])
def test_given_rows_with_cells_too_few_or_too_many_when_asked_then_each_is_told_as_that(
    tmp_path: Path, quoted: str
) -> None:
    path = tmp_path / "ragged.csv"
    rows = ["u,t,g,y", "a,1,2,3", "a,2", "b", quoted.format("b") + ",1,2,3,4", "", "c,1,,2", ""]
    path.write_text("\n".join(rows) + "\n")

    ran = koga("did", path, "--outcome", "y", "--unit", "u", "--time", "t", "--first-treated", "g",
               "--json")  # fmt: skip

    told = json.loads(ran.stdout)["problems"]
    assert ran.returncode == 2
    assert {each["code"] for each in told} == {"evaluate.row_cells"}
    assert [(each["where"], each["value"]) for each in told][:3] == [
        ("row 2", "2"), ("row 3", "1"), ("row 4", "5"),
    ]  # fmt: skip


def test_given_a_wrong_column_when_asked_then_near_ones_are_named_and_nothing_is_traced(
    programme: Path,
) -> None:
    ran = koga("did", programme, "--outcome", "outcom", *DID[2:])

    assert ran.returncode == 2
    assert "outcome" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_given_one_supported_place_when_asked_then_sdid_answers(tmp_path: Path) -> None:
    generator = np.random.default_rng(2)
    rows = [
        (f"구{unit}", 2015 + time, int(unit == 0 and time >= 5),
         unit + time + 4 * (unit == 0 and time >= 5) + generator.normal(0, 0.2))
        for unit in range(8) for time in range(8)
    ]  # fmt: skip
    path = tmp_path / "d.csv"
    pl.DataFrame(rows, schema=["구", "연도", "지원", "고용"], orient="row").write_csv(path)

    ran = koga("sdid", path, "--outcome", "고용", "--unit", "구", "--time", "연도", "--treated",
               "지원", "--placebos", "20", "--json")  # fmt: skip

    told = json.loads(ran.stdout)
    assert ran.returncode == 0, ran.stdout
    assert told["estimates"][0]["name"] == "sdid"
    assert 3.5 < told["estimates"][0]["estimate"] < 4.5
    assert told["finding"]["treated_units"] == ["구0"]


def test_given_a_choice_called_a_lot_when_asked_then_the_answer_is_no(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    age = generator.normal(40, 8, 200)
    drawn = (age + generator.normal(0, 4, 200) > 40).astype(int)
    path = tmp_path / "e.csv"
    pl.DataFrame({"age": age, "drawn": drawn, "pay": age + 2 * drawn}).write_csv(path)

    ran = koga("experiment", path, "--outcome", "pay", "--treated", "drawn", "--covariates", "age",
               language="ko")  # fmt: skip

    assert ran.returncode == 1
    assert "효과로 읽을 수 없습니다: 사전 균형" in ran.stdout
