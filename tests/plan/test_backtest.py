"""Forecasts against what happened: coverage of the band and PIT values by vintage."""

import math

import numpy as np
import pytest

from koga.plan import backtest
from koga.plan.outcome import Outcome


def forecast(
    vintage: int, *, deviation: float = 1.0, years: int = 30, mean: float = 0.0
) -> backtest.Forecast:
    rng = np.random.default_rng(vintage)
    drawn = rng.normal(mean, deviation, (4000, years))
    return backtest.Forecast(vintage, 2026, Outcome(0, np.ones(4000), {"net": drawn}, {}))


def happened(seed: int, years: int = 30) -> dict[str, dict[int, float]]:
    drawn = np.random.default_rng(seed).normal(0, 1, years)
    return {"net": {2026 + place: float(value) for place, value in enumerate(drawn)}}


def test_given_right_forecasts_when_tested_then_the_band_holds_and_pits_are_even() -> None:
    found = [
        backtest.backtest([forecast(2026)], {"net": happened(seed)["net"]}) for seed in range(40)
    ]

    rows = [row for one in found for row in one.rows]
    whole = backtest.coverage(rows)
    assert whole.rows == 1200
    assert whole.held
    assert np.mean([row.pit for row in rows]) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(("deviation", "share"), [(0.4, 0.5), (3.0, 1.0)])
def test_given_bands_too_narrow_or_wide_when_tested_then_coverage_says_so(
    deviation: float, share: float
) -> None:
    made = [forecast(2026, deviation=deviation, years=200)]

    found = backtest.backtest(made, happened(5, 200))

    assert found.coverage.share == pytest.approx(share, abs=0.1)
    assert found.coverage.held is False
    if deviation < 1:
        assert found.histogram[0] + found.histogram[9] > 0.4 * found.coverage.rows


def test_given_a_middle_that_was_off_when_tested_then_pits_pile_up_at_one_end() -> None:
    found = backtest.backtest([forecast(2026, mean=-2.0)], happened(9))

    assert found.coverage.above > 5 * max(1, found.coverage.below)
    assert found.distance > 0.5


def test_given_vintages_when_tested_then_only_later_years_count_for_each() -> None:
    found = backtest.backtest([forecast(2026), forecast(2040)], happened(3))

    assert {vintage: one.rows for vintage, one in found.by_vintage.items()} == {2026: 30, 2040: 16}
    assert min(row.year for row in found.rows if row.vintage == 2040) == 2040


def test_given_figures_a_forecast_lacks_when_tested_then_they_are_left_out() -> None:
    found = backtest.backtest([forecast(2026, years=2)], happened(3) | {"other": {2026: 1.0}})

    assert [(row.series, row.year) for row in found.rows] == [("net", 2026), ("net", 2027)]


def test_given_nothing_to_compare_when_tested_then_nothing_is_claimed() -> None:
    found = backtest.backtest([forecast(2026)], {})

    assert (found.coverage.rows, found.coverage.held) == (0, None)
    assert math.isnan(found.distance) and math.isnan(found.coverage.share)


def test_given_a_certain_figure_when_it_happens_then_its_pit_is_the_middle() -> None:
    sure = Outcome(0, np.ones(10), {"cost": np.full((10, 1), 7.0)}, {})

    (row,) = backtest.backtest([backtest.Forecast(2026, 2026, sure)], {"cost": {2026: 7.0}}).rows

    assert (row.pit, row.inside) == (0.5, True)


def test_given_nine_of_ten_when_an_interval_is_asked_then_it_is_wilsons() -> None:
    """Wilson's interval for 9 of 10 is 0.596 to 0.982."""
    assert backtest._wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
