"""From what ended and what lives to money by quarter: the flows of one line and vintage, compiled.

`made` has five rows by quarter: invested, returned, income, written off, closed (`model.Flows`).
Loops run over ages: everything by slot is cut so that place 0 is age 0.
"""

import numpy as np

from koga.plan.engine.compiled import lean
from koga.plan.model import Floats

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
def scaled(count: int, factor: float, more: Floats, total: Floats) -> None:
    """Add `factor` times the first `count` numbers of `more`."""
    for place in range(count):
        total[place] += factor * more[place]


@lean
def funds(total: float, value: float, terms: Floats, begin: int, ages: int, made: Floats) -> None:
    """Add what commitments do: `total` of them is drawn, `value` (with their luck) is paid on.

    terms: by slot, drawn, paid, income of it, cost of what is paid.
    """
    scaled(ages, total, terms[0, 1:], made[INVESTED, begin:])
    scaled(ages, value, terms[1, 1:], made[RETURNED, begin:])
    scaled(ages, value, terms[2, 1:], made[INCOME, begin:])
    scaled(ages, total, terms[3, 1:], made[CLOSED, begin:])
