"""Programmes, records of support and what was corrected in them."""

import secrets

from django.db import models
from django.db.models import Q

from koga.operate.parties.models import Agency
from koga.release.tables import INSTRUMENTS, RECIPIENT_CLASSES


class Programme(models.Model):
    """A standing scheme of support, run by one agency; fields as in the open table."""

    programme = models.CharField(primary_key=True, max_length=100)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="programmes")
    name_ko = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300)
    instrument = models.CharField(max_length=20)
    sector = models.CharField(max_length=20, blank=True)
    unit = models.CharField(max_length=30)
    legal_basis = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(instrument__in=list(INSTRUMENTS)), name="programme_instrument"
            ),
        ]

    def __str__(self) -> str:
        return self.programme


class Record(models.Model):
    """One act of support as it stands now; fields as in the open table, amounts in smallest units.

    What it said before stands in `RecordChange`. A withdrawn record stays here and out of releases.

    entry: address of the last entry, LEDGER#SEQ; blank where the amount was always zero.
    counted_on: the effective day of its last entry, later than `awarded_on` where the books were
    closed by then. opaque_person: who received it where that is a person; it stays in the books.
    register, identity: which register it came from and which row of it: together the reason why
    the same file twice adds nothing. content_hash: SHA-256 of what was read, to see a change.
    batch, row_number: the last import that wrote it and the data row there.
    """

    record = models.CharField(primary_key=True, max_length=120)
    version = models.PositiveIntegerField(default=1)
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="records", db_index=False
    )
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="records")
    instrument = models.CharField(max_length=20)
    sector = models.CharField(max_length=20, blank=True)
    title = models.TextField(blank=True)
    recipient = models.CharField(max_length=300, blank=True)
    recipient_id = models.CharField(max_length=60, blank=True)
    recipient_class = models.CharField(max_length=10)
    region = models.CharField(max_length=200, blank=True)
    awarded_on = models.DateField()
    fiscal_year = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=30)
    amount = models.BigIntegerField()
    amount_national = models.BigIntegerField(null=True)
    amount_city = models.BigIntegerField(null=True)
    amount_district = models.BigIntegerField(null=True)
    amount_own = models.BigIntegerField(null=True)
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="parts", db_index=False
    )
    counts_in_total = models.BooleanField(default=True)
    source_system = models.CharField(max_length=120, blank=True)
    source_number = models.CharField(max_length=200, blank=True)
    entry = models.CharField(max_length=80, blank=True)
    counted_on = models.DateField()
    opaque_person = models.CharField(max_length=20, blank=True)
    register = models.CharField(max_length=60)
    identity = models.CharField(max_length=120)
    content_hash = models.CharField(max_length=64)
    batch = models.BigIntegerField()
    row_number = models.PositiveIntegerField()
    withdrawn = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "awarded_on"], name="record_of_agency"),
            models.Index(
                fields=["parent"], condition=Q(parent__isnull=False), name="record_of_parent"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["register", "identity"], name="one_record_a_row"),
            models.CheckConstraint(
                condition=Q(instrument__in=list(INSTRUMENTS)), name="record_instrument"
            ),
            models.CheckConstraint(
                condition=Q(recipient_class__in=list(RECIPIENT_CLASSES)), name="record_class"
            ),
            models.CheckConstraint(
                condition=~Q(recipient_class="person") | Q(recipient=""), name="no_person_named"
            ),
        ]

    def __str__(self) -> str:
        return self.record


class RecordChange(models.Model):
    """One corrected field of a record, with its reason; fields as in the open table `corrections`.

    field `*` says the whole record was withdrawn.
    """

    correction = models.CharField(primary_key=True, max_length=160)
    table = models.CharField(max_length=30, default="records")
    row = models.ForeignKey(
        Record, on_delete=models.PROTECT, related_name="changes", db_column="row"
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="record_changes")
    field = models.CharField(max_length=30)
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    reason = models.TextField()
    corrected_on = models.DateField()
    entry = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.correction


def new_key() -> str:
    """A secret of 32 bytes, as hex."""
    return secrets.token_hex(32)


class OpaqueKey(models.Model):
    """The one secret under which persons of registers get opaque ids; it never leaves the books."""

    number = models.PositiveSmallIntegerField(primary_key=True, default=1)
    secret = models.CharField(max_length=64, default=new_key, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(number=1), name="one_opaque_key")]
