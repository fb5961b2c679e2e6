"""Who sits in a vehicle: each source's money by the rank it has there, and how ranks are paid.

Capital comes back rank by rank: senior and unranked money together first, then mezzanine, then
junior, last the part of a first-loss provider that stands behind all (`first_loss`). A source whose
money is in two places has two seats. Seats of one level that a cover treats alike form a group:
inside a group everything is shared by paid-in capital, so the kernel need only know groups.
"""

from dataclasses import dataclass

import numpy as np

from koga.plan.model import Counts, Floats, Model, Vehicle
from koga.plan.money import first_loss
from koga.plan.money.first_loss import MANAGER, FirstLoss

LEVELS = {"senior": 0, "unranked": 0, "mezzanine": 1, "junior": 2}
"""Order in which capital is returned; nobody agreed that unranked money stands behind any."""
BEHIND_ALL = 3
PUBLIC = ("fund", "fiscal")
"""Sides whose profit may be passed on, and who pay the parent fund's fee."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A source's money in one place of a vehicle.

    part: of everything paid in. covered: whether a first loss protects it.
    """

    source: str
    rank: str
    level: int
    part: float
    covered: bool


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats of a vehicle with their groups, as arrays for the kernel.

    group, share: of each seat, its group and its share of it. level, part, covered: of each group,
    in order of payment. passes: of each seat, what it gets (negative: gives) of each won of profit
    above the hurdle, for the public excess passed on. loss: the vehicle's first loss.
    """

    seats: tuple[Seat, ...]
    group: Counts
    share: Floats
    level: Counts
    part: Floats
    covered: Floats
    passes: Floats
    loss: FirstLoss


def of(model: Model, vehicle: Vehicle) -> Seats:
    """The seats of a vehicle."""
    loss = first_loss.of(vehicle, model.sources)
    seats = _seats(vehicle, loss)
    keys = sorted({(seat.level, seat.covered) for seat in seats})
    group = np.array([keys.index((seat.level, seat.covered)) for seat in seats])
    part = np.zeros(len(keys))
    np.add.at(part, group, [seat.part for seat in seats])
    return Seats(
        seats=seats,
        group=group.astype(np.int64),
        share=np.array([seat.part for seat in seats]) / part[group],
        level=np.array([level for level, _ in keys], dtype=np.int64),
        part=part,
        covered=np.array([float(covered) for _, covered in keys]),
        passes=_passes(model, vehicle, seats),
        loss=loss,
    )


def _seats(vehicle: Vehicle, loss: FirstLoss) -> tuple[Seat, ...]:
    rank = dict(vehicle.ranks)
    own = sum(part for name, part in vehicle.parts if name in loss.providers)
    seats = []
    for name, part in vehicle.parts:
        level = LEVELS[rank[name]]
        provides = name in loss.providers
        behind = loss.funded * part / own if provides and own > 0 else 0.0
        if behind > 0:
            seats.append(Seat(name, rank[name], BEHIND_ALL, behind, False))
        if part - behind > 1e-12:
            seats.append(Seat(name, rank[name], level, part - behind, not provides))
    return tuple(seats)


def _passes(model: Model, vehicle: Vehicle, seats: tuple[Seat, ...]) -> Floats:
    """Public seats give `upside_to_private` of their profit, private investors share it."""
    side = {source.name: source.side for source in model.sources}
    public = np.array([side[seat.source] in PUBLIC for seat in seats])
    takes = np.array([side[seat.source] == "private" and seat.source != MANAGER for seat in seats])
    part = np.array([seat.part for seat in seats])
    given: Floats = np.where(public, part, 0.0) * vehicle.upside_to_private
    whole = part[takes].sum()
    if whole <= 0:
        return np.zeros(len(seats))
    passes: Floats = np.where(takes, part / whole * given.sum(), 0.0) - given
    return passes


def payers(model: Model, loss: FirstLoss, vehicle: Vehicle) -> Floats:
    """By source of the model, its part of what an unfunded first loss has to pay."""
    parts = dict(vehicle.parts)
    weight = np.array(
        [
            parts.get(source.name, 0.0) if source.name in loss.providers else 0.0
            for source in model.sources
        ]
    )
    if weight.sum() <= 0:
        weight = np.array([float(source.name in loss.providers) for source in model.sources])
    shares: Floats = weight / max(weight.sum(), 1e-300)
    return shares
