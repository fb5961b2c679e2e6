"""kill -9 at random moments: what was acknowledged is there, what is there is whole."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from koga.core.problems import Refusal
from koga.operate.ledger import selectors, services
from tests.books_on import Books, Templates, moved, open_books
from tests.postgres import folder, start

pytestmark = pytest.mark.faults

COUNT = 1_000
ROOT = Path(__file__).parents[2]


def worker(books: Books, first: int, chunk: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("worker.py")), books.url, str(first),
         str(COUNT), str(chunk)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def acknowledged(output: bytes) -> dict[str, int]:
    """Whole lines only: a line cut by the kill was not yet said."""
    lines = output.decode().split("\n")[:-1]
    return {key: int(seq) for key, seq in (each.split() for each in lines)}


def killed_run(books: Books, first: int, chunk: int, lines: int, pause: float) -> dict[str, int]:
    """Run a worker, kill it some time after its first so many lines; what it said."""
    ran = worker(books, first, chunk)
    assert ran.stdout is not None
    said = b""
    while said.count(b"\n") < lines:
        part = os.read(ran.stdout.fileno(), 4096)
        if not part:
            break
        said += part
    time.sleep(pause)
    ran.send_signal(signal.SIGKILL)
    said += ran.stdout.read()
    ran.wait()
    ran.stdout.close()
    return acknowledged(said)


@pytest.mark.parametrize("chunk", [1, 20])
def test_given_a_thousand_postings_when_killed_at_random_then_nothing_acknowledged_is_lost(
    books: Books, chunk: int
) -> None:
    services.post(moved("budget", 10**9, debit="available:pool"), maker="p1", using=books.using)
    services.set_limit("hub", "available:pool", "KRW", floor=0, actor="p1", using=books.using)
    connections[books.using].close()
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    said: dict[str, int] = {}
    kills = 0
    while len(said) < COUNT:
        last = kills >= 6
        lines = COUNT if last else chance.randrange(1, 160)
        pause = 0.0 if last else chance.random() * 0.02
        fresh = killed_run(books, len(said), chunk, lines, pause)
        assert all(said.get(key, seq) == seq for key, seq in fresh.items()), f"seed {seed}"
        said |= fresh
        kills += 1

    kept = {each.key: each.seq for each in selectors.lines(using=books.using)}

    assert kept == {"budget": 1} | said, f"seed {seed}"
    assert set(kept.values()) == set(range(1, COUNT + 2))
    assert books.offended() == {}, f"seed {seed}"
    assert books.balance("delivered:p1") == COUNT * (COUNT + 1) // 2
    assert kills > 4


@pytest.fixture
def own_server(django_db_blocker: Any) -> Iterator[tuple[Any, Books]]:
    """A PostgreSQL of its own, to be killed."""
    place = folder()
    place.chmod(0o755)
    server = start(place / "data")
    own = Templates(place, server.get_uri, {})
    with django_db_blocker.unblock():
        yield server, open_books("postgresql", own)
    server.cleanup()
    shutil.rmtree(place, ignore_errors=True)


@pytest.mark.postgres
def test_given_a_server_killed_while_posting_when_it_recovers_then_the_books_are_whole(
    own_server: tuple[Any, Books],
) -> None:
    server, books = own_server
    services.post(moved("budget", 10**9, debit="available:pool"), maker="p1", using=books.using)
    connections[books.using].close()
    said: dict[str, int] = {}
    for turn in range(3):
        said |= crashed_run(server, books, len(said), turn)
    kept = {each.key: each.seq for each in selectors.lines(using=books.using)}
    offended = books.offended()
    connections[books.using].close()

    assert len(said) >= 60
    assert {key: kept.get(key) for key in said} == said
    assert len(kept) <= 1 + len(said) + 1
    assert offended == {}


def crashed_run(server: Any, books: Books, first: int, turn: int) -> dict[str, int]:
    """A worker whose server is killed under it; afterwards the server runs again."""
    ran = worker(books, first, 1)
    assert ran.stdout is not None
    said = b""
    while said.count(b"\n") < 20 + 7 * turn:
        said += os.read(ran.stdout.fileno(), 4096)
    os.kill(server.get_pid(), signal.SIGKILL)
    said += ran.stdout.read()
    ran.wait()
    ran.stdout.close()
    for _ in range(50):
        try:
            server.ensure_postgres_running()
            psycopg.connect(books.url).close()
            break
        except (psycopg.OperationalError, subprocess.CalledProcessError, AssertionError):
            time.sleep(0.2)
    return acknowledged(said)


@pytest.mark.parametrize("engine", ["sqlite"])
def test_given_a_full_disk_when_posting_then_it_is_a_problem_and_posting_resumes(
    books: Books,
) -> None:
    services.post(moved("a", 1), maker="p1", using=books.using)
    with connections[books.using].cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(Refusal) as refused:
            services.post_many(
                [moved(f"k{number}", 1) for number in range(2_000)],
                maker="p1", using=books.using,
            )  # fmt: skip
        cursor.execute("PRAGMA max_page_count = 1000000000")

    assert [problem.code for problem in refused.value.problems] == ["ledger.unavailable"]
    assert services.post(moved("b", 1), maker="p1", using=books.using).seq == 2
    assert books.offended() == {}


@pytest.mark.parametrize("engine", ["sqlite"])
def test_given_a_copy_taken_while_writing_when_restored_then_it_is_an_earlier_whole_state(
    books: Books, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            services.post(moved(f"k{number}", 1), maker="p1", using=books.using)
            number += 1
        connections[books.using].close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while not selectors.heads(using=books.using) or (
            selectors.heads(using=books.using)[0]["entries"] < 30
        ):
            time.sleep(0.01)
        raw = books.raw()
        raw.execute(f"VACUUM INTO '{tmp_path / 'copy.sqlite3'}'")
        raw.close()
    finally:
        stop.set()
        writer.join()
    published = selectors.heads(using=books.using)
    later = published[0]["entries"]
    file = books.url.removeprefix("sqlite:///")
    connections[books.using].close()
    shutil.copy(tmp_path / "copy.sqlite3", file)
    for rest in ("-wal", "-shm"):
        Path(file + rest).unlink(missing_ok=True)

    assert books.offended() == {}
    assert 30 <= selectors.heads(using=books.using)[0]["entries"] < later
    behind = selectors.checks(published, using=books.using)[-1]
    assert (behind.name, behind.ok) == ("published_heads_stand", False)
