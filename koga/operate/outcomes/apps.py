"""Django app of this room."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    """Observed outcomes, applications and registered plans."""

    name = "koga.operate.outcomes"
    label = "outcomes"
    default_auto_field = "django.db.models.BigAutoField"
