"""Template words of the public site: numbers, units and foreign-language spans."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from koga.site import telling

register = template.Library()
_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]")


def _language(context: Context) -> str:
    return str(context.get("language", "ko"))


@register.simple_tag(takes_context=True)
def text(context: Context, value: object) -> str | SafeString:
    """Text of the release; Korean on an English page is marked as Korean for readers aloud."""
    shown = "" if value is None else str(value)
    if _language(context) == "en" and _HANGUL.search(shown):
        return format_html('<span lang="ko">{}</span>', shown)
    return shown


@register.simple_tag(takes_context=True)
def tongue(context: Context, value: str) -> str | SafeString:
    """The attribute that marks an element's Korean text on an English page."""
    korean = _language(context) == "en" and _HANGUL.search(value)
    return format_html(' lang="{}"', "ko") if korean else ""


@register.simple_tag
def exact(amount: int | None, unit: str) -> str:
    """An amount of smallest parts as an exact number."""
    return "" if amount is None else telling.exact(amount, unit)


@register.simple_tag
def decimal(number: Decimal | int | None) -> str:
    """A decimal number with separators."""
    return telling.decimal(number)


@register.simple_tag(takes_context=True)
def unit(context: Context, code: str | None) -> str:
    """A unit's word."""
    return telling.unit_word(code, _language(context))


@register.simple_tag(takes_context=True)
def said(context: Context, amount: int, code: str) -> SafeString:
    """An amount in words, the exact number on hover."""
    spoken = telling.in_words(amount, code, _language(context))
    return format_html('<span title="{}">{}</span>', spoken.exact, str(spoken))


@register.simple_tag(takes_context=True)
def day(context: Context, value: date | datetime | None) -> str:
    """A day in prose; a moment is read on Korean clocks."""
    if isinstance(value, datetime):
        value = telling.seoul(value).date()
    return telling.day(value, _language(context))


@register.simple_tag(takes_context=True)
def named(context: Context, row: dict[str, Any] | None, stem: str = "name") -> str | SafeString:
    """The name of a row in the page's language."""
    return text(context, telling.named(row, stem, _language(context))) if row else ""


@register.filter
def iso(value: date | datetime | None) -> str:
    """A day as tables write it."""
    if isinstance(value, datetime):
        value = telling.seoul(value).date()
    return "" if value is None else value.isoformat()


@register.filter
def bound(value: str) -> str:
    """A heading whose numbers keep their units."""
    return telling.bound(str(value))
