"""How sure a comparison with an index is: the same money in an index whose months fell otherwise.

The index's own past is one draw. Its monthly log returns over the funds' time are drawn again in
circular blocks (with replacement, all draws from one seed), the funds' cash held fixed, and KS-PME
is computed on every path: the middle 95 % of it is the benchmark's interval. Flows are carried
from the end of their month; the draws are scaled so that the real months give the exact figure.
What funds and index share is not drawn again, so the interval is about the yardstick alone.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from koga.core import pme
from koga.evaluate.conditional import Floats
from koga.evaluate.fund_figures import LEVEL, Strand, carried, covered

MONTHS_LEAST = 24
"""Fewer months than this are not drawn again."""


@dataclass(frozen=True, slots=True)
class Redrawn:
    """Paths of an index drawn again.

    first, as_of: the span. months: how many were drawn from.
    growth: a row a draw; from the end of each month of the span to the last. The first row is the
        real path. yearly: the yearly return of each draw, the real one first.
    """

    first: date
    as_of: date
    months: int
    growth: Floats
    yearly: Floats


def redraw(
    index: pme.Index, first: date, as_of: date, *, draws: int, block: int, seed: int
) -> Redrawn | None:
    """Draw an index's months again; None where the span has too few."""
    ends = list(_month_ends(first, as_of))
    levels = np.array([float(index.at(day)) for day in ends])
    returns = np.diff(np.log(levels))
    count = returns.size
    if count < MONTHS_LEAST:
        return None
    random = np.random.default_rng(seed)
    starts = random.integers(0, count, size=(draws, -(-count // block)))
    places = (starts[:, :, None] + np.arange(block)) % count
    paths = np.vstack([returns, returns[places.reshape(draws, -1)[:, :count]]])
    onward = np.cumsum(paths[:, ::-1], axis=1)[:, ::-1]
    growth = np.exp(np.column_stack([onward, np.zeros(draws + 1)]))
    yearly = np.exp(onward[:, 0] * 12 / count) - 1
    return Redrawn(first, as_of, count, growth, yearly)


def _month_ends(first: date, as_of: date) -> Sequence[date]:
    last = (as_of.year - first.year) * 12 + as_of.month - first.month
    ends = []
    for month in range(last + 1):
        year, number = divmod(first.year * 12 + first.month - 1 + month, 12)
        ends.append(date(year, number + 1, monthrange(year, number + 1)[1]))
    ends[-1] = as_of
    return ends


def pme_interval(
    strands: Sequence[Strand], index: pme.Index, drawn: Redrawn
) -> tuple[float, float] | None:
    """The interval of pooled KS-PME over the draws; None where no fund is covered."""
    within = covered(strands, index)
    if not within:
        return None
    paid, received = np.zeros(drawn.growth.shape[1]), np.zeros(drawn.growth.shape[1])
    exact_paid = exact_received = worth = 0.0
    growth = carried(within, index, drawn.as_of)
    for one in within:
        worth += float(one.value)
        for day, amount in one.flows:
            month = (day.year - drawn.first.year) * 12 + day.month - drawn.first.month
            into = paid if amount < 0 else received
            into[month] += abs(float(amount))
            exact_paid -= min(float(amount), 0.0) * growth[day]
            exact_received += max(float(amount), 0.0) * growth[day]
    found = (drawn.growth @ received + worth) / (drawn.growth @ paid)
    scaled = found[1:] * ((exact_received + worth) / exact_paid / found[0])
    low, high = np.quantile(scaled, [(1 - LEVEL) / 2, 1 - (1 - LEVEL) / 2])
    return float(low), float(high)
