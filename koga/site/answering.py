"""How a page is answered: reading only, the same for everyone, named by the release's hash."""

import functools
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render

from koga.core.problems import Refusal
from koga.site import selectors
from koga.site.edition import Edition

READING = ("GET", "HEAD", "OPTIONS")
FRESH = "public, max-age=60, must-revalidate"
Content = Mapping[str, Any]
View = Callable[..., HttpResponse]


class ReadingOnly:
    """Middleware: GET, HEAD and OPTIONS are answered, nothing else is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in READING[:2]:
            return self.get_response(request)
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": ", ".join(READING)})
        said = {
            "status": 405,
            "ko": "이 누리집은 읽기만 합니다. 주소를 그냥 여십시오.",
            "en": "This site is for reading only. Simply open the address.",
        }
        response = render(request, "pages/error.html", said, status=405)
        response.headers["Allow"] = ", ".join(READING)
        return response


@functools.cache
def _code() -> str:
    """A mark of the running code and its templates, so that a new version is not held stale."""
    rooms = Path(__file__).resolve().parents[1]
    files = [
        (path.relative_to(rooms).as_posix(), path.stat().st_mtime_ns)
        for room in ("site", "pages", "figures", "core", "release")
        for path in sorted((rooms / room).rglob("*"))
        if path.suffix in (".py", ".html", ".css", ".js", ".toml")
    ]
    return hashlib.sha256(repr(files).encode()).hexdigest()


def tag_of(edition: Edition) -> str:
    """The entity tag of every page of a release: its hash and the code that shows it."""
    return '"' + hashlib.sha256((edition.name + _code()).encode()).hexdigest()[:32] + '"'


def unchanged(request: HttpRequest, tag: str) -> bool:
    """Whether the asker already holds what has this tag."""
    held = [each.strip() for each in request.headers.get("If-None-Match", "").split(",")]
    return tag in held or "W/" + tag in held


def dated(response: HttpResponse, tag: str) -> HttpResponse:
    """The response with its tag and how long it may be kept."""
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = FRESH
    return response


def page(template: str, *, room: str = "") -> Callable[[Callable[..., Content]], View]:
    """Make a page of a function `(edition, language, request, …) -> what the template shows`.

    What is not in the release is a 404; what cannot be understood a 400 that lists its problems.
    """

    def of(selector: Callable[..., Content]) -> View:
        @functools.wraps(selector)
        def view(request: HttpRequest, language: str, **which: str) -> HttpResponse:
            edition = selectors.edition()
            tag = tag_of(edition)
            if unchanged(request, tag):
                return dated(HttpResponseNotModified(), tag)
            shared = selectors.shared(edition, language, request.get_full_path(), room)
            try:
                content = selector(edition, language, request, **which)
            except selectors.Absent as absent:
                raise Http404(str(absent)) from None
            except Refusal as refusal:
                return refused(request, shared, refusal)
            return dated(render(request, template, {**shared, **content}), tag)

        return view

    return of


def refused(request: HttpRequest, shared: Content, refusal: Refusal) -> HttpResponse:
    """400: every problem of what was asked, in the page's language."""
    language = shared["language"]
    title = "요청을 읽을 수 없습니다" if language == "ko" else "The request cannot be read"
    said = {
        "name_of_page": title,
        "problems": [problem.message(language) for problem in refusal.problems],
    }
    return render(request, "site/problem.html", {**shared, **said}, status=400)
