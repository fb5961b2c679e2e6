"""A model as the arrays both engines read, made once and kept while ranges of it are computed.

Preparing also sets what keeps the class's means: those who exit in good years bring more than the
law says, and who default in bad ones less, so the score of each class and year of age is moved by
an offset, solved on 1,024 fixed quasi-random paths, after which the mean payoff over all paths is
that of the class's law again.
"""

import threading
from collections import OrderedDict
from dataclasses import astuple
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from koga.core.problems import ensure
from koga.plan import conditional, factors, laws, migration
from koga.plan.laws import CREDIT, Terms
from koga.plan.model import QUARTERS_A_YEAR, Commitment, Counts, Equity, Floats, Model
from koga.plan.payoff import BINS, Payoff

SAMPLE, SAMPLE_SEED = 1024, 5
KEPT = 4
"""How many prepared models are kept."""


class Tables(NamedTuple):
    """Arrays by line (L), sector (S), year of age (K), slot (4 K), vintage quarter (V).

    Names are those of `laws.Terms`. curved: whether the payoff is no lognormal. offset: of scores.
    coefficients: of the log mean payoff. matrices: yearly rating matrices by factor, of each line's
    correlation (`credit`). bins: a deal's own score by law (`law_of`). curve: payoff by score.
    marks: quarters of a year in 256ths, cumulated, by event (failing in a year, ending in it).
    planned: won by line, sector, vintage. mix: sectors of a line and vintage, sums to one or
    nought. again: part of reinvested money by line and vintage. same: whether the mix is that of
    the vintage before. entry: factor of payoffs by line and vintage. keys: of each line and sector.
    scale: 1 / deviation of summed factors by slot. life: years of age after which nothing happens.
    """

    kind: Counts
    curved: Counts
    cumulated: Counts
    flags: Counts
    end: Floats
    fail: Floats
    end_swing: Floats
    fail_swing: Floats
    end_part: Floats
    fail_part: Floats
    market_load: Floats
    sector_load: Floats
    offset: Floats
    coefficients: Floats
    draw: Floats
    exposure: Floats
    life: Counts
    repaid: Floats
    fixed: Floats
    floating: Floats
    income_load: Floats
    ratings: Floats
    credit: Counts
    matrices: Floats
    called: Floats
    distributed: Floats
    growth: Floats
    growth_load: Floats
    growth_drift: Floats
    dividend: Floats
    law_of: Counts
    bins: Floats
    curve: Floats
    marks: Counts
    planned: Floats
    deals: Counts
    mix: Floats
    same: Counts
    again: Floats
    entry: Floats
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
    found = [
        [laws.terms(line.law, sector, model.market, years=years, still=still)
         for sector in model.sectors]
        for line in model.lines
    ]  # fmt: skip
    lines = [row[0] for row in found]
    slots = np.arange(4 * years)
    spread = [laws.interval_variance((slot - 1) / QUARTERS_A_YEAR, memory) for slot in slots]
    scale = 1.0 / np.sqrt(np.maximum(spread, 1e-12))
    rho, credit = _unique([one.correlation for one in lines])
    matrices = np.stack([migration.conditional(value) for value in rho])
    shapes, law_of = _unique([_shape(one) for row in found for one in row])
    ensure(len(shapes) <= len(found) * len(model.sectors), "more laws than cells")
    firsts = [int(np.flatnonzero(law_of == place)[0]) for place in range(len(shapes))]
    distinct = [found[at // len(model.sectors)][at % len(model.sectors)] for at in firsts]
    law_of = law_of.reshape(len(found), -1)
    sample = _Sample(years, memory, scale)
    offsets = np.stack([sample.offset(one) for one in distinct])
    mix = _mix(model)

    def cells(name: str) -> Floats:
        return np.array([[getattr(one, name) for one in row] for row in found], dtype=float)

    def by_line(name: str) -> Floats:
        return np.array([getattr(one, name) for one in lines], dtype=float)

    def padded(name: str, width: int) -> Floats:
        return np.array([laws.fit(np.array(getattr(one, name)), width) for one in lines])

    return Tables(
        kind=by_line("kind").astype(np.int64),
        curved=np.array([not one.payoff.lognormal for one in lines], dtype=np.int64),
        cumulated=by_line("cumulated").astype(np.int64),
        flags=np.array([_flags(one) for one in lines], dtype=np.int64),
        end=cells("end"), fail=cells("fail"),
        end_swing=cells("end_swing"), fail_swing=cells("fail_swing"),
        end_part=cells("end_part"), fail_part=cells("fail_part"),
        market_load=cells("market_load"), sector_load=cells("sector_load"),
        offset=offsets[law_of],
        coefficients=np.stack([one.payoff.polynomial() for one in distinct])[law_of],
        draw=cells("draw"), exposure=cells("exposure"), life=_life(found), repaid=by_line("repaid"),
        fixed=by_line("fixed"), floating=by_line("floating"), income_load=by_line("income_load"),
        ratings=padded("mix", migration.WIDTH), credit=credit, matrices=matrices,
        called=padded("called", years), distributed=padded("distributed", years),
        growth=np.log1p(by_line("growth")), growth_load=by_line("growth_load"),
        growth_drift=_drift(years, memory), dividend=by_line("dividend"),
        law_of=law_of,
        bins=np.stack([one.payoff.bins() for one in distinct]),
        curve=np.stack([one.payoff.table() for one in distinct]),
        marks=np.stack([_marks(one) for one in distinct]),
        planned=np.ascontiguousarray(model.planned_won, dtype=float),
        deals=np.ascontiguousarray(model.deals, dtype=np.int64),
        mix=mix, same=_same(mix), again=_again(model, mix), entry=_entry(model),
        keys=_keys(model), scale=scale,
        evergreen=float(model.evergreen), quarters=model.quarters, vintages=model.vintages,
    )  # fmt: skip


def _sound(model: Model) -> None:
    """What the engines rely on; a model that breaks it was built wrongly."""
    shape = len(model.lines), len(model.sectors), model.vintages
    ensure(model.planned_won.shape == shape == model.deals.shape, "planned money has another shape")
    ensure(0 < model.vintages <= model.quarters, "vintages lie beyond the horizon")
    ensure(bool((model.planned_won >= 0).all()), "planned money is negative")
    ensure(not ((model.planned_won > 0) & (model.deals <= 0)).any(), "money without deals")


def _unique(values: list[object]) -> tuple[list[object], Counts]:
    places: dict[object, int] = {}
    found = [places.setdefault(value, len(places)) for value in values]
    return list(places), np.array(found, dtype=np.int64)


def _shape(one: Terms) -> object:
    """What two cells share when one set of tables serves both."""
    plain = [value for value in astuple(one) if not isinstance(value, np.ndarray | tuple | Payoff)]
    arrays = [one.end, one.fail, one.end_part, one.fail_part, one.end_swing, one.fail_swing]
    digest = sha256(b"".join(array.tobytes() for array in arrays))
    digest.update(one.payoff.table().tobytes())
    return (digest.hexdigest(), one.payoff.share, one.mix, *map(str, plain))


def _flags(one: Terms) -> tuple[int, bool, bool, bool]:
    """What `settle.deals` asks of a line."""
    lively = bool(one.repaid.any() or one.fixed.any() or one.floating.any() or one.draw[2:].any())
    return one.lag, one.loss, one.guarantee, lively or one.guarantee


def _life(found: list[list[Terms]]) -> Counts:
    """By line, years of age within which something can still happen."""
    lives = []
    for row in found:
        at_stake = np.array([one.exposure + one.draw for one in row]).any(axis=0)
        lives.append(int(np.flatnonzero(at_stake).max(initial=-1)) // 4 + 1)
    return np.array(lives, dtype=np.int64)


def _drift(years: int, memory: float) -> Floats:
    """By year: half of what the year adds to the variance of a factor's sum."""
    apart = np.abs(np.subtract.outer(np.arange(years), np.arange(years)))
    covariance = np.asarray(memory, dtype=float) ** apart
    summed = np.array([covariance[:year, :year].sum() for year in range(years + 1)])
    return np.asarray(np.diff(summed) / 2)


def _marks(one: Terms) -> Counts:
    """Where the quarters of each event's year begin, in 256ths: failing, then ending, by year."""
    years = one.end.size
    marks = np.full((2 * years + 1, 4), 256, dtype=np.int64)
    for event, part in ((0, one.fail_part), (1, one.end_part)):
        ends = np.rint(np.cumsum(part.reshape(years, 4), axis=1) * 256)
        marks[event : 2 * years : 2] = ends.astype(np.int64)
    return marks


def _mix(model: Model) -> Floats:
    """Sectors of the money of a line and vintage: as planned, else by weight among its deals."""
    planned = model.planned_won.sum(axis=1, keepdims=True)
    weights = np.array([sector.weight for sector in model.sectors])[None, :, None]
    open_to = weights * (model.deals > 0)
    whole = open_to.sum(axis=1, keepdims=True)
    by_weight = np.divide(open_to, whole, out=np.zeros_like(open_to), where=whole > 0)
    return np.where(planned > 0, model.planned_won / np.where(planned > 0, planned, 1.0), by_weight)


def _same(mix: Floats) -> Counts:
    """Whether a vintage's sectors are those of the vintage before, within one calendar year."""
    same = np.zeros((mix.shape[0], mix.shape[2]), dtype=np.int64)
    same[:, 1:] = np.isclose(mix[:, :, 1:], mix[:, :, :-1], rtol=1e-12, atol=0).all(axis=1)
    same[:, ::QUARTERS_A_YEAR] = 0
    return same


def _again(model: Model, mix: Floats) -> Floats:
    """Part of reinvested money by line and vintage, over lines that can take it."""
    can = mix.sum(axis=1) > 0
    wanted = np.asarray(model.evergreen_line, dtype=float)[:, None] * can
    whole = wanted.sum(axis=0)
    return np.divide(wanted, whole, out=np.zeros_like(wanted), where=whole > 0)


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


class _Sample:
    """Fixed paths on which offsets are solved: vintages are alike, so one vintage is enough."""

    def __init__(self, years: int, memory: float, scale: Floats) -> None:
        self.years = years
        drawn = factors.drawn(
            years=years, sectors=1, memory=memory, seed=SAMPLE_SEED, first=0, paths=SAMPLE,
            source="sobol",
        )  # fmt: skip
        slots = 4 * years
        self.cycle, self.swing = np.zeros((SAMPLE, years)), np.zeros((SAMPLE, years))
        self.returns = np.zeros((SAMPLE, 2, slots))
        summed = np.zeros((2, slots + 1))
        for path in range(SAMPLE):
            place = slice(path, path + 1)
            conditional.cycles(drawn.values[path], self.cycle[place], self.swing[place])
            conditional.running(drawn.values[path], summed)
            conditional.holding_returns(summed, 0, scale, slots, self.returns[path])

    def offset(self, one: Terms) -> Floats:
        """By slot, the offset after which the mean payoff of those ending in a year is the law's.

        Newton's method on the logarithm, six steps.
        """
        offset = np.zeros(4 * self.years)
        if one.payoff.share <= 0.0:
            return offset
        ended = self._ended(one)
        scores = self.scores(one)
        coefficients = one.payoff.polynomial()
        slope, target = max(1e-9, float(coefficients[1])), np.log(one.payoff.mean())
        parts = one.end_part.reshape(self.years, 4)
        for year in range(self.years):
            weight = ended[:, year, None] * parts[year][None, :]
            if weight.sum() <= 0.0:
                continue
            weight /= weight.sum()
            here, moved = scores[:, 4 * year : 4 * year + 4], 0.0
            for _ in range(6):
                logs = np.polynomial.polynomial.polyval(here + moved, coefficients)
                moved += (target - np.log(float((weight * np.exp(logs)).sum()))) / slope
            offset[4 * year : 4 * year + 4] = moved
        return offset

    def scores(self, one: Terms) -> Floats:
        """By path and slot, the factors' part of the score of a deal of vintage year 0."""
        if one.cumulated:
            found: Floats = one.market_load * self.returns[:, 0]
            return found + one.sector_load * self.returns[:, 1]
        return one.sector_load * np.repeat(self.cycle, 4, axis=1)

    def _ended(self, one: Terms) -> Floats:
        """By path and year, the chance that a deal of vintage year 0 ends."""
        ended, years = np.zeros((1, SAMPLE, self.years)), self.years
        failed = np.zeros_like(ended)
        if one.kind != CREDIT:
            alike = [
                np.ascontiguousarray(np.broadcast_to(array, (1, SAMPLE, years)))
                for array in (one.end, one.fail, one.end_swing, one.fail_swing)
            ]
            conditional.hazard_years(*alike, self.swing, 0, 0, years, ended, failed)
            return ended[0]
        matrices = np.zeros((1, SAMPLE, years, migration.STATES, migration.WIDTH))
        conditional.rating_matrices(migration.conditional(one.correlation), self.cycle, matrices[0])
        ratings = laws.fit(np.array(one.mix), migration.WIDTH)[None]
        room = np.zeros((2, migration.WIDTH))
        conditional.rating_years(
            ratings, matrices, 0, 0, 0, years, room[0], room[1], ended, failed
        )  # fmt: skip
        return ended[0]


BINS_ALL = 3 * BINS
"""Values of a deal's own score, its two outermost bins cut again."""
