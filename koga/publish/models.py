"""Statements, the duty to publish them, and who signed what."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from koga.operate.parties.models import Agency


class Publisher(models.Model):
    """Who publishes the releases of these books: one row.

    own_schemes: codes of the schemes whose targets these books' statements answer. Other schemes
    may be shown beside them, but no figure of these agencies is ever set against their targets.
    """

    name_ko = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    own_schemes = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_publisher")]


class Duty(models.Model):
    """An agency's duty to publish a statement for every year, half or quarter from a day on."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="duties")
    every = models.CharField(max_length=10)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    days = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "since"], name="one_duty_from_a_day"),
            models.CheckConstraint(
                condition=Q(every__in=["year", "half", "quarter"]), name="known_rhythm"
            ),
        ]


class Excuse(models.Model):
    """Why a statement is late, in the agency's own words; the newest is published."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    period = models.CharField(max_length=7)
    text = models.CharField(max_length=500)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    said_at = models.DateTimeField()


class State(models.TextChoices):
    """A statement is worked on, then signed for good."""

    DRAFT = "draft"
    SIGNED = "signed"


class Statement(models.Model):
    """One version of an agency's statement for a period. A signed one never changes."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="statements")
    period = models.CharField(max_length=7)
    period_end = models.DateField()
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    reason = models.CharField(max_length=500, blank=True)
    nil = models.JSONField(default=list, blank=True)
    content_hash = models.CharField(max_length=64)
    ledger_lines = models.PositiveIntegerField(default=0)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="statements_prepared"
    )
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="statements_signed",
    )
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "period", "version"], name="one_statement_a_version"
            ),
            models.UniqueConstraint(
                fields=["agency", "period"],
                condition=Q(state="draft"),
                name="one_draft_at_a_time",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="known_state"),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("prepared_by")),
                name="signer_is_not_the_preparer",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", signed_by__isnull=True, signed_at__isnull=True)
                | Q(state="signed", signed_by__isnull=False, signed_at__isnull=False),
                name="signed_by_someone_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.period} v{self.version}"


class StatementLine(models.Model):
    """One line of a statement. Figures are kept as text so that every engine keeps every digit."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="lines")
    place = models.PositiveIntegerField()
    section = models.CharField(max_length=20)
    code = models.CharField(max_length=60)
    basis = models.CharField(max_length=10)
    programme = models.CharField(max_length=100, blank=True)
    text_ko = models.CharField(max_length=1000, blank=True)
    text_en = models.CharField(max_length=1000, blank=True)
    value = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=30, blank=True)
    denominator = models.CharField(max_length=60, blank=True)
    denominator_ko = models.CharField(max_length=200, blank=True)
    denominator_en = models.CharField(max_length=200, blank=True)
    window_start = models.DateField(null=True, blank=True)
    window_end = models.DateField(null=True, blank=True)
    method = models.CharField(max_length=500, blank=True)
    evidence = models.CharField(max_length=500, blank=True)
    answer_ko = models.CharField(max_length=1000, blank=True)
    answer_en = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "place"], name="one_line_a_place"),
            models.CheckConstraint(condition=Q(basis__in=["ledger", "typed"]), name="known_basis"),
        ]


class StatementPromise(models.Model):
    """A promise made in a statement, or an earlier one it answers for."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="promises")
    place = models.PositiveIntegerField()
    promise = models.CharField(max_length=100)
    made_in = models.CharField(max_length=7)
    text_ko = models.CharField(max_length=1000)
    text_en = models.CharField(max_length=1000)
    target = models.CharField(max_length=60)
    target_rule = models.CharField(max_length=10)
    unit = models.CharField(max_length=30)
    due_on = models.DateField()
    now = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    evidence = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "place"], name="one_promise_a_place"),
            models.UniqueConstraint(fields=["statement", "promise"], name="one_promise_once"),
        ]


class StatementEdit(models.Model):
    """Who changed a statement, when, and the hash it then had. None of them may sign it."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="edits")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)


class SignInFailure(models.Model):
    """A failed attempt to sign in, kept for as long as it counts against further ones."""

    login = models.CharField(max_length=60, db_index=True)
    at = models.DateTimeField()
