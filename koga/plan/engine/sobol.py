"""Sobol's sequence in 64 dimensions, scrambled, every point a pure function of its index.

Direction numbers: Joe and Kuo, SIAM J. Sci. Comput. 30 (2008) 2635-2654 (new-joe-kuo-6), the ones
SciPy uses. Scrambling: a random lower triangular matrix and a digital shift for each dimension
(Matousek, J. Complexity 14, 1998), drawn from the seed, so that replicates differ by seed and any
range of points can be made without those before it.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from koga.plan.engine import draws
from koga.plan.engine.compiled import lean

Digits = NDArray[np.uint32]

DIMENSIONS, DIGITS = 64, 32
_SCRAMBLING = np.uint64(0x50B01)
_UNIT = 1.0 / 4294967296.0

_POLYNOMIALS = """
1:1 3:1 7:1,3 11:1,3,1 13:1,1,1 19:1,1,3,3 25:1,3,5,13 37:1,1,5,5,17 41:1,1,5,5,5 47:1,1,7,11,19
55:1,1,5,1,1 59:1,1,1,3,11 61:1,3,5,5,31 67:1,3,3,9,7,49 91:1,1,1,15,21,21 97:1,3,1,13,27,49
103:1,1,1,15,7,5 109:1,3,1,15,13,25 115:1,1,5,5,19,61 131:1,3,7,11,23,15,103
137:1,3,7,13,13,15,69 143:1,1,3,13,7,35,63 145:1,3,5,9,1,25,53 157:1,3,1,13,9,35,107
167:1,3,1,5,27,61,31 171:1,1,5,11,19,41,61 185:1,3,5,3,3,13,69 191:1,1,7,13,1,19,1
193:1,3,7,5,13,19,59 203:1,1,3,9,25,29,41 211:1,3,5,13,23,1,55 213:1,3,7,3,13,59,17
229:1,3,1,3,5,53,69 239:1,1,5,5,23,33,13 241:1,1,7,7,1,61,123 247:1,1,7,9,13,61,49
253:1,3,3,5,3,55,33 285:1,3,1,15,31,13,49,245 299:1,3,5,15,31,59,63,97 301:1,3,1,11,11,11,77,249
333:1,3,1,11,27,43,71,9 351:1,1,7,15,21,11,81,45 355:1,3,7,3,25,31,65,79 357:1,3,1,1,19,11,3,205
361:1,1,5,9,19,21,29,157 369:1,3,7,11,1,33,89,185 391:1,3,3,3,15,9,79,71
397:1,3,7,11,15,39,119,27 425:1,1,3,1,11,31,97,225 451:1,1,1,3,23,43,57,177
463:1,3,7,7,17,17,37,71 487:1,3,1,5,27,63,123,213 501:1,1,3,5,11,43,53,133
529:1,3,5,5,29,17,47,173,479 539:1,3,3,11,3,1,109,9,69 545:1,1,1,5,17,39,23,5,343
557:1,3,1,5,25,15,31,103,499 563:1,1,1,11,11,17,63,105,183 601:1,1,5,11,9,29,97,231,363
607:1,1,5,15,19,45,41,7,383 617:1,3,7,7,31,19,83,137,221 623:1,1,1,3,23,15,111,223,83
631:1,1,5,13,31,15,55,25,161 637:1,1,3,13,25,47,39,87,257
"""
"""Of each dimension: a primitive polynomial's bits, then its first direction numbers."""


@lru_cache(maxsize=1)
def plain() -> Digits:
    """Direction numbers by dimension and digit of the index, as 32-bit binary fractions."""
    numbers = np.zeros((DIMENSIONS, DIGITS), dtype=np.uint32)
    for dimension, row in enumerate(_POLYNOMIALS.split()):
        bits, _, given = row.partition(":")
        numbers[dimension] = _directions(int(bits), [int(m) for m in given.split(",")])
    return numbers


def _directions(polynomial: int, first: list[int]) -> list[int]:
    """Extended by the recurrence of the polynomial; dimension one is van der Corput's."""
    degree = polynomial.bit_length() - 1
    odd = [1] * DIGITS if degree == 0 else list(first)
    for place in range(len(odd), DIGITS):
        number = odd[place - degree] ^ (odd[place - degree] << degree)
        for power in range(1, degree):
            if polynomial >> (degree - power) & 1:
                number ^= odd[place - power] << power
        odd.append(number)
    return [number << (DIGITS - 1 - place) for place, number in enumerate(odd)]


@lru_cache(maxsize=64)
def scrambled(seed: int) -> tuple[Digits, Digits]:
    """Direction numbers times a random lower triangular matrix, and a shift, by dimension."""
    words = np.empty(DIMENSIONS * (DIGITS + 1), dtype=np.uint64)
    start = np.uint64(draws.opened(seed, 0, _SCRAMBLING))
    draws.fill(start, words.size, False, words)
    random = (words >> np.uint64(32)).astype(np.uint32).reshape(DIMENSIONS, DIGITS + 1)
    numbers = plain()
    result = np.zeros_like(numbers)
    for digit in range(DIGITS):
        top = np.uint32(1 << (DIGITS - 1 - digit))
        above = np.uint32(((1 << digit) - 1) << (DIGITS - digit))
        mask = (random[:, digit] & above) | top
        odd = np.bitwise_count(numbers & mask[:, None]) & 1
        result |= np.where(odd == 1, top, np.uint32(0))
    return result, random[:, DIGITS].copy()


@lean
def fill(directions: Digits, shift: Digits, index: int, point: NDArray[np.float64]) -> None:
    """Point `index` of the sequence, strictly inside the unit cube, as many dimensions as asked."""
    for dimension in range(point.size):
        found = shift[dimension]
        left, digit = index, 0
        while left > 0:
            if left & 1:
                found ^= directions[dimension, digit]
            left >>= 1
            digit += 1
        point[dimension] = (float(found) + 0.5) * _UNIT
