"""The laws of `koga.plan.engine.laws` in plain vectorised NumPy, one path after the other.

The peer of bench_plan.py and an independent check of the exact engine: other random numbers,
chances and matrices by their formulas instead of tables, payoffs by their quantile functions
instead of bins. Only the unconditional laws and the offsets of scores are koga's.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import erf, ndtr, ndtri

from koga.plan.engine import laws, migration, prepared
from koga.plan.engine.laws import Terms
from koga.plan.model import Equity, Floats, Model


@dataclass(frozen=True, slots=True)
class Deals:
    """Every deal of a model, grouped by cell (line, vintage year, sector): numbers of its line,
    sector, vintage quarter and cell, and its part of the line's vintage."""

    line: np.ndarray
    sector: np.ndarray
    vintage: np.ndarray
    cell: np.ndarray
    part: Floats


@dataclass(frozen=True, slots=True)
class Peer:
    """A model laid out for NumPy.

    terms: by line and sector. offset: of scores by line, sector and year. loads: of scores, by
    market and sector, line, sector. spread: deviation of returns by year of age.
    """

    model: Model
    terms: list[list[Terms]]
    offset: Floats
    loads: Floats
    marks: Floats
    spread: Floats
    deals: Deals
    planned: Floats
    again: Floats


def lay_out(model: Model) -> Peer:
    """Arrays of a model's deals, made once."""
    tables = prepared.tables(model)
    years = prepared.years_of(model)
    terms = [
        [laws.terms(line.law, sector, model.market, years=years) for sector in model.sectors]
        for line in model.lines
    ]
    counts = tables.deals * (tables.mix > 0)
    line, vintage, sector = (
        np.repeat(axis.ravel(), counts.ravel())
        for axis in np.meshgrid(*map(np.arange, counts.shape), indexing="ij")
    )
    cell = (line * -(-model.vintages // 4) + vintage // 4) * len(model.sectors) + sector
    order = np.argsort(cell, kind="stable")
    line, vintage, sector = line[order], vintage[order], sector[order]
    part = tables.mix[line, vintage, sector] / tables.deals[line, vintage, sector]
    parts = np.stack([[row[0].fail_part, row[0].end_part] for row in terms])
    memory = model.market.memory
    spread = [0.25, *(laws.interval_variance(year, memory) for year in range(1, years))]
    return Peer(
        model, terms, tables.offset,
        np.array([[[t.market_load for t in row] for row in terms],
                  [[t.sector_load for t in row] for row in terms]]),
        np.cumsum(parts.reshape(len(terms), 2, years, 4), axis=3),
        np.sqrt(spread),
        Deals(line, sector, vintage, cell[order], part), tables.money[0], tables.money[1],
    )  # fmt: skip


def path(peer: Peer, factors: Floats, rng: np.random.Generator) -> Floats:
    """Flows of one path, line × 5 × quarter, as the engines give them; `factors` as they get."""
    model, deals = peer.model, peer.deals
    lines, years = len(model.lines), factors.shape[1]
    slots = 4 * years
    cycle = np.sqrt(1 - laws.SECTOR_SHARE) * factors[0] + np.sqrt(laws.SECTOR_SHARE) * factors[1:]
    chances = np.stack([_chances(peer, line, cycle) for line in range(lines)])
    whole = np.cumsum(chances.reshape(-1, 2 * years), axis=1)
    stacked = np.concatenate([whole, np.ones((whole.shape[0], 1))], axis=1)
    stacked += np.arange(whole.shape[0])[:, None]
    sought = np.searchsorted(stacked.ravel(), deals.cell + rng.random(deals.cell.size), "right")
    event = sought - deals.cell * (2 * years + 1)
    happened = np.flatnonzero(event < 2 * years)
    line, sector, vintage = deals.line[happened], deals.sector[happened], deals.vintage[happened]
    ends, year = event[happened] & 1, event[happened] >> 1
    marks = peer.marks[line, ends, year, :3]
    slot = 4 * year + (marks <= rng.random(happened.size)[:, None]).sum(axis=1)
    part = deals.part[happened]
    chosen = np.flatnonzero(ends)
    payoff = np.zeros(happened.size)
    payoff[chosen] = _payoffs(
        peer, line[chosen], sector[chosen], vintage[chosen] // 4, year[chosen],
        rng.standard_normal(chosen.size), factors, cycle,
    )  # fmt: skip
    place = (line * model.vintages + vintage) * slots + slot
    shape = lines, model.vintages, slots

    def gathered(values: Floats) -> Floats:
        return np.bincount(place, values, lines * model.vintages * slots).reshape(shape)

    return _flows(
        peer, gathered(part * (1 - ends)), gathered(part * ends), gathered(part * payoff), factors
    )


def _chances(peer: Peer, line: int, cycle: Floats) -> Floats:
    """By vintage year and sector, chances of failing and ending in each year, in turns."""
    years = cycle.shape[1]
    vintages = np.arange(-(-peer.model.vintages // 4))
    when = vintages[:, None] + np.arange(years)[None, :]
    inside = when < years
    shown = np.where(inside[:, None, :], cycle[:, np.minimum(when, years - 1)].swapaxes(0, 1), 0.0)
    found = np.zeros((vintages.size, cycle.shape[0], years, 2))
    row = peer.terms[line]
    if row[0].kind == laws.CREDIT:
        moves = _moves(row[0].correlation, cycle)
        state = np.tile(np.array(row[0].mix), (vintages.size, cycle.shape[0], 1))
        for year in range(years):
            now = moves[:, np.minimum(vintages + year, years - 1)].swapaxes(0, 1)
            now = 0.5 * now + 0.5 * np.eye(6, 7) if year == 0 else now
            after = (state[:, :, None, :] @ now)[:, :, 0]
            found[:, :, year, 1], state = after[:, :, 6], after[:, :, :6]
    else:
        swing = erf(shown / np.sqrt(2))
        end = np.stack([t.end for t in row]) * (1 + np.stack([t.end_swing for t in row]) * swing)
        fail = np.stack([t.fail for t in row]) * (1 - np.stack([t.fail_swing for t in row]) * swing)
        alive = np.cumprod(1 - end - fail, axis=2)
        before = np.concatenate([np.ones((*alive.shape[:2], 1)), alive[:, :, :-1]], axis=2)
        found[..., 0], found[..., 1] = before * fail, before * end
    return found * inside[:, None, :, None]


def _moves(correlation: float, cycle: Floats) -> Floats:
    """The yearly rating matrix of each sector and year."""
    worse = ndtri(np.clip(np.cumsum(migration.YEARLY[:, ::-1], axis=1), 0.0, 1.0))
    scale = np.sqrt(1 - correlation)
    reached = ndtr((worse - np.sqrt(correlation) * cycle[:, :, None, None]) / scale)
    reached[..., -1] = 1.0
    return np.diff(reached, axis=3, prepend=0.0)[..., ::-1]


def _payoffs(
    peer: Peer, line: np.ndarray, sector: np.ndarray, vintage: np.ndarray, age: np.ndarray,
    own: Floats, factors: Floats, cycle: Floats,
) -> Floats:  # fmt: skip
    """What deals bring when they end in a year of their age."""
    middle = np.cumsum(factors, axis=1) - factors / 2
    when = np.minimum(vintage + age, factors.shape[1] - 1)
    first = age == 0
    market = (middle[0, when] - middle[0, vintage]) / peer.spread[age]
    market = np.where(first, factors[0, vintage], market)
    moved = (middle[1 + sector, when] - middle[1 + sector, vintage]) / peer.spread[age]
    moved = np.where(first, factors[1 + sector, vintage], moved)
    cumulated = np.array([row[0].cumulated for row in peer.terms])[line]
    now = cycle[sector, when]
    on_market, on_sector = peer.loads[:, line, sector]
    common = on_market * market + on_sector * np.where(cumulated, moved, now)
    score = common + np.sqrt(1 - on_market**2 - on_sector**2) * own
    score += peer.offset[line, sector, age]
    found = np.empty(line.size)
    for place, model_line in enumerate(peer.model.lines):
        mine = np.flatnonzero(line == place)
        law = model_line.law
        if isinstance(law, Equity):
            added = np.array([one.log_deviation_added for one in peer.model.sectors])
            deviation = law.log_deviation + added[sector[mine]]
            found[mine] = _multiples(law, deviation, score[mine])
        else:
            found[mine] = peer.terms[place][0].payoff.curve(score[mine])
    return found


def _multiples(law: Equity, deviation: Floats, score: Floats) -> Floats:
    """The quantile function of a lognormal law with a Pareto tail and a cap."""
    found = np.exp(law.log_mean + deviation * score)
    if law.tail_alpha > 0 and law.tail_from > 0:
        begins = (np.log(law.tail_from) - law.log_mean) / deviation
        far = np.flatnonzero(score > begins)
        rarer = ndtr(-begins[far]) / ndtr(-score[far])
        found[far] = law.tail_from * rarer ** (1 / law.tail_alpha)
    return np.minimum(found, law.cap) if law.cap > 0 else found


def _flows(peer: Peer, lost: Floats, over: Floats, pays: Floats, factors: Floats) -> Floats:
    """Money by quarter, vintage after vintage, so that what comes back can be put in again."""
    model = peer.model
    units = np.stack(
        [_units(row[0], lost[line], over[line], pays[line], factors[0])
         for line, row in enumerate(peer.terms)]
    )  # fmt: skip
    made = np.zeros((len(model.lines), 5, model.quarters))
    for vintage in range(model.vintages):
        back = model.evergreen * made[:, 1, vintage - 1].sum() if vintage else 0.0
        amounts = peer.planned[:, vintage] + back * peer.again[:, vintage]
        width = min(model.quarters - vintage, units.shape[3])
        unit = units[:, :, vintage, :width]
        made[:, :, vintage : vintage + width] += amounts[:, None, None] * unit
    return made


def _units(one: Terms, lost: Floats, over: Floats, pays: Floats, market: Floats) -> Floats:
    """Flows of one won of each vintage of a line, 5 × vintage × quarter of age."""
    vintages, slots = lost.shape
    alive = 1.0 - np.cumsum(lost + over, axis=1)
    level = np.exp(one.income_load * market - one.income_load**2 / 2)
    when = np.arange(vintages)[:, None] // 4 + np.arange(slots)[None, :] // 4
    earned = alive * (one.fixed + one.floating * level[np.minimum(when, market.size - 1)])
    back = pays * one.exposure
    returned = alive * one.repaid + earned
    returned[:, one.lag :] += back[:, : slots - one.lag]
    invested = alive * one.draw + (over * one.exposure if one.guarantee else 0.0)
    written = lost * one.exposure + (over * one.exposure - back if one.loss else 0.0)
    closed = (lost + over) * one.exposure + alive * one.repaid
    return np.stack([invested, returned, earned, written, closed])[:, :, 1:]
