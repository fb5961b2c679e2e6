"""Takahashi and Alexander's model: the paper's sets, its identity, and what is refused."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from koga.core.problems import Refusal
from koga.plan.engine import pacing
from koga.plan.engine.pacing import Assumptions

PAPER = {
    "venture base": Assumptions(100, (0.25, 1 / 3, 0.5), 12, 2.5, 0.13, 0.0),
    "venture 1980s": Assumptions(100, (0.29, 0.30, 0.30), 20, 1.2, 0.20, 0.0),
    "venture 1984-86": Assumptions(100, (0.20, 0.25, 0.30), 18, 2.2, 0.07, 0.0),
    "real estate": Assumptions(100, (0.40, 0.40), 12, 5.0, 0.08, 0.05),
    "oil and gas": Assumptions(100, (0.30, 0.50), 15, 1.0, 0.08, 0.15),
    "buyout": Assumptions(100, (0.25, 0.50), 12, 2.5, 0.13, 0.0),
}


@pytest.mark.parametrize("name", PAPER)
def test_the_rate_of_return_is_the_growth(name: str) -> None:
    path = pacing.project(PAPER[name], 15)

    assert pacing.rate(path) == pytest.approx(PAPER[name].growth, abs=1e-9)


def test_the_base_set_peaks_where_it_was_recomputed() -> None:
    path = pacing.project(PAPER["venture base"], 15)

    peak = max(path, key=lambda year: year.nav)
    best = max(path, key=lambda year: year.distribution)
    assert (peak.year, round(peak.nav, 2)) == (5, 106.80)
    assert (best.year, round(best.distribution, 2)) == (8, 35.78)
    assert path[14].contribution < 0.01  # the paper's check: under 1 basis point of commitment


def test_the_first_years_by_hand() -> None:
    """25; then 28.25 grown, 25 called, 28.25·(2/12)^2.5 = 0.3204 paid out."""
    first, second = pacing.project(PAPER["venture base"], 2)

    assert (first.contribution, first.distribution, first.nav, first.unfunded) == (25, 0, 25, 75)
    assert second.contribution == pytest.approx(25)
    assert second.distribution == pytest.approx(28.25 * (2 / 12) ** 2.5)
    assert second.nav == pytest.approx(28.25 + 25 - 28.25 * (2 / 12) ** 2.5)


def test_after_the_life_all_grown_value_is_paid_out() -> None:
    path = pacing.project(PAPER["oil and gas"], 20)

    assert all(pacing.distribution_rate(PAPER["oil and gas"], year) == 1 for year in (15, 16, 20))
    assert path[16].distribution == pytest.approx(path[15].nav * 1.08)


@settings(deadline=None)
@given(
    st.lists(st.floats(0.05, 1), min_size=1, max_size=4),
    st.integers(3, 20),
    st.floats(0.3, 6),
    st.floats(-0.2, 0.5),
    st.floats(0, 0.3),
    st.integers(2, 25),
)
def test_growth_is_always_the_rate_where_there_is_one(
    rates: list[float], life: int, bow: float, growth: float, least: float, years: int
) -> None:
    path = pacing.project(Assumptions(1e12, tuple(rates), life, bow, growth, least), years)

    rate = pacing.rate(path)
    assume(rate is not None)
    assert rate == pytest.approx(growth, abs=1e-9)
    paid = sum(year.contribution for year in path)
    assert path[-1].unfunded == pytest.approx(1e12 - paid, rel=1e-9, abs=1)
    assert all(year.nav >= -1e-3 and year.distribution >= 0 for year in path)


@given(st.floats(1.2, 2.5))
@settings(max_examples=20, deadline=None)
def test_a_bow_is_found_for_a_multiple_and_a_rate(tvpi: float) -> None:
    wanted = {"commitment": 100.0, "contributions": (0.25, 1 / 3, 0.5), "life": 12, "yield_": 0.0}

    found = pacing.fit(tvpi=tvpi, irr=0.13, years=15, **wanted)

    path = pacing.project(found, 15)
    assert pacing.multiple(path) == pytest.approx(tvpi, abs=1e-9)
    assert pacing.rate(path) == pytest.approx(0.13, abs=1e-9)


def test_a_multiple_out_of_reach_is_refused_with_what_is_in_reach() -> None:
    with pytest.raises(Refusal) as refused:
        pacing.fit(
            tvpi=9.0,
            irr=0.13,
            commitment=100,
            contributions=(0.25, 0.5),
            life=12,
            yield_=0,
            years=15,
        )
    assert "–" in refused.value.problems[0].message("ko")


def test_every_unusable_parameter_is_listed() -> None:
    with pytest.raises(Refusal) as refused:
        pacing.project(Assumptions(0, (1.5,), 0, 0, -1, 2), 0)

    places = [problem.where for problem in refused.value.problems]
    assert places == ["commitment", "contributions", "life", "bow", "growth", "yield", "years"]
