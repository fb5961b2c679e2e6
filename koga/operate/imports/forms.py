"""What the import pages show and read: the mapping's editor, preview rows, counts and totals."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from koga.core.problems import LANGUAGES, Problem, Refusal
from koga.core.units import as_decimal
from koga.operate.imports import mapping as mappings
from koga.operate.imports import mapping_keys as keys
from koga.operate.imports import mapping_text, wording
from koga.operate.imports.models import Batch, RefusedRow
from koga.operate.imports.services import Outcome
from koga.operate.imports.uploads import PreviewRow
from koga.release.tables import INSTRUMENTS, RECIPIENT_CLASSES

LISTED_MAX = 50


def shown(problem: Problem) -> dict[str, str]:
    """A problem in both languages, as the desk's base page prints it."""
    return {language: wording.message(problem, language) for language in LANGUAGES}


def mapping_text_of(post: QueryDict, before: str) -> str:
    """The mapping's text after a form: the text area's own, or the editor's fields put in."""
    text = post.get("mapping_text", before)
    if post.get("act") != "compose":
        return text
    try:
        document = mappings.document_of(before)
    except Refusal:
        return text
    form: dict[str, Any] = {**post.dict(), "identity": post.getlist("identity")}
    return mapping_text.dumps(mapping_text.compose(document, form))


def editor(text: str, columns: Sequence[str]) -> dict[str, Any] | None:
    """The editor's state for a mapping's text; None where the text is no TOML to edit."""
    try:
        document = mappings.document_of(text)
    except Refusal:
        return None
    if not _editable(document):
        return None
    amounts, dates = document.get("amounts", {}), document.get("dates", {})
    return {
        "register": document.get("register", ""),
        "prefix": document.get("prefix", ""),
        "source_system": document.get("source_system", ""),
        "identity": document.get("identity", []),
        "columns": columns,
        "multiplier": amounts.get("multiplier", ""),
        "rounding": amounts.get("rounding", ""),
        "roundings": ROUNDINGS,
        "date_formats": ", ".join(map(str, dates.get("formats", []))),
        "fields": [_field(document, field, columns) for field in keys.FIELDS.values()],
        "constant": mapping_text.CONSTANT,
        "template": mapping_text.TEMPLATE,
    }


ROUNDINGS = (
    ("half_up", "반올림", "half up"),
    ("half_even", "반올림(짝수)", "half to even"),
    ("floor", "버림", "down"),
)


def _editable(document: Mapping[str, Any]) -> bool:
    """Whether the tables the editor looks into are tables."""
    fields = document.get("fields", {})
    parts = [fields, document.get("amounts", {}), document.get("dates", {})]
    if not all(isinstance(part, dict) for part in parts):
        return False
    formats = document.get("dates", {}).get("formats", [])
    lists = isinstance(formats, list) and isinstance(document.get("identity", []), list)
    return lists and all(isinstance(rule, dict) for rule in fields.values())


def _field(
    document: Mapping[str, Any], field: keys.Field, columns: Sequence[str]
) -> dict[str, Any]:
    source, text = mapping_text.chosen(document, field.name)
    options = [
        (mapping_text.COLUMN + column, column, source == mapping_text.COLUMN + column)
        for column in columns
    ]
    known = any(chosen for _, _, chosen in options)
    if source.startswith(mapping_text.COLUMN) and not known:
        options.append((source, source.removeprefix(mapping_text.COLUMN) + " (?)", True))
    rule = document.get("fields", {}).get(field.name, {})
    more = [key for key in rule if key not in keys.SOURCES]
    return {
        "name": field.name,
        "ko": field.ko,
        "en": field.en,
        "required": field.required,
        "source": source,
        "text": text,
        "options": options,
        "more": ", ".join(more),
    }


def preview_line(row: PreviewRow) -> dict[str, Any]:
    """A preview row as the page prints it."""
    award = row.award
    line: dict[str, Any] = {"number": row.number, "problems": [shown(p) for p in row.problems]}
    if award is None:
        return line
    instrument = INSTRUMENTS[award.instrument]
    kind = RECIPIENT_CLASSES[award.recipient.kind]
    return line | {
        "award": award,
        "amount": row.amount,
        "instrument": (instrument.ko, instrument.en),
        "recipient_class": (kind.ko, kind.en),
        "warnings": [shown(problem) for problem in award.warnings],
    }


def money(totals: Sequence[Mapping[str, Any]]) -> list[str]:
    """Totals in full, each in its own unit."""
    return [f"{as_decimal(one['amount'], one['unit']):,f} {one['unit']}" for one in totals]


def batch_line(batch: Batch) -> dict[str, Any]:
    """A batch as a row of the list and the head of its page."""
    return {
        "batch": batch,
        "totals": money(batch.totals),
        "corrected_totals": money(batch.corrected_totals),
        "warnings": [one["message"] for one in batch.warnings[:LISTED_MAX]],
        "warnings_more": max(0, len(batch.warnings) - LISTED_MAX),
    }


def refused_line(row: RefusedRow) -> dict[str, Any]:
    """A refused row with its problems in both languages."""
    return {"row": row.row, "problems": [problem["message"] for problem in row.problems]}


def vanished_line(row: Mapping[str, Any]) -> dict[str, Any]:
    """A vanished record as the page prints it."""
    return {**row, "amount": f"{as_decimal(row['amount'], row['unit']):,f}"}


def outcome_lines(outcome: Outcome) -> dict[str, Any]:
    """A dry run's outcome as the page before posting prints it."""
    from koga.operate.imports.services import totals_list

    refused = list(outcome.refused.items())
    return {
        "outcome": outcome,
        "digest": outcome.digest(),
        "totals": money(totals_list(outcome.totals)),
        "corrected_totals": money(totals_list(outcome.corrected_totals)),
        "ledgers": sorted(outcome.ledgers.items()),
        "entries": sum(outcome.ledgers.values()),
        "vanished": outcome.vanished[:LISTED_MAX],
        "vanished_count": len(outcome.vanished),
        "vanished_more": max(0, len(outcome.vanished) - LISTED_MAX),
        "refused": [
            {"row": row, "problems": [shown(problem) for problem in problems]}
            for row, problems in refused[:LISTED_MAX]
        ],
        "refused_count": len(refused),
        "refused_more": max(0, len(refused) - LISTED_MAX),
        "warnings": [shown(problem) for problem in outcome.warnings[:LISTED_MAX]],
        "warnings_count": len(outcome.warnings),
        "nothing": not (outcome.added or outcome.corrected or outcome.vanished),
    }
