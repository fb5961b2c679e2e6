"""Reads about registers, batches and what waits for a decision."""

from typing import Any

from django.db.models import QuerySet

from koga.core.problems import Problem, Refusal
from koga.operate.imports.models import Batch, Upload, Vanished
from koga.operate.parties.models import Person
from koga.operate.support.models import Record, RecordChange

LISTED_MAX = 200


def batches() -> "QuerySet[Batch]":
    """Every batch, the newest first."""
    return Batch.objects.select_related("operator", "register").order_by("-pk")


def batch_numbered(number: int) -> Batch:
    """One batch."""
    found = batches().filter(pk=number).first()
    if found is None:
        raise Refusal(Problem("imports.no_batch", "batch", str(number)))
    return found


def waiting(register: str = "") -> list[dict[str, Any]]:
    """Vanished records nobody has decided on, of one register or of all."""
    rows = Vanished.objects.filter(decision="").select_related("record", "batch")
    if register:
        rows = rows.filter(record__register=register)
    return [
        {
            "record": row.record.record,
            "register": row.record.register,
            "agency": row.record.agency_id,
            "programme": row.record.programme_id,
            "title": row.record.title,
            "recipient": row.record.recipient,
            "awarded_on": row.record.awarded_on.isoformat(),
            "amount": row.record.amount,
            "unit": row.record.unit,
            "source_number": row.record.source_number,
            "batch": row.batch_id,
        }
        for row in rows.order_by("record__register", "record_id")
    ]


def upload_of(person: Person, number: int) -> Upload | None:
    """An upload of this person."""
    return Upload.objects.filter(person=person, pk=number).first()


def open_uploads(person: Person) -> list[Upload]:
    """Uploads of this person that are not posted yet, the newest first."""
    return list(Upload.objects.filter(person=person, batch=None).order_by("-pk"))


def corrections_of(batch: Batch) -> list[RecordChange]:
    """What a batch corrected, as far as nothing corrected it again; at most `LISTED_MAX`."""
    records = Record.objects.filter(batch=batch.pk, version__gt=1).order_by("record")
    versions = dict(records.values_list("record", "version")[:LISTED_MAX])
    changes = RecordChange.objects.filter(row__in=list(versions)).order_by("correction")
    return [
        change
        for change in changes
        if change.correction.startswith(f"{change.row_id}.v{versions[change.row_id]}.")
    ]
