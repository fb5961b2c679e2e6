"""The counter hash as a generator: neighbours in every direction have nothing in common."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.special import ndtri

from koga.plan import draws

WORDS = 1 << 17
Words = NDArray[np.uint64]


def stream(seed: int, path: int, purpose: int) -> np.uint64:
    return np.uint64(draws.opened(seed, path, np.uint64(purpose)))


def along_deals(audit: bool) -> Words:
    words = np.empty(WORDS, dtype=np.uint64)
    draws.fill(stream(1, 0, 7), WORDS, audit, words)
    return words


def across(kind: str, audit: bool) -> Words:
    """The first draws of neighbouring streams, one after the other."""
    words = np.empty(WORDS, dtype=np.uint64)
    for place in range(WORDS // 4):
        key = {"path": (1, place, 7), "seed": (place, 3, 7), "purpose": (1, 3, place)}[kind]
        draws.fill(stream(*key), 4, audit, words[4 * place : 4 * place + 4])
    return words


@pytest.fixture(scope="module", params=["deal", "path", "seed", "purpose", "philox"])
def words(request: pytest.FixtureRequest) -> Words:
    if request.param in ("deal", "philox"):
        return along_deals(request.param == "philox")
    return across(request.param, False)


def uniforms(words: Words) -> NDArray[np.float64]:
    found: NDArray[np.float64] = (words >> np.uint64(11)) / 2.0**53
    return found


def ordinary(chance: float) -> bool:
    """Neither too far from what is expected nor too near it; twenty tests share one in a million."""
    return 5e-8 < chance < 1 - 5e-8


@pytest.mark.parametrize("shift", [0, 8, 20, 33, 48, 56])
def test_given_words_when_bytes_are_counted_then_all_are_equally_frequent(
    words: Words, shift: int
) -> None:
    counted = np.bincount(((words >> np.uint64(shift)) & np.uint64(255)).astype(int), minlength=256)

    assert ordinary(stats.chisquare(counted).pvalue)


def test_given_words_when_every_bit_is_counted_then_each_is_set_half_the_time(
    words: Words,
) -> None:
    share = np.array([((words >> np.uint64(bit)) & np.uint64(1)).mean() for bit in range(64)])

    assert np.abs((share - 0.5) * 2 * np.sqrt(words.size)).max() < 5.5


def test_given_words_when_taken_as_numbers_then_they_are_uniform(words: Words) -> None:
    assert ordinary(stats.kstest(uniforms(words), "uniform").pvalue)


@pytest.mark.parametrize("lag", [1, 2, 3, 4, 31, 1024])
def test_given_neighbours_when_correlated_then_there_is_nothing(words: Words, lag: int) -> None:
    values = uniforms(words) - 0.5
    halves = ((words & np.uint64(0xFFFFFFFF)) / 2.0**32) - 0.5

    for one, other in ((values, values), (values, halves), (halves, halves)):
        found = float((one[:-lag] * other[lag:]).mean()) * 12 * np.sqrt(words.size - lag)
        assert abs(found) < 5.5


def test_given_pairs_when_put_on_a_grid_then_all_places_are_equally_frequent(words: Words) -> None:
    top = (words >> np.uint64(59)).astype(int)
    counted = np.bincount(32 * top[:-1:2] + top[1::2], minlength=1024)

    assert ordinary(stats.chisquare(counted).pvalue)


def test_given_words_when_upper_and_lower_halves_meet_then_they_are_independent(
    words: Words,
) -> None:
    upper, lower = (words >> np.uint64(59)).astype(int), (words & np.uint64(31)).astype(int)
    counted = np.bincount(32 * upper + lower, minlength=1024)

    assert ordinary(stats.chisquare(counted).pvalue)


def test_given_words_when_birthdays_are_shared_then_as_many_as_expected(words: Words) -> None:
    for days in (words >> np.uint64(34), words & np.uint64((1 << 30) - 1)):
        collisions = words.size - np.unique(days).size
        expected = words.size**2 / 2.0**31
        assert ordinary(float(stats.poisson.sf(collisions, expected)))
        assert ordinary(float(stats.poisson.cdf(collisions, expected)))


def test_given_one_bit_of_a_key_turned_when_drawn_then_half_the_bits_turn() -> None:
    turned = np.zeros((3, 64))
    rounds = 300
    for place in range(rounds):
        base = (17 * place + 1, 29 * place + 2, 31 * place + 3)
        word = draws.numbered(stream(*base), np.uint64(place))
        for which in range(3):
            key = list(base)
            key[which] ^= 1 << (place % 31)
            other = int(draws.numbered(stream(*key), np.uint64(place))) ^ int(word)
            turned[which] += [(other >> bit) & 1 for bit in range(64)]

    assert np.abs(turned / rounds - 0.5).max() < 5.5 * 0.5 / np.sqrt(rounds)


def test_given_one_bit_of_the_number_turned_when_drawn_then_half_the_bits_turn() -> None:
    start, turned = stream(5, 6, 7), np.zeros(64)
    for place in range(2000):
        pair = [int(draws.numbered(start, np.uint64(n))) for n in (place, place ^ 1)]
        turned += [((pair[0] ^ pair[1]) >> bit) & 1 for bit in range(64)]

    assert np.abs(turned / 2000 - 0.5).max() < 5.5 * 0.5 / np.sqrt(1000)


def test_given_known_keys_when_philox_is_asked_then_it_gives_the_published_words() -> None:
    zero = int(draws.philox(np.uint64(0), np.uint64(0)))
    ones = int(draws.philox(np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0)))

    assert zero == 0x6627E8D5E169C58D
    assert ones != zero


def test_given_chances_when_turned_into_normals_then_they_are_scipys() -> None:
    chances = np.concatenate([np.linspace(1e-12, 1 - 1e-12, 2001), 10.0 ** -np.arange(3, 300, 9)])
    found = np.array([draws.normal(chance) for chance in chances])

    np.testing.assert_allclose(found, ndtri(chances), rtol=4e-15, atol=1e-15)
