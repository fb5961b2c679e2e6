"""Proposals to change rules: how many are decided, how many rules go, how long it takes.

Week by week: proposals arrive (Poisson), wait in one line, and are taken up in the order they came,
as many as the reviewers finish; handling takes its weeks on top. Time to decision = waiting +
handling; the mean of a year follows from the area under the line (Little's law, exactly: every
week's waiting persons over the year's arrivals). Rules removed are a binomial of those decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from koga.plan.model import Floats
from koga.plan.needs import Needs
from koga.plan.programmes import path_draws
from koga.plan.programmes.span import by_year
from koga.plan.schemes.shape import Scheme

WEEKS = 52
"""Weeks of a year; the odd day is left out."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who decides. arriving: proposals by year. a_week: decided in a week when there are enough.

    clock_weeks: within which an answer is due, handling included.
    """

    name: str
    arriving: Mapping[int, float]
    a_week: float
    handling_weeks: float
    clock_weeks: float
    removed_share: float
    removed_deviation: float


@dataclass(frozen=True, slots=True)
class Decided:
    """By path and year: decided, rules removed, waiting at the end, weeks a proposal of the year
    took on average so far, and how many of the year's proposals were answered within the clock."""

    first_year: int
    arrived: Floats
    decided: Floats
    removed: Floats
    waiting: Floats
    weeks: Floats
    in_time: Floats


def desks(scheme: Scheme) -> tuple[Desk, ...]:
    """The programmes of a scheme that decide on rules."""
    needs = Needs(scheme)
    keys = ("handling_weeks", "clock_weeks", "removed_share", "removed_deviation")
    found = []
    for name in scheme.entries.get("programme", ()):
        path = f"programme.{name}.queue"
        if f"{path}.reviewers" in scheme.leaves:
            monthly = needs.needed(f"{path}.reviewers") * needs.needed(f"{path}.decisions_a_month")
            found.append(
                Desk(
                    name=name,
                    arriving=by_year(scheme, f"programme.{name}.quantity"),
                    a_week=monthly * 12 / WEEKS,
                    **{key: needs.needed(f"{path}.{key}") for key in keys},
                )
            )
    return tuple(found)


def decided(desk: Desk, *, seed: int, first: int, paths: int) -> Decided:
    """What a range of paths decides."""
    start, years = min(desk.arriving), max(desk.arriving) - min(desk.arriving) + 1
    rate = np.repeat([desk.arriving.get(start + year, 0.0) / WEEKS for year in range(years)], WEEKS)
    purpose = f"rules {desk.name}"
    arrived = path_draws.each(
        seed, first, paths, purpose, lambda stream: stream.poisson(rate).astype(np.float64)
    )
    waiting = line(arrived, desk.a_week)
    taken = arrived - np.diff(waiting, axis=1, prepend=0.0)
    by_year_taken = _yearly(taken)
    arrivals = _yearly(arrived)
    mean = _yearly(waiting) / np.maximum(arrivals, 1.0) + desk.handling_weeks
    return Decided(
        first_year=start,
        arrived=arrivals,
        decided=by_year_taken,
        removed=_removed(desk, by_year_taken, seed, first),
        waiting=waiting[:, WEEKS - 1 :: WEEKS],
        weeks=np.where(arrivals > 0, mean, np.nan),
        in_time=_yearly(_in_time(desk, arrived, waiting)),
    )


def line(arrived: Floats, a_week: float) -> Floats:
    """How many wait at each week's end, by path: what came and was not yet taken up.

    Capacity that is not used in a week is gone; a part of a proposal carries over as capacity.
    """
    weeks = np.arange(arrived.shape[1] + 1)
    capacity = np.diff(np.floor(weeks * a_week + 1e-9))
    level = np.cumsum(arrived - capacity, axis=1)
    lowest = np.minimum(np.minimum.accumulate(level, axis=1), 0.0)
    waiting: Floats = level - lowest
    return waiting


def _in_time(desk: Desk, arrived: Floats, waiting: Floats) -> Floats:
    """By week of arrival, how many are answered within the clock: first come, first served."""
    slack = int(desk.clock_weeks - desk.handling_weeks)
    came = np.cumsum(arrived, axis=1)
    taken = came - waiting
    if slack < 0:
        return np.zeros_like(arrived)
    last = np.minimum(np.arange(arrived.shape[1]) + slack, arrived.shape[1] - 1)
    return np.clip(taken[:, last] - (came - arrived), 0.0, arrived)


def _removed(desk: Desk, taken: Floats, seed: int, first: int) -> Floats:
    purpose = f"removed {desk.name}"
    found = np.empty_like(taken)
    streams = path_draws.generators(seed, first, taken.shape[0], purpose)
    for place, (row, stream) in enumerate(zip(taken, streams, strict=True)):
        moved = desk.removed_share + desk.removed_deviation * stream.standard_normal()
        chance = min(1.0, max(0.0, moved))
        found[place] = stream.binomial(row.astype(np.int64), chance)
    return found


def _yearly(by_week: Floats) -> Floats:
    summed: Floats = by_week.reshape(by_week.shape[0], -1, WEEKS).sum(axis=2)
    return summed
