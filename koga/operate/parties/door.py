"""Who may open a page of the desk at all; what each act needs is checked where it is done."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from koga.core.problems import Problem, Refusal

View = Callable[..., HttpResponse]


def staff(view: View) -> View:
    """A page for people who signed in; an act their role does not allow is a 403."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            problems_of_form(refusal)
            raise

    return guarded


def problems_of_form(refusal: Refusal) -> list[Problem]:
    """The problems to show beside a form; a missing role is none of them but a 403."""
    if any(problem.code == "parties.role" for problem in refusal.problems):
        raise PermissionDenied from refusal
    return refusal.problems
