"""How far parallel trends may fail before a finding changes.

Source: Rambachan and Roth, "A more credible approach to parallel trends", Review of Economic
Studies 90 (2023). An event study estimates β = τ + δ: effects τ (none before support) and the
difference in trends δ that would have been there anyway. A set says which effects fit the data if
δ is restricted:

- `relative` Δ^RM(M): between two neighbouring periods after the start, δ moves at most M times the
  most it moved between two neighbouring periods before: |δ_t+1 - δ_t| ≤ M·max_s<0 |δ_s+1 - δ_s|.
- `smooth` Δ^SD(M): the slope of δ changes by at most M from one period to the next:
  |δ_t+1 - 2δ_t + δ_t-1| ≤ M; M = 0 is a straight line.

Event time 0 is the first period of support; the reference period is event time -1 (coefficient 0,
not in `betahat`). Sets cover at 1 - α whatever δ in the class (asymptotically); the M up to which
a finding is still told from 0 is its breakdown value.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from koga.core.problems import Problem, Refusal
from koga.evaluate.effects import conditional, fixed_length
from koga.evaluate.effects.conditional import Floats, Moments

FIRST_STAGE_SHARE = 0.1
"""κ / α: the part of the size the least-favourable first test takes, as in the paper."""
M_MAX = 1024.0
"""A breakdown value above this is reported as infinite."""
_TOLERANCE = 1e-5
_KNOWN = 1e-12
"""A variance below this share of the largest is none: the move would be known exactly."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The effects that fit if the restriction holds with a bound.

    kind: relative | smooth. event_time: None for a weighted average of several.
    m: the bound; a ratio for relative, in the outcome's unit per period for smooth.
    low, high: ends of the set in the outcome's unit; None where no effect fits at all.
    """

    kind: str
    event_time: int | None
    m: float
    low: float | None
    high: float | None

    def as_json(self) -> dict[str, Any]:
        """A row of `sets[]`."""
        return asdict(self)

    def excludes_zero(self) -> bool:
        """Whether no effect at all is among what is ruled out."""
        return self.low is None or self.high is None or self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class _Study:
    """A checked event study: coefficients before and after, and the effect asked for."""

    beta: Floats
    sigma: Floats
    pre: int
    weights: Floats
    event_time: int | None
    alpha: float


def relative(
    betahat: Sequence[float] | Floats,
    sigma: Sequence[Sequence[float]] | Floats,
    *,
    pre: int,
    post: int,
    m: Sequence[float],
    event: int | Sequence[float] = 0,
    alpha: float = 0.05,
) -> list[Bound]:
    """Confidence sets under relative magnitudes, one for each m, by the C-LF hybrid test.

    betahat: coefficients in order of time, `pre` before and `post` after, without the reference;
    sigma: their covariance. event: an event time from 0, or a weight for each period after.
    The set is the hull of the union over which earlier move was the largest, and its sign. Moments
    on earlier periods alone are left out, so that m = 0 is the ordinary interval. (The authors'
    software leaves them out as well, except where there is only one period after.)

    >>> found = relative([0.0, 1.0], [[0.01, 0.0], [0.0, 0.01]], pre=1, post=1, m=[0, 1])
    >>> [(round(one.low, 2), round(one.high, 2)) for one in found]
    [(0.8, 1.2), (0.76, 1.24)]
    """
    study = _study(betahat, sigma, pre=pre, post=post, event=event, alpha=alpha)
    return [_relative(study, bound) for bound in _bounds(m)]


def smooth(
    betahat: Sequence[float] | Floats,
    sigma: Sequence[Sequence[float]] | Floats,
    *,
    pre: int,
    post: int,
    m: Sequence[float],
    event: int | Sequence[float] = 0,
    alpha: float = 0.05,
) -> list[Bound]:
    """Confidence sets under smoothness, one for each m: the optimal fixed-length interval.

    Arguments as for `relative`; m in the outcome's unit per period.

    >>> found = smooth([0.0, 1.0], [[0.01, 0.0], [0.0, 0.01]], pre=1, post=1, m=[0, 0.5])
    >>> [(round(one.low, 2), round(one.high, 2)) for one in found]
    [(0.72, 1.28), (0.27, 1.73)]
    """
    study = _study(betahat, sigma, pre=pre, post=post, event=event, alpha=alpha)
    return [_smooth(study, bound) for bound in _bounds(m)]


def breakdown(
    betahat: Sequence[float] | Floats,
    sigma: Sequence[Sequence[float]] | Floats,
    *,
    pre: int,
    post: int,
    event: int | Sequence[float] = 0,
    alpha: float = 0.05,
    kind: str = "relative",
) -> float:
    """The largest bound under which the set still excludes 0, to 1e-5 of it (upwards of 1e-5).

    0 where even parallel trends (or a straight line) do not exclude it; `inf` above `M_MAX`.

    >>> sigma = [[0.01, 0.0], [0.0, 0.01]]
    >>> round(breakdown([0.1, 1.0], sigma, pre=1, post=1), 1)
    3.7
    """
    study = _study(betahat, sigma, pre=pre, post=post, event=event, alpha=alpha)
    build = _relative if kind == "relative" else _smooth
    if not build(study, 0.0).excludes_zero():
        return 0.0
    scale = 1.0 if kind == "relative" else float(np.abs(study.weights @ study.beta[pre:]))
    low, high = 0.0, scale
    while build(study, high).excludes_zero():
        low, high = high, 2 * high
        if high > M_MAX * scale:
            return float("inf")
    while high - low > _TOLERANCE * max(scale, low):
        middle = (low + high) / 2
        low, high = (middle, high) if build(study, middle).excludes_zero() else (low, middle)
    return low


def _relative(study: _Study, m: float) -> Bound:
    found = [
        interval
        for moments in _relative_moments(study, m)
        if (
            interval := conditional.interval(
                moments, alpha=study.alpha, first_stage=FIRST_STAGE_SHARE * study.alpha
            )
        )
    ]
    if not found:
        return Bound("relative", study.event_time, m, None, None)
    low, high = min(low for low, _ in found), max(high for _, high in found)
    return Bound("relative", study.event_time, m, low, high)


def _smooth(study: _Study, m: float) -> Bound:
    found = fixed_length.shortest(
        study.beta,
        study.sigma,
        before=study.pre,
        weights=study.weights,
        m=m,
        alpha=study.alpha,
    )
    return Bound(
        "smooth", study.event_time, m, found.centre - found.half, found.centre + found.half
    )


def _relative_moments(study: _Study, m: float) -> Iterator[Moments]:
    """Moments of each piece: the earlier move that is the largest, and its sign."""
    moves = _moves(study.pre, study.weights.size)
    for place in range(study.pre):
        for sign in (1.0, -1.0):
            yield _vertices(study, m, moves[study.pre :], sign * moves[place])


def _moves(pre: int, post: int) -> Floats:
    """Rows that take each move δ_t+1 - δ_t from the coefficients; the reference is 0."""
    whole = np.diff(np.eye(pre + post + 1), axis=0)
    moves: Floats = np.delete(whole, pre, axis=1)
    return moves


def _vertices(study: _Study, m: float, after: Floats, largest: Floats) -> Moments:
    """The moments ±move_t - m·largest ≤ 0 of the periods after; nuisance is all effects but one.

    A weight γ ≥ 0 on the moments that is blind to the nuisance nets to a multiple of u, where
    l = Σ u_t·move_t, u the sums of the later l's. So the vertices are both signs of u and, for each
    period, the pair of its two moments; each is scaled so that γ·sd = 1.
    """
    sums = np.cumsum(study.weights[::-1])[::-1]
    above, below = _spreads(after - m * largest, study), _spreads(after + m * largest, study)
    up = float(np.where(sums > 0, above, below) @ np.abs(sums))
    down = float(np.where(sums > 0, below, above) @ np.abs(sums))
    reach = -m * float(np.abs(sums).sum())
    pairs = -2 * m / (above + below)
    on_target = np.concatenate([[1 / up, -1 / down], np.zeros(pairs.size)])
    on_largest = np.concatenate([[reach / up, reach / down], pairs])
    basis = np.vstack([np.concatenate([np.zeros(study.pre), study.weights]), largest])
    rows = np.column_stack([on_target, on_largest])
    values, vectors = np.linalg.eigh(basis @ study.sigma @ basis.T)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return Moments(rows @ (basis @ study.beta), on_target, rows @ root)


def _spreads(rows: Floats, study: _Study) -> Floats:
    variances = np.einsum("ij,jk,ik->i", rows, study.sigma, rows)
    spreads: Floats = np.sqrt(np.maximum(variances, _KNOWN * np.diag(study.sigma).max()))
    return spreads


def _bounds(m: Sequence[float]) -> list[float]:
    wrong = [bound for bound in m if not (np.isfinite(bound) and bound >= 0)]
    if wrong:
        raise Refusal([Problem("sensitivity.bound", "m", f"{bound}") for bound in wrong])
    return [float(bound) for bound in m]


def _study(
    betahat: Sequence[float] | Floats,
    sigma: Sequence[Sequence[float]] | Floats,
    *,
    pre: int,
    post: int,
    event: int | Sequence[float],
    alpha: float,
) -> _Study:
    beta, covariance = np.asarray(betahat, dtype=float), np.asarray(sigma, dtype=float)
    problems = [*_shape_problems(beta, covariance, pre, post)]
    if not 0 < alpha < 0.5:
        problems.append(Problem("sensitivity.level", "alpha", f"{alpha}"))
    weights, event_time = _weights(event, post)
    if weights.size != post or not np.isfinite(weights).all() or not weights.any():
        problems.append(Problem("sensitivity.event", "event", f"{event}", {"last": post - 1}))
    if problems:
        raise Refusal(problems)
    return _Study(beta, (covariance + covariance.T) / 2, pre, weights, event_time, alpha)


def _weights(event: int | Sequence[float], post: int) -> tuple[Floats, int | None]:
    if not isinstance(event, int):
        return np.asarray(event, dtype=float), None
    return (np.arange(post) == event).astype(float), event


def _shape_problems(beta: Floats, covariance: Floats, pre: int, post: int) -> Iterator[Problem]:
    """Wrong sizes, or numbers no covariance can be."""
    if pre < 1 or post < 1 or beta.shape != (pre + post,):
        details = {"pre": pre, "post": post}
        yield Problem("sensitivity.periods", "betahat", f"{beta.size}", details)
        return
    if covariance.shape != (beta.size, beta.size):
        yield Problem("sensitivity.covariance", "sigma", f"{covariance.shape}")
        return
    if not (np.isfinite(beta).all() and np.isfinite(covariance).all()):
        yield Problem("sensitivity.covariance", "betahat, sigma", "nan, inf")
        return
    scale = float(np.abs(covariance).max())
    skewed = float(np.abs(covariance - covariance.T).max()) > 1e-6 * scale
    least = float(np.linalg.eigvalsh((covariance + covariance.T) / 2).min())
    if skewed or least < -1e-8 * scale or (np.diag(covariance) <= 0).any():
        yield Problem("sensitivity.covariance", "sigma", f"{least:.3g}")
        return
    moves = _moves(pre, post)
    if (np.einsum("ij,jk,ik->i", moves, covariance, moves) < _KNOWN * scale).any():
        yield Problem("sensitivity.covariance", "sigma", "singular")
