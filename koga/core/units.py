"""Commodities: what the ledger counts, each in integers of its own smallest unit.

Won, foreign money, GPU-hours by grade, training places, floor space and shares stand side by side
and are never added to each other. A commodity's scale is fixed for ever: a finer scale is a new
commodity and a conversion entry.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from koga.core.problems import Problem, Refusal


@dataclass(frozen=True, slots=True)
class Commodity:
    """A unit of account.

    code: name in the books and in every file; also a legal Beancount commodity.
    scale: decimal places; an amount of 1 in the books is 10**-scale of the unit.
    kind: money, compute, training, space or share.
    ko, en: the unit as printed behind a number.
    """

    code: str
    scale: int
    kind: str
    ko: str
    en: str


_FIXED = (
    Commodity("KRW", 0, "money", "원", "won"),
    Commodity("EUR", 2, "money", "유로", "euros"),
    Commodity("USD", 2, "money", "달러", "US dollars"),
    Commodity("GBP", 2, "money", "파운드", "pounds"),
    Commodity("NOK", 2, "money", "크로네", "kroner"),
    Commodity("SEAT", 0, "training", "석", "places"),
    Commodity("M2-DAY", 0, "space", "㎡·일", "m²-days"),
)
COMMODITIES: Mapping[str, Commodity] = {commodity.code: commodity for commodity in _FIXED}
_GPU_HOUR = re.compile(r"GPU-HOUR-([A-Z0-9]{1,12})")
_SHARE = re.compile(r"SHARE-([A-Z0-9]{1,12})")


def find(code: str, where: str = "unit") -> Commodity:
    """The commodity of a code; GPU-hours exist per grade and shares per issuer.

    >>> find("KRW").scale
    0
    >>> find("GPU-HOUR-H100").en
    'GPU-hours (H100)'
    """
    if code in COMMODITIES:
        return COMMODITIES[code]
    if match := _GPU_HOUR.fullmatch(code):
        grade = match[1]
        return Commodity(code, 3, "compute", f"GPU 시간({grade})", f"GPU-hours ({grade})")
    if match := _SHARE.fullmatch(code):
        return Commodity(code, 0, "share", f"주({match[1]})", f"shares ({match[1]})")
    raise Refusal(Problem("units.unknown", where, code))


def as_decimal(amount: int, code: str) -> Decimal:
    """An amount of smallest units as the decimal number people read.

    >>> as_decimal(545880035949, "USD")
    Decimal('5458800359.49')
    """
    return Decimal(amount).scaleb(-find(code).scale)
