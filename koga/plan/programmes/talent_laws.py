"""From tracks to the arrays the compiled pipeline reads: intakes in order, hazards a month."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from koga.plan.model import Floats
from koga.plan.programmes.talent_paths import (
    ABROAD,
    AGAIN,
    AI,
    AI_NEW,
    APPLY,
    BLOCK,
    COMPLETE,
    DECIDE,
    FOUNDER,
    LEARN,
    LEFT,
    OTHER,
    OTHER_NEW,
    OUT,
    PEEK,
    POOLS,
    START,
    STUDY,
    Given,
)
from koga.plan.programmes.talent_tracks import Labour, Track, finding, followed, key_of

_MONTHS = 12
_NEVER = 1e300
"""So many completers a year crowd a market that cannot be crowded."""


@dataclass(frozen=True, slots=True)
class _Intake:
    """One call of a track with the months of its acts, its places and its stream."""

    track: int
    call: int
    decide: int
    start: int
    end: int
    seats: int
    key: int


def laws(tracks: Sequence[Track], market: Labour, *, first_year: int, years: int) -> Given:
    """The arrays of the kernel. Tracks whose people move alike after completion share a group."""
    alike = list(dict.fromkeys(_rates(track) for track in tracks))
    groups = [alike.index(_rates(track)) for track in tracks]
    lead = [tracks[groups.index(number)] for number in range(len(alike))]
    intakes = sorted(_intakes(tracks, first_year, years), key=lambda one: (one.call, one.track))
    acts = _timetable(tracks, intakes, _MONTHS * years)
    table = max(followed(track) for track in tracks)
    keys = np.zeros((2, len(tracks)), dtype=np.int64)
    keys[0] = [key_of(track.name) for track in tracks]
    keys[1, : len(lead)] = [key_of("after", track.name) for track in lead]
    listed = [(one.track, one.seats, one.key) for one in intakes]
    return Given(
        intakes=np.asarray(listed, dtype=np.int64).reshape(-1, 3),
        deviation=np.asarray([_deviation(tracks[i.track], i.seats) for i in intakes], np.float64),
        acts=np.asarray([row for row, _ in acts], dtype=np.int64).reshape(-1, 3),
        chance=np.asarray([chance for _, chance in acts], dtype=np.float64),
        rates=np.asarray([_row(t, g) for t, g in zip(tracks, groups, strict=True)]),
        finding=np.asarray([finding(track, table) for track in tracks]),
        after=np.asarray([_after(track) for track in lead]),
        leave=np.asarray([-np.expm1(-BLOCK * moves(t)[:POOLS].sum(axis=1)) for t in lead]),
        split=np.asarray([_split(track) for track in lead]),
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
        track.repeat_share,
        float(moves(track)[AGAIN, [STUDY, ABROAD, LEFT]].sum()),
        _anyway(track),
        float(track.window_months),
    )


def _after(track: Track) -> tuple[float, ...]:
    """A group's row of `after`."""
    move = moves(track)
    work, gone = move[AGAIN, AI_NEW : FOUNDER + 1].sum(), move[AGAIN, [ABROAD, LEFT]]
    rest = 1 - track.ai_share
    return (
        track.ai_share,
        min(1.0, track.founder_share / rest) if rest > 0 else 0.0,
        float(gone[0] / gone.sum()) if gone.sum() > 0 else 0.0,
        float(work),
        float(move[AGAIN, [STUDY, ABROAD, LEFT]].sum()),
    )


def _split(track: Track) -> Floats:
    """By state, of those who leave it to a state or a later one, the share who go to that one.

    Of those searching again, who stop without work. Abroad and left count as one, their shares
    being the same out of every state.
    """
    move = moves(track)[:POOLS]
    move[AGAIN, :STUDY] = 0.0
    to = np.column_stack([move[:, :OUT], move[:, [ABROAD, LEFT]].sum(axis=1)])
    ahead = np.cumsum(to[:, ::-1], axis=1)[:, ::-1]
    shares: Floats = np.divide(to, ahead, out=np.zeros_like(to), where=ahead > 0)
    return shares


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


def _intakes(tracks: Sequence[Track], first_year: int, years: int) -> Iterator[_Intake]:
    """Every call within the years."""
    for place, track in enumerate(tracks):
        for year, number in itertools.product(track.seats, range(track.intakes)):
            seats = track.seats[year]
            call = _MONTHS * (year - first_year) + _MONTHS * number // track.intakes
            here = seats // track.intakes + (number < seats % track.intakes)
            decide = call + track.decision_months
            start = decide + track.waiting_months
            if 0 <= call < _MONTHS * years and here:
                key = key_of(track.name, year, number)
                yield _Intake(place, call, decide, start, start + track.course_months, here, key)


_Act = tuple[tuple[int, int, int], float]


def _timetable(tracks: Sequence[Track], intakes: Sequence[_Intake], months: int) -> list[_Act]:
    """What happens to every intake when, and its chance, in order.

    Between two acts of a course nobody looks, so those who dropped out are drawn at once: classes
    are looked at when one of the track begins and in each January, people in each December.
    """
    looks = [_looks([one for one in intakes if one.track == t], months) for t in range(len(tracks))]
    found: list[_Act] = [
        ((month, PEEK, track), 0.0) for track, seen in enumerate(looks) for month in seen
    ]
    for who, one in enumerate(intakes):
        track = tracks[one.track]
        drop = hazard(1 - track.completion_share, track.course_months)
        found += [((one.call, APPLY, who), 0.0), ((one.decide, DECIDE, who), 0.0)]
        found += [((one.start, START, who), track.take_up_share), ((one.end, COMPLETE, who), 0.0)]
        decembers = range(_MONTHS - 1, one.end, _MONTHS)
        stops = {one.end, *looks[one.track], *decembers}
        steps = [one.start, *sorted(month for month in stops if one.start < month <= one.end)]
        for before, month in itertools.pairwise(steps):
            found.append(((month, LEARN, who), -math.expm1(-drop * (month - before))))
    return sorted(act for act in found if act[0][0] < months)


def _looks(intakes: Sequence[_Intake], months: int) -> list[int]:
    """Months in which most people may be in a track's classes."""
    first = min((one.start for one in intakes), default=0)
    last = max((one.end for one in intakes), default=-1)
    januaries = range(0, min(last + 1, months), _MONTHS)
    return sorted({one.start for one in intakes} | {m for m in januaries if m >= first})


def _deviation(track: Track, seats: int) -> float:
    """Of an intake's effect: its own, and the mean of its classes' effects."""
    classes = max(1.0, seats / track.course_size)
    return math.sqrt(track.cohort_deviation**2 + track.course_deviation**2 / classes)
