"""Whose money comes together in which vehicle: amounts by year and side, parts, ranks, terms.

A vehicle is money of several sources put together in fixed proportions under one set of rules. A
scheme names some vehicles of an instrument and their amounts; what they leave goes to a vehicle
that bears the instrument's name. Where the proportions change from year to year, each mix is a
vehicle of its own, named with its first year: nobody pays for another's year.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from koga.plan.model import Source, Vehicle
from koga.plan.money import first_loss
from koga.plan.money.first_loss import MANAGER
from koga.plan.needs import Needs
from koga.plan.schemes.rules import SIDES
from koga.plan.schemes.shape import Cell, Scheme

_MIXED = SIDES[:2]
"""Sides that share what is not said; budget money comes on top and only where it is written."""
_ZERO = Fraction(0)
SUB_FUNDS_MAX = 50
"""Sub-funds of one vehicle a simulation keeps apart."""

Money = dict[tuple[int, str], Fraction]
"""Won by year and side."""


@dataclass(slots=True)
class Pot:
    """A vehicle in the making. declared: its name in the scheme, empty for what is left over."""

    name: str
    instrument: str
    declared: str
    money: Money = field(default_factory=dict)

    @property
    def years(self) -> list[int]:
        """Years with money, in order."""
        return sorted({year for (year, _), won in self.money.items() if won})

    def of_year(self, year: int) -> Fraction:
        """All its money of a year."""
        return sum((self.money.get((year, side), _ZERO) for side in SIDES), _ZERO)

    def of_side(self, side: str) -> Fraction:
        """All its money of a side."""
        return sum((won for (_, one), won in self.money.items() if one == side), _ZERO)

    @property
    def total(self) -> Fraction:
        """All its money."""
        return sum(self.money.values(), _ZERO)


def gather(needs: Needs, cells: Iterable[Cell]) -> list[Pot]:
    """Every vehicle with its money, instrument by instrument."""
    by_instrument: dict[str, Money] = {}
    for cell in cells:
        if cell.amount_won:
            money = by_instrument.setdefault(cell.instrument, {})
            money[cell.year, cell.source] = Fraction(cell.amount_won)
    pots: list[Pot] = []
    for name in needs.entries("instrument"):
        money = by_instrument.get(name, {})
        _years_said(needs, name, money)
        if money:
            pots += [part for pot in _of_instrument(needs, name, money) for part in _by_mix(pot)]
    return pots


def _years_said(needs: Needs, instrument: str, money: Money) -> None:
    """A total that its years do not reach leaves open when the rest is to be committed."""
    for side in SIDES:
        path = f"instrument.{instrument}.{side}"
        given = [won for (_, one), won in money.items() if one == side]
        if needs.has(f"{path}.total") and needs.exact(f"{path}.total") > sum(given):
            needs.say("plan.years_open", f"{path}.total", needs.scheme.amount(f"{path}.total"))


def _of_instrument(needs: Needs, instrument: str, money: Money) -> list[Pot]:
    left = dict(money)
    pots = [
        Pot(name, instrument, name)
        for name in needs.entries("vehicle")
        if needs.word(f"vehicle.{name}.instrument") == instrument
    ]
    for pot in pots:
        for side in SIDES:
            for year, won in _written(needs, pot.name, side, money).items():
                _take(needs, pot, left, (year, side), won)
    sized = [pot for pot in pots if _has_size(needs, pot.name)]
    shares = {pot.name: _rest(needs, pot, money) for pot in sized}
    before = dict(left)
    for pot in sized:
        for year, won in shares[pot.name].items():
            _share_rest(needs, pot, left, before, year, won)
    return pots_with_rest(instrument, pots, left)


def pots_with_rest(instrument: str, pots: list[Pot], left: Money) -> list[Pot]:
    """Vehicles without an amount of their own share what is left; else it is one more vehicle."""
    empty = [pot for pot in pots if not pot.money]
    takers = empty or [Pot(instrument, instrument, "")]
    for pot in takers:
        pot.money = {key: won / len(takers) for key, won in left.items() if won > 0}
    return [pot for pot in (pots if empty else [*pots, *takers]) if pot.total > 0]


def _written(needs: Needs, name: str, side: str, money: Money) -> dict[int, Fraction]:
    """A vehicle's money of a side by year; a total alone follows the instrument's years."""
    path = f"vehicle.{name}.{side}"
    by_year = {
        int(leaf.path.rpartition(".")[2]): needs.exact(leaf.path)
        for leaf in needs.scheme.under(path)
        if not leaf.path.endswith(".total")
    }
    if by_year or not needs.has(f"{path}.total"):
        return by_year
    years = {year: won for (year, one), won in money.items() if one == side}
    whole = sum(years.values(), _ZERO)
    total = needs.exact(f"{path}.total")
    return {year: total * won / whole for year, won in years.items() if whole}


def _has_size(needs: Needs, name: str) -> bool:
    return any(True for _ in needs.scheme.under(f"vehicle.{name}.size"))


def _rest(needs: Needs, pot: Pot, money: Money) -> dict[int, Fraction]:
    """What a vehicle's size leaves beside the sides it names, by year."""
    path = f"vehicle.{pot.name}.size"
    sizes = {
        int(leaf.path.rpartition(".")[2]): needs.exact(leaf.path)
        for leaf in needs.scheme.under(path)
        if not leaf.path.endswith(".total")
    }
    if not sizes:
        years = sorted({year for year, side in money if side in _MIXED})
        whole = {
            year: sum((money.get((year, side), _ZERO) for side in _MIXED), _ZERO) for year in years
        }
        all_years = sum(whole.values(), _ZERO)
        total = needs.exact(f"{path}.total")
        sizes = {year: total * won / all_years for year, won in whole.items() if all_years}
    return {year: max(size - pot.of_year(year), _ZERO) for year, size in sizes.items()}


def _share_rest(
    needs: Needs, pot: Pot, left: Money, before: Money, year: int, won: Fraction
) -> None:
    sides = [side for side in _MIXED if not pot.money.get((year, side))]
    weights = {side: max(before.get((year, side), _ZERO), _ZERO) for side in sides}
    whole = sum(weights.values(), _ZERO)
    if won and not whole:
        needs.say("plan.vehicle_exceeds", f"vehicle.{pot.name}.size.{year}", int(won), left=0)
        return
    for side, weight in weights.items():
        _take(needs, pot, left, (year, side), won * weight / whole if whole else _ZERO)


def _take(needs: Needs, pot: Pot, left: Money, key: tuple[int, str], won: Fraction) -> None:
    if not won:
        return
    held = left.get(key, _ZERO)
    if won > held:
        year, side = key
        path = f"vehicle.{pot.name}.{side}.{year}"
        needs.say("plan.vehicle_exceeds", path, int(won), left=f"{int(held):,}")
    left[key] = held - won
    pot.money[key] = pot.money.get(key, _ZERO) + won


def _by_mix(pot: Pot) -> list[Pot]:
    """The same vehicle for each mix of sides, in the order of first years.

    Mixes that differ by less than 1e-9 (the rounding of cells to won) are one.
    """
    groups: dict[tuple[float, ...], Pot] = {}
    for year in pot.years:
        whole = pot.of_year(year)
        mix = tuple(round(float(pot.money.get((year, side), _ZERO) / whole), 9) for side in SIDES)
        name = f"{pot.name}_{year}" if groups else pot.name
        group = groups.setdefault(mix, Pot(name, pot.instrument, pot.declared))
        for side in SIDES:
            if (year, side) in pot.money:
                group.money[year, side] = pot.money[year, side]
    return list(groups.values())


def sources(needs: Needs, pots: Iterable[Pot]) -> tuple[Source, ...]:
    """Whose money: every entry of `[capital]`, and the manager where one puts money in or covers.

    A first loss on the budget in a scheme without budget money adds the budget as a source.
    """
    found = [
        Source(
            name,
            needs.word(f"capital.{name}.side"),
            needs.word(f"capital.{name}.kind"),
            needs.word(f"capital.{name}.rank"),
        )
        for name in needs.entries("capital")
    ]
    pots = list(pots)
    providers = {needs.word(f"vehicle.{pot.declared}.first_loss.provider") for pot in pots}
    invests = any(term(needs, pot, "manager_commitment") for pot in pots)
    if invests or MANAGER in providers:
        found.append(Source(MANAGER, "private", MANAGER, "unranked"))
    budget = [one for one in found if one.side == "fiscal" or one.kind == "budget"]
    if "fiscal" in providers and not budget:
        found.append(Source("fiscal", "fiscal", "budget", "junior"))
    return tuple(found)


def term(needs: Needs, pot: Pot, name: str) -> float:
    """A vehicle's own term, else its instrument's, else none (0)."""
    own = f"vehicle.{pot.declared}.terms.{name}"
    return needs.given(own, needs.given(f"instrument.{pot.instrument}.terms.{name}"))


def splits(
    needs: Needs, pots: Iterable[Pot], found: Iterable[Source]
) -> Mapping[str, Mapping[str, Fraction]]:
    """How each side's money that no vehicle claims by name is shared among its sources.

    By `share` where every source of the side has one, else by amounts less what vehicles claim.
    """
    pots = list(pots)
    shared: dict[str, Mapping[str, Fraction]] = {}
    for side in SIDES:
        names = [one.name for one in found if one.side == side and one.kind != MANAGER]
        total = sum((pot.of_side(side) for pot in pots), _ZERO)
        if not total:
            continue
        if not names:
            needs.say("plan.no_source", "capital", side)
            continue
        weights = _weights(needs, side, names, total)
        claimed = {
            name: sum((claims(needs, pot).get(name, _ZERO) for pot in pots), _ZERO)
            for name in names
        }
        open_ = {name: max(weights[name] - claimed[name], _ZERO) for name in names}
        whole = sum(open_.values(), _ZERO)
        shared[side] = (
            {name: won / whole for name, won in open_.items()}
            if whole
            else {name: Fraction(1, len(names)) for name in names}
        )
    return shared


def _weights(needs: Needs, side: str, names: list[str], total: Fraction) -> dict[str, Fraction]:
    if len(names) == 1:
        return {names[0]: total}
    paths = {name: f"capital.{name}.share" for name in names}
    if all(needs.has(path) for path in paths.values()):
        return {name: needs.exact(path) * total for name, path in paths.items()}
    amounts = {name: _amount(needs, name) for name in names}
    lacking = [name for name, won in amounts.items() if won is None]
    for name in lacking:
        needs.say("plan.source_share", f"capital.{name}", name, side=side)
    return {name: won or _ZERO for name, won in amounts.items()}


def _amount(needs: Needs, name: str) -> Fraction | None:
    path = f"capital.{name}.amount"
    if needs.has(f"{path}.total"):
        return needs.exact(f"{path}.total")
    years = [needs.exact(leaf.path) for leaf in needs.scheme.under(path)]
    return sum(years, _ZERO) if years else None


def claims(needs: Needs, pot: Pot) -> dict[str, Fraction]:
    """Won of a vehicle's money that its tranches give to sources by name."""
    found: dict[str, Fraction] = {}
    for tranche in needs.entries(f"vehicle.{pot.declared}.tranche") if pot.declared else ():
        path = f"vehicle.{pot.declared}.tranche.{tranche}"
        name = needs.word(f"{path}.capital")
        if needs.has(f"{path}.amount"):
            won = needs.exact(f"{path}.amount")
        else:
            won = needs.exact(f"{path}.share") * pot.total
        found[name] = found.get(name, _ZERO) + won
    return found


def parts(
    needs: Needs,
    pot: Pot,
    found: Iterable[Source],
    shared: Mapping[str, Mapping[str, Fraction]],
) -> dict[str, Fraction]:
    """Each source's part of a vehicle's calls; they sum to 1."""
    claimed = claims(needs, pot)
    result: dict[str, Fraction] = {}
    for side in SIDES:
        money = pot.of_side(side)
        own = {one.name: claimed.get(one.name, _ZERO) for one in found if one.side == side}
        taken = sum(own.values(), _ZERO)
        scale = min(Fraction(1), money / taken) if taken else _ZERO
        rest = money - taken * scale
        for name in own:
            won = own[name] * scale + rest * shared.get(side, {}).get(name, _ZERO)
            if won:
                result[name] = won / pot.total
    return _with_manager(needs, pot, found, result)


def _with_manager(
    needs: Needs, pot: Pot, found: Iterable[Source], result: dict[str, Fraction]
) -> dict[str, Fraction]:
    """The manager's own money is private money that no tranche gives to another by name.

    Where there is less such money than the terms ask of the manager, it puts in none.
    """
    own = Fraction(term(needs, pot, "manager_commitment")).limit_denominator(10**9)
    named = claims(needs, pot)
    open_ = {one.name for one in found if one.side == "private"} & result.keys() - named.keys()
    held = sum((result[name] for name in open_), _ZERO)
    if not own or held < own:
        return result
    less = {
        name: part * (1 - own / held) if name in open_ else part for name, part in result.items()
    }
    return {**less, MANAGER: own}


def ranks(needs: Needs, pot: Pot, found: Iterable[Source]) -> dict[str, str]:
    """Each source's rank in a vehicle: its tranche's there, else its own."""
    result = {one.name: one.rank for one in found}
    seen: dict[str, str] = {}
    for tranche in needs.entries(f"vehicle.{pot.declared}.tranche") if pot.declared else ():
        path = f"vehicle.{pot.declared}.tranche.{tranche}"
        name, rank = needs.word(f"{path}.capital"), needs.word(f"{path}.rank")
        if seen.setdefault(name, rank) != rank:
            needs.say("plan.two_ranks", f"{path}.rank", rank, source=name, other=seen[name])
        result[name] = seen[name]
    return result


def vehicle(
    needs: Needs,
    pot: Pot,
    found: tuple[Source, ...],
    shared: Mapping[str, Mapping[str, Fraction]],
) -> Vehicle:
    """The vehicle as the simulator sees it."""
    own = parts(needs, pot, found, shared)
    rank = ranks(needs, pot, found)
    loss = f"vehicle.{pot.declared}.first_loss"
    provider = needs.word(f"{loss}.provider") if pot.declared else ""
    share = needs.exact(f"{loss}.share") if provider else _ZERO
    fee = term(needs, pot, "management_fee")
    built = Vehicle(
        name=pot.name,
        instrument=pot.instrument,
        parts=tuple((name, float(part)) for name, part in own.items()),
        ranks=tuple((name, rank[name]) for name in own),
        first_loss_provider=provider,
        first_loss_share=float(share),
        first_loss_denominator=needs.word(f"{loss}.denominator") if provider else "",
        first_loss_level=needs.word(f"{loss}.level") if provider else "",
        first_loss_settles=needs.word(f"{loss}.settles") if provider else "",
        management_fee=fee + term(needs, pot, "admin_cost"),
        parent_fund_fee=term(needs, pot, "parent_fund_fee"),
        hurdle_rate=term(needs, pot, "hurdle_rate"),
        carry=term(needs, pot, "carry"),
        catch_up=term(needs, pot, "catch_up"),
        manager_commitment=term(needs, pot, "manager_commitment"),
        upside_to_private=term(needs, pot, "upside_to_private"),
        term_years=term(needs, pot, "term_years"),
        overrun_years=term(needs, pot, "overrun_years"),
        investing_years=term(needs, pot, "investing_years"),
    )
    _usable(needs, pot, built, found)
    return built


def sub_funds(
    needs: Needs, pots: Iterable[Pot], vehicles: Iterable[Vehicle], *, apart: bool
) -> tuple[list[Pot], tuple[Vehicle, ...]]:
    """Vehicles that are several funds as so many: equal money, own deals, waterfall, first loss.

    A first loss at the feeder settles on what all of them brought together: there a vehicle stays
    one. At the sub-fund it needs their number: gains of one do not make up for another's losses.
    apart: else every vehicle stays one.
    """
    parts: list[Pot] = []
    found: list[Vehicle] = []
    for pot, built in zip(pots, vehicles, strict=True):
        count = _sub_funds(needs, pot, built) if apart else 1
        names = [f"{pot.name}#{number}" for number in range(1, count + 1)]
        for name in names if count > 1 else [pot.name]:
            money = {key: won / count for key, won in pot.money.items()}
            parts.append(Pot(name, pot.instrument, pot.declared, money))
            found.append(replace(built, name=name))
    return parts, tuple(found)


def _sub_funds(needs: Needs, pot: Pot, built: Vehicle) -> int:
    path = f"vehicle.{pot.declared}.sub_funds"
    level = built.first_loss_level
    if pot.declared and level == "sub_fund" and not needs.has(path):
        needs.lacks(path)
    if not pot.declared or not needs.has(path) or level == "feeder":
        return 1
    count = needs.exact(path)
    if not 1 <= count <= SUB_FUNDS_MAX:
        needs.say("plan.sub_funds", path, int(count), most=SUB_FUNDS_MAX)
        return 1
    return int(count)


def settled_apart(scheme: Scheme) -> tuple[str, ...]:
    """Vehicles whose first loss is borne sub-fund by sub-fund: those who take deals by their
    expectation reckon them as one, and their first losses too low."""
    return tuple(
        name
        for name in scheme.entries.get("vehicle", ())
        if f"vehicle.{name}.sub_funds" in scheme.leaves
        and scheme.number(f"vehicle.{name}.sub_funds") > 1
        and Needs(scheme).word(f"vehicle.{name}.first_loss.level") == "sub_fund"
    )


def _usable(needs: Needs, pot: Pot, built: Vehicle, found: tuple[Source, ...]) -> None:
    """Terms that cannot work together, and a cover of which nobody said when it is paid."""
    if first_loss.of(built, found).unfunded > 0 and not built.first_loss_settles:
        needs.lacks(f"vehicle.{pot.declared}.first_loss.settles")
    table = f"instrument.{pot.instrument}.terms"
    if pot.declared and needs.has(f"vehicle.{pot.declared}.terms.catch_up"):
        table = f"vehicle.{pot.declared}.terms"
    if 0 < built.catch_up <= built.carry:
        needs.say("plan.catch_up", f"{table}.catch_up", built.catch_up, carry=built.carry)
