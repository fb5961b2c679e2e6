"""The public site as a Django app without models."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Named so that it does not clash with Django's own `sites`."""

    name = "koga.site"
    label = "koga_site"
