"""Addresses of the public site."""

from django.urls import URLPattern, URLResolver, include, path

handler400 = "koga.web.errors.bad_request"
handler403 = "koga.web.errors.forbidden"
handler404 = "koga.web.errors.not_found"
handler500 = "koga.web.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [path("", include("koga.site.urls"))]
