"""The books inside a test's transaction, as the other rooms' tests use them."""

from datetime import date

import pytest

from koga.core.journal import Entry, Posting
from koga.operate.ledger import selectors, services


@pytest.mark.django_db
@pytest.mark.parametrize("turn", [1, 2])
def test_given_a_rolled_back_test_when_the_next_one_posts_then_the_books_are_empty(
    turn: int,
) -> None:
    entry = Entry(
        "hub", "k1", "import", date(2026, 1, 5),
        (Posting("delivered:p1", "KRW", 5), Posting("source:external", "KRW", -5)),
    )  # fmt: skip

    posted = services.post(entry, maker="p1")

    assert posted.seq == 1
    assert posted.fresh
    assert selectors.balance("hub", "delivered:p1", "KRW") == 5
