"""A leaf of a scheme: one figure with its basis and its source."""

from dataclasses import dataclass

from koga.plan.schemes import values
from koga.plan.schemes.values import Value

BASES = ("stated", "derived", "assumed")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One figure of a scheme.

    path: dotted, entries of lists by their id. type: of the declared field.
    value: won and counts int, other numbers exact fractions, words text, lists tuples.
    basis: stated (said about this fund), derived (computed), assumed (chosen, with a reason).
    source: a name of the scheme's sources, or text; empty for what is derived.
    unit: of value, low and high; empty for words. low, high, options: the range of an assumption.
    note_ko, note_en: the reason. label_ko, label_en: what it is called.
    rule: `at_least` for a floor, `at_most` for a ceiling, else empty.
    formula: arithmetic over other leaves, checked exactly. method: how, in words, where it is none.
    line: in the file, 0 where unknown.
    """

    path: str
    type: str
    value: Value
    basis: str
    source: str
    unit: str
    low: Value | None
    high: Value | None
    options: tuple[str, ...]
    note_ko: str
    note_en: str
    label_ko: str
    label_en: str
    rule: str
    formula: str
    method: str
    line: int

    @property
    def text(self) -> str:
        """The value as one exact line, as the open tables carry it."""
        return values.text(self.value)
