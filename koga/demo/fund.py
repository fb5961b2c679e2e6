"""The city's funds: three with their administrators' cash books, one kept entry by entry.

The cash books (`funds/*.csv`) are taken in half-year by half-year, carry and distributions by each
fund's rules. In the growth fund's first year whatever binds the fund is proposed by one person and
approved by another; won and shares stand in one entry, each balanced on its own.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from koga.core.dates import Period
from koga.core.journal import Entry, Posting
from koga.core.money import split
from koga.demo.moments import on
from koga.operate.fund import services as funds
from koga.operate.ledger import services
from koga.operate.parties.models import Person

FUND = "growth-fund-1"
_INVESTORS = {"city": 60_000_000_000, "bank": 30_000_000_000, "citizens": 10_000_000_000}
_INVESTEES = (
    ("KUNARAE", 8_000_000_000, 40_000, date(2025, 10, 20)),
    ("BYORION", 5_500_000_000, 22_000, date(2026, 3, 12)),
)
_CALLED = 25_000_000_001


FILES = Path(__file__).parent / "funds"


def register(operator: Person) -> None:
    """Put the funds into the register, with their rules where they have any."""
    for path in sorted(FILES.glob("*.toml")):
        if path.suffixes == [".rules", ".toml"]:
            continue
        rules = path.with_suffix(".rules.toml")
        text = rules.read_text(encoding="utf-8") if rules.exists() else ""
        funds.register(
            path.read_text(encoding="utf-8"), rules=text, person=operator, where=path.name
        )


def post(period: Period, *, first: bool, operator: Person, approver: Person) -> int:
    """Post what happened in a half-year, in the first one all before it too; how many rows."""
    begun = date.min if first else period.start
    for entry in entries():
        if begun <= entry.effective <= period.end:
            with on(entry.effective):
                draft = services.propose(entry, maker=operator.opaque_id)
                services.approve(draft, checker=approver.opaque_id, seen=entry.content_hash())
    read = 0
    for path in sorted(FILES.glob("*.csv")):
        rows = funds.read_book(path.read_text(encoding="utf-8"), path.name)
        known = [row for row in rows if begun <= row.day <= period.end]
        with on(period.end):
            read += funds.take_in(path.stem, known, person=operator).read
    return read


def entries() -> Iterator[Entry]:
    """The fund's entries in order of their days."""
    yield _entry(
        "formation",
        "fund_commitment",
        date(2025, 3, 3),
        *(
            line
            for investor, won in _INVESTORS.items()
            for line in _pair(f"undrawn:{investor}", f"commitment:{investor}", won)
        ),
    )
    called = split(
        _CALLED,
        list(_INVESTORS.values()),
        policy="largest_remainder",
        names=list(_INVESTORS),
        distribution=f"{FUND} call 1",
    ).parts
    shares = dict(zip(_INVESTORS, called, strict=True))
    yield _entry(
        "call-1",
        "capital_call",
        date(2025, 4, 1),
        *(
            line
            for investor, won in shares.items()
            for line in (
                *_pair(f"receivable:{investor}", f"paid-in:{investor}", won),
                *_pair(f"commitment:{investor}", f"undrawn:{investor}", won),
            )
        ),
    )
    yield _entry(
        "call-1-received",
        "capital_received",
        date(2025, 4, 15),
        *(
            line
            for investor, won in shares.items()
            for line in _pair("cash:custodian", f"receivable:{investor}", won)
        ),
    )
    for name, won, count, day in _INVESTEES:
        yield _entry(
            f"investment-{name}",
            "investment",
            day,
            *_pair(f"investment:{name}", "cash:custodian", won),
            *_pair(f"holding:{name}", f"issuer:{name}", count, f"SHARE-{name}"),
        )


def _pair(debit: str, credit: str, amount: int, commodity: str = "KRW") -> tuple[Posting, Posting]:
    return Posting(debit, commodity, amount), Posting(credit, commodity, -amount)


def _entry(key: str, kind: str, effective: date, *postings: Posting) -> Entry:
    return Entry(FUND, key, kind, effective, postings, reference=key)
