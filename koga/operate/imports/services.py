"""All acts of importing. One import is one transaction: every record and entry of it, or nothing.

A dry run does the very same and rolls back, so that it answers what the import would answer.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from koga.core.journal import Entry, Posted
from koga.core.problems import Problem, Refusal, in_order
from koga.core.units import find
from koga.operate.imports import identity, planning, reading, settling, wording
from koga.operate.imports import mapping as mappings
from koga.operate.imports.awards import Award, AwardReader
from koga.operate.imports.mapping import RegisterMapping
from koga.operate.imports.models import Batch, RefusedRow, Register, Vanished
from koga.operate.imports.places import KnownProgramme, Places
from koga.operate.imports.planning import Candidate, Plan
from koga.operate.imports.sheets import FileSettings, Row, Sheet
from koga.operate.ledger import clock
from koga.operate.ledger import services as ledger
from koga.operate.parties import selectors as parties_selectors
from koga.operate.parties.models import Agency, Person, Role
from koga.operate.support import corrections
from koga.operate.support import selectors as support_selectors
from koga.operate.support import services as support
from koga.operate.support.models import Record

CHUNK = 5_000
REASON = "대장을 다시 받아 값이 달라짐 / The register was exported again with another value"
EXACT = Context(prec=300)
"""Decimal context in which no amount of a register is ever rounded by accident."""
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Outcome:
    """What an import did, or a dry run would do; counts of rows.

    totals: amounts added per unit, of records that count in totals. corrected_totals: what
    corrections changed. rounding: per field and unit how many rows, and by how much in all.
    batch: number of the batch, None for a dry run. ledgers: entries per ledger.
    """

    read: int
    added: int
    unchanged: int
    corrected: int
    vanished: list[str]
    refused: dict[int, list[Problem]]
    totals: dict[str, int]
    corrected_totals: dict[str, int]
    rounding: list[dict[str, Any]]
    warnings: list[Problem]
    ledgers: dict[str, int] = field(default_factory=dict)
    batch: int | None = None

    def digest(self) -> str:
        """A hash of everything that would be posted, to compare a dry run with the import."""
        return identity.digest_of(
            [
                self.read, self.added, self.unchanged, self.corrected, self.vanished,
                sorted(self.refused), self.totals, self.corrected_totals, self.ledgers,
            ]
        ).hexdigest()  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Import:
    """What one import is about. name: the file's name as people know it."""

    mapping: RegisterMapping
    sheet: Sheet
    name: str
    person: Person
    snapshot: bool
    reason: str
    progress: Progress


class _DryRun(Exception):
    """Ends a dry run's transaction."""


def import_awards(
    path: Path,
    mapping: RegisterMapping,
    *,
    person: Person,
    snapshot: bool = False,
    dry_run: bool = False,
    sheet: str = "",
    reason: str = "",
    name: str = "",
    progress: Progress | None = None,
) -> Outcome:
    """Read a register of awards and post it as one batch under the operator's name.

    snapshot: the register was exported anew; changed rows become corrections with `reason`, and
    rows it no longer has are listed for a decision. Rows with problems stay out and are listed.
    Raises `Refusal` where the file or the mapping as a whole cannot be used, or where the person
    may not act for an agency.
    """
    require_operator(person)
    report = progress or _silent
    file = mapping.file
    report("read", 0, 1)
    chosen = FileSettings(file.encoding, file.delimiter, file.header_row, sheet or file.sheet)
    found = reading.read(path, chosen)
    if problems := mappings.check_columns(mapping, found.columns, name or path.name):
        raise Refusal(problems)
    job = _Import(
        mapping, found, name or path.name, person, snapshot,
        reason.strip() or mapping.reason or REASON, report,
    )  # fmt: skip
    places = known_places(mapping)
    reader = AwardReader(mapping, found.columns, places, support.opaque_secret())
    awards, refused, refused_keys = read_awards(reader, found.rows, report)
    outcome: list[Outcome] = []
    try:
        with transaction.atomic():
            outcome.append(_act(job, places, awards, refused, refused_keys))
            if dry_run:
                raise _DryRun
    except _DryRun:
        outcome[0].batch = None
    return outcome[0]


def is_operator(person: Person) -> bool:
    """Whether someone may import for any agency at all; for which is asked when it is known."""
    return any(grant.role == Role.OPERATOR for grant in parties_selectors.grants_of(person))


def require_operator(person: Person) -> None:
    """Refuse whoever is no operator at all."""
    if not is_operator(person):
        details = {"role": "operator", "agency": "*"}
        raise Refusal(Problem("parties.role", person.login, "operator", details))


def require_reader(person: Person) -> None:
    """Refuse whoever holds no role: batches and vanished records are for those who work here."""
    if not any(True for _ in parties_selectors.grants_of(person)):
        raise Refusal(Problem("parties.role", person.login, "", {"role": "-", "agency": "*"}))


def known_places(mapping: RegisterMapping) -> Places:
    """Agencies and programmes as the books have them now."""
    programmes = {
        row.programme: KnownProgramme(
            row.programme, row.agency_id, row.name_ko, row.instrument, row.sector, row.unit
        )
        for row in support_selectors.programmes()
    }
    return Places(mapping, frozenset(Agency.objects.values_list("code", flat=True)), programmes)


def read_awards(
    reader: AwardReader, rows: Sequence[Row], report: Progress
) -> tuple[list[Award], dict[int, list[Problem]], set[str]]:
    """Every row as an award or as problems; also the declared keys of rows with problems."""
    awards: list[Award] = []
    refused: dict[int, list[Problem]] = {}
    keys = set()
    with localcontext(EXACT):
        for place, row in enumerate(rows):
            if place % CHUNK == 0:
                report("map", place, len(rows))
            result = reader.read(row)
            if isinstance(result, Award):
                awards.append(result)
            else:
                refused[row.number] = result
                keys.add(reader.key_of(row))
    return awards, refused, keys - {""}


def _silent(step: str, done: int, total: int) -> None:
    """No progress bar."""


# --- inside the transaction


def _act(
    job: _Import,
    places: Places,
    awards: Sequence[Award],
    refused: Mapping[int, list[Problem]],
    refused_keys: Iterable[str],
) -> Outcome:
    register = _locked_register(job.mapping)
    known = support_selectors.known_rows(register.code)
    plan = planning.plan(
        job.mapping, awards, refused, known=known, refused_keys=refused_keys, snapshot=job.snapshot
    )
    plan.warnings += _settle(job, places, plan)
    vanished = _undecided(plan)
    outcome = _outcome(job, plan, vanished)
    batch = _batch(job, register, outcome)
    outcome.batch = batch.pk
    closed = _lock_ledgers(plan)
    outcome.ledgers = _post_added(job, plan.added, batch, closed)
    for code, entries in _post_corrected(job, plan, batch, closed).items():
        outcome.ledgers[code] = outcome.ledgers.get(code, 0) + entries
    _list_vanished(plan, vanished, batch)
    return outcome


def _locked_register(mapping: RegisterMapping) -> Register:
    Register.objects.get_or_create(
        code=mapping.register, defaults={"source_system": mapping.source_system}
    )
    return Register.objects.select_for_update().get(code=mapping.register)


def _settle(job: _Import, places: Places, plan: Plan) -> list[Problem]:
    """Agencies and programmes of the accepted rows, made where they are new; returns warnings."""
    accepted = [*plan.added, *(candidate for _, candidate in plan.corrected)]
    touched = {record.agency_id for record, _ in plan.corrected}
    first: dict[str, Award] = {}
    for candidate in accepted:
        first.setdefault(candidate.award.programme, candidate.award)
        touched.add(candidate.award.agency)
    _require_role(job.person, touched, places)
    warnings = settling.agencies(job.mapping, places, touched, job.snapshot)
    settling.programmes(places, first)
    return warnings


def _require_role(person: Person, agencies: Iterable[str], places: Places) -> None:
    """The role is asked for every agency the import touches; making one needs it for all."""
    problems: list[Problem] = []
    for agency in sorted(agencies):
        scope = agency if agency in places.agencies else None
        if not parties_selectors.holds(person, Role.OPERATOR, scope):
            details = {"role": "operator", "agency": agency}
            problems.append(Problem("parties.role", person.login, "operator", details))
    if problems:
        raise Refusal(problems)


def _undecided(plan: Plan) -> list[str]:
    """Vanished records that nobody has decided to keep."""
    gone = set(plan.vanished)
    kept = set(
        Vanished.objects.filter(decision="keep", record__in=gone).values_list("record", flat=True)
        if len(gone) <= 500
        else Vanished.objects.filter(decision="keep").values_list("record", flat=True)
    )
    return [record for record in plan.vanished if record not in kept]


def _outcome(job: _Import, plan: Plan, vanished: list[str]) -> Outcome:
    totals: dict[str, int] = {}
    for candidate in plan.added:
        award = candidate.award
        totals[award.unit] = totals.get(award.unit, 0) + award.amount * award.counts_in_total
    changed: dict[str, int] = defaultdict(int)
    for record, candidate in plan.corrected:
        award = candidate.award
        if record.counts_in_total and not record.withdrawn:
            changed[record.unit] -= record.amount
        changed[award.unit] += award.amount * award.counts_in_total
    for unit in _units_known(job.mapping, plan):
        totals.setdefault(unit, 0)
    return Outcome(
        read=len(job.sheet.rows),
        added=len(plan.added),
        unchanged=plan.unchanged,
        corrected=len(plan.corrected),
        vanished=vanished,
        refused={row: in_order(plan.refused[row]) for row in sorted(plan.refused)},
        totals=totals,
        corrected_totals=dict(changed),
        rounding=_rounding(plan),
        warnings=plan.warnings,
    )


def _units_known(mapping: RegisterMapping, plan: Plan) -> set[str]:
    """Units of the register that nothing was added in: their total is stated as zero."""
    rule = mapping.fields.get("unit")
    if rule is not None and rule.constant:
        return {rule.constant}
    held = Record.objects.filter(register=mapping.register).values_list("unit", flat=True)
    return set(held.distinct())


def _rounding(plan: Plan) -> list[dict[str, Any]]:
    sums: dict[tuple[str, str], tuple[int, Decimal]] = {}
    with localcontext(EXACT):
        for candidate in [*plan.added, *(candidate for _, candidate in plan.corrected)]:
            for name, difference in candidate.award.rounded.items():
                key = (name, candidate.award.unit)
                rows, total = sums.get(key, (0, Decimal(0)))
                sums[key] = (rows + 1, total + difference)
    return [
        {
            "field": name,
            "unit": unit,
            "scale": find(unit).scale,
            "rows": rows,
            "total": f"{total.normalize():f}",
        }
        for (name, unit), (rows, total) in sorted(sums.items())
    ]


def totals_list(totals: Mapping[str, int]) -> list[dict[str, Any]]:
    """Totals as every answer gives them: unit, scale and amount in smallest units."""
    return [
        {"unit": unit, "scale": find(unit).scale, "amount": amount}
        for unit, amount in sorted(totals.items())
    ]


def _batch(job: _Import, register: Register, outcome: Outcome) -> Batch:
    batch = Batch.objects.create(
        register=register,
        file_name=job.name[:255],
        file_hash=job.sheet.file_hash,
        mapping_text=job.mapping.text,
        mapping_hash=job.mapping.sha256,
        operator=job.person,
        snapshot=job.snapshot,
        rows_read=outcome.read,
        added=outcome.added,
        unchanged=outcome.unchanged,
        corrected=outcome.corrected,
        vanished=len(outcome.vanished),
        refused=len(outcome.refused),
        totals=totals_list(outcome.totals),
        corrected_totals=totals_list(outcome.corrected_totals),
        rounding=outcome.rounding,
        warnings=[wording.as_json(problem) for problem in outcome.warnings[:1000]],
    )
    RefusedRow.objects.bulk_create(
        (
            RefusedRow(
                batch=batch, row=row, problems=[wording.as_json(problem) for problem in problems]
            )
            for row, problems in outcome.refused.items()
        ),
        batch_size=1000,
    )
    return batch


def _lock_ledgers(plan: Plan) -> dict[str, Any]:
    """Open and lock every ledger in one order; then the last closed day of each is certain."""
    codes = {one.award.agency for one in plan.added}
    codes |= {candidate.award.agency for _, candidate in plan.corrected}
    codes |= {record.agency_id for record, _ in plan.corrected}
    for code in sorted(codes):
        ledger.open_ledger(code)
    return dict(support_selectors.closed_days()) if codes else {}


def _post_added(
    job: _Import, added: Sequence[Candidate], batch: Batch, closed: Mapping[str, Any]
) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    ordered = sorted(added, key=lambda one: one.award.agency)
    waiting = iter(ordered)
    done = 0
    while chunk := list(islice(waiting, CHUNK)):
        job.progress("post", done, len(ordered))
        entries = [_entry(job.mapping, one, closed) for one in chunk if one.award.amount]
        posted = iter(ledger.post_many(entries, maker=job.person.opaque_id))
        support.add_records(
            [
                _record_row(job, one, batch, next(posted) if one.award.amount else None, closed)
                for one in chunk
            ]
        )
        for entry in entries:
            counts[entry.ledger] += 1
        done += len(chunk)
    return dict(counts)


def _entry(mapping: RegisterMapping, one: Candidate, closed: Mapping[str, Any]) -> Entry:
    stand = corrections.booked(one.values)
    day, relates_to = corrections.effective_day(stand.awarded_on, closed.get(stand.agency))
    return Entry(
        ledger=stand.agency,
        key=entry_key(mapping.register, one.identity, 1),
        kind="import",
        effective=day,
        postings=corrections.postings(stand),
        reference=one.record,
        relates_to=relates_to,
    )


def entry_key(register: str, one: str, version: int) -> str:
    """The idempotency key of a record's version."""
    return f"import:{register}:{one}:v{version}"


def address(posted: Posted) -> str:
    """An entry as text: LEDGER#SEQ."""
    return f"{posted.ledger}#{posted.seq}"


def _record_row(
    job: _Import, one: Candidate, batch: Batch, posted: Posted | None, closed: Mapping[str, Any]
) -> dict[str, Any]:
    """A record's row; one of amount zero stands without an entry, for nothing was given."""
    counted_on, _ = corrections.effective_day(one.award.awarded_on, closed.get(one.award.agency))
    return {
        **one.values,
        "record": one.record,
        "version": 1,
        "source_system": job.mapping.source_system,
        "entry": address(posted) if posted else "",
        "counted_on": counted_on,
        "register": job.mapping.register,
        "identity": one.identity,
        "content_hash": one.content_hash,
        "batch": batch.pk,
        "row_number": one.award.row,
        "withdrawn": False,
    }


def _post_corrected(
    job: _Import, plan: Plan, batch: Batch, closed: Mapping[str, Any]
) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    today = clock.today()
    for record, candidate in plan.corrected:
        version = record.version + 1
        old = None if record.withdrawn else corrections.booked(_attributes(record))
        entries = corrections.difference(
            entry_key(job.mapping.register, candidate.identity, version),
            record.record,
            old,
            corrections.booked(candidate.values),
            closed,
        )
        posted = ledger.post_many(entries, maker=job.person.opaque_id)
        changes = corrections.changes(
            record, candidate.values, version=version, reason=job.reason, on=today,
            entry=address(posted[-1]) if posted else "",
        )  # fmt: skip
        rows = list(changes)
        _renew(record, candidate, version, batch)
        if posted:
            record.entry = address(posted[-1])
            record.counted_on = max(record.counted_on, entries[-1].effective)
        support.rewrite_record(record, rows)
        for entry in entries:
            counts[entry.ledger] += 1
    for record, candidate in plan.silent:
        _renew(record, candidate, record.version, batch)
        support.rewrite_record(record, [])
    return dict(counts)


def _attributes(record: Record) -> dict[str, Any]:
    return {attribute: getattr(record, attribute) for attribute in corrections.FIELDS.values()}


def _renew(record: Record, candidate: Candidate, version: int, batch: Batch) -> None:
    for attribute, value in candidate.values.items():
        setattr(record, attribute, value)
    record.version = version
    record.content_hash = candidate.content_hash
    record.batch = batch.pk
    record.row_number = candidate.award.row
    record.withdrawn = False


def _list_vanished(plan: Plan, vanished: Sequence[str], batch: Batch) -> None:
    """List what is gone once, and close what has come back."""
    open_rows = Vanished.objects.filter(decision="", record__register=batch.register_id)
    listed = set(open_rows.values_list("record_id", flat=True))
    Vanished.objects.bulk_create(
        (Vanished(batch=batch, record_id=record) for record in vanished if record not in listed),
        batch_size=1000,
    )
    for record in sorted(listed & plan.present):
        Vanished.objects.filter(record_id=record, decision="").update(
            decision="returned", decided_at=timezone.now()
        )


# --- decisions on what vanished


@transaction.atomic
def decide_vanished(
    records: Iterable[str], *, decision: str, reason: str, person: Person
) -> list[str]:
    """Keep or withdraw records their register no longer has; returns the entries posted.

    A withdrawal posts the difference to nothing and takes the record out of the next release, as a
    visible correction. All of them are decided, or none.
    """
    require_operator(person)
    problems = []
    if decision not in ("keep", "withdraw"):
        problems.append(Problem("imports.decision", "decision", decision))
    if not reason.strip():
        problems.append(Problem("imports.reason", "reason"))
    rows = {}
    for number in dict.fromkeys(records):
        row = (
            Vanished.objects.select_for_update(of=("self",))
            .filter(record_id=number, decision="")
            .select_related("record")
            .first()
        )
        if row is None:
            problems.append(Problem("imports.not_vanished", "record", number))
        elif not parties_selectors.holds(person, Role.OPERATOR, row.record.agency_id):
            details = {"role": "operator", "agency": row.record.agency_id}
            problems.append(Problem("parties.role", person.login, "operator", details))
        else:
            rows[number] = row
    if problems:
        raise Refusal(problems)
    posted = []
    for row in rows.values():
        if decision == "withdraw":
            posted += _withdraw(row.record, reason.strip(), person)
        row.decision, row.reason = decision, reason.strip()
        row.decided_by, row.decided_at = person, timezone.now()
        row.save()
    return posted


def _withdraw(record: Record, reason: str, person: Person) -> list[str]:
    ledger.open_ledger(record.agency_id)
    version = record.version + 1
    entries = corrections.difference(
        entry_key(record.register, record.identity, version),
        record.record,
        corrections.booked(_attributes(record)),
        None,
        support_selectors.closed_days(),
    )
    posted = [address(one) for one in ledger.post_many(entries, maker=person.opaque_id)]
    change = corrections.withdrawal(
        record, version=version, reason=reason, on=clock.today(),
        entry=posted[-1] if posted else "",
    )  # fmt: skip
    record.version, record.withdrawn = version, True
    if posted:
        record.entry = posted[-1]
        record.counted_on = max(record.counted_on, entries[-1].effective)
    support.rewrite_record(record, [change])
    return posted
