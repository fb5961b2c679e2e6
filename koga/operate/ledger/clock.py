"""The moment of recording, as a value that tests can set."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], int]
"""Answers the present as microseconds since 1970 in UTC."""

_START = datetime(1970, 1, 1, tzinfo=UTC)


def now_us() -> int:
    """The machine's clock; the books never let it run backwards within a ledger."""
    return time.time_ns() // 1000


def moment(recorded_us: int) -> datetime:
    """Microseconds since 1970 as an aware time, exactly.

    >>> moment(1_790_000_000_000_001).isoformat()
    '2026-09-21T14:13:20.000001+00:00'
    """
    return _START + timedelta(microseconds=recorded_us)


def microseconds(at: datetime) -> int:
    """An aware time as microseconds since 1970, exactly."""
    return (at - _START) // timedelta(microseconds=1)
