"""Search and facet pages over 200,000 records against Datasette on the same rows.

Both stand behind their own server, one process each, and are asked over HTTP: the same questions
one after the other, then by twenty readers at once. Datasette has a full-text table over the same
texts, an index on every facet and on the day, and time enough for its facets; each page shows 25
rows, six facets and the count. No question is asked twice of a server, so that nothing is answered
from what it keeps. Before the clock runs, both must find the same number of rows.
"""

import http.client
import json
import os
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import local
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.release.sample import FIRST, PROGRAMMES, SECOND, WORK, build_sample

RECORDS, ROWS, READERS = 200_000, 25, 20
ALONE, TOGETHER = 20, 40
BOUND = 1.0
ROOT = Path(__file__).resolve().parents[1]
FACETS = ("agency", "programme", "instrument", "sector", "unit", "fiscal_year")
NAMES = ("agency_ko", "agency_en", "programme_ko", "programme_en")
SEARCHED = ("record", "title", "recipient", "source_number", *NAMES)
SETTINGS = {
    "default_page_size": ROWS,
    "sql_time_limit_ms": 60_000,
    "facet_time_limit_ms": 60_000,
    "suggest_facets": "off",
    "num_sql_threads": 4,
}
FOUND = re.compile(r'id="found">([\d,]+) line')


@dataclass(frozen=True)
class Question:
    """A page both sites can show: words to find, and values of facets."""

    words: str = ""
    chosen: tuple[tuple[str, str], ...] = ()

    def own(self) -> str:
        """Its address on koga's site."""
        asked = [("q", self.words)] if self.words else []
        asked += [("year" if name == "fiscal_year" else name, value) for name, value in self.chosen]
        return "/en/search?" + urlencode(asked)

    def peer(self, form: str = "") -> str:
        """Its address on Datasette: the same order, rows, facets and count."""
        asked: list[tuple[str, object]] = [("_size", ROWS), ("_sort_desc", "awarded_on")]
        asked += [("_facet", name) for name in FACETS]
        asked += [("_search", words) for words in [self.words] if words]
        asked += [(f"{name}__exact", value) for name, value in self.chosen]
        return f"/records/records{form}?" + urlencode(asked)


def searches() -> list[Question]:
    """Words as people search for them, of projects and programmes and of single firms in turn.

    All are whole words, which is what Datasette's index finds.
    """
    words = sorted({word for work in WORK[:9] for word in work.split()})
    common = [f"{word} {name}" for name in ("보조", "융자", "나눔", "적용") for word in words]
    rare = [f"{first}{second}{number:02d}" for number in range(2) for first in FIRST
            for second in SECOND]  # fmt: skip
    return [Question(word) for pair in zip(common, rare, strict=False) for word in pair]


def choices() -> list[Question]:
    """A value of a facet chosen, alone and within a year; the values of all six are counted."""
    values = [("programme", each[0]) for each in PROGRAMMES]
    values += [("agency", code) for code in sorted({each[1] for each in PROGRAMMES})]
    for place, name in ((4, "instrument"), (5, "sector"), (6, "unit")):
        values += [(name, code) for code in sorted({str(each[place]) for each in PROGRAMMES})]
    years = [("fiscal_year", "2025"), ("fiscal_year", "2026")]
    return [Question("", (value, *within)) for within in ((), years[:1], years[1:])
            for value in values]  # fmt: skip


def fill(file: Path, release: Path) -> None:
    """The same records in a database as Datasette's documentation advises to prepare one."""
    from koga.release.read import open_release

    opened = open_release(release)
    agencies = {row["agency"]: row for row in opened.rows("agencies")}
    programmes = {row["programme"]: row for row in opened.rows("programmes")}

    def rows() -> Iterator[list[Any]]:
        for row in opened.rows("records"):
            agency, programme = agencies[row["agency"]], programmes[row["programme"]]
            names = (agency["name_ko"], agency["name_en"],
                     programme["name_ko"], programme["name_en"])  # fmt: skip
            yield [str(cell) if hasattr(cell, "year") else cell for cell in (*row.values(), *names)]

    columns = [*next(opened.rows("records")), *NAMES]
    searched = ", ".join(SEARCHED)
    with closing(sqlite3.connect(file)) as books, books:
        kinds = {"amount": "INTEGER", "fiscal_year": "INTEGER", "counts_in_total": "INTEGER"}
        typed = ", ".join(f"{name} {kinds.get(name, 'TEXT')}" for name in columns)
        books.execute(f"CREATE TABLE records ({typed}, PRIMARY KEY (record))")
        marks = ", ".join("?" * len(columns))
        books.executemany(f"INSERT INTO records VALUES ({marks})", rows())  # noqa: S608
        for name in (*FACETS, "awarded_on"):
            books.execute(f"CREATE INDEX by_{name} ON records ({name})")
        books.execute(f'CREATE VIRTUAL TABLE records_fts USING fts5({searched}, content="records")')
        books.execute("INSERT INTO records_fts (records_fts) VALUES ('rebuild')")
        books.execute("ANALYZE")


@contextmanager
def served(arguments: Sequence[str], port: int, first: str, folder: Path) -> Iterator[int]:
    """A server while it is needed; it has answered once before it is given out."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(900):
            if server.poll() is not None:
                raise RuntimeError(f"{arguments[:4]} ended with {server.returncode}")
            try:
                seconds(port, first)
            except OSError:
                time.sleep(0.2)
            else:
                break
        yield port
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


_lines = local()


def seconds(port: int, address: str) -> float:
    """Wall time until a page is read whole, over a connection that stays open."""
    held = _lines.__dict__.setdefault("held", {})
    try:
        return _read(held, port, address)
    except (OSError, http.client.HTTPException):
        held.pop(port).close()  # idle for too long: the server has hung up
        return _read(held, port, address)


def _read(held: dict[int, http.client.HTTPConnection], port: int, address: str) -> float:
    if port not in held:
        held[port] = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    start = time.perf_counter()
    held[port].request("GET", address)
    answer = held[port].getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{address}: {answer.status}")
    return time.perf_counter() - start


def text(port: int, address: str) -> str:
    """A page as text."""
    with urlopen(f"http://127.0.0.1:{port}{address}", timeout=120) as answer:
        return str(answer.read().decode())


def agree(own: int, peer: int, questions: Sequence[Question]) -> None:
    """Both sites find the same number of rows for some questions; else nothing is measured."""
    for question in questions:
        shown = FOUND.search(text(own, question.own()))
        ours = int(shown[1].replace(",", "")) if shown else 0
        theirs = json.loads(text(peer, question.peer(".json")))["filtered_table_rows_count"]
        if ours != theirs:
            raise RuntimeError(f"{question}: {ours} rows here, {theirs} there")


def alone(own: int, peer: int, questions: Sequence[Question]) -> tuple[list[float], list[float]]:
    """One reader: each question to one site, then to the other."""
    ours, theirs = [], []
    for question in questions:
        ours.append(seconds(own, question.own()))
        theirs.append(seconds(peer, question.peer()))
    return ours, theirs


def together(own: int, peer: int, questions: Sequence[Question]) -> tuple[list[float], list[float]]:
    """Twenty readers at once, at one site and then at the other."""
    with ThreadPoolExecutor(READERS) as readers:
        ours = list(readers.map(lambda each: seconds(own, each.own()), questions))
        theirs = list(readers.map(lambda each: seconds(peer, each.peer()), questions))
    return ours, theirs


def answers(name: str, own: list[float], peer: list[float]) -> Iterator[dict[str, Any]]:
    """The median and the ninety-fifth percentile as `make bench` prints them."""
    for place, word in ((49, "p50"), (94, "p95")):
        ours, theirs = (statistics.quantiles(each, n=100)[place] for each in (own, peer))
        yield {
            "name": f"{name}, {word}, koga / Datasette",
            "ratio": round(ours / theirs, 3),
            "bound": BOUND,
            "ok": ours <= BOUND * theirs,
            "seconds": {"own": round(ours, 4), "peer": round(theirs, 4)},
        }


def measures(records: int = RECORDS) -> Iterator[dict[str, Any]]:
    """Search and facet pages, one reader and twenty."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        release = build_sample(folder / "release", records)[0]
        fill(folder / "records.db", release)
        own, peer = free_port(), free_port()
        koga = ["-c", "from koga.cli import main; main()", "serve", "--public", str(release),
                "--port", str(own)]  # fmt: skip
        datasette = ["-m", "datasette", "-i", "records.db", "--port", str(peer)]
        for name, value in SETTINGS.items():
            datasette += ["--setting", name, str(value)]
        with (
            served(koga, own, "/en/effects", folder),
            served(datasette, peer, "/-/versions.json", folder),
        ):
            for name, questions in (("search page", searches()), ("facet page", choices())):
                agree(own, peer, [questions[0], questions[1], questions[-1]])
                fresh = questions[2:-1]
                yield from answers(f"{name}, one reader", *alone(own, peer, fresh[:ALONE]))
                many = fresh[ALONE : ALONE + TOGETHER]
                yield from answers(f"{name}, {READERS} readers", *together(own, peer, many))
