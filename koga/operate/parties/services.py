"""Writes about agencies, people and roles."""

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from koga.core.problems import Problem, Refusal
from koga.operate.parties import selectors
from koga.operate.parties.models import Agency, AgencyName, Person, Role, RoleGrant


@transaction.atomic
def create_agency(
    *, code: str, name_ko: str, name_en: str, kind: str = "", since: date | None = None
) -> Agency:
    """Add an agency with its first name; returns the existing one where the code is known."""
    agency, fresh = Agency.objects.get_or_create(code=code, defaults={"kind": kind})
    if fresh:
        AgencyName.objects.create(agency=agency, name_ko=name_ko, name_en=name_en, valid_from=since)
    return agency


@transaction.atomic
def rename_agency(*, code: str, name_ko: str, name_en: str, since: date) -> AgencyName:
    """Give an agency a new name from a day on; earlier names stay with their days."""
    name, _ = AgencyName.objects.update_or_create(
        agency_id=code, valid_from=since, defaults={"name_ko": name_ko, "name_en": name_en}
    )
    return name


@transaction.atomic
def succeed_agency(*, code: str, successor: str, on: date) -> Agency:
    """Record that an agency was merged into, split to or followed by another."""
    seen, step = {code}, successor
    while step:
        if step in seen:
            raise Refusal(Problem("parties.succession_circle", code, successor))
        seen.add(step)
        step = Agency.objects.get(code=step).successor_id or ""
    agency = Agency.objects.select_for_update().get(code=code)
    agency.successor_id = successor
    agency.succeeded_on = on
    agency.save(update_fields=["successor", "succeeded_on"])
    return agency


@transaction.atomic
def add_person(
    *,
    login: str,
    password: str,
    role: str = "",
    agency: str | None = None,
    office_ko: str = "",
    office_en: str = "",
) -> Person:
    """Add someone who signs in, with a first role; a weak password or a taken login is refused."""
    person = Person(login=login.strip(), office_ko=office_ko, office_en=office_en)
    problems = []
    if not person.login:
        problems.append(Problem("parties.login", "login", login))
    try:
        validate_password(password, person)
    except ValidationError:
        problems.append(Problem("parties.password", login))
    if problems:
        raise Refusal(problems)
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise Refusal(Problem("parties.login_taken", "login", login)) from None
    if role:
        grant_role(person=person, role=role, agency=agency)
    return person


@transaction.atomic
def grant_role(*, person: Person, role: str, agency: str | None = None) -> RoleGrant:
    """Let a person act in a role, for one agency or for all."""
    if role not in Role.values:
        raise Refusal(Problem("parties.unknown_role", "role", role))
    if agency is not None and not Agency.objects.filter(code=agency).exists():
        raise Refusal(Problem("parties.unknown_agency", "agency", agency))
    grant, _ = RoleGrant.objects.get_or_create(
        person=person, role=role, agency_id=agency, withdrawn_at=None
    )
    return grant


@transaction.atomic
def withdraw_role(*, person: Person, role: str, agency: str | None = None) -> None:
    """End a role; what was done while it was held stays."""
    RoleGrant.objects.filter(
        person=person, role=role, agency_id=agency, withdrawn_at__isnull=True
    ).update(withdrawn_at=timezone.now())


def require_role(person: Person, role: str, agency: str | None = None) -> None:
    """Refuse the act unless the person holds the role at this very moment."""
    if not selectors.holds(person, role, agency):
        details = {"role": role, "agency": agency or "*"}
        raise Refusal(Problem("parties.role", person.login, role, details))


def require_person(login: str) -> Person:
    """The active person of a login given with `--as`."""
    person = selectors.find_person(login)
    if person is None:
        raise Refusal(Problem("parties.unknown_login", "--as", login))
    return person
