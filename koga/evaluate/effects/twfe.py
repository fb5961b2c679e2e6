"""Two-way fixed effects: what most reports show, with what it silently averages.

Static and event-study regressions on unit and period effects with clustered errors, and the
decomposition of the static one into comparisons of two groups by Goodman-Bacon (2021),
"Difference-in-differences with variation in treatment timing", Journal of Econometrics 225.
Shown for contrast: where support starts at different times and its effect differs, the weights
of some comparisons run the wrong way.

Errors: cluster-robust, times G/(G-1) for G clusters and (n-1)/(n-k) for n rows and k regressors,
period effects counted and unit effects not, being nested in the clusters. Beside them the errors
of older papers, which take all rows for independent and equally spread.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from koga.core.problems import Problem, Refusal
from koga.evaluate.panels.wide import NEVER, Floats, Whole, Wide

REFERENCE = -1
"""Event time of the period before treatment, to which the event study refers."""


@dataclass(frozen=True, slots=True)
class Regression:
    """Coefficients of a two-way fixed effects regression.

    effects, covariance: of the regressors asked for, covariates left out.
    classical: errors that take rows for independent and equally spread, as older papers print.
    rows: used. freedom: clusters less one, for the t distribution.
    event_times: of each effect; empty for the static regression.
    """

    effects: Floats
    covariance: Floats
    classical: Floats
    rows: int
    freedom: int
    event_times: tuple[int, ...] = ()

    @property
    def errors(self) -> Floats:
        """Standard errors."""
        found: Floats = np.sqrt(np.diag(self.covariance))
        return found

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Lower and upper ends of the interval by the t distribution."""
        reach = stats.t.ppf((1 + level) / 2, self.freedom) * self.errors
        return self.effects - reach, self.effects + reach


@dataclass(frozen=True, slots=True)
class Share:
    """Comparisons of one kind in the static regression: their weight and weighted effect."""

    kind: str
    weight: float
    effect: float


def static(wide: Wide) -> Regression:
    """One coefficient: treated or not."""
    firsts, place = np.unique(wide.first, return_inverse=True)
    treated = (wide.times[None, :] >= firsts[:, None]).astype(np.float64)
    return _estimated(wide, treated[:, :, None], place)


def event_study(wide: Wide) -> Regression:
    """A coefficient for every event time but the period before treatment.

    Where no unit is never treated, the earliest event time is left out as well: a straight line
    in event time could not be told from the period effects.
    """
    firsts, place = np.unique(wide.first, return_inverse=True)
    since = wide.times[None, :] - firsts[:, None]
    seen = np.zeros(since.shape, dtype=bool)
    for number in range(len(firsts)):
        seen[number] = (~np.isnan(wide.outcome[place == number])).any(axis=0)
    known = since[seen & np.isfinite(since)]
    event_times = [int(time) for time in np.unique(known) if time != REFERENCE]
    if not np.isinf(wide.first).any():
        event_times = event_times[1:]
    design = np.empty((*since.shape, len(event_times)))
    for number, time in enumerate(event_times):
        design[:, :, number] = since == time
    return replace(_estimated(wide, design, place), event_times=tuple(event_times))


def _estimated(wide: Wide, design: Floats, place: Whole) -> Regression:
    """The regression; design: [cohorts, periods, regressors], place: each unit's cohort in it."""
    if wide.balanced and not wide.covariates.shape[2]:
        return _by_cohort(wide, design, place)
    return _fit(wide, design[place])


def _by_cohort(wide: Wide, design: Floats, place: Whole) -> Regression:
    """The same where every cell is seen: regressors are alike within a cohort, so sums of its
    outcomes do."""
    weight = wide.weight
    size = np.bincount(place, weights=weight, minlength=len(design))
    share = size / size.sum()
    design = design - design.mean(axis=1, keepdims=True)
    design -= np.einsum("c,ctk->tk", share, design)
    outcome = wide.outcome - wide.outcome.mean(axis=1, keepdims=True)
    outcome -= weight @ outcome / weight.sum()
    gram = np.einsum("c,ctk,ctl->kl", size, design, design)
    inverse = _inverse(gram)
    groups = [np.flatnonzero(place == number) for number in range(len(design))]
    sums = np.array([weight[units] @ outcome[units] for units in groups])
    effects = inverse @ np.einsum("ctk,ct->k", design, sums)
    scores = np.empty((wide.units, design.shape[2]))
    spread = 0.0
    for units, regressors in zip(groups, design, strict=True):
        rest = outcome[units] - regressors @ effects
        scores[units] = weight[units, None] * (rest @ regressors)
        spread += float(weight[units] @ np.einsum("it,it->i", rest, rest))
    counts = wide.outcome.size, wide.outcome.shape[1], wide.units
    return _summed(wide, effects, inverse, scores=scores, spread=spread, counts=counts)


def _fit(wide: Wide, design: Floats) -> Regression:
    """The regression; covariates that do not move within units say nothing and are left out."""
    wanted = design.shape[2]
    seen = ~np.isnan(wide.outcome)
    columns = np.concatenate([wide.outcome[:, :, None], design, wide.covariates], axis=2)
    columns[~seen] = 0.0
    weight = np.where(seen, wide.weight[:, None], 0.0)
    spread = np.einsum("itk,it->k", columns**2, weight)
    columns = _within(columns, weight)
    left = np.einsum("itk,it->k", columns**2, weight)
    moves = left > 1e-10 * np.maximum(spread, 1e-300)
    moves[: wanted + 1] = True
    columns = columns[:, :, moves]
    outcome, regressors = columns[:, :, 0], columns[:, :, 1:]
    weighted = regressors * weight[:, :, None]
    gram = np.tensordot(weighted, regressors, axes=([0, 1], [0, 1]))
    inverse = _inverse(gram)
    effects = inverse @ np.tensordot(weighted, outcome, axes=([0, 1], [0, 1]))
    rest = outcome - regressors @ effects
    scores = np.einsum("itk,it->ik", weighted, rest)
    spread = float(np.einsum("it,it->", weight, rest**2))
    counts = int(seen.sum()), int(seen.any(axis=0).sum()), int(seen.any(axis=1).sum())
    found = _summed(wide, effects, inverse, scores=scores, spread=spread, counts=counts)
    return replace(
        found, effects=effects[:wanted], covariance=found.covariance[:wanted, :wanted],
        classical=found.classical[:wanted],
    )  # fmt: skip


def _summed(
    wide: Wide,
    effects: Floats,
    inverse: Floats,
    *,
    scores: Floats,
    spread: float,
    counts: tuple[int, int, int],
) -> Regression:
    """Both kinds of errors. scores: of each unit; spread: weighted squares of what is left.

    counts: rows, periods and units seen.
    """
    rows, periods, units = counts
    clusters = int(wide.cluster.max()) + 1
    if wide.clustered:
        sums = np.zeros((clusters, scores.shape[1]))
        np.add.at(sums, wide.cluster, scores)
        scores = sums
    counted = len(effects) + periods
    small = clusters / (clusters - 1) * (rows - 1) / max(rows - counted, 1)
    covariance = small * (inverse @ (scores.T @ scores) @ inverse)
    left = max(rows - counted - units + 1, 1)
    classical = np.sqrt(spread / left * np.diag(inverse))
    return Regression(effects, covariance, classical, rows, clusters - 1)


def _within(columns: Floats, weight: Floats) -> Floats:
    """Columns net of unit and period effects, exactly, also where cells are missing.

    The period effects net of unit effects solve small normal equations, so no row of dummies
    is ever built.
    """
    of_unit = weight.sum(axis=1)
    of_unit[of_unit == 0] = 1.0
    means = np.einsum("itk,it->ik", columns, weight) / of_unit[:, None]
    columns -= means[:, None, :]
    share = weight / of_unit[:, None]
    gram = np.diag(weight.sum(axis=0)) - weight.T @ share
    right = np.einsum("itk,it->tk", columns, weight)
    effects = np.linalg.lstsq(gram, right, rcond=1e-12)[0]
    columns -= effects[None, :, :]
    columns += (share @ effects)[:, None, :]
    columns[weight == 0] = 0.0
    return columns


def _inverse(gram: Floats) -> Floats:
    size = np.sqrt(np.diag(gram))
    scaled = gram / np.outer(size, size) if (size > 0).all() else np.full_like(gram, np.nan)
    if not np.isfinite(scaled).all() or np.linalg.cond(scaled) > 1e12:
        raise Refusal(Problem("evaluate.singular", "twfe", "fixed effects"))
    inverse: Floats = np.linalg.inv(scaled) / np.outer(size, size)
    return inverse


def shares(wide: Wide) -> list[Share]:
    """The static coefficient without covariates as a weighted sum of two-group comparisons.

    Of units seen in every period, each alike. The weights add up to 1, the weighted effects to
    the coefficient.
    """
    kept = wide.take(np.asarray(~np.isnan(wide.outcome).any(axis=1)))
    cohorts = [float(cohort) for cohort in kept.cohorts]
    never = bool(np.isinf(kept.first).any())
    size = {cohort: float(np.mean(kept.first == cohort)) for cohort in [*cohorts, NEVER]}
    path = {
        cohort: kept.outcome[kept.first == cohort].mean(axis=0)
        for cohort in [*cohorts, *([NEVER] if never else [])]
    }
    found: dict[str, list[tuple[float, float]]] = {}
    for early in cohorts:
        if never:
            found.setdefault("treated_vs_never", []).append(_against_never(kept, early, size, path))
        for late in (cohort for cohort in cohorts if cohort > early):
            forward, backward = _between(kept, early, late, size=size, path=path)
            found.setdefault("earlier_vs_later", []).append(forward)
            found.setdefault("later_vs_earlier", []).append(backward)
    whole = sum(weight for pairs in found.values() for weight, _ in pairs)
    return [
        Share(
            kind,
            sum(weight for weight, _ in pairs) / whole,
            sum(weight * effect for weight, effect in pairs) / sum(weight for weight, _ in pairs),
        )
        for kind, pairs in found.items()
    ]


def _against_never(
    wide: Wide, cohort: float, size: dict[float, float], path: dict[float, Floats]
) -> tuple[float, float]:
    after = wide.times >= cohort
    share = float(after.mean())
    gap = path[cohort] - path[NEVER]
    weight = size[cohort] * size[NEVER] * share * (1 - share)
    return weight, float(gap[after].mean() - gap[~after].mean())


def _between(
    wide: Wide, early: float, late: float, *, size: dict[float, float], path: dict[float, Floats]
) -> tuple[tuple[float, float], tuple[float, float]]:
    before, after = wide.times < early, wide.times >= late
    middle = ~before & ~after
    first, second = float((~before).mean()), float(after.mean())
    gap = path[early] - path[late]
    product = size[early] * size[late] * (first - second)
    forward = (product * (1 - first), float(gap[middle].mean() - gap[before].mean()))
    backward = (product * second, float(gap[middle].mean() - gap[after].mean()))
    return forward, backward
