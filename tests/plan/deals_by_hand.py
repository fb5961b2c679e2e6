"""Small models of deals written by hand, for the tests of the two engines."""

import numpy as np

from koga.plan.model import (
    Commitment,
    Counts,
    Equity,
    Floats,
    Infrastructure,
    Law,
    Line,
    Loan,
    Market,
    Model,
    Sector,
    Source,
    Vehicle,
)

SEED = Equity(6.0, 4.0, 0.388, 0.25, 1.376, 2.0, 5.0, 150.0, 1.6, 0.15, 0.0)
VENTURE = Equity(5.0, 4.0, 0.213, 0.515, 0.537, 0.0, 0.0, 0.0, 1.6, 0.1, 0.0)
GROWTH = Equity(4.0, 4.0, 0.05, 0.432, 0.723, 0.0, 0.0, 0.0, 1.3, 0.1, 0.2)
SECURED = Loan((0.0, 0.0, 0.35, 0.35, 0.2, 0.1), 0.04, 0.35, 0.1, 0.15, 7.0, 2.0, False)
GUARANTEE = Loan((0.0, 0.0, 0.0, 0.25, 0.5, 0.25), 0.01, 0.65, 0.05, 0.15, 5.0, 1.0, True)
WIND = Infrastructure(0.2, 0.055, 0.08, 3.0, 18.5, 0.067, 0.8, 0.5)
FUND = Commitment((0.25, 1 / 3, 0.5), 12, 2.5, 0.13, 0.02, 1.2, 0.1)
ALL: dict[str, Law] = {
    "seed": SEED, "venture": VENTURE, "growth": GROWTH, "secured": SECURED,
    "guarantee": GUARANTEE, "wind": WIND, "fund": FUND,
}  # fmt: skip

STILL = Market(0.0, 0.0, 0.0, 0.03, 0.045, 0.02, ())
LIVELY = Market(0.2, 0.05, 0.3, 0.03, 0.045, 0.02, ())
FORGETFUL = Market(0.2, 0.05, 0.0, 0.03, 0.045, 0.02, ())


def model(
    laws: dict[str, Law],
    *,
    market: Market = LIVELY,
    sectors: int = 2,
    vintages: int = 8,
    quarters: int = 60,
    deals: int = 12,
    evergreen: float = 0.0,
    entry: Floats | None = None,
) -> Model:
    """Equal money in every line, sector and quarter; the last sector is slower and riskier."""
    lines = tuple(Line(name, "x", 0, 1e9, law) for name, law in laws.items())
    added = [0.0] * (sectors - 1) + [1.0 if sectors > 1 else 0.0]
    parts = tuple(
        Sector(f"sector {place}", 1.0, 0.05 * more, 0.1 * more, 2.0 * more)
        for place, more in enumerate(added)
    )
    counts: Counts = np.full((len(lines), sectors, vintages), deals, dtype=np.int64)
    vehicle = Vehicle(
        "pot", "x", (("public", 1.0),), (("public", "junior"),), "", 0.0, "", "", "",
        0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 10.0, 0.0, 4.0,
    )  # fmt: skip
    return Model(
        "by hand", "0" * 64, 2027, quarters, vintages, lines, parts,
        (Source("public", "fund", "bond", "junior"),), (vehicle,), market, counts * 1e9, counts,
        evergreen, np.full(len(lines), 1 / len(lines)), np.ones(0) if entry is None else entry,
    )  # fmt: skip
