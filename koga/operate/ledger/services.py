"""All acts on the books. Each is one transaction, or joins the one it is called in.

Who acts is given as an opaque id of the parties; whether they may is the caller's to check, that
maker and checker differ is checked here and by the database. `using` names the database and
`clock` the time source, both for tests.

A refusal for a limit, a closed period or a second reversal is stored under the entry's key, so
that a retry gets the same answer; inside an outer transaction it lives as long as that does.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache, wraps
from typing import Any

from django.db import OperationalError, connections, transaction

from koga.core import journal
from koga.core.accounts import KINDS, root_of
from koga.core.dates import Period, quarter_of
from koga.core.journal import Entry, Posted, Posting
from koga.core.problems import Problem, Refusal
from koga.core.units import find
from koga.operate.ledger import drafts, writing
from koga.operate.ledger.clock import Clock, now_us

_OPAQUE = re.compile(r"[a-z][0-9a-f]{1,39}")
_LEDGER_MAX, _TEXT_MAX = 60, 200


def _answering(act: Callable[..., Any]) -> Callable[..., Any]:
    """A database that is locked for too long, full or away is a problem, not a traceback."""

    @wraps(act)
    def acting(*arguments: Any, **named: Any) -> Any:
        try:
            return act(*arguments, **named)
        except OperationalError as error:
            raise Refusal(Problem("ledger.unavailable", "", str(error))) from error

    return acting


# --- posting


@_answering
def open_ledger(code: str, *, clock: Clock = now_us, using: str = "default") -> int:
    """Open the ledger of an agency or fund, or find it; returns its number in the database."""
    if problems := _ledger_problems(code):
        raise Refusal(problems)
    connection = connections[using]
    with transaction.atomic(using=using, savepoint=False), connection.cursor() as cursor:
        return writing.lock(connection, cursor, code, clock).ledger_id


def post(
    entry: Entry,
    *,
    maker: str,
    checker: str = "",
    clock: Clock = now_us,
    using: str = "default",
) -> Posted:
    """Post one entry and return where it stands.

    The same entry under the same key again returns the stored outcome with `fresh=False`; another
    entry under a used key is refused. `checker` must have approved the very content (`approve`).
    """
    return _post([entry], maker=maker, checker=checker, clock=clock, using=using)[0]


def post_many(
    entries: Iterable[Entry], *, maker: str, clock: Clock = now_us, using: str = "default"
) -> list[Posted]:
    """Post entries in order, all or none, in one transaction; the bulk path.

    How many go together is the caller's choice: a chunk holds the write lock of its ledgers.
    """
    return _post(list(entries), maker=maker, checker="", clock=clock, using=using)


@_answering
def _post(
    entries: list[Entry], *, maker: str, checker: str, clock: Clock, using: str
) -> list[Posted]:
    problems = _actor_problems(maker) + (_actor_problems(checker) if checker else [])
    for entry in entries:
        problems += _problems(entry)
        if not checker and entry.kind in KINDS and KINDS[entry.kind].approval:
            where = f"{entry.ledger} {entry.key}"
            problems.append(Problem("ledger.approval", where, entry.kind))
    if checker and not problems:
        problems += _unapproved(entries, maker, checker, using)
    if problems:
        raise Refusal(problems)
    requests = [writing.Request(entry, entry.content_hash(), maker, checker) for entry in entries]
    return writing.post_all(requests, clock=clock, using=using) if requests else []


def _unapproved(entries: Iterable[Entry], maker: str, checker: str, using: str) -> list[Problem]:
    problems = []
    with connections[using].cursor() as cursor:
        for entry in entries:
            cursor.execute(
                "SELECT 1 FROM ledger_approval a JOIN ledger_ledger l ON l.id = a.ledger_id "
                "WHERE l.code = %s AND content = %s AND verdict = 'approved' "
                "AND maker = %s AND checker = %s",
                [entry.ledger, entry.content_hash(), maker, checker],
            )
            if cursor.fetchone() is None:
                where = f"{entry.ledger} {entry.key}"
                problems.append(Problem("ledger.approval", where, entry.kind))
    return problems


# --- two persons


@_answering
def propose(entry: Entry, *, maker: str, clock: Clock = now_us, using: str = "default") -> int:
    """Keep an entry as a draft for a second person; returns the draft's number.

    The same content again is the same draft. A changed entry is a new draft, so an approval can
    never cover what its checker did not see.
    """
    if problems := _actor_problems(maker) + _problems(entry):
        raise Refusal(problems)
    content = entry.content_hash()
    connection = connections[using]
    with transaction.atomic(using=using, savepoint=False), connection.cursor() as cursor:
        place = writing.lock(connection, cursor, entry.ledger, clock)
        cursor.execute(
            "SELECT d.id FROM ledger_draft d LEFT JOIN ledger_approval a ON a.draft_id = d.id "
            "WHERE d.ledger_id = %s AND d.key = %s AND d.content = %s AND d.maker = %s "
            "AND coalesce(a.verdict, 'approved') = 'approved'",
            [place.ledger_id, entry.key, content, maker],
        )
        if row := cursor.fetchone():
            return row[0]
        cursor.execute(
            "INSERT INTO ledger_draft (ledger_id, key, body, content, maker, recorded_us) "
            "VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
            [place.ledger_id, entry.key, drafts.to_json(entry), content, maker, clock()],
        )
        return cursor.fetchone()[0]


@_answering
def approve(
    draft_id: int,
    *,
    checker: str,
    seen: bytes | None = None,
    clock: Clock = now_us,
    using: str = "default",
) -> Posted:
    """Approve a draft and post it in the same transaction.

    seen: the content hash the checker was shown; given, a draft of any other content is refused.
    The hash is computed anew from the draft and must be the proposed one. Approving again answers
    with the stored outcome.
    """
    return _judge(draft_id, "approved", checker, seen, clock, using)


@_answering
def decline(draft_id: int, *, checker: str, clock: Clock = now_us, using: str = "default") -> None:
    """Refuse a draft; it can then no longer be approved."""
    _judge(draft_id, "declined", checker, None, clock, using)


def _judge(
    draft_id: int, verdict: str, checker: str, seen: bytes | None, clock: Clock, using: str
) -> Any:
    if problems := _actor_problems(checker):
        raise Refusal(problems)
    connection = connections[using]
    outcome: Any = None
    with transaction.atomic(using=using, savepoint=False), connection.cursor() as cursor:
        draft = _locked_draft(connection, cursor, draft_id, clock)
        problem, decided = _undecidable(cursor, draft, verdict, checker, seen)
        if problem is None and not decided:
            cursor.execute(
                "INSERT INTO ledger_approval "
                "(draft_id, ledger_id, content, verdict, maker, checker, recorded_us) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s)",
                [draft_id, draft["ledger_id"], draft["content"], verdict, draft["maker"],
                 checker, clock()],
            )  # fmt: skip
        if problem is None and verdict == "approved":
            request = writing.Request(draft["entry"], draft["content"], draft["maker"], checker)
            outcome = writing.post_locked(connection, cursor, [request], clock)
    if isinstance(problem or outcome, Problem):
        raise Refusal(problem or outcome)
    return outcome[0] if outcome else None


def _locked_draft(connection: Any, cursor: Any, draft_id: int, clock: Clock) -> dict[str, Any]:
    """A draft, with its ledger locked so that no one else can judge it meanwhile."""
    cursor.execute(
        "SELECT l.code, d.ledger_id, d.body, d.content, d.maker FROM ledger_draft d "
        "JOIN ledger_ledger l ON l.id = d.ledger_id WHERE d.id = %s",
        [draft_id],
    )
    row = cursor.fetchone()
    if row is None:
        raise Refusal(Problem("ledger.draft_unknown", "draft", str(draft_id)))
    writing.lock(connection, cursor, row[0], clock)
    return {
        "id": draft_id,
        "ledger_id": row[1],
        "entry": drafts.from_json(row[2]),
        "content": bytes(row[3]),
        "maker": row[4],
    }


def _undecidable(
    cursor: Any, draft: dict[str, Any], verdict: str, checker: str, seen: bytes | None
) -> tuple[Problem | None, bool]:
    """Why a draft cannot be judged so, and whether it already was by this very person."""
    where = f"draft {draft['id']}"
    content = draft["entry"].content_hash()
    if content != draft["content"] or (seen is not None and seen != content):
        return Problem("ledger.draft_changed", where, content.hex()), False
    if checker == draft["maker"]:
        return Problem("ledger.same_person", where, checker), False
    cursor.execute(
        "SELECT verdict, checker FROM ledger_approval WHERE draft_id = %s", [draft["id"]]
    )
    decided = cursor.fetchone()
    if decided and decided != (verdict, checker):
        return Problem("ledger.draft_decided", where, decided[0]), False
    return None, bool(decided)


@_answering
def reverse(
    ledger: str,
    seq: int,
    *,
    key: str,
    effective: date,
    maker: str,
    clock: Clock = now_us,
    using: str = "default",
) -> int:
    """Propose the exact negation of a posted entry; returns the draft's number.

    effective: a day of the open period. Where the original's own day is closed meanwhile,
    `relates_to` names its quarter. An entry is reversed at most once.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT l.id, e.reference, e.effective_date, "
            "e.effective_date <= (SELECT max(through) FROM ledger_closing c "
            "                     WHERE c.ledger_id = l.id) "
            "FROM ledger_entry e JOIN ledger_ledger l ON l.id = e.ledger_id "
            "WHERE l.code = %s AND e.seq = %s",
            [ledger, seq],
        )
        row = cursor.fetchone()
        if row is None:
            raise Refusal(Problem("ledger.no_entry", ledger, f"{ledger}#{seq}"))
        lines = writing.postings_of(cursor, row[0], seq)
    entry = Entry(
        ledger=ledger,
        key=key,
        kind="reversal",
        effective=effective,
        postings=tuple(Posting(code, unit, -amount) for code, unit, amount in lines),
        reference=row[1],
        reverses=seq,
        relates_to=quarter_of(date.fromisoformat(str(row[2]))) if row[3] else "",
    )
    return propose(entry, maker=maker, clock=clock, using=using)


# --- limits and periods


@_answering
def set_limit(
    ledger: str,
    account: str,
    commodity: str,
    *,
    floor: int | None = None,
    ceiling: int | None = None,
    actor: str,
    clock: Clock = now_us,
    using: str = "default",
) -> None:
    """Limit an account's balance from now on (smallest units, both ends allowed; None is free).

    The limit counts in the order of posting. Refused where the present balance already breaks it.
    """
    problems = _actor_problems(actor) + _ledger_problems(ledger)
    problems += _limit_problems(account, commodity, floor, ceiling)
    if problems:
        raise Refusal(problems)
    connection = connections[using]
    with transaction.atomic(using=using, savepoint=False), connection.cursor() as cursor:
        place = writing.lock(connection, cursor, ledger, clock)
        key = (account, commodity)
        number = writing.open_accounts(connection, cursor, place, {key})[key]
        present = writing.sum_of(cursor, number)
        low = -writing.BALANCE_MAX if floor is None else floor
        high = writing.BALANCE_MAX if ceiling is None else ceiling
        allowed = low <= present <= high
        if allowed:
            cursor.execute(
                "INSERT INTO ledger_limit "
                "(account_id, number, floor, ceiling, after_seq, actor, recorded_us) "
                "SELECT %s, 1 + count(*), %s, %s, %s, %s, %s FROM ledger_limit "
                "WHERE account_id = %s",
                [number, floor, ceiling, place.seq, actor, clock(), number],
            )
    if not allowed:
        limit = str(low if present < low else high)
        details = {"account": account, "unit": commodity, "limit": limit}
        raise Refusal(Problem("ledger.limit", ledger, str(present), details))


@_answering
def close_period(
    ledger: str,
    through: date,
    *,
    actor: str,
    clock: Clock = now_us,
    using: str = "default",
) -> None:
    """Close a ledger through a day: nothing effective on or before it is posted any more.

    Closing through the same day again changes nothing; an earlier day is refused.
    """
    if (
        problems := _actor_problems(actor)
        + _ledger_problems(ledger)
        + _day_problems(through, ledger)
    ):
        raise Refusal(problems)
    connection = connections[using]
    with transaction.atomic(using=using, savepoint=False), connection.cursor() as cursor:
        place = writing.lock(connection, cursor, ledger, clock)
        last = place.closed_through
        if last is None or through > last:
            cursor.execute(
                "INSERT INTO ledger_closing (ledger_id, through, after_seq, actor, recorded_us) "
                "VALUES (%s, %s, %s, %s, %s)",
                [place.ledger_id, through.isoformat(), place.seq, actor, clock()],
            )
    if last is not None and through < last:
        details = {"through": last.isoformat()}
        raise Refusal(Problem("ledger.closed", ledger, through.isoformat(), details))


# --- what can be seen without the books


def _problems(entry: Entry) -> list[Problem]:
    where = f"{entry.ledger} {entry.key}"
    problems = _ledger_problems(entry.ledger) + _day_problems(entry.effective, where)
    problems += [
        Problem("ledger.text", where, ascii(text))
        for text in (entry.key, entry.reference)
        if not _plain(text)
    ]
    if problems:
        return problems
    problems = journal.check(entry)
    if (entry.kind == "reversal") != (entry.reverses is not None):
        problems.append(Problem("ledger.not_reverse", where, str(entry.reverses)))
    if entry.relates_to:
        try:
            Period.parse(entry.relates_to, f"{where} relates_to")
        except Refusal as refusal:
            problems += refusal.problems
    return problems


def _plain(text: object, length_max: int = _TEXT_MAX) -> bool:
    """Whether a text is printable, in composed form and short: it prints and hashes one way."""
    return (
        isinstance(text, str)
        and len(text) <= length_max
        and (text.isascii() or unicodedata.is_normalized("NFC", text))
        and text.isprintable()
    )


def _ledger_problems(code: object) -> list[Problem]:
    return [] if _ledger_code(code) else [Problem("ledger.code", "ledger", ascii(code))]


@lru_cache(maxsize=4096)
def _ledger_code(code: Any) -> bool:
    return bool(_plain(code, _LEDGER_MAX) and code and "#" not in code and code == code.strip())


def _actor_problems(person: object) -> list[Problem]:
    good = isinstance(person, str) and _OPAQUE.fullmatch(person)
    return [] if good else [Problem("ledger.actor", "", str(person))]


def _day_problems(day: object, where: str) -> list[Problem]:
    if isinstance(day, date) and not isinstance(day, datetime):
        return []
    return [Problem("dates.unreadable", where, str(day), {"expected": "2026-03-31"})]


def _limit_problems(
    account: str, commodity: str, floor: int | None, ceiling: int | None
) -> list[Problem]:
    problems = []
    if root_of(account) is None:
        problems.append(Problem("ledger.account", "limit", account))
    try:
        find(commodity, "limit")
    except Refusal as refusal:
        problems += refusal.problems
    for limit in (floor, ceiling):
        whole = isinstance(limit, int) and not isinstance(limit, bool)
        if limit is not None and not (whole and abs(limit) <= writing.BALANCE_MAX):
            problems.append(Problem("ledger.limit_range", account, str(limit)))
    if not problems and floor is not None and ceiling is not None and floor > ceiling:
        problems.append(Problem("ledger.limit_range", account, f"{floor} > {ceiling}"))
    return problems
