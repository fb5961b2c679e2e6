"""Which groups of funds may be shown: none below a minimum, nor one that subtraction gives away.

Groups of several dimensions (by vintage, by manager, …) and the total are shown beside each other.
A group is hidden where

1. it has fewer members than the minimum;
2. the hidden groups of its dimension together have fewer: total less the shown ones tells them;
3. a shown group holds all of another and fewer than the minimum besides;
4. sums and differences of any number of shown groups give a hidden group or a single member.

1 to 3 are settled by hiding the smaller group; 4 is then audited on its own (a linear algebra
test over the members of all shown groups) and settled the same way until the audit is clean.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

_ZERO, _RANK = 1e-6, 1e-10
SMALL, COMPLEMENT = "small", "complement"


@dataclass(frozen=True, slots=True)
class Group:
    """Members of one dimension's value, as a set of places; the total has no dimension."""

    dimension: str
    value: str
    members: frozenset[int]


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown.

    hidden: for each hidden group's place, `small` or `complement`.
    exposed: groups and members the audit of the result could still tell; empty, or nothing is safe.
    """

    hidden: dict[int, str]
    exposed: int


def protect(groups: Sequence[Group], minimum: int) -> Shown:
    """Choose what to hide; the same input gives the same choice.

    >>> sizes = {"2019": range(0, 6), "2020": range(6, 9), "2021": range(9, 16)}
    >>> groups = [Group("", "", frozenset(range(16)))]
    >>> groups += [Group("vintage", year, frozenset(who)) for year, who in sizes.items()]
    >>> protect(groups, 5).hidden
    {2: 'small', 1: 'complement'}
    """
    hidden = {place: SMALL for place, group in enumerate(groups) if len(group.members) < minimum}
    while (place := _next(groups, hidden, minimum)) is not None:
        hidden[place] = COMPLEMENT
    return Shown(hidden, len(audit(groups, hidden)))


def _next(groups: Sequence[Group], hidden: dict[int, str], minimum: int) -> int | None:
    """The next group to hide, None where all rules hold."""
    for rule in (_residual(groups, hidden, minimum), _nested(groups, hidden, minimum)):
        found = _smallest(groups, hidden, rule)
        if found is not None:
            return found
    exposed = audit(groups, hidden)
    touching = (
        place
        for place, group in enumerate(groups)
        if place not in hidden and any(group.members & members for members in exposed)
    )
    return _smallest(groups, hidden, touching)


def _smallest(groups: Sequence[Group], hidden: dict[int, str], places: Iterable[int]) -> int | None:
    """The smallest of the shown groups named; the total last of all."""
    shown = {place for place in places if place not in hidden}
    order = sorted(
        shown,
        key=lambda place: (
            not groups[place].dimension,
            len(groups[place].members),
            groups[place].value,
        ),
    )
    return order[0] if order else None


def _residual(groups: Sequence[Group], hidden: dict[int, str], minimum: int) -> Iterator[int]:
    """Shown groups of a dimension whose hidden ones are too few together."""
    for dimension in sorted({group.dimension for group in groups if group.dimension}):
        own = [place for place, group in enumerate(groups) if group.dimension == dimension]
        away = [groups[place].members for place in own if place in hidden]
        together = frozenset().union(*away)
        if away and (len(away) == 1 or len(together) < minimum):
            yield from (place for place in own if place not in hidden)


def _nested(groups: Sequence[Group], hidden: dict[int, str], minimum: int) -> Iterator[int]:
    """The smaller of two shown groups that differ by too few, one within the other."""
    shown = sorted(
        (place for place in range(len(groups)) if place not in hidden),
        key=lambda place: len(groups[place].members),
    )
    for small, large in combinations(shown, 2):
        inner, outer = groups[small].members, groups[large].members
        if 0 < len(outer) - len(inner) < minimum and inner < outer:
            yield small


def audit(groups: Sequence[Group], hidden: dict[int, str]) -> list[frozenset[int]]:
    """Hidden groups and single members that sums and differences of shown groups give away."""
    everyone = sorted(frozenset().union(*(group.members for group in groups)))
    place_of = {member: place for place, member in enumerate(everyone)}
    shown = [group.members for place, group in enumerate(groups) if place not in hidden]
    if not shown:
        return []
    table = np.zeros((len(everyone), len(shown)))
    for column, members in enumerate(shown):
        table[[place_of[member] for member in members], column] = 1.0
    sizes, turned = np.linalg.eigh(table.T @ table)
    kept_sizes = sizes > _RANK * sizes.max()
    basis = (table @ turned[:, kept_sizes]) / np.sqrt(sizes[kept_sizes])
    alone = 1 - (basis**2).sum(axis=1)
    told = [frozenset({everyone[place]}) for place in np.flatnonzero(alone < _ZERO)]
    for place in hidden:
        within = [place_of[member] for member in groups[place].members]
        kept = basis[within, :].sum(axis=0)
        if len(within) - float(kept @ kept) < _ZERO * max(len(within), 1):
            told.append(groups[place].members)
    return told
