"""Survival by months since: how many found work, or firms still stand, month by month.

Kaplan and Meier (1958), Journal of the American Statistical Association 53, with Greenwood's
error and log-log intervals, which stay between 0 and 1. A unit not (yet) seen to have the event
counts up to the month it was last observed and no further, so a rate never depends on how long
ago people finished.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from koga.core.problems import Problem, Refusal
from koga.evaluate.finding import plain
from koga.evaluate.panels.wide import Floats

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Step:
    """The curve at one month.

    month: since the start. at_risk: units observed up to it without the event. events: in it.
    survival: share without the event after it. low, high: 95 % interval. reached: 1 - survival.
    error: Greenwood's standard error of the share; None where nothing is left to vary.
    """

    month: float
    at_risk: int
    events: int
    survival: float
    low: float
    high: float
    error: float | None = None

    @property
    def reached(self) -> float:
        """Share with the event by this month: employed, closed, …"""
        return 1 - self.survival


def curve(months: Floats, event: Floats, *, level: float = 0.95) -> list[Step]:
    """The curve from each unit's months to its event, or to its last observation.

    months: 0 or more. event: 1 where the event was seen, 0 where observation ended first.

    >>> import numpy as np
    >>> [(s.month, round(s.survival, 2)) for s in curve(np.array([1., 2, 2, 3]),
    ...                                                 np.array([1., 1, 0, 1]))]
    [(1.0, 0.75), (2.0, 0.5), (3.0, 0.0)]
    """
    _refuse(months, event)
    reach = float(stats.norm.ppf((1 + level) / 2))
    survival, spread = 1.0, 0.0
    found = []
    for month in np.unique(months[event == 1]):
        at_risk = int((months >= month).sum())
        events = int(((months == month) & (event == 1)).sum())
        survival *= 1 - events / at_risk
        spread += events / (at_risk * (at_risk - events)) if at_risk > events else np.inf
        low, high = _ends(survival, spread, reach)
        error = survival * float(np.sqrt(spread)) if np.isfinite(spread) else None
        found.append(Step(float(month), at_risk, events, survival, low, high, error))
    return found


def _ends(survival: float, spread: float, reach: float) -> tuple[float, float]:
    """Ends by the log of minus the log: between 0 and 1. NaN where nothing is left to vary."""
    if not 0 < survival < 1 or not np.isfinite(spread):
        return float("nan"), float("nan")
    width = reach * np.sqrt(spread) / abs(np.log(survival))
    return float(survival ** np.exp(width)), float(survival ** np.exp(-width))


def at(steps: list[Step], month: float) -> Step | None:
    """The curve's step in force at a month; None before the first event."""
    passed = [step for step in steps if step.month <= month]
    return passed[-1] if passed else None


def frame(steps: list[Step]) -> "pl.DataFrame":
    """The curve as a Polars frame; undefined ends are null."""
    import polars as pl

    names = ("month", "at_risk", "events", "survival", "low", "high", "reached")
    rows = [{name: plain(getattr(step, name)) for name in names} for step in steps]
    kinds = {name: pl.Int64 if name in ("at_risk", "events") else pl.Float64 for name in names}
    return pl.DataFrame(rows, schema=kinds)


def read(path: Path | str, *, months: str, event: str) -> tuple[Floats, Floats]:
    """The two columns of a CSV or Parquet file; a `Refusal` carries every problem found."""
    from koga.evaluate.panels import panel_columns, tables
    from koga.evaluate.panels.declaration import Declaration

    declared = Declaration(design="experiment", outcome=months, treated=event)
    columns = panel_columns.read(tables.read(Path(path)), declared)
    if columns.problems:
        raise Refusal(columns.problems)
    known = columns.frame.drop_nulls("outcome")
    return known["outcome"].to_numpy(), known["treated"].to_numpy()


def _refuse(months: Floats, event: Floats) -> None:
    problems = []
    if not len(months):
        problems.append(Problem("evaluate.no_rows", "months"))
    for place in np.flatnonzero(~(months >= 0))[:20]:
        expected = "0 or more. / 0 이상."
        problems.append(
            Problem(
                "evaluate.option",
                f"row {place + 1}, months",
                str(months[place]),
                {"expected": expected},
            )
        )
    for place in np.flatnonzero(~np.isin(event, (0, 1)))[:20]:
        problems.append(
            Problem("evaluate.not_binary", f"row {place + 1}, event", str(event[place]))
        )
    if problems:
        raise Refusal(problems)
