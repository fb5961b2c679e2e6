"""A plan carried out: panels by the dating rule, naive figures, failures with reasons, hiding."""

from datetime import date
from random import Random
from typing import Any

import polars as pl
import pytest

from koga.core.problems import Refusal
from koga.evaluate.cards import assessed, finding_rows
from koga.evaluate.cards.assessed import Assessed
from koga.evaluate.finding import Estimate
from koga.evaluate.panels import panels, planned
from koga.evaluate.panels.planned import Plan

TEXT = """
plan = "jobs"
programme = "seed"
design = "did"
[question]
ko = "더 고용하는가?"
en = "Do they employ more?"
[estimand]
ko = "평균 효과"
en = "The mean effect"
[units]
ko = "기업"
en = "firms"
[outcome]
series = "insured"
metric = "employment"
name = { ko = "고용 인원", en = "people employed" }
unit = { ko = "명", en = "people" }
gather = "last"
[window]
period = "half"
from = "2022-H1"
to = "2025-H2"
[comparison]
ko = "받지 않은 기업"
en = "firms never supported"
[rerun]
ko = "감사위원회"
en = "the audit board"
"""
PLAN = planned.parse(TEXT)
EFFECT = 3.0


def observed(rows: list[tuple[str, str, float]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=list(panels.OBSERVATIONS), orient="row")


def supported(*rows: tuple[str, str, date, int]) -> pl.DataFrame:
    listed = [(code, unit, day, "KRW", won, True) for code, unit, day, won in rows]
    kinds = (pl.String, pl.String, pl.Date, pl.String, pl.Int64, pl.Boolean)
    schema = dict(zip(panels.RECORDS, kinds, strict=True))
    return pl.DataFrame(listed, schema=schema, orient="row")


def world(plan: Plan, firms: int = 60, trend: float = 0.0, seed: int = 5) -> panels.Planned:
    """Firms, half of them supported in one of three half-years, with a known effect."""
    draw = Random(seed)
    rows, given = [], []
    spans = planned.periods(plan)
    for number in range(firms):
        start = (4 + number % 3) if number < firms // 2 else None
        unit, level = f"f{number:03d}", draw.gauss(12, 3) + (4 if start else 0)
        for place, span in enumerate(spans):
            value = level + 0.3 * place + draw.gauss(0, 0.8)
            if start is not None:
                value += trend * place + (EFFECT if place >= start else 0)
            month = planned.months(span, plan.period)[-1]
            rows.append((unit, f"{month // 12:04d}-{month % 12 + 1:02d}", value))
        if start is not None:
            year, half = divmod(2022 * 2 + start, 2)
            given.append(("seed", unit, date(year, 2 + 6 * half, 3), 10_000_000))
    return panels.build(plan, observations=observed(rows), records=supported(*given))


def test_given_months_when_gathered_then_last_mean_or_a_sum_of_whole_periods() -> None:
    rows = observed([("a", "2022-01", 2.0), ("a", "2022-05", 6.0), ("a", "2022-07", 1.0),
                     *[("b", f"2022-{month:02d}", 1.0) for month in range(1, 7)]])  # fmt: skip

    found = {
        gather: panels.gathered(planned.parse(TEXT.replace('"last"', f'"{gather}"')), rows).rows()
        for gather in ("last", "mean", "sum")
    }

    assert found["last"] == [("a", "2022-H1", 6.0), ("a", "2022-H2", 1.0), ("b", "2022-H1", 1.0)]
    assert found["mean"][0] == ("a", "2022-H1", 4.0)
    assert found["sum"] == [
        ("a", "2022-H1", None), ("a", "2022-H2", None), ("b", "2022-H1", 6.0),
    ]  # fmt: skip


@pytest.mark.parametrize(("dating", "first"), [("same", "2023-H1"), ("next", "2023-H2")])
def test_given_a_dating_rule_when_a_panel_is_built_then_units_are_treated_from_then(
    dating: str, first: str
) -> None:
    plan = planned.parse(TEXT + f'[treated]\ndating = "{dating}"\n')
    records = supported(
        ("seed", "123-45-67891", date(2024, 9, 9), 7),
        ("seed", "123-45-67891", date(2023, 6, 30), 5),
        ("other", "9", date(2022, 1, 1), 3),
        ("seed", "late", date(2026, 1, 1), 11),
        ("seed", "unseen", date(2023, 1, 1), 13),
    )
    rows = observed(
        [("1234567891", "2023-06", 1.0), ("9", "2023-06", 2.0), ("late", "2023-06", 3.0)]
    )

    made = panels.build(plan, observations=rows, records=records)

    assert made.frame.rows() == [
        ("1234567891", "2023-H1", first, 1.0),
        ("9", "2023-H1", None, 2.0),
        ("late", "2023-H1", None, 3.0),
    ]
    assert (made.supported, made.covered, made.compared, made.also_supported) == (2, 1, 2, 1)
    assert made.spent == {"KRW": 12}
    assert panels.read(made.csv()).equals(made.frame)


def test_given_applications_when_a_score_decides_then_the_panel_has_one_row_each() -> None:
    text = TEXT.replace('"did"', '"rd"').replace("[rerun]", "[estimator]\ncutoff = 70\n[rerun]")
    forms = pl.DataFrame(
        [("a", "1", 80.0, None, True), ("b", "1", 61.5, 60.0, False),
         ("c", "1", None, None, False)],
        schema=dict(zip(panels.APPLICATIONS, (pl.String, pl.String, pl.Float64, pl.Float64,
                                              pl.Boolean), strict=True)),
        orient="row",
    )  # fmt: skip
    rows = observed([("a", "2022-06", 2.0), ("a", "2022-12", 4.0)])

    made = panels.build(
        planned.parse(text), observations=rows, records=supported(), applications=forms
    )

    assert made.frame.rows() == [("a", "1", 80.0, 70.0, 1, 3.0), ("b", "1", 61.5, 60.0, 0, None)]


def test_given_a_known_effect_when_assessed_then_its_interval_holds_it_and_naive_is_larger() -> (
    None
):
    found = assessed.assess(PLAN, world(PLAN).frame)
    main = next(row for row in found.estimates if row.name == "simple")
    naive = next(row for row in found.estimates if row.name == "treated_untreated")

    assert found.state in ("ok", "warn")
    assert main.ci_low is not None and main.ci_high is not None
    assert main.ci_low < EFFECT < main.ci_high
    assert naive.estimate is not None and naive.estimate > EFFECT + 2


def test_given_firms_that_grew_before_when_assessed_then_failed_with_a_reason() -> None:
    found = assessed.assess(PLAN, world(PLAN, trend=1.0).frame)
    trend = next(check for check in found.checks if check.name == "pre_trend")

    assert (found.state, trend.verdict) == ("fail", "fail")


def test_given_a_panel_that_cannot_carry_the_design_when_assessed_then_failed_with_every_reason(
) -> None:  # fmt: skip
    alone = world(PLAN).frame.filter(pl.col("first_treated").is_not_null())

    found = assessed.assess(PLAN, alone)

    assert found.state == "fail"
    assert [check.name for check in found.checks] == ["panel"]
    assert found.checks[0].reason.ko and found.checks[0].reason.en
    assert not [row for row in found.estimates if row.estimator != "naive"]


def row(name: str, **place: Any) -> Estimate:
    return Estimate("callaway_santanna", name, 1.0, 0.1, 0.8, 1.2, 40, **place)


def test_given_a_small_cohort_when_published_then_it_and_another_are_blank() -> None:
    rows = (
        row("simple"),
        *(row("group", group=first) for first in ("2024-H1", "2024-H2", "2025-H1")),
        row("dynamic", event_time=0),
        row("dynamic", event_time=3),
        row("calendar", time="2024-H1"),
        row("calendar", time="2025-H1"),
    )
    cohorts = (("2024-H1", 3), ("2024-H2", 12), ("2025-H1", 40), (None, 60))
    periods = ("2023-H1", "2023-H2", "2024-H1", "2024-H2", "2025-H1", "2025-H2")
    came = Assessed("ok", rows, (), cohorts, ("callaway_santanna", "simple"), 500, periods)

    told = {finding_rows.place_of(each): each.estimate for each in assessed.shown(came)}

    assert told == {
        "all": 1.0, "g2024-H1": None, "g2024-H2": None, "g2025-H1": 1.0, "e+0": 1.0,
        "e+3": None, "t2024-H1": None, "t2025-H1": 1.0,
    }  # fmt: skip


def test_given_too_few_supported_units_when_published_then_no_figure_is_left() -> None:
    rows = (row("simple"), Estimate("naive", "before_after", 1.0, 0.1, 0.8, 1.2, 3))
    came = Assessed(
        "fail", rows, (), (("2024-H1", 3), (None, 60)), ("a", "simple"), 9, ("2024-H1",)
    )

    assert [each.estimate for each in assessed.shown(came)] == [None, None]


def test_given_the_same_panel_when_computed_again_then_the_rows_are_the_same() -> None:
    made = world(PLAN)
    first = finding_rows.of(PLAN, assessed.assess(PLAN, made.frame))
    again = finding_rows.of(PLAN, assessed.assess(PLAN, panels.read(made.csv())))

    assert first == again


def scored(design: str) -> tuple[Plan, pl.DataFrame]:
    """A round of 600 applicants, chosen from 70 points on (or by lot), with an effect of 3."""
    draw = Random(12)
    plan = planned.parse(TEXT.replace('"did"', f'"{design}"'))
    rows, forms = [], []
    for number in range(600):
        score = draw.uniform(40, 100)
        chosen = score >= 70 if design == "rd" else draw.random() < 0.5
        level = 5 + 0.05 * score + draw.gauss(0, 1) + (EFFECT if chosen else 0)
        rows.append((f"f{number}", "2025-06", level))
        forms.append((f"f{number}", "1", score, 70.0, chosen))
    kinds = (pl.String, pl.String, pl.Float64, pl.Float64, pl.Boolean)
    schema = dict(zip(panels.APPLICATIONS, kinds, strict=True))
    made = panels.build(
        plan, observations=observed(rows), records=supported(),
        applications=pl.DataFrame(forms, schema=schema, orient="row"),
    )  # fmt: skip
    return plan, made.frame


@pytest.mark.parametrize("design", ["rd", "experiment"])
def test_given_a_round_of_applications_when_assessed_then_the_known_effect_is_found(
    design: str,
) -> None:
    plan, frame = scored(design)

    found = finding_rows.of(plan, assessed.assess(plan, frame))

    assert found.result["state"] in ("ok", "warn")
    assert found.result["ci_low"] < EFFECT < found.result["ci_high"]
    plain = next(row for row in found.estimates if row["estimator"] == "naive")
    assert plain["ci_low"] < plain["estimate"] < plain["ci_high"]
    assert len({(row["estimator"], row["name"], row["place"]) for row in found.estimates}) == len(
        found.estimates
    )


def test_given_one_supported_district_when_assessed_then_the_synthetic_design_finds_it() -> None:
    plan = planned.parse(TEXT.replace('"did"', '"sdid"'))
    draw = Random(2)
    rows, names = [], [f"d{number:02d}" for number in range(16)]
    for name in names:
        level = draw.gauss(50, 2)
        for place in range(8):
            value = level + 0.5 * place + draw.gauss(0, 0.3)
            value += EFFECT if name == "d00" and place >= 5 else 0
            rows.append((name, f"{2022 + place // 2}-{'06' if place % 2 == 0 else '12'}", value))
    given = supported(("seed", "d00", date(2024, 8, 1), 9))

    made = panels.build(plan, observations=observed(rows), records=given)
    found = finding_rows.of(plan, assessed.assess(plan, made.frame))

    assert made.frame.columns == ["unit", "period", "treated", "outcome"]
    assert abs(float(found.result.get("estimate") or 0) - EFFECT) < 1


ADJUSTED = TEXT + '[estimator]\ncovariates = ["size"]\ncluster = "district"\n'


def adjusted() -> tuple[Plan, panels.Planned]:
    """Firms of 20 districts; large ones grow faster and are supported more often."""
    plan, draw = planned.parse(ADJUSTED), Random(11)
    rows: dict[str, list[tuple[str, str, float]]] = {"employment": [], "size": [], "district": []}
    given = []
    for number in range(240):
        unit, size = f"f{number:03d}", draw.gauss(0, 1)
        start = 5 if draw.random() < (0.75 if size > 0 else 0.25) else None
        for place, span in enumerate(planned.periods(plan)):
            last = planned.months(span, plan.period)[-1]
            month = f"{last // 12:04d}-{last % 12 + 1:02d}"
            value = 10 + size * place + draw.gauss(0, 0.5)
            rows["employment"].append(
                (unit, month, value + EFFECT * ((start and place >= start) or 0))
            )
            rows["size"].append((unit, month, size))
            rows["district"].append((unit, month, float(number % 20)))
        if start is not None:
            given.append(("seed", unit, date(2024, 8, 3), 10_000_000))
    frames = {metric: observed(found) for metric, found in rows.items()}
    built = panels.build(
        plan, observations=frames.pop("employment"), records=supported(*given), beside=frames
    )
    return plan, built


def test_given_growth_by_size_when_a_plan_adjusts_for_it_then_the_known_effect_is_found() -> None:
    plan, built = adjusted()
    plain = planned.parse(TEXT)

    found = headline(assessed.assess(plan, built.frame))
    unadjusted = built.frame.drop("x_size", "cluster")
    without = headline(assessed.assess(plain, unadjusted))

    assert found.ci_low is not None and found.ci_high is not None
    assert found.ci_low < EFFECT < found.ci_high
    assert without.ci_low is not None and without.ci_low > EFFECT
    assert (
        plan.compared.en
        == "firms never supported; adjusted for size before support; errors by district"
    )


def test_given_districts_when_a_plan_names_them_then_errors_are_theirs() -> None:
    plan, built = adjusted()
    alone = planned.parse(ADJUSTED.replace('cluster = "district"', ""))

    together = headline(assessed.assess(plan, built.frame))
    single = headline(assessed.assess(alone, built.frame))

    assert built.declared.cluster == "cluster"
    assert together.estimate == single.estimate
    assert together.se != single.se
    assert panels.read(built.csv()).equals(built.frame)


@pytest.mark.parametrize(
    ("added", "place"),
    [
        ('covariates = ["employment"]', "estimator.covariates"),
        ('covariates = ["size"]\ncluster = "size"', "estimator.cluster"),
        ("worth = nan", "estimator.worth"),
        ("worth = inf", "estimator.worth"),
        ("worth = -2", "estimator.worth"),
    ],
)
def test_given_options_that_cannot_be_when_a_plan_is_read_then_refused(
    added: str, place: str
) -> None:
    with pytest.raises(Refusal) as refused:
        planned.parse(f"{TEXT}[estimator]\n{added}\n")

    assert [problem.where for problem in refused.value.problems] == [place]


def test_given_a_lottery_with_covariates_when_a_plan_is_read_then_every_key_is_refused() -> None:
    text = ADJUSTED.replace('design = "did"', 'design = "experiment"')

    with pytest.raises(Refusal) as refused:
        planned.parse(text)

    assert [(problem.where, problem.value) for problem in refused.value.problems] == [
        ("estimator.covariates", "size"), ("estimator.cluster", "district"),
    ]  # fmt: skip


def headline(found: Assessed) -> Estimate:
    """The estimate to print first."""
    return next(row for row in found.estimates if (row.estimator, row.name) == found.headline)
