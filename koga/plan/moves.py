"""Moving money between a fund's lines and programmes: a trillion won from loans to GPUs.

What moves is public money: of an instrument the fund's own part, in the proportion of its years,
the private part stays; of a programme whole units at their unit cost, in the proportion of its
years. What does not fill a unit stays unspent. The answer is a scheme like any other, with every
figure that changed marked as such (`koga.plan.schemes.change`).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from koga.core import money
from koga.core.problems import Problem, Refusal, ensure
from koga.plan.schemes import change
from koga.plan.schemes.shape import Scheme

_DAYS = 365
"""m²-days of a year in the programmes of space, whose quantity follows from their area."""


def ends(scheme: Scheme) -> tuple[str, ...]:
    """Everything money can be moved between: `instrument.NAME` and `programme.ID`."""
    instruments = [f"instrument.{name}" for name in scheme.entries.get("instrument", ())]
    programmes = [f"programme.{name}" for name in scheme.entries.get("programme", ())]
    return (*instruments, *programmes)


def move(scheme: Scheme, *, giving: str, taking: str, amount_won: int) -> Scheme:
    """The scheme with so much moved from one end to another; names may leave out the table.

    Raises `Refusal` where an end is unknown or both are one, where the giving end has not so much,
    where the amount buys no unit, and where the changed scheme breaks a rule.
    """
    of, to = _end(scheme, giving, "giving"), _end(scheme, taking, "taking")
    if of == to:
        raise Refusal(Problem("plan.move_same", "taking", taking))
    if amount_won <= 0:
        raise Refusal(Problem("plan.move_amount", "amount", str(amount_won)))
    available = held(scheme, of)
    if amount_won > available:
        shown = {"available": f"{available:,}", "at": of}
        raise Refusal(Problem("plan.move_too_much", "amount", f"{amount_won:,}", shown))
    changes, moved = _resized(scheme, of, -amount_won)
    changed = change.changed(scheme, changes)
    changes, _ = _resized(changed, to, moved)
    return change.changed(changed, changes)


def held(scheme: Scheme, end: str) -> int:
    """Public money planned at an end, all years, in won (rounded down)."""
    table, _, name = end.partition(".")
    if table == "programme":
        return sum(_quantities(scheme, name).values()) * scheme.amount(f"{end}.unit_cost")
    cells = _cells(scheme, name)
    if cells:
        return sum(cells.values())
    whole = scheme.number(f"{end}.share") * scheme.amount("size.all.total")
    return int(whole * scheme.number(f"{end}.fund_share"))


def _end(scheme: Scheme, name: str, where: str) -> str:
    known = ends(scheme)
    for end in (name, f"instrument.{name}", f"programme.{name}"):
        if end in known:
            return end
    raise Refusal(Problem("plan.move_end", where, name, {"known": ", ".join(known)}))


_Changes = tuple[dict[str, object], int]


def _resized(scheme: Scheme, end: str, won: int) -> _Changes:
    """New values by path when so much is added (or taken away), and how much that moved."""
    table, _, name = end.partition(".")
    if table == "programme":
        return _programme(scheme, name, won)
    if _cells(scheme, name):
        return _by_cells(scheme, name, won), abs(won)
    return _by_shares(scheme, name, won), abs(won)


def _programme(scheme: Scheme, name: str, won: int) -> _Changes:
    """Whole units over its years; space follows by its area, decisions on rules by reviewers."""
    path = f"programme.{name}"
    unit_cost = scheme.amount(f"{path}.unit_cost")
    units = abs(won) // unit_cost if unit_cost else 0
    if units == 0:
        shown = {"unit_cost": f"{unit_cost:,}", "at": path}
        raise Refusal(Problem("plan.move_small", "amount", f"{abs(won):,}", shown))
    before = _quantities(scheme, name)
    parts = _spread(units, before, path)
    sign = 1 if won > 0 else -1
    after = {year: number + sign * parts[year] for year, number in before.items()}
    changes: dict[str, object] = {}
    for year, number in after.items():
        area = f"{path}.space.area.{year}"
        if area in scheme.leaves:
            changes[area] = Fraction(number, _DAYS)
        else:
            changes[f"{path}.quantity.{year}"] = number
    reviewers, whole = f"{path}.queue.reviewers", sum(before.values())
    if reviewers in scheme.leaves and whole:
        changes[reviewers] = scheme.number(reviewers) * Fraction(sum(after.values()), whole)
    return changes, units * unit_cost


def _quantities(scheme: Scheme, name: str) -> dict[int, int]:
    return _figures(scheme, f"programme.{name}.quantity")


def _cells(scheme: Scheme, name: str) -> dict[int, int]:
    return _figures(scheme, f"instrument.{name}.fund")


def _figures(scheme: Scheme, path: str) -> dict[int, int]:
    """Whole figures by year, without the total."""
    return {
        int(leaf.path.rpartition(".")[2]): int(scheme.number(leaf.path))
        for leaf in scheme.under(path)
        if not leaf.path.endswith(".total")
    }


def _spread(whole: int, by_year: Mapping[int, int], name: str) -> dict[int, int]:
    """A whole number over years in proportion, evenly where there is nothing yet."""
    ensure(bool(by_year), f"{name} has no year")
    weights = list(by_year.values()) if any(by_year.values()) else [1] * len(by_year)
    years = [str(year) for year in by_year]
    parts: Sequence[int] = money.split(
        whole, weights, policy="largest_remainder", names=years, distribution=name
    ).parts
    return dict(zip(by_year, parts, strict=True))


def _by_cells(scheme: Scheme, name: str, won: int) -> dict[str, object]:
    """Amounts by year: each year gives or takes its part; the total follows."""
    path = f"instrument.{name}.fund"
    before = _cells(scheme, name)
    parts = _spread(abs(won), before, path)
    sign = 1 if won > 0 else -1
    changes: dict[str, object] = {
        f"{path}.{year}": number + sign * parts[year] for year, number in before.items()
    }
    if f"{path}.total" in scheme.leaves:
        changes[f"{path}.total"] = scheme.amount(f"{path}.total") + won
    return changes


def _by_shares(scheme: Scheme, name: str, won: int) -> dict[str, object]:
    """Shares of a size: the size changes by what moves, all shares with it, exactly."""
    size = scheme.amount("size.all.total")
    grown = Fraction(size + won)
    changes: dict[str, object] = {"size.all.total": size + won}
    for other in scheme.entries.get("instrument", ()):
        path = f"instrument.{other}"
        own = scheme.number(f"{path}.share") * size
        if other == name:
            public = scheme.number(f"{path}.fund_share") * own + won
            own += won
            changes[f"{path}.fund_share"] = public / own if own else Fraction(0)
        changes[f"{path}.share"] = own / grown
    return changes
