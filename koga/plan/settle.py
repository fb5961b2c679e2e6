"""From what ended and what lives to money by quarter: the flows of one line and vintage, compiled.

`made` has five rows by quarter: invested, returned, income, written off, closed (`model.Flows`).
"""

import numpy as np

from koga.plan.compiled import kernel
from koga.plan.model import Floats

INVESTED, RETURNED, INCOME, WRITTEN_OFF, CLOSED = range(5)


@kernel
def deals(
    total: float, ends: Floats, pays: Floats, line: int, draw: Floats, exposure: Floats,
    repaid: Floats, fixed: Floats, floating: Floats, level: Floats, flags: np.ndarray,
    year: int, begin: int, alive: Floats, made: Floats,
) -> None:  # fmt: skip
    """Add what deals do from quarter `begin` on.

    total: put in or promised. ends: of it, what fails (first half) and ends (second) by slot.
    pays: mean payoff times what ends, by slot. level: the market's level by calendar year, for
    floating income. flags: quarters from end to payoff, whether ending is a loss, whether it is a
    guarantee, whether the living are paid or pay beyond the first draw. year: of the vintage.
    """
    half = exposure.shape[1]
    slots = min(half, made.shape[1] - begin + 1)
    lag, loss, guarantee = flags[line, 0], float(flags[line, 1]), float(flags[line, 2])
    first = begin - 1
    made[INVESTED, begin] += total * draw[line, 1]
    for slot in range(2, slots):
        stake = exposure[line, slot]
        lost, over = ends[slot] * stake, ends[half + slot] * stake
        made[WRITTEN_OFF, first + slot] += lost + loss * (over - pays[slot] * stake)
        made[CLOSED, first + slot] += lost + over
    for slot in range(2, slots - lag):
        made[RETURNED, first + slot + lag] += pays[slot] * exposure[line, slot]
    if flags[line, 3] == 0:
        return
    left = total
    for slot in range(2, slots):
        left -= ends[slot] + ends[half + slot]
        alive[slot] = left
    for slot in range(2, slots):
        called = guarantee * ends[half + slot] * exposure[line, slot]
        made[INVESTED, first + slot] += alive[slot] * draw[line, slot] + called
    for slot in range(2, slots):
        principal = alive[slot] * repaid[line, slot]
        floats = floating[line, slot] * level[line, year + (slot >> 2)]
        earned = alive[slot] * (fixed[line, slot] + floats)
        made[RETURNED, first + slot] += principal + earned
        made[INCOME, first + slot] += earned
        made[CLOSED, first + slot] += principal


@kernel
def funds(
    total: float, value: float, line: int, draw: Floats, paid: Floats, closed: Floats,
    income: Floats, begin: int, made: Floats,
) -> None:  # fmt: skip
    """Add what commitments do: `total` of them is drawn, `value` (with their luck) is paid on."""
    first = begin - 1
    for slot in range(1, min(draw.shape[1], made.shape[1] - begin + 1)):
        made[INVESTED, first + slot] += total * draw[line, slot]
        made[RETURNED, first + slot] += value * paid[line, slot]
        made[INCOME, first + slot] += value * income[line, slot]
        made[CLOSED, first + slot] += total * closed[line, slot]
