"""Hiding small groups: what is shown never tells what is hidden, by brute force where it can be."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.evaluate.small_cells import COMPLEMENT, SMALL, Group, audit, protect


def by(dimension: str, values: list[str]) -> list[Group]:
    return [
        Group(dimension, value, frozenset(n for n, own in enumerate(values) if own == value))
        for value in sorted(set(values))
    ]


def table(**dimensions: list[str]) -> list[Group]:
    count = len(next(iter(dimensions.values())))
    groups = [Group("", "", frozenset(range(count)))]
    for dimension, values in dimensions.items():
        groups += by(dimension, values)
    return groups


def hidden(groups: list[Group], minimum: int = 5) -> dict[str, str]:
    found = protect(groups, minimum)
    assert found.exposed == 0
    return {groups[place].value: why for place, why in found.hidden.items()}


def test_given_groups_large_enough_when_protected_then_all_are_shown() -> None:
    assert hidden(table(vintage=["2019"] * 6 + ["2020"] * 5)) == {}


def test_given_one_small_group_when_protected_then_the_next_smallest_hides_too() -> None:
    groups = table(vintage=["2019"] * 6 + ["2020"] * 3 + ["2021"] * 7)
    assert hidden(groups) == {"2020": SMALL, "2019": COMPLEMENT}


def test_given_small_groups_that_are_enough_together_when_protected_then_no_other_hides() -> None:
    groups = table(vintage=["2019"] * 6 + ["2020"] * 3 + ["2021"] * 3)
    assert hidden(groups) == {"2020": SMALL, "2021": SMALL}


def test_given_a_group_within_another_dimensions_when_the_rest_is_small_then_it_hides() -> None:
    """Seven funds of 2019, five of them by one manager: the difference would be two funds."""
    vintage = ["2019"] * 7 + ["2020"] * 9
    manager = ["A"] * 5 + ["B"] * 5 + ["C"] * 6
    assert "A" in hidden(table(vintage=vintage, manager=manager))


def test_given_fewer_than_the_minimum_in_all_when_protected_then_nothing_is_shown() -> None:
    groups = table(vintage=["2019"] * 4)
    assert len(protect(groups, 5).hidden) == 2


def test_given_a_chain_of_dimensions_when_audited_then_the_sum_that_tells_is_found() -> None:
    """total - vintage 2019 - manager B = the hidden group, though no two groups nest."""
    vintage, manager = ["a"] * 6 + ["b"] * 9, ["x"] * 6 + ["y"] * 6 + ["z"] * 3
    groups = table(vintage=vintage, manager=manager)
    small = next(n for n, group in enumerate(groups) if group.value == "z")
    assert groups[small].members in audit(groups, {small: SMALL})
    assert audit(groups, dict(protect(groups, 5).hidden)) == []


@settings(max_examples=60, deadline=None)
@given(
    first=st.lists(st.sampled_from("abc"), min_size=8, max_size=8),
    second=st.lists(st.sampled_from("xyz"), min_size=8, max_size=8),
    minimum=st.integers(2, 4),
)
def test_given_any_two_dimensions_when_protected_then_no_small_combination_tells(
    first: list[str], second: list[str], minimum: int
) -> None:
    """Every combination of shown groups with weights -1, 0, 1 is tried by hand."""
    groups = table(vintage=first, manager=second)
    away = protect(groups, minimum).hidden
    shown = [group.members for place, group in enumerate(groups) if place not in away]
    small = {group.members for place, group in enumerate(groups) if place in away}
    for weights in product((-1, 0, 1), repeat=len(shown)):
        sums = [
            sum(w for w, members in zip(weights, shown, strict=True) if n in members)
            for n in range(8)
        ]
        if set(sums) <= {0, 1} and any(sums):
            told = frozenset(n for n, one in enumerate(sums) if one)
            assert told not in small
            assert len(told) > 1


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=40))
def test_given_one_dimension_when_protected_then_every_rule_holds_and_twice_is_once(
    values: list[str],
) -> None:
    groups = table(vintage=values)
    found = protect(groups, 5)
    assert protect(groups, 5) == found
    shown = [group for place, group in enumerate(groups) if place not in found.hidden]
    assert all(len(group.members) >= 5 for group in shown)
    away = [groups[place].members for place in found.hidden if groups[place].dimension]
    assert (
        not away
        or not any(group.dimension == "" for group in shown)
        or (len(away) > 1 and len(frozenset().union(*away)) >= 5)
        or len(groups) == len(found.hidden) + 1
    )


@pytest.mark.real_data
def test_given_the_register_of_venture_funds_when_grouped_then_the_audit_is_clean(
    real_data,
) -> None:
    import polars as pl

    register = pl.read_csv(real_data / "kr-vc-funds" / "kr_vc_funds_2025.csv", infer_schema=False)
    funds = register.unique("fund_id", keep="first", maintain_order=True)
    groups = table(
        manager=funds["gp_id"].to_list(),
        vintage=funds["established"].str.slice(0, 4).to_list(),
    )
    found = protect(groups, 5)
    assert found.exposed == 0
    assert 250 < len(found.hidden) < len(groups)
