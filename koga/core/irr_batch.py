"""Internal rates of return of many funds at once, as arrays.

Only a rate that is the one and only root is given, else NaN, as in `irr.solve`:

- an even number of sign changes means an even number of roots, counted with multiplicity: never
  exactly one crossing;
- one sign change means exactly one root;
- with three or more, the root found is the only one if the balance discounted at that rate and
  summed over time stays between 0 and its end (wider than Soper's test of 1959, that the balance
  keep one sign);
- what fails this test is decided by bounds on cells of the line, and what even these leave open by
  `irr.solve`, one by one.

Roots are found by secant steps on e^(δc)·Σ aᵢe^(-δtᵢ), nearly linear for c in the middle of the
flows, kept in a bracket and halved where a step would leave it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from koga.core.irr import solve

Floats = NDArray[np.float64]

_STEPS = 60
_CLOSE = 1e-14
_STRIDE = 0.25
_VALUES = 400_000


def irr_batch(amounts: Any, days: Any) -> Floats:
    """Rates (act/365f) of funds in rows; NaN where there is not exactly one.

    amounts: (funds, columns), the investor's view. days: each column's days since the first.

    >>> irr_batch([[-100, 110], [100, 110]], [0, 365]).round(12).tolist()
    [0.1, nan]
    """
    table = np.asarray(amounts, dtype=np.float64)
    offsets = np.asarray(days, dtype=np.float64)
    if table.ndim != 2 or offsets.shape != table.shape[1:]:
        raise ValueError("amounts are (funds, columns), days one number per column")
    rates = np.full(len(table), np.nan)
    if table.shape[1] < 2 or not len(table):
        return rates
    table, offsets = _by_day(table, offsets)
    years = (offsets - offsets[0]) / 365
    if len(years) < 2:
        return rates
    block = max(1024, _VALUES // len(years))
    for start in range(0, len(table), block):
        rates[start : start + block] = _solve_rows(table[start : start + block], years)
    return rates


def _by_day(table: Floats, offsets: Floats) -> tuple[Floats, Floats]:
    """Columns in order of days, those of one day added."""
    if np.all(offsets[1:] > offsets[:-1]):
        return table, offsets
    order = np.argsort(offsets, kind="stable")
    unique, first = np.unique(offsets[order], return_index=True)
    return np.add.reduceat(table[:, order], first, axis=1), unique


def _solve_rows(rows: Floats, years: Floats) -> Floats:
    rates = np.full(len(rows), np.nan)
    columns = np.ascontiguousarray(rows.T)
    changes, first = _sign_changes(columns)
    odd = np.flatnonzero(changes % 2 == 1)
    if not len(odd):
        return rates
    if len(odd) < len(rows):
        columns, first = np.ascontiguousarray(columns[:, odd]), first[odd]
    deltas, solved = _roots(columns, years, first)
    sure = solved.copy()
    several = np.flatnonzero(changes[odd] > 1)
    if len(several):
        part = np.ascontiguousarray(columns[:, several])
        sure[several] &= _only_root(part, years, deltas[several], first[several])
    rates[odd] = np.expm1(deltas)
    doubtful = np.flatnonzero(~sure)
    if len(doubtful):
        alone, unclear = _decide(columns[:, doubtful], years)
        reached = np.isfinite(deltas[doubtful]) & solved[doubtful]
        rates[odd[doubtful[~alone]]] = np.nan
        for place in doubtful[unclear | (alone & ~reached)]:
            rates[odd[place]] = _one_by_one(columns[:, place], years)
    return rates


def _sign_changes(columns: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Per fund the number of sign changes, zeros skipped, and the sign of the first flow."""
    plus, minus = columns > 0, columns < 0
    changes = np.zeros(columns.shape[1], dtype=np.int16)
    started, began_plus = plus[0] | minus[0], plus[0].copy()
    last = plus[0].copy()
    for gain, pay in zip(plus[1:], minus[1:], strict=True):
        changes += started & ((last & pay) | (gain & ~last))
        began_plus |= gain & ~started
        started |= gain | pay
        last = (last & ~pay) | gain
    return changes.astype(np.int64), np.where(began_plus, 1.0, -1.0)


class _Horner:
    """Σ aᵢe^(-δtᵢ) for all funds: one power per distinct gap between columns, then Horner."""

    def __init__(self, columns: Floats, years: Floats) -> None:
        self.columns = columns
        gaps = np.diff(years)
        self.gaps, self.which = np.unique(gaps.round(12), return_inverse=True)
        self.sum = np.empty(columns.shape[1])

    def __call__(self, deltas: Floats) -> Floats:
        """The sums; the array is overwritten by the next call."""
        powers = [np.exp(deltas * -gap) for gap in self.gaps]
        total = self.sum
        np.copyto(total, self.columns[-1])
        for place in range(len(self.columns) - 2, -1, -1):
            np.multiply(total, powers[self.which[place]], out=total)
            np.add(total, self.columns[place], out=total)
        return total


def _first_guess(columns: Floats, years: Floats) -> tuple[Floats, Floats]:
    """ln(received / paid) over the time between them, and the middle of the two."""
    plus = np.maximum(columns, 0.0)
    received, paid = plus.sum(axis=0), np.subtract(plus.sum(axis=0), columns.sum(axis=0))
    late = years @ plus
    early = late - years @ columns
    with np.errstate(all="ignore"):
        late, early = late / received, early / paid
        guess = np.log(received / paid) / (late - early)
    usable = np.isfinite(guess) & (np.abs(late - early) > 0.05) & (np.abs(guess) < 3.0)
    return np.where(usable, guess, 0.1), (late + early) / 2


def _roots(columns: Floats, years: Floats, first: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """One root per fund between ends of opposite sign, and whether it was reached."""
    guess, centre = _first_guess(columns, years)
    count = columns.shape[1]
    found = np.zeros(count)
    done = np.zeros(count, dtype=bool)
    rows = np.arange(count)
    state = _Search(columns, years, first, centre, guess)
    with np.errstate(all="ignore"):
        for step in range(_STEPS):
            state.step()
            if step < 1:
                continue
            settled, points = state.settled()
            share = np.count_nonzero(settled) / len(settled)
            if share < 0.3 and step % 8:
                continue
            found[rows[settled]] = points[settled]
            done[rows[settled]] = True
            rows = rows[~settled]
            if not len(rows):
                break
            state = state.keep(~settled)
    return found, done


class _Search:
    """Secant steps within brackets, for all funds not yet solved."""

    def __init__(
        self, columns: Floats, years: Floats, first: Floats, centre: Floats, guess: Floats
    ) -> None:
        self.columns, self.years, self.first, self.centre = columns, years, first, centre
        self.evaluate = _Horner(columns, years)
        self.low = np.full(len(first), -np.inf)
        self.high = np.full(len(first), np.inf)
        self.before = np.zeros(len(first))
        self.point = guess
        with np.errstate(all="ignore"):
            self.value_before = columns.sum(axis=0) * first
        self._narrow(self.before, self.value_before)
        self.value = self._at(self.point)
        self.move = np.full(len(first), np.inf)

    def _at(self, points: Floats) -> Floats:
        """The sum, scaled to be nearly linear; positive right of the root."""
        value: Floats = self.evaluate(points) * np.exp(points * self.centre) * self.first
        self._narrow(points, value)
        return value

    def _narrow(self, points: Floats, value: Floats) -> None:
        """The first flow's sign rules for great δ: there the scaled sum is positive."""
        np.copyto(self.high, points, where=(value >= 0) & (points < self.high))
        np.copyto(self.low, points, where=(value <= 0) & (points > self.low))

    def step(self) -> None:
        """One secant step, or half the bracket where it would leave it."""
        slope = (self.value - self.value_before) / (self.point - self.before)
        target = self.point - self.value / slope
        outside = ~((target > self.low) & (target < self.high))
        if outside.any():
            half = np.where(self.value == 0, self.point, self._half())
            np.copyto(target, half, where=outside)
        self.move = target - self.point
        self.before, self.value_before = self.point, self.value
        self.point = target
        self.value = self._at(target)

    def _half(self) -> Floats:
        """The middle of the bracket; beyond an open end, twice as far."""
        middle = (self.low + self.high) / 2
        up = np.maximum(self.low * 2, self.low + 0.5)
        down = np.minimum(self.high * 2, self.high - 0.5)
        middle = np.where(np.isinf(self.high), up, middle)
        return np.asarray(np.where(np.isinf(self.low), down, middle), dtype=np.float64)

    def settled(self) -> tuple[NDArray[np.bool_], Floats]:
        """Where one more step needs no evaluation: its error is of the order of both last ones.

        Steps must shrink and be short: where the sum is astronomical on one side, a secant moves
        hardly at all without being near.
        """
        last = self.value * (self.point - self.before) / (self.value - self.value_before)
        point = self.point - last
        close = (np.abs(last * self.move) < _CLOSE) & (np.abs(self.move) < _STRIDE)
        close &= np.abs(last) <= np.abs(self.move)
        close &= (point >= self.low) & (point <= self.high)
        exact = (self.value == 0) | (self.high - self.low < 1e-14)
        if exact.any():
            point = np.where(exact, self.point, point)
            close |= exact
        return close, point

    def keep(self, rows: NDArray[np.bool_]) -> "_Search":
        """The search over some of its funds."""
        other = object.__new__(_Search)
        other.columns = np.ascontiguousarray(self.columns[:, rows])
        other.years = self.years
        other.evaluate = _Horner(other.columns, self.years)
        for name in (
            "first",
            "centre",
            "low",
            "high",
            "before",
            "point",
            "value_before",
            "value",
            "move",
        ):
            setattr(other, name, getattr(self, name)[rows])
        return other


def _only_root(columns: Floats, years: Floats, deltas: Floats, first: Floats) -> NDArray[np.bool_]:
    """Whether the balance, discounted at the root and summed over time, stays within its end.

    With C(t) the discounted flows so far, Σ aᵢe^(-(δ+y)tᵢ) = y·∫C e^(-yt) = y²·∫∫C e^(-yt): right
    of the root (y > 0) it has no root where S(t) = ∫C keeps one sign, left of it where S(T) - S(t)
    does. A balance C of one sign (Soper) is the common case of both.
    """
    gaps = np.diff(years)
    forward = _keeps_sign(columns, gaps, -deltas, first)
    return forward & _keeps_sign(columns[::-1], gaps[::-1], deltas, -first)


def _keeps_sign(columns: Floats, gaps: Floats, rates: Floats, sign: Floats) -> NDArray[np.bool_]:
    """Whether the discounted balance, summed from one end, never turns against its sign.

    Each comparison is relative to what was summed so far, so that an early turn does not drown in
    later, greater amounts.
    """
    factors = {gap: np.exp(rates * gap) for gap in set(gaps.tolist())}
    discount = np.ones(len(rates))
    balance = columns[0] * sign
    area, size = np.zeros(len(rates)), np.zeros(len(rates))
    sure = np.ones(len(rates), dtype=bool)
    with np.errstate(all="ignore"):
        for flows, gap in zip(columns[1:], gaps.tolist(), strict=True):
            area += balance * gap
            size += np.abs(balance) * gap
            sure &= area >= -1e-12 * size
            discount *= factors[gap]
            balance += flows * discount * sign
        sure &= area > 1e-9 * size
    return np.asarray(sure & np.isfinite(area))


def _decide(columns: Floats, years: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which funds certainly have one root, and which may: the others certainly have not.

    The line is cut into cells. From the sum and its first two derivatives in the middle of a cell
    and a bound of the third, the sum and its slope are bounded on the cell: no root where the
    bounds of the sum have one sign, at most one where those of the slope have. Far right times
    count from the first flow, far left from the last, so that what rules there is nearly constant.
    """
    rows = columns.T / np.abs(columns).max(axis=0)[:, None]
    far = _far(years)
    grid = np.concatenate([-far[::-1], _NEAR, far])
    shifts = years - (years[0] + years[-1]) / 2
    unclear = ~_outweighed(rows, years, grid)
    open_ = _crossings(rows, years, grid) <= 1
    chosen = np.flatnonzero(open_ & ~unclear)
    count = np.zeros(len(rows), dtype=np.int64)
    for cells, times in (
        (_NEAR, shifts),
        (np.concatenate([_NEAR[-1:], far]), years - years[0]),
        (np.concatenate([-far[::-1], _NEAR[:1]]), years - years[-1]),
    ):
        owners = np.repeat(chosen, len(cells) - 1)
        low, high = np.tile(cells[:-1], len(chosen)), np.tile(cells[1:], len(chosen))
        for _ in range(_ROUNDS):
            if not len(owners):
                break
            roots, left = _cells(rows[owners], times, low, high)
            np.add.at(count, owners, roots)
            owners, low, high = _cut(owners[left], low[left], high[left])
        unclear[owners] = True
    unclear &= open_
    return open_ & ~unclear & (count == 1), unclear


_NEAR = np.concatenate([np.linspace(-3, -1.1, 20), np.linspace(-1, 1, 41), np.linspace(1.1, 3, 20)])
_ROUNDS = 6
_PARTS = 4


def _far(years: Floats) -> Floats:
    """Points beyond the near grid, ever wider, to where one gap shrinks a flow by e^16."""
    end = 16 / np.diff(years).min()
    return np.asarray(np.geomspace(3.3, max(end, 4.0), 24), dtype=np.float64)


def _crossings(rows: Floats, years: Floats, grid: Floats) -> NDArray[np.int64]:
    """How often each fund's sum surely changes sign between points of the grid."""
    middle = (years[0] + years[-1]) / 2
    powers = np.outer(middle - years, grid)
    powers -= powers.max(axis=0)
    corners = np.exp(powers)
    values, sizes = rows @ corners, np.abs(rows) @ corners
    signs = np.where(np.abs(values) > 1e-11 * sizes, np.sign(values), 0)
    return np.asarray(np.count_nonzero(signs[:, 1:] * signs[:, :-1] < 0, axis=1), dtype=np.int64)


def _outweighed(rows: Floats, years: Floats, grid: Floats) -> NDArray[np.bool_]:
    """Whether left and right of the grid no root can lie.

    Right of it the flows before the first change of sign outweigh all others, the more the
    further right, as they come earlier; left of it those after the last change.
    """
    sure = np.ones(len(rows), dtype=bool)
    for point, order, start in ((grid[0], -1, years[-1]), (grid[-1], 1, years[0])):
        terms = (rows * np.exp((start - years) * point))[:, ::order]
        first = terms[np.arange(len(rows)), np.argmax(terms != 0, axis=1)]
        against = terms * first[:, None] < 0
        leading = np.where(np.cumsum(against, axis=1) == 0, np.abs(terms), 0).sum(axis=1)
        sure &= 2 * leading > np.abs(terms).sum(axis=1)
    return sure


def _cells(
    rows: Floats, shifts: Floats, low: Floats, high: Floats
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Per cell the number of roots where it is certain, and the cells where it is not."""
    half = (high - low) / 2
    powers = np.outer((low + high) / -2, shifts)
    powers -= powers.max(axis=1)[:, None]
    terms = rows * np.exp(powers)
    value, slope, bend = terms.sum(axis=1), terms @ -shifts, np.abs(terms @ shifts**2)
    size = np.abs(terms) * np.exp(np.minimum(np.outer(half, np.abs(shifts)), 300.0))
    third = size @ np.abs(shifts) ** 3
    reach = half * (np.abs(slope) + half / 2 * (bend + half / 3 * third))
    noise = 1e-13 * np.abs(terms).sum(axis=1)
    empty = np.abs(value) > reach + noise
    steady = ~empty & (np.abs(slope) > half * (bend + half / 2 * third))
    roots = np.zeros(len(rows), dtype=np.int64)
    one = np.flatnonzero(steady)
    ends = []
    for end in (low, high):
        powers = np.outer(-end[one], shifts)
        powers -= powers.max(axis=1, initial=-np.inf)[:, None]
        ends.append(np.einsum("ij,ij->i", rows[one], np.exp(powers)) > 0)
    roots[one] = ends[0] != ends[1]
    return roots, ~empty & ~steady


def _cut(
    owners: NDArray[np.int64], low: Floats, high: Floats
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Each cell in equal parts."""
    edges = np.linspace(low, high, _PARTS + 1, axis=1)
    return np.repeat(owners, _PARTS), edges[:, :-1].ravel(), edges[:, 1:].ravel()


def _one_by_one(column: Floats, years: Floats) -> float:
    """What arrays cannot decide: the rigorous solver."""
    rate = solve([float(year) for year in years], [float(amount) for amount in column]).rate
    return float("nan") if rate is None else rate
