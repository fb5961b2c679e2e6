"""Figures of a simulation as the cells of a printed table, in one unit a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from koga.plan import measures
from koga.plan.figure import Figure, Number

WEIGHED_MARK, UNSETTLED_MARK = "‡", "†"
"""Behind what was drawn by importance sampling, and what rests on too few paths."""
ERROR_MIN = 1e-5
"""Below it (of won: below one) an error is that of the arithmetic and prints as nothing."""


@dataclass(frozen=True, slots=True)
class Printed:
    """How won are printed in one table: divided by `size`, with `places` decimals, under `unit`."""

    size: int
    places: int
    unit: str

    def won(self, amount: Number) -> str:
        """An amount in the table's unit.

        >>> Printed(10**8, 0, "억 원").won(1_234_567_890_123), Printed(1, 0, "원").won(None)
        ('12,346', '–')
        """
        if amount is None:
            return "–"
        scaled = round(amount * 10**self.places / self.size)
        whole, part = divmod(abs(scaled), 10**self.places)
        said = f"{whole:,}" + (f".{part:0{self.places}d}" if self.places else "")
        return f"−{said}" if scaled < 0 else said


def printed_for(figures: Iterable[Figure], language: str) -> Printed:
    """The unit a table of these figures is printed in."""
    sizes = [abs(value) for each in figures if each.unit == measures.MONEY
             for value in (each.mean, *each.quantiles) if value is not None]  # fmt: skip
    return printed_of(max(sizes, default=0), language)


def printed_of(largest: int | float, language: str) -> Printed:
    """The unit a table is printed in whose largest amount is this."""
    if language == "ko":
        return Printed(10**8, 0, "억 원") if largest >= 10**11 else Printed(10**6, 0, "백만 원")
    return Printed(10**9, 1, "bn won") if largest >= 10**11 else Printed(10**6, 0, "m won")


def _smaller(largest: Number, language: str) -> Printed:
    if largest is not None and largest >= 10**8:
        return Printed(10**6, 0, "백만 원" if language == "ko" else "m won")
    if largest is not None and largest >= 10**6:
        return Printed(10**4, 0, "만 원") if language == "ko" else Printed(10**3, 0, "1,000 won")
    return Printed(1, 0, "원" if language == "ko" else "won")


def cell(value: Number, unit: str, printed: Printed) -> str:
    """A figure of any unit: won in the table's unit, shares in per cent, counts whole.

    >>> printed = Printed(10**8, 0, "억 원")
    >>> cell(0.05123, "rate", printed), cell(1234.5, "people", printed), cell(1.2, "", printed)
    ('5.12', '1,234', '1.20')
    """
    if value is None:
        return "–"
    if unit == measures.MONEY:
        return printed.won(value)
    if unit in ("rate", "share"):
        said = f"{value * 100:,.2f}"
    elif unit in ("people", "count"):
        said = f"{value:,.0f}"
    else:
        said = f"{value:,.2f}"
    return "−" + said[1:] if said.startswith("-") else said


def error_cell(error: Number, unit: str, printed: Printed) -> str:
    """An error of any unit; one that would print as nothing keeps its first figure.

    >>> printed = Printed(1, 0, "원")
    >>> error_cell(0.00213, "multiple", printed), error_cell(0.0, "rate", printed)
    ('0.002', '0.00')
    >>> error_cell(1_459_491, "KRW", Printed(10**9, 1, "bn won"))
    '0.001'
    """
    shown = cell(error, unit, printed)
    if not error or set(shown) - set("0."):
        return shown
    if unit == measures.MONEY:
        return _first_figure(error / printed.size) if error >= 1 else shown
    size = error * 100 if unit in ("rate", "share") else error
    return _first_figure(size) if size >= ERROR_MIN else shown


def _first_figure(size: float) -> str:
    return f"{Decimal(f'{size:.1g}'):f}"


def unit_of(unit: str, printed: Printed, language: str) -> str:
    """The unit as a column says it."""
    if unit == measures.MONEY:
        return printed.unit
    if unit == "rate":
        return "연 %" if language == "ko" else "% a year"
    return "%" if unit == "share" else measures.unit_word(unit, language)


def fitting(figures: Iterable[Figure], printed: Printed, language: str) -> Printed:
    """How one row's figures are printed: an amount too small for the table's unit in its own."""
    sizes = [abs(value) for each in figures if each.unit == measures.MONEY
             for value in (each.mean, *each.quantiles) if value is not None]  # fmt: skip
    if 0 < max(sizes, default=0) < 100 * printed.size:
        return _smaller(max(sizes), language)
    return printed


def row(label: str, each: Figure, printed: Printed, language: str) -> list[str]:
    """One measure as a row: label, unit, and mean, 5 %, median and 95 %, each with its ± error.

    An amount too small for the table's unit is printed in its own.
    """
    printed = fitting([each], printed, language)
    marks = (WEIGHED_MARK if each.weighed else "", UNSETTLED_MARK if each.status else "")
    told = " ".join(part for part in (label, *marks) if part)
    return [told, unit_of(each.unit, printed, language), *spread_cells(each, printed)]


def spread_cells(each: Figure, printed: Printed) -> list[str]:
    """Mean, 5 %, median and 95 % of a figure, each with its ± error.

    What is the same in every future has neither error nor spread, what is told by its mean alone
    (a chance, a price of risk) no spread: both print as –.
    """
    near = "≈ " if each.approximate else ""
    mean = f"{near}{cell(each.mean, each.unit, printed)}"
    if is_fixed(each):
        return [mean, *("–",) * 7]
    shown = [mean, plus_minus(each.error, each.unit, printed)]
    if measures.find(each.name).mean_only:
        return shown + ["–"] * 6
    return shown + quantile_cells(each, printed, (0, 2, 4))


def quantile_cells(each: Figure, printed: Printed, places: Iterable[int]) -> list[str]:
    """Some of a figure's quantiles, each with its ± error."""
    told = []
    for place in places:
        told.append(cell(each.quantiles[place], each.unit, printed))
        told.append(plus_minus(each.quantile_errors[place], each.unit, printed))
    return told


def plus_minus(error: Number, unit: str, printed: Printed) -> str:
    """An error behind its sign; nothing where there is none, or only that of the arithmetic.

    >>> printed = Printed(1, 0, "원")
    >>> plus_minus(0.00213, "multiple", printed), plus_minus(1e-9, "rate", printed)
    ('± 0.002', '')
    """
    shown = error_cell(error, unit, printed)
    return f"± {shown}" if set(shown) - set("0.–") else ""


def is_fixed(each: Figure) -> bool:
    """Whether a figure is the same in every future, but for rounding."""
    low, high = each.p05, each.p95
    if each.mean is None or low is None or high is None:
        return False
    near = 1e-9 * max(1.0, abs(each.mean))
    return (each.error or 0) <= near and high - low <= near and abs(each.mean - low) <= near
