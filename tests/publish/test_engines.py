"""Past the services, on both engines: a signed statement cannot be changed, moved or removed."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

SIGN = """
import os, sys
sys.path.insert(0, sys.argv[1])
os.environ["DJANGO_SETTINGS_MODULE"] = "koga.web.settings_books"
import django
django.setup()
from datetime import date
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.publish.books import agency, drafted, person, record, signed, LATER
agency("hub", ("seed", "grant", "KRW"))
record("hub", "seed", "hub-1", 1000, date(2026, 2, 1))
maker, checker = person("maker", "preparer"), person("checker", "approver")
signed("hub", maker, checker)
record("hub", "seed", "hub-2", 500, date(2026, 8, 1))
drafted("hub", maker, LATER)
"""
ATTACKS = {
    "change its period": "UPDATE publish_statement SET period = '2025-H1' WHERE state = 'signed'",
    "make it a draft again": "UPDATE publish_statement SET state = 'draft', signed_by_id = NULL, "
    "signed_at = NULL WHERE state = 'signed'",
    "delete it": "DELETE FROM publish_statement WHERE state = 'signed'",
    "change a figure": "UPDATE publish_statementline SET value = '9' WHERE statement_id = 1",
    "take a line out": "DELETE FROM publish_statementline WHERE statement_id = 1",
    "move a line in": "UPDATE publish_statementline SET statement_id = 1, place = 90 "
    "WHERE statement_id = 2 AND place = 0",
    "move a line away": "UPDATE publish_statementline SET statement_id = 2, place = 91 "
    "WHERE statement_id = 1 AND place = 0",
}
OF_AN_ENGINE = {
    "sqlite": {
        "replace it": "INSERT OR REPLACE INTO publish_statement SELECT * FROM publish_statement "
        "WHERE state = 'signed'",
        "replace a line": "INSERT OR REPLACE INTO publish_statementline "
        "SELECT * FROM publish_statementline WHERE statement_id = 1",
    },
    "postgresql": {
        "empty the table": "TRUNCATE publish_statement CASCADE",
        "empty the lines": "TRUNCATE publish_statementline",
    },
}
SELF_SIGNED = (
    "UPDATE publish_statement SET state = 'signed', signed_by_id = prepared_by_id, "
    "signed_at = '2026-08-01 00:00:00' WHERE state = 'draft'"
)


def signed_books(url: str, root: Path) -> None:
    """Books with one signed statement and one draft."""
    environment = os.environ | {"KOGA_DATABASE_URL": url}
    subprocess.run([sys.executable, "-c", SIGN, str(root)], env=environment, check=True)


@pytest.fixture(scope="module")
def sqlite_books(tmp_path_factory: Any, root: Path) -> str:
    file = tmp_path_factory.mktemp("books") / "signed.sqlite3"
    signed_books(f"sqlite:///{file}", root)
    return str(file)


@pytest.fixture(scope="module")
def postgresql_books(postgres: Any, root: Path) -> str:
    postgres.psql("CREATE DATABASE signed_statements")
    url = postgres.get_uri(database="signed_statements")
    signed_books(url, root)
    return str(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def attack(request: Any) -> Iterator[tuple[str, Callable[[str], None]]]:
    """The engine's name and a way to run SQL as an intruder with the password would."""
    if request.param == "sqlite":
        raw: Any = sqlite3.connect(request.getfixturevalue("sqlite_books"), isolation_level=None)
    else:
        raw = psycopg.connect(request.getfixturevalue("postgresql_books"), autocommit=True)
    yield request.param, raw.execute
    raw.close()


REFUSED = (sqlite3.IntegrityError, psycopg.errors.RaiseException)


def test_given_a_signed_statement_when_attacked_then_the_database_refuses_every_way(
    attack: tuple[str, Callable[[str], Any]],
) -> None:
    engine, execute = attack
    for name, statement in (ATTACKS | OF_AN_ENGINE[engine]).items():
        with pytest.raises(REFUSED, match="never changes"):
            execute(statement)
            pytest.fail(name)
    [(state, lines)] = execute(
        "SELECT s.state, COUNT(*) FROM publish_statement s JOIN publish_statementline l "
        "ON l.statement_id = s.id WHERE s.id = 1 AND l.value = '1000' GROUP BY s.state"
    ).fetchall()
    assert (state, lines) == ("signed", 1)


def test_given_a_draft_when_its_preparer_is_written_in_as_signer_then_the_database_refuses(
    attack: tuple[str, Callable[[str], Any]],
) -> None:
    _, execute = attack

    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.CheckViolation)):
        execute(SELF_SIGNED)
