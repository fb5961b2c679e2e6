"""Moments of the past, so that two years can pass in a minute."""

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time

from koga.operate.ledger.clock import stopped_at


def at(day: date, hour: int = 1) -> datetime:
    """An hour of a day in UTC; one o'clock is ten in the morning in Korea."""
    return datetime.combine(day, time(hour), UTC)


def on(day: date) -> AbstractContextManager[None]:
    """The books' clock stands at ten in the morning of a day in Korea."""
    return stopped_at(at(day))
