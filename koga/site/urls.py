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
    path("<language:language>/corrections", views.corrections),
]
