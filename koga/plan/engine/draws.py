"""Random numbers as a pure function of (seed, path, purpose, deal): nothing is ever stored.

A path opens a stream for each purpose; the draws of a stream are numbered, and number i is one
64-bit word: SplitMix64 at position i (Steele, Lea and Flood, OOPSLA 2014, with Stafford's mix 13).
Equal arguments give equal words in every scheme, on every worker, in any order. For audits the
same places can be filled by Philox-4x32-10 instead (Salmon and others, SC 2011), a generator of
another family whose results must have the same distribution.
"""

import math

import numpy as np
from numpy.typing import NDArray

from koga.plan.engine.compiled import inlined, lean

Words = NDArray[np.uint64]

GOLD = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_SEED = np.uint64(0xD1B54A32D192ED03)
_PATH = np.uint64(0xABC98388FB8FAC03)
_PURPOSE = np.uint64(0x8CB92BA72F3D8DD7)
_12, _27, _30, _31, _32 = (np.uint64(number) for number in (12, 27, 30, 31, 32))
_ONE = np.uint64(1)
_LOW = np.uint64(0xFFFFFFFF)
_UNIT = 1.0 / 4503599627370496.0

_ROUND_A, _ROUND_B = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_A, _WEYL_B = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)


@inlined
def mixed(word: np.uint64) -> np.uint64:
    """A word of which every bit depends on every bit of the given one; one to one."""
    word = (word ^ (word >> _30)) * _FIRST
    word = (word ^ (word >> _27)) * _SECOND
    return word ^ (word >> _31)


@lean
def opened(seed: int, path: int, purpose: np.uint64) -> np.uint64:
    """Where the stream of a purpose on a path begins."""
    word = mixed(np.uint64(seed) + _SEED)
    word = mixed(word ^ (np.uint64(path) + _ONE) * _PATH)
    return mixed(word ^ (np.uint64(purpose) + _ONE) * _PURPOSE)


@inlined
def numbered(start: np.uint64, number: np.uint64) -> np.uint64:
    """Draw `number` of the stream that begins at `start`."""
    return mixed(start + (number + _ONE) * GOLD)


@lean
def philox(start: np.uint64, number: np.uint64) -> np.uint64:
    """The same place filled by Philox-4x32-10: the stream's start is its key."""
    one, two = number & _LOW, number >> _32
    three, four = np.uint64(0), np.uint64(0)
    key, second = start & _LOW, start >> _32
    for _ in range(10):
        high, low = (_ROUND_A * one) >> _32, (_ROUND_A * one) & _LOW
        upper, lower = (_ROUND_B * three) >> _32, (_ROUND_B * three) & _LOW
        one, two, three, four = upper ^ two ^ key, lower, high ^ four ^ second, low
        key, second = (key + _WEYL_A) & _LOW, (second + _WEYL_B) & _LOW
    return (one << _32) | two


@lean
def fill(start: np.uint64, count: int, audit: bool, words: Words) -> None:
    """The first `count` draws of a stream."""
    if audit:
        for number in range(count):
            words[number] = philox(start, np.uint64(number))
    else:
        for number in range(count):
            words[number] = numbered(start, np.uint64(number))


@inlined
def uniform(word: np.uint64) -> float:
    """A number strictly between 0 and 1 out of a word's upper 52 bits, exact: a half is added."""
    return (float(word >> _12) + 0.5) * _UNIT


@lean
def normal(chance: float) -> float:
    """The standard normal quantile: Wichura, algorithm AS 241 (1988), to sixteen digits."""
    centred = chance - 0.5
    if abs(centred) <= 0.425:
        return _central(centred)
    rest = min(chance, 1.0 - chance)
    if rest <= 0.0:
        return math.copysign(40.0, centred)
    far = math.sqrt(-math.log(rest))
    found = _near_tail(far - 1.6) if far <= 5.0 else _far_tail(far - 5.0)
    return math.copysign(found, centred)


@inlined
def _central(centred: float) -> float:
    r = 0.180625 - centred * centred
    above = (
        ((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
        + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
        + 133.14166789178437745) * r + 3.387132872796366608
    )  # fmt: skip
    below = (
        ((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
        + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
        + 42.313330701600911252) * r + 1.0
    )  # fmt: skip
    return centred * above / below


@inlined
def _near_tail(r: float) -> float:
    above = (
        ((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r
        + 0.24178072517745061177) * r + 1.27045825245236838258) * r + 3.64784832476320460504) * r
        + 5.7694972214606914055) * r + 4.6303378461565452959) * r + 1.42343711074968357734
    )  # fmt: skip
    below = (
        ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r
        + 0.0151986665636164571966) * r + 0.14810397642748007459) * r
        + 0.68976733498510000455) * r + 1.6763848301838038494) * r
        + 2.05319162663775882187) * r + 1.0
    )  # fmt: skip
    return above / below


@inlined
def _far_tail(r: float) -> float:
    above = (
        ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
        + 0.0012426609473880784386) * r + 0.026532189526576123093) * r
        + 0.29656057182850489123) * r + 1.7848265399172913358) * r
        + 5.4637849111641143699) * r + 6.6579046435011037772
    )  # fmt: skip
    below = (
        ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r
        + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r
        + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
        + 0.59983220655588793769) * r + 1.0
    )  # fmt: skip
    return above / below
