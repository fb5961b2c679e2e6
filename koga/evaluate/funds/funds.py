"""Fund performance as evaluation: who returned what, net and gross, against an index.

Groups of funds by vintage, instrument, sector and manager beside the total: pooled multiples, rate,
KS-PME and direct alpha, each with its error over the group's funds; the benchmark with its own
uncertainty; groups too small to show hidden so that subtraction does not tell them. What is warned
of (a price index, old values, values that are most of the multiple) is said with the figures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from koga.core import pme
from koga.core.problems import Problem, Refusal
from koga.evaluate.finding import Check, Verdict, Words, known, plain
from koga.evaluate.funds import fund_benchmark, fund_checks, fund_figures
from koga.evaluate.funds.fund import DIMENSIONS, Funds
from koga.evaluate.funds.fund_figures import Strand, Told
from koga.evaluate.small_cells import Group, Shown, protect

if TYPE_CHECKING:
    import polars as pl

MINIMUM, DRAWS, BLOCK_MONTHS, SEED = 5, 999, 12, 1
SINGLE = "fund"
"""The dimension whose groups are single funds; only where all of them are public."""
SPREAD_LEAST = 2
"""Half of the funds that a median is told of, however public they are."""
QUESTION = Words(
    "이 펀드들은 낸 돈에 견주어 얼마를 돌려주었고, 같은 돈을 지수에 넣었을 때와 견주면 어떠한가",
    "What did these funds return on the money paid in, and what against the same money in an index",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How funds are compared; nothing in it is hidden, all of it stands in the answer.

    by: dimensions to group by; none said is all of them, and single funds where they are public.
    minimum: the fewest funds a shown group has beside those whose own figures are public.
    draws, block_months, seed: of the benchmark's draws.
    """

    by: tuple[str, ...] = ()
    minimum: int = MINIMUM
    draws: int = DRAWS
    block_months: int = BLOCK_MONTHS
    seed: int = SEED


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one group.

    dimension, group: None for all funds. basis: net | gross | deals (ended deals, before all
    costs) | index. told: the figure.
    benchmark: the interval of KS-PME or direct alpha had the index's months fallen otherwise.
    """

    dimension: str | None
    group: str | None
    basis: str
    told: Told
    benchmark: tuple[float, float] | None = None

    def as_json(self) -> dict[str, Any]:
        """A row of `estimates[]`."""
        told = self.told
        row: dict[str, Any] = {
            "estimator": "index" if told.name == "index_return" else "pooled",
            "name": told.name,
            "basis": self.basis,
            "dimension": self.dimension,
            "group": self.group,
            "time": None,
            "event_time": None,
            "estimate": known(told.value),
            "se": known(told.se),
            "ci_low": known(told.low),
            "ci_high": known(told.high),
            "n": told.n or None,
            "status": told.status,
        }
        if self.benchmark is not None:
            row["benchmark_low"], row["benchmark_high"] = self.benchmark
        if told.value is None:
            row["reason"] = {"ko": told.reason[0], "en": told.reason[1]}
        return row


@dataclass(frozen=True, slots=True)
class FundFinding:
    """Every figure with its checks and what it rests on."""

    figures: tuple[Figure, ...]
    checks: tuple[Check, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    question: Words = QUESTION

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the checks."""
        found = {check.verdict for check in self.checks}
        return "fail" if "fail" in found else "warn" if "warn" in found else "ok"

    def named(self, row: Figure) -> Words | None:
        """What the group of a figure is called, where the source says."""
        known = self.facts.get("names", {}).get(row.dimension or "", {})
        return Words(*known[row.group]) if row.group in known else None

    def of(self, name: str, *, dimension: str | None = None, basis: str = "net") -> list[Figure]:
        """One figure over the groups of a dimension, in their order."""
        return [
            one
            for one in self.figures
            if (one.told.name, one.dimension, one.basis) == (name, dimension, basis)
        ]

    def as_json(self) -> dict[str, Any]:
        """The document of `koga evaluate funds`."""
        return {
            "finding": {
                "design": "funds",
                "question": self.question.as_json(),
                "verdict": self.verdict,
                "headline": self.of("tvpi")[0].as_json(),
                **plain(self.facts),
            },
            "estimates": [one.as_json() for one in self.figures],
            "checks": [check.as_json() for check in self.checks],
        }

    def frame(self) -> "pl.DataFrame":
        """The figures as a Polars frame."""
        import polars as pl

        rows = [one.as_json() for one in self.figures]
        names = [*dict.fromkeys(name for row in rows for name in row if name != "reason")]
        return pl.DataFrame(
            [{name: row.get(name) for name in names} for row in rows], infer_schema_length=None
        )


def evaluate(
    read: Funds, *, index: pme.Index | None = None, settings: Settings | None = None,
    name: Words | None = None,
) -> FundFinding:  # fmt: skip
    """Compare funds; a `Refusal` for settings or an index that cannot be used.

    index: must declare whether it is of prices or total returns. name: what it is called.
    """
    how = settings or Settings()
    _check_settings(read, how, index)
    bases = ("net", "gross") if read.typed else ("net",)
    strands = {basis: _strands(read, basis) for basis in bases}
    both = [one for basis in bases for one in strands[basis]]
    as_of = _as_of(both)
    drawn = _redrawn(both, index, as_of, how)
    groups = list(_groups(read, how.by or _known_dimensions(read)))
    shown = _protected(read, groups, how.minimum)
    figures = [
        figure
        for basis in bases
        for place, group in enumerate(groups)
        for figure in _figures_of(
            group, basis, [strands[basis][member] for member in sorted(group.members)],
            hidden=shown.hidden.get(place, ""), as_of=as_of, index=index, drawn=drawn,
            minimum=_least(read, group, how),
        )
    ]  # fmt: skip
    figures += list(_deal_figures(read, groups))
    figures += list(_index_figures(drawn))
    checks = fund_checks.checks(
        read, strands["net"], as_of=as_of, index=index, drawn=drawn, shown=shown, groups=groups,
        minimum=how.minimum,
    )  # fmt: skip
    facts = _facts(read, index, as_of, drawn, how, shown)
    if index is not None:
        facts["benchmark"]["name"] = name.as_json() if name else None
    return FundFinding(tuple(figures), tuple(checks), facts)


def _strands(read: Funds, basis: str) -> list[Strand]:
    """Every fund on a basis; all problems together."""
    found: list[Problem] = []
    strands = []
    for fund in read.funds:
        try:
            strands.append(fund_figures.strand(fund, basis, typed=read.typed))
        except Refusal as refusal:
            found += refusal.problems
    if found:
        raise Refusal(found)
    return strands


def _as_of(strands: Sequence[Strand]) -> date | None:
    days = [day for one in strands for day, _ in one.flows]
    days += [one.valued_on for one in strands if one.valued_on]
    return max(days, default=None)


def _redrawn(
    strands: Sequence[Strand], index: pme.Index | None, as_of: date | None, how: Settings
) -> fund_benchmark.Redrawn | None:
    within = fund_figures.covered(strands, index)
    if index is None or as_of is None or not within:
        return None
    first = min(day for one in within for day, _ in one.flows)
    return fund_benchmark.redraw(
        index, first, as_of, draws=how.draws, block=how.block_months, seed=how.seed
    )


def _groups(read: Funds, by: Sequence[str]) -> Iterator[Group]:
    """The total, then the groups of each dimension that anything is said of."""
    yield Group("", "", frozenset(range(len(read.funds))))
    for dimension in by:
        said = [fund.groups.get(dimension, "") for fund in read.funds]
        if not any(said):
            continue
        for value in sorted(set(said), key=lambda one: (not one, one)):
            members = frozenset(place for place, own in enumerate(said) if own == value)
            yield Group(dimension, value, members)


def _known_dimensions(read: Funds) -> tuple[str, ...]:
    return (*DIMENSIONS, SINGLE) if _all_public(read) else DIMENSIONS


def _all_public(read: Funds) -> bool:
    return all(fund.public for fund in read.funds)


def _protected(read: Funds, groups: Sequence[Group], minimum: int) -> Shown:
    """What to hide of the groups; a fund whose figures are published needs no hiding."""
    public = {place for place, fund in enumerate(read.funds) if fund.public}
    secret = [
        (place, Group(group.dimension, group.value, group.members - public))
        for place, group in enumerate(groups)
        if group.members - public
    ]
    shown = protect([group for _, group in secret], minimum)
    return Shown({secret[at][0]: why for at, why in shown.hidden.items()}, shown.exposed)


def _least(read: Funds, group: Group, how: Settings) -> int:
    """The fewest funds a figure of the group may rest on."""
    return 1 if all(read.funds[member].public for member in group.members) else how.minimum


def _deal_figures(read: Funds, groups: Sequence[Group]) -> Iterator[Figure]:
    """Proceeds over cost of deals that ended, from the spans a release shows; n counts firms."""
    if not any(fund.ended for fund in read.funds):
        return
    for group in groups:
        spans = [span for member in group.members for span in read.funds[member].ended]
        place = (group.dimension or None, group.value if group.dimension else None, "deals")
        yield Figure(*place, fund_figures.ended_multiple(spans))


def _figures_of(
    group: Group, basis: str, strands: Sequence[Strand], *, hidden: str, as_of: date | None,
    index: pme.Index | None, drawn: fund_benchmark.Redrawn | None, minimum: int,
) -> Iterator[Figure]:  # fmt: skip
    """Every figure of a group, or why it is hidden."""
    place = (group.dimension or None, group.value if group.dimension else None, basis)
    if hidden:
        reason = fund_checks.HIDDEN[hidden]
        for name in fund_figures.NAMES:
            yield Figure(*place, Told(name, None, None, None, None, 0, "suppressed", reason))
        return
    for told in fund_figures.pooled(strands, as_of, index):
        few = told.n < minimum and told.value is not None
        if few:
            reason = fund_checks.HIDDEN["small"]
            told = Told(told.name, None, None, None, None, 0, "suppressed", reason)
        band = None
        if told.name == "ks_pme" and told.value is not None and index and drawn:
            band = fund_benchmark.pme_interval(strands, index, drawn)
        if told.name == "direct_alpha" and told.value is not None and index and drawn:
            band = fund_benchmark.alpha_interval(strands, index, drawn, told.value)
        yield Figure(*place, told, band)
    for told in fund_figures.spread(strands, max(minimum, SPREAD_LEAST)):
        yield Figure(*place, told)


def _index_figures(drawn: fund_benchmark.Redrawn | None) -> Iterator[Figure]:
    """The index's own yearly return over the funds' time, with its interval."""
    if drawn is None:
        return
    import numpy as np

    low, high = np.quantile(drawn.yearly[1:], [0.025, 0.975])
    se = float(drawn.yearly[1:].std(ddof=1))
    value = float(drawn.yearly[0])
    told = Told("index_return", value, se, float(low), float(high), drawn.months, "unique")
    yield Figure(None, None, "index", told)


def _facts(
    read: Funds, index: pme.Index | None, as_of: date | None,
    drawn: fund_benchmark.Redrawn | None, how: Settings, shown: Shown,
) -> dict[str, Any]:  # fmt: skip
    """What the figures rest on."""
    benchmark = None
    if index is not None:
        benchmark = {
            "kind": index.kind,
            "first": index.days[0].isoformat(),
            "last": index.days[-1].isoformat(),
            "months": drawn.months if drawn else None,
            "draws": how.draws,
            "block_months": how.block_months,
            "seed": how.seed,
        }
    return {
        "source": read.source,
        "sha256": read.sha256,
        "form": read.form,
        "unit": read.unit or None,
        "funds": {
            "used": len(read.funds),
            "never_paid": read.never_paid,
            "withheld": read.withheld,
        },
        "names": read.names,
        "rule": fund_checks.rule(read, how.minimum).as_json(),
        "as_of": as_of.isoformat() if as_of else None,
        "day_count": fund_figures.DAY_COUNT,
        "interval": "student_t_over_funds",
        "minimum": how.minimum,
        "hidden": len(shown.hidden),
        "benchmark": benchmark,
    }


def _check_settings(read: Funds, how: Settings, index: pme.Index | None) -> None:
    known = _known_dimensions(read)
    found = [
        Problem("funds.by", "--by", name, {"expected": ", ".join(known)})
        for name in how.by
        if name not in known
    ]
    least = {"minimum": 1, "draws": 99, "block_months": 1, "seed": 0}
    found += [
        Problem("funds.setting", f"--{name.replace('_', '-')}", f"{getattr(how, name)}",
                {"least": bound})
        for name, bound in least.items()
        if getattr(how, name) < bound
    ]  # fmt: skip
    if index is not None and not index.kind:
        found.append(Problem("funds.index_undeclared", "--index-kind"))
    if found:
        raise Refusal(found)
