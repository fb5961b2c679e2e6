"""Empty books on SQLite or PostgreSQL for one test: `from tests.books_on import books, engine`."""

import itertools
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction

from koga.core.journal import Entry, Posting
from koga.operate.ledger import guards, selectors
from koga.web.databases import database
from tests.postgres import folder, postgres, postgres_url

__all__ = ["Books", "books", "engine", "line", "moved", "postgres", "postgres_url", "templates"]

_numbers = itertools.count(1)


@dataclass
class Books:
    """Empty books. using: their alias in Django. url: KOGA_DATABASE_URL for another process."""

    engine: str
    using: str
    url: str
    server: str = ""

    def close(self) -> None:
        """Close the connection and throw the books away."""
        connections[self.using].close()
        if self.engine == "sqlite":
            for file in Path("/").glob(f"{self.url.removeprefix('sqlite:////')}*"):
                file.unlink()
            return
        with psycopg.connect(self.server, autocommit=True) as raw:
            raw.execute(f'DROP DATABASE "{self.using}" WITH (FORCE)')

    def raw(self, *, pragmas: bool = True) -> Any:
        """A connection past all of our code, as an intruder with the password has it."""
        if self.engine == "postgresql":
            return psycopg.connect(self.url, autocommit=True)
        raw = sqlite3.connect(self.url.removeprefix("sqlite:///"), isolation_level=None)
        if pragmas:
            raw.execute("PRAGMA foreign_keys=ON")
        return raw

    def attack(self, *statements: str, pragmas: bool = True) -> None:
        """Run statements as one transaction past our code."""
        raw = self.raw(pragmas=pragmas)
        try:
            raw.execute("BEGIN")
            for statement in statements:
                raw.execute(statement)
            raw.execute("COMMIT")
        finally:
            raw.close()

    def offended(self) -> dict[str, tuple[str, ...]]:
        """Names of the checks that fail, with what offends them."""
        found = selectors.checks(using=self.using)
        return {check.name: check.offending for check in found if not check.ok}

    def balance(self, account: str, commodity: str = "KRW", ledger: str = "hub") -> int:
        return selectors.balance(ledger, account, commodity, using=self.using)


@dataclass
class Templates:
    """Migrated empty books to copy."""

    folder: Path
    postgres_url: Callable[[], str]
    made: dict[str, str]


@pytest.fixture(scope="session")
def templates(request: Any) -> Iterator[Templates]:
    place = folder()
    yield Templates(place, lambda: request.getfixturevalue("postgres_url"), {})
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], ids=str)
def engine(request: Any) -> str:
    """Each test that asks for books runs on both engines."""
    return str(request.param)


@pytest.fixture
def books(engine: str, templates: Templates, django_db_blocker: Any) -> Iterator[Books]:
    """Empty books on the engine at hand, gone after the test."""
    with django_db_blocker.unblock():
        made = open_books(engine, templates)
        yield made
        made.close()


def open_books(engine: str, templates: Templates) -> Books:
    """Empty books, copied from a template that is made once."""
    number = next(_numbers)
    if engine not in templates.made:
        templates.made[engine] = _template(engine, templates)
    if engine == "sqlite":
        file = templates.folder / f"books{number}.sqlite3"
        shutil.copy(templates.made[engine], file)
        url = f"sqlite:///{file}"
    else:
        url = _create(templates.postgres_url(), f"books{number}", templates.made[engine])
    server = templates.postgres_url() if engine == "postgresql" else ""
    return Books(engine, _alias(f"books{number}", url), url, server)


def _template(engine: str, templates: Templates) -> str:
    if engine == "sqlite":
        source = str(templates.folder / "empty.sqlite3")
        url = f"sqlite:///{source}"
    else:
        source = "empty_books"
        url = _create(templates.postgres_url(), source, "template1")
    alias = _alias(f"empty{next(_numbers)}", url)
    with transaction.atomic(using=alias):
        guards.install(connections[alias])
    connections[alias].close()
    return source


def _create(server: str, name: str, template: str) -> str:
    with psycopg.connect(server, autocommit=True) as raw:
        raw.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    place, _, options = server.partition("?")
    return f"{place.rpartition('/')[0]}/{name}?{options}"


def _alias(name: str, url: str) -> str:
    full = connections.configure_settings({"default": {}, name: database(url)})
    connections.settings[name] = full[name]
    return name


def line(account: str, amount: int, commodity: str = "KRW") -> Posting:
    return Posting(account, commodity, amount)


def moved(
    key: str,
    amount: int,
    *,
    ledger: str = "hub",
    debit: str = "delivered:p1",
    credit: str = "source:external",
    on: date = date(2026, 1, 15),
    commodity: str = "KRW",
    kind: str = "import",
    **more: Any,
) -> Entry:
    """An entry that moves an amount from one account to another."""
    lines = (line(debit, amount, commodity), line(credit, -amount, commodity))
    return Entry(ledger, key, kind, on, lines, **more)
