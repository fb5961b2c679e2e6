"""Addresses to pages: each view names its template and the selector that fills it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponseRedirect,
    StreamingHttpResponse,
)

from koga.core.problems import Refusal
from koga.site import bodies, files, plans, records, selectors
from koga.site import corrections as corrected
from koga.site import effects as found
from koga.site import front as first
from koga.site import funds as returned
from koga.site import statements as stated
from koga.site.answering import dated, page, refused, tag_of, unchanged
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


@page("site/agencies.html", room="statements")
def agencies(edition: Edition, language: str, request: HttpRequest) -> Content:
    """Every agency."""
    return bodies.agencies(edition, language)


@page("site/agency.html", room="statements")
def agency(edition: Edition, language: str, request: HttpRequest, code: str) -> Content:
    """One agency."""
    return bodies.agency(edition, language, code)


@page("site/statements.html", room="statements")
def statements(edition: Edition, language: str, request: HttpRequest) -> Content:
    """Who owes a statement."""
    return stated.page(edition, language, request.GET.get("period", ""))


@page("site/statement.html", room="statements")
def statement(
    edition: Edition, language: str, request: HttpRequest, agency: str, period: str
) -> Content:
    """One statement."""
    return stated.statement(edition, language, agency, period)


@page("site/lines.html", room="statements")
def lines(edition: Edition, language: str, request: HttpRequest, code: str) -> Content:
    """One item of every statement."""
    return stated.lines(edition, language, code)


@page("site/promises.html", room="statements")
def promises(edition: Edition, language: str, request: HttpRequest) -> Content:
    """Every promise."""
    return stated.promises(edition, language)


@page("site/programmes.html", room="programmes")
def programmes(edition: Edition, language: str, request: HttpRequest) -> Content:
    """Every programme."""
    return bodies.programmes(edition, language)


@page("site/programme.html", room="programmes")
def programme(edition: Edition, language: str, request: HttpRequest, code: str) -> Content:
    """One programme."""
    return bodies.programme(edition, language, code)


@page("site/schemes.html", room="schemes")
def schemes(edition: Edition, language: str, request: HttpRequest) -> Content:
    """Every scheme."""
    return plans.schemes(edition, language)


@page("site/scheme.html", room="schemes")
def scheme(edition: Edition, language: str, request: HttpRequest, code: str) -> Content:
    """One scheme."""
    return plans.scheme(edition, language, code)


@page("site/effects.html", room="effects")
def effects(edition: Edition, language: str, request: HttpRequest) -> Content:
    """What came of it: every finding."""
    return found.effects(edition, language)


@page("site/effect.html", room="effects")
def effect(edition: Edition, language: str, request: HttpRequest, code: str) -> Content:
    """One finding as its card."""
    return found.finding(edition, language, code)


def effect_pdf(request: HttpRequest, language: str, code: str) -> HttpResponse:
    """One finding as a typeset page."""
    return _typeset(request, language, code, lambda edition: found.typeset(edition, code, language))


@page("site/funds.html", room="effects")
def funds(edition: Edition, language: str, request: HttpRequest) -> Content:
    """What the funds returned, as a card."""
    return returned.page(edition, language)


def funds_pdf(request: HttpRequest, language: str) -> HttpResponse:
    """The card of the funds as a typeset page."""
    return _typeset(request, language, "funds", lambda edition: returned.typeset(edition, language))


def _typeset(
    request: HttpRequest, language: str, code: str, make: Callable[[Edition], bytes]
) -> HttpResponse:
    edition = selectors.edition()
    tag = tag_of(edition)
    if unchanged(request, tag):
        return dated(HttpResponseNotModified(), tag)
    try:
        content = make(edition)
    except selectors.Absent:
        raise Http404(code) from None
    name = f"{edition.head.release}-{code}.{language}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return dated(HttpResponse(content, content_type="application/pdf", headers=headers), tag)


@page("site/downloads.html", room="downloads")
def downloads(edition: Edition, language: str, request: HttpRequest) -> Content:
    """Every file."""
    return files.downloads(edition, language)


@page("site/verify.html", room="downloads")
def verify(edition: Edition, language: str, request: HttpRequest) -> Content:
    """How to verify the release."""
    return files.verification(edition, language)


def release_file(request: HttpRequest, path: str) -> HttpResponse | FileResponse:
    """A file of the release, byte for byte."""
    edition = selectors.edition()
    try:
        found, media = files.place(edition, path)
    except selectors.Absent:
        raise Http404(path) from None
    return dated(FileResponse(found.open("rb"), content_type=media), tag_of(edition))


def figure_csv(request: HttpRequest, language: str, name: str) -> HttpResponse:
    """The numbers of a chart of the front page."""
    edition = selectors.edition()
    try:
        text = first.csv_of(edition, language, name)
    except selectors.Absent:
        raise Http404(name) from None
    response = HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
    return dated(response, tag_of(edition))
