"""Loan subsidies: cases on paper, the law's own closed form, fair value, re-estimates."""

import dataclasses
import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from koga.plan.budget import credit, curve
from koga.plan.engine import migration
from koga.plan.model import Line, Loan, Model
from tests.plan import by_hand

CASES = tomllib.loads(
    (Path(__file__).parents[1] / "cases" / "loan-subsidy.toml").read_text()
)["case"]  # fmt: skip
PLAIN = Loan((0.0, 0.0, 0.0, 0.0, 1.0, 0.0), 0.04, 0.5, 0.0, 0.0, 3.0, 2.75, False)
"""BB, three years, repaid at the end; no correlation, so every path is the mean."""


def lending(law: Loan, *, memory: float = 0.0, premium: float = 0.05, years: int = 2) -> Model:
    planned = np.full((1, 1, 4 * years), 100.0)
    return by_hand.model(
        40,
        at=by_hand.market(memory=memory, premium=premium),
        lines=(Line("loans", "loan", 0, 1e9, law),),
        planned=planned,
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_given_a_loan_on_paper_when_costed_then_the_subsidy_is_the_one_worked_out(
    case: dict,
) -> None:
    length = max(len(case["paid_out"]), len(case["expected_back"]))
    net = np.zeros(length)
    net[: len(case["paid_out"])] += case["paid_out"]
    net[: len(case["expected_back"])] -= case["expected_back"]
    discount = curve.discount_factors(np.full(20, 0.04))

    for start in (0, 7):
        assert float(credit.present_cost(net, discount, start)) == pytest.approx(
            case["subsidy"], abs=0.0005
        )


def expected_by_hand(law: Loan, quarters: int) -> np.ndarray:
    """Net flows of a bullet loan, ratings moving by the yearly matrix of the calendar year.

    A loan is given in the middle of a year on average, so two of its quarters fall in the first.
    """
    state = np.array(law.ratings)
    tenor = round(law.tenor_years * 4)
    net, alive = np.zeros(quarters), 1.0
    net[0] = 1.0
    defaults: list[float] = [0.0]
    year_default = 0.0
    for age in range(1, tenor + 1):
        if (age + 1) % 4 == 0 or age == 1:
            part = 0.5 if age == 1 else 1.0
            year_default = part * float(state @ migration.YEARLY[:, 6])
            state = (1 - part) * state + part * (state @ migration.YEARLY[:, :6])
            share = 2 if age == 1 else 4
        defaults.append(year_default / share)
    for age in range(1, tenor + 1):
        alive -= defaults[age]
        net[age] -= alive * law.rate / 4
        if age == tenor:
            net[age] -= alive
        net[age + 4] -= defaults[age] * (1 - law.loss_given_default)
    return net


def test_given_no_correlation_when_expected_then_flows_are_those_of_the_rating_matrix() -> None:
    found = credit.cohort(lending(PLAIN))

    quarters = found.expected.shape[1]
    assert found.expected[0] == pytest.approx(expected_by_hand(PLAIN, quarters), abs=2e-4)
    assert np.abs(found.net - found.expected).max() < 1e-9


def test_given_a_safe_loan_at_the_treasury_rate_when_costed_then_it_costs_nothing() -> None:
    safe = dataclasses.replace(PLAIN, ratings=(1.0, 0.0, 0.0, 0.0, 0.0, 0.0), tenor_years=1.0,
                               grace_years=0.75)  # fmt: skip

    found = credit.rates(lending(safe))

    # Over one year hardly any AAA borrower defaults; the flat curve makes every quarter alike.
    assert np.abs(found.treasury).max() < 1e-5
    assert np.ptp(found.treasury) < 1e-12


def test_given_correlated_loans_when_priced_then_fair_value_costs_more_than_treasury() -> None:
    law = dataclasses.replace(PLAIN, asset_correlation=0.15)

    risky, free = (credit.rates(lending(law, premium=premium)) for premium in (0.05, 0.0))

    assert (risky.fair > risky.treasury + 0.001).all()
    assert free.fair == pytest.approx(free.treasury, abs=1e-12)
    assert risky.treasury == pytest.approx(free.treasury, abs=1e-12)


def test_given_correlation_when_expected_then_the_mean_over_paths_is_the_matrix_still() -> None:
    """The mean of the conditional chances is the unconditional chance (Vasicek, 2002)."""
    law = dataclasses.replace(PLAIN, asset_correlation=0.15, tenor_years=1.0, grace_years=0.75)
    plain = dataclasses.replace(law, asset_correlation=0.0)

    correlated, flat = (credit.rates(lending(one)).treasury[0, 0] for one in (law, plain))

    assert correlated == pytest.approx(flat, rel=0.01)


def test_given_a_guarantee_when_costed_then_the_fee_comes_off_and_nothing_is_lent() -> None:
    guarantee = dataclasses.replace(PLAIN, guarantee=True, rate=0.01)
    model = lending(guarantee)
    flows = by_hand.flows(model, np.zeros((2, 1, 40)), np.zeros((2, 1, 40)))

    found = credit.rates(model)
    series = credit.series(model, flows, found)

    free = credit.rates(lending(dataclasses.replace(guarantee, rate=0.0)))
    assert 0 < found.treasury[0, 0] < free.treasury[0, 0]
    first = 100.0 * found.treasury[0, :4].sum()
    assert series["subsidy.treasury"][:, 0] == pytest.approx([first, first])
    assert series["subsidy.treasury"][0, 2:].sum() == 0


def test_given_what_is_lent_when_summed_then_the_years_subsidy_is_rate_times_disbursed() -> None:
    model = lending(PLAIN)
    lent = np.zeros((1, 1, 40))
    lent[0, 0, [0, 5]] = [200.0, 300.0]
    found = credit.rates(model)

    series = credit.series(model, by_hand.flows(model, lent, np.zeros_like(lent)), found)

    assert series["subsidy.treasury"][0, :3] == pytest.approx(
        [200 * found.treasury[0, 0], 300 * found.treasury[0, 5], 0]
    )


def test_given_no_loans_when_asked_then_there_is_no_subsidy() -> None:
    equity = dataclasses.replace(by_hand.model(8).lines[0], law=None)
    model = dataclasses.replace(by_hand.model(8), lines=(equity,))
    nothing = np.zeros((2, 1, 8))

    found = credit.rates(model)

    flows = by_hand.flows(model, nothing, nothing)
    assert found.lines == ()
    assert credit.series(model, flows, found)["subsidy.fair"].tolist() == [[0, 0], [0, 0]]
    assert credit.by_class(model, found) == {}


CORRELATED = dataclasses.replace(PLAIN, asset_correlation=0.15)


def test_given_nothing_known_when_booked_then_the_estimate_is_the_original_rate() -> None:
    model = lending(CORRELATED)

    (first, second) = credit.book(model, np.zeros(0))

    rate = credit.rates(model)
    assert (first.vintage, first.year, first.disbursed_won) == (2027, 2026, 400.0)
    assert (second.vintage, second.year) == (2028, 2027)
    assert first.treasury == pytest.approx(rate.treasury[0, 0], rel=1e-9)
    assert first.fair == pytest.approx(rate.fair[0, 0], rel=1e-9)


@pytest.mark.parametrize("memory", [0.0, 0.4])
def test_given_bad_years_when_re_estimated_then_loans_cost_more_year_after_year(
    memory: float,
) -> None:
    model = lending(CORRELATED, memory=memory, years=1)

    bad, good = (credit.book(model, np.full(4, at)) for at in (-2.0, 1.0))

    costs = [one.treasury for one in bad]
    assert [one.year for one in bad] == [2026, 2027, 2028, 2029, 2030]
    assert all(later > earlier for earlier, later in itertools.pairwise(costs[:4]))
    assert good[-1].treasury < good[0].treasury
    # Once every year is known nothing is left to price: fair and treasury value agree.
    assert bad[-1].fair == pytest.approx(bad[-1].treasury, rel=0.01)


def test_given_all_that_can_come_when_re_estimated_then_the_mean_is_the_original() -> None:
    """Re-estimates are conditional means: over what the first year may be they give the first."""
    model = lending(CORRELATED, years=1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(9)

    later = [credit.book(model, np.array([node]))[1].treasury for node in nodes]

    original = credit.book(model, np.zeros(0))[0].treasury
    assert float(np.array(later) @ weights / weights.sum()) == pytest.approx(original, rel=0.01)
