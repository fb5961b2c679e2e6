"""Writes about programmes and records of support. Entries are the ledger's; callers post them."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from koga.core.problems import ensure
from koga.operate.support.models import OpaqueKey, Programme, Record, RecordChange

_COLUMNS = tuple(field for field in Record._meta.concrete_fields)
RECORD_FIELDS = tuple(field.attname for field in _COLUMNS)
"""Names a record to be added gives a value for, in the order of the table."""


def create_programme(
    *,
    programme: str,
    agency: str,
    name_ko: str,
    name_en: str,
    instrument: str,
    unit: str,
    sector: str = "",
    legal_basis: str = "",
) -> Programme:
    """Add a programme; one that exists keeps what it says."""
    found, _ = Programme.objects.get_or_create(
        programme=programme,
        defaults={
            "agency_id": agency,
            "name_ko": name_ko,
            "name_en": name_en,
            "instrument": instrument,
            "unit": unit,
            "sector": sector,
            "legal_basis": legal_basis,
        },
    )
    return found


def opaque_secret() -> str:
    """The secret under which persons get their opaque ids, made on first use; hex, 32 bytes."""
    return OpaqueKey.objects.get_or_create(number=1)[0].secret


def add_records(rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert records, given by `RECORD_FIELDS`; the caller's transaction holds their entries.

    One statement for many rows: the ORM's objects would cost more than the ledger's postings.
    """
    ensure(connection.in_atomic_block, "records and their entries are one transaction")
    if not rows:
        return
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in _COLUMNS)
    into = f"{quote(Record._meta.db_table)} ({columns})"
    values = map(itemgetter(*RECORD_FIELDS), rows)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
        return
    marks = ", ".join(["%s"] * len(_COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", list(values))  # noqa: S608


def rewrite_record(record: Record, changes: Iterable[RecordChange]) -> None:
    """Store a record's next version with every field that changed."""
    ensure(connection.in_atomic_block, "a correction and its entry are one transaction")
    with transaction.atomic():
        record.save(force_update=True)
        RecordChange.objects.bulk_create(changes)
