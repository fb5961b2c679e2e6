"""Tails by importance sampling: unbiased, with honest errors, the same wherever computed."""

import dataclasses
import math
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from koga import plan
from koga.plan import build, measures, simulation, tails
from koga.plan.budget import reverse, risk, tail_figures
from koga.plan.budget.tail_figures import Law, Target
from koga.plan.engine import factors, fast
from koga.plan.model import Floats, Model
from koga.plan.outcome import Outcome
from koga.plan.result import Result
from koga.plan.schemes.shape import Scheme

NORMAL = NormalDist()
CHANCE, CORRELATION = 0.03, 0.2
LAWS = (Law(0, 3000, 0.0), Law(3000, 500, -2.4), Law(3500, 500, -4.2))


@pytest.fixture(scope="module")
def small(root: Path) -> Scheme:
    return plan.load(root / "schemes" / "small.toml")


@pytest.fixture(scope="module")
def model(small: Scheme) -> Model:
    return build.build(small)


def vasicek(factor: Floats) -> Floats:
    """Loss rate of a large pool of equal loans, given the factor (Vasicek, 2002)."""
    from scipy.special import ndtr, ndtri

    below = ndtri(CHANCE) - np.sqrt(CORRELATION) * factor
    found: Floats = ndtr(below / np.sqrt(1 - CORRELATION))
    return found


def mixture(seed: int) -> tuple[Floats, Floats]:
    """The market's factor on paths of all laws, and their weights."""
    rng = np.random.default_rng(seed)
    drawn = np.concatenate([rng.standard_normal(law.paths) + law.shift for law in LAWS])
    return drawn, tails.weights(drawn, LAWS)


# --- closed forms


def test_given_a_large_pool_when_drawn_from_a_mixture_then_tails_are_vasiceks_closed_form() -> None:
    drawn, weights = mixture(17)

    found = risk.of(vasicek(drawn), weights, law=tail_figures.law_of(LAWS))

    assert found.expected.value == pytest.approx(CHANCE, abs=4 * found.expected.error)
    for level, at_risk in found.at_risk.items():
        exact = float(vasicek(np.array([NORMAL.inv_cdf(1 - level)]))[0])
        assert at_risk.value == pytest.approx(exact, abs=4 * at_risk.error)
        assert 0 < at_risk.error < 0.02 * exact


@pytest.mark.parametrize("far", [2.0, 3.0, 4.0, 5.0])
def test_given_an_event_however_rare_when_weighed_then_its_chance_has_the_error_it_says(
    far: float,
) -> None:
    exact = NORMAL.cdf(-far)
    law = tail_figures.law_of(LAWS)
    apart = []
    for seed in range(200):
        drawn, weights = mixture(seed)
        chance, error = tail_figures.spread.by_law(np.where(drawn < -far, weights, 0.0), law)
        apart.append((chance - exact) / error)

    assert abs(np.mean(apart)) < 4 / 200**0.5
    assert np.std(apart) == pytest.approx(1, abs=0.2)
    assert error < 0.2 * exact


def test_given_repeated_mixtures_when_tails_are_read_then_errors_are_the_spread_seen() -> None:
    law = tail_figures.law_of(LAWS)
    found = [risk.of(*mixture(seed), law=law) for seed in range(200)]

    for level in risk.LEVELS:
        for name in ("at_risk", "shortfall"):
            each = [getattr(one, name)[level] for one in found]
            seen = float(np.std([one.value for one in each]))
            assert np.mean([one.error for one in each]) == pytest.approx(seen, rel=0.2), name


def test_given_weights_when_summed_over_laws_then_they_average_to_one_and_have_a_bound() -> None:
    drawn, weights = mixture(3)

    mean, error = tail_figures.spread.by_law(weights, tail_figures.law_of(LAWS))

    assert mean == pytest.approx(1, abs=4 * error)
    assert weights.max() <= drawn.size / LAWS[0].paths + 1e-12


# --- the market's first component


def test_given_a_law_when_its_component_is_read_back_then_the_engine_weighs_the_same(
    small: Scheme, model: Model
) -> None:
    law = Law(40, 60, -1.7)
    shifted = fast.flows(model, seed=5, first=40, paths=60, draws="counter", shift=-1.7)

    component = tails.first_component(model, seed=5, law=law, source="counter")

    unshifted = component + 1.7
    expected = np.exp(1.7 * unshifted - 0.5 * 1.7**2)
    assert shifted.weights == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("source", ["counter", "sobol"])
def test_given_factors_when_projected_then_their_first_component_is_the_one_read_back(
    model: Model, source: factors.Draws
) -> None:
    years, memory = tails.prepared.years_of(model), model.market.memory
    drawn = factors.drawn(
        years=years, sectors=len(model.sectors), memory=memory, seed=5, first=0, paths=50,
        source=source,
    )  # fmt: skip
    matrix, _ = factors.loadings(years, memory)

    component = tails.first_component(model, seed=5, law=Law(0, 50, 0.0), source=source)

    assert component == pytest.approx(np.linalg.solve(matrix, drawn.market.T)[0], abs=1e-9)


# --- which shifts


def test_given_a_pilot_when_aimed_then_bad_decades_are_drawn_for_the_cost(
    small: Scheme, model: Model
) -> None:
    found = tails.pilot(small, model, seed=1)

    chosen = tails.shifts(found)
    by_name = {one.name: one for one in found}
    assert by_name["cost.lifetime"].chance == pytest.approx(0.01, abs=0.005)
    assert -3 < chosen[0] < -1.5
    assert found == tails.pilot(small, model, seed=1)
    assert 0 < by_name["protected_loses"].chance < 0.2


def test_given_nothing_worth_a_shift_when_chosen_then_all_paths_are_plain() -> None:
    assert tails.shifts([Target("cost.lifetime", 0.01, -0.3), Target("call.a", 0.0, None)]) == ()
    assert tails.planned(500, ()) == (Law(0, 500, 0.0),)


# --- a simulation


@pytest.fixture(scope="module", params=["exact", "fast"])
def result(request: Any, small: Scheme) -> Result:
    return plan.simulate(small, paths=3000, seed=9, engine=request.param)


def test_given_a_simulation_when_weighed_then_the_mean_weight_is_one(result: Result) -> None:
    assert result.tails is not None
    weight = result.tails.weight

    assert [law.paths for law in result.tails.laws[:2]] == [3000, 375]
    assert weight.value == pytest.approx(1, abs=4 * weight.error)
    assert 0 < weight.error < 0.02


def test_given_a_simulation_when_weighed_then_means_are_those_of_the_plain_paths(
    result: Result,
) -> None:
    assert result.tails is not None
    sample = result.tails.sample
    for name in ("cost.lifetime", "call.venture_fund", "protected_loses"):
        mixed = tail_figures.spread.of(sample.measures[name], sample.weights)
        plain = tail_figures.spread.of(result.outcome.measures[name], result.outcome.weights)

        assert abs(mixed.mean - plain.mean) < 4 * plain.error, name


def test_given_the_shifted_paths_alone_when_weighed_then_the_far_tail_is_the_plain_one(
    small: Scheme, model: Model
) -> None:
    """Single shift, no plain path: the ordinary likelihood ratio."""
    law = Law(0, 2000, -1.8)
    job = tails.Job(small, model, 2, "fast", (law,))
    bad = job.run(0, 2000)
    plain = plan.simulate(small, paths=20_000, seed=1, engine="fast").outcome

    one, other = (risk.of(each.measures["cost.lifetime"], each.weights) for each in (plain, bad))
    assert bad.weights.mean() == pytest.approx(1, abs=4 * bad.weights.std() / 2000**0.5)
    for level in risk.LEVELS:
        for name in ("at_risk", "shortfall"):
            first, second = getattr(one, name)[level], getattr(other, name)[level]
            apart = abs(first.value - second.value)
            assert apart < 4 * math.hypot(first.error, second.error), (name, level)


def test_given_a_simulation_when_tails_are_read_then_their_error_is_smaller_than_plain(
    result: Result,
) -> None:
    assert result.tails is not None
    plain = risk.of(result.outcome.measures["cost.lifetime"], result.outcome.weights)

    found = result.tails.rows[-1].risk

    for level in (0.99, 0.995):
        assert found.effective[level] > 1.5 * plain.effective[level]
        apart = abs(found.shortfall[level].value - plain.shortfall[level].value)
        assert apart < 4 * plain.shortfall[level].error
    assert found.shortfall[0.995].error < plain.shortfall[0.995].error


def protected_well(model: Model, share: float) -> Model:
    """The fund with a junior of this share, which bears first losses: senior money seldom loses."""
    first = dataclasses.replace(
        model.vehicles[0],
        parts=(("city", share), ("banks", 1 - share)),
        first_loss_share=share,
    )
    return dataclasses.replace(model, vehicles=(first, *model.vehicles[1:]))


def test_given_a_loss_no_plain_path_shows_when_simulated_then_it_has_a_chance_and_an_error(
    small: Scheme, model: Model
) -> None:
    rare = protected_well(model, 0.8)

    found = simulation.simulate(small, paths=4096, seed=5, model=rare, engine="fast")

    assert found.outcome.measures["protected_loses"].sum() == 0
    figure = found.figures["protected_loses"]
    assert figure.weighed and found.tails is not None
    assert figure.mean is not None and figure.error is not None
    assert 0 < figure.mean < 1e-4 and 0 < figure.error < figure.mean
    assert found.tails.seen is not None and found.tails.seen.chance == figure.mean
    amount = found.figures["protected_loss"]
    assert amount.weighed and amount.mean is not None and amount.mean > 0


def test_given_what_never_happens_when_simulated_then_it_says_so(
    small: Scheme, model: Model
) -> None:
    never = protected_well(model, 1 - 1e-9)

    found = simulation.simulate(small, paths=300, seed=5, model=never, engine="fast")

    assert found.figures["protected_loses"].mean == 0
    assert found.figures["protected_loses"].status == tail_figures.UNMET
    assert found.figures["protected_loses"].as_json()["status"] == "unmet"


def test_given_a_few_paths_when_simulated_then_far_tails_are_flagged(small: Scheme) -> None:
    found = plan.simulate(small, paths=40, seed=1, engine="fast")

    assert found.tails is not None
    rows = found.tails.as_json()["rows"]
    far = [row for row in rows if row["level"] == 0.995 and row["year"] == 0]
    assert far[0]["status"] == tail_figures.UNSETTLED
    assert far[0]["effective_paths"] < tail_figures.EFFECTIVE_MIN


def test_given_a_simulation_when_told_then_json_and_frame_hold_every_year_level_and_error(
    result: Result,
) -> None:
    told = result.as_json()["tails"]

    years = len(result.series["budget.net"])
    assert len(told["rows"]) == 3 * (years + 1)
    assert told["method"] == "importance_sampling"
    assert {"at_risk_error", "shortfall_error", "effective_paths"} <= told["rows"][0].keys()
    assert told["protected"]["rank"] == "senior"
    assert len(told["protected"]["market"]) == years
    assert result.tails is not None and result.tails.frame().height == len(told["rows"])
    assert result.as_json()["measures"]["call.venture_fund"]["importance_sampled"] is True
    assert all(measures.label(one["name"], "ko", result.scheme) for one in told["drivers"])


def test_given_two_workers_when_simulated_then_the_tails_are_those_of_one(
    small: Scheme, result: Result
) -> None:
    engine: Any = result.engine

    again = plan.simulate(small, paths=3000, seed=9, engine=engine, workers=2)

    assert again.as_json()["tails"] == result.as_json()["tails"]


def test_given_ranges_cut_otherwise_when_joined_then_the_sample_is_the_same(
    small: Scheme, model: Model
) -> None:
    laws = (Law(0, 30, 0.0), Law(30, 20, -2.0))
    job = tails.Job(small, model, 4, "exact", laws)
    whole = [job.run(0, 30), job.run(30, 20)]
    cut = [job.run(0, 7), job.run(7, 23), job.run(30, 1), job.run(31, 19)]

    one, other = (
        tails.mixed(parts, model, seed=4, laws=laws, engine="exact") for parts in (whole, cut)
    )

    assert (one.weights == other.weights).all()
    for name in one.measures:
        assert np.array_equal(one.measures[name], other.measures[name], equal_nan=True), name


def test_given_nobody_protected_when_read_then_there_is_no_reverse_stress(result: Result) -> None:
    assert result.tails is not None
    sample, plain = result.tails.sample, result.outcome
    bare = Outcome(
        0, sample.weights, {n: v for n, v in sample.series.items() if not n.startswith("lost.")},
        sample.measures,
    )  # fmt: skip

    found = tail_figures.read(bare, plain, laws=result.tails.laws, targets=(), first_year=2025)

    assert found.rank == "" and found.seen is None and found.as_json()["protected"] is None
    assert reverse.protected(sample) == "senior"
