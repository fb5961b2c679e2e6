"""State-guaranteed bonds of a fund: issue, ladder, interest, refinancing (차환), guarantee calls.

The fund has one purse per bond source. In every quarter it pays, in this order, interest, principal
that falls due, and what its vehicles call; first from cash at hand. What cash does not reach:

- interest: whoever supports it pays in the years it does; then bonds are issued for it as long as
  what is still held at cost covers all bonds; the rest calls the guarantee.
- principal: refinanced within the same cover; the rest calls the guarantee.
- calls of vehicles: new bonds within the yearly limit the Assembly consents to; the rest waits.

What the state paid on its guarantee it gets back from later cash (구상권), without interest. Bonds
are issued at par at the curve's own yield for that day and maturity plus a spread, over a ladder of
maturities; where treasury rates move (`short_rate`), by as much as the yield of that maturity has
moved by the year, but not below 0. With a call they are redeemed at par some time after their
issue, always or where the yield for the time left is below their coupon, as far as cash and new
bonds pay for it. None is issued beyond the horizon, where everything falls due. What is then still
in deals at cost covers as much of it, which stays outstanding; the rest calls the guarantee.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from koga.core.problems import Refusal
from koga.plan.budget import curve, short_rate
from koga.plan.engine.compiled import kernel
from koga.plan.model import QUARTERS_A_YEAR, Floats, Market, Model
from koga.plan.needs import Needs

TENORS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50)
"""Maturities in years that a ladder is made of."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How one source of money issues bonds.

    tenors, weights: the ladder, in quarters, and how much of each issue goes to each.
    spread: over treasury, a year. guaranteed_share: of principal and interest.
    limit_won: what may be issued, by year of the horizon; inf where nothing is consented yet.
    limit_covers_all: refinancing counts in the limit. while_covered: bonds are refinanced only as
    far as what is held at cost covers them (else always). supported_quarters: how long somebody
    pays the interest cash does not reach; supporter: state, local, fund or empty. call_quarters:
    after which a bond may be redeemed, 0 where it may not. call_always: it is then, else only where
    that is cheaper.
    """

    tenors: tuple[int, ...]
    weights: tuple[float, ...]
    spread: float
    guaranteed_share: float
    limit_won: tuple[float, ...]
    limit_covers_all: bool
    while_covered: bool
    supported_quarters: int
    supporter: str
    call_quarters: int = 0
    call_always: bool = False


@dataclass(frozen=True, slots=True)
class Purse:
    """What passed through the fund's purse for one source: won by path and quarter.

    issued: for calls and interest. refinanced: for principal. interest, repaid: due to bondholders,
    redeemed: of that, before its time.
    invested: calls paid. supported: interest others paid. called: paid by the state on its
    guarantee. recovered: of that, given back. defaulted: due to bondholders and not paid.
    earned: on cash. outstanding: principal at the end of the quarter. cash: then.
    waiting: calls not paid yet for want of a limit. coming_interest: of the next quarter.
    """

    issued: Floats
    refinanced: Floats
    interest: Floats
    repaid: Floats
    invested: Floats
    supported: Floats
    called: Floats
    recovered: Floats
    defaulted: Floats
    earned: Floats
    outstanding: Floats
    cash: Floats
    waiting: Floats
    coming_interest: Floats
    redeemed: Floats


@lru_cache(maxsize=64)
def ladder(shortest: float, longest: float, mean: float) -> tuple[tuple[int, ...], Floats]:
    """Maturities in quarters between two ends, and parts whose mean is the one asked for.

    The parts are as even as the mean allows (maximum entropy: part ~ exp(tilt x maturity)).
    Where no usual maturity lies between the ends, there is one, the mean.

    >>> tenors, parts = ladder(2, 20, 10)
    >>> [tenor // 4 for tenor in tenors], parts.round(3).tolist()
    ([2, 3, 5, 7, 10, 15, 20], [0.115, 0.119, 0.126, 0.133, 0.145, 0.168, 0.194])
    >>> round(float(parts @ np.array(tenors)) / 4, 9)
    10.0
    """
    years = np.array([tenor for tenor in TENORS if shortest <= tenor <= longest], dtype=np.float64)
    if len(years) < 2 or not years[0] < mean < years[-1]:
        return (max(1, round(mean * QUARTERS_A_YEAR)),), np.ones(1)
    low, high = -64.0, 64.0
    for _ in range(200):
        tilt = (low + high) / 2
        powers = tilt * (years - mean)
        parts = np.exp(powers - powers.max())
        parts /= parts.sum()
        low, high = (tilt, high) if parts @ years < mean else (low, tilt)
    return tuple(int(year * QUARTERS_A_YEAR) for year in years), parts


def terms(needs: Needs, model: Model, source: str) -> Terms:
    """The terms of a bond source as its scheme gives them.

    Absent means none: no spread, no guarantee, no limit, no support. A mean maturity, or its two
    ends, is needed. Limits count refinancing unless the scheme says otherwise.
    """
    path = f"capital.{source}.bond"
    shortest, longest = (needs.given(f"{path}.maturity_{end}_years") for end in ("min", "max"))
    mean = needs.given(f"{path}.maturity_years", (shortest + longest) / 2)
    if mean <= 0:
        needs.lacks(f"{path}.maturity_years")
        raise Refusal(needs.problems)
    tenors, parts = ladder(shortest, longest or mean, mean)
    written = {
        int(leaf.path.rpartition(".")[2]): float(needs.scheme.number(leaf.path))
        for leaf in needs.scheme.under(f"{path}.limit")
        if not leaf.path.endswith(".total")
    }
    years = range(model.first_year, model.first_year + model.years)
    support = needs.given(f"{path}.interest_support_years")
    return Terms(
        tenors=tenors,
        weights=tuple(parts.tolist()),
        spread=needs.given(f"{path}.spread"),
        guaranteed_share=needs.given(f"{path}.guaranteed_share"),
        limit_won=tuple(written.get(year, np.inf) for year in years),
        limit_covers_all=needs.word(f"{path}.limit_covers") != "new_issues",
        while_covered=needs.word(f"{path}.refinancing") != "always",
        supported_quarters=round(support * QUARTERS_A_YEAR),
        supporter=needs.word(f"{path}.interest_support"),
        call_quarters=_call_quarters(needs, path),
        call_always=needs.word(f"{path}.call_rule") == "always",
    )


def _call_quarters(needs: Needs, path: str) -> int:
    """Quarters after which bonds may be called; a time and a rule need each other."""
    after, rule = f"{path}.call_after_years", f"{path}.call_rule"
    for one, other in ((after, needs.word(rule)), (rule, needs.has(after))):
        if other and not (needs.has(one) or needs.word(one)):
            needs.lacks(one)
            raise Refusal(needs.problems)
    return max(1, round(needs.given(after) * QUARTERS_A_YEAR)) if needs.has(after) else 0


def purse(
    model: Model, own: Terms, *, paid: Floats, received: Floats, held: Floats,
    rates: Floats | None = None,
) -> Purse:  # fmt: skip
    """Carry a source's bonds through every path.

    paid, received: with its vehicles, won by path and quarter. held: its part of what is in deals
    at cost at the end of each quarter. Cash earns the one-quarter rate. rates: how far one-year
    yields have moved, by path and year (`short_rate.moved`), or one row for all paths.
    """
    quarters = model.quarters
    discount = curve.treasury(model.market, 2 * quarters + 4)
    tenors, coupons = _issues(own, discount, quarters)
    moves = np.zeros((1, model.years)) if rates is None else np.ascontiguousarray(rates)
    limits = np.repeat(np.array(own.limit_won), QUARTERS_A_YEAR)[:quarters]
    supported = own.supported_quarters if own.supporter else 0
    rules = (own.limit_covers_all, own.while_covered, own.guaranteed_share, supported)
    out = np.zeros((len(_FIELDS), *paid.shape))
    _carry(
        np.ascontiguousarray(paid),
        np.ascontiguousarray(received),
        np.ascontiguousarray(held),
        np.array(own.weights),
        _rates(model.market, own, discount, tenors, coupons),
        moves,
        limits,
        rules,
        out,
    )
    return Purse(**dict(zip(_FIELDS, out, strict=True)))


_CHEAPER = 1e-12
"""A coupon a quarter must be above the new one by more than rounding."""
_FIELDS = tuple(Purse.__dataclass_fields__)


def _issues(own: Terms, discount: Floats, quarters: int) -> tuple[Any, Floats]:
    """Maturity in quarters and coupon a quarter, by quarter of issue and rung of the ladder."""
    left = np.arange(quarters - 1, 0, -1)[:, None]
    tenors = np.minimum(np.array(own.tenors)[None, :], left)
    starts = np.arange(1, quarters)[:, None]
    coupons = curve.forward_par(discount, starts, tenors) + own.spread
    return tenors, coupons / QUARTERS_A_YEAR


class _Rates(NamedTuple):
    """What bonds pay a quarter, by quarter of issue and rung of the ladder, where rates stay.

    renewed: what a bond redeemed at its call would pay if issued anew; minus infinity where it is
    redeemed always, infinity where never. Those of `moving` are by how much they move with the
    one-year yield. short: what cash earns. call: quarters after issue, 0 where none.
    """

    tenors: Any
    coupons: Floats
    moving: Floats
    renewed: Floats
    moving_renewed: Floats
    short: Floats
    call: int


def _rates(market: Market, own: Terms, discount: Floats, tenors: Any, coupons: Floats) -> _Rates:
    """The rates of a source's bonds on today's curve, and how they move."""
    renewed, moving_renewed = np.full(tenors.shape, np.inf), np.zeros(tenors.shape)
    issue, rung = np.nonzero((tenors > own.call_quarters) & (own.call_quarters > 0))
    then, left = issue + 1 + own.call_quarters, tenors[issue, rung] - own.call_quarters
    anew = (curve.forward_par(discount, then, left) + own.spread) / QUARTERS_A_YEAR
    renewed[issue, rung] = -np.inf if own.call_always else anew
    moving_renewed[issue, rung] = short_rate.loading(market, left) / QUARTERS_A_YEAR
    quarters = tenors.shape[0] + 1
    return _Rates(
        tenors=tenors,
        coupons=coupons,
        moving=short_rate.loading(market, tenors) / QUARTERS_A_YEAR,
        renewed=renewed,
        moving_renewed=moving_renewed,
        short=discount[:quarters] / discount[1 : quarters + 1] - 1.0,
        call=own.call_quarters,
    )


@kernel
def _at(rate: float, move: float) -> float:
    """A rate that has moved; it does not move below 0."""
    return max(min(rate, 0.0), rate + move)


@kernel
def _on_path(rates: _Rates, moves: Any, short: Any, coupons: Any, calls: Any) -> None:
    """What cash earns, bonds pay and which are redeemed at their call, as yields have moved."""
    quarters = short.size
    for now in range(quarters):
        short[now] = _at(rates.short[now], moves[now // 4] / 4)
    for issue in range(quarters - 1):
        then = min(issue + rates.call, quarters - 1)
        for rung in range(coupons.shape[1]):
            move = rates.moving[issue, rung] * moves[issue // 4]
            coupons[issue, rung] = _at(rates.coupons[issue, rung], move)
            again = rates.moving_renewed[issue, rung] * moves[then // 4]
            renewed = _at(rates.renewed[issue, rung], again)
            calls[issue, rung] = renewed < coupons[issue, rung] - _CHEAPER


@kernel
def _redeem(
    issue: int, cash: float, free: float, calls: Any, faces: Any, tenors: Any, coupons: Any,
    due: Any, ending: Any,
) -> tuple[float, float, float]:  # fmt: skip
    """Take called bonds of an issue out of what falls due later, as far as money reaches.

    free: what may be issued for it. Answers what is paid back, how much of it out of new bonds,
    and the interest a quarter it saves.
    """
    paid = saved = 0.0
    for rung in range(calls.shape[1]):
        if calls[issue, rung]:
            part = min(cash + free - paid, faces[issue, rung])
            at = issue + tenors[issue, rung]
            due[at] -= part
            ending[at] -= part * coupons[issue, rung]
            faces[issue, rung] -= part
            paid += part
            saved += part * coupons[issue, rung]
    return paid, max(0.0, paid - cash), saved


@kernel
def _issue(
    amount: float,
    quarter: int,
    tenors: Any,
    weights: Any,
    coupons: Any,
    due: Any,
    ending: Any,
) -> float:
    """Put a new issue into what falls due; answers the interest a quarter it adds."""
    added = 0.0
    for rung in range(weights.size):
        face = amount * weights[rung]
        at = quarter + tenors[quarter, rung]
        due[at] += face
        ending[at] += face * coupons[quarter, rung]
        added += face * coupons[quarter, rung]
    return added


@kernel
def _serve(
    cash: float,
    interest: float,
    principal: float,
    supported: bool,
    room: float,
    covered: float,
    limited: bool,
) -> tuple[float, float, float, float, float]:
    """Pay bondholders in one quarter.

    room: what the limit leaves. covered: what may be outstanding beside what stays. limited:
    refinancing counts in the limit. Answers cash left, interest supported, principal refinanced,
    bonds issued for interest, and what all of that leaves unpaid.
    """
    from_cash = min(cash, interest)
    cash -= from_cash
    lacking = interest - from_cash
    support = lacking if supported else 0.0
    lacking -= support
    from_cash = min(cash, principal)
    cash -= from_cash
    open_principal = principal - from_cash
    refinanced = min(open_principal, min(room, covered) if limited else covered)
    left = room - refinanced if limited else room
    issued = min(lacking, left, covered - refinanced)
    return cash, support, refinanced, issued, lacking - issued + open_principal - refinanced


@kernel
def _carry(
    paid: Any, received: Any, held: Any, weights: Any, rates: _Rates, moves: Any, limits: Any,
    rules: tuple[bool, bool, float, int], out: Any,
) -> None:  # fmt: skip
    """All paths, quarter by quarter; `out` is filled in the order of `Purse`'s fields."""
    limited, while_covered, guaranteed, supported = rules
    tenors, after = rates.tenors, rates.call
    paths, quarters = paid.shape
    due, ending, faces = np.zeros(quarters), np.zeros(quarters), np.zeros(tenors.shape)
    short, coupons = np.zeros(quarters), np.zeros(tenors.shape)
    calls = np.zeros(tenors.shape, np.bool_)
    for path in range(paths):
        if path < moves.shape[0]:
            _on_path(rates, moves[path], short, coupons, calls)
        faces[:], due[:], ending[:] = 0.0, 0.0, 0.0
        cash = outstanding = coupon = waiting = claim = used = 0.0
        for now in range(quarters):
            used = 0.0 if now % 4 == 0 else used
            earned = cash * short[now]
            interest, principal = coupon, due[now]
            outstanding -= principal
            coupon -= ending[now]
            last = now == quarters - 1
            room = 0.0 if last else max(0.0, limits[now] - used)
            covered = max(0.0, held[path, now] - outstanding) if while_covered or last else np.inf
            cash, support, refinanced, issued, unpaid = _serve(
                cash + earned + received[path, now], interest, principal, now < supported, room,
                covered, limited and not last,
            )  # fmt: skip
            called = guaranteed * unpaid
            claim += called
            wanted = paid[path, now] + waiting
            from_cash = min(cash, wanted)
            cash -= from_cash
            room -= issued + (refinanced if limited else 0.0)
            for_calls = min(wanted - from_cash, max(0.0, room))
            waiting = wanted - from_cash - for_calls
            used += issued + for_calls + (refinanced if limited else 0.0)
            fresh = issued + refinanced + for_calls
            recovered = min(cash, claim)
            cash -= recovered
            claim -= recovered
            redeemed = renewed = 0.0
            if 0 < after <= now and not last:
                free = max(0.0, room - for_calls) if limited else np.inf
                if while_covered:
                    called_face = (calls[now - after] * faces[now - after]).sum()
                    covered = held[path, now] - outstanding - fresh + called_face
                    free = min(free, max(0.0, covered))
                redeemed, renewed, saved = _redeem(
                    now - after, cash, free, calls, faces, tenors, coupons, due, ending
                )
                cash -= redeemed - renewed
                outstanding -= redeemed
                coupon -= saved
                used += renewed if limited else 0.0
                fresh += renewed
            outstanding += fresh
            if fresh > 0.0 and not last:
                coupon += _issue(fresh, now, tenors, weights, coupons, due, ending)
                faces[now] = fresh * weights
            row = (
                issued + for_calls, refinanced + renewed, interest, principal + redeemed,
                from_cash + for_calls,
                support, called, recovered, unpaid - called, earned, outstanding, cash, waiting,
                coupon, redeemed,
            )  # fmt: skip
            for place in range(len(row)):
                out[place, path, now] = row[place]
