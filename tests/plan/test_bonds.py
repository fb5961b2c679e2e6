"""Guaranteed bonds: what is issued, paid, refinanced and called, against hand calculation."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga import plan
from koga.core.problems import Refusal
from koga.plan import build
from koga.plan.budget import bonds, curve
from koga.plan.model import Floats, Model
from koga.plan.needs import Needs
from koga.plan.schemes import writing
from koga.plan.schemes.shape import Scheme
from tests.plan import by_hand

FLAT = 0.04


def carried(own: bonds.Terms, paid: dict, received: dict, held: dict | None = None) -> bonds.Purse:
    found = by_hand.model()
    return bonds.purse(
        found,
        own,
        paid=by_hand.at(found.quarters, paid),
        received=by_hand.at(found.quarters, received),
        held=by_hand.at(found.quarters, held or {}),
    )


def test_given_one_bond_on_a_flat_curve_then_interest_is_the_hand_calculation() -> None:
    """1,000 at 4 % + 0.2 % for ten years: 10.5 a quarter, 40 times, and 1,000 at the end."""
    own = by_hand.terms(spread=0.002, supported=44)

    purse = carried(own, {0: 1000.0}, {40: 1010.5})

    assert purse.issued[0, 0] == 1000
    assert purse.interest[0, 1:41].tolist() == pytest.approx([10.5] * 40)
    assert purse.supported[0].sum() == pytest.approx(39 * 10.5)
    assert purse.repaid[0, 40] == pytest.approx(1000)
    assert purse.outstanding[0, [0, 39, 40]].tolist() == pytest.approx([1000, 1000, 0])
    assert purse.called.sum() == purse.refinanced.sum() == 0


def test_given_a_par_bond_when_discounted_at_its_curve_then_it_is_worth_its_face() -> None:
    points = ((1.0, 0.02818), (3.0, 0.033), (10.0, 0.0368), (30.0, 0.03583))
    discount = curve.discount_factors(curve.par_yields(points, 120))

    for start, length in ((0, 12), (0, 120), (8, 40), (40, 80)):
        coupon = curve.forward_par(discount, start, length) / 4
        later = discount[start + 1 : start + length + 1]
        assert coupon * later.sum() + later[-1] == pytest.approx(discount[start], rel=1e-13)
    assert curve.forward_par(discount, 0, 40) == pytest.approx(0.0368)


def test_given_maturities_when_due_then_they_are_refinanced_as_far_as_assets_cover_them() -> None:
    """Half-way 1,000 falls due; 900 of it is still in deals, so 100 calls the guarantee."""
    own = by_hand.terms(tenors=(20,), supported=44)

    purse = carried(own, {0: 1000.0}, {}, dict.fromkeys(range(44), 900.0))

    assert purse.refinanced[0, 20] == pytest.approx(900)
    assert purse.called[0, 20] == pytest.approx(100)
    assert purse.outstanding[0, 20] == pytest.approx(900)
    assert purse.outstanding[0, 43] == pytest.approx(900)


def test_given_always_when_due_then_everything_is_refinanced_until_the_horizon() -> None:
    """At the end 300 is still in deals at cost: that much stays outstanding."""
    own = by_hand.terms(tenors=(20,), supported=44, while_covered=False)

    purse = carried(own, {0: 1000.0}, {}, {43: 300.0})

    assert np.flatnonzero(purse.refinanced[0]).tolist() == [20, 40, 43]
    assert purse.called[0, 43] == pytest.approx(700)
    assert purse.outstanding[0, 43] == pytest.approx(300)


def test_given_cash_late_when_the_state_has_paid_then_it_gets_it_back() -> None:
    own = by_hand.terms(tenors=(20,), supported=44)

    purse = carried(own, {0: 1000.0}, {30: 1500.0})

    assert purse.called[0, 20] == pytest.approx(1000)
    assert purse.recovered[0, 30] == pytest.approx(1000)
    assert purse.cash[0, 30] == pytest.approx(500)


def test_given_interest_nobody_supports_when_assets_cover_it_then_bonds_pay_it() -> None:
    own = by_hand.terms(tenors=(40,))

    purse = carried(own, {0: 1000.0}, {}, dict.fromkeys(range(44), 1015.0))

    assert purse.issued[0, 1] == pytest.approx(10)
    assert purse.issued[0, 2] == pytest.approx(5)
    assert purse.called[0, 2] == pytest.approx(10.1 - 5)


def test_given_a_limit_when_calls_exceed_it_then_they_wait_for_the_next_year() -> None:
    own = by_hand.terms(limit=600.0, supported=44)

    purse = carried(own, {0: 500.0, 1: 500.0}, {})

    assert purse.issued[0, :5].tolist() == [500, 100, 0, 0, 400]
    assert purse.invested[0, :5].tolist() == [500, 100, 0, 0, 400]
    assert purse.waiting[0, :5].tolist() == [0, 400, 400, 400, 0]


@pytest.mark.parametrize(("covers_all", "issued"), [(True, 400.0), (False, 600.0)])
def test_given_a_limit_when_bonds_are_refinanced_then_it_counts_them_or_not(
    covers_all: bool, issued: float
) -> None:
    own = by_hand.terms(tenors=(4,), limit=600.0, covers_all=covers_all, supported=44)

    purse = carried(own, {0: 200.0, 4: 700.0}, {}, dict.fromkeys(range(44), 5000.0))

    assert purse.refinanced[0, 4] == 200
    assert purse.issued[0, 4] == issued


def test_given_half_a_guarantee_when_bonds_fail_then_bondholders_bear_the_other_half() -> None:
    own = by_hand.terms(tenors=(20,), guaranteed=0.5, supported=44)

    purse = carried(own, {0: 1000.0}, {})

    assert purse.called[0, 20] == purse.defaulted[0, 20] == pytest.approx(500)


won = st.floats(0, 1e13)


@st.composite
def lives(draw: st.DrawFn) -> tuple[bonds.Terms, Floats, Floats, Floats]:
    """Terms, and what vehicles call, give back and hold in 3 paths of 24 quarters."""
    tenors = draw(st.sampled_from([(4,), (8, 20), (3, 12, 40)]))
    own = by_hand.terms(
        years=6,
        tenors=tenors,
        guaranteed=draw(st.sampled_from([0.0, 0.7, 1.0])),
        limit=draw(st.sampled_from([0.0, 5e12, np.inf])),
        covers_all=draw(st.booleans()),
        while_covered=draw(st.booleans()),
        supported=draw(st.integers(0, 24)),
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    scale = draw(won)
    paid, received, held = (
        scale * rng.random((3, 24)) * (rng.random((3, 24)) < draw(st.floats(0, 1)))
        for _ in range(3)
    )
    return own, paid, received, held


@settings(deadline=None, max_examples=60)
@given(lives())
def test_given_any_life_when_carried_then_every_won_is_accounted_for(
    life: tuple[bonds.Terms, Floats, Floats, Floats],
) -> None:
    own, paid, received, held = life
    found = by_hand.model(24)

    purse = bonds.purse(found, own, paid=paid, received=received, held=held)

    brought = purse.issued + purse.refinanced + purse.supported + purse.called + purse.earned
    used = purse.interest + purse.repaid - purse.defaulted + purse.invested + purse.recovered
    left = (received + brought - used).cumsum(axis=1)
    size = 1.0 + float(paid.sum() + received.sum())
    assert np.abs(left - purse.cash).max() <= 1e-9 * size
    bonds_left = (purse.issued + purse.refinanced - purse.repaid).cumsum(axis=1)
    assert np.abs(bonds_left - purse.outstanding).max() <= 1e-9 * size
    assert (purse.outstanding[:, -1] <= held[:, -1] + 1e-9 * size).all()
    unpaid = (paid - purse.invested).cumsum(axis=1)
    assert np.abs(unpaid - purse.waiting).max() <= 1e-9 * size
    assert min(float(getattr(purse, name).min()) for name in bonds._FIELDS) >= -1e-9 * size
    assert ((purse.called - purse.recovered).cumsum(axis=1) >= -1e-9 * size).all()


@settings(deadline=None, max_examples=60)
@given(lives())
def test_given_no_spread_when_discounted_then_financing_neither_makes_nor_loses_money(
    life: tuple[bonds.Terms, Floats, Floats, Floats],
) -> None:
    """Par bonds at the curve's own yields and cash at its short rate are worth nothing by
    themselves, however often bonds are refinanced."""
    own, paid, received, held = life
    found = by_hand.model(24, at=by_hand.market())
    discount = curve.treasury(found.market, 24)[1:]

    purse = bonds.purse(found, own, paid=paid, received=received, held=held)

    from_others = received + purse.supported + purse.called + purse.defaulted
    to_others = purse.invested + purse.recovered
    worth = ((from_others - to_others) * discount).sum(axis=1)
    left = (purse.cash - purse.outstanding)[:, -1] * discount[-1]
    size = 1.0 + float(paid.sum() + received.sum())
    assert np.abs(worth - left).max() <= 1e-9 * size


@given(st.floats(1, 10), st.floats(11, 50), st.floats(0.01, 0.99))
def test_given_two_ends_when_a_ladder_is_made_then_its_mean_is_the_one_asked_for(
    shortest: float, longest: float, where: float
) -> None:
    mean = shortest + where * (longest - shortest)

    tenors, parts = bonds.ladder(shortest, longest, mean)

    assert parts.sum() == pytest.approx(1)
    assert (parts >= 0).all()
    reached = float(parts @ np.array(tenors)) / 4
    assert reached == pytest.approx(mean, abs=0.13 if len(tenors) == 1 else 1e-6)


def scheme_of(leaves: dict[str, object]) -> Scheme:
    from koga.plan.schemes import scheme

    lines = "\n".join(
        f'capital.bonds.bond.{path} = {{ value = {value}, basis = "stated", source = "a plan" }}'
        for path, value in leaves.items()
    )
    reading = scheme._read(
        f'capital.bonds.name_ko = "채권"\ncapital.bonds.name_en = "Bonds"\n{lines}'
    )
    return Scheme(
        "x", "", "", "", "", None, "fund", "", {}, reading.leaves, reading.plain,
        {"capital": ("bonds",)},
    )  # fmt: skip


@pytest.fixture
def small_model() -> Model:
    return by_hand.model()


def test_given_terms_in_a_scheme_when_read_then_absence_means_none(small_model: Model) -> None:
    needs = Needs(scheme_of({"maturity_years": 10, "limit.2027": '"15조"'}))

    own = bonds.terms(needs, small_model, "bonds")

    assert own.tenors == (40,)
    assert own.limit_won[:2] == (15e12, np.inf)
    assert (own.spread, own.guaranteed_share, own.supported_quarters) == (0, 0, 0)
    assert own.limit_covers_all and own.while_covered


def test_given_bonds_without_any_maturity_when_read_then_it_is_asked_for(
    small_model: Model,
) -> None:
    with pytest.raises(Refusal) as refused:
        bonds.terms(Needs(scheme_of({"spread": 0.001})), small_model, "bonds")

    assert [(one.code, one.where) for one in refused.value.problems] == [
        ("plan.needs", "capital.bonds.bond.maturity_years")
    ]


# --- bonds that may be called before their time


def test_given_a_call_that_is_always_made_when_cash_is_there_then_interest_ends_with_it() -> None:
    """1,000 at 4 % for ten years: 10 a quarter until the call after five years, then nothing."""
    own = by_hand.terms(supported=44, call_quarters=20, call_always=True)

    purse = carried(own, {0: 1000.0}, {20: 1010.0})

    assert purse.interest[0, 1:21].tolist() == pytest.approx([10.0] * 20)
    assert purse.interest[0, 21:].sum() == pytest.approx(0)
    assert purse.redeemed[0, 20] == purse.repaid[0, 20] == pytest.approx(1000)
    assert purse.refinanced.sum() == 0 and purse.repaid[0, 40] == pytest.approx(0)
    assert purse.outstanding[0, [19, 20, 40]].tolist() == pytest.approx([1000, 0, 0])
    assert purse.called.sum() == 0


def test_given_a_call_without_cash_when_assets_cover_part_then_as_much_is_renewed() -> None:
    """Of 1,000 in two rungs (8 and 40 quarters) 500 is called after 12, and 300 of it covered."""
    own = by_hand.terms(tenors=(8, 40), supported=44, call_quarters=12, call_always=True)

    purse = carried(own, {0: 1000.0}, {8: 510.0}, dict.fromkeys(range(8), 1000.0) | {12: 300.0})

    assert purse.redeemed[0, 12] == pytest.approx(300)
    assert purse.refinanced[0, 12] == pytest.approx(300)
    assert purse.outstanding[0, 12] == pytest.approx(500)
    assert purse.called[0, :20].sum() == 0


def test_given_a_yearly_limit_that_counts_renewal_when_called_then_it_is_kept() -> None:
    """400 a year: the call of 100 that waited goes first in the seventh year, 300 is renewed."""
    own = by_hand.terms(supported=44, call_quarters=20, call_always=True, limit=1000.0)
    tight = by_hand.terms(supported=44, call_quarters=20, call_always=True, limit=400.0)
    covered = dict.fromkeys(range(44), 1000.0)

    free = carried(own, {0: 1000.0}, {}, covered)
    held = carried(tight, {0: 400.0, 4: 400.0, 22: 100.0}, {}, covered)

    assert free.redeemed[0, 20] == pytest.approx(1000)
    assert held.redeemed[0, [20, 24]].tolist() == pytest.approx([400, 300])
    assert held.issued[0, 22] == 0 and held.waiting[0, 22] == pytest.approx(100)


@pytest.mark.parametrize(("points", "called"), [
    (((1.0, 0.01), (20.0, 0.05)), False),
    (((1.0, 0.05), (20.0, 0.01)), True),
    (((10.0, 0.04),), False),
])  # fmt: skip
def test_given_a_curve_when_calling_is_cheaper_then_bonds_are_called(
    points: tuple[tuple[float, float], ...], called: bool
) -> None:
    """On a rising or flat curve the time left never costs less than the coupon; on a falling it
    does, and the new bond pays what the curve implied."""
    found = by_hand.model(at=dataclasses.replace(by_hand.market(), curve=points))
    own = by_hand.terms(supported=44, call_quarters=20)
    full = by_hand.at(44, dict.fromkeys(range(44), 1000.0))

    purse = bonds.purse(
        found, own, paid=by_hand.at(44, {0: 1000.0}), received=by_hand.at(44, {}), held=full
    )

    assert bool(purse.redeemed[0, 20] > 0) is called
    assert purse.outstanding[0, 30] == pytest.approx(1000)
    if called:
        discount = curve.treasury(found.market, 100)
        coupon = float(curve.forward_par(discount, 21, 23)) / 4
        assert purse.interest[0, 30] == pytest.approx(1000 * coupon)
        assert purse.interest[0, 30] < purse.interest[0, 10]


def test_given_calls_when_everything_is_discounted_then_the_purse_still_makes_nothing() -> None:
    """At the curve's own yields a call moves money in time and changes no present value."""
    rng = np.random.default_rng(5)
    paid = np.zeros((20, 44))
    paid[:, :12] = rng.uniform(0, 100, (20, 12))
    received = rng.uniform(0, 60, (20, 44))
    held = np.maximum(np.cumsum(paid - received / 2, axis=1), 0)
    found = by_hand.model()
    discount = curve.treasury(found.market, 44)[1:]
    for always in (False, True):
        own = by_hand.terms(tenors=(12, 28, 40), supported=44, call_quarters=8, call_always=always)
        purse = bonds.purse(found, own, paid=paid, received=received, held=held)
        given_to = purse.invested - received - purse.supported - purse.called + purse.recovered
        lenders = purse.issued + purse.refinanced + purse.defaulted - purse.interest - purse.repaid
        cash = given_to - lenders
        change = np.diff(purse.cash, axis=1, prepend=0.0) - purse.earned
        assert cash == pytest.approx(-change, abs=1e-9)
        owed = purse.outstanding[:, -1] * discount[-1]
        assert lenders @ discount == pytest.approx(owed, abs=1e-6)


def test_given_a_call_without_a_time_or_rule_when_read_then_the_other_is_lacking(
    root: Path, tmp_path: Path
) -> None:
    text = writing.text(plan.load(root / "schemes" / "koga-500.toml"))
    head = "[capital.bonds.bond]\n"
    assert head in text
    path = tmp_path / "koga-500.toml"
    for written, lacks in (
        ('call_rule = { value = "always", basis = "stated", source = "S1" }\n', "call_after_years"),
        ('call_after_years = { value = 5, basis = "stated", source = "S1" }\n', "call_rule"),
    ):
        path.write_text(text.replace(head, head + written))
        read = plan.load(path)
        with pytest.raises(Refusal) as refused:
            bonds.terms(Needs(read), build.build(read), "bonds")
        assert [one.where for one in refused.value.problems] == [f"capital.bonds.bond.{lacks}"]
