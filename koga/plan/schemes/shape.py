"""A scheme in memory: frozen, without a problem, its figures by dotted path."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from koga.core.problems import ensure
from koga.plan.schemes import values
from koga.plan.schemes.leaf import BASES, Leaf
from koga.plan.schemes.values import Value


@dataclass(frozen=True, slots=True)
class Citation:
    """Where something was said: a name of `[sources]` with title, publisher, date and kind."""

    name: str
    title: str
    publisher: str
    date: str
    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Money committed: in one year, through one instrument, from one side, in won."""

    year: int
    instrument: str
    source: str
    amount_won: int


@dataclass(frozen=True, slots=True)
class Scheme:
    """One scheme file without a problem.

    sha256: of the file's bytes. sources: by name. leaves: figures by path, in file order.
    plain: identifying values (names, codes, references) by path.
    entries: names of the entries of each named table and list, by the table's path.
    """

    code: str
    name_ko: str
    name_en: str
    summary_ko: str
    summary_en: str
    proposed_on: date | None
    legal_form: str
    sha256: str
    sources: Mapping[str, Citation]
    leaves: Mapping[str, Leaf]
    plain: Mapping[str, Value]
    entries: Mapping[str, tuple[str, ...]]

    def __repr__(self) -> str:
        """One line; a scheme has hundreds of leaves."""
        told = ", ".join(f"{number:,} {basis}" for basis, number in counts(self).items())
        return f"<Scheme {self.code}: {self.name_en}; {told}; sha256 {self.sha256[:12]}…>"

    def amount(self, path: str) -> int:
        """The won at a path; KeyError where there is none."""
        value = self.leaves[path].value
        ensure(isinstance(value, int), f"{path} is no amount")
        return int(value) if isinstance(value, int) else 0

    def number(self, path: str) -> Fraction:
        """The exact number at a path; KeyError where there is none."""
        value = values.numeric(self.leaves[path].value)
        ensure(value is not None, f"{path} is no number")
        return value or Fraction(0)

    def under(self, path: str) -> Iterator[Leaf]:
        """Leaves of a table and of all tables in it."""
        start = f"{path}."
        return (leaf for leaf in self.leaves.values() if leaf.path.startswith(start))


def leaves(scheme: Scheme) -> Iterator[Leaf]:
    """Every figure of a scheme, in file order."""
    return iter(scheme.leaves.values())


def counts(scheme: Scheme) -> Mapping[str, int]:
    """How many figures are stated, derived and assumed."""
    return tally(leaves(scheme))


def counts_by_table(scheme: Scheme) -> Mapping[str, Mapping[str, int]]:
    """The same for each top table: `fund`, `instrument`, `target`, …"""
    return tally_by_table(leaves(scheme))


def tally(found: Iterable[Leaf]) -> Mapping[str, int]:
    """How many of the leaves stand on each basis."""
    tallied = Counter(leaf.basis for leaf in found)
    return {basis: tallied[basis] for basis in BASES}


def tally_by_table(found: Iterable[Leaf]) -> Mapping[str, Mapping[str, int]]:
    """The same by top table."""
    tables: dict[str, list[Leaf]] = {}
    for leaf in found:
        tables.setdefault(leaf.path.partition(".")[0], []).append(leaf)
    return {table: tally(inside) for table, inside in tables.items()}
