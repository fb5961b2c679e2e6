"""Posting on both engines: one way in, outcomes that stay, time that moves on."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connections, transaction

from koga.core import journal
from koga.core.journal import Entry, Posting
from koga.core.money import AMOUNT_MAX
from koga.core.problems import Refusal
from koga.operate.ledger import selectors, services
from tests.books_on import Books, line, moved


def codes(act: Callable[[], Any]) -> list[str]:
    """Codes of the problems an act is refused with."""
    with pytest.raises(Refusal) as refused:
        act()
    return [problem.code for problem in refused.value.problems]


def test_given_empty_books_when_an_entry_is_posted_then_it_is_the_first(books: Books) -> None:
    posted = services.post(moved("k1", 700), maker="p1", using=books.using)

    assert (posted.seq, posted.fresh) == (1, True)
    assert books.balance("delivered:p1") == 700
    assert books.balance("source:external") == -700
    assert books.offended() == {}


def test_given_a_posted_key_when_the_same_comes_again_then_the_outcome_is_the_stored_one(
    books: Books,
) -> None:
    first = services.post(moved("k1", 700), maker="p1", using=books.using)

    again = services.post(moved("k1", 700), maker="p2", using=books.using)

    assert (again.seq, again.chain, again.fresh) == (first.seq, first.chain, False)
    assert books.balance("delivered:p1") == 700


def test_given_a_posted_key_when_other_content_comes_then_it_is_a_conflict(books: Books) -> None:
    services.post(moved("k1", 700), maker="p1", using=books.using)

    found = codes(lambda: services.post(moved("k1", 701), maker="p1", using=books.using))

    assert found == ["ledger.conflict"]
    assert selectors.head_known("hub", using=books.using) == 1


def test_given_a_batch_when_posted_then_order_ledgers_and_repeats_are_kept(books: Books) -> None:
    services.post(moved("a", 1), maker="p1", using=books.using)
    batch = [moved("b", 2), moved("x", 5, ledger="fund"), moved("a", 1), moved("b", 2)]

    posted = services.post_many(batch, maker="p1", using=books.using)

    assert [(each.ledger, each.seq, each.fresh) for each in posted] == [
        ("hub", 2, True), ("fund", 1, True), ("hub", 1, False), ("hub", 2, False),
    ]  # fmt: skip
    assert books.offended() == {}


def test_given_one_bad_entry_in_a_batch_when_posted_then_nothing_is(books: Books) -> None:
    unbalanced = Entry("hub", "bad", "import", date(2026, 1, 1),
                       (line("delivered:p1", 5), line("source:external", -4)))  # fmt: skip

    found = codes(
        lambda: services.post_many([moved("a", 1), unbalanced], maker="p1", using=books.using)
    )

    assert found == ["ledger.unbalanced"]
    assert selectors.heads(using=books.using) == []


def test_given_a_conflict_inside_a_batch_when_posted_then_nothing_is(books: Books) -> None:
    found = codes(
        lambda: services.post_many(
            [moved("a", 1), moved("b", 1), moved("a", 2)], maker="p1", using=books.using
        )
    )

    assert found == ["ledger.conflict"]
    assert books.balance("delivered:p1") == 0


def test_given_an_outer_transaction_when_it_is_rolled_back_then_so_is_the_posting(
    books: Books,
) -> None:
    services.post(moved("a", 1), maker="p1", using=books.using)
    with pytest.raises(ZeroDivisionError), transaction.atomic(using=books.using):
        services.post_many([moved("b", 2, debit="delivered:new")], maker="p1", using=books.using)
        services.post(moved("c", 3, debit="delivered:new"), maker="p1", using=books.using)
        raise ZeroDivisionError

    after = services.post(moved("d", 4, debit="delivered:new"), maker="p1", using=books.using)

    assert after.seq == 2
    assert books.balance("delivered:new") == 4
    assert books.offended() == {}


@pytest.mark.parametrize("step", [0, -1, -3_600_000_000])
def test_given_a_clock_that_stops_or_runs_back_when_posting_then_recorded_time_still_rises(
    books: Books, step: int
) -> None:
    ticks = iter(range(1_800_000_000_000_000, 0, step or -1))

    def clock() -> int:
        return next(ticks) if step else 1_800_000_000_000_000

    for number in range(3):
        services.post_many(
            [moved(f"k{number}{part}", 1) for part in "ab"],
            maker="p1", clock=clock, using=books.using,
        )  # fmt: skip

    times = [each.recorded_us for each in selectors.lines(using=books.using)][::2]
    assert times == sorted(set(times))
    assert len(times) == 6
    assert books.offended() == {}


def test_given_ten_thousand_lines_when_posted_as_one_entry_then_it_stands(books: Books) -> None:
    lines = [line(f"delivered:h{number}", 3) for number in range(9_999)]
    entry = Entry("hub", "all", "deliver", date(2026, 2, 1),
                  (*lines, line("source:external", -3 * 9_999)))  # fmt: skip

    services.post(entry, maker="p1", using=books.using)

    assert books.balance("delivered:h9998") == 3
    assert books.balance("source:external") == -29_997
    assert books.offended() == {}


def test_given_sums_beyond_64_bits_when_posted_then_every_balance_is_exact(books: Books) -> None:
    great = [line("delivered:p1", AMOUNT_MAX)] * 25
    small = [line("source:external", -AMOUNT_MAX)] * 25
    entries = [
        Entry("hub", f"k{number}", "import", date(2026, 3, 1), (*great, *small))
        for number in range(4)
    ]

    services.post_many(entries, maker="p1", using=books.using)

    assert books.balance("delivered:p1") == 100 * AMOUNT_MAX
    assert books.balance("source:external") == -100 * AMOUNT_MAX
    flows = selectors.flow_rows(using=books.using)
    assert [(flow.account, flow.debit, flow.credit) for flow in flows] == [
        ("delivered:p1", 100 * AMOUNT_MAX, 0), ("source:external", 0, 100 * AMOUNT_MAX),
    ]  # fmt: skip
    assert books.offended() == {}


BAD = [
    (dict(key=""), "ledger.key"),
    (dict(key="k" * 201), "ledger.text"),
    (dict(key="a\x00b"), "ledger.text"),
    (dict(key="\ud800"), "ledger.text"),
    (dict(key="\u1112\u1161\u11ab"), "ledger.text"),
    (dict(reference="line\nbreak"), "ledger.text"),
    (dict(ledger=""), "ledger.code"),
    (dict(ledger="a#b"), "ledger.code"),
    (dict(ledger=" a"), "ledger.code"),
    (dict(kind="gift"), "ledger.kind"),
    (dict(effective=datetime(2026, 1, 1)), "dates.unreadable"),  # noqa: DTZ001
    (dict(effective="2026-01-01"), "dates.unreadable"),
    (dict(relates_to="last year"), "dates.period"),
    (dict(reverses=1), "ledger.not_reverse"),
    (dict(kind="reversal"), "ledger.not_reverse"),
    (dict(kind="investment"), "ledger.approval"),
    (dict(postings=(line("delivered:p1", 1),)), "ledger.too_few"),
    (dict(postings=(line("delivered:p1", 0), line("source:x", 0))), "ledger.amount"),
    (dict(postings=(line("delivered:p1", 1.5), line("source:x", -1.5))), "ledger.amount"),
    (dict(postings=(line("delivered:p1", True), line("source:x", -1))), "ledger.amount"),
    (dict(postings=(line("delivered:p1", AMOUNT_MAX + 1), line("source:x", -AMOUNT_MAX - 1))),
     "money.too_large"),
    (dict(postings=(line("gift:p1", 1), line("source:x", -1))), "ledger.account"),
    (dict(postings=(line("delivered:\u1112\u1161\u11ab", 1), line("source:x", -1))),
     "ledger.account"),
    (dict(postings=(Posting("delivered:p1", "BTC", 1), Posting("source:x", "BTC", -1))),
     "units.unknown"),
    (dict(postings=(Posting("delivered:p1", "KRW", 1), Posting("source:x", "USD", -1))),
     "ledger.unbalanced"),
]  # fmt: skip


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(("part", "code"), BAD)
def test_given_a_bad_part_when_posted_then_it_is_refused_by_name(
    books: Books, part: dict[str, Any], code: str
) -> None:
    good = dict(ledger="hub", key="k1", kind="import", effective=date(2026, 1, 1),
                postings=(line("delivered:p1", 1), line("source:x", -1)))  # fmt: skip

    found = codes(lambda: services.post(Entry(**(good | part)), maker="p1", using=books.using))

    assert code in found
    assert selectors.heads(using=books.using) == []


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("maker", ["", "김철수", "kim", "kim@city.example", "P1", "p" * 41])
def test_given_a_name_instead_of_an_opaque_id_when_posted_then_it_is_refused(
    books: Books, maker: str
) -> None:
    assert codes(lambda: services.post(moved("k", 1), maker=maker, using=books.using)) == [
        "ledger.actor"
    ]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_given_a_locked_database_when_posting_then_it_is_a_problem_and_nothing_is_posted(
    books: Books,
) -> None:
    services.post(moved("a", 1), maker="p1", using=books.using)
    with connections[books.using].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=50")
    other = books.raw()
    other.execute("BEGIN IMMEDIATE")

    found = codes(lambda: services.post(moved("b", 1), maker="p1", using=books.using))
    other.execute("ROLLBACK")

    assert found == ["ledger.unavailable"]
    assert services.post(moved("b", 1), maker="p1", using=books.using).seq == 2


def test_given_both_ways_of_posting_when_the_chain_is_computed_by_hand_then_it_is_the_same(
    books: Books,
) -> None:
    entries = [moved(f"k{number}", number) for number in range(1, 30)]
    services.post_many(entries[:20], maker="p1", clock=lambda: 10**15, using=books.using)
    for entry in entries[20:]:
        services.post(entry, maker="p2", clock=lambda: 10**15, using=books.using)

    chain = journal.CHAIN_START
    for seq, entry in enumerate(entries, start=1):
        maker = "p1" if seq <= 20 else "p2"
        moment = 10**15 + seq - 1
        chain = journal.chain_hash(chain, seq, moment, entry.content_hash(), maker, "")

    assert [head["chain"] for head in selectors.heads(using=books.using)] == [chain.hex()]
