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
from koga.evaluate.wide import Floats, Wide


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
        _average(laid, fitted, usable & (since == time), since, int(time))
        for time in np.unique(since[usable])
    ]
    return [_average(laid, fitted, usable, since, None, int(seen.sum())), *found]


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
    since: NDArray[np.int64],
    event_time: int | None,
    rows: int | None = None,
) -> Imputed:
    weight = np.where(chosen, laid.weight[:, None], 0.0)
    weight /= weight.sum()
    gap = np.where(chosen, fitted.gap, 0.0)
    effect = float((weight * gap).sum())
    by_unit = weight.sum(axis=1)
    moved = np.where(chosen[:, :, None], laid.covariates, 0.0)
    right = np.concatenate(
        [
            weight.sum(axis=0) - fitted.share.T @ by_unit,
            np.einsum("it,itk->k", weight, moved) - fitted.means.T @ by_unit,
        ]
    )
    pull = -fitted.pulls @ _solve(fitted.gram, right[:, None])[:, 0]
    pull += (weight * (gap - _means(laid, weight, gap, chosen, since))).sum(axis=1)
    if laid.clustered:
        pull = np.bincount(laid.cluster, weights=pull).astype(np.float64)
    count = int(chosen.sum()) if rows is None else rows
    return Imputed(event_time, effect, float(np.sqrt(pull @ pull)), count)


def _means(
    laid: Wide,
    weight: Floats,
    gap: Floats,
    chosen: NDArray[np.bool_],
    since: NDArray[np.int64],
) -> Floats:
    """The mean effect of each cohort and event time, by the squares of its rows' pulls."""
    found = np.zeros_like(gap)
    for cohort in laid.cohorts:
        units = np.flatnonzero(laid.first == cohort)
        inside, pulls, gaps = chosen[units], weight[units], gap[units]
        if laid.clustered:
            cluster = np.unique(laid.cluster[units], return_inverse=True)[1]
            groups = np.zeros((int(cluster.max()) + 1, len(units)))
            groups[cluster, np.arange(len(units))] = 1
            pulls, gaps = groups @ pulls, groups @ (pulls * gaps)
        else:
            gaps = pulls * gaps
        below = (pulls**2).sum(axis=0)
        mean = np.divide((pulls * gaps).sum(axis=0), below, out=np.zeros_like(below),
                         where=below > 0)  # fmt: skip
        found[units] = np.where(inside, mean[None, :], 0.0)
    return found
