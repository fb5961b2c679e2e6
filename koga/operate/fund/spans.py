"""Deals that ended, told together: spans of quarters in which five firms or more have ended.

A firm has ended when nothing of its cost is left; what came of it until then, partial sales and
dividends included, counts in that quarter, and what comes later counts once more. A span closes at
the end of the first quarter in which it holds five firms and either no firm is left or at least
five are, so that what remains is no small cell either. A closed span depends on nothing later: the
next release carries it unchanged, and the difference of two releases is a closed span or nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from koga.operate.fund.selectors import Firm
from koga.release.fund_tables import FIRMS_LEAST


@dataclass(frozen=True, slots=True)
class Span:
    """Ended deals of a run of quarters.

    first, last: quarters. firms: how many different ones. cost, proceeds: won, of the whole life
    of each. closed: whether it may be shown.
    """

    number: int
    first: str
    last: str
    firms: int
    cost: int
    proceeds: int
    closed: bool


@dataclass(frozen=True, slots=True)
class _Ended:
    firm: str
    quarter: str
    cost: int
    proceeds: int


def spans(moves: Iterable[Firm], least: int = FIRMS_LEAST) -> list[Span]:
    """Spans in order; the last may be open. moves: in the order of their quarters.

    >>> moves = [Firm("2024-Q1", name, 10, 0, 0) for name in "abcde"]
    >>> moves += [Firm("2024-Q2", name, 0, 10, 5) for name in "abcd"]
    >>> moves += [Firm("2024-Q3", "e", 0, 10, -10)]
    >>> spans(moves)
    [Span(number=1, first='2024-Q2', last='2024-Q3', firms=5, cost=50, proceeds=60, closed=True)]
    """
    found: list[Span] = []
    waiting: list[_Ended] = []
    left: dict[str, int] = defaultdict(int)
    since: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for quarter, rows in groupby(moves, key=lambda move: move.quarter):
        for move in rows:
            left[move.firm] += move.invested - move.ended
            since[move.firm][0] += move.ended
            since[move.firm][1] += move.ended + move.gain
            if not left[move.firm] and any(since[move.firm]):
                waiting.append(_Ended(move.firm, quarter, *since.pop(move.firm)))
        living = sum(cost > 0 for cost in left.values())
        if _many(waiting) >= least and (not living or living >= least):
            found.append(_span(len(found) + 1, waiting, closed=True))
            waiting = []
    if waiting:
        found.append(_span(len(found) + 1, waiting, closed=False))
    return found


def _many(waiting: list[_Ended]) -> int:
    return len({one.firm for one in waiting})


def _span(number: int, waiting: list[_Ended], *, closed: bool) -> Span:
    return Span(
        number, waiting[0].quarter, waiting[-1].quarter, _many(waiting),
        sum(one.cost for one in waiting), sum(one.proceeds for one in waiting), closed,
    )  # fmt: skip
