"""What must happen before the protected rank of a scheme loses."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from koga.plan import build, measures
from koga.plan.budget import fiscal, reverse
from koga.plan.engine import fast
from koga.plan.model import Model
from koga.plan.money import holders
from koga.plan.outcome import Outcome
from koga.plan.schemes import scheme
from koga.plan.schemes.shape import Scheme


@pytest.fixture(scope="module")
def small(root: Path) -> Scheme:
    return scheme.load(root / "schemes" / "small.toml")


@pytest.fixture(scope="module")
def model(small: Scheme) -> Model:
    return build.build(small)


def test_given_a_scheme_when_searched_then_the_rank_loses_there_and_not_before(
    model: Model,
) -> None:
    found = reverse.reverse(model)
    loss = reverse.loss_of(model, "senior")

    assert found is not None and found.nearest.found and found.level.found
    for design in (found.nearest, found.level):
        there, before = loss(np.stack([design.shift, 0.98 * design.shift]))
        assert there > 1 >= before
    assert found.nearest.distance <= found.level.distance
    assert np.ptp(found.level.shift) < 1e-9
    assert (found.level.shift < 0).all()
    assert found.lost_won == 0


def test_given_a_rank_nobody_holds_when_searched_then_there_is_no_answer(model: Model) -> None:
    assert reverse.reverse(model, rank="mezzanine") is None


def outcome_of(told: Scheme, model: Model) -> Outcome:
    flows = fast.flows(model, seed=4, first=0, paths=512)
    held = holders.holdings(model, flows)
    costs = fiscal.outcome(told, model, flows, held)
    lost = {"lost.senior": held.lost_by_rank["senior"]}
    return dataclasses.replace(costs, series={**costs.series, **lost})


def test_given_simulated_paths_when_conditioned_then_the_market_was_bad_where_it_lost(
    small: Scheme, model: Model
) -> None:
    outcome = outcome_of(small, model)

    found = reverse.seen(outcome)

    assert found is not None and found.means is not None
    assert 0 < found.chance < 0.5
    assert found.means[:6].mean() < -0.2
    assert reverse.seen(outcome, rank="mezzanine") is None


def test_given_simulated_paths_when_ranked_then_the_market_drives_the_cost(
    small: Scheme, model: Model
) -> None:
    outcome = outcome_of(small, model)
    multiple = outcome.series["budget.returned"].sum(axis=1)
    outcome = dataclasses.replace(
        outcome, measures={**outcome.measures, "gross_multiple": multiple}
    )

    found = reverse.drivers(outcome, first_year=model.first_year, top=5)

    assert found[0].name == "gross_multiple" and found[0].correlation < -0.99
    assert found[1].name == "market.mean" and found[1].correlation < -0.3
    assert all(measures.label(one.name, "ko", small) for one in found[1:])
