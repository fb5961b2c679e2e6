"""Django app of this room."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The append-only double-entry ledger."""

    name = "koga.operate.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
