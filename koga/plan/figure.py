"""One number of a simulation with its spread and error: a measure, or a series in one year."""

import math
from dataclasses import dataclass, replace
from typing import Any

from koga.plan import measures, spread
from koga.plan.engine.control import Steady

Number = int | float | None
"""Won as int, other figures as float, None where a figure is undefined."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure, or one series in one year.

    year: of the series, 0 for a measure. unit: a key of `measures.UNITS`; won are whole.
    quantiles: those of `spread.NAMES`. error: standard error of `mean`. quantile_errors: of each
    quantile, none where they were not published.
    approximate: not the mean of `exact` (from `fast` and no plain expectation over deals).
    status: "" or why the mean is None, `unsettled` where it rests on too few paths. defined: on how
    many paths it is defined. weighed: mean and error are of importance sampling (`plan.tails`),
    quantiles of the plain paths.
    """

    name: str
    year: int
    unit: str
    mean: Number
    error: Number
    quantiles: tuple[Number, ...]
    approximate: bool
    status: str
    defined: int
    weighed: bool = False
    quantile_errors: tuple[Number, ...] = (None,) * len(spread.NAMES)

    @property
    def p05(self) -> Number:
        """One path in twenty is below it."""
        return self.quantiles[0]

    @property
    def p50(self) -> Number:
        """The median."""
        return self.quantiles[2]

    @property
    def p95(self) -> Number:
        """One path in twenty is above it."""
        return self.quantiles[-1]

    def as_json(self) -> dict[str, Any]:
        """The shape of `koga simulate --json`."""
        shown: dict[str, Any] = {"mean": self.mean}
        shown |= dict(zip(spread.NAMES, self.quantiles, strict=True)) | {"error": self.error}
        shown |= dict(zip(spread.ERRORS, self.quantile_errors, strict=True))
        if self.unit:
            shown["unit"] = self.unit
        if self.approximate:
            shown["approximate"] = True
        if self.weighed:
            shown["importance_sampled"] = True
        if self.status:
            shown["status"] = self.status
        return shown


def figure_of(
    name: str,
    found: spread.Spread,
    *,
    year: int,
    fast: bool,
    steady: Steady | None = None,
    place: int = 0,
) -> Figure:
    """A spread under its name: won whole, undefined as None with a status.

    steady: better means, of which `place` is this figure's.
    """
    better = steady.better(name, place, found.error) if steady else None
    if better is not None:
        found = replace(found, mean=better[0], error=better[1])
    told = measures.find(name)
    whole = told.unit == measures.MONEY
    return Figure(
        name=name,
        year=year,
        unit=told.unit,
        mean=number(found.mean, whole=whole),
        error=number(found.error, whole=whole),
        quantiles=tuple(number(each, whole=whole) for each in found.quantiles),
        approximate=fast and not told.linear,
        status="" if found.defined else "undefined",
        defined=found.defined,
        quantile_errors=tuple(number(each, whole=whole) for each in found.quantile_errors),
    )


def number(value: float, *, whole: bool) -> Number:
    """A figure as it is published: whole won, else as it is, None where there is none.

    >>> number(2.6, whole=True), number(2.6, whole=False), number(float("nan"), whole=True)
    (3, 2.6, None)
    """
    if not math.isfinite(value):
        return None
    return round(value) if whole else float(value)
