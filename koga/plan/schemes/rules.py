"""What the parts of a scheme must be to each other: references, sums, formulas, orders.

Each rule is a function of a `Reading` that adds its problems; `RULES` is the list of them.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from koga.core import dates, units
from koga.core.problems import Refusal
from koga.plan.schemes import formula, rules_programmes, values
from koga.plan.schemes.leaf import Leaf
from koga.plan.schemes.reading import Reading, located
from koga.release import tables

SIDES = ("fund", "private", "fiscal")
"""Whose money a cell is: as in `committed` and in the tables `size` and `instrument`."""


_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)


class _NotThere(Exception):
    """A formula names a path that is no number; `path` and whether it exists at all."""

    def __init__(self, path: str, *, exists: bool) -> None:
        super().__init__(path)
        self.path = path
        self.exists = exists


def _say(reading: Reading, code: str, path: str, value: object = "", **details: object) -> None:
    above = path
    while above and above not in reading.line_of:
        above = above.rpartition(".")[0]
    line = reading.line_of.get(above, 0)
    reading.problems.append(located(code, path, value, line, **details))


def _number(reading: Reading, path: str) -> Fraction | None:
    leaf = reading.leaves.get(path)
    return None if leaf is None else values.numeric(leaf.value)


def _inside(reading: Reading, table: str) -> list[Leaf]:
    """Leaves directly in a table."""
    start = f"{table}."
    return [
        leaf
        for path, leaf in reading.leaves.items()
        if path.startswith(start) and "." not in path[len(start) :]
    ]


def formulas(reading: Reading) -> None:
    """Every `from` is readable, names numbers, and gives exactly the value written."""
    for leaf in reading.leaves.values():
        if leaf.formula:
            _formula(reading, leaf)
    for path in _circles({leaf.path: leaf.formula for leaf in reading.leaves.values()}):
        _say(reading, "scheme.formula_circle", path, reading.leaves[path].formula)


def _formula(reading: Reading, leaf: Leaf) -> None:
    written = values.numeric(leaf.value)
    if written is None:
        _say(reading, "scheme.formula_words", leaf.path, leaf.formula)
        return

    def look_up(path: str) -> Fraction:
        size = _number(reading, path)
        if size is None:
            raise _NotThere(path, exists=path in reading.leaves)
        return size

    try:
        result = formula.evaluate(leaf.formula, look_up)
    except formula.Unreadable as wrong:
        _say(reading, "scheme.formula_unreadable", leaf.path, leaf.formula, at=wrong.place + 1)
    except ZeroDivisionError:
        _say(reading, "scheme.formula_zero", leaf.path, leaf.formula)
    except _NotThere as missing:
        wrong_path = "scheme.formula_not_number" if missing.exists else "scheme.formula_path"
        _say(reading, wrong_path, leaf.path, missing.path)
    else:
        if not _agrees(written, result, leaf.rule):
            shown = {"formula": leaf.formula, "result": values.text(result)}
            _say(reading, "scheme.formula_mismatch", leaf.path, values.text(written), **shown)


def _agrees(written: Fraction, result: Fraction, rule: str) -> bool:
    """A floor may be passed and a ceiling undercut by what the parts add up to."""
    if rule == "at_least":
        return result >= written
    return result <= written if rule == "at_most" else result == written


def _circles(texts: Mapping[str, str]) -> list[str]:
    """Paths whose formula leads back to themselves."""
    uses = {path: [name for name in formula.paths(text)] for path, text in texts.items() if text}
    found = []
    for start in uses:
        seen: set[str] = set()
        waiting = list(uses[start])
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(uses.get(name, ()))
        if start in seen:
            found.append(start)
    return found


def code(reading: Reading) -> None:
    """The scheme's code can stand in an address."""
    written = str(reading.plain.get("scheme.code", "scheme"))
    if not _CODE.fullmatch(written):
        _say(reading, "scheme.code", "scheme.code", written)


def references(reading: Reading) -> None:
    """What is named exists."""
    for path, name, table in reading.references:
        known = reading.names.get(table, [])
        if name not in known:
            _say(
                reading, "scheme.reference", path, name, known=", ".join(known) or "-", table=table
            )


def shares(reading: Reading) -> None:
    """Parts of one whole add up to 1, where they are given."""
    sides: dict[str, list[str]] = {}
    for name in reading.names.get("capital", []):
        side = str(reading.plain.get(f"capital.{name}.side", ""))
        sides.setdefault(side, []).append(f"capital.{name}.share")
    groups = [("capital", paths) for paths in sides.values()]
    groups.append(("instrument", _each(reading, "instrument", "share")))
    groups.append(("sector", _each(reading, "sector", "weight")))
    for vehicle in reading.names.get("vehicle", []):
        table = f"vehicle.{vehicle}.tranche"
        groups.append((table, _each(reading, table, "share")))
    groups.extend(_classes(reading))
    for table, paths in groups:
        _adds_up(reading, table, paths)


def _each(reading: Reading, table: str, key: str) -> list[str]:
    return [f"{table}.{name}.{key}" for name in reading.names.get(table, [])]


def _classes(reading: Reading) -> list[tuple[str, list[str]]]:
    """The class shares of each instrument."""
    by_instrument: dict[str, list[str]] = {}
    for name in reading.names.get("class", []):
        listed = reading.plain.get(f"class.{name}.instruments", ())
        for instrument in listed if isinstance(listed, tuple) else ():
            by_instrument.setdefault(instrument, []).append(f"class.{name}.share")
    return [("class", paths) for paths in by_instrument.values()]


def _adds_up(reading: Reading, table: str, paths: Iterable[str]) -> None:
    given = [path for path in paths if path in reading.leaves]
    whole = sum((_number(reading, path) or Fraction(0) for path in given), Fraction(0))
    if given and whole != 1:
        listed = ", ".join(path.removeprefix(f"{table}.") for path in given)
        _say(reading, "scheme.shares", table, values.text(whole), parts=listed)


def years(reading: Reading) -> None:
    """Years of a table do not pass its total; where all years are there they equal it."""
    all_years = _number(reading, "fund.deployment_years")
    for path, total in list(reading.leaves.items()):
        if not path.endswith(".total") or total.rule == "at_least":
            continue
        parts = [
            leaf for leaf in _inside(reading, path.removesuffix(".total")) if leaf is not total
        ]
        whole = sum((values.numeric(leaf.value) or Fraction(0) for leaf in parts), Fraction(0))
        size = values.numeric(total.value) or Fraction(0)
        floors = any(leaf.rule for leaf in parts)
        if parts and not floors and (whole > size or (len(parts) == all_years and whole != size)):
            _say(reading, "scheme.years_sum", path, values.text(size), result=values.text(whole))


def instruments(reading: Reading) -> None:
    """Each instrument has amounts by year, or a share of a size that has a pace: not both."""
    for name in reading.names.get("instrument", []):
        path = f"instrument.{name}"
        cells = [leaf for side in SIDES[:2] for leaf in _inside(reading, f"{path}.{side}")]
        by_share = f"{path}.share" in reading.leaves
        if by_share and cells:
            _say(reading, "scheme.two_ways", path, name)
        elif not by_share and not cells:
            _say(reading, "scheme.no_amount", path, name)
        elif by_share:
            needed = ("size.all.total", f"{path}.fund_share")
            lacking = [need for need in needed if need not in reading.leaves]
            if not _inside(reading, "pace"):
                lacking.append("pace")
            for need in lacking:
                _say(reading, "scheme.share_needs", path, name, need=need)


def first_losses(reading: Reading) -> None:
    """A first loss's share times its denominator is its amount, where all three are given."""
    for name in reading.names.get("vehicle", []):
        path = f"vehicle.{name}.first_loss"
        keys = ("share", "denominator_amount", "amount")
        share, base, amount = (_number(reading, f"{path}.{key}") for key in keys)
        if share is not None and base is not None and amount is not None and share * base != amount:
            result = values.text(share * base)
            _say(reading, "scheme.first_loss_amount", path, values.text(amount), result=result)


def orders(reading: Reading) -> None:
    """Money follows approved ≥ contracted ≥ drawn ≥ repaid; a shortest is not above a longest."""
    for name in reading.names.get("project", []):
        life = [f"project.{name}.{key}" for key in ("approved", "contracted", "drawn", "repaid")]
        known = [path for path in life if path in reading.leaves]
        for earlier, later in itertools.pairwise(known):
            if (_number(reading, later) or 0) > (_number(reading, earlier) or 0):
                shown = reading.leaves[later].text
                _say(reading, "scheme.life_order", later, shown, before=earlier)
    for path in list(reading.leaves):
        longest = path.replace("_min_years", "_max_years")
        if longest == path or longest not in reading.leaves:
            continue
        if (_number(reading, path) or 0) > (_number(reading, longest) or 0):
            shown = f"{reading.leaves[path].text} – {reading.leaves[longest].text}"
            _say(reading, "scheme.range_order", path, shown)


def obligations(reading: Reading) -> None:
    """A ratio has a base; `none` is for amounts."""
    for name in reading.names.get("obligation", []):
        threshold = reading.leaves.get(f"obligation.{name}.threshold")
        base = reading.leaves.get(f"obligation.{name}.base")
        if threshold and base and threshold.unit == "share" and base.value == "none":
            ko, en = "분모", "Base"
            _say(reading, "scheme.obligation_base", base.path, "none", ko=ko, en=en)


def contingents(reading: Reading) -> None:
    """Approval questions are about a guarantee or a first loss of the scheme, each once."""
    known = [f"capital.{name}.bond" for name in reading.names.get("capital", [])]
    known += [f"vehicle.{name}.first_loss" for name in reading.names.get("vehicle", [])]
    known = [path for path in known if any(leaf.startswith(f"{path}.") for leaf in reading.leaves)]
    seen: dict[str, str] = {}
    for name in reading.names.get("contingent", []):
        path = f"contingent.{name}.of"
        of = str(reading.plain.get(path, ""))
        if of and of not in known:
            _say(reading, "scheme.contingent_of", path, of, known=", ".join(known) or "-")
        elif of in seen:
            _say(reading, "scheme.contingent_twice", path, of, before=seen[of])
        seen.setdefault(of, name)


def targets(reading: Reading) -> None:
    """A target has values for periods that can be read; units of entries are known ones."""
    for table in ("programme", "target"):
        for name in reading.names.get(table, []):
            _known_unit(reading, f"{table}.{name}.unit")
    for name in reading.names.get("target", []):
        path = f"target.{name}"
        by_period = [leaf.path.rpartition(".")[2] for leaf in _inside(reading, f"{path}.value")]
        listed = reading.plain.get(f"{path}.periods", ())
        periods = list(listed) if isinstance(listed, tuple) else []
        yearly = f"{path}.yearly" in reading.leaves
        if not by_period and not (yearly and periods):
            _say(reading, "scheme.target_empty", path, name)
        places = [(f"{path}.value.{period}", period) for period in by_period]
        places += [(f"{path}.periods", period) for period in periods]
        for place, period in places:
            try:
                dates.Period.parse(period)
            except Refusal:
                _say(reading, "scheme.period", place, period)


def _known_unit(reading: Reading, path: str) -> None:
    unit = str(reading.plain.get(path, "KRW"))
    if unit in tables.MEASURES:
        return
    try:
        units.find(unit)
    except Refusal:
        _say(reading, "scheme.unknown_unit", path, unit, known=", ".join(tables.MEASURES))


RULES: tuple[Callable[[Reading], None], ...] = (
    code,
    references,
    shares,
    years,
    instruments,
    first_losses,
    orders,
    obligations,
    contingents,
    targets,
    *rules_programmes.RULES,
    formulas,
)
"""Every rule between parts, in the order they are applied."""
