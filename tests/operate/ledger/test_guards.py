"""Posting stops while a guard is missing, altered or switched off; reading goes on."""

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections

from koga.core.problems import Refusal
from koga.operate.ledger import guards, services
from tests.books_on import Books, moved


def stopped(books: Books) -> str:
    """What the refusal names when posting; reading must still work."""
    with pytest.raises(Refusal) as refused:
        services.post(moved("after", 1), maker="p1", using=books.using)
    assert [problem.code for problem in refused.value.problems] == ["ledger.guards"]
    assert books.balance("delivered:p1") == 5
    return refused.value.problems[0].value


@pytest.fixture
def posted(books: Books) -> Books:
    services.post(moved("before", 5), maker="p1", using=books.using)
    return books


def reconnect(books: Books) -> None:
    connections[books.using].close()


TRIGGERS = [
    statement.split()[2]
    for statement in guards.statements("sqlite")
    if statement.startswith("CREATE TRIGGER")
]


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_given_a_dropped_trigger_when_posting_on_an_open_connection_then_it_is_refused(
    posted: Books, trigger: str
) -> None:
    """SQLite counts every change of its schema, so even an open connection notices."""
    posted.attack(f"DROP TRIGGER {trigger}")

    assert stopped(posted) == trigger
    assert trigger in posted.offended()["guards_in_place"]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_given_a_restored_trigger_when_posting_then_it_goes_on(posted: Books) -> None:
    text = next(each for each in guards.statements("sqlite") if " ledger_entry_seal " in each)
    posted.attack("DROP TRIGGER ledger_entry_seal")
    stopped(posted)
    posted.attack(text)

    assert services.post(moved("after", 1), maker="p1", using=posted.using).seq == 2


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("CREATE TRIGGER mine AFTER INSERT ON ledger_entry BEGIN SELECT 1; END", "mine"),
        ("DROP INDEX ledger_entry_reversed_once", "ledger_entry_reversed_once"),
        ("ALTER TABLE ledger_posting ADD COLUMN note TEXT", "ledger_posting"),
    ],
)
def test_given_a_changed_schema_when_posting_then_it_is_refused(
    posted: Books, statement: str, named: str
) -> None:
    posted.attack(statement)

    assert named in stopped(posted)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("CREATE TEMP TABLE ledger_head (a)", "ledger_head"),
        (
            "CREATE TEMP TRIGGER mine AFTER INSERT ON main.ledger_entry BEGIN SELECT 1; END",
            "mine",
        ),
    ],
)
def test_given_something_temporary_over_the_books_when_asked_then_it_is_named(
    posted: Books, statement: str, named: str
) -> None:
    reconnect(posted)
    with connections[posted.using].cursor() as cursor:
        cursor.execute(statement)

    assert guards.broken(connections[posted.using]) == [named]


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    "pragma",
    ["foreign_keys=OFF", "recursive_triggers=OFF", "ignore_check_constraints=ON"],
)
def test_given_an_unsafe_setting_when_posting_on_that_connection_then_it_is_refused(
    posted: Books, pragma: str
) -> None:
    with connections[posted.using].cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")

    assert stopped(posted).startswith(f"PRAGMA {pragma.partition('=')[0]}=")


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("pragma", ["synchronous=NORMAL", "journal_mode=DELETE"])
def test_given_settings_that_lose_entries_when_a_connection_first_posts_then_it_is_refused(
    posted: Books, pragma: str
) -> None:
    reconnect(posted)
    with connections[posted.using].cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")

    assert stopped(posted).startswith(f"PRAGMA {pragma.partition('=')[0]}=")


@pytest.mark.parametrize("engine", ["sqlite"])
def test_given_transactions_that_do_not_lock_at_once_when_posting_then_it_is_refused(
    posted: Books,
) -> None:
    reconnect(posted)
    connections[posted.using].settings_dict["OPTIONS"]["transaction_mode"] = "DEFERRED"

    assert stopped(posted) == "transaction_mode=DEFERRED"


ALTERED: list[tuple[str, str]] = [
    ("DROP TRIGGER ledger_entry_seal ON ledger_entry", "trigger ledger_entry_seal"),
    ("ALTER TABLE ledger_posting DISABLE TRIGGER ledger_posting_open", "ledger_posting_open"),
    ("ALTER TABLE ledger_account DISABLE TRIGGER ALL", "ledger_account_kept"),
    (
        "CREATE OR REPLACE FUNCTION ledger_entry_seal() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NULL; END $$",
        "ledger_entry_seal()",
    ),
    ("ALTER FUNCTION ledger_refuse() SECURITY INVOKER", "ledger_refuse()"),
    ("ALTER FUNCTION ledger_refuse() RESET search_path", "ledger_refuse()"),
    ("ALTER TABLE ledger_posting DROP CONSTRAINT ledger_posting_amount", "ledger_posting_amount"),
    ("ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_key", "ledger_entry_key"),
    ("ALTER TABLE ledger_entry ALTER checker DROP NOT NULL", "ledger_entry.checker"),
    ("ALTER TABLE ledger_posting ALTER line TYPE bigint", "ledger_posting.line"),
    ("DROP INDEX ledger_entry_reversed_once", "index ledger_entry_reversed_once"),
    ("CREATE RULE mine AS ON INSERT TO ledger_closing DO INSTEAD NOTHING", "mine"),
    (
        "CREATE TRIGGER mine BEFORE INSERT ON ledger_posting FOR EACH ROW "
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "mine",
    ),
    ("ALTER TABLE ledger_entry SET UNLOGGED", "ledger_entry.seq"),
]


@pytest.mark.parametrize("engine", ["postgresql"])
@pytest.mark.parametrize(("statement", "named"), ALTERED)
def test_given_an_altered_guard_when_a_connection_first_posts_then_it_is_refused(
    posted: Books, statement: str, named: str
) -> None:
    posted.attack(statement)
    reconnect(posted)

    assert named in stopped(posted).split(", ")


@pytest.mark.parametrize("engine", ["postgresql"])
@pytest.mark.parametrize(
    "setting", ["session_replication_role = replica", "synchronous_commit = off"]
)
def test_given_an_unsafe_session_when_it_first_posts_then_it_is_refused(
    posted: Books, setting: str
) -> None:
    reconnect(posted)
    with connections[posted.using].cursor() as cursor:
        cursor.execute(f"SET {setting}")

    assert stopped(posted) == setting.replace(" ", "")


@pytest.mark.parametrize("engine", ["postgresql"])
@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_given_a_snapshot_isolation_when_posting_then_the_trigger_refuses(
    posted: Books, isolation: str
) -> None:
    with pytest.raises(Exception, match="read committed"):
        posted.attack(
            f"SET TRANSACTION ISOLATION LEVEL {isolation}",
            "INSERT INTO ledger_posting VALUES (1, 2, 1, 1, 'KRW', 1, '2026-01-01')",
        )


def test_given_whole_guards_when_django_checks_the_database_then_it_says_nothing(
    posted: Books, capsys: Any
) -> None:
    call_command("check", "ledger", databases=[posted.using])

    assert "no issues" in capsys.readouterr().out


def test_given_a_missing_guard_when_django_checks_the_database_then_it_is_an_error(
    posted: Books,
) -> None:
    on = " ON ledger_entry" if posted.engine == "postgresql" else ""
    posted.attack(f"DROP TRIGGER ledger_entry_seal{on}")

    with pytest.raises(SystemCheckError, match="ledger_entry_seal"):
        call_command("check", "ledger", databases=[posted.using])
