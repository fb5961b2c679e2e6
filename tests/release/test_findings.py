"""Findings in a release: no number without checks and interval, hashes of what is withheld."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from koga.core.problems import Refusal
from koga.release import manifest
from koga.release.build import build
from koga.release.diff import diff
from koga.release.keys import PublicKey
from koga.release.read import open_release
from koga.release.verify import verify
from tests.release.sample import build_sample, sample_head, sample_key, sample_tables
from tests.release.sample_findings import JOBS

Change = Callable[[dict[str, Any]], None]


def _cell(table: str, name: str, value: Any) -> Change:
    def change(tables: dict[str, Any]) -> None:
        tables[table][0][name] = value

    return change


def _unasked(tables: dict[str, Any]) -> None:
    tables["finding_checks"] = []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_cell("findings", "state", "warn"), "release.finding_state"),
        (_unasked, "release.finding_state"),
        (_cell("findings", "ci_low", None), "release.finding_bare"),
        (_cell("findings", "ci_low", Decimal("2.5")), "release.finding_bare"),
        (_cell("findings", "panel_sha256", None), "release.finding_bare"),
        (_cell("findings", "registered_on", date(2026, 8, 1)), "release.finding_registered"),
        (_cell("findings", "registration", "after"), "release.finding_registered"),
        (_cell("finding_estimates", "hidden", True), "release.finding_hidden"),
        (_cell("finding_points", "n", 4), "release.finding_few"),
    ],
)
def test_given_a_finding_that_says_too_much_when_built_then_refused(
    change: Change, code: str, tmp_path: Path
) -> None:
    tables: dict[str, Any] = sample_tables(60)
    change(tables)

    with pytest.raises(Refusal) as refused:
        build(tmp_path / "release", tables=tables, head=sample_head(), key=sample_key())

    assert code in {problem.code for problem in refused.value.problems}


def test_given_findings_when_released_then_the_manifest_vouches_for_what_is_withheld(
    sample: Path, public: PublicKey
) -> None:
    held = open_release(sample).manifest

    assert [each.name for each in held.withheld] == ["panel of ai-jobs", "panel of bio-sales"]
    assert held.withheld[0].sha256 == "12" * 32 and held.withheld[0].rows == 4_959
    told = json.loads((sample / "manifest.json").read_bytes())["withheld"][0]
    assert told["rerun"]["en"].startswith("the city's audit board")
    assert manifest.from_bytes(manifest.to_bytes(held)) == held
    assert {each.name: each.ok for each in verify(sample, public)}["withheld tables"]


def test_given_a_finding_computed_anew_when_releases_are_compared_then_it_moves_by_itself(
    tmp_path: Path,
) -> None:
    first, _ = build_sample(tmp_path / "first", 60, period="2025-H2")
    tables: dict[str, Any] = sample_tables(60)
    tables["findings"][0]["estimate"] = Decimal("2.4")
    gone = [row for row in tables["finding_estimates"] if row["finding"] == JOBS][-1]
    tables["finding_estimates"].remove(gone)
    build(tmp_path / "second", tables=tables, head=sample_head(), key=sample_key(), previous=first)

    compared = diff(open_release(first), open_release(tmp_path / "second"))

    moved = {table.table: table.changes for table in compared.tables}
    assert [change.explained for change in moved["findings"]] == ["moves"]
    assert [change.field for change in moved["finding_estimates"]] == ["*"]
    assert not any(table.unexplained for table in compared.tables if "finding" in table.table)
