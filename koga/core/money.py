"""Money as integers: reading and printing 조·억·만, named roundings, exact splits.

Won have no smaller unit (scale 0); other commodities are integers of 10**-scale. No float touches
an amount here. A split never loses or makes a won: parts and residue always equal the total.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

from koga.core.problems import Problem, Refusal, ensure
from koga.core.units import find

if TYPE_CHECKING:
    import numpy

AMOUNT_MAX = 10**18
"""Largest absolute amount of one posting, in smallest units: nine times below a 64-bit integer."""

ROUNDINGS = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "floor": ROUND_FLOOR,
}
"""Roundings a mapping may name. `floor` goes towards minus infinity, also for corrections."""

Policy = Literal["largest_remainder", "floor_residue", "drop_below_ten"]
POLICIES: tuple[Policy, ...] = ("largest_remainder", "floor_residue", "drop_below_ten")

_GREAT = (("조", 10**12), ("억", 10**8), ("만", 10**4))
_PLAIN = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?(e[+-]?\d{1,3})?", re.IGNORECASE)


def parse_won(text: str, where: str = "amount") -> int:
    """Read won as people write them; fractions of a won are refused.

    >>> parse_won("1조 2,400억"), parse_won("-3.5억 원"), parse_won("7,760")
    (1240000000000, -350000000, 7760)
    """
    body = text.strip().removesuffix("원").strip().removeprefix("₩").replace(" ", "")
    sign = -1 if body.startswith(("-", "△", "▲", "−")) else 1
    rest = body.lstrip("+-△▲−")
    if not rest:
        raise Refusal(Problem("money.unreadable", where, text))
    total = Decimal(0)
    for name, size in _GREAT:
        head, found, tail = rest.partition(name)
        if found:
            total += _number(head, text, where) * size
            rest = tail
    if rest:
        total += _number(rest, text, where)
    if total != total.to_integral_value():
        raise Refusal(Problem("money.inexact", where, text, {"unit": "KRW", "places": 0}))
    return sign * int(total)


def parse_decimal(text: str, where: str = "amount") -> Decimal:
    """Read a plain decimal number as written in a register, never through a float.

    Thousands separators, a sign, brackets or △ for negatives are understood.

    >>> parse_decimal("(1,234.50)"), parse_decimal("△300")
    (Decimal('-1234.50'), Decimal('-300'))
    """
    body = text.strip()
    negative = False
    if body.startswith("(") and body.endswith(")"):
        body, negative = body[1:-1], True
    elif body[:1] in ("△", "▲", "−"):
        body, negative = body[1:], True
    number = _number(body.replace(" ", ""), text, where)
    return -number if negative else number


def _number(body: str, text: str, where: str) -> Decimal:
    if not body or not _PLAIN.fullmatch(body):
        raise Refusal(Problem("money.unreadable", where, text))
    try:
        return Decimal(body.replace(",", ""))
    except InvalidOperation:
        raise Refusal(Problem("money.unreadable", where, text)) from None


def to_smallest(
    number: Decimal, code: str, *, rounding: str | None = None, where: str = "amount"
) -> int:
    """A decimal number of a commodity as an integer of its smallest unit.

    Without a named rounding a number that does not fit the scale is refused, not rounded.

    >>> to_smallest(Decimal("20.05"), "USD")
    2005
    >>> to_smallest(Decimal("1234.99999984"), "KRW", rounding="half_up")
    1235
    """
    commodity = find(code)
    scaled = number.scaleb(commodity.scale)
    if rounding is not None:
        scaled = scaled.quantize(Decimal(1), rounding=ROUNDINGS[rounding])
    if scaled != scaled.to_integral_value():
        details = {"unit": code, "places": commodity.scale}
        raise Refusal(Problem("money.inexact", where, str(number), details))
    if abs(scaled) > AMOUNT_MAX:
        details = {"limit": f"{AMOUNT_MAX:,}"}
        raise Refusal(Problem("money.too_large", where, str(number), details))
    return int(scaled)


def in_words(won: int, language: str) -> str:
    """Won as people say them, to at most four leading figures; the exact sum belongs beside it.

    Truncated towards zero, so a sum is never said to be larger than it is.

    >>> in_words(776_000_000_000, "ko"), in_words(1_240_000_000_000, "ko"), in_words(9_500, "ko")
    ('7,760억 원', '1조 2,400억 원', '9,500원')
    >>> in_words(776_000_000_000, "en"), in_words(-1_920_000_000, "en")
    ('₩776.0 bn', '-₩1.92 bn')
    """
    sign, size = ("-" if won < 0 else ""), abs(won)
    if language == "ko":
        return sign + _in_korean(size)
    for name, unit in (("tn", 10**12), ("bn", 10**9), ("m", 10**6)):
        if size >= unit:
            places = 2 if size < 10 * unit else 1
            tenths = size * 10**places // unit
            whole, part = divmod(tenths, 10**places)
            return f"{sign}₩{whole:,}.{part:0{places}d} {name}"
    return f"{sign}₩{size:,}"


def _in_korean(size: int) -> str:
    if size < 10**4:
        return f"{size:,}원"
    if size < 10**8:
        return f"{size // 10**4:,}만 원"
    trillions, hundred_millions = divmod(size // 10**8, 10**4)
    if trillions and hundred_millions:
        return f"{trillions:,}조 {hundred_millions:,}억 원"
    return f"{trillions:,}조 원" if trillions else f"{hundred_millions:,}억 원"


@dataclass(frozen=True, slots=True)
class Split:
    """An exact split.

    parts: amounts in the order of the weights.
    residue: what no part received; the caller books it to a named residue account.
    """

    parts: tuple[int, ...]
    residue: int


def split(
    total: int,
    weights: Sequence[int],
    *,
    policy: Policy,
    names: Sequence[str] | None = None,
    distribution: str = "",
) -> Split:
    """Split `total` smallest units in proportion to integer weights.

    policy: `largest_remainder` (Hamilton: floors, then one unit each to the largest remainders;
    equal remainders are ordered by SHA-256 of distribution and name, so that no holder is always
    favoured), `floor_residue` (floors, the rest is residue), `drop_below_ten` (floors to ten
    units, 국고금관리법 제47조: amounts below ten won are not paid; the rest is residue).
    names: holders' identifiers, by default their positions. A negative total splits as its
    positive and changes sign. Raises `Refusal` for weights that cannot be shared by.

    >>> split(100, [1, 1, 1], policy="floor_residue")
    Split(parts=(33, 33, 33), residue=1)
    >>> sum(split(100, [1, 1, 1], policy="largest_remainder", distribution="2026-1").parts)
    100
    """
    whole = _checked_weights(weights)
    size, sign = abs(total), (-1 if total < 0 else 1)
    step = 10 if policy == "drop_below_ten" else 1
    parts = [size * weight // whole // step * step for weight in weights]
    rest = size - sum(parts)
    if policy == "largest_remainder" and rest:
        remainders = [size * weight % whole for weight in weights]
        order = sorted(
            (place for place, remainder in enumerate(remainders) if remainder),
            key=lambda place: (-remainders[place], _lot(distribution, names, place)),
        )
        for place in order[:rest]:
            parts[place] += 1
        rest = 0
    ensure(sum(parts) + rest == size, "a split must keep its total")
    return Split(tuple(sign * part for part in parts), sign * rest)


def _lot(distribution: str, names: Sequence[str] | None, place: int) -> bytes:
    name = str(place) if names is None else names[place]
    return hashlib.sha256(f"{distribution}\n{name}".encode()).digest()


def _checked_weights(weights: Sequence[int]) -> int:
    problems = [
        Problem("money.weights", f"weight {place + 1}", str(weight))
        for place, weight in enumerate(weights)
        if not isinstance(weight, int) or isinstance(weight, bool) or weight < 0
    ]
    whole = 0 if problems else sum(weights)
    if not problems and whole <= 0:
        problems = [Problem("money.weights", "weights", str(whole))]
    if problems:
        raise Refusal(problems)
    return whole


def split_many(
    total: int,
    weights: "numpy.ndarray[Any, Any]",
    *,
    policy: Policy,
    names: Sequence[str] | None = None,
    distribution: str = "",
) -> tuple["numpy.ndarray[Any, Any]", int]:
    """`split` for millions of holders: an int64 array of weights, the same parts to the unit.

    Quotients are estimated in float64 and put right by the remainder, which is exact in wrapping
    64-bit arithmetic as long as the estimate is less than 2**62 / whole units off; where that
    cannot be guaranteed the big-integer path answers instead.

    >>> import numpy
    >>> split_many(100, numpy.array([1, 2, 4]), policy="floor_residue")
    (array([14, 28, 57]), 1)
    """
    import numpy

    whole = int(weights.sum(dtype=object)) if len(weights) < 64 else _sum_exact(weights)
    if len(weights) == 0 or int(weights.min()) < 0 or whole <= 0:
        _checked_weights([int(weight) for weight in weights])
    size, sign = abs(total), (-1 if total < 0 else 1)
    estimate_error = (size * int(weights.max()) >> 50) + 2 * whole
    if estimate_error >= 1 << 62 or size >= 1 << 62:
        small = split(
            total,
            [int(weight) for weight in weights],
            policy=policy,
            names=names,
            distribution=distribution,
        )
        return numpy.array(small.parts, dtype=numpy.int64), small.residue
    held = weights.astype(numpy.int64, copy=False)
    parts = (held * (size / whole)).astype(numpy.int64)
    with numpy.errstate(over="ignore"):
        remainders = held * numpy.int64(size) - parts * numpy.int64(whole)
    carry = remainders // whole
    parts += carry
    remainders -= carry * whole
    if policy == "drop_below_ten":
        parts -= parts % 10
    rest = size - int(parts.sum())
    if policy == "largest_remainder" and rest:
        _give_to_largest(parts, remainders, rest, names, distribution)
        rest = 0
    ensure(int(parts.sum()) + rest == size, "a split must keep its total")
    return sign * parts, sign * rest


def _sum_exact(weights: "numpy.ndarray[Any, Any]") -> int:
    """Sum of int64 weights without wrapping: high and low halves apart."""
    high, low = weights >> 32, weights & 0xFFFFFFFF
    return (int(high.sum()) << 32) + int(low.sum())


def _give_to_largest(
    parts: "numpy.ndarray[Any, Any]",
    remainders: "numpy.ndarray[Any, Any]",
    count: int,
    names: Sequence[str] | None,
    distribution: str,
) -> None:
    """One unit each to the `count` largest remainders; lots decide among equals."""
    import numpy

    threshold = numpy.partition(remainders, len(remainders) - count)[len(remainders) - count]
    above = remainders > threshold
    parts[above] += 1
    equal = numpy.flatnonzero(remainders == threshold).tolist()
    left = count - int(above.sum())
    if left < len(equal):
        equal.sort(key=lambda place: _lot(distribution, names, place))
    parts[equal[:left]] += 1
