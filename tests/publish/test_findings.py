"""From a registered plan and imported outcomes to the tables of a release, and back by a rerun."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from koga.cli import build_app
from koga.core.problems import Refusal
from koga.evaluate.cards import finding_rows
from koga.operate.ledger import clock
from koga.operate.outcomes import mapping as mappings
from koga.operate.outcomes import services as outcomes
from koga.publish import findings
from tests.evaluate.test_planned import TEXT
from tests.publish.books import agency, person, record

ENDS = {"hub": date(2026, 6, 30)}
MAPPING = """
kind = "outcomes"
series = "insured"
units = "code"
[fields]
unit = { column = "unit" }
month = { column = "month" }
metric = { constant = "employment" }
value = { column = "value" }
source = { constant = "insurer" }
coverage = { constant = "full" }
"""
EARLY, LATE = datetime(2024, 9, 2, tzinfo=UTC), datetime(2026, 7, 14, tzinfo=UTC)
Books = Callable[..., findings.Findings]


@pytest.fixture
def books(db: None, tmp_path: Path) -> Books:
    """Books in which 30 firms were supported and 30 not; answers what a release would say."""
    agency("hub", ("seed", "grant", "KRW"))
    operator, preparer = person("kim", "operator"), person("lee", "preparer")
    draw = Random(3)
    lines = ["unit,month,value"]
    for number in range(60):
        start = 4 + number % 2 if number < 30 else None
        level = draw.gauss(20, 3)
        if start is not None:
            day = date(2022 + start // 2, 2 + 6 * (start % 2), 1)
            row = record("hub", "seed", f"R{number}", 5_000_000, day)
            row.recipient_class, row.recipient, row.recipient_id = "named", "X", f"f{number}"
            row.save()
        for place in range(8):
            extra = 4 if start is not None and place >= start else 0
            value = round(level + draw.gauss(0, 1) + extra)
            lines.append(
                f"f{number},{2022 + place // 2}-{'06' if place % 2 == 0 else '12'},{value}"
            )
    file = tmp_path / "outcomes.csv"
    file.write_text("\n".join(lines))

    def made(*, registered: datetime = EARLY, seen: bool = True, amend: bool = False) -> Any:
        if seen:
            with clock.stopped_at(LATE):
                outcomes.import_file(file, mappings.parse(MAPPING, "outcomes"), person=operator)
        with clock.stopped_at(registered):
            outcomes.register_plan(TEXT, person=preparer)
        if amend:
            with clock.stopped_at(LATE + timedelta(days=3)):
                outcomes.register_plan(TEXT + "# later\n", person=preparer, reason="오타를 고침")
        return findings.carried_out(ENDS)

    return made


def test_given_a_plan_without_outcomes_when_released_then_it_stands_as_registered(
    books: Books,
) -> None:
    found = books(seen=False)

    (row,) = found.findings
    assert (row["state"], row["registration"], row["estimate"]) == ("registered", "before", None)
    assert row["registered_on"] == date(2024, 9, 2)
    assert found.estimates == found.checks == []
    assert found.plans == {"files/plans/jobs.toml": TEXT.encode()}


def test_given_outcomes_when_released_then_the_effect_its_checks_and_the_withheld_hash(
    books: Books,
) -> None:
    found = books()

    (row,) = found.findings
    assert row["state"] in ("ok", "warn")
    assert row["ci_low"] < 4 < row["ci_high"]
    assert (row["supported"], row["covered"], row["compared"]) == (30, 30, 30)
    assert (row["unit"], row["spent"], row["panel_rows"]) == ("KRW", 150_000_000, 480)
    assert {check["check"] for check in found.checks} >= {"pre_trend", "cohort_size", "power"}
    assert findings.carried_out(ENDS) == found


@pytest.mark.parametrize(
    ("given", "registration"),
    [({}, "before"), ({"amend": True}, "amended"),
     ({"registered": LATE + timedelta(days=1)}, "after")],
)  # fmt: skip
def test_given_the_order_of_plan_and_outcomes_when_released_then_it_is_said(
    books: Books, given: dict[str, Any], registration: str
) -> None:
    (row,) = books(**given).findings

    assert row["registration"] == registration
    assert row["amended_because"] == ("오타를 고침" if registration == "amended" else None)


def test_given_an_agency_that_did_not_sign_when_released_then_nothing_of_its_plans(
    books: Books,
) -> None:
    books(seen=False)

    assert findings.carried_out({}).findings == []


def test_given_a_signature_that_covers_less_when_released_then_later_firms_count_as_unsupported(
    books: Books,
) -> None:
    books()

    (row,) = findings.carried_out({"hub": date(2024, 6, 30)}).findings

    assert (row["supported"], row["compared"]) == (15, 45)


class Release:
    """What of an open release a rerun reads."""

    def __init__(self, found: findings.Findings, folder: Path) -> None:
        self.found, self.folder = found, folder

    def rows(self, table: str) -> list[dict[str, Any]]:
        named = {"findings": self.found.findings, "finding_estimates": self.found.estimates,
                 "finding_checks": self.found.checks,
                 "finding_points": self.found.points}  # fmt: skip
        return named[table]

    def file(self, path: str) -> Path:
        place = self.folder / Path(path).name
        place.write_bytes(self.found.plans[path])
        return place


def test_given_the_withheld_table_when_computed_again_then_every_figure_agrees_and_no_other_table(
    books: Books, tmp_path: Path
) -> None:
    release = Release(books(), tmp_path)
    auditor = person("park", "auditor")
    panel = findings.withheld_panel("jobs", ENDS, person=auditor)

    again = finding_rows.rerun(release, "jobs", panel.csv())
    other = finding_rows.rerun(release, "jobs", panel.csv().replace(b"2022-H1", b"2021-H1", 1))
    release.found.estimates[3]["estimate"] += 1
    changed = finding_rows.rerun(release, "jobs", panel.csv())

    assert again.ok and again.estimates == len(release.found.estimates)
    assert (other.ok, other.held) == (False, False)
    assert [where.rsplit("/", 1)[1] for where, _, _ in changed.differing] == ["estimate"]


def test_given_a_preparer_when_asking_for_the_withheld_table_then_refused(books: Books) -> None:
    books()

    with pytest.raises(Refusal) as refused:
        findings.withheld_panel("jobs", ENDS, person=person("choi", "preparer"))

    assert [problem.code for problem in refused.value.problems] == ["parties.role"]


def test_given_a_plan_file_when_registered_by_command_then_its_hash_and_what_was_opened(
    books: Books, tmp_path: Path
) -> None:
    books()
    file = tmp_path / "plan.toml"
    file.write_text(TEXT.replace('plan = "jobs"', 'plan = "more-jobs"'))

    ran = CliRunner().invoke(
        build_app(), ["evaluate", "register", str(file), "--as", "lee", "--json"]
    )

    told = json.loads(ran.stdout)
    assert ran.exit_code == 0
    assert (told["plan"], told["version"]) == ("more-jobs", 1)
    assert told["outcomes_opened_at"] == LATE.isoformat() < told["registered_at"]
