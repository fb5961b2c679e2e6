"""Release tables collected from the books: a cumulative snapshot of what was signed.

What is in, for a release of period P:
- records and flows of an agency up to the end of the last period, by P's end, that it or its
  successor signed; nothing of one that never signed. What a signature does not cover stays out
  and is counted in `due.records_left_out`.
- every statement of a period ending by P's end, in its newest signed version; its lines, promises.
- every duty up to P with its state on the day of the last signature; that day dates the release.
- funds of an agency that signed, by quarter up to the end of its signature.
- findings: every registered evaluation of an agency that signed, carried out on those records.
- corrections: of records in the release, of restated statements, and of figures whose books moved
  after the signature (stated and booked side by side).
Rows come in the order of their key, so the same books give the same bytes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from koga.core.dates import Period, quarter_of
from koga.core.problems import Problem, Refusal
from koga.operate.ledger.selectors import heads
from koga.operate.parties.models import Agency
from koga.operate.support.models import Programme, Record, RecordChange
from koga.publish import benchmarks, booked, findings, fund_rows, futures, selectors
from koga.publish.content import Content, Line, cell, line_rows, plain, promise_rows
from koga.publish.models import State, Statement
from koga.release import tables

Row = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOVED_KO_EN = (
    "서명한 뒤 장부가 바뀌었고 아직 다시 내지 않음 / "
    "the books changed after the signature; not yet restated"
)


@dataclass(frozen=True)
class Snapshot:
    """What one release is made of.

    period: the release's. signed: newest signed statements up to it, by agency and period.
    ends: how far each agency is covered by a signature. signed_at: the last signature of any
    version: the release's date.
    """

    period: Period
    signed: tuple[Statement, ...]
    ends: Mapping[str, date]
    signed_at: datetime

    @property
    def as_of(self) -> date:
        """The Korean day of the last signature."""
        return selectors.korean_day(self.signed_at)

    @cached_property
    def due(self) -> list[selectors.DueRow]:
        """Who owed what, seen from the day of the last signature."""
        return selectors.due_rows(self.period, self.as_of)

    @cached_property
    def sums(self) -> tuple[booked.StageSum, ...]:
        """What entered every stage of every programme up to the period's end."""
        return tuple(booked.stage_sums(self.period.end))

    @cached_property
    def contents(self) -> list[tuple[Statement, Content]]:
        """What the newest signed statements say."""
        return [(row, selectors.content_of(row)) for row in self.signed]

    @cached_property
    def findings(self) -> findings.Findings:
        """What came of every registered evaluation, on the books the signatures cover."""
        return findings.carried_out(self.ends)

    @cached_property
    def reported(self) -> set[str]:
        """Agencies that signed the newest statement they owe; a successor speaks for its own."""
        newest: dict[str, selectors.DueRow] = {row.agency: row for row in self.due}
        done = {code for code, row in newest.items() if row.signed_at is not None}
        silent = newest.keys() - done
        answering = {
            agency.code: selectors.answering(agency.code, self.period)
            for agency in Agency.objects.exclude(successor=None)
        }
        for code, successor in answering.items():
            if successor != code and (successor in done or successor not in silent):
                done |= {code} & self.ends.keys()
        return done


def snapshot(period: Period) -> Snapshot:
    """Read what a release of a period stands on; refused where nothing is signed."""
    signed = tuple(selectors.signed_through(period))
    moments = Statement.objects.filter(state=State.SIGNED, period_end__lte=period.end)
    last = moments.order_by("-signed_at").values_list("signed_at", flat=True).first()
    if last is None:
        raise Refusal(Problem("publish.nothing_signed", "release", period.name))
    return Snapshot(period, signed, selectors.last_signed_ends(period), last)


def release_tables(period: Period, schemes: Iterable[Path]) -> dict[str, Iterable[Row]]:
    """Rows of every release table for a period, read as they are asked for."""
    return tables_of(snapshot(period), schemes)


def tables_of(
    taken: Snapshot, schemes: Iterable[Path], indices: Iterable[Path] = ()
) -> dict[str, Iterable[Row]]:
    """Rows of every release table of a snapshot; indices: files of benchmarks to carry."""
    lines = [row for _, content in taken.contents for row in line_rows(content)]
    promises = [row for _, content in taken.contents for row in promise_rows(content)]
    return {
        "agencies": agencies(taken),
        "programmes": programmes(),
        "records": records(taken),
        "flows": flows(taken),
        "statements": statements(taken),
        "statement_lines": sorted(lines, key=_by_key(tables.STATEMENT_LINES)),
        "due": due(taken),
        "promises": sorted(promises, key=_by_key(tables.PROMISES)),
        "corrections": corrections(taken, lines, promises),
        "ledger_heads": ledger_heads(),
        **_scheme_tables(schemes, lines),
        "findings": taken.findings.findings,
        "finding_estimates": taken.findings.estimates,
        "finding_checks": taken.findings.checks,
        "finding_points": taken.findings.points,
        **_fund_tables(taken),
        "benchmarks": benchmarks.rows(indices, taken.period.end),
    }


def _fund_tables(taken: Snapshot) -> Mapping[str, Iterable[Row]]:
    told = fund_rows.collected(taken.ends)
    return {
        "funds": told.funds,
        "fund_flows": told.flows,
        "fund_values": told.values,
        "fund_deals": told.deals,
    }


def _by_key(table: tables.Table) -> Any:
    return lambda row: tuple(row[name] for name in table.key)


def _scheme_tables(paths: Iterable[Path], lines: list[Row]) -> Mapping[str, Iterable[Row]]:
    from koga.plan.schemes import rows, scheme

    loaded = [scheme.load(path) for path in sorted(paths)]
    told = rows.release_rows(loaded, lines, answered=selectors.own_schemes())
    return {**told, "futures": futures.rows(loaded)}


def agencies(taken: Snapshot) -> Iterator[Row]:
    """Every agency with the name it bore at the period's end."""
    for agency in Agency.objects.order_by("code").prefetch_related("names"):
        borne = sorted(agency.names.all(), key=lambda name: name.valid_from or date.min)
        until = [name for name in borne if (name.valid_from or date.min) <= taken.period.end]
        name = until[-1] if until else borne[0]
        earlier = [old.name_ko for old in until[:-1] if old.name_ko != name.name_ko]
        yield {
            "agency": agency.code,
            "name_ko": name.name_ko,
            "name_en": name.name_en,
            "named_from": name.valid_from,
            "earlier_names": "; ".join(dict.fromkeys(earlier)) or None,
            "successor": agency.successor_id,
            "kind": agency.kind or None,
            "reported": agency.code in taken.reported,
        }


def programmes() -> Iterator[Row]:
    """Every programme."""
    names = tables.PROGRAMMES.names
    fields = ["agency_id" if name == "agency" else name for name in names]
    for values in Programme.objects.order_by("programme").values_list(*fields).iterator():
        yield {name: _blank(value) for name, value in zip(names, values, strict=True)}


def records(taken: Snapshot) -> Iterator[Row]:
    """Records a signature covers, in order of their number, without holding them in memory.

    A record corrected by an entry of a later day than the signature covers is shown with the
    amount its covered entries sum to, so that records and flows agree.
    """
    columns = [(name, _field(name)) for name in tables.RECORDS.names]
    chosen = Record.objects.filter(
        agency_id__in=taken.ends,
        awarded_on__lte=max(taken.ends.values(), default=date.min),
        withdrawn=False,
    ).order_by("record")
    fields = [field for _, field in columns]
    found = chosen.values_list(*fields, "counted_on", *_PARENT)
    for values in found.iterator(chunk_size=5000):
        *cells, counted_on, parent_agency, parent_on, parent_withdrawn = values
        row = {name: _blank(value) for (name, _), value in zip(columns, cells, strict=True)}
        end = taken.ends[row["agency"]]
        if row["awarded_on"] > end:
            continue
        if counted_on > end:
            row["amount"] = booked.delivered_by(row["agency"], row["record"], end)
        if parent_withdrawn or not _covered(taken, parent_agency, parent_on):
            row["parent"] = None
        yield row


_PARENT = ("parent__agency_id", "parent__awarded_on", "parent__withdrawn")


def _covered(taken: Snapshot, agency: str | None, on: date | None) -> bool:
    """Whether a signature covers what an agency did on a day."""
    return agency in taken.ends and on is not None and on <= taken.ends[agency]


def _field(name: str) -> str:
    return f"{name}_id" if name in ("agency", "programme", "parent", "row") else name


def _blank(value: Any) -> Any:
    return None if value == "" else value


def flows(taken: Snapshot) -> Iterator[Row]:
    """What entered each stage by quarter, as far as a signature covers it."""
    known = {row.programme: row for row in Programme.objects.all()}
    until = {agency: quarter_of(end) for agency, end in taken.ends.items()}
    for one in taken.sums:
        if one.ledger not in until or one.quarter > until[one.ledger]:
            continue
        programme = known.get(one.programme)
        yield {
            "agency": one.ledger,
            "programme": one.programme,
            "instrument": programme.instrument if programme else "other",
            "sector": (programme.sector or None) if programme else None,
            "stage": one.stage,
            "unit": one.unit,
            "quarter": one.quarter,
            "amount": one.amount,
            "entries": one.entries,
        }


def statements(taken: Snapshot) -> Iterator[Row]:
    """The newest signed version of every statement, with the offices that made and signed it."""
    for row, content in taken.contents:
        period = Period.parse(row.period)
        first = selectors.first_signed(row.agency_id, row.period) or row
        due_on = selectors.due_date(row.agency_id, period)
        yield {
            "agency": row.agency_id,
            "period": row.period,
            "version": row.version,
            "prepared_role": _office(row.prepared_by, "preparer"),
            "signed_role": _office(row.signed_by, "approver"),
            "signed_at": row.signed_at,
            "due_on": due_on,
            "days_late": max(0, (selectors.korean_day(first.signed_at) - due_on).days),
            "nil": content.is_nil,
            "ledger_lines": row.ledger_lines,
            "content_hash": row.content_hash,
        }


def _office(person: Any, role: str) -> str:
    """The office of a person, never the name: both languages, else the role."""
    words = [word for word in (person.office_ko, person.office_en) if word]
    return " / ".join(words) or role


def due(taken: Snapshot) -> Iterator[Row]:
    """The register of statements."""
    for row in taken.due:
        yield {name: getattr(row, name) for name in tables.DUE.names}


def ledger_heads() -> Iterator[Row]:
    """Where every ledger ends at this moment of the books."""
    for head in heads():
        yield {
            "ledger": head["ledger"],
            "entries": head["entries"],
            "chain": head["chain"],
            "recorded_at": _EPOCH + timedelta(microseconds=head["recorded_us"]),
        }


def corrections(taken: Snapshot, lines: list[Row], promises: list[Row]) -> Iterator[Row]:
    """Everything changed after it was published or signed, with old value, new value and why."""
    found = [*_record_changes(taken), *_moved(taken)]
    there = {
        "statements": {f"{row.agency_id}/{row.period}" for row in taken.signed},
        "statement_lines": {tables.STATEMENT_LINES.address(row) for row in lines},
        "promises": {tables.PROMISES.address(row) for row in promises},
    }
    for row in _restated(taken):
        exists = row["row"] in there[row["table"]]
        if row["field"] == tables.REMOVED and exists:
            continue
        if row["field"] != tables.REMOVED and not exists:
            continue
        found.append(row)
    return iter(sorted(found, key=lambda row: str(row["correction"])))


def _record_changes(taken: Snapshot) -> Iterator[Row]:
    """Corrections of records that stand in the release, and the withdrawal of those that stood."""
    columns = [(name, _field(name)) for name in tables.CORRECTIONS.names]
    changes = RecordChange.objects.filter(agency_id__in=taken.ends).order_by("correction")
    fields = [field for _, field in columns]
    held = ("row__awarded_on", "row__counted_on", "row__withdrawn")
    for values in changes.values_list(*fields, *held).iterator(chunk_size=5000):
        *cells, awarded_on, counted_on, withdrawn = values
        row = {name: _blank(value) for (name, _), value in zip(columns, cells, strict=True)}
        if withdrawn != (row["field"] == tables.REMOVED):
            continue
        end = taken.ends[row["agency"]]
        pending = row["field"] == "amount" and counted_on > end
        if awarded_on <= end and not pending:
            yield row


def _moved(taken: Snapshot) -> Iterator[Row]:
    """Figures of the ledger that the books no longer hold as they were signed."""
    books: dict[str, booked.Books] = {}
    for statement, content in taken.contents:
        period = Period.parse(content.period)
        if content.period not in books:
            books[content.period] = booked.read_books(period, taken.sums)
        lines = booked.lines(books[content.period], selectors.covered(content.agency, period))
        yield from _differences(statement, content, lines, taken.as_of)


def _differences(
    statement: Statement, content: Content, lines: list[Line], on: date
) -> Iterator[Row]:
    now = {line.figure: line for line in lines}
    where = f"{content.agency}/{content.period}"
    stated = zip(_numbered(content), line_rows(content), strict=False)
    seen = set()
    number = 0
    for line, row in stated:
        if line.basis != "ledger":
            continue
        seen.add(line.figure)
        books = now.get(line.figure)
        value = books.value if books is not None else None
        if (value or 0) != (line.value or 0):
            number += 1
            address = tables.STATEMENT_LINES.address(row)
            yield _correction(
                f"{where}-books-{number}", "statement_lines", address, content.agency, "value",
                cell(line.value), plain(value) if value is not None else "0", MOVED_KO_EN, on,
            )  # fmt: skip
    for figure in sorted(now.keys() - seen):
        number += 1
        section, code, programme, unit = figure
        value = now[figure].value
        told = " ".join(part for part in (section, code, programme, cell(value), unit) if part)
        yield _correction(
            f"{where}-books-{number}", "statements", where, content.agency, "ledger_lines",
            str(statement.ledger_lines), told, MOVED_KO_EN, on,
        )  # fmt: skip


def _numbered(content: Content) -> list[Line]:
    """The statement's lines in the order of `line_rows`."""
    ordered: list[Line] = []
    for section in tables.SECTIONS:
        lines = [line for line in content.lines if line.section == section]
        nil = [Line(section, "nil", "nil")] if not lines and section in content.nil else []
        ordered += lines + nil
    return ordered


def _restated(taken: Snapshot) -> Iterator[Row]:
    """Differences between each version and the one before it, field by field."""
    for statement in taken.signed:
        versions = Statement.objects.filter(
            agency_id=statement.agency_id, period=statement.period, state=State.SIGNED
        ).order_by("version")
        before: Statement | None = None
        for version in versions:
            if before is not None:
                yield from _changes(before, version)
            before = version


def _changes(before: Statement, after: Statement) -> Iterator[Row]:
    old, new = selectors.content_of(before), selectors.content_of(after)
    signed_on = selectors.korean_day(after.signed_at) if after.signed_at else date.min
    stem = f"{after.agency_id}/{after.period}-v{after.version}"
    yield _correction(
        stem, tables.STATEMENTS.name, f"{after.agency_id}/{after.period}", after.agency_id,
        "version", str(before.version), str(after.version), after.reason, signed_on,
    )  # fmt: skip
    number = 0
    for table, was, now in (
        (tables.STATEMENT_LINES, line_rows(old), line_rows(new)),
        (tables.PROMISES, promise_rows(old), promise_rows(new)),
    ):
        for address, field, earlier, later in _changed_cells(table, list(was), list(now)):
            number += 1
            yield _correction(
                f"{stem}-{number:04d}", table.name, address, after.agency_id, field, earlier,
                later, after.reason, signed_on,
            )  # fmt: skip


def _changed_cells(
    table: tables.Table, was: list[Row], now: list[Row]
) -> Iterator[tuple[str, str, str | None, str | None]]:
    """(address, field, old, new) of every cell that differs; a row gone has the field `*`."""
    held = {table.address(row): row for row in was}
    new = {table.address(row): row for row in now}
    for address in sorted(held.keys() | new.keys()):
        if address not in new:
            row = held[address]
            said = cell(row.get("value") or row.get("target")) or row.get("text_ko")
            yield address, tables.REMOVED, said, None
            continue
        earlier = held.get(address, {})
        for column in table.columns:
            old, later = cell(earlier.get(column.name)), cell(new[address][column.name])
            if column.name not in table.key and old != later:
                yield address, column.name, old, later


def _correction(
    number: str,
    table: str,
    row: str,
    agency: str,
    field: str,
    old: str | None,
    new: str | None,
    reason: str,
    on: date,
) -> Row:
    return {
        "correction": number,
        "table": table,
        "row": row,
        "agency": agency,
        "field": field,
        "old": old,
        "new": new,
        "reason": reason,
        "corrected_on": on,
        "entry": None,
    }
