"""Every invariant of the books as a named check that says what offends it.

Nothing stored is trusted: sums, hashes and chains are computed anew from the rows. Each ledger is
read up to the head it had when the reading began, so the checks run beside writers. Offending
entries are named `LEDGER#SEQ`, accounts `LEDGER account COMMODITY`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connections

from koga.core import journal
from koga.core.accounts import KINDS
from koga.core.journal import Entry, Posting
from koga.operate.ledger import guards
from koga.operate.ledger.reading import day, rows_of, stream, whole

OFFENDING_MAX = 1000
"""As many offending addresses are kept per check; one is enough to fail it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant. ok: whether it holds. offending: addresses where it does not."""

    name: str
    ok: bool
    offending: tuple[str, ...]


def check_all(using: str = "default") -> list[Check]:
    """Every check, in the order of their names."""
    found: dict[str, list[str]] = {name: [] for name in NAMES}
    for part in (_entries, _sums, _rows, _limits, _approvals, _outcomes):
        for name, address in part(using):
            if len(found[name]) < OFFENDING_MAX and address not in found[name][-1:]:
                found[name].append(address)
    found["guards_in_place"] = guards.broken(connections[using])
    return [Check(name, not addresses, tuple(addresses)) for name, addresses in found.items()]


NAMES = (
    "entries_balance",
    "ledgers_balance",
    "postings_have_headers",
    "chain_recomputes",
    "content_recomputes",
    "balances_recompute",
    "limits_hold",
    "reversals_exact_and_once",
    "keys_have_one_outcome",
    "time_moves_on",
    "closed_periods_stay_closed",
    "makers_are_not_checkers",
    "amounts_are_integers",
    "guards_in_place",
)
"""Σ=0 per entry and commodity; per ledger and commodity; every posting sealed and counted, its
account there; sequence dense and chain hashes equal up to the head; content hashes equal; kept
balances equal their postings; no limit broken at any moment; reversals; one outcome per key;
recording times rise; nothing effective in a period after its closing; approvals; types, ranges and
commodities; the database's guards."""

Offence = tuple[str, str]


# --- entry by entry

_JOURNAL = """
    SELECT e.seq, e.key, e.kind, e.effective_date, e.recorded_us, e.reference, e.reverses,
           e.relates_to, e.maker, e.checker, e.postings, e.content, e.previous, e.chain,
           p.line, a.code, p.commodity, p.amount, p.effective_date
    FROM ledger_entry e
    LEFT JOIN ledger_posting p ON p.ledger_id = e.ledger_id AND p.seq = e.seq
    LEFT JOIN ledger_account a ON a.id = p.account_id
    WHERE e.ledger_id = %s AND e.seq <= %s
    ORDER BY e.seq, p.line"""


@dataclass(slots=True)
class _Walk:
    """Where a walk along one ledger's chain has come to."""

    ledger: str
    closings: list[tuple[Any, int]]
    seq: int = 0
    chain: bytes = journal.CHAIN_START
    recorded_us: int = 0
    reversed: set[int] = field(default_factory=set)


def _entries(using: str) -> Iterator[Offence]:
    """Walks every ledger's chain from its first entry to its head."""
    closings = defaultdict(list)
    for ledger_id, through, after_seq in rows_of(
        using, "SELECT ledger_id, through, after_seq FROM ledger_closing"
    ):
        closings[ledger_id].append((day(through), after_seq))
    heads = rows_of(
        using,
        "SELECT l.code, l.id, h.seq, h.chain, h.recorded_us, (SELECT coalesce(max(seq), 0) "
        "FROM ledger_entry e WHERE e.ledger_id = l.id) FROM ledger_ledger l "
        "LEFT JOIN ledger_head h ON h.ledger_id = l.id ORDER BY l.id",
    )
    for code, ledger_id, seq, chain, recorded_us, last in heads:
        walk = _Walk(code, closings[ledger_id])
        journal_rows = stream(using, _JOURNAL, [ledger_id, seq or 0])
        for _, rows in groupby(journal_rows, key=lambda row: row[0]):
            yield from _entry(walk, list(rows))
        head = (seq, bytes(chain or b""), recorded_us)
        if (walk.seq, walk.chain, walk.recorded_us) != head or seq != last:
            yield "chain_recomputes", f"{code}#{walk.seq}"


def _entry(walk: _Walk, rows: list[tuple[Any, ...]]) -> Iterator[Offence]:
    (seq, key, kind, effective, recorded_us, reference, reverses, relates_to) = rows[0][:8]
    (maker, checker, count, content, previous, chain) = rows[0][8:14]
    address = f"{walk.ledger}#{seq}"
    lines = [row[14:] for row in rows if row[14] is not None]
    yield from ((name, address) for name in _postings(lines, count, effective))
    entry = Entry(
        ledger=walk.ledger,
        key=key,
        kind=kind,
        effective=day(effective),
        postings=tuple(Posting(str(line[1]), line[2], line[3]) for line in lines),
        reference=reference,
        reverses=reverses,
        relates_to=relates_to,
    )
    if entry.content_hash() != bytes(content):
        yield "content_recomputes", address
    computed = journal.chain_hash(walk.chain, seq, recorded_us, bytes(content), maker, checker)
    if seq != walk.seq + 1 or bytes(previous) != walk.chain or bytes(chain) != computed:
        yield "chain_recomputes", address
    if recorded_us <= walk.recorded_us:
        yield "time_moves_on", address
    if any(seq > after and entry.effective <= through for through, after in walk.closings):
        yield "closed_periods_stay_closed", address
    if (kind == "reversal") != (reverses is not None) or reverses in walk.reversed:
        yield "reversals_exact_and_once", address
    if reverses is not None:
        walk.reversed.add(reverses)
    if checker == maker or (kind in KINDS and KINDS[kind].approval and not checker):
        yield "makers_are_not_checkers", address
    walk.seq, walk.chain, walk.recorded_us = seq, bytes(chain), recorded_us


def _postings(lines: list[tuple[Any, ...]], count: int, effective: Any) -> Iterator[str]:
    """Names of the checks an entry's own lines offend."""
    sums: dict[str, int] = defaultdict(int)
    for number, (line, account, commodity, amount, posted_for) in enumerate(lines, start=1):
        if line != number or account is None or posted_for != effective:
            yield "postings_have_headers"
        if isinstance(amount, int):
            sums[commodity] += amount
        else:
            yield "amounts_are_integers"
    if len(lines) != count:
        yield "postings_have_headers"
    if any(sums.values()):
        yield "entries_balance"


# --- set by set


def _sums(using: str) -> Iterator[Offence]:
    """Sums per ledger and commodity, and kept balances against their postings."""
    totals = rows_of(
        using,
        "SELECT l.code, p.commodity, sum(p.amount >> 32), sum(p.amount & 4294967295) "
        "FROM ledger_posting p JOIN ledger_ledger l ON l.id = p.ledger_id "
        "GROUP BY l.code, p.commodity",
    )
    for code, commodity, high, low in totals:
        if whole(high, low):
            yield "ledgers_balance", f"{code} {commodity}"
    kept = rows_of(
        using,
        "SELECT l.code, a.code, a.commodity, b.amount, coalesce(sum(p.amount >> 32), 0), "
        "coalesce(sum(p.amount & 4294967295), 0) FROM ledger_balance b "
        "JOIN ledger_account a ON a.id = b.account_id JOIN ledger_ledger l ON l.id = a.ledger_id "
        "LEFT JOIN ledger_posting p ON p.account_id = b.account_id "
        "GROUP BY l.code, a.code, a.commodity, b.amount",
    )
    for code, account, commodity, amount, high, low in kept:
        if whole(high, low) != amount:
            yield "balances_recompute", f"{code} {account} {commodity}"


_ORPHANS = """
    SELECT l.code, p.ledger_id, p.seq FROM ledger_posting p
    LEFT JOIN ledger_ledger l ON l.id = p.ledger_id
    LEFT JOIN ledger_entry e ON e.ledger_id = p.ledger_id AND e.seq = p.seq
    WHERE e.seq IS NULL"""
_MISFITS = """
    SELECT l.code, p.ledger_id, p.seq FROM ledger_posting p
    LEFT JOIN ledger_ledger l ON l.id = p.ledger_id
    LEFT JOIN ledger_account a ON a.id = p.account_id
    WHERE a.id IS NULL OR a.commodity <> p.commodity OR a.ledger_id <> p.ledger_id
       OR p.amount = 0 OR p.amount NOT BETWEEN -1000000000000000000 AND 1000000000000000000"""
_TYPES = """
    SELECT l.code, p.ledger_id, p.seq FROM ledger_posting p
    LEFT JOIN ledger_ledger l ON l.id = p.ledger_id
    WHERE typeof(p.amount) <> 'integer'"""
_REVERSALS = """
    SELECT l.code, e.ledger_id, e.seq FROM ledger_entry e
    LEFT JOIN ledger_ledger l ON l.id = e.ledger_id
    LEFT JOIN ledger_entry o ON o.ledger_id = e.ledger_id AND o.seq = e.reverses
    WHERE e.reverses IS NOT NULL AND (o.seq IS NULL OR o.postings <> e.postings
       OR e.postings <> (SELECT count(*) FROM ledger_posting f JOIN ledger_posting p
            ON p.ledger_id = f.ledger_id AND p.seq = e.reverses AND p.line = f.line
           AND p.account_id = f.account_id AND p.amount = -f.amount
          WHERE f.ledger_id = e.ledger_id AND f.seq = e.seq))"""


def _rows(using: str) -> Iterator[Offence]:
    """Rows that point to nothing, or hold what no posting may hold."""
    questions = [
        ("postings_have_headers", _ORPHANS),
        ("amounts_are_integers", _MISFITS),
        ("reversals_exact_and_once", _REVERSALS),
    ]
    if connections[using].vendor == "sqlite":
        questions.append(("amounts_are_integers", _TYPES))
    for name, query in questions:
        for code, ledger_id, seq in rows_of(using, query):
            yield name, f"{code or ledger_id}#{seq}"


_HISTORY = """
    SELECT seq, sum(amount) FROM ledger_posting WHERE account_id = %s GROUP BY seq ORDER BY seq"""


def _limits(using: str) -> Iterator[Offence]:
    """Every limit against every balance its account had while it counted."""
    accounts = rows_of(
        using,
        "SELECT DISTINCT a.id, l.code, a.code, a.commodity FROM ledger_limit t "
        "JOIN ledger_account a ON a.id = t.account_id JOIN ledger_ledger l ON l.id = a.ledger_id",
    )
    for number, code, account, commodity in accounts:
        limits = rows_of(
            using,
            "SELECT after_seq, floor, ceiling FROM ledger_limit "
            "WHERE account_id = %s ORDER BY number",
            [number],
        )
        kept = rows_of(
            using, "SELECT floor, ceiling FROM ledger_balance WHERE account_id = %s", [number]
        )
        if kept != [limits[-1][1:]]:
            yield "balances_recompute", f"{code} {account} {commodity}"
        for seq in _beyond(limits, stream(using, _HISTORY, [number])):
            yield "limits_hold", f"{code}#{seq}"


def _beyond(limits: list[tuple[Any, ...]], changes: Iterator[tuple[Any, ...]]) -> Iterator[int]:
    amount = 0
    for seq, change in changes:
        amount += int(change)
        counting = [limit for limit in limits if limit[0] < seq]
        if not counting:
            continue
        _, floor, ceiling = counting[-1]
        if (floor is not None and amount < floor) or (ceiling is not None and amount > ceiling):
            yield seq


def _approvals(using: str) -> Iterator[Offence]:
    """Checked entries without an approval of that very content by that very person."""
    unapproved = rows_of(
        using,
        "SELECT l.code, e.seq FROM ledger_entry e JOIN ledger_ledger l ON l.id = e.ledger_id "
        "WHERE e.checker <> '' AND NOT EXISTS (SELECT 1 FROM ledger_approval a "
        "JOIN ledger_draft d ON d.id = a.draft_id AND d.content = a.content "
        "WHERE a.ledger_id = e.ledger_id AND a.content = e.content AND a.verdict = 'approved' "
        "AND a.maker = e.maker AND a.checker = e.checker AND a.checker <> a.maker)",
    )
    for code, seq in unapproved:
        yield "makers_are_not_checkers", f"{code}#{seq}"


def _outcomes(using: str) -> Iterator[Offence]:
    """Keys with two outcomes: two entries, or an entry and a refusal."""
    twice = rows_of(
        using,
        "SELECT l.code, o.key FROM (SELECT ledger_id, key FROM ledger_entry "
        "UNION ALL SELECT ledger_id, key FROM ledger_rejection) o "
        "JOIN ledger_ledger l ON l.id = o.ledger_id GROUP BY l.code, o.key HAVING count(*) > 1",
    )
    for code, key in twice:
        yield "keys_have_one_outcome", f"{code} {key}"


# --- against what was published


def check_published(published: Iterator[Mapping[str, Any]], using: str = "default") -> Check:
    """The books against the ledger heads of a release: rewritten or shortened books are found.

    published: rows of the release's table `ledger_heads`. The entry at each head's place must
    still carry its chain hash; with the chain itself intact, nothing before it was changed.
    """
    offending = []
    for row in published:
        entries = rows_of(
            using,
            "SELECT e.chain FROM ledger_entry e JOIN ledger_ledger l ON l.id = e.ledger_id "
            "WHERE l.code = %s AND e.seq = %s",
            [row["ledger"], row["entries"]],
        )
        chains = [bytes(chain).hex() for (chain,) in entries]
        if row["entries"] and chains != [row["chain"]]:
            offending.append(f"{row['ledger']}#{row['entries']}")
    return Check("published_heads_stand", not offending, tuple(offending))
