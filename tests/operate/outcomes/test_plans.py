"""A plan is registered as it is written, before outcomes are opened; amending it leaves a trace."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from koga.core.problems import Refusal
from koga.evaluate.panels import planned
from koga.operate.ledger import clock
from koga.operate.outcomes import selectors, services
from koga.operate.outcomes.models import Registration
from tests.operate.outcomes.conftest import MORNING, PLAN

AMENDED = PLAN.replace('to = "2025-Q4"', 'to = "2026-Q1"')


def test_given_a_plan_when_registered_twice_then_it_stands_once_with_hash_and_moment(
    preparer: Any,
) -> None:
    with clock.stopped_at(MORNING):
        plan = services.register_plan(PLAN, person=preparer)
    services.register_plan(PLAN, person=preparer)

    (held,) = selectors.plans()
    assert (held.plan, held.version, held.first_at) == ("seed-jobs", 1, MORNING)
    assert held.sha256 == plan.sha256 == planned.parse(PLAN).sha256


def test_given_another_text_when_registered_then_only_with_a_reason_and_both_stay(
    preparer: Any,
) -> None:
    with clock.stopped_at(MORNING):
        services.register_plan(PLAN, person=preparer)
    with pytest.raises(Refusal) as refused:
        services.register_plan(AMENDED, person=preparer)
    with clock.stopped_at(MORNING + timedelta(days=30)):
        services.register_plan(AMENDED, person=preparer, reason="창을 한 분기 늘림")

    assert [problem.code for problem in refused.value.problems] == ["outcomes.plan_changed"]
    (held,) = selectors.plans()
    assert (held.version, held.first_at, held.reason) == (2, MORNING, "창을 한 분기 늘림")
    assert Registration.objects.count() == 2


def test_given_a_registered_plan_when_the_database_is_told_to_change_it_then_it_refuses(
    preparer: Any,
) -> None:
    services.register_plan(PLAN, person=preparer)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Registration.objects.update(sha256="0" * 64)


def test_given_someone_without_the_role_when_registering_then_refused(
    preparer: Any, operator: Any
) -> None:
    with pytest.raises(Refusal) as refused:
        services.register_plan(PLAN, person=operator)

    assert [problem.code for problem in refused.value.problems] == ["parties.role"]


def test_given_an_unknown_programme_when_registering_then_refused(operator: Any) -> None:
    with pytest.raises(Refusal) as refused:
        services.register_plan(PLAN, person=operator)

    assert [problem.code for problem in refused.value.problems] == ["outcomes.programme"]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ('design = "did"', 'design = "guess"', ["evaluate.plan_choice"]),
        ("[estimand]", "[estimands]", ["evaluate.plan_key", "evaluate.plan_missing"]),
        ('from = "2025-Q1"', 'from = "2025-Q5"', ["evaluate.plan_choice"]),
        ('from = "2025-Q1"', 'from = "2026-Q3"', ["evaluate.plan_window"]),
        ('metric = "employment"', "metric = 3", ["evaluate.plan_kind"]),
        ('en = "firms"', "", ["evaluate.plan_missing"]),
        ("[units]", "[units", ["evaluate.plan_file"]),
    ],
)
def test_given_a_wrong_plan_when_read_then_every_problem_is_told(
    old: str, new: str, codes: list[str]
) -> None:
    with pytest.raises(Refusal) as refused:
        planned.parse(PLAN.replace(old, new, 1))

    assert sorted(problem.code for problem in refused.value.problems) == codes
