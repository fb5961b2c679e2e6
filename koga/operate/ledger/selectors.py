"""All reads of the books.

Sums are taken in two halves of 32 bits and put together in Python: a running sum in 64 bits can
overflow although the total does not. Amounts are integers of the commodity's smallest unit, a
debit positive.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections

from koga.core.journal import Entry
from koga.core.problems import Problem, Refusal
from koga.operate.ledger import checks as invariants
from koga.operate.ledger import drafts
from koga.operate.ledger.checks import Check
from koga.operate.ledger.clock import microseconds
from koga.operate.ledger.reading import day, rows_of, stream, whole


@dataclass(frozen=True, slots=True)
class FlowRow:
    """What went through an account in a quarter of effective days.

    debit, credit: sums of its debits and of its credits, both 0 or more; net: debit - credit.
    entries: how many entries touched it.
    """

    ledger: str
    account: str
    commodity: str
    quarter: str
    debit: int
    credit: int
    net: int
    entries: int


@dataclass(frozen=True, slots=True)
class Line:
    """One posting with its entry's header, as exports print it."""

    ledger: str
    seq: int
    line: int
    effective: date
    recorded_us: int
    kind: str
    key: str
    reference: str
    reverses: int | None
    relates_to: str
    account: str
    commodity: str
    amount: int
    maker: str
    checker: str
    postings: int
    content: bytes
    previous: bytes
    chain: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that waits for a second person. content: the hash to approve."""

    number: int
    entry: Entry
    content: bytes
    maker: str
    recorded_us: int


# --- heads and balances


def heads(using: str = "default") -> list[dict[str, Any]]:
    """The last entry of every ledger: ledger, entries, chain (hex), recorded_us; by ledger."""
    rows = rows_of(
        using,
        "SELECT l.code, h.seq, h.chain, h.recorded_us FROM ledger_head h "
        "JOIN ledger_ledger l ON l.id = h.ledger_id",
        [],
    )
    return [
        {
            "ledger": code,
            "entries": seq,
            "chain": bytes(chain).hex(),
            "recorded_us": recorded_us,
        }
        for code, seq, chain, recorded_us in sorted(rows)
    ]


def head_known(ledger: str, at: datetime | None = None, *, using: str = "default") -> int:
    """The number of the last entry recorded at a moment or before; 0 where there is none.

    Time grows with the number, so a search by halves needs no index.
    """
    rows = rows_of(
        using,
        "SELECT l.id, h.seq FROM ledger_ledger l JOIN ledger_head h ON h.ledger_id = l.id "
        "WHERE l.code = %s",
        [ledger],
    )
    if not rows:
        raise Refusal(Problem("ledger.unknown", "ledger", ledger))
    ledger_id, last = rows[0]
    if at is None:
        return last
    limit_us, first = microseconds(at), 0
    while first < last:
        middle = (first + last + 1) // 2
        found = rows_of(
            using,
            "SELECT recorded_us FROM ledger_entry WHERE ledger_id = %s AND seq = %s",
            [ledger_id, middle],
        )
        first, last = (middle, last) if found[0][0] <= limit_us else (first, middle - 1)
    return last


_BALANCE = """
    SELECT coalesce(sum(p.amount >> 32), 0), coalesce(sum(p.amount & 4294967295), 0)
    FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
    JOIN ledger_ledger l ON l.id = a.ledger_id
    WHERE l.code = %s AND a.code = %s AND a.commodity = %s"""


def balance(
    ledger: str,
    account: str,
    commodity: str,
    *,
    as_of: date | None = None,
    as_known: datetime | None = None,
    using: str = "default",
) -> int:
    """An account's balance in smallest units, debit positive; 0 for one never posted to.

    as_of: counts what is effective on that day or before. as_known: counts what had been recorded
    by that (aware) moment. Limits hold in the order of recording, so the balance of a past day may
    be below a floor.
    """
    query = _BALANCE
    parameters: list[Any] = [ledger, account, commodity]
    if as_of is not None:
        query += " AND p.effective_date <= %s"
        parameters.append(as_of.isoformat())
    if as_known is not None:
        query += " AND p.seq <= %s"
        parameters.append(head_known(ledger, as_known, using=using))
    return whole(*rows_of(using, query, parameters)[0])


def accounts_named(account: str, *, using: str = "default") -> list[tuple[str, str]]:
    """The ledgers and commodities an account code exists in."""
    return sorted(
        rows_of(
            using,
            "SELECT l.code, a.commodity FROM ledger_account a "
            "JOIN ledger_ledger l ON l.id = a.ledger_id WHERE a.code = %s",
            [account],
        )
    )


def openings(
    ledger: str | None = None, *, using: str = "default"
) -> list[tuple[str, str, str, date]]:
    """Ledger, account, commodity and first effective day of every account posted to."""
    rows = rows_of(
        using,
        "SELECT l.code, a.code, a.commodity, (SELECT min(p.effective_date) FROM ledger_posting p "
        "WHERE p.account_id = a.id) FROM ledger_account a "
        "JOIN ledger_ledger l ON l.id = a.ledger_id",
    )
    return sorted(
        (code, account, unit, day(first))
        for code, account, unit, first in rows
        if first is not None and ledger in (None, code)
    )


# --- flows and lines

_QUARTERS = {
    "sqlite": "substr(p.effective_date, 1, 4) || '-Q' || "
    "((substr(p.effective_date, 6, 2) + 2) / 3)",
    "postgresql": "to_char(p.effective_date, 'YYYY-\"Q\"Q')",
}


_FLOWS = """
    SELECT l.code, a.code, a.commodity, f.quarter, f.high, f.low, f.debit_high, f.debit_low,
           f.entries
    FROM (SELECT p.account_id, /* quarter */ AS quarter,
                 sum(p.amount >> 32) AS high, sum(p.amount & 4294967295) AS low,
                 sum(CASE WHEN p.amount > 0 THEN p.amount >> 32 ELSE 0 END) AS debit_high,
                 sum(CASE WHEN p.amount > 0 THEN p.amount & 4294967295 ELSE 0 END) AS debit_low,
                 count(DISTINCT p.seq) AS entries
          FROM ledger_posting p WHERE p.effective_date <= %s /* known */ GROUP BY 1, 2) f
    JOIN ledger_account a ON a.id = f.account_id
    JOIN ledger_ledger l ON l.id = a.ledger_id"""


def flow_rows(
    through: date | None = None,
    *,
    known: Mapping[str, int] | None = None,
    using: str = "default",
) -> list[FlowRow]:
    """Debits, credits and entries per ledger, account, commodity and quarter, in that order.

    through: the last effective day counted. known: only these ledgers, each up to this entry.
    """
    query = _FLOWS.replace("/* quarter */", _QUARTERS[connections[using].vendor])
    parameters: list[Any] = [through.isoformat() if through else "9999-12-31"]
    if known is not None:
        part = "(p.ledger_id = (SELECT id FROM ledger_ledger WHERE code = %s) AND p.seq <= %s)"
        chosen = " OR ".join([part] * len(known)) or "1 = 0"
        query = query.replace("/* known */", f"AND ({chosen})")
        parameters += [each for pair in sorted(known.items()) for each in pair]
    rows = rows_of(using, query, parameters)
    flows = [_flow(row[:3], row[3], whole(*row[4:6]), whole(*row[6:8]), row[8]) for row in rows]
    return sorted(flows, key=lambda flow: (flow.ledger, flow.account, flow.commodity, flow.quarter))


def _flow(place: tuple[Any, ...], quarter: str, net: int, debit: int, entries: int) -> FlowRow:
    return FlowRow(*place, quarter, debit, debit - net, net, entries)


_LINE = """
    SELECT l.code, e.seq, p.line, e.effective_date, e.recorded_us, e.kind, e.key, e.reference,
           e.reverses, e.relates_to, a.code, p.commodity, p.amount, e.maker, e.checker,
           e.postings, e.content, e.previous, e.chain
    FROM ledger_entry e
    JOIN ledger_ledger l ON l.id = e.ledger_id
    JOIN ledger_posting p ON p.ledger_id = e.ledger_id AND p.seq = e.seq
    JOIN ledger_account a ON a.id = p.account_id
    WHERE e.ledger_id = %s AND e.seq <= %s
    ORDER BY e.seq, p.line"""


def lines(ledger: str | None = None, *, using: str = "default") -> Iterator[Line]:
    """Every posting in the order of the journal, of one ledger or of all by code.

    Each ledger is read up to its head of the moment the reading began: what is posted meanwhile
    stays out, and writers are not held up.
    """
    for code, (ledger_id, seq) in _extents(ledger, using).items():
        for row in stream(using, _LINE, [ledger_id, seq]):
            yield Line(
                code, *row[1:3], day(row[3]), *row[4:16], *(bytes(value) for value in row[16:])
            )


def _extents(ledger: str | None, using: str) -> Mapping[str, tuple[int, int]]:
    """Number and last entry of each ledger, by code."""
    rows = rows_of(
        using,
        "SELECT l.code, l.id, h.seq FROM ledger_ledger l JOIN ledger_head h ON h.ledger_id = l.id",
        [],
    )
    found = {code: (number, seq) for code, number, seq in sorted(rows)}
    if ledger is None:
        return found
    if ledger not in found:
        raise Refusal(Problem("ledger.unknown", "ledger", ledger))
    return {ledger: found[ledger]}


# --- drafts


def open_drafts(ledger: str | None = None, *, using: str = "default") -> list[Draft]:
    """Drafts nobody has decided and whose key has no outcome yet, oldest first."""
    rows = rows_of(
        using,
        "SELECT d.id, d.body, d.content, d.maker, d.recorded_us FROM ledger_draft d "
        "JOIN ledger_ledger l ON l.id = d.ledger_id "
        "WHERE NOT EXISTS (SELECT 1 FROM ledger_approval a WHERE a.draft_id = d.id) "
        "AND NOT EXISTS (SELECT 1 FROM ledger_entry e "
        "                WHERE e.ledger_id = d.ledger_id AND e.key = d.key) "
        "AND NOT EXISTS (SELECT 1 FROM ledger_rejection r "
        "                WHERE r.ledger_id = d.ledger_id AND r.key = d.key) "
        "AND (%s = '' OR l.code = %s) ORDER BY d.id",
        [ledger or "", ledger or ""],
    )
    return [
        Draft(number, drafts.from_json(body), bytes(content), maker, recorded_us)
        for number, body, content, maker, recorded_us in rows
    ]


# --- checks


def checks(
    against: Iterable[Mapping[str, Any]] | None = None, *, using: str = "default"
) -> list[Check]:
    """Every invariant, recomputed from the rows; each names what offends it.

    against: rows of a release's table `ledger_heads`; adds the check that the books still hold
    what that release was built from.
    """
    found = invariants.check_all(using)
    if against is not None:
        found.append(invariants.check_published(against, using))
    return found
