"""Search and facet pages over 200,000 records, beside Datasette on the same rows.

Both run as servers of their own on this machine: koga as `koga serve --public`, Datasette over one
SQLite table with a full-text index (trigram, the one that finds Korean substrings of three letters)
and the same six facets, 25 rows a page, no suggestions of further facets. The same words are asked
of both, first by one visitor, then by twenty at once.
"""

import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

from koga.site.edition import open_edition
from tests.release.sample import build_sample

RECORDS = 200_000
WORDS = ("반도체", "모빌리티", "바이오", "데이터", "소프트", "학습 3차")
FACETS = ("agency", "programme", "instrument", "sector", "unit", "fiscal_year")
ROUNDS, CROWD = 3, 20
BOUND = 0.5


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def _datasette(release: Any, place: Path) -> Path:
    """The same rows as one table with its names and a full-text index."""
    connection = sqlite3.connect(place)
    columns = ("record", "title", "recipient", "source_number", "agency_name", "programme_name",
               *FACETS, "awarded_on", "amount", "counts_in_total")  # fmt: skip
    connection.execute(f"CREATE TABLE records ({', '.join(columns)})")
    agencies = {row["agency"]: row["name_ko"] for row in release.rows("agencies")}
    programmes = {row["programme"]: row["name_ko"] for row in release.rows("programmes")}
    rows = (
        [
            *(row[name] for name in columns[:4]),
            agencies[row["agency"]],
            programmes[row["programme"]],
            *(row[name] for name in FACETS),
            row["awarded_on"].isoformat(),
            row["amount"],
            row["counts_in_total"],
        ]
        for row in release.rows("records")
    )
    marks = ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO records VALUES ({marks})", rows)  # noqa: S608
    searched = ", ".join(columns[:6])
    connection.executescript(
        f"CREATE VIRTUAL TABLE records_fts USING fts5({searched}, tokenize='trigram',"  # noqa: S608
        f" content='records');"
        f"INSERT INTO records_fts (rowid, {searched}) SELECT rowid, {searched} FROM records;"
        + "".join(f"CREATE INDEX by_{name} ON records ({name});" for name in FACETS)
        + "CREATE INDEX by_day ON records (awarded_on); ANALYZE;"
    )
    connection.commit()
    connection.close()
    return place


def _serve(command: Sequence[str], address: str, folder: Path) -> "subprocess.Popen[bytes]":
    root = str(Path(__file__).resolve().parents[1])
    process = subprocess.Popen(
        [sys.executable, *command], cwd=folder, env=os.environ | {"PYTHONPATH": root},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(1200):
        try:
            urllib.request.urlopen(address, timeout=30).close()
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return process
    process.terminate()
    raise RuntimeError(f"{command[0]} did not answer")


def _took(address: str) -> float:
    start = time.perf_counter()
    with urllib.request.urlopen(address, timeout=120) as answer:
        answer.read()
    return time.perf_counter() - start


def _crowd(addresses: Sequence[str]) -> list[float]:
    """How long each page took while twenty visitors ask at once."""
    with ThreadPoolExecutor(CROWD) as visitors:
        return list(visitors.map(_took, addresses))


def _addresses(own: str, peer: str) -> dict[str, tuple[list[str], list[str]]]:
    """The same questions in both tongues: words alone, and words with a facet chosen."""
    facets = "".join(f"&_facet={name}" for name in FACETS)
    usual = f"&_size=25&_facet_size=50{facets}&_sort_desc=awarded_on"
    search, facet = ([], []), ([], [])
    for word in WORDS:
        asked = quote(word)
        phrase = quote(" ".join(f'"{term}"' for term in word.split() if len(term) > 2))
        search[0].append(f"{own}/ko/search?q={asked}")
        search[1].append(f"{peer}/register/records?_search={phrase}&_searchmode=raw{usual}")
    for year in ("2025", "2026"):
        for agency in ("hn-growth", "hn-ai", "hn-robot"):
            facet[0].append(f"{own}/ko/search?agency={agency}&year={year}")
            facet[1].append(f"{peer}/register/records?agency={agency}&fiscal_year={year}{usual}")
    return {"search": search, "facet": facet}


def _percentile(times: Sequence[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def _measure(name: str, own: Sequence[float], peer: Sequence[float]) -> Iterator[dict[str, Any]]:
    for label, part in (("p50", 0.5), ("p95", 0.95)):
        mine, theirs = _percentile(own, part), _percentile(peer, part)
        yield {
            "name": f"site, {RECORDS:,} records: {name}, {label} / Datasette",
            "ratio": round(mine / theirs, 3),
            "bound": BOUND,
            "ok": mine / theirs <= BOUND,
            "seconds": {"own": round(mine, 4), "peer": round(theirs, 4)},
        }


def measures() -> Iterator[dict[str, Any]]:
    """Eight measures: search and facet pages, one visitor and twenty, median and 95th."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        built = build_sample(folder / "release", RECORDS)[0]
        cache = folder / "var" / "cache"
        edition = open_edition(built, cache)
        register = _datasette(edition.release, folder / "register.db")
        own, peer = (f"http://127.0.0.1:{_free_port()}" for _ in range(2))
        serve = "from koga.cli import main; main()"
        servers = []
        try:
            servers.append(_serve(
                ["-c", serve, "serve", "--public", str(built), "--port", own.rpartition(":")[2]],
                f"{own}/ko/effects", folder,
            ))  # fmt: skip
            servers.append(_serve(
                ["-m", "datasette", "serve", str(register), "--port", peer.rpartition(":")[2],
                 "--setting", "sql_time_limit_ms", "60000", "--setting",
                 "facet_time_limit_ms", "60000", "--setting", "suggest_facets", "off",
                 "--setting", "max_returned_rows", "100"],
                f"{peer}/register.json", folder,
            ))  # fmt: skip
            yield from _asked(own, peer)
        finally:
            for server in servers:
                server.terminate()
                server.wait(timeout=30)


def _asked(own: str, peer: str) -> Iterator[dict[str, Any]]:
    for kind, (mine, theirs) in _addresses(own, peer).items():
        alone: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for ours, other in zip(mine, theirs, strict=True):
                alone[0].append(_took(ours))
                alone[1].append(_took(other))
        yield from _measure(f"{kind} page, one visitor", *alone)
        many = _crowd(mine * 4), _crowd(theirs * 4)
        yield from _measure(f"{kind} page, {CROWD} at once", *many)
