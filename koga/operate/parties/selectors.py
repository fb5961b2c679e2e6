"""Reads about agencies, people and roles."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from koga.operate.parties.models import Agency, AgencyName, Person, RoleGrant


def agency_named(code: str, on: date) -> AgencyName:
    """The name an agency bore on a day; its first name where the day is before all of them."""
    names = sorted(
        AgencyName.objects.filter(agency_id=code), key=lambda name: name.valid_from or date.min
    )
    borne = [name for name in names if (name.valid_from or date.min) <= on]
    return borne[-1] if borne else names[0]


def agencies() -> list[Agency]:
    """Every agency, by code."""
    return list(Agency.objects.order_by("code").prefetch_related("names"))


def find_person(login: str) -> Person | None:
    """The active person of a login."""
    return Person.objects.filter(login=login, is_active=True).first()


def grants_of(person: Person) -> Iterable[RoleGrant]:
    """The roles a person holds at this moment."""
    return RoleGrant.objects.filter(
        person=person, person__is_active=True, withdrawn_at__isnull=True
    ).select_related("agency")


def holds(person: Person, role: str, agency: str | None = None) -> bool:
    """Whether a person holds a role now, for all agencies or for the one asked about."""
    scope = Q(agency__isnull=True)
    if agency is not None:
        scope |= Q(agency_id=agency)
    return RoleGrant.objects.filter(
        scope, person=person, person__is_active=True, role=role, withdrawn_at__isnull=True
    ).exists()
