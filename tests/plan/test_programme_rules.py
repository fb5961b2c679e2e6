"""Mistakes in the parts of a programme are named at their place, in both languages."""

from pathlib import Path

import pytest

from koga.plan.schemes import scheme

CASES = [
    ("leaving_rate           = {", "leaving_rat            = {", "plan.part_needs",
     "programme.sesac.leaving_rate"),
    ("life_years        = {", "placement_share   = {", "plan.part_needs",
     "programme.gpu.life_years"),
    ("2  = { value = 0.23", "2a  = { value = 0.23", "plan.months",
     "programme.sesac.track.found_work.2a"),
    ("12 = { value = 0.65", "13 = { value = 0.65", "plan.months",
     "programme.sesac.track.found_work.13"),
    ("6  = { value = 0.49, basis = \"assumed\", low = 0.4",
     "6  = { value = 0.2, basis = \"assumed\", low = 0.2", "plan.found_work_falls",
     "programme.sesac.track.found_work.6"),
    ("ai_share             = { value = 0.45, basis = \"assumed\", low = 0.3, high = 0.65",
     "ai_share             = { value = 0.99, basis = \"assumed\", low = 0.3, high = 1",
     "plan.found_where", "programme.sesac.track.ai_share"),
    ("intakes              = {", "intake               = {", "scheme.missing",
     "programme.sesac.track.intakes"),
    ("elasticity = { value = 0.2,", "elasticity = { value = -0.2,", "scheme.too_small",
     "equity_market.elasticity"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "where"), CASES)
def test_given_one_mistake_when_checked_then_it_is_named_at_its_place(
    root: Path, old: str, new: str, code: str, where: str
) -> None:
    text = (root / "schemes" / "koga-500.toml").read_text()
    assert old in text

    problems = scheme.check(text.replace(old, new, 1))

    found = [problem for problem in problems if (problem.code, problem.where) == (code, where)]
    assert len(found) == 1
    assert found[0].details["line"] > 0
    assert all(problem.message(side) for problem in problems for side in ("ko", "en"))
