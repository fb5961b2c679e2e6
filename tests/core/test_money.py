"""Money: reading, printing, and splits that never lose or make a won."""

from decimal import Decimal

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.core import money
from koga.core.problems import Refusal

CENSUS_1790 = [630560, 475327, 432879, 353523, 331589, 278514, 236841, 206236, 179570, 141822,
               85533, 70835, 68705, 68446, 55540]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "won"),
    [
        ("1조 2,400억", 1_240_000_000_000),
        ("500조원", 500 * 10**12),
        ("3억 5천", None),
        ("7,760", 7760),
        ("0.5억", 50_000_000),
        ("△1,000", -1000),
        ("1.5", None),
        ("", None),
        ("1,23", None),
        ("천만", None),
        ("-", None),
    ],
)
def test_given_won_as_people_write_them_when_read_then_exact_or_refused(text, won) -> None:
    if won is None:
        with pytest.raises(Refusal):
            money.parse_won(text)
    else:
        assert money.parse_won(text) == won


def test_given_float_noise_in_a_register_when_read_then_only_a_named_rounding_accepts_it() -> None:
    number = money.parse_decimal("1,234.99999984")

    with pytest.raises(Refusal) as refused:
        money.to_smallest(number, "KRW", where="row 7")

    assert refused.value.problems[0].code == "money.inexact"
    assert money.to_smallest(number, "KRW", rounding="half_up") == 1235


def test_given_a_negative_correction_when_floored_then_it_goes_down_not_to_zero() -> None:
    assert money.to_smallest(Decimal("-0.5"), "KRW", rounding="floor") == -1


def test_given_the_1790_census_when_120_seats_are_split_then_as_the_vetoed_bill() -> None:
    """For All Practical Purposes, ex. 6: the apportionment Washington vetoed."""
    seats = money.split(120, CENSUS_1790, policy="largest_remainder")

    assert seats.parts == (21, 16, 14, 12, 11, 9, 8, 7, 6, 5, 3, 2, 2, 2, 2)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (25, [1500, 1500, 900, 500, 500, 200], (7, 7, 4, 3, 3, 1)),
        (26, [1500, 1500, 900, 500, 500, 200], (8, 8, 5, 2, 2, 1)),
        (42, [247, 185, 459, 400, 413], (6, 5, 11, 10, 10)),
        (53, [93, 154, 486, 249, 223, 156], (3, 6, 19, 10, 9, 6)),
        (148, [757, 295, 636, 976], (42, 17, 35, 54)),
        (149, [757, 295, 636, 976], (42, 16, 36, 55)),
        (100, [5525381, 3470152, 3864226, 201203], (42, 27, 30, 1)),
        (100, [5657564, 3507464, 3885693, 201049], (43, 26, 29, 2)),
        (10, [77, 22, 21, 10, 6], (6, 2, 1, 1, 0)),
        (0, [1, 2], (0, 0)),
        (7, [0, 3], (0, 7)),
    ],
)
def test_given_published_apportionments_when_split_then_the_published_parts(
    total, weights, parts
) -> None:
    assert money.split(total, weights, policy="largest_remainder").parts == parts


def test_given_amounts_below_ten_won_when_dropped_then_the_residue_is_named() -> None:
    result = money.split(1000, [1, 1, 1], policy="drop_below_ten")

    assert (result.parts, result.residue) == ((330, 330, 330), 10)


def test_given_equal_holders_when_lots_are_drawn_then_not_always_the_same_win() -> None:
    winners = {
        money.split(1, [1] * 5, policy="largest_remainder", distribution=f"d{n}").parts.index(1)
        for n in range(40)
    }

    assert len(winners) == 5


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [1, 1.5], [True, 1]])
def test_given_weights_that_cannot_be_shared_by_when_split_then_refused(weights) -> None:
    with pytest.raises(Refusal):
        money.split(10, weights, policy="largest_remainder")


totals = st.integers(-(10**17), 10**17)
shares = st.lists(st.integers(0, 10**16), min_size=1, max_size=60).filter(any)
policies = st.sampled_from(money.POLICIES)


@given(totals, shares, policies)
def test_given_any_split_when_summed_then_parts_and_residue_are_the_total(
    total, weights, policy
) -> None:
    result = money.split(total, weights, policy=policy)

    assert sum(result.parts) + result.residue == total


@given(st.integers(0, 10**17), shares)
def test_given_any_split_when_compared_with_the_quota_then_within_one_won(total, weights) -> None:
    parts = money.split(total, weights, policy="largest_remainder").parts

    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@given(st.integers(1, 10**15), shares)
def test_given_holders_in_another_order_when_split_then_each_gets_the_same(total, weights) -> None:
    names = [f"h{place}" for place in range(len(weights))]
    there = money.split(total, weights, policy="largest_remainder", names=names).parts
    back = money.split(total, weights[::-1], policy="largest_remainder", names=names[::-1]).parts

    assert back[::-1] == there


@settings(max_examples=200)
@given(
    st.integers(-(2**62), 2**62),
    st.lists(st.integers(0, 2**40), min_size=1, max_size=80).filter(any),
    policies,
)
def test_given_the_path_for_millions_when_compared_then_equal_to_big_integers(
    total, weights, policy
) -> None:
    exact = money.split(total, weights, policy=policy, distribution="d")

    parts, residue = money.split_many(
        total, numpy.array(weights, dtype=numpy.int64), policy=policy, distribution="d"
    )

    assert (tuple(parts.tolist()), residue) == (exact.parts, exact.residue)


def test_given_heavy_weights_when_split_many_then_still_exact() -> None:
    weights = [2**62 - 1, 2**61, 3]
    exact = money.split(500 * 10**12 + 7, weights, policy="largest_remainder")

    parts, _ = money.split_many(
        500 * 10**12 + 7, numpy.array(weights, dtype=numpy.int64), policy="largest_remainder"
    )

    assert tuple(parts.tolist()) == exact.parts


@given(st.integers(0, 10**16))
def test_given_won_in_words_when_read_back_then_never_more_than_there_is(won) -> None:
    said = money.in_words(won, "ko")

    assert money.parse_won(said) <= won
