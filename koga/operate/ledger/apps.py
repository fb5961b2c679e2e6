"""Django app of this room."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks


class LedgerConfig(AppConfig):
    """The append-only double-entry ledger."""

    name = "koga.operate.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Ask for the guards whenever Django checks a database (`migrate`, `check`)."""
        checks.register(guards_in_place, checks.Tags.database)


def guards_in_place(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **_: Any,
) -> list[checks.CheckMessage]:
    """Django's system check: an error for every guard of the books that is missing or altered."""
    from django.db import connections

    from koga.operate.ledger import guards

    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if "ledger_entry" not in connection.introspection.table_names():
            continue
        found += [
            checks.Error(
                f"guard of the books missing or altered: {name}",
                hint="restore the schema from a backup; posting is refused until then",
                obj=alias,
                id="ledger.E001",
            )
            for name in guards.broken(connection)
        ]
    return found
