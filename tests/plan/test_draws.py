"""The counter hash under a battery that rejects bad generators; Philox; normal quantiles."""

import numpy as np
import pytest
from numba import njit
from scipy import special, stats

from koga.plan.engine import draws
from tests.plan import battery
from tests.plan.battery import Words

COUNT = 2**18
KEYS = np.array([0x243F6A8885A308D3, 0x13198A2E03707344], dtype=np.uint64)
"""Of two cells of deals, as `prepared` makes them out of names."""


@njit
def _deals(seed: int, path: int, purpose: int, key: int, count: int, audit: bool) -> Words:
    """The words of one cell's deals, as the exact engine opens them."""
    words = np.empty(count, dtype=np.uint64)
    start = draws.opened(seed, path, np.uint64(purpose)) ^ np.uint64(key)
    draws.fill(draws.mixed(start), count, audit, words)
    return words


@njit
def _starts(seeds: np.ndarray, paths: np.ndarray, purposes: np.ndarray) -> Words:
    """The first word of each stream."""
    words = np.empty(seeds.size, dtype=np.uint64)
    for place in range(seeds.size):
        start = draws.opened(seeds[place], paths[place], np.uint64(purposes[place]))
        words[place] = draws.numbered(start, np.uint64(0))
    return words


def grid(paths: int, quarters: int, deals: int, audit: bool, cell: int = 0) -> Words:
    """Deals of a cell in neighbouring quarters on neighbouring paths: path × quarter × deal."""
    found = [
        [_deals(1, path, quarter, int(KEYS[cell]), deals, audit) for quarter in range(quarters)]
        for path in range(paths)
    ]
    return np.array(found, dtype=np.uint64)


def walk(name: str, audit: bool = False) -> Words:
    """Words side by side in one direction: one thing changes by one, the rest stays."""
    if name == "deals":
        return _deals(2025, 3, 5, int(KEYS[0]), COUNT, audit)
    if name == "deals of a path":
        return grid(64, 16, 256, audit).ravel()
    if name == "paths of a deal":
        return grid(256, 4, 256, audit).transpose(1, 2, 0).ravel()
    if name == "quarters of a deal":
        return grid(64, 64, 64, audit).transpose(0, 2, 1).ravel()
    if name == "cells":
        pair = [grid(64, 16, 128, audit, cell) for cell in (0, 1)]
        return np.stack(pair, axis=-1).ravel()
    same, on = np.full(COUNT, 7), np.arange(COUNT)
    moved = {"seeds": (on, same, same), "paths": (same, on, same), "purposes": (same, same, on)}
    return _starts(*moved[name])


IN_CELLS = ("deals", "deals of a path", "paths of a deal", "quarters of a deal", "cells")


@pytest.mark.parametrize("name", [*IN_CELLS, "seeds", "paths", "purposes"])
def test_given_neighbours_in_any_direction_when_tested_then_the_hash_is_not_rejected(
    name: str,
) -> None:
    found = battery.p_values(walk(name))

    assert min(found.values()) > 1e-5, battery.lowest(walk(name))
    assert np.median(list(found.values())) > 0.2


@pytest.mark.parametrize("name", IN_CELLS)
def test_given_the_audit_generator_when_tested_then_it_is_not_rejected_either(name: str) -> None:
    found, chance = battery.lowest(walk(name, audit=True))

    assert chance > 1e-5, found


def linear() -> Words:
    """x ← a x + c: the low bits have short periods (Knuth's multiplier)."""
    words, word = np.empty(COUNT, dtype=np.uint64), 1
    for place in range(COUNT):
        word = (word * 6364136223846793005 + 1442695040888963407) % 2**64
        words[place] = word
    return words


@njit
def _streams(starts: Words, count: int) -> Words:
    words = np.empty((starts.size, count), dtype=np.uint64)
    for path in range(starts.size):
        draws.fill(starts[path], count, False, words[path])
    return words


def bad(name: str) -> Words:
    """Generators that look random and are not."""
    places = np.arange(COUNT, dtype=np.uint64)
    if name == "linear":
        return linear()
    if name == "unmixed":
        return places * draws.GOLD
    if name == "half mixed":
        word = places * draws.GOLD
        return (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    if name == "paths overlap":
        starts = np.arange(64, dtype=np.uint64) * draws.GOLD
        return _streams(starts, COUNT // 64).ravel()
    good = walk("deals")
    if name == "a bit leans":
        rare = places % np.uint64(64) == 0
        return np.where(rare, good | np.uint64(1 << 17), good)
    return np.where(places % np.uint64(50) == 49, np.roll(good, 1), good)


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("linear", "byte0"),
        ("unmixed", "high.lag1"),
        ("half mixed", "changes"),
        ("paths overlap", "high.collisions"),
        ("a bit leans", "bit"),
        ("a word repeats", "high.birthdays"),
    ],
)
def test_given_a_bad_generator_when_tested_then_the_battery_rejects_it(name: str, by: str) -> None:
    assert battery.p_values(bad(name))[by] < 1e-9


@njit
def _word(seed: int, path: int, purpose: int, deal: int) -> np.uint64:
    return draws.numbered(draws.opened(seed, path, np.uint64(purpose)), np.uint64(deal))


@njit
def _flips(inputs: np.ndarray, which: int, bits: int) -> np.ndarray:
    """How often each bit of a word turns when one bit of an argument does."""
    turned = np.zeros((bits, 64))
    for row in range(inputs.shape[0]):
        one = inputs[row]
        before = _word(one[0], one[1], one[2], one[3])
        for bit in range(bits):
            other = one.copy()
            other[which] ^= np.int64(1) << bit
            change = before ^ _word(other[0], other[1], other[2], other[3])
            for place in range(64):
                turned[bit, place] += (change >> np.uint64(place)) & np.uint64(1)
    return turned / inputs.shape[0]


@pytest.mark.parametrize("which", range(4))
def test_given_one_bit_of_an_argument_turned_then_every_bit_of_the_word_turns_half_the_time(
    which: int,
) -> None:
    """Small arguments, as they are used: seed, path, purpose, deal."""
    inputs = np.random.default_rng(which).integers(0, 5000, (4000, 4))

    shares = _flips(inputs, which, 32)

    assert np.abs(shares - 0.5).max() < 6 * 0.5 / np.sqrt(4000)
    assert shares.mean() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(4000 * 32 * 64))


def philox4x32(counter: list[int], key: list[int]) -> list[int]:
    """Philox4x32-10 as its paper writes it."""
    one, two, three, four = counter
    first, second = key
    for _ in range(10):
        left, right = 0xD2511F53 * one, 0xCD9E8D57 * three
        one, three = (right >> 32) ^ two ^ first, (left >> 32) ^ four ^ second
        two, four = right & 0xFFFFFFFF, left & 0xFFFFFFFF
        first, second = (first + 0x9E3779B9) % 2**32, (second + 0xBB67AE85) % 2**32
    return [one, two, three, four]


KNOWN = """
00000000 00000000 00000000 00000000 00000000 00000000 6627e8d5 e169c58d bc57ac4c 9b00dbd8
ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd
243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 d16cfe09 94fdcceb 5001e420 24126ea1
"""
"""Random123, kat_vectors, philox4x32 10: counter, key, answer."""


@pytest.mark.parametrize("row", KNOWN.split("\n")[1:-1])
def test_given_the_published_vectors_when_computed_as_on_paper_then_they_are_met(row: str) -> None:
    numbers = [int(one, 16) for one in row.split()]

    assert philox4x32(numbers[:4], numbers[4:6]) == numbers[6:]


def test_given_any_place_when_philox_fills_it_then_it_is_the_published_function() -> None:
    chance = np.random.default_rng(1).integers(0, 2**64, (200, 2), dtype=np.uint64)

    for start, number in [(np.uint64(0), np.uint64(0)), *chance]:
        key, place = int(start), int(number)
        one, two, _, _ = philox4x32([place % 2**32, place >> 32, 0, 0], [key % 2**32, key >> 32])
        assert int(draws.philox(start, number)) == (one << 32) | two


@pytest.mark.parametrize("name", IN_CELLS)
def test_given_the_same_places_when_filled_by_philox_then_the_distribution_is_the_same(
    name: str,
) -> None:
    own, audited = (walk(name, audit) / 2.0**64 for audit in (False, True))

    assert stats.ks_2samp(own, audited).pvalue > 1e-3
    assert abs(np.corrcoef(own, audited)[0, 1]) < 5 / np.sqrt(COUNT)


def test_given_a_word_when_made_uniform_then_it_is_strictly_inside() -> None:
    lowest, highest = draws.uniform(np.uint64(0)), draws.uniform(np.uint64(2**64 - 1))

    assert 0 < lowest < 2**-51
    assert 1 - 2**-51 < highest < 1


def test_given_chances_when_made_normal_then_they_are_scipys_quantiles() -> None:
    body, tail = np.linspace(1e-4, 1 - 1e-4, 20_001), np.logspace(-300, -4, 2000)

    for chances in (body, tail, 1 - tail[tail > 1e-13]):
        found = np.array([draws.normal(float(chance)) for chance in chances])
        np.testing.assert_allclose(found, special.ndtri(chances), rtol=1e-14, atol=1e-15)


def test_given_a_quantile_when_mirrored_then_its_sign_changes_and_ends_are_far_out() -> None:
    for chance in (0.5, 0.25, 0.0625, 2.0**-20, 2.0**-50):
        assert draws.normal(chance) == -draws.normal(1 - chance)
    assert draws.normal(0.0) == -40
    assert draws.normal(1.0) == 40


def test_given_uniforms_of_a_stream_when_made_normal_then_moments_and_law_are_the_normals() -> None:
    words = walk("paths of a deal")[: 2**16]

    found = np.array([draws.normal(draws.uniform(word)) for word in words])

    assert stats.kstest(found, "norm").pvalue > 1e-3
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert (found**power).mean() == pytest.approx(moment, abs=4 * np.sqrt(variance) / 2**8)
