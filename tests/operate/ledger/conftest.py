"""Books on both engines for the ledger's tests."""

from tests.books_on import books, engine, postgres, postgres_url, templates

__all__ = ["books", "engine", "postgres", "postgres_url", "templates"]
