"""The manifest: what a release is, every file with its hash, every total, where the ledgers end.

Its bytes are RFC 8785 canonical JSON, so the same release has the same manifest everywhere, and a
leaf of the log is exactly these bytes. Sums are decimal text: grand totals may exceed what a JSON
number holds exactly.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import rfc8785

from koga.core.dates import Period
from koga.core.problems import Problem, Refusal
from koga.release.files import Damaged, is_safe

NAME = "manifest.json"
FORMAT = "koga-release-1"
LICENCES: Mapping[str, tuple[str, str]] = {
    "KOGL-1": ("공공누리 제1유형(출처표시)", "KOGL Type 1 (source named)"),
}
"""Licences a release may carry: code -> Korean, English."""
_RELEASE = re.compile(r"[a-z0-9][a-z0-9-]{1,60}[A-Za-z0-9-]{0,20}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,60}")


@dataclass(frozen=True, slots=True)
class ReleaseHead:
    """What a release says of itself.

    release: its id, such as `hannuri-2026-H1`. period: as written (2026, 2026-H1, 2026-Q3).
    title_ko, title_en, organisation_ko, organisation_en: as shown.
    signed_on: the moment of the last sign-off it carries; a release has no other clock.
    licence: a code of `LICENCES`.
    """

    release: str
    period: str
    title_ko: str
    title_en: str
    organisation_ko: str
    organisation_en: str
    signed_on: datetime
    licence: str = "KOGL-1"

    def problems(self) -> list[Problem]:
        """Everything that keeps this head from being published."""
        found = []
        if not _RELEASE.fullmatch(self.release):
            found.append(Problem("release.id", "release", self.release))
        try:
            Period.parse(self.period, "period")
        except Refusal as refusal:
            found += refusal.problems
        for name in ("title_ko", "title_en", "organisation_ko", "organisation_en"):
            if not getattr(self, name).strip():
                found.append(Problem("release.head_blank", name))
        if self.signed_on.tzinfo is None:
            found.append(Problem("release.head_clock", "signed_on", str(self.signed_on)))
        if self.licence not in LICENCES:
            found.append(Problem("release.licence", "licence", self.licence))
        return found


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One file: path inside the release, bytes, sha256; of a table also its name and its rows."""

    path: str
    bytes: int
    sha256: str
    table: str = ""
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """One total of a table.

    table, column: what is summed. by: what keeps it apart, always the unit. rows: rows it sums.
    sum: in the unit's smallest parts.
    """

    table: str
    column: str
    by: Mapping[str, str]
    rows: int
    sum: int

    @property
    def unit(self) -> str:
        """The unit of the sum."""
        return self.by["unit"]


@dataclass(frozen=True, slots=True)
class Withheld:
    """A table that stays inside, vouched for by its hash.

    name: what it is. rows: how many. sha256: of its canonical CSV.
    rerun_ko, rerun_en: who may compute again from it.
    """

    name: str
    rows: int
    sha256: str
    rerun_ko: str
    rerun_en: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A release as its manifest tells it.

    head: what it says of itself. koga: version that built it. files: in order of path.
    totals: in order of table, column and what keeps them apart. ledger_heads: rows of that table.
    previous: id of the release before, blank for the first; previous_checkpoint: its checkpoint.
    withheld: tables that findings rest on and that stay inside, in order of name.
    """

    head: ReleaseHead
    koga: str
    files: tuple[ReleaseFile, ...]
    totals: tuple[Total, ...]
    ledger_heads: tuple[Mapping[str, Any], ...]
    previous: str = ""
    previous_checkpoint: str = ""
    withheld: tuple[Withheld, ...] = ()
    content: bytes = field(default=b"", repr=False, compare=False)

    @property
    def release(self) -> str:
        """The id of the release."""
        return self.head.release

    @property
    def period(self) -> str:
        """The period of the release, as written."""
        return self.head.period

    @property
    def sha256(self) -> str:
        """The hash of the manifest's bytes: the name of this exact release."""
        return hashlib.sha256(self.content or to_bytes(self)).hexdigest()

    def file(self, path: str) -> ReleaseFile:
        """The file of a path; a KeyError where the manifest names none."""
        for each in self.files:
            if each.path == path:
                return each
        raise KeyError(path)

    def totals_of(self, table: str) -> list[Total]:
        """The totals of one table."""
        return [total for total in self.totals if total.table == table]


def moment(value: datetime) -> str:
    """A moment as every file writes it: UTC, with fractions only where there are any.

    >>> moment(datetime(2026, 7, 31, 9, tzinfo=UTC))
    '2026-07-31T09:00:00Z'
    """
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def to_bytes(manifest: Manifest) -> bytes:
    """The canonical bytes."""
    head = manifest.head
    return rfc8785.dumps(
        {
            "format": FORMAT,
            "release": head.release,
            "period": head.period,
            "title": {"ko": head.title_ko, "en": head.title_en},
            "organisation": {"ko": head.organisation_ko, "en": head.organisation_en},
            "signed_on": moment(head.signed_on),
            "licence": head.licence,
            "koga": manifest.koga,
            "files": [_file_json(each) for each in manifest.files],
            "totals": [total_json(each) for each in manifest.totals],
            "ledger_heads": [dict(each) for each in manifest.ledger_heads],
            "previous": {
                "release": manifest.previous,
                "checkpoint": manifest.previous_checkpoint,
            }
            if manifest.previous
            else None,
            **_withheld_json(manifest.withheld),
        }
    )


def from_bytes(content: bytes) -> Manifest:
    """The manifest of some bytes; `Damaged` unless they are exactly what `to_bytes` writes."""
    try:
        given = json.loads(content)
        manifest = _manifest(given, content)
        if to_bytes(manifest) != content:
            raise Damaged(NAME, "not in canonical form")
    except Damaged:
        raise
    except RecursionError:
        raise Damaged(NAME, "nested too deeply") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, Refusal) as trouble:
        raise Damaged(NAME, f"not a manifest ({type(trouble).__name__})") from None
    return manifest


def total_json(total: Total) -> dict[str, Any]:
    """A total as the manifest writes it."""
    return {
        "table": total.table,
        "column": total.column,
        "by": dict(total.by),
        "rows": total.rows,
        "sum": str(total.sum),
    }


def _withheld_json(withheld: Sequence[Withheld]) -> dict[str, Any]:
    """Blank where nothing is withheld, so that releases before there was any read as written."""
    if not withheld:
        return {}
    rows = [
        {
            "name": each.name,
            "rows": each.rows,
            "sha256": each.sha256,
            "rerun": {"ko": each.rerun_ko, "en": each.rerun_en},
        }
        for each in withheld
    ]
    return {"withheld": rows}


def _file_json(file: ReleaseFile) -> dict[str, Any]:
    written: dict[str, Any] = {"path": file.path, "bytes": file.bytes, "sha256": file.sha256}
    if file.table:
        written |= {"table": file.table, "rows": file.rows}
    return written


def _manifest(given: Mapping[str, Any], content: bytes) -> Manifest:
    _need(given["format"] == FORMAT, "another format")
    head = ReleaseHead(
        release=given["release"],
        period=given["period"],
        title_ko=given["title"]["ko"],
        title_en=given["title"]["en"],
        organisation_ko=given["organisation"]["ko"],
        organisation_en=given["organisation"]["en"],
        signed_on=datetime.fromisoformat(given["signed_on"]),
        licence=given["licence"],
    )
    names = ("release", "period", "title_ko", "title_en", "organisation_ko", "organisation_en")
    _need_texts(*(getattr(head, name) for name in names), head.licence, given["koga"])
    problems = head.problems()
    _need(not problems, "; ".join(each.message("en") for each in problems))
    files = tuple(_file(each) for each in given["files"])
    paths = [each.path for each in files]
    _need(paths == sorted(set(paths)), "files are not in order, each once")
    previous = given["previous"] or {"release": "", "checkpoint": ""}
    _need_texts(previous["release"], previous["checkpoint"])
    return Manifest(
        head=head,
        koga=given["koga"],
        files=files,
        totals=tuple(_total(each) for each in given["totals"]),
        ledger_heads=_heads(given["ledger_heads"]),
        previous=previous["release"],
        previous_checkpoint=previous["checkpoint"],
        withheld=tuple(_withheld(each) for each in given.get("withheld", ())),
        content=content,
    )


def _file(given: Mapping[str, Any]) -> ReleaseFile:
    file = ReleaseFile(
        given["path"], given["bytes"], given["sha256"], given.get("table", ""), given.get("rows")
    )
    _need_texts(file.path, file.sha256, file.table)
    _need(is_safe(file.path), f"may not name {file.path[:100]!r}")
    _need(type(file.bytes) is int and file.bytes >= 0, "bytes is not a size")
    _need(bool(_SHA256.fullmatch(file.sha256)), "sha256 is not a hash")
    _need((type(file.rows) is int) if file.table else file.rows is None, "rows is not a count")
    return file


def _withheld(given: Mapping[str, Any]) -> Withheld:
    told = Withheld(
        given["name"], given["rows"], given["sha256"], given["rerun"]["ko"], given["rerun"]["en"]
    )
    _need_texts(told.name, told.sha256, told.rerun_ko, told.rerun_en)
    _need(type(told.rows) is int and told.rows >= 0, "rows is not a count")
    _need(bool(_SHA256.fullmatch(told.sha256)), "sha256 is not a hash")
    return told


def _total(given: Mapping[str, Any]) -> Total:
    _need(bool(_INTEGER.fullmatch(given["sum"])), "a sum is not an integer")
    _need("unit" in given["by"], "a total has no unit")
    _need_texts(given["table"], given["column"], *given["by"].values())
    _need(type(given["rows"]) is int, "rows is not a count")
    return Total(
        given["table"], given["column"], dict(given["by"]), given["rows"], int(given["sum"])
    )


def _heads(given: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    for each in given:
        _need(
            type(each["entries"]) is int
            and all(isinstance(each[name], str) for name in ("ledger", "chain", "recorded_at")),
            "a ledger head cannot be read",
        )
    return tuple(dict(each) for each in given)


def _need_texts(*values: object) -> None:
    _need(all(isinstance(value, str) for value in values), "a text is something else")


def _need(condition: bool, reason: str) -> None:
    if not condition:
        raise Damaged(NAME, reason)
