"""Reading fund rules from TOML: every problem is collected, each with its dotted path."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from koga.core import fund_terms, money
from koga.core.day_counts import DAY_COUNTS
from koga.core.fund_terms import Accrual, FundRules, Member, Terms, Tier
from koga.core.problems import Problem, Refusal, in_order

_SHARE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:(%)|/\s*(\d+))?\s*")
TOP_KEYS = (
    "scope",
    "name",
    "legal_form",
    "losses_carried_forward",
    "members",
    "tier",
    "cover",
    "transfer",
    "fee",
    "waiver",
    "offset",
    "recycling",
    "clawback",
    "escrow",
    "equalisation",
    "amendment",
)
_TERMS = ("tier", "cover", "transfer", "fee", "waiver", "recycling", "clawback", "escrow")


class Reading:
    """One pass over a document: the problems found so far and the members to address."""

    def __init__(self, where: str) -> None:
        self.found: list[Problem] = []
        self.members: dict[str, Member] = {}
        self._prefix = f"{where}: " if where else ""

    def at(self, path: str) -> str:
        """A place as shown to the person."""
        return f"{self._prefix}{path}"

    def problem(self, code: str, path: str, value: object = "", **details: Any) -> None:
        """Note a problem."""
        self.found.append(Problem(code, self.at(path), str(value), details))

    def known(self, table: Mapping[str, Any], path: str, keys: Iterable[str]) -> None:
        """Every key of a table must be one that is read."""
        expected = tuple(keys)
        for key in table:
            if key not in expected:
                place = f"{path}.{key}" if path else key
                self.problem("fund.unknown_key", place, key, expected=", ".join(expected))

    def choice(
        self, table: Mapping[str, Any], key: str, path: str, options: Sequence[str], default: str
    ) -> str:
        """A word out of a list; `default` "" means that it must be given."""
        value = table.get(key, default)
        if value == "":
            self.problem("fund.missing", f"{path}.{key}", "", expected=", ".join(options))
        elif value not in options:
            self.problem("fund.not_one_of", f"{path}.{key}", value, expected=", ".join(options))
        return str(value)

    def share(
        self, table: Mapping[str, Any], key: str, path: str, default: Fraction | None = None
    ) -> Fraction:
        """A share or rate from 0 to 1, as string or number."""
        place = f"{path}.{key}"
        if key not in table:
            if default is None:
                self.problem("fund.missing", place, "", expected="0.08, 1/3, 20 %")
            return default or Fraction(0)
        number = self.fraction(table[key], place)
        if number is not None and number > 1:
            self.problem("fund.share_above_one", place, table[key])
            return Fraction(0)
        return Fraction(0) if number is None else number

    def fraction(self, value: Any, place: str) -> Fraction | None:
        """An exact number of 0 or more; None where it cannot be read."""
        if isinstance(value, bool) or not isinstance(value, int | Decimal | float | str):
            self.problem("fund.number", place, value)
            return None
        match = _SHARE.fullmatch(str(value))
        if match is None or match[3] == "0":
            self.problem("fund.number", place, value)
            return None
        number = Fraction(match[1])
        return number / 100 if match[2] else number / int(match[3] or 1)

    def won(self, table: Mapping[str, Any], key: str, path: str, default: int | None = None) -> int:
        """Won of 0 or more, as integer or as people write them."""
        place = f"{path}.{key}"
        value = table.get(key, default)
        if value is None:
            self.problem("fund.missing", place, "", expected="1419억, 600")
            return 0
        try:
            amount = money.parse_won(str(value), self.at(place))
        except Refusal as refusal:
            self.found.extend(refusal.problems)
            return 0
        if amount < 0:
            self.problem("fund.amount_negative", place, value)
            return 0
        return amount

    def whole(
        self, table: Mapping[str, Any], key: str, path: str, default: int | None
    ) -> int | None:
        """A whole number of 1 or more."""
        value = table.get(key, default)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.problem("fund.number", f"{path}.{key}", value)
            return 1
        return value

    def day(self, table: Mapping[str, Any], key: str, path: str) -> date | None:
        """A TOML date or its text."""
        value = table.get(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.problem(
                "dates.unreadable",
                f"{path}.{key}",
                "" if value is None else value,
                expected="2026-03-31",
            )
            return None

    def address(self, value: Any, place: str) -> tuple[str, ...]:
        """Members addressed by rank, role or identifier, in the order they are declared."""
        items = value if isinstance(value, list) else [value]
        chosen: set[str] = set()
        for item in items:
            met = [code for code, member in self.members.items() if _meets(member, item)]
            if not met:
                self.problem("fund.unknown_member", place, item, expected=self._addresses())
            chosen.update(met)
        return tuple(code for code in self.members if code in chosen)

    def _addresses(self) -> str:
        ranks = sorted({member.rank for member in self.members.values()})
        roles = sorted({member.role for member in self.members.values()})
        return ", ".join([*map(str, ranks), *roles, *self.members])

    def tables(self, document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        """An array of tables."""
        value = document.get(key, [])
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return list(value)
        self.problem("fund.table", key, value, expected=f"[[{key}]]")
        return []


def _meets(member: Member, item: Any) -> bool:
    if isinstance(item, int) and not isinstance(item, bool):
        return member.rank == item
    return item in (member.code, member.role, f"rank {member.rank}", str(member.rank))


def parse(text: str, where: str = "") -> FundRules:
    """Read rules from TOML text; a `Refusal` lists every problem.

    >>> rules = parse('''
    ... scope = "fund"
    ... [members.lp]
    ... role = "lp"
    ... commitment = 100
    ... [[tier]]
    ... kind = "split"
    ... shares = {lp = 1}
    ... ''')
    >>> rules.members["lp"].commitment
    100
    """
    rules, found = _read(text, where)
    if rules is None:
        raise Refusal(found)
    return rules


def check(text: str, where: str = "") -> list[Problem]:
    """Every problem of a rules file, in order of precedence; empty where it is right."""
    return _read(text, where)[1]


def _read(text: str, where: str) -> tuple[FundRules | None, list[Problem]]:
    """Rules and problems of a TOML text; rules are None where there is a problem."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as fault:
        return None, [Problem("fund.toml", where or "TOML", str(fault))]
    reading = Reading(where)
    reading.known(document, "", TOP_KEYS)
    scope = reading.choice(document, "scope", "rules", ("fund", "deal"), "fund")
    reading.members = _members(reading, document)
    form = document.get("legal_form")
    if form is not None and form not in fund_terms.LEGAL_FORMS:
        options = ", ".join(fund_terms.LEGAL_FORMS)
        reading.problem("fund.not_one_of", "legal_form", form, expected=options)
    terms = _terms(reading, document)
    _manager(reading, document)
    rules = FundRules(
        scope=scope,
        members=reading.members,
        terms=terms,
        legal_form=fund_terms.LEGAL_FORMS.get(str(form)),
        losses_carried_forward=bool(document.get("losses_carried_forward", True)),
        offsets=_offsets(reading, document),
        equalisation=_equalisation(reading, document),
    )
    found = in_order(reading.found)
    return (None if found else rules), found


def _members(reading: Reading, document: Mapping[str, Any]) -> dict[str, Member]:
    table = document.get("members", {})
    if not isinstance(table, dict) or not table:
        reading.problem("fund.no_members", "members")
        return {}
    members = {}
    for code, row in table.items():
        path = f"members.{code}"
        if not isinstance(row, dict):
            reading.problem("fund.table", path, row, expected=f"[members.{code}]")
            continue
        reading.known(row, path, ("role", "rank", "commitment", "closing", "name"))
        rank = reading.whole(row, "rank", path, 1) or 1
        role = row.get("role")
        if not isinstance(role, str) or not role:
            reading.problem("fund.missing", f"{path}.role", "", expected="gp, lp, sponsor")
        closing = reading.day(row, "closing", path) if "closing" in row else None
        commitment = reading.won(row, "commitment", path, 0)
        members[code] = Member(code, str(role), rank, commitment, closing)
    return members


def _manager(reading: Reading, document: Mapping[str, Any]) -> None:
    """Fee, clawback and escrow need somebody who manages."""
    if any(member.manages for member in reading.members.values()) or not reading.members:
        return
    for key in ("fee", "clawback", "escrow"):
        if key in document:
            reading.problem("fund.no_manager", key, key)


def _terms(reading: Reading, document: Mapping[str, Any]) -> tuple[Terms, ...]:
    """The first terms and those each amendment leaves in force from its day."""
    first = _terms_of(reading, document, "", None)
    if not first.tiers and not reading.tables(document, "tier"):
        reading.problem("fund.no_tiers", "tier")
    history = [first]
    for place, row in enumerate(reading.tables(document, "amendment"), 1):
        path = f"amendment[{place}]"
        reading.known(row, path, ("since", "reason", *_TERMS))
        since = reading.day(row, "since", path)
        amended = _terms_of(reading, row, f"{path}.", since)
        kept = {name: getattr(amended, field) for name, field in _FIELDS if name in row}
        changes = {field: kept[name] for name, field in _FIELDS if name in kept}
        history.append(replace(history[-1], since=since, **changes))
    days = [terms.since for terms in history[1:] if terms.since]
    if days != sorted(set(days)):
        reading.problem("fund.amendment_order", "amendment", ", ".join(map(str, days)))
    return tuple(history)


_FIELDS = (
    ("tier", "tiers"),
    ("cover", "covers"),
    ("transfer", "transfers"),
    ("fee", "fees"),
    ("waiver", "waivers"),
    ("recycling", "recycling"),
    ("clawback", "clawback"),
    ("escrow", "escrow"),
)


def _terms_of(reading: Reading, table: Mapping[str, Any], prefix: str, since: date | None) -> Terms:
    return Terms(
        since=since,
        tiers=_tiers(reading, table, prefix),
        covers=tuple(_each(reading, table, prefix, "cover", _cover)),
        transfers=tuple(_each(reading, table, prefix, "transfer", _transfer)),
        fees=tuple(_each(reading, table, prefix, "fee", _fee)),
        waivers=tuple(_each(reading, table, prefix, "waiver", _waiver)),
        recycling=_single(reading, table, prefix, "recycling", _recycling),
        clawback=_single(reading, table, prefix, "clawback", _clawback),
        escrow=_single(reading, table, prefix, "escrow", _escrow) or Fraction(0),
    )


def _each(
    reading: Reading,
    table: Mapping[str, Any],
    prefix: str,
    key: str,
    one: Callable[[Reading, Mapping[str, Any], str], Any],
) -> list[Any]:
    return [
        one(reading, row, f"{prefix}{key}[{place}]")
        for place, row in enumerate(reading.tables(table, key), 1)
    ]


def _single(
    reading: Reading,
    table: Mapping[str, Any],
    prefix: str,
    key: str,
    one: Callable[[Reading, Mapping[str, Any], str], Any],
) -> Any:
    if key not in table:
        return None
    if not isinstance(table[key], dict):
        reading.problem("fund.table", f"{prefix}{key}", table[key], expected=f"[{key}]")
        return None
    return one(reading, table[key], f"{prefix}{key}")


def _tiers(reading: Reading, table: Mapping[str, Any], prefix: str) -> tuple[Tier, ...]:
    tiers: list[Tier] = []
    ended = False
    for place, row in enumerate(reading.tables(table, "tier"), 1):
        path = f"{prefix}tier[{place}]"
        if ended:
            reading.problem("fund.tier_after_last", path, row.get("kind", ""))
        tier = _tier(reading, row, path)
        ended = ended or tier.endless
        tiers.append(tier)
    return tuple(tiers)


_TIER_KEYS = {
    "return_of_capital": ("kind", "to"),
    "hurdle": ("kind", "to", "rate", "compounding", "day_count", "base"),
    "catch_up": ("kind", "to", "share", "cap"),
    "split": ("kind", "to", "shares", "rate", "compounding", "day_count", "base", "counts"),
}


def _tier(reading: Reading, row: Mapping[str, Any], path: str) -> Tier:
    kind = reading.choice(row, "kind", path, fund_terms.TIER_KINDS, "")
    if kind not in _TIER_KEYS:
        return Tier(kind, ())
    reading.known(row, path, _TIER_KEYS[kind])
    if kind == "split":
        return _split(reading, row, path)
    if "to" not in row:
        reading.problem("fund.missing", f"{path}.to", "", expected='["lp"], [1]')
    to = reading.address(row["to"], f"{path}.to") if "to" in row else ()
    if kind == "hurdle":
        return Tier(kind, to, accrual=_accrual(reading, row, path))
    if kind == "catch_up":
        return _catch_up(reading, row, path, to)
    return Tier(kind, to)


def _catch_up(reading: Reading, row: Mapping[str, Any], path: str, to: tuple[str, ...]) -> Tier:
    before = len(reading.found)
    share = reading.share(row, "share", path, Fraction(1))
    cap = reading.share(row, "cap", path)
    if len(reading.found) == before and share <= cap:
        reading.problem("fund.catch_up_endless", path, row.get("cap", ""), share=str(share))
    return Tier("catch_up", to, share=share, cap=cap)


def _split(reading: Reading, row: Mapping[str, Any], path: str) -> Tier:
    shares = row.get("shares")
    groups: list[tuple[str, tuple[str, ...], Fraction]] = []
    if not isinstance(shares, dict) or not shares:
        reading.problem("fund.missing", f"{path}.shares", "", expected="{lp = 0.8, gp = 0.2}")
        shares = {}
    before = len(reading.found)
    for name in shares:
        place = f"{path}.shares.{name}"
        groups.append(
            (name, reading.address(name, place), reading.share(shares, name, f"{path}.shares"))
        )
    total = sum((part for _, _, part in groups), Fraction(0))
    if shares and len(reading.found) == before and total != 1:
        reading.problem("fund.shares_sum", f"{path}.shares", total)
    to = _investors(reading, groups)
    if "to" in row:
        to = reading.address(row["to"], f"{path}.to")
    accrual = _accrual(reading, row, path) if "rate" in row else None
    counts = reading.choice(row, "counts", path, ("received", "distributed"), "received")
    return Tier("split", to, accrual=accrual, shares=tuple(groups), counts=counts)


def _investors(
    reading: Reading, groups: Sequence[tuple[str, tuple[str, ...], Fraction]]
) -> tuple[str, ...]:
    """Those whose return ends a bounded split: all it pays as investors, not as manager."""
    members = reading.members
    paid = {
        code
        for _, group, _ in groups
        if not all(members[one].manages for one in group)
        for code in group
    }
    return tuple(code for code in members if code in paid)


def _accrual(reading: Reading, row: Mapping[str, Any], path: str) -> Accrual:
    rate = reading.share(row, "rate", path)
    if "day_count" not in row:
        expected = ", ".join(DAY_COUNTS)
        reading.problem("fund.rate_without_day_count", path, row.get("rate", ""), expected=expected)
        day_count = "act/365f"
    else:
        day_count = reading.choice(row, "day_count", path, tuple(DAY_COUNTS), "")
    compounding = reading.choice(row, "compounding", path, fund_terms.COMPOUNDINGS, "")
    base = reading.choice(row, "base", path, fund_terms.HURDLE_BASES, "paid_in")
    return Accrual(rate, compounding, day_count, base)


def _cover(reading: Reading, row: Mapping[str, Any], path: str) -> fund_terms.Cover:
    reading.known(row, path, ("provider", "beneficiaries", "base", "cap", "level", "settles"))
    provider: tuple[str, ...] = ()
    beneficiaries: tuple[str, ...] = ()
    for key in ("provider", "beneficiaries"):
        if key not in row:
            reading.problem("fund.missing", f"{path}.{key}", "", expected='"gp", ["lp"]')
    if "provider" in row:
        provider = reading.address(row["provider"], f"{path}.provider")
    if "beneficiaries" in row:
        beneficiaries = reading.address(row["beneficiaries"], f"{path}.beneficiaries")
    for code in provider:
        if code in beneficiaries:
            reading.problem("fund.addressed_twice", f"{path}.beneficiaries", code)
    in_won = _is_won(row.get("cap"))
    return fund_terms.Cover(
        provider,
        beneficiaries,
        reading.choice(row, "base", path, fund_terms.COVER_BASES, "commitment" if in_won else ""),
        Fraction(0) if in_won else reading.share(row, "cap", path),
        reading.choice(row, "level", path, ("vehicle", "feeder"), "vehicle"),
        reading.choice(row, "settles", path, ("realisation", "liquidation"), "realisation"),
        reading.won(row, "cap", path) if in_won else None,
    )


def _is_won(cap: Any) -> bool:
    """A cap is a share of its base, or an amount where it is a whole number above one."""
    if isinstance(cap, str):
        return cap.endswith(("원", "만", "억", "조"))
    return isinstance(cap, int) and not isinstance(cap, bool) and cap > 1


def _transfer(reading: Reading, row: Mapping[str, Any], path: str) -> fund_terms.Transfer:
    keys = ("kind", "from", "to", "share", "over", "rate", "compounding", "day_count", "base")
    reading.known(row, path, keys)
    kind = reading.choice(row, "kind", path, ("excess", "call_option"), "excess")
    sides = []
    for key in ("from", "to"):
        if key not in row:
            reading.problem("fund.missing", f"{path}.{key}", "", expected='["policy"]')
        sides.append(reading.address(row[key], f"{path}.{key}") if key in row else ())
    for code in sides[0]:
        if code in sides[1]:
            reading.problem("fund.addressed_twice", f"{path}.to", code)
    accrual = _accrual(reading, row, path) if kind == "call_option" else None
    over = reading.choice(row, "over", path, ("capital", "hurdle"), "hurdle")
    share = reading.share(row, "share", path)
    return fund_terms.Transfer(kind, sides[0], sides[1], share, over, accrual)


def _fee(reading: Reading, row: Mapping[str, Any], path: str) -> fund_terms.Fee:
    reading.known(row, path, ("rate", "brackets", "base", "from", "to", "restoration"))
    brackets: list[tuple[int, Fraction]] = []
    for place, bracket in enumerate(row.get("brackets", []), 1):
        inner = f"{path}.brackets[{place}]"
        above = reading.won(bracket, "above", inner, 0)
        brackets.append((above, reading.share(bracket, "rate", inner)))
    if not brackets:
        brackets.append((0, reading.share(row, "rate", path)))
    if brackets != sorted(set(brackets)) or brackets[0][0] != 0:
        reading.problem("fund.brackets", f"{path}.brackets", len(brackets))
    first = reading.whole(row, "from", path, 1) or 1
    last = reading.whole(row, "to", path, None)
    if last is not None and last < first:
        reading.problem("fund.years", path, f"{first}-{last}")
    base = reading.choice(row, "base", path, ("commitment", "paid_in"), "")
    restoration = reading.choice(row, "restoration", path, ("forward", "retroactive"), "forward")
    return fund_terms.Fee(tuple(brackets), base, first, last, restoration)


def _waiver(reading: Reading, row: Mapping[str, Any], path: str) -> fund_terms.Waiver:
    reading.known(row, path, ("share", "from", "to"))
    first = reading.whole(row, "from", path, 1) or 1
    return fund_terms.Waiver(
        reading.share(row, "share", path), first, reading.whole(row, "to", path, None)
    )


def _recycling(reading: Reading, row: Mapping[str, Any], path: str) -> fund_terms.Recycling:
    reading.known(row, path, ("share", "limit"))
    share = reading.share(row, "share", path)
    limit = reading.fraction(row["limit"], f"{path}.limit") if "limit" in row else Fraction(1)
    return fund_terms.Recycling(share, limit or Fraction(0))


def _clawback(reading: Reading, row: Mapping[str, Any], path: str) -> fund_terms.Clawback:
    reading.known(row, path, ("test", "also", "tax"))
    test = reading.choice(row, "test", path, ("fund",), "fund")
    also = str(row.get("also", "none"))
    if also not in ("none", "capital", "hurdle"):
        reading.problem("fund.not_one_of", f"{path}.also", also, expected="none, capital, hurdle")
    tax = reading.share(row, "tax", path, Fraction(0))
    return fund_terms.Clawback(test, "" if also == "none" else also, tax)


def _escrow(reading: Reading, row: Mapping[str, Any], path: str) -> Fraction:
    reading.known(row, path, ("share",))
    return reading.share(row, "share", path)


def _offsets(reading: Reading, document: Mapping[str, Any]) -> tuple[fund_terms.Offset, ...]:
    offsets = []
    for place, row in enumerate(reading.tables(document, "offset"), 1):
        path = f"offset[{place}]"
        reading.known(row, path, ("date", "amount", "share", "source"))
        day = reading.day(row, "date", path)
        amount = reading.won(row, "amount", path)
        share = reading.share(row, "share", path, Fraction(1))
        offsets.append(
            fund_terms.Offset(day or date.min, amount, share, str(row.get("source", "other")))
        )
    return tuple(sorted(offsets, key=lambda offset: (offset.day, offset.source)))


def _equalisation(reading: Reading, document: Mapping[str, Any]) -> fund_terms.Equalisation | None:
    row = document.get("equalisation")
    if row is None:
        return None
    reading.known(row, "equalisation", ("rate", "day_count"))
    rate = reading.share(row, "rate", "equalisation")
    if "day_count" not in row:
        expected = ", ".join(DAY_COUNTS)
        value = row.get("rate", "")
        reading.problem("fund.rate_without_day_count", "equalisation", value, expected=expected)
        return None
    day_count = reading.choice(row, "day_count", "equalisation", tuple(DAY_COUNTS), "")
    return fund_terms.Equalisation(rate, day_count)
