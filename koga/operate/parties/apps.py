"""Django app of the parties."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """Agencies, people and roles."""

    name = "koga.operate.parties"
    label = "parties"
    default_auto_field = "django.db.models.BigAutoField"
