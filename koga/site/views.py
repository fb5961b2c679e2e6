"""Addresses to pages: each view names its template and the selector that fills it."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse

from koga.core.problems import Refusal
from koga.site import corrections as corrected
from koga.site import front as first
from koga.site import records, selectors
from koga.site.answering import dated, page, refused, tag_of
from koga.site.edition import Edition

Content = Mapping[str, Any]


def start(request: HttpRequest) -> HttpResponse:
    """The bare address: to the Korean front page."""
    return HttpResponseRedirect("/ko/")


@page("site/front.html", room="front")
def front(edition: Edition, language: str, request: HttpRequest) -> Content:
    """The period in five figures."""
    return first.content(edition, language)


@page("site/search.html", room="search")
def search(edition: Edition, language: str, request: HttpRequest) -> Content:
    """Search with facets."""
    return records.page(edition, language, request.GET)


@page("site/record.html", room="search")
def record(edition: Edition, language: str, request: HttpRequest, code: str) -> Content:
    """One record."""
    return records.record(edition, language, code)


@page("site/corrections.html", room="front")
def corrections(edition: Edition, language: str, request: HttpRequest) -> Content:
    """What was corrected."""
    return corrected.page(edition, language)


def search_csv(request: HttpRequest, language: str) -> HttpResponse:
    """The file of exactly what a search shows, all its pages."""
    edition = selectors.edition()
    try:
        lines = records.csv_lines(edition, request.GET)
    except Refusal as refusal:
        address = request.get_full_path().replace("/search.csv", "/search", 1)
        shared = selectors.shared(edition, language, address, "search")
        return refused(request, shared, refusal)
    name = f"{edition.head.release}-search.csv"
    response = StreamingHttpResponse(
        lines if request.method == "GET" else [],
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    return dated(response, tag_of(edition))


