"""Addresses of the public site; they stay for ever, in two languages."""

from django.urls import URLPattern, path, register_converter

from koga.site import views


class LanguageConverter:
    """`ko` or `en`."""

    regex = "ko|en"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


register_converter(LanguageConverter, "language")

urlpatterns: list[URLPattern] = [
    path("", views.start),
    path("<language:language>/", views.front),
    path("<language:language>/search", views.search),
    path("<language:language>/search.csv", views.search_csv),
    path("<language:language>/records/<path:code>", views.record),
    path("<language:language>/agencies", views.agencies),
    path("<language:language>/agencies/<path:code>", views.agency),
    path("<language:language>/statements", views.statements),
    path("<language:language>/statements/<str:agency>/<str:period>", views.statement),
    path("<language:language>/lines/<str:code>", views.lines),
    path("<language:language>/promises", views.promises),
    path("<language:language>/programmes", views.programmes),
    path("<language:language>/programmes/<path:code>", views.programme),
    path("<language:language>/schemes", views.schemes),
    path("<language:language>/schemes/<path:code>", views.scheme),
    path("<language:language>/corrections", views.corrections),
    path("<language:language>/effects", views.effects),
    path("<language:language>/effects/<str:code>.pdf", views.effect_pdf),
    path("<language:language>/effects/<str:code>", views.effect),
    path("<language:language>/funds", views.funds),
    path("<language:language>/funds.pdf", views.funds_pdf),
    path("<language:language>/downloads", views.downloads),
    path("<language:language>/verify", views.verify),
    path("<language:language>/figures/<str:name>.csv", views.figure_csv),
    path("release/<path:path>", views.release_file),
]
