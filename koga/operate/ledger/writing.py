"""The one way rows enter the books.

`post_all` decides under the lock of each ledger's head what becomes of every entry (posted, known
already, refused) and `_write` inserts what is to be posted, one entry or a hundred thousand alike.
Nothing is inserted before everything is decided, so a refusal leaves nothing behind but itself: it
is stored under the key, and a retry gets the same answer.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from koga.core.journal import Entry, Posted, chain_hash
from koga.core.problems import Problem, Refusal, ensure
from koga.core.units import find
from koga.operate.ledger import guards, inserting
from koga.operate.ledger.clock import Clock
from koga.operate.ledger.inserting import insert, listed, pieces

CACHED_ACCOUNTS_MAX = 100_000
BALANCE_MAX = 2**63 - 1

AccountKey = tuple[str, str]


@dataclass(slots=True)
class _Session:
    """What a connection has learnt: that its guards stand, and the numbers of accounts."""

    raw: object
    guarded: object = None
    accounts: dict[tuple[int, str, str], int] = field(default_factory=dict)


_sessions: WeakKeyDictionary[BaseDatabaseWrapper, _Session] = WeakKeyDictionary()


def _session(connection: BaseDatabaseWrapper) -> _Session:
    session = _sessions.get(connection)
    if session is None or session.raw is not connection.connection:
        session = _sessions[connection] = _Session(connection.connection)
    return session


@dataclass(frozen=True, slots=True)
class Place:
    """A ledger whose head is locked by this transaction.

    closed_through: last closed day or None. limited: whether any of its accounts has a limit.
    """

    ledger_id: int
    code: str
    seq: int
    recorded_us: int
    chain: bytes
    closed_through: date | None
    limited: bool


@dataclass(slots=True)
class Request:
    """An entry to be decided: its content hash, and who made and approved it."""

    entry: Entry
    content: bytes
    maker: str
    checker: str = ""


@dataclass(slots=True)
class _Plan:
    """What is to become of the requests of one ledger, before anything is written."""

    place: Place
    fresh: list[Request] = field(default_factory=list)
    known: dict[str, tuple[bytes, Posted | Problem]] = field(default_factory=dict)
    rejected: tuple[Request, Problem] | None = None
    conflict: Problem | None = None


def post_all(requests: Sequence[Request], *, clock: Clock, using: str) -> list[Posted]:
    """Post requests in order, all or none, in one transaction (joining an outer one).

    Raises `Refusal` after the transaction where an entry is refused; the refusal of a limit, a
    closed period or a second reversal has then been stored under its key.
    """
    connection = connections[using]
    # no savepoint: a refusal is raised behind the block, so that its stored row is committed
    with transaction.atomic(using=using, savepoint=False), connection.cursor() as cursor:
        outcome = post_locked(connection, cursor, requests, clock)
    if isinstance(outcome, Problem):
        raise Refusal(outcome)
    return outcome


def post_locked(
    connection: BaseDatabaseWrapper,
    cursor: CursorWrapper,
    requests: Sequence[Request],
    clock: Clock,
) -> list[Posted] | Problem:
    """`post_all` within a transaction; a refusal is returned instead of raised."""
    groups: dict[str, list[Request]] = {}
    for request in requests:
        groups.setdefault(request.entry.ledger, []).append(request)
    plans = []
    for code in sorted(groups):  # one order of locking, so that two batches cannot wait in a ring
        place = lock(connection, cursor, code, clock)
        plans.append(_decide(connection, cursor, place, groups[code]))
    if conflicts := [plan.conflict for plan in plans if plan.conflict]:
        return conflicts[0]
    for plan in plans:
        if plan.rejected:
            _store_rejection(cursor, plan.place, plan.rejected, clock)
            return plan.rejected[1]
    fresh: dict[tuple[str, str], Posted] = {}
    for plan in plans:
        fresh |= _write(connection, cursor, plan.place, plan.fresh, clock)
    stored = {
        (plan.place.code, key): outcome
        for plan in plans
        for key, (_, outcome) in plan.known.items()
        if isinstance(outcome, Posted)
    }
    return [_answer(request.entry, fresh, stored) for request in requests]


def _answer(
    entry: Entry,
    fresh: dict[tuple[str, str], Posted],
    stored: dict[tuple[str, str], Posted],
) -> Posted:
    """The outcome of one request; the second of two equal ones in a batch is not fresh."""
    address = (entry.ledger, entry.key)
    if address in fresh:
        posted = fresh.pop(address)
        stored[address] = posted
        return posted
    return replace(stored[address], fresh=False)


# --- the lock


def lock(connection: BaseDatabaseWrapper, cursor: CursorWrapper, code: str, clock: Clock) -> Place:
    """Lock a ledger's head until the transaction ends, opening the ledger where it is new.

    Refuses where a guard of the books is missing.
    """
    row = _locked_place(connection, cursor, code)
    if row is None:
        require_guards(connection, None)
        cursor.execute(
            "INSERT INTO ledger_ledger (code, opened_us) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [code, clock()],
        )
        row = _locked_place(connection, cursor, code)
    ensure(row is not None, "a ledger just opened must be there")
    require_guards(connection, row[6:] or "")
    closed = date.fromisoformat(row[4]) if isinstance(row[4], str) else row[4]
    return Place(row[0], code, row[1], row[2], bytes(row[3]), closed, bool(row[5]))


_PLACE = """
    SELECT l.id, h.seq, h.recorded_us, h.chain,
           (SELECT max(through) FROM ledger_closing c WHERE c.ledger_id = l.id),
           EXISTS (SELECT 1 FROM ledger_balance), /* state */
    FROM ledger_ledger l JOIN ledger_head h ON h.ledger_id = l.id
    WHERE l.code = %s"""
_PLACE_POSTGRESQL = _PLACE.replace(", /* state */", "")
_PLACE_SQLITE = _PLACE.replace(
    "/* state */",
    "(SELECT schema_version FROM pragma_schema_version), "
    "(SELECT foreign_keys FROM pragma_foreign_keys), "
    "(SELECT recursive_triggers FROM pragma_recursive_triggers), "
    "(SELECT ignore_check_constraints FROM pragma_ignore_check_constraints)",
)


def _locked_place(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, code: str
) -> tuple[Any, ...] | None:
    """The row of a ledger under its lock; on SQLite the transaction itself is the lock.

    PostgreSQL locks first and reads in a second statement: what else the locking statement reads
    (a closing, a limit) would be as of before it waited.
    """
    if connection.vendor == "sqlite":
        cursor.execute(_PLACE_SQLITE, [code])
        return cursor.fetchone()
    cursor.execute(
        "SELECT 1 FROM ledger_head h JOIN ledger_ledger l ON l.id = h.ledger_id "
        "WHERE l.code = %s FOR UPDATE OF h",
        [code],
    )
    if cursor.fetchone() is None:
        return None
    cursor.execute(_PLACE_POSTGRESQL, [code])
    return cursor.fetchone()


def require_guards(connection: BaseDatabaseWrapper, state: object) -> None:
    """Refuse unless every guard stands; asked once per connection and state of its schema."""
    session = _session(connection)
    if session.guarded is not None and session.guarded == state:
        return
    if broken := guards.broken(connection):
        raise Refusal(Problem("ledger.guards", connection.alias, ", ".join(broken)))
    session.guarded = state


# --- deciding


def _decide(
    connection: BaseDatabaseWrapper,
    cursor: CursorWrapper,
    place: Place,
    requests: Sequence[Request],
) -> _Plan:
    plan = _Plan(place, known=_outcomes(cursor, place, requests))
    limits = _Limits(connection, cursor, place, requests)
    fresh: dict[str, bytes] = {}
    for request in requests:
        entry = request.entry
        stored = plan.known.get(entry.key)
        content = stored[0] if stored else fresh.get(entry.key)
        if content is not None and content != request.content:
            plan.conflict = Problem("ledger.conflict", place.code, entry.key)
            return plan
        if stored and isinstance(stored[1], Problem):
            plan.conflict = stored[1]
            return plan
        if content is not None:
            continue
        problem = _refused(cursor, place, request, plan.fresh) or limits.refuses(entry)
        if problem:
            plan.rejected = (request, problem)
            return plan
        fresh[entry.key] = request.content
        plan.fresh.append(request)
    return plan


def _outcomes(
    cursor: CursorWrapper, place: Place, requests: Iterable[Request]
) -> dict[str, tuple[bytes, Posted | Problem]]:
    """Stored outcomes of keys: the entry posted under each, or the refusal."""
    found: dict[str, tuple[bytes, Posted | Problem]] = {}
    for keys in pieces(request.entry.key for request in requests):
        # joined, not listed: for a list of keys SQLite would read the whole ledger by its number
        wanted = ", ".join(["(%s)"] * len(keys))
        cursor.execute(
            f"WITH wanted (name) AS (VALUES {wanted}) "  # noqa: S608 - marks only
            "SELECT key, content, seq, recorded_us, chain, NULL "
            "FROM wanted CROSS JOIN ledger_entry WHERE ledger_id = %s AND key = wanted.name "
            "UNION ALL SELECT key, content, NULL, NULL, NULL, problem "
            "FROM wanted CROSS JOIN ledger_rejection WHERE ledger_id = %s AND key = wanted.name",
            [*keys, place.ledger_id, place.ledger_id],
        )
        for key, content, seq, recorded_us, chain, problem in cursor.fetchall():
            outcome: Posted | Problem = (
                Problem(**json.loads(problem))
                if problem
                else Posted(place.code, seq, recorded_us, bytes(chain), fresh=False)
            )
            found[key] = (bytes(content), outcome)
    return found


def _refused(
    cursor: CursorWrapper, place: Place, request: Request, before: Sequence[Request]
) -> Problem | None:
    entry = request.entry
    where = f"{place.code} {entry.key}"
    if place.closed_through and entry.effective <= place.closed_through:
        details = {"through": place.closed_through.isoformat()}
        return Problem("ledger.closed", where, entry.effective.isoformat(), details)
    if entry.reverses is None:
        return None
    address = f"{place.code}#{entry.reverses}"
    cursor.execute(
        "SELECT seq FROM ledger_entry WHERE ledger_id = %s AND reverses = %s",
        [place.ledger_id, entry.reverses],
    )
    again = any(other.entry.reverses == entry.reverses for other in before)
    if again or cursor.fetchone():
        return Problem("ledger.reversed", where, address)
    if postings_of(cursor, place.ledger_id, entry.reverses) != [
        (posting.account, posting.commodity, -posting.amount) for posting in entry.postings
    ]:
        return Problem("ledger.not_reverse", where, address)
    return None


def postings_of(cursor: CursorWrapper, ledger_id: int, seq: int) -> list[tuple[str, str, int]]:
    """Account, commodity and amount of an entry's lines, in order."""
    cursor.execute(
        "SELECT a.code, p.commodity, p.amount FROM ledger_posting p "
        "JOIN ledger_account a ON a.id = p.account_id "
        "WHERE p.ledger_id = %s AND p.seq = %s ORDER BY p.line",
        [ledger_id, seq],
    )
    return [(code, commodity, amount) for code, commodity, amount in cursor.fetchall()]


def sum_of(cursor: CursorWrapper, account_id: int) -> int:
    """The balance of an account; summed in halves, for a running sum may leave 64 bits."""
    cursor.execute(
        "SELECT coalesce(sum(amount >> 32), 0), coalesce(sum(amount & 4294967295), 0) "
        "FROM ledger_posting WHERE account_id = %s",
        [account_id],
    )
    high, low = cursor.fetchone()
    return (int(high) << 32) + int(low)


class _Limits:
    """Balances of limited accounts as the requests before would leave them."""

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        cursor: CursorWrapper,
        place: Place,
        requests: Iterable[Request],
    ) -> None:
        self.rows: dict[AccountKey, tuple[int, int | None, int | None]] = {}
        if not place.limited:
            return
        wanted = _account_keys(requests)
        numbers = _account_numbers(connection, cursor, place, wanted)
        keys = {number: key for key, number in numbers.items()}
        for ids in pieces(keys):
            cursor.execute(
                listed(
                    len(ids),
                    "SELECT account_id, amount, floor, ceiling FROM ledger_balance "
                    "WHERE account_id IN (?)",
                ),
                ids,
            )
            self.rows |= {keys[row[0]]: row[1:] for row in cursor.fetchall()}

    def refuses(self, entry: Entry) -> Problem | None:
        """The limit an entry would break, else None, counting it in."""
        if not self.rows:
            return None
        after: dict[AccountKey, int] = {}
        for posting in entry.postings:
            key = (posting.account, posting.commodity)
            if key in self.rows:
                after[key] = after.get(key, self.rows[key][0]) + posting.amount
        for key, amount in after.items():
            _, floor, ceiling = self.rows[key]
            low = -BALANCE_MAX if floor is None else floor
            high = BALANCE_MAX if ceiling is None else ceiling
            if not low <= amount <= high:
                details = {
                    "account": key[0],
                    "unit": key[1],
                    "limit": str(low if amount < low else high),
                }
                return Problem("ledger.limit", f"{entry.ledger} {entry.key}", str(amount), details)
        for key, amount in after.items():
            self.rows[key] = (amount, *self.rows[key][1:])
        return None


def _store_rejection(
    cursor: CursorWrapper, place: Place, rejected: tuple[Request, Problem], clock: Clock
) -> None:
    request, problem = rejected
    stored = {
        "code": problem.code,
        "where": problem.where,
        "value": problem.value,
        "details": dict(problem.details),
    }
    cursor.execute(
        "INSERT INTO ledger_rejection (ledger_id, key, content, problem, maker, recorded_us) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        [
            place.ledger_id,
            request.entry.key,
            request.content,
            json.dumps(stored, ensure_ascii=False),
            request.maker,
            clock(),
        ],
    )


# --- accounts


def _account_keys(requests: Iterable[Request]) -> set[AccountKey]:
    return {
        (posting.account, posting.commodity)
        for request in requests
        for posting in request.entry.postings
    }


def _account_numbers(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, place: Place, wanted: set[AccountKey]
) -> dict[AccountKey, int]:
    """Numbers of those accounts that exist."""
    cached = _session(connection).accounts
    found = {}
    missing = []
    for key in wanted:
        number = cached.get((place.ledger_id, *key))
        if number is None:
            missing.append(key)
        else:
            found[key] = number
    read: dict[AccountKey, int] = {}
    for codes in pieces({account for account, _ in missing}):
        cursor.execute(
            listed(
                len(codes),
                "SELECT code, commodity, id FROM ledger_account "
                "WHERE ledger_id = %s AND code IN (?)",
            ),
            [place.ledger_id, *codes],
        )
        read |= {(row[0], row[1]): row[2] for row in cursor.fetchall()}
    _remember(connection, place, read)
    return found | {key: read[key] for key in missing if key in read}


def _remember(
    connection: BaseDatabaseWrapper, place: Place, numbers: Mapping[AccountKey, int]
) -> None:
    """Keep numbers for later, but only once they are committed: a rollback takes them back."""
    if not numbers:
        return
    session = _session(connection)

    def keep() -> None:
        if len(session.accounts) > CACHED_ACCOUNTS_MAX:
            session.accounts.clear()
        session.accounts.update(
            {(place.ledger_id, *key): number for key, number in numbers.items()}
        )

    transaction.on_commit(keep, using=connection.alias)


def open_accounts(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, place: Place, wanted: set[AccountKey]
) -> dict[AccountKey, int]:
    """Numbers of accounts, opening those that are new. The ledger's head must be locked."""
    numbers = _account_numbers(connection, cursor, place, wanted)
    missing = sorted(wanted - numbers.keys())
    if not missing:
        return numbers
    for commodity in sorted({commodity for _, commodity in missing}):
        _open_commodity(cursor, commodity)
    insert(cursor, inserting.ACCOUNT, [(place.ledger_id, *key) for key in missing])
    return _account_numbers(connection, cursor, place, wanted)


def _open_commodity(cursor: CursorWrapper, code: str) -> None:
    cursor.execute("SELECT 1 FROM ledger_commodity WHERE code = %s", [code])
    if cursor.fetchone() is None:
        commodity = find(code)
        cursor.execute(
            "INSERT INTO ledger_commodity (code, scale, kind) VALUES (%s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            [code, commodity.scale, commodity.kind],
        )


# --- writing


def _write(
    connection: BaseDatabaseWrapper,
    cursor: CursorWrapper,
    place: Place,
    requests: Sequence[Request],
    clock: Clock,
) -> dict[tuple[str, str], Posted]:
    """Insert decided entries: all postings, then the headers that seal them."""
    if not requests:
        return {}
    numbers = open_accounts(connection, cursor, place, _account_keys(requests))
    day_of = date.isoformat if connection.vendor == "sqlite" else _same_day
    headers, posted = _chained(place, requests, clock(), day_of)
    postings = _posting_rows(place, requests, numbers, day_of)
    insert(cursor, inserting.POSTING, postings)
    insert(cursor, inserting.ENTRY, headers)
    return posted


def _same_day(day: date) -> date:
    return day


def _posting_rows(
    place: Place,
    requests: Sequence[Request],
    numbers: Mapping[AccountKey, int],
    day_of: Callable[[date], Any],
) -> list[tuple[Any, ...]]:
    ledger_id = place.ledger_id
    return [
        (
            ledger_id,
            seq,
            line,
            numbers[posting.account, posting.commodity],
            posting.commodity,
            posting.amount,
            day,
        )
        for seq, request in enumerate(requests, start=place.seq + 1)
        for day in (day_of(request.entry.effective),)
        for line, posting in enumerate(request.entry.postings, start=1)
    ]


def _chained(
    place: Place, requests: Sequence[Request], now: int, day_of: Callable[[date], Any]
) -> tuple[list[tuple[Any, ...]], dict[tuple[str, str], Posted]]:
    """Headers in order, each with the hash of the one before; time always moves on."""
    rows, posted = [], {}
    chain, recorded_us = place.chain, place.recorded_us
    for seq, request in enumerate(requests, start=place.seq + 1):
        entry, content, maker, checker = (
            request.entry,
            request.content,
            request.maker,
            request.checker,
        )
        recorded_us = max(now, recorded_us + 1)
        previous = chain
        chain = chain_hash(previous, seq, recorded_us, content, maker, checker)
        rows.append(
            (
                place.ledger_id,
                seq,
                entry.key,
                entry.kind,
                day_of(entry.effective),
                recorded_us,
                entry.reference,
                entry.reverses,
                entry.relates_to,
                maker,
                checker,
                len(entry.postings),
                content,
                previous,
                chain,
            )
        )
        posted[place.code, entry.key] = Posted(place.code, seq, recorded_us, chain)
    return rows, posted
