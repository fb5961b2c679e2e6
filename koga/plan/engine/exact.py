"""The exact engine: every deal of every path drawn from the laws its path's factors give.

Each deal has one 64-bit word, a pure function of (seed, path, line, sector, vintage, deal). Its
upper half finds what happens in which year of the deal's life, in a table made for the path, line,
sector and vintage year; eight bits the quarter; the rest the deal's own luck in its payoff. Cells
of more than `MANY` deals are drawn as counts, which has the same distribution.
"""

from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from koga.plan.engine import counting, draws, factors, fast, given, prepared, settle
from koga.plan.engine import prepared as p
from koga.plan.engine.compiled import inlined, lean
from koga.plan.engine.draws import Words
from koga.plan.engine.given import Path, Vintage
from koga.plan.engine.lanes import LANES
from koga.plan.engine.laws import FUND
from koga.plan.engine.payoff import BINS, SCORE_MAX, STEPS
from koga.plan.engine.prepared import Marks, Tables
from koga.plan.model import Counts, Floats, Flows, Model

Audit: TypeAlias = Literal["", "philox"]

MANY = 300
"""Deals of one cell beyond which counts are drawn instead of deals."""
GUIDE = 64
_QUARTERS = np.uint64(255)
_BIN = np.uint64(BINS - 1)
_8, _20, _33, _58 = (np.uint64(number) for number in (8, 20, 33, 58))
_WHOLE = 2147483648.0
_NEVER = np.uint32(0xFFFFFFFF)
_GRID = STEPS / (2.0 * SCORE_MAX)


def flows(
    model: Model,
    *,
    seed: int,
    first: int,
    paths: int,
    shift: float = 0.0,
    audit: Audit = "",
) -> Flows:
    """Flows of all deals on the paths `first` … `first + paths - 1`, won.

    shift: of the market's first component, in deviations, with likelihood ratios as weights.
    audit: `philox` draws the same places from another generator.
    A pure function of its arguments: ranges may be cut in any way and computed anywhere.
    """
    drawn = factors.drawn(
        years=prepared.years_of(model), sectors=len(model.sectors), memory=model.market.memory,
        seed=seed, first=first, paths=paths, shift=shift,
    )  # fmt: skip
    return flows_on(model, drawn, seed=seed, first=first, audit=audit)


def flows_on(
    model: Model, drawn: factors.Factors, *, seed: int, first: int, audit: Audit = ""
) -> Flows:
    """Flows of all deals on given factors."""
    made = np.empty((drawn.weights.size, len(model.lines), 5, model.quarters))
    tables = prepared.tables(model)
    lines, _, sectors, years = tables.chances.shape
    room = Room(
        np.zeros((lines, sectors, 2 * years + 1), dtype=np.uint32),
        np.zeros((lines, sectors, GUIDE), dtype=np.uint8),
        np.zeros((lines, sectors, years + 1)),
        np.ones((lines, years)),
        np.zeros((lines, 4, years)),
        np.zeros((4, 4 * (years + 1))),
        np.zeros(MANY, dtype=np.uint64),
        np.zeros(1, dtype=np.uint64),
    )
    path, vintage = given.path_room(tables), given.vintage_room(tables)
    values = given.blocks(drawn.values)
    _paths(tables, path, vintage, room, values, seed, first, audit == "philox", made)
    return fast.as_flows(model, drawn, made, first)


class Room(NamedTuple):
    """Room to draw deals in.

    Of one vintage year on one path: ends, guide, by line and sector, upper ends of events, and
    where to begin to look; worth, by line, sector and year, scores, or mean payoffs of lognormal
    laws, a year wider than lives; level and funds as in `given`.
    sums: by slot, what failed, what ended, its payoffs, and one row more; a year wider than lives,
    where deals are put to which nothing happens. words: of some deals. state: of counts.
    """

    ends: Words
    guide: Counts
    worth: Floats
    level: Floats
    funds: Floats
    sums: Floats
    words: Words
    state: Words


@lean
def _paths(
    tables: Tables, path: Path, vintage: Vintage, room: Room, drawn: Floats, seed: int, first: int,
    audit: bool, made: Floats,
) -> None:  # fmt: skip
    """Blocks of eight paths; of each vintage year one path after the other."""
    for block in range(0, drawn.shape[0], LANES):
        given.open_path(tables, drawn[block : block + LANES], path)
        made[block : block + LANES] = 0.0
        for year in range(tables.asked.shape[1]):
            given.open_vintage(tables, path, year, False, vintage)
            for place in range(block, min(block + LANES, made.shape[0])):
                _open(tables, path.level, vintage, year, place - block, room)
                for quarter in range(4 * year, min(4 * year + 4, tables.vintages)):
                    start = np.uint64(draws.opened(seed, first + place, quarter))
                    _quarter(tables, room, start, quarter, audit, made[place])


@lean
def _quarter(
    tables: Tables, room: Room, start: np.uint64, quarter: int, audit: bool, made: Floats
) -> None:
    """The deals all lines make in a quarter, on one path."""
    numbers, money, year = tables.numbers, tables.money, quarter // 4
    mix, deals, keys, law_of = tables.mix, tables.deals, tables.keys, tables.law_of
    bins, curve, marks, terms = tables.bins, tables.curve, tables.marks, tables.terms
    ends, guide, worth, sums = room.ends, room.guide, room.worth, room.sums
    level, funds, words, state = room.level, room.funds, room.words, room.state
    years = given.years_of(tables, year)
    back = _put_again(tables.evergreen, quarter, made)
    for line in range(numbers.shape[0]):
        amount = money[p.PLANNED, line, quarter] + back * money[p.AGAIN, line, quarter]
        if amount == 0.0:
            continue
        lived, like = min(years, numbers[line, p.LIFE]), tables.like[line]
        _line(
            numbers[line], lived, mix[line, quarter], deals[line, quarter], keys[line],
            law_of[line], amount, start, audit, ends[like], guide[like], marks[line],
            worth[like], bins, curve, words, state, sums,
        )  # fmt: skip
        _settle(
            numbers[line], lived, amount, money[p.ENTRY, line, quarter], funds[like],
            terms[line], level[line], quarter, sums, made[line],
        )  # fmt: skip


@lean
def _put_again(evergreen: float, quarter: int, made: Floats) -> float:
    """What came back in the quarter before and is put in again."""
    total = 0.0
    if quarter > 0:
        for line in range(made.shape[0]):
            total += made[line, settle.RETURNED, quarter - 1]
    return evergreen * total


@lean
def _settle(
    numbers: Counts, years: int, amount: float, entry: float, funds: Floats, terms: Floats,
    level: Floats, quarter: int, sums: Floats, made: Floats,
) -> None:  # fmt: skip
    """Flows of what was drawn: `sums` holds by slot what failed, what ended, its payoffs."""
    ages = min(4 * years - 1, made.shape[1] - quarter)
    if numbers[p.KIND] == FUND:
        settle.funds(amount, entry * sums[2, 0], funds, quarter, years, made)
        return
    for slot in range(4 * years):
        sums[2, slot] *= entry
    settle.deals(
        amount, sums[0], sums[1], sums[2], terms, level, numbers[p.FLAGS :], ages, quarter,
        made.shape[1], sums[3], made,
    )  # fmt: skip


@lean
def _open(
    tables: Tables, level: Floats, vintage: Vintage, year: int, lane: int, room: Room
) -> None:
    """One path's laws of a vintage year, out of those of eight paths.

    Events are failing in year 0, ending in year 0, failing in year 1, …; the last is neither.
    """
    years, numbers = given.years_of(tables, year), tables.numbers
    for line in range(numbers.shape[0]):
        for age in range(years):
            room.level[line, age] = level[line, year + age, lane]
        if tables.asked[line, year] == 0:
            continue
        if numbers[line, p.KIND] == FUND:
            for row in range(4):
                for age in range(years):
                    room.funds[line, row, age] = vintage.funds[line, row, age, lane]
            continue
        lived = min(years, numbers[line, p.LIFE])
        drawn_from = vintage.score[line] if numbers[line, p.CURVED] == 1 else vintage.mean[line]
        for sector in range(tables.mix.shape[2]):
            ends, worth = room.ends[line, sector], room.worth[line, sector]
            for age in range(lived):
                worth[age] = drawn_from[sector, age, lane]
            _cumulate(vintage.ended[line, sector], vintage.failed[line, sector], lane, lived, ends)
            _point(ends, room.guide[line, sector])


@lean
def _cumulate(ended: Floats, failed: Floats, lane: int, years: int, ends: Words) -> None:
    total = 0.5
    for year in range(years):
        total += _WHOLE * failed[year, lane]
        ends[2 * year] = np.uint32(np.int64(min(_WHOLE, total)))
        total += _WHOLE * ended[year, lane]
        ends[2 * year + 1] = np.uint32(np.int64(min(_WHOLE, total)))
    ends[2 * years] = _NEVER


@lean
def _point(ends: Words, guide: Counts) -> None:
    """The first event that can be meant by words whose highest six bits are given."""
    event = 0
    for top in range(GUIDE):
        floor = np.uint32(top << 25)
        while ends[event] <= floor:
            event += 1
        guide[top] = event


@lean
def _line(
    numbers: Counts, years: int, mix: Floats, deals: Counts, keys: Words, law_of: Counts,
    amount: float, start: np.uint64, audit: bool, ends: Words, guide: Counts, marks: Marks,
    worth: Floats, bins: Floats, curve: Floats, words: Words, state: Words, sums: Floats,
) -> None:  # fmt: skip
    """Draw all deals a line makes in a quarter; won that fails, ends and is paid go to `sums`."""
    curved, seldom = numbers[p.CURVED] == 1, numbers[p.FLAGS + 1] == 1
    over, paid = sums[:2].reshape(-1), sums[2]
    sums[:3] = 0.0
    for sector in range(mix.size):
        if mix[sector] <= 0.0:
            continue
        count, law = deals[sector], law_of[sector]
        ticket = amount * mix[sector] / count
        stream = draws.mixed(start ^ keys[sector])
        if numbers[p.KIND] == FUND:
            paid[0] += ticket * _luck(stream, count, audit, bins[law], words)
            continue
        if count > MANY:
            _many(
                stream, count, ticket, audit, curved, ends[sector], marks, worth[sector],
                bins[law], curve[law], words, state, sums,
            )  # fmt: skip
            continue
        draws.fill(stream, count, audit, words)
        if seldom:
            most = ends[sector, 2 * years - 1]
            _seldom(
                words, count, ticket, most, ends[sector], guide[sector], marks, worth[sector],
                bins[law], curve[law], over, paid,
            )  # fmt: skip
        elif curved:
            _curved(
                words, count, ticket, ends[sector], guide[sector], marks, worth[sector],
                bins[law], curve[law], over, paid,
            )  # fmt: skip
        else:
            _straight(
                words, count, ticket, ends[sector], guide[sector], marks, worth[sector],
                bins[law], over, paid,
            )  # fmt: skip


@inlined
def _event(word: np.uint64, ends: Words, guide: Counts) -> int:
    """What a word's upper half means: two steps from where the guide points, seldom more."""
    upper = np.uint32(word >> _33)
    event = np.int64(guide[np.int64(word >> _58)])
    event += np.int64(ends[event] <= upper)
    event += np.int64(ends[event] <= upper)
    while ends[event] <= upper:
        event += 1
    return int(event)


@inlined
def _slot(word: np.uint64, event: int, marks: Marks) -> int:
    """The slot of an event: a quarter of its year."""
    quarter = np.int64(word & _QUARTERS)
    past = np.int64(quarter >= marks[event, 0]) + np.int64(quarter >= marks[event, 1])
    past += np.int64(quarter >= marks[event, 2])
    return int(4 * (event >> 1) + past)


@inlined
def _own(word: np.uint64) -> int:
    """Which value of a deal's own score a word means; the outermost bins are cut again."""
    place = np.int64((word >> _8) & _BIN)
    if ((place + 1) & (BINS - 1)) <= 1:
        finer = np.int64((word >> _20) & _BIN)
        place = finer + np.int64(BINS if place == 0 else 2 * BINS)
    return int(place)


@lean
def _straight(
    words: Words, deals: int, ticket: float, ends: Words, guide: Counts, marks: Marks,
    worth: Floats, bins: Floats, over: Floats, paid: Floats,
) -> None:  # fmt: skip
    """Deals of a lognormal law: the factors' part of the payoff times the deal's own."""
    half = paid.size
    for deal in range(deals):
        word = words[deal]
        event = _event(word, ends, guide)
        slot = _slot(word, event, marks)
        over[(event & 1) * half + slot] += ticket
        paid[slot] += ticket * (event & 1) * worth[event >> 1] * bins[_own(word)]


@lean
def _curved(
    words: Words, deals: int, ticket: float, ends: Words, guide: Counts, marks: Marks,
    worth: Floats, bins: Floats, curve: Floats, over: Floats, paid: Floats,
) -> None:  # fmt: skip
    """Deals of another law: the payoff at the score, factors' part and own."""
    half = paid.size
    for deal in range(deals):
        word = words[deal]
        event = _event(word, ends, guide)
        slot = _slot(word, event, marks)
        over[(event & 1) * half + slot] += ticket
        paid[slot] += ticket * (event & 1) * _at(curve, worth[event >> 1] + bins[_own(word)])


@lean
def _seldom(
    words: Words, deals: int, ticket: float, most: np.uint32, ends: Words, guide: Counts,
    marks: Marks, worth: Floats, bins: Floats, curve: Floats, over: Floats, paid: Floats,
) -> None:  # fmt: skip
    """Deals most of which never end before their time: those are passed over at once."""
    half = paid.size
    for deal in range(deals):
        word = words[deal]
        if np.uint32(word >> _33) < most:
            event = _event(word, ends, guide)
            slot = _slot(word, event, marks)
            over[(event & 1) * half + slot] += ticket
            paid[slot] += ticket * (event & 1) * _at(curve, worth[event >> 1] + bins[_own(word)])


@inlined
def _at(curve: Floats, score: float) -> float:
    """The payoff at a score, between the nearest two of the table."""
    place = (min(SCORE_MAX, max(-SCORE_MAX, score)) + SCORE_MAX) * _GRID
    node = min(int(place), STEPS - 1)
    low = float(curve[node])
    return low + (place - node) * (float(curve[node + 1]) - low)


@lean
def _luck(stream: np.uint64, deals: int, audit: bool, bins: Floats, words: Words) -> float:
    """The sum of the own factors of so many funds."""
    total, done = 0.0, 0
    while done < deals:
        count = min(deals - done, words.size)
        draws.fill(stream + np.uint64(done) * draws.GOLD, count, audit, words)
        for deal in range(count):
            total += bins[_own(words[deal])]
        done += count
    return total


@lean
def _many(
    stream: np.uint64, deals: int, ticket: float, audit: bool, curved: bool, ends: Words,
    marks: Marks, worth: Floats, bins: Floats, curve: Floats, words: Words,
    state: Words, sums: Floats,
) -> None:  # fmt: skip
    """The same for many deals: how many meet each event and quarter, then each one's payoff."""
    state[0] = draws.mixed(stream ^ draws.GOLD)
    left, before, event = float(deals), 0.0, 0
    paid = np.uint64(0)
    while left > 0.0 and before < _WHOLE:
        if ends[event] == _NEVER:
            return
        now = float(ends[event])
        count = counting.binomial(left, (now - before) / (_WHOLE - before), state)
        left -= count
        before = now
        taken = 0
        for quarter in range(4):
            chance = (marks[event, quarter] - taken) / (256.0 - taken) if taken < 256 else 1.0
            some = counting.binomial(count, chance, state)
            taken = marks[event, quarter]
            count -= some
            slot = 4 * (event >> 1) + quarter
            sums[event & 1, slot] += ticket * some
            if event & 1 and some > 0.0:
                sums[2, slot] += ticket * _payoffs(
                    stream, paid, some, audit, curved, worth[event >> 1], bins, curve, words
                )
                paid += np.uint64(some)
        event += 1


@lean
def _payoffs(
    stream: np.uint64, first: np.uint64, count: float, audit: bool, curved: bool, worth: float,
    bins: Floats, curve: Floats, words: Words,
) -> float:  # fmt: skip
    """The payoffs of `count` deals that end in one quarter, each with its own luck, summed."""
    total, done, whole = 0.0, 0, int(count)
    while done < whole:
        some = min(whole - done, words.size)
        draws.fill(stream + (first + np.uint64(done)) * draws.GOLD, some, audit, words)
        for deal in range(some):
            own = bins[_own(words[deal])]
            total += _at(curve, worth + own) if curved else worth * own
        done += some
    return total
