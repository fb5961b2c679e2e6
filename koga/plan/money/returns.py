"""What a fund returned and who lost: series by year and measures by path.

Rates are yearly internal rates of quarterly flows, NaN where there is not exactly one
(`rates.quarterly`). What is still held at the end of the horizon counts at cost, as in TVPI; DPI
counts cash alone. Losses are of capital, without interest forgone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from koga.plan.model import Floats, Flows, Holdings, Model
from koga.plan.money import first_loss, rates
from koga.plan.money.cash import PUBLIC, years_of
from koga.plan.outcome import Outcome

PROTECTED = "senior"
"""The rank that others protect; where nobody is senior, unranked money."""


def outcome(model: Model, flows: Flows, holdings: Holdings) -> Outcome:
    """Series in won by fiscal year and measures by path, declared in `measures.toml`."""
    deals = _Deals(
        *(getattr(flows, name).sum(axis=1) for name in ("invested", "returned", "closed"))
    )
    series = _by_year(model, flows, deals) | _holders(model, holdings)
    measures = _whole(model, flows, deals, holdings) | _by_side(model, holdings)
    measures |= _by_vehicle(model, flows, holdings)
    measures |= _losses(holdings) | _first_losses(model, holdings)
    return Outcome(flows.first_path, flows.weights, series, measures)


@dataclass(frozen=True, slots=True)
class _Deals:
    """All lines together, won by path and quarter."""

    invested: Floats
    returned: Floats
    closed: Floats


def _by_year(model: Model, flows: Flows, deals: _Deals) -> dict[str, Floats]:
    """What deals took, gave and still cost."""
    invested = years_of(deals.invested, model.years)
    still = np.cumsum(invested - years_of(deals.closed, model.years), axis=1)
    return {
        "invested": invested,
        "returned": years_of(deals.returned, model.years),
        "income": years_of(flows.income.sum(axis=1), model.years),
        "written_off": years_of(flows.written_off.sum(axis=1), model.years),
        "at_cost": np.maximum(still, 0.0),
    }


def _holders(model: Model, holdings: Holdings) -> dict[str, Floats]:
    named: tuple[tuple[str, Mapping[str, Floats]], ...] = (
        ("paid", holdings.paid),
        ("received", holdings.received),
        ("fees", holdings.fees),
        ("carried", holdings.carry),
        ("first_loss", holdings.covered),
        ("lost", holdings.lost_by_rank),
    )
    return {
        f"{what}.{name}": years_of(won, model.years)
        for what, by_name in named
        for name, won in by_name.items()
    }


def _whole(model: Model, flows: Flows, deals: _Deals, holdings: Holdings) -> dict[str, Floats]:
    """Gross: deals before any fee. Net: all who paid in, after fees, carry and covers."""
    gross = deals.returned - deals.invested
    put_in = deals.invested.sum(axis=1)
    lost = flows.written_off.sum(axis=(1, 2))
    gross[:, -1] += np.maximum(put_in - deals.closed.sum(axis=1), 0.0)
    everybody = [source.name for source in model.sources]
    kept = np.zeros(len(put_in))
    for won in (*holdings.fees.values(), *holdings.carry.values()):
        kept += won.sum(axis=1)
    return {
        "gross_multiple": _ratio(gross.sum(axis=1) + put_in, put_in),
        "gross_irr": rates.quarterly(gross),
        "loss_ratio": _ratio(lost, put_in),
        **_of_group("net", everybody, holdings),
        "managers_share": _ratio(kept, put_in),
    }


def _by_side(model: Model, holdings: Holdings) -> dict[str, Floats]:
    """The same for public money (fund and budget) and for private money."""
    measures: dict[str, Floats] = {}
    for who, sides in (("public", PUBLIC), ("private", ("private",))):
        names = [source.name for source in model.sources if source.side in sides]
        if names and any(holdings.paid[name].any() for name in names):
            measures |= _of_group(who, names, holdings)
    return measures


def _by_vehicle(model: Model, flows: Flows, holdings: Holdings) -> dict[str, Floats]:
    """Of each vehicle's deals after its fees and carry, before its sources share it out."""
    measures: dict[str, Floats] = {}
    for name in dict.fromkeys(vehicle.told_as for vehicle in model.vehicles):
        net = -holdings.fees[name] - holdings.carry[name]
        held = np.zeros(len(net))
        for row, line in enumerate(model.lines):
            if model.vehicles[line.vehicle].told_as == name:
                net += flows.returned[:, row]
                net -= flows.invested[:, row]
                held += (flows.invested[:, row] - flows.closed[:, row]).sum(axis=1)
        net[:, -1] += np.maximum(held, 0.0)
        _withhold(net, model.vintages)
        measures[f"irr_vehicle.{name}"] = rates.quarterly(net)
    return measures


def _withhold(net: Floats, vintages: int) -> None:
    """Fees of quarters without receipts, after the last vintage, are kept back from those before.

    Else a last small fee alone would leave a rate undefined.
    """
    by_quarter = np.ascontiguousarray(net.T)
    for quarter in range(len(by_quarter) - 1, vintages, -1):
        lacking = np.minimum(by_quarter[quarter], 0.0)
        by_quarter[quarter] -= lacking
        by_quarter[quarter - 1] += lacking
    net[:] = by_quarter.T


def _of_group(who: str, names: Sequence[str], holdings: Holdings) -> dict[str, Floats]:
    net = np.zeros_like(holdings.paid[names[0]])
    whole, held = np.zeros(len(net)), np.zeros(len(net))
    for name in names:
        net += holdings.received[name]
        net -= holdings.paid[name]
        whole += holdings.paid[name].sum(axis=1)
        held += holdings.held[name]
    back = net.sum(axis=1) + whole
    net[:, -1] += held
    return {
        f"irr.{who}": rates.quarterly(net),
        f"tvpi.{who}": _ratio(back + held, whole),
        f"dpi.{who}": _ratio(back, whole),
    }


def _losses(holdings: Holdings) -> dict[str, Floats]:
    """What each rank never gets back, in won and of what it paid in."""
    measures = {}
    lost = {rank: won.sum(axis=1) for rank, won in holdings.lost_by_rank.items()}
    for rank, won in lost.items():
        measures[f"loss.{rank}"] = won
    protected = lost.get(PROTECTED, lost.get("unranked"))
    if protected is not None:
        measures["protected_loses"] = (protected >= 1.0).astype(np.float64)
        measures["protected_loss"] = protected
    return measures


def _first_losses(model: Model, holdings: Holdings) -> dict[str, Floats]:
    """How much of each first loss was used, of its cap on what was paid into the vehicle."""
    measures = {}
    for vehicle in model.vehicles:
        name = vehicle.told_as
        if name in holdings.covered:
            cap = first_loss.of(vehicle, model.sources).cap * holdings.called[name]
            used = holdings.covered[name].sum(axis=1)
            measures[f"first_loss_used.{name}"] = _ratio(used, cap)
    return measures


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Part over whole, NaN where the whole is nothing."""
    result = np.full(len(whole), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result
