"""Unit × period panels of a plan, from records of support and observations of outcomes.

Records come from a release or from the books behind it, observations from a restricted table that
stays inside. The panel is a function of the plan and those two: same rows, same bytes, same hash.
Rows are sorted by unit and period; a unit without a record is never treated.
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from koga.evaluate.panels import planned
from koga.evaluate.panels.declaration import Declaration
from koga.evaluate.panels.planned import Plan

if TYPE_CHECKING:
    import polars as pl

OBSERVATIONS = ("unit", "month", "value")
"""Columns of observations: who, the month as 2026-03, the value as a number."""
RECORDS = ("programme", "unit", "awarded_on", "commodity", "amount", "counts_in_total")
"""Columns of records of support: unit is the recipient, amount in smallest parts."""
APPLICATIONS = ("unit", "round", "score", "cutoff", "accepted")
"""Columns of applications to a programme."""
MONEY = "KRW"


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan's panel.

    frame: `unit, period, first_treated, outcome`, sorted, with `x_METRIC` for every covariate and
        `cluster` where the plan names them (sdid: `treated` by row instead; rd and
        experiment: `unit, round, score, cutoff, accepted, outcome`).
    declared: which column is what. sha256: of `csv()`.
    supported: units with a record of the programme by the window's end.
    covered: how many of them are observed. compared: units observed and never supported by it.
    also_supported: how many of those had support from another programme.
    spent: what the covered units were given by the window's end, by commodity.
    """

    frame: "pl.DataFrame"
    declared: Declaration
    sha256: str
    supported: int
    covered: int
    compared: int
    also_supported: int
    spent: Mapping[str, int]

    def csv(self) -> bytes:
        """The withheld table as bytes; blank where never treated or not observed."""
        return csv_of(self.frame)


def csv_of(frame: "pl.DataFrame") -> bytes:
    """A panel as its canonical CSV."""
    written = io.BytesIO()
    frame.write_csv(written)
    return written.getvalue()


def build(
    plan: Plan,
    *,
    observations: "pl.DataFrame",
    records: "pl.DataFrame",
    applications: "pl.DataFrame | None" = None,
    beside: Mapping[str, "pl.DataFrame"] | None = None,
) -> Planned:
    """The panel of a plan; frames have the columns this module names.

    beside: observations of the plan's covariates and cluster by metric.
    Registration numbers are compared without hyphens and blanks.
    """
    import polars as pl

    bare = pl.col("unit").str.replace_all(r"[-\s]", "")
    records = records.with_columns(bare)
    if applications is not None:
        applications = applications.with_columns(bare)
    values = gathered(plan, observations.with_columns(bare))
    until = planned.months(plan.end, plan.period)
    day = pl.col("awarded_on")
    month = day.dt.year().cast(pl.Int64) * 12 + day.dt.month().cast(pl.Int64) - 1
    dated = records.with_columns(month.alias("month")).filter(
        pl.col("unit").ne("") & (pl.col("month") <= until[-1])
    )
    own = dated.filter(pl.col("programme") == plan.programme)
    started = own.group_by("unit").agg(pl.col("month").min())
    if plan.among == "applicants" and applications is not None:
        known = pl.concat([applications["unit"], started["unit"]]).unique()
        values = values.join(known.to_frame("unit"), on="unit", how="semi")
    if plan.design in ("rd", "experiment") and applications is not None:
        frame = _scored(plan, values, applications)
    else:
        frame = _staggered(plan, values, started)
        for metric in plan.beside:
            observed = (beside or {})[metric].with_columns(bare)
            frame = _with(plan, metric, gathered(plan, observed), frame)
    seen = frame.select("unit").unique()
    covered = seen.join(started, on="unit", how="semi")
    compared = seen.join(started, on="unit", how="anti")
    others = compared.join(dated, on="unit", how="semi")
    counted = own.filter(pl.col("counts_in_total")).join(covered, on="unit", how="semi")
    sums = counted.group_by("commodity").agg(pl.col("amount").sum()).sort("commodity")
    return Planned(
        frame=frame,
        declared=declaration(plan),
        sha256=hashlib.sha256(csv_of(frame)).hexdigest(),
        supported=started.height,
        covered=covered.height,
        compared=compared.height,
        also_supported=others.height,
        spent=dict(sums.iter_rows()),
    )


def read(content: bytes) -> "pl.DataFrame":
    """A panel back from its canonical CSV, with the types it was written from."""
    import polars as pl

    kinds = {"outcome": pl.Float64, "score": pl.Float64, "cutoff": pl.Float64,
             "cluster": pl.Float64, "treated": pl.Int8, "accepted": pl.Int8}  # fmt: skip
    head = content.split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")
    schema = {
        name: pl.Float64
        if name.startswith("x_") or name == "cluster"
        else kinds.get(name, pl.String)
        for name in head
    }
    return pl.read_csv(content, schema=schema)


def gathered(plan: Plan, observations: "pl.DataFrame") -> "pl.DataFrame":
    """Observations as `unit, period, outcome`, gathered from months as the plan says.

    A sum needs every month of its period; a last or a mean takes those there are.
    """
    import polars as pl

    first = planned.months(plan.start, plan.period)[0]
    last = planned.months(plan.end, plan.period)[-1]
    month = pl.col("month").str.slice(0, 4).cast(pl.Int64) * 12 + (
        pl.col("month").str.slice(5, 2).cast(pl.Int64) - 1
    )
    within = (
        observations.select("unit", month.alias("month"), pl.col("value").cast(pl.Float64))
        .filter(pl.col("month").is_between(first, last))
        .sort("unit", "month")
    )
    length = len(planned.months(plan.start, plan.period))
    place = (pl.col("month") // length).alias("place")
    how = {
        "last": pl.col("value").last(),
        "mean": pl.col("value").mean(),
        "sum": pl.when(pl.len() == length).then(pl.col("value").sum()),
    }[plan.gather]
    found = within.group_by("unit", place, maintain_order=True).agg(how.alias("outcome"))
    names = {
        number: planned.period_of(number * length, plan.period)
        for number in range(first // length, last // length + 1)
    }
    return found.with_columns(
        pl.col("place").replace_strict(names, return_dtype=pl.String).alias("period")
    ).select("unit", "period", "outcome")


def _staggered(plan: Plan, values: "pl.DataFrame", started: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    length = len(planned.months(plan.start, plan.period))
    later = length if plan.dating == "next" else 0
    named = {
        month: planned.period_of(month + later, plan.period)
        for month in started["month"].unique().to_list()
    }
    first = started.select(
        "unit", pl.col("month").replace_strict(named, return_dtype=pl.String).alias("first_treated")
    )
    joined = values.join(first, on="unit", how="left").sort("unit", "period")
    if plan.design == "sdid":
        since = (pl.col("period") >= pl.col("first_treated")).fill_null(False)
        return joined.select("unit", "period", since.cast(pl.Int8).alias("treated"), "outcome")
    return joined.select("unit", "period", "first_treated", "outcome")


def _with(plan: Plan, metric: str, values: "pl.DataFrame", frame: "pl.DataFrame") -> "pl.DataFrame":
    """A panel with a covariate by unit and period, or the cluster: a unit's first number."""
    import polars as pl

    if metric != plan.cluster:
        values = values.rename({"outcome": f"x_{metric}"})
        return frame.join(values, on=("unit", "period"), how="left", maintain_order="left")
    held = values.drop_nulls("outcome").sort("unit", "period").group_by("unit")
    first = held.agg(pl.col("outcome").first().alias("cluster"))
    return frame.join(first, on="unit", how="left", maintain_order="left")


def _scored(plan: Plan, values: "pl.DataFrame", applications: "pl.DataFrame") -> "pl.DataFrame":
    """One row an application: the unit's mean outcome over the window, blank where unobserved."""
    import polars as pl

    chosen = applications.filter(pl.col("score").is_not_null())
    if plan.round:
        chosen = chosen.filter(pl.col("round") == plan.round)
    cutoff = pl.col("cutoff") if plan.cutoff is None else pl.col("cutoff").fill_null(plan.cutoff)
    means = values.group_by("unit").agg(pl.col("outcome").mean())
    return (
        chosen.with_columns(cutoff.alias("cutoff"), pl.col("accepted").cast(pl.Int8))
        .join(means, on="unit", how="left")
        .select("unit", "round", "score", "cutoff", "accepted", "outcome")
        .sort("round", "unit")
    )


def declaration(plan: Plan) -> Declaration:
    """Which column of a plan's panel plays which part."""
    if plan.design == "sdid":
        return Declaration(
            design="sdid", outcome="outcome", unit="unit", time="period", treated="treated"
        )
    if plan.design == "experiment":
        return Declaration(design="experiment", outcome="outcome", treated="accepted")
    if plan.design == "rd":
        return Declaration(
            design="rd", outcome="outcome", score="score", cutoff="cutoff", treated="accepted",
            rounds="round",
        )  # fmt: skip
    return Declaration(
        design="did", outcome="outcome", unit="unit", time="period",
        first_treated="first_treated", control=plan.control,
        covariates=tuple(f"x_{metric}" for metric in plan.covariates),
        cluster="cluster" if plan.cluster else "",
    )  # fmt: skip


def of_release(release: Any) -> "pl.DataFrame":
    """The records of an open release as this module reads them; persons have no number there."""
    import polars as pl

    rows: pl.DataFrame = release.frame("records").collect()
    return rows.select(
        "programme",
        pl.col("recipient_id").fill_null("").alias("unit"),
        "awarded_on",
        pl.col("unit").alias("commodity"),
        "amount",
        "counts_in_total",
    )
