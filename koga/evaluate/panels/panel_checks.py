"""What makes a panel unfit for its design: rows that contradict each other, groups that miss."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from koga.core.problems import Problem
from koga.evaluate.panels.panel_columns import NAMED_MAX, Columns

if TYPE_CHECKING:
    import polars as pl


def of_rows(columns: Columns) -> list[Problem]:
    """Rows that contradict each other: duplicates, support that switches off, moving clusters."""
    frame, declared = columns.frame, columns.declared
    known = set(frame.columns)
    problems: list[Problem] = []
    if {"unit", "time"} <= known:
        problems += _duplicates(frame, declared.time)
    if {"unit", "time", "first"} <= known:
        problems += _of_dates(frame, declared.first_treated)
    if {"unit", "time", "treated"} <= known and declared.design == "sdid":
        problems += _switched_off(frame, declared.treated)
    if {"unit", "cluster"} <= known:
        problems += _moving(frame, "cluster", "evaluate.cluster_varies", declared.cluster)
    return problems


def _duplicates(frame: "pl.DataFrame", time: str) -> list[Problem]:
    import polars as pl

    whole = frame.filter(pl.col("unit").is_not_null() & pl.col("time").is_not_null())
    seen = whole.group_by("unit", "time").agg("row", pl.len().alias("times"))
    twice = seen.filter(pl.col("times") > 1).with_columns(pl.col("row").list.sort())
    twice = twice.sort(pl.col("row").list.first())
    problems = [
        Problem(
            "evaluate.duplicate_row",
            "rows " + ", ".join(str(row) for row in rows[:5]),
            f"{unit}, {time} {when}",
        )
        for unit, when, rows, _ in twice.head(NAMED_MAX).iter_rows()
    ]
    return problems + _more(twice.height, "evaluate.duplicate_row", "rows")


def _more(count: int, code: str, where: str) -> list[Problem]:
    if count <= NAMED_MAX:
        return []
    return [Problem("evaluate.more_cells", where, str(count - NAMED_MAX), {"like": code})]


def _of_dates(frame: "pl.DataFrame", name: str) -> list[Problem]:
    """Units whose first period of support is not one period."""
    import polars as pl

    whole = frame.drop_nulls(["first", "time"]).sort("unit", "time")
    values = set(whole["first"].unique().to_list())
    if 1.0 in values and values <= {1.0, float("inf")} and (whole["time"] > 1).all():
        return [Problem("evaluate.indicator", name, "0/1")]
    seen = whole.group_by("unit", maintain_order=True).agg(
        pl.col("first"), pl.col("row"), pl.col("first").n_unique().alias("kinds")
    )
    varying = seen.filter(pl.col("kinds") > 1)
    problems = []
    for unit, firsts, rows, _ in varying.head(NAMED_MAX).iter_rows():
        place = next(n for n in range(1, len(firsts)) if firsts[n] != firsts[n - 1])
        off = firsts[place] == float("inf")
        code = "evaluate.switches_off" if off else "evaluate.first_varies"
        problems.append(Problem(code, f"row {rows[place]}, {name}", unit))
    return problems + _more(varying.height, "evaluate.first_varies", name)


def _switched_off(frame: "pl.DataFrame", name: str) -> list[Problem]:
    import polars as pl

    whole = frame.drop_nulls(["treated", "time", "unit"]).sort("unit", "time")
    falls = whole.with_columns(before=pl.col("treated").shift(1).over("unit")).filter(
        pl.col("before") > pl.col("treated")
    )
    first = falls.unique("unit", keep="first", maintain_order=True)
    problems = [
        Problem("evaluate.switches_off", f"row {row}, {name}", unit)
        for row, unit in first.head(NAMED_MAX).select("row", "unit").iter_rows()
    ]
    return problems + _more(first.height, "evaluate.switches_off", name)


def _moving(frame: "pl.DataFrame", part: str, code: str, name: str) -> list[Problem]:
    import polars as pl

    kinds = frame.group_by("unit", maintain_order=True).agg(
        pl.col(part).n_unique(), pl.first("row")
    )
    varying = kinds.filter(pl.col(part) > 1)
    problems = [
        Problem(code, f"row {row}, {name}", unit)
        for unit, _, row in varying.head(NAMED_MAX).iter_rows()
    ]
    return problems + _more(varying.height, code, name)


LEAST_SIZE = 1e-100
"""An outcome no larger than this vanishes when squared."""


def of_design(columns: Columns) -> list[Problem]:
    """What the design misses once unusable rows are out: groups, periods, variation."""
    return list(_missing(columns))


def _missing(columns: Columns) -> Iterator[Problem]:
    frame, declared = columns.frame, columns.declared
    if not frame.height:
        yield Problem("evaluate.nothing_left", declared.outcome, _told(columns.dropped))
        return
    if frame["outcome"].n_unique() == 1 and declared.design != "survival":
        yield Problem("evaluate.constant_outcome", declared.outcome, f"{frame['outcome'][0]:g}")
    elif (size := float(frame["outcome"].abs().to_numpy().max())) < LEAST_SIZE:
        yield Problem("evaluate.too_small", declared.outcome, f"{size:g}")
    if "cluster" in frame.columns and frame["cluster"].n_unique() == 1:
        yield Problem("evaluate.one_cluster", declared.cluster)
    if "time" in frame.columns and frame["time"].n_unique() == 1:
        yield Problem("evaluate.one_period", declared.time, str(frame["time"][0]))
    yield from {
        "did": _of_did,
        "sdid": _of_sdid,
        "rd": _of_rd,
        "experiment": _of_experiment,
        "survival": _of_survival,
    }[declared.design](columns)


def _told(dropped: object) -> str:
    pairs = dict(dropped) if isinstance(dropped, dict) else {}
    return ", ".join(f"{reason}: {count}" for reason, count in pairs.items())


def _of_did(columns: Columns) -> Iterator[Problem]:
    frame, declared = columns.frame, columns.declared
    units = frame.unique("unit")
    never = units.filter(units["first"] == float("inf")).height
    cohorts = units.filter(units["first"] != float("inf"))["first"].n_unique()
    if cohorts == 0:
        yield Problem("evaluate.no_treated", declared.first_treated, _told(columns.dropped))
    elif not never and (declared.control == "never" or cohorts == 1):
        kind = "never" if declared.control == "never" else "not-yet"
        yield Problem("evaluate.no_untreated", declared.first_treated, kind)
    if 0 < units.height < 4:
        yield Problem("evaluate.few_units", declared.unit, str(units.height), {"least": 4})


def _of_sdid(columns: Columns) -> Iterator[Problem]:
    frame, declared = columns.frame, columns.declared
    ever = frame.group_by("unit").agg(frame_max())
    treated = ever.filter(ever["treated"] == 1)
    if not treated.height:
        yield Problem("evaluate.no_treated", declared.treated, _told(columns.dropped))
    elif treated.height == ever.height:
        yield Problem("evaluate.no_untreated", declared.treated, "never")
    periods, units = frame["time"].n_unique(), frame["unit"].n_unique()
    if frame.height != periods * units:
        missing = str(periods * units - frame.height)
        yield Problem("evaluate.gaps", declared.unit, missing, {"whole": periods * units})
    starts = frame.filter(frame["treated"] == 1).group_by("unit").agg(frame_min())["time"]
    before = int((frame["time"].unique() < starts.min()).sum()) if len(starts) else 2
    if before < 2:
        yield Problem("evaluate.few_periods", declared.time, str(before), {"least": 2})


def frame_max() -> "pl.Expr":
    """The largest value of `treated` of a unit: 1 where it was ever supported."""
    import polars as pl

    return pl.col("treated").max()


def frame_min() -> "pl.Expr":
    """The first period of a unit's supported rows."""
    import polars as pl

    return pl.col("time").min()


LEAST_SCORES = 20
"""Scores needed on each side of a cutoff before a line is drawn through them."""


def _of_rd(columns: Columns) -> Iterator[Problem]:
    import polars as pl

    frame, declared = columns.frame, columns.declared
    cutoff = pl.col("cutoff") if isinstance(declared.cutoff, str) else pl.lit(declared.cutoff)
    above = frame.select((pl.col("score") >= cutoff).sum()).item()
    for side, count in (("below", frame.height - above), ("above", above)):
        if count < LEAST_SCORES:
            details = {"least": LEAST_SCORES, "side": side}
            yield Problem("evaluate.few_scores", declared.score, str(count), details)
    if "treated" in frame.columns and frame["treated"].n_unique() == 1:
        yield Problem("evaluate.one_arm", declared.treated, f"{frame['treated'][0]:g}")


def _of_experiment(columns: Columns) -> Iterator[Problem]:
    frame, declared = columns.frame, columns.declared
    if frame["treated"].n_unique() == 1:
        yield Problem("evaluate.one_arm", declared.treated, f"{frame['treated'][0]:g}")
        return
    for arm in (0.0, 1.0):
        size = frame.filter(frame["treated"] == arm).height
        if size < 2:
            yield Problem("evaluate.few_units", declared.treated, str(size), {"least": 2})


def _of_survival(columns: Columns) -> Iterator[Problem]:
    frame, declared = columns.frame, columns.declared
    if frame.height < LEAST_FOLLOWED:
        least = {"least": LEAST_FOLLOWED}
        yield Problem("evaluate.few_units", declared.outcome, str(frame.height), least)
    if frame["treated"].max() == 0:
        yield Problem("evaluate.no_events", declared.treated)


LEAST_FOLLOWED = 5
"""Units without which no share is told."""
