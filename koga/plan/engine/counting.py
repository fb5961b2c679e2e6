"""Exact draws of counts as a pure function of (seed, path, stream, place), compiled.

Few expected: one uniform gives the binomial by inversion from 0. Many: Hörmann's transformed
rejection (BTRS, J. Stat. Comput. Simul. 46, 1993), which most often takes two uniforms and no
logarithm, whatever the count; both are exact but for the last bits of a double, and both move
little where a count or a chance moves little. A stream is opened per path and purpose; within it
the places follow each other, so the same purpose of another scheme gets the same uniforms (common
draws). The mixing is SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). Numba compiles on import;
import this module inside functions.
"""

import math

import numpy as np
from numba import uint64

from koga.plan.engine.compiled import inlined, lean

_GOLD = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31 = np.uint64(27), np.uint64(30), np.uint64(31)
_S11 = np.uint64(11)
_UNIT = 1.0 / 9007199254740992.0
_FEW = 10.0
"""From this mean on a count is drawn by rejection; BTRS asks for at least 10."""
_POWERS = 1024.0
"""Up to this count powers of 1 - p are multiplied out, beyond it they are exponentials."""
_INVERSES = 1.0 / np.arange(1.0, 1025.0)
_LOG_FACTORIALS = np.concatenate((np.zeros(1), np.cumsum(np.log(np.arange(1.0, 8192.0)))))
"""Tables of 1 / k and log k!: what would otherwise be divided and summed."""
_HALF_LOG_TAU = 0.5 * math.log(2.0 * math.pi)


@inlined
def mixed(word: np.uint64) -> np.uint64:
    """A word whose bits all depend on all bits of the given one."""
    word = (word ^ (word >> _S30)) * _FIRST
    word = (word ^ (word >> _S27)) * _SECOND
    return word ^ (word >> _S31)


@lean
def opened(seed: int, path: int, purpose: int, place: int) -> np.uint64:
    """The start of a stream."""
    word = mixed(uint64(seed) + _GOLD)
    word = mixed(word ^ mixed(uint64(path) + _GOLD))
    word = mixed(word ^ mixed(uint64(purpose) + _GOLD))
    return mixed(word ^ mixed(uint64(place) + _GOLD))


@inlined
def uniform(stream: np.ndarray) -> float:
    """The next number in [0, 1) of a stream (an array of one word, moved on)."""
    stream[0] += _GOLD
    return float(mixed(stream[0]) >> _S11) * _UNIT


@lean
def normal(stream: np.ndarray) -> float:
    """The next standard normal, by Box and Muller."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(stream)))
    return radius * math.cos(2.0 * math.pi * uniform(stream))


@lean
def _none(count: float, kept: float) -> float:
    """The chance that nothing happens to anybody: kept ** count."""
    if count > _POWERS:
        return math.exp(count * math.log(kept))
    power, left = 1.0, int(count)
    while left:
        if left & 1:
            power *= kept
        kept *= kept
        left >>= 1
    return power


@lean
def _inverted(count: float, chance: float, kept: float, stream: np.ndarray) -> float:
    """A binomial by inversion from 0; `kept` is 1 - chance."""
    left = uniform(stream)
    term = _none(count, kept)
    odds = chance / kept
    found = 0.0
    place = 0
    while left >= term and found < count and place < 1024:
        left -= term
        term *= odds * (count - found) * _INVERSES[place]
        found += 1.0
        place += 1
    return found


@lean
def _log_factorial(number: float) -> float:
    if number < _LOG_FACTORIALS.size:
        return float(_LOG_FACTORIALS[int(number)])
    after = number + 1.0
    series = (1.0 - 1.0 / (30.0 * after * after)) / (12.0 * after)
    return (after - 0.5) * math.log(after) - after + _HALF_LOG_TAU + series


@lean
def _rejected(count: float, chance: float, stream: np.ndarray) -> float:
    """A binomial by transformed rejection; chance at most 1/2. Names as in Hörmann's paper."""
    spread = math.sqrt(count * chance * (1.0 - chance))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * chance
    center = count * chance + 0.5
    sure = 0.92 - 4.2 / b
    while True:
        u = uniform(stream) - 0.5
        v = uniform(stream)
        edge = 0.5 - abs(u)
        found = math.floor((2.0 * a / edge + b) * u + center)
        if edge >= 0.07 and v <= sure:
            return found
        if 0.0 <= found <= count:
            alpha = (2.83 + 5.1 / b) * spread
            if math.log(v * alpha / (a / (edge * edge) + b)) <= _below(count, chance, found):
                return found


@lean
def _below(count: float, chance: float, found: float) -> float:
    """How much less likely than the mode a number is: the logarithm of the ratio."""
    mode = math.floor((count + 1.0) * chance)
    peak = _log_factorial(mode) + _log_factorial(count - mode)
    here = _log_factorial(found) + _log_factorial(count - found)
    return peak - here + (found - mode) * math.log(chance / (1.0 - chance))


@lean
def binomial(count: float, chance: float, stream: np.ndarray) -> float:
    """How many of `count` persons (a whole number) something of this chance happens to."""
    if count <= 0.0 or chance <= 0.0:
        return 0.0
    if chance >= 1.0:
        return count
    if chance > 0.5:
        kept = 1.0 - chance
        if count * kept < _FEW:
            return count - _inverted(count, kept, chance, stream)
        return count - _rejected(count, kept, stream)
    if count * chance < _FEW:
        return _inverted(count, chance, 1.0 - chance, stream)
    return _rejected(count, chance, stream)


@lean
def drawn(count: float, chance: float, expected: bool, stream: np.ndarray) -> float:
    """A binomial, or its mean where only expectations are asked for."""
    if expected:
        return count * min(1.0, max(0.0, chance))
    return binomial(count, chance, stream)


@lean
def leaving(count: float, hazard: float, expected: bool, stream: np.ndarray) -> float:
    """How many leave in one step at a hazard: each with chance 1 - exp(-hazard)."""
    if count <= 0.0 or hazard <= 0.0:
        return 0.0
    return drawn(count, -math.expm1(-hazard), expected, stream)
