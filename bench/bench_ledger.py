"""Posting against bare SQL and against the ORM: the same rows, the same durability, no guards.

The peers write into the same tables with the triggers left out and decide nothing: no key is looked
up, nothing is hashed or checked. What koga takes longer is the price of all that. On SQLite, in a
file on disk, every commit synced; own and peer take turns, the ratio is of the medians.
"""

import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

ROUNDS = 9
SINGLE_MAX, HUNDRED_MAX, BULK_MAX = 4.0, 3.5, 5.0
"""Bounds of own time to bare SQL's: one durable entry, a hundred a commit, bulk.

One entry is mostly the disk's sync: 1.2 where that takes 2 ms, 3.5 where it costs nothing."""
ORM_SINGLE_MAX, ORM_HUNDRED_MAX = 1.2, 0.8
"""Bounds of own time, every guard on, to that of the ORM without any."""


def measures() -> Iterator[dict[str, Any]]:
    """Every measure of this room."""
    from koga.cli import setup_django

    setup_django(books=False)
    folder = Path(tempfile.mkdtemp(prefix="koga-bench-"))
    try:
        bench = Bench(folder)
        yield compared("posting: one durable entry, to bare SQL", SINGLE_MAX,
                       bench.own(150, 1), bench.bare(150, 1))  # fmt: skip
        yield compared("posting: 100 entries a commit, to bare SQL", HUNDRED_MAX,
                       bench.own(2_000, 100), bench.bare(2_000, 100))  # fmt: skip
        yield compared("posting: 20,000 entries at once, to bare executemany", BULK_MAX,
                       bench.own(20_000, 20_000), bench.bare(20_000, 20_000), 5)  # fmt: skip
        yield compared("posting: one durable entry, to the ORM", ORM_SINGLE_MAX,
                       bench.own(150, 1), bench.through_orm(150))  # fmt: skip
        yield compared("posting: 100 entries a commit, to the ORM", ORM_HUNDRED_MAX,
                       bench.own(1_000, 100), bench.through_orm(1_000, 100), 5)  # fmt: skip
    finally:
        shutil.rmtree(folder)


def compared(
    name: str, bound: float, own: Callable[[], None], peer: Callable[[], None], rounds: int = ROUNDS
) -> dict[str, Any]:
    """Time own and peer in turn; the medians and their ratio."""
    own()
    peer()
    times: dict[str, list[float]] = {"own": [], "peer": []}
    for _ in range(rounds):
        for label, act in (("own", own), ("peer", peer)):
            start = time.perf_counter()
            act()
            times[label].append(time.perf_counter() - start)
    seconds = {label: round(statistics.median(all_times), 4) for label, all_times in times.items()}
    ratio = seconds["own"] / seconds["peer"]
    return {
        "name": name, "ratio": round(ratio, 2), "bound": bound, "ok": ratio <= bound,
        "seconds": seconds,
    }  # fmt: skip


class Bench:
    """Three books on one disk: koga's, bare ones, and bare ones for the ORM."""

    def __init__(self, folder: Path) -> None:
        from django.db import connections

        from koga.operate.ledger import guards
        from koga.web.databases import SQLITE_START, sqlite

        self.next = 0
        for name in ("own", "orm"):
            place = sqlite(folder / f"{name}.sqlite3")
            full = connections.configure_settings({"default": {}, f"bench_{name}": place})
            connections.settings[f"bench_{name}"] = full[f"bench_{name}"]
        guards.install(connections["bench_own"])
        tables = [s for s in guards.statements("sqlite") if not s.startswith("CREATE TRIGGER")]
        self.raw = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
        self.raw.executescript(SQLITE_START)
        orm = connections["bench_orm"].cursor()
        for statement in (*tables, *OPENED):
            self.raw.execute(statement)
            orm.execute(statement)

    def entries(self, count: int) -> list[Any]:
        """Fresh entries of two lines."""
        from koga.core.journal import Entry, Posting

        self.next += count
        return [
            Entry(
                "hub", f"import:{number}", "import", date(2026, 1 + number % 12, 1),
                (Posting("delivered:p1", "KRW", number),
                 Posting("source:external", "KRW", -number)),
                f"R-{number}",
            )
            for number in range(self.next - count + 1, self.next + 1)
        ]  # fmt: skip

    def own(self, count: int, chunk: int) -> Callable[[], None]:
        """Post through the service, `chunk` entries a commit."""
        from koga.operate.ledger import services

        def act() -> None:
            entries = self.entries(count)
            if chunk == 1:
                for entry in entries:
                    services.post(entry, maker="p1", using="bench_own")
                return
            for start in range(0, count, chunk):
                services.post_many(entries[start : start + chunk], maker="p1", using="bench_own")

        return act

    def rows(self, count: int, first: int) -> tuple[list[Any], list[Any]]:
        """The rows koga would insert, with hashes that cost nothing."""
        postings, headers = [], []
        for seq in range(first, first + count):
            day, link = f"2026-{1 + seq % 12:02d}-01", seq.to_bytes(32, "big")
            postings += [(1, seq, 1, 1, "KRW", seq, day), (1, seq, 2, 2, "KRW", -seq, day)]
            headers.append((1, seq, f"import:{seq}", "import", day, 10**15 + seq, f"R-{seq}", None,
                            "", "p1", "", 2, link, link, link))  # fmt: skip
        return postings, headers

    def bare(self, count: int, chunk: int) -> Callable[[], None]:
        """Insert the same rows with prepared statements and nothing else."""

        def act() -> None:
            first = 1 + self.raw.execute("SELECT seq FROM ledger_head").fetchone()[0]
            for start in range(first, first + count, chunk):
                postings, headers = self.rows(chunk, start)
                self.raw.execute("BEGIN IMMEDIATE")
                self.raw.executemany(
                    "INSERT INTO ledger_posting VALUES (?, ?, ?, ?, ?, ?, ?)", postings
                )
                self.raw.executemany(
                    "INSERT INTO ledger_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    headers,
                )
                self.raw.execute(
                    "UPDATE ledger_head SET seq = ?, recorded_us = ?, chain = ?",
                    (headers[-1][1], headers[-1][5], headers[-1][14]),
                )
                self.raw.execute("COMMIT")

        return act

    def through_orm(self, count: int, chunk: int = 1) -> Callable[[], None]:
        """Insert the same rows as model instances."""
        from django.db import transaction

        from koga.operate.ledger import models

        entry_fields = [
            field.attname for field in models.Entry._meta.get_fields() if field.name != "pk"
        ]
        posting_fields = [
            field.attname for field in models.Posting._meta.get_fields() if field.name != "pk"
        ]
        heads = models.Head.objects.using("bench_orm")

        def act() -> None:
            first = 1 + heads.get().seq
            for start in range(first, first + count, chunk):
                postings, headers = self.rows(chunk, start)
                with transaction.atomic(using="bench_orm"):
                    models.Posting.objects.using("bench_orm").bulk_create(
                        models.Posting(**dict(zip(posting_fields, row, strict=True)))
                        for row in postings
                    )
                    models.Entry.objects.using("bench_orm").bulk_create(
                        models.Entry(**dict(zip(entry_fields, row, strict=True))) for row in headers
                    )
                    heads.update(seq=headers[-1][1], recorded_us=headers[-1][5])

        return act


OPENED = (
    "INSERT INTO ledger_ledger VALUES (1, 'hub', 0)",
    "INSERT INTO ledger_head VALUES (1, 0, 0, zeroblob(32))",
    "INSERT INTO ledger_commodity VALUES ('KRW', 0, 'money')",
    "INSERT INTO ledger_account VALUES (1, 1, 'delivered:p1', 'KRW')",
    "INSERT INTO ledger_account VALUES (2, 1, 'source:external', 'KRW')",
)
