"""One comparison of two periods and two groups: the effect and its influence function.

Doubly robust, inverse-probability and outcome-regression estimators for panels, with the
influence functions of Sant'Anna and Zhao (2020), "Doubly robust difference-in-differences
estimators", Journal of Econometrics 219: theirs named `drdid_panel` (`dr`: logit by maximum
likelihood, least squares), `std_ipw_did_panel` (`ipw`) and `reg_did_panel` (`reg`).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from koga.core.problems import Problem, Refusal
from koga.evaluate.panels.wide import Floats

Method = Literal["dr", "ipw", "reg"]
TRIM = 0.995
"""Comparison units as sure to be treated as this are left out: nobody resembles them."""
SURE = 1 - 1e-6
ROUNDS_MAX = 50


@dataclass(frozen=True, slots=True)
class Compared:
    """An effect on the treated of one comparison.

    effect: the difference in changes.
    influence: of each unit compared, in the order given; its mean is 0.
    propensity: probability of being treated by the covariates; empty where not used.
    """

    effect: float
    influence: Floats
    propensity: Floats


def compare(
    change: Floats, treated: Floats, covariates: Floats, *, weight: Floats, method: Method
) -> Compared:
    """The effect on the treated from changes of the outcome between two periods.

    change: of every unit compared. treated: 1 or 0. covariates: [units, covariates], from before.
    """
    if covariates.shape[1] == 0:
        return _plain(change, treated, weight)
    design = np.column_stack([np.ones(len(change)), covariates])
    n = len(change)
    no = np.empty(0)
    if method == "reg":
        slope, lines = _regression(design, change, weight * (1 - treated))
        rest = change - design @ slope
        on, share = weight * treated, float(np.mean(weight * treated))
        effect = float(np.mean(on * rest)) / share
        influence = on * (rest - effect) - lines @ (design.T @ on / n)
        return Compared(effect, influence / share, no)
    chance, scores = _propensity(design, treated, weight)
    kept = (treated == 1) | (chance < TRIM)
    on = kept * weight * treated
    off = np.where(kept, weight * chance * (1 - treated) / (1 - chance), 0.0)
    rest, lines = change, np.zeros_like(design)
    if method == "dr":
        slope, lines = _regression(design, change, weight * (1 - treated))
        rest = change - design @ slope
    share_on, share_off = float(on.mean()), float(off.mean())
    if share_off <= 0:
        raise _singular("propensity")
    mean_on, mean_off = float(np.mean(on * rest)) / share_on, float(np.mean(off * rest)) / share_off
    of_on = on * (rest - mean_on) - lines @ (design.T @ on / n)
    of_off = off * (rest - mean_off) + scores @ (design.T @ (off * (rest - mean_off)) / n)
    of_off -= lines @ (design.T @ off / n)
    return Compared(mean_on - mean_off, of_on / share_on - of_off / share_off, chance)


def _plain(change: Floats, treated: Floats, weight: Floats) -> Compared:
    on, off = weight * treated, weight * (1 - treated)
    share_on, share_off = on.mean(), off.mean()
    mean_on, mean_off = np.mean(on * change) / share_on, np.mean(off * change) / share_off
    influence = on * (change - mean_on) / share_on - off * (change - mean_off) / share_off
    return Compared(float(mean_on - mean_off), influence, np.empty(0))


def _regression(design: Floats, change: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Weighted least squares and the influence of every unit on its coefficients."""
    inverse = _inverse(design.T @ (design * weight[:, None]) / len(change), "regression")
    slope = inverse @ (design.T @ (weight * change)) / len(change)
    lines = ((weight * (change - design @ slope))[:, None] * design) @ inverse
    return slope, lines


def _propensity(design: Floats, treated: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Logit by Newton's steps: probabilities, and the influence on the coefficients."""
    slope = np.zeros(design.shape[1])
    for _ in range(ROUNDS_MAX):
        chance = _logistic(design @ slope)
        spread = weight * chance * (1 - chance)
        hessian = design.T @ (design * spread[:, None]) / len(treated)
        inverse = _inverse(hessian, "propensity")
        step = inverse @ (design.T @ (weight * (treated - chance))) / len(treated)
        slope = slope + step
        if np.abs(step).max() <= 1e-10 * (1 + np.abs(slope).max()):
            break
    else:
        raise _singular("propensity")
    chance = np.minimum(_logistic(design @ slope), SURE)
    inverse = _inverse(
        design.T @ (design * (weight * chance * (1 - chance))[:, None]) / len(treated), "propensity"
    )
    return chance, ((weight * (treated - chance))[:, None] * design) @ inverse


def _logistic(value: Floats) -> Floats:
    logistic: Floats = 1 / (1 + np.exp(-np.clip(value, -500, 500)))
    return logistic


def _inverse(matrix: Floats, what: str) -> Floats:
    size = np.sqrt(np.diag(matrix))
    if not np.isfinite(matrix).all() or (size <= 0).any():
        raise _singular(what)
    scaled = matrix / np.outer(size, size)
    if np.linalg.cond(scaled) > 1e12:
        raise _singular(what)
    inverse: Floats = np.linalg.inv(scaled) / np.outer(size, size)
    return inverse


def _singular(what: str) -> Refusal:
    return Refusal(Problem("evaluate.singular", "covariates", what))


def propensity(treated: Floats, covariates: Floats, weight: Floats) -> Floats:
    """Probability of being treated by the covariates: a logit by maximum likelihood."""
    return _propensity(np.column_stack([np.ones(len(treated)), covariates]), treated, weight)[0]
