"""The what-if pages of the desk: sliders over declared ranges, one address an answer."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from koga.core.problems import Refusal
from koga.pages import language
from koga.plan.schemes.shape import Scheme
from koga.publish import what_if
from koga.publish.views import page, staff


@staff
@require_safe
def what_ifs(request: HttpRequest) -> HttpResponse:
    """The schemes one may ask about."""
    found = [what_if.load(path) for path in what_if.schemes().values()]
    return page(request, "what_ifs", "what-if", schemes=found)


@staff
@require_safe
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """One scheme with the values of the address, and what follows."""
    scheme = _scheme(code)
    given = {path: value.strip() for path, value in request.GET.items() if value.strip()}
    changes = what_if.chosen(scheme, given)
    if changes != given:
        return redirect(_address(request.path, changes))
    spoken = language.of(request)
    context: dict[str, Any] = {"answer": None, "told": []}
    try:
        context["answer"] = what_if.answer(scheme, changes, spoken)
    except Refusal as refusal:
        context["told"] = what_if.told(scheme, refusal, spoken)
    shown = page(
        request, "what_if", "what-if", scheme=scheme, changes=changes,
        groups=what_if.groups(scheme, changes, spoken),
        export=_address(f"/desk/what-if/{code}/scheme.toml", changes), **context,
    )  # fmt: skip
    shown.status_code = 422 if context["told"] else 200
    return shown


@staff
@require_safe
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The scheme of an address as a file."""
    scheme = _scheme(code)
    try:
        body = what_if.file_of(scheme, what_if.chosen(scheme, request.GET.dict()))
    except Refusal:
        return redirect(_address(f"/desk/what-if/{code}/", request.GET.dict()))
    answer = HttpResponse(body, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{code}-what-if.toml"'
    return answer


def _scheme(code: str) -> Scheme:
    path = what_if.schemes().get(code)
    if path is None:
        raise Http404
    return what_if.load(path)


def _address(path: str, changes: dict[str, str]) -> str:
    return f"{path}?{urlencode(changes)}" if changes else path
