"""Outcomes come in as observations: once, corrected by new rows, refused row by row."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from koga.core.problems import Refusal
from koga.operate.outcomes import mapping as mappings
from koga.operate.outcomes import selectors
from koga.operate.outcomes.models import Application, Observation, Receipt
from tests.operate.outcomes.conftest import APPLICATIONS, MORNING, OUTCOMES, Run

FILE = """사업자등록번호,기준월,인원
123-45-67891,2025-03,12
123-45-67891,2025-06,14
220-81-62517,202503,"1,003"
"""


def problems(refused: Any) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def test_given_a_file_when_imported_twice_then_it_stands_once(run: Run) -> None:
    first, again = run(FILE), run(FILE)

    assert (first.read, first.added, first.refused) == (3, 3, {})
    assert (again.added, again.unchanged) == (0, 3)
    assert selectors.observations("insured", "employment").rows() == [
        ("1234567891", "2025-03", 12.0),
        ("1234567891", "2025-06", 14.0),
        ("2208162517", "2025-03", 1003.0),
    ]


def test_given_a_dry_run_when_answered_then_nothing_was_written(run: Run) -> None:
    outcome = run(FILE, dry_run=True)

    assert outcome.added == 3 and outcome.receipt is None
    assert not Observation.objects.exists() and not Receipt.objects.exists()


def test_given_rows_that_cannot_stand_when_imported_then_each_says_why_and_the_rest_goes_in(
    run: Run,
) -> None:
    wrong = FILE + (
        ",2025-03,1\n"  # nobody
        "987-65-43210,2025-13,1\n"  # no such month
        "987-65-43210,2027-01,1\n"  # not yet
        "987-65-43210,2025-04,많음\n"  # no number
        "987-65-43210,2025-05,3.5\n"  # half a person
        "987-65-43210,2025-06,-2\n"
        "123-45-67891,2025-03,13\n"  # the first row's key
    )

    outcome = run(wrong)

    assert outcome.added == 3
    assert {row: [each.code for each in found] for row, found in outcome.refused.items()} == {
        4: ["imports.blank"],
        5: ["outcomes.month"],
        6: ["outcomes.later"],
        7: ["money.unreadable"],
        8: ["outcomes.value"],
        9: ["outcomes.value"],
        10: ["imports.twice"],
    }


def test_given_a_changed_value_when_imported_plainly_then_refused_and_as_a_whole_export_a_version(
    run: Run,
) -> None:
    run(FILE)
    changed = FILE.replace("2025-06,14", "2025-06,11").replace('220-81-62517,202503,"1,003"\n', "")

    plain = run(changed)
    whole = run(changed, snapshot=True, reason="신고를 고침")

    assert [found[0].code for found in plain.refused.values()] == ["imports.changed"]
    assert (whole.corrected, whole.vanished, whole.unchanged) == (1, 1, 1)
    kept = Observation.objects.filter(month="2025-06").order_by("version")
    assert [(row.version, row.value) for row in kept] == [(1, Decimal(14)), (2, Decimal(11))]
    assert selectors.observations("insured", "employment")["value"].to_list() == [12, 11, 1003]


def test_given_a_whole_export_when_no_reason_is_given_then_refused(run: Run) -> None:
    with pytest.raises(Refusal) as refused:
        run(FILE, snapshot=True)

    assert problems(refused) == ["imports.reason"]


def test_given_someone_who_is_no_operator_when_importing_then_refused(
    run: Run, preparer: Any
) -> None:
    with pytest.raises(Refusal) as refused:
        run(FILE, person=preparer)

    assert problems(refused) == ["parties.role"]


def test_given_a_rate_when_its_metric_is_asked_for_then_there_is_none(run: Run) -> None:
    outcome = run(FILE, OUTCOMES.replace('"employment"', '"employment_rate"'))

    assert {found[0].code for found in outcome.refused.values()} == {"imports.choice"}


def test_given_persons_when_imported_then_only_an_opaque_number_stands(run: Run) -> None:
    run(FILE, OUTCOMES.replace('units = "business"', 'units = "person"'))

    units = set(Observation.objects.values_list("unit", flat=True))
    assert len(units) == 2
    assert all(unit.startswith("p") and "123" not in unit[:4] for unit in units)


def test_given_applications_when_imported_then_the_refused_stand_with_score_and_amount(
    run: Run, preparer: Any
) -> None:
    text = (
        "회차,번호,결과,점수,결정일,신청액\n"
        "2025-1,123-45-67891,선정,81.5,2025-02-01,\"30,000,000\"\n"
        "2025-1,220-81-62517,탈락,64.25,2025-02-01,\"45,000,000\"\n"
        "2025-1,987-65-43210,보류,,2025-02-01,\n"
    )  # fmt: skip

    outcome = run(text, APPLICATIONS)

    assert {row: found[0].code for row, found in outcome.refused.items()} == {3: "imports.choice"}
    refused = Application.objects.get(answer="refused")
    assert (refused.unit, refused.score, refused.asked) == (
        "2208162517", Decimal("64.25"), 45_000_000,
    )  # fmt: skip
    assert selectors.applications("seed").rows() == [
        ("1234567891", "2025-1", 81.5, 70.0, True),
        ("2208162517", "2025-1", 64.25, 70.0, False),
    ]


@pytest.mark.parametrize("table", ["outcomes_observation", "outcomes_receipt"])
@pytest.mark.parametrize("act", ["UPDATE {table} SET id = id", "DELETE FROM {table}"])
def test_given_an_observation_when_the_database_is_told_to_change_it_then_it_refuses(
    run: Run, table: str, act: str
) -> None:
    run(FILE)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        connection.cursor().execute(act.format(table=table))


def test_given_two_imports_when_asked_then_outcomes_were_opened_with_the_first(run: Run) -> None:
    assert selectors.opened_at("insured", "employment") is None
    run(FILE)
    run(FILE + "987-65-43210,2025-03,5\n", at=MORNING + timedelta(days=9))

    assert selectors.opened_at("insured", "employment") == MORNING
    assert selectors.opened_at("insured", "sales") is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('kind = "outcomes"', 'kind = "applications"'), "outcomes.mapping_kind"),
        (("[fields.month]", "[fields.when]"), "outcomes.mapping_key"),
        (('column = "인원"', ""), "outcomes.mapping_value"),
        (('units = "business"', 'units = "family"'), "outcomes.mapping_value"),
        (('series = "insured"', 'serie = "insured"'), "outcomes.mapping_key"),
        (("[fields.source]\n", "[fields.source]\nmap = 3\n"), "outcomes.mapping_value"),
    ],
)
def test_given_a_wrong_mapping_when_read_then_it_says_where(
    change: tuple[str, str], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        mappings.parse(OUTCOMES.replace(*change), "outcomes")

    assert code in problems(refused)
