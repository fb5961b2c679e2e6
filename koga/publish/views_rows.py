"""The desk's forms for one row of a statement, and for proposed entries of the ledger."""

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from koga.core.problems import Problem, Refusal, ensure
from koga.operate.ledger import services as ledger
from koga.operate.parties.door import problems_of_form, staff
from koga.operate.parties.services import require_role
from koga.publish import checks, desk, forms, selectors, services, typed
from koga.publish.content import Line, Promise
from koga.publish.models import Statement
from koga.publish.views import page, readable
from koga.release import tables


def _editable(request: HttpRequest, number: int) -> Statement:
    found = readable(request, number)
    if not selectors.may(request.user, services.PREPARER, found.agency_id):
        raise PermissionDenied
    return found


def _row_form(
    request: HttpRequest,
    statement: Statement,
    fields: list[forms.Field],
    save: Callable[[dict[str, Any]], None],
    *,
    before: dict[str, str] | None = None,
    **context: Any,
) -> HttpResponse:
    """A form for one row: shows it, or saves it and goes back to the statement.

    On a problem everything typed stands in the form again, with the statement's newest hash, so
    that pressing save once more is a decision and not an accident.
    """
    problems: list[Problem] = []
    values: dict[str, Any] = before or {}
    if request.method == "POST":
        values = request.POST.dict()
        try:
            save({"statement": statement, "person": request.user,
                  "expected_hash": request.POST.get("hash", "")})  # fmt: skip
            return redirect(f"/desk/statements/{statement.pk}/")
        except Refusal as refusal:
            problems = problems_of_form(refusal)
            statement.refresh_from_db()
    return page(
        request, "row", "statements", statement=statement, problems=forms.shown(problems, fields),
        fields=forms.filled(fields, values, problems), **context,
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def line(request: HttpRequest, number: int, place: int | None = None) -> HttpResponse:
    """Add a typed line to a section, or change one."""
    statement = _editable(request, number)
    held: Line | None = None
    if place is not None:
        lines = selectors.content_of(statement).lines
        held = lines[place] if place < len(lines) else None
        if held is None or held.basis != "typed":
            raise Http404
    section = held.section if held else request.GET.get("section", "")
    if section not in tables.SECTIONS:
        raise Http404

    def save(whole: dict[str, Any]) -> None:
        reader = typed.Reader()
        read = reader.line({**request.POST.dict(), "section": section}, "")
        if reader.problems:
            raise Refusal(forms.complaints(reader, checks.line_problems(read, "")))
        services.put_line(**whole, line=read, place=place)

    return _row_form(
        request, statement, forms.line_fields(section), save,
        before=forms.values_of(held) if held else None, heading=tables.SECTIONS[section],
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def promise(request: HttpRequest, number: int) -> HttpResponse:
    """Add a next promise."""
    statement = _editable(request, number)

    def save(whole: dict[str, Any]) -> None:
        reader = typed.Reader()
        made = reader.promise(request.POST.dict(), "")
        if reader.problems or made is None:
            raise Refusal(reader.problems)
        services.put_promise(**whole, made=made)

    return _row_form(
        request, statement, forms.promise_fields(), save,
        heading=tables.Word("promises", "다음 약속", "Next promise"),
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Say what became of an earlier promise."""
    statement = _editable(request, number)
    found = [one for one in selectors.content_of(statement).promises if one.promise == name]
    if not found or found[0].made_in == statement.period:
        raise Http404
    held: Promise = found[0]

    def save(whole: dict[str, Any]) -> None:
        reader = typed.Reader()
        read = reader.answer({**request.POST.dict(), "promise": name}, "")
        if reader.problems:
            raise Refusal(reader.problems)
        services.answer_promise(**whole, answer=read)

    return _row_form(
        request, statement, forms.answer_fields(), save, before=forms.values_of(held),
        heading=tables.Word(name, held.text_ko, held.text_en), promise=held,
    )  # fmt: skip


@staff
@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """Proposed entries that wait for a second person."""
    shown = [desk.entry_page(draft, request.user) for draft in desk.entries_seen_by(request.user)]
    return page(request, "entries", "entries", rows=shown)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, number: int) -> HttpResponse:
    """One proposed entry: exactly what will be written, and the button to approve it."""
    found = [one for one in desk.entries_seen_by(request.user) if one.number == number]
    if not found:
        return _decided(request, number)
    draft, problems = found[0], []
    if request.method == "POST":
        try:
            return _judge(request, draft)
        except Refusal as refusal:
            problems = problems_of_form(refusal)
    shown = desk.entry_page(draft, request.user)
    return page(request, "entry", "entries", **shown, problems=forms.shown(problems))


def _judge(request: HttpRequest, draft: Any) -> HttpResponse:
    require_role(request.user, services.APPROVER, draft.entry.ledger)
    checker = request.user.opaque_id
    if request.POST.get("verdict") == "decline":
        ledger.decline(draft.number, checker=checker)
        return redirect("/desk/entries/?done=declined")
    seen = request.POST.get("content", "")
    content = bytes.fromhex(seen) if re.fullmatch("[0-9a-f]{64}", seen) else b""
    posted = ledger.approve(draft.number, checker=checker, seen=content)
    ensure(posted.seq > 0, "an approved entry has its place in the ledger")
    return redirect(f"/desk/entries/{draft.number}/")


def _decided(request: HttpRequest, number: int) -> HttpResponse:
    """After the decision: a link to what was written, if anything was."""
    shown = desk.decided_entry(number, request.user)
    if shown is None:
        raise Http404
    return page(request, "entry_posted", "entries", **shown)
