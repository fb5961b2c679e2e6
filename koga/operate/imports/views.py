"""The desk's pages for imports: upload, mapping with a preview, dry run, posting, decisions."""

import csv
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koga.core.problems import Problem, Refusal
from koga.operate.imports import forms, selectors, services, uploads
from koga.operate.imports import mapping as mappings
from koga.operate.imports.models import Batch, Upload
from koga.operate.parties.door import problems_of_form, staff

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """A page of this room; with problems it answers 422."""
    problems = context.pop("problems", [])
    context["problems"] = [forms.shown(problem) for problem in problems]
    return render(
        request, f"imports/{template}.html", {"room": "imports", **context},
        status=422 if problems else 200,
    )  # fmt: skip


def _own(request: HttpRequest, number: int) -> Upload:
    """An upload of the person who asks; nobody else's."""
    found = selectors.upload_of(request.user, number)
    if found is None:
        raise Http404
    return found


@staff
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every batch, open uploads of mine, and how many records wait for a decision."""
    services.require_reader(request.user)
    return page(
        request, "index", batches=[forms.batch_line(batch) for batch in selectors.batches()[:200]],
        uploads=selectors.open_uploads(request.user), waiting=len(selectors.waiting()),
        may_import=services.is_operator(request.user),
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file and a mapping to start from."""
    services.require_operator(request.user)
    problems: list[Problem] = []
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise Refusal(Problem("imports.no_upload_file"))
            made = uploads.keep(
                file.chunks(), name=file.name or "", person=request.user,
                mapping_name=request.POST.get("mapping", ""),
                snapshot=bool(request.POST.get("snapshot")),
            )  # fmt: skip
            return redirect(f"/desk/imports/uploads/{made.pk}/")
        except Refusal as refusal:
            problems = problems_of_form(refusal)
    return page(
        request, "upload", problems=problems, shipped=mappings.shipped(), given=request.POST
    )


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: HttpRequest, number: int) -> HttpResponse:
    """The mapping's editor beside the first rows as it reads them."""
    services.require_operator(request.user)
    held = _own(request, number)
    if held.batch_id is not None:
        return redirect(f"/desk/imports/{held.batch_id}/")
    if request.method == "POST":
        text = forms.mapping_text_of(request.POST, held.mapping_text)
        uploads.change(
            held, mapping_text=text, sheet=request.POST.get("sheet", held.sheet)[:100],
            snapshot=bool(request.POST.get("snapshot")),
        )  # fmt: skip
        return redirect(f"/desk/imports/uploads/{held.pk}/")
    shown = uploads.preview(held)
    return render(
        request, "imports/prepare.html",
        {
            "room": "imports", "upload": held, "preview": shown,
            "rows": [forms.preview_line(row) for row in shown.rows],
            "editor": forms.editor(held.mapping_text, shown.sheet.columns if shown.sheet else ()),
            "mapping_problems": [forms.shown(problem) for problem in shown.problems],
        },
    )  # fmt: skip


@staff
@require_POST
def check(request: HttpRequest, number: int) -> HttpResponse:
    """The dry run: exactly what would be posted, and under whose name."""
    held = _own(request, number)
    if held.batch_id is not None:
        return redirect(f"/desk/imports/{held.batch_id}/")
    return _checked(request, held, [])


def _checked(request: HttpRequest, held: Upload, problems: list[Problem]) -> HttpResponse:
    outcome = None
    try:
        outcome = uploads.attempt(held, person=request.user)
    except Refusal as refusal:
        problems = problems + problems_of_form(refusal)
    return page(
        request, "check", problems=problems, upload=held,
        outcome=forms.outcome_lines(outcome) if outcome else None,
    )  # fmt: skip


@staff
@require_POST
def post(request: HttpRequest, number: int) -> HttpResponse:
    """Post what the dry run showed; where the books have moved since, show it anew."""
    held = _own(request, number)
    try:
        batch = uploads.post(held, person=request.user, expected=request.POST.get("expected", ""))
    except Refusal as refusal:
        return _checked(request, held, problems_of_form(refusal))
    return redirect(f"/desk/imports/{batch.pk}/")


@staff
@require_POST
def discard(request: HttpRequest, number: int) -> HttpResponse:
    """Throw an upload away."""
    held = _own(request, number)
    if held.batch_id is None:
        uploads.discard(held)
    return redirect("/desk/imports/")


def _batch(request: HttpRequest, number: int) -> Batch:
    services.require_reader(request.user)
    try:
        return selectors.batch_numbered(number)
    except Refusal:
        raise Http404 from None


@staff
@require_safe
def batch(request: HttpRequest, number: int) -> HttpResponse:
    """What an import did: counts, totals, rounding, warnings, refused rows."""
    found = _batch(request, number)
    return page(
        request, "batch", batch=found, line=forms.batch_line(found),
        refused=[forms.refused_line(row) for row in found.rows_refused.all()[:200]],
        corrections=selectors.corrections_of(found),
    )  # fmt: skip


@staff
@require_safe
def refused_csv(request: HttpRequest, number: int) -> HttpResponse:
    """The rows that stayed out, for the officer who keeps the register."""
    found = _batch(request, number)
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="refused-{found.pk}.csv"'
    writer = csv.writer(answer)
    writer.writerow(("row", "code", "where", "value", "ko", "en"))
    for row in found.rows_refused.all():
        for problem in row.problems:
            words = (problem["message"]["ko"], problem["message"]["en"])
            cells = (problem["code"], problem["where"], problem["value"], *words)
            writer.writerow((row.row, *map(_harmless, cells)))
    return answer


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def vanished(request: HttpRequest) -> HttpResponse:
    """Records their register no longer has, and the decision on them."""
    services.require_reader(request.user)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            services.decide_vanished(
                request.POST.getlist("record"), decision=request.POST.get("decision", ""),
                reason=request.POST.get("reason", ""), person=request.user,
            )  # fmt: skip
            return redirect("/desk/imports/vanished/")
        except Refusal as refusal:
            problems = problems_of_form(refusal)
    return page(
        request, "vanished", problems=problems,
        rows=[forms.vanished_line(row) for row in selectors.waiting()],
        given=request.POST, ticked=request.POST.getlist("record"),
        may_decide=services.is_operator(request.user),
    )  # fmt: skip
