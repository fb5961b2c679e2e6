"""Exact draws of counts as a pure function of (seed, path, stream, place), compiled.

One uniform gives one binomial by inversion, from 0 where few are expected and from the mode where
many are; nothing is approximated but the last bits of a double. A stream is opened per path and
purpose; within it the places follow each other, so the same purpose of another scheme gets the same
uniforms (common draws). The mixing is SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). Numba
compiles on import; import this module inside functions.
"""

import math

import numpy as np
from numba import njit, uint64

_GOLD = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31 = np.uint64(27), np.uint64(30), np.uint64(31)
_S11 = np.uint64(11)
_UNIT = 1.0 / 9007199254740992.0
_FEW = 25.0
"""From this mean on an inversion begins at the mode; before, the first term cannot underflow."""
_SPENT = 1e-17
_INVERSES = 1.0 / np.arange(1.0, 1025.0)
_LOG_FACTORIALS = np.concatenate((np.zeros(1), np.cumsum(np.log(np.arange(1.0, 8192.0)))))
"""Tables of 1 / k and log k!: what the loops below would otherwise divide and sum."""


@njit(cache=True, inline="always", error_model="numpy")
def mixed(word: np.uint64) -> np.uint64:
    """A word whose bits all depend on all bits of the given one."""
    word = (word ^ (word >> _S30)) * _FIRST
    word = (word ^ (word >> _S27)) * _SECOND
    return word ^ (word >> _S31)


@njit(cache=True, error_model="numpy")
def opened(seed: int, path: int, purpose: int, place: int) -> np.uint64:
    """The start of a stream."""
    word = mixed(uint64(seed) + _GOLD)
    word = mixed(word ^ mixed(uint64(path) + _GOLD))
    word = mixed(word ^ mixed(uint64(purpose) + _GOLD))
    return mixed(word ^ mixed(uint64(place) + _GOLD))


@njit(cache=True, inline="always", error_model="numpy")
def uniform(stream: np.ndarray) -> float:
    """The next number in [0, 1) of a stream (an array of one word, moved on)."""
    stream[0] += _GOLD
    return float(mixed(stream[0]) >> _S11) * _UNIT


@njit(cache=True, error_model="numpy")
def normal(stream: np.ndarray) -> float:
    """The next standard normal, by Box and Muller."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(stream)))
    return radius * math.cos(2.0 * math.pi * uniform(stream))


@njit(cache=True, error_model="numpy")
def _inverted(count: float, odds: float, log_kept: float, stream: np.ndarray) -> float:
    """A binomial by inversion from 0; `odds` is p / (1 - p), `log_kept` is log(1 - p)."""
    left = uniform(stream)
    term = math.exp(count * log_kept)
    found = 0.0
    place = 0
    while left >= term and found < count and place < 1024:
        left -= term
        term *= odds * (count - found) * _INVERSES[place]
        found += 1.0
        place += 1
    return found


@njit(cache=True, error_model="numpy")
def _log_factorial(number: float) -> float:
    if number < _LOG_FACTORIALS.size:
        return float(_LOG_FACTORIALS[int(number)])
    return math.lgamma(number + 1.0)


@njit(cache=True, error_model="numpy")
def _around_mode(count: float, chance: float, stream: np.ndarray) -> float:
    """The same from the mode outwards: below a guess of its distribution function downwards, else
    upwards. Where one side is used up the number goes on at the other, so the guess biases nothing.
    """
    odds = chance / (1.0 - chance)
    mode = math.floor((count + 1.0) * chance)
    log_term = _log_factorial(count) - _log_factorial(mode) - _log_factorial(count - mode)
    term = math.exp(log_term + mode * math.log(chance) + (count - mode) * math.log1p(-chance))
    distance = (mode - 0.5 - count * chance) / math.sqrt(2.0 * count * chance * (1.0 - chance))
    guess = 0.5 * math.erfc(-distance)
    left = uniform(stream)
    below = left < guess
    left = guess - left if below else left - guess
    for _ in range(2):
        at = mode - 1.0 if below else mode
        here = term * mode / (odds * (count - mode + 1.0)) if below else term
        while 0.0 <= at <= count and left >= here and here > _SPENT:
            left -= here
            if below:
                here *= at / (odds * (count - at + 1.0))
                at -= 1.0
            else:
                here *= odds * (count - at) / (at + 1.0)
                at += 1.0
        if 0.0 <= at <= count and here > _SPENT:
            return at
        below = not below
        left += guess if below else 1.0 - guess
    return mode


@njit(cache=True, error_model="numpy")
def binomial(count: float, chance: float, stream: np.ndarray) -> float:
    """How many of `count` persons (a whole number) something of this chance happens to."""
    if count <= 0.0 or chance <= 0.0:
        return 0.0
    if chance >= 1.0:
        return count
    if count * chance > _FEW and count * (1.0 - chance) > _FEW:
        return _around_mode(count, chance, stream)
    if chance > 0.5:
        return count - _inverted(count, (1.0 - chance) / chance, math.log(chance), stream)
    return _inverted(count, chance / (1.0 - chance), math.log1p(-chance), stream)


@njit(cache=True, error_model="numpy")
def drawn(count: float, chance: float, expected: bool, stream: np.ndarray) -> float:
    """A binomial, or its mean where only expectations are asked for."""
    if expected:
        return count * min(1.0, max(0.0, chance))
    return binomial(count, chance, stream)


@njit(cache=True, error_model="numpy")
def leaving(count: float, hazard: float, expected: bool, stream: np.ndarray) -> float:
    """How many leave in one step at a hazard: each with chance 1 - exp(-hazard)."""
    if count <= 0.0 or hazard <= 0.0:
        return 0.0
    chance = -math.expm1(-hazard)
    if expected:
        return count * chance
    if chance > 0.5 or count * chance > _FEW:
        return binomial(count, chance, stream)
    return _inverted(count, chance / (1.0 - chance), -hazard, stream)
