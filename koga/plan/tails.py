"""The tail of a cost by importance sampling: bad decades drawn often, and weighed back.

Of paths drawn from the law itself one in two hundred tells of the worst half per cent. Here the
market's first component, which carries most of the variance of its whole course, is moved down,
so that half of the paths are bad ones; each carries its likelihood ratio. Tails come out with the
error of a plain simulation many times as long; means do not, and are not to be read here.
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from koga.core.problems import ensure
from koga.plan import exact, fast, fiscal, holders, risk
from koga.plan.model import Flows, Model
from koga.plan.outcome import Outcome, join
from koga.plan.risk import Row
from koga.plan.shape import Scheme

Engine: TypeAlias = Literal["exact", "fast"]

SHIFT = -1.8
"""Standard deviations by which the market's first component is moved."""
RANGE = 256


def shifted(
    scheme: Scheme,
    model: Model,
    *,
    paths: int,
    seed: int,
    engine: Engine,
    shift: float = SHIFT,
) -> Outcome:
    """Costs on independent paths of a shifted market, with their weights.

    engine: `exact` draws every deal, `fast` takes deals by their expectation.
    """
    ensure(paths > 0, "no paths")
    parts = []
    for first in range(0, paths, RANGE):
        count = min(RANGE, paths - first)
        drawn = _flows(model, seed, first, count, engine, shift)
        parts.append(fiscal.outcome(scheme, model, drawn, holders.holdings(model, drawn)))
    return join(parts)


def _flows(model: Model, seed: int, first: int, paths: int, engine: Engine, shift: float) -> Flows:
    if engine == "exact":
        return exact.flows(model, seed=seed, first=first, paths=paths, shift=shift)
    return fast.flows(model, seed=seed, first=first, paths=paths, draws="counter", shift=shift)


def table(
    outcome: Outcome,
    model: Model,
    *,
    series: str = "budget.net",
    lifetime: str = "cost.lifetime",
) -> Iterator[Row]:
    """Value at risk and shortfall by fiscal year and over the horizon, of shifted paths."""
    return risk.table(outcome, first_year=model.first_year, series=series, lifetime=lifetime)
