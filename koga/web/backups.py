"""The books to a file and back, checked on both ways."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from koga.core.problems import Problem, Refusal
from koga.operate.ledger import selectors


def backup(to: Path) -> dict[str, object]:
    """Copy the books to a new file while they are in use, and check the ledger they came from.

    SQLite uses its online backup, PostgreSQL its own `pg_dump`; an existing file is never written
    over.
    """
    if to.exists():
        raise Refusal(Problem("web.backup_exists", "TO", str(to)))
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(to.name + ".part")
    part.unlink(missing_ok=True)
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(part) as target:
            connection.connection.backup(target)
        target.close()
    else:
        _postgres_tool("pg_dump", "--format=custom", f"--file={part}")
    part.rename(to)
    return _verdict(to)


def restore(source: Path) -> dict[str, object]:
    """Bring a backup back into an empty place, and check every invariant of the ledger."""
    if not source.is_file():
        raise Refusal(Problem("web.backup_missing", "FROM", str(source)))
    if connection.introspection.table_names():
        raise Refusal(Problem("web.books_exist", "restore", str(connection.settings_dict["NAME"])))
    if connection.vendor == "sqlite":
        _restore_sqlite(source)
    else:
        _postgres_tool("pg_restore", "--no-owner", "--exit-on-error", str(source))
    return _verdict(source)


def _restore_sqlite(source: Path) -> None:
    if source.read_bytes()[:16] != b"SQLite format 3\x00":
        raise Refusal(Problem("web.backup_unreadable", "FROM", str(source)))
    connection.ensure_connection()
    with sqlite3.connect(f"file:{quote(str(source.resolve()))}?mode=ro", uri=True) as copy:
        copy.backup(connection.connection)
    copy.close()


def _verdict(file: Path) -> dict[str, object]:
    checks = selectors.checks()
    failed = [check.name for check in checks if not check.ok]
    return {"ok": not failed, "file": str(file), "failed": failed}


def _postgres_tool(name: str, *arguments: str) -> None:
    settings = connection.settings_dict
    program = os.environ.get("KOGA_PG_BIN", "")
    path = str(Path(program) / name) if program else shutil.which(name)
    if path is None or not Path(path).exists():
        raise Refusal(Problem("web.no_postgres_tool", "KOGA_PG_BIN", name))
    target = [f"--dbname={settings['NAME']}"]
    target += [
        f"--{option}={settings[key]}"
        for option, key in (("host", "HOST"), ("port", "PORT"), ("username", "USER"))
        if settings[key]
    ]
    environment = os.environ | {"PGPASSWORD": settings["PASSWORD"]}
    ran = subprocess.run(
        [path, *target, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise Refusal(Problem("web.postgres_tool_failed", name, ran.stderr.strip()))
