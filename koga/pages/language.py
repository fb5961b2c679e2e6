"""The language a person at the desk reads."""

from django.http import HttpRequest


def of(request: HttpRequest) -> str:
    """`ko` or `en`: the `koga_language` cookie, else the browser's wish."""
    chosen = request.COOKIES.get("koga_language", "")
    if chosen in ("ko", "en"):
        return str(chosen)
    wish = request.headers.get("Accept-Language", "ko").lower()
    return "en" if wish.startswith("en") else "ko"
