"""What the parts of a programme must be to each other before it can be followed by path."""

import itertools
import re
from collections.abc import Callable
from fractions import Fraction

from koga.plan.schemes import values
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.reading import Reading, located

_MONTH = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_NEEDS = {
    "track": ("completion_share", "counterfactual_share", "leaving_rate"),
    "supply": ("utilisation_share", "life_years"),
}
"""Table inside a programme: keys of the programme itself that it cannot do without."""


def _say(reading: Reading, code: str, path: str, value: object = "", **details: object) -> None:
    line = reading.line_of.get(path, reading.line_of.get(path.rpartition(".")[0], 0))
    reading.problems.append(located(code, path, value, line, **details))


def _size(leaf: Leaf) -> Fraction:
    return values.numeric(leaf.value) or Fraction(0)


def needed_beside(reading: Reading) -> None:
    """A track and a supply need some figures of the programme they stand in."""
    for name, table in itertools.product(reading.names.get("programme", []), _NEEDS):
        path = f"programme.{name}"
        if not any(known.startswith(f"{path}.{table}.") for known in reading.leaves):
            continue
        for key in _NEEDS[table]:
            if f"{path}.{key}" not in reading.leaves:
                _say(reading, "plan.part_needs", f"{path}.{key}", table)


def found_work(reading: Reading) -> None:
    """Shares who found work stand under whole months and never fall from one to the next."""
    for name in reading.names.get("programme", []):
        start = f"programme.{name}.track.found_work."
        by_month: dict[int, Leaf] = {}
        for path, leaf in reading.leaves.items():
            month = path.removeprefix(start)
            if not path.startswith(start):
                continue
            whole = int(month) if _MONTH.fullmatch(month) else 0
            if whole == 0 or (whole > 12 and whole % 3):
                _say(reading, "plan.months", path, month)
            else:
                by_month[whole] = leaf
        for earlier, later in itertools.pairwise(sorted(by_month)):
            if _size(by_month[later]) < _size(by_month[earlier]):
                shown = by_month[later].text
                _say(reading, "plan.found_work_falls", by_month[later].path, shown, before=earlier)


def found_where(reading: Reading) -> None:
    """Of those who find work, the parts in AI work and as founders are at most all of them."""
    for name in reading.names.get("programme", []):
        paths = [f"programme.{name}.track.{key}" for key in ("ai_share", "founder_share")]
        known = [reading.leaves[path] for path in paths if path in reading.leaves]
        whole = sum((_size(leaf) for leaf in known), Fraction(0))
        if whole > 1:
            _say(reading, "plan.found_where", paths[0], values.text(whole))


RULES: tuple[Callable[[Reading], None], ...] = (needed_beside, found_work, found_where)
"""In the order they are applied."""
