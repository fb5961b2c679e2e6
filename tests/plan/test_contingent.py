"""Promises to pay, and the five questions to answer before they are made."""

from pathlib import Path

import pytest

from koga.plan.schemes import contingent, scheme
from koga.plan.schemes.declared_fiscal import QUESTIONS
from koga.plan.schemes.shape import Scheme


def loaded(root: Path, name: str) -> Scheme:
    return scheme.load(root / "schemes" / f"{name}.toml")


def changed(root: Path, old: str, new: str) -> str:
    text = (root / "schemes" / "small.toml").read_text()
    assert old in text
    return text.replace(old, new, 1)


def test_given_the_national_fund_when_asked_then_its_promises_are_bonds_and_three_first_losses(
    root: Path,
) -> None:
    found = contingent.liabilities(loaded(root, "national-growth-150"))

    assert [(one.kind, one.name, one.entry) for one in found] == [
        ("bonds", "guaranteed_bonds", "bond_guarantee"),
        ("first_loss", "policy", "policy_first_loss"),
        ("first_loss", "ultra_long", "ultra_long_first_loss"),
        ("first_loss", "citizens", "citizens_first_loss"),
    ]


@pytest.mark.parametrize("name", ["koga-500", "national-growth-150", "small"])
def test_given_a_shipped_scheme_when_asked_then_every_promise_has_its_five_questions(
    root: Path, name: str
) -> None:
    told = loaded(root, name)

    found = contingent.answers(told)

    assert len(found) == 5 * len(contingent.liabilities(told)) > 0
    for one in found:
        assert one.text_ko and one.text_en, one
        assert one.basis == "assumed" if one.status == "unanswered" else one.basis == "stated"
        for language in ("ko", "en"):
            assert one.heading(language) and one.wording(language) and one.status_word(language)


def test_given_the_proposal_when_asked_then_nothing_is_answered_for_anybody(root: Path) -> None:
    found = contingent.answers(loaded(root, "koga-500"))

    assert {one.status for one in found} == {"unanswered"}


def test_given_open_questions_when_warned_then_one_warning_a_promise_names_them(
    root: Path,
) -> None:
    found = contingent.warnings(loaded(root, "national-growth-150"))

    assert [one.where for one in found] == [
        "contingent.bond_guarantee", "contingent.policy_first_loss",
        "contingent.ultra_long_first_loss", "contingent.citizens_first_loss",
    ]  # fmt: skip
    assert "Rationale, Exposure" in found[0].message("en")
    assert "필요성, 규모" in found[0].message("ko")
    assert contingent.warnings(loaded(root, "small")) == []


def test_given_a_promise_without_questions_when_checked_then_it_is_a_warning_and_no_problem(
    root: Path,
) -> None:
    text = (root / "schemes" / "small.toml").read_text()
    before, _, after = text.partition("[contingent.first_loss]")
    text = before + after[after.index("\n# ") :]

    found = scheme.examine(text)

    assert found.problems == []
    assert [(one.code, one.where) for one in found.warnings] == [
        ("contingent.missing", "vehicle.venture_fund.first_loss")
    ]


def test_given_simulated_measures_when_asked_then_those_that_bear_on_a_question_are_named(
    root: Path,
) -> None:
    names = [
        "call.guaranteed_bonds", "call.policy", "call.policy_2027", "call.citizens",
        "exposure.bonds.guaranteed_bonds", "guarantee.fair.guaranteed_bonds", "irr",
    ]  # fmt: skip

    found = {
        (one.liability.name, one.question): one.measures
        for one in contingent.answers(loaded(root, "national-growth-150"), names)
    }

    assert found["guaranteed_bonds", "exposure"] == ("exposure.bonds.guaranteed_bonds",)
    assert found["guaranteed_bonds", "risk_return"] == (
        "call.guaranteed_bonds", "guarantee.fair.guaranteed_bonds",
    )  # fmt: skip
    assert found["policy", "risk_return"] == ("call.policy", "call.policy_2027")
    assert found["citizens", "rationale"] == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ('of = "vehicle.venture_fund.first_loss"', 'of = "vehicle.none.first_loss"',
         "scheme.contingent_of", "contingent.first_loss.of"),
        ("[contingent.first_loss]", "[contingent.other]\nname_ko = \"가\"\nname_en = \"x\"\n"
         'of = "vehicle.venture_fund.first_loss"\n'
         + "".join(f'{name} = {{ value = "answered", basis = "stated", source = "plan" }}\n'
                   for name in QUESTIONS) + "[contingent.first_loss]",
         "scheme.contingent_twice", "contingent.first_loss.of"),
        ('value = "answered"', 'value = "yes"', "scheme.choice", "contingent.first_loss.rationale"),
        ("affordability   = {", "affordable = {", "scheme.missing",
         "contingent.first_loss.affordability"),
    ],
)  # fmt: skip
def test_given_a_wrong_entry_when_checked_then_it_is_a_problem_at_its_place(
    root: Path, old: str, new: str, code: str, where: str
) -> None:
    found = scheme.check(changed(root, old, new))

    assert (code, where) in [(one.code, one.where) for one in found]
