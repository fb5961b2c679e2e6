"""What subtraction tells: hidden cells that two releases, or one, give away between their figures.

A figure stands for a sum over units: of one supported group in one period, of all groups in it, of
deals that ended. Every figure shown, in the earlier release and in the later, is one equation over
such sums. A sum over fewer than five units is protected: one that is hidden, and the difference by
which the same group of units moved from one release to the next. It leaks where adding and
subtracting figures gives it exactly (linear algebra; roundings are no protection).

`leaks` finds what leaks; `protected` chooses further cells of the later release to hide until
nothing does. What cannot be read from the tables is taken as the worst: a hidden group is as it
was, its size is known to all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from koga.core.problems import Problem
from koga.release import difference_cells as cells
from koga.release.difference_cells import Cell, Combination, Rows
from koga.release.read import Release
from koga.release.tables import TABLES

if TYPE_CHECKING:
    import polars as pl

TOLD = ("findings", "finding_estimates", "fund_deals")
"""Tables whose cells are audited."""
_NONE, _PART = 1e-9, 1e-7
BLANKED: Mapping[str, tuple[str, ...]] = {
    "finding_estimates": ("estimate", "se", "ci_low", "ci_high", "n"),
    "fund_deals": ("quarter_from", "quarter_to", "firms", "cost", "proceeds"),
    "findings": ("unit", "spent"),
}
"""Columns that are blank in a row that is hidden."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A protected sum that figures give away.

    table, row: where its hidden cell stands, or the cell whose change is told. what: in words.
    by: addresses of the later release's figures that tell it, the smallest first.
    """

    table: str
    row: str
    what: str
    by: tuple[tuple[str, str], ...]


def leaks(later: Mapping[str, Rows], earlier: Mapping[str, Rows] | None = None) -> list[Leak]:
    """What the later release gives away, by itself and beside the earlier one."""
    found = list(_changed(later, earlier or {}))
    for system in cells.systems(later, earlier or {}):
        found += _derived(system, frozenset())
    return found


def protected(
    later: Mapping[str, Rows], earlier: Mapping[str, Rows] | None = None
) -> dict[str, list[dict[str, Any]]]:
    """The rows of the later release's tables with further cells hidden, so that nothing leaks.

    Averages are hidden before cohorts, a headline last. What is hidden is protected in turn, since
    nobody can see from the tables why it is; so this is done again until nothing is found.
    """
    told = {name: [dict(row) for row in rows] for name, rows in later.items()}
    while True:
        hide = {place for leak in _changed(told, earlier or {}) for place in leak.by[:1]}
        for system in cells.systems(told, earlier or {}):
            hide |= _hidden(system)
        if not hide:
            return told
        told = {name: [_blanked(name, row, hide) for row in rows] for name, rows in told.items()}


def _blanked(table: str, row: Mapping[str, Any], hide: set[tuple[str, str]]) -> dict[str, Any]:
    told = dict(row)
    if (table, TABLES[table].address(row)) in hide:
        told |= dict.fromkeys(BLANKED[table])
        if "hidden" in TABLES[table].names:
            told["hidden"] = True
    if table == "findings" and _headline(row) in hide:
        told |= dict.fromkeys(("estimate", "se", "ci_low", "ci_high"))
    return told


def _headline(row: Mapping[str, Any]) -> tuple[str, str]:
    """The estimate that a finding's own row repeats."""
    return "finding_estimates", f"{row['finding']}/{row['estimator']}/simple/all"


def _hidden(system: cells.System) -> set[tuple[str, str]]:
    """Cells of a system to hide: of what tells a protected sum the smallest, until nothing does."""
    hide: set[tuple[str, str]] = set()
    while found := _derived(system, frozenset(hide)):
        first = found[0].by
        if not first:
            break
        hide.add(first[0])
    return hide


def _derived(system: cells.System, hide: frozenset[tuple[str, str]]) -> list[Leak]:
    """Protected sums that the shown cells of a system, less some hidden ones, give exactly."""
    told = [cell for cell in system.cells if cell.shown and not (cell.later and cell.key in hide)]
    atoms = {atom: place for place, atom in enumerate(sorted(_atoms(system)))}
    if not told or not atoms:
        return []
    rows = np.array([_vector(cell.terms, atoms) for cell in told])
    found = []
    for target in system.targets:
        aim = _vector(target.terms, atoms)
        parts, *_ = np.linalg.lstsq(rows.T, aim, rcond=None)
        if np.abs(rows.T @ parts - aim).max() > _NONE * np.abs(aim).max():
            continue
        by = [cell for cell, part in zip(told, parts, strict=True) if abs(part) > _PART]
        new = sorted((cell for cell in by if cell.later), key=_size)
        if new:
            told_by = tuple(cell.key for cell in new)
            found.append(Leak(target.table, target.row, target.what, told_by))
    return found


def _size(cell: Cell) -> tuple[int, int, tuple[str, str]]:
    """In which order cells are hidden: by their turn, small ones before large ones."""
    return cell.turn, len(cell.terms), cell.key


def _atoms(system: cells.System) -> set[Any]:
    told = {atom for cell in system.cells for atom in cell.terms}
    return told | {atom for target in system.targets for atom in target.terms}


def _vector(terms: Combination, atoms: Mapping[Any, int]) -> Any:
    vector = np.zeros(len(atoms))
    for atom, weight in terms.items():
        vector[atoms[atom]] += weight
    return vector


def _changed(later: Mapping[str, Rows], earlier: Mapping[str, Rows]) -> Iterable[Leak]:
    """Cells shown in both whose change belongs to fewer than five units."""
    for table, count, columns in (
        ("fund_deals", "firms", ("cost", "proceeds")),
        ("findings", "covered", ("spent",)),
    ):
        before = _by_address(table, earlier.get(table, ()))
        for address, row in _by_address(table, later.get(table, ())).items():
            was = before.get(address)
            if was is None or not _same_unit(was, row) or not _moved(was, row, columns):
                continue
            if abs((row[count] or 0) - (was[count] or 0)) < cells.LEAST:
                what = f"the change since the release before, of fewer than {cells.LEAST} units"
                yield Leak(table, address, what, ((table, address),))


def _same_unit(was: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return bool(was["unit"] == row["unit"])


def _moved(was: Mapping[str, Any], row: Mapping[str, Any], columns: Sequence[str]) -> bool:
    shown = all(each[name] is not None for each in (was, row) for name in columns)
    return shown and any(was[name] != row[name] for name in columns)


def _by_address(table: str, rows: Rows) -> dict[str, Mapping[str, Any]]:
    return {TABLES[table].address(row): row for row in rows}


def problems(found: Iterable[Leak]) -> Iterator[Problem]:
    """Leaks as problems: a build that would tell them is refused."""
    for leak in found:
        by = ", ".join(f"{table} {row}" for table, row in leak.by[:3])
        yield Problem("release.leak", f"{leak.table}, {leak.row}", leak.what, {"by": by})


def given_away(tables: Mapping[str, "pl.LazyFrame"], period: str) -> Iterator[Problem]:
    """The check of one release by itself: no hidden cell follows from those it shows."""
    rows = {name: tables[name].collect().to_dicts() for name in TOLD}
    yield from problems(leaks(rows))


def rows_of(release: Release) -> dict[str, list[dict[str, Any]]]:
    """The rows of an open release that are audited."""
    return {name: list(release.rows(name)) for name in TOLD}
