"""Day counts: the part of a year between two days, as an exact fraction.

A rate without its day count says nothing: the same flows differ by tens of basis points between
conventions. Every rate in koga carries the name of one of these.
"""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

from koga.core.problems import Problem, Refusal


def add_years(day: date, years: int) -> date:
    """The anniversary of a day; 29 February falls on the 28th in a common year.

    >>> add_years(date(2020, 2, 29), 1)
    datetime.date(2021, 2, 28)
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _act_365f(start: date, end: date) -> Fraction:
    return Fraction((end - start).days, 365)


def _act_365_25(start: date, end: date) -> Fraction:
    return Fraction((end - start).days * 4, 1461)


def _act_360(start: date, end: date) -> Fraction:
    return Fraction((end - start).days, 360)


def _act_act_isda(start: date, end: date) -> Fraction:
    """Days in leap years over 366, the others over 365."""
    if start.year == end.year:
        return Fraction((end - start).days, _year_length(start.year))
    first = Fraction((date(start.year + 1, 1, 1) - start).days, _year_length(start.year))
    last = Fraction((end - date(end.year, 1, 1)).days, _year_length(end.year))
    return first + last + (end.year - start.year - 1)


def _year_length(year: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 366 if leap else 365


def _30_360(start: date, end: date) -> Fraction:
    """US bond basis: the 31st counts as the 30th, at the end only after a 30th or 31st."""
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return _thirty(start, end, first, last)


def _30e_360(start: date, end: date) -> Fraction:
    """Eurobond basis: every 31st counts as the 30th."""
    return _thirty(start, end, min(start.day, 30), min(end.day, 30))


def _thirty(start: date, end: date, first: int, last: int) -> Fraction:
    months = (end.year - start.year) * 12 + end.month - start.month
    return Fraction(months * 30 + last - first, 360)


DAY_COUNTS: Mapping[str, Callable[[date, date], Fraction]] = {
    "act/365f": _act_365f,
    "act/365.25": _act_365_25,
    "act/360": _act_360,
    "act/act-isda": _act_act_isda,
    "30/360": _30_360,
    "30e/360": _30e_360,
}
"""Conventions by name. `act/365f` is what spreadsheets' XIRR uses."""

ADDITIVE = frozenset({"act/365f", "act/365.25", "act/360", "act/act-isda"})
"""Conventions in which two spells in a row count as much as the whole."""


def year_fraction(start: date, end: date, day_count: str) -> Fraction:
    """Years between two days under a named convention; negative where `end` is earlier.

    >>> year_fraction(date(2020, 1, 1), date(2021, 1, 1), "act/365f")
    Fraction(366, 365)
    >>> year_fraction(date(2020, 1, 1), date(2021, 1, 1), "act/act-isda")
    Fraction(1, 1)
    """
    if day_count not in DAY_COUNTS:
        raise Refusal(unknown(day_count, "day_count"))
    if end < start:
        return -DAY_COUNTS[day_count](end, start)
    return DAY_COUNTS[day_count](start, end)


def unknown(name: str, where: str) -> Problem:
    """The problem of a day count that is not on the list."""
    return Problem("fund.day_count", where, name, {"expected": ", ".join(DAY_COUNTS)})
