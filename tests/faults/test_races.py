"""Many writers at once: limits, keys, drafts and periods hold, and nobody waits for ever."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from django.db import connections

from koga.core.problems import Refusal
from koga.operate.ledger import selectors, services
from tests.books_on import Books, moved

pytestmark = pytest.mark.faults

WRITERS = 16


def at_once(books: Books, act: Callable[[int], Any], writers: int = WRITERS) -> list[Any]:
    """Run an act in many threads started together; its values, or the codes of its refusals."""
    together = threading.Barrier(writers)
    found: list[Any] = [None] * writers

    def run(number: int) -> None:
        try:
            together.wait()
            found[number] = act(number)
        except Refusal as refusal:
            found[number] = refusal.problems[0].code
        except Exception as fault:
            found[number] = fault
        finally:
            connections[books.using].close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def spent(key: str, amount: int) -> Any:
    return moved(key, amount, debit="reserved:pool", credit="available:pool")


def test_given_sixteen_writers_on_a_limited_account_when_they_race_then_they_stop_at_the_limit(
    books: Books,
) -> None:
    services.post(moved("budget", 200, debit="available:pool"), maker="p1", using=books.using)
    services.set_limit("hub", "available:pool", "KRW", floor=0, actor="p1", using=books.using)

    def spend(number: int) -> list[str]:
        outcomes = []
        for turn in range(4):
            try:
                services.post(spent(f"{number}/{turn}", 7), maker="p1", using=books.using)
                outcomes.append("posted")
            except Refusal as refusal:
                outcomes.append(refusal.problems[0].code)
        return outcomes

    found = Counter(code for outcomes in at_once(books, spend) for code in outcomes)

    assert found == {"posted": 28, "ledger.limit": WRITERS * 4 - 28}
    assert books.balance("available:pool") == 200 - 28 * 7
    assert books.offended() == {}


def test_given_sixteen_requests_of_one_key_when_they_race_then_one_entry_answers_all(
    books: Books,
) -> None:
    found = at_once(books, lambda _: services.post(moved("same", 5), maker="p1", using=books.using))

    assert {posted.chain for posted in found} == {found[0].chain}
    assert sorted(posted.fresh for posted in found) == [False] * (WRITERS - 1) + [True]
    assert books.balance("delivered:p1") == 5
    assert books.offended() == {}


def test_given_sixteen_contents_under_one_key_when_they_race_then_one_wins(books: Books) -> None:
    found = at_once(
        books, lambda n: services.post(moved("same", n + 1), maker="p1", using=books.using)
    )

    assert Counter(map(str, found))["ledger.conflict"] == WRITERS - 1
    assert selectors.head_known("hub", using=books.using) == 1
    assert books.offended() == {}


def test_given_batches_over_two_ledgers_in_either_order_when_they_race_then_none_waits_for_ever(
    books: Books,
) -> None:
    def batch(number: int) -> int:
        order = ("hub", "fund") if number % 2 else ("fund", "hub")
        entries = [
            moved(f"{number}/{turn}", 1, ledger=ledger, debit=f"delivered:{number}")
            for turn in range(5)
            for ledger in order
        ]
        return len(services.post_many(entries, maker="p1", using=books.using))

    assert at_once(books, batch) == [10] * WRITERS
    assert [head["entries"] for head in selectors.heads(using=books.using)] == [80, 80]
    assert books.offended() == {}


def test_given_one_draft_when_checkers_race_then_one_decides(books: Books) -> None:
    entry = moved("call", 5, debit="receivable:a", credit="undrawn:a", kind="capital_call")
    draft = services.propose(entry, maker="p1", using=books.using)

    found = at_once(
        books,
        lambda n: services.approve(draft, checker=f"pc{n % 4:x}", using=books.using).seq,
    )

    assert Counter(map(str, found)) == {"1": 4, "ledger.draft_decided": 12}
    assert books.offended() == {}


def test_given_two_reversals_of_one_entry_when_approved_at_once_then_one_counts(
    books: Books,
) -> None:
    services.post(moved("a", 5), maker="p1", using=books.using)
    drafts = [
        services.reverse("hub", 1, key=f"r{n}", effective=date(2026, 2, 2), maker="p1",
                         using=books.using)
        for n in range(8)
    ]  # fmt: skip

    found = at_once(
        books, lambda n: services.approve(drafts[n], checker="p2", using=books.using).seq, 8
    )

    assert Counter(map(str, found)) == {"2": 1, "ledger.reversed": 7}
    assert books.balance("delivered:p1") == 0
    assert books.offended() == {}


def test_given_a_closing_amid_postings_when_they_race_then_nothing_enters_behind_it(
    books: Books,
) -> None:
    services.open_ledger("hub", using=books.using)

    def act(number: int) -> Any:
        if number == 7:
            return services.close_period("hub", date(2026, 1, 31), actor="p1", using=books.using)
        return services.post(moved(f"k{number}", 1), maker="p1", using=books.using)

    found = at_once(books, act)

    refused = sum(outcome == "ledger.closed" for outcome in found)
    assert not any(isinstance(outcome, Exception) for outcome in found)
    assert selectors.head_known("hub", using=books.using) == WRITERS - 1 - refused
    assert books.offended() == {}


@pytest.mark.parametrize("engine", ["postgresql"])
def test_given_two_transactions_on_one_place_when_one_seals_then_the_other_cannot_slip_in(
    books: Books,
) -> None:
    """The race that stores an unbalanced entry where postings take no lock."""
    services.post(moved("a", 5), maker="p1", using=books.using)
    head = selectors.heads(using=books.using)[0]
    posting = "INSERT INTO ledger_posting VALUES (1, 2, {}, {}, 'KRW', {}, '2026-01-15')"
    first, second = books.raw(), books.raw()
    first.execute("BEGIN")
    first.execute(posting.format(1, 1, 7))
    second.execute("SET lock_timeout = '200ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        second.execute(posting.format(3, 1, 5))

    blocked: list[Any] = []

    def slip_in() -> None:
        second.execute("SET lock_timeout = 0")
        try:
            second.execute(posting.format(3, 1, 5))
        except psycopg.Error as fault:
            blocked.append(str(fault))

    waiting = threading.Thread(target=slip_in)
    waiting.start()
    first.execute(posting.format(2, 2, -7))
    first.execute(
        "INSERT INTO ledger_entry VALUES (1, 2, 'raw', 'import', '2026-01-15', %s, '', NULL, '', "
        "'p1', '', 2, decode(repeat('00', 32), 'hex'), decode(%s, 'hex'), "
        "decode(repeat('11', 32), 'hex'))",
        [head["recorded_us"] + 1, head["chain"]],
    )
    first.execute("COMMIT")
    waiting.join()
    first.close()
    second.close()

    assert "koga: the entry is sealed" in blocked[0]
    assert "entries_balance" not in books.offended()
