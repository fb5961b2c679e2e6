"""A fund to compare, however it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from koga.core.performance import Cash, Value

DIMENSIONS = ("vintage", "instrument", "sector", "manager")
"""What funds may be grouped by; single ones (`fund`) only where a statute publishes them."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A span of ended deals: how many firms, cost and proceeds; nothing of one that is hidden."""

    firms: int
    cost: int
    proceeds: int
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Fund:
    """One fund as read.

    code: its identifier. groups: its value of each dimension that is known.
    cash, values: dated flows and values; empty for totals.
    totals: paid in, distributed and remaining value, where only those are known.
    public: whether its own figures are published anyway. ended: its ended deals, in spans.
    """

    code: str
    groups: Mapping[str, str]
    cash: tuple[Cash, ...] = ()
    values: tuple[Value, ...] = ()
    totals: tuple[Fraction, Fraction, Fraction] | None = None
    public: bool = False
    ended: tuple[Ended, ...] = ()


@dataclass(frozen=True, slots=True)
class Funds:
    """All funds of a source.

    source, sha256: name and hash of what was read. unit: of its amounts, "" where not said.
    typed: whether flows carry ILPA's types, so that gross can be told from net.
    never_paid: funds left out because nothing was paid in. withheld: funds without figures there.
    names: of funds and managers, in both languages, where they have any.
    """

    source: str
    sha256: str
    funds: tuple[Fund, ...]
    form: str
    unit: str = ""
    typed: bool = False
    never_paid: int = 0
    withheld: int = 0
    names: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
