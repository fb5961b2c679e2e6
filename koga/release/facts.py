"""What the tables must say together: nobody named, nothing twice, flows equal to records.

Every function yields a `Problem` per row found, at most `LISTED_MAX` of one kind and then a count
of the rest. Amounts are summed in 128 bits and never across units.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from koga.core import dates
from koga.core.dates import Period
from koga.core.problems import Problem
from koga.release.cells import at
from koga.release.tables import ADDRESS_JOINT, RATIO_UNITS, REMOVED, TABLES, Table

Tables = Mapping[str, pl.LazyFrame]
ROW = "row number"
"""Name of the row number beside a table's own columns; no column may have a blank in its name."""
LISTED_MAX = 1000
PERSON_REGION = r"[0-9]|(?:동|읍|면|리|로|길)(?:\s|$)"
"""A person's region is 시도 or 시군구: no number, no neighbourhood, village or street."""
_PARENTS_MAX = 32


def listed(
    table: Table, bad: pl.LazyFrame, code: str, *, column: str = "", **details: Any
) -> Iterator[Problem]:
    """A problem for each row of a frame of row numbers and, where it has one, `value`."""
    found = bad.collect()
    for row in found.head(LISTED_MAX).iter_rows(named=True):
        value = row.get("value")
        shown = "" if value is None else str(value)
        more = {name: text for name, text in row.items() if name not in (ROW, "value")}
        yield Problem(code, at(table, row[ROW], column), shown, details | more)
    if found.height > LISTED_MAX:
        where = f"{table.name}{', ' + column if column else ''}"
        yield Problem("release.more", where, str(found.height - LISTED_MAX), {"kind": code})


def address(table: Table) -> pl.Expr:
    """A row's address, as `Table.address` writes it."""
    return pl.concat_str([pl.col(name).cast(pl.String) for name in table.key],
                         separator=ADDRESS_JOINT)  # fmt: skip


def persons(tables: Tables, period: str) -> Iterator[Problem]:
    """A person's record carries neither name nor number, and no region that singles them out."""
    table = TABLES["records"]
    of_persons = tables["records"].filter(pl.col("recipient_class") == "person")
    for column in ("recipient", "recipient_id"):
        bad = of_persons.filter(pl.col(column).is_not_null()).select(ROW)
        yield from listed(table, bad, "release.person", column=column)
    fine = of_persons.filter(pl.col("region").str.contains(PERSON_REGION)).select(ROW)
    yield from listed(table, fine, "release.person_region", column="region")


def counted_twice(tables: Tables, period: str) -> Iterator[Problem]:
    """No record counts in totals below a record that counts; no record is its own ancestor."""
    table = TABLES["records"]
    records = tables["records"].select("record", "parent", "counts_in_total")
    line = tables["records"].drop_nulls("parent").select(
        ROW, "record", "counts_in_total", above="parent"
    ).collect()  # fmt: skip
    for _ in range(_PARENTS_MAX):
        if not line.height:
            return
        circle = line.filter(pl.col("record") == pl.col("above")).lazy()
        yield from listed(table, circle.select(ROW, value="record"), "release.cycle",
                          column="parent")  # fmt: skip
        held = line.lazy().filter(pl.col("record") != pl.col("above")).join(
            records.rename({"counts_in_total": "above counts"}),
            left_on="above", right_on="record", maintain_order="left",
        )  # fmt: skip
        twice = held.filter(pl.col("counts_in_total") & pl.col("above counts"))
        yield from listed(table, twice.select(ROW, value="above"), "release.counted_twice",
                          column="counts_in_total")  # fmt: skip
        line = (
            held.drop_nulls("parent")
            .select(ROW, "record", "counts_in_total", above="parent")
            .collect()
        )
    yield from listed(table, line.lazy().select(ROW, value="record"), "release.cycle",
                      column="parent")  # fmt: skip


def without_entry(tables: Tables, period: str) -> Iterator[Problem]:
    """Every record names its entry in the ledger, unless nothing was given (amount 0)."""
    bad = tables["records"].filter(pl.col("entry").is_null() & (pl.col("amount") != 0))
    yield from listed(TABLES["records"], bad.select(ROW), "release.missing", column="entry")


def flows_differ(tables: Tables, period: str) -> Iterator[Problem]:
    """Records sum to the delivered flows of the same agency, programme and unit.

    Every record is an entry, so every record is summed, whether it counts in totals or not. A
    programme that keeps no records (a fund's, say) has flows alone.
    """
    by = ["agency", "programme", "unit"]
    kept = tables["records"].select("programme").unique()
    delivered = tables["flows"].filter(pl.col("stage") == "delivered")
    delivered = delivered.join(kept, on="programme", how="semi")
    both = _sum_by(tables["records"], by, "records").join(
        _sum_by(delivered, by, "flows"), on=by, how="full", coalesce=True
    )
    differing = (
        both.with_columns(pl.col("records", "flows").fill_null(0))
        .filter(pl.col("records") != pl.col("flows"))
        .sort(by)
        .collect()
    )
    for row in differing.iter_rows(named=True):
        where = f"flows, {row['agency']}, {row['programme']}, {row['unit']}"
        details = {"records": row["records"]}
        yield Problem("release.flows_differ", where, str(row["flows"]), details)


def not_reported(tables: Tables, period: str) -> Iterator[Problem]:
    """An agency that has not reported has no record, flow or statement of the period.

    What it signed in earlier periods stays: a release is cumulative.
    """
    silent = tables["agencies"].filter(~pl.col("reported")).select("agency")
    for name in ("records", "flows", "statements"):
        within = tables[name].filter(in_period(TABLES[name], period)).select(ROW, "agency")
        bad = within.join(silent, on="agency").sort(ROW)
        yield from listed(TABLES[name], bad.select(ROW, value="agency"), "release.not_reported",
                          column="agency")  # fmt: skip


def in_period(table: Table, period: str) -> pl.Expr:
    """Whether a row is of a period: by its own period, its quarter or the day it was decided."""
    if "period" in table.names:
        return pl.col("period") == period
    span = Period.parse(period)
    if "awarded_on" in table.names:
        return pl.col("awarded_on").is_between(span.start, span.end)
    return pl.col("quarter").is_between(
        pl.lit(dates.quarter_of(span.start)), pl.lit(dates.quarter_of(span.end))
    )


def due_differs(tables: Tables, period: str) -> Iterator[Problem]:
    """The period's duties and statements agree: signed where there is one, missing where none."""
    table = TABLES["due"]
    due = tables["due"].filter(pl.col("period") == period).select(ROW, "agency", "period", "state")
    told = tables["statements"].select("agency", "period", told=pl.lit(True)).unique()
    both = due.join(told, on=["agency", "period"], how="left").sort(ROW)
    signed = pl.col("state").is_in(["signed", "signed_late", "nil"])
    bad = both.filter(signed != pl.col("told").fill_null(False))
    yield from listed(table, bad.select(ROW, value="state"), "release.due_differs", column="state")


def bare_metrics(tables: Tables, period: str) -> Iterator[Problem]:
    """A ratio, a result or a time has a denominator, what it is, and a window; a result a method.

    A bare percentage cannot be published.
    """
    table = TABLES["statement_lines"]
    measured = pl.col("section").is_in(["results", "timeliness"])
    ratio = pl.col("unit").str.to_uppercase().is_in(list(RATIO_UNITS))
    lines = tables["statement_lines"].filter(
        pl.col("value").is_not_null() & (measured | ratio.fill_null(False))
    )
    needed = ("denominator", "denominator_ko", "denominator_en", "window_start", "window_end")
    for column in needed:
        bad = lines.filter(pl.col(column).is_null()).select(ROW, value="code")
        yield from listed(table, bad, "release.bare_metric", column=column)
    results = lines.filter(pl.col("section") == "results")
    bad = results.filter(pl.col("method").is_null()).select(ROW, value="code")
    yield from listed(table, bad, "release.bare_metric", column="method")
    zero = lines.filter(ratio & (pl.col("denominator") <= 0)).select(ROW, value="code")
    yield from listed(table, zero, "release.bare_metric", column="denominator")
    turned = lines.filter(pl.col("window_start") > pl.col("window_end")).select(ROW, value="code")
    yield from listed(table, turned, "release.bare_metric", column="window_end")


def corrections_dangling(tables: Tables, period: str) -> Iterator[Problem]:
    """A correction names a row and field of this release, or a row it says was removed."""
    table = TABLES["corrections"]
    given = tables["corrections"].select(ROW, "table", "row", "field")
    unknown = given.filter(~pl.col("table").is_in(list(TABLES))).select(ROW, value="table")
    yield from listed(table, unknown, "release.table_unknown", column="table")
    named = given.select("table").unique().collect()["table"].to_list()
    for name in (name for name in TABLES if name in named):
        other = TABLES[name]
        own = given.filter(pl.col("table") == name)
        fields = own.filter(~pl.col("field").is_in([*other.names, REMOVED]))
        yield from listed(table, fields.select(ROW, value="field"), "release.column_unknown",
                          column="field")  # fmt: skip
        there = tables[name].select(row=address(other)).unique()
        kept = own.filter(pl.col("field") != REMOVED)
        bad = kept.join(there, on="row", how="anti").sort(ROW).select(ROW, value="row")
        yield from listed(table, bad, "release.reference", column="row", expected=name)
        removed = own.filter(pl.col("field") == REMOVED)
        still = removed.join(there, on="row", how="semi").sort(ROW).select(ROW, value="row")
        yield from listed(table, still, "release.not_removed", column="row")


def _sum_by(frame: pl.LazyFrame, by: list[str], name: str) -> pl.LazyFrame:
    return frame.group_by(by).agg(pl.col("amount").cast(pl.Int128).sum().alias(name))
