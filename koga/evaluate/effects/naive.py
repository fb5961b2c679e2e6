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
    import polars as pl

    from koga.evaluate.panels.wide import Floats

NAIVE = "naive"
"""The estimator of these figures."""
NAMES = ("treated_untreated", "before_after", "mean_before")


def by_units(frame: "pl.DataFrame", time: str, first: str) -> list[Estimate]:
    """Plain differences of a panel of `unit`, `outcome`, a period and a first period of support.

    treated_untreated: supported units after support, against those never supported (a blank first
    period) in the periods since the first support. before_after: supported units, after less
    before. mean_before: supported units before.
    """
    import polars as pl

    seen = frame.filter(pl.col("outcome").is_not_null())
    after = pl.col(time) >= pl.col(first)
    since = pl.col(time) >= seen[first].min()
    mean = pl.col("outcome").mean()
    never = pl.col(first).is_null()

    def means(rows: "pl.Expr", name: str) -> "pl.DataFrame":
        return seen.filter(rows).group_by("unit", maintain_order=True).agg(mean.alias(name))

    supported, others = means(after, "after"), means(never & since, "other")
    before = means(~after & ~never, "before")
    both = supported.join(before, on="unit", how="inner")
    return [
        apart(supported["after"].to_numpy(), others["other"].to_numpy()),
        _row("before_after", *_spread((both["after"] - both["before"]).to_numpy())),
        _row("mean_before", *_spread(both["before"].to_numpy())),
    ]


def apart(above: "Floats", below: "Floats") -> Estimate:
    """The difference of two plain means."""
    one, other = _spread(above), _spread(below)
    error = math.hypot(one[1], other[1])
    return _row("treated_untreated", one[0] - other[0], error, one[2] + other[2])


def _spread(values: "Floats") -> tuple[float, float, int]:
    """Mean, its standard error and how many; sorted, so that no order of rows shows in a digit."""
    import numpy as np

    values, count = np.sort(values), len(values)
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
