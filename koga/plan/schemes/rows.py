"""Schemes as rows of the open tables `schemes`, `scheme_values` and `targets`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from koga.core.dates import Period
from koga.plan.schemes import declared, values
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.schema import Field, Section
from koga.plan.schemes.shape import Scheme, counts, leaves

Row = dict[str, Any]
_REPORTING = ("actions", "results")
"""Sections of a statement whose figures answer to targets."""


def release_rows(
    schemes: Sequence[Scheme],
    statement_lines: Iterable[Mapping[str, Any]],
    *,
    answered: Collection[str] | None = None,
) -> dict[str, list[Row]]:
    """Rows of `schemes`, `scheme_values` and `targets`, with the columns of release.tables.

    statement_lines: rows of that table; a target's reported value is the sum of those that carry
    its metric and unit in its period, or, agency by agency, in the parts of it.
    answered: codes of the schemes whose targets these statements answer, all by default; the
    targets of any other scheme are shown with nothing reported.
    """
    lines = _reported(statement_lines)
    nothing = _reported([])
    return {
        "schemes": [_scheme_row(scheme) for scheme in schemes],
        "scheme_values": [
            _value_row(scheme, leaf) for scheme in schemes for leaf in leaves(scheme)
        ],
        "targets": [
            row
            for scheme in schemes
            for row in _target_rows(
                scheme, lines if answered is None or scheme.code in answered else nothing
            )
        ],
    }


def _scheme_row(scheme: Scheme) -> Row:
    return {
        "scheme": scheme.code,
        "name_ko": scheme.name_ko,
        "name_en": scheme.name_en,
        "summary_ko": scheme.summary_ko or None,
        "summary_en": scheme.summary_en or None,
        "legal_form": scheme.legal_form,
        "proposed_on": scheme.proposed_on,
        **counts(scheme),
        "sha256": scheme.sha256,
    }


def _value_row(scheme: Scheme, leaf: Leaf) -> Row:
    low, high = leaf.low, leaf.high
    return {
        "scheme": scheme.code,
        "path": leaf.path,
        "label_ko": leaf.label_ko,
        "label_en": leaf.label_en,
        "value": value_text(scheme, leaf),
        "unit": leaf.unit or None,
        "basis": leaf.basis,
        "low": None if low is None else values.text(low),
        "high": None if high is None else values.text(high),
        "source": _source_text(scheme, leaf),
        "note": _note_text(scheme, leaf),
    }


def value_text(scheme: Scheme, leaf: Leaf) -> str:
    """The value as it is read: chosen words as “선순위 (senior)”, floors as “≥ …”, else exact."""
    sign = {"at_least": "≥ ", "at_most": "≤ "}.get(leaf.rule, "")
    chosen = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    words = [word for word in chosen if isinstance(word, str)]
    return sign + (_spelled(scheme, leaf, words) if words else leaf.text)


def _spelled(scheme: Scheme, leaf: Leaf, words: Iterable[str]) -> str:
    """Words of a closed list, or names of entries, in both languages; others as they are."""
    field = field_at(leaf.path)
    spelled = []
    for word in words:
        ko = en = word
        if field is not None and word in field.choices:
            ko, en = field.choices[word].ko, field.choices[word].en
        elif field is not None and field.refers_to:
            entry = f"{field.refers_to}.{word}"
            ko, en = (str(scheme.plain.get(f"{entry}.name_{side}", word)) for side in ("ko", "en"))
        spelled.append(ko if ko == en else f"{ko} ({en})")
    return "; ".join(spelled)


def field_at(path: str) -> Field | None:
    """The declared field of a leaf's path; entries of named tables and lists are skipped over."""
    at: Field | Section | None = declared.SCHEME
    keys = path.split(".")
    place = 0
    while isinstance(at, Section) and place < len(keys):
        if at.shape in ("by_year", "by_name"):
            return at.entry
        if at.shape in ("named", "list"):
            place += 1
        if place == len(keys):
            return None
        at = at.part(keys[place])
        place += 1
    return at if isinstance(at, Field) else None


def _source_text(scheme: Scheme, leaf: Leaf) -> str | None:
    """Publisher, title and date of the source; for what is computed, the formula."""
    cited = scheme.sources.get(leaf.source)
    source = leaf.source
    if cited is not None:
        source = f"{cited.publisher}, {cited.title}, {cited.date}"
    if leaf.basis == "derived":
        source = f"셈식(formula): {leaf.formula}" if leaf.formula else leaf.method
    return source or None


def _note_text(scheme: Scheme, leaf: Leaf) -> str | None:
    notes = [leaf.note_ko] if leaf.note_ko == leaf.note_en else [leaf.note_ko, leaf.note_en]
    if leaf.options:
        notes.append(f"선택지 options: {_spelled(scheme, leaf, leaf.options)}")
    return " / ".join(note for note in notes if note) or None


@dataclass(frozen=True, slots=True)
class _Line:
    """What a target needs of one line of a statement."""

    agency: str
    period: Period
    value: Decimal


_Lines = Mapping[tuple[str, str], Sequence[_Line]]


def _reported(statement_lines: Iterable[Mapping[str, Any]]) -> _Lines:
    """Lines with a figure by code and unit."""
    found: dict[tuple[str, str], list[_Line]] = {}
    for row in statement_lines:
        if row["value"] is None or row["section"] not in _REPORTING:
            continue
        line = _Line(row["agency"], Period.parse(row["period"]), Decimal(row["value"]))
        found.setdefault((row["code"], row["unit"] or ""), []).append(line)
    return found


def _target_rows(scheme: Scheme, lines: _Lines) -> Iterable[Row]:
    for name in scheme.entries.get("target", ()):
        path = f"target.{name}"
        said = {key: _said(scheme, f"{path}.{key}") for key in _PLAIN}
        for period, value in _periods(scheme, path):
            answering = _within(lines.get((said["metric"], said["unit"]), ()), Period.parse(period))
            total = sum((line.value for line in answering), Decimal(0))
            yield {
                "scheme": scheme.code,
                "target": name,
                "label_ko": said["name_ko"],
                "label_en": said["name_en"],
                "definition_ko": said["definition_ko"],
                "definition_en": said["definition_en"],
                "period": period,
                "target_value": _decimal(value),
                "unit": said["unit"],
                "metric": said["metric"],
                "reported_value": total if answering else None,
                "statements": len({(line.agency, line.period) for line in answering}),
            }


_PLAIN = ("name_ko", "name_en", "definition_ko", "definition_en", "metric", "unit")


def _said(scheme: Scheme, path: str) -> str:
    return str(scheme.plain.get(path, ""))


def _periods(scheme: Scheme, path: str) -> list[tuple[str, Fraction]]:
    """Each period with its target: the yearly one for those listed, then values of their own."""
    found: dict[str, Fraction] = {}
    listed = scheme.plain.get(f"{path}.periods", ())
    if f"{path}.yearly" in scheme.leaves and isinstance(listed, tuple):
        found.update(dict.fromkeys(listed, scheme.number(f"{path}.yearly")))
    for leaf in scheme.under(f"{path}.value"):
        found[leaf.path.rpartition(".")[2]] = scheme.number(leaf.path)
    return sorted(found.items(), key=lambda item: Period.parse(item[0]))


def _within(lines: Sequence[_Line], period: Period) -> list[_Line]:
    """Lines of the period, or of parts of it that do not overlap: the longest first, by agency."""
    inside = [
        line
        for line in lines
        if period.start <= line.period.start and line.period.end <= period.end
    ]
    inside.sort(key=lambda line: line.period.start - line.period.end)
    taken: dict[str, set[Period]] = {}
    found = []
    for line in inside:
        others = taken.setdefault(line.agency, set())
        if all(line.period == other or _apart(line.period, other) for other in others):
            others.add(line.period)
            found.append(line)
    return found


def _apart(one: Period, other: Period) -> bool:
    return one.end < other.start or other.end < one.start


def _decimal(value: Fraction) -> Decimal:
    """A target as a decimal; one whose digits never end is cut after nine places."""
    exact = values.as_decimal(value)
    if exact is not None:
        return exact
    return Decimal(value.numerator * 10**9 // value.denominator).scaleb(-9)
