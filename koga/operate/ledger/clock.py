"""The moment of recording, as a value that tests can set."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], int]
"""Answers the present as microseconds since 1970 in UTC."""

_START = datetime(1970, 1, 1, tzinfo=UTC)
_KOREA = ZoneInfo("Asia/Seoul")
_stopped: ContextVar[int | None] = ContextVar("stopped", default=None)


def now_us() -> int:
    """The machine's clock, or the moment of `stopped_at`; within a ledger it never runs back."""
    held = _stopped.get()
    return time.time_ns() // 1000 if held is None else held


def today() -> date:
    """The present day in Korea."""
    return moment(now_us()).astimezone(_KOREA).date()


@contextmanager
def stopped_at(at: datetime) -> Iterator[None]:
    """Let the clock stand at a moment, where history is replayed (the demonstration)."""
    token = _stopped.set(microseconds(at))
    try:
        yield
    finally:
        _stopped.reset(token)


def moment(recorded_us: int) -> datetime:
    """Microseconds since 1970 as an aware time, exactly.

    >>> moment(1_790_000_000_000_001).isoformat()
    '2026-09-21T14:13:20.000001+00:00'
    """
    return _START + timedelta(microseconds=recorded_us)


def microseconds(at: datetime) -> int:
    """An aware time as microseconds since 1970, exactly."""
    return (at - _START) // timedelta(microseconds=1)
