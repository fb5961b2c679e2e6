"""Statements and duties as the commands answer them with `--json`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from koga.core import units
from koga.core.dates import Period
from koga.core.problems import Refusal
from koga.publish import selectors
from koga.publish.content import Line, Promise, cell, plain
from koga.publish.models import Statement


def statement_json(statement: Statement, *, whole: bool = False) -> dict[str, Any]:
    """A statement: who, when, state and hash; with `whole` also every line and promise."""
    content = selectors.content_of(statement)
    first = selectors.first_signed(statement.agency_id, statement.period)
    due_on = selectors.due_date(statement.agency_id, Period.parse(statement.period))
    late = 0
    if first is not None and first.signed_at is not None:
        late = max(0, (selectors.korean_day(first.signed_at) - due_on).days)
    told: dict[str, Any] = {
        "agency": statement.agency_id,
        "period": statement.period,
        "version": statement.version,
        "state": statement.state,
        "prepared_by": statement.prepared_by.login,
        "signed_by": statement.signed_by.login if statement.signed_by else None,
        "signed_at": statement.signed_at.isoformat() if statement.signed_at else None,
        "due_on": due_on.isoformat(),
        "days_late": late,
        "nil": content.is_nil,
        "nil_sections": list(content.nil),
        "lines_count": len(content.lines),
        "promises_count": len(content.promises),
        "ledger_lines": statement.ledger_lines,
        "content_hash": statement.content_hash,
        "reason": statement.reason,
    }
    if whole:
        told["lines"] = [_line_json(line) for line in content.lines]
        told["promises"] = [_promise_json(promise) for promise in content.promises]
    return told


def _line_json(line: Line) -> dict[str, Any]:
    """A line: `value` is exact decimal text, `amount` a commodity's smallest units."""
    told: dict[str, Any] = {name: cell(value) for name, value in asdict(line).items()}
    told["amount"] = _smallest(line)
    return told


def _smallest(line: Line) -> int | None:
    if line.value is None:
        return None
    try:
        scaled = line.value.scaleb(units.find(line.unit).scale)
    except Refusal:
        return None
    return int(scaled) if scaled == scaled.to_integral_value() else None


def _promise_json(promise: Promise) -> dict[str, Any]:
    return {
        **{name: cell(value) for name, value in asdict(promise).items()},
        "target": plain(promise.target),
    }


def due_json(row: selectors.DueRow, names: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """A row of the register of statements with the agency's names."""
    name_ko, name_en = names.get(row.agency, (row.agency, row.agency))
    return {
        "agency": row.agency,
        "name_ko": name_ko,
        "name_en": name_en,
        "period": row.period,
        "due_on": row.due_on.isoformat(),
        "state": row.state,
        "signed_at": row.signed_at.isoformat() if row.signed_at else None,
        "days_late": row.days_late,
        "last_period": row.last_period,
        "records_left_out": row.records_left_out,
        "reason": row.reason,
    }
