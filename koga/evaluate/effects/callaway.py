"""Staggered difference-in-differences: an effect per cohort and period, then averages of them.

Callaway and Sant'Anna (2021), "Difference-in-differences with multiple time periods", Journal of
Econometrics 225. Every cohort is compared with units that are not treated (`never`), or not yet
(`not-yet`), never with units treated earlier. Standard errors are analytical, from influence
functions that count the estimation of cohort sizes; clustered where clusters are declared.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from koga.core.problems import Refusal
from koga.evaluate.effects import comparison
from koga.evaluate.effects.comparison import Method
from koga.evaluate.panels.wide import NEVER, Floats, Wide

Control = Literal["never", "not-yet"]
Base = Literal["varying", "universal"]
Kind = Literal["simple", "group", "dynamic", "calendar"]
KINDS: tuple[Kind, ...] = ("simple", "group", "dynamic", "calendar")


@dataclass(frozen=True, slots=True)
class Cell:
    """The effect on one cohort in one period.

    cohort, time: of whom and when. base: the period it is compared with.
    effect: NaN where it cannot be estimated. units: treated and comparison units used.
    reference: whether it is the base period itself, 0 by construction.
    """

    cohort: float
    time: int
    base: int
    effect: float
    units: int
    reference: bool = False

    @property
    def event_time(self) -> int:
        """Periods since first treatment."""
        return self.time - int(self.cohort)


@dataclass(frozen=True, slots=True)
class Cells:
    """All effects by cohort and period, with their influence functions.

    found: the cells. influence: [units, cells]. wide: the units they rest on.
    control: whom they are compared with. failed: cells that could not be solved.
    chances: probability of treatment of every treated unit of every cell, by the covariates.
    """

    found: tuple[Cell, ...]
    influence: Floats
    wide: Wide
    control: Control
    failed: int
    chances: Floats

    def rows(self, picked: NDArray[np.int64]) -> int:
        """How many rows of the panel some of the cells rest on."""
        chosen = [self.found[number] for number in picked]
        periods = {cell.time for cell in chosen} | {cell.base for cell in chosen}
        columns = np.isin(self.wide.times, sorted(periods))
        cohorts = sorted({cell.cohort for cell in chosen})
        used = np.isin(self.wide.first, [*cohorts, NEVER])
        if self.control == "not-yet":
            used |= self.wide.first > min(max(cell.time, cell.base) for cell in chosen)
        return int((~np.isnan(self.wide.outcome[used][:, columns])).sum())

    def covariance(self, columns: NDArray[np.int64] | None = None) -> Floats:
        """Covariance of the cells' effects."""
        chosen = self.influence if columns is None else self.influence[:, columns]
        return covariance(chosen, self.wide)


@dataclass(frozen=True, slots=True)
class Average:
    """An average of cells, or the cell itself.

    place: the cohort, event time or period it speaks of; None for the overall.
    rows: of the panel it rests on.
    influence: of every unit; empty for a reference.
    """

    kind: str
    place: float | None
    effect: float
    se: float
    rows: int
    influence: Floats


def covariance(influence: Floats, wide: Wide) -> Floats:
    """Covariance of estimates from their influence functions, by cluster where declared."""
    if wide.clustered:
        clusters = int(wide.cluster.max()) + 1
        sums = np.zeros((clusters, influence.shape[1]))
        np.add.at(sums, wide.cluster, influence)
        small = clusters / (clusters - 1)
        clustered: Floats = small * (sums.T @ sums) / wide.units**2
        return clustered
    plain: Floats = influence.T @ influence / wide.units**2
    return plain


def errors(influence: Floats, wide: Wide) -> Floats:
    """Standard errors of estimates from their influence functions."""
    if wide.clustered:
        found: Floats = np.sqrt(np.diag(covariance(influence, wide)))
    else:
        found = np.sqrt(np.einsum("ij,ij->j", influence, influence)) / wide.units
    return np.where(found > 1e-10 * max(1.0, float(np.nanmax(found, initial=0))), found, np.nan)


def cells(wide: Wide, *, control: Control, method: Method, base: Base) -> Cells:
    """Effects by cohort and period. Nothing is refused: a cell that cannot be solved is NaN."""
    cohorts, times = wide.cohorts, wide.times
    if not np.isinf(wide.first).any():
        last = cohorts[-1]
        cohorts, times = cohorts[:-1], times[times < last]
    order = _layout(wide)
    found: list[Cell] = []
    columns: list[Floats] = []
    chances: list[Floats] = []
    failed = 0
    for cohort in cohorts:
        for time, before in _pairs(times, int(cohort), base):
            if time == before:
                found.append(Cell(float(cohort), time, before, 0.0, 0, reference=True))
                columns.append(np.zeros(wide.units))
                continue
            cell, influence, chance = _cell(
                wide, order, float(cohort), (time, before), control=control, method=method
            )
            failed += bool(np.isnan(cell.effect))
            found.append(cell)
            columns.append(influence)
            if len(chance):
                chances.append(chance)
    influence = np.column_stack(columns) if columns else np.zeros((wide.units, 0))
    joined = np.concatenate(chances) if chances else np.empty(0)
    return Cells(tuple(found), influence, wide, control, failed, joined)


def _layout(wide: Wide) -> dict[float, NDArray[np.int64]]:
    """The places of every cohort's units."""
    order = np.argsort(wide.first, kind="stable")
    kinds, starts = np.unique(wide.first[order], return_index=True)
    return dict(zip(kinds.tolist(), np.split(order, starts[1:]), strict=True))


def _pairs(times: NDArray[np.int64], cohort: int, base: Base) -> Iterator[tuple[int, int]]:
    """Periods and the periods they are compared with."""
    earlier = times[times < cohort]
    if not len(earlier):
        return
    last = int(earlier[-1])
    for place, time in enumerate(times.tolist()):
        if base == "universal" or time >= cohort:
            yield time, last
        elif place:
            yield time, int(times[place - 1])


def _cell(
    wide: Wide,
    order: dict[float, NDArray[np.int64]],
    cohort: float,
    periods: tuple[int, int],
    *,
    control: Control,
    method: Method,
) -> tuple[Cell, Floats, Floats]:
    time, before = periods
    free = (
        [NEVER]
        if control == "never"
        else [first for first in order if first > max(periods) and first != cohort]
    )
    others = [order[first] for first in free if first in order]
    units = np.concatenate([order[cohort], *others])
    treated = np.zeros(len(units))
    treated[: len(order[cohort])] = 1
    now, then = np.searchsorted(wide.times, time), np.searchsorted(wide.times, before)
    change = wide.outcome[units, now] - wide.outcome[units, then]
    covariates = wide.covariates[units, then]
    usable = ~np.isnan(change) & ~np.isnan(covariates).any(axis=1)
    units, treated, change = units[usable], treated[usable], change[usable]
    influence = np.zeros(wide.units)
    missing = Cell(cohort, time, before, float("nan"), len(units))
    if not treated.any() or treated.all():
        return missing, influence, np.empty(0)
    try:
        compared = comparison.compare(
            change, treated, covariates[usable], weight=wide.weight[units], method=method
        )
    except Refusal:
        return missing, influence, np.empty(0)
    influence[units] = compared.influence * (wide.units / len(units))
    chance = compared.propensity[treated == 1] if len(compared.propensity) else np.empty(0)
    return Cell(cohort, time, before, compared.effect, len(units)), influence, chance


def average(found: Cells, kind: Kind) -> list[Average]:
    """Averages of one kind; the overall comes first, `simple` has it alone."""
    known = np.array([not np.isnan(cell.effect) for cell in found.found], dtype=bool)
    after = np.array([cell.time >= cell.cohort for cell in found.found], dtype=bool) & known
    if not after.any():
        return []
    if kind == "simple":
        return [_pooled(found, after, kind, None)]
    places = {
        "group": [cell.cohort for cell in found.found],
        "dynamic": [float(cell.event_time) for cell in found.found],
        "calendar": [float(cell.time) for cell in found.found],
    }[kind]
    spoken = np.array(places)
    usable = known if kind == "dynamic" else after
    parts: list[Average] = []
    for place in np.unique(spoken[usable]):
        chosen = usable & (spoken == place)
        build = _even if kind == "group" else _pooled
        parts.append(build(found, chosen, kind, float(place)))
    return [_overall(found, parts, kind, found.rows(np.flatnonzero(after))), *parts]


def _shares(found: Cells) -> dict[float, float]:
    """Each cohort's share of all units, by weight."""
    wide = found.wide
    return {cohort: float(np.mean(wide.weight * (wide.first == cohort))) for cohort in wide.cohorts}


def _pooled(found: Cells, chosen: NDArray[np.bool_], kind: str, place: float | None) -> Average:
    """Cells weighted by their cohorts' sizes; the sizes are estimates too."""
    wide, shares = found.wide, _shares(found)
    picked = np.flatnonzero(chosen)
    cohorts = np.array([found.found[number].cohort for number in picked])
    effects = np.array([found.found[number].effect for number in picked])
    share = np.array([shares[cohort] for cohort in cohorts])
    weights = share / share.sum()
    overall = float(weights @ effects)
    influence = found.influence[:, picked] @ weights
    influence += _sizes(wide, cohorts, (effects - overall) / share.sum(), shares)
    return _average(found, kind, place, overall, influence, picked)


def _sizes(wide: Wide, cohorts: Floats, pulls: Floats, shares: dict[float, float]) -> Floats:
    """Influence of each unit through the cohorts' shares, which are estimated as well."""
    influence = np.zeros(wide.units)
    for cohort in np.unique(cohorts):
        pull = float(pulls[cohorts == cohort].sum())
        influence += pull * (wide.weight * (wide.first == cohort) - shares[cohort])
    return influence


def _even(found: Cells, chosen: NDArray[np.bool_], kind: str, place: float | None) -> Average:
    """Cells of one cohort, each period alike."""
    picked = np.flatnonzero(chosen)
    effect = float(np.mean([found.found[number].effect for number in picked]))
    influence = found.influence[:, picked].mean(axis=1)
    return _average(found, kind, place, effect, influence, picked)


def _average(
    found: Cells,
    kind: str,
    place: float | None,
    effect: float,
    influence: Floats,
    picked: NDArray[np.int64],
) -> Average:
    se = float(errors(influence[:, None], found.wide)[0])
    if all(found.found[number].reference for number in picked):
        se = float("nan")
    return Average(kind, place, effect, se, found.rows(picked), influence)


def _overall(found: Cells, parts: list[Average], kind: Kind, rows: int) -> Average:
    """Cohorts by size; event times from 0 on, and periods, each alike."""
    if kind == "dynamic":
        parts = [part for part in parts if part.place is not None and part.place >= 0]
    effects = np.array([part.effect for part in parts])
    influences = np.column_stack([part.influence for part in parts])
    if kind == "group":
        shares = _shares(found)
        cohorts = np.array([part.place for part in parts], dtype=np.float64)
        share = np.array([shares[cohort] for cohort in cohorts])
        effect = float(share @ effects / share.sum())
        influence = influences @ (share / share.sum())
        influence += _sizes(found.wide, cohorts, (effects - effect) / share.sum(), shares)
    else:
        effect, influence = float(effects.mean()), influences.mean(axis=1)
    se = float(errors(influence[:, None], found.wide)[0])
    return Average(kind, None, effect, se, rows, influence)
