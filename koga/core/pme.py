"""Public market equivalents: a fund's cash put into an index instead.

With g = I_T / I_t, A the contributions and B the distributions carried forward by g:
Kaplan-Schoar (2005) = (B + NAV) / A; Long-Nickels (1996) ends with A - B; PME+ (Rouvinez 2003)
scales distributions by λ = (A - NAV) / B; mPME (Cambridge Associates 2013) sells of the index the
share D / (D + NAV) the fund paid out; Direct Alpha (Gredil, Griffiths, Stucke 2014) is the rate of
the carried-forward flows. Flows of the last day are kept beside the terminal value.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from koga.core.problems import Problem, Refusal


@dataclass(frozen=True, slots=True)
class Index:
    """An index by day.

    days, values: in order of days. kind: price or total_return, "" where it was not declared.
    """

    days: tuple[date, ...]
    values: tuple[Fraction, ...]
    kind: str = ""

    def at(self, day: date) -> Fraction:
        """The last value on or before a day; a `Refusal` where there is none."""
        place = bisect_right(self.days, day)
        if not place:
            details = {"first": f"{self.days[0]}"}
            raise Refusal(Problem("performance.index_starts_late", f"{day}", f"{day}", details))
        return self.values[place - 1]

    def age_days(self, day: date) -> int:
        """How old the value used for a day is."""
        return (day - self.days[bisect_right(self.days, day) - 1]).days


@dataclass(frozen=True, slots=True)
class Carried:
    """Contributions and distributions by day, each carried to the last day by the index."""

    growth: Mapping[date, Fraction]
    contributions: Fraction
    distributions: Fraction


def carry(
    paid: Sequence[tuple[date, Fraction]],
    received: Sequence[tuple[date, Fraction]],
    index: Index,
    last: date,
) -> Carried:
    """A and B of the formulas; amounts positive."""
    end = index.at(last)
    growth = {day: end / index.at(day) for day, _ in (*paid, *received, (last, Fraction(0)))}
    return Carried(
        growth,
        sum((amount * growth[day] for day, amount in paid), start=Fraction(0)),
        sum((amount * growth[day] for day, amount in received), start=Fraction(0)),
    )


def modified_flows(
    paid: Mapping[date, Fraction],
    received: Mapping[date, Fraction],
    navs: Mapping[date, Fraction],
    index: Index,
    last: date,
) -> tuple[dict[date, Fraction], Fraction] | date:
    """mPME's sales of the index by day and what is left at the end, or the day a NAV is missing."""
    held, before = Fraction(0), Fraction(0)
    sales: dict[date, Fraction] = {}
    for day in sorted({*paid, *received, last}):
        value = index.at(day)
        held = (held * value / before if before else held) + paid.get(day, Fraction(0))
        before = value
        out = received.get(day, Fraction(0))
        if not out:
            continue
        if day not in navs:
            return day
        whole = out + navs[day]
        sales[day] = held * out / whole if whole else Fraction(0)
        held -= sales[day]
    return sales, held
