"""Django app of this room."""

from django.apps import AppConfig


class SupportConfig(AppConfig):
    """Programmes and records of support."""

    name = "koga.operate.support"
    label = "support"
    default_auto_field = "django.db.models.BigAutoField"
