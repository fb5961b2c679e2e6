"""Entries and postings: balanced per commodity, hashed the same way everywhere.

An entry is content (what is posted), which a second person may approve by its hash, and a place in
one ledger's chain. Both hashes are SHA-256 over length-prefixed UTF-8 fields behind a versioned
tag, so no two different entries share their bytes. Golden vectors stand in the tests.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from koga.core.accounts import KINDS, root_of
from koga.core.money import AMOUNT_MAX
from koga.core.problems import Problem, Refusal
from koga.core.units import find

CONTENT_TAG = "koga-entry-1"
CHAIN_TAG = "koga-chain-1"
CHAIN_START = bytes(32)


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry.

    account: account code; commodity: its unit; amount: smallest units, debit positive, never 0.
    """

    account: str
    commodity: str
    amount: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be posted.

    ledger: code of the ledger, one per agency or fund.
    key: idempotency key, unique in the ledger; the same content under it posts once.
    kind: a key of `accounts.KINDS`.
    effective: the day it counts for, in Korean time.
    postings: its lines, in order.
    reference: the record, case or programme it belongs to; an opaque id, never a person's data.
    reverses: sequence number of the entry it undoes, or None.
    relates_to: the closed period a late correction belongs to, or "".
    """

    ledger: str
    key: str
    kind: str
    effective: date
    postings: tuple[Posting, ...]
    reference: str = ""
    reverses: int | None = None
    relates_to: str = ""

    def content_hash(self) -> bytes:
        """SHA-256 of everything above: the idempotency and approval hash."""
        fields = [
            CONTENT_TAG,
            self.ledger,
            self.key,
            self.kind,
            self.effective.isoformat(),
            self.reference,
            "" if self.reverses is None else str(self.reverses),
            self.relates_to,
            str(len(self.postings)),
        ]
        for posting in self.postings:
            fields += (posting.account, posting.commodity, str(posting.amount))
        return _digest(fields)


def chain_hash(
    previous: bytes, seq: int, recorded_us: int, content: bytes, maker: str, checker: str
) -> bytes:
    """The hash of a posted entry: the one before, its place, time (µs since 1970), who and what.

    >>> chain_hash(CHAIN_START, 1, 0, bytes(32), "u1", "").hex()[:16]
    '3d221e76967bbca3'
    """
    head = _digest([CHAIN_TAG, str(seq), str(recorded_us), maker, checker])
    return hashlib.sha256(previous + head + content).digest()


def _digest(fields: Iterable[str]) -> bytes:
    parts: list[bytes] = []
    for raw in map(str.encode, fields):
        parts += (len(raw).to_bytes(4, "big"), raw)
    return hashlib.sha256(b"".join(parts)).digest()


def check(entry: Entry) -> list[Problem]:
    """Every problem of an entry that can be seen without the books, in order of precedence."""
    where = f"{entry.ledger} {entry.key}"
    problems = []
    if not entry.key or len(entry.key) > 200:
        problems.append(Problem("ledger.key", where, entry.key))
    if entry.kind not in KINDS:
        problems.append(Problem("ledger.kind", where, entry.kind))
    if len(entry.postings) < 2:
        problems.append(Problem("ledger.too_few", where, str(len(entry.postings))))
    sums: dict[str, int] = defaultdict(int)
    for line, posting in enumerate(entry.postings, start=1):
        if not _sound(posting):
            problems += _check_posting(posting, f"{where} line {line}")
        if isinstance(posting.amount, int):
            sums[posting.commodity] += posting.amount
    problems += [
        Problem("ledger.unbalanced", where, str(total), {"unit": commodity})
        for commodity, total in sums.items()
        if total
    ]
    return problems


def _sound(posting: Posting) -> bool:
    """Whether nothing is wrong with a line; quick, for books are written by the million."""
    amount = posting.amount
    return (
        type(amount) is int
        and 0 < abs(amount) <= AMOUNT_MAX
        and _nameable(posting.account, posting.commodity)
    )


@lru_cache(maxsize=65_536)
def _nameable(account: str, commodity: str) -> bool:
    """Whether account and commodity are codes of the tables; remembered, for they recur."""
    try:
        find(commodity)
    except Refusal:
        return False
    return root_of(account) is not None


def _check_posting(posting: Posting, where: str) -> list[Problem]:
    problems = []
    amount = posting.amount
    if not isinstance(amount, int) or isinstance(amount, bool) or amount == 0:
        problems.append(Problem("ledger.amount", where, str(amount)))
    elif abs(amount) > AMOUNT_MAX:
        problems.append(
            Problem("money.too_large", where, str(amount), {"limit": f"{AMOUNT_MAX:,}"})
        )
    if root_of(posting.account) is None:
        problems.append(Problem("ledger.account", where, posting.account))
    try:
        find(posting.commodity, where)
    except Refusal as refusal:
        problems += refusal.problems
    return problems


def balances(entries: Iterable[Entry]) -> dict[tuple[str, str, str], int]:
    """Sums by ledger, account and commodity: the replay other checks compare with."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for entry in entries:
        for posting in entry.postings:
            sums[entry.ledger, posting.account, posting.commodity] += posting.amount
    return dict(sums)


@dataclass(frozen=True, slots=True)
class Posted:
    """The outcome of a posting: where the entry stands in its ledger.

    seq: place in the ledger, dense from 1. recorded_us: when, µs since 1970. chain: its hash.
    fresh: False where the same key had been posted before and this is the stored outcome.
    """

    ledger: str
    seq: int
    recorded_us: int
    chain: bytes = field(repr=False)
    fresh: bool = True
