"""What a table, its columns and its closed lists are: the shapes in which tables are declared."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ADDRESS_JOINT = "/"
"""Stands between the parts of a row's address where a table's key has several columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    name: as in every file. kind: text, integer, amount, decimal, date, datetime or boolean.
    ko, en: heading. required: never blank. disclosure: what protects it (public unless said).
    """

    name: str
    kind: str
    ko: str
    en: str
    required: bool = False
    disclosure: str = "public"


@dataclass(frozen=True, slots=True)
class Word:
    """A code of a closed list with its words: code, Korean, English."""

    code: str
    ko: str
    en: str


def words(*rows: tuple[str, str, str]) -> Mapping[str, Word]:
    """A closed list from (code, Korean, English)."""
    return {row[0]: Word(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class Table:
    """One open table.

    name: file stem. ko, en: title. key: columns that identify a row across releases.
    columns: in file order. references: column -> (table, column) it points to.
    sums: amount columns whose totals per unit stand in the manifest.
    """

    name: str
    ko: str
    en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    references: Mapping[str, tuple[str, str]]
    sums: tuple[str, ...] = ()
    sums_by: tuple[str, ...] = ("unit",)
    sums_where: str = ""
    closed: Mapping[str, Mapping[str, Word]] = field(default_factory=dict)
    moving: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in file order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of a name; a KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def address(self, row: Mapping[str, object]) -> str:
        """A row's name inside its table, as the table `corrections` writes it.

        >>> columns = columns_of(("agency", "text", "기관", "Agency"))
        >>> due = Table("due", "의무", "Due", ("agency", "period"), columns, {})
        >>> due.address({"agency": "A01", "period": "2026-H1"})
        'A01/2026-H1'
        """
        return ADDRESS_JOINT.join(str(row[name]) for name in self.key)


def columns_of(
    *rows: tuple[str, str, str, str] | tuple[str, str, str, str, str],
) -> tuple[Column, ...]:
    """Columns from (name, kind, ko, en[, "required"])."""
    return tuple(Column(row[0], row[1], row[2], row[3], len(row) > 4) for row in rows)
