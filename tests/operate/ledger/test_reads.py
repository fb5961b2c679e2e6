"""Balances of a day and as known at a moment, flows, heads, lines."""

from datetime import UTC, date, datetime, timedelta

import pytest

from koga.core.problems import Refusal
from koga.operate.ledger import selectors, services
from koga.operate.ledger.clock import microseconds, moment
from tests.books_on import Books, moved

START = microseconds(datetime(2026, 5, 1, tzinfo=UTC))
HOUR = 3_600_000_000


@pytest.fixture
def hourly(books: Books) -> Books:
    """Ten entries of 1, 2, 4 … won, recorded an hour apart, effective a month apart backwards."""
    for number in range(10):
        services.post(
            moved(f"k{number}", 2**number, on=date(2026, 10 - number, 1)),
            maker="p1", clock=lambda n=number: START + n * HOUR, using=books.using,
        )  # fmt: skip
    return books


@pytest.mark.parametrize("known", range(11))
@pytest.mark.parametrize("month", [1, 5, 10])
def test_given_late_entries_when_asked_for_a_day_and_a_moment_then_both_cut(
    hourly: Books, known: int, month: int
) -> None:
    expected = sum(2**n for n in range(known) if 10 - n <= month)
    at = moment(START + (known - 1) * HOUR) + timedelta(minutes=59)

    found = selectors.balance(
        "hub", "delivered:p1", "KRW",
        as_of=date(2026, month, 1), as_known=at, using=hourly.using,
    )  # fmt: skip

    assert found == expected
    assert selectors.head_known("hub", at, using=hourly.using) == known


def test_given_the_very_microsecond_when_asked_then_what_was_recorded_in_it_counts(
    hourly: Books,
) -> None:
    at = moment(START + HOUR)

    assert selectors.head_known("hub", at, using=hourly.using) == 2
    before = at - timedelta(microseconds=1)
    assert selectors.head_known("hub", before, using=hourly.using) == 1


def test_given_an_account_without_postings_when_asked_then_its_balance_is_zero(
    books: Books,
) -> None:
    assert selectors.balance("hub", "delivered:none", "KRW", using=books.using) == 0
    with pytest.raises(Refusal):
        selectors.head_known("hub", using=books.using)


def test_given_entries_when_summed_by_quarter_then_debits_credits_and_entries_are_apart(
    books: Books,
) -> None:
    services.post_many(
        [
            moved("a", 10, on=date(2026, 3, 31)),
            moved("b", -4, on=date(2026, 1, 1)),
            moved("c", 1, on=date(2026, 4, 1)),
            moved("d", 9, on=date(2026, 4, 1), commodity="GPU-HOUR-H100"),
        ],
        maker="p1", using=books.using,
    )  # fmt: skip

    flows = selectors.flow_rows(date(2026, 3, 31), using=books.using)
    later = [flow for flow in selectors.flow_rows(using=books.using) if flow not in flows]

    assert [
        (f.account, f.commodity, f.quarter, f.debit, f.credit, f.net, f.entries) for f in flows
    ] == [
        ("delivered:p1", "KRW", "2026-Q1", 10, 4, 6, 2),
        ("source:external", "KRW", "2026-Q1", 4, 10, -6, 2),
    ]
    assert {(f.commodity, f.quarter, f.net) for f in later} == {
        ("GPU-HOUR-H100", "2026-Q2", 9), ("GPU-HOUR-H100", "2026-Q2", -9),
        ("KRW", "2026-Q2", 1), ("KRW", "2026-Q2", -1),
    }  # fmt: skip


def test_given_two_ledgers_when_their_heads_are_read_then_they_are_those_of_the_last_entries(
    books: Books,
) -> None:
    services.post(moved("a", 1, ledger="b-hub"), maker="p1", using=books.using)
    last = services.post_many(
        [moved(f"k{n}", 1, ledger="a-hub") for n in range(5)], maker="p1", using=books.using
    )[-1]

    heads = selectors.heads(using=books.using)

    assert [(head["ledger"], head["entries"]) for head in heads] == [("a-hub", 5), ("b-hub", 1)]
    assert (heads[0]["chain"], heads[0]["recorded_us"]) == (last.chain.hex(), last.recorded_us)


def test_given_many_lines_when_streamed_then_all_come_in_the_order_of_the_journal(
    books: Books,
) -> None:
    entries = [moved(f"k{n}", n, ledger=code) for n in range(1, 1500) for code in ("x", "y")]
    services.post_many(entries, maker="p1", using=books.using)

    lines = list(selectors.lines(using=books.using))
    of_one = list(selectors.lines("y", using=books.using))

    places = [(line.ledger, line.seq, line.line) for line in lines]
    assert places == sorted(places)
    assert len(places) == 4 * 1499
    assert of_one == lines[len(lines) // 2 :]
    with pytest.raises(Refusal):
        list(selectors.lines("z", using=books.using))
