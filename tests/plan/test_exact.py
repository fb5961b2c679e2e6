"""The exact engine against deals lived one by one, and the same bits however it is computed."""

import dataclasses
import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from koga.plan.engine import exact
from koga.plan.model import Equity, Floats, Loan, Model
from tests.plan import deals_by_hand as by_hand
from tests.plan import one_by_one
from tests.plan.one_by_one import Lived

PATHS, DEALS, QUARTERS = 4000, 30, 48
NAMES = ("invested", "returned", "written_off", "closed")
LOAN = dataclasses.replace(by_hand.SECURED, ratings=(0.0, 0.0, 0.0, 0.3, 0.4, 0.3))
LAWS = {"venture": by_hand.VENTURE, "growth": by_hand.GROWTH, "loan": LOAN,
        "guarantee": by_hand.GUARANTEE}  # fmt: skip


def drawn(law: Equity | Loan) -> Lived:
    """The engine's flows of one line, per won promised."""
    model = by_hand.model({"one": law}, sectors=1, vintages=1, deals=DEALS, quarters=QUARTERS)
    found = exact.flows(model, seed=2026, first=0, paths=PATHS)
    return Lived(*(getattr(found, name)[:, 0] / (DEALS * 1e9) for name in NAMES))


def lived(law: Equity | Loan, seed: int = 1) -> Lived:
    size = {"paths": PATHS, "deals": DEALS, "quarters": QUARTERS, "seed": seed}
    if isinstance(law, Equity):
        return one_by_one.equity(law, by_hand.LIVELY, **size)
    return one_by_one.loan(law, by_hand.LIVELY, **size)


def apart(one: Floats, other: Floats) -> Floats:
    """Differences of the means of quarters, in standard errors, where something happens."""
    often = ((one != 0).sum(axis=0) > 100) | ((other != 0).sum(axis=0) > 100)
    gap = one.mean(axis=0) - other.mean(axis=0)
    spread = np.sqrt((one.var(axis=0) + other.var(axis=0)) / PATHS)
    told = often & (spread > 1e-12)
    assert np.abs(gap[~told]).max(initial=0) < 1e-2
    found: Floats = gap[told] / spread[told]
    return found


def totals(one: Lived, name: str) -> Floats:
    """Of each path, rounded so that equal numbers of deals tie."""
    found: Floats = np.round(getattr(one, name).sum(axis=1), 9)
    return found


@pytest.fixture(scope="module", params=LAWS)
def pair(request: pytest.FixtureRequest) -> tuple[Lived, Lived]:
    return drawn(LAWS[request.param]), lived(LAWS[request.param])


@pytest.mark.parametrize("name", NAMES)
def test_given_deals_lived_one_by_one_when_averaged_then_every_quarter_is_the_engines(
    pair: tuple[Lived, Lived], name: str
) -> None:
    scores = apart(*(getattr(one, name) for one in pair))

    assert np.abs(scores).max(initial=0) < 5
    assert scores.size < 8 or math.sqrt((scores**2).mean()) < 1.6


@pytest.mark.parametrize("name", NAMES)
def test_given_deals_lived_one_by_one_when_totals_are_compared_then_they_have_one_distribution(
    pair: tuple[Lived, Lived], name: str
) -> None:
    one, other = (totals(each, name) for each in pair)

    assert stats.ks_2samp(one, other).pvalue > 1e-3
    assert one.std() == pytest.approx(other.std(), rel=0.1)
    spread = math.sqrt((one.var() + other.var()) / PATHS)
    assert one.mean() == pytest.approx(other.mean(), abs=4 * spread + 1e-9)


@pytest.mark.parametrize(
    "changed",
    [
        {"beta": 0.2},
        {"zero_share": 0.24},
        {"holding_years": 5.2},
        {"log_deviation": 0.75},
        {"holding_shape": 3.0},
    ],
)
def test_given_a_law_that_is_a_little_another_when_compared_then_the_comparison_tells(
    changed: dict[str, float],
) -> None:
    other = lived(dataclasses.replace(by_hand.VENTURE, **changed))
    own = drawn(by_hand.VENTURE)

    chances = [
        stats.ks_2samp(totals(own, name), totals(other, name)).pvalue
        for name in ("returned", "written_off", "closed")
    ]
    scores = np.concatenate([apart(getattr(own, name), getattr(other, name)) for name in NAMES])
    assert min(chances) < 1e-3 or np.abs(scores).max() > 5


def test_given_certain_multiples_beside_ones_with_a_tail_when_drawn_then_both_pay_them() -> None:
    certain = Equity(1.0, 4.0, 0.0, 0.0, 0.0, 2.0, 5.0, 0.0, 0.0, 0.0, 0.0)
    model = by_hand.model({"one": certain}, sectors=2, vintages=1, deals=1, quarters=60)
    model = dataclasses.replace(
        model,
        sectors=tuple(dataclasses.replace(one, zero_share_added=0.0) for one in model.sectors),
    )

    returned = exact.flows(model, seed=0, first=0, paths=2000).returned[:, 0].sum(axis=1) / 1e9

    assert returned.min() > 0
    assert returned.mean() == pytest.approx(2.0, rel=0.01)


# ---------------------------------------------------------------- the same bits


@pytest.fixture(scope="module")
def model() -> Model:
    """Every law, few and many deals in a cell, money put in again."""
    one = by_hand.model(by_hand.ALL, evergreen=0.5, deals=5, vintages=6)
    deals = one.deals.copy()
    deals[:, 0, 3] = 400
    return dataclasses.replace(one, deals=deals)


def bits(model: Model, first: int, paths: int, audit: exact.Audit = "") -> bytes:
    found = exact.flows(model, seed=5, first=first, paths=paths, shift=-0.5, audit=audit)
    rows = np.stack([getattr(found, name) for name in (*NAMES, "income")], axis=1)
    both = np.concatenate([rows.reshape(paths, -1), found.weights[:, None], found.factors], axis=1)
    return both.tobytes()


@pytest.mark.parametrize("audit", ["", "philox"])
@given(cuts=st.sets(st.integers(1, 15)))
@settings(max_examples=12, deadline=None)
def test_given_any_cuts_when_ranges_are_joined_then_not_a_bit_differs(
    model: Model, audit: exact.Audit, cuts: set[int]
) -> None:
    ends = [0, *sorted(cuts), 16]

    parts = [bits(model, low, high - low, audit) for low, high in itertools.pairwise(ends)]

    assert b"".join(parts) == bits(model, 0, 16, audit)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_given_any_number_of_threads_when_drawn_at_once_then_not_a_bit_differs(
    model: Model, threads: int
) -> None:
    ranges = [(first, 4) for first in range(0, 40, 4)]

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(lambda one: bits(model, *one), ranges))

    assert b"".join(parts) == bits(model, 0, 40)


def test_given_the_audit_generator_when_drawn_then_words_differ_and_factors_do_not(
    model: Model,
) -> None:
    one, other = (exact.flows(model, seed=5, first=0, paths=3, audit=one) for one in ("", "philox"))

    assert (one.returned != other.returned).any()
    assert (one.factors == other.factors).all()
