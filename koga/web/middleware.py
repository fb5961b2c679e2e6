"""Headers for every answer, and the desk's language."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from koga.pages import language


class PolicyMiddleware:
    """Adds the content security policy: nothing inline, nothing from elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("X-Frame-Options", "DENY")
        return response


def desk_language(request: HttpRequest) -> dict[str, object]:
    """What every desk page knows: its language, who is signed in, where it stands.

    The language is the `koga_language` cookie, else the browser's wish.
    """
    person = getattr(request, "user", None)
    return {
        "language": language.of(request),
        "person": person,
        "here": request.get_full_path(),
    }
