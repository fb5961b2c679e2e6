"""Addresses of this room's desk pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
