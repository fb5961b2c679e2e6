"""One vehicle on the deterministic path, to the won: calls split by largest remainder, the fee
floored, everything that is paid out through the exact waterfall of `core`.

It does in whole won what `holders` does on paths; a test holds the two together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import floor

from koga.core import money, waterfall
from koga.core.day_counts import year_fraction
from koga.core.fund_flows import Flow
from koga.core.problems import ensure
from koga.plan.model import Model, Vehicle
from koga.plan.money import holders, vehicle_rules
from koga.plan.money import seats as seating
from koga.plan.money.seats import BEHIND_ALL, PUBLIC, Seat, Seats

_WEIGHT = 10**15
Won = list[int]


@dataclass(frozen=True, slots=True)
class Deals:
    """What a vehicle's deals do, won by quarter. pool: what comes back to all vehicles."""

    invested: Won
    returned: Won
    income: Won
    written_off: Won
    closed: Won
    pool: Won


@dataclass(slots=True)
class Cash:
    """What a vehicle did, won by quarter.

    seats: its seats, with what each paid, received and never gets back. fees: of the vehicle and
    of the parent fund. held: by seat, of what is still held at the end, at cost. covers: by source,
    what it paid for the first loss. first_loss: what that bore, inside the vehicle and outside.
    """

    seats: tuple[Seat, ...]
    deals: Deals
    called: Won
    fees: Won
    parent_fees: list[Won]
    paid: list[Won]
    received: list[Won]
    carry: Won
    lost: list[Won]
    held: Won
    first_loss: Won
    covers: dict[str, Won] = field(default_factory=dict)


def of(model: Model, place: int, deals: Deals) -> Cash:
    """A vehicle's cash, through its rules from the first quarter on."""
    quarters = model.quarters
    seats = seating.of(model, model.vehicles[place])
    count = len(seats.seats)
    cash = Cash(
        seats=seats.seats,
        deals=deals,
        called=[0] * quarters,
        fees=[0] * quarters,
        parent_fees=[[0] * quarters for _ in range(count)],
        paid=[[0] * quarters for _ in range(count)],
        received=[[0] * quarters for _ in range(count)],
        carry=[0] * quarters,
        lost=[[0] * quarters for _ in range(count)],
        held=[0] * count,
        first_loss=[0] * quarters,
    )
    days = [holders.quarter_day(model.first_year, quarter) for quarter in range(-1, quarters)]
    flows = _flows(model, place, seats, cash, days)
    _waterfall(model, place, seats, cash, flows, days[1:])
    return cash


def _flows(model: Model, place: int, seats: Seats, cash: Cash, days: Sequence[date]) -> list[Flow]:
    """Fees, calls and receipts by quarter, as rows for the waterfall."""
    vehicle, deals = model.vehicles[place], cash.deals
    young = [[round(won) for won in row] for row in holders.young_money(model, place).tolist()]
    again = _recycling(model, place)
    weights = [round(seat.part * _WEIGHT) for seat in seats.seats]
    names = [vehicle_rules.code(seat.source, seat.level) for seat in seats.seats]
    realises = vehicle.first_loss_settles == "realisation" and seats.loss.unfunded > 0
    balance = waiting = due = 0
    rows: list[Flow] = []
    for quarter, day in enumerate(days[1:]):
        span = year_fraction(days[quarter], day, vehicle_rules.DAY_COUNT)
        base = (young[0][quarter] + max(0, balance - young[1][quarter])) * span
        due += floor(Fraction(repr(vehicle.management_fee)) * base)
        taken = min(due, deals.returned[quarter])
        fee = due if young[0][quarter] else taken
        call = max(0, deals.invested[quarter] - waiting) + fee - taken
        left = max(0, waiting - deals.invested[quarter])  # lines are rounded one by one
        due -= fee
        parts = money.split(
            call, weights, policy="largest_remainder", names=names,
            distribution=f"{vehicle.name}/{day}",
        ).parts  # fmt: skip
        receipt = deals.returned[quarter] - taken + left
        waiting = min(again(quarter, deals), receipt)
        balance += deals.invested[quarter] - deals.closed[quarter]
        cash.called[quarter], cash.fees[quarter] = call, fee
        _parent_fees(model, vehicle, cash, quarter, base)
        for seat, part in enumerate(parts):
            cash.paid[seat][quarter] += part
            rows.append(Flow(day, "paid_in", part, names[seat]))
        if realises and deals.written_off[quarter]:
            rows.append(Flow(day, "realised_loss", deals.written_off[quarter]))
        rows.append(Flow(day, "distributable", receipt - waiting))
    rows.append(Flow(days[-1], "liquidation", max(balance, 0)))
    return rows


def _recycling(model: Model, place: int) -> "_Again":
    lines = [n for n, line in enumerate(model.lines) if line.vehicle == place]
    into = float(model.evergreen_line[lines].sum()) * model.evergreen
    return _Again(Fraction(model.evergreen), Fraction(into), model.vintages)


@dataclass(frozen=True, slots=True)
class _Again:
    """What of a quarter's receipts stays in the vehicle for the next quarter's deals."""

    share: Fraction
    into: Fraction
    vintages: int

    def __call__(self, quarter: int, deals: Deals) -> int:
        if quarter + 1 >= self.vintages:
            return 0
        own, pool = deals.returned[quarter], deals.pool[quarter]
        return min(floor(self.share * own), floor(self.into * pool))


def _parent_fees(model: Model, vehicle: Vehicle, cash: Cash, quarter: int, base: Fraction) -> None:
    """The parent fund's fee, paid by public seats beside the vehicle."""
    side = {source.name: source.side for source in model.sources}
    for place, seat in enumerate(cash.seats):
        if side[seat.source] in PUBLIC:
            rate = Fraction(repr(vehicle.parent_fund_fee)) * Fraction(seat.part)
            cash.parent_fees[place][quarter] = floor(rate * base)


def _waterfall(
    model: Model, place: int, seats: Seats, cash: Cash, flows: list[Flow], days: Sequence[date]
) -> None:
    vehicle = model.vehicles[place]
    rules = vehicle_rules.of(model, vehicle, sum(cash.called))
    quarter_of = {day: quarter for quarter, day in enumerate(days)}
    row = {vehicle_rules.code(seat.source, seat.level): n for n, seat in enumerate(cash.seats)}
    paid_out = waterfall.distribute(rules, flows[:-1]).lines
    for line in paid_out:
        _enter(cash, row, line.to, line.tier, quarter_of[line.day], line.won)
    whole = waterfall.distribute(rules, flows).lines
    end = holders.end_quarter(model, place)
    for _, tier, to, won in waterfall.changes(paid_out, whole):
        if tier == "cover":
            _enter(cash, row, to, tier, end, won)
        elif tier != "transfer" and to in row:
            cash.held[row[to]] += won
    ensure(
        sum(map(sum, cash.received)) + sum(cash.carry)
        == sum(flow.amount for flow in flows if flow.kind == "distributable")
        + sum(map(sum, cash.covers.values())),
        "what is paid out is what was received",
    )
    _losses(cash, end)


def _enter(cash: Cash, row: dict[str, int], to: str, tier: str, quarter: int, won: int) -> None:
    """One line of the waterfall under its seat; a cover's payer pays it from outside."""
    if to == vehicle_rules.CARRY:
        cash.carry[quarter] += won
    elif tier == "cover" and won < 0:
        name = to.removesuffix(".behind")
        quarters = len(cash.carry)
        cash.covers.setdefault(name, [0] * quarters)[quarter] -= won
        cash.first_loss[quarter] -= won
    else:
        cash.received[row[to]][quarter] += won


def _losses(cash: Cash, end: int) -> None:
    """What each seat paid in and never gets back; what stands behind all is the first loss."""
    for place, seat in enumerate(cash.seats):
        got = sum(cash.received[place]) + cash.held[place]
        lost = max(sum(cash.paid[place]) - got, 0)
        cash.lost[place][end] += lost
        if seat.level == BEHIND_ALL:
            cash.first_loss[end] += lost
