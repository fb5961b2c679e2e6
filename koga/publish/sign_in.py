"""Signing in at the desk, with a plain limit on failed attempts per login."""

from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone

from koga.core.problems import Problem, Refusal
from koga.operate.parties.models import Person
from koga.publish.models import SignInFailure

FAILURES_MAX = 10
WINDOW = timedelta(minutes=15)


def sign_in(
    *, request: HttpRequest, login: str, password: str, now: datetime | None = None
) -> Person:
    """The person of a login and password; refused after ten failures within fifteen minutes.

    While the limit holds even the right password is refused, so that guessing learns nothing.
    """
    moment, name = now or timezone.now(), login.strip()[:60]
    SignInFailure.objects.filter(at__lt=moment - WINDOW).delete()
    if SignInFailure.objects.filter(login=name).count() >= FAILURES_MAX:
        minutes = int(WINDOW.total_seconds()) // 60
        raise Refusal(Problem("publish.too_many_attempts", "login", name, {"minutes": minutes}))
    person = authenticate(request, username=name, password=password) if name else None
    if not isinstance(person, Person):
        SignInFailure.objects.create(login=name, at=moment)
        raise Refusal(Problem("publish.sign_in", "login", name))
    SignInFailure.objects.filter(login=name).delete()
    return person
