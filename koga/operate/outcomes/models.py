"""Observations, applications and registered plans. Rows are added and never changed.

A corrected value is a new row with the next version; the newest stands. The database itself
refuses to change or delete a row. None of these tables enters a release: only their hashes do.
"""

from django.db import models
from django.db.models import Q

from koga.operate.outcomes.kinds import ANSWERS, COVERAGE, METRICS
from koga.operate.parties.models import Person
from koga.operate.support.models import Programme


class Receipt(models.Model):
    """One import: which file, read by which mapping, brought in by whom and when.

    kind: outcomes or applications. reason: why values it corrects are other than before.
    """

    kind = models.CharField(max_length=20)
    series = models.CharField(max_length=60)
    source_system = models.CharField(max_length=120, blank=True)
    file_name = models.CharField(max_length=255)
    file_hash = models.CharField(max_length=64)
    mapping_text = models.TextField()
    mapping_hash = models.CharField(max_length=64)
    operator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="receipts")
    reason = models.TextField(blank=True)
    rows_read = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    corrected = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    received_at = models.DateTimeField()


class Observation(models.Model):
    """What was seen of one unit in one month.

    series: the register it comes from. unit: a registration number, or a person's opaque number.
    month: as 2026-03. value: in the metric's unit. source: who counted. coverage: all of the unit
    or a part. receipt, row_number: where it was read.
    """

    series = models.CharField(max_length=60)
    unit = models.CharField(max_length=60)
    month = models.CharField(max_length=7)
    metric = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=1)
    value = models.DecimalField(max_digits=24, decimal_places=4)
    source = models.CharField(max_length=120)
    coverage = models.CharField(max_length=10)
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="observations")
    row_number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["series", "metric", "unit", "month", "version"], name="one_value_a_version"
            ),
            models.CheckConstraint(condition=Q(metric__in=list(METRICS)), name="known_metric"),
            models.CheckConstraint(condition=Q(coverage__in=list(COVERAGE)), name="known_coverage"),
        ]


class Application(models.Model):
    """One application to a round of a programme, also one that was refused.

    score, cutoff: as the panel gave them; blank where the register has none. asked: what was asked
    for, in smallest units of the programme's unit. answer: what came of it.
    """

    series = models.CharField(max_length=60)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="applications")
    round = models.CharField(max_length=60)
    unit = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    answer = models.CharField(max_length=12)
    score = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    cutoff = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    decided_on = models.DateField(null=True)
    asked = models.BigIntegerField(null=True)
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="applications")
    row_number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["series", "programme", "round", "unit", "version"],
                name="one_application_a_version",
            ),
            models.CheckConstraint(condition=Q(answer__in=list(ANSWERS)), name="known_answer"),
        ]


class Registration(models.Model):
    """A plan of an evaluation, registered as it was written.

    text, sha256: the file. reason: why a later version differs; blank for the first.
    """

    plan = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="plans")
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="plans")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "version"], name="one_plan_a_version"),
            models.CheckConstraint(
                condition=Q(version=1) | ~Q(reason=""), name="amended_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.plan
