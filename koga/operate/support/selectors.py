"""Reads about programmes and records of support."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import Max

from koga.operate.ledger.models import Closing
from koga.operate.support.models import Programme, Record

_IN_MAX = 500


def programmes() -> list[Programme]:
    """Every programme, by code."""
    return list(Programme.objects.order_by("programme"))


def known_rows(register: str) -> dict[str, tuple[str, str, bool]]:
    """identity -> (record, content_hash, withdrawn) of every record of a register."""
    rows = Record.objects.filter(register=register).values_list(
        "identity", "record", "content_hash", "withdrawn"
    )
    return {
        identity: (record, content, gone) for identity, record, content, gone in rows.iterator()
    }


def records_numbered(numbers: Iterable[str]) -> Iterator[Record]:
    """Records by their numbers, in few statements."""
    wanted = list(numbers)
    for start in range(0, len(wanted), _IN_MAX):
        yield from Record.objects.filter(record__in=wanted[start : start + _IN_MAX])


def source_numbers(register: str, wanted: Iterable[str]) -> dict[str, str]:
    """source_number -> record, of those wanted that a register has; withdrawn ones left out."""
    found: dict[str, str] = {}
    numbers = sorted(set(wanted))
    for start in range(0, len(numbers), _IN_MAX):
        rows = Record.objects.filter(
            register=register, withdrawn=False, source_number__in=numbers[start : start + _IN_MAX]
        )
        found |= dict(rows.order_by("-record").values_list("source_number", "record"))
    return found


def closed_days() -> dict[str, date | None]:
    """The last closed day of every ledger that has one."""
    rows = Closing.objects.values("ledger__code").annotate(last=Max("through"))
    return {row["ledger__code"]: row["last"] for row in rows}
