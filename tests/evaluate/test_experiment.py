"""Rounds decided by lot: the difference, its error, and arms that no lot drew."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from koga.evaluate.effects import experiment
from koga.evaluate.panels import panel
from koga.evaluate.panels.panel import Declaration


def rows(seed: int, *, lot: bool, count: int = 300) -> pl.DataFrame:
    generator = np.random.default_rng(seed)
    age, school = generator.normal(35, 9, count), generator.integers(8, 17, count)
    chance = 0.4 if lot else 1 / (1 + np.exp(-(age - 35) / 6))
    drawn = (generator.random(count) < chance).astype(int)
    pay = 20 + 0.4 * age + school + 3 * drawn + generator.normal(0, 5 + 3 * drawn, count)
    return pl.DataFrame({"pay": pay, "d": drawn, "age": age, "school": school})


def declared(*covariates: str, **parts: str) -> Declaration:
    return Declaration(
        design="experiment", outcome="pay", treated="d", covariates=covariates, **parts
    )  # type: ignore[arg-type]


def test_given_two_arms_when_compared_then_error_and_interval_are_welch_s() -> None:
    frame = rows(1, lot=True)

    found = experiment.find(panel.from_frame(frame, declared("age", "school")))

    on = frame.filter(pl.col("d") == 1)["pay"].to_numpy()
    off = frame.filter(pl.col("d") == 0)["pay"].to_numpy()
    test = stats.ttest_ind(on, off, equal_var=False)
    interval = test.confidence_interval(0.95)
    assert found.main.estimate == pytest.approx(on.mean() - off.mean())
    assert found.main.estimate / found.main.se == pytest.approx(test.statistic)
    assert (found.main.ci_low, found.main.ci_high) == pytest.approx(tuple(interval))


def test_given_200_lots_when_checked_then_almost_none_is_flagged_and_choices_all_are() -> None:
    names = ("age", "school")

    def verdict(seed: int, lot: bool) -> str:
        frame = rows(seed, lot=lot)
        figures = frame.select(names).to_numpy()
        return experiment.balance(figures, frame["d"].to_numpy().astype(float), names).verdict

    assert [verdict(seed, True) for seed in range(200)].count("fail") <= 2
    assert [verdict(seed, False) for seed in range(200)] == ["fail"] * 200


def test_given_clusters_when_compared_then_the_error_is_theirs() -> None:
    frame = rows(2, lot=True).with_columns(c=pl.int_range(pl.len()) // 10)
    doubled = pl.concat([frame, frame])

    one = experiment.find(panel.from_frame(frame, declared(cluster="c")))
    two = experiment.find(panel.from_frame(doubled, declared(cluster="c")))

    assert two.main.estimate == pytest.approx(one.main.estimate)
    assert two.main.se == pytest.approx(one.main.se)


def test_given_blank_covariates_when_checked_then_rows_stay_and_blanks_count_themselves() -> None:
    frame = rows(3, lot=True)
    holes = frame.with_columns(age=pl.when(pl.col("d") == 1).then(None).otherwise("age"))

    found = experiment.find(panel.from_frame(holes, declared("age", "school")))

    assert found.main.n == 300
    assert found.check("balance").verdict == "fail"
    names = [row["covariate"] for row in found.check("balance").extra["covariates"]]
    assert names == ["age", "age (blank)", "school"]


def test_given_no_covariates_when_checked_then_the_lot_is_not_taken_on_trust() -> None:
    found = experiment.find(panel.from_frame(rows(4, lot=False), declared()))

    assert found.check("balance").verdict == "warn"


def test_given_a_repeated_covariate_when_checked_then_it_counts_once() -> None:
    frame = rows(5, lot=True).with_columns(months=12 * pl.col("age"))

    plain = experiment.find(panel.from_frame(frame, declared("age", "school")))
    twice = experiment.find(panel.from_frame(frame, declared("age", "months", "school")))

    assert twice.check("balance").value == pytest.approx(plain.check("balance").value)
    assert twice.check("balance").extra["freedom"] == 2
