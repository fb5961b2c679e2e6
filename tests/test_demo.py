"""The demonstration: a fictional city from nothing, verified by someone who trusts only a key."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("demo")


def koga(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("KOGA", "DJ"))}
    return subprocess.run(
        [sys.executable, "-m", "koga.cli", *words],
        cwd=folder, env=plain | settings, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("demo")
    ran = koga(folder, "demo", "--no-serve", "--json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout) | {"folder": folder}


def table(release: str, name: str) -> list[dict[str, Any]]:
    lines = (Path(release) / "data" / f"{name}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_given_both_releases_when_verified_without_any_setting_then_everything_holds(city) -> None:
    first, second = city["releases"]

    alone = koga(city["folder"], "release", "verify", first, "--public-key", city["public_key"])
    since = koga(
        city["folder"], "release", "verify", second, "--public-key", city["public_key"],
        "--since", f"{first}/checkpoint", "--json",
    )  # fmt: skip

    assert alone.returncode == 0, alone.stdout
    assert json.loads(since.stdout)["ok"] is True


def test_given_the_books_when_held_against_the_release_then_they_were_not_rewritten(city) -> None:
    ran = koga(
        city["folder"], "ledger", "check", "--against", city["release"], "--json",
        KOGA_DATABASE_URL=city["books"],
    )  # fmt: skip

    assert json.loads(ran.stdout)["checks"]
    assert ran.returncode == 0, ran.stdout


def test_given_two_releases_when_compared_then_every_change_is_explained(city) -> None:
    ran = koga(city["folder"], "release", "diff", *city["releases"], "--json")

    assert ran.returncode == 0, ran.stdout[:2000]


def test_given_late_and_silent_agencies_when_published_then_by_name_and_without_records(
    city,
) -> None:
    due = {
        row["agency"]: row for row in table(city["release"], "due") if row["period"] == "2026-H1"
    }
    records = table(city["release"], "records")

    assert due["design"]["state"] == "missing"
    assert due["logistics"]["reason"]
    assert due["logistics"]["records_left_out"] > 0
    assert due["energy"]["state"] == "nil"
    assert not [
        row for row in records if row["agency"] == "design" and row["awarded_on"] >= "2025-07-01"
    ]


def test_given_scholars_when_published_then_no_one_is_named(city) -> None:
    scholars = [
        row for row in table(city["release"], "records") if row["programme"] == "university-scholar"
    ]

    assert scholars
    assert {(row["recipient_class"], row["recipient"] or "") for row in scholars} == {
        ("person", "")
    }


def test_given_a_correction_when_published_then_old_new_and_why(city) -> None:
    corrected = table(city["release"], "corrections")

    assert any(row["table"] == "records" and row["old"] and row["reason"] for row in corrected)
    assert any(row["table"] == "statement_lines" for row in corrected)


def test_given_records_in_won_hours_places_and_space_when_summed_then_as_the_flows_say(
    city,
) -> None:
    delivered: dict[tuple[str, str], int] = defaultdict(int)
    for row in table(city["release"], "flows"):
        if row["stage"] == "delivered":
            delivered[row["programme"], row["unit"]] += row["amount"]
    recorded: dict[tuple[str, str], int] = defaultdict(int)
    for row in table(city["release"], "records"):
        recorded[row["programme"], row["unit"]] += row["amount"]

    assert dict(recorded) == dict(delivered)
    assert {unit for _, unit in recorded} == {"KRW", "GPU-HOUR-H100", "SEAT", "M2-DAY"}


def test_given_the_same_seed_when_built_again_then_the_same_tables(
    city, tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = tmp_path_factory.mktemp("again")
    other = json.loads(koga(again, "demo", "--no-serve", "--json").stdout)

    for name in ("records", "flows", "statements", "promises", "due"):
        assert table(other["release"], name) == table(city["release"], name)


def test_given_a_finished_demonstration_when_asked_again_then_it_is_not_built_anew(city) -> None:
    before = (Path(city["release"]) / "manifest.json").stat().st_mtime_ns

    ran = koga(city["folder"], "demo", "--no-serve", "--json")

    assert ran.returncode == 0
    assert (Path(city["release"]) / "manifest.json").stat().st_mtime_ns == before


def test_given_an_unknown_size_when_asked_for_then_said(tmp_path: Path) -> None:
    ran = koga(tmp_path, "demo", "--size", "huge", "--json")

    assert ran.returncode == 2
    assert json.loads(ran.stdout)["problems"][0]["code"] == "demo.size"


BUILD = """
import sys
from pathlib import Path
from koga.web.books import initialise
initialise()
from koga.demo import build
build.city(Path(sys.argv[1]), scale=1, step=lambda ko, en: None)
"""


@pytest.mark.postgres
def test_given_postgresql_when_the_city_is_built_on_it_then_the_same_tables(
    city, postgres: Any, tmp_path: Path
) -> None:
    (tmp_path / "keys").mkdir()
    postgres.psql("CREATE DATABASE city")
    settings = os.environ | {"KOGA_DATABASE_URL": postgres.get_uri(database="city")}

    subprocess.run([sys.executable, "-c", BUILD, str(tmp_path)], env=settings, check=True)

    other = str(tmp_path / "releases" / "2026-H1")
    for name in ("records", "flows", "statements", "statement_lines", "promises", "due"):
        assert table(other, name) == table(city["release"], name)
