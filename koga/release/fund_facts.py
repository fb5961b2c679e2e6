"""What the tables of funds must say together: totals, the roll-forward of values, hidden firms."""

from collections.abc import Iterator

import polars as pl

from koga.core.dates import Period
from koga.core.problems import Problem
from koga.release.facts import ROW, Tables, listed
from koga.release.fund_tables import FIRMS_LEAST, OUTGOING
from koga.release.tables import TABLES

_TOTALS = {
    "paid_in": ("call",),
    "distributed": ("distribution",),
    "costs": ("fee", "expense"),
    "carry_paid": ("carry",),
}
"""Column of a fund -> kinds of flow it is the sum of."""
_FIGURES = ("firms", "quarter_from", "quarter_to", "cost", "proceeds")


def totals(tables: Tables, period: str) -> Iterator[Problem]:
    """A fund's totals are the sums of its flows; one whose figures are withheld has none."""
    funds, flows = tables["funds"], tables["fund_flows"]
    table = TABLES["funds"]
    for column, kinds in _TOTALS.items():
        sums = (
            flows.filter(pl.col("kind").is_in(list(kinds)))
            .group_by("fund")
            .agg(summed=pl.col("amount").cast(pl.Int128).sum())
        )
        both = funds.join(sums, on="fund", how="left").sort(ROW)
        differing = pl.col(column).fill_null(0) != pl.col("summed").fill_null(0)
        bad = both.filter(differing).select(
            ROW, value=column, flows=pl.col("summed").fill_null(0).cast(pl.String)
        )
        yield from listed(table, bad, "release.fund_total", column=column)
    withheld = funds.filter(pl.col("disclosure") == "withheld").select("fund")
    for name in ("fund_flows", "fund_values", "fund_deals"):
        told = tables[name].join(withheld, on="fund", how="semi").sort(ROW)
        yield from listed(TABLES[name], told.select(ROW, value="fund"), "release.fund_withheld",
                          column="fund")  # fmt: skip


def roll_forward(tables: Tables, period: str) -> Iterator[Problem]:
    """Value and accrued carry are what went in and was earned, less what went out, to the won."""
    out = pl.col("kind").is_in(list(OUTGOING))
    amount = pl.col("amount").cast(pl.Int128)
    values = tables["fund_values"]
    rolled = (
        values.select(ROW, "fund", "quarter")
        .join(tables["fund_flows"].rename({"quarter": "at"}).drop(ROW), on="fund", how="inner")
        .filter(pl.col("at") <= pl.col("quarter"))
        .group_by(ROW)
        .agg(grew=amount.filter(~out).sum(), fell=amount.filter(out).sum())
        .select(ROW, rolled=pl.col("grew") - pl.col("fell"))
    )
    both = values.join(rolled, on=ROW, how="left").sort(ROW)
    stated = pl.col("nav").cast(pl.Int128) + pl.col("carry_accrued").cast(pl.Int128)
    bad = both.filter(stated != pl.col("rolled").fill_null(0)).select(
        ROW, value="nav", rolled=(pl.col("rolled").fill_null(0)).cast(pl.String)
    )
    yield from listed(TABLES["fund_values"], bad, "release.fund_value", column="nav")
    negative = values.filter(pl.col("carry_accrued") < 0).select(ROW, value="carry_accrued")
    yield from listed(TABLES["fund_values"], negative, "release.fund_value",
                      column="carry_accrued", rolled="0")  # fmt: skip


def beyond(tables: Tables, period: str) -> Iterator[Problem]:
    """No figure of a fund is later than its `through`."""
    through = tables["funds"].select("fund", "through")
    for name in ("fund_flows", "fund_values"):
        both = tables[name].join(through, on="fund", how="inner").sort(ROW)
        late = both.filter((pl.col("quarter") > pl.col("through")).fill_null(True))
        yield from listed(TABLES[name], late.select(ROW, value="quarter"), "release.fund_late",
                          column="quarter")  # fmt: skip


def small_cells(tables: Tables, period: str) -> Iterator[Problem]:
    """A hidden span is blank; a shown one holds firms enough and says all of its figures."""
    table, deals = TABLES["fund_deals"], tables["fund_deals"]
    said = pl.any_horizontal(pl.col(*_FIGURES).is_not_null())
    bad = deals.filter(pl.col("hidden") & said).select(ROW, value="span")
    yield from listed(table, bad, "release.fund_hidden", column="hidden")
    few = pl.col("firms").fill_null(0) < FIRMS_LEAST
    blank = pl.any_horizontal(pl.col(*_FIGURES).is_null())
    shown = deals.filter(~pl.col("hidden") & (few | blank)).select(ROW, value="span")
    yield from listed(table, shown, "release.fund_small", column="firms", least=FIRMS_LEAST)


def benchmarks(tables: Tables, period: str) -> Iterator[Problem]:
    """An index has one kind throughout, positive values, and none after the period."""
    table, rows = TABLES["benchmarks"], tables["benchmarks"]
    first = pl.col("kind").first().over("benchmark")
    mixed = rows.filter(pl.col("kind") != first).select(ROW, value="kind")
    yield from listed(table, mixed, "release.benchmark", column="kind")
    bad = rows.filter(pl.col("value") <= 0).select(ROW, value="value")
    yield from listed(table, bad, "release.benchmark", column="value")
    late = rows.filter(pl.col("day") > Period.parse(period).end).select(ROW, value="day")
    yield from listed(table, late, "release.benchmark", column="day")
