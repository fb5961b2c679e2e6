"""Agencies, people and the roles they hold."""

import secrets

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q


class Agency(models.Model):
    """A body that gives support and owes statements; an identity that outlives its names."""

    code = models.CharField(primary_key=True, max_length=60)
    kind = models.CharField(max_length=60, blank=True)
    successor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors"
    )
    succeeded_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.code


class AgencyName(models.Model):
    """A name an agency bears from a day on, until the next one."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="names")
    name_ko = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    valid_from = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "valid_from"], name="one_name_a_day"),
            models.UniqueConstraint(
                fields=["agency"], condition=Q(valid_from__isnull=True), name="one_first_name"
            ),
        ]


def new_opaque_id() -> str:
    """An identifier that says nothing about the person who bears it."""
    return "p" + secrets.token_hex(8)


class People(BaseUserManager["Person"]):
    """Looks people up by login, as Django's sign-in expects."""


class Person(AbstractBaseUser):
    """Someone who signs in. Only `opaque_id` ever enters an entry of the ledger."""

    login = models.CharField(max_length=60, unique=True)
    opaque_id = models.CharField(max_length=40, unique=True, default=new_opaque_id, editable=False)
    office_ko = models.CharField(max_length=100, blank=True)
    office_en = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "login"
    objects = People()

    def __str__(self) -> str:
        return self.login


class Role(models.TextChoices):
    """What a person may do: import, prepare, approve and sign, or read everything."""

    OPERATOR = "operator"
    PREPARER = "preparer"
    APPROVER = "approver"
    AUDITOR = "auditor"


class RoleGrant(models.Model):
    """A role held for one agency, or for all where `agency` is null, until it is withdrawn."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role)
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT)
    granted_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "agency"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_open_grant",
            ),
            models.UniqueConstraint(
                fields=["person", "role"],
                condition=Q(withdrawn_at__isnull=True, agency__isnull=True),
                name="one_open_grant_for_all",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="known_role"),
        ]
