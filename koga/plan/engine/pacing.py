"""What a commitment will call, pay and be worth: Takahashi and Alexander (Yale, January 2001).

    contribution_t = RC_t · (commitment - paid in before)
    distribution_t = RD_t · NAV_{t-1} · (1 + G)        RD_t = max(Y, (t/L)^B)
    NAV_t          = NAV_{t-1} · (1 + G) + contribution_t - distribution_t

A year's distribution is taken from last year's grown value, before the year's contribution earns
(some public code takes it after; that is another model). RC's last rate holds for all later years;
after year L the distribution rate is capped at 1, a gap of the paper closed here. The rate of
return of all flows with the last NAV is G exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from koga.core.irr import solve
from koga.core.problems import Problem, Refusal, in_order


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The model's parameters; rates are shares per year.

    commitment: in any unit. contributions: RC by year, the last one kept. life: L in years.
    bow: B. growth: G. yield_: Y, the least share paid out each year.
    """

    commitment: float
    contributions: tuple[float, ...]
    life: int
    bow: float
    growth: float
    yield_: float


@dataclass(frozen=True, slots=True)
class Year:
    """One year of the projection, in the unit of the commitment."""

    year: int
    contribution: float
    distribution: float
    nav: float
    unfunded: float


def assume(
    commitment: Fraction,
    contributions: Sequence[Fraction],
    *,
    life: int,
    bow: float,
    growth: float,
    yield_: float,
) -> Assumptions:
    """Parameters from exact numbers as they were read."""
    rates = tuple(float(share) for share in contributions)
    return Assumptions(float(commitment), rates, life, bow, growth, yield_)


def project(assumptions: Assumptions, years: int) -> list[Year]:
    """The projection for a number of years; a `Refusal` lists every unusable parameter.

    >>> base = Assumptions(100, (0.25, 1 / 3, 0.5), life=12, bow=2.5, growth=0.13, yield_=0)
    >>> path = project(base, 15)
    >>> round(max(year.nav for year in path), 2), round(max(y.distribution for y in path), 2)
    (106.8, 35.78)
    """
    _check(assumptions, years)
    paid = nav = 0.0
    path = []
    for year in range(1, years + 1):
        rates = assumptions.contributions
        rate = rates[min(year, len(rates)) - 1]
        contribution = rate * (assumptions.commitment - paid)
        grown = nav * (1 + assumptions.growth)
        distribution = distribution_rate(assumptions, year) * grown
        paid += contribution
        nav = grown + contribution - distribution
        path.append(Year(year, contribution, distribution, nav, assumptions.commitment - paid))
    return path


def distribution_rate(assumptions: Assumptions, year: int) -> float:
    """RD of a year: at least the yield, at most 1."""
    share: float = (year / assumptions.life) ** assumptions.bow
    return min(1.0, max(assumptions.yield_, share))


def multiple(path: Sequence[Year]) -> float:
    """TVPI of a projection: what was paid out and is left, over what was paid in."""
    paid = sum(year.contribution for year in path)
    return (sum(year.distribution for year in path) + path[-1].nav) / paid


def rate(path: Sequence[Year]) -> float | None:
    """The projection's internal rate of return with its last NAV; G, where it is unique."""
    flows = [year.distribution - year.contribution for year in path]
    return solve([*range(1, len(path) + 1), len(path)], [*flows, path[-1].nav]).rate


def fit(
    *,
    tvpi: float,
    irr: float,
    commitment: float,
    contributions: tuple[float, ...],
    life: int,
    yield_: float,
    years: int,
) -> Assumptions:
    """The bow that reaches a TVPI at a given IRR (which is G): later payment, higher multiple.

    Raises `Refusal` where no bow between 0.05 and 50 does, naming the multiples in reach.
    """

    def with_bow(bow: float) -> Assumptions:
        return Assumptions(commitment, contributions, life, bow, irr, yield_)

    low, high = 0.05, 50.0
    reach = [multiple(project(with_bow(bow), years)) for bow in (low, high)]
    if not min(reach) <= tvpi <= max(reach):
        expected = f"{min(reach):.3f} – {max(reach):.3f}"
        raise Refusal(Problem("performance.pacing", "tvpi", f"{tvpi}", {"expected": expected}))
    rising = reach[1] > reach[0]
    for _ in range(200):
        middle = (low + high) / 2
        if (multiple(project(with_bow(middle), years)) < tvpi) == rising:
            low = middle
        else:
            high = middle
    return with_bow((low + high) / 2)


def _check(assumptions: Assumptions, years: int) -> None:
    found = []

    def expect(good: bool, where: str, value: object, expected: str) -> None:
        if not good:
            details = {"expected": expected}
            found.append(Problem("performance.pacing", where, str(value), details))

    expect(assumptions.commitment > 0, "commitment", assumptions.commitment, "> 0")
    expect(bool(assumptions.contributions), "contributions", "", "0.25,0.333,0.5")
    for share in assumptions.contributions:
        expect(0 <= share <= 1, "contributions", share, "0 – 1")
    expect(assumptions.life >= 1, "life", assumptions.life, ">= 1")
    expect(assumptions.bow > 0, "bow", assumptions.bow, "> 0")
    expect(assumptions.growth > -1, "growth", assumptions.growth, "> -1")
    expect(0 <= assumptions.yield_ <= 1, "yield", assumptions.yield_, "0 – 1")
    expect(1 <= years <= 200, "years", years, "1 – 200")
    if found:
        raise Refusal(in_order(found))
