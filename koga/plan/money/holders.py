"""Who paid and who got: the flows of deals through every vehicle's rules, on all paths.

A vehicle calls what its deals take from its sources by their parts. What comes back pays its fee,
is reinvested as far as the scheme says, and else paid out: capital by rank, then the hurdle on all
capital (simple, per quarter of a year), then the catch-up and the split. First losses, carry and
the excess passed on are those of `core.waterfall`.

Fees are on commitments of vintages in their investing period and on what older deals still cost.
A fee that receipts do not pay is called while there is such a vintage and waits for receipts later.
The parent fund's fee has the same base; public sources pay their part of it beside the vehicle.
Money recycled inside a vehicle stays there; what the reinvestment rule moves from one vehicle to
another is paid out and called again.
"""

import datetime
import itertools
from functools import lru_cache

import numpy as np

from koga.core.day_counts import year_fraction
from koga.plan.model import QUARTERS_A_YEAR, Counts, Floats, Flows, Holdings, Model, Vehicle
from koga.plan.money import seats as seating
from koga.plan.money.seats import PUBLIC, Seats


def holdings(model: Model, flows: Flows) -> Holdings:
    """What each source paid and got, and each vehicle's fees, carry and first loss, by quarter.

    Won as float64 by path and quarter. Losses are booked in the quarter a vehicle ends, with the
    knowledge of all that came back later and with what is still held at its cost.
    """
    books = _Books(model, flows.invested.shape[0])
    pool = flows.returned.sum(axis=1)
    for place in range(len(model.vehicles)):
        _run(model, flows, pool, place, books)
    return books.closed()


def fee_load(vehicle: Vehicle) -> float:
    """Part of a commitment that fees of the investing period take, so that it is never exceeded."""
    return vehicle.management_fee * vehicle.investing_years


def quarter_day(first_year: int, quarter: int) -> datetime.date:
    """The last day of a quarter, on which all its flows are dated.

    >>> quarter_day(2026, 5)
    datetime.date(2027, 6, 30)
    """
    year, place = divmod(quarter + 1, QUARTERS_A_YEAR)
    after = datetime.date(first_year + year, 1 + 3 * place, 1)
    return after - datetime.timedelta(days=1)


def quarter_years(model: Model) -> Floats:
    """Length of each quarter as part of its year, act/act-isda: four of them are one year."""
    return np.array(_lengths(model.first_year, model.quarters))


@lru_cache(maxsize=16)
def _lengths(first_year: int, quarters: int) -> tuple[float, ...]:
    days = [quarter_day(first_year, quarter) for quarter in range(-1, quarters)]
    spans = itertools.pairwise(days)
    return tuple(float(year_fraction(start, end, "act/act-isda")) for start, end in spans)


def end_quarter(model: Model, place: int) -> int:
    """The quarter in which a vehicle ends: its term and overrun after its last vintage.

    Without a term, or where the term passes it, the last quarter of the horizon.
    """
    vehicle = model.vehicles[place]
    last = model.quarters - 1
    lines = [line.vehicle == place for line in model.lines]
    vintages = np.flatnonzero(model.planned_won[lines].sum(axis=(0, 1)))
    if not vehicle.term_years or not vintages.size:
        return last
    years = vehicle.term_years + vehicle.overrun_years
    return min(last, int(vintages.max()) + round(years * QUARTERS_A_YEAR))


def young_money(model: Model, place: int) -> Floats:
    """Commitments (row 0) and planned money (row 1) of vintages in their investing period."""
    vehicle = model.vehicles[place]
    lines = [line.vehicle == place for line in model.lines]
    planned = np.zeros(model.quarters)
    planned[: model.vintages] = model.planned_won[lines].sum(axis=(0, 1))
    span = round(vehicle.investing_years * QUARTERS_A_YEAR)
    total = np.concatenate(([0.0], np.cumsum(planned)))
    quarters = np.arange(model.quarters)
    since = np.maximum(quarters + 1 - span, 0)
    young = np.zeros((2, model.quarters))
    if span:
        young[0] = (total[quarters + 1] - total[since]) / (1 - fee_load(vehicle))
        young[1] = total[quarters] - total[np.minimum(since, quarters)]
    return young


def _run(model: Model, flows: Flows, pool: Floats, place: int, books: "_Books") -> None:
    """Add one vehicle to the books."""
    from koga.plan.money import holders_kernel

    vehicle = model.vehicles[place]
    seats = seating.of(model, vehicle)
    lines = np.array([n for n, line in enumerate(model.lines) if line.vehicle == place])
    fees, carry, cover = (np.zeros(pool.shape) for _ in range(3))
    called = np.zeros(len(pool))
    holders_kernel.vehicle(
        flows.invested, flows.returned, flows.written_off, flows.closed, pool,
        lines.astype(np.int64), quarter_years(model), young_money(model, place),
        seats.level, seats.part, seats.covered, _rates(model, vehicle, lines, seats),
        end_quarter(model, place), *_seat_arrays(model, vehicle, seats, books),
        books.paid, books.received, books.held, books.lost, fees, carry, cover, called,
    )  # fmt: skip
    told: list[tuple[dict[str, Floats], Floats]] = [
        (books.fees, fees), (books.carry, carry), (books.called, called)
    ]  # fmt: skip
    if vehicle.first_loss_provider:
        told.append((books.covered, cover))
    for table, won in told:
        before = table.get(vehicle.told_as)
        table[vehicle.told_as] = won if before is None else before + won


def _rates(model: Model, vehicle: Vehicle, lines: Counts, seats: Seats) -> Floats:
    """The vehicle's rates in the order of `holders_kernel`."""
    at_realisation = vehicle.first_loss_settles == "realisation" and seats.loss.unfunded > 0
    into = float(model.evergreen_line[lines].sum()) * model.evergreen
    return np.array(
        [
            vehicle.hurdle_rate,
            vehicle.carry,
            vehicle.catch_up,
            vehicle.management_fee,
            seats.loss.unfunded,
            float(at_realisation),
            model.evergreen,
            into,
            float(model.vintages),
        ]
    )


def _seat_arrays(
    model: Model, vehicle: Vehicle, seats: Seats, books: "_Books"
) -> tuple[Counts, Floats, Floats, int]:
    """Where each seat's money is booked, its shares, and who pays a cover under which rank."""
    side = {source.name: source.side for source in model.sources}
    rank = {source.name: source.rank for source in model.sources}
    part = np.array([seat.part for seat in seats.seats])
    public = np.array([side[seat.source] in PUBLIC for seat in seats.seats])
    parent = np.where(public, part, 0.0) * vehicle.parent_fund_fee
    rows = [books.row[seat.source] for seat in seats.seats]
    ranks = [books.ranks.index(seat.rank) for seat in seats.seats]
    places = np.array([seats.group, rows, ranks], dtype=np.int64)
    payer = rank[seats.loss.providers[0]] if seats.loss.providers else books.ranks[0]
    shares = np.array([seats.share, part, parent, seats.passes])
    return places, shares, seating.payers(model, seats.loss, vehicle), books.ranks.index(payer)


class _Books:
    """The arrays that vehicles add to, one row a source or a rank."""

    def __init__(self, model: Model, paths: int) -> None:
        self.names = [source.name for source in model.sources]
        self.row = {name: place for place, name in enumerate(self.names)}
        used = {rank for vehicle in model.vehicles for _, rank in vehicle.ranks}
        used |= {source.rank for source in model.sources}
        self.ranks = [rank for rank in seating.LEVELS if rank in used]
        cells = (paths, model.quarters)
        self.paid = np.zeros((len(self.names), *cells))
        self.received = np.zeros((len(self.names), *cells))
        self.held = np.zeros((len(self.names), paths))
        self.lost = np.zeros((len(self.ranks), *cells))
        self.covered: dict[str, Floats] = {}
        self.fees: dict[str, Floats] = {}
        self.carry: dict[str, Floats] = {}
        self.called: dict[str, Floats] = {}

    def closed(self) -> Holdings:
        """The books as they are read."""
        return Holdings(
            paid=dict(zip(self.names, self.paid, strict=True)),
            received=dict(zip(self.names, self.received, strict=True)),
            covered=self.covered,
            fees=self.fees,
            carry=self.carry,
            lost_by_rank=dict(zip(self.ranks, self.lost, strict=True)),
            held=dict(zip(self.names, self.held, strict=True)),
            called=self.called,
        )
