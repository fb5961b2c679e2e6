"""Random streams of acts: the books against a model of plain dictionaries, on both engines."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koga.core import journal
from koga.core.journal import Entry, Posting
from koga.core.problems import Refusal
from koga.operate.ledger import selectors, services
from koga.operate.ledger.checks import check_all
from tests.books_on import Templates, open_books

ACCOUNTS = ("available:a", "reserved:a", "source:x")
UNITS = ("KRW", "SEAT")
LEDGERS = ("hub", "fund")
# few keys, entries and days and narrow limits: what is rare must happen often here
DAYS = tuple(date(2026, month, 1) for month in range(1, 7))

entries = st.builds(
    lambda ledger, key, on, moves: Entry(
        ledger,
        f"k{key}",
        "import",
        DAYS[on],
        tuple(
            Posting(ACCOUNTS[account], UNITS[unit], side * amount)
            for first, second, unit, amount in moves
            for account, side in ((first, 1), (second, -1))
        ),
    ),
    st.sampled_from(LEDGERS),
    st.integers(0, 9),
    st.integers(0, 5),
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 1), st.integers(1, 60)),
        min_size=1,
        max_size=3,
    ),
)
acts = st.one_of(
    st.tuples(st.just("post"), entries),
    st.tuples(st.just("batch"), st.lists(entries, min_size=2, max_size=6)),
    st.tuples(st.just("close"), st.sampled_from(LEDGERS), st.integers(0, 1)),
    st.tuples(
        st.just("limit"),
        st.sampled_from(LEDGERS),
        st.sampled_from(ACCOUNTS),
        st.sampled_from(UNITS),
        st.integers(-30, 0),
        st.none() | st.integers(0, 60),
    ),
    st.tuples(st.just("reverse"), st.sampled_from(LEDGERS), st.integers(1, 2), st.integers(2, 5)),
)


@dataclass
class Model:
    """The rules said again, in the simplest way."""

    chains: dict[str, list[tuple[Entry, str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    refused: dict[tuple[str, str], tuple[bytes, str]] = field(default_factory=dict)
    limits: dict[tuple[str, str, str], tuple[int | None, int | None]] = field(default_factory=dict)
    closed: dict[str, date] = field(default_factory=dict)
    turn: int = 0

    def balance(self, ledger: str, account: str, unit: str, more: tuple[Entry, ...] = ()) -> int:
        lines = [p for e, _, _ in self.chains[ledger] for p in e.postings]
        lines += [p for e in more if e.ledger == ledger for p in e.postings]
        return sum(p.amount for p in lines if (p.account, p.commodity) == (account, unit))

    def broken(self, ledger: str, more: tuple[Entry, ...]) -> bool:
        for (place, account, unit), (low, high) in self.limits.items():
            amount = self.balance(place, account, unit, more)
            touched = place == ledger and any(
                (p.account, p.commodity) == (account, unit) for p in more[-1].postings
            )
            if touched and not (-(2**63) if low is None else low) <= amount <= (
                2**63 if high is None else high
            ):
                return True
        return False

    def post(self, batch: list[Entry], maker: str = "p1", checker: str = "") -> str:
        """Post all or nothing; answers the code of the refusal or ""."""
        fresh: list[Entry] = []
        stored: tuple[Entry, str] | None = None
        conflict = ""
        for ledger in sorted({entry.ledger for entry in batch}):
            answer = self._decide([e for e in batch if e.ledger == ledger], fresh)
            if answer and answer[0] == "conflict":
                conflict = conflict or answer[2]
            elif answer and stored is None:
                stored = (answer[1], answer[2])
        if conflict:
            return conflict
        if stored:
            entry, code = stored
            self.refused[entry.ledger, entry.key] = (entry.content_hash(), code)
            return code
        for entry in fresh:
            self.chains[entry.ledger].append((entry, maker, checker))
        return ""

    def _decide(self, batch: list[Entry], fresh: list[Entry]) -> tuple[str, Entry, str] | None:
        for entry in batch:
            known = {e.key: e.content_hash() for e, _, _ in self.chains[entry.ledger]} | {
                e.key: e.content_hash() for e in fresh if e.ledger == entry.ledger
            }
            old = self.refused.get((entry.ledger, entry.key))
            content = old[0] if old else known.get(entry.key)
            if content is not None and content != entry.content_hash():
                return ("conflict", entry, "ledger.conflict")
            if old:
                return ("conflict", entry, old[1])
            if content is not None:
                continue
            if entry.ledger in self.closed and entry.effective <= self.closed[entry.ledger]:
                return ("stored", entry, "ledger.closed")
            if entry.reverses is not None and any(
                e.reverses == entry.reverses for e, _, _ in self.chains[entry.ledger]
            ):
                return ("stored", entry, "ledger.reversed")
            if self.broken(entry.ledger, (*fresh, entry)):
                return ("stored", entry, "ledger.limit")
            fresh.append(entry)
        return None

    def close(self, ledger: str, day: date) -> str:
        if ledger in self.closed and day < self.closed[ledger]:
            return "ledger.closed"
        self.closed[ledger] = day
        return ""

    def limit(self, ledger: str, account: str, unit: str, low: Any, high: Any) -> str:
        amount = self.balance(ledger, account, unit)
        if (low is not None and amount < low) or (high is not None and amount > high):
            return "ledger.limit"
        self.limits[ledger, account, unit] = (low, high)
        return ""

    def reverse(self, ledger: str, seq: int, day: date) -> str:
        self.turn += 1
        if seq > len(self.chains[ledger]):
            return "ledger.no_entry"
        old = self.chains[ledger][seq - 1][0]
        relates = ""
        if ledger in self.closed and old.effective <= self.closed[ledger]:
            relates = f"2026-Q{(old.effective.month + 2) // 3}"
        undone = tuple(Posting(p.account, p.commodity, -p.amount) for p in old.postings)
        entry = Entry(ledger, f"r{self.turn}", "reversal", day, undone, old.reference, seq, relates)
        return self.post([entry], checker="p2")

    def heads(self) -> dict[str, str]:
        found = {}
        for ledger, chain in self.chains.items():
            link, moment = journal.CHAIN_START, 0
            for seq, (entry, maker, checker) in enumerate(chain, start=1):
                moment = max(10**15, moment + 1)
                content = entry.content_hash()
                link = journal.chain_hash(link, seq, moment, content, maker, checker)
            if chain:
                found[ledger] = link.hex()
        return found


def act_on_books(act: tuple[Any, ...], turn: int, using: str) -> str:
    """Do an act on the real books; answers the code of the refusal or ""."""
    more: dict[str, Any] = {"using": using, "clock": lambda: 10**15}
    try:
        if act[0] == "post":
            services.post(act[1], maker="p1", **more)
        elif act[0] == "batch":
            services.post_many(act[1], maker="p1", **more)
        elif act[0] == "close":
            services.close_period(act[1], DAYS[act[2]], actor="p1", **more)
        elif act[0] == "limit":
            services.set_limit(*act[1:4], floor=act[4], ceiling=act[5], actor="p1", **more)
        else:
            draft = services.reverse(
                act[1], act[2], key=f"r{turn}", effective=DAYS[act[3]], maker="p1", **more
            )
            services.approve(draft, checker="p2", **more)
    except Refusal as refusal:
        return refusal.problems[0].code
    return ""


def act_on_model(act: tuple[Any, ...], model: Model) -> str:
    if act[0] == "post":
        return model.post([act[1]])
    if act[0] == "batch":
        return model.post(act[1])
    if act[0] == "close":
        return model.close(act[1], DAYS[act[2]])
    if act[0] == "limit":
        return model.limit(*act[1:])
    return model.reverse(act[1], act[2], DAYS[act[3]])


def run(stream: list[tuple[Any, ...]], engine: str, templates: Templates) -> None:
    books, model = open_books(engine, templates), Model()
    for act in stream:
        expected = act_on_model(act, model)
        assert act_on_books(act, model.turn, books.using) == expected, act
    heads = {h["ledger"]: h["chain"] for h in selectors.heads(using=books.using) if h["entries"]}
    assert heads == model.heads()
    for ledger in LEDGERS:
        for account in ACCOUNTS:
            for unit in UNITS:
                found = selectors.balance(ledger, account, unit, using=books.using)
                assert found == model.balance(ledger, account, unit)
    assert [check for check in check_all(books.using) if not check.ok] == []
    books.close()


streams = st.lists(acts, min_size=20, max_size=40)
relaxed = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@given(stream=streams)
@settings(max_examples=60, **relaxed)  # type: ignore[arg-type]
def test_given_any_stream_of_acts_when_run_on_sqlite_then_the_books_are_the_model(
    stream: list[tuple[Any, ...]], templates: Templates, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        run(stream, "sqlite", templates)


@pytest.mark.postgres
@given(stream=streams)
@settings(max_examples=15, **relaxed)  # type: ignore[arg-type]
def test_given_any_stream_of_acts_when_run_on_postgresql_then_the_books_are_the_model(
    stream: list[tuple[Any, ...]], templates: Templates, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        run(stream, "postgresql", templates)
