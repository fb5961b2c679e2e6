"""The desk's pages: who waits for what, statements, sign-off. Views neither compute nor query."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import login as remember
from django.contrib.auth import logout as forget
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koga.core.dates import Period
from koga.core.problems import Problem, Refusal
from koga.operate.parties.door import problems_of_form, staff
from koga.publish import desk, forms, selectors, services
from koga.publish.models import Statement
from koga.publish.sign_in import sign_in as check_sign_in


def page(request: HttpRequest, template: str, room: str, **context: Any) -> HttpResponse:
    """A page of the desk; with problems it answers 422."""
    status = 422 if context.get("problems") else 200
    return render(request, f"desk/{template}.html", {"room": room, **context}, status=status)


def here(request: HttpRequest, wanted: str) -> str:
    """An address to go to next, if it is one of ours."""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if safe else "/desk/"


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page."""
    wanted = here(request, request.POST.get("next") or request.GET.get("next", ""))
    fields, problems = forms.sign_in_fields(), []
    if request.method == "POST":
        given = request.POST
        try:
            person = check_sign_in(
                request=request, login=given.get("login", ""), password=given.get("password", "")
            )
            remember(request, person)
            return redirect(wanted)
        except Refusal as refusal:
            problems = refusal.problems
            fields = forms.filled(fields, {"login": given.get("login", "")}, problems)
    return page(request, "sign_in", "", fields=fields, problems=forms.shown(problems), next=wanted)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    forget(request)
    return redirect("/desk/sign-in/")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie and go back."""
    response = redirect(here(request, request.POST.get("next", "")))
    chosen = request.POST.get("language", "")
    if chosen in ("ko", "en"):
        response.set_cookie(
            "koga_language", chosen, max_age=365 * 24 * 3600, samesite="Lax", httponly=True
        )
    return response


@staff
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for me."""
    return page(request, "home", "queue", tasks=desk.queue(request.user))


@staff
@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """Who owes a statement by when."""
    written = request.GET.get("period", "") or desk.period_before(timezone.localdate()).name
    problems: list[Problem] = []
    rows = []
    try:
        rows = desk.due_page(Period.parse(written))
    except Refusal as refusal:
        problems = refusal.problems
    return page(request, "due", "due", rows=rows, period=written, problems=forms.shown(problems))


@staff
@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """The statements I may read."""
    return page(
        request, "statements", "statements",
        rows=desk.statements_page(request.user), startable=desk.startable(request.user),
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Make a draft for an agency and a period."""
    given = request.POST if request.method == "POST" else request.GET
    agency, written = given.get("agency", ""), given.get("period", "")
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            made = services.draft(agency=agency, period=Period.parse(written), person=request.user)
            return redirect(f"/desk/statements/{made.pk}/")
        except Refusal as refusal:
            problems = problems_of_form(refusal)
    return page(
        request, "start", "statements", agency=agency, period=written,
        startable=desk.startable(request.user), problems=forms.shown(problems),
    )  # fmt: skip


@staff
@require_safe
def statement(request: HttpRequest, number: int) -> HttpResponse:
    """One statement; a draft with the means to edit it."""
    found = readable(request, number)
    return _statement(request, found, [])


@staff
@require_POST
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """The small acts on a draft: recount, declare nil, take a line or promise out."""
    found = readable(request, number)
    seen = request.POST.get("hash", "")
    whole: dict[str, Any] = {"statement": found, "person": request.user, "expected_hash": seen}
    acts: dict[str, Callable[[], Statement]] = {
        "recount": lambda: services.recount(**whole),
        "nil": lambda: services.declare_nil(**whole, sections=request.POST.getlist("nil")),
        "remove_line": lambda: services.remove_line(**whole, place=_place(request)),
        "remove_promise": lambda: services.remove_promise(
            **whole, promise=request.POST.get("promise", "")
        ),
    }
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    try:
        act()
    except Refusal as refusal:
        return _statement(request, selectors.find_statement(number), problems_of_form(refusal))
    return redirect(f"/desk/statements/{number}/")


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, number: int) -> HttpResponse:
    """The whole statement and what will be published, before a second person signs it."""
    found = readable(request, number)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            done = services.sign(
                agency=found.agency_id,
                period=Period.parse(found.period),
                person=request.user,
                reviewed_hash=request.POST.get("hash", ""),
            )
            return redirect(f"/desk/statements/{done.pk}/?done=signed")
        except Refusal as refusal:
            problems = problems_of_form(refusal)
            found = readable(request, number)
    shown = desk.statement_page(found, request.user)
    return page(request, "sign", "statements", **shown, problems=forms.shown(problems))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def restate(request: HttpRequest, number: int) -> HttpResponse:
    """Start a new version of a signed statement, for a reason."""
    found = readable(request, number)
    fields = [forms.reason_field("reason", "다시 내는 까닭", "Reason for restating")]
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            made = services.restate(
                agency=found.agency_id,
                period=Period.parse(found.period),
                person=request.user,
                reason=request.POST.get("reason", ""),
            )
            return redirect(f"/desk/statements/{made.pk}/")
        except Refusal as refusal:
            problems = problems_of_form(refusal)
            fields = forms.filled(fields, request.POST, problems)
    return page(
        request, "reason", "statements", statement=found, fields=fields,
        heading_ko="공시 다시 내기", heading_en="Restate", problems=forms.shown(problems),
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def excuse(request: HttpRequest) -> HttpResponse:
    """Say why a statement is late, in the agency's own words."""
    given = request.POST if request.method == "POST" else request.GET
    agency, written = given.get("agency", ""), given.get("period", "")
    fields = [forms.reason_field("reason", "늦는 까닭(그대로 공개됩니다)",
                                 "Why it is late (published as written)")]  # fmt: skip
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            services.say_why_late(
                agency=agency, period=Period.parse(written), person=request.user,
                text=given.get("reason", ""),
            )  # fmt: skip
            return redirect(f"/desk/due/?period={written}")
        except Refusal as refusal:
            problems = problems_of_form(refusal)
            fields = forms.filled(fields, given, problems)
    return page(
        request, "reason", "due", fields=fields,
          heading_ko="늦는 까닭", heading_en="Why it is late", agency=agency, period=written,
        problems=forms.shown(problems),
    )  # fmt: skip


def readable(request: HttpRequest, number: int) -> Statement:
    """A statement the person may read; 404 where there is none, 403 where it is not theirs."""
    found = selectors.find_statement(number)
    if found is None:
        raise Http404
    if not desk.reads(request.user, found):
        raise PermissionDenied
    return found


def _statement(
    request: HttpRequest, found: Statement | None, problems: list[Problem]
) -> HttpResponse:
    if found is None:
        raise Http404
    return page(
        request, "statement", "statements", **desk.statement_page(found, request.user),
        problems=forms.shown(problems), done=request.GET.get("done", ""),
    )  # fmt: skip


def _place(request: HttpRequest) -> int:
    text = request.POST.get("place", "")
    return int(text) if text.isdecimal() and len(text) < 7 else -1
