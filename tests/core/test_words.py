"""Periods, identifiers and entries."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koga.core import identifiers, journal
from koga.core.dates import Period
from koga.core.problems import Refusal

names = st.one_of(
    st.integers(1000, 9000).map(str),
    st.tuples(st.integers(1000, 9000), st.sampled_from(["H1", "H2", "Q1", "Q2", "Q3", "Q4"])).map(
        lambda pair: f"{pair[0]}-{pair[1]}"
    ),
)


@given(names)
def test_given_a_period_when_walked_on_and_back_then_the_same_without_a_gap(name) -> None:
    period = Period.parse(name)

    assert period.next.previous == period
    assert (period.next.start - period.end).days == 1


@pytest.mark.parametrize("text", ["2026-H3", "26", "2026-Q0", "", "2026H1", "2026-1"])
def test_given_something_else_when_read_as_a_period_then_refused(text) -> None:
    with pytest.raises(Refusal):
        Period.parse(text)


def test_given_a_corporate_number_without_check_digit_when_checked_then_only_a_warning() -> None:
    warned = identifiers.check_corporate_number("123456-7890129", "row 2")

    assert [problem.code for problem in warned] == ["identifiers.check_digit"]


def entry(*postings: journal.Posting, **changes: object) -> journal.Entry:
    given_fields = {"ledger": "hub", "key": "k1", "kind": "import", "effective": date(2026, 3, 2)}
    return journal.Entry(**(given_fields | changes), postings=postings)  # type: ignore[arg-type]


def test_given_an_entry_wrong_in_every_way_when_checked_then_all_is_said_at_once() -> None:
    wrong = entry(
        journal.Posting("nowhere", "KRW", 5),
        journal.Posting("delivered:x", "DOUBLOON", -4),
        journal.Posting("source:external", "KRW", 1.5),  # type: ignore[arg-type]
        key="",
        kind="wish",
    )

    codes = [problem.code for problem in Refusal(journal.check(wrong)).problems]

    assert codes == [
        "units.unknown",
        "ledger.key",
        "ledger.kind",
        "ledger.amount",
        "ledger.account",
        "ledger.unbalanced",
        "ledger.unbalanced",
    ]


def test_given_seats_and_won_when_they_would_balance_together_then_refused() -> None:
    mixed = entry(
        journal.Posting("source:external", "KRW", -5),
        journal.Posting("delivered:x", "SEAT", 5),
    )

    assert [problem.code for problem in journal.check(mixed)] == ["ledger.unbalanced"] * 2


def test_given_fields_that_run_together_when_hashed_then_still_two_entries() -> None:
    lines = (
        journal.Posting("source:external", "KRW", -1),
        journal.Posting("delivered:x", "KRW", 1),
    )

    one = entry(*lines, key="ab", reference="c")
    other = entry(*lines, key="a", reference="bc")

    assert one.content_hash() != other.content_hash()
