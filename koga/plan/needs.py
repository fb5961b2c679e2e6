"""Asking a scheme for what the simulator needs: a figure that is not there is a problem, not a
guess. Every question is answered, so that all that is lacking can be said at once.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from koga.core.problems import Problem
from koga.plan.schemes import rows
from koga.plan.schemes.reading import located
from koga.plan.schemes.shape import Scheme


@dataclass(frozen=True, slots=True)
class Needs:
    """A scheme that is asked for figures, and the problems found while asking."""

    scheme: Scheme
    problems: list[Problem] = field(default_factory=list)

    def has(self, path: str) -> bool:
        """Whether the scheme has a figure there."""
        return path in self.scheme.leaves

    def exact(self, path: str) -> Fraction:
        """The exact number at a path; one that is lacking is a problem and counts as 0."""
        if path in self.scheme.leaves:
            return self.scheme.number(path)
        self.lacks(path)
        return Fraction(0)

    def needed(self, path: str) -> float:
        """The number at a path; one that is lacking is a problem and counts as 0."""
        return float(self.exact(path))

    def given(self, path: str, otherwise: float = 0.0) -> float:
        """The number at a path, or what its absence means: no fee, no lag, no tail."""
        return float(self.scheme.number(path)) if self.has(path) else otherwise

    def word(self, path: str) -> str:
        """The chosen word at a path, empty where there is none."""
        leaf = self.scheme.leaves.get(path)
        return str(leaf.value) if leaf is not None else str(self.scheme.plain.get(path, ""))

    def entries(self, table: str) -> tuple[str, ...]:
        """Names of the entries of a table."""
        return tuple(self.scheme.entries.get(table, ()))

    def lacks(self, path: str) -> None:
        """Note that a figure is needed."""
        declared = rows.field_at(path)
        ko, en = (declared.ko, declared.en) if declared else (path, path)
        self.say("plan.needs", path, "", ko=ko or path, en=en or path)

    def say(self, code: str, path: str, value: object = "", **details: object) -> None:
        """Note a problem at a path, with the line of the nearest figure or table."""
        found = located(code, path, value, self._line(path), **details)
        if found not in self.problems:
            self.problems.append(found)

    def _line(self, path: str) -> int:
        leaf = self.scheme.leaves.get(path)
        if leaf is not None:
            return leaf.line
        above = path.rpartition(".")[0]
        inside = [leaf.line for leaf in self.scheme.under(above)] if above else []
        return min((line for line in inside if line), default=0)
