"""What one would see without a design: plain differences in means, with a plain interval.

Where units are followed over time every unit counts once, by its own mean. The error of a
difference is Welch's, the spreads of the two sides added; the interval is normal. One unit on a
side has no spread, so its difference has no interval.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from koga.evaluate.finding import Estimate

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from koga.evaluate.panels.wide import Floats

NAIVE = "naive"
"""The estimator of these figures."""
NAMES = ("treated_untreated", "before_after", "mean_before")


def by_units(outcome: "Floats", starts: "Floats") -> list[Estimate]:
    """Plain differences of a panel; outcome: [units, periods], NaN where unobserved.

    starts: the column of each unit's first supported period, infinite where never supported.
    treated_untreated: supported units after support, against those never supported in the periods
    since the first support. before_after: supported units, after less before. mean_before:
    supported units before.
    """
    import numpy as np

    ever, columns = np.isfinite(starts), np.arange(outcome.shape[1])
    after = columns >= starts[:, None]
    since = columns >= starts.min()
    above = _means(outcome[ever], after[ever])
    before = _means(outcome[ever], ~after[ever])
    others = _means(outcome[~ever], since)
    both = ~np.isnan(above) & ~np.isnan(before)
    return [
        apart(above[~np.isnan(above)], others[~np.isnan(others)]),
        _row("before_after", *_spread(above[both] - before[both])),
        _row("mean_before", *_spread(before[both])),
    ]


def _means(outcome: "Floats", chosen: "NDArray[np.bool_]") -> "Floats":
    """The mean of each unit over some of its observed periods; NaN where there is none."""
    import numpy as np

    seen = chosen & ~np.isnan(outcome)
    counts = seen.sum(axis=1)
    sums = np.where(seen, outcome, 0.0).sum(axis=1)
    found: Floats = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    return found


def of_frame(frame: "pl.DataFrame") -> list[Estimate]:
    """The same of rows of `unit, period, first_treated, outcome`; blank: never supported.

    Periods are those of a plan, whose written forms sort as text in their order.
    """
    import numpy as np

    units, unit = np.unique(frame["unit"].to_numpy(), return_inverse=True)
    times, place = np.unique(frame["period"].to_numpy(), return_inverse=True)
    outcome = np.full((len(units), len(times)), np.nan)
    outcome[unit, place] = frame["outcome"].to_numpy()
    starts = np.full(len(units), np.inf)
    given = frame["first_treated"].is_not_null().to_numpy()
    first = frame["first_treated"].drop_nulls().to_numpy()
    starts[unit[given]] = np.searchsorted(times.astype(str), first.astype(str))
    return by_units(outcome, starts)


def apart(above: "Floats", below: "Floats") -> Estimate:
    """The difference of two plain means."""
    one, other = _spread(above), _spread(below)
    error = math.hypot(one[1], other[1])
    return _row("treated_untreated", one[0] - other[0], error, one[2] + other[2])


def _spread(values: "Floats") -> tuple[float, float, int]:
    """Mean, its standard error and how many."""
    import numpy as np

    count = len(values)
    mean = float(np.mean(values)) if count else math.nan
    return mean, float(np.std(values, ddof=1)) / math.sqrt(count) if count > 1 else math.nan, count


def _row(name: str, mean: float, error: float, count: int) -> Estimate:
    from koga.evaluate.effects import weighing

    known = None if math.isnan(mean) else mean
    if not math.isfinite(error):
        return Estimate(NAIVE, name, known, None, None, None, count)
    return Estimate(NAIVE, name, mean, error, *weighing.interval(mean, error), count)


def facts(rows: Sequence[Estimate]) -> dict[str, Any]:
    """The figures as a finding's facts carry them: by name, and their errors beside."""
    kept = ("se", "ci_low", "ci_high", "n")
    return {
        "naive": {row.name: row.estimate for row in rows},
        "naive_intervals": {row.name: {key: getattr(row, key) for key in kept} for row in rows},
    }


def of_facts(told: Mapping[str, Any]) -> Iterator[Estimate]:
    """The figures back from a finding's facts; without errors where none are there."""
    values, errors = told.get(NAIVE, {}), told.get("naive_intervals", {})
    for name in NAMES:
        if isinstance(values, Mapping) and values.get(name) is not None:
            own = errors.get(name, {})
            yield Estimate(
                NAIVE, name, values[name], own.get("se"), own.get("ci_low"), own.get("ci_high"),
                own.get("n", 0),
            )  # fmt: skip
