"""What an import would do: which rows are new, known, changed, refused, and what has vanished.

Planning writes nothing. The same plan serves the dry run and the posting.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from koga.core.problems import Problem
from koga.operate.imports import identity
from koga.operate.imports.awards import Award
from koga.operate.imports.mapping import RegisterMapping
from koga.operate.imports.mapping_keys import SHARES
from koga.operate.support import corrections, selectors
from koga.operate.support.models import Record

Known = Mapping[str, tuple[str, str, bool]]
"""identity -> (record, content hash, withdrawn), as the books have a register."""


@dataclass(slots=True)
class Candidate:
    """An accepted row on its way into the books. values: attributes of the record."""

    award: Award
    identity: str
    record: str
    values: dict[str, Any]
    content_hash: str


@dataclass(slots=True)
class Plan:
    """What is to be done. refused: problems by row. vanished: records the register lacks now.

    silent: rows that changed only in what is never published; they are known, not corrected.
    present: records of the register that this file has.
    """

    added: list[Candidate] = field(default_factory=list)
    corrected: list[tuple[Record, Candidate]] = field(default_factory=list)
    silent: list[tuple[Record, Candidate]] = field(default_factory=list)
    unchanged: int = 0
    refused: dict[int, list[Problem]] = field(default_factory=dict)
    vanished: list[str] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    warnings: list[Problem] = field(default_factory=list)


def plan(
    mapping: RegisterMapping,
    awards: Sequence[Award],
    refused: Mapping[int, list[Problem]],
    *,
    known: Known,
    refused_keys: Iterable[str],
    snapshot: bool,
) -> Plan:
    """Decide every row; `refused_keys` are declared keys of rows that have other problems."""
    found = Plan(refused=dict(refused))
    candidates = _identified(mapping, awards, found)
    candidates = _with_parents(mapping, candidates, known, found)
    changed: dict[str, Candidate] = {}
    for candidate in candidates:
        stored = known.get(candidate.identity)
        found.warnings += candidate.award.warnings
        if stored is None:
            found.added.append(candidate)
        elif stored[1] == candidate.content_hash and not stored[2]:
            found.unchanged += 1
            found.present.add(stored[0])
        else:
            changed[stored[0]] = candidate
    _decide_changed(changed, found, snapshot=snapshot)
    seen = {candidate.identity for candidate in candidates} | set(refused_keys)
    if snapshot:
        found.vanished = sorted(
            record for one, (record, _, gone) in known.items() if one not in seen and not gone
        )
    return found


def _identified(mapping: RegisterMapping, awards: Iterable[Award], found: Plan) -> list[Candidate]:
    """Rows with their identity; a declared key met again is refused, equal content counted."""
    first_row: dict[str, int] = {}
    occurrences: Counter[str] = Counter()
    candidates = []
    for award in awards:
        if award.key:
            one = award.key
            if one in first_row:
                details = {"first": first_row[one]}
                problem = Problem("imports.twice", f"row {award.row}", one, details)
                found.refused.setdefault(award.row, []).append(problem)
                continue
            first_row[one] = award.row
        else:
            occurrences[award.content] += 1
            one = identity.of_content(award.content, occurrences[award.content])
        record = identity.record_number(mapping.prefix, one)
        values = _values(award)
        candidates.append(Candidate(award, one, record, values, ""))
    return candidates


def _values(award: Award) -> dict[str, Any]:
    """The record's attributes a register decides, without parent, entry and batch."""
    return {
        "agency_id": award.agency,
        "programme_id": award.programme,
        "instrument": award.instrument,
        "sector": award.sector,
        "title": award.title,
        "recipient": award.recipient.name,
        "recipient_id": award.recipient.number,
        "recipient_class": award.recipient.kind,
        "opaque_person": award.recipient.opaque,
        "region": award.region,
        "awarded_on": award.awarded_on,
        "fiscal_year": award.fiscal_year,
        "unit": award.unit,
        "amount": award.amount,
        **dict(zip(SHARES, award.shares or (None,) * len(SHARES), strict=True)),
        "parent_id": None,
        "counts_in_total": award.counts_in_total,
        "source_number": award.source_number,
    }


def _with_parents(
    mapping: RegisterMapping, candidates: list[Candidate], known: Known, found: Plan
) -> list[Candidate]:
    """Find each row's parent in the file or in the books; refuse what has none or is a circle."""
    children = [one for one in candidates if one.award.parent]
    if children:
        in_books = selectors.source_numbers(
            mapping.register, (one.award.parent for one in children)
        )
        candidates = _joined(candidates, in_books, known, found)
    for one in candidates:
        one.content_hash = _content_hash(one.values)
    return candidates


def _joined(
    candidates: list[Candidate], in_books: Mapping[str, str], known: Known, found: Plan
) -> list[Candidate]:
    while True:
        here: dict[str, str] = {}
        for one in reversed(candidates):
            stored = known.get(one.identity)
            here[one.award.source_number] = stored[0] if stored else one.record
        above = {}
        missing = set()
        for one in candidates:
            parent = one.award.parent
            record = (here.get(parent) or in_books.get(parent)) if parent else None
            if parent and record is None:
                missing.add(one.award.row)
                problem = Problem("imports.parent", f"row {one.award.row}, parent", parent)
                found.refused.setdefault(one.award.row, []).append(problem)
            one.values["parent_id"] = above[one.record] = record
        missing |= _circles(candidates, above, found)
        if not missing:
            return candidates
        candidates = [one for one in candidates if one.award.row not in missing]


def _circles(
    candidates: Iterable[Candidate], above: Mapping[str, str | None], found: Plan
) -> set[int]:
    rows = set()
    for one in candidates:
        step, seen = above.get(one.record), {one.record}
        while step and step not in seen:
            seen.add(step)
            step = above.get(step)
        if step:
            where = f"row {one.award.row}, parent"
            problem = Problem("imports.parent_circle", where, one.award.parent)
            found.refused.setdefault(one.award.row, []).append(problem)
            rows.add(one.award.row)
    return rows


def _content_hash(values: Mapping[str, Any]) -> str:
    return identity.digest_of([*values, *values.values()]).hexdigest()


def _decide_changed(changed: Mapping[str, Candidate], found: Plan, *, snapshot: bool) -> None:
    """Known rows with other content: corrections of a snapshot, else refused."""
    for record in selectors.records_numbered(changed):
        candidate = changed[record.record]
        fields = corrections.changed(record, candidate.values)
        found.present.add(record.record)
        if not fields and not record.withdrawn:
            found.silent.append((record, candidate))
            found.unchanged += 1
        elif snapshot:
            found.corrected.append((record, candidate))
        else:
            where = f"row {candidate.award.row}"
            code = "imports.withdrawn" if record.withdrawn else "imports.changed"
            details = {"fields": ", ".join(fields)}
            problem = Problem(code, where, candidate.identity, details)
            found.refused.setdefault(candidate.award.row, []).append(problem)
    found.corrected.sort(key=lambda pair: pair[1].award.row)
