"""The talent pipeline month by month, path by path, compiled. What it means stands in `talent`.

Whole persons move; each moves at most once a month, out of the state they began it in. What the
kernel reads and writes lies in few flat arrays with named columns: handing many over costs more
than the arithmetic. Numba compiles on import; import this module inside functions.
"""

import math

import numpy as np
from numba import njit, uint64

from koga.plan.counting import drawn, leaving, normal, opened, uniform

AGAIN, AI_NEW, AI, OTHER_NEW, OTHER, FOUNDER, STUDY, ABROAD, LEFT = range(9)
"""States after completion that the time since completion does not matter in; the last two end.
New jobs are kept by the quarter they began in (`fresh`), for the four quarters after it."""
POOLS = 7
_YEAR = 12
_QUARTERS = 5
TRACK, CALL, DECIDE, START, END, SEATS, KEY = range(7)
"""Columns of `intakes`: its track, months of call, decision, start and end, places, stream."""
GROUP, RATIO, SPREAD, TAKE_UP, REPEAT, DROP, OUT, ANYWAY, WINDOW = range(9)
"""Columns of `rates`, by track: group of tracks moving alike, applications per place and their
deviation, share enrolling, share with an earlier course, hazards a month of dropping out and of
stopping the search, κ, months of the window."""
AI_SHARE, FOUNDERS = range(2)
"""Columns of `after`, by group: where found work is."""
BLOCK = 3
"""Months taken together in work and study, and once a search is older than a year."""
REFERENCE, OTHERS, ELASTICITY, GROWTH, VOLATILITY, MEMORY = range(6)
"""Places of `market`."""
APPLIED, APPLIED_AGAIN, ADMITTED, ADMITTED_AGAIN, ENROLLED, ENROLLED_AGAIN, SEARCHING = range(7)
EFFECT, COMPLETED, LEFT_ALONE = 7, 8, 9
"""Columns of `rows`, by intake: persons by state, its effect on hiring, who completed, the share
still searching had there been no course."""
COLUMNS = 10
HIRED, MOVED_ON = range(2)
"""Columns of `flow`, by group: hired and stopped searching in this month."""
FLOWS = 2
STOCKS = 12
APPLICATIONS, PERSONS, ADMISSIONS, STARTS, COMPLETIONS, FIRST_COMPLETIONS, DROPS, HIRES = range(8)
EVENTS = 8
T_COMPLETED, T_HIRED, T_ANYWAY, T_PEAK = range(4)
"""By track and year: completed; of these hired in the window; hired anyway; most enrolled."""
TRACK_EVENTS = 4
_GOLD = np.uint64(0x9E3779B97F4A7C15)
_PLACES = 64
_LABOUR, _LONG, _POOL, _HIRES = 1, 2, 3, 4
_TINY = 1e-300


@njit(cache=True, nogil=True, error_model="numpy")
def run(
    intakes: np.ndarray, deviation: np.ndarray, rates: np.ndarray, finding: np.ndarray,
    after: np.ndarray, move: np.ndarray, keys: np.ndarray, market: np.ndarray,
    seed: int, first: int, expected: bool,
    stock: np.ndarray, event: np.ndarray, by_track: np.ndarray,
) -> None:  # fmt: skip
    """Fill the stocks at each year's end and the events of each year, path by path."""
    rows = np.zeros((intakes.shape[0], COLUMNS))
    base = np.zeros(intakes.shape[0], np.uint64)
    pool, come = np.zeros((move.shape[0], POOLS)), np.zeros((move.shape[0], POOLS + 2))
    fresh = np.zeros((move.shape[0], 2, _QUARTERS))
    flow, gone = np.zeros((move.shape[0], FLOWS)), np.zeros(4)
    in_class, long = np.zeros(rates.shape[0]), np.zeros((2, rates.shape[0]))
    for place in range(stock.shape[0]):
        rows[:, :], fresh[:, :, :], long[:, :] = 0.0, 0.0, 0.0
        pool[:, :], come[:, :], flow[:, :], gone[:] = 0.0, 0.0, 0.0, 0.0
        for intake in range(base.size):
            base[intake] = opened(seed, first + place, intakes[intake, KEY], 0)
        _path(
            intakes, deviation, rates, finding, after, move, keys, market,
            seed, first + place, expected, rows, base, pool, fresh, come, flow, long, gone,
            in_class, stock[place], event[place], by_track[place],
        )  # fmt: skip


@njit(cache=True, error_model="numpy")
def _path(
    intakes: np.ndarray, deviation: np.ndarray, rates: np.ndarray, finding: np.ndarray,
    after: np.ndarray, move: np.ndarray, keys: np.ndarray, market: np.ndarray,
    seed: int, path: int, expected: bool,
    rows: np.ndarray, base: np.ndarray, pool: np.ndarray, fresh: np.ndarray, come: np.ndarray,
    flow: np.ndarray, long: np.ndarray, gone: np.ndarray, in_class: np.ndarray,
    stock: np.ndarray, event: np.ndarray, by_track: np.ndarray,
) -> None:  # fmt: skip
    stream = np.zeros(1, np.uint64)
    completions = np.zeros(12)
    hiring, cycle, low = 1.0, 0.0, 0
    for month in range(12 * stock.shape[0]):
        year = month // 12
        if month % 12 == 0 and not expected:
            cycle = _cycle(market, cycle, seed, path, year, stream)
            hiring = math.exp(market[VOLATILITY] * cycle - 0.5 * market[VOLATILITY] ** 2)
        ease = hiring * _crowding(market, completions.sum(), month)
        before = event[year, COMPLETIONS]
        _settle(move, pool, fresh, come, ease, keys, seed, path, month, expected, stream)
        while low < rows.shape[0] and month > intakes[low, END] + finding.shape[1]:
            low += 1
        _attend(
            intakes, deviation, rates, rows, base, pool, in_class, gone,
            low, month, expected, stream, event[year], by_track[year],
        )  # fmt: skip
        _search(
            intakes, rates, finding, rows, base, flow, long,
            low, month, ease, expected, stream, by_track,
        )  # fmt: skip
        _search_on(
            rates, finding, flow, long, ease, keys, seed, path, month, expected, stream
        )  # fmt: skip
        _arrive(
            after, move, pool, fresh, come, flow, gone, keys,
            seed, path, month, expected, stream, event[year],
        )  # fmt: skip
        completions[month % 12] = event[year, COMPLETIONS] - before
        if month % 12 == 11:
            _count(rows, low, pool, fresh, long, gone, stock[year])


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
def _crowding(market: np.ndarray, completed: float, month: int) -> float:
    """What hazards of finding work are multiplied with: below 1 where more complete per opening."""
    grown = (market[REFERENCE] + market[OTHERS]) * (1.0 + market[GROWTH]) ** (month / 12.0)
    ratio = (completed + market[OTHERS]) / grown
    return 1.0 if ratio <= 1.0 else float(ratio ** -market[ELASTICITY])


@njit(cache=True, error_model="numpy")
def _settle(
    move: np.ndarray, pool: np.ndarray, fresh: np.ndarray, come: np.ndarray, ease: float,
    keys: np.ndarray, seed: int, path: int, month: int, expected: bool, stream: np.ndarray,
) -> None:  # fmt: skip
    """Those in a later search move on each month, those in work or study at each quarter's end."""
    for group in range(pool.shape[0]):
        stream[0] = opened(seed, path, keys[1, group] + _POOL, month)
        total = _total(move, group, AGAIN, ease)
        going = leaving(pool[group, AGAIN], total, expected, stream)
        pool[group, AGAIN] -= going
        _spread(move, come, group, AGAIN, going, total, ease, expected, stream)
        if month % BLOCK == BLOCK - 1:
            for state in (AI, OTHER, FOUNDER, STUDY):
                total = _total(move, group, state, 1.0)
                going = leaving(pool[group, state], total * BLOCK, expected, stream)
                pool[group, state] -= going
                _spread(move, come, group, state, going, total, 1.0, expected, stream)
            _grow_up(move, pool, fresh, come, group, month // BLOCK, expected, stream)


@njit(cache=True, error_model="numpy")
def _grow_up(
    move: np.ndarray, pool: np.ndarray, fresh: np.ndarray, come: np.ndarray, group: int,
    quarter: int, expected: bool, stream: np.ndarray,
) -> None:  # fmt: skip
    """New jobs, but for those of this quarter, are lost or go on; after four quarters they are
    settled."""
    now = quarter % _QUARTERS
    for kind in range(2):
        state = AI_NEW if kind == 0 else OTHER_NEW
        total = _total(move, group, state, 1.0)
        going = 0.0
        for began in range(_QUARTERS):
            if began != now:
                left = leaving(fresh[group, kind, began], total * BLOCK, expected, stream)
                fresh[group, kind, began] -= left
                going += left
        _spread(move, come, group, state, going, total, 1.0, expected, stream)
        oldest = (quarter + 1) % _QUARTERS
        pool[group, state + 1] += fresh[group, kind, oldest]
        fresh[group, kind, oldest] = 0.0


@njit(cache=True, error_model="numpy")
def _total(move: np.ndarray, group: int, state: int, work: float) -> float:
    """The hazard of leaving a state at all; finding work is eased or not."""
    total = 0.0
    for to in range(POOLS + 2):
        total += move[group, state, to] * (work if AI_NEW <= to <= FOUNDER else 1.0)
    return total


@njit(cache=True, error_model="numpy")
def _spread(
    move: np.ndarray, come: np.ndarray, group: int, state: int, going: float, total: float,
    work: float, expected: bool, stream: np.ndarray,
) -> None:  # fmt: skip
    """Those who leave a state go where its hazards lead."""
    for to in range(POOLS + 2):
        if going <= 0.0:
            return
        hazard = move[group, state, to] * (work if AI_NEW <= to <= FOUNDER else 1.0)
        if hazard > 0.0:
            gone = drawn(going, min(1.0, hazard / total), expected, stream)
            come[group, to] += gone
            going -= gone
            total = max(total - hazard, _TINY)
    come[group, LEFT] += going


@njit(cache=True, error_model="numpy")
def _attend(
    intakes: np.ndarray, deviation: np.ndarray, rates: np.ndarray, rows: np.ndarray,
    base: np.ndarray, pool: np.ndarray, in_class: np.ndarray, gone: np.ndarray,
    low: int, month: int, expected: bool,
    stream: np.ndarray, event: np.ndarray, by_track: np.ndarray,
) -> None:  # fmt: skip
    """One month of every intake from its call to its completion."""
    in_class[:] = 0.0
    for i in range(low, rows.shape[0]):
        if intakes[i, CALL] > month:
            break
        if intakes[i, END] < month:
            continue
        track = intakes[i, TRACK]
        stream[0] = base[i] + uint64(month * _PLACES) * _GOLD
        if month == intakes[i, CALL]:
            _apply(intakes, rates, rows, pool, i, track, expected, stream, event)
        if month == intakes[i, DECIDE]:
            _decide(intakes, rows, gone, i, expected, stream, event)
        if month == intakes[i, START]:
            _start(rows, gone, i, rates[track, TAKE_UP], expected, stream, event)
        elif month > intakes[i, START]:
            _learn(rows, gone, i, rates[track, DROP], expected, stream, event)
        in_class[track] += rows[i, ENROLLED] + rows[i, ENROLLED_AGAIN]
        if month == intakes[i, END]:
            _complete(rows, i, deviation[i], expected, stream, event)
            by_track[track, T_COMPLETED] += rows[i, COMPLETED]
    for track in range(in_class.size):
        by_track[track, T_PEAK] = max(by_track[track, T_PEAK], in_class[track])


@njit(cache=True, error_model="numpy")
def _apply(
    intakes: np.ndarray, rates: np.ndarray, rows: np.ndarray, pool: np.ndarray, i: int, track: int,
    expected: bool, stream: np.ndarray, event: np.ndarray,
) -> None:  # fmt: skip
    """Applications come in; some are of people out of work again after an earlier course."""
    group = int(rates[track, GROUP])
    number = intakes[i, SEATS] * rates[track, RATIO]
    if not expected:
        spread = rates[track, SPREAD]
        number *= math.exp(spread * normal(stream) - 0.5 * spread**2)
        number = math.floor(number + uniform(stream))
    again = min(drawn(number, rates[track, REPEAT], expected, stream), pool[group, AGAIN])
    pool[group, AGAIN] -= again
    rows[i, APPLIED] = number - again
    rows[i, APPLIED_AGAIN] = again
    event[APPLICATIONS] += number
    event[PERSONS] += number - again


@njit(cache=True, error_model="numpy")
def _decide(
    intakes: np.ndarray, rows: np.ndarray, gone: np.ndarray, i: int,
    expected: bool, stream: np.ndarray, event: np.ndarray,
) -> None:  # fmt: skip
    """As many are admitted as there are places; the rest end here."""
    number = rows[i, APPLIED] + rows[i, APPLIED_AGAIN]
    admitted = min(number, float(intakes[i, SEATS]))
    share = rows[i, APPLIED_AGAIN] / number if number > 0.0 else 0.0
    again = drawn(admitted, share, expected, stream)
    again = max(admitted - rows[i, APPLIED], min(again, rows[i, APPLIED_AGAIN]))
    rows[i, ADMITTED], rows[i, ADMITTED_AGAIN] = admitted - again, again
    rows[i, APPLIED], rows[i, APPLIED_AGAIN] = 0.0, 0.0
    gone[3] += number - admitted
    event[ADMISSIONS] += admitted


@njit(cache=True, error_model="numpy")
def _start(
    rows: np.ndarray, gone: np.ndarray, i: int, take_up: float,
    expected: bool, stream: np.ndarray, event: np.ndarray,
) -> None:  # fmt: skip
    for place in range(2):
        admitted = rows[i, ADMITTED + place]
        enrolled = drawn(admitted, take_up, expected, stream)
        rows[i, ENROLLED + place] = enrolled
        rows[i, ADMITTED + place] = 0.0
        gone[3] += admitted - enrolled
        event[STARTS] += enrolled


@njit(cache=True, error_model="numpy")
def _learn(
    rows: np.ndarray, gone: np.ndarray, i: int, hazard: float,
    expected: bool, stream: np.ndarray, event: np.ndarray,
) -> None:  # fmt: skip
    for place in range(2):
        dropped = leaving(rows[i, ENROLLED + place], hazard, expected, stream)
        rows[i, ENROLLED + place] -= dropped
        gone[2] += dropped
        event[DROPS] += dropped


@njit(cache=True, error_model="numpy")
def _complete(
    rows: np.ndarray, i: int, spread: float,
    expected: bool, stream: np.ndarray, event: np.ndarray,
) -> None:  # fmt: skip
    completed = rows[i, ENROLLED] + rows[i, ENROLLED_AGAIN]
    event[COMPLETIONS] += completed
    event[FIRST_COMPLETIONS] += rows[i, ENROLLED]
    rows[i, ENROLLED], rows[i, ENROLLED_AGAIN] = 0.0, 0.0
    rows[i, SEARCHING], rows[i, COMPLETED] = completed, completed
    rows[i, LEFT_ALONE], rows[i, EFFECT] = 1.0, 1.0
    if not expected:
        rows[i, EFFECT] = math.exp(spread * normal(stream) - 0.5 * spread**2)


@njit(cache=True, error_model="numpy")
def _search(
    intakes: np.ndarray, rates: np.ndarray, finding: np.ndarray, rows: np.ndarray,
    base: np.ndarray, flow: np.ndarray, long: np.ndarray, low: int, month: int, ease: float,
    expected: bool, stream: np.ndarray, by_track: np.ndarray,
) -> None:  # fmt: skip
    """One month of every first search, and of the same searches had there been no course; from
    the second year on three months at a time."""
    table = finding.shape[1]
    for i in range(low, rows.shape[0]):
        since = month - intakes[i, END]
        if intakes[i, CALL] > month:
            return
        late = since > _YEAR
        if since < 1 or since > table or (late and since % BLOCK):
            continue
        track = intakes[i, TRACK]
        group = int(rates[track, GROUP])
        months = float(BLOCK) if late else 1.0
        out = rates[track, OUT] * months
        work = finding[track, since - 1] * rows[i, EFFECT] * ease * months
        stream[0] = base[i] + uint64(month * _PLACES) * _GOLD
        going = leaving(rows[i, SEARCHING], work + out, expected, stream)
        hired = drawn(going, work / max(work + out, _TINY), expected, stream)
        rows[i, SEARCHING] -= going
        flow[group, HIRED] += hired
        flow[group, MOVED_ON] += going - hired
        if since <= rates[track, WINDOW]:
            year = intakes[i, END] // 12
            without = work * rates[track, ANYWAY]
            stayed = math.exp(-without - out)
            found = (1.0 - stayed) * without / max(without + out, _TINY)
            by_track[year, track, T_HIRED] += hired
            by_track[year, track, T_ANYWAY] += rows[i, COMPLETED] * rows[i, LEFT_ALONE] * found
            rows[i, LEFT_ALONE] *= stayed
        if since == table:
            long[1, track] += rows[i, SEARCHING]
            rows[i, SEARCHING] = 0.0


@njit(cache=True, error_model="numpy")
def _search_on(
    rates: np.ndarray, finding: np.ndarray, flow: np.ndarray, long: np.ndarray, ease: float,
    keys: np.ndarray, seed: int, path: int, month: int, expected: bool, stream: np.ndarray,
) -> None:  # fmt: skip
    """Those whose first search outlasts the table of `finding` go on at its last hazard, from the
    quarter after they passed its end (until then they wait in the second row of `long`)."""
    if month % BLOCK != BLOCK - 1:
        return
    for track in range(long.shape[1]):
        if long[0, track] > 0.0:
            group = int(rates[track, GROUP])
            stream[0] = opened(seed, path, keys[0, track] + _LONG, month)
            work = finding[track, finding.shape[1] - 1] * ease * BLOCK
            total = work + rates[track, OUT] * BLOCK
            going = leaving(long[0, track], total, expected, stream)
            hired = drawn(going, work / max(total, _TINY), expected, stream)
            long[0, track] -= going
            flow[group, HIRED] += hired
            flow[group, MOVED_ON] += going - hired
        long[0, track] += long[1, track]
        long[1, track] = 0.0


@njit(cache=True, error_model="numpy")
def _giving_up(move: np.ndarray, group: int) -> float:
    """The hazard of stopping a search without work."""
    return float(move[group, AGAIN, STUDY] + move[group, AGAIN, ABROAD] + move[group, AGAIN, LEFT])


@njit(cache=True, error_model="numpy")
def _arrive(
    after: np.ndarray, move: np.ndarray, pool: np.ndarray, fresh: np.ndarray, come: np.ndarray,
    flow: np.ndarray, gone: np.ndarray, keys: np.ndarray, seed: int, path: int, month: int,
    expected: bool, stream: np.ndarray, event: np.ndarray,
) -> None:  # fmt: skip
    """Who found work or stopped searching this month goes where they go; then all arrive."""
    for group in range(flow.shape[0]):
        stream[0] = opened(seed, path, keys[1, group] + _HIRES, month)
        hired = flow[group, HIRED]
        ai = drawn(hired, after[group, AI_SHARE], expected, stream)
        rest = max(1.0 - after[group, AI_SHARE], _TINY)
        founders = drawn(hired - ai, min(1.0, after[group, FOUNDERS] / rest), expected, stream)
        come[group, AI_NEW] += ai
        come[group, FOUNDER] += founders
        come[group, OTHER_NEW] += hired - ai - founders
        event[HIRES] += hired
        _stop(move, come, group, flow[group, MOVED_ON], expected, stream)
        flow[group, HIRED], flow[group, MOVED_ON] = 0.0, 0.0
    for group in range(pool.shape[0]):
        for state in (AGAIN, FOUNDER, STUDY):
            pool[group, state] += come[group, state]
        fresh[group, 0, month // BLOCK % _QUARTERS] += come[group, AI_NEW]
        fresh[group, 1, month // BLOCK % _QUARTERS] += come[group, OTHER_NEW]
        gone[0] += come[group, ABROAD]
        gone[1] += come[group, LEFT]
    come[:, :] = 0.0


@njit(cache=True, error_model="numpy")
def _stop(
    move: np.ndarray, come: np.ndarray, group: int, number: float,
    expected: bool, stream: np.ndarray,
) -> None:  # fmt: skip
    """Of those who stop searching without work: to study, abroad, elsewhere."""
    total = _giving_up(move, group)
    for to in (STUDY, ABROAD, LEFT):
        if number > 0.0:
            hazard = move[group, AGAIN, to]
            there = drawn(number, min(1.0, hazard / max(total, _TINY)), expected, stream)
            come[group, to] += there
            number -= there
            total -= hazard
    come[group, LEFT] += number


@njit(cache=True, error_model="numpy")
def _count(
    rows: np.ndarray, low: int, pool: np.ndarray, fresh: np.ndarray, long: np.ndarray,
    gone: np.ndarray, stock: np.ndarray,
) -> None:  # fmt: skip
    """Everybody once, in the state they are in at the end of the year."""
    for i in range(low, rows.shape[0]):
        stock[0] += rows[i, APPLIED] + rows[i, APPLIED_AGAIN]
        stock[1] += rows[i, ADMITTED] + rows[i, ADMITTED_AGAIN]
        stock[2] += rows[i, ENROLLED] + rows[i, ENROLLED_AGAIN]
        stock[3] += rows[i, SEARCHING]
    for track in range(long.shape[1]):
        stock[3] += long[0, track] + long[1, track]
    for group in range(pool.shape[0]):
        stock[3] += pool[group, AGAIN]
        stock[4] += fresh[group, 0].sum() + pool[group, AI]
        stock[5] += fresh[group, 1].sum() + pool[group, OTHER]
        stock[6] += pool[group, FOUNDER]
        stock[7] += pool[group, STUDY]
    for place in range(4):
        stock[8 + place] += gone[place]
