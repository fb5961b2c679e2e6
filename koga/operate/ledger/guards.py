"""The guards of the books: what the schema files say, and whether the database still holds it.

The schema file is the specification. A guard is any statement of it: a table with its constraints,
an index, a function, a trigger. Before the first posting of a connection all are compared with the
database's own record of them; where one is missing, altered or switched off, posting is refused
and reading goes on.
"""

import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from koga.operate.ledger import guards_postgresql

PRAGMAS = {
    "foreign_keys": (1,),
    "recursive_triggers": (1,),
    "ignore_check_constraints": (0,),
    "synchronous": (2, 3),
    "journal_mode": ("wal", "memory"),
}
"""SQLite settings without which an acknowledged entry could be lost or a guard passed by; a
journal in memory belongs to databases in memory only, which a test uses."""


@cache
def statements(vendor: str) -> tuple[str, ...]:
    """The statements of an engine's schema file, in order and without comments between them."""
    text = (Path(__file__).parent / "schema" / f"{vendor}.sql").read_text()
    if vendor == "postgresql":
        return guards_postgresql.statements(text)
    found, lines = [], []
    for line in text.splitlines():
        if not lines and (not line or line.startswith("--")):
            continue
        lines.append(line)
        if line.endswith(";") and sqlite3.complete_statement("\n".join(lines)):
            found.append("\n".join(lines).removesuffix(";"))
            lines = []
    return tuple(found)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the books' tables and guards in an empty database."""
    with connection.cursor() as cursor:
        for statement in statements(connection.vendor):
            cursor.execute(statement)


def broken(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of guards that are missing, altered or switched off, and settings that are unsafe."""
    if connection.vendor == "postgresql":
        return guards_postgresql.broken(connection, statements("postgresql"))
    return _broken_objects(connection) + _broken_settings(connection)


_OBJECTS = """
    SELECT name, sql, type = 'trigger' FROM sqlite_master
    WHERE tbl_name LIKE 'ledger~_%' ESCAPE '~' AND sql IS NOT NULL
    UNION ALL SELECT name, '', 1 FROM sqlite_temp_master
    WHERE tbl_name LIKE 'ledger~_%' ESCAPE '~'"""


def _broken_objects(connection: BaseDatabaseWrapper) -> list[str]:
    """Objects that are not as in the schema file, and triggers or shadows that are not in it."""
    with connection.cursor() as cursor:
        cursor.execute(_OBJECTS)
        rows = cursor.fetchall()
    expected = {_name(statement): statement for statement in statements("sqlite")}
    present = {name: text for name, text, _ in rows if text}
    missing = {name for name, text in expected.items() if present.get(name) != text}
    strange = {name for name, text, acts in rows if acts and expected.get(name) != text}
    return sorted(missing | strange)


def _broken_settings(connection: BaseDatabaseWrapper) -> list[str]:
    wrong = []
    with connection.cursor() as cursor:
        for pragma, allowed in PRAGMAS.items():
            cursor.execute(f"PRAGMA {pragma}")
            value = cursor.fetchone()[0]
            in_memory = connection.is_in_memory_db()  # type: ignore[attr-defined]
            if value not in allowed or (value == "memory" and not in_memory):
                wrong.append(f"PRAGMA {pragma}={value}")
    mode: Any = getattr(connection, "transaction_mode", None)
    if mode not in ("IMMEDIATE", "EXCLUSIVE"):
        wrong.append(f"transaction_mode={mode}")
    return wrong


def _name(statement: str) -> str:
    """The name in `CREATE [UNIQUE] TABLE|INDEX|TRIGGER name …`."""
    words = statement.split(None, 4)
    return words[3] if words[1] == "UNIQUE" else words[2]


APPEND_ONLY = (
    "ledger", "commodity", "account", "entry", "posting", "closing", "limit", "draft", "approval",
    "rejection",
)  # fmt: skip
KEPT_BY_TRIGGERS = ("head", "balance")


def grants(role: str) -> str:
    """SQL that leaves a PostgreSQL role of the application no more than it needs.

    The role owns nothing. It may add to the books and read them; heads and balances move only
    through triggers, which run as the owner (locking a head needs the right to update one column,
    and a trigger refuses every update that does not follow the entries). Run as the owner, after
    every migration.
    """
    name = '"' + role.replace('"', '""') + '"'
    added = ", ".join(f"ledger_{table}" for table in APPEND_ONLY)
    moved = ", ".join(f"ledger_{table}" for table in KEPT_BY_TRIGGERS)
    return "\n".join(
        (
            f"GRANT USAGE ON SCHEMA public TO {name};",
            f"REVOKE CREATE ON SCHEMA public FROM {name};",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name};",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name};",
            f"REVOKE ALL ON {added}, {moved} FROM {name};",
            f"GRANT SELECT, INSERT ON {added} TO {name};",
            f"GRANT SELECT ON {moved} TO {name};",
            f"GRANT UPDATE (ledger_id) ON ledger_head TO {name};",
        )
    )
