"""Django app of this room."""

from django.apps import AppConfig


class PublishConfig(AppConfig):
    """Statements, sign-off and releases."""

    name = "koga.publish"
    label = "publish"
    default_auto_field = "django.db.models.BigAutoField"
