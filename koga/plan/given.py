"""What both engines work out of a path's factors before anything is drawn or added up, compiled.

First what holds for the whole path (`Path`, opened once), then the laws of every line and sector
for one vintage year (`Vintage`): chances by year of life, scores and mean payoffs by slot.
"""

import math
from typing import NamedTuple

import numpy as np

from koga.plan import conditional
from koga.plan.compiled import inlined, kernel
from koga.plan.laws import CREDIT, FUND
from koga.plan.migration import STATES, WIDTH
from koga.plan.model import Counts, Floats
from koga.plan.prepared import Tables


class Path(NamedTuple):
    """Factors of one path, made ready.

    cycle, swing: by sector and year. summed: of each factor up to each quarter. ratings: by
    correlation, sector and year, a matrix. level: by line and year, of floating income. growth: by
    line and year, of funds.
    """

    cycle: Floats
    swing: Floats
    summed: Floats
    ratings: Floats
    level: Floats
    growth: Floats


class Vintage(NamedTuple):
    """Laws of one vintage year on one path.

    ended, failed: chances at the start by line, sector and year. score, mean: by line, the factors'
    part of scores and the mean payoff of each sector's slots, one sector after the other. draw,
    paid, closed, income: of funds, by line and slot. The rest is room to work in.
    """

    ended: Floats
    failed: Floats
    score: Floats
    mean: Floats
    draw: Floats
    paid: Floats
    closed: Floats
    income: Floats
    returns: Floats
    cycle: Floats
    logs: Floats
    rounded: Floats
    state: Floats
    growth: Floats


@kernel
def path_room(tables: Tables) -> Path:
    """Room for one path's factors."""
    lines, sectors, years = tables.end.shape
    return Path(
        np.zeros((sectors, years)), np.zeros((sectors, years)),
        np.zeros((sectors + 1, 4 * years + 1)),
        np.zeros((tables.matrices.shape[0], sectors, years, STATES, WIDTH)),
        np.ones((lines, years)), np.ones((lines, years)),
    )  # fmt: skip


@kernel
def vintage_room(tables: Tables) -> Vintage:
    """Room for the laws of one vintage year."""
    lines, sectors, years = tables.end.shape
    slots = 4 * years
    return Vintage(
        np.zeros((lines, sectors, years)), np.zeros((lines, sectors, years)),
        np.zeros((lines, sectors * slots)), np.zeros((lines, sectors * slots)),
        np.zeros((lines, slots)), np.zeros((lines, slots)), np.zeros((lines, slots)),
        np.zeros((lines, slots)),
        np.zeros((sectors + 1, slots)), np.zeros((sectors + 1, slots)),
        np.zeros(sectors * slots), np.zeros(sectors * slots), np.zeros((2, WIDTH)),
        np.zeros(years),
    )  # fmt: skip


@inlined
def open_path(tables: Tables, drawn: Floats, path: Path) -> None:
    """Make the factors of a path ready; `drawn` has the market's, then the sectors'."""
    conditional.cycles(drawn, path.cycle, path.swing)
    conditional.running(drawn, path.summed)
    kind, credit = tables.kind, tables.credit
    income_load, growth_load = tables.income_load, tables.growth_load
    for line in range(kind.size):
        if income_load[line] != 0.0:
            _levels(drawn, income_load[line], path.level[line])
        if kind[line] == FUND:
            for year in range(drawn.shape[1]):
                moved = tables.growth[line] + growth_load[line] * drawn[0, year]
                path.growth[line, year] = math.exp(moved)
        if kind[line] == CREDIT and first_of(kind, credit, line):
            conditional.rating_matrices(
                tables.matrices[credit[line]], path.cycle, path.ratings[credit[line]]
            )


@kernel
def first_of(kind: Counts, credit: Counts, line: int) -> bool:
    """Whether no line before has the same correlation."""
    for before in range(line):
        if kind[before] == CREDIT and credit[before] == credit[line]:
            return False
    return True


@kernel
def _levels(drawn: Floats, load: float, level: Floats) -> None:
    """The market's level by year, of mean one, that moves floating income."""
    for year in range(level.size):
        level[year] = math.exp(load * drawn[0, year] - 0.5 * load * load)


@inlined
def slots_of(tables: Tables, year: int) -> int:
    """How many slots of a vintage year lie within the horizon, in full years of age."""
    return 4 * min((tables.quarters - 4 * year) // 4 + 1, tables.end.shape[2] - year)


@inlined
def open_vintage(tables: Tables, path: Path, year: int, vintage: Vintage) -> None:
    """The laws of all lines and sectors for deals made in a calendar year."""
    slots = slots_of(tables, year)
    conditional.holding_returns(path.summed, year, tables.scale, slots, vintage.returns)
    for sector in range(path.cycle.shape[0]):
        for slot in range(slots):
            vintage.cycle[1 + sector, slot] = path.cycle[sector, year + (slot >> 2)]
    for line in range(tables.kind.size):
        if tables.kind[line] == FUND:
            _open_fund(tables, path, year, line, slots, vintage)
        else:
            _open_chances(tables, path, year, line, slots, vintage)
            _open_payoffs(tables, line, slots, vintage)


@inlined
def _open_chances(
    tables: Tables, path: Path, year: int, line: int, slots: int, vintage: Vintage
) -> None:
    years = min(slots // 4, tables.life[line])
    if tables.kind[line] == CREDIT:
        conditional.rating_years(
            tables.ratings, path.ratings, tables.credit[line], line, year, years,
            vintage.state[0], vintage.state[1], vintage.ended, vintage.failed,
        )  # fmt: skip
    else:
        conditional.hazard_years(
            tables.end, tables.fail, tables.end_swing, tables.fail_swing,
            path.swing, line, year, years, vintage.ended, vintage.failed,
        )  # fmt: skip


@inlined
def _open_payoffs(tables: Tables, line: int, slots: int, vintage: Vintage) -> None:
    """Scores and mean payoffs; those that follow the cycle of the year have no market's part."""
    returns = vintage.returns if tables.cumulated[line] == 1 else vintage.cycle
    score, mean = vintage.score[line], vintage.mean[line]
    conditional.log_means(
        tables.coefficients, tables.offset, tables.market_load, tables.sector_load,
        tables.curved[line] == 1, line, returns, slots, score, vintage.logs,
    )  # fmt: skip
    conditional.exponential(
        vintage.logs, slots * tables.end.shape[1], vintage.rounded,
        vintage.rounded.view(np.int64), mean, mean.view(np.int64),
    )  # fmt: skip


@inlined
def _open_fund(
    tables: Tables, path: Path, year: int, line: int, slots: int, vintage: Vintage
) -> None:
    """A fund's payments; the drift keeps the mean of its growth from the first year on."""
    years, load = slots // 4, tables.growth_load[line]
    for age in range(years):
        drift = math.exp(-load * load * tables.growth_drift[age])
        vintage.growth[age] = path.growth[line, year + age] * drift
    conditional.fund_years(
        tables.called[line], tables.distributed[line], vintage.growth, tables.dividend[line], 0,
        years, vintage.draw[line], vintage.paid[line], vintage.closed[line], vintage.income[line],
    )  # fmt: skip
