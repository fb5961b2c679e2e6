"""Small models and flows written by hand, for the tests of what a scheme costs the budget."""

import numpy as np

from koga.plan.budget.bonds import Terms
from koga.plan.model import (
    Floats,
    Flows,
    Holdings,
    Line,
    Loan,
    Market,
    Model,
    Sector,
    Source,
    Vehicle,
)

BONDS = Source("bonds", "fund", "bond", "junior")
BUDGET = Source("budget", "fiscal", "budget", "junior")
BANKS = Source("banks", "private", "bank", "senior")
LOAN = Loan((0.0, 0.0, 0.0, 0.0, 1.0, 0.0), 0.04, 0.5, 0.0, 0.15, 5.0, 0.0, False)


def market(*, rate: float = 0.04, premium: float = 0.05, memory: float = 0.0) -> Market:
    """A flat curve."""
    return Market(0.2, premium, memory, rate, 0.045, 0.02, ((10.0, rate),))


def vehicle(name: str = "fund", *, parts: dict[str, float], provider: str = "") -> Vehicle:
    """A vehicle without fees, everyone in the same rank."""
    return Vehicle(
        name, "loan", tuple(parts.items()), tuple((one, "unranked") for one in parts), provider,
        0.0, "", "", "", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 10.0, 0.0, 4.0,
    )  # fmt: skip


def model(
    quarters: int = 44,
    *,
    at: Market | None = None,
    sources: tuple[Source, ...] = (BONDS,),
    vehicles: tuple[Vehicle, ...] | None = None,
    lines: tuple[Line, ...] | None = None,
    planned: Floats | None = None,
    first_year: int = 2027,
) -> Model:
    """One vehicle of one line of loans, in one sector, unless told otherwise."""
    vehicles = vehicles or (vehicle(parts={"bonds": 1.0}),)
    lines = lines or (Line("loans", "loan", 0, 1e9, LOAN),)
    won = np.zeros((len(lines), 1, 4)) if planned is None else planned
    return Model(
        "by-hand", "0" * 64, first_year, quarters, won.shape[2], lines,
        (Sector("all", 1.0, 0.0, 0.0, 0.0),), sources, vehicles, at or market(), won,
        np.ones(won.shape, dtype=np.int64), 0.0, np.zeros(len(lines)),
    )  # fmt: skip


def terms(
    *,
    years: int = 11,
    tenors: tuple[int, ...] = (40,),
    spread: float = 0.0,
    guaranteed: float = 1.0,
    limit: float = np.inf,
    covers_all: bool = True,
    while_covered: bool = True,
    supported: int = 0,
    call_quarters: int = 0,
    call_always: bool = False,
) -> Terms:
    """Bonds in even parts over `tenors`."""
    even = tuple(1 / len(tenors) for _ in tenors)
    return Terms(
        tenors, even, spread, guaranteed, (limit,) * years, covers_all, while_covered, supported,
        "state" if supported else "", call_quarters, call_always,
    )  # fmt: skip


def flows(found: Model, invested: Floats, returned: Floats, closed: Floats | None = None) -> Flows:
    """Flows of every path and line; nothing is written off, the factors are zero."""
    paths = invested.shape[0]
    ended = np.zeros_like(invested) if closed is None else closed
    return Flows(
        0, invested, returned, np.zeros_like(invested), np.zeros_like(invested), ended,
        np.ones(paths), np.zeros((paths, found.years)),
    )  # fmt: skip


def holdings(
    paid: dict[str, Floats], received: dict[str, Floats], held: dict[str, float] | None = None
) -> Holdings:
    """What sources paid, got and still hold at the end, without covers, fees and carry."""
    still = {name: np.full(won.shape[0], (held or {}).get(name, 0.0)) for name, won in paid.items()}
    nothing: dict[str, dict[str, Floats]] = {name: {} for name in Holdings.__dataclass_fields__}
    return Holdings(**(nothing | {"paid": paid, "received": received, "held": still}))


def at(quarters: int, amounts: dict[int, float], paths: int = 1) -> Floats:
    """Amounts by quarter, the same on every path."""
    found = np.zeros((paths, quarters))
    for quarter, amount in amounts.items():
        found[:, quarter] = amount
    return found
