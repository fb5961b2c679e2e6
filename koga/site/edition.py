"""One signed release, opened for reading: its small tables in memory, its records by index.

Opened once in the life of a process. Every file is held against the manifest's hash first, so a
damaged release is refused at the start and never half shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Any

from koga.core.dates import Period
from koga.core.problems import Problem, Refusal
from koga.release.manifest import ReleaseHead
from koga.release.read import Release, open_release, path_of
from koga.release.tables import TABLES
from koga.site.index import Index, open_index

Row = Mapping[str, Any]
SEOUL = timezone(timedelta(hours=9))
"""Moments are shown in Korean time; it has had no summer time since 1988."""


@dataclass(frozen=True, eq=False)
class Edition:
    """A release as the pages read it.

    release: the open release. tables: rows of every table but `records`, in file order.
    index: the records.
    """

    release: Release
    tables: Mapping[str, Sequence[Row]]
    index: Index

    @property
    def head(self) -> ReleaseHead:
        """What the release says of itself."""
        return self.release.manifest.head

    @property
    def name(self) -> str:
        """The hash of the manifest: the name of this exact release."""
        return self.release.manifest.sha256

    @cached_property
    def period(self) -> Period:
        """The period of the release."""
        return Period.parse(self.head.period)

    @cached_property
    def agencies(self) -> Mapping[str, Row]:
        """Agencies by code."""
        return {row["agency"]: row for row in self.tables["agencies"]}

    @cached_property
    def programmes(self) -> Mapping[str, Row]:
        """Programmes by code."""
        return {row["programme"]: row for row in self.tables["programmes"]}

    @cached_property
    def schemes(self) -> Mapping[str, Row]:
        """Schemes by code."""
        return {row["scheme"]: row for row in self.tables["schemes"]}

    @cached_property
    def statements(self) -> Mapping[tuple[str, str], Row]:
        """Signed statements by agency and period."""
        return {(row["agency"], row["period"]): row for row in self.tables["statements"]}

    @cached_property
    def due(self) -> Mapping[tuple[str, str], Row]:
        """Who owes a statement, by agency and period."""
        return {(row["agency"], row["period"]): row for row in self.tables["due"]}

    @cached_property
    def periods(self) -> Sequence[str]:
        """Every period a statement is owed or signed for, newest first."""
        named = {row["period"] for row in (*self.tables["due"], *self.tables["statements"])}
        return sorted(named, key=lambda name: (Period.parse(name).end, name), reverse=True)

    @cached_property
    def lines(self) -> Mapping[tuple[str, str], Sequence[Row]]:
        """Lines of statements by agency and period."""
        return _grouped(self.tables["statement_lines"], "agency", "period")

    @cached_property
    def promises(self) -> Mapping[tuple[str, str], Sequence[Row]]:
        """Promises by agency and the period they are reported in."""
        return _grouped(self.tables["promises"], "agency", "period")

    @cached_property
    def corrections(self) -> Mapping[tuple[str, str], Sequence[Row]]:
        """Corrections by table and row."""
        return _grouped(self.tables["corrections"], "table", "row")

    @cached_property
    def flows(self) -> Mapping[tuple[str], Sequence[Row]]:
        """Flows by programme."""
        return _grouped(self.tables["flows"], "programme")

    @cached_property
    def findings(self) -> Mapping[str, Row]:
        """Findings by code."""
        return {row["finding"]: row for row in self.tables["findings"]}

    def due_now(self) -> list[Row]:
        """Who owed a statement of the release's period."""
        return [row for row in self.tables["due"] if row["period"] == self.head.period]


def _grouped(rows: Iterable[Row], *names: str) -> Mapping[Any, Sequence[Row]]:
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    return dict(groups)


def open_edition(folder: Path, cache: Path) -> Edition:
    """Open the release in a folder; a `Refusal` where there is none or a file of it is damaged."""
    release = open_release(folder)
    for file in release.manifest.files:
        release.file(file.path)
    if "records" not in release.tables:
        raise Refusal(Problem("release.damaged", path_of("records", "jsonl"), "missing"))
    tables = {name: tuple(release.rows(name)) for name in TABLES if name != "records"}
    return Edition(release, tables, open_index(release, cache))
