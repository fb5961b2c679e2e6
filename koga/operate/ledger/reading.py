"""Queries of the books: a list, a stream, and sums that cannot overflow."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db import connections

CHUNK = 2000


def whole(high: Any, low: Any) -> int:
    """The sum whose halves `sum(amount >> 32)` and `sum(amount & 4294967295)` are.

    >>> whole(-1, 4294967295)
    -1
    """
    return (int(high) << 32) + int(low)


def rows_of(using: str, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connections[using].cursor() as cursor:
        cursor.execute(query, list(parameters))
        return cursor.fetchall()


def stream(using: str, query: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """Rows one after the other, without holding all of them in memory."""
    with connections[using].chunked_cursor() as cursor:
        cursor.execute(query, list(parameters))
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def day(value: date | str) -> date:
    """A day as either engine gives it."""
    return date.fromisoformat(value) if isinstance(value, str) else value
