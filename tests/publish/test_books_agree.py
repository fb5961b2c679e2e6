"""Statements and flows come from the same entries: their sums are equal, whatever was posted."""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koga.core import units
from koga.core.dates import Period
from koga.operate.ledger import selectors as ledger
from koga.publish import booked
from tests.publish.books import agency, post

pytestmark = pytest.mark.django_db

STEPS = {
    "budget": ("available", "source"),
    "commit": ("committed", "available"),
    "deliver": ("delivered", "committed"),
    "lapse": ("lapsed", "available"),
}
POSTED = st.lists(
    st.tuples(
        st.sampled_from(sorted(STEPS)),
        st.sampled_from([("seed", "KRW"), ("gpu", "GPU-HOUR-H100"), ("seat", "SEAT")]),
        st.integers(1, 10**17),
        st.dates(date(2025, 12, 1), date(2027, 1, 31)),
    ),
    max_size=12,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(posted=POSTED)
def test_given_any_entries_when_stated_for_two_halves_then_they_sum_to_the_years_flows(
    posted: list[Any],
) -> None:
    with transaction.atomic():
        agency("hub", ("seed", "grant", "KRW"), ("gpu", "compute", "GPU-HOUR-H100"),
               ("seat", "training", "SEAT"))  # fmt: skip
        for number, (kind, (programme, unit), amount, on) in enumerate(posted):
            debit, credit = STEPS[kind]
            post("hub", kind, f"{debit}:{programme}", f"{credit}:{programme}", unit, amount, on,
                 f"k{number}")  # fmt: skip

        assert stated("2026-H1", "2026-H2") == flows("2026")
        assert entered(posted) == stated("2026")
        transaction.set_rollback(True)


def stated(*periods: str) -> dict[Any, Any]:
    """Figures of section resources, over some periods."""
    sums: dict[Any, Any] = defaultdict(int)
    for name in periods:
        for line in booked.lines(booked.read_books(Period.parse(name)), ["hub"]):
            if line.section == "resources":
                sums[line.programme, line.code, line.unit] += line.value
    return dict(sums)


def flows(period: str) -> dict[Any, Any]:
    """What the flows of a period sum to."""
    span = Period.parse(period)
    sums: dict[Any, Any] = defaultdict(int)
    for one in booked.stage_sums(span.end):
        if one.quarter >= f"{span.start.year}-Q1":
            sums[one.programme, one.stage, one.unit] += units.as_decimal(one.amount, one.unit)
    return dict(sums)


def entered(posted: list[Any]) -> dict[Any, Any]:
    """What the entries themselves say, added up apart."""
    sums: dict[Any, Any] = defaultdict(int)
    for kind, (programme, unit), amount, on in posted:
        if on.year == 2026:
            sums[programme, STEPS[kind][0], unit] += units.as_decimal(amount, unit)
    return dict(sums)


def test_given_deliveries_when_summed_then_they_are_the_ledgers_own_net_flows() -> None:
    agency("hub", ("seed", "grant", "KRW"))
    post("hub", "import", "delivered:seed", "source:external", "KRW", 900, date(2026, 2, 1), "a")
    post("hub", "import_correction", "source:external", "delivered:seed", "KRW", 40,
         date(2026, 2, 1), "b")  # fmt: skip

    mine = {(s.ledger, f"{s.stage}:{s.programme}", s.unit, s.quarter): s.amount
            for s in booked.stage_sums(date(2026, 12, 31))}  # fmt: skip
    theirs = {(f.ledger, f.account, f.commodity, f.quarter): f.net
              for f in ledger.flow_rows() if f.account.startswith("delivered:")}  # fmt: skip

    assert mine == theirs == {("hub", "delivered:seed", "KRW", "2026-Q1"): 860}
