"""A run of calendar years, and putting figures of one run on another."""

from dataclasses import dataclass

import numpy as np

from koga.plan.model import Floats
from koga.plan.schemes.shape import Scheme


@dataclass(frozen=True, slots=True)
class Span:
    """Years `first`, `first + 1`, …, `years` of them."""

    first: int
    years: int

    @property
    def end(self) -> int:
        """The year after the last."""
        return self.first + self.years

    def place(self, figures: Floats, start: int, *, carry: bool = False) -> Floats:
        """Figures by year (last axis but for paths first: paths × years × …) on these years.

        start: the year of the first column. What lies outside is cut; where there is nothing it is
        0, or with `carry` the last figure (a stock that stays).

        >>> Span(2027, 3).place(np.array([[1.0, 2.0, 3.0]]), 2026).tolist()
        [[2.0, 3.0, 0.0]]
        """
        shape = (figures.shape[0], self.years, *figures.shape[2:])
        placed = np.zeros(shape)
        low, high = max(self.first, start), min(self.end, start + figures.shape[1])
        if high > low:
            placed[:, low - self.first : high - self.first] = figures[:, low - start : high - start]
            if carry:
                placed[:, high - self.first :] = figures[:, high - start - 1][:, None]
        return placed


def by_year(scheme: Scheme, path: str) -> dict[int, float]:
    """The figures of a table by year, without its total."""
    return {
        int(leaf.path.rpartition(".")[2]): float(scheme.number(leaf.path))
        for leaf in scheme.under(path)
        if not leaf.path.endswith(".total")
    }
