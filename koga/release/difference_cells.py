"""The figures of findings as equations over sums of units, for `differences`.

An atom is the sum of one group of units in one period: a supported cohort, or, where a cohort
changed by k units between two releases, what it was and the k units. Averages of cohorts are sums
of these: by period, by time since support, by cohort, over all. Means of supported units, plain
and by imputation, are atoms of their own that move with their count.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

LEAST = 5
"""Units of which a sum may be told."""
Rows = Sequence[Mapping[str, Any]]
Atom = tuple[str, ...]
Combination = Mapping[Atom, Fraction]
TABLE = "finding_estimates"
_NOTHING, _ONE = Fraction(0), Fraction(1)
COHORTS = "callaway_santanna"
_MEANS = (
    ("naive", True), ("arm_mean", True), ("synthetic_path", True), ("imputation", False),
)  # fmt: skip
"""Estimators whose rows are means over units, and whether their overall row counts units."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A published figure. key: table and address. terms: the sums it is made of.

    later: of which release. shown: whether its value stands there. turn: averages (0) are hidden
    before cohorts (1), the headline (2) only when nothing else helps.
    """

    key: tuple[str, str]
    terms: Combination
    later: bool
    shown: bool
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """A protected sum: where its cell stands, what it is in words, and its terms."""

    table: str
    row: str
    what: str
    terms: Combination


@dataclass(frozen=True, slots=True)
class System:
    """Everything told of one finding in two releases, and what must not follow from it."""

    cells: tuple[Cell, ...]
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    """A finding's rows in one release. units: size of each cohort, None where it is hidden."""

    later: bool
    rows: Rows
    units: Mapping[str, int | None]
    times: tuple[str, ...]
    shown: frozenset[tuple[str, str]]


def systems(later: Mapping[str, Rows], earlier: Mapping[str, Rows]) -> Iterator[System]:
    """For each finding of the later release one of it alone, and one with the earlier release.

    By itself every hidden cohort is protected. Beside the earlier release one that stands there is
    taken as what it was, so that it protects no other.
    """
    compared = [
        {row["finding"]: row["compared"] for row in tables.get("findings", ())}
        for tables in (earlier, later)
    ]
    for finding in dict.fromkeys(row["finding"] for row in later.get(TABLE, ())):
        sides = [
            _side(tables.get(TABLE, ()), finding, counts.get(finding), later=place == 1)
            for place, (tables, counts) in enumerate(zip((earlier, later), compared, strict=True))
        ]
        yield _system(_side((), finding, None, later=False), sides[1])
        if sides[0].rows:
            yield _system(*sides)


def _side(rows: Rows, finding: str, compared: int | None, *, later: bool) -> _Side:
    own = [row for row in rows if row["finding"] == finding]
    cohort = [row for row in own if row["estimator"] == COHORTS and row["name"] == "att_gt"]
    units: dict[str, int | None] = {}
    for row in cohort:
        units.setdefault(row["group"], None)
        if not row["hidden"] and row["n"] is not None:
            units[row["group"]] = row["n"] // 2 - (compared or 0)
    times = tuple(sorted({row["time"] for row in cohort} | set(units)))
    shown = frozenset((row["group"], row["time"]) for row in cohort if not row["hidden"])
    return _Side(later, own, units, times, shown)


def _system(before: _Side, now: _Side) -> System:
    told = _Cohorts(before, now)
    cells = [cell for side in (before, now) for cell in told.cells(side)]
    means = [_mean_cells(before, now, *kind) for kind in _MEANS]
    cells += [cell for some, _ in means for cell in some]
    targets = [*told.targets(), *(target for _, some in means for target in some)]
    return System(tuple(cells), tuple(targets))


class _Cohorts:
    """The cohorts of one finding in two releases."""

    def __init__(self, before: _Side, now: _Side) -> None:
        self.before, self.now = before, now

    def changed(self, group: str) -> int | None:
        """By how many units a cohort is known to differ; None where it is not known to."""
        was, is_ = self.before.units.get(group), self.now.units.get(group)
        if was is None or is_ is None or was == is_:
            return None
        return is_ - was

    def grew(self, group: str) -> bool:
        """Whether a cohort of the later release is another than before: it changed, or came out."""
        came_out = (
            group in self.before.units
            and self.before.units[group] is None
            and self.now.units.get(group) is not None
        )
        return self.changed(group) is not None or came_out

    def sum(self, side: _Side, group: str, time: str) -> dict[Atom, Fraction]:
        """The sum of a cohort in a period, as atoms."""
        if side.later and self.grew(group) and time in self.before.times:
            return {("was", group, time): _ONE, ("more", group, time): _ONE}
        return {("was", group, time): _ONE}

    def cells(self, side: _Side) -> Iterator[Cell]:
        """Every figure of cohorts in a release."""
        for row in side.rows:
            if row["estimator"] != COHORTS:
                continue
            terms = self._terms(side, row)
            if terms:
                key = (TABLE, "/".join(row[name] for name in ("finding", "estimator", "name",
                                                              "place")))  # fmt: skip
                turn = 2 if row["name"] == "simple" else int(row["group"] is not None)
                yield Cell(key, terms, side.later, not row["hidden"], turn)

    def _terms(self, side: _Side, row: Mapping[str, Any]) -> dict[Atom, Fraction]:
        """What a figure is the sum of, but for a factor."""
        name, group, time, event = (row[each] for each in ("name", "group", "time", "event_time"))
        if name == "att_gt":
            return self._added(side, [(group, time, _ONE)])
        if name == "group" and group is not None:
            return self._added(side, [(group, each, _ONE) for each in self._after(side, group)])
        if name == "calendar" and time is not None:
            return self._added(side, [(each, time, _ONE) for each in side.units if each <= time])
        if name == "dynamic" and event is not None:
            return self._added(side, self._at(side, event))
        if name == "simple":
            every = [(g, t, _ONE) for g in side.units for t in self._after(side, g)]
            return self._added(side, every)
        return self._overall(side, name)

    def _overall(self, side: _Side, name: str) -> dict[Atom, Fraction]:
        """The mean of a kind of averages: each part weighs the same, whatever its size."""
        if name == "group":
            parts = [(g, t, Fraction(1, len(self._after(side, g)))) for g in side.units
                     for t in self._after(side, g)]  # fmt: skip
        elif name == "calendar":
            sizes = {t: self._size(side, [g for g in side.units if g <= t]) for t in side.times}
            parts = [(g, t, Fraction(1, sizes[t])) for g in side.units
                     for t in self._after(side, g)]  # fmt: skip
        elif name == "dynamic":
            parts = []
            for event in range(len(side.times)):
                there = self._at(side, event)
                size = self._size(side, [each[0] for each in there])
                parts += [(g, t, Fraction(1, size)) for g, t, _ in there]
        else:
            return {}
        return self._added(side, parts)

    def _size(self, side: _Side, groups: Sequence[str]) -> int:
        """Units of some cohorts; a hidden one counts as a number that no other has."""
        order = sorted(side.units)
        return sum(side.units[group] or 10_007 + 101 * order.index(group) for group in groups)

    def _after(self, side: _Side, group: str) -> list[str]:
        return [time for time in side.times if time >= group]

    def _at(self, side: _Side, event: int) -> list[tuple[str, str, Fraction]]:
        found = []
        for group in side.units:
            place = side.times.index(group) + event
            if 0 <= place < len(side.times):
                found.append((group, side.times[place], _ONE))
        return found

    def _added(
        self, side: _Side, parts: Sequence[tuple[str, str, Fraction]]
    ) -> dict[Atom, Fraction]:
        total: dict[Atom, Fraction] = {}
        for group, time, weight in parts:
            for atom, one in self.sum(side, group, time).items():
                total[atom] = total.get(atom, _NOTHING) + weight * one
        return total

    def targets(self) -> Iterator[Target]:
        """Hidden cohorts, and what a cohort changed by where that is fewer than five units."""
        for side in (self.before, self.now):
            for group, units in side.units.items():
                if units is None and not (side.later and self._public(group)):
                    yield from self._hidden(side, group)
        for group in self.now.units:
            by = self.changed(group)
            if by is not None and abs(by) < LEAST:
                yield from self._moved(group, abs(by))

    def _public(self, group: str) -> bool:
        """Whether the earlier release shows a cohort that the later one hides."""
        return self.before.units.get(group) is not None

    def _hidden(self, side: _Side, group: str) -> Iterator[Target]:
        where = f"{self._finding}/{COHORTS}/group/g{group}"
        after = self._after(side, group)
        for time in after:
            what = f"the hidden group {group} in {time}"
            yield Target(TABLE, where, what, self.sum(side, group, time))
        whole = self._added(side, [(group, time, _ONE) for time in after])
        yield Target(TABLE, where, f"the hidden group {group}", whole)

    def _moved(self, group: str, by: int) -> Iterator[Target]:
        where = f"{self._finding}/{COHORTS}/group/g{group}"
        times = [time for time in self._after(self.now, group) if time in self.before.times]
        for time in times:
            what = f"the {by} units by which group {group} changed, in {time}"
            yield Target(TABLE, where, what, {("more", group, time): _ONE})
        if times:
            terms: Combination = {("more", group, time): _ONE for time in times}
            yield Target(TABLE, where, f"the {by} units by which group {group} changed", terms)

    @property
    def _finding(self) -> str:
        return str(self.now.rows[0]["finding"])


def _mean_cells(
    before: _Side, now: _Side, estimator: str, overall: bool
) -> tuple[list[Cell], list[Target]]:
    """Means over units: a cell of its own in each release, its change a target where it is few."""
    cells: list[Cell] = []
    targets: list[Target] = []
    was = {_place(row): row for row in before.rows if _is_mean(row, estimator, overall)}
    for row in now.rows:
        if not _is_mean(row, estimator, overall):
            continue
        old, place = was.get(_place(row)), _place(row)
        key = (TABLE, "/".join((row["finding"], estimator, *place)))
        told = old is not None and not old["hidden"] and not row["hidden"]
        if old is None or not told or row["n"] == old["n"]:
            continue
        if abs(row["n"] - old["n"]) < LEAST:
            base, more = ("mean", estimator, *place), ("mean more", estimator, *place)
            cells.append(Cell(key, {base: _ONE}, later=False, shown=True))
            cells.append(Cell(key, {base: _ONE, more: _ONE}, later=True, shown=True))
            what = f"the {abs(row['n'] - old['n'])} units by which its count changed"
            targets.append(Target(TABLE, key[1], what, {more: _ONE}))
    return cells, targets


def _is_mean(row: Mapping[str, Any], estimator: str, overall: bool) -> bool:
    return bool(row["estimator"] == estimator and (overall or row["event_time"] is not None))


def _place(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["name"], row["place"]
