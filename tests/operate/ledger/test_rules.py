"""Limits, closed periods, two persons, reversals, and refusals that stay what they were."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from koga.core.journal import Entry
from koga.core.problems import Refusal
from koga.operate.ledger import drafts, selectors, services
from tests.books_on import Books, line, moved

NEW_YEAR = date(2026, 1, 1)


def codes(act: Callable[[], Any]) -> list[str]:
    """Codes of the problems an act is refused with."""
    with pytest.raises(Refusal) as refused:
        act()
    return [problem.code for problem in refused.value.problems]


def spent(key: str, amount: int, **more: Any) -> Entry:
    return moved(key, amount, debit="reserved:pool", credit="available:pool", **more)


@pytest.fixture
def pool(books: Books) -> Books:
    """A pool of 100 that may not fall below 0 nor rise above 150."""
    services.post(moved("budget", 100, debit="available:pool"), maker="p1", using=books.using)
    services.set_limit(
        "hub", "available:pool", "KRW", floor=0, ceiling=150, actor="p1", using=books.using
    )
    return books


# --- limits


def test_given_a_pool_when_spent_to_its_limits_then_both_ends_are_allowed(pool: Books) -> None:
    services.post(spent("a", 100), maker="p1", using=pool.using)
    assert pool.balance("available:pool") == 0

    services.post(spent("b", -150), maker="p1", using=pool.using)
    assert pool.balance("available:pool") == 150
    assert pool.offended() == {}


@pytest.mark.parametrize("amount", [101, -51])
def test_given_a_pool_when_overrun_then_it_is_refused_and_untouched(
    pool: Books, amount: int
) -> None:
    assert codes(lambda: services.post(spent("a", amount), maker="p1", using=pool.using)) == [
        "ledger.limit"
    ]
    assert pool.balance("available:pool") == 100
    assert pool.offended() == {}


def test_given_a_refused_key_when_the_pool_is_filled_later_then_a_retry_stays_refused(
    pool: Books,
) -> None:
    codes(lambda: services.post(spent("a", 120), maker="p1", using=pool.using))
    services.post(spent("fill", -50), maker="p1", using=pool.using)

    again = codes(lambda: services.post(spent("a", 120), maker="p1", using=pool.using))
    other = codes(lambda: services.post(spent("a", 119), maker="p1", using=pool.using))
    fresh = services.post(spent("a2", 120), maker="p1", using=pool.using)

    assert (again, other) == (["ledger.limit"], ["ledger.conflict"])
    assert fresh.fresh
    assert pool.offended() == {}


def test_given_a_batch_that_overruns_in_the_middle_when_posted_then_none_of_it_is(
    pool: Books,
) -> None:
    batch = [spent("a", 60), spent("b", 60), spent("c", -20)]

    assert codes(lambda: services.post_many(batch, maker="p1", using=pool.using)) == [
        "ledger.limit"
    ]
    services.post(spent("a", 60), maker="p1", using=pool.using)

    assert pool.balance("available:pool") == 40
    assert pool.offended() == {}


def test_given_one_entry_that_dips_and_returns_when_posted_then_only_its_net_counts(
    pool: Books,
) -> None:
    entry = Entry("hub", "swap", "commit", NEW_YEAR,
                  (line("available:pool", -500), line("available:pool", 490),
                   line("reserved:pool", 10)))  # fmt: skip

    services.post(entry, maker="p1", using=pool.using)

    assert pool.balance("available:pool") == 90
    assert pool.offended() == {}


def test_given_a_balance_beyond_it_when_a_limit_is_set_then_it_is_refused(pool: Books) -> None:
    def limit(**ends: Any) -> None:
        services.set_limit("hub", "available:pool", "KRW", actor="p1", using=pool.using, **ends)

    assert codes(lambda: limit(floor=101)) == ["ledger.limit"]
    assert codes(lambda: limit(floor=2, ceiling=1)) == ["ledger.limit_range"]
    assert codes(lambda: limit(floor=1.5)) == ["ledger.limit_range"]
    limit(floor=100)
    assert codes(lambda: services.post(spent("a", 1), maker="p1", using=pool.using)) == [
        "ledger.limit"
    ]
    limit()
    services.post(spent("b", 1000), maker="p1", using=pool.using)
    assert pool.balance("available:pool") == -900
    assert pool.offended() == {}


def test_given_limited_balances_near_64_bits_when_overrun_then_it_is_a_problem_not_an_overflow(
    books: Books,
) -> None:
    services.set_limit("hub", "available:x", "KRW", floor=0, actor="p1", using=books.using)
    top = 10**18
    for number in range(9):
        services.post(moved(f"k{number}", top, debit="available:x"), maker="p1", using=books.using)

    found = codes(
        lambda: services.post(moved("k9", top, debit="available:x"), maker="p1", using=books.using)
    )

    assert found == ["ledger.limit"]
    assert books.balance("available:x") == 9 * top
    assert books.offended() == {}


# --- periods


def test_given_a_closed_period_when_posting_into_it_then_it_is_refused_for_good(
    books: Books,
) -> None:
    services.close_period("hub", date(2026, 3, 31), actor="p1", using=books.using)
    late = moved("late", 5, on=date(2026, 3, 31))

    assert codes(lambda: services.post(late, maker="p1", using=books.using)) == ["ledger.closed"]
    assert codes(lambda: services.post(late, maker="p1", using=books.using)) == ["ledger.closed"]
    services.post(
        moved("open", 5, on=date(2026, 4, 1), relates_to="2026-Q1"), maker="p1", using=books.using
    )

    assert [each.relates_to for each in selectors.lines(using=books.using)] == ["2026-Q1"] * 2
    assert books.offended() == {}


def test_given_a_closing_when_closed_again_then_only_forward_counts(books: Books) -> None:
    def close(day: Any) -> None:
        services.close_period("hub", day, actor="p1", using=books.using)

    close(date(2026, 3, 31))
    close(date(2026, 3, 31))
    assert codes(lambda: close(date(2026, 2, 28))) == ["ledger.closed"]
    assert codes(lambda: close("2026-06-30")) == ["dates.unreadable"]
    close(date(2026, 6, 30))

    assert codes(
        lambda: services.post(moved("a", 1, on=date(2026, 6, 30)), maker="p1", using=books.using)
    ) == ["ledger.closed"]


def test_given_entries_before_a_closing_when_checked_then_they_may_lie_in_it(books: Books) -> None:
    services.post(moved("a", 1, on=date(2026, 1, 5)), maker="p1", using=books.using)
    services.close_period("hub", date(2026, 3, 31), actor="p1", using=books.using)
    services.post(moved("b", 1, on=date(2026, 4, 1)), maker="p1", using=books.using)

    assert books.offended() == {}


# --- two persons


def call(key: str = "call", amount: int = 500) -> Entry:
    return moved(key, amount, debit="receivable:lp1", credit="undrawn:lp1", kind="capital_call",
                 ledger="fund")  # fmt: skip


def test_given_a_draft_when_a_second_person_approves_then_it_is_posted_with_both(
    books: Books,
) -> None:
    draft = services.propose(call(), maker="p1", using=books.using)
    assert selectors.heads(using=books.using)[0]["entries"] == 0

    posted = services.approve(draft, checker="p2", using=books.using)
    again = services.approve(draft, checker="p2", using=books.using)

    first = next(selectors.lines("fund", using=books.using))
    assert (first.maker, first.checker, first.content) == ("p1", "p2", call().content_hash())
    assert (posted.fresh, again.fresh, again.seq) == (True, False, posted.seq)
    assert books.offended() == {}


def test_given_a_kind_that_asks_for_approval_when_posted_alone_then_it_is_refused(
    books: Books,
) -> None:
    assert codes(lambda: services.post(call(), maker="p1", using=books.using)) == [
        "ledger.approval"
    ]
    assert codes(lambda: services.post(call(), maker="p1", checker="p2", using=books.using)) == [
        "ledger.approval"
    ]


def test_given_a_draft_when_its_maker_approves_then_it_is_refused(books: Books) -> None:
    draft = services.propose(call(), maker="p1", using=books.using)

    assert codes(lambda: services.approve(draft, checker="p1", using=books.using)) == [
        "ledger.same_person"
    ]
    assert [each.number for each in selectors.open_drafts(using=books.using)] == [draft]


def test_given_a_decided_draft_when_someone_else_decides_then_it_is_refused(books: Books) -> None:
    approved = services.propose(call("a"), maker="p1", using=books.using)
    declined = services.propose(call("b"), maker="p1", using=books.using)
    services.approve(approved, checker="p2", using=books.using)
    services.decline(declined, checker="p2", using=books.using)

    for act in (
        lambda: services.approve(approved, checker="p3", using=books.using),
        lambda: services.approve(declined, checker="p2", using=books.using),
        lambda: services.decline(approved, checker="p2", using=books.using),
    ):
        assert codes(act) == ["ledger.draft_decided"]
    assert selectors.open_drafts(using=books.using) == []
    assert codes(lambda: services.approve(99, checker="p2", using=books.using)) == [
        "ledger.draft_unknown"
    ]


def test_given_a_draft_when_proposed_again_then_it_is_the_same_and_a_changed_one_is_new(
    books: Books,
) -> None:
    first = services.propose(call(), maker="p1", using=books.using)
    same = services.propose(call(), maker="p1", using=books.using)
    changed = services.propose(call(amount=501), maker="p1", using=books.using)

    services.approve(first, checker="p2", using=books.using)

    assert first == same != changed
    assert codes(lambda: services.approve(changed, checker="p2", using=books.using)) == [
        "ledger.conflict"
    ]
    assert books.offended() == {}


def test_given_a_declined_draft_when_proposed_again_then_it_is_a_new_one(books: Books) -> None:
    first = services.propose(call(), maker="p1", using=books.using)
    services.decline(first, checker="p2", using=books.using)

    second = services.propose(call(), maker="p1", using=books.using)

    assert second != first
    assert services.approve(second, checker="p2", using=books.using).fresh


def test_given_another_content_than_was_shown_when_approved_then_it_is_refused(
    books: Books,
) -> None:
    draft = services.propose(call(), maker="p1", using=books.using)
    shown = call(amount=499).content_hash()

    assert codes(lambda: services.approve(draft, checker="p2", seen=shown, using=books.using)) == [
        "ledger.draft_changed"
    ]
    services.approve(draft, checker="p2", seen=call().content_hash(), using=books.using)


def test_given_a_draft_whose_text_was_changed_past_the_guards_when_approved_then_it_is_refused(
    books: Books,
) -> None:
    draft = services.propose(call(), maker="p1", using=books.using)
    body = drafts.to_json(call(amount=5_000_000))
    if books.engine == "postgresql":
        books.attack(
            "SET session_replication_role = replica",
            f"UPDATE ledger_draft SET body = '{body}'",  # noqa: S608
        )
    else:
        trigger = books.raw().execute(
            "SELECT sql FROM sqlite_master WHERE name = 'ledger_draft_kept'"
        ).fetchone()[0]  # fmt: skip
        books.attack(
            "DROP TRIGGER ledger_draft_kept",
            f"UPDATE ledger_draft SET body = '{body}'",  # noqa: S608
            trigger,
        )

    assert codes(lambda: services.approve(draft, checker="p2", using=books.using)) == [
        "ledger.draft_changed"
    ]
    assert selectors.heads(using=books.using)[0]["entries"] == 0


def test_given_an_approved_draft_beyond_a_limit_when_approved_then_the_refusal_stays(
    books: Books,
) -> None:
    services.set_limit("fund", "undrawn:lp1", "KRW", floor=0, actor="p1", using=books.using)
    draft = services.propose(call(), maker="p1", using=books.using)

    for _ in range(2):
        assert codes(lambda: services.approve(draft, checker="p2", using=books.using)) == [
            "ledger.limit"
        ]
    assert selectors.open_drafts(using=books.using) == []
    assert books.offended() == {}


# --- reversals


def reversal(books: Books, seq: int = 1, key: str = "undo", day: date = NEW_YEAR) -> int:
    return services.reverse("hub", seq, key=key, effective=day, maker="p1", using=books.using)


def test_given_an_entry_when_reversed_then_every_line_is_negated_once(books: Books) -> None:
    services.post(moved("a", 5, reference="R-1"), maker="p1", using=books.using)
    draft, second = reversal(books), reversal(books, key="again")
    services.approve(draft, checker="p2", using=books.using)

    assert codes(lambda: services.approve(second, checker="p2", using=books.using)) == [
        "ledger.reversed"
    ]
    undone = list(selectors.lines(using=books.using))[2:]
    assert [(each.amount, each.reverses, each.reference) for each in undone] == [
        (-5, 1, "R-1"), (5, 1, "R-1"),
    ]  # fmt: skip
    assert books.balance("delivered:p1") == 0
    assert books.offended() == {}


def test_given_an_unknown_entry_when_reversed_then_it_is_refused(books: Books) -> None:
    services.open_ledger("hub", using=books.using)

    assert codes(lambda: reversal(books, seq=7)) == ["ledger.no_entry"]


def test_given_an_entry_of_a_closed_period_when_reversed_then_its_quarter_is_named(
    books: Books,
) -> None:
    services.post(moved("a", 5, on=date(2026, 2, 3)), maker="p1", using=books.using)
    services.close_period("hub", date(2026, 3, 31), actor="p1", using=books.using)

    draft = reversal(books, day=date(2026, 4, 2))
    services.approve(draft, checker="p2", using=books.using)

    assert [each.relates_to for each in selectors.lines(using=books.using)][2:] == ["2026-Q1"] * 2


def test_given_a_reversal_that_does_not_negate_when_approved_then_it_is_refused(
    books: Books,
) -> None:
    services.post(moved("a", 5), maker="p1", using=books.using)
    lines = (line("delivered:p1", -4), line("source:external", 4))
    draft = services.propose(
        Entry("hub", "undo", "reversal", NEW_YEAR, lines, reverses=1), maker="p1", using=books.using
    )

    assert codes(lambda: services.approve(draft, checker="p2", using=books.using)) == [
        "ledger.not_reverse"
    ]
    assert books.balance("delivered:p1") == 5


def test_given_spent_money_when_its_source_is_reversed_then_the_floor_refuses(
    pool: Books,
) -> None:
    services.post(spent("a", 80), maker="p1", using=pool.using)
    draft = reversal(pool, seq=1)

    assert codes(lambda: services.approve(draft, checker="p2", using=pool.using)) == [
        "ledger.limit"
    ]
    assert pool.offended() == {}
