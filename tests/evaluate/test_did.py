"""Staggered effects against another library, invariants, and the shape of the answer."""

import json
import math
import warnings

import numpy as np
import polars as pl
import pytest

from koga.core.problems import Refusal
from koga.evaluate import finding
from koga.evaluate.effects import callaway, did, imputation, twfe
from koga.evaluate.panels import panel, wide
from koga.evaluate.panels.panel import Declaration
from tests.evaluate import made


def frame(seed: int = 1, units: int = 60) -> pl.DataFrame:
    """Units of three cohorts and never treated over 6 periods, with covariates and clusters."""
    generator = np.random.default_rng(seed)
    first = np.repeat([3, 4, 5, 0], units // 4)
    x = generator.normal(size=units) + 0.3 * (first > 0)
    rows = []
    for unit in range(units):
        for time in range(1, 7):
            on = first[unit] > 0 and time >= first[unit]
            y = x[unit] * time * 0.3 + on * (1 + 0.3 * (time - first[unit])) + generator.normal()
            rows.append((unit, time, int(first[unit]), y, x[unit], unit % 12, 1.0 + unit % 3))
    return pl.DataFrame(rows, schema=["u", "t", "g", "y", "x", "c", "w"], orient="row")


def declared(**parts: object) -> Declaration:
    base = {"design": "did", "outcome": "y", "unit": "u", "time": "t", "first_treated": "g"}
    return Declaration(**(base | parts))  # type: ignore[arg-type]


@pytest.mark.parametrize("control", ["never", "not-yet"])
@pytest.mark.parametrize("method", ["ipw", "reg"])
@pytest.mark.parametrize("base", ["varying", "universal"])
@pytest.mark.parametrize("clustered", [False, True])
def test_given_a_panel_when_estimated_then_effects_and_errors_are_the_other_library_s(
    control: str, method: str, base: str, clustered: bool
) -> None:
    import diff_diff
    import pandas as pd

    rows = frame()
    given = declared(covariates=("x",), control=control, cluster="c" if clustered else "")
    laid = wide.of(panel.from_frame(rows, given))
    ours = callaway.cells(laid, control=control, method=method, base=base)  # type: ignore[arg-type]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = diff_diff.CallawaySantAnna(
            control_group="never_treated" if control == "never" else "not_yet_treated",
            estimation_method=method, base_period=base, cluster="c" if clustered else None,
        ).fit(
            pd.DataFrame(rows.to_dict(as_series=False)),
            outcome="y", unit="u", time="t", first_treat="g", covariates=["x"],
        )  # fmt: skip

    errors = callaway.errors(ours.influence, laid)
    for cell, se in zip(ours.found, errors, strict=True):
        if not cell.reference:
            other = theirs.group_time_effects[int(cell.cohort), cell.time]
            assert cell.effect == pytest.approx(other["effect"], abs=1e-9)
            assert se == pytest.approx(other["se"], abs=1e-9)
    simple = callaway.average(ours, "simple")[0]
    assert simple.effect == pytest.approx(theirs.overall_att, abs=1e-9)
    assert simple.se == pytest.approx(theirs.overall_se, abs=1e-9)
    for part in callaway.average(ours, "dynamic"):
        if part.place is not None and math.isfinite(part.se):
            shown = theirs.aggregate("event_study").to_dataframe().set_index("event_time")
            assert part.effect == pytest.approx(shown.loc[int(part.place), "att"], abs=1e-9)
            assert part.se == pytest.approx(shown.loc[int(part.place), "se"], abs=1e-9)


@pytest.mark.parametrize("fraction", [1.0, 0.8])
@pytest.mark.parametrize("covariates", [(), ("x",)])
def test_given_a_panel_when_imputed_then_effects_and_errors_are_the_other_library_s(
    fraction: float, covariates: tuple[str, ...]
) -> None:
    import diff_diff
    import pandas as pd

    rows = frame().with_columns(x=pl.col("x") * pl.col("t") + pl.col("y").shift(1).fill_null(0))
    rows = rows.sample(fraction=fraction, seed=2)
    ours = imputation.effects(wide.of(panel.from_frame(rows, declared(covariates=covariates))))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = diff_diff.ImputationDiD().fit(
            pd.DataFrame(rows.to_dict(as_series=False)),
            outcome="y", unit="u", time="t", first_treat="g", covariates=list(covariates) or None,
        )  # fmt: skip
        events = theirs.aggregate("event_study").to_dataframe().set_index("event_time")

    assert ours[0].effect == pytest.approx(theirs.overall_att, abs=1e-8)
    assert ours[0].se == pytest.approx(theirs.overall_se, rel=1e-7)
    for part in ours[1:]:
        assert part.effect == pytest.approx(events.loc[part.event_time, "att"], abs=1e-8)
        assert part.se == pytest.approx(events.loc[part.event_time, "se"], rel=1e-7)


def test_given_no_covariates_when_estimated_then_the_three_methods_agree() -> None:
    laid = wide.of(panel.from_frame(frame(), declared()))

    found = [
        callaway.average(
            callaway.cells(laid, control="never", method=method, base="varying"), "simple"
        )[0].effect
        for method in ("dr", "ipw", "reg")
    ]

    assert found[0] == pytest.approx(found[1]) == pytest.approx(found[2])


def test_given_a_larger_outcome_when_estimated_then_effects_move_with_its_unit_alone() -> None:
    rows = frame()
    moved = rows.with_columns(y=1000 * pl.col("y") + 7 * pl.col("t") + 3 * pl.col("u"))

    plain = did.find(panel.from_frame(rows, declared()))
    scaled = did.find(panel.from_frame(moved, declared()))

    for one, other in zip(plain.estimates, scaled.estimates, strict=True):
        assert other.estimate == pytest.approx(1000 * one.estimate, rel=1e-6)
        assert other.se == pytest.approx(1000 * one.se, rel=1e-6)


def test_given_weights_when_each_unit_counts_as_often_then_copies_give_the_same_effects() -> None:
    rows = frame().filter((pl.col("u") % 2 == 0) | (pl.col("g") > 0))
    copies = pl.concat(
        rows.filter(pl.col("w") > copy).with_columns(u=pl.col("u") * 10 + copy) for copy in range(3)
    )

    weighted = did.find(panel.from_frame(rows, declared(weights="w")))
    copied = did.find(panel.from_frame(copies, declared()))

    for name in (("callaway_santanna", "simple"), ("imputation", "imputation"), ("twfe", "twfe")):
        one, other = weighted.estimate(*name), copied.estimate(*name)
        assert one.estimate == pytest.approx(other.estimate, abs=1e-9)


def test_given_missing_cells_when_estimated_then_two_way_effects_are_those_with_dummies() -> None:
    rows = frame().sample(fraction=0.8, seed=4)
    laid = wide.of(panel.from_frame(rows, declared()))

    ours = float(twfe.static(laid).effects[0])

    on = ((rows["g"] > 0) & (rows["t"] >= rows["g"])).to_numpy().astype(float)
    dummies = [(rows["u"] == unit).to_numpy() for unit in rows["u"].unique()]
    dummies += [(rows["t"] == time).to_numpy() for time in range(2, 7)]
    design = np.column_stack([on, *dummies]).astype(float)
    expected = np.linalg.lstsq(design, rows["y"].to_numpy(), rcond=None)[0][0]
    assert ours == pytest.approx(expected, abs=1e-9)


def test_given_two_periods_when_estimated_then_every_estimator_is_the_difference_of_changes() -> (
    None
):
    rows = frame().filter(pl.col("t").is_in([2, 3]), pl.col("g").is_in([0, 3]))
    change = rows.sort("u", "t").group_by("u", "g").agg(pl.col("y").diff().last())
    means = dict(change.group_by("g").agg(pl.col("y").mean()).iter_rows())

    found = did.find(panel.from_frame(rows, declared()))

    for name in (("callaway_santanna", "simple"), ("imputation", "imputation"), ("twfe", "twfe")):
        assert found.estimate(*name).estimate == pytest.approx(means[3] - means[0], abs=1e-9)


def test_given_a_finding_when_written_and_read_then_it_is_the_same() -> None:
    found = did.find(
        panel.from_frame(frame(), declared()), did.Options(relative_m=(0.5, 1), smooth_m=(0.1,))
    )
    document = json.loads(json.dumps(found.as_json(), allow_nan=False))

    assert finding.from_json(document).as_json() == document
    assert set(document) == {"finding", "estimates", "checks", "classical"}
    assert found.frame().height == len(found.estimates)
    kinds = {(row["kind"], row["event_time"]) for row in found.check("honest_did").extra["sets"]}
    assert ("relative", 0) in kinds
    assert ("smooth", 3) in kinds


def test_given_a_finding_when_its_rows_are_listed_then_they_follow_the_contract() -> None:
    found = did.find(panel.from_frame(frame(), declared()))

    names = {(row.estimator, row.name) for row in found.estimates}
    assert names == {
        ("callaway_santanna", "att_gt"), ("callaway_santanna", "simple"),
        ("callaway_santanna", "group"), ("callaway_santanna", "dynamic"),
        ("callaway_santanna", "calendar"), ("imputation", "imputation"),
        ("twfe", "twfe"), ("twfe", "event"),
    }  # fmt: skip
    events = [row.event_time for row in found.estimates if row.name == "event"]
    assert -1 not in events
    assert min(events) == -4 and max(events) == 3
    shares = found.check("bacon").extra["shares"]
    assert sum(share["weight"] for share in shares) == pytest.approx(1)
    whole = sum(share["weight"] * share["estimate"] for share in shares)
    assert whole == pytest.approx(found.estimate("twfe", "twfe").estimate)


def test_given_a_seed_when_bands_are_drawn_twice_then_they_are_the_same_and_wider() -> None:
    given = panel.from_frame(frame(), declared())
    steps: list[int] = []

    first = did.find(given, did.Options(draws=199), progress=lambda _, done: steps.append(done))
    second = did.find(given, did.Options(draws=199))

    assert first.extra == second.extra
    assert sum(steps) == 199
    assert 2.0 < first.extra["bands"]["critical"] < 4.0


def test_given_trends_that_part_when_checked_then_the_finding_fails_with_a_reason() -> None:
    found = did.find(made.staggered(5, units=300, trend=0.5).panel)

    assert found.check("pre_trend").verdict == "fail"
    assert found.verdict == "fail"
    assert "평행추세" in found.check("pre_trend").reason["ko"]


def test_given_covariates_that_separate_when_checked_then_overlap_fails() -> None:
    rows = frame().with_columns(x=(pl.col("g") > 0).cast(pl.Float64))

    with pytest.raises(Refusal) as refused:
        did.find(panel.from_frame(rows, declared(covariates=("x",))))

    assert refused.value.problems[0].code == "evaluate.nothing_identified"


def test_given_no_never_treated_when_compared_with_later_ones_then_the_last_cohort_is_spent() -> (
    None
):
    rows = frame().filter(pl.col("g") > 0)

    found = did.find(panel.from_frame(rows, declared(control="not-yet")))

    cells = [row for row in found.estimates if row.name == "att_gt"]
    assert {row.group for row in cells} == {3, 4}
    assert max(row.time for row in cells) == 4


@pytest.mark.parametrize("control", ["never", "not-yet"])
def test_given_any_estimator_when_its_first_row_is_taken_then_it_is_the_overall(
    control: str,
) -> None:
    found = did.find(panel.from_frame(frame(), declared(control=control)))

    first: dict[str, finding.Estimate] = {}
    for row in found.estimates:
        for key in (row.estimator, f"{row.estimator} {row.name}"):
            first.setdefault(key, row)
    for key in ("att_gt", "event"):
        first = {name: row for name, row in first.items() if not name.endswith(f" {key}")}
    assert {name for name, row in first.items() if row.event_time is not None} == set()
    assert {(row.group, row.time) for row in first.values()} == {(None, None)}
    assert found.estimates[0] == found.main


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("control", ["with never treated", "without"])
def test_given_every_cell_seen_when_regressed_by_cohort_then_it_is_the_regression_by_unit(
    clustered: bool, control: str
) -> None:
    rows = frame() if control == "with never treated" else frame().filter(pl.col("g") > 0)
    given = declared(weights="w", cluster="c" if clustered else "", control="not-yet")
    laid = wide.of(panel.from_frame(rows, given))

    for fit in (twfe.static, twfe.event_study):
        fast = fit(laid)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(wide.Wide, "balanced", False)
            slow = fit(laid)
        assert fast.event_times == slow.event_times
        np.testing.assert_allclose(fast.effects, slow.effects, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(fast.covariance, slow.covariance, rtol=1e-8, atol=1e-14)
        np.testing.assert_allclose(fast.classical, slow.classical, rtol=1e-9)
