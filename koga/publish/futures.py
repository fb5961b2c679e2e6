"""The futures of schemes for a release: computed when it is built, on one seed, by expectations.

`fast` is enough for the page of a scheme and takes a moment; every row carries engine, seed and
hash, so that anyone can compute it again and, with `exact`, deal by deal.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from koga.core.problems import Refusal
from koga.plan.schemes.shape import Scheme

PATHS, SEED = 256, 20250306
Row = dict[str, Any]


def rows(schemes: Sequence[Scheme]) -> Iterator[Row]:
    """Rows of the open table `futures`, scheme by scheme.

    A scheme that does not say enough to be simulated has none.
    """
    for scheme in schemes:
        yield from _rows(_Hashed(scheme))


class _Hashed:
    """A scheme that is remembered by the hash of its file."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme

    def __hash__(self) -> int:
        return hash(self.scheme.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and self.scheme.sha256 == other.scheme.sha256


@lru_cache(maxsize=16)
def _rows(hashed: _Hashed) -> tuple[Row, ...]:
    from koga import plan
    from koga.plan import future_rows

    try:
        result = plan.simulate(hashed.scheme, paths=PATHS, seed=SEED, engine="fast")
    except Refusal:
        return ()
    return tuple(future_rows.release_rows(result))
