"""A least-privilege role on PostgreSQL: it can do all the work and nothing else."""
# ruff: noqa: S608 - names of tables only

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from django.db import connections

from koga.operate.ledger import guards, services
from tests.books_on import Books, moved

ROLE = "koga_app"


@pytest.fixture
def engine() -> str:
    """Roles are PostgreSQL's."""
    return "postgresql"


@pytest.fixture
def as_role(books: Books) -> Iterator[Books]:
    """The books, with Django signed in as the role of the printed grants."""
    raw = books.raw()
    raw.execute(f"DO $$ BEGIN CREATE ROLE {ROLE} LOGIN; EXCEPTION WHEN OTHERS THEN END $$")
    raw.execute(guards.grants(ROLE))
    raw.close()
    connections[books.using].close()
    connections[books.using].settings_dict["USER"] = ROLE
    books.url = books.url.replace("postgres:@", f"{ROLE}@")
    yield books


def test_given_the_role_when_it_does_every_act_then_all_work(as_role: Books) -> None:
    at = {"using": as_role.using}
    services.post(moved("a", 100, debit="available:x"), maker="p1", **at)
    services.set_limit("hub", "available:x", "KRW", floor=0, actor="p1", **at)
    services.post_many([moved(f"k{n}", 1) for n in range(50)], maker="p1", **at)
    draft = services.reverse("hub", 2, key="r", effective=date(2026, 2, 2), maker="p1", **at)
    services.approve(draft, checker="p2", **at)
    services.close_period("hub", date(2025, 12, 31), actor="p1", **at)
    with pytest.raises(services.Refusal):
        services.post(moved("over", 101, debit="reserved:x", credit="available:x"),
                      maker="p1", **at)  # fmt: skip

    with as_role.raw() as raw:
        assert raw.execute("SELECT current_user").fetchone() == (ROLE,)
    assert as_role.offended() == {}


@pytest.mark.parametrize(
    "statement",
    [
        *(f"UPDATE ledger_{table} SET ledger_id = ledger_id" for table in ("entry", "posting")),
        *(f"DELETE FROM ledger_{table}" for table in guards.APPEND_ONLY),
        *(f"TRUNCATE ledger_{table}" for table in guards.APPEND_ONLY),
        "UPDATE ledger_head SET seq = 0",
        "UPDATE ledger_balance SET amount = 0",
        "INSERT INTO ledger_balance VALUES (1, 0, NULL, NULL)",
        "DELETE FROM ledger_head",
        "DROP TRIGGER ledger_entry_seal ON ledger_entry",
        "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NULL; END $$",
        "CREATE TABLE public.mine (a int)",
        "SET session_replication_role = replica",
    ],
)
def test_given_the_role_when_it_oversteps_then_the_server_refuses(
    as_role: Books, statement: str
) -> None:
    services.post(moved("a", 1), maker="p1", using=as_role.using)

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_role.attack(statement)

    assert as_role.offended() == {}


def test_given_the_role_when_it_shadows_a_table_then_the_guards_still_read_the_real_one(
    as_role: Books,
) -> None:
    """A temporary table comes first in the search path of careless functions."""
    services.post(moved("a", 1), maker="p1", using=as_role.using)

    with pytest.raises(psycopg.errors.CheckViolation, match="sealed"):
        as_role.attack(
            "CREATE TEMPORARY TABLE ledger_head (ledger_id bigint, seq bigint, open_seq bigint)",
            "INSERT INTO ledger_head VALUES (1, 0, 0)",
            "INSERT INTO ledger_posting VALUES (1, 1, 3, 1, 'KRW', 5, '2026-01-15')",
        )
