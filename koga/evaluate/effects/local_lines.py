"""Lines through scores on each side of a cutoff: bandwidths, jump, bias correction, errors.

Calonico, Cattaneo and Titiunik (2014), "Robust nonparametric confidence intervals for
regression-discontinuity designs", Econometrica 82; with covariates Calonico, Cattaneo, Farrell
and Titiunik (2019), Review of Economics and Statistics 101; mass points as in the 2020 guide of
Cattaneo, Idrobo and Titiunik. Straight lines (order 1) by a triangular kernel, bias by a
parabola (order 2), one MSE-optimal bandwidth for both sides (their `mserd`). A fuzzy design is
the ratio of two jumps; covariates enter with one coefficient for both sides.

Everything is linear in the responses [outcome, take-up, covariates…], so one vector `s` turns
their coefficients into the estimate, and their residuals into its variance.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from koga.core.problems import Problem, Refusal
from koga.evaluate.panels.wide import Floats

Variance = Literal["nn", "hc1"]
ORDER, BIAS_ORDER = 1, 2
NEIGHBOURS = 3
KERNEL_CONSTANT = 2.576
"""Of the triangular kernel, for the first bandwidth."""
MASS_SHARE = 0.2
"""Share of repeated scores from which bandwidths reach at least `MASS_LEAST` distinct ones."""
MASS_LEAST = 10


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the cutoff, by rising score.

    score: less the cutoff. responses: [rows, 1 (+1 fuzzy) + covariates]. weight: of each row.
    ties, place: size of each row's group of equal scores, and its place in it from 1.
    """

    score: Floats
    responses: Floats
    weight: Floats
    ties: NDArray[np.int64]
    place: NDArray[np.int64]

    def within(self, reach: float) -> "Side":
        """The rows that a kernel of this reach counts."""
        kept = (np.abs(self.score) < reach) & (self.weight > 0)
        return Side(
            self.score[kept],
            self.responses[kept],
            self.weight[kept],
            self.ties[kept],
            self.place[kept],
        )


@dataclass(frozen=True, slots=True)
class Design:
    """Both sides and how to estimate. takeups: 1 where take-up is observed (fuzzy), else 0."""

    left: Side
    right: Side
    takeups: int
    variance: Variance


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump at the cutoff, or the ratio of two.

    effect, se: conventional. corrected: less its bias. robust: error that counts the correction.
    first, first_se: the jump of take-up; NaN in a sharp design.
    rows_h, rows_b: rows within the two bandwidths, left and right.
    """

    effect: float
    corrected: float
    se: float
    robust: float
    first: float
    first_se: float
    rows_h: tuple[int, int]
    rows_b: tuple[int, int]


def design(
    score: Floats,
    responses: Floats,
    weight: Floats,
    *,
    fuzzy: bool,
    variance: Variance,
) -> Design:
    """Rows split at 0, each side by rising score."""
    order = np.argsort(score, kind="stable")
    score, responses, weight = score[order], responses[order], weight[order]
    at = int(np.searchsorted(score, 0.0, side="left"))
    left = _side(score[:at], responses[:at], weight[:at])
    right = _side(score[at:], responses[at:], weight[at:])
    constant = all(np.ptp(side.responses[:, 1]) == 0 for side in (left, right)) if fuzzy else False
    if constant and left.responses[0, 1] == right.responses[0, 1]:
        raise Refusal(Problem("evaluate.singular", "treated", "no take-up"))
    return Design(left, right, int(fuzzy), variance)


def _side(score: Floats, responses: Floats, weight: Floats) -> Side:
    _, starts, counts = np.unique(score, return_index=True, return_counts=True)
    ties = np.repeat(counts, counts)
    place = np.arange(len(score)) - np.repeat(starts, counts) + 1
    return Side(score, responses, weight, ties.astype(np.int64), place.astype(np.int64))


def bandwidths(given: Design) -> tuple[float, float]:
    """The bandwidths of the estimate and of its bias, h and b, by the expansion of its error."""
    left, right = given.left, given.right
    score = np.concatenate([left.score, right.score])
    start, floor = _start(score, left, right)
    longest = max(-float(score[0]), float(score[-1]))
    selecting = given
    if given.takeups and any(np.ptp(side.responses[:, 1]) == 0 for side in (left, right)):
        selecting = _sharp(given)
    reach = min(start, longest) if floor is None else max(min(start, longest), floor)
    d = _stage(selecting, (BIAS_ORDER + 1, BIAS_ORDER + 1, BIAS_ORDER + 2), reach, None)
    d = min(d, longest) if floor is None else max(min(d, longest), floor)
    b = min(_stage(selecting, (BIAS_ORDER, ORDER + 1, BIAS_ORDER + 1), reach, d), longest)
    h = min(_stage(selecting, (ORDER, 0, BIAS_ORDER), reach, b), longest)
    return h, b


def _start(score: Floats, left: Side, right: Side) -> tuple[float, float | None]:
    """The first bandwidth, by rule of thumb, and the least one where scores repeat."""
    spread = min(float(np.std(score, ddof=1)), _quartiles(score) / 1.349)
    distinct = [np.unique(np.abs(side.score)) for side in (left, right)]
    start = KERNEL_CONSTANT * spread * (len(distinct[0]) + len(distinct[1])) ** -0.2
    crowded = max(
        1 - len(found) / len(side.score)
        for found, side in zip(distinct, (left, right), strict=True)
    )
    if crowded < MASS_SHARE:
        return start, None
    return start, max(float(found[min(MASS_LEAST, len(found)) - 1]) + 1e-8 for found in distinct)


def _quartiles(score: Floats) -> float:
    """Distance of the quartiles, the inverted distribution averaged at its steps."""
    ends = np.quantile(score, [0.25, 0.75], method="averaged_inverted_cdf")
    return float(ends[1] - ends[0])


def _sharp(given: Design) -> Design:
    def without(side: Side) -> Side:
        kept = np.delete(side.responses, 1, axis=1)
        return Side(side.score, kept, side.weight, side.ties, side.place)

    return Design(without(given.left), without(given.right), 0, given.variance)


def _stage(
    given: Design, orders: tuple[int, int, int], reach: float, bias_reach: float | None
) -> float:
    """One bandwidth: the variance over the squared bias, regularised from the second stage on."""
    pilots = []
    for side in (given.left, given.right):
        far = float(np.abs(side.score).max()) if bias_reach is None else bias_reach
        pilots.append(_pilot(given, side, orders, (reach, far), scaled=bias_reach is not None))
    (v_left, b_left, r_left), (v_right, b_right, r_right) = pilots
    below = (b_right - b_left) ** 2 + r_left + r_right
    found = ((v_left + v_right) / below) ** (1 / (2 * orders[0] + 3)) if below > 0 else math.inf
    if not found > 0:
        raise Refusal(Problem("evaluate.singular", "bandwidth", f"{found:g}"))
    return float(found)


def _pilot(
    given: Design,
    side: Side,
    orders: tuple[int, int, int],
    reaches: tuple[float, float],
    *,
    scaled: bool,
) -> tuple[float, float, float]:
    """Variance, bias and regularisation of one side; rows `o`, derivative `nu`, bias order."""
    o, nu, o_bias = orders
    reach, far = reaches
    near = _fit(side, o, reach)
    s = _combination(given, near.beta, near.gamma(given.takeups), nu)
    variance = near.sandwich(_residuals(given, near), s)[nu, nu]
    lever = near.powers.T @ (near.kernel * (near.side.score / reach) ** (o + 1))
    constant = reach**nu * float((near.inverse @ lever)[nu])
    wide = _fit(side, o_bias, far)
    bias = math.sqrt(2 * (o + 1 - nu)) * constant * float(s @ wide.beta[o + 1])
    regular = 0.0
    if scaled:
        doubt = wide.sandwich(_residuals(given, wide), s)[o + 1, o + 1]
        regular = 2 * (o + 1 - nu) * 3 * constant**2 * float(doubt)
    return (2 * nu + 1) * reach ** (2 * nu + 1) * float(variance), bias, regular


@dataclass(frozen=True, slots=True)
class _Fit:
    """A weighted polynomial through one side."""

    side: Side
    kernel: Floats
    powers: Floats
    inverse: Floats
    beta: Floats

    def gamma(self, takeups: int) -> Floats:
        """Coefficients of the covariates by the rows of this window alone."""
        return _solve(*self.normal(takeups))

    def normal(self, takeups: int) -> tuple[Floats, Floats]:
        """Normal equations of the covariates net of the polynomial."""
        cut = 1 + takeups
        responses = self.side.responses
        weighted = self.powers * self.kernel[:, None]
        across = weighted.T @ responses
        z = responses[:, cut:]
        gram = (z * self.kernel[:, None]).T @ responses - across[:, cut:].T @ (
            self.inverse @ across
        )
        return gram[:, cut:], gram[:, :cut]

    def sandwich(self, residuals: Floats, s: Floats) -> Floats:
        """Covariance of the coefficients of the combined response."""
        scores = self.powers * (self.kernel * (residuals @ s))[:, None]
        found: Floats = self.inverse @ (scores.T @ scores) @ self.inverse
        return found


def _fit(side: Side, order: int, reach: float) -> _Fit:
    near = side.within(reach)
    kernel = (1 - np.abs(near.score) / reach) / reach * near.weight
    powers = near.score[:, None] ** np.arange(order + 1)
    inverse = _inverse(powers * np.sqrt(kernel)[:, None], reach)
    beta = inverse @ (powers * kernel[:, None]).T @ near.responses
    return _Fit(near, kernel, powers, inverse, beta)


def _inverse(rows: Floats, reach: float) -> Floats:
    """(R'R)⁻¹ of powers of the score, solved in units of the reach."""
    unit = reach ** -np.arange(rows.shape[1], dtype=np.float64)
    gram = (rows * unit).T @ (rows * unit)
    if len(rows) <= rows.shape[1] or np.linalg.cond(gram) > 1e14:
        raise Refusal(Problem("evaluate.singular", "score", f"{len(rows)} rows"))
    inverse: Floats = np.linalg.inv(gram) * np.outer(unit, unit)
    return inverse


def _solve(gram: Floats, right: Floats) -> Floats:
    """Coefficients of covariates; those the scores explain, or that repeat, get none."""
    if not len(gram):
        return np.zeros_like(right)
    size = np.sqrt(np.maximum(np.diag(gram), 0))
    size[size <= 1e-10 * max(size.max(), 1e-300)] = np.inf
    scaled = gram / np.outer(size, size)
    found: Floats = np.linalg.pinv(scaled, rcond=1e-12) @ (right / size[:, None]) / size[:, None]
    return found


def _residuals(given: Design, fit: _Fit, degrees: int | None = None) -> Floats:
    if given.variance == "nn":
        return _neighbour_residuals(fit.side)
    rest = fit.side.responses - fit.powers @ fit.beta
    return _hc1(rest, fit.powers.shape[1] if degrees is None else degrees)


def _hc1(rest: Floats, parameters: int) -> Floats:
    rows = len(rest)
    found: Floats = rest * math.sqrt(rows / (rows - parameters))
    return found


def _neighbour_residuals(side: Side) -> Floats:
    """Each row less the mean of its nearest neighbours; ties count whole, both ways if equal."""
    rows = len(side.score)
    here = np.arange(rows)
    right = side.ties - side.place
    left = side.place - 1
    limit = min(NEIGHBOURS, rows - 1)
    for _ in range(NEIGHBOURS):
        short = left + right < limit
        if not short.any():
            break
        before, after = here - left - 1, here + right + 1
        no_left, no_right = before < 0, after > rows - 1
        before, after = np.maximum(before, 0), np.minimum(after, rows - 1)
        to_left, to_right = side.score - side.score[before], side.score[after] - side.score
        goes_right = short & ~no_right & (no_left | (to_right <= to_left))
        goes_left = short & ~no_left & (no_right | (to_left <= to_right))
        right = right + np.where(goes_right, side.ties[after], 0)
        left = left + np.where(goes_left, side.ties[before], 0)
    low, high = np.maximum(here - left, 0), np.minimum(here + right, rows - 1)
    sums = np.vstack([np.zeros(side.responses.shape[1]), np.cumsum(side.responses, axis=0)])
    others = (high - low).astype(np.float64)[:, None]
    mean = (sums[high + 1] - sums[low] - side.responses) / others
    found: Floats = np.sqrt(others / (others + 1)) * (side.responses - mean)
    return found


def _combination(given: Design, beta: Floats, gamma: Floats, nu: int) -> Floats:
    """The vector that turns coefficients of all responses into the estimate's."""
    factor = math.factorial(nu)
    if not given.takeups:
        return np.concatenate([[1.0], -gamma[:, 0]])
    outcome, takeup = (
        factor * float(beta[nu, column] - gamma[:, column] @ beta[nu, 2:]) for column in (0, 1)
    )
    return _ratio(outcome, takeup, gamma)


def _ratio(outcome: float, takeup: float, gamma: Floats) -> Floats:
    if takeup == 0:
        raise Refusal(Problem("evaluate.singular", "treated", "no take-up"))
    first, second = 1 / takeup, outcome / takeup**2
    return np.concatenate([[first, -second], second * gamma[:, 1] - first * gamma[:, 0]])


@dataclass(frozen=True, slots=True)
class _Ends:
    """One side at the cutoff: coefficients of all responses and what their variance needs."""

    straight: Floats
    corrected: Floats
    normal: tuple[Floats, Floats]
    levers: Floats
    corrected_levers: Floats
    residuals: Floats
    corrected_residuals: Floats
    inverse: Floats
    rows: tuple[int, int]

    def variance(self, s: Floats, *, robust: bool) -> float:
        levers = self.corrected_levers if robust else self.levers
        rest = (self.corrected_residuals if robust else self.residuals) @ s
        scores = levers * rest[:, None]
        return float((self.inverse @ (scores.T @ scores) @ self.inverse)[0, 0])


def jump(given: Design, h: float, b: float) -> Jump:
    """The estimate at the cutoff with bandwidths h and b."""
    ends = [_ends(given, side, h, b) for side in (given.left, given.right)]
    left, right = ends
    gamma = _solve(
        left.normal[0] + right.normal[0],
        left.normal[1] + right.normal[1],
    )
    straight, corrected = right.straight - left.straight, right.corrected - left.corrected

    def adjusted(beta: Floats, column: int) -> float:
        return float(beta[column] - gamma[:, column] @ beta[1 + given.takeups :])

    outcome, outcome_bc = adjusted(straight, 0), adjusted(corrected, 0)
    first = first_se = math.nan
    if given.takeups:
        first, first_bc = adjusted(straight, 1), adjusted(corrected, 1)
        s = _ratio(outcome, first, gamma)
        effect = outcome / first
        corrected_effect = effect - s[0] * (outcome - outcome_bc) - s[1] * (first - first_bc)
        of_first = np.concatenate([[0.0, 1.0], -gamma[:, 1]])
        first_se = math.sqrt(sum(end.variance(of_first, robust=False) for end in ends))
    else:
        s = np.concatenate([[1.0], -gamma[:, 0]])
        effect, corrected_effect = outcome, outcome_bc
    return Jump(
        effect,
        corrected_effect,
        math.sqrt(sum(end.variance(s, robust=False) for end in ends)),
        math.sqrt(sum(end.variance(s, robust=True) for end in ends)),
        first,
        first_se,
        (left.rows[0], right.rows[0]),
        (left.rows[1], right.rows[1]),
    )


def _ends(given: Design, side: Side, h: float, b: float) -> _Ends:
    near = side.within(max(h, b))
    kernel_h = np.maximum(1 - np.abs(near.score) / h, 0) / h * near.weight
    kernel_b = np.maximum(1 - np.abs(near.score) / b, 0) / b * near.weight
    line = near.score[:, None] ** np.arange(ORDER + 1)
    curve = near.score[:, None] ** np.arange(BIAS_ORDER + 1)
    inverse = _inverse((line * np.sqrt(kernel_h)[:, None])[kernel_h > 0], h)
    inverse_b = _inverse((curve * np.sqrt(kernel_b)[:, None])[kernel_b > 0], b)
    levers = line * kernel_h[:, None]
    pull = levers.T @ (near.score / h) ** (ORDER + 1)
    bend = (curve @ inverse_b)[:, ORDER + 1] * kernel_b
    corrected_levers = levers - h ** (ORDER + 1) * np.outer(bend, pull)
    beta = inverse @ levers.T @ near.responses
    fit = _Fit(near, kernel_h, line, inverse, beta)
    residuals = corrected_residuals = _residuals(given, fit)
    if given.variance != "nn":
        curved = inverse_b @ (curve * kernel_b[:, None]).T @ near.responses
        corrected_residuals = _hc1(near.responses - curve @ curved, BIAS_ORDER + 1)
    return _Ends(
        beta[0],
        (inverse @ corrected_levers.T @ near.responses)[0],
        fit.normal(given.takeups),
        levers,
        corrected_levers,
        residuals,
        corrected_residuals,
        inverse,
        (int((kernel_h > 0).sum()), int((kernel_b > 0).sum())),
    )
