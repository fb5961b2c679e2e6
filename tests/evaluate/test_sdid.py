"""Synthetic difference-in-differences against another library, and its placebos."""

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest

from koga.core.problems import Refusal
from koga.evaluate.cards import card_reading
from koga.evaluate.effects import sdid
from koga.evaluate.panels import panel
from koga.evaluate.panels.panel import Declaration

DECLARED = Declaration(design="sdid", outcome="y", unit="u", time="t", treated="d")


def rows(
    treated: int = 1, *, units: int = 14, periods: int = 12, size: float = 3.0
) -> pl.DataFrame:
    generator = np.random.default_rng(9)
    common = generator.normal(size=(units, 2)) @ generator.normal(size=(2, periods)).cumsum(axis=1)
    outcome = 10 + common + generator.normal(0, 0.3, (units, periods))
    on = np.zeros((units, periods), dtype=int)
    on[-treated:, 8:] = 1
    return pl.DataFrame(
        {
            "u": np.repeat([f"s{unit:02d}" for unit in range(units)], periods),
            "t": np.tile(np.arange(2001, 2001 + periods), units),
            "d": on.ravel(),
            "y": (outcome + size * on).ravel(),
        }
    )


@pytest.mark.parametrize("treated", [1, 3])
def test_given_few_treated_when_estimated_then_effect_and_weights_are_the_other_library_s(
    treated: int,
) -> None:
    import diff_diff
    import pandas as pd

    frame = rows(treated)
    found = sdid.find(panel.from_frame(frame, DECLARED), sdid.Options(draws=3))
    pandas = pd.DataFrame(frame.to_dict(as_series=False))
    pandas["ever"] = pandas.groupby("u")["d"].transform("max")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = diff_diff.SyntheticDiD(seed=1, n_bootstrap=3).fit(
            pandas, outcome="y", treatment="ever", unit="u", time="t",
            post_periods=list(range(2009, 2013)),
        )  # fmt: skip

    assert found.main.estimate == pytest.approx(theirs.att, abs=1e-9)
    for row in found.extra["weights"]["units"]:
        assert row["weight"] == pytest.approx(theirs.unit_weights[row["unit"]], abs=1e-9)


def test_given_rows_in_any_order_when_estimated_then_the_answer_is_the_same() -> None:
    frame = rows()

    first = sdid.find(panel.from_frame(frame, DECLARED), sdid.Options(draws=5))
    second = sdid.find(panel.from_frame(frame.sample(fraction=1, shuffle=True, seed=2), DECLARED),
                       sdid.Options(draws=5))  # fmt: skip

    assert first.estimates == second.estimates


def test_given_a_seed_when_placebos_are_drawn_then_it_decides_the_error_alone() -> None:
    given = panel.from_frame(rows(), DECLARED)
    steps: list[int] = []

    one = sdid.find(given, sdid.Options(draws=10, seed=1), progress=lambda _, n: steps.append(n))
    same = sdid.find(given, sdid.Options(draws=10, seed=1))
    other = sdid.find(given, sdid.Options(draws=10, seed=2))

    assert one.main == same.main
    assert one.main.estimate == other.main.estimate
    assert one.main.se != other.main.se
    assert sum(steps) == 10


def test_given_no_draws_when_one_unit_is_treated_then_each_untreated_stands_in_once() -> None:
    given = panel.from_frame(rows(), DECLARED)

    first = sdid.find(given, sdid.Options(draws=0, seed=1))
    second = sdid.find(given, sdid.Options(draws=0, seed=2))

    assert first.main == second.main
    assert first.check("placebo").extra["draws"] == 13
    with pytest.raises(Refusal):
        sdid.find(panel.from_frame(rows(3), DECLARED), sdid.Options(draws=0))


def test_given_more_treated_than_untreated_when_estimated_then_placebos_are_refused() -> None:
    given = panel.from_frame(rows(8), DECLARED)

    with pytest.raises(Refusal) as refused:
        sdid.find(given, sdid.Options(draws=5))
    found = sdid.find(given, sdid.Options(error="jackknife"))

    assert [problem.code for problem in refused.value.problems] == ["evaluate.few_controls"]
    assert found.main.se is not None and found.main.se > 0
    assert "placebo" not in {check.name for check in found.checks}


def staggered(starts: tuple[int, ...], *, units: int = 16, size: float = 3.0) -> pl.DataFrame:
    """The last units are treated from the given columns on."""
    generator = np.random.default_rng(12)
    periods = 12
    common = generator.normal(size=(units, 2)) @ generator.normal(size=(2, periods)).cumsum(axis=1)
    outcome = 10 + common + generator.normal(0, 0.3, (units, periods))
    on = np.zeros((units, periods), dtype=int)
    for place, start in enumerate(starts):
        on[place, start:] = 1
    return pl.DataFrame(
        {
            "u": np.repeat([f"s{unit:02d}" for unit in range(units)], periods),
            "t": np.tile(np.arange(2001, 2001 + periods), units),
            "d": on.ravel(),
            "y": (outcome + size * on).ravel(),
        }
    )


def theirs(frame: pl.DataFrame) -> Any:
    import pandas
    import synthdid

    columns = pandas.DataFrame(frame.to_dict(as_series=False))
    return synthdid.staggered_synthdid_estimate(
        columns, unit="u", time="t", outcome="y", treatment="d"
    )


def test_given_several_starts_when_estimated_then_effects_are_the_other_library_s() -> None:
    frame = staggered((5, 5, 8, 9, 9))

    found = sdid.find(panel.from_frame(frame, DECLARED), sdid.Options(draws=20))
    peer = theirs(frame)

    assert found.main.estimate == pytest.approx(float(peer), abs=1e-8)
    by_start = {row.group: row.estimate for row in found.estimates if row.group is not None}
    assert list(by_start) == [2006, 2009, 2010]
    weights = np.array([2 * 7, 1 * 4, 2 * 3])
    assert found.main.estimate == pytest.approx(
        float(weights @ list(by_start.values()) / weights.sum()), abs=1e-12
    )
    assert found.facts["starts"] == [
        {"first": 2006, "units": 2}, {"first": 2009, "units": 1}, {"first": 2010, "units": 2},
        {"first": None, "units": 11},
    ]  # fmt: skip
    assert found.main.ci_low < 3.0 < found.main.ci_high


@pytest.mark.parametrize("starts", [(8, 8, 8), (5, 5, 9, 9, 9)])
def test_given_units_left_out_in_turn_when_estimated_then_the_error_is_the_other_library_s(
    starts: tuple[int, ...],
) -> None:
    frame = staggered(starts)

    found = sdid.find(panel.from_frame(frame, DECLARED), sdid.Options(error="jackknife"))
    peer = theirs(frame)

    assert found.main.se == pytest.approx(float(peer.se(method="jackknife")), rel=1e-6)


def test_given_one_treated_at_a_start_when_left_out_in_turn_then_refused() -> None:
    given = panel.from_frame(staggered((5, 8, 8)), DECLARED)

    with pytest.raises(Refusal) as refused:
        sdid.find(given, sdid.Options(error="jackknife"))

    assert [problem.code for problem in refused.value.problems] == ["evaluate.jackknife"]


def test_given_several_starts_when_a_card_is_made_then_it_counts_them() -> None:
    found = sdid.find(panel.from_frame(staggered((5, 8, 8)), DECLARED), sdid.Options(draws=10))

    made = card_reading.of_document(found.as_json(), "hubs").card("en")

    assert dict(made.facts)["Units"] == "3 supported units, 13 compared with"
    assert [point.label for point in made.groups] == ["2006", "2009"]


def test_given_a_known_effect_when_estimated_then_it_is_within_the_interval() -> None:
    found = sdid.find(panel.from_frame(rows(2), DECLARED), sdid.Options(draws=40))

    assert found.main.ci_low < 3.0 < found.main.ci_high
    assert found.facts["treated_units"] == ["s12", "s13"]
