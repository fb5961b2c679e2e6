"""Django app of this room."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Registers from files into the books."""

    name = "koga.operate.imports"
    label = "imports"
    default_auto_field = "django.db.models.BigAutoField"
