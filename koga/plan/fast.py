"""The fast engine: what the deals of a path do on average, given its factors.

Of the same laws as `exact`, without drawing a deal: what differs from it is each deal's own luck
and nothing else, so on equal factors (`draws="counter"`) it is `exact`'s control variate.
"""

import numpy as np

from koga.plan import factors, given, prepared, settle
from koga.plan.compiled import inlined, kernel
from koga.plan.factors import Draws
from koga.plan.given import Path, Vintage
from koga.plan.laws import FUND
from koga.plan.model import Floats, Flows, Model
from koga.plan.prepared import Tables


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
    paths = drawn.weights.size
    made = np.zeros((paths, len(model.lines), 5, model.quarters))
    _paths(prepared.tables(model, still=still), drawn.values, made)
    return as_flows(model, drawn, made, first)


def as_flows(model: Model, drawn: factors.Factors, made: Floats, first: int) -> Flows:
    """The rows a kernel filled, under their names."""
    invested, returned, income, written_off, closed = (made[:, :, row] for row in range(5))
    return Flows(
        first_path=first, invested=invested, returned=returned, income=income,
        written_off=written_off, closed=closed, weights=drawn.weights,
        factors=drawn.market[:, : model.years],
    )  # fmt: skip


@kernel
def _paths(tables: Tables, drawn: Floats, made: Floats) -> None:
    path, vintage = given.path_room(tables), given.vintage_room(tables)
    lines, _, years = tables.end.shape
    units = np.zeros((lines, 5, 4 * years))
    room = np.zeros((4, 4 * years))
    planned, again, same = tables.planned, tables.again, tables.same
    for place in range(drawn.shape[0]):
        given.open_path(tables, drawn[place], path)
        for quarter in range(tables.vintages):
            if quarter % 4 == 0:
                given.open_vintage(tables, path, quarter // 4, vintage)
            back = _back(tables.evergreen, quarter, made[place])
            for line in range(lines):
                amount = back * again[line, quarter]
                for sector in range(planned.shape[1]):
                    amount += planned[line, sector, quarter]
                if same[line, quarter] == 0:
                    _unit(tables, path, vintage, line, quarter, room, units[line])
                if amount != 0.0:
                    _add(amount, units[line], quarter, made[place, line])


@kernel
def _back(evergreen: float, quarter: int, made: Floats) -> float:
    """What came back in the quarter before and is put in again."""
    total = 0.0
    if quarter > 0:
        for line in range(made.shape[0]):
            total += made[line, settle.RETURNED, quarter - 1]
    return evergreen * total


@kernel
def _add(amount: float, unit: Floats, begin: int, made: Floats) -> None:
    """A vintage's flows: those of a unit, times the amount, from its quarter on."""
    for row in range(made.shape[0]):
        for age in range(min(unit.shape[1], made.shape[1] - begin)):
            made[row, begin + age] += amount * unit[row, age]


@inlined
def _unit(
    tables: Tables, path: Path, vintage: Vintage, line: int, quarter: int, room: Floats,
    unit: Floats,
) -> None:  # fmt: skip
    """What one won put in by a line in a quarter does, by quarter of age."""
    entry, half = tables.entry[line, quarter], unit.shape[1]
    unit[:] = 0.0
    if tables.kind[line] == FUND:
        settle.funds(
            1.0, entry, line, vintage.draw, vintage.paid, vintage.closed, vintage.income, 0, unit
        )
        return
    room[:] = 0.0
    flat = room.reshape(-1)
    ends, pays, alive = flat[: 2 * half], flat[2 * half : 3 * half], flat[3 * half :]
    slots = given.slots_of(tables, quarter // 4)
    _gather(
        tables.mix, line, quarter, min(slots, 4 * tables.life[line]), slots, entry,
        vintage.ended, vintage.failed, vintage.mean, tables.end_part, tables.fail_part, ends, pays,
    )  # fmt: skip
    settle.deals(
        1.0, ends, pays, line, tables.draw[:, 0], tables.exposure[:, 0], tables.repaid,
        tables.fixed, tables.floating, path.level, tables.flags, quarter // 4, 0, alive, unit,
    )  # fmt: skip


@kernel
def _gather(
    mix: Floats, line: int, quarter: int, slots: int, stride: int, entry: float, ended: Floats,
    failed: Floats, mean: Floats, end_part: Floats, fail_part: Floats, ends: Floats, pays: Floats,
) -> None:  # fmt: skip
    """Chances and mean payoffs of a line's sectors, each by its share."""
    half = pays.size
    for sector in range(mix.shape[1]):
        share, begin = mix[line, sector, quarter], sector * stride
        for year in range(slots // 4):
            over = share * ended[line, sector, year]
            lost = share * failed[line, sector, year]
            for slot in range(4 * year, 4 * year + 4):
                part = over * end_part[line, sector, slot]
                ends[half + slot] += part
                pays[slot] += entry * part * mean[line, begin + slot]
                ends[slot] += lost * fail_part[line, sector, slot]
