"""What the tables of findings must say together: no number without its checks and its interval."""

from collections.abc import Iterator

import polars as pl

from koga.core.problems import Problem
from koga.release.facts import ROW, Tables, listed
from koga.release.tables import TABLES

_FIGURES = ("estimate", "se", "ci_low", "ci_high")
_ROUNDED = 1e-5
"""Figures are printed to six digits, so an end of an interval may round past its estimate."""


def unchecked(tables: Tables, period: str) -> Iterator[Problem]:
    """A finding's state is the worst verdict of its checks; a number has an interval around it."""
    table = TABLES["findings"]
    asked = (
        tables["finding_checks"]
        .group_by("finding")
        .agg(
            fails=(pl.col("verdict") == "fail").any(),
            warns=(pl.col("verdict") == "warn").any(),
            checks=pl.len(),
        )
    )
    found = tables["findings"].join(asked, on="finding", how="left").sort(ROW)
    worst = (
        pl.when(pl.col("checks").is_null()).then(pl.lit("registered"))
        .when(pl.col("fails")).then(pl.lit("fail"))
        .when(pl.col("warns")).then(pl.lit("warn"))
        .otherwise(pl.lit("ok"))
    )  # fmt: skip
    bad = found.filter(pl.col("state") != worst).select(ROW, value="state")
    yield from listed(table, bad, "release.finding_state", column="state")
    number = found.filter(pl.col("estimate").is_not_null())
    within = (
        pl.col("estimate")
        .cast(pl.Float64)
        .is_between(
            pl.col("ci_low").cast(pl.Float64) - _ROUNDED * pl.col("se").cast(pl.Float64).abs(),
            pl.col("ci_high").cast(pl.Float64) + _ROUNDED * pl.col("se").cast(pl.Float64).abs(),
        )
    )
    bare = number.filter(~within.fill_null(False)).select(ROW, value="finding")
    yield from listed(table, bare, "release.finding_bare", column="estimate")
    unpanelled = number.filter(pl.col("panel_sha256").is_null()).select(ROW, value="finding")
    yield from listed(table, unpanelled, "release.finding_bare", column="panel_sha256")


def misregistered(tables: Tables, period: str) -> Iterator[Problem]:
    """What a finding says of its registration is what its days say."""
    table = TABLES["findings"]
    first, opened = pl.col("registered_on"), pl.col("opened_on")
    last = pl.col("amended_on").fill_null(first)
    days = (
        pl.when(pl.col("registration") == "before").then(opened.is_null() | (last <= opened))
        .when(pl.col("registration") == "amended").then((first <= opened) & (last >= opened))
        .otherwise(first >= opened)
    )  # fmt: skip
    bad = tables["findings"].filter(~days.fill_null(False)).select(ROW, value="registration")
    yield from listed(table, bad, "release.finding_registered", column="registration")


def small_cells(tables: Tables, period: str) -> Iterator[Problem]:
    """A hidden figure is blank in every column."""
    table = TABLES["finding_estimates"]
    said = pl.any_horizontal(pl.col(*_FIGURES, "n").is_not_null())
    bad = tables["finding_estimates"].filter(pl.col("hidden") & said).select(ROW, value="place")
    yield from listed(table, bad, "release.finding_hidden", column="hidden")


FEWEST = 5
"""Units under which nothing is published."""


def few_in_a_mark(tables: Tables, period: str) -> Iterator[Problem]:
    """No mark of a picture rests on fewer than five units."""
    table = TABLES["finding_points"]
    bad = tables["finding_points"].filter(pl.col("n") < FEWEST).select(ROW, value="n")
    yield from listed(table, bad, "release.finding_few", column="n")
