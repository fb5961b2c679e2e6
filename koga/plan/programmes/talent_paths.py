"""The talent pipeline path by path, compiled. What it means stands in `talent`.

Whole persons move: through courses by a timetable of acts, after them at the ends of quarters, each
at most once, out of the state they began the quarter in. What the kernel reads and writes lies in
few flat arrays with named columns. Numba compiles on import; import this module inside functions.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import uint64

from koga.plan.engine.compiled import inlined, lean
from koga.plan.engine.counting import drawn, normal, opened, uniform

AGAIN, AI_NEW, AI, OTHER_NEW, OTHER, FOUNDER, STUDY, ABROAD, LEFT = range(9)
"""States after completion that the time since completion does not matter in; the last two end.
New jobs are kept by the quarter they began in (`fresh`), for the four quarters after it."""
POOLS = 7
OUT = ABROAD
"""Abroad and left together, as the kernel moves them until it parts them."""
_QUARTERS = 5
TRACK, SEATS, KEY = range(3)
"""Columns of `intakes`: its track, places, stream."""
MONTH, ACT, WHO = range(3)
"""Columns of `acts`: when, what, and the intake (for PEEK the track)."""
APPLY, DECIDE, START, LEARN, PEEK, COMPLETE, _SEARCH = range(7)
"""Acts of the timetable; PEEK counts a track's classes. The last one names a search's stream."""
GROUP, RATIO, SPREAD, REPEAT, STOP, ANYWAY, WINDOW = range(7)
"""Columns of `rates`, by track: group of tracks moving alike, applications per place and their
deviation, share with an earlier course, hazard a month of stopping the search, κ, months of the
window."""
AI_SHARE, FOUNDERS, ABROAD_SHARE, WORK_AGAIN, STOP_AGAIN = range(5)
"""Columns of `after`, by group: of those who found work, in AI work; of the rest, founders; of
those abroad or out of the labour force, abroad; hazards a month of a later search's end with and
without work."""
BLOCK = 3
"""Months of a quarter."""
REFERENCE, OTHERS, ELASTICITY, GROWTH, VOLATILITY, MEMORY = range(6)
"""Places of `market`."""
APPLIED, APPLIED_AGAIN, ADMITTED, ADMITTED_AGAIN, ENROLLED, ENROLLED_AGAIN, SEARCHING = range(7)
EFFECT, COMPLETED, LEFT_ALONE, END, SINCE = 7, 8, 9, 10, 11
"""Columns of `rows`, by intake: persons by state, its effect on hiring, who completed, the share
still searching had there been no course, the month of completion and months searched since."""
COLUMNS = 12
HIRED, HIRED_AGAIN, STOPPED = range(3)
"""Columns of `flow`, by group: in this quarter hired in a first and a later search, and stopped."""
FLOWS = 3
STOCKS = 12
APPLICATIONS, PERSONS, ADMISSIONS, STARTS, COMPLETIONS, FIRST_COMPLETIONS, DROPS, HIRES = range(8)
EVENTS = 8
T_COMPLETED, T_HIRED, T_ANYWAY, T_PEAK = range(4)
"""By track and year: completed; of these hired in the window; hired anyway; most enrolled."""
TRACK_EVENTS = 4
_GOLD = np.uint64(0x9E3779B97F4A7C15)
_PLACES = 16
"""Numbers kept in a stream for each act of a month and each state of a quarter."""
_LABOUR, _LONG, _POOL, _HIRES, _EARLY = 1, 2, 3, 4, 16
_TINY = 1e-300


class Given(NamedTuple):
    """What the kernel reads: rows of intakes and acts in their order, rates by track or group.

    chance: of each act. finding: hazard of finding work by track and month since completion. leave,
    split: by group and state, the chance of leaving in a quarter, and for each state to go to its
    share of those who go there or to a later one. keys: streams of tracks and of groups.
    """

    intakes: np.ndarray
    deviation: np.ndarray
    acts: np.ndarray
    chance: np.ndarray
    rates: np.ndarray
    finding: np.ndarray
    after: np.ndarray
    leave: np.ndarray
    split: np.ndarray
    keys: np.ndarray
    market: np.ndarray


class Here(NamedTuple):
    """Who is where on the path being followed: persons by intake, track and group.

    searches: intakes in their first search. come: who arrives at the quarter's end. gone: abroad,
    left, dropped, not enrolled. searched: months of the quarter a later search was followed.
    completed: in each of the last four quarters.
    """

    rows: np.ndarray
    base: np.ndarray
    searches: np.ndarray
    pool: np.ndarray
    fresh: np.ndarray
    come: np.ndarray
    flow: np.ndarray
    long: np.ndarray
    searched: np.ndarray
    completed: np.ndarray
    gone: np.ndarray
    in_class: np.ndarray
    stream: np.ndarray


def room(law: Given) -> Here:
    """Room for a path; kernels without arrays of their own count no references."""
    intakes, tracks, groups = law.intakes.shape[0], law.rates.shape[0], law.leave.shape[0]
    return Here(
        rows=np.zeros((intakes, COLUMNS)),
        base=np.zeros(intakes, np.uint64),
        searches=np.zeros(intakes, np.int64),
        pool=np.zeros((groups, POOLS)),
        fresh=np.zeros((groups, 2, _QUARTERS)),
        come=np.zeros((groups, POOLS + 1)),
        flow=np.zeros((groups, FLOWS)),
        long=np.zeros(tracks),
        searched=np.zeros(groups),
        completed=np.zeros(4),
        gone=np.zeros(4),
        in_class=np.zeros(tracks),
        stream=np.zeros(1, np.uint64),
    )


@lean
def run(
    law: Given, here: Here, seed: int, first: int, expected: bool,
    stock: np.ndarray, event: np.ndarray, by_track: np.ndarray,
) -> None:  # fmt: skip
    """Fill the stocks at each year's end and the events of each year, path by path."""
    for place in range(stock.shape[0]):
        here.rows[:, :], here.fresh[:, :, :], here.pool[:, :] = 0.0, 0.0, 0.0
        here.long[:], here.gone[:], here.in_class[:] = 0.0, 0.0, 0.0
        for intake in range(here.base.size):
            here.base[intake] = opened(seed, first + place, law.intakes[intake, KEY], 0)
        _path(
            law, here, seed, first + place, expected,
            stock[place], event[place], by_track[place],
        )  # fmt: skip


@lean
def _path(
    law: Given, here: Here, seed: int, path: int, expected: bool,
    stock: np.ndarray, event: np.ndarray, by_track: np.ndarray,
) -> None:  # fmt: skip
    completed = here.completed
    completed[:] = 0.0
    hiring, cycle, act, searches = 1.0, 0.0, 0, 0
    for quarter in range(4 * stock.shape[0]):
        year = quarter // 4
        if quarter % 4 == 0 and not expected:
            cycle = _cycle(law.market, cycle, seed, path, year, here.stream)
            volatility = law.market[VOLATILITY]
            hiring = math.exp(volatility * cycle - 0.5 * volatility**2)
        ease = hiring * _crowding(law.market, completed.sum(), quarter)
        before = event[year, COMPLETIONS]
        while act < law.acts.shape[0] and law.acts[act, MONTH] < (quarter + 1) * BLOCK:
            if law.acts[act, ACT] == APPLY:
                _early(law, here, act, quarter, ease, seed, path, expected)
            elif law.acts[act, ACT] == COMPLETE:
                here.searches[searches] = law.acts[act, WHO]
                searches += 1
            _acted(law, here, act, expected, event[year], by_track[year])
            act += 1
        completed[quarter % 4] = event[year, COMPLETIONS] - before
        _settle(law, here, quarter, ease, seed, path, expected)
        searches = _search(law, here, searches, quarter, ease, expected, by_track)
        _arrive(law, here, quarter, seed, path, expected, event[year])
        if quarter % 4 == 3:
            _count(here, stock[year])


@lean
def _cycle(
    market: np.ndarray, before: float, seed: int, path: int, year: int, stream: np.ndarray
) -> float:
    """The state of hiring in a year: first-order memory, deviation one in every year."""
    stream[0] = opened(seed, path, _LABOUR, year)
    shock = float(normal(stream))
    if year == 0:
        return shock
    memory = float(market[MEMORY])
    return memory * before + math.sqrt(1.0 - memory**2) * shock


@lean
def _crowding(market: np.ndarray, completed: float, quarter: int) -> float:
    """What hazards of finding work are multiplied with: below 1 where more complete per opening."""
    grown = (market[REFERENCE] + market[OTHERS]) * (1.0 + market[GROWTH]) ** (quarter / 4.0)
    ratio = (completed + market[OTHERS]) / grown
    return 1.0 if ratio <= 1.0 else float(ratio ** -market[ELASTICITY])


@inlined
def _acted(
    law: Given, here: Here, act: int, expected: bool, event: np.ndarray, by_track: np.ndarray
) -> None:
    """One act of the timetable."""
    month, kind, who = law.acts[act, MONTH], law.acts[act, ACT], law.acts[act, WHO]
    if kind == PEEK:
        by_track[who, T_PEAK] = max(by_track[who, T_PEAK], here.in_class[who])
        return
    here.stream[0] = _begun(here.base[who], month, kind)
    if kind == APPLY:
        _apply(law, here, who, expected, event)
    elif kind == DECIDE:
        _decide(law, here, who, expected, event)
    elif kind == START:
        _start(law, here, who, law.chance[act], expected, event)
    elif kind == LEARN:
        _learn(law, here, who, law.chance[act], expected, event)
    else:
        _complete(law, here, who, month, expected, event)
        by_track[law.intakes[who, TRACK], T_COMPLETED] += here.rows[who, COMPLETED]


@inlined
def _begun(base: np.uint64, month: int, kind: int) -> np.uint64:
    """Where the numbers of an act begin in the stream of its intake."""
    return base + uint64((month * (_SEARCH + 1) + kind) * _PLACES) * _GOLD


@inlined
def _apply(law: Given, here: Here, who: int, expected: bool, event: np.ndarray) -> None:
    """Applications come in; some are of people out of work again after an earlier course."""
    rates = law.rates[law.intakes[who, TRACK]]
    group = int(rates[GROUP])
    number = law.intakes[who, SEATS] * rates[RATIO]
    if not expected:
        spread = rates[SPREAD]
        number *= math.exp(spread * normal(here.stream) - 0.5 * spread**2)
        number = math.floor(number + uniform(here.stream))
    again = drawn(number, rates[REPEAT], expected, here.stream)
    again = min(again, here.pool[group, AGAIN])
    here.pool[group, AGAIN] -= again
    here.rows[who, APPLIED] = number - again
    here.rows[who, APPLIED_AGAIN] = again
    event[APPLICATIONS] += number
    event[PERSONS] += number - again


@inlined
def _decide(law: Given, here: Here, who: int, expected: bool, event: np.ndarray) -> None:
    """As many are admitted as there are places; the rest end here."""
    row = here.rows[who]
    number = row[APPLIED] + row[APPLIED_AGAIN]
    admitted = min(number, float(law.intakes[who, SEATS]))
    share = row[APPLIED_AGAIN] / number if number > 0.0 else 0.0
    again = drawn(admitted, share, expected, here.stream)
    again = max(admitted - row[APPLIED], min(again, row[APPLIED_AGAIN]))
    row[ADMITTED], row[ADMITTED_AGAIN] = admitted - again, again
    row[APPLIED], row[APPLIED_AGAIN] = 0.0, 0.0
    here.gone[3] += number - admitted
    event[ADMISSIONS] += admitted


@inlined
def _start(
    law: Given, here: Here, who: int, take_up: float, expected: bool, event: np.ndarray
) -> None:
    row = here.rows[who]
    for place in range(2):
        admitted = row[ADMITTED + place]
        enrolled = drawn(admitted, take_up, expected, here.stream)
        row[ENROLLED + place] = enrolled
        row[ADMITTED + place] = 0.0
        here.in_class[law.intakes[who, TRACK]] += enrolled
        here.gone[3] += admitted - enrolled
        event[STARTS] += enrolled


@inlined
def _learn(
    law: Given, here: Here, who: int, chance: float, expected: bool, event: np.ndarray
) -> None:
    """Some have dropped out since the last act."""
    row = here.rows[who]
    for place in range(2):
        dropped = drawn(row[ENROLLED + place], chance, expected, here.stream)
        row[ENROLLED + place] -= dropped
        here.in_class[law.intakes[who, TRACK]] -= dropped
        here.gone[2] += dropped
        event[DROPS] += dropped


@inlined
def _complete(
    law: Given, here: Here, who: int, month: int, expected: bool, event: np.ndarray
) -> None:
    row, spread = here.rows[who], law.deviation[who]
    completed = row[ENROLLED] + row[ENROLLED_AGAIN]
    event[COMPLETIONS] += completed
    event[FIRST_COMPLETIONS] += row[ENROLLED]
    here.in_class[law.intakes[who, TRACK]] -= completed
    row[ENROLLED], row[ENROLLED_AGAIN] = 0.0, 0.0
    row[SEARCHING], row[COMPLETED] = completed, completed
    row[LEFT_ALONE], row[EFFECT] = 1.0, 1.0
    row[END], row[SINCE] = month, 0.0
    if not expected:
        row[EFFECT] = math.exp(spread * normal(here.stream) - 0.5 * spread**2)


@inlined
def _search(
    law: Given, here: Here, searches: int, quarter: int, ease: float, expected: bool,
    by_track: np.ndarray,
) -> int:  # fmt: skip
    """First searches to the quarter's end, and the same had there been no course; how many go on.

    Those that outlast the table of `finding` go on together, by track."""
    last = quarter * BLOCK + BLOCK - 1
    going_on = 0
    for place in range(searches):
        who = here.searches[place]
        row, track = here.rows[who], law.intakes[who, TRACK]
        since, window = int(last - row[END]), int(law.rates[track, WINDOW])
        here.stream[0] = _begun(here.base[who], last, _SEARCH)
        year = int(row[END]) // 12
        if row[SINCE] < window:
            within = min(since, window)
            hired = _searched(law, here, who, within, ease, expected)
            by_track[year, track, T_HIRED] += hired
            by_track[year, track, T_ANYWAY] += _anyway(law, here, who, within, ease)
            row[SINCE] = within
        if row[SINCE] < since:
            _searched(law, here, who, since, ease, expected)
            row[SINCE] = since
        if since >= law.finding.shape[1]:
            here.long[track] += row[SEARCHING]
            row[SEARCHING] = 0.0
        else:
            here.searches[going_on] = who
            going_on += 1
    return going_on


@lean
def _searched(law: Given, here: Here, who: int, upto: int, ease: float, expected: bool) -> float:
    """A first search goes on to this month since completion; how many found work."""
    row, track = here.rows[who], law.intakes[who, TRACK]
    out, found = _ended(law, row, track, upto, row[EFFECT] * ease)
    group = int(law.rates[track, GROUP])
    return _parted(here, group, row, SEARCHING, out, found, HIRED, expected)


@inlined
def _anyway(law: Given, here: Here, who: int, upto: int, ease: float) -> float:
    """How many would have found work in these months without the course, expected."""
    row, track = here.rows[who], law.intakes[who, TRACK]
    out, found = _ended(law, row, track, upto, row[EFFECT] * ease * law.rates[track, ANYWAY])
    hired = float(row[COMPLETED] * row[LEFT_ALONE] * found)
    row[LEFT_ALONE] *= 1.0 - out
    return hired


@lean
def _ended(law: Given, row: np.ndarray, track: int, upto: int, ease: float) -> tuple[float, float]:
    """The chances that a first search ends by this month, and that it ends with work; months of
    one hazard are taken together."""
    hazards, table = law.finding[track], law.finding.shape[1]
    out, found, month = 0.0, 0.0, int(row[SINCE])
    while month < upto:
        hazard, after = hazards[min(month, table - 1)], month + 1
        while after < upto and hazards[min(after, table - 1)] == hazard:
            after += 1
        work, stop = hazard * ease, law.rates[track, STOP]
        ending = (1.0 - out) * -math.expm1(-(work + stop) * (after - month))
        found += ending * work / max(work + stop, _TINY)
        out += ending
        month = after
    return out, found


@lean
def _parted(
    here: Here, group: int, those: np.ndarray, place: int, out: float, found: float, hired: int,
    expected: bool,
) -> float:  # fmt: skip
    """Searches end with these chances, with work or without; how many with work."""
    ending = drawn(those[place], out, expected, here.stream)
    with_work = drawn(ending, found / max(out, _TINY), expected, here.stream)
    those[place] -= ending
    here.flow[group, hired] += with_work
    here.flow[group, STOPPED] += ending - with_work
    return with_work


@inlined
def _early(
    law: Given, here: Here, act: int, quarter: int, ease: float, seed: int, path: int,
    expected: bool,
) -> None:  # fmt: skip
    """Before some out of work again apply, their searches go on to the month of the call."""
    track = law.intakes[law.acts[act, WHO], TRACK]
    months = law.acts[act, MONTH] - quarter * BLOCK
    group = int(law.rates[track, GROUP])
    if law.rates[track, REPEAT] > 0.0 and months > here.searched[group]:
        here.stream[0] = opened(seed, path, law.keys[1, group] + _POOL, quarter)
        here.stream[0] += uint64((_EARLY + months) * _PLACES) * _GOLD
        _search_again(law, here, group, months, ease, expected)


@lean
def _search_again(
    law: Given, here: Here, group: int, months: int, ease: float, expected: bool
) -> None:
    """Later searches go on to so many months of the quarter."""
    work, stop = law.after[group, WORK_AGAIN] * ease, law.after[group, STOP_AGAIN]
    out = -math.expm1(-(work + stop) * (months - here.searched[group]))
    found = out * work / max(work + stop, _TINY)
    _parted(here, group, here.pool[group], AGAIN, out, found, HIRED_AGAIN, expected)
    here.searched[group] = months


@inlined
def _settle(
    law: Given, here: Here, quarter: int, ease: float, seed: int, path: int, expected: bool
) -> None:
    """Those searching again or for long, in work and in study move on."""
    for group in range(law.leave.shape[0]):
        begun = opened(seed, path, law.keys[1, group] + _POOL, quarter)
        here.stream[0] = begun
        _search_again(law, here, group, BLOCK, ease, expected)
        here.searched[group] = 0.0
        for state in (AI, OTHER, FOUNDER, STUDY):
            here.stream[0] = begun + uint64(state * _PLACES) * _GOLD
            going = drawn(here.pool[group, state], law.leave[group, state], expected, here.stream)
            here.pool[group, state] -= going
            _spread(here, law.split[group, state], group, going, expected)
        for kind in range(2):
            state = AI_NEW if kind == 0 else OTHER_NEW
            here.stream[0] = begun + uint64(state * _PLACES) * _GOLD
            _grow_up(law, here, group, kind, quarter, expected)
    table = law.finding.shape[1]
    for track in range(here.long.size):
        if here.long[track] > 0.0:
            here.stream[0] = opened(seed, path, law.keys[0, track] + _LONG, quarter)
            work, stop = law.finding[track, table - 1] * ease, law.rates[track, STOP]
            out = -math.expm1(-(work + stop) * BLOCK)
            found = out * work / max(work + stop, _TINY)
            group = int(law.rates[track, GROUP])
            _parted(here, group, here.long, track, out, found, HIRED, expected)


@inlined
def _grow_up(law: Given, here: Here, group: int, kind: int, quarter: int, expected: bool) -> None:
    """New jobs, but for those of this quarter, are lost or go on; after four quarters they are
    settled."""
    state, fresh = AI_NEW if kind == 0 else OTHER_NEW, here.fresh[group, kind]
    left = 0.0
    for began in range(_QUARTERS):
        if began != quarter % _QUARTERS:
            going = drawn(fresh[began], law.leave[group, state], expected, here.stream)
            fresh[began] -= going
            left += going
    _spread(here, law.split[group, state], group, left, expected)
    oldest = (quarter + 1) % _QUARTERS
    here.pool[group, state + 1] += fresh[oldest]
    fresh[oldest] = 0.0


@lean
def _spread(here: Here, split: np.ndarray, group: int, going: float, expected: bool) -> None:
    """Those who leave a state go where its hazards lead."""
    for to in range(POOLS + 1):
        if going > 0.0 and split[to] > 0.0:
            there = drawn(going, split[to], expected, here.stream)
            here.come[group, to] += there
            going -= there


@inlined
def _arrive(
    law: Given, here: Here, quarter: int, seed: int, path: int, expected: bool, event: np.ndarray
) -> None:
    """Who found work or stopped searching goes where they go; then all arrive."""
    for group in range(law.leave.shape[0]):
        begun, come = opened(seed, path, law.keys[1, group] + _HIRES, quarter), here.come[group]
        flow, after = here.flow[group], law.after[group]
        here.stream[0] = begun
        hired = flow[HIRED] + flow[HIRED_AGAIN]
        ai = drawn(hired, after[AI_SHARE], expected, here.stream)
        founders = drawn(hired - ai, after[FOUNDERS], expected, here.stream)
        come[AI_NEW] += ai
        come[FOUNDER] += founders
        come[OTHER_NEW] += hired - ai - founders
        event[HIRES] += flow[HIRED]
        here.stream[0] = begun + uint64(_PLACES) * _GOLD
        _spread(here, law.split[group, AGAIN], group, flow[STOPPED], expected)
        here.stream[0] = begun + uint64(2 * _PLACES) * _GOLD
        abroad = drawn(come[OUT], after[ABROAD_SHARE], expected, here.stream)
        here.gone[0] += abroad
        here.gone[1] += come[OUT] - abroad
        for state in (AGAIN, FOUNDER, STUDY):
            here.pool[group, state] += come[state]
        here.fresh[group, 0, quarter % _QUARTERS] += come[AI_NEW]
        here.fresh[group, 1, quarter % _QUARTERS] += come[OTHER_NEW]
        flow[:] = 0.0
        come[:] = 0.0


@inlined
def _count(here: Here, stock: np.ndarray) -> None:
    """Everybody once, in the state they are in at the end of the year."""
    for row in here.rows:
        stock[0] += row[APPLIED] + row[APPLIED_AGAIN]
        stock[1] += row[ADMITTED] + row[ADMITTED_AGAIN]
        stock[2] += row[ENROLLED] + row[ENROLLED_AGAIN]
        stock[3] += row[SEARCHING]
    stock[3] += here.long.sum()
    for group in range(here.pool.shape[0]):
        stock[3] += here.pool[group, AGAIN]
        stock[4] += here.fresh[group, 0].sum() + here.pool[group, AI]
        stock[5] += here.fresh[group, 1].sum() + here.pool[group, OTHER]
        stock[6] += here.pool[group, FOUNDER]
        stock[7] += here.pool[group, STUDY]
    for place in range(4):
        stock[8 + place] += here.gone[place]
