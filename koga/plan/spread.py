"""Many futures of one figure as a few numbers: mean and quantiles, each with its error.

The order of the paths decides the order of every sum, so the same paths give the same bits however
many workers computed them.
"""

import math
from dataclasses import dataclass

import numpy as np

from koga.plan.model import Counts, Floats

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
NAMES = ("p05", "p25", "p50", "p75", "p95")
"""The quantiles every figure is told with, and their names."""
ERRORS = tuple(f"{name}_error" for name in NAMES)
"""The names of their standard errors."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over many paths.

    mean, error: of the paths where it is defined; error is the standard error of the mean.
    quantiles: those of `QUANTILES`. quantile_errors: their standard errors, half of what lies
    between the quantiles one binomial deviation of their rank below and above (Woodruff, 1952);
    NaN where that leaves the sample. defined: on how many paths. All NaN where it is on none.
    """

    mean: float
    error: float
    quantiles: tuple[float, ...]
    quantile_errors: tuple[float, ...]
    defined: int


def of(values: Floats, weights: Floats) -> Spread:
    """The spread of one figure by path; paths where it is NaN are left out and counted.

    weights: likelihood ratios, ones for paths drawn from the law itself. The mean is the ratio
    estimator sum(w x) / sum(w), its error by the delta method.

    >>> import numpy as np
    >>> found = of(np.array([1.0, 2.0, 3.0, np.nan]), np.ones(4))
    >>> found.mean, round(found.error, 4), found.defined
    (2.0, 0.5774, 3)
    """
    known = np.isfinite(values)
    values, weights = values[known], weights[known]
    count = int(values.size)
    whole = float(weights.sum()) if count else 0.0
    if not count or whole <= 0.0:
        nothing = (math.nan,) * len(QUANTILES)
        return Spread(math.nan, math.nan, nothing, nothing, 0)
    even = bool((weights == 1.0).all())
    mean = float(values.mean()) if even else float((weights * values).sum()) / whole
    levels = _levels(effective(weights))
    found = np.quantile(values, levels) if even else _weighted(values, weights, levels)
    quantiles, errors = _with_errors(found[:, None], effective(weights))
    return Spread(mean, _error(values, weights, mean), quantiles[0], errors[0], count)


def by_column(values: Floats, weights: Floats) -> list[Spread]:
    """The spread of each column of paths × years, to the bit what `of` says of it alone.

    >>> import numpy as np
    >>> table = np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 9.0]])
    >>> by_column(table, np.ones(3)) == [of(table[:, 0], np.ones(3)), of(table[:, 1], np.ones(3))]
    True
    """
    rows = np.ascontiguousarray(values.T)
    if weights.size < 2 or (weights != 1.0).any():
        return [of(row, weights) for row in rows]
    known: list[bool] = [bool(np.isfinite(row).all()) for row in rows]
    together = iter(_together(rows[known]) if any(known) else ())
    return [
        next(together) if one else of(row, weights) for one, row in zip(known, rows, strict=True)
    ]


def _together(rows: Floats) -> list[Spread]:
    """Of figures defined on every path, each path counting once: one row a figure."""
    count = rows.shape[1]
    means = rows.mean(axis=1)
    apart = rows - means[:, None]
    errors = np.sqrt((apart * apart).sum(axis=1) * count / (count - 1)) / count
    told = _with_errors(np.quantile(rows, _levels(count), axis=1), count)
    found = zip(means.tolist(), errors.tolist(), *told, strict=True)
    return [Spread(*each, count) for each in found]


def _apart(count: float) -> Floats:
    """A deviation of the share of so many paths that lie below each quantile."""
    share = np.asarray(QUANTILES)
    found: Floats = np.sqrt(share * (1.0 - share) / count)
    return found


def _levels(count: float) -> Floats:
    """`QUANTILES`, then the levels a deviation below each, then those above."""
    share, apart = np.asarray(QUANTILES), _apart(count)
    found: Floats = np.clip(np.concatenate([share, share - apart, share + apart]), 0.0, 1.0)
    return found


def _with_errors(
    found: Floats, count: float
) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    """Quantiles and their errors, one tuple a figure, of what was found at `_levels`."""
    share, apart = np.asarray(QUANTILES), _apart(count)
    values, low, high = np.split(found, 3)
    inside = ((share - apart >= 0.0) & (share + apart <= 1.0)).tolist()
    errors = [
        tuple(each if known else math.nan for each, known in zip(row, inside, strict=True))
        for row in ((high - low) / 2.0).T.tolist()
    ]
    return [tuple(row) for row in values.T.tolist()], errors


def by_law(weighed: Floats, law: Counts | None = None) -> tuple[float, float]:
    """Mean over all paths of something times its weight, and its standard error.

    law: which law each path was drawn from. How many paths each law has is chosen, not drawn, so
    the error counts what varies within laws. NaN where a path is alone.

    >>> import numpy as np
    >>> mean, error = by_law(np.array([0.0, 2.0, 4.0, 6.0]), np.array([0, 0, 1, 1]))
    >>> mean, round(error, 4)
    (3.0, 0.7071)
    """
    count = weighed.size
    mean = float(weighed.sum()) / count
    if count < 2:
        return mean, float("nan")
    law = np.zeros(count, dtype=np.int64) if law is None else law
    total = 0.0
    for one in np.unique(law):
        own = weighed[law == one]
        apart = own - own.mean()
        total += float((apart * apart).sum()) * own.size / max(1, own.size - 1)
    return mean, float(np.sqrt(total)) / count


def effective(weights: Floats) -> float:
    """How many equally weighed paths a weighed sample is worth (Kish, 1965); 0 of none.

    >>> import numpy as np
    >>> effective(np.array([1.0, 1.0])), effective(np.array([1.0, 0.0])), effective(np.ones(0))
    (2.0, 1.0, 0.0)
    """
    squares = float((weights * weights).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def _error(values: Floats, weights: Floats, mean: float) -> float:
    count = values.size
    if count < 2:
        return float("nan")
    apart = weights * (values - mean)
    return float(np.sqrt((apart * apart).sum() * count / (count - 1))) / float(weights.sum())


def _weighted(values: Floats, weights: Floats, levels: Floats) -> Floats:
    """Quantiles of a weighted sample: where the cumulated weight passes each level."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    places = np.searchsorted(reached, levels * reached[-1])
    found: Floats = values[order][np.minimum(places, values.size - 1)]
    return found
