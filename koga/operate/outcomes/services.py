"""Writes of outcomes, applications and plans. One import is one transaction: all of it or nothing.

Nothing is ever changed: a value that differs is a new version with a reason, a plan that differs a
new version with a reason, and both days stay.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import models, transaction

from koga.core.problems import Problem, Refusal, in_order
from koga.evaluate.panels import planned
from koga.evaluate.panels.planned import Plan
from koga.operate.imports import reading
from koga.operate.imports.sheets import FileSettings, Row, Sheet
from koga.operate.ledger import clock
from koga.operate.outcomes.mapping import OutcomeMapping
from koga.operate.outcomes.models import Application, Observation, Receipt, Registration
from koga.operate.outcomes.reading import Read, Reader
from koga.operate.parties.models import Person, Role
from koga.operate.parties.services import require_role
from koga.operate.support import services as support
from koga.operate.support.models import Programme

CHUNK = 5_000
Progress = Callable[[str, int, int], None]
_MODELS: Mapping[str, type[models.Model]] = {
    "outcomes": Observation,
    "applications": Application,
}
_KEYS: Mapping[str, tuple[str, ...]] = {
    "outcomes": ("metric", "unit", "month"),
    "applications": ("programme_id", "round", "unit"),
}
_VALUES: Mapping[str, tuple[str, ...]] = {
    "outcomes": ("value", "source", "coverage"),
    "applications": ("answer", "score", "cutoff", "decided_on", "asked"),
}


@dataclass(slots=True)
class Outcome:
    """What an import did, or a dry run would do; counts of rows, and the problems by row.

    vanished: rows known before that a whole export (`--snapshot`) lacks; they stay as they are.
    """

    read: int
    added: int = 0
    unchanged: int = 0
    corrected: int = 0
    vanished: int = 0
    refused: dict[int, list[Problem]] = field(default_factory=dict)
    receipt: int | None = None


class _DryRun(Exception):
    """Ends a dry run's transaction."""


def import_file(
    path: Path,
    mapping: OutcomeMapping,
    *,
    person: Person,
    snapshot: bool = False,
    dry_run: bool = False,
    sheet: str = "",
    reason: str = "",
    progress: Progress | None = None,
) -> Outcome:
    """Bring in a file of outcomes or applications under the operator's name.

    snapshot: the file is a whole export; a value that differs becomes a new version with `reason`.
    Without it such a row is refused. Rows with problems stay out and are listed.
    """
    require_role(person, Role.OPERATOR)
    report = progress or (lambda step, done, total: None)
    report("read", 0, 1)
    file = mapping.file
    chosen = FileSettings(file.encoding, file.delimiter, file.header_row, sheet or file.sheet)
    found = reading.read(path, chosen)
    if problems := _columns(mapping, found, path.name):
        raise Refusal(problems)
    if snapshot and not reason.strip():
        raise Refusal(Problem("imports.reason", "--reason"))
    outcome = Outcome(read=len(found.rows))
    rows = list(_rows(mapping, found, outcome, report))
    try:
        with transaction.atomic():
            _act(mapping, found, rows, outcome, person=person, name=path.name,
                 snapshot=snapshot, reason=reason.strip(), report=report)  # fmt: skip
            if dry_run:
                raise _DryRun
    except _DryRun:
        outcome.receipt = None
    outcome.refused = {row: in_order(outcome.refused[row]) for row in sorted(outcome.refused)}
    return outcome


def _columns(mapping: OutcomeMapping, sheet: Sheet, where: str) -> list[Problem]:
    known = {"columns": ", ".join(sheet.columns[:60])}
    return [
        Problem("imports.column_unknown", where, column, known)
        for column in mapping.columns
        if column not in sheet.columns
    ]


def _rows(
    mapping: OutcomeMapping, sheet: Sheet, outcome: Outcome, report: Progress
) -> Iterator[Read]:
    """Rows that can be read, each key once; the others are listed in the outcome."""
    reader = Reader(
        mapping, sheet.columns, secret=support.opaque_secret(), today=clock.today(),
        programmes=dict(Programme.objects.values_list("programme", "unit")),
    )  # fmt: skip
    first: dict[tuple[str, ...], int] = {}
    for place, row in enumerate(sheet.rows):
        if place % CHUNK == 0:
            report("map", place, len(sheet.rows))
        read = _read_once(reader, row, first)
        if isinstance(read, Read):
            yield read
        else:
            outcome.refused[row.number] = read


def _read_once(reader: Reader, row: Row, first: dict[tuple[str, ...], int]) -> Read | list[Problem]:
    read = reader.read(row)
    if not isinstance(read, Read):
        return read
    earlier = first.setdefault(read.key, read.row)
    if earlier == read.row:
        return read
    details = {"first": earlier}
    return [Problem("imports.twice", f"row {row.number}", " ".join(read.key), details)]


def _act(
    mapping: OutcomeMapping, sheet: Sheet, rows: Sequence[Read], outcome: Outcome, *,
    person: Person, name: str, snapshot: bool, reason: str, report: Progress,
) -> None:  # fmt: skip
    known = _known(mapping)
    fresh: list[tuple[Read, int]] = []
    for row in rows:
        version, values = known.pop(row.key, (0, ()))
        said = tuple(row.values[each] for each in _VALUES[mapping.kind])
        if version and values == said:
            outcome.unchanged += 1
        elif version and not snapshot:
            told = {"fields": _differing(mapping.kind, values, said)}
            problem = Problem("imports.changed", f"row {row.row}", " ".join(row.key), told)
            outcome.refused[row.row] = [problem]
        else:
            outcome.corrected += bool(version)
            outcome.added += not version
            fresh.append((row, version + 1))
    outcome.vanished = len(known) if snapshot else 0
    receipt = Receipt.objects.create(
        kind=mapping.kind, series=mapping.series, source_system=mapping.source_system,
        file_name=name[:255], file_hash=sheet.file_hash, mapping_text=mapping.text,
        mapping_hash=mapping.sha256, operator=person, reason=reason, rows_read=outcome.read,
        added=outcome.added, unchanged=outcome.unchanged, corrected=outcome.corrected,
        refused=len(outcome.refused), received_at=clock.moment(clock.now_us()),
    )  # fmt: skip
    outcome.receipt = receipt.pk
    _insert(mapping, fresh, receipt, report)


def _differing(kind: str, old: Sequence[Any], new: Sequence[Any]) -> str:
    names = _VALUES[kind]
    return ", ".join(name for name, was, now in zip(names, old, new, strict=True) if was != now)


def _known(mapping: OutcomeMapping) -> dict[tuple[str, ...], tuple[int, tuple[Any, ...]]]:
    """key -> newest version and its values, of everything the series holds."""
    keys, values = _KEYS[mapping.kind], _VALUES[mapping.kind]
    rows: Any = _MODELS[mapping.kind]._default_manager.filter(series=mapping.series)
    found: dict[tuple[str, ...], tuple[int, tuple[Any, ...]]] = {}
    for row in rows.order_by("version").values_list("version", *keys, *values).iterator():
        found[row[1 : 1 + len(keys)]] = (row[0], row[1 + len(keys) :])
    return found


def _insert(
    mapping: OutcomeMapping, fresh: Iterable[tuple[Read, int]], receipt: Receipt, report: Progress
) -> None:
    model: Any = _MODELS[mapping.kind]
    waiting = iter(fresh)
    done = 0
    while chunk := list(islice(waiting, CHUNK)):
        report("post", done, receipt.added + receipt.corrected)
        model.objects.bulk_create(
            model(
                series=mapping.series, version=version, receipt=receipt, row_number=row.row,
                **row.values,
            )
            for row, version in chunk
        )  # fmt: skip
        done += len(chunk)


@transaction.atomic
def register_plan(text: str, *, person: Person, reason: str = "", where: str = "plan") -> Plan:
    """Register a plan as it is written, with the moment; the same text again changes nothing.

    Another text under the same code needs a reason and becomes the next version; both stay, and
    what a finding says of its registration counts from the version that was in force.
    """
    plan = planned.parse(text, where)
    programme = Programme.objects.filter(programme=plan.programme).first()
    if programme is None:
        raise Refusal(Problem("outcomes.programme", "programme", plan.programme))
    require_role(person, Role.PREPARER, programme.agency_id)
    held = Registration.objects.select_for_update().filter(plan=plan.code).order_by("-version")
    newest = held.first()
    if newest is not None and newest.sha256 == plan.sha256:
        return plan
    if newest is not None and not reason.strip():
        day = clock.moment(clock.microseconds(newest.registered_at)).date().isoformat()
        raise Refusal(Problem("outcomes.plan_changed", where, plan.code, {"day": day}))
    Registration.objects.create(
        plan=plan.code, version=newest.version + 1 if newest else 1, programme=programme,
        text=text, sha256=plan.sha256, reason=reason.strip() if newest else "",
        registered_at=clock.moment(clock.now_us()), registered_by=person,
    )  # fmt: skip
    return plan
