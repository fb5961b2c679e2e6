"""How a fund did: rates, multiples, and comparison with an index, each figure with its status.

Amounts are the investor's view: paid in negative, received positive. A value (NAV) is not a flow:
the first, if on the first day and not alone, opens; the last closes; those between inform. A
closing value older than the last flow is rolled forward by the cash after its day. Where a figure
is undefined it is None with a status and a reason, never a nearby substitute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import log1p
from typing import Any

from koga.core import ilpa, pme
from koga.core.day_counts import year_fraction
from koga.core.irr import Roots, solve
from koga.core.problems import Problem, Refusal

NAMES = (
    "irr",
    "dpi",
    "rvpi",
    "tvpi",
    "pic",
    "ks_pme",
    "ln_pme",
    "pme_plus",
    "mpme",
    "direct_alpha",
    "direct_alpha_log",
    "modified_dietz",
)
"""Names of the metrics, as in every answer."""

Reason = tuple[str, str]
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Cash:
    """A flow: day, amount (paid in negative), and ILPA's transaction type where it is known."""

    day: date
    amount: Fraction
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the holding at the end of a day."""

    day: date
    amount: Fraction


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure that cannot be mistaken.

    value: the figure, None where it is undefined or not the only one.
    status: unique | multiple | none | tangent | invalid.
    roots: all rates that solve the equation, for rates.
    convention: day count, `periodic`, or "" for plain ratios.
    as_of: the last day counted. navs: days of the values used.
    more: further figures (terminal value, λ).
    reason: why there is no value, in Korean and English.
    """

    value: float | None
    status: str
    roots: tuple[float, ...] = ()
    convention: str = ""
    as_of: date | None = None
    navs: tuple[date, ...] = ()
    more: Mapping[str, float | None] = field(default_factory=dict)
    reason: Reason = ("", "")


@dataclass(frozen=True, slots=True)
class Record:
    """A holding's flows and values, put in order.

    paid, received: by day, positive. opening: on `first`. closing: on `last`, rolled forward.
    navs: values by the end of their day, the closing one on `last` included.
    """

    paid: tuple[tuple[date, Fraction], ...]
    received: tuple[tuple[date, Fraction], ...]
    opening: Fraction
    closing: Fraction
    first: date
    last: date
    navs: Mapping[date, Fraction]
    stated: tuple[date, ...]

    @property
    def flows(self) -> list[tuple[date, Fraction]]:
        """Signed flows, the opening value as paid in; without the closing value."""
        signed = [(day, -amount) for day, amount in self.contributions]
        return [*signed, *self.received]

    @property
    def contributions(self) -> list[tuple[date, Fraction]]:
        """What was paid in, the opening value included."""
        opening = [(self.first, self.opening)] if self.opening else []
        return [*opening, *self.paid]

    @property
    def paid_total(self) -> Fraction:
        """All contributions."""
        return sum((amount for _, amount in self.contributions), start=_ZERO)

    @property
    def received_total(self) -> Fraction:
        """All distributions."""
        return sum((amount for _, amount in self.received), start=_ZERO)


def record(cash: Sequence[Cash], values: Sequence[Value] = ()) -> Record:
    """Put flows and values in order; a `Refusal` where a rolled value would be negative.

    >>> from datetime import date
    >>> flows = [Cash(date(2024, 1, 1), Fraction(-100)), Cash(date(2025, 3, 1), Fraction(30))]
    >>> held = record(flows, [Value(date(2024, 12, 31), Fraction(120))])
    >>> held.last, held.closing
    (datetime.date(2025, 3, 1), Fraction(90, 1))
    """
    if not cash:
        raise Refusal(Problem("performance.no_flows", "flows"))
    dated = sorted(values, key=lambda value: value.day)
    days = [flow.day for flow in cash] + [value.day for value in dated]
    first, last = min(days), max(days)
    opens = len(dated) > 1 and dated[0].day == first
    opening = dated[0].amount if opens else _ZERO
    closing = _rolled(dated[-1], cash) if dated else _ZERO
    later = dated[1:] if opens else dated
    navs = {value.day: value.amount for value in later} | {last: closing}
    return Record(
        tuple((flow.day, -flow.amount) for flow in cash if flow.amount < 0),
        tuple((flow.day, flow.amount) for flow in cash if flow.amount > 0),
        opening,
        closing,
        first,
        last,
        navs,
        tuple(value.day for value in dated),
    )


def _rolled(value: Value, cash: Sequence[Cash]) -> Fraction:
    after = sum((flow.amount for flow in cash if flow.day > value.day), start=_ZERO)
    rolled = value.amount - after
    if rolled < 0 or value.amount < 0:
        details = {"rolled": _text(rolled), "day": f"{value.day}"}
        raise Refusal(Problem("performance.nav_negative", "--nav", _text(value.amount), details))
    return rolled


def _text(amount: Fraction) -> str:
    return f"{float(amount):,.2f}".removesuffix(".00")


def as_number(amount: Fraction) -> int | float:
    """An exact amount as it is printed in an answer: whole where it is whole."""
    return int(amount) if amount.denominator == 1 else float(amount)


def measure(
    held: Record,
    *,
    day_count: str,
    commitment: Fraction | None = None,
    index: pme.Index | None = None,
) -> dict[str, Metric]:
    """Every metric of `NAMES`. Rates are yearly under the day count; multiples are ratios.

    >>> from datetime import date
    >>> flows = [Cash(date(2021, 1, 1), Fraction(-100)), Cash(date(2022, 1, 1), Fraction(110))]
    >>> found = measure(record(flows), day_count="act/365f")
    >>> found["irr"].value, found["tvpi"].value, found["ks_pme"].status
    (0.1, 1.1, 'invalid')
    """
    study = _Study(held, day_count)
    figures = {"irr": study.rate(_ending(held.flows, held))}
    figures |= _multiples(study, commitment)
    figures |= _equivalents(study, index)
    figures["modified_dietz"] = _modified_dietz(study)
    return {name: figures[name] for name in NAMES}


def views(
    cash: Sequence[Cash], values: Sequence[Value], *, day_count: str
) -> dict[str, dict[str, Metric]]:
    """ILPA's four views of typed flows: rate and multiples by the mapping table of `ilpa`."""
    held = record(_of_view(cash, "net_with_facility") or cash, values)
    last = max([held.last, *(flow.day for flow in cash)])
    closing = _rolled(max(values, key=lambda one: one.day), _real(cash)) if values else _ZERO
    found = {}
    for view in ilpa.VIEWS:
        chosen = [flow for flow in cash if view in ilpa.TYPES[flow.kind].views]
        parts = {"paid_in": _ZERO, "distributed": _ZERO, "residual": closing}
        for flow in chosen:
            parts[ilpa.TYPES[flow.kind].part] += flow.amount
        flows = [(flow.day, flow.amount) for flow in chosen] + [(last, closing)]
        first = min(day for day, _ in flows)
        study = _Study(Record((), (), _ZERO, closing, first, last, {}, held.stated), day_count)
        whole = -parts["paid_in"]
        found[view] = {
            "irr": study.rate(flows),
            "dpi": study.ratio(parts["distributed"], whole),
            "rvpi": study.ratio(parts["residual"], whole),
            "tvpi": study.ratio(parts["distributed"] + parts["residual"], whole),
        }
    return found


def _real(cash: Sequence[Cash]) -> list[Cash]:
    """What investors really paid and received: the net view with the facility."""
    return _of_view(cash, "net_with_facility")


def _of_view(cash: Sequence[Cash], view: str) -> list[Cash]:
    return [flow for flow in cash if view in ilpa.TYPES[flow.kind].views]


def real_flows(cash: Sequence[Cash]) -> list[Cash]:
    """Typed flows without what is only an adjustment: what the plain metrics are computed on."""
    return _real(cash)


def periodic(amounts: Sequence[Fraction]) -> dict[str, Metric]:
    """Metrics of flows one period apart: the rate per period and the multiples."""
    found = solve(list(range(len(amounts))), list(amounts))
    paid = sum((-amount for amount in amounts if amount < 0), start=_ZERO)
    received = sum((amount for amount in amounts if amount > 0), start=_ZERO)
    blank = Metric(None, "invalid", reason=_NO_DATES)
    figures = dict.fromkeys(NAMES, blank)
    figures["irr"] = Metric(
        found.rate, found.status, found.roots, "periodic", reason=_rate_reason(found)
    )
    for name, part in (("dpi", received), ("rvpi", _ZERO), ("tvpi", received)):
        figures[name] = _ratio(part, paid, None, ())
    return figures


def irr_batch(amounts: Any, days: Any) -> Any:
    """Act/365f rates of funds in rows, NaN where there is not exactly one root.

    amounts: two-dimensional, a fund a row; days: each column's days since the first.

    >>> irr_batch([[-100, 121], [-100, 0]], [0, 730]).round(12).tolist()
    [0.1, nan]
    """
    from koga.core import irr_batch as arrays

    return arrays.irr_batch(amounts, days)


@dataclass(frozen=True, slots=True)
class _Study:
    """A record with its convention: makes metrics."""

    held: Record
    day_count: str

    def rate(
        self, flows: Sequence[tuple[date, Fraction]], more: Mapping[str, float | None] | None = None
    ) -> Metric:
        """The internal rate of return of dated flows."""
        first = min(day for day, _ in flows)
        times = [year_fraction(first, day, self.day_count) for day, _ in flows]
        found = solve(times, [amount for _, amount in flows])
        return self.metric(
            found.rate, found.status, found.roots, self.day_count, more, _rate_reason(found)
        )

    def metric(
        self,
        value: float | None,
        status: str,
        roots: tuple[float, ...] = (),
        convention: str = "",
        more: Mapping[str, float | None] | None = None,
        reason: Reason = ("", ""),
    ) -> Metric:
        """A metric as of the record's last day."""
        held = self.held
        return Metric(value, status, roots, convention, held.last, held.stated, more or {}, reason)

    def ratio(self, part: Fraction, whole: Fraction) -> Metric:
        """A plain ratio, undefined over nothing."""
        return _ratio(part, whole, self.held.last, self.held.stated)

    def none(self, reason: Reason, more: Mapping[str, float | None] | None = None) -> Metric:
        """An undefined figure and why."""
        return self.metric(None, "invalid", more=more, reason=reason)


def _ratio(part: Fraction, whole: Fraction, as_of: date | None, navs: tuple[date, ...]) -> Metric:
    if whole <= 0:
        return Metric(None, "invalid", as_of=as_of, navs=navs, reason=_NOTHING_PAID)
    return Metric(float(part / whole), "unique", as_of=as_of, navs=navs)


def _ending(flows: Sequence[tuple[date, Fraction]], held: Record) -> list[tuple[date, Fraction]]:
    return [*flows, (held.last, held.closing)]


def _multiples(study: _Study, commitment: Fraction | None) -> dict[str, Metric]:
    held = study.held
    paid = held.paid_total
    figures = {
        "dpi": study.ratio(held.received_total, paid),
        "rvpi": study.ratio(held.closing, paid),
        "tvpi": study.ratio(held.received_total + held.closing, paid),
    }
    if commitment is None or commitment <= 0:
        figures["pic"] = study.none(_NO_COMMITMENT)
    else:
        figures["pic"] = study.ratio(paid, commitment)
    return figures


_PME_NAMES = ("ks_pme", "ln_pme", "pme_plus", "mpme", "direct_alpha", "direct_alpha_log")


def _equivalents(study: _Study, index: pme.Index | None) -> dict[str, Metric]:
    if index is None:
        return {name: study.none(_NO_INDEX) for name in _PME_NAMES}
    held = study.held
    carried = pme.carry(held.contributions, held.received, index, held.last)
    figures = {
        "ks_pme": study.ratio(carried.distributions + held.closing, carried.contributions),
        "ln_pme": _long_nickels(study, carried),
        "pme_plus": _pme_plus(study, carried),
        "mpme": _modified(study, index),
    }
    grown = [(day, amount * carried.growth[day]) for day, amount in held.flows]
    alpha = study.rate(_ending(grown, held))
    logs = tuple(log1p(root) for root in alpha.roots if root > -1)
    figures["direct_alpha"] = alpha
    figures["direct_alpha_log"] = study.metric(
        logs[0] if alpha.status == "unique" and logs else None,
        alpha.status,
        logs,
        study.day_count,
        reason=alpha.reason,
    )
    return figures


def _long_nickels(study: _Study, carried: pme.Carried) -> Metric:
    terminal = carried.contributions - carried.distributions
    flows = [*study.held.flows, (study.held.last, terminal)]
    return study.rate(flows, {"terminal": float(terminal)})


def _pme_plus(study: _Study, carried: pme.Carried) -> Metric:
    held = study.held
    if not carried.distributions:
        return study.none(_NO_DISTRIBUTION, {"lambda": None})
    scale = (carried.contributions - held.closing) / carried.distributions
    more: dict[str, float | None] = {"lambda": float(scale)}
    if scale < 0:
        return study.none(_NEGATIVE_SCALE, more)
    signed = [(day, -amount) for day, amount in held.contributions]
    scaled = [(day, amount * scale) for day, amount in held.received]
    return study.rate(_ending([*signed, *scaled], held), more)


def _modified(study: _Study, index: pme.Index) -> Metric:
    held = study.held
    paid, received = _by_day(held.contributions), _by_day(held.received)
    sold = pme.modified_flows(paid, received, held.navs, index, held.last)
    if isinstance(sold, date):
        reason = (
            f"{sold} 배분일의 순자산가치가 없습니다. --nav {sold}=금액을 주십시오.",
            f"no value on {sold}, a day of distribution. Give --nav {sold}=AMOUNT.",
        )
        return study.none(reason, {"terminal": None})
    sales, terminal = sold
    flows = [(day, -amount) for day, amount in paid.items()]
    flows += [*sales.items(), (held.last, terminal)]
    return study.rate(flows, {"terminal": float(terminal)})


def _by_day(flows: Sequence[tuple[date, Fraction]]) -> dict[date, Fraction]:
    sums: dict[date, Fraction] = {}
    for day, amount in flows:
        sums[day] = sums.get(day, _ZERO) + amount
    return sums


def _modified_dietz(study: _Study) -> Metric:
    """(E - B - ΣF) / (B + ΣwF), w = (days - d) / days; over the whole span, not yearly."""
    held = study.held
    days = (held.last - held.first).days
    if not days:
        return study.none(_NO_TIME)
    net = [(day, amount) for day, amount in held.paid] + [(d, -a) for d, a in held.received]
    weighted = sum((a * Fraction((held.last - d).days, days) for d, a in net), start=held.opening)
    gain = held.closing - held.opening - sum((a for _, a in net), start=_ZERO)
    return study.ratio(gain, weighted)


def _rate_reason(found: Roots) -> Reason:
    return RATE_REASONS.get(found.status, ("", ""))


RATE_REASONS: Mapping[str, Reason] = {
    "multiple": (
        "해가 둘 이상이라 수익률을 하나로 말할 수 없습니다.",
        "several rates solve the equation, so none is given.",
    ),
    "tangent": (
        "곡선이 0에 닿기만 하는 해라서 수익률로 쓰지 않습니다.",
        "the curve only touches zero, so no rate is given.",
    ),
    "none": ("해가 없습니다.", "no rate solves the equation."),
    "invalid": (
        "기간이 없거나 나타낼 수 있는 수익률이 아닙니다.",
        "there is no span of time, or the rate cannot be represented.",
    ),
}
"""Why there is no single rate, by the status of the roots."""
_NO_INDEX = ("지수가 없습니다.", "no index was given.")
_NO_COMMITMENT = ("약정액이 없습니다.", "no commitment was given.")
_NOTHING_PAID = ("분모가 0 이하입니다.", "the denominator is 0 or less.")
_NO_DISTRIBUTION = ("배분이 없습니다.", "there was no distribution.")
_NO_TIME = ("기간이 없습니다.", "there is no span of time.")
_NO_DATES = ("날짜가 없는 흐름입니다.", "the flows have no dates.")
_NEGATIVE_SCALE = (
    "λ가 음수라서 비교할 수 없습니다.",
    "λ is negative, so there is no comparable rate.",
)
