"""One range of paths from the model to every figure: a pure function of its arguments.

Whatever computes a range, a thread here or a process elsewhere, gets the same numbers, so that a
simulation may be cut into ranges and put together again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, TypeAlias

from koga.plan import reach
from koga.plan.budget import fiscal, short_rate
from koga.plan.engine import fast
from koga.plan.model import Flows, Holdings, Model
from koga.plan.money import cash, holders, returns
from koga.plan.once import kept
from koga.plan.outcome import Outcome, merge
from koga.plan.programmes import programmes
from koga.plan.schemes.shape import Scheme

Engine: TypeAlias = Literal["exact", "fast", "control", "reference"]
"""`control` is `fast` on the very factors of `exact`, `reference` on quasi-random ones: what the
means of `exact` are steadied with (`plan.control`), of deals alone."""


@dataclass(frozen=True)
class Range:
    """A range of paths and what its rooms share: made when first asked for, and then kept."""

    scheme: Scheme
    model: Model
    seed: int
    first: int
    paths: int
    engine: Engine

    @kept
    def flows(self) -> Flows:
        """What the deals do."""
        return flows(
            self.model, seed=self.seed, first=self.first, paths=self.paths, engine=self.engine
        )

    @kept
    def holdings(self) -> Holdings:
        """Who paid and got."""
        return holders.holdings(self.model, self.flows)

    def told_for(self, scheme: Scheme) -> "Range":
        """The same deals for a scheme that differs in nothing the model is built from."""
        other = replace(self, scheme=scheme)
        vars(other).update(flows=self.flows, holdings=self.holdings)
        return other


_OF_DEALS = (
    "size", "pace", "capital", "instrument", "vehicle", "class", "sector", "fund", "market",
    "obligation", "project", "sources",
)  # fmt: skip
"""Tables no programme reads, but for the fund's first year, which the model gives."""


class _Apart:
    """A scheme as its programmes see it: two that differ only in deals and money are one."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._told = tuple(
            (path, leaf.value)
            for path, leaf in scheme.leaves.items()
            if path.partition(".")[0] not in _OF_DEALS
        ) + tuple(scheme.entries.get("programme", ()))

    def __hash__(self) -> int:
        return hash(self._told)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Apart) and self._told == other._told


@lru_cache(maxsize=8)
def _programmes(
    apart: _Apart, seed: int, first: int, paths: int, first_year: int, years: int
) -> Outcome:
    """Programmes of a range, kept for a few: a slider or tornado on deals leaves them as they are.

    They draw nothing from the deals, so what is kept is what would be computed.
    """
    return programmes.outcome(
        apart.scheme, seed=seed, first=first, paths=paths, first_year=first_year, years=years
    )


def _fiscal(own: Range) -> Outcome:
    where = {"seed": own.seed, "first": own.first, "paths": own.paths}
    rates = short_rate.moved(own.model.market, **where, years=own.model.years)
    return fiscal.outcome(own.scheme, own.model, own.flows, own.holdings, rates=rates)


ROOMS: Mapping[str, Callable[[Range], Outcome]] = {
    "cash": lambda own: cash.outcome(own.model, own.flows, own.holdings),
    "returns": lambda own: returns.outcome(own.model, own.flows, own.holdings),
    "fiscal": _fiscal,
    "programmes": lambda own: _programmes(
        _Apart(own.scheme), own.seed, own.first, own.paths, own.model.first_year, own.model.years
    ),
    "reach": lambda own: reach.outcome(own.scheme, own.model, own.flows),
}
"""What each room says of a range, in the order it is told."""
OF_MODEL = ("cash", "returns")
"""Rooms that read nothing of a scheme but its model."""


def run(
    scheme: Scheme, model: Model, *, seed: int, first: int, paths: int, engine: Engine,
    room: str = "",
) -> Outcome:  # fmt: skip
    """Every series and measure of the paths `first`, `first + 1`, …; or those of one room.

    Money is in won as float64, years are fiscal years of the model's horizon.
    """
    own = Range(scheme, model, seed, first, paths, engine)
    if room:
        return ROOMS[room](own)
    told = [name for name in ROOMS if name != "programmes" or engine in ("exact", "fast")]
    return merge([ROOMS[name](own) for name in told])


def flows(
    model: Model, *, seed: int, first: int, paths: int, engine: Engine, shift: float = 0.0
) -> Flows:
    """What the deals of a range of paths do.

    shift: of the market's first component, with likelihood ratios as weights (`plan.tails`).
    """
    if engine == "exact":
        from koga.plan.engine import exact  # drawing deals is not compiled where nobody draws them

        return exact.flows(model, seed=seed, first=first, paths=paths, shift=shift)
    draws: Literal["sobol", "counter"] = "counter" if engine == "control" else "sobol"
    return fast.flows(model, seed=seed, first=first, paths=paths, draws=draws, shift=shift)
