"""Template words: both languages side by side, so that neither can be forgotten."""

from django import template
from django.template.context import Context

from koga.pages.counted import by_number

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: Context, ko: str, en: str, **values: object) -> str:
    """The Korean or English wording, by the page's `language`; `%(name)s` takes named values.

    Where English has one word for one and another for many, write `line{|s}`: `n` chooses.
    """
    if context.get("language", "ko") == "ko":
        return ko % values if values else ko
    text = by_number(en, values["n"]) if "n" in values else en
    return text % values if values else text
