"""The demonstration: a fictional city from nothing, verified by someone who trusts only a key."""

import json
import os
import re
import shlex
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


@pytest.fixture(scope="module")
def findings(city) -> dict[str, dict[str, Any]]:
    return {row["finding"]: row for row in table(city["release"], "findings")}


def test_given_a_planted_effect_when_evaluated_then_it_lies_in_its_interval(findings) -> None:
    from koga.demo import outcomes

    found, planted = findings["seed-jobs"], outcomes.ALL[0]
    cohorts = dict.fromkeys(range(2024 * 2 + 1, 2026 * 2 + 1), 1)
    true = outcomes.true_effect(planted, cohorts)

    assert planted.plan == "seed-jobs"
    assert float(found["ci_low"]) < true < float(found["ci_high"])
    assert found["state"] in ("ok", "warn")
    assert float(found["ci_low"]) > 0


def test_given_a_programme_without_effect_when_evaluated_then_none_is_found(findings) -> None:
    found = findings["export-jobs"]

    assert float(found["ci_low"]) < 0 < float(found["ci_high"])
    assert found["state"] in ("ok", "warn")


def test_given_firms_that_grew_before_when_evaluated_then_it_is_published_as_failed(
    city, findings
) -> None:
    checks = {
        row["check"]: row
        for row in table(city["release"], "finding_checks")
        if row["finding"] == "loan-jobs"
    }

    assert findings["loan-jobs"]["state"] == "fail"
    assert checks["pre_trend"]["verdict"] == "fail"
    assert checks["pre_trend"]["reason_ko"] and checks["pre_trend"]["reason_en"]


def test_given_plans_when_published_then_registered_before_outcomes_and_vouched_for(
    city, findings
) -> None:
    first, second = (json.loads((Path(path) / "manifest.json").read_text())
                     for path in city["releases"])  # fmt: skip
    earlier = table(city["releases"][0], "findings")

    assert {row["registration"] for row in findings.values()} == {"before"}
    assert {row["state"] for row in earlier} == {"registered"}
    assert all(row["registered_on"] < row["opened_on"] for row in findings.values())
    assert "withheld" not in first
    assert {each["sha256"] for each in second["withheld"]} == {
        row["panel_sha256"] for row in findings.values()
    }


def test_given_an_auditor_when_the_finding_is_computed_again_then_every_figure_agrees(city) -> None:
    books = {"KOGA_DATABASE_URL": city["books"]}
    panel = str(city["folder"] / "panel.csv")
    taken = koga(
        city["folder"], "evaluate", "withheld", "seed-jobs", "--period", "2026-H1", "--out", panel,
        "--as", "auditor", **books,
    )  # fmt: skip

    ran = koga(city["folder"], "evaluate", "rerun", city["release"], "seed-jobs", panel, "--json")

    assert taken.returncode == 0, taken.stderr
    assert ran.returncode == 0, ran.stdout
    assert json.loads(ran.stdout)["differing"] == []


def test_given_the_how_to_when_its_commands_are_run_then_they_print_what_it_shows(
    city, root: Path
) -> None:
    folder = root / "docs" / "how-to"
    pages = {
        language: (folder / f"from-release-to-card{suffix}").read_text()
        for language, suffix in (("en", ".md"), ("ko", ".ko.md"))
    }
    commands = {
        language: re.findall(r"```sh\n(.*?)```\n```text\n(.*?)```", page, re.DOTALL)
        for language, page in pages.items()
    }

    for asked, shown in commands["en"]:
        said = ""
        for line in asked.splitlines():
            ran = koga(city["folder"], *shlex.split(line)[1:], KOGA_LANGUAGE="en",
                       KOGA_DATABASE_URL=city["books"])  # fmt: skip
            said += ran.stdout
        assert said == shown, asked
    assert [asked for asked, _ in commands["ko"]] == [asked for asked, _ in commands["en"]]
    hashes = [re.findall("[0-9a-f]{64}", page) for page in pages.values()]
    assert hashes[0] == hashes[1] != []


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
def test_given_the_same_seed_when_built_again_on_postgresql_then_the_same_tables(
    city, postgres: Any, tmp_path: Path
) -> None:
    (tmp_path / "keys").mkdir()
    postgres.psql("CREATE DATABASE city")
    settings = os.environ | {"KOGA_DATABASE_URL": postgres.get_uri(database="city")}

    subprocess.run([sys.executable, "-c", BUILD, str(tmp_path)], env=settings, check=True)

    other = str(tmp_path / "releases" / "2026-H1")
    for name in ("records", "flows", "statements", "statement_lines", "promises", "due",
                 "findings", "finding_estimates", "finding_checks"):  # fmt: skip
        assert table(other, name) == table(city["release"], name)
