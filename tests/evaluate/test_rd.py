"""Discontinuities against another library, pooled rounds, take-up, and the checks around them."""

import warnings

import numpy as np
import polars as pl
import pytest

from koga.core.problems import Refusal
from koga.evaluate.effects import density, local_lines, rd
from koga.evaluate.panels import panel
from koga.evaluate.panels.panel import Declaration


def rows(seed: int = 3, count: int = 700, *, grid: bool = False) -> pl.DataFrame:
    generator = np.random.default_rng(seed)
    score = generator.normal(60, 12, count)
    score = np.round(score) if grid else score
    x = generator.normal(size=count) + 0.02 * score
    taken = ((score >= 60) & (generator.random(count) < 0.8)) | (generator.random(count) < 0.1)
    y = 3 + 0.05 * score + 0.5 * x + 2.0 * taken + generator.normal(size=count)
    return pl.DataFrame({"s": score, "y": y, "x": x, "d": taken.astype(int)})


@pytest.mark.parametrize("fuzzy", [False, True])
@pytest.mark.parametrize("covariates", [(), ("x",)])
@pytest.mark.parametrize("grid", [False, True])
def test_given_scores_when_estimated_then_every_figure_is_the_other_library_s(
    fuzzy: bool, covariates: tuple[str, ...], grid: bool
) -> None:
    import diff_diff
    import pandas as pd

    frame = rows(grid=grid)
    declared = Declaration(
        design="rd", outcome="y", score="s", cutoff=60.0,
        treated="d" if fuzzy else "", covariates=covariates,
    )  # fmt: skip
    found = rd.find(panel.from_frame(frame, declared))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = diff_diff.RegressionDiscontinuity(cutoff=60.0).fit(
            pd.DataFrame(frame.to_dict(as_series=False)), outcome="y", running="s",
            takeup="d" if fuzzy else None, covariates=list(covariates) or None,
        )  # fmt: skip

    plain, robust = found.estimate("rd", "rd"), found.main
    assert plain.estimate == pytest.approx(theirs.att_conventional, rel=1e-6)
    assert plain.se == pytest.approx(theirs.se_conventional, rel=1e-6)
    assert robust.estimate == pytest.approx(theirs.att, rel=1e-6)
    assert robust.se == pytest.approx(theirs.se, rel=1e-6)
    assert found.extra["bandwidths"]["h"] == pytest.approx(theirs.h_left, rel=1e-6)
    assert found.extra["bandwidths"]["b"] == pytest.approx(theirs.b_left, rel=1e-6)


def test_given_a_given_bandwidth_when_estimated_then_the_line_is_weighted_least_squares() -> None:
    frame = rows()
    declared = Declaration(design="rd", outcome="y", score="s", cutoff=60.0)

    found = rd.find(panel.from_frame(frame, declared), rd.Options(h=10.0, variance="hc1"))

    ends = []
    for above in (False, True):
        side = frame.filter(((pl.col("s") >= 60) == above) & ((pl.col("s") - 60).abs() < 10))
        place = side["s"].to_numpy() - 60
        root = np.sqrt(1 - np.abs(place) / 10)
        design = np.column_stack([np.ones_like(place), place]) * root[:, None]
        ends.append(np.linalg.lstsq(design, side["y"].to_numpy() * root, rcond=None)[0][0])
    assert found.estimate("rd", "rd").estimate == pytest.approx(ends[1] - ends[0])
    assert found.extra["bandwidths"] == {"h": 10.0, "b": 10.0}


def test_given_hc1_when_estimated_then_errors_are_the_sandwich_of_its_residuals() -> None:
    # rdrobust 2.1.1 with vce="hc1" on the Senate prints 7.416 (1.460), robust 1.744; here the
    # error is built anew from its definition.
    frame = rows()
    h = 12.0
    given = local_lines.design(
        frame["s"].to_numpy() - 60, frame["y"].to_numpy()[:, None], np.ones(frame.height),
        fuzzy=False, variance="hc1",
    )  # fmt: skip

    found = local_lines.jump(given, h, h)

    whole = 0.0
    for above in (False, True):
        side = frame.filter(((pl.col("s") >= 60) == above) & ((pl.col("s") - 60).abs() < h))
        place = side["s"].to_numpy() - 60
        kernel = (1 - np.abs(place) / h) / h
        design = np.column_stack([np.ones_like(place), place])
        inverse = np.linalg.inv(design.T @ (design * kernel[:, None]))
        rest = side["y"].to_numpy() - design @ inverse @ design.T @ (kernel * side["y"].to_numpy())
        meat = (design * (kernel * rest)[:, None]) * np.sqrt(len(place) / (len(place) - 2))
        whole += (inverse @ meat.T @ meat @ inverse)[0, 0]
    assert found.se == pytest.approx(np.sqrt(whole))


def test_given_take_up_by_score_alone_when_fuzzy_then_it_is_the_sharp_jump() -> None:
    frame = rows().with_columns(d=(pl.col("s") >= 60).cast(pl.Int8))
    sharp = Declaration(design="rd", outcome="y", score="s", cutoff=60.0)
    fuzzy = Declaration(design="rd", outcome="y", score="s", cutoff=60.0, treated="d")

    one = rd.find(panel.from_frame(frame, sharp))
    other = rd.find(panel.from_frame(frame, fuzzy))

    assert other.main.estimate == pytest.approx(one.main.estimate)
    assert other.extra["first_stage"]["estimate"] == pytest.approx(1.0)


def test_given_rounds_with_their_own_cutoffs_when_pooled_then_scores_are_centred() -> None:
    first, second = rows(1), rows(2)
    moved = second.with_columns(s=pl.col("s") + 20, y=pl.col("y") + 5)
    joined = pl.concat(
        [first.with_columns(k=60.0, r=pl.lit("A")), moved.with_columns(k=80.0, r=pl.lit("B"))]
    )
    same = pl.concat([first.with_columns(r=pl.lit("A")), second.with_columns(r=pl.lit("B"))])

    pooled = rd.find(panel.from_frame(joined, Declaration(
        design="rd", outcome="y", score="s", cutoff="k", rounds="r"
    )))  # fmt: skip
    plain = rd.find(panel.from_frame(same, Declaration(
        design="rd", outcome="y", score="s", cutoff=60.0, rounds="r"
    )))  # fmt: skip

    assert pooled.main.estimate == pytest.approx(plain.main.estimate, abs=1e-6)
    assert pooled.extra["n"] == plain.extra["n"]


def test_given_one_odd_score_when_tested_then_the_grid_is_not_filled_to_its_digits() -> None:
    score = np.append(np.repeat(np.arange(-20.0, 20.0), 20), 3.00000001)

    tested = density.test(score)

    assert tested is not None and tested.line.step == 0 and not tested.rejected
    assert density.drawn(score, tested.line, np.array([1.0, 2.0])) == []


def test_given_a_covariate_that_jumps_when_checked_then_balance_fails() -> None:
    frame = rows().with_columns(x=pl.col("x") + 3 * (pl.col("s") >= 60))
    declared = Declaration(design="rd", outcome="y", score="s", cutoff=60.0, covariates=("x",))

    found = rd.find(panel.from_frame(frame, declared))

    assert found.check("balance").verdict == "fail"
    assert found.verdict == "fail"


def test_given_pushed_scores_when_estimated_then_the_number_comes_with_its_refusal() -> None:
    frame = rows(count=1500)
    pushed = frame.with_columns(
        s=pl.when(pl.col("s").is_between(56.5, 60, closed="left"))
        .then(60 + (pl.col("s") - 56.5) / 3)
        .otherwise("s")
    )
    declared = Declaration(design="rd", outcome="y", score="s", cutoff=60.0)

    found = rd.find(panel.from_frame(pushed, declared))

    assert found.check("density").verdict == "fail"
    assert found.check("density").extra["nearest"]["above"] == 50
    assert found.as_json()["finding"]["verdict"] == "fail"


def test_given_scores_without_outcomes_when_tested_then_all_scores_count_for_density() -> None:
    frame = rows()
    blank = frame.with_columns(y=pl.when(pl.int_range(pl.len()) % 3 == 0).then(None).otherwise("y"))
    declared = Declaration(design="rd", outcome="y", score="s", cutoff=60.0)

    found = rd.find(panel.from_frame(blank, declared))

    whole = density.test(frame["s"].to_numpy() - 60)
    assert whole is not None
    assert found.check("density").value == pytest.approx(whole.chance)
    assert sum(found.extra["n"]["all"]) == blank["y"].count()


@pytest.mark.parametrize("options", [rd.Options(h=-1.0), rd.Options(b=3.0),
                                     rd.Options(h=float("nan"))])  # fmt: skip
def test_given_a_bandwidth_that_cannot_be_when_asked_then_it_is_refused(
    options: rd.Options,
) -> None:
    declared = Declaration(design="rd", outcome="y", score="s", cutoff=60.0)

    with pytest.raises(Refusal) as refused:
        rd.find(panel.from_frame(rows(), declared), options)

    assert refused.value.problems[0].code == "evaluate.option"


def test_given_a_bandwidth_with_two_scores_when_estimated_then_it_is_refused_in_words() -> None:
    declared = Declaration(design="rd", outcome="y", score="s", cutoff=60.0)

    with pytest.raises(Refusal) as refused:
        rd.find(panel.from_frame(rows(), declared), rd.Options(h=0.001))

    assert refused.value.problems[0].code == "evaluate.singular"


@pytest.mark.parametrize("cutoff", [60.0, 64.7])
def test_given_rounds_with_cutoffs_of_their_own_when_scores_have_a_decimal_then_they_lie_on_a_grid(
    cutoff: float,
) -> None:
    generator = np.random.default_rng(11)
    rounds = generator.integers(0, 3, 1200)
    cutoffs = np.array([cutoff, cutoff + 5, cutoff + 10])[rounds]
    away = np.round(generator.normal(0, 9, 1200), 1)
    score = np.round(cutoffs + away, 1)
    y = 2.0 * (away >= 0) + 0.05 * away + generator.normal(size=1200)
    frame = pl.DataFrame({"s": score, "c": cutoffs, "y": y, "r": rounds})
    declared = Declaration(design="rd", outcome="y", score="s", cutoff="c", rounds="r")

    found = rd.find(panel.from_frame(frame, declared))

    below = int((away < 0).sum())
    assert found.extra["n"]["all"] == (below, 1200 - below)
    assert found.check("density").extra["test"] == "grid"
    assert found.check("density").verdict == "ok"
    assert found.main.ci_low < 2.0 < found.main.ci_high


def test_given_scores_far_finer_than_they_spread_when_counted_then_no_grid_is_laid_over_them() -> (
    None
):
    score = np.repeat(np.arange(-40.0, 40.0), 8)
    score[3] += 1e-9

    found = density.test(score)

    assert found is not None
    assert (found.kind, found.line.step) == ("grid", 0.0)
    assert not found.rejected


def test_given_scores_with_a_decimal_when_some_were_lifted_then_a_small_round_tells() -> None:
    refused = {False: 0, True: 0}
    for seed in range(40):
        generator = np.random.default_rng(seed)
        honest = generator.normal(-2, 10, 300)
        below = (honest > -2) & (honest < 0) & (generator.random(300) < 0.6)
        lifted = np.where(below, generator.uniform(0, 2, 300), honest)
        for pushed, score in ((False, honest), (True, lifted)):
            found = density.test(np.floor(score * 10) / 10)
            refused[pushed] += found is not None and found.rejected

    assert refused[True] >= 28
    assert refused[False] <= 5
