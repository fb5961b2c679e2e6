"""How sure a comparison with an index is: the same money in an index whose months fell otherwise.

The index's own past is one draw. Its monthly log returns over the funds' time are drawn again in
circular blocks (with replacement, all draws from one seed), the funds' cash held fixed, and KS-PME
is computed on every path: the middle 95 % of it is the benchmark's interval. Flows are carried
from the end of their month; the draws are scaled so that the real months give the exact figure.
What funds and index share is not drawn again, so the interval is about the yardstick alone. The
direct alpha of every path is a root found by halving; the draws are moved so that the real months
give the exact one.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from koga.core import pme
from koga.evaluate.effects.conditional import Floats
from koga.evaluate.funds.fund_figures import LEVEL, Strand, carried, covered

_HALVINGS = 40
_LOST_MOST = 0.01
"""More draws than this without a rate, and no interval is told."""
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
    paid, received, worth = _monthly(within, drawn)
    exact_paid = exact_received = 0.0
    growth = carried(within, index, drawn.as_of)
    for one in within:
        for day, amount in one.flows:
            exact_paid -= min(float(amount), 0.0) * growth[day]
            exact_received += max(float(amount), 0.0) * growth[day]
    found = (drawn.growth @ received + worth) / (drawn.growth @ paid)
    if not exact_paid or not found[0]:
        return None
    scaled = found[1:] * ((exact_received + worth) / exact_paid / found[0])
    return _middle(scaled)


def alpha_interval(
    strands: Sequence[Strand], index: pme.Index, drawn: Redrawn, exact: float
) -> tuple[float, float] | None:
    """The interval of pooled direct alpha over the draws; None where a path has no single sign.

    exact: the direct alpha of the real index.
    """
    within = covered(strands, index)
    if not within:
        return None
    paid, received, worth = _monthly(within, drawn)
    carried_on = drawn.growth * (received - paid)
    carried_on[:, -1] += worth
    found = _alphas(carried_on)
    if np.isnan(found[0]) or np.isnan(found).mean() > _LOST_MOST:
        return None
    told = found[1:][~np.isnan(found[1:])]
    return _middle(told - found[0] + exact)


def _monthly(within: Sequence[Strand], drawn: Redrawn) -> tuple[Floats, Floats, float]:
    """Paid in and received by month of the span, and value at its end."""
    paid, received = np.zeros(drawn.growth.shape[1]), np.zeros(drawn.growth.shape[1])
    for one in within:
        for day, amount in one.flows:
            month = (day.year - drawn.first.year) * 12 + day.month - drawn.first.month
            (paid if amount < 0 else received)[month] += abs(float(amount))
    return paid, received, sum(float(one.value) for one in within)


def _alphas(flows: Floats) -> Floats:
    """The yearly rate of every row of monthly flows between -95 and +1,900 %; NaN without one."""
    years = np.arange(flows.shape[1]) / 12
    low, high = np.full(len(flows), np.log(0.05)), np.full(len(flows), np.log(20.0))

    def present(delta: Floats) -> Floats:
        return np.asarray((flows * np.exp(-delta[:, None] * years)).sum(axis=1))

    signs = np.sign(present(low))
    lost = signs * np.sign(present(high)) >= 0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = np.sign(present(middle)) == signs
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(lost, np.nan, np.expm1((low + high) / 2))


def _middle(found: Floats) -> tuple[float, float]:
    low, high = np.quantile(found, [(1 - LEVEL) / 2, 1 - (1 - LEVEL) / 2])
    return float(low), float(high)
