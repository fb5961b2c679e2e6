"""Eight paths at a time: compiled lanes do what NumPy does, each path by itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.plan.engine import exact, fast, lanes, prepared
from koga.plan.engine.compiled import lean
from koga.plan.engine.lanes import LANES
from koga.plan.model import Floats
from tests.plan import deals_by_hand as by_hand

eights = st.lists(st.floats(-50, 50), min_size=LANES, max_size=LANES).map(np.array)


@lean
def _sums(one: Floats, other: Floats, found: Floats) -> None:
    x, y = lanes.at(one), lanes.at(other)
    lanes.put(found[0], 2.0 * (x + y) - x * 3.0)
    lanes.put(found[1], lanes.most(x, y))
    lanes.put(found[2], lanes.least(x, lanes.alike(1.5)))
    lanes.put(found[3], lanes.exp(x))


@given(eights, eights)
@settings(max_examples=50, deadline=None)
def test_given_eight_numbers_when_worked_on_then_they_are_what_numpy_makes_of_them(
    one: Floats, other: Floats
) -> None:
    found = np.zeros((4, LANES))
    _sums(one, other, found)

    np.testing.assert_allclose(found[0], 2 * (one + other) - 3 * one, rtol=1e-14, atol=1e-13)
    assert (found[1] == np.maximum(one, other)).all()
    assert (found[2] == np.minimum(one, 1.5)).all()
    np.testing.assert_allclose(found[3], np.exp(one), rtol=1e-14)


@pytest.mark.parametrize("count", [1, 8, 21, 80])
def test_given_eight_paths_when_turned_and_turned_back_then_nothing_moved(count: int) -> None:
    whole = np.random.default_rng(count).random((3, LANES, count))
    found, back = np.zeros((count, LANES)), np.zeros((LANES, count))
    lanes.abreast(whole[1], found)
    lanes.apart(found, back)

    assert (found == whole[1].T).all()
    assert (back == whole[1]).all()


@pytest.mark.parametrize("engine", ["exact", "fast"])
def test_given_lines_of_one_law_when_simulated_then_each_is_what_it_is_alone(engine: str) -> None:
    run = exact.flows if engine == "exact" else fast.flows
    laws = {f"{name} {copy}": by_hand.ALL[name] for copy in "ab" for name in ("seed", "fund")}
    model, alone = (
        by_hand.model(each, vintages=6, quarters=44, deals=7)
        for each in (laws, {"seed b": by_hand.SEED})
    )
    found, expected = (run(each, seed=2, first=0, paths=11) for each in (model, alone))

    assert prepared.tables(model).like.tolist() == [0, 1, 0, 1]
    assert (found.returned[:, 2] == expected.returned[:, 0]).all()
    assert expected.returned.any()
