"""What both engines work out of a path's factors before anything is drawn or added up, compiled.

First what holds for the whole path (`Path`, opened once), then the laws of every line and sector
for one vintage year (`Vintage`): chances, scores and mean payoffs by year of life; only funds pay
by slot.
"""

import math
from typing import NamedTuple

import numpy as np

from koga.plan.engine import conditional, migration
from koga.plan.engine import prepared as p
from koga.plan.engine.compiled import lean
from koga.plan.engine.laws import CREDIT, FUND
from koga.plan.engine.prepared import Tables
from koga.plan.model import Counts, Floats


class Path(NamedTuple):
    """Factors of one path, made ready.

    cycle, swing: by sector and year; the cycle's first row, for the market, stays nought. middle:
    of each factor, its sum up to the middle of each year. ratings: by correlation, sector and year,
    a matrix. level: by line and year, of floating income. growth: by line and year, of funds.
    """

    cycle: Floats
    swing: Floats
    middle: Floats
    ratings: Floats
    level: Floats
    growth: Floats


class Vintage(NamedTuple):
    """Laws of one vintage year on one path.

    ended, failed: chances at the start by line, sector and year. score, mean: by the same, the part
    of scores that comes from factors and the mean payoff, with years that do not count after those
    that do. funds: by line and slot, drawn, paid, income, cost of what is paid. The rest is room to
    work in.
    """

    ended: Floats
    failed: Floats
    score: Floats
    mean: Floats
    funds: Floats
    returns: Floats
    logs: Floats
    rounded: Floats
    growth: Floats


def path_room(tables: Tables) -> Path:
    """Room for one path's factors."""
    lines, _, sectors, years = tables.chances.shape
    return Path(
        np.zeros((sectors + 1, years + p.ABREAST)), np.zeros((sectors, years)),
        np.zeros((sectors + 1, years)),
        np.zeros((tables.matrices.shape[0], sectors, years, migration.STATES * migration.WIDTH)),
        np.ones((lines, years)), np.ones((lines, years)),
    )  # fmt: skip


def vintage_room(tables: Tables) -> Vintage:
    """Room for the laws of one vintage year."""
    lines, _, sectors, years = tables.chances.shape
    cells, wider = (lines, sectors, years), years + p.ABREAST
    return Vintage(
        np.zeros(cells), np.zeros(cells), np.zeros((lines, sectors, wider)),
        np.zeros((lines, sectors, wider)), np.zeros((lines, 4, 4 * years)),
        np.zeros((sectors + 1, wider)), np.zeros((sectors, wider)), np.zeros(wider),
        np.zeros(years),
    )  # fmt: skip


@lean
def open_path(tables: Tables, drawn: Floats, path: Path) -> None:
    """Make the factors of a path ready; `drawn` has the market's, then the sectors'."""
    conditional.cycles(drawn, path.cycle[1:], path.swing)
    conditional.middles(drawn, path.middle)
    numbers, rates, matrices = tables.numbers, tables.rates, tables.matrices
    for line in range(numbers.shape[0]):
        kind, which = numbers[line, p.KIND], numbers[line, p.CREDIT_OF]
        if kind == FUND:
            conditional.levels(
                drawn[0], rates[line, p.GROWTH_LOAD], rates[line, p.GROWTH], path.growth[line]
            )
        elif kind == CREDIT and first_of(numbers, line):
            conditional.rating_matrices(matrices[which], path.cycle[1:], path.ratings[which])
        elif rates[line, p.INCOME_LOAD] != 0.0:
            load = rates[line, p.INCOME_LOAD]
            conditional.levels(drawn[0], load, -0.5 * load * load, path.level[line])


@lean
def first_of(numbers: Counts, line: int) -> bool:
    """Whether no line before has the same rating matrices."""
    for before in range(line):
        same = numbers[before, p.CREDIT_OF] == numbers[line, p.CREDIT_OF]
        if same and numbers[before, p.KIND] == CREDIT:
            return False
    return True


@lean
def years_of(tables: Tables, year: int) -> int:
    """How many years of age of a vintage year lie within the horizon, even in part."""
    return min((tables.quarters - 4 * year) // 4 + 1, tables.drift.size - year)


@lean
def open_vintage(tables: Tables, drawn: Floats, path: Path, year: int, vintage: Vintage) -> None:
    """The laws of all lines and sectors for deals made in a calendar year."""
    most, numbers = years_of(tables, year), tables.numbers
    conditional.returns(drawn, path.middle, year, tables.scale, most, vintage.returns)
    for line in range(numbers.shape[0]):
        kind, years = numbers[line, p.KIND], min(most, numbers[line, p.LIFE])
        if kind == FUND:
            _open_fund(
                tables.pacing[line], tables.rates[line], tables.drift, path.growth[line], year,
                most, vintage.growth, vintage.funds[line],
            )  # fmt: skip
            continue
        if kind == CREDIT:
            matrices = path.ratings[numbers[line, p.CREDIT_OF]]
            conditional.rating_years(
                tables.ratings[line], matrices, year, years, vintage.ended[line]
            )
        else:
            conditional.hazard_years(
                tables.chances[line], path.swing, year, years, vintage.ended[line],
                vintage.failed[line],
            )  # fmt: skip
        cumulated = numbers[line, p.CUMULATED] == 1
        _payoffs(
            tables.coefficients[line], tables.loads[line], tables.offset[line],
            numbers[line, p.CURVED] == 1, vintage.returns if cumulated else path.cycle,
            0 if cumulated else year, years, vintage.score[line], vintage.mean[line], vintage.logs,
            vintage.rounded,
        )  # fmt: skip


@lean
def _payoffs(
    coefficients: Floats, loads: Floats, offset: Floats, curved: bool, moved: Floats, begin: int,
    years: int, score: Floats, mean: Floats, logs: Floats, rounded: Floats,
) -> None:  # fmt: skip
    """Scores and mean payoffs of all sectors; some years more, so that all are whole vectors."""
    whole = (years + p.ABREAST - 1) // p.ABREAST * p.ABREAST
    conditional.scores(offset, loads, moved, begin, whole, score)
    if curved:
        conditional.curved_means(coefficients, loads[p.ON_BOTH], offset, score, whole, logs)
    else:
        conditional.log_means(coefficients, score, whole, logs)
    conditional.exponential(logs, whole, rounded, rounded.view(np.int64), mean, mean.view(np.int64))


@lean
def _open_fund(
    pacing: Floats, rates: Floats, drift: Floats, level: Floats, year: int, years: int,
    growth: Floats, terms: Floats,
) -> None:  # fmt: skip
    """A fund's payments; the drift keeps the mean of what its first money grows to."""
    load = rates[p.GROWTH_LOAD]
    for age in range(years):
        growth[age] = level[year + age] * math.exp(-load * load * drift[max(0, age - 1)])
    conditional.fund_years(
        pacing[0], pacing[1], growth[:years], rates[p.DIVIDEND], terms[0], terms[1], terms[2],
        terms[3],
    )  # fmt: skip
