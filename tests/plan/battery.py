"""Statistical tests of 64-bit random words: each gives p-values, small ones reject."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Words = NDArray[np.uint64]
DAYS, BIRTHDAYS = 2**32, 4096


def p_values(words: Words) -> dict[str, float]:
    """Every test of the battery by name; two-sided, so that what is too even is rejected too."""
    high = (words >> np.uint64(32)).astype(np.int64)
    low = (words & np.uint64(0xFFFFFFFF)).astype(np.int64)
    found = _bytes(words) | _bits(words) | _changes(words)
    found["halves"] = even(np.bincount((high >> 28) * 16 + (low & 15), minlength=256))
    for name, half in (("high", high), ("low", low)):
        found |= {
            f"{name}.uniform": float(stats.kstest((half + 0.5) / DAYS, "uniform").pvalue),
            f"{name}.pairs": _pairs(half & 15),
            f"{name}.runs": _runs(half),
            f"{name}.up_and_down": _up_and_down(half),
            f"{name}.birthdays": _birthdays(half),
            f"{name}.collisions": _collisions(half),
        }
        found |= {f"{name}.lag{lag}": _lag(half, lag) for lag in (1, 2, 3, 4, 8, 64)}
    return found


def lowest(words: Words) -> tuple[str, float]:
    """The test that rejects most, and its p-value."""
    found = p_values(words)
    name = min(found, key=found.__getitem__)
    return name, found[name]


def even(counts: NDArray[np.int64]) -> float:
    """Chi-square against equal counts, two-sided."""
    expected = counts.sum() / counts.size
    score = float(((counts - expected) ** 2).sum() / expected)
    return _both_sides(
        stats.chi2.cdf(score, counts.size - 1), stats.chi2.sf(score, counts.size - 1)
    )


def _both_sides(below: float, above: float) -> float:
    return float(min(1.0, 2 * min(below, above)))


def _normal(score: float) -> float:
    return float(2 * stats.norm.sf(abs(score)))


def _bytes(words: Words) -> dict[str, float]:
    """256 bins of each byte of the words: the lowest and highest of either half among them."""
    eighths = np.ascontiguousarray(words).view(np.uint8).reshape(-1, 8)
    return {f"byte{one}": even(np.bincount(eighths[:, one], minlength=256)) for one in range(8)}


def _bits(words: Words) -> dict[str, float]:
    """Each of the 64 bits is set in half of the words."""
    ones = [int((words >> np.uint64(bit) & np.uint64(1)).sum()) for bit in range(64)]
    scores = (np.array(ones) - words.size / 2) / np.sqrt(words.size / 4)
    return {
        "bits": float(stats.chi2.sf((scores**2).sum(), 64)),
        "bit": float(min(1.0, 64 * _normal(np.abs(scores).max()))),
    }


def _changes(words: Words) -> dict[str, float]:
    """From one word to the next each bit changes in half of all cases: how many do is binomial."""
    changed = np.bitwise_count(words[1::2] ^ words[:-1:2])
    law = stats.binom(64, 0.5)
    edges = np.arange(22, 43)
    meant = np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]])) * changed.size
    counts = np.bincount(np.searchsorted(edges, changed), minlength=edges.size + 1)
    score = float(((counts - meant) ** 2 / meant).sum())
    return {"changes": _both_sides(stats.chi2.cdf(score, 21), stats.chi2.sf(score, 21))}


def _pairs(nibbles: NDArray[np.int64]) -> float:
    """Two successive numbers of four bits: all 256 pairs equally often."""
    return even(np.bincount(nibbles[:-1:2] * 16 + nibbles[1::2], minlength=256))


def _lag(half: NDArray[np.int64], lag: int) -> float:
    """No correlation between a number and the one `lag` places on."""
    centred = (half + 0.5) / DAYS - 0.5
    products = centred[:-lag] * centred[lag:]
    return _normal(float(products.sum() / np.sqrt(products.size) * 12))


def _runs(half: NDArray[np.int64]) -> float:
    """Wald and Wolfowitz: how often the side of the middle changes."""
    above = half >= DAYS // 2
    runs, ups = 1 + int((above[1:] != above[:-1]).sum()), int(above.sum())
    downs = above.size - ups
    if not ups or not downs:
        return 0.0
    both = 2.0 * ups * downs
    mean = both / above.size + 1
    variance = both * (both - above.size) / (above.size**2 * (above.size - 1.0))
    return _normal((runs - mean) / np.sqrt(variance))


def _up_and_down(half: NDArray[np.int64]) -> float:
    """How often a rise turns into a fall or back: mean (2 n - 4) / 3, variance (16 n - 29) / 90."""
    rising = half[1:] > half[:-1]
    turns = int((rising[1:] != rising[:-1]).sum())
    return _normal((turns - (2 * half.size - 4) / 3) / np.sqrt((16 * half.size - 29) / 90))


def _birthdays(half: NDArray[np.int64]) -> float:
    """Marsaglia's birthday spacings: equal gaps between sorted birthdays, a Poisson number."""
    rounds = half[: half.size // BIRTHDAYS * BIRTHDAYS].reshape(-1, BIRTHDAYS)
    gaps = np.sort(np.diff(np.sort(rounds, axis=1), axis=1), axis=1)
    equal = int((gaps[:, 1:] == gaps[:, :-1]).sum())
    return _poisson(equal, rounds.shape[0] * BIRTHDAYS**3 / (4.0 * DAYS))


def _collisions(half: NDArray[np.int64]) -> float:
    """Numbers of 32 bits met before: nearly Poisson."""
    return _poisson(half.size - np.unique(half).size, half.size**2 / (2.0 * DAYS))


def _poisson(count: int, mean: float) -> float:
    return _both_sides(stats.poisson.cdf(count, mean), stats.poisson.sf(count - 1, mean))
