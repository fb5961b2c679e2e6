"""Addresses of the books: everything under /desk/."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

handler400 = "koga.web.errors.bad_request"
handler403 = "koga.web.errors.forbidden"
handler404 = "koga.web.errors.not_found"
handler500 = "koga.web.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/desk/", permanent=False)),
    path("desk/", include("koga.publish.urls")),
    path("desk/imports/", include("koga.operate.imports.urls")),
]
