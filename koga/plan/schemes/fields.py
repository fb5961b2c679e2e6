"""The kinds of fields a scheme's sections are declared with: a name, a label, what is possible."""

from collections.abc import Mapping
from fractions import Fraction

from koga.plan.schemes.schema import Field, Section
from koga.release.tables import Word

_ZERO = Fraction(0)


def amount(name: str, ko: str, en: str, *, required: bool = False) -> Field:
    """Won, 0 or more."""
    return Field(name, "amount", ko, en, required, minimum=_ZERO)


def rate(
    name: str, ko: str, en: str, *, required: bool = False, low: Fraction = _ZERO, top: int = 1
) -> Field:
    """A share or a rate a year."""
    return Field(name, "rate", ko, en, required, minimum=low, maximum=Fraction(top))


def years(name: str, ko: str, en: str) -> Field:
    """A number of years, up to 100."""
    return Field(name, "years", ko, en, minimum=_ZERO, maximum=Fraction(100))


def number(name: str, ko: str, en: str, low: int | None = None, top: int | None = None) -> Field:
    """A number within what is possible at all."""
    least = None if low is None else Fraction(low)
    most = None if top is None else Fraction(top)
    return Field(name, "number", ko, en, minimum=least, maximum=most)


def count(name: str, ko: str, en: str, unit: str = "") -> Field:
    """A whole number of 0 or more."""
    return Field(name, "count", ko, en, unit=unit, minimum=_ZERO)


def choice(
    name: str,
    ko: str,
    en: str,
    choices: Mapping[str, Word],
    *,
    required: bool = False,
    missing: str = "scheme.missing",
) -> Field:
    """One of a closed list of words, with basis and source."""
    return Field(name, "choice", ko, en, required, choices=choices, missing=missing)


def code(name: str, ko: str, en: str, choices: Mapping[str, Word], required: bool = True) -> Field:
    """One of a closed list of words that identifies and claims nothing."""
    return Field(name, "choice", ko, en, required, plain=True, choices=choices)


def words(name: str, ko: str, en: str, *, required: bool = True) -> Field:
    """Text that identifies and claims nothing."""
    return Field(name, "text", ko, en, required, plain=True)


def by_year(name: str, ko: str, en: str, entry: Field | None = None) -> Section:
    """Figures by year, amounts unless `entry` says what else."""
    return Section(name, ko, en, "by_year", entry=entry or amount("", "금액", "Amount"))


NAMES = (
    words("name_ko", "이름", "Name (Korean)"),
    words("name_en", "이름(영문)", "Name (English)"),
)
"""What an entry is called."""
