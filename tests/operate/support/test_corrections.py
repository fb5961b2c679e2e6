"""What a correction posts: the difference and nothing else, in the ledgers and days it touches."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from koga.core import journal
from koga.core.accounts import KINDS
from koga.operate.support import corrections
from koga.operate.support.corrections import Booked

STAND = Booked("hub", "hub-seed", "KRW", date(2026, 2, 1), 1000)
NOTHING_CLOSED: dict[str, date | None] = {}

stands = st.builds(
    Booked,
    agency=st.sampled_from(("hub", "growth")),
    programme=st.sampled_from(("seed", "leap")),
    unit=st.sampled_from(("KRW", "SEAT")),
    awarded_on=st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    amount=st.integers(-(10**12), 10**12),
)
closings = st.dictionaries(
    st.sampled_from(("hub", "growth")), st.dates(date(2025, 1, 1), date(2026, 12, 31))
)


def sums(stand: Booked | None) -> dict[tuple[str, str, str], int]:
    """What a stand alone leaves in the books."""
    if stand is None or not stand.amount:
        return {}
    return {
        (stand.agency, posting.account, posting.commodity): posting.amount
        for posting in corrections.postings(stand)
    }


@given(stands, st.none() | stands, closings)
def test_given_any_two_stands_when_corrected_then_the_books_move_from_one_to_the_other(
    old: Booked, new: Booked | None, closed: dict[str, date | None]
) -> None:
    entries = corrections.difference("k", "r", old, new, closed)

    moved = journal.balances(entries)
    expected = {key: amount for key, amount in sums(new).items()}
    for key, amount in sums(old).items():
        expected[key] = expected.get(key, 0) - amount
    assert {k: v for k, v in moved.items() if v} == {k: v for k, v in expected.items() if v}
    for entry in entries:
        assert journal.check(entry) == []
        through = closed.get(entry.ledger)
        assert through is None or entry.effective > through
    assert len({entry.key for entry in entries}) == len(entries)


def test_given_the_same_stand_when_corrected_then_nothing_is_posted() -> None:
    assert corrections.difference("k", "r", STAND, STAND, NOTHING_CLOSED) == []


def test_given_another_amount_when_corrected_then_one_entry_of_the_difference() -> None:
    (entry,) = corrections.difference("k", "r", STAND, replace(STAND, amount=1250), NOTHING_CLOSED)

    assert [(posting.account, posting.amount) for posting in entry.postings] == [
        ("delivered:hub-seed", 250), ("source:external", -250)
    ]  # fmt: skip
    assert (entry.kind, KINDS[entry.kind].approval) == ("import_correction", False)


def test_given_another_day_when_corrected_then_each_day_gets_its_own_entry() -> None:
    later = replace(STAND, awarded_on=STAND.awarded_on + timedelta(days=100))

    out, into = corrections.difference("k", "r", STAND, later, NOTHING_CLOSED)

    assert (out.effective, into.effective) == (STAND.awarded_on, later.awarded_on)
    assert (out.key, into.key) == ("k:1", "k:2")


def test_given_another_day_in_one_closed_quarter_when_corrected_then_nothing_moves() -> None:
    later = replace(STAND, awarded_on=date(2026, 2, 9))

    assert corrections.difference("k", "r", STAND, later, {"hub": date(2026, 6, 30)}) == []
