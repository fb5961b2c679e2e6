"""How a format of tables and keys is declared: fields, sections and the keys of a leaf.

Fields are either *leaves* (a figure with its basis and source) or *plain* (a name, a code, a
reference: it identifies and claims nothing). The scheme's own tables stand in `declared`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from koga.release.tables import Word

Type = Literal[
    "amount", "rate", "number", "year", "years", "count", "text", "choice", "list", "date", "limit"
]
Shape = Literal["one", "named", "list", "by_year", "by_name"]

TYPES: Mapping[Type, tuple[str, str, str]] = {
    "amount": ("KRW", "원(정수) 또는 “7,500억”", "won as an integer, or text such as “7,500억”"),
    "rate": ("share", "비율: 0.4, “40%”, “1/6”", "a share: 0.4, “40%” or “1/6”"),
    "number": ("", "수", "a number"),
    "year": ("", "연도", "a year"),
    "years": ("years", "햇수", "a number of years"),
    "count": ("", "0 이상의 정수", "a whole number of 0 or more"),
    "text": ("", "글", "text"),
    "choice": ("", "정해진 낱말", "one of the words listed"),
    "list": ("", "낱말의 목록", "a list of words"),
    "date": ("", "날짜", "a date"),
    "limit": ("", "비율이나 금액(unit으로 밝힘)", "a share or an amount (`unit` says which)"),
}
"""Type of a value: its default unit and how it is written, in Korean and English."""


@dataclass(frozen=True, slots=True)
class Field:
    """One key with a value.

    name: the key. type: how its value is read. ko, en: label. required: absence is a problem.
    plain: an identifying value without basis and source. unit: `@unit` takes the unit key of the
    entry it stands in. minimum, maximum: what is possible at all. choices: allowed words.
    refers_to: the table whose names the value (or each of a list) must be.
    missing: the problem code where a required key is absent.
    """

    name: str
    type: Type
    ko: str
    en: str
    required: bool = False
    plain: bool = False
    unit: str = ""
    minimum: Fraction | None = None
    maximum: Fraction | None = None
    choices: Mapping[str, Word] = field(default_factory=dict)
    refers_to: str = ""
    missing: str = "scheme.missing"


@dataclass(frozen=True, slots=True)
class Section:
    """One table.

    shape: `one` table; `named`, a table of tables by name; `list`, `[[…]]` with an id each;
    `by_year`, figures by year with an optional `total`; `by_name`, figures by free name.
    parts: keys and tables inside (for by_year and by_name none; `entry` is each figure).
    names: the only names allowed. sums_to_one: its figures are parts of one whole.
    numbered: how a name that is a number is called, “{}” for the number, in Korean and English.
    """

    name: str
    ko: str
    en: str
    shape: Shape
    parts: tuple["Field | Section", ...] = ()
    entry: Field | None = None
    names: Mapping[str, Word] = field(default_factory=dict)
    sums_to_one: bool = False
    required: bool = False
    missing: str = "scheme.missing"
    numbered: tuple[str, str] = ("{}", "{}")

    def part(self, name: str) -> "Field | Section | None":
        """The key or table of a name inside this one."""
        return next((part for part in self.parts if part.name == name), None)


LEAF_KEYS: Mapping[str, tuple[str, str]] = {
    "value": ("값", "the value"),
    "basis": ("근거 구분: stated, derived, assumed", "stated, derived or assumed"),
    "source": ("[sources]의 이름 또는 글", "a name of `[sources]`, or text"),
    "unit": ("단위", "the unit, where the key does not fix it"),
    "low": ("그럴 만한 가장 낮은 값", "lowest plausible value"),
    "high": ("그럴 만한 가장 높은 값", "highest plausible value"),
    "options": ("다른 선택지", "the other options"),
    "note": ("까닭·설명(글 또는 {ko, en})", "reason or remark: text or `{ko, en}`"),
    "label": ("이름(글 또는 {ko, en})", "a label of its own: text or `{ko, en}`"),
    "rule": ("at_least(하한) 또는 at_most(상한)", "at_least (a floor) or at_most (a ceiling)"),
    "from": ("다른 값에서 셈하는 식", "arithmetic over other leaves; checked exactly"),
    "formula": ("셈한 방법(글)", "how it was worked out, where it is no simple arithmetic"),
}
"""Keys of one leaf with their meaning."""

TABLE_KEYS: Mapping[str, tuple[str, str]] = {
    "note": ("이 표의 가정에 대한 까닭", "reason for the assumed leaves of this table"),
    "source": ("이 표의 가정에 대한 출처", "source of the assumed leaves of this table"),
}
"""Keys any table may carry for the assumed leaves in it that have none of their own."""
