"""From tracks to the arrays the compiled pipeline reads: intakes in order, hazards a month."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koga.plan.model import Floats
from koga.plan.talent import Labour, Track, finding, followed, key_of
from koga.plan.talent_paths import (
    ABROAD,
    AGAIN,
    AI,
    AI_NEW,
    FOUNDER,
    LEFT,
    OTHER,
    OTHER_NEW,
    POOLS,
    STUDY,
)

_MONTHS = 12
_NEVER = 1e300
"""So many completers a year crowd a market that cannot be crowded."""


@dataclass(frozen=True, slots=True)
class Laws:
    """What the kernel reads; columns are named in `talent_paths`.

    intakes: in the order of their calls. deviation: of each intake's effect on hiring. rates: by
    track. finding: hazard of finding work by track and month since completion. after: by group.
    move: hazard a month by group of tracks, from and to. keys: streams of tracks and of groups.
    """

    intakes: NDArray[np.int64]
    deviation: Floats
    rates: Floats
    finding: Floats
    after: Floats
    move: Floats
    keys: NDArray[np.int64]
    market: Floats


def laws(tracks: Sequence[Track], market: Labour, *, first_year: int, years: int) -> Laws:
    """The arrays of the kernel. Tracks whose people move alike after completion share a group."""
    alike = list(dict.fromkeys(_rates(track) for track in tracks))
    groups = [alike.index(_rates(track)) for track in tracks]
    lead = [tracks[groups.index(number)] for number in range(len(alike))]
    intakes = sorted(_intakes(tracks, first_year, years), key=lambda row: (row[0][1], row[0]))
    table = max(followed(track) for track in tracks)
    keys = np.zeros((2, len(tracks)), dtype=np.int64)
    keys[0] = [key_of(track.name) for track in tracks]
    keys[1, : len(lead)] = [key_of("after", track.name) for track in lead]
    return Laws(
        intakes=np.asarray([row for row, _ in intakes], dtype=np.int64).reshape(-1, 7),
        deviation=np.asarray([deviation for _, deviation in intakes], dtype=np.float64),
        rates=np.asarray([_row(t, g) for t, g in zip(tracks, groups, strict=True)]),
        finding=np.asarray([finding(track, table) for track in tracks]),
        after=np.asarray(
            [(track.ai_share, track.founder_share) for track in lead], dtype=np.float64
        ),
        move=np.asarray([moves(track) for track in lead]),
        keys=keys,
        market=np.asarray(
            [
                min(market.reference, _NEVER),
                market.others,
                market.elasticity,
                market.growth,
                market.volatility,
                market.memory,
            ]
        ),
    )


def _row(track: Track, group: int) -> tuple[float, ...]:
    """A track's row of `rates`."""
    return (
        float(group),
        track.applicants_per_seat,
        track.applicants_deviation,
        track.take_up_share,
        track.repeat_share,
        hazard(1 - track.completion_share, track.course_months),
        float(moves(track)[AGAIN, [STUDY, ABROAD, LEFT]].sum()),
        _anyway(track),
        float(track.window_months),
    )


def hazard(rate: float, months: float = _MONTHS) -> float:
    """The monthly hazard under which this share leaves in so many months.

    >>> round(hazard(0.5), 6), round(12 * hazard(0.5), 6) == round(math.log(2), 6)
    (0.057762, True)
    """
    return -math.log1p(-min(rate, 1 - 1e-12)) / months


def _rates(track: Track) -> tuple[float, ...]:
    """What decides where people of a track go once they no longer search for the first time."""
    return (
        track.study_rate,
        track.study_years,
        track.abroad_rate,
        track.leaving_rate,
        track.new_job_loss_rate,
        track.job_loss_rate,
        track.switch_rate,
        track.return_rate,
        track.closing_rate,
        track.again_months,
        track.ai_share,
        track.founder_share,
    )


def moves(track: Track) -> Floats:
    """Hazards a month after completion, from row to column, in calm and open markets."""
    move = np.zeros((POOLS, POOLS + 2))
    again = 1 / track.again_months
    move[AGAIN, AI_NEW] = again * track.ai_share
    move[AGAIN, FOUNDER] = again * track.founder_share
    move[AGAIN, OTHER_NEW] = again * max(0.0, 1 - track.ai_share - track.founder_share)
    move[AGAIN, STUDY] = hazard(track.study_rate)
    new, settled = hazard(track.new_job_loss_rate), hazard(track.job_loss_rate)
    for state, lost in ((AI_NEW, new), (AI, settled), (OTHER_NEW, new), (OTHER, settled)):
        move[state, AGAIN] = lost
    move[AI_NEW, OTHER_NEW] = move[AI, OTHER_NEW] = hazard(track.switch_rate)
    move[OTHER_NEW, AI_NEW] = move[OTHER, AI_NEW] = hazard(track.return_rate)
    move[FOUNDER, AGAIN] = hazard(track.closing_rate)
    if track.study_years > 0:
        move[STUDY, AGAIN] = 1 / (_MONTHS * track.study_years)
    move[:, ABROAD] = hazard(track.abroad_rate)
    move[:, LEFT] = hazard(track.leaving_rate)
    return move


def _anyway(track: Track) -> float:
    """κ: the hazard of finding work without the course, of the one with it."""
    within = finding(track, max(track.window_months, 1))[: track.window_months].sum()
    return -math.log1p(-min(track.anyway_share, 1 - 1e-12)) / within if within > 0 else 0.0


def _intakes(
    tracks: Sequence[Track], first_year: int, years: int
) -> list[tuple[tuple[int, ...], float]]:
    """Every call within the years: its row of `intakes` and the deviation of its effect."""
    found: list[tuple[tuple[int, ...], float]] = []
    for place, track in enumerate(tracks):
        for year, number in itertools.product(track.seats, range(track.intakes)):
            seats = track.seats[year]
            call = _MONTHS * (year - first_year) + _MONTHS * number // track.intakes
            here = seats // track.intakes + (number < seats % track.intakes)
            decide = call + track.decision_months
            start = decide + track.waiting_months
            row = (place, call, decide, start, start + track.course_months, here)
            if 0 <= call < _MONTHS * years and here:
                key = key_of(track.name, year, number)
                found.append(((*row, key), _deviation(track, here)))
    return found


def _deviation(track: Track, seats: int) -> float:
    """Of an intake's effect: its own, and the mean of its classes' effects."""
    classes = max(1.0, seats / track.course_size)
    return math.sqrt(track.cohort_deviation**2 + track.course_deviation**2 / classes)
