"""One vehicle's money through its rules, quarter by quarter, many paths abreast: the compiled
twin of `core.waterfall` for the rules vehicles of a scheme have (`vehicle_rules` writes the same as
fund rules, and tests hold the two together).

Within a quarter: hurdle accrues, the fee is taken, capital is called, losses are realised and
covered, what is left of the receipts goes down the tiers. All amounts are won as float64. Every
step is a plain loop over the paths of a block, which the compiler turns into vector instructions.
"""

import numpy as np

from koga.plan.engine.compiled import kernel
from koga.plan.model import Counts, Floats

BLOCK = 32
"""Paths worked on together."""
ROUNDING = 1e-12
"""Part of what was paid in below which a loss is only the rounding of floats."""
BEHIND_ALL = 3
"""The level of a first-loss provider's money (`seats.BEHIND_ALL`)."""

HURDLE, CARRY, CATCH_UP, FEE, UNFUNDED, AT_REALISATION, RECYCLED, INTO, VINTAGES = range(9)
"""Places of a vehicle's rates in the array `rates`."""
INVESTED, RETURNED, WRITTEN_OFF, CLOSED, POOL = range(5)
"""Rows of `flow`."""
CALLED, SPLIT, BASE, FEES, EARNED, COVER = range(6)
"""Rows of `work`: calls, profit to investors above the hurdle, fee base, fees, carry, covers."""
CAPITAL, OWED, BORNE, GOT, CELL, HELD, LOST = range(7)
"""Rows of `accounts`, by group: capital not returned, hurdle owed, losses borne, received; what one
receipt pays; what it would get of what is still held; what it never gets back."""
LEFT, BALANCE, WAITING, PAID_IN, PROFIT, CARRIED, USED, PAYS, WHOLE, DUE = range(10)
"""Rows of `state`: of a receipt what is left; cost of what is held; money that waits to be put in
again; paid in; profit and carry paid out so far; cover used; two for what is at work; fee due."""


@kernel
def vehicle(
    invested: Floats, returned: Floats, written_off: Floats, closed: Floats, pool: Floats,
    lines: Counts, years: Floats, young: Floats, level: Counts, part: Floats, covered: Floats,
    rates: Floats, end: int, places: Counts, shares: Floats, payers: Floats, payer_rank: int,
    paid: Floats, received: Floats, held: Floats, lost: Floats,
    fees: Floats, carry: Floats, cover: Floats, called: Floats,
) -> None:  # fmt: skip
    """Add one vehicle to the books of all paths.

    invested … closed: by path, line, quarter. pool: all that comes back, by path and quarter.
    years: length of each quarter. young: commitments (row 0) and planned money (row 1) of
    vintages in their investing period, by quarter. level, part, covered: of each group.
    places: of each seat its group, source and rank. shares: of each seat its part of the group, of
    calls, of the parent fund's fee and of profit passed on. payers: by source, its part of a cover.
    paid, received: by source, path, quarter. held: by source, path. lost: by rank, path, quarter.
    fees, carry, cover: of this vehicle, by path and quarter. called: in all, by path.
    """
    paths, quarters, groups = invested.shape[0], invested.shape[2], part.size
    flow, work = np.zeros((5, quarters, BLOCK)), np.zeros((6, quarters, BLOCK))
    accounts, out = np.zeros((7, groups, BLOCK)), np.zeros((groups, quarters, BLOCK))
    state, row = np.zeros((10, BLOCK)), np.zeros((groups + 3, quarters))
    for first in range(0, paths, BLOCK):
        count = min(BLOCK, paths - first)
        flow[:, :, :] = 0.0
        work[:, :, :] = 0.0
        out[:, :, :] = 0.0
        accounts[:, :, :] = 0.0
        state[:, :] = 0.0
        for place in range(count):
            path = first + place
            _gather(invested[path], lines, flow[INVESTED], place)
            _gather(returned[path], lines, flow[RETURNED], place)
            if rates[AT_REALISATION] > 0.0:
                _gather(written_off[path], lines, flow[WRITTEN_OFF], place)
            _gather(closed[path], lines, flow[CLOSED], place)
            for quarter in range(quarters):
                flow[POOL, quarter, place] = pool[path, quarter]
        _life(flow, years, young, level, part, covered, rates, accounts, out, work, state)
        _close(level, part, covered, rates, end, accounts, out, work, state)
        for place in range(count):
            path = first + place
            called[path] = state[PAID_IN, place]
            _rows(out, work, place, row)
            _book(path, place, end, places, shares, accounts, row, paid, received, held, lost)
            _book_vehicle(path, place, shares, work, fees, carry)
            _book_cover(
                path, place, end, level, payers, payer_rank, accounts, work, paid, lost, cover
            )


@kernel
def _gather(flows: Floats, lines: Counts, into: Floats, place: int) -> None:
    """A vehicle's flows by quarter: the sum of its lines."""
    for line in lines:
        for quarter in range(into.shape[0]):
            into[quarter, place] += flows[line, quarter]


@kernel
def _life(
    flow: Floats, years: Floats, young: Floats, level: Counts, part: Floats, covered: Floats,
    rates: Floats, accounts: Floats, out: Floats, work: Floats, state: Floats,
) -> None:  # fmt: skip
    """Every quarter of a block of paths."""
    quarters, groups = flow.shape[1], part.size
    for quarter in range(quarters):
        rate = rates[HURDLE] * years[quarter]
        for group in range(groups):
            for path in range(BLOCK):
                accounts[OWED, group, path] += accounts[CAPITAL, group, path] * rate
        _call(quarter, flow, years, young, rates, work, state)
        for group in range(groups):
            for path in range(BLOCK):
                accounts[CAPITAL, group, path] += part[group] * work[CALLED, quarter, path]
        if rates[AT_REALISATION] > 0.0:
            _realise(quarter, flow, level, covered, rates, accounts, work, state)
            _enter(quarter, accounts, out)
        if _receive(quarter, flow, rates, work, state):
            _tiers(quarter, level, part, rates, accounts, work, state)
            _enter(quarter, accounts, out)


@kernel
def _call(
    quarter: int, flow: Floats, years: Floats, young: Floats, rates: Floats, work: Floats,
    state: Floats,
) -> None:  # fmt: skip
    """The quarter's fee and call.

    The fee comes out of receipts. What they do not pay is called while there is a vintage in its
    investing period, and waits for receipts afterwards.
    """
    committed, planned, span = young[0, quarter], young[1, quarter], years[quarter]
    waits = 0.0 if committed > 0.0 else 1.0
    for path in range(BLOCK):
        base = (committed + max(0.0, state[BALANCE, path] - planned)) * span
        due = state[DUE, path] + rates[FEE] * base
        taken = min(due, flow[RETURNED, quarter, path])
        called = (due - taken) * (1.0 - waits)
        call = max(0.0, flow[INVESTED, quarter, path] - state[WAITING, path]) + called
        state[DUE, path] = (due - taken) * waits
        state[LEFT, path] = flow[RETURNED, quarter, path] - taken
        work[BASE, quarter, path] = base
        work[FEES, quarter, path] = taken + called
        work[CALLED, quarter, path] = call
        state[PAID_IN, path] += call
    for path in range(BLOCK):
        state[BALANCE, path] += flow[INVESTED, quarter, path] - flow[CLOSED, quarter, path]


@kernel
def _receive(quarter: int, flow: Floats, rates: Floats, work: Floats, state: Floats) -> bool:
    """What a quarter's receipts leave to pay out; whether there is any on any path."""
    vintage = 1.0 if quarter + 1 < rates[VINTAGES] else 0.0
    any_left = 0.0
    for path in range(BLOCK):
        back, receipt = flow[RETURNED, quarter, path], state[LEFT, path]
        again = vintage * min(rates[RECYCLED] * back, rates[INTO] * flow[POOL, quarter, path])
        again = min(again, receipt)
        state[WAITING, path] = again
        state[LEFT, path] = receipt - again
        any_left += receipt - again
    return any_left > 0.0


@kernel
def _enter(quarter: int, accounts: Floats, out: Floats) -> None:
    for group in range(out.shape[0]):
        for path in range(BLOCK):
            out[group, quarter, path] += accounts[CELL, group, path]
            accounts[GOT, group, path] += accounts[CELL, group, path]


@kernel
def _realise(
    quarter: int, flow: Floats, level: Counts, covered: Floats, rates: Floats, accounts: Floats,
    work: Floats, state: Floats,
) -> None:  # fmt: skip
    """Realised losses fall on the lowest level first; the covered are paid theirs, to the cap."""
    groups = level.size
    for path in range(BLOCK):
        left, protected = flow[WRITTEN_OFF, quarter, path], 0.0
        last = groups
        while last > 0:
            first, whole = last, 0.0
            while first > 0 and level[first - 1] == level[last - 1]:
                first -= 1
                risk = accounts[CAPITAL, first, path] - accounts[BORNE, first, path]
                whole += max(risk, 0.0)
            pays = min(left, whole)
            for group in range(first, last):
                risk = accounts[CAPITAL, group, path] - accounts[BORNE, group, path]
                own = pays * max(risk, 0.0) / whole if whole > 0.0 else 0.0
                accounts[BORNE, group, path] += own
                accounts[CELL, group, path] = own * covered[group]
                protected += own * covered[group]
            left -= pays
            last = first
        limit = max(rates[UNFUNDED] * state[PAID_IN, path] - state[USED, path], 0.0)
        pays = min(protected, limit)
        state[USED, path] += pays
        work[COVER, quarter, path] = pays
        for group in range(groups):
            own = accounts[CELL, group, path] * pays / protected if protected > 0.0 else 0.0
            accounts[CELL, group, path] = own
            accounts[CAPITAL, group, path] -= min(own, accounts[CAPITAL, group, path])


@kernel
def _tiers(
    quarter: int, level: Counts, part: Floats, rates: Floats, accounts: Floats, work: Floats,
    state: Floats,
) -> None:  # fmt: skip
    """What is left of a receipt through the tiers, into the cells of the groups."""
    groups = part.size
    first = 0
    for group in range(groups):
        for path in range(BLOCK):
            accounts[CELL, group, path] = 0.0
    while first < groups:
        last = first
        while last < groups and level[last] == level[first]:
            last += 1
        _repay(CAPITAL, first, last, accounts, state)
        first = last
    if rates[CARRY] > 0.0:
        _repay(OWED, 0, groups, accounts, state)
        for path in range(BLOCK):
            state[PROFIT, path] += state[PAYS, path]
    _share(quarter, rates, work, state)
    for group in range(groups):
        for path in range(BLOCK):
            accounts[CELL, group, path] += part[group] * state[PAYS, path]


@kernel
def _repay(due: int, first: int, last: int, accounts: Floats, state: Floats) -> None:
    """Pay groups what is due to them, in proportion to it where it does not suffice."""
    for path in range(BLOCK):
        state[WHOLE, path] = 0.0
    for group in range(first, last):
        for path in range(BLOCK):
            state[WHOLE, path] += accounts[due, group, path]
    for path in range(BLOCK):
        state[PAYS, path] = min(state[LEFT, path], state[WHOLE, path])
        state[LEFT, path] -= state[PAYS, path]
    for path in range(BLOCK):
        whole = state[WHOLE, path]
        state[WHOLE, path] = state[PAYS, path] / whole if whole > 0.0 else 0.0
    for group in range(first, last):
        for path in range(BLOCK):
            own = accounts[due, group, path] * state[WHOLE, path]
            accounts[CELL, group, path] += own
            accounts[due, group, path] -= own


@kernel
def _share(quarter: int, rates: Floats, work: Floats, state: Floats) -> None:
    """Catch-up and split; what they leave investors is in state's `PAYS`."""
    carry, catch_up = rates[CARRY], rates[CATCH_UP]
    catches = carry > 0.0 and catch_up > carry
    for path in range(BLOCK):
        left, above, earned = state[LEFT, path], 0.0, 0.0
        if catches:
            missing = carry * state[PROFIT, path] - state[CARRIED, path]
            pays = min(left, max(missing / (catch_up - carry), 0.0))
            above = pays * (1.0 - catch_up)
            earned = pays * catch_up
            state[PROFIT, path] += pays
            left -= pays
        above += left * (1.0 - carry)
        earned += left * carry
        state[PROFIT, path] += left
        state[CARRIED, path] += earned
        state[LEFT, path] = 0.0
        state[PAYS, path] = above
        work[SPLIT, quarter, path] = above
        work[EARNED, quarter, path] = earned


@kernel
def _close(
    level: Counts, part: Floats, covered: Floats, rates: Floats, end: int,
    accounts: Floats, out: Floats, work: Floats, state: Floats,
) -> None:  # fmt: skip
    """What is still held goes down the tiers at cost, and losses are known.

    A cover that settles at the end is paid of what its beneficiaries have lost.
    """
    groups, last = part.size, out.shape[1] - 1
    for path in range(BLOCK):
        state[LEFT, path] = max(state[BALANCE, path], 0.0)
        state[USED, path] = work[SPLIT, last, path]
        state[WAITING, path] = work[EARNED, last, path]
    _tiers(last, level, part, rates, accounts, work, state)
    for path in range(BLOCK):
        work[SPLIT, last, path] = state[USED, path]
        work[EARNED, last, path] = state[WAITING, path]
        protected = 0.0
        for group in range(groups):
            paid_in = part[group] * state[PAID_IN, path]
            got = accounts[GOT, group, path] + accounts[CELL, group, path]
            lost = paid_in - got
            accounts[LOST, group, path] = lost if lost > ROUNDING * paid_in else 0.0
            accounts[HELD, group, path] = accounts[CELL, group, path]
            protected += accounts[LOST, group, path] * covered[group]
        if rates[AT_REALISATION] > 0.0 or protected <= 0.0:
            continue
        pays = min(protected, rates[UNFUNDED] * state[PAID_IN, path])
        work[COVER, end, path] = pays
        for group in range(groups):
            own = pays * accounts[LOST, group, path] * covered[group] / protected
            out[group, end, path] += own
            accounts[LOST, group, path] -= own


@kernel
def _rows(out: Floats, work: Floats, place: int, row: Floats) -> None:
    """One path's quarters beside each other: by group, then calls, split profit and fee base."""
    groups = out.shape[0]
    for quarter in range(row.shape[1]):
        for group in range(groups):
            row[group, quarter] = out[group, quarter, place]
        row[groups, quarter] = work[CALLED, quarter, place]
        row[groups + 1, quarter] = work[SPLIT, quarter, place]
        row[groups + 2, quarter] = work[BASE, quarter, place]


@kernel
def _book(
    path: int, place: int, end: int, places: Counts, shares: Floats, accounts: Floats,
    row: Floats, paid: Floats, received: Floats, held: Floats, lost: Floats,
) -> None:  # fmt: skip
    """Each seat's part of its group, under its source and rank."""
    called, split, base = row.shape[0] - 3, row.shape[0] - 2, row.shape[0] - 1
    for seat in range(places.shape[1]):
        group, source, rank = places[0, seat], places[1, seat], places[2, seat]
        share, part = shares[0, seat], shares[1, seat]
        parent, passes = shares[2, seat], shares[3, seat]
        for quarter in range(row.shape[1]):
            paid[source, path, quarter] += part * row[called, quarter] + parent * row[base, quarter]
        for quarter in range(row.shape[1]):
            got = share * row[group, quarter] + passes * row[split, quarter]
            received[source, path, quarter] += got
        held[source, path] += share * accounts[HELD, group, place]
        if accounts[LOST, group, place] > 0.0:
            lost[rank, path, end] += share * accounts[LOST, group, place]


@kernel
def _book_vehicle(
    path: int, place: int, shares: Floats, work: Floats, fees: Floats, carry: Floats
) -> None:
    """What the managers of the vehicle and of the parent fund earn."""
    parent = 0.0
    for seat in range(shares.shape[1]):
        parent += shares[2, seat]
    for quarter in range(fees.shape[1]):
        fees[path, quarter] = work[FEES, quarter, place] + parent * work[BASE, quarter, place]
        carry[path, quarter] = work[EARNED, quarter, place]


@kernel
def _book_cover(
    path: int, place: int, end: int, level: Counts, payers: Floats, rank: int, accounts: Floats,
    work: Floats, paid: Floats, lost: Floats, cover: Floats,
) -> None:  # fmt: skip
    """What the first loss's provider paid, and what its money behind all others lost."""
    for quarter in range(cover.shape[1]):
        pays = work[COVER, quarter, place]
        if pays > 0.0:
            cover[path, quarter] = pays
            lost[rank, path, quarter] += pays
            for source in range(payers.size):
                paid[source, path, quarter] += payers[source] * pays
    for group in range(level.size):
        if level[group] == BEHIND_ALL:
            cover[path, end] += accounts[LOST, group, place]
