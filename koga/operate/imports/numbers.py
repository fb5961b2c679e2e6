"""Amounts and days as registers write them, read exactly."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from koga.core import money
from koga.core.money import AMOUNT_MAX
from koga.core.problems import Problem, Refusal
from koga.operate.imports.mapping import Amounts
from koga.operate.imports.sheets import Number

DIGITS_MAX = 80
"""Longest amount read; the decimal context must hold this many digits and the multiplier's."""
_ISO_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]\d{2}:\d{2}.*)?")
_KOREAN = re.compile("[조억만]")


def reader(amounts: Amounts) -> Callable[[str, str], Decimal]:
    """A function from a cell and its place to the number it writes, multiplied as declared.

    Raises `Refusal` where the cell is no number of that convention. A cell that the file itself
    holds as a number is not subject to separators.
    """
    swap = _swap(amounts)
    factor = Decimal(amounts.multiplier)

    def read(text: str, where: str) -> Decimal:
        if len(text) > DIGITS_MAX:
            raise Refusal(Problem("money.unreadable", where, text))
        if isinstance(text, Number):
            number = money.parse_decimal(text, where)
        else:
            body = text
            for symbol in amounts.symbols:
                body = body.replace(symbol, "")
            body = body.strip()
            if amounts.korean_words and _KOREAN.search(body):
                number = Decimal(money.parse_won(body, where))
            else:
                number = _parsed(body.translate(swap) if swap else body, text, where)
        if number and number.adjusted() > 40:
            raise Refusal(Problem("money.too_large", where, text, {"limit": f"{AMOUNT_MAX:,}"}))
        return number * factor

    return read


def _parsed(body: str, text: str, where: str) -> Decimal:
    try:
        return money.parse_decimal(body, where)
    except Refusal:
        raise Refusal(Problem("money.unreadable", where, text)) from None


def _swap(amounts: Amounts) -> dict[int, str]:
    """Characters to change so that a number reads as 1,234.5; a foreign sign becomes unreadable."""
    if (amounts.decimal, amounts.thousands) == (".", ","):
        return {}
    swap = {",": "?", ".": "?"}
    if amounts.thousands == " ":
        swap |= {" ": ",", "\xa0": ",", "\u202f": ","}
    elif amounts.thousands:
        swap[amounts.thousands] = ","
    swap[amounts.decimal] = "."
    return str.maketrans(swap)


def day_reader(formats: Sequence[str]) -> Callable[[str], date | None]:
    """A function from a cell to the day it writes, or None; equal cells are read once."""
    known: dict[str, date | None] = {}

    def read(text: str) -> date | None:
        if text not in known:
            known[text] = _day(text, formats)
        return known[text]

    return read


def _day(text: str, formats: Sequence[str]) -> date | None:
    for form in formats:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except (ValueError, re.error):
            continue
    match = _ISO_DAY.fullmatch(text)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
