"""The fast engine: what the deals of a path do on average, given its factors.

Of the same laws as `exact`, without drawing a deal: what differs from it is each deal's own luck
and nothing else, so on equal factors (`draws="counter"`) it is `exact`'s control variate.
"""

from typing import NamedTuple

import numpy as np

from koga.plan.engine import factors, given, lanes, prepared, settle
from koga.plan.engine import prepared as p
from koga.plan.engine.compiled import lean
from koga.plan.engine.factors import Draws
from koga.plan.engine.given import Path, Vintage
from koga.plan.engine.lanes import LANES, Lanes
from koga.plan.engine.laws import FUND
from koga.plan.engine.prepared import Tables
from koga.plan.model import Counts, Floats, Flows, Model


def flows(
    model: Model,
    *,
    seed: int,
    first: int,
    paths: int,
    draws: Draws = "sobol",
    shift: float = 0.0,
) -> Flows:
    """Expected flows given the factors of paths `first` … `first + paths - 1`, won.

    draws: `sobol` for scrambled quasi-random factors, `counter` for those of `exact`.
    shift: of the market's first component, in deviations, with likelihood ratios as weights.
    A pure function of its arguments: ranges may be cut in any way.
    """
    years = prepared.years_of(model)
    drawn = factors.drawn(
        years=years, sectors=len(model.sectors), memory=model.market.memory, seed=seed,
        first=first, paths=paths, source=draws, shift=shift,
    )  # fmt: skip
    return flows_on(model, drawn, first=first)


def expected(model: Model) -> Flows:
    """The deterministic path: every chance and payoff at its mean over all paths; one path.

    With volatility and correlation nought every path of both engines is this one.
    """
    years, sectors = prepared.years_of(model), len(model.sectors)
    nothing = factors.Factors(np.zeros((1, sectors + 1, years)), np.ones(1))
    return flows_on(model, nothing, first=0, still=True)


def flows_on(model: Model, drawn: factors.Factors, *, first: int, still: bool = False) -> Flows:
    """Expected flows on given factors."""
    tables = prepared.tables(model, still=still)
    values = given.blocks(drawn.values)
    made = np.empty((values.shape[0], len(model.lines), 5, model.quarters))
    lines, _, _, years = tables.chances.shape
    room = Room(
        lanes.room(lines, 3, years), np.zeros(lines, dtype=np.int64), lanes.room(*made.shape[1:])
    )  # fmt: skip
    _paths(tables, given.path_room(tables), given.vintage_room(tables), room, values, made)
    return as_flows(model, drawn, made[: drawn.weights.size], first)


class Room(NamedTuple):
    """Room to add up in.

    laws: by line and year, what one won put in fails, ends and is paid. known: by line, whether
    they are this vintage's. made: flows of eight paths, by line, row and quarter.
    """

    laws: Floats
    known: Counts
    made: Floats


def as_flows(model: Model, drawn: factors.Factors, made: Floats, first: int) -> Flows:
    """The rows a kernel filled, under their names."""
    invested, returned, income, written_off, closed = (made[:, :, row] for row in range(5))
    return Flows(
        first_path=first, invested=invested, returned=returned, income=income,
        written_off=written_off, closed=closed, weights=drawn.weights,
        factors=drawn.market[:, : model.years],
    )  # fmt: skip


@lean
def _paths(
    tables: Tables, path: Path, vintage: Vintage, room: Room, drawn: Floats, made: Floats
) -> None:
    for first in range(0, drawn.shape[0], LANES):
        room.made[:] = 0.0
        given.open_path(tables, drawn[first : first + LANES], path)
        for year in range(tables.asked.shape[1]):
            given.open_vintage(tables, path, year, True, vintage)
            room.known[:] = 0
            for quarter in range(4 * year, min(4 * year + 4, tables.vintages)):
                _quarter(tables, path.level, vintage, room, quarter)
        for line in range(made.shape[1]):
            for row in range(made.shape[2]):
                lanes.apart(room.made[line, row], made[first : first + LANES, line, row])


@lean
def _quarter(tables: Tables, level: Floats, vintage: Vintage, room: Room, quarter: int) -> None:
    """The deals all lines make in a quarter, on eight paths."""
    numbers, money, year = tables.numbers, tables.money, quarter // 4
    years = given.years_of(tables, year)
    back = _put_again(tables.evergreen, quarter, room.made)
    for line in range(numbers.shape[0]):
        if tables.same[line, quarter] == 0:
            room.known[line] = 0
        planned, again = money[p.PLANNED, line, quarter], money[p.AGAIN, line, quarter]
        if planned == 0.0 and again * tables.evergreen == 0.0:
            continue
        like, entry = tables.like[line], money[p.ENTRY, line, quarter]
        amount = planned + back * again
        if numbers[line, p.KIND] == FUND:
            settle.expected_funds(
                amount, entry, vintage.funds[like], years, quarter, room.made[line]
            )
            continue
        lived = min(years, numbers[line, p.LIFE])
        if room.known[line] == 0:
            room.known[line] = 1
            _gather(
                tables.mix[line, quarter], entry, vintage.ended[like], vintage.failed[like],
                vintage.mean[like], lived, room.laws[line],
            )  # fmt: skip
        settle.expected(
            amount, room.laws[line], tables.slots[line], tables.terms[line], level[line, year:],
            numbers[line, p.FLAGS :], lived, quarter, room.made[line],
        )  # fmt: skip


@lean
def _put_again(evergreen: float, quarter: int, made: Floats) -> Lanes:
    """What came back in the quarter before and is put in again."""
    total = lanes.alike(0.0)
    if quarter > 0:
        for line in range(made.shape[0]):
            total = total + lanes.at(made[line, settle.RETURNED, quarter - 1])
    return evergreen * total


@lean
def _gather(
    mix: Floats, entry: float, ended: Floats, failed: Floats, mean: Floats, years: int, laws: Floats
) -> None:
    """What fails, what ends and its payoffs by year, of all sectors by their shares."""
    for year in range(years):
        lost, over, paid = lanes.alike(0.0), lanes.alike(0.0), lanes.alike(0.0)
        for sector in range(mix.size):
            part = mix[sector] * lanes.at(ended[sector, year])
            lost = lost + mix[sector] * lanes.at(failed[sector, year])
            over = over + part
            paid = paid + part * lanes.at(mean[sector, year])
        lanes.put(laws[0, year], lost)
        lanes.put(laws[1, year], over)
        lanes.put(laws[2, year], entry * paid)
