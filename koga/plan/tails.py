"""Tails by importance sampling: bad decades drawn often, every path weighed back.

Of paths drawn from the law itself one in two hundred tells of the worst half per cent, and none of
what happens once in a hundred thousand. So beside the plain paths of a simulation others are drawn
with the market's first component, which carries most of the variance of its whole course, moved
down; all of them together are one sample of a mixture. With n_k paths drawn with shift d_k, a path
whose first component is z weighs

    w(z) = n / Σ n_k exp(d_k z - d_k²/2)                    n = Σ n_k, d_0 = 0 the plain paths

the balance heuristic (Veach and Guibas, 1995; Owen and Zhou, Safe and effective importance
sampling, 2000). Weights have mean 1; because the plain paths are in the mixture none exceeds n/n_0,
so nothing comes out much worse than on plain paths, and what is rare far better.

Which shifts: a pilot of fast paths, strewn over shifts of 1.5 … -6 and weighed in the same way,
gives for each target the mean of the first component where the target is met. Among normal laws
moved along that component it is the nearest to the ideal one (cross-entropy; Rubinstein and Kroese,
2004; for losses Glasserman, Monte Carlo Methods in Financial Engineering, 2004, 4.6 and 9.2).
Targets are the worst hundredth of the lifetime cost, each promise called or rank losing on fewer
than one path in ten, and the worst hundredth of each year's cost. What the pilot says bears on
errors alone: any shift gives unbiased figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from koga.plan import paths
from koga.plan.budget import fiscal, short_rate
from koga.plan.budget.tail_figures import COST, EVENTS, NET, Law, Target, worst
from koga.plan.engine import factors, prepared
from koga.plan.model import Floats, Model
from koga.plan.money import holders, returns
from koga.plan.outcome import Outcome, join, merge
from koga.plan.schemes.shape import Scheme

SWEEP = (0.0, -1.0, -2.0, -3.0, -4.0, -5.0, -6.0, 1.5)
"""Shifts of the pilot, in standard deviations of the first component."""
PILOT_PATHS = 64
"""Pilot paths of each shift."""
OFTEN = 0.1
"""What happens on as large a share of the paths as this needs no shift."""
APART = 1.0
"""Shifts closer than this are one."""
LAWS_MAX = 4
SHARE = 8
"""Of each shift one path for so many plain ones, but `SHIFTED_MIN` or as many as the plain ones."""
SHIFTED_MIN = 256
SLIGHT = 1.0
"""A shift smaller than this gains little."""
_SERIES = ("budget.net", "market.factor")
_MEASURES = ("cost.lifetime", "protected_loss", "protected_loses")
_STARTS = ("call.", "guarantee.", "loss.")


@dataclass(frozen=True, slots=True)
class Job:
    """Paths of several laws, told apart by their numbers: what every range of them needs."""

    scheme: Scheme
    model: Model
    seed: int
    engine: paths.Engine
    laws: tuple[Law, ...]

    def run(self, first: int, count: int) -> Outcome:
        """The costs and losses of a range, which must lie within one law."""
        (law,) = (law for law in self.laws if law.first <= first < law.first + law.paths)
        return costs(
            self.scheme, self.model, seed=self.seed, first=first, count=count, engine=self.engine,
            shift=law.shift,
        )  # fmt: skip


def costs(
    scheme: Scheme,
    model: Model,
    *,
    seed: int,
    first: int,
    count: int,
    engine: paths.Engine,
    shift: float,
) -> Outcome:
    """What tails are read from, on paths of a shifted market; weights are those of the one shift.

    A pure function of its arguments.
    """
    drawn = paths.flows(model, seed=seed, first=first, paths=count, engine=engine, shift=shift)
    held = holders.holdings(model, drawn)
    rates = short_rate.moved(model.market, seed=seed, first=first, paths=count, years=model.years)
    cost = fiscal.outcome(scheme, model, drawn, held, rates=rates)
    return kept(merge([returns.outcome(model, drawn, held), cost]))


def kept(outcome: Outcome) -> Outcome:
    """The series and measures of an outcome that tails are read from."""
    return Outcome(
        outcome.first_path,
        outcome.weights,
        {n: v for n, v in outcome.series.items() if n in _SERIES or n.startswith("lost.")},
        {n: v for n, v in outcome.measures.items() if n in _MEASURES or n.startswith(_STARTS)},
    )


def first_component(model: Model, *, seed: int, law: Law, source: factors.Draws) -> Floats:
    """The market's first component on the paths of a law, shift included.

    Read back from the likelihood ratio of a shift by one, exp(-x - 1/2); it is the first coordinate
    of a path however many sectors there are.
    """
    ratios = factors.drawn(
        years=prepared.years_of(model), sectors=0, memory=model.market.memory, seed=seed,
        first=law.first, paths=law.paths, source=source, shift=1.0,
    ).weights  # fmt: skip
    found: Floats = law.shift - 0.5 - np.log(ratios)
    return found


def weights(component: Floats, laws: Sequence[Law]) -> Floats:
    """Likelihood ratios of the law itself to a mixture of laws, by a path's first component.

    >>> weights(np.array([0.0, -2.0]), [Law(0, 3, 0.0), Law(3, 1, -2.0)]).round(4).tolist()
    [1.2758, 0.385]
    """
    whole = sum(law.paths for law in laws)
    density = np.zeros(component.size)
    for law in laws:
        density += law.paths * np.exp(law.shift * component - 0.5 * law.shift**2)
    found: Floats = whole / density
    return found


def mixed(parts: Sequence[Outcome], model: Model, *, seed: int, laws: Sequence[Law],
          engine: str) -> Outcome:  # fmt: skip
    """Ranges of all laws as one sample, with the weights of their mixture."""
    whole = join([kept(part) for part in parts])
    source: factors.Draws = "counter" if engine in ("exact", "control") else "sobol"
    component = np.concatenate(
        [first_component(model, seed=seed, law=law, source=source) for law in laws]
    )
    return Outcome(whole.first_path, weights(component, laws), whole.series, whole.measures)


def pilot(scheme: Scheme, model: Model, *, seed: int) -> tuple[Target, ...]:
    """For each target how often it is met and where the first component stands when it is.

    seed: of the simulation; the pilot draws other paths, quasi-random ones of the fast engine.
    """
    own = (seed * 2654435761 + 41) % (2**63 - 1)
    laws = tuple(Law(place * PILOT_PATHS, PILOT_PATHS, shift) for place, shift in enumerate(SWEEP))
    job = Job(scheme, model, own, "reference", laws)
    parts = [job.run(law.first, law.paths) for law in laws]
    sample = mixed(parts, model, seed=own, laws=laws, engine="reference")
    component = np.concatenate(
        [first_component(model, seed=own, law=law, source="sobol") for law in laws]
    )
    return targets(sample, component)


def targets(sample: Outcome, component: Floats) -> tuple[Target, ...]:
    """The targets of a weighed sample: the worst hundredth of costs, and what seldom happens."""
    cost = sample.measures[COST]
    met: dict[str, Floats] = {COST: worst(cost, sample.weights).astype(np.float64)}
    met |= {name: sample.measures[name] for name in events(sample.measures)}
    for place, year in enumerate(sample.series[NET].T):
        met[f"{NET}.{place}"] = worst(year, sample.weights).astype(np.float64)
    found = []
    for name, values in met.items():
        weighed = values * sample.weights
        total = float(weighed.sum())
        mean = float(weighed @ component) / total if total > 0 else None
        found.append(Target(name, total / values.size, mean))
    return tuple(found)


def events(measures: Mapping[str, Floats]) -> list[str]:
    """Measures that are 1 on paths where something happens, else 0."""
    return [name for name in measures if name.startswith(EVENTS)]


def shifts(found: Sequence[Target]) -> tuple[float, ...]:
    """The shifts to draw with, those far enough apart: of the lifetime cost, of what is rarest, of
    the years' costs.

    >>> shifts([Target("cost.lifetime", 0.01, -2.4), Target("call.bonds", 0.02, -2.2),
    ...         Target("protected_loses", 1e-5, -4.1), Target("call.other", 0.4, -0.6),
    ...         Target("budget.net.0", 0.01, 1.2)])
    (-2.4, -4.1, 1.2)
    """
    wanted = [one for one in found if one.component is not None]
    ordered = [one for one in wanted if one.name == COST]
    rare = [one for one in wanted if one.name.startswith(EVENTS) and one.chance < OFTEN]
    ordered += sorted(rare, key=lambda one: (one.chance, one.name))
    years = [one for one in wanted if one.name.startswith(NET)]
    ordered += sorted(years, key=lambda one: (-abs(one.component or 0.0), one.name))
    chosen: list[float] = []
    for one in ordered:
        shift = round(float(one.component or 0.0), 2)
        far = all(abs(shift - other) >= APART for other in chosen)
        if abs(shift) >= SLIGHT and far and len(chosen) < LAWS_MAX:
            chosen.append(shift)
    return tuple(chosen)


def planned(plain: int, chosen: Sequence[float]) -> tuple[Law, ...]:
    """The plain paths and, numbered after them, those of each shift.

    >>> [(law.first, law.paths, law.shift) for law in planned(8000, (-2.4, -4.1))]
    [(0, 8000, 0.0), (8000, 1000, -2.4), (9000, 1000, -4.1)]
    """
    laws = [Law(0, plain, 0.0)]
    each = min(plain, max(plain // SHARE, SHIFTED_MIN))
    for shift in chosen:
        last = laws[-1]
        laws.append(Law(last.first + last.paths, each, shift))
    return tuple(laws)
