"""What one deal brings when it ends, as a function of a standard normal score.

A deal's score is y + sqrt(1 - R²) e: y, of variance R², comes from the factors of the path, e is
the deal's own. Its payoff is the quantile function of the class's law at that score, so that over
all paths the payoff has exactly that law, tail and cap included, at every age. Given y, what many
deals bring on average is exp(P(y)), with P a polynomial (linear for a lognormal law).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from koga.plan.model import Floats

Curve: TypeAlias = Callable[[Floats], Floats]

BINS = 1024
"""A deal's own score is one of so many equally likely values; the outermost two are cut again."""
DEGREE = 12
SCORE_MAX, STEPS = 9.0, 8192
REACH = 5.0
"""Deviations of y within which the polynomial is fitted and y is kept."""
NOTHING = -650.0
"""Log of a mean payoff of zero."""


@dataclass(frozen=True, slots=True)
class Payoff:
    """A law of payoffs and how much of its score comes from the factors.

    curve: payoff by score. share: R, the deviation of y. lognormal: whether the payoff is
    exp(a + b · score), so that the factors' part and the deal's own are multiplied.
    """

    curve: Curve
    share: float
    lognormal: bool

    @property
    def own(self) -> float:
        """Deviation of the deal's own part of the score."""
        return math.sqrt(max(0.0, 1.0 - self.share**2))

    def mean(self) -> float:
        """The mean payoff over all paths and deals."""
        nodes, weights = quadrature()
        return float(self.curve(nodes) @ weights)

    def given(self, scores: Floats) -> Floats:
        """The mean payoff of many deals given y."""
        nodes, weights = quadrature()
        found: Floats = self.curve(scores[:, None] + self.own * nodes[None, :]) @ weights
        return found

    def polynomial(self) -> Floats:
        """Coefficients of the log of `given`, lowest first, `DEGREE` + 1 of them."""
        found = np.zeros(DEGREE + 1)
        if self.lognormal:
            low, high = np.log(self.curve(np.array([0.0, 1.0])))
            slope = high - low
            found[:2] = low + (slope * self.own) ** 2 / 2, slope
            return found
        if self.share <= 0.0:
            found[0] = math.log(max(self.mean(), math.exp(NOTHING)))
            return found
        ends = np.cos(np.pi * (np.arange(97) + 0.5) / 97)
        means = np.maximum(self.given(ends * REACH * self.share), math.exp(NOTHING))
        fitted = np.polynomial.Chebyshev.fit(ends, np.log(means), DEGREE, domain=[-1, 1])
        plain = np.asarray(fitted.convert(kind=np.polynomial.Polynomial).coef, dtype=np.float64)
        found[: plain.size] = plain / (REACH * self.share) ** np.arange(plain.size)
        return found

    def bins(self) -> Floats:
        """What each value of a deal's own score adds: a factor if lognormal, else to the score.

        Factors have mean one. After the `BINS` values come those of the lowest and of the highest
        bin, each cut into as many again.
        """
        if not self.lognormal:
            return own_scores() * self.own
        low, high = np.log(self.curve(np.array([0.0, 1.0])))
        return own_factors(float((high - low) * self.own))

    def table(self) -> Floats:
        """The curve at `STEPS` + 1 scores from -`SCORE_MAX` to `SCORE_MAX`."""
        return self.curve(np.linspace(-SCORE_MAX, SCORE_MAX, STEPS + 1))


@lru_cache(maxsize=1)
def quadrature() -> tuple[Floats, Floats]:
    """Nodes and weights for means over a standard normal: trapezoids of 1/64, to 1e-12."""
    nodes = np.linspace(-SCORE_MAX, SCORE_MAX, 1153)
    weights = np.exp(-nodes * nodes / 2)
    return nodes, weights / weights.sum()


def _edges() -> tuple[Floats, Floats]:
    """Lower and upper ends of all bins, as chances of being below, in the upper half mirrored."""
    fine = np.arange(BINS + 1) / BINS
    first = fine / BINS
    low = np.concatenate([fine[:-1], first[:-1]])
    high = np.concatenate([fine[1:], first[1:]])
    return low, high


def own_scores() -> Floats:
    """The mean of a standard normal within each bin."""
    from scipy.special import ndtri

    low, high = _edges()

    def density(chance: Floats) -> Floats:
        score = ndtri(chance)
        found: Floats = np.exp(-np.minimum(score * score, 1400.0) / 2) / math.sqrt(2 * math.pi)
        return found

    means = (density(low) - density(high)) / (high - low)
    return _mirrored(means, -means)


def own_factors(deviation: float) -> Floats:
    """The mean of exp(s e - s²/2) within each bin, s the deviation; one on average."""
    from scipy.special import ndtr, ndtri

    if deviation == 0.0:
        return np.ones(3 * BINS)
    low, high = _edges()
    below = (ndtr(ndtri(high) - deviation) - ndtr(ndtri(low) - deviation)) / (high - low)
    above = (ndtr(ndtri(high) + deviation) - ndtr(ndtri(low) + deviation)) / (high - low)
    return _mirrored(below, above)


def _mirrored(means: Floats, upper: Floats) -> Floats:
    """Bins, then the lowest bin's own, then the highest bin's from the upper tail's side."""
    half = BINS // 2
    body = np.concatenate([means[:half], upper[:half][::-1]])
    return np.concatenate([body, means[BINS:], upper[BINS:][::-1]])


def lognormal(log_mean: float, deviation: float, share: float) -> Payoff:
    """exp(log_mean + deviation · score)."""
    return Payoff(lambda score: np.exp(log_mean + deviation * score), share, True)


def multiple(
    *,
    log_mean: float,
    deviation: float,
    tail_alpha: float,
    tail_from: float,
    cap: float,
    share: float,
) -> Payoff:
    """A lognormal multiple with a Pareto tail above `tail_from`, never above `cap`.

    P(X > x) = P(X > f) (f / x)^alpha for x above f = `tail_from`. No tail where alpha or f is 0,
    no cap where it is 0 or infinite.
    """
    capped = 0.0 < cap < math.inf
    if (tail_alpha == 0.0 or tail_from == 0.0) and not capped:
        return lognormal(log_mean, deviation, share)
    # Sectors of a line differ in deviation alone and are drawn by one rule: the rule must not
    # depend on whether this sector's deviation is zero.
    tailed = tail_alpha > 0.0 and tail_from > 0.0 and deviation > 0.0
    begins = (math.log(tail_from) - log_mean) / deviation if tailed else math.inf
    most = cap if capped else math.inf

    def curve(score: Floats) -> Floats:
        from scipy.special import log_ndtr

        found: Floats = np.exp(log_mean + deviation * score)
        if tailed:
            rarer = log_ndtr(-begins) - log_ndtr(-np.maximum(score, begins))
            found = np.where(score > begins, tail_from * np.exp(rarer / tail_alpha), found)
        return np.minimum(found, most)

    return Payoff(curve, share, False)


def recovery(mean: float, slope: float, peak: float = 1.0) -> Payoff:
    """Shares recovered: a Beta law with mass at both ends (a + b = `peak`), as studies find.

    slope: how much the mean moves with one deviation of the cycle; no further than to nothing or
    all, and as much of it as the law's own spread allows.
    """
    room = min(mean, 1.0 - mean)
    if room < SURE:
        return Payoff(lambda score: np.full_like(score, min(1.0, max(0.0, mean))), 0.0, False)
    grid = np.linspace(-SCORE_MAX, SCORE_MAX, 2 * STEPS + 1)
    ends = _beta_quantiles(mean * peak, (1.0 - mean) * peak)

    def curve(score: Floats) -> Floats:
        return np.interp(score, grid, ends)

    nodes, weights = quadrature()
    steepness = float((curve(nodes) * nodes) @ weights)
    share = min(SHARE_MAX, max(0.0, min(slope, room)) / steepness)
    return Payoff(curve, share if share > SURE else 0.0, False)


SURE = 1e-4
"""A recovery nearer to nothing or all is taken as sure; a smaller part of a score as none."""
SHARE_MAX = math.sqrt(0.5)
"""Of a payoff's spread, factors explain at most half of the variance of the score."""


@lru_cache(maxsize=64)
def _beta_quantiles(first: float, second: float) -> Floats:
    from scipy.special import betaincinv, ndtr

    grid = np.linspace(-SCORE_MAX, SCORE_MAX, 2 * STEPS + 1)
    solved = np.clip(betaincinv(first, second, ndtr(grid)), 0.0, 1.0)
    found: Floats = np.maximum.accumulate(solved)
    return found
