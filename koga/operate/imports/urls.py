"""Addresses of this room's desk pages."""

from django.urls import URLPattern, path

from koga.operate.imports import views

urlpatterns: list[URLPattern] = [
    path("", views.index),
    path("new/", views.upload),
    path("vanished/", views.vanished),
    path("uploads/<int:number>/", views.prepare),
    path("uploads/<int:number>/check/", views.check),
    path("uploads/<int:number>/post/", views.post),
    path("uploads/<int:number>/discard/", views.discard),
    path("<int:number>/", views.batch),
    path("<int:number>/refused.csv", views.refused_csv),
]
