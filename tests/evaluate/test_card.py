"""The card as data: its sentences say what its figures say, and nothing stands without doubt."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from koga.core.problems import Refusal
from koga.evaluate.cards import card, card_reading
from koga.evaluate.cards.card_about import About
from koga.evaluate.finding import Check, Estimate, Finding, Words

ABOUT = About(
    code="seed-jobs", programme=Words("씨앗 보조", "Seed grants"), design="did", state="ok",
    headline=("callaway_santanna", "simple"), question=Words("더 고용하는가?", "More jobs?"),
    estimand=Words("평균 효과", "the mean effect"), comparison=Words("다른 기업", "other firms"),
    dating=Words("첫 반기부터", "from the first half"), outcome=Words("고용 인원", "employees"),
    outcome_unit=Words("명", "employees"), units=Words("기업", "firms"),
    span=Words("반기", "half-year"), window=("2022-H1", "2025-H2"), supported=120, covered=100,
    compared=90, also_supported=12, unit="KRW", spent=4_000_000_000, registration="before",
    registered_on=date(2024, 9, 2), opened_on=date(2026, 7, 14), plan_sha256="ab" * 32,
    panel_rows=900, panel_sha256="cd" * 32, code_sha256="ef" * 32, rerun=Words("감사", "audit"),
)  # fmt: skip


def estimate(estimator: str, name: str, value: float, se: float = 0.25, **place: Any) -> Estimate:
    return Estimate(estimator, name, value, se, value - 2 * se, value + 2 * se, 900, **place)


def told(value: float) -> list[Estimate]:
    return [
        estimate("callaway_santanna", "simple", value),
        estimate("naive", "treated_untreated", 4.9),
        estimate("naive", "before_after", 3.2),
        *(estimate("callaway_santanna", "dynamic", 0.1, event_time=time) for time in (-3, -2, -1)),
        *(estimate("callaway_santanna", "dynamic", value * time / 2, event_time=time)
          for time in (0, 1, 2)),
        *(estimate("callaway_santanna", "group", value, group=first)
          for first in ("2024-H1", "2024-H2")),
    ]  # fmt: skip


def check(name: str, verdict: Any, value: float | None = 0.4) -> Check:
    return Check(name, value, verdict, Words(f"{name} 까닭", f"{name} reason"))


CHECKS = [check("pre_trend", "ok"), check("power", "ok", 0.7)]


def test_given_an_effect_told_from_zero_when_its_card_is_made_then_the_heading_is_its_size() -> (
    None
):
    ko, en = (card.make(ABOUT, told(2.2), CHECKS, language) for language in ("ko", "en"))

    assert ko.heading == "씨앗 보조를 받은 기업은 받지 않았을 때보다 고용 인원이 2.2명쯤 많습니다"
    assert (
        en.heading
        == "Firms with seed grants have about 2.2 employees more than they would have had"
    )
    assert "Compared plainly the difference is 4.9 employees; 2.7 of it would be there" in en.lead
    assert (
        en.events_sentence
        == "Before support, no difference told from 0; after it, it grows period by period"
    )
    assert en.groups_sentence == "Above 0 in all 2 cohorts"
    assert en.alarm == ko.alarm == ""


def test_given_an_effect_when_its_card_is_made_then_gross_net_and_cost_agree() -> None:
    made = card.make(ABOUT, told(2.0), CHECKS, "en")
    lines = {line.label: line for line in made.net}

    assert lines["Gross: after less before"].value == "3.20"
    assert lines["Of this, would have come anyway"].value == "1.20"
    assert lines["Net"].interval == "1.50 to 2.50"
    assert (lines["Net in all (employees)"].value, lines["Net in all (employees)"].interval) == (
        "200", "150 to 250",
    )  # fmt: skip
    cost = lines["Cost of one employee, net"]
    assert (cost.value, cost.interval) == ("₩20.0 m", "₩16.0 m to ₩26.6 m")
    assert lines["The same over the gross change"].value == "₩12.5 m"


def test_given_an_end_just_off_zero_when_its_card_is_made_then_it_is_not_printed_as_zero() -> None:
    main = Estimate("callaway_santanna", "simple", -15.6, 7.7, -30.8, -0.4, 90)
    made = card.make(replace(ABOUT, covered=1), [main], [], "en")

    ends = [line.interval for line in (*made.lines, *made.net) if line.interval]
    assert ends == ["−30.8 to −0.4"] * 3


def test_given_an_interval_that_holds_zero_when_its_card_is_made_then_no_effect_and_no_cost() -> (
    None
):
    made = card.make(ABOUT, told(0.2), CHECKS, "en")

    assert made.heading == (
        "Seed grants: no difference in employees of firms could be told from none"
    )
    assert (
        "an effect of 0.7 employees or more would have been found four times in five" in made.lead
    )
    cost = next(line for line in made.net if line.label.startswith("Cost of one"))
    assert (cost.value, cost.interval) == ("–", "")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_failed_check_when_its_card_is_made_then_heading_and_lead_say_so_and_no_cost(
    language: str,
) -> None:
    failed = [check("pre_trend", "fail"), check("power", "ok")]
    made = card.make(replace(ABOUT, state="fail"), told(2.2), failed, language)

    label = "지원 전 추세" if language == "ko" else "trends before support"
    assert label in made.heading and "2.2" not in made.heading
    assert ("pre_trend 까닭" if language == "ko" else "pre_trend reason") in made.lead
    assert made.net == ()
    assert not any(line.strong for line in made.lines)


@pytest.mark.parametrize(
    ("registration", "alarm"),
    [
        ("after", "Registered after outcomes were opened"),
        ("amended", "The plan was amended after outcomes were opened"),
        ("", "No plan was registered"),
        ("before", ""),
    ],
)
def test_given_a_plan_that_did_not_come_first_when_its_card_is_made_then_it_says_so(
    registration: str, alarm: str
) -> None:
    about = replace(ABOUT, registration=registration)

    assert card.make(about, told(2.2), CHECKS, "en").alarm.startswith(alarm)
    assert bool(card.make(about, told(2.2), CHECKS, "ko").alarm) == bool(alarm)


def test_given_an_amended_plan_when_its_card_is_made_then_both_days_and_the_reason_stand() -> None:
    about = replace(
        ABOUT, registration="amended", amended_on=date(2026, 8, 1), amended_because="창을 늘림"
    )
    proof = dict(card.make(about, told(2.2), CHECKS, "en").proof)

    assert proof["Plan"] == (
        "registered on 2 September 2024, amended on 1 August 2026 (창을 늘림); outcomes opened on "
        "14 July 2026"
    )


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_planned_panel_when_its_card_is_made_then_rows_errors_and_assumptions_are_said(
    language: str,
) -> None:
    made = card.make(replace(ABOUT, panel_rows=1_500), told(2.2), CHECKS, language)
    facts = dict(made.facts)

    if language == "ko":
        assert facts["기간"].endswith("2025년 하반기까지, 표는 1,500줄(빠짐없으면 1,520줄)")
        assert any("다중 검정은 보정하지 않았습니다" in line for line in made.not_said)
        assert "하나씩 본 95% 구간" in made.groups_note
        assert any("미리 달라지지 않았으리라는 가정" in line for line in made.not_said)
    else:
        assert facts["Window"] == "2022 H1 to 2025 H2; 1,500 rows (1,520 if none is missing)"
        assert any("no small-sample correction" in line for line in made.not_said)
        assert "interval each." in made.groups_note and "each on its own" in made.events_note
        assert any("in anticipation" in line for line in made.not_said)


def test_given_a_card_of_scores_when_made_then_nothing_is_said_of_rows_or_of_other_errors() -> None:
    about = replace(ABOUT, design="rd", headline=("rd", "rd_robust"))
    made = card.make(about, [estimate("rd", "rd_robust", 2.0)], [], "en")

    assert dict(made.facts)["Window"] == "2022 H1 to 2025 H2"
    assert not any("small-sample" in line for line in made.not_said)


def test_given_compared_firms_with_other_support_when_made_then_the_card_says_so() -> None:
    said = " ".join(card.make(ABOUT, told(2.2), CHECKS, "en").not_said)

    assert "12 of those compared with had other support" in said
    assert "20 supported firms are not observed" in said
    assert "displacement" in said


def test_given_an_outcome_in_won_when_made_then_the_sentence_is_of_higher_and_lower() -> None:
    about = replace(ABOUT, outcome=Words("매출", "sales"), outcome_unit=Words("억 원", "bn won"))

    assert card.make(about, told(-2.2), CHECKS, "en").heading == (
        "Firms with seed grants: sales about 2.2 bn won lower than without it"
    )
    assert card.make(about, told(-2.2), CHECKS, "ko").heading.endswith("매출이 2.2억 원쯤 적습니다")


def finding() -> Finding:
    return Finding(
        design="did", question=Words("물음", "question"),
        headline=("callaway_santanna", "simple"),
        facts={"columns": {"outcome": "jobs", "control": "not-yet"}, "sha256": "12" * 32,
               "rows": {"read": 9, "used": 9}, "periods": [2020, 2021, 2022],
               "cohorts": [{"first": 2021, "units": 30}, {"first": None, "units": 40}],
               "naive": {"before_after": 1.5, "treated_untreated": 2.5}},
        estimates=tuple(told(1.0)[:1]), checks=tuple(CHECKS),
    )  # fmt: skip


def test_given_the_document_of_a_command_when_read_then_its_card_says_it_was_not_registered() -> (
    None
):
    made = card_reading.of_document(finding().as_json(), "jobs").card("en")

    assert made.alarm.startswith("No plan was registered")
    assert dict(made.facts)["Units"] == "30 supported units, 40 compared with"
    assert [line.value for line in made.lines] == ["1.00", "2.50"]
    assert made.unit == "value"


@pytest.mark.parametrize("document", [{}, {"finding": {}}, [], {"finding": 3, "estimates": []}])
def test_given_another_document_when_read_then_refused(document: Any) -> None:
    with pytest.raises(Refusal) as refused:
        card_reading.of_document(document, "file")

    assert [problem.code for problem in refused.value.problems] == ["evaluate.finding_file"]
