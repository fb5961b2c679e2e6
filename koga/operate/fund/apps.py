"""Django app of this room."""

from django.apps import AppConfig


class FundConfig(AppConfig):
    """Funds, and their books in the ledger."""

    name = "koga.operate.fund"
    label = "fund"
    default_auto_field = "django.db.models.BigAutoField"
