"""From what ended and what lives to money by quarter: the flows of one line and vintage, compiled.

`made` has five rows by quarter: invested, returned, income, written off, closed (`model.Flows`).
Of one path whatever was drawn, by slot (`deals`; loops run over ages, everything by slot is cut so
that place 0 is age 0); of eight paths what is expected, by year (`expected`).
"""

import numpy as np

from koga.plan.engine import lanes
from koga.plan.engine import prepared as p
from koga.plan.engine.compiled import lean
from koga.plan.engine.lanes import Lanes
from koga.plan.model import Counts, Floats

INVESTED, RETURNED, INCOME, WRITTEN_OFF, CLOSED = range(5)


@lean
def deals(
    total: float, failed: Floats, ended: Floats, pays: Floats, terms: Floats, level: Floats,
    flags: np.ndarray, ages: int, begin: int, end: int, alive: Floats, made: Floats,
) -> None:  # fmt: skip
    """Add what deals do in `ages` quarters from quarter `begin` on, before quarter `end`.

    total: put in or promised. failed, ended: of it, by slot. pays: mean payoff times what ends, by
    slot. terms: by slot, drawn, at stake, repaid, fixed and floating income. level: of the market
    by calendar year from the vintage's on, for floating income. flags: quarters from end to payoff,
    whether ending is a loss, whether it is a guarantee, whether anything moves between.
    """
    lag, loss, guarantee = flags[0], flags[1] == 1, flags[2] == 1
    made[INVESTED, begin] += total * terms[0, 1]
    stake = terms[1, 1:]
    _add(ages, failed[1:], stake, made[WRITTEN_OFF, begin:])
    _add(ages, failed[1:], stake, made[CLOSED, begin:])
    _add(ages, ended[1:], stake, made[CLOSED, begin:])
    if loss:
        _lost(ages, ended[1:], pays[1:], stake, made[WRITTEN_OFF, begin:])
    late = min(ages, end - begin - lag)
    if late > 0:
        _add(late, pays[1:], stake, made[RETURNED, begin + lag :])
    if flags[3] == 0:
        return
    left = total
    for slot in range(1, ages + 1):
        left -= failed[slot] + ended[slot]
        alive[slot] = left
    alive[1] = 0.0
    _add(ages, alive[1:], terms[0, 1:], made[INVESTED, begin:])
    if guarantee:
        _add(ages, ended[1:], stake, made[INVESTED, begin:])
    _add(ages, alive[1:], terms[2, 1:], made[CLOSED, begin:])
    _add(ages, alive[1:], terms[2, 1:], made[RETURNED, begin:])
    for slot in range(1, ages + 1):
        alive[slot] *= terms[3, slot] + terms[4, slot] * level[slot >> 2]
    for row in (RETURNED, INCOME):
        _more(ages, alive[1:], made[row, begin:])


@lean
def _lost(count: int, ended: Floats, pays: Floats, stake: Floats, written_off: Floats) -> None:
    """What ended, less what comes back of it."""
    for age in range(count):
        written_off[age] += (ended[age] - pays[age]) * stake[age]


@lean
def _add(count: int, first: Floats, second: Floats, total: Floats) -> None:
    for place in range(count):
        total[place] += first[place] * second[place]


@lean
def _more(count: int, more: Floats, total: Floats) -> None:
    for place in range(count):
        total[place] += more[place]


@lean
def funds(total: float, value: float, terms: Floats, begin: int, years: int, made: Floats) -> None:
    """Add what commitments do: `total` of them is drawn, `value` (with their luck) is paid on.

    terms: by year what each quarter is drawn, paid, income of it, cost of what is paid; what is
    paid in a year comes a quarter after what is drawn.
    """
    for year in range(years):
        for age in range(4 * year, 4 * year + 4):
            if begin + age < made.shape[1]:
                made[INVESTED, begin + age] += total * terms[0, year]
            if begin + age + 1 < made.shape[1]:
                made[RETURNED, begin + age + 1] += value * terms[1, year]
                made[INCOME, begin + age + 1] += value * terms[2, year]
                made[CLOSED, begin + age + 1] += total * terms[3, year]


@lean
def expected(
    amount: Lanes, laws: Floats, slots: Floats, terms: Floats, level: Floats, flags: Counts,
    years: int, begin: int, made: Floats,
) -> None:  # fmt: skip
    """Add what deals of so much money do on average on eight paths, from quarter `begin` on.

    laws: by year, of one won, what fails, what ends, its mean payoffs. slots, terms: of the line
    (`Tables`). level, flags: as above. made: by row and quarter.
    """
    lanes.put(made[INVESTED, begin], lanes.at(made[INVESTED, begin]) + amount * terms[0, 1])
    _ended(amount, laws, slots, flags, years, begin, made)
    if flags[3] == 1:
        _lived(amount, laws, slots, terms, level, flags[2] == 1, years, begin, made)


@lean
def _ended(
    amount: Lanes, laws: Floats, slots: Floats, flags: Counts, years: int, begin: int, made: Floats
) -> None:
    """Of deals that fail or end: their cost, and their payoffs so many quarters later."""
    off, out, back = made[WRITTEN_OFF], made[CLOSED], made[RETURNED]
    fails, ends, lag, loss = slots[p.FAILS], slots[p.ENDS], flags[0], flags[1] == 1
    for year in range(years):
        lost, over = amount * lanes.at(laws[0, year]), amount * lanes.at(laws[1, year])
        paid = amount * lanes.at(laws[2, year])
        for slot in range(max(1, 4 * year), min(4 * year + 4, made.shape[1] - begin + 1)):
            place = begin + slot - 1
            failed, returned = lost * fails[slot], paid * ends[slot]
            closed = failed + over * ends[slot]
            gone = closed - returned if loss else failed
            lanes.put(off[place], lanes.at(off[place]) + gone)
            lanes.put(out[place], lanes.at(out[place]) + closed)
            if place + lag < made.shape[1]:
                lanes.put(back[place + lag], lanes.at(back[place + lag]) + returned)


@lean
def _lived(
    amount: Lanes, laws: Floats, slots: Floats, terms: Floats, level: Floats, guarantee: bool,
    years: int, begin: int, made: Floats,
) -> None:  # fmt: skip
    """Of deals that go on: what they draw, repay and earn; of guarantees called, what they cost."""
    drawn, back, income = made[INVESTED], made[RETURNED], made[INCOME]
    closed, ends = made[CLOSED], slots[p.ENDS]
    failed, ended = slots[p.FAILED], slots[p.ENDED]
    left = amount
    for year in range(years):
        lost, over = amount * lanes.at(laws[0, year]), amount * lanes.at(laws[1, year])
        moved = lanes.at(level[year])
        for slot in range(max(2, 4 * year), min(4 * year + 4, made.shape[1] - begin + 1)):
            place = begin + slot - 1
            alive = left - lost * failed[slot] - over * ended[slot]
            put_in = alive * terms[0, slot]
            if guarantee:
                put_in = put_in + over * ends[slot]
            repaid = alive * terms[2, slot]
            earned = alive * (terms[3, slot] + terms[4, slot] * moved)
            lanes.put(drawn[place], lanes.at(drawn[place]) + put_in)
            lanes.put(closed[place], lanes.at(closed[place]) + repaid)
            lanes.put(back[place], lanes.at(back[place]) + (repaid + earned))
            lanes.put(income[place], lanes.at(income[place]) + earned)
        left = left - lost - over


@lean
def expected_funds(
    amount: Lanes, entry: float, terms: Floats, years: int, begin: int, made: Floats
) -> None:
    """The same as `funds` for eight paths, all funds of mean luck."""
    drawn, back, income, closed = made[INVESTED], made[RETURNED], made[INCOME], made[CLOSED]
    for year in range(years):
        put_in, relieved = amount * lanes.at(terms[0, year]), amount * lanes.at(terms[3, year])
        paid, earned = amount * lanes.at(terms[1, year]), amount * lanes.at(terms[2, year])
        for place in range(begin + 4 * year, min(begin + 4 * year + 4, made.shape[1])):
            lanes.put(drawn[place], lanes.at(drawn[place]) + put_in)
        for place in range(begin + 4 * year + 1, min(begin + 4 * year + 5, made.shape[1])):
            lanes.put(back[place], lanes.at(back[place]) + entry * paid)
            lanes.put(income[place], lanes.at(income[place]) + entry * earned)
            lanes.put(closed[place], lanes.at(closed[place]) + relieved)
