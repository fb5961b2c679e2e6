"""What a group of funds returned: pooled multiples, rates and PME, with errors over its funds.

Pooled means: all of a group's money as one fund. With X_i a fund's denominator and Y_i its
numerator (TVPI: paid in, and received plus value; KS-PME: both carried to the last day by the
index), the pooled ratio is R = ΣY/ΣX and its standard error over n funds

    se(R) = √(n/(n-1) Σ(Y_i - R·X_i)²) / ΣX,

that of a ratio of means. For a rate r that solves Σ_i f_i(r) = 0, f_i a fund's discounted flows,
se(r) = √(n/(n-1) Σ f_i(r)²) / |Σ f_i'(r)|. Intervals are ± Student's t with n - 1 degrees. They say
how far other funds of the same kind might have differed; winners are rare, so with few funds they
reach too little upwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from koga.core import ilpa, irr, performance, pme
from koga.core.day_counts import year_fraction
from koga.core.performance import Reason
from koga.core.problems import Problem, Refusal
from koga.evaluate.effects.conditional import Floats
from koga.evaluate.funds.fund import Ended, Fund

NAMES = ("tvpi", "dpi", "rvpi", "irr", "ks_pme", "direct_alpha")
"""Pooled figures, in the order they are told."""
QUARTILES = {"tvpi_lower_quartile": 0.25, "tvpi_median": 0.5, "tvpi_upper_quartile": 0.75}
"""Of the single funds' multiples; told of twice the minimum of funds and more."""
DAY_COUNT = "act/365f"
LEVEL = 0.95
_GROSS = "gross_with_facility"
_NET = "net_with_facility"
_ZERO = Fraction(0)
_NEAR, _REACH = 1e-9, 64.0
_SPLITS = (0.0, 0.05, -0.05, 0.1, -0.1, 0.2, -0.2, 0.4, -0.4, 1.0, -1.0)


@dataclass(frozen=True, slots=True)
class Strand:
    """One fund's money on one basis.

    flows: dated and signed, the closing value apart; empty where only totals are known.
    paid, received: sums for the multiples. value: closing value, rolled to the fund's last day.
    residual: value for the multiples (with what ILPA adds back in a gross view).
    valued_on: the day of the closing value as stated; None where there is none.
    """

    code: str
    flows: tuple[tuple[date, Fraction], ...]
    paid: Fraction
    received: Fraction
    value: Fraction
    residual: Fraction
    valued_on: date | None = None

    @property
    def first(self) -> date | None:
        """The day of the first flow."""
        return min((day for day, _ in self.flows), default=None)


@dataclass(frozen=True, slots=True)
class Told:
    """One figure of a group: value, error and interval over funds, and why one is missing."""

    name: str
    value: float | None
    se: float | None
    low: float | None
    high: float | None
    n: int
    status: str
    reason: Reason = ("", "")


def strand(fund: Fund, basis: str, *, typed: bool) -> Strand:
    """A fund on a basis, net or gross; a `Refusal` that names it where its value cannot be."""
    if fund.totals is not None:
        paid, received, left = fund.totals
        return Strand(fund.code, (), paid, received, left, left)
    real = performance.real_flows(fund.cash) if typed else fund.cash
    try:
        held = performance.record(real, fund.values)
    except Refusal as refusal:
        where = f"{fund.code}"
        raise Refusal(
            Problem(each.code, where, each.value, each.details) for each in refusal.problems
        ) from None
    stated = held.stated[-1] if held.stated else None
    if basis == "net" and not typed:
        return Strand(
            fund.code, tuple(held.flows), held.paid_total, held.received_total,
            held.closing, held.closing, stated,
        )  # fmt: skip
    view = _GROSS if basis == "gross" else _NET
    sums = {"paid_in": _ZERO, "distributed": _ZERO, "residual": held.closing}
    chosen = [flow for flow in fund.cash if view in ilpa.TYPES[flow.kind].views]
    for flow in chosen:
        sums[ilpa.TYPES[flow.kind].part] += flow.amount
    flows = tuple((flow.day, flow.amount) for flow in chosen)
    return Strand(
        fund.code, flows, -sums["paid_in"], sums["distributed"],
        held.closing, sums["residual"], stated,
    )  # fmt: skip


def pooled(strands: Sequence[Strand], as_of: date | None, index: pme.Index | None) -> list[Told]:
    """Every figure of `NAMES` for the funds together; values are put on `as_of`."""
    paid = [one.paid for one in strands]
    tops = {
        "tvpi": [one.received + one.residual for one in strands],
        "dpi": [one.received for one in strands],
        "rvpi": [one.residual for one in strands],
    }
    told = [_ratio(name, _floats(top), _floats(paid)) for name, top in tops.items()]
    told.append(_rate("irr", strands, as_of, None))
    within = covered(strands, index)
    if index is None or as_of is None or not within:
        why = _NO_INDEX if index is None else _NO_DATES if as_of is None else _BEFORE_INDEX
        return [*told, *(_missing(name, why) for name in ("ks_pme", "direct_alpha"))]
    growth = carried(within, index, as_of)
    tops_carried, bottoms = zip(*(_sides(one, growth) for one in within), strict=True)
    told.append(_ratio("ks_pme", np.array(tops_carried), np.array(bottoms)))
    told.append(_rate("direct_alpha", within, as_of, growth))
    return told


def covered(strands: Sequence[Strand], index: pme.Index | None) -> list[Strand]:
    """The funds whose first flow an index reaches back to."""
    if index is None:
        return []
    return [one for one in strands if one.first is not None and one.first >= index.days[0]]


def carried(strands: Sequence[Strand], index: pme.Index, as_of: date) -> dict[date, float]:
    """I_T / I_t for every day of a flow; the last value on or before a day."""
    end = index.at(as_of)
    days = {day for one in strands for day, _ in one.flows}
    return {day: float(end / index.at(day)) for day in days}


def spread(strands: Sequence[Strand], minimum: int) -> list[Told]:
    """Median and quartiles of the single funds' multiples; from few funds they would tell one."""
    count = len(strands)
    if count < 2 * minimum:
        return [_missing(name, _FEW_FUNDS, "suppressed") for name in QUARTILES]
    multiples = [float((one.received + one.residual) / one.paid) for one in strands if one.paid]
    return [
        Told(name, float(np.quantile(multiples, part)), None, None, None, count, "unique")
        for name, part in QUARTILES.items()
    ]


def ended_multiple(spans: Sequence[Ended]) -> Told:
    """Proceeds over cost of ended deals; n counts firms. Spans of few firms are hidden."""
    told = [span for span in spans if not span.hidden]
    cost = sum(span.cost for span in told)
    if not told:
        return _missing("deal_multiple", _NO_SPAN, "suppressed" if spans else "invalid")
    if cost <= 0:
        return _missing("deal_multiple", _NOTHING_PAID)
    value = sum(span.proceeds for span in told) / cost
    firms = sum(span.firms for span in told)
    return Told("deal_multiple", value, None, None, None, firms, "unique")


def _floats(amounts: Sequence[Fraction]) -> Floats:
    return np.array([float(amount) for amount in amounts])


def _sides(one: Strand, growth: Mapping[date, float]) -> tuple[float, float]:
    received = sum(float(amount) * growth[day] for day, amount in one.flows if amount > 0)
    paid = -sum(float(amount) * growth[day] for day, amount in one.flows if amount < 0)
    return received + float(one.value), paid


def _ratio(name: str, top: Floats, bottom: Floats) -> Told:
    whole = float(bottom.sum())
    if whole <= 0:
        return _missing(name, _NOTHING_PAID)
    value = float(top.sum()) / whole
    return _with_error(name, value, top - value * bottom, whole)


def _rate(
    name: str, strands: Sequence[Strand], as_of: date | None, growth: Mapping[date, float] | None
) -> Told:
    """The rate of all flows as one stream, carried by an index or not."""
    dated = [one for one in strands if one.flows]
    if as_of is None or not dated:
        return _missing(name, _NO_DATES)
    first = min(day for one in dated for day, _ in one.flows)
    sums: dict[date, Fraction | float] = {as_of: sum((one.value for one in dated), start=_ZERO)}
    for one in dated:
        for day, amount in one.flows:
            sums[day] = sums.get(day, _ZERO) + _grown(amount, day, growth)
    days = sorted(sums)
    times = {day: year_fraction(first, day, DAY_COUNT) for day in days}
    found = _root([times[day] for day in days], [sums[day] for day in days])
    if found.rate is None:
        return _missing(name, performance.RATE_REASONS[found.status], found.status)
    rows = [
        (place, float(times[day]), float(_grown(amount, day, growth)))
        for place, one in enumerate(dated)
        for day, amount in one.flows
    ]
    years = float(times[as_of])
    rows += [(place, years, float(one.value)) for place, one in enumerate(dated)]
    who, when, amounts = (np.array(column) for column in zip(*rows, strict=True))
    factors = amounts * (1 + found.rate) ** -when
    present = np.zeros(len(dated))
    np.add.at(present, who, factors)
    slope = float((when * factors).sum()) / (1 + found.rate)
    return _with_error(name, found.rate, present, abs(slope))


def _root(times: Sequence[Fraction], amounts: Sequence[Fraction | float]) -> irr.Roots:
    """The roots of pooled flows; a cheap proof that there is one spares the search for all.

    With δ = ln(1 + r), Σ a·e^(-δt) has at most as many roots above a δ₀ as the running sums of
    a·e^(-δ₀t) change sign, and at most as many below it as the running sums from the end do
    (Laguerre). One change in all, and a root: the case of nearly every pool, whose flows
    themselves change sign often.
    """
    from scipy.optimize import brentq

    when = np.array([float(time) for time in times])
    flows = np.array([float(amount) for amount in amounts])
    for split in _SPLITS:
        there = flows * np.exp(-split * when)
        if _changes(np.cumsum(there)) + _changes(np.cumsum(there[::-1])) == 1:
            break
    else:
        return irr.solve(times, amounts)

    def present(delta: float) -> float:
        powers = -delta * when
        return float(flows @ np.exp(powers - powers.max()))

    reach = 1.0
    while present(-reach) * present(reach) > 0:
        reach *= 2
        if reach > _REACH:
            return irr.solve(times, amounts)
    delta = float(brentq(present, -reach, reach, xtol=1e-14, rtol=1e-14))
    return irr.Roots("unique", (float(np.expm1(delta)),))


def _changes(sums: Floats) -> int:
    """Changes of sign; two where a sum is too near to 0 to have one."""
    scale = float(np.abs(sums).max())
    if not scale or (np.abs(sums) < _NEAR * scale).any():
        return 2
    return int((np.sign(sums[1:]) != np.sign(sums[:-1])).sum())


def _grown(amount: Fraction, day: date, growth: Mapping[date, float] | None) -> Fraction | float:
    """An amount carried to the last day; a value already there stays as it is."""
    return amount if growth is None else float(amount) * growth.get(day, 1.0)


def _with_error(name: str, value: float, residuals: Floats, whole: float) -> Told:
    """A figure with its standard error over funds and Student's interval."""
    count = residuals.size
    if count < 2 or not whole:
        return Told(name, value, None, None, None, count, "unique")
    from scipy.special import stdtrit

    se = float(np.sqrt(count / (count - 1) * float(residuals @ residuals))) / whole
    reach = float(stdtrit(count - 1, 1 - (1 - LEVEL) / 2)) * se
    return Told(name, value, se, value - reach, value + reach, count, "unique")


def _missing(name: str, reason: Reason, status: str = "invalid") -> Told:
    return Told(name, None, None, None, None, 0, status, reason)


_NO_SPAN = (
    "다섯 개사 넘게 끝난 구간이 없습니다.",
    "there is no span in which five firms or more have ended.",
)
_NO_INDEX = ("지수가 없습니다.", "no index was given.")
_NO_DATES = ("날짜가 있는 흐름이 없습니다.", "there are no dated flows.")
_NOTHING_PAID = ("분모가 0 이하입니다.", "the denominator is 0 or less.")
_BEFORE_INDEX = (
    "모든 펀드가 지수보다 먼저 시작했습니다.",
    "every fund began before the index does.",
)
_FEW_FUNDS = (
    "펀드가 적어 가운데 값이 한 펀드를 드러냅니다.",
    "with so few funds a middle value would tell one of them.",
)
