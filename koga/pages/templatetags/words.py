"""Template words: both languages side by side, so that neither can be forgotten."""

from django import template
from django.template.context import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: Context, ko: str, en: str, **values: object) -> str:
    """The Korean or English wording, by the page's `language`; `%(name)s` takes named values."""
    text = ko if context.get("language", "ko") == "ko" else en
    return text % values if values else text
