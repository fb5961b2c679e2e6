"""Posts entries and says so: one line `KEY SEQ` on standard output for each acknowledged entry.

Run as `worker.py URL FIRST COUNT CHUNK`; it is killed at any moment.
"""

import os
import sys
from datetime import date
from typing import Any


def prepare(url: str) -> None:
    import django
    from django.conf import settings

    from koga.web.databases import database

    settings.configure(
        INSTALLED_APPS=["koga.operate.ledger"],
        DATABASES={"default": database(url)},
        TIME_ZONE="Asia/Seoul",
        USE_TZ=True,
    )
    django.setup()


def entry_of(number: int) -> Any:
    from koga.core.journal import Entry, Posting

    lines = (
        Posting("delivered:p1", "KRW", number + 1),
        Posting("available:pool", "KRW", -number - 1),
    )
    return Entry("hub", f"k{number}", "deliver", date(2026, 1, 1 + number % 28), lines)


def main(url: str, first: int, count: int, chunk: int) -> None:
    prepare(url)
    from koga.operate.ledger import services

    for start in range(first, count, chunk):
        entries = [entry_of(number) for number in range(start, min(start + chunk, count))]
        posted = (
            services.post_many(entries, maker="p1")
            if chunk > 1
            else [services.post(entries[0], maker="p1")]
        )
        said = "".join(f"{e.key} {p.seq}\n" for e, p in zip(entries, posted, strict=True))
        os.write(1, said.encode())


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
