"""A vehicle's rules as a fund's rules (규약), for `core.waterfall`: the exact twin of the kernel.

Capital by rank (`return_of_capital`), the hurdle on all capital, catch-up, split; a first loss as
the provider's money of the last rank and, beyond it, a cover; the excess passed on as a transfer.
The manager's carry goes to the member `carry`; its own money is an investor's.
"""

from fractions import Fraction

from koga.core.fund_terms import Accrual, Cover, FundRules, Member, Terms, Tier, Transfer
from koga.plan.model import Model, Vehicle
from koga.plan.money import seats as seating
from koga.plan.money.first_loss import MANAGER
from koga.plan.money.seats import BEHIND_ALL, PUBLIC, Seats

CARRY = "carry"
"""The member that earns carry."""
DAY_COUNT = "act/act-isda"


def code(source: str, level: int) -> str:
    """A seat as a member of the fund."""
    return f"{source}.behind" if level == BEHIND_ALL else source


def of(model: Model, vehicle: Vehicle, committed_won: int) -> FundRules:
    """The rules of a vehicle. committed_won: of all its seats, for weights and names only."""
    seats = seating.of(model, vehicle)
    members = {
        code(seat.source, seat.level): Member(
            code(seat.source, seat.level),
            "investor",
            seat.level + 1,
            round(seat.part * committed_won),
        )
        for seat in seats.seats
    }
    investors = tuple(members)
    payers = _payers(seats, members)
    members[CARRY] = Member(CARRY, "gp", 1, 0)
    terms = Terms(
        since=None,
        tiers=_tiers(vehicle, seats, investors),
        covers=_covers(vehicle, seats, payers),
        transfers=_transfers(model, vehicle, seats),
    )
    return FundRules(scope="fund", members=members, terms=(terms,))


def _payers(seats: Seats, members: dict[str, Member]) -> tuple[str, ...]:
    """Members that pay a cover; a provider without money in the vehicle joins it for that."""
    if seats.loss.unfunded <= 0:
        return ()
    found = [
        code(seat.source, seat.level) for seat in seats.seats if seat.source in seats.loss.providers
    ]
    if not found:
        found = list(seats.loss.providers)
        members |= {name: Member(name, "provider", BEHIND_ALL + 1, 0) for name in found}
    return tuple(found)


def _exact(rate: float) -> Fraction:
    """A rate as it is written."""
    return Fraction(repr(rate))


def _tiers(vehicle: Vehicle, seats: Seats, investors: tuple[str, ...]) -> tuple[Tier, ...]:
    tiers = [
        Tier(
            "return_of_capital",
            tuple(code(seat.source, seat.level) for seat in seats.seats if seat.level == level),
        )
        for level in sorted({seat.level for seat in seats.seats})
    ]
    carry, catch_up = _exact(vehicle.carry), _exact(vehicle.catch_up)
    if carry:
        hurdle = Accrual(_exact(vehicle.hurdle_rate), "simple", DAY_COUNT)
        tiers.append(Tier("hurdle", investors, accrual=hurdle))
    if carry and catch_up > carry:
        tiers.append(Tier("catch_up", (CARRY,), share=catch_up, cap=carry))
    shares: tuple[tuple[str, tuple[str, ...], Fraction], ...]
    shares = (("investors", investors, 1 - carry),)
    if carry:
        shares += ((CARRY, (CARRY,), carry),)
    return (*tiers, Tier("split", investors, shares=shares))


def _covers(vehicle: Vehicle, seats: Seats, payers: tuple[str, ...]) -> tuple[Cover, ...]:
    protected = tuple(code(seat.source, seat.level) for seat in seats.seats if seat.covered)
    if not payers or not protected:
        return ()
    cap = Fraction(seats.loss.unfunded).limit_denominator(10**12)
    settles = vehicle.first_loss_settles
    return (Cover(payers, protected, "paid_in", cap, "feeder", settles),)


def _transfers(model: Model, vehicle: Vehicle, seats: Seats) -> tuple[Transfer, ...]:
    side = {source.name: source.side for source in model.sources}

    def of_side(*sides: str) -> tuple[str, ...]:
        return tuple(
            code(seat.source, seat.level)
            for seat in seats.seats
            if side[seat.source] in sides and seat.source != MANAGER
        )

    givers, takers = of_side(*PUBLIC), of_side("private")
    if not vehicle.upside_to_private or not givers or not takers:
        return ()
    return (Transfer("excess", givers, takers, _exact(vehicle.upside_to_private)),)
