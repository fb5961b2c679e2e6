"""Intervals and reasons that all designs share."""

import math

from scipy import stats

from koga.core.problems import Problem, Refusal
from koga.evaluate.finding import Check, Words

LEVEL = 0.95
POWER = 0.8


def interval(estimate: float, se: float, freedom: float | None = None) -> tuple[float, float]:
    """The 95 % interval, normal or by the t distribution with `freedom` degrees.

    >>> [round(end, 2) for end in interval(1.0, 0.5)]
    [0.02, 1.98]
    """
    reach = _quantile((1 + LEVEL) / 2, freedom) * se
    return estimate - reach, estimate + reach


def _quantile(chance: float, freedom: float | None) -> float:
    return float(stats.norm.ppf(chance) if freedom is None else stats.t.ppf(chance, freedom))


def detectable(se: float, freedom: float | None = None) -> float:
    """The smallest effect found with a chance of 80 % at the 5 % level, two-sided.

    >>> round(detectable(1.0), 2)
    2.8
    """
    return (_quantile((1 + LEVEL) / 2, freedom) + _quantile(POWER, freedom)) * se


def two_sided(estimate: float, se: float, freedom: float | None = None) -> float:
    """The p-value of no effect.

    >>> round(two_sided(1.96, 1.0), 3)
    0.05
    """
    size = abs(estimate / se)
    return float(2 * (stats.norm.sf(size) if freedom is None else stats.t.sf(size, freedom)))


def chance(value: float) -> str:
    """A chance as people read it.

    >>> chance(0.0321), chance(2e-9)
    ('0.032', '< 0.001')
    """
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"


def refuse_worth(worth: float | None) -> None:
    """A `Refusal` of a smallest effect worth knowing that is no size: blank is fine, 0 is not."""
    if worth is None or 0 < worth < math.inf:
        return
    expected = "Above 0, in the outcome's unit. / 결과의 단위로 0보다 큰 값."
    raise Refusal(Problem("evaluate.option", "--worth", str(worth), {"expected": expected}))


WORTH_SHARE = 0.5
"""Without a declared smallest effect worth knowing, half a standard deviation of the outcome."""


def power(se: float, spread: float, *, worth: float | None, freedom: float | None = None) -> Check:
    """The smallest effect the design would have found, held against one worth knowing.

    spread: standard deviation of the outcome without support. worth: the smallest effect worth
    knowing, in the outcome's unit; without it half of `spread`.
    """
    found = detectable(se, freedom)
    bound = WORTH_SHARE * spread if worth is None else worth
    ok = found <= bound
    measure = Words(
        "결과의 표준편차 절반" if worth is None else "알 가치가 있는 최소 효과",
        "half a standard deviation of the outcome" if worth is None else "the least worth knowing",
    )
    return Check(
        "power",
        found,
        "ok" if ok else "warn",
        Words(
            f"효과가 {found:.4g} 이상이면 80%의 확률로 드러납니다. 기준은 {measure.ko}"
            f"({bound:.4g})"
            + ("이며 이보다 작습니다." if ok else "이며, 그보다 작은 효과는 놓칠 수 있습니다."),
            f"An effect of {found:.4g} or more would be found with a chance of 80 %; the bound is "
            f"{measure.en} ({bound:.4g})" + ("." if ok else ": smaller effects may be missed."),
        ),
        {"worth": bound, "spread": spread},
    )
