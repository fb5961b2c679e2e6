"""What a weighed sample says of tails: risk by year, chances of rare events, reverse stress.

The sample is a mixture of plain and shifted paths (`tails`). Chances and tails divide by the number
of paths; their standard errors take the paths of each law for themselves, since how many come from
which law is not left to chance. A figure that rests on too few paths says so.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from koga.plan import spread
from koga.plan.budget import reverse, risk
from koga.plan.budget.stress import Condition, Driver
from koga.plan.model import Counts, Floats
from koga.plan.outcome import Outcome

if TYPE_CHECKING:
    import polars

    from koga.plan.figure import Figure

COST = "cost.lifetime"
NET = "budget.net"
EVENTS = ("call.", "protected_loses")
"""How the names of measures begin that are 1 where something happens."""
WORST = 0.01
EFFECTIVE_MIN = 20.0
"""A tail worth fewer equally weighed paths than this is not settled."""
RARE = 0.05
"""An amount other than 0 on fewer plain paths than this share is read from the mixture."""
_AMOUNTS = ("protected_loss", "guarantee.", "loss.")
UNSETTLED, UNMET = "unsettled", "unmet"
"""Status of a figure: on too few paths; met neither on any path nor in the pilot."""


@dataclass(frozen=True, slots=True)
class Law:
    """Paths `first` … `first + paths - 1`, drawn with the first component moved by `shift`."""

    first: int
    paths: int
    shift: float


@dataclass(frozen=True, slots=True)
class Target:
    """Something to draw often: how often it happens, and the first component's mean when it does.

    component: None where the pilot never met it.
    """

    name: str
    chance: float
    component: float | None


@dataclass(frozen=True, slots=True)
class Tails:
    """The tails of one simulation.

    laws: of the mixture, the plain one first. targets: of the pilot. sample: all paths with their
    weights. rows: risk of the net cost by year, and of the lifetime cost (year 0). events: chance
    by measure. amounts: mean of amounts that are seldom other than 0. effective: how many equally
    weighed paths each of them rests on. rank: the protected one,
    empty where nobody is. seen: the market where it lost. drivers: what the cost follows most.
    """

    laws: tuple[Law, ...]
    targets: tuple[Target, ...]
    sample: Outcome
    rows: tuple[risk.Row, ...]
    events: Mapping[str, risk.Measured]
    amounts: Mapping[str, risk.Measured]
    effective: Mapping[str, float]
    rank: str
    seen: Condition | None
    drivers: tuple[Driver, ...]

    @property
    def weight(self) -> risk.Measured:
        """Mean weight and its error: 1 but for drawing."""
        return risk.Measured(*spread.by_law(self.sample.weights, law_of(self.laws)))

    def status(self, name: str) -> str:
        """Of a chance or amount: whether it was ever met, and rests on enough paths."""
        worth = self.effective[name]
        if worth == 0 and not any(one.name == name and one.component for one in self.targets):
            return UNMET
        return "" if worth >= EFFECTIVE_MIN else UNSETTLED

    def frame(self) -> "polars.DataFrame":
        """One row a year and level: at_risk, shortfall, their errors, effective paths beyond."""
        import polars

        return polars.DataFrame(list(_flat(self.rows)), infer_schema_length=None)

    def as_json(self) -> dict[str, Any]:
        """The part `tails` of `koga simulate --json`."""
        return {
            "method": "importance_sampling" if len(self.laws) > 1 else "plain",
            "laws": [{"paths": law.paths, "shift": law.shift} for law in self.laws],
            "targets": [
                {"name": one.name, "chance": one.chance, "component": one.component}
                for one in self.targets
            ],
            "mean_weight": _pair(self.weight),
            "rows": list(_flat(self.rows)),
            "protected": _seen_json(self.rank, self.seen),
            "drivers": [
                {"name": one.name, "rank_correlation": one.correlation} for one in self.drivers
            ],
        }


def _flat(rows: tuple[risk.Row, ...]) -> Iterator[dict[str, Any]]:
    """Rows with won whole and undefined errors as None."""
    for row in rows:
        for level, at_risk in row.risk.at_risk.items():
            shortfall = row.risk.shortfall[level]
            beyond = row.risk.effective[level]
            yield {
                "series": row.name,
                "year": row.year,
                "level": level,
                "at_risk": _whole(at_risk.value),
                "at_risk_error": _whole(at_risk.error),
                "shortfall": _whole(shortfall.value),
                "shortfall_error": _whole(shortfall.error),
                "effective_paths": round(beyond, 1),
                "status": "" if is_settled(row.risk, level) else UNSETTLED,
            }


def is_settled(found: risk.Risk, level: float) -> bool:
    """Whether a tail rests on enough paths; a cost that does not vary needs none."""
    return found.effective[level] >= EFFECTIVE_MIN or found.unexpected.value == 0


def _whole(value: float) -> int | None:
    return round(value) if math.isfinite(value) else None


def _pair(measured: risk.Measured) -> dict[str, float | None]:
    error = measured.error if math.isfinite(measured.error) else None
    return {"mean": measured.value, "error": error}


def _seen_json(rank: str, seen: Condition | None) -> dict[str, Any] | None:
    if seen is None:
        return None
    means, errors = seen.means, seen.errors
    known = means is not None and errors is not None
    return {
        "rank": rank,
        "chance": seen.chance,
        "error": seen.chance_error if math.isfinite(seen.chance_error) else None,
        "paths": seen.paths,
        "market": [float(each) for each in means] if known and means is not None else [],
        "market_error": [
            float(each) if math.isfinite(each) else None
            for each in (errors if known and errors is not None else ())
        ],
    }


def law_of(laws: tuple[Law, ...]) -> Counts:
    """For each path of a mixture the place of its law."""
    return np.repeat(np.arange(len(laws)), [law.paths for law in laws])


def worst(cost: Floats, weights: Floats, share: float = WORST) -> NDArray[np.bool_]:
    """Which paths are the worst of a weighed sample, as many as make up a share of it.

    >>> worst(np.array([3.0, 1.0, 2.0, 0.0]), np.ones(4), 0.5).tolist()
    [True, False, True, False]
    """
    order = np.argsort(-cost, kind="stable")
    reached = np.cumsum(weights[order])
    found = np.zeros(cost.size, dtype=np.bool_)
    found[order[: int(np.searchsorted(reached, share * cost.size)) + 1]] = True
    return found


def read(
    sample: Outcome, plain: Outcome, *, laws: tuple[Law, ...], targets: tuple[Target, ...],
    first_year: int,
) -> Tails:  # fmt: skip
    """Everything a weighed sample says.

    plain: the paths of the law itself, with all measures, for what a cost follows.
    """
    law = law_of(laws)
    rows = risk.table(sample, first_year=first_year, series=NET, lifetime=COST, law=law)
    events: dict[str, risk.Measured] = {}
    amounts: dict[str, risk.Measured] = {}
    effective: dict[str, float] = {}
    for name, values in sample.measures.items():
        rare = name.startswith(_AMOUNTS) and (np.abs(values[law == 0]) > 0.5).mean() < RARE
        if name.startswith(EVENTS) or rare:
            weighed = sample.weights * values
            table = events if name.startswith(EVENTS) else amounts
            table[name] = risk.Measured(*spread.by_law(weighed, law))
            effective[name] = spread.effective(sample.weights[np.abs(values) > 0.5])
    rank = reverse.protected(sample)
    return Tails(
        laws=laws,
        targets=targets,
        sample=sample,
        rows=tuple(rows),
        events=events,
        amounts=amounts,
        effective=effective,
        rank=rank,
        seen=reverse.seen(sample, rank=rank, law=law) if rank else None,
        drivers=tuple(reverse.drivers(plain, first_year=first_year)),
    )


def put(figures: Mapping[str, "Figure"], tails: Tails) -> dict[str, "Figure"]:
    """Figures with chances, and means of what is seldom other than 0, from the weighed sample."""
    found = dict(figures)
    for name, measured in {**tails.events, **tails.amounts}.items():
        before = found[name]
        whole = isinstance(before.mean, int)
        mean, error = (
            None if not math.isfinite(each) else round(each) if whole else each
            for each in (measured.value, measured.error)
        )
        status = tails.status(name)
        found[name] = replace(before, mean=mean, error=error, weighed=True, status=status)
    return found
