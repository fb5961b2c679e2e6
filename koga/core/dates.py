"""Reporting periods: the fiscal year, its halves and quarters. In Korea it is the calendar year
(국가재정법 제2조, 지방회계법 제6조)."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from koga.core.problems import Problem, Refusal

_WRITTEN = re.compile(r"(\d{4})(?:-(H[12]|Q[1-4]))?")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A year, half or quarter, written `2026`, `2026-H1`, `2026-Q3`.

    start, end: first and last day, both within the period.
    name: as written.

    >>> Period.parse("2026-H1").end
    datetime.date(2026, 6, 30)
    """

    start: date
    end: date
    name: str

    @classmethod
    def parse(cls, text: str, where: str = "period") -> "Period":
        """Read a period; a `Refusal` says how to write one."""
        match = _WRITTEN.fullmatch(text.strip())
        if not match or not 1 <= int(match[1]) <= 9998:
            raise Refusal(Problem("dates.period", where, text))
        year, part = int(match[1]), match[2]
        first, months = 1, 12
        if part:
            months = 6 if part[0] == "H" else 3
            first = (int(part[1]) - 1) * months + 1
        after = date(year + (first + months - 1) // 12, (first + months - 1) % 12 + 1, 1)
        return cls(date(year, first, 1), after - timedelta(days=1), match[0])

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __str__(self) -> str:
        return self.name

    @property
    def previous(self) -> "Period":
        """The period of the same length that ends the day before this one starts."""
        return self._beside(self.start - timedelta(days=1))

    @property
    def next(self) -> "Period":
        """The period of the same length that starts the day after this one ends."""
        return self._beside(self.end + timedelta(days=1))

    def _beside(self, day: date) -> "Period":
        if len(self.name) == 4:
            return Period.parse(f"{day.year:04d}")
        length = 6 if self.name[5] == "H" else 3
        return Period.parse(f"{day.year:04d}-{self.name[5]}{(day.month - 1) // length + 1}")

    def label(self, language: str) -> str:
        """The period as people say it.

        >>> Period.parse("2026-H1").label("ko"), Period.parse("2026-Q3").label("en")
        ('2026년 상반기', '2026 Q3')
        """
        year, _, part = self.name.partition("-")
        if language == "en":
            return f"{year} {part}".strip()
        halves = {"": "", "H1": " 상반기", "H2": " 하반기"}
        return f"{year}년" + (halves[part] if part in halves else f" {part[1]}분기")


def quarter_of(day: date) -> str:
    """The quarter a day falls in.

    >>> quarter_of(date(2026, 8, 1))
    '2026-Q3'
    """
    return f"{day.year:04d}-Q{(day.month - 1) // 3 + 1}"


def parse_day(text: str, where: str = "date") -> date:
    """Read an ISO 8601 day; a `Refusal` says how to write one."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refusal(
            Problem("dates.unreadable", where, text, {"expected": "2026-03-31"})
        ) from None
