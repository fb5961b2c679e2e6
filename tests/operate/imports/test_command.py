"""`koga import` as scripts use it: the JSON of the contract, exit codes, nothing but that."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.operate.imports import registers

KOGA = [sys.executable, "-m", "koga.cli"]
ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("KOGA_")},
    "KOGA_PASSWORD": "spring-rain-77",
    "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
    "LANG": "C.UTF-8",
}


def koga(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*KOGA, *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def answer_of(folder: Path, *arguments: str) -> dict[str, Any]:
    ran = koga(folder, *arguments, "--json")
    assert ran.returncode == 0, ran.stderr + ran.stdout
    assert ran.stderr == ""
    return json.loads(ran.stdout)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books with an operator and the mapping of a register, made once."""
    place = tmp_path_factory.mktemp("empty")
    assert koga(place, "init").returncode == 0
    assert koga(place, "user", "add", "kim", "--role", "operator").returncode == 0
    (place / "map.toml").write_text(registers.MAPPING)
    return place


@pytest.fixture(scope="module")
def folder(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of them, and a register."""
    place = Path(shutil.copytree(empty, tmp_path_factory.mktemp("books"), dirs_exist_ok=True))
    registers.write(place, "damaged.csv", registers.damaged())
    return place


def test_given_a_damaged_register_when_tried_imported_and_repeated_then_the_contract_holds(
    folder: Path,
) -> None:
    common = ("import", "awards", "damaged.csv", "--mapping", "map.toml", "--as", "kim")
    dry = answer_of(folder, *common, "--dry-run")
    real = answer_of(folder, *common)
    again = answer_of(folder, *common)

    good = 40 - len(registers.DAMAGES)
    for answer, added in ((dry, good), (real, good), (again, 0)):
        assert (answer["read"], answer["added"]) == (40, added)
        assert (answer["unchanged"], answer["refused"]) == (good - added, len(registers.DAMAGES))
        assert (answer["corrected"], answer["vanished"]) == (0, 0)
        assert {row["row"] for row in answer["rows_refused"]} == set(registers.DAMAGES)
    assert dry["rows_refused"] == real["rows_refused"]
    assert dry["totals"] == real["totals"]
    problem = real["rows_refused"][0]["problems"][0]
    assert set(problem) == {"code", "where", "value", "message"}
    assert problem["message"]["ko"].startswith("3행 금액")
    (total,) = real["totals"]
    assert (total["unit"], total["scale"], again["totals"][0]["amount"]) == ("KRW", 0, 0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("none.csv", "--mapping", "map.toml", "--as", "kim"), "imports.no_file"),
        (("damaged.csv", "--mapping", "none.toml", "--as", "kim"), "imports.mapping_file"),
        (("damaged.csv", "--mapping", "map.toml", "--as", "lee"), "parties.unknown_login"),
        (("map.toml", "--mapping", "map.toml", "--as", "kim"), "imports.header"),
    ],
)
def test_given_wrong_use_when_imported_then_exit_two_with_problems_in_both_languages(
    folder: Path, arguments: tuple[str, ...], code: str
) -> None:
    ran = koga(folder, "import", "awards", *arguments, "--json")

    assert ran.returncode == 2
    problems = json.loads(ran.stdout)["problems"]
    assert {problem["code"] for problem in problems} == {code}
    assert all(problem["message"][language] for problem in problems for language in ("ko", "en"))


def test_given_a_person_at_the_terminal_when_imported_then_words_and_no_bar(folder: Path) -> None:
    ran = koga(
        folder, "import", "awards", "damaged.csv", "--mapping", "map.toml", "--as", "kim",
        "--dry-run",
    )  # fmt: skip

    assert ran.returncode == 0
    assert "nothing was written" in ran.stdout
    assert "row 3, Amount" in ran.stdout
    assert ran.stderr == ""


def test_given_vanished_records_when_decided_by_command_then_listed_no_more(folder: Path) -> None:
    registers.write(folder, "whole.csv", registers.as_csv(registers.lines(50, seed=3)))
    registers.write(folder, "less.csv", registers.as_csv(registers.lines(50, seed=3)[:48]))
    (folder / "other.toml").write_text(
        registers.MAPPING.replace('"hannuri"', '"other"').replace('"HN"', '"OT"')
    )
    common = ("--mapping", "other.toml", "--as", "kim")
    answer_of(folder, "import", "awards", "whole.csv", *common)
    gone = answer_of(folder, "import", "awards", "less.csv", *common, "--snapshot")
    listed = answer_of(folder, "import", "vanished", "--register", "other")["vanished"]
    decided = answer_of(
        folder, "import", "decide", "OT-49", "--decision", "withdraw", "--reason", "중복",
        "--as", "kim",
    )  # fmt: skip
    rest = answer_of(folder, "import", "vanished")["vanished"]

    assert gone["rows_vanished"] == ["OT-49", "OT-50"]
    assert [row["record"] for row in listed] == ["OT-49", "OT-50"]
    assert len(decided["entries"]) == 1
    assert [row["record"] for row in rest] == ["OT-50"]


@pytest.mark.faults
@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_given_kill_9_in_the_middle_when_looked_at_then_all_of_it_or_nothing(
    empty: Path, tmp_path: Path, seconds: float
) -> None:
    shutil.copytree(empty, tmp_path, dirs_exist_ok=True)
    count = 6_000
    registers.write(tmp_path, "big.csv", registers.as_csv(registers.lines(count)))
    common = ("import", "awards", "big.csv", "--mapping", "map.toml", "--as", "kim")

    running = subprocess.Popen(
        [*KOGA, *common], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.DEVNULL
    )
    journal = tmp_path / "var" / "books.sqlite3-wal"
    for _ in range(600):  # the transaction has begun to write
        begun = journal.exists() and journal.stat().st_size > 500_000
        if begun or running.poll() is not None:
            break
        time.sleep(0.05)
    time.sleep(seconds)
    running.kill()
    running.wait()

    found = answer_of(tmp_path, *common)
    assert (found["added"], found["unchanged"]) in ((count, 0), (0, count))
    checked = koga(tmp_path, "ledger", "check", "--json")
    assert checked.returncode == 0
    assert all(check["ok"] for check in json.loads(checked.stdout)["checks"])
