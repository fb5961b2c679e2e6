"""The waterfall's arithmetic as spreadsheet formulas: the same engine writes its own workings.

An amount here is a formula with the exact value it has now. Where the engine takes the smaller,
the larger, a ratio or whole won, a row of workings is written; sums and products stay inside the
formulas. So the workbook reproduces every won by formulas that follow from the flows and rates on
its first sheets, whatever the rules.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Union

from koga.core.waterfall_state import Exact

SHEET = "Workings"
LONG = 90
"""A formula above this length gets a row of its own."""

Part = Union["Formula", Fraction, int]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of workings: what it is about, what it does, formula and exact value."""

    about: str
    does: str
    formula: str
    value: Fraction
    lot: int | None = None


@dataclass(slots=True, eq=False)
class Formula:
    """An amount: its formula without the equals sign, its exact value, and where rows go."""

    text: str
    value: Fraction
    workings: "Workings"

    def __add__(self, other: Part) -> "Formula":
        one = self.workings.formula(other)
        if one.text == "0":
            return self
        if self.text == "0":
            return one
        return self.workings.joined(self, "+", one, self.value + one.value)

    __radd__ = __add__

    def __sub__(self, other: Part) -> "Formula":
        one = self.workings.formula(other)
        if one.text == "0":
            return self
        return self.workings.joined(self, "-", one, self.value - one.value)

    def __rsub__(self, other: Part) -> "Formula":
        return self.workings.formula(other) - self

    def __mul__(self, other: Part) -> "Formula":
        one = self.workings.formula(other)
        if "0" in (one.text, self.text):
            return self.workings.formula(0)
        if one.text == "1":
            return self
        return self.workings.joined(self, "*", one, self.value * one.value)

    __rmul__ = __mul__

    def __truediv__(self, other: Part) -> "Formula":
        one = self.workings.formula(other)
        return self.workings.joined(self, "/", one, self.value / one.value)

    def __neg__(self) -> "Formula":
        if self.text == "0":
            return self
        return Formula(f"-{_bracket(self.text)}", -self.value, self.workings)


def _bracket(text: str) -> str:
    plain = text.replace("!", "").replace(".", "").replace("$", "").isalnum()
    return text if plain else f"({text})"


@dataclass(slots=True)
class Workings:
    """Arithmetic that writes down what it does.

    named: cells of rates and shares, by the identity of the rules' own number.
    """

    named: dict[int, str]
    exact: bool = False
    rows: list[Row] = field(default_factory=list)
    about: str = ""
    day: str = ""

    def note(self, *words: Any) -> None:
        """What the next rows are about; a day is kept until the next one."""
        parts = [str(word) for word in words if str(word)]
        if parts and parts[0][:4].isdigit() and len(parts[0]) == 10:
            self.day, parts = parts[0], parts[1:]
        self.about = " ".join([self.day, *parts])

    def formula(self, part: Part) -> Formula:
        """A plain number as a formula."""
        if isinstance(part, Formula):
            return part
        number = Fraction(part)
        text = f"{number.numerator}"
        if number.denominator != 1:
            text = f"({number.numerator}/{number.denominator})"
        return Formula(text, number, self)

    def joined(self, one: Formula, sign: str, other: Formula, value: Fraction) -> Formula:
        """Two formulas and a sign; where it grows long, as a row of its own."""
        left = one.text if sign == "+" else _bracket(one.text)
        right = other.text if sign == "+" else _bracket(other.text)
        both = Formula(f"{left}{sign}{right}", value, self)
        return self.row("", both.text, value) if len(both.text) > LONG else both

    def row(self, does: str, text: str, value: Fraction, lot: int | None = None) -> Formula:
        """Write a row and answer the reference to it."""
        self.rows.append(Row(self.about, does, text, value, lot))
        return Formula(f"{SHEET}!$D${len(self.rows) + 1}", value, self)

    # --- the engine's arithmetic

    def number(self, value: Fraction) -> Formula:
        """A rate or share: its cell among the terms, else the number itself."""
        if id(value) in self.named:
            return Formula(self.named[id(value)], Fraction(value), self)
        return self.formula(value)

    def low(self, one: Part, other: Part) -> Formula:
        """The smaller of two."""
        left, right = self.formula(one), self.formula(other)
        if left.text == right.text:
            return left
        text = f"MIN({left.text},{right.text})"
        return self.row("min", text, min(left.value, right.value))

    def high(self, one: Part, other: Part) -> Formula:
        """The larger of two."""
        left, right = self.formula(one), self.formula(other)
        if left.text == right.text:
            return left
        text = f"MAX({left.text},{right.text})"
        return self.row("max", text, max(left.value, right.value))

    def ratio(self, part: Part, whole: Part) -> Formula:
        """Part over whole, 0 where the whole is 0 or less."""
        above, below = self.formula(part), self.formula(whole)
        value = Exact().ratio(above.value, below.value)
        if above.text.isdigit() and below.text.isdigit():
            return self.formula(value)
        text = f"IF({below.text}>0,{_bracket(above.text)}/{_bracket(below.text)},0)"
        return self.row("ratio", text, value)

    def floor(self, amount: Part) -> Formula:
        """Whole won, below; the margin is what a spreadsheet's numbers may be short of."""
        one = self.formula(amount)
        value = Fraction(Exact().floor(one.value))
        if one.text.isdigit():
            return one
        cell = self.row("exact", one.text, one.value)
        text = f"INT({cell.text}+ABS({cell.text})*2E-15+1E-9)"
        return self.row("floor", text, value)

    def settle(
        self, total: Part, cells: Sequence[Part], names: Sequence[str], key: str
    ) -> list[Formula]:
        """Largest remainder: whole won below, one more for the largest remainders."""
        whole = self.formula(total)
        parts = [self.formula(cell) for cell in cells]
        if len(parts) == 1:
            return [whole]
        won = Exact().settle(whole.value, [part.value for part in parts], names, key)
        order = _drawn(names, key)
        count, start = len(parts), len(self.rows) + 2
        for part in parts:
            self.row("exact", part.text, part.value)
        for place, part in enumerate(parts):
            text = f"INT(D{start + place}+ABS(D{start + place})*2E-15+1E-9)"
            self.row("floor", text, Fraction(Exact().floor(part.value)))
        for place, part in enumerate(parts):
            text = f"MAX(0,ROUND(D{start + place}-D{start + count + place},4))"
            rest = part.value - Exact().floor(part.value)
            self.row("remainder", text, rest, order[place])
        return self._given(whole, won, start, count)

    def _given(self, whole: Formula, won: Sequence[int], start: int, count: int) -> list[Formula]:
        floors = f"D{start + count}:D{start + 2 * count - 1}"
        rests = f"D{start + 2 * count}:D{start + 3 * count - 1}"
        lots = rests.replace("D", "E")
        settled = []
        for place, amount in enumerate(won):
            own = start + 2 * count + place
            before = f"SUMPRODUCT(({rests}>D{own})*1)+SUMPRODUCT(({rests}=D{own})*({lots}<E{own}))"
            text = f"D{start + count + place}+IF({before}<ROUND({whole.text}-SUM({floors}),0),1,0)"
            settled.append(self.row("won", text, Fraction(amount)))
        return settled


def _drawn(names: Sequence[str], key: str) -> list[int]:
    """The order of lots between equal remainders, as `money.split` draws it."""
    drawn = [hashlib.sha256(f"{key}\n{name}".encode()).digest() for name in names]
    return [sorted(drawn).index(lot) for lot in drawn]
