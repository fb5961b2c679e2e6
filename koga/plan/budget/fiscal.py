"""What a scheme costs the budget, by fiscal year and by who bears it, on every path.

Cash: what public budgets put in, support and pay on guarantees, less what they get back, and what
programmes cost. Every won of a year stands with one payer: the columns of `borne.*` and what
bondholders lend sum to what deals, managers and recipients got. Beside the cash, not in it: the
subsidy of loans booked when they are disbursed (`credit`), the most the state may have to pay, and
how often each promise is called. Present values are of the first day of the first year; flows fall
on the last day of their quarter. The bonds themselves are `bonds`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from koga.plan.budget import bonds, credit, curve, exposure, payers
from koga.plan.budget.bonds import Purse, Terms
from koga.plan.budget.payers import BUDGETS, FUND, STATE, Programme
from koga.plan.engine.compiled import kernel
from koga.plan.model import QUARTERS_A_YEAR, Floats, Flows, Holdings, Model
from koga.plan.needs import Needs
from koga.plan.outcome import Outcome
from koga.plan.schemes.shape import Scheme

CALLED_WON = 0.5
"""A promise counts as called from here on; less is rounding."""


DECADE = 10
"""Years of the span whose worst sum is told."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everything of a range of paths that a cost is read from.

    payer: of each source. purses: of each bond source, with its terms. discount: treasury, by
    quarter's end. pricing: weights that price market risk, by path and quarter.
    """

    scheme: Scheme
    model: Model
    flows: Flows
    holdings: Holdings
    payer: Mapping[str, str]
    purses: Mapping[str, tuple[Terms, Purse]]
    programmes: Sequence[Programme]
    discount: Floats
    pricing: Floats

    @property
    def nothing(self) -> Floats:
        """Zeros by path and quarter."""
        return np.zeros((self.flows.weights.size, self.model.quarters))


def outcome(
    scheme: Scheme, model: Model, flows: Flows, holdings: Holdings, *, rates: Floats | None = None
) -> Outcome:
    """Series and measures of a range of paths, named as in `measures.toml`.

    rates: how far yields have moved, by path and year (`short_rate.moved`); not at all without it.
    Raises `Refusal` where bonds have no maturity.
    """
    opened = accounts(scheme, model, flows, holdings, rates=rates)
    budget = _budget(opened)
    net = _net(budget)
    series = {f"budget.{name}": yearly(won) for name, won in budget.items()}
    series["budget.net"] = yearly(net)
    series["budget.first_loss"] = yearly(_first_loss(opened))
    series |= {f"borne.{payer}": yearly(won) for payer, won in borne(opened).items()}
    lent = credit.rates(model)
    series |= _bond_series(opened) | credit.series(model, flows, lent)
    series["market.factor"] = flows.factors[:, : model.years].copy()
    if rates is not None and model.market.rate_volatility > 0.0:
        series["market.rate_move"] = rates.copy()
    paths = flows.weights.size
    worth = _costs(opened, net)
    rest = _calls(opened) | _guarantees(opened) | exposure.measures(model, opened.purses, paths)
    outside = sum(programme.outside_won for programme in opened.programmes)
    rest["programmes.outside"] = np.full(paths, outside)
    for name, (treasury, fair) in credit.by_class(model, lent).items():
        rest[f"subsidy_rate.treasury.{name}"] = np.full(paths, treasury)
        rest[f"subsidy_rate.fair.{name}"] = np.full(paths, fair)
    return Outcome(flows.first_path, flows.weights, series, worth | rest)


def accounts(
    scheme: Scheme, model: Model, flows: Flows, holdings: Holdings, *, rates: Floats | None = None
) -> Accounts:
    """Open the accounts: run the bonds, know who pays."""
    needs = Needs(scheme)
    purses = {}
    for source in model.sources:
        if source.kind == "bond":
            own = bonds.terms(needs, model, source.name)
            purses[source.name] = (
                own,
                bonds.purse(
                    model,
                    own,
                    paid=holdings.paid[source.name],
                    received=holdings.received[source.name],
                    held=held_at_cost(model, flows, source.name),
                    rates=rates,
                ),
            )
    pricing = np.repeat(curve.pricing_kernel(model.market, flows.factors), QUARTERS_A_YEAR, axis=1)
    return Accounts(
        scheme=scheme,
        model=model,
        flows=flows,
        holdings=holdings,
        payer=payers.by_source(scheme, model),
        purses=purses,
        programmes=payers.programmes(scheme, model),
        discount=curve.treasury(model.market, model.quarters)[1:],
        pricing=pricing[:, : model.quarters],
    )


def held_at_cost(model: Model, flows: Flows, source: str) -> Floats:
    """A source's part of what is in deals at cost at the end of each quarter."""
    parts = [dict(vehicle.parts).get(source, 0.0) for vehicle in model.vehicles]
    by_line = np.array([parts[line.vehicle] for line in model.lines])
    held = np.zeros((flows.weights.size, model.quarters))
    _held(flows.invested, flows.closed, by_line, held)
    return held


@kernel
def _held(invested: Floats, closed: Floats, parts: Floats, held: Floats) -> None:
    """Parts of what lines put in less what they closed, added up and then cumulated."""
    paths, lines, quarters = invested.shape
    for path in range(paths):
        for line in range(lines):
            part = parts[line]
            if part > 0.0:
                for quarter in range(quarters):
                    change = invested[path, line, quarter] - closed[path, line, quarter]
                    held[path, quarter] += part * change
        for quarter in range(1, quarters):
            held[path, quarter] += held[path, quarter - 1]


def yearly(won: Floats) -> Floats:
    """Quarters summed to fiscal years; the last year may be short."""
    found = np.zeros((won.shape[0], -(-won.shape[1] // QUARTERS_A_YEAR)))
    _yearly(won, found)
    return found


@kernel
def _yearly(won: Floats, found: Floats) -> None:
    for path in range(won.shape[0]):
        for quarter in range(won.shape[1]):
            found[path, quarter // 4] += won[path, quarter]


def year_end(won: Floats) -> Floats:
    """A balance at the end of each fiscal year, of a short last year at its own end."""
    ends = np.arange(QUARTERS_A_YEAR - 1, won.shape[1] + QUARTERS_A_YEAR - 1, QUARTERS_A_YEAR)
    return won[:, np.minimum(ends, won.shape[1] - 1)]


def _of(opened: Accounts, table: Mapping[str, Floats], wanted: Sequence[str]) -> Floats:
    """A table of holdings summed over the sources of some payers, bonds apart."""
    total = opened.nothing
    for name, payer in opened.payer.items():
        if payer in wanted and name not in opened.purses:
            total += table[name]
    return total


def _budget(opened: Accounts) -> dict[str, Floats]:
    """The parts of what public budgets pay and get, won by path and quarter."""
    support, called, recovered = opened.nothing, opened.nothing, opened.nothing
    for own, purse in opened.purses.values():
        called += purse.called
        recovered += purse.recovered
        if own.supporter in BUDGETS:
            support += purse.supported
    return {
        "paid_in": _of(opened, opened.holdings.paid, BUDGETS),
        "returned": _of(opened, opened.holdings.received, BUDGETS),
        "interest": support,
        "guarantee": called,
        "recovered": recovered,
        "programmes": _programmes(opened, BUDGETS),
    }


def _net(budget: Mapping[str, Floats]) -> Floats:
    paid = budget["paid_in"] + budget["interest"] + budget["guarantee"] + budget["programmes"]
    return paid - budget["returned"] - budget["recovered"]


def _programmes(opened: Accounts, wanted: Sequence[str]) -> Floats:
    """What programmes cost some payers, a quarter of each year's cost in each quarter."""
    by_year = np.zeros(opened.model.years)
    for programme in opened.programmes:
        if programme.payer in wanted:
            by_year += programme.won
    spread = np.repeat(by_year / QUARTERS_A_YEAR, QUARTERS_A_YEAR)[: opened.model.quarters]
    return opened.nothing + spread


def borne(opened: Accounts) -> dict[str, Floats]:
    """What each payer pays less what it gets, won by path and quarter.

    The fund of a bond source pays out of its purse: what it bears is the change of its cash.
    `lenders` are bondholders: what they lend less interest and principal they get.
    """
    paid, received = opened.holdings.paid, opened.holdings.received
    found = {
        payer: _of(opened, paid, [payer])
        - _of(opened, received, [payer])
        + _programmes(opened, [payer])
        for payer in payers.PAYERS
    }
    lenders = opened.nothing
    for own, purse in opened.purses.values():
        found[STATE] += purse.called - purse.recovered
        if own.supporter:
            found[own.supporter] += purse.supported
        found[FUND] -= np.diff(purse.cash, axis=1, prepend=0.0)
        lenders += purse.issued + purse.refinanced + purse.defaulted
        lenders -= purse.interest + purse.repaid
    return found | {"lenders": lenders}


def _first_loss(opened: Accounts) -> Floats:
    """What budgets bore first for others, in vehicles whose first loss is on a budget."""
    total = opened.nothing
    for told_as, vehicle in {one.told_as: one for one in opened.model.vehicles}.items():
        if vehicle.first_loss_provider and told_as in opened.holdings.covered:
            names = exposure.providers(opened.model, vehicle)
            if names and all(opened.payer[name] in BUDGETS for name in names):
                total += opened.holdings.covered[told_as]
    return total


def _bond_series(opened: Accounts) -> dict[str, Floats]:
    series: dict[str, Floats] = {}
    for name, (own, purse) in opened.purses.items():
        consented = np.isfinite(own.limit_won)
        fresh = yearly(purse.issued + (purse.refinanced if own.limit_covers_all else 0.0))
        series |= {
            f"bonds.issued.{name}": yearly(purse.issued),
            f"bonds.refinanced.{name}": yearly(purse.refinanced),
            f"bonds.interest.{name}": yearly(purse.interest),
            f"bonds.supported.{name}": yearly(purse.supported),
            f"bonds.repaid.{name}": yearly(purse.repaid - purse.refinanced),
            f"bonds.outstanding.{name}": year_end(purse.outstanding),
            f"bonds.called.{name}": yearly(purse.called),
            f"bonds.waiting.{name}": year_end(purse.waiting),
            f"bonds.to_consent.{name}": np.where(consented, 0.0, fresh),
        }
    return series


def claims(opened: Accounts) -> dict[str, tuple[Floats, Floats]]:
    """The state's open claim at the end on each guaranteed source, and what there is behind it.

    Behind it: what the fund still holds at cost, by the ranks of its vehicles, beyond the bonds
    then outstanding; at most the claim. (Its cash goes to the claim before: `bonds`.)
    """
    found = {}
    for name, (own, purse) in opened.purses.items():
        if own.guaranteed_share:
            owed = np.maximum(0.0, (purse.called - purse.recovered).sum(axis=1))
            free = np.maximum(0.0, opened.holdings.held[name] - purse.outstanding[:, -1])
            found[name] = owed, np.minimum(owed, free)
    return found


def _costs(opened: Accounts, net: Floats) -> dict[str, Floats]:
    """The budgets' net cost over the horizon, less what is still held for them at cost then.

    What is sure to be paid, programmes, bears no risk and is not weighed with its price.
    """
    social = curve.level(opened.model.market.social_discount_rate, opened.model.quarters)[1:]
    held = sum(
        (
            opened.holdings.held[name]
            for name, payer in opened.payer.items()
            if payer in BUDGETS and name not in opened.purses
        ),
        np.zeros(net.shape[0]),
    )
    claimed = claims(opened)
    behind = sum((behind for _, behind in claimed.values()), np.zeros(net.shape[0]))
    held = held + behind
    flows = net.copy()
    flows[:, -1] -= held
    years = yearly(net)
    sure = _programmes(opened, BUDGETS)[0]
    return {
        "cost.lifetime": flows.sum(axis=1),
        "cost.held": held,
        **{f"claim.{name}": owed for name, (owed, _) in claimed.items()},
        **{f"claim_covered.{name}": own for name, (_, own) in claimed.items()},
        "cost.decade": _worst(years, DECADE),
        "cost.treasury": flows @ opened.discount,
        "cost.fair": (flows * opened.pricing - sure * (opened.pricing - 1.0)) @ opened.discount,
        "cost.social": flows @ social,
        **_real(opened, flows),
    }


def _real(opened: Accounts, flows: Floats) -> dict[str, Floats]:
    """The same in prices of the first day, where the scheme says how they rise."""
    if "market.inflation" not in opened.scheme.leaves:
        return {}
    prices = curve.level(opened.model.market.inflation, opened.model.quarters)[1:]
    return {"cost.real": flows @ prices}


def _worst(years: Floats, length: int) -> Floats:
    """The largest sum of so many years in a row, by path; all years where there are fewer."""
    start = np.zeros((years.shape[0], 1))
    sums = np.concatenate((start, np.cumsum(years, axis=1)), axis=1)
    span = min(length, years.shape[1])
    found: Floats = (sums[:, span:] - sums[:, :-span]).max(axis=1)
    return found


def _calls(opened: Accounts) -> dict[str, Floats]:
    """For each promise, 1 on paths where it is called: its mean is the chance of a call."""
    calls = {
        f"call.{name}": purse.called.sum(axis=1) > CALLED_WON
        for name, (own, purse) in opened.purses.items()
        if own.guaranteed_share
    }
    calls |= {
        f"call.{name}": covered.sum(axis=1) > CALLED_WON
        for name, covered in opened.holdings.covered.items()
    }
    return {name: called.astype(np.float64) for name, called in calls.items()}


def _guarantees(opened: Accounts) -> dict[str, Floats]:
    """Present value of what the state pays on each bond guarantee, net of what it gets back."""
    found: dict[str, Floats] = {}
    for name, (_, purse) in opened.purses.items():
        net = purse.called - purse.recovered
        found[f"guarantee.treasury.{name}"] = net @ opened.discount
        found[f"guarantee.fair.{name}"] = (net * opened.pricing) @ opened.discount
        found[f"guarantee.peak.{name}"] = yearly(purse.called).max(axis=1)
        found[f"carry.{name}"] = purse.interest.sum(axis=1)
    return found
