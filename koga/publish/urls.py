"""Addresses of this room's desk pages."""

from django.urls import URLPattern, path

from koga.publish import views, views_rows, views_what_if

urlpatterns: list[URLPattern] = [
    path("", views.home),
    path("sign-in/", views.sign_in),
    path("sign-out/", views.sign_out),
    path("language/", views.language),
    path("due/", views.due),
    path("due/excuse/", views.excuse),
    path("statements/", views.statements),
    path("statements/start/", views.start),
    path("statements/<int:number>/", views.statement),
    path("statements/<int:number>/edit/", views.edit),
    path("statements/<int:number>/sign/", views.sign),
    path("statements/<int:number>/restate/", views.restate),
    path("statements/<int:number>/line/", views_rows.line),
    path("statements/<int:number>/line/<int:place>/", views_rows.line),
    path("statements/<int:number>/promise/", views_rows.promise),
    path("statements/<int:number>/answer/<str:name>/", views_rows.answer),
    path("what-if/", views_what_if.what_ifs),
    path("what-if/<slug:code>/", views_what_if.ask),
    path("what-if/<slug:code>/scheme.toml", views_what_if.export),
    path("entries/", views_rows.entries),
    path("entries/<int:number>/", views_rows.entry),
]
