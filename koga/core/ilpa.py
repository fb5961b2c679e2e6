"""ILPA's Performance Template as data: which transaction type counts in which view, and where.

The four views are {gross, net} × {with, without the fund-level subscription facility}. A net view
is what investors paid and received; a gross view leaves out fees, expenses, facility costs and
carry; a view without the facility sets a drawdown in the place of the call it delayed, and a
synthetic distribution against the later call that repays it, and leaves out the facility's costs.

Both versions of the template use this one table: Granular (calls itemised) and Gross Up (calls as
one amount, fees added back). Types are spelled as ILPA prints them; the few marked `own` follow its
pattern where its exact spelling was not at hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

VIEWS = (
    "gross_with_facility",
    "net_with_facility",
    "gross_without_facility",
    "net_without_facility",
)

_ALL = frozenset(VIEWS)
_NET = frozenset({"net_with_facility", "net_without_facility"})
_GROSS = frozenset({"gross_with_facility", "gross_without_facility"})
_WITHOUT = frozenset({"gross_without_facility", "net_without_facility"})
_NET_WITH = frozenset({"net_with_facility"})
_NET_WITHOUT = frozenset({"net_without_facility"})
_NO_FACILITY_COST = _GROSS | _NET_WITHOUT


@dataclass(frozen=True, slots=True)
class TransactionType:
    """A row of the mapping table.

    name: as printed.
    views: the views in whose rate and multiple it counts.
    part: `paid_in` (nets into the denominator), `distributed` or `residual` (numerator).
    methodology: granular, gross_up or both.
    own: whether the spelling is ours.
    """

    name: str
    views: frozenset[str]
    part: str
    methodology: str = "both"
    own: bool = False


_CALL = "Capital Call: "
_DRAWDOWN = "Fund-level Subscription Facility Drawdown: "
_REPAYMENT = "Synthetic Distribution: Fund-level Subscription Facility Repayment"
_FEES = "Management Fees/Partnership Expenses"
_ADJUST = "Quarter-end Adjustment for "
_FACILITY = "Fund-level Subscription Facility"
CARRY_PAID = "Gross Up Carried Interest Paid"

TYPES: Mapping[str, TransactionType] = {
    one.name: one
    for one in (
        TransactionType(f"{_CALL}Investments", _ALL, "paid_in", "granular"),
        TransactionType(f"{_CALL}{_FEES}", _NET, "paid_in", "granular"),
        TransactionType(f"{_CALL}Working Capital", _ALL, "paid_in", "granular"),
        TransactionType(f"{_CALL}{_FACILITY} Fees/Interest", _NET_WITH, "paid_in", "granular"),
        TransactionType(f"{_CALL}Total Amount", _ALL, "paid_in", "gross_up"),
        TransactionType(f"{_DRAWDOWN}Investments", _WITHOUT, "paid_in", "granular"),
        TransactionType(f"{_DRAWDOWN}{_FEES}", _NET_WITHOUT, "paid_in", "granular"),
        TransactionType(f"{_DRAWDOWN}Working Capital", _WITHOUT, "paid_in", "granular"),
        TransactionType(f"{_DRAWDOWN}Total Amount", _WITHOUT, "paid_in", "gross_up"),
        TransactionType(_REPAYMENT, _WITHOUT, "paid_in"),
        TransactionType(f"{_REPAYMENT}: Investments", _WITHOUT, "paid_in", "granular"),
        TransactionType(f"{_REPAYMENT}: {_FEES}", _NET_WITHOUT, "paid_in", "granular"),
        TransactionType("Distribution: Permanent", _ALL, "distributed"),
        TransactionType("Distribution: Recallable", _ALL, "distributed", own=True),
        TransactionType(
            "Distribution: Return of Excess Capital: Investments", _ALL, "paid_in", own=True
        ),
        TransactionType(
            f"Distribution: Return of Excess Capital: {_FEES}", _NET, "paid_in", own=True
        ),
        TransactionType(f"{_ADJUST}Carry Allocation", _GROSS, "residual"),
        TransactionType(f"{_ADJUST}Accrued {_FEES}", _GROSS, "residual"),
        TransactionType(
            f"{_ADJUST}Accrued Interest from {_FACILITY}", _NO_FACILITY_COST, "residual"
        ),
        TransactionType("Gross Up Management Fees", _GROSS, "distributed", "gross_up"),
        TransactionType("Gross Up Partnership Expenses", _GROSS, "distributed", "gross_up"),
        TransactionType(
            f"Gross Up {_FACILITY} Fees/Interest", _NO_FACILITY_COST, "distributed", "gross_up"
        ),
        TransactionType(CARRY_PAID, _GROSS, "distributed", "gross_up", own=True),
        TransactionType("Gross Up Unrealized Carried Interest", _GROSS, "residual", "gross_up"),
        TransactionType(f"Gross Up Outstanding Balance from {_FACILITY}", _WITHOUT, "residual"),
    )
}
"""The mapping table. Recallable distributions stay gross in the numerator (ILPA's default)."""
