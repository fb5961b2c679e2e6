"""Synthetic difference-in-differences: one district, one hub, few treated units.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), "Synthetic difference-in-differences",
American Economic Review 111. Weights on untreated units make their mean run parallel to the
treated before support; weights on earlier periods make them like the later ones. The error comes
from placebos: untreated units taken as treated, drawn with a declared seed; with 0 draws each
untreated unit once, where one unit is treated.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koga.core.problems import Problem, Refusal
from koga.evaluate import weighing
from koga.evaluate.finding import Check, Estimate, Finding, Verdict, Words
from koga.evaluate.panel import Panel
from koga.evaluate.wide import Floats

SEED = 20_250_306
DRAWS = 200
STEPS_FIRST, STEPS = 100, 10_000
HEADLINE = ("sdid", "sdid")
NAMED_MAX = 20
FIT_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to estimate.

    draws, seed: placebos for the error; 0: each untreated unit once.
    worth: the smallest effect worth knowing, in the outcome's unit.
    """

    draws: int = DRAWS
    seed: int = SEED
    worth: float | None = None


@dataclass(frozen=True, slots=True)
class Synthetic:
    """An estimate. units, periods: weights on untreated units and on earlier periods."""

    effect: float
    units: Floats
    periods: Floats


def estimate(outcome: Floats, untreated: int, before: int) -> Synthetic:
    """The effect on the rows after the first `untreated`, from column `before` on.

    outcome: [units, periods], untreated units first, treated periods last.
    """
    after = outcome.shape[1] - before
    treated = outcome.shape[0] - untreated
    noise = float(np.std(np.diff(outcome[:untreated, :before], axis=1), ddof=1))
    zeta_units = (treated * after) ** 0.25 * noise
    zeta_periods = 1e-6 * noise
    least = 1e-5 * noise
    top = outcome[:untreated]
    periods = _weights(
        np.column_stack([top[:, :before], top[:, before:].mean(axis=1)]), zeta_periods, least
    )
    left = outcome[:, :before]
    units = _weights(
        np.column_stack([left[:untreated].T, left[untreated:].mean(axis=0)]), zeta_units, least
    )
    by_unit = np.concatenate([-units, np.full(treated, 1 / treated)])
    by_period = np.concatenate([-periods, np.full(after, 1 / after)])
    return Synthetic(float(by_unit @ outcome @ by_period), units, periods)


def _weights(columns: Floats, zeta: float, least: float) -> Floats:
    """Weights of the first columns that sum to 1 and reproduce the last up to a level.

    By the authors' descent: a first run, small weights set to 0, a second run from the rest.
    """
    centred = columns - columns.mean(axis=0)
    count = columns.shape[1] - 1
    first = _frank_wolfe(centred, zeta, least, np.full(count, 1 / count), STEPS_FIRST)
    first[first <= first.max() / 4] = 0
    return _frank_wolfe(centred, zeta, least, first / first.sum(), STEPS)


def _frank_wolfe(centred: Floats, zeta: float, least: float, start: Floats, steps: int) -> Floats:
    from koga.evaluate.frank_wolfe import descend

    columns = np.ascontiguousarray(centred.T)
    found: Floats = descend(columns, start.copy(), zeta, least, steps)
    return found


def find(
    panel: Panel,
    options: Options | None = None,
    *,
    question: Words | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Finding:
    """The effect of support that few units get at one time, with its checks."""
    chosen = options or Options()
    outcome, untreated, before, order = _laid(panel)
    found = estimate(outcome, untreated, before)
    placebos = _placebos(outcome[:untreated], len(outcome) - untreated, before, chosen, progress)
    se = _error(placebos)
    low, high = (None, None) if se is None else weighing.interval(found.effect, se)
    row = Estimate("sdid", "sdid", found.effect, se, low, high, outcome.size)
    return Finding(
        design="sdid",
        question=question or asked(panel),
        headline=HEADLINE,
        facts={
            **panel.facts(),
            "treated_units": [panel.unit_names[number] for number in order[untreated:]],
            "settings": {
                "placebos": len(placebos),
                "seed": chosen.seed,
                "level": weighing.LEVEL,
            },
            "naive": _plainly(outcome, untreated, before),
        },
        estimates=(row,),
        checks=tuple(_checks(outcome, untreated, before, found, placebos, se, chosen)),
        extra={"weights": _named(panel, found, order, before)},
    )


def asked(panel: Panel) -> Words:
    """The question in words."""
    outcome = panel.declared.outcome
    return Words(
        f"지원받은 곳의 “{outcome}”은(는), 지원이 없었을 때와 얼마나 다른가?",
        f"By how much does “{outcome}” of the supported differ from what it would have been "
        "without support?",
    )


def _laid(panel: Panel) -> tuple[Floats, int, int, NDArray[np.int64]]:
    """Outcome by unit and period, untreated units first; how many; periods before; unit numbers."""
    frame = panel.frame
    unit = frame["unit"].to_numpy()
    times, place = np.unique(frame["time"].to_numpy(), return_inverse=True)
    outcome = np.empty((int(unit.max()) + 1, len(times)))
    treated = np.zeros_like(outcome)
    outcome[unit, place] = frame["outcome"].to_numpy()
    treated[unit, place] = frame["treated"].to_numpy()
    ever = treated.max(axis=1) == 1
    order = np.argsort(ever, kind="stable")
    before = int(np.argmax(treated.max(axis=0) == 1))
    untreated = int((~ever).sum())
    if untreated < 2:
        raise Refusal(
            Problem("evaluate.few_units", panel.declared.treated, str(untreated), {"least": 2})
        )
    return outcome[order], untreated, before, order


def _placebos(
    outcome: Floats,
    treated: int,
    before: int,
    options: Options,
    progress: Callable[[str, int], None] | None,
) -> Floats:
    """Effects found where there is none: untreated units taken as treated, the last of an order."""
    untreated = len(outcome)
    if untreated <= treated:
        return np.empty(0)
    once = options.draws == 0
    if once and treated > 1:
        expected = "1 … (--placebos 0: one treated unit)"
        raise Refusal(Problem("evaluate.option", "--placebos", "0", {"expected": expected}))
    generator = np.random.default_rng(options.seed)
    found = np.empty(untreated if once else options.draws)
    for draw in range(len(found)):
        order = np.roll(np.arange(untreated), -draw - 1)
        shuffled = order if once else generator.permutation(untreated)
        found[draw] = estimate(outcome[shuffled], untreated - treated, before).effect
        if progress:
            progress("placebo", 1)
    return found


def _error(placebos: Floats) -> float | None:
    if len(placebos) < 2:
        return None
    return float(np.sqrt(np.mean((placebos - placebos.mean()) ** 2)))


def _plainly(outcome: Floats, untreated: int, before: int) -> dict[str, float]:
    above, below = outcome[untreated:], outcome[:untreated]
    change = float(above[:, before:].mean() - above[:, :before].mean())
    other = float(below[:, before:].mean() - below[:, :before].mean())
    return {
        "before_after": change,
        "difference_in_differences": change - other,
        "treated_untreated": float(above[:, before:].mean() - below[:, before:].mean()),
    }


def _named(
    panel: Panel, found: Synthetic, order: NDArray[np.int64], before: int
) -> dict[str, list[dict[str, Any]]]:
    times = sorted(panel.frame["time"].unique().to_list())[:before]
    heaviest = [place for place in np.argsort(-found.units)[:NAMED_MAX] if found.units[place] > 0]
    return {
        "units": [
            {"unit": panel.unit_names[order[place]], "weight": float(found.units[place])}
            for place in heaviest
        ],
        "periods": [
            {"time": panel.period(time), "weight": float(weight)}
            for time, weight in zip(times, found.periods, strict=True)
            if weight > 0
        ],
    }


def _checks(
    outcome: Floats,
    untreated: int,
    before: int,
    found: Synthetic,
    placebos: Floats,
    se: float | None,
    options: Options,
) -> Iterator[Check]:
    yield _fit(outcome, untreated, before, found)
    if se is None:
        said = Words(
            "처치된 대상이 비교 대상보다 많거나 같아 위약 시험을 할 수 없습니다.",
            "Treated units are as many as untreated ones, so there are no placebos.",
        )
        yield Check("placebo", None, "warn", said)
        return
    chance = float((1 + np.sum(np.abs(placebos) >= abs(found.effect))) / (1 + len(placebos)))
    odds = weighing.chance(chance)
    yield Check(
        "placebo",
        chance,
        "ok",
        Words(
            f"처치되지 않은 대상에서 이만한 수치가 나온 비율은 {odds}입니다.",
            f"A figure as large came up among untreated units in a share of {odds}.",
        ),
        {"draws": len(placebos), "seed": options.seed},
    )
    spread = float(outcome[:untreated].std(ddof=1))
    yield weighing.power(se, spread, worth=options.worth)


def _fit(outcome: Floats, untreated: int, before: int, found: Synthetic) -> Check:
    """Whether the weighted units ran parallel to the treated before support."""
    gap = outcome[untreated:, :before].mean(axis=0) - found.units @ outcome[:untreated, :before]
    left = float(np.std(gap))
    moved = float(np.std(outcome[untreated:, :before].mean(axis=0)))
    share = left / moved if moved > 0 else math.inf
    verdict: Verdict = "ok" if share <= FIT_SHARE else "warn"
    return Check(
        "pre_trend",
        share,
        verdict,
        Words(
            f"처치 전 처치 대상의 움직임 가운데 {share:.1%}가 합성 대상으로 설명되지 않습니다."
            + ("" if verdict == "ok" else " 나란히 움직인 비교 대상을 만들지 못했습니다."),
            f"{share:.1%} of the treated units' movement before support is left unexplained."
            + ("" if verdict == "ok" else " No comparison was found that ran parallel."),
        ),
        {"rmse": left},
    )
