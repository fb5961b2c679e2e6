"""How much the state could have to pay at most, and on whom that depends.

Maximum exposure is not a forecast: every promise of a day is taken as called in full on that day.
"""

from collections.abc import Mapping

import numpy as np

from koga.plan.budget.bonds import Purse, Terms
from koga.plan.model import QUARTERS_A_YEAR, Floats, Loan, Model, Vehicle
from koga.plan.money import first_loss

TOP = 10
"""Obligors counted as the largest."""


def providers(model: Model, vehicle: Vehicle) -> tuple[str, ...]:
    """Sources of money that bear a vehicle's first loss."""
    return first_loss.providers(model.sources, vehicle.first_loss_provider)


def measures(
    model: Model, purses: Mapping[str, tuple[Terms, Purse]], paths: int
) -> dict[str, Floats]:
    """`exposure.*` in won by path, `concentration.*` of what is planned.

    exposure.bonds.NAME: the most that was guaranteed at the end of any quarter, with the next
    quarter's interest. exposure.guarantees: of all bonds and guaranteed loans together, on the
    worst quarter's end. exposure.first_loss: cap of first losses that must still be paid in.
    """
    found: dict[str, Floats] = {}
    together = np.zeros((paths, model.quarters)) + _guaranteed_loans(model)
    for name, (own, purse) in purses.items():
        at_risk = own.guaranteed_share * (purse.outstanding + purse.coming_interest)
        found[f"exposure.bonds.{name}"] = at_risk.max(axis=1)
        together = together + at_risk
    found["exposure.guarantees"] = together.max(axis=1)
    found["exposure.first_loss"] = np.full(paths, _unfunded_won(model))
    shares = concentration(model)
    return found | {name: np.full(paths, share) for name, share in shares.items()}


def _guaranteed_loans(model: Model) -> Floats:
    """Planned guarantees still running at the end of each quarter, in full until they end."""
    running = np.zeros(model.quarters)
    for place, line in enumerate(model.lines):
        if isinstance(line.law, Loan) and line.law.guarantee:
            given = np.zeros(model.quarters)
            given[: model.vintages] = model.planned_won[place].sum(axis=0)
            span = max(1, round(line.law.tenor_years * QUARTERS_A_YEAR))
            total = np.concatenate(([0.0], np.cumsum(given)))
            ends = np.arange(1, model.quarters + 1)
            running += total[ends] - total[np.maximum(ends - span, 0)]
    return running


def _unfunded_won(model: Model) -> float:
    """First losses beyond what their providers have in the vehicle already, at most."""
    total = 0.0
    for place, vehicle in enumerate(model.vehicles):
        lines = [line.vehicle == place for line in model.lines]
        fees = (vehicle.management_fee + vehicle.parent_fund_fee) * vehicle.investing_years
        committed = float(model.planned_won[lines].sum()) / (1 - fees)
        total += first_loss.of(vehicle, model.sources).unfunded * committed
    return total


def concentration(model: Model) -> dict[str, float]:
    """How far planned money lies with few: largest sector, Herfindahl index, ten largest deals.

    Herfindahl: the sum of squared sector shares, 1 where there is one sector. The ten largest: each
    deal counted as one obligor at its planned size.
    """
    whole = float(model.planned_won.sum())
    if whole <= 0:
        return {}
    shares = model.planned_won.sum(axis=(0, 2)) / whole
    return {
        "concentration.sector": float(shares.max()),
        "concentration.herfindahl": float((shares * shares).sum()),
        "concentration.top": _largest(model) / whole,
    }


def _largest(model: Model) -> float:
    """Won of the `TOP` largest deals."""
    there = (model.deals > 0) & (model.planned_won > 0)
    sizes = model.planned_won[there] / model.deals[there]
    order = np.argsort(-sizes, kind="stable")
    total, left = 0.0, TOP
    for size, count in zip(sizes[order], model.deals[there][order], strict=True):
        taken = min(left, int(count))
        total += taken * float(size)
        left -= taken
        if not left:
            break
    return total
