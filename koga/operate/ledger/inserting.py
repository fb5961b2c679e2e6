"""How rows go into the tables, and lists into statements, on either engine."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.backends.utils import CursorWrapper

LIST_MAX = 500
"""Values in one list of a statement."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where rows go: table and columns, and PostgreSQL's types of these."""

    into: str
    types: str


ACCOUNT = Target("ledger_account (ledger_id, code, commodity)", "bigint text text")
POSTING = Target(
    "ledger_posting (ledger_id, seq, line, account_id, commodity, amount, effective_date)",
    "bigint bigint integer bigint text bigint date",
)
ENTRY = Target(
    "ledger_entry (ledger_id, seq, key, kind, effective_date, recorded_us, reference, "
    "reverses, relates_to, maker, checker, postings, content, previous, chain)",
    "bigint bigint text text date bigint text bigint text text text integer bytea bytea bytea",
)


def insert(cursor: CursorWrapper, target: Target, rows: Sequence[tuple[Any, ...]]) -> None:
    """All rows: one prepared statement on SQLite; on PostgreSQL one statement for the whole set,
    which its guards judge as one, or a binary COPY, which they judge no differently."""
    if cursor.db.vendor == "sqlite":
        cursor.executemany(listed(len(rows[0]), _VALUES.format(target.into)), rows)
        return
    types = target.types.split()
    if len(rows) > _COPY_MIN:
        with cursor.db.wrap_database_errors, cursor.copy(_COPY.format(target.into)) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)
        return
    arrays = ", ".join(f"%s::{name}[]" for name in types)
    columns = [list(column) for column in zip(*rows, strict=True)]
    cursor.execute(_UNNESTED.format(target.into, arrays), columns)


_VALUES = "INSERT INTO {} VALUES (?)"
_COPY_MIN = 50
_COPY = "COPY {} FROM STDIN (FORMAT BINARY)"
_UNNESTED = "INSERT INTO {} SELECT * FROM unnest({})"


def listed(count: int, statement: str) -> str:
    """A statement with as many marks as `count` in place of its `(?)`."""
    return statement.replace("(?)", "(" + ", ".join(["%s"] * count) + ")")


def pieces(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Values in lists short enough for one statement."""
    rest = iter(values)
    while piece := list(islice(rest, LIST_MAX)):
        yield piece
