"""Registers, the batches posted from them, and what waits for a decision."""

from django.db import models

from koga.operate.parties.models import Person
from koga.operate.support.models import Record


class Register(models.Model):
    """A register whose rows are known by their identity; also the row that importers lock."""

    code = models.CharField(primary_key=True, max_length=60)
    source_system = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.code


class Batch(models.Model):
    """One import: which file, read by which mapping, posted by whom, with what result.

    totals, corrected_totals: amounts added and amounts changed, per unit. rounding: per field how
    many rows were rounded and by how much in all. warnings: what was accepted with a doubt.
    """

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="batches")
    file_name = models.CharField(max_length=255)
    file_hash = models.CharField(max_length=64)
    mapping_text = models.TextField()
    mapping_hash = models.CharField(max_length=64)
    operator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="batches")
    snapshot = models.BooleanField()
    rows_read = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    corrected = models.PositiveIntegerField()
    vanished = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    totals = models.JSONField(default=list)
    corrected_totals = models.JSONField(default=list)
    rounding = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    posted_at = models.DateTimeField(auto_now_add=True)


class RefusedRow(models.Model):
    """A row that stayed out, with every problem it had; its cells are not kept."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="rows_refused")
    row = models.PositiveIntegerField()
    problems = models.JSONField()

    class Meta:
        ordering = ["batch", "row"]


class Vanished(models.Model):
    """A record its register no longer has, listed until someone decides; never deleted.

    decision: empty, `keep` (it stands, the register forgot it), `withdraw` (it is reversed) or
    `returned` (a later register has it again).
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="rows_vanished")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="vanished")
    decision = models.CharField(max_length=10, blank=True)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decision__in=["", "keep", "withdraw", "returned"]),
                name="vanished_decision",
            ),
            models.UniqueConstraint(
                fields=["record"], condition=models.Q(decision=""), name="one_open_vanished"
            ),
        ]


class Upload(models.Model):
    """A file waiting on the desk between its upload and its posting, kept under var/uploads."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="uploads")
    file_name = models.CharField(max_length=255)
    file_hash = models.CharField(max_length=64)
    mapping_text = models.TextField()
    sheet = models.CharField(max_length=100, blank=True)
    snapshot = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="uploads")
