"""What both engines work out of the factors of eight paths before anything is drawn or added up.

First what holds for whole paths (`Path`, opened once), then the laws of every line and sector for
one vintage year (`Vintage`): chances, scores and mean payoffs by year of life. Lines of the same
laws have them once (`Tables.like`). Paths are the last axis of every array (`lanes`).
"""

import math
from typing import NamedTuple

import numpy as np

from koga.plan.engine import conditional, lanes
from koga.plan.engine import prepared as p
from koga.plan.engine.compiled import lean
from koga.plan.engine.lanes import LANES
from koga.plan.engine.laws import CREDIT, FUND
from koga.plan.engine.prepared import Tables
from koga.plan.model import Counts, Floats


class Path(NamedTuple):
    """Factors of eight paths, made ready.

    drawn: by factor and year. cycle, swing: by sector and year; the cycle's first row, for the
    market, stays nought. middle: of each factor, its sum up to the middle of each year. ratings: by
    correlation, sector and year, a matrix. level: by line and year, of floating income. growth: by
    line and year, of funds. rows: room for a matrix of each path.
    """

    drawn: Floats
    cycle: Floats
    swing: Floats
    middle: Floats
    ratings: Floats
    level: Floats
    growth: Floats
    rows: Floats


class Vintage(NamedTuple):
    """Laws of one vintage year on eight paths, of each line that others are like.

    ended, failed: chances at the start by line, sector and year. score, mean: by the same, the part
    of scores that comes from factors and the mean payoff. funds: by line, row and year, what each
    of its quarters is: drawn, paid, income, cost of what is paid. The rest is room to work in.
    """

    ended: Floats
    failed: Floats
    score: Floats
    mean: Floats
    funds: Floats
    returns: Floats
    growth: Floats


def path_room(tables: Tables) -> Path:
    """Room for the factors of eight paths."""
    lines, _, sectors, years = tables.chances.shape
    count, _, size = tables.matrices.shape
    path = Path(
        lanes.room(sectors + 1, years), lanes.room(sectors + 1, years), lanes.room(sectors, years),
        lanes.room(sectors + 1, years), lanes.room(count, sectors, years, size),
        lanes.room(lines, years), lanes.room(lines, years), lanes.room(-(-size // LANES), LANES),
    )  # fmt: skip
    path.level[:] = path.growth[:] = 1.0
    return path


def vintage_room(tables: Tables) -> Vintage:
    """Room for the laws of one vintage year."""
    lines, _, sectors, years = tables.chances.shape
    cells = lines, sectors, years
    return Vintage(
        lanes.room(*cells), lanes.room(*cells), lanes.room(*cells), lanes.room(*cells),
        lanes.room(lines, 4, years), lanes.room(sectors + 1, years), lanes.room(years),
    )  # fmt: skip


def blocks(values: Floats) -> Floats:
    """Factors by path, filled up with paths of noughts to whole blocks of eight."""
    missing = -values.shape[0] % LANES
    return np.concatenate([values, np.zeros((missing, *values.shape[1:]))]) if missing else values


@lean
def open_path(tables: Tables, drawn: Floats, path: Path) -> None:
    """Make the factors of eight paths ready; `drawn` has the market's, then the sectors'."""
    for row in range(drawn.shape[1]):
        lanes.abreast(drawn[:, row], path.drawn[row])
    conditional.cycles(path.drawn, path.cycle[1:], path.swing)
    conditional.middles(path.drawn, path.middle)
    numbers, rates, matrices = tables.numbers, tables.rates, tables.matrices
    market = path.drawn[0]
    for line in range(numbers.shape[0]):
        kind, which = numbers[line, p.KIND], numbers[line, p.CREDIT_OF]
        if kind == FUND:
            conditional.levels(
                market, rates[line, p.GROWTH_LOAD], rates[line, p.GROWTH], path.growth[line]
            )
        elif kind == CREDIT and first_of(numbers, line):
            conditional.rating_matrices(
                matrices[which], path.cycle[1:], path.rows, path.ratings[which]
            )
        elif rates[line, p.INCOME_LOAD] != 0.0:
            load = rates[line, p.INCOME_LOAD]
            conditional.levels(market, load, -0.5 * load * load, path.level[line])


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
def open_vintage(tables: Tables, path: Path, year: int, expecting: bool, vintage: Vintage) -> None:
    """The laws of all lines and sectors for deals made in a calendar year.

    expecting: with the mean payoffs of laws that are not lognormal, which no draw of deals needs.
    """
    most, numbers = years_of(tables, year), tables.numbers
    conditional.returns(path.drawn, path.middle, year, tables.scale, most, vintage.returns)
    for line in range(numbers.shape[0]):
        if tables.asked[line, year] == 0:
            continue
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
        conditional.scores(
            tables.offset[line], tables.loads[line], vintage.returns if cumulated else path.cycle,
            0 if cumulated else year, years, vintage.score[line],
        )  # fmt: skip
        if numbers[line, p.CURVED] == 0:
            conditional.straight_means(
                tables.coefficients[line], vintage.score[line], years, vintage.mean[line]
            )
        elif expecting:
            conditional.curved_means(
                tables.coefficients[line], tables.loads[line, p.ON_BOTH], tables.offset[line],
                vintage.score[line], years, vintage.mean[line],
            )  # fmt: skip


@lean
def _open_fund(
    pacing: Floats, rates: Floats, drift: Floats, level: Floats, year: int, years: int,
    growth: Floats, terms: Floats,
) -> None:  # fmt: skip
    """A fund's payments; the drift keeps the mean of what its first money grows to."""
    load = rates[p.GROWTH_LOAD]
    for age in range(years):
        steadied = math.exp(-load * load * drift[max(0, age - 1)])
        lanes.put(growth[age], steadied * lanes.at(level[year + age]))
    conditional.fund_years(pacing[0], pacing[1], growth[:years], rates[p.DIVIDEND], terms)
