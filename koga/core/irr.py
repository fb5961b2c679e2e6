"""Internal rates of return: every root, found rigorously, and an honest status.

The rate solves Σ aᵢ·e^(-δ·tᵢ) = 0 with δ = ln(1+r), so that r stays above -100 %. The number of
roots is at most the number of sign changes (Descartes' rule for exponential sums, Laguerre 1883).
All are isolated: multiplied by e^(δ·t*) with t* between two terms of opposite sign, the derivative
has one sign change less, and its roots, found the same way, cut the line into stretches on which
the sum is monotone. Where a sum is too near to 0 to trust a float, sixty decimals decide.

Policy: `unique` gives the rate; `multiple`, `tangent` and `none` give none, but the list of roots.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from math import exp, expm1, fsum, isfinite, log

Number = int | float | Fraction | Decimal
_PRECISE = Context(prec=60, Emin=-999_999, Emax=999_999)
_ZERO_RELATIVE = Decimal("1e-30")
_TRUST = 1e-7


@dataclass(frozen=True, slots=True)
class Roots:
    """All roots of a stream of flows.

    status: unique | multiple | tangent | none | invalid (no span of time, or no representable
        rate). roots: rates in rising order; a root touched without crossing is listed once.
    """

    status: str
    roots: tuple[float, ...]

    @property
    def rate(self) -> float | None:
        """The rate where there is exactly one, else None."""
        return self.roots[0] if self.status == "unique" else None


@dataclass(frozen=True, slots=True)
class _Sum:
    """Σ signᵢ·e^(logᵢ - δ·tᵢ), the terms in order of time."""

    times: tuple[float, ...]
    signs: tuple[int, ...]
    logs: tuple[float, ...]

    def value(self, delta: float) -> tuple[float, float]:
        """The sum and the sum of absolute terms, both scaled by the largest term."""
        powers = [one - delta * time for one, time in zip(self.logs, self.times, strict=True)]
        top = max(powers)
        terms = [exp(power - top) for power in powers]
        signed = fsum(sign * term for sign, term in zip(self.signs, terms, strict=True))
        return signed, fsum(terms)

    def relative(self, delta: float) -> float:
        """The sum over the sum of its absolute terms, from -1 to 1."""
        signed, whole = self.value(delta)
        return signed / whole

    def ends(self) -> tuple[float, float]:
        """Beyond these the last, respectively the first term outweighs all others."""
        first = [one - self.logs[0] for one in self.logs[1:]]
        last = [one - self.logs[-1] for one in self.logs[:-1]]
        high = _log_sum(first) / (self.times[1] - self.times[0])
        low = _log_sum(last) / (self.times[-1] - self.times[-2])
        return -max(low, 0.0) - 1.0, max(high, 0.0) + 1.0

    def changes(self) -> list[int]:
        """Places after which the sign changes."""
        pairs = zip(self.signs, self.signs[1:], strict=False)
        return [place for place, (one, other) in enumerate(pairs) if one != other]

    def derived(self) -> "_Sum":
        """The derivative of e^(δ·t*)·sum, t* at a sign change: one change less."""
        changes = self.changes()
        place = changes[len(changes) // 2]
        middle = (self.times[place] + self.times[place + 1]) / 2
        factors = [middle - time for time in self.times]
        signs = [
            sign if factor > 0 else -sign for sign, factor in zip(self.signs, factors, strict=True)
        ]
        logs = [one + log(abs(factor)) for one, factor in zip(self.logs, factors, strict=True)]
        return _Sum(self.times, tuple(signs), tuple(logs))


def _log_sum(powers: Sequence[float]) -> float:
    top = max(powers)
    return top + log(fsum(exp(power - top) for power in powers))


def solve(times: Sequence[Number], amounts: Sequence[Number]) -> Roots:
    """All internal rates of return of flows at given times.

    times: years (or periods) from any common day. amounts: the investor's view, payments in
    negative. Flows at one time are one flow. Rates are per unit of time.

    >>> solve([0, 1], [-100, 110]).roots
    (0.1,)
    >>> solve([0, 1, 2], [-1600, 10000, -10000])
    Roots(status='multiple', roots=(0.25, 4.0))
    >>> solve([0, 1, 2], [-100, 220, -121]).status
    'tangent'
    """
    exact = _netted(times, amounts)
    if len({_fraction(time) for time in times}) < 2:
        return Roots("invalid", ())
    signs = [1 if amount > 0 else -1 for _, amount in exact]
    if len(set(signs)) < 2:
        return Roots("none", ())
    start = exact[0][0]
    terms = _Sum(
        tuple(float(time - start) for time, _ in exact),
        tuple(signs),
        tuple(_log(abs(amount)) for _, amount in exact),
    )
    found = _zeros(terms, _Precise(exact))
    rates = tuple(sorted(rate for rate, _ in found))
    if not all(isfinite(rate) for rate in rates):
        return Roots("invalid", ())
    if len(found) > 1:
        return Roots("multiple", rates)
    if not found:
        return Roots("none", ())
    return Roots("unique" if found[0][1] else "tangent", rates)


def _netted(times: Sequence[Number], amounts: Sequence[Number]) -> list[tuple[Fraction, Fraction]]:
    """Flows by time, those of one time added, zero sums left out."""
    sums: dict[Fraction, Fraction] = {}
    for time, amount in zip(times, amounts, strict=True):
        key = _fraction(time)
        sums[key] = sums.get(key, Fraction(0)) + _fraction(amount)
    return sorted((time, amount) for time, amount in sums.items() if amount)


def _fraction(number: Number) -> Fraction:
    return number if isinstance(number, Fraction) else Fraction(number)


def _log(amount: Fraction) -> float:
    return log(amount.numerator) - log(amount.denominator)


class _Precise:
    """The same sum in sixty decimals, to decide what floats cannot."""

    def __init__(self, exact: Sequence[tuple[Fraction, Fraction]]) -> None:
        start = exact[0][0]
        with localcontext(_PRECISE):
            self.times = [_decimal(time - start) for time, _ in exact]
            self.amounts = [_decimal(amount) for _, amount in exact]

    def sums(self, delta: Decimal) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """The sum, its first and second derivative, and the sum of absolute terms."""
        value = slope = bend = whole = Decimal(0)
        for time, amount in zip(self.times, self.amounts, strict=True):
            term = amount * (-delta * time).exp()
            value += term
            slope -= time * term
            bend += time * time * term
            whole += abs(term)
        return value, slope, bend, whole

    def rate(self, delta: float) -> float:
        """A simple root polished by Newton's method, as a rate."""
        with localcontext(_PRECISE):
            found = Decimal(delta)
            for _ in range(4):
                value, slope, _, _ = self.sums(found)
                if slope == 0:
                    break
                step = value / slope
                if abs(step) > Decimal("1e-4"):
                    return _safe_expm1(delta)
                found -= step
            return float(found.exp() - 1)

    def extremum(self, delta: float) -> tuple[int, float]:
        """Near a place where the slope vanishes: the sign of the sum there, and the place."""
        with localcontext(_PRECISE):
            found = Decimal(delta)
            for _ in range(60):
                _, slope, bend, _ = self.sums(found)
                if bend == 0:
                    break
                step = slope / bend
                if abs(step) > 1:
                    break
                found -= step
                if abs(step) < Decimal("1e-45"):
                    break
            value, _, _, whole = self.sums(found)
            if abs(value) <= whole * _ZERO_RELATIVE:
                return 0, float(found)
            return (1 if value > 0 else -1), float(found)


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _safe_expm1(delta: float) -> float:
    return expm1(delta) if delta < 709 else float("inf")


def _zeros(terms: _Sum, precise: _Precise) -> list[tuple[float, bool]]:
    """Rates of all roots, each with whether the sum crosses 0 there."""
    low, high = terms.ends()
    cuts = _crossings(terms.derived()) if len(terms.changes()) > 1 else []
    points = [low, *(cut for cut in cuts if low < cut < high), high]
    signs = [terms.signs[-1], *(0 for _ in points[1:-1]), terms.signs[0]]
    places = list(points)
    for number in range(1, len(points) - 1):
        signs[number], places[number] = _sign(terms, precise, points[number])
    found = []
    for number in range(len(points) - 1):
        if signs[number] * signs[number + 1] < 0:
            delta = _bisect(terms, points[number], points[number + 1], signs[number])
            found.append((precise.rate(delta), True))
    found += _touched(places, signs)
    return found


def _sign(terms: _Sum, precise: _Precise, point: float) -> tuple[int, float]:
    relative = terms.relative(point)
    if abs(relative) > _TRUST:
        return (1 if relative > 0 else -1), point
    return precise.extremum(point)


def _touched(places: Sequence[float], signs: Sequence[int]) -> list[tuple[float, bool]]:
    """Roots at stationary points: touched, or crossed flat where the signs beside them differ."""
    found = []
    number = 1
    while number < len(signs) - 1:
        if signs[number]:
            number += 1
            continue
        after = number
        while signs[after] == 0:
            after += 1
        crosses = signs[number - 1] != signs[after]
        found.append((_safe_expm1(places[number]), crosses))
        number = after
    return found


def _crossings(terms: _Sum) -> list[float]:
    """All zeros of a sum as floats, touching ones included: the cuts of the sum above it."""
    changes = terms.changes()
    if not changes:
        return []
    low, high = terms.ends()
    cuts = _crossings(terms.derived()) if len(changes) > 1 else []
    points = [low, *(cut for cut in cuts if low < cut < high), high]
    values = [float(terms.signs[-1])]
    values += [terms.relative(point) for point in points[1:-1]]
    values.append(float(terms.signs[0]))
    found = [point for point, value in zip(points, values, strict=True) if abs(value) < 1e-13]
    for number in range(len(points) - 1):
        if values[number] * values[number + 1] < 0:
            sign = 1 if values[number] > 0 else -1
            found.append(_bisect(terms, points[number], points[number + 1], sign))
    return sorted(found)


def _bisect(terms: _Sum, low: float, high: float, sign_low: int) -> float:
    """The one root between two points of opposite sign: Illinois steps kept inside by halving."""
    value_low, value_high = terms.relative(low), terms.relative(high)
    side = 0
    for _ in range(200):
        middle = (low + high) / 2
        if value_low * value_high < 0:
            guess = high - value_high * (high - low) / (value_high - value_low)
            inside = low + (high - low) * 1e-3 < guess < high - (high - low) * 1e-3
            middle = guess if inside else middle
        value = terms.relative(middle)
        if value == 0 or high - low <= 1e-14 * max(1.0, abs(middle)):
            return middle
        if (value > 0) == (sign_low > 0):
            low, value_low = middle, value
            value_high = value_high / 2 if side == 1 else value_high
            side = 1
        else:
            high, value_high = middle, value
            value_low = value_low / 2 if side == -1 else value_low
            side = -1
    return (low + high) / 2
