"""What an intruder with the database's password can do: refused by the database, or found.

The intruder uses a plain connection of the engine, past all of our code. On PostgreSQL it even is
the owner of the tables; what a least-privilege role can do is tested in `test_role.py`.
"""
# ruff: noqa: S608 - these tests write SQL with the values of the attack

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from koga.core import journal
from koga.core.journal import Entry
from koga.core.money import AMOUNT_MAX
from koga.operate.ledger import selectors, services
from tests.books_on import Books, line, moved


@pytest.fixture
def kept(books: Books) -> Books:
    """Books with three entries, a limit, a closing, an approved reversal and a rejection."""
    books_at = {"using": books.using}
    services.post(moved("a", 100), maker="p1", **books_at)
    services.post(moved("b", 50, credit="source:other"), maker="p1", **books_at)
    services.set_limit("hub", "available:x", "KRW", floor=0, actor="p1", **books_at)
    services.post(moved("c", 30, debit="available:x"), maker="p1", **books_at)
    draft = services.reverse("hub", 2, key="r", effective=date(2026, 2, 1), maker="p1", **books_at)
    services.approve(draft, checker="p2", **books_at)
    services.close_period("hub", date(2025, 12, 31), actor="p2", **books_at)
    with pytest.raises(services.Refusal):
        services.post(
            moved("over", 31, debit="reserved:x", credit="available:x"), maker="p1", **books_at
        )
    return books


def blob(books: Books, hexadecimal: str) -> str:
    return (
        f"decode('{hexadecimal}', 'hex')" if books.engine == "postgresql" else f"x'{hexadecimal}'"
    )


def header(books: Books, **changed: Any) -> str:
    """SQL of the header that would come next, hashed as it should be, with parts changed."""
    head = selectors.heads(using=books.using)[0]
    values = {
        "ledger_id": 1,
        "seq": head["entries"] + 1,
        "key": "'raw'",
        "kind": "'import'",
        "effective_date": "'2026-01-15'",
        "recorded_us": head["recorded_us"] + 1,
        "reference": "''",
        "reverses": "NULL",
        "relates_to": "''",
        "maker": "'p1'",
        "checker": "''",
        "postings": 2,
        "content": blob(books, "00" * 32),
        "previous": blob(books, head["chain"]),
        "chain": blob(books, "11" * 32),
    } | changed
    return (
        f"INSERT INTO ledger_entry ({', '.join(values)}) "
        f"VALUES ({', '.join(str(value) for value in values.values())})"
    )


def postings(*lines: tuple[int, Any], seq: int = 5, **changed: Any) -> list[str]:
    """SQL of postings: (account number, amount) each."""
    found = []
    for number, (account, amount) in enumerate(lines, start=1):
        values = {
            "ledger_id": 1, "seq": seq, "line": number, "account_id": account,
            "commodity": "'KRW'", "amount": amount, "effective_date": "'2026-01-15'",
        } | changed  # fmt: skip
        found.append(
            f"INSERT INTO ledger_posting ({', '.join(values)}) "
            f"VALUES ({', '.join(str(value) for value in values.values())})"
        )
    return found


def test_given_a_well_formed_entry_when_inserted_raw_then_the_guards_let_it_in(
    kept: Books,
) -> None:
    """Else the refusals below might be refusals of anything at all."""
    kept.attack(*postings((1, 7), (2, -7)), header(kept))

    assert kept.balance("delivered:p1") == 107
    assert set(kept.offended()) == {"chain_recomputes", "content_recomputes"}


TABLES = (
    "ledger", "commodity", "account", "entry", "posting", "closing", "limit", "draft", "approval",
    "rejection", "head", "balance",
)  # fmt: skip
COLUMN = {
    "ledger": "code = 'x'", "commodity": "scale = 5", "account": "commodity = 'USD'",
    "entry": "effective_date = '2026-01-16'", "posting": "amount = amount * 2",
    "closing": "through = '2024-12-31'", "limit": "floor = NULL", "draft": "body = '{}'",
    "approval": "checker = 'p9'", "rejection": "key = 'other'", "head": "seq = 1",
    "balance": "floor = NULL",
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_given_kept_books_when_a_row_is_updated_then_the_database_refuses(
    kept: Books, table: str
) -> None:
    with pytest.raises(Exception, match="koga:"):
        kept.attack(f"UPDATE ledger_{table} SET {COLUMN[table]}")

    assert kept.offended() == {}


@pytest.mark.parametrize("table", TABLES)
def test_given_kept_books_when_rows_are_deleted_then_the_database_refuses(
    kept: Books, table: str
) -> None:
    with pytest.raises(Exception, match="append-only"):
        kept.attack(f"DELETE FROM ledger_{table}", pragmas=False)

    assert kept.offended() == {}


@pytest.mark.parametrize("engine", ["postgresql"])
@pytest.mark.parametrize("table", TABLES)
def test_given_kept_books_when_a_table_is_truncated_then_the_database_refuses(
    kept: Books, table: str
) -> None:
    with pytest.raises(Exception, match="append-only"):
        kept.attack(f"TRUNCATE ledger_{table} CASCADE")

    assert kept.offended() == {}


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("table", TABLES)
def test_given_kept_books_when_rows_are_replaced_then_the_database_refuses(
    kept: Books, table: str
) -> None:
    """Delete triggers do not fire for REPLACE on a plain connection; the insert triggers do."""
    with pytest.raises(Exception, match="koga:"):
        kept.attack(
            f"INSERT OR REPLACE INTO ledger_{table} SELECT * FROM ledger_{table}", pragmas=False
        )

    assert kept.offended() == {}


RAW: dict[str, Callable[[Books], list[str]]] = {
    "unbalanced": lambda books: [*postings((1, 7), (2, -6)), header(books)],
    "unbalanced by 2**64": lambda books: [
        *postings(*[(1, AMOUNT_MAX)] * 18, (1, 2**64 - 18 * AMOUNT_MAX)),
        header(books, postings=19),
    ],
    "fewer lines than the header says": lambda books: [
        *postings((1, 7), (2, -7)), header(books, postings=3),
    ],
    "no lines at all": lambda books: [header(books)],
    "no header": lambda books: postings((1, 7), (2, -7)),
    "a header too far ahead": lambda books: [
        *postings((1, 7), (2, -7), seq=9), header(books, seq=9),
    ],
    "lines for a sealed entry": lambda books: postings((1, 7), (2, -7), seq=1, line=9)[:1],
    "lines beside a sealed entry": lambda books: [
        *postings((1, 7), (2, -7)), header(books), *postings((1, 5), line=3),
    ],
    "a header twice": lambda books: [header(books, seq=1)],
    "a used key": lambda books: [*postings((1, 7), (2, -7)), header(books, key="'a'")],
    "a rejected key": lambda books: [*postings((1, 7), (2, -7)), header(books, key="'over'")],
    "another chain": lambda books: [
        *postings((1, 7), (2, -7)), header(books, previous=blob(books, "22" * 32)),
    ],
    "time that stands still": lambda books: [
        *postings((1, 7), (2, -7)),
        header(books, recorded_us=selectors.heads(using=books.using)[0]["recorded_us"]),
    ],
    "another day on the lines": lambda books: [
        *postings((1, 7), (2, -7), effective_date="'2026-01-16'"), header(books),
    ],
    "a closed period": lambda books: [
        *postings((1, 7), (2, -7), effective_date="'2025-06-01'"),
        header(books, effective_date="'2025-06-01'"),
    ],
    "a checker who never approved": lambda books: [
        *postings((1, 7), (2, -7)), header(books, checker="'p2'"),
    ],
    "a maker who checks": lambda books: [
        *postings((1, 7), (2, -7)), header(books, checker="'p1'"),
    ],
    "an approval of another content": lambda books: [
        "INSERT INTO ledger_approval VALUES "
        f"(1, 1, {blob(books, '33' * 32)}, 'approved', 'p1', 'p2', 1)",
    ],
    "a reversal of a reversed entry": lambda books: [
        *postings((1, -50), (3, 50)), header(books, reverses=2),
    ],
    "a reversal that is not one": lambda books: [
        *postings((1, -99), (2, 99)), header(books, reverses=1),
    ],
    "a limit overrun": lambda books: [*postings((4, -31), (2, 31)), header(books)],
    "a zero": lambda books: [*postings((1, 0), (2, 0)), header(books)],
    "an amount beyond the limit": lambda books: [
        *postings((1, AMOUNT_MAX + 1), (2, -AMOUNT_MAX - 1)), header(books),
    ],
    "an unknown account": lambda books: [*postings((1, 7), (77, -7)), header(books)],
    "another commodity than the account's": lambda books: [
        "INSERT INTO ledger_commodity VALUES ('USD', 2, 'money')",
        *postings((1, 7), (2, -7), commodity="'USD'"), header(books),
    ],
    "an account of another ledger": lambda books: [
        "INSERT INTO ledger_ledger (code, opened_us) VALUES ('other', 1)",
        *postings((1, 7), (2, -7), ledger_id=2, seq=1),
        header(books, ledger_id=2, seq=1, previous=blob(books, "00" * 32)),
    ],
    "an unknown ledger": lambda books: [
        *postings((1, 7), (2, -7), ledger_id=9), header(books, ledger_id=9),
    ],
    "an earlier closing": lambda books: [
        "INSERT INTO ledger_closing VALUES (1, '2025-11-30', 4, 'p1', 1)",
    ],
    "a limit out of turn": lambda books: [
        "INSERT INTO ledger_limit VALUES (4, 9, NULL, NULL, 4, 'p1', 1)",
    ],
    "a second head": lambda books: [
        f"DELETE FROM ledger_head; INSERT INTO ledger_head VALUES (1, 0, 0, {blob(books, '00')})",
    ],
}  # fmt: skip


@pytest.mark.parametrize("attack", RAW)
def test_given_kept_books_when_attacked_by_plain_sql_then_the_database_refuses(
    kept: Books, attack: str
) -> None:
    statements = RAW[attack](kept)

    with pytest.raises(Exception):  # noqa: B017 - either engine's own refusal
        kept.attack(*statements)

    assert kept.offended() == {}


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("value", ["1.5", "'seven'", "x'07'", "9.3e18"])
def test_given_a_value_that_is_no_integer_when_inserted_raw_then_strict_tables_refuse(
    kept: Books, value: str
) -> None:
    with pytest.raises(Exception, match=r"cannot store|koga:"):
        kept.attack(*postings((1, value), (2, f"-{value}")), header(kept))


# --- what no database can refuse its owner is found


def unguarded(books: Books, *statements: str) -> None:
    """Run statements as the owner who has switched the guards off, and back on again."""
    if books.engine == "postgresql":
        books.attack("SET session_replication_role = replica", *statements)
        return
    raw = books.raw(pragmas=False)
    triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        raw.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        raw.execute(statement)
    for _, text in triggers:
        raw.execute(text)
    raw.close()


FOUND: dict[str, tuple[list[str], set[str]]] = {
    "an amount changed": (
        ["UPDATE ledger_posting SET amount = 101 WHERE seq = 1 AND line = 1"],
        {"entries_balance", "ledgers_balance", "content_recomputes"},
    ),
    "a balanced pair changed": (
        ["UPDATE ledger_posting SET amount = amount * 2 WHERE seq = 1"],
        {"content_recomputes"},
    ),
    "another account": (
        ["UPDATE ledger_posting SET account_id = 4 WHERE seq = 1 AND line = 1"],
        {"content_recomputes", "balances_recompute"},
    ),
    "another key": (["UPDATE ledger_entry SET key = 'z' WHERE seq = 1"], {"content_recomputes"}),
    "another maker": (["UPDATE ledger_entry SET maker = 'p7' WHERE seq = 1"], {"chain_recomputes"}),
    "another moment": (
        ["UPDATE ledger_entry SET recorded_us = 1 WHERE seq = 1"],
        {"chain_recomputes"},
    ),
    "time turned back": (
        ["UPDATE ledger_entry SET recorded_us = 1 WHERE seq = 2"],
        {"chain_recomputes", "time_moves_on"},
    ),
    "a day moved into a closed period": (
        ["UPDATE ledger_entry SET effective_date = '2025-01-01' WHERE seq = 1",
         "UPDATE ledger_closing SET after_seq = 0"],
        {"content_recomputes", "postings_have_headers", "closed_periods_stay_closed"},
    ),
    "a line removed": (
        ["DELETE FROM ledger_posting WHERE seq = 1 AND line = 2"],
        {"entries_balance", "ledgers_balance", "postings_have_headers", "content_recomputes"},
    ),
    "an entry removed": (
        ["DELETE FROM ledger_posting WHERE seq = 1", "DELETE FROM ledger_entry WHERE seq = 1"],
        {"chain_recomputes"},
    ),
    "the last entry cut off": (
        ["DELETE FROM ledger_posting WHERE seq = 4", "DELETE FROM ledger_entry WHERE seq = 4"],
        {"chain_recomputes"},
    ),
    "a header removed": (
        ["DELETE FROM ledger_entry WHERE seq = 4"],
        {"postings_have_headers", "chain_recomputes"},
    ),
    "the head set back": (["UPDATE ledger_head SET seq = 3"], {"chain_recomputes"}),
    "an account's commodity changed": (
        ["INSERT INTO ledger_commodity VALUES ('USD', 2, 'money')",
         "UPDATE ledger_account SET commodity = 'USD' WHERE id = 1"],
        {"amounts_are_integers"},
    ),
    "an account renamed": (
        ["UPDATE ledger_account SET code = 'delivered:friend' WHERE id = 1"],
        {"content_recomputes"},
    ),
    "a kept balance changed": (["UPDATE ledger_balance SET amount = 31"], {"balances_recompute"}),
    "a limit loosened": (["UPDATE ledger_balance SET floor = NULL"], {"balances_recompute"}),
    "a limit that was overrun": (
        ["UPDATE ledger_limit SET floor = 31", "UPDATE ledger_balance SET floor = 31"],
        {"limits_hold"},
    ),
    "an approval taken away": (["DELETE FROM ledger_approval"], {"makers_are_not_checkers"}),
    "a checker invented": (
        ["UPDATE ledger_entry SET checker = 'p9' WHERE seq = 1"],
        {"chain_recomputes", "makers_are_not_checkers"},
    ),
    "a reversal retargeted": (
        ["UPDATE ledger_entry SET reverses = 1 WHERE seq = 4"],
        {"content_recomputes", "reversals_exact_and_once"},
    ),
    "a refusal forged": (
        ["UPDATE ledger_rejection SET key = 'a'"],
        {"keys_have_one_outcome"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("tampering", FOUND)
def test_given_an_owner_past_the_guards_when_the_books_are_checked_then_it_is_found(
    kept: Books, tampering: str
) -> None:
    statements, expected = FOUND[tampering]
    if kept.engine == "sqlite" and tampering == "a limit that was overrun":
        statements = ["PRAGMA ignore_check_constraints=ON", *statements]
    if kept.engine == "postgresql" and tampering == "a limit that was overrun":
        statements = ["ALTER TABLE ledger_balance DROP CONSTRAINT ledger_balance_floor",
                      *statements]  # fmt: skip
        expected = expected | {"guards_in_place"}

    unguarded(kept, *statements)

    assert expected <= set(kept.offended())


def test_given_a_whole_history_written_anew_when_compared_with_the_release_then_it_is_found(
    kept: Books,
) -> None:
    """All hashes recomputed: only what was published outside can tell."""
    published = [
        {"ledger": head["ledger"], "entries": head["entries"], "chain": head["chain"]}
        for head in selectors.heads(using=kept.using)
    ]
    lines = list(selectors.lines("hub", using=kept.using))
    statements, chain = [], journal.CHAIN_START
    for seq in range(1, 5):
        of_entry = [each for each in lines if each.seq == seq]
        first = of_entry[0]
        factor = 2 if seq == 1 else 1
        entry = Entry(
            "hub", first.key, first.kind, first.effective,
            tuple(line(each.account, each.amount * factor) for each in of_entry),
            first.reference, first.reverses, first.relates_to,
        )  # fmt: skip
        content, previous = entry.content_hash(), chain
        chain = journal.chain_hash(
            previous, seq, first.recorded_us, content, first.maker, first.checker
        )
        statements.append(
            f"UPDATE ledger_entry SET content = {blob(kept, content.hex())}, "
            f"previous = {blob(kept, previous.hex())}, chain = {blob(kept, chain.hex())} "
            f"WHERE seq = {seq}"
        )
    unguarded(
        kept,
        "UPDATE ledger_posting SET amount = amount * 2 WHERE seq = 1",
        *statements,
        f"UPDATE ledger_head SET chain = {blob(kept, chain.hex())}",
    )

    found = selectors.checks(published, using=kept.using)

    assert kept.offended() == {}
    assert [(check.name, check.offending) for check in found if not check.ok] == [
        ("published_heads_stand", ("hub#4",))
    ]


def test_given_untouched_books_when_compared_with_the_release_then_they_stand_and_may_grow(
    kept: Books,
) -> None:
    published = selectors.heads(using=kept.using)
    services.post(moved("later", 1), maker="p1", using=kept.using)

    found = selectors.checks(published, using=kept.using)

    assert [check.name for check in found if not check.ok] == []


@pytest.mark.parametrize("part", [{"ledger": "gone"}, {"entries": 99}])
def test_given_a_release_with_more_than_the_books_when_compared_then_it_is_found(
    kept: Books, part: dict[str, Any]
) -> None:
    published = [selectors.heads(using=kept.using)[0] | part]

    found = selectors.checks(published, using=kept.using)[-1]

    assert (found.name, found.ok) == ("published_heads_stand", False)
