"""Reads of outcomes, applications and plans: the newest version of each row."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, Max, Min, OuterRef, Window
from django.db.models.functions import RowNumber

from koga.core.problems import Problem, Refusal
from koga.operate.outcomes.models import Application, Observation, Receipt, Registration

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Registered:
    """A plan as the books hold it now.

    text, sha256, version: of the version in force. first_at: when its first version was
    registered; at: when this one was. reason: why it was amended, blank where it never was.
    """

    plan: str
    programme: str
    version: int
    text: str
    sha256: str
    first_at: datetime
    at: datetime
    reason: str


def plans() -> Iterator[Registered]:
    """Every plan in its newest version, by code."""
    firsts = dict(Registration.objects.values_list("plan").annotate(first=Min("registered_at")))
    newest = Registration.objects.annotate(
        last=Window(Max("version"), partition_by=F("plan"))
    ).filter(version=F("last"))
    for row in newest.order_by("plan"):
        yield Registered(
            row.plan, row.programme_id, row.version, row.text, row.sha256, firsts[row.plan],
            row.registered_at, row.reason,
        )  # fmt: skip


def plan_named(code: str) -> Registered:
    """A plan by its code; a `Refusal` names those there are."""
    known = {row.plan: row for row in plans()}
    if code not in known:
        expected = {"expected": ", ".join(known) or "-"}
        raise Refusal(Problem("outcomes.no_plan", "plan", code, expected))
    return known[code]


def opened_at(series: str, metric: str) -> datetime | None:
    """When the first observation of a series' metric came into the books."""
    held = Observation.objects.filter(receipt=OuterRef("pk"), metric=metric)
    receipts = Receipt.objects.filter(Exists(held), kind="outcomes", series=series)
    found: datetime | None = receipts.aggregate(first=Min("received_at"))["first"]
    return found


def observations(series: str, metric: str) -> "pl.DataFrame":
    """`unit, month, value` of a series' metric in its newest versions, sorted."""
    import polars as pl

    rows = _newest(Observation.objects.filter(series=series, metric=metric), "unit", "month")
    found = list(rows.values_list("unit", "month", "value").order_by("unit", "month"))
    columns = ([row[place] for row in found] for place in range(3))
    frame = pl.DataFrame(
        dict(zip(("unit", "month", "value"), columns, strict=True)),
        schema={"unit": pl.String, "month": pl.String, "value": pl.Decimal(24, 4)},
    )
    return frame.with_columns(pl.col("value").cast(pl.Float64))


def applications(programme: str) -> "pl.DataFrame":
    """`unit, round, score, cutoff, accepted` of a programme in their newest versions, sorted."""
    import polars as pl

    rows = _newest(Application.objects.filter(programme_id=programme), "series", "round", "unit")
    found = rows.values_list("unit", "round", "score", "cutoff", "answer").order_by("round", "unit")
    listed = [(*row[:4], row[4] == "accepted") for row in found]
    frame = pl.DataFrame(
        listed, orient="row",
        schema={"unit": pl.String, "round": pl.String, "score": pl.Decimal(14, 6),
                "cutoff": pl.Decimal(14, 6), "accepted": pl.Boolean},
    )  # fmt: skip
    return frame.with_columns(pl.col("score", "cutoff").cast(pl.Float64))


def _newest(rows: Any, *key: str) -> Any:
    place = Window(RowNumber(), partition_by=[F(name) for name in key],
                   order_by=F("version").desc())  # fmt: skip
    return rows.annotate(place=place).filter(place=1)
