"""Imputation: what treated units would have been, from units and periods not yet treated.

Borusyak, Jaravel and Spiess (2024), "Revisiting event-study designs: robust and efficient
estimation", Review of Economic Studies 91. Unit and period effects (and covariates) are fitted to
untreated rows alone; an effect is what a treated row exceeds them by. More precise than cohort by
cohort where trends are parallel throughout, as every earlier period is a base.

Errors are theirs, conservative: each unit's, or cluster's, pull on the estimate, where treated
rows deviate from the mean of their cohort and event time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koga.core.problems import Problem, Refusal
from koga.evaluate.panels.wide import Floats, Whole, Wide


@dataclass(frozen=True, slots=True)
class Imputed:
    """An average effect. event_time: periods since first treatment, None for all.

    rows: treated rows it averages, for all of them the panel's rows.
    """

    event_time: int | None
    effect: float
    se: float
    rows: int


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The fit to untreated rows, and the small equations that give any row's pull on it.

    gap: outcome less its imputation, for every row; NaN where there is none.
    pulls: [units, periods + covariates], weighted untreated residuals by what they move.
    gram: normal equations of periods and covariates net of units.
    share: [units, periods], each untreated row's part of its unit's weight.
    means: [units, covariates], weighted means over untreated rows.
    """

    gap: Floats
    pulls: Floats
    gram: Floats
    share: Floats
    means: Floats


def effects(laid: Wide) -> list[Imputed]:
    """The overall effect, then those by event time; a `Refusal` where they cannot be solved."""
    seen = ~np.isnan(laid.outcome) & ~np.isnan(laid.covariates).any(axis=2)
    treated = seen & (laid.times[None, :] >= laid.first[:, None])
    fitted = _fit(laid, seen & ~treated)
    usable = treated & ~np.isnan(fitted.gap)
    if not usable.any():
        raise Refusal(Problem("evaluate.singular", "imputation", "no untreated rows"))
    with np.errstate(invalid="ignore"):
        since = np.where(usable, laid.times[None, :] - laid.first[:, None], -1).astype(np.int64)
    found = [
        _average(laid, fitted, usable & (since == time), int(time))
        for time in np.unique(since[usable])
    ]
    return [_average(laid, fitted, usable, None, int(seen.sum())), *found]


def _fit(laid: Wide, free: NDArray[np.bool_]) -> _Fitted:
    weight = np.where(free, laid.weight[:, None], 0.0)
    whole = weight.sum(axis=1)
    share = np.divide(weight, whole[:, None], out=np.zeros_like(weight), where=whole[:, None] > 0)
    outcome = np.where(free, laid.outcome, 0.0)
    covariates = np.where(free[:, :, None], laid.covariates, 0.0)
    means = np.einsum("it,itk->ik", share, covariates)
    level = np.einsum("it,it->i", share, outcome)
    weighted = covariates * weight[:, :, None]
    tt = np.diag(weight.sum(axis=0)) - weight.T @ share
    tk = weighted.sum(axis=0) - weight.T @ means
    kk = np.einsum("itk,itl->kl", weighted, covariates) - (whole[:, None] * means).T @ means
    gram = np.block([[tt, tk], [tk.T, kk]])
    right = np.concatenate(
        [
            (weight * outcome).sum(axis=0) - weight.T @ level,
            np.einsum("itk,it->k", weighted, outcome) - means.T @ (whole * level),
        ]
    )
    solved = _solve(gram, right[:, None])[:, 0]
    periods = len(laid.times)
    by_period, slope = solved[:periods], solved[periods:]
    own = level - share @ by_period - means @ slope
    gap = laid.outcome - own[:, None] - by_period[None, :] - laid.covariates @ slope
    gap[whole <= 0] = np.nan
    gap[:, weight.sum(axis=0) <= 0] = np.nan
    rest = np.where(free, weight * gap, 0.0)
    pulls = np.hstack([rest, np.einsum("it,itk->ik", rest, covariates)])
    return _Fitted(gap, pulls, gram, share, means)


def _solve(gram: Floats, right: Floats) -> Floats:
    """The small equations; one period is free, and so are covariates that do not move."""
    size = np.sqrt(np.maximum(np.diag(gram), 0))
    size[size <= 1e-10 * max(float(size.max()), 1e-300)] = np.inf
    scaled = gram / np.outer(size, size)
    found: Floats = np.linalg.pinv(scaled, rcond=1e-11) @ (right / size[:, None]) / size[:, None]
    return found


def _average(
    laid: Wide,
    fitted: _Fitted,
    chosen: NDArray[np.bool_],
    event_time: int | None,
    rows: int | None = None,
) -> Imputed:
    unit, period = np.nonzero(chosen)
    weight = laid.weight[unit] / laid.weight[unit].sum()
    gap = fitted.gap[unit, period]
    effect = float(weight @ gap)
    by_unit = np.bincount(unit, weights=weight, minlength=laid.units)
    right = np.concatenate(
        [
            np.bincount(period, weights=weight, minlength=len(laid.times))
            - fitted.share.T @ by_unit,
            weight @ laid.covariates[unit, period] - fitted.means.T @ by_unit,
        ]
    )
    pull = -fitted.pulls @ _solve(fitted.gram, right[:, None])[:, 0]
    rest = weight * (gap - _means(laid, weight, gap, (unit, period)))
    pull += np.bincount(unit, weights=rest, minlength=laid.units)
    if laid.clustered:
        pull = np.bincount(laid.cluster, weights=pull).astype(np.float64)
    count = len(unit) if rows is None else rows
    return Imputed(event_time, effect, float(np.sqrt(pull @ pull)), count)


def _means(laid: Wide, weight: Floats, gap: Floats, place: tuple[Whole, Whole]) -> Floats:
    """The mean effect of each row's cohort and period, by the squares of the rows' pulls.

    By clusters, where declared, the pulls of a cluster's rows are summed first.
    """
    unit, period = place
    cohort = np.searchsorted(laid.cohorts, laid.first[unit])
    cell = cohort * len(laid.times) + period
    pulls, gaps, owner = weight, weight * gap, cell
    if laid.clustered:
        clusters = int(laid.cluster.max()) + 1
        both, row = np.unique(cell * clusters + laid.cluster[unit], return_inverse=True)
        pulls = np.bincount(row, weights=pulls).astype(np.float64)
        gaps = np.bincount(row, weights=gaps).astype(np.float64)
        owner = both // clusters
    below = np.bincount(owner, weights=pulls**2)
    above = np.bincount(owner, weights=pulls * gaps)
    mean: Floats = np.divide(above, below, out=np.zeros_like(below), where=below > 0)
    found: Floats = mean[cell]
    return found
