"""Reading and printing the value of one leaf. Amounts are won as int, other numbers exact."""

import re
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from koga.core import money
from koga.core.problems import Refusal
from koga.plan.schemes.schema import Field

Value = int | Fraction | str | date | tuple[str, ...]
"""won, count, year: int; rate, number, years: Fraction; text, choice: str; list: tuple."""

_EXPONENT_MAX = 30
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PART = re.compile(r"([+-]?\d{1,20})\s*/\s*(\d{1,20})")


def read(raw: object, field: Field, unit: str = "") -> Value | None:
    """A TOML value as the field's type; None where it is not of that type.

    unit: decides between share and won for the type `limit`.

    >>> from koga.plan.schemes.schema import Field
    >>> read("7,500억", Field("x", "amount", "", "")), read("16.5%", Field("x", "rate", "", ""))
    (750000000000, Fraction(33, 200))
    """
    kind = field.type
    if kind == "limit":
        kind = "amount" if unit == "KRW" else "rate"
    if kind == "amount":
        return _amount(raw)
    if kind in ("rate", "number", "years"):
        return number(raw)
    if kind in ("count", "year"):
        return _whole(raw, kind)
    if kind == "date":
        return _day(raw)
    if kind == "list":
        return words(raw)
    return line(raw)


def line(raw: object) -> str | None:
    """One line of text a file can carry; None for anything else, blanks and control characters."""
    if not isinstance(raw, str) or not raw.strip() or _CONTROL.search(raw):
        return None
    return raw.strip()


def _amount(raw: object) -> int | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str):
        try:
            won = money.parse_won(raw)
        except Refusal:
            return None
    elif isinstance(raw, int):
        won = raw
    else:
        return None
    return won if abs(won) <= money.AMOUNT_MAX else None


def number(raw: object) -> Fraction | None:
    """A number as written, exactly: an integer, a decimal, a percentage or a part such as 1/6.

    >>> number("1/6"), number("40 %"), number("abc")
    (Fraction(1, 6), Fraction(2, 5), None)
    """
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return Fraction(raw) if abs(raw) <= money.AMOUNT_MAX else None
    if isinstance(raw, Decimal):
        usual = raw.is_finite() and abs(raw.adjusted()) <= _EXPONENT_MAX
        return Fraction(raw) if usual and len(raw.as_tuple().digits) <= 60 else None
    if not isinstance(raw, str):
        return None
    body = raw.strip()
    if part := _PART.fullmatch(body):
        return Fraction(int(part[1]), int(part[2])) if int(part[2]) else None
    share = body.endswith("%")
    body = body.removesuffix("%").strip()
    if not _NUMBER.fullmatch(body):
        return None
    return Fraction(body) * (Fraction(1, 100) if share else 1)


def _whole(raw: object, kind: str) -> int | None:
    if not isinstance(raw, int) or isinstance(raw, bool) or abs(raw) > money.AMOUNT_MAX:
        return None
    return raw if kind == "count" or 1900 <= raw <= 2300 else None


def _day(raw: object) -> date | None:
    if isinstance(raw, datetime):
        return None
    if isinstance(raw, date):
        return raw
    try:
        return date.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        return None


def words(raw: object) -> tuple[str, ...] | None:
    """A list of one word or more; None for anything else."""
    if not isinstance(raw, list) or not raw:
        return None
    read_each = [line(word) for word in raw]
    known = tuple(word for word in read_each if word is not None)
    return known if len(known) == len(raw) else None


def numeric(value: Value) -> Fraction | None:
    """The value as a number to compute with; None for words and dates."""
    return Fraction(value) if isinstance(value, int | Fraction) else None


def text(value: Value) -> str:
    """The value as one line: won and counts in full, exact decimals, else the fraction.

    >>> text(Fraction(1, 6)), text(Fraction(2, 5)), text(750_000_000_000), text(("ai", "bio"))
    ('1/6', '0.4', '750000000000', 'ai; bio')
    """
    if isinstance(value, tuple):
        return "; ".join(value)
    if isinstance(value, Fraction):
        return decimal_text(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def decimal_text(value: Fraction) -> str:
    """A fraction as a finite decimal where it is one, else as `a/b`."""
    exact = as_decimal(value)
    return f"{value.numerator}/{value.denominator}" if exact is None else f"{exact:f}"


def as_decimal(value: Fraction) -> Decimal | None:
    """The fraction as an exact decimal; None where its digits never end."""
    rest, places = value.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        places = max(places, power)
    if rest != 1:
        return None
    digits = value.numerator * (10**places // value.denominator)
    return Decimal(digits).scaleb(-places) if len(str(abs(digits))) <= 27 else None
