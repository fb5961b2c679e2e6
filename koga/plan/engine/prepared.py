"""A model as the arrays both engines read, made once and kept while ranges of it are computed.

Preparing also sets what keeps the class's means: those who exit in good years bring more than the
law says, and who default in bad ones less, so the score of each class and year of age is moved by
an offset, solved on 1,024 fixed quasi-random paths, after which the mean payoff over all paths is
that of the class's law again.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from koga.core.problems import ensure
from koga.plan.engine import compiled, conditional, factors, lanes, laws, migration
from koga.plan.engine.lanes import LANES
from koga.plan.engine.laws import CREDIT, FUND, Terms
from koga.plan.engine.payoff import REACH, Payoff
from koga.plan.model import (
    QUARTERS_A_YEAR,
    Commitment,
    Counts,
    Equity,
    Floats,
    Law,
    Market,
    Model,
    Sector,
)
from koga.plan.once import kept

Marks: TypeAlias = NDArray[np.int16]
Value = TypeVar("Value", bound=Hashable)

SAMPLE, SAMPLE_SEED = 1024, 5
KEPT = 4
"""How many prepared models are kept."""


KIND, CURVED, CUMULATED, CREDIT_OF, LIFE, FLAGS = range(6)
"""Columns of `Tables.numbers`; from FLAGS on what `settle.deals` asks."""
END, FAIL, END_SWING, FAIL_SWING = range(4)
"""Rows of `Tables.chances`."""
ON_MARKET, ON_SECTOR, ON_BOTH = range(3)
"""Rows of `Tables.loads`."""
INCOME_LOAD, GROWTH, GROWTH_LOAD, DIVIDEND = range(4)
"""Columns of `Tables.rates`."""
PLANNED, AGAIN, ENTRY = range(3)
"""Rows of `Tables.money`."""
FAILS, ENDS, FAILED, ENDED = range(4)
"""Rows of `Tables.slots`."""


class Tables(NamedTuple):
    """Arrays by line (L), sector (S), year of age (K), slot (4 K), vintage quarter (V).

    Names are mostly those of `laws.Terms`; columns and rows have the names above.

    numbers: by L; kind, whether the payoff is no lognormal, whether scores follow returns over the
    holding time, which rating matrices, years of age within which anything happens, flags. like: by
    L, the first line of the very same laws. asked: by L and vintage year, whether it or a line like
    it makes deals; nought where others come before.
    chances: by L, row, S, K. slots: by L, row, slot; of those that fail or end in a year, what is
    at stake then and which part of them is gone by then. loads: by L, row, S; of scores, the last
    with the polynomial's reach. offset: of scores by L, S, K. coefficients: of log mean payoffs by
    L, S. terms: by L; drawn, at stake, repaid, fixed and floating income by slot. rates: by L.
    pacing: by L; called and distributed by K. drift: of a fund's growth by K. ratings: by L.
    matrices: by correlation and node of the factor.
    law_of: by L, S, its law's place in bins (a deal's own score) and curve (payoff by score).
    marks: by L, quarters of a year in 256ths, cumulated, by event: failing in a year, ending in it.
    money: by row, L, V; planned won, part of reinvested won, factor of payoffs. mix: sectors by
    L, V, S, summing to one or nought. same: by L, V, whether the mix is that of the vintage before.
    deals: by L, V, S. keys: by L, S. scale: by K, 1 / deviation of returns.
    """

    numbers: Counts
    like: Counts
    asked: Counts
    chances: Floats
    slots: Floats
    loads: Floats
    offset: Floats
    coefficients: Floats
    terms: Floats
    rates: Floats
    pacing: Floats
    drift: Floats
    ratings: Floats
    matrices: Floats
    law_of: Counts
    bins: Floats
    curve: Floats
    marks: Marks
    money: Floats
    mix: Floats
    same: Counts
    deals: Counts
    keys: np.ndarray
    scale: Floats
    evergreen: float
    quarters: int
    vintages: int


_lock = threading.Lock()
_kept: OrderedDict[tuple[str, bool], Tables] = OrderedDict()


def tables(model: Model, *, still: bool = False) -> Tables:
    """The arrays of a model; of the same model they are made once.

    still: of the model without factors, every chance and payoff at its mean.
    """
    key = _key(model), still
    with _lock:
        if key not in _kept:
            compiled.tell()
            _kept[key] = _prepare(model, still)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def years_of(model: Model) -> int:
    """Calendar years with a factor: those of the horizon and one more."""
    return model.years + 1


def _key(model: Model) -> str:
    """Everything the arrays depend on, as a hash."""
    digest = sha256(repr((model.lines, model.sectors, model.market, model.quarters)).encode())
    digest.update(repr((model.vintages, model.evergreen)).encode())
    for array in (model.planned_won, model.deals, model.evergreen_line, model.entry_factors):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _prepare(model: Model, still: bool) -> Tables:
    _sound(model)
    years, memory = years_of(model), model.market.memory
    laid = [
        [_cell(line.law, replace(sector, weight=1.0), model.market, years, still)
         for sector in model.sectors]
        for line in model.lines
    ]  # fmt: skip
    found = [[cell.terms for cell in row] for row in laid]
    lines = [row[0] for row in found]
    scale = _scale(years, memory)
    correlations, credit = _unique([one.correlation for one in lines])
    distinct, law_of = _distinct(laid)
    mix = _mix(model)
    numbers = _numbers(lines, credit)
    like = _like(law_of, numbers, lines)
    money = np.stack([model.planned_won.sum(axis=1), _again(model, mix), _entry(model)])

    def cells(*names: str) -> Floats:
        rows = [[[getattr(one, name) for one in row] for name in names] for row in found]
        return np.array(rows, dtype=float)

    def by_line(*names: str) -> Floats:
        return np.array([[getattr(one, name) for name in names] for one in lines], dtype=float)

    rates = by_line("income_load", "growth", "growth_load", "dividend")
    rates[:, GROWTH] = np.log1p(rates[:, GROWTH])
    loads = cells("market_load", "sector_load", "market_load")
    loads[:, ON_BOTH] = REACH * np.hypot(loads[:, ON_MARKET], loads[:, ON_SECTOR])
    pacing = [[laws.fit(np.array(each), years) for each in (one.called, one.distributed)]
              for one in lines]  # fmt: skip
    return Tables(
        numbers=numbers,
        like=like,
        asked=_asked(like, money, model.evergreen),
        chances=cells("end", "fail", "end_swing", "fail_swing"),
        slots=np.array([_slots(one) for one in lines]),
        loads=loads,
        offset=np.stack([one.offset for one in distinct])[law_of],
        coefficients=np.stack([one.coefficients for one in distinct])[law_of],
        terms=by_line("draw", "exposure", "repaid", "fixed", "floating"),
        rates=rates,
        pacing=np.array(pacing),
        drift=_drift(years, memory),
        ratings=np.array([laws.fit(np.array(one.mix), migration.STATES) for one in lines]),
        matrices=np.stack([migration.conditional(one) for one in correlations]),
        law_of=law_of,
        bins=np.stack([one.bins for one in distinct]),
        curve=np.stack([one.curve for one in distinct]),
        marks=np.stack([_marks(one) for one in lines]),
        money=money,
        mix=np.ascontiguousarray(mix.swapaxes(1, 2)),
        same=_same(mix, _entry(model)),
        deals=np.ascontiguousarray(model.deals.swapaxes(1, 2), dtype=np.int64),
        keys=_keys(model),
        scale=scale,
        evergreen=float(model.evergreen),
        quarters=model.quarters,
        vintages=model.vintages,
    )


def _numbers(lines: list[Terms], credit: Counts) -> Counts:
    """Whole numbers of each line, in the columns named above."""
    rows = []
    for one, which in zip(lines, credit, strict=True):
        between = (one.repaid, one.fixed, one.floating, one.draw[2:])
        lively = one.guarantee or any(array.any() for array in between)
        last = int(np.flatnonzero(one.exposure + one.draw).max(initial=0))
        life = one.end.size if one.kind == FUND else last // 4 + 1
        plain = one.kind, not one.payoff.lognormal, one.cumulated, which, life
        rows.append((*plain, one.lag, one.loss, one.guarantee, lively))
    return np.array(rows, dtype=np.int64)


def _like(law_of: Counts, numbers: Counts, lines: list[Terms]) -> Counts:
    """By line the first one with the same laws in all sectors: what is found of it holds here."""
    told = [(law_of[place].tolist(), numbers[place].tolist(), one.called, one.distributed)
            for place, one in enumerate(lines)]  # fmt: skip
    return np.array([told.index(one) for one in told], dtype=np.int64)


def _asked(like: Counts, money: Floats, evergreen: float) -> Counts:
    """By line that others are like and vintage year, whether any of them makes deals."""
    makes = (money[PLANNED] > 0) | (evergreen * money[AGAIN] > 0)
    years = np.arange(0, makes.shape[1], QUARTERS_A_YEAR)
    yearly = np.logical_or.reduceat(makes, years, axis=1)
    found = np.zeros(yearly.shape, dtype=np.int64)
    np.maximum.at(found, like, yearly)
    return found


def _slots(one: Terms) -> Floats:
    """What `Tables.slots` has of a line."""
    by_year = (part.reshape(-1, QUARTERS_A_YEAR) for part in (one.fail_part, one.end_part))
    summed = [np.cumsum(part, axis=1).ravel() for part in by_year]
    return np.stack([one.fail_part * one.exposure, one.end_part * one.exposure, *summed])


@dataclass(frozen=True)
class _Cell:
    """One law in one sector with the tables made of it alone, each made when it is first asked for:
    a scheme that differs in one class makes anew those of that class."""

    terms: Terms
    years: int
    memory: float

    @kept
    def shape(self) -> tuple[object, ...]:
        """What two cells share when one set of tables serves both."""
        one = self.terms
        named = [getattr(one, each.name) for each in fields(one)]
        plain = [value for value in named if not isinstance(value, np.ndarray | tuple | Payoff)]
        arrays = [one.end, one.fail, one.end_part, one.fail_part, one.end_swing, one.fail_swing]
        digest = sha256(b"".join(array.tobytes() for array in arrays))
        digest.update(self.curve.tobytes())
        return (digest.hexdigest(), one.payoff.share, one.mix, *map(str, plain))

    @kept
    def curve(self) -> Floats:
        """Payoff by score."""
        return self.terms.payoff.table()

    @kept
    def bins(self) -> Floats:
        """What a deal's own score adds."""
        return self.terms.payoff.bins()

    @kept
    def coefficients(self) -> Floats:
        """Of the log mean payoff."""
        return self.terms.payoff.polynomial()

    @kept
    def offset(self) -> Floats:
        """Of scores, by year."""
        return _sample(self.years, self.memory).offset(self.terms)


@lru_cache(maxsize=256)
def _cell(law: Law, sector: Sector, market: Market, years: int, still: bool) -> _Cell:
    terms = laws.terms(law, sector, market, years=years, still=still)
    return _Cell(terms, years, market.memory)


def _distinct(laid: list[list[_Cell]]) -> tuple[list[_Cell], Counts]:
    """The laws that differ, and by line and sector which of them it is."""
    flat = [one for row in laid for one in row]
    _, law_of = _unique([one.shape for one in flat])
    firsts = [int(np.flatnonzero(law_of == place)[0]) for place in range(int(law_of.max()) + 1)]
    return [flat[place] for place in firsts], law_of.reshape(len(laid), -1)


def _sound(model: Model) -> None:
    """What the engines rely on; a model that breaks it was built wrongly."""
    shape = len(model.lines), len(model.sectors), model.vintages
    ensure(model.planned_won.shape == shape == model.deals.shape, "planned money has another shape")
    ensure(0 < model.vintages <= model.quarters, "vintages lie beyond the horizon")
    ensure(bool((model.planned_won >= 0).all()), "planned money is negative")
    ensure(not ((model.planned_won > 0) & (model.deals <= 0)).any(), "money without deals")


def _unique(values: Sequence[Value]) -> tuple[list[Value], Counts]:
    places: dict[Value, int] = {}
    found = [places.setdefault(value, len(places)) for value in values]
    return list(places), np.array(found, dtype=np.int64)


def _drift(years: int, memory: float) -> Floats:
    """By year: half of what the year adds to the variance of a factor's sum."""
    apart = np.abs(np.subtract.outer(np.arange(years), np.arange(years)))
    covariance = np.asarray(memory, dtype=float) ** apart
    summed = np.array([covariance[:year, :year].sum() for year in range(years + 1)])
    return np.asarray(np.diff(summed) / 2)


def _marks(one: Terms) -> Marks:
    """Where the quarters of each event's year begin, in 256ths: failing, then ending, by year."""
    years = one.end.size
    marks = np.full((2 * years + 1, 4), 256, dtype=np.int16)
    for event, part in ((0, one.fail_part), (1, one.end_part)):
        ends = np.rint(np.cumsum(part.reshape(years, 4), axis=1) * 256)
        marks[event : 2 * years : 2] = ends.astype(np.int16)
    return marks


def _mix(model: Model) -> Floats:
    """Sectors of the money of a line and vintage: as planned, else by weight among its deals."""
    planned = model.planned_won.sum(axis=1, keepdims=True)
    weights = np.array([sector.weight for sector in model.sectors])[None, :, None]
    open_to = weights * (model.deals > 0)
    whole = open_to.sum(axis=1, keepdims=True)
    by_weight = np.divide(open_to, whole, out=np.zeros_like(open_to), where=whole > 0)
    return np.where(planned > 0, model.planned_won / np.where(planned > 0, planned, 1.0), by_weight)


def _same(mix: Floats, entry: Floats) -> Counts:
    """Whether a vintage's sectors and entry prices are those of the one before, in one year."""
    same = np.zeros((mix.shape[0], mix.shape[2]), dtype=np.int64)
    alike = np.isclose(mix[:, :, 1:], mix[:, :, :-1], rtol=1e-12, atol=0).all(axis=1)
    same[:, 1:] = alike & (entry[:, 1:] == entry[:, :-1])
    same[:, ::QUARTERS_A_YEAR] = 0
    return same


def _again(model: Model, mix: Floats) -> Floats:
    """Part of reinvested money by line and vintage, over lines that can take it."""
    can = mix.sum(axis=1) > 0
    wanted = np.asarray(model.evergreen_line, dtype=float)[:, None] * can
    whole = wanted.sum(axis=0)
    found: Floats = np.divide(wanted, whole, out=np.zeros_like(wanted), where=whole > 0)
    return found


def _entry(model: Model) -> Floats:
    """What payoffs of equity bought in a vintage are multiplied with, by line and vintage."""
    found = np.ones((len(model.lines), model.vintages))
    if model.entry_factors.size:
        equity = [isinstance(line.law, Equity | Commitment) for line in model.lines]
        found[equity] = model.entry_factors[None, : model.vintages]
    return found


def _keys(model: Model) -> np.ndarray:
    """A number for each line and sector, from their names alone: another scheme's cell of the same
    name has the same draws, whatever else it has."""
    names = [
        [f"{line.name} {model.vehicles[line.vehicle].name} {sector.name}" for sector in
         model.sectors]
        for line in model.lines
    ]  # fmt: skip
    return np.array(
        [[int.from_bytes(sha256(name.encode()).digest()[:8]) for name in row] for row in names],
        dtype=np.uint64,
    )


def _scale(years: int, memory: float) -> Floats:
    """By year of age, 1 / deviation of returns."""
    return np.array([1.0 / math.sqrt(laws.returns_variance(year, memory)) for year in range(years)])


@lru_cache(maxsize=4)
def _sample(years: int, memory: float) -> "_Sample":
    return _Sample(years, memory, _scale(years, memory))


class _Sample:
    """Fixed paths on which offsets are solved: vintages are alike, so one vintage is enough."""

    def __init__(self, years: int, memory: float, scale: Floats) -> None:
        self.years = years
        drawn = factors.drawn(
            years=years, sectors=1, memory=memory, seed=SAMPLE_SEED, first=0, paths=SAMPLE,
            source="sobol",
        )  # fmt: skip
        blocks = SAMPLE // LANES
        shape = blocks, years, LANES
        self.cycle, self.swing = np.zeros(shape), np.zeros(shape)
        self.returns, middle = np.zeros((blocks, 2, years, LANES)), np.zeros((2, years, LANES))
        abreast = drawn.values.reshape(blocks, LANES, 2, years).transpose(0, 2, 3, 1)
        for block, values in enumerate(np.ascontiguousarray(abreast)):
            place = slice(block, block + 1)
            conditional.cycles(values, self.cycle[place], self.swing[place])
            conditional.middles(values, middle)
            conditional.returns(values, middle, 0, scale, years, self.returns[block])

    def offset(self, one: Terms) -> Floats:
        """By year, the offset after which the mean payoff of those ending in it is the law's.

        Newton's method on the logarithm, six steps.
        """
        offset = np.zeros(self.years)
        if one.payoff.share <= 0.0:
            return offset
        ended, scores = self._ended(one), self.scores(one)
        coefficients = one.payoff.polynomial()
        slope, target = max(1e-9, float(coefficients[1])), np.log(one.payoff.mean())
        for year in np.flatnonzero(ended.sum(axis=0) > 0.0):
            weight = ended[:, year] / ended[:, year].sum()
            for _ in range(6):
                logs = np.polynomial.polynomial.polyval(
                    scores[:, year] + offset[year], coefficients
                )
                offset[year] += (target - np.log(float(weight @ np.exp(logs)))) / slope
        return offset

    def scores(self, one: Terms) -> Floats:
        """By path and year, the factors' part of the score of a deal of vintage year 0."""
        if not one.cumulated:
            return one.sector_load * _by_path(self.cycle)
        found: Floats = one.market_load * _by_path(self.returns[:, 0])
        return found + one.sector_load * _by_path(self.returns[:, 1])

    def _ended(self, one: Terms) -> Floats:
        """By path and year, the chance that a deal of vintage year 0 ends."""
        ended, years, blocks = np.zeros_like(self.cycle), self.years, self.cycle.shape[0]
        if one.kind == CREDIT:
            nodes = migration.conditional(one.correlation)
            matrices = np.zeros((blocks, years, nodes.shape[1], LANES))
            rows = lanes.room(-(-nodes.shape[1] // LANES), LANES)
            conditional.rating_matrices(nodes, self.cycle, rows, matrices)
            conditional.rating_years(np.array(one.mix), matrices, 0, years, ended)
            return _by_path(ended)
        chances = np.stack([one.end, one.fail, one.end_swing, one.fail_swing])
        alike = np.ascontiguousarray(np.broadcast_to(chances[:, None], (4, blocks, years)))
        conditional.hazard_years(alike, self.swing, 0, years, ended, np.zeros_like(ended))
        return _by_path(ended)


def _by_path(abreast: Floats) -> Floats:
    """Blocks × years × lanes as paths × years."""
    return np.ascontiguousarray(abreast.swapaxes(1, 2).reshape(-1, abreast.shape[1]))
