"""Mappings: how a register becomes records, as data that is checked before anything is read.

`parse` lists every problem of a mapping at once; `check_columns` those that show only beside a
file. The mapping's text and its hash are kept with every batch.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from koga.core.problems import Problem, Refusal
from koga.operate.imports import mapping_checks
from koga.operate.imports import mapping_keys as keys
from koga.operate.imports.mapping_keys import HOLE
from koga.operate.imports.sheets import FileSettings

SHIPPED = Path(__file__).resolve().parents[3] / "mappings"
"""Mappings that come with koga."""
TEXT_MAX = 400_000


@dataclass(frozen=True, slots=True)
class Rule:
    """What fills one field. One of column, constant and template is given.

    lookup: value to value. otherwise: instead of a value the lookup lacks, or None to keep it.
    """

    column: str = ""
    constant: str = ""
    template: str = ""
    lookup: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    default: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column,) if self.column else tuple(HOLE.findall(self.template))

    @property
    def parts(self) -> Sequence[str]:
        """The template cut at its columns: text, column, text, column, …, text."""
        return HOLE.split(self.template)


@dataclass(frozen=True, slots=True)
class Amounts:
    """How numbers are written in the file, and how they are made to fit."""

    decimal: str = "."
    thousands: str = ","
    multiplier: int = 1
    rounding: str | None = None
    symbols: tuple[str, ...] = ()
    korean_words: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A name an agency bore from a day on; None is from the beginning."""

    ko: str
    en: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class DeclaredAgency:
    """An agency the mapping knows: the values that mean it and the names it bore."""

    code: str
    values: tuple[str, ...]
    kind: str
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Succession:
    """One agency followed by another on a day."""

    code: str
    successor: str
    on: date


@dataclass(frozen=True, slots=True)
class RegisterMapping:
    """A checked mapping. text: as written; sha256: of that text. The rest as declared in keys."""

    text: str
    sha256: str
    register: str
    version: int
    prefix: str
    source_system: str
    identity: tuple[str, ...]
    content: tuple[str, ...]
    split_sums: tuple[str, ...]
    reason: str
    file: FileSettings
    amounts: Amounts
    date_formats: tuple[str, ...]
    person: tuple[re.Pattern[str], ...]
    aggregate: tuple[re.Pattern[str], ...]
    number: str
    keep_title: bool
    programmes_existing: bool
    per_agency: bool
    agencies_existing: bool
    agency_kind: str
    agency_prefix: str
    fields: Mapping[str, Rule]
    agencies: tuple[DeclaredAgency, ...]
    successions: tuple[Succession, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the mapping reads, once, in order of the fields."""
        read = [column for rule in self.fields.values() for column in rule.columns]
        return tuple(dict.fromkeys([*self.identity, *self.content, *read]))


def load(name: str | Path) -> RegisterMapping:
    """Read a mapping file; a name that is no file is looked for among the shipped ones."""
    path = Path(name)
    if not path.is_file():
        path = SHIPPED / Path(name).name
    if not path.is_file() and not path.suffix:
        path = path.with_suffix(".toml")
    try:
        text = path.read_bytes()[: TEXT_MAX + 1].decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(Problem("imports.mapping_file", str(name), str(error))) from None
    return parse(text, where=path.name)


def shipped() -> list[str]:
    """Names of the mappings that come with koga."""
    return sorted(path.name for path in SHIPPED.glob("*.toml"))


def document_of(text: str, where: str = "mapping") -> dict[str, Any]:
    """A mapping's text as TOML tables, unchecked."""
    if len(text) > TEXT_MAX:
        details = {"limit": f"{TEXT_MAX:,}"}
        raise Refusal(Problem("imports.mapping_long", where, f"{len(text):,}", details))
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Refusal(Problem("imports.mapping_toml", where, str(error))) from None


def parse(text: str, where: str = "mapping") -> RegisterMapping:
    """Check a mapping and read it; a `Refusal` lists every problem."""
    document = document_of(text, where)
    if problems := mapping_checks.problems_of(document):
        raise Refusal(problems)
    return _read(text, document)


def check_columns(mapping: RegisterMapping, columns: Sequence[str], where: str) -> list[Problem]:
    """Columns the mapping reads and the file lacks, or has twice."""
    known = {"columns": ", ".join(columns[:60])}
    return [
        Problem("imports.column_unknown", where, column, known)
        for column in mapping.columns
        if column not in columns
    ] + [
        Problem("imports.column_twice", where, column)
        for column in mapping.columns
        if columns.count(column) > 1
    ]


# --- reading what was checked


def _read(text: str, document: Mapping[str, Any]) -> RegisterMapping:
    recipient = document.get("recipient", {})
    amounts = dict(document.get("amounts", {}))
    amounts["symbols"] = tuple(amounts.get("symbols", ()))
    maps = document.get("maps", {})
    fields = {
        name: _rule(document["fields"][name], maps)
        for name in keys.FIELDS
        if name in document["fields"]
    }
    shares = [name for name in keys.SHARES[:3] if name in fields]
    programmes, agencies = document.get("programmes", {}), document.get("agencies", {})
    return RegisterMapping(
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        register=document["register"],
        version=document["version"],
        prefix=document["prefix"],
        source_system=document["source_system"],
        identity=tuple(document.get("identity", ())),
        content=tuple(document.get("content", ())),
        split_sums=tuple(document.get("split_sums", shares)),
        reason=document.get("reason", ""),
        file=FileSettings(**document.get("file", {})),
        amounts=Amounts(**amounts),
        date_formats=tuple(document.get("dates", {}).get("formats", ())),
        person=tuple(map(re.compile, recipient.get("person", ()))),
        aggregate=tuple(map(re.compile, recipient.get("aggregate", ()))),
        number=recipient.get("number", ""),
        keep_title=recipient.get("keep_title", False),
        programmes_existing=programmes.get("existing", False),
        per_agency=programmes.get("per_agency", False),
        agencies_existing=agencies.get("existing", False),
        agency_kind=agencies.get("kind", ""),
        agency_prefix=agencies.get("prefix", ""),
        fields=MappingProxyType(fields),
        agencies=tuple(_agency(row) for row in document.get("agency", [])),
        successions=tuple(
            Succession(row["from"], row["to"], row["on"]) for row in document.get("succession", [])
        ),
    )


def _rule(rule: Mapping[str, Any], maps: Mapping[str, Mapping[str, str]]) -> Rule:
    lookup = rule.get("map", {})
    return Rule(
        column=rule.get("column", ""),
        constant=rule.get("constant", ""),
        template=rule.get("template", ""),
        lookup=maps[lookup] if isinstance(lookup, str) else lookup,
        otherwise=rule.get("otherwise"),
        default=rule.get("default", ""),
    )


def _agency(row: Mapping[str, Any]) -> DeclaredAgency:
    names = [
        Name(name.get("ko", name["en"]), name["en"], name.get("from")) for name in row["names"]
    ]
    ordered = tuple(sorted(names, key=lambda name: name.since or date.min))
    return DeclaredAgency(row["code"], tuple(row.get("values", ())), row.get("kind", ""), ordered)
