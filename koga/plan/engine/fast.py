"""The fast engine: what the deals of a path do on average, given its factors.

Of the same laws as `exact`, without drawing a deal: what differs from it is each deal's own luck
and nothing else, so on equal factors (`draws="counter"`) it is `exact`'s control variate.
"""

import numpy as np

from koga.plan.engine import factors, given, prepared, settle
from koga.plan.engine import prepared as p
from koga.plan.engine.compiled import lean
from koga.plan.engine.factors import Draws
from koga.plan.engine.given import Path, Vintage
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
    paths = drawn.weights.size
    made = np.zeros((paths, len(model.lines), 5, model.quarters))
    tables = prepared.tables(model, still=still)
    years = tables.drift.size
    units, room = np.zeros((len(model.lines), 5, 4 * years)), np.zeros((6, 4 * years))
    path, vintage = given.path_room(tables), given.vintage_room(tables)
    _paths(tables, path, vintage, units, room, drawn.values, made)
    return as_flows(model, drawn, made, first)


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
    tables: Tables, path: Path, vintage: Vintage, units: Floats, room: Floats, drawn: Floats,
    made: Floats,
) -> None:  # fmt: skip
    for place in range(drawn.shape[0]):
        given.open_path(tables, drawn[place], path)
        _path(tables, drawn[place], path, vintage, units, room, made[place])


@lean
def _path(
    tables: Tables, drawn: Floats, path: Path, vintage: Vintage, units: Floats, room: Floats,
    made: Floats,
) -> None:  # fmt: skip
    """One path, vintage after vintage; `units` has what one won of each line does."""
    numbers, money, same, mix = tables.numbers, tables.money, tables.same, tables.mix
    terms, parts, level, funds = tables.terms, tables.parts, path.level, vintage.funds
    ended, failed, mean = vintage.ended, vintage.failed, vintage.mean
    for quarter in range(tables.vintages):
        year = quarter // 4
        if quarter % 4 == 0:
            given.open_vintage(tables, drawn, path, year, vintage)
        years = given.years_of(tables, year)
        back = put_again(tables.evergreen, quarter, made)
        for line in range(numbers.shape[0]):
            lived = min(years, numbers[line, p.LIFE])
            ages = min(tables.quarters - 4 * year, 4 * lived + numbers[line, p.FLAGS])
            if same[line, quarter] == 0:
                _unit(
                    numbers[line], mix[line, quarter], money[p.ENTRY, line, quarter], lived,
                    ended[line], failed[line], mean[line], parts[line], terms[line],
                    level[line, year:], funds[line], room, ages, units[line],
                )  # fmt: skip
            amount = money[p.PLANNED, line, quarter] + back * money[p.AGAIN, line, quarter]
            if amount != 0.0:
                ages = min(ages, tables.quarters - quarter)
                _add(amount, units[line], ages, quarter, made[line])


@lean
def put_again(evergreen: float, quarter: int, made: Floats) -> float:
    """What came back in the quarter before and is put in again."""
    total = 0.0
    if quarter > 0:
        for line in range(made.shape[0]):
            total += made[line, settle.RETURNED, quarter - 1]
    return evergreen * total


@lean
def _add(amount: float, unit: Floats, ages: int, begin: int, made: Floats) -> None:
    """A vintage's flows: those of a unit, times the amount, from its quarter on."""
    for row in range(made.shape[0]):
        out = made[row, begin:]
        for age in range(ages):
            out[age] += amount * unit[row, age]


@lean
def _unit(
    numbers: Counts, mix: Floats, entry: float, years: int, ended: Floats, failed: Floats,
    mean: Floats, parts: Floats, terms: Floats, level: Floats, funds: Floats, room: Floats,
    ages: int, unit: Floats,
) -> None:  # fmt: skip
    """What one won put in by a line in a quarter does, at so many quarters of age."""
    for row in range(unit.shape[0]):
        unit[row, :ages] = 0.0
    if numbers[p.KIND] == FUND:
        settle.funds(1.0, entry, funds, 0, ages, unit)
        return
    _gather(mix, entry, ended, failed, mean, years, parts, room)
    settle.deals(
        1.0, room[0], room[1], room[2], terms, level, numbers[p.FLAGS :], min(ages, 4 * years - 1),
        0, ages, room[3], unit,
    )  # fmt: skip


@lean
def _gather(
    mix: Floats, entry: float, ended: Floats, failed: Floats, mean: Floats, years: int,
    parts: Floats, room: Floats,
) -> None:  # fmt: skip
    """What fails, what ends and its payoffs by slot, of all sectors by their shares, into rows 0,
    1, 2; by year in rows 3, 4, 5."""
    lost, over, paid = room[3], room[4], room[5]
    for year in range(years):
        lost[year] = over[year] = paid[year] = 0.0
    for sector in range(mix.size):
        share, fails, ends, pays = mix[sector], failed[sector], ended[sector], mean[sector]
        for year in range(years):
            lost[year] += share * fails[year]
        for year in range(years):
            over[year] += share * ends[year]
        for year in range(years):
            paid[year] += share * ends[year] * pays[year]
    for year in range(years):
        for slot in range(4 * year, 4 * year + 4):
            room[0, slot] = lost[year] * parts[p.FAIL, slot]
            room[1, slot] = over[year] * parts[p.END, slot]
            room[2, slot] = entry * paid[year] * parts[p.END, slot]
