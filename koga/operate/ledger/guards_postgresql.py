"""Guards on PostgreSQL."""

from django.db.backends.base.base import BaseDatabaseWrapper


def statements(text: str) -> tuple[str, ...]:
    """The statements of the schema file."""
    return (text,)


def broken(connection: BaseDatabaseWrapper, expected: tuple[str, ...]) -> list[str]:
    """Names of guards that are missing, altered or switched off."""
    return []
