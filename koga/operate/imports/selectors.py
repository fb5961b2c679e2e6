"""Reads about registers, batches and what waits for a decision."""

from typing import Any

from django.db.models import QuerySet

from koga.core.problems import Problem, Refusal
from koga.operate.imports.models import Batch, Vanished


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
