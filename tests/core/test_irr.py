"""Every root, with the right status, against high-precision references written here."""

import itertools
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.core.irr import solve
from koga.core.performance import irr_batch

FEW = settings(max_examples=60, deadline=None)


def sturm_count(amounts: Sequence[int | Fraction]) -> int:
    """How many different x = 1+r above 0 solve the flows: Sturm's theorem in exact fractions."""
    chain = [_trimmed([Fraction(amount) for amount in amounts])]
    degree = len(chain[0]) - 1
    chain.append(_trimmed([c * (degree - place) for place, c in enumerate(chain[0][:-1])]))
    while len(chain[-1]) > 1:
        rest = _remainder(chain[-2], chain[-1])
        if not any(rest):
            break
        largest = max(abs(c) for c in rest)
        chain.append([-c / largest for c in rest])
    at_zero = [poly[-1] or _next_to_zero(poly) for poly in chain if poly]
    at_end = [poly[0] for poly in chain if poly]
    return _changes(at_zero) - _changes(at_end)


def _trimmed(poly: list[Fraction]) -> list[Fraction]:
    """Without leading zeros, and without roots at 0 itself."""
    start = next((place for place, c in enumerate(poly) if c), len(poly))
    return poly[start:]


def _next_to_zero(poly: list[Fraction]) -> Fraction:
    """The coefficient whose sign rules just right of 0."""
    return next(c for c in reversed(poly) if c)


def _remainder(poly: list[Fraction], by: list[Fraction]) -> list[Fraction]:
    rest = list(poly)
    while len(rest) >= len(by):
        factor = rest[0] / by[0]
        for place, c in enumerate(by):
            rest[place] -= factor * c
        rest.pop(0)
    return _trimmed(rest)


def _changes(values: list[Fraction]) -> int:
    signs = [value > 0 for value in values if value]
    return sum(one != other for one, other in itertools.pairwise(signs))


def residual(amounts: Sequence[int | Fraction], rate: float) -> float:
    """How far a rate is from a root: the sum over its slope, at 60 digits."""
    with mpmath.workdps(60):
        x = 1 + mpmath.mpf(rate)
        size = slope = value = mpmath.mpf(0)
        for place, amount in enumerate(amounts):
            term = mpmath.mpf(Fraction(amount).numerator) / Fraction(amount).denominator
            term *= x**-place
            value, slope, size = value + term, slope - place * term / x, size + abs(term)
        if abs(slope) < size * mpmath.mpf(10) ** -9:
            return float(abs(value) / size)
        return float(abs(value / slope))


def reference_scan(times: list[Fraction], amounts: list[int]) -> list[float]:
    """Rates of dated flows by a fine scan over ln(1+r) at 40 digits, refined by bisection."""
    with mpmath.workdps(40):

        def value(delta: mpmath.mpf) -> mpmath.mpf:
            return mpmath.fsum(
                amount * mpmath.exp(-delta * mpmath.mpf(time.numerator) / time.denominator)
                for time, amount in zip(times, amounts, strict=True)
            )

        grid = [mpmath.mpf(step) / 50 for step in range(-200, 201)]
        signs = [mpmath.sign(value(point)) for point in grid]
        found = []
        for place in range(len(grid) - 1):
            if signs[place] * signs[place + 1] < 0:
                root = mpmath.findroot(
                    value, (grid[place], grid[place + 1]), solver="anderson", tol=1e-30
                )
                found.append(float(mpmath.expm1(root)))
        return found


@FEW
@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=12).filter(any))
def test_all_periodic_roots_are_found(amounts: list[int]) -> None:
    found = solve(list(range(len(amounts))), amounts)

    count = sturm_count(amounts)
    assert len(found.roots) == count
    for rate in found.roots:
        assert residual(amounts, rate) <= 1e-9 * (1 + abs(rate))
    flows = [amount for amount in amounts if amount]
    crosses = (flows[0] > 0) != (flows[-1] > 0)
    alone = "unique" if crosses else "tangent"
    assert found.status == {0: "none", 1: alone}.get(count, "multiple")


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3650), st.integers(-(10**6), 10**6)), min_size=3, max_size=20)
)
def test_dated_roots_hold_every_root_a_fine_scan_finds(flows: list[tuple[int, int]]) -> None:
    times = [Fraction(day, 365) for day, _ in flows]
    amounts = [amount for _, amount in flows]

    found = solve(times, amounts)

    for root in reference_scan(times, amounts):
        assert any(rate == pytest.approx(root, rel=1e-8, abs=1e-9) for rate in found.roots)


@pytest.mark.parametrize(
    ("amounts", "status", "roots"),
    [
        ([-100, 150, -60], "none", []),
        ([-100, -20], "none", []),
        ([0, 0], "none", []),
        ([-100, 220, -121], "tangent", [0.1]),
        ([-100, 220, Fraction(-12_100_001, 100_000)], "none", []),
        ([-100, 220, Fraction(-12_099_999, 100_000)], "multiple", None),
        ([-1000, 3300, -3630, 1331], "unique", [0.1]),
        ([-1600, 10000, -10000], "multiple", [0.25, 4.0]),
        ([10000, -50000, 93500, -77500, 24024], "multiple", [0.1, 0.2, 0.3, 0.4]),
        ([-(10**15), 1], "unique", [-1 + 1e-15]),
        ([-1, 10**15], "unique", [10**15 - 1]),
    ],
)
def test_hard_roots_get_the_right_status(
    amounts: list[int], status: str, roots: list[float] | None
) -> None:
    found = solve(list(range(len(amounts))), amounts)

    assert found.status == status
    if any(amounts):
        assert len(found.roots) == sturm_count(amounts)
    if roots is not None:
        assert list(found.roots) == pytest.approx(roots, rel=1e-9)
    assert (found.rate is None) == (status != "unique")


def test_a_hundred_flows_of_alternating_sign() -> None:
    amounts = [(-1) ** place * (place + 1) for place in range(100)]

    found = solve(list(range(100)), amounts)

    assert len(found.roots) == sturm_count(amounts) == 1
    assert residual(amounts, found.roots[0]) < 1e-12
    assert found.status == "unique"


def test_all_on_one_day_has_no_rate() -> None:
    assert solve([Fraction(3), Fraction(3)], [-100, 110]).status == "invalid"
    assert solve([], []).status == "invalid"


def test_one_day_apart_is_a_great_but_true_rate() -> None:
    found = solve([Fraction(0), Fraction(1, 365)], [-100, 110])

    assert found.rate == pytest.approx(1.1**365 - 1, rel=1e-12)


def test_beyond_any_number_is_said_to_be_invalid() -> None:
    assert solve([Fraction(0), Fraction(1, 365)], [-1, 1000]).status == "invalid"


# --- many at once


def _days(count: int) -> list[int]:
    first = date(2010, 1, 1)
    days = [date(2010 + place // 4, 1 + place % 4 * 3, 1) for place in range(count)]
    return [(day - first).days for day in days]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 9).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(-1000, 1000), min_size=width, max_size=width),
            min_size=1,
            max_size=8,
        )
    )
)
def test_a_batch_decides_each_row_as_the_rigorous_solver_does(table: list[list[int]]) -> None:
    days = _days(len(table[0]))

    rates = irr_batch(table, days)

    for row, rate in zip(table, rates, strict=True):
        expected = solve([Fraction(day, 365) for day in days], row).rate
        if expected is None:
            assert np.isnan(rate), row
        else:
            assert rate == pytest.approx(expected, rel=1e-9, abs=1e-9), row


def test_a_batch_of_hard_rows() -> None:
    days = [0, 365, 730, 1095, 1460]
    rows = [
        [-100, 230, -132, 0, 0],
        [-100, 220, -121, 0, 0],
        [-100, 150, -60, 0, 0],
        [-100, -1, -1, -1, -1],
        [0, 0, 0, 0, 0],
        [-1e12, 0, 0, 0, 1],
        [0, -100, 0, 121, 0],
        [10000, -50000, 93500, -77500, 24024],
        [-100, 60, -45, 110, 0],
        [-1000, 3300, -3630, 1331, 0],
    ]

    rates = irr_batch(rows, days)

    assert np.isnan(rates[[0, 1, 2, 3, 4, 7]]).all()
    assert rates[[5, 6, 8]].tolist() == pytest.approx([1e-3 - 1, 0.1, 0.1], rel=1e-9)
    assert rates[9] == pytest.approx(0.1, abs=1e-4)  # a triple root: floats see a flat place


def test_a_batch_of_noisy_funds_is_right_also_where_everything_is_nearly_lost() -> None:
    """Many sign changes, second roots near -100 %: floats must not drown the early flows."""
    draw = np.random.default_rng(5)
    days = _days(37)
    table = np.abs(draw.normal(0, 1, (60, 37))) * 1e6
    table[:, :12] *= -2
    table += draw.normal(0, 0.7, (60, 37)) * 1e6
    table[0, 0], table[0, -1] = 1e6, -1e5
    table[1, 0], table[1, -1] = 56_488.8, -407_932.3

    rates = irr_batch(table, days)

    for row, rate in zip(table, rates, strict=True):
        expected = solve([day / 365 for day in days], row.tolist()).rate
        if expected is None:
            assert np.isnan(rate)
        else:
            assert rate == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_batch_nets_columns_of_one_day_and_orders_them() -> None:
    rates = irr_batch([[60, -100, 61]], [365, 0, 365])

    assert rates.tolist() == pytest.approx([0.21])


def test_a_batch_of_nothing_or_one_day_has_no_rates() -> None:
    assert irr_batch(np.zeros((0, 3)), [0, 1, 2]).shape == (0,)
    assert np.isnan(irr_batch([[-1, 2]], [5, 5])).all()
    assert np.isnan(irr_batch([[-1]], [0])).all()
    with pytest.raises(ValueError, match="one number per column"):
        irr_batch([[-1, 2]], [0, 1, 2])


def test_many_funds_agree_with_pyxirr_where_it_is_right() -> None:
    import pyxirr

    draw = np.random.default_rng(7)
    days = np.array(_days(25))
    years = days / 365
    calls = draw.gamma(2, 1, (300, 25)) * (years < 3)
    back = draw.gamma(2, 1, (300, 25)) * (years >= 3) * draw.lognormal(0, 0.7, (300, 1))
    table = np.round((back - calls) * 1e6)
    dates = [date(2010, 1, 1) + timedelta(days=int(day)) for day in days]

    rates = irr_batch(table, days)

    for row, rate in zip(table, rates, strict=True):
        assert rate == pytest.approx(pyxirr.xirr(dates, row.tolist()), abs=1e-9)


@pytest.mark.parametrize(
    "flows",
    [
        [0, 0, 0, 0, 0, 3398, 0, 0, 0, -690469, 11201, -67],
        [0, 0, 0, 0, 0, 3340, 0, 0, 0, -658727, 12982, -64],
        [-633830, 11, 247, 712, 2975, -232044, -20, -2, 767, 8, 170, 23],
    ],
)
def test_a_root_far_from_the_guess_is_reached_and_not_the_guess_given(flows: list[int]) -> None:
    times = [quarter / 4 for quarter in range(len(flows))]

    (rate,) = irr_batch([flows], [365 * time for time in times])

    assert rate == pytest.approx(solve(times, flows).rate, rel=1e-9)
