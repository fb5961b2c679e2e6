"""`koga release …` and `koga key …`: answers, exit codes, no database."""

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from koga.cli import build_app
from koga.release.keys import load, load_public
from tests.release.sample import build_sample, sample_key


def run(*words: object) -> Result:
    return CliRunner().invoke(build_app(), [str(word) for word in words])


def answered(result: Result) -> dict[str, Any]:
    return json.loads(result.stdout)  # type: ignore[no-any-return]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "city.pub"
    file.write_text(sample_key().public.text + "\n")
    return file


def test_given_a_new_key_when_made_then_the_files_hold_it(tmp_path: Path) -> None:
    result = run("key", "new", tmp_path / "k", "--name", "city.example/koga", "--json")

    told = answered(result)
    assert result.exit_code == 0
    assert stat.S_IMODE(Path(told["private_key"]).stat().st_mode) == 0o600
    assert load_public(Path(told["public_key"])) == load(tmp_path / "k").public
    assert told["key"] == load(tmp_path / "k").public.text
    assert answered(run("key", "show", tmp_path / "k", "--json")) == told


def test_given_a_key_that_exists_when_made_again_then_it_is_refused(tmp_path: Path) -> None:
    run("key", "new", tmp_path / "k")

    result = run("key", "new", tmp_path / "k", "--json")

    assert result.exit_code == 2
    assert {each["code"] for each in answered(result)["problems"]} == {"release.key_exists"}


def test_given_a_sound_release_when_verified_then_the_answer_is_yes(
    sample: Path, key_file: Path
) -> None:
    result = run("release", "verify", sample, "--public-key", key_file, "--json")

    told = answered(result)
    assert result.exit_code == 0
    assert (told["ok"], told["release"]) == (True, "hannuri-2026-H1")
    records = next(each for each in told["files"] if each["path"] == "data/records.csv")
    assert records["rows"] == 120
    assert {each["unit"] for each in records["sums"]} == {"KRW", "GPU-HOUR-H100", "SEAT", "M2-DAY"}
    assert all(type(each["amount"]) is int for each in records["sums"])
    assert all(set(each) >= {"name", "ok", "file"} for each in told["checks"])


def test_given_a_damaged_release_when_verified_then_the_answer_is_no_with_the_file(
    copied: Path, key_file: Path
) -> None:
    with (copied / "data/due.parquet").open("ab") as target:
        target.write(b"x")

    result = run("release", "verify", copied, "--public-key", key_file, "--json")

    told = answered(result)
    assert result.exit_code == 1
    assert told["ok"] is False
    assert [each["file"] for each in told["checks"] if not each["ok"]] == ["data/due.parquet"]
    assert "data/due.parquet" in run("release", "verify", copied, "--public-key", key_file).stdout


@pytest.mark.parametrize("name", ["manifest.json", "checkpoint"])
def test_given_no_manifest_or_checkpoint_when_verified_then_the_answer_is_no(
    copied: Path, key_file: Path, name: str
) -> None:
    (copied / name).unlink()

    result = run("release", "verify", copied, "--public-key", key_file, "--json")

    assert result.exit_code == 1
    assert answered(result)["ok"] is False
    assert name in {each["file"] for each in answered(result)["checks"] if not each["ok"]}


def test_given_an_oddly_named_file_when_verified_then_the_answer_is_still_json(
    copied: Path, key_file: Path
) -> None:
    import os

    (copied / os.fsdecode(b"odd\xff")).write_text("x")

    result = run("release", "verify", copied, "--public-key", key_file, "--json")

    assert (result.exit_code, answered(result)["ok"]) == (1, False)


@pytest.mark.parametrize("what", ["folder", "key", "since"])
def test_given_something_that_is_not_there_when_verified_then_it_is_wrong_use(
    sample: Path, key_file: Path, tmp_path: Path, what: str
) -> None:
    none = tmp_path / "none"
    words: list[object] = ["release", "verify", none if what == "folder" else sample,
                           "--public-key", none if what == "key" else key_file]  # fmt: skip
    words += ["--since", none] if what == "since" else []

    result = run(*words, "--json")

    assert result.exit_code == 2
    assert answered(result)["problems"][0]["message"].keys() == {"ko", "en"}


def test_given_two_releases_when_compared_then_the_answer_says_why(
    tmp_path: Path, sample: Path
) -> None:
    first = build_sample(tmp_path / "first", 120, period="2025-H2")[0]

    result = run("release", "diff", first, sample, "--json")

    records = next(each for each in answered(result)["tables"] if each["table"] == "records")
    assert result.exit_code == 0
    assert answered(result)["explained"] is True
    assert [each["row"] for each in records["removed"]] == ["HN-TWICE"]
    assert "HN-TWICE" in run("release", "diff", first, sample).stdout
    backwards = run("release", "diff", sample, first, "--json")
    assert (backwards.exit_code, answered(backwards)["explained"]) == (1, False)


def test_given_a_figure_when_explained_then_the_answer_has_its_lines(sample: Path) -> None:
    figure = "records.amount[unit=GPU-HOUR-H100]"

    told = answered(run("release", "explain", sample, figure, "--json"))

    assert told["rows"] == len(told["lines"]) > 0
    assert told["totals"] == [
        {"amount": sum(each["amount"] for each in told["lines"]), "unit": "GPU-HOUR-H100"}
    ]
    assert "data/records.jsonl:" in run("release", "explain", sample, figure).stdout
    assert run("release", "explain", sample, "nonsense").exit_code == 2


def test_given_no_settings_when_verified_in_its_own_process_then_no_django_is_loaded(
    sample: Path, key_file: Path
) -> None:
    code = (
        "import sys, koga.cli\n"
        "sys.argv = ['koga', *sys.argv[1:]]\n"
        "try:\n    koga.cli.main()\n"
        "finally:\n    assert 'django' not in sys.modules, 'django was loaded'\n"
    )
    for words in (
        ["verify", str(sample), "--public-key", str(key_file)],
        ["diff", str(sample), str(sample)],
        ["explain", str(sample), "records.rows"],
    ):
        ran = subprocess.run(
            [sys.executable, "-c", code, "release", *words],
            capture_output=True, text=True, check=False, env={"LANG": "C"},
        )  # fmt: skip
        assert (ran.returncode, ran.stderr) == (0, ""), words
