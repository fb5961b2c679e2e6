"""What programmes deliver and cost: closed forms, ranges as pure functions, figures with words."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from koga.plan import measures
from koga.plan.programmes import compute_supply, hub_space, key_talents, programmes, rule_decisions
from koga.plan.programmes.compute_supply import Supply
from koga.plan.programmes.key_talents import Treatment
from koga.plan.programmes.rule_decisions import Desk
from koga.plan.programmes.span import Span
from koga.plan.schemes import scheme
from koga.plan.schemes.scheme import Scheme

SUPPLY = Supply(
    name="gpu", planned=dict.fromkeys(range(2027, 2031), 1_000_000.0), rent_share=0.0,
    rent_price=4500.0, price=60_000_000.0, price_change=0.0, price_deviation=0.1,
    resale_share=0.1, interest_rate=0.04, operating_share=0.08, power_kw=1.0, overhead=1.3,
    power_price=170.0, availability_share=0.95, utilisation_share=0.6,
    utilisation_deviation=0.08, life_years=4.0,
)  # fmt: skip
DESK = Desk("rules", {2027: 5200.0, 2028: 5200.0}, 110.0, 1.0, 2.0, 0.05, 0.01)


@pytest.fixture(scope="module")
def proposal(root: Path) -> Scheme:
    return scheme.load(root / "schemes" / "koga-500.toml")


def test_given_constant_figures_when_hours_are_bought_then_cost_is_the_closed_form() -> None:
    annuity = 0.04 * (1 - 0.1 * 1.04**-4) / (1 - 1.04**-4)
    hours = 8760 * 0.95
    yearly = 60e6 * (annuity + 0.08) + 1.3 * hours * 170
    large = replace(SUPPLY, planned=dict.fromkeys(range(2027, 2031), hours * 0.6 * 1000))

    found = compute_supply.expected(large)

    assert compute_supply.cost_per_hour(large) == pytest.approx(yearly / (hours * 0.6))
    assert found.cards.tolist() == [[1000.0] * 4]
    assert found.hours.sum() == pytest.approx(4 * hours * 0.6 * 1000)
    assert found.cost.sum() / found.hours.sum() == pytest.approx(yearly / (hours * 0.6))


def test_given_rented_hours_when_some_stand_idle_then_those_used_cost_more() -> None:
    rented = replace(SUPPLY, rent_share=1.0)
    found = compute_supply.expected(rented)

    assert found.cards.sum() == 0
    assert found.cost.sum() / found.hours.sum() == pytest.approx(4500 / 0.6)
    assert compute_supply.cost_per_hour(rented) == pytest.approx(4500 / 0.6)


def test_given_cards_when_their_life_ends_then_they_are_bought_again() -> None:
    long = replace(SUPPLY, planned=dict.fromkeys(range(2027, 2033), 1_000_000.0), life_years=3.0)
    found = compute_supply.expected(long)

    bought = np.flatnonzero(found.spent[0] > found.spent[0].min() * 2)
    assert bought.tolist() == [0, 3]
    assert len(set(found.cards[0])) == 1


def test_given_no_interest_when_charged_then_what_is_not_resold_is_spread_over_its_life() -> None:
    assert replace(SUPPLY, interest_rate=0.0).capital_charge == pytest.approx(0.9 / 4)


def test_given_random_prices_when_averaged_then_they_meet_the_plan() -> None:
    found = compute_supply.delivered(SUPPLY, seed=1, first=0, paths=2000)
    meant = compute_supply.expected(SUPPLY)

    assert found.spent[:, 0].mean() == pytest.approx(meant.spent[0, 0], rel=0.02)
    assert found.hours.mean() == pytest.approx(meant.hours.mean(), rel=0.02)
    part = compute_supply.delivered(SUPPLY, seed=1, first=7, paths=5)
    assert np.array_equal(part.cost, found.cost[7:12])


def test_given_one_decision_a_week_when_proposals_wait_then_the_line_is_the_known_one() -> None:
    """Poisson batches, one served a week: mean line after service is λ² / (2 (1 - λ))."""
    rate = 0.7
    arrived = np.random.default_rng(3).poisson(rate, (200, 52 * 40)).astype(float)

    waiting = rule_decisions.line(arrived, 1.0)

    assert waiting[:, 520:].mean() == pytest.approx(rate**2 / (2 * (1 - rate)), rel=0.05)


def test_given_too_few_reviewers_when_proposals_come_then_clocks_are_missed() -> None:
    slow = replace(DESK, a_week=80.0)
    found = rule_decisions.decided(slow, seed=1, first=0, paths=50)
    fast = rule_decisions.decided(DESK, seed=1, first=0, paths=50)

    assert found.waiting[:, 1].mean() == pytest.approx(2 * 52 * 20, rel=0.05)
    assert (found.weeks[:, 1] > found.weeks[:, 0]).all()
    assert found.in_time[:, 1].sum() < 0.05 * found.arrived[:, 1].sum()
    assert fast.in_time.sum() > 0.95 * fast.arrived.sum()
    assert np.array_equal(found.arrived, fast.arrived)
    assert np.array_equal(found.arrived.cumsum(1), found.decided.cumsum(1) + found.waiting)


def test_given_decisions_when_rules_go_then_they_follow_the_binomial() -> None:
    sure = replace(DESK, removed_deviation=0.0)
    found = rule_decisions.decided(sure, seed=5, first=0, paths=300)

    deviation = (found.removed - 0.05 * found.decided) / np.sqrt(found.decided * 0.05 * 0.95)
    assert stats.kstest(deviation.ravel(), "norm").pvalue > 1e-3


def test_given_no_treatment_when_people_leave_then_it_is_the_deterministic_stock() -> None:
    none = Treatment("k", {2027: 200.0, 2036: 200.0}, 500, 40, 0.08, (0, 0, 0), (0.1, 0.1, 0.1))
    found = key_talents.kept(none, seed=1, first=0, paths=800)

    assert none.multiplier == 1
    assert found.more.mean(axis=0) == pytest.approx(np.zeros(10), abs=1.5)
    assert key_talents.untreated(none, 200)[-1] == pytest.approx(40 / 0.08, rel=1e-6)


def test_given_treatment_when_paid_then_the_hazard_falls_by_its_effects() -> None:
    paid = Treatment("k", {2027: 900.0}, 500, 0, 0.1, (50e6, 20e6, 100e6), (0.08, 0.06, 0.04))
    found = key_talents.kept(paid, seed=1, first=0, paths=2000)

    multiplier = math.exp(-(5 * 0.08 + 2 * 0.06 + 10 * 0.04))
    assert paid.multiplier == pytest.approx(multiplier)
    assert found.left.mean() == pytest.approx(500 * (1 - 0.9**multiplier), rel=0.03)


def test_given_space_when_lived_in_then_days_follow_the_calendar() -> None:
    room = hub_space.Space("hub", {2027: 1000.0, 2028: 1000.0}, 0.9, 0.0, 50.0, 30_000.0, 0.2)
    found = hub_space.occupied(room, seed=1, first=0, paths=2)

    assert found.days.tolist() == [[900.0 * 365, 900.0 * 366]] * 2
    assert found.firms[0, 0] == 18
    assert found.support[0, 0] == pytest.approx(900 * 12 * 30_000 * 0.8)


def test_given_a_scheme_when_its_programmes_run_then_every_name_has_words_and_one_shape(
    proposal: Scheme,
) -> None:
    found = programmes.outcome(proposal, seed=1, first=0, paths=6, first_year=2027, years=15)

    assert all(figures.shape == (6, 15) for figures in found.series.values())
    assert {measures.find(name).kind for name in found.series} == {"series"}
    assert all(figures.shape == (6,) for figures in found.measures.values())
    assert {measures.find(name).kind for name in found.measures} == {"measure"}
    assert found.series["programme_cost.sesac"][0, 0] == 4000 * 12_500_000


def test_given_a_range_when_cut_then_each_path_gives_the_same(proposal: Scheme) -> None:
    whole = programmes.outcome(proposal, seed=4, first=10, paths=4)
    part = programmes.outcome(proposal, seed=4, first=12, paths=2)

    for name, figures in whole.series.items():
        assert np.array_equal(figures[2:], part.series[name]), name
    for name, figures in whole.measures.items():
        assert np.array_equal(figures[2:], part.measures[name], equal_nan=True), name


def test_given_ten_thousand_places_when_run_then_gross_and_net_are_far_apart(
    proposal: Scheme,
) -> None:
    found = programmes.outcome(proposal, seed=1, first=0, paths=40).measures

    assert found["talents_completed_a_year"].mean() == pytest.approx(10_000 * 0.95 * 0.85, rel=0.01)
    gross, net = found["talents_hired_a_year"].mean(), found["talents_net_a_year"].mean()
    assert 4000 < gross < 6400 and 850 < net < 1700
    assert (found["talents_cost_per_net_job"] > found["talents_cost_per_hire"]).all()


def test_given_a_scheme_without_parts_when_run_then_costs_alone_are_answered(root: Path) -> None:
    small = scheme.load(root / "schemes" / "small.toml")
    found = programmes.outcome(small, seed=1, first=0, paths=3)

    assert set(found.series) == {"programme_cost.academy", "programme_cost.gpu"}
    assert found.measures == {}


def test_given_figures_of_other_years_when_placed_then_stocks_stay_and_flows_end() -> None:
    figures = np.array([[1.0, 2.0, 3.0]])

    assert Span(2024, 6).place(figures, 2025).tolist() == [[0, 1, 2, 3, 0, 0]]
    assert Span(2026, 4).place(figures, 2025, carry=True).tolist() == [[2, 3, 3, 3]]
    assert Span(2040, 2).place(figures, 2025).tolist() == [[0, 0]]
