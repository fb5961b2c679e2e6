"""Building and verifying a release of 200,000 records against writing and hashing its bytes raw."""

import hashlib
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from koga.release.build import build
from koga.release.diff import diff
from koga.release.files import sync
from koga.release.read import Release, open_release
from koga.release.verify import verdict
from tests.release.sample import sample_head, sample_key, sample_tables

RECORDS, RUNS = 200_000, 3
MEASURED = ("build", "write", "verify", "hash", "diff", "plain")
BUILD_BOUND, VERIFY_BOUND, DIFF_BOUND = 6.0, 12.0, 0.4


def timed(act: Callable[[], object]) -> float:
    """Seconds of wall time an act takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a release, in memory."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_raw(target: Path, given: dict[str, bytes]) -> None:
    """The same bytes written and hashed, as durable as a release, and nothing else."""
    for path, content in given.items():
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        hashlib.sha256(content).hexdigest()
        sync(place)


def hash_raw(folder: Path) -> None:
    """Every file read and hashed, and nothing else."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as source:
                hashlib.file_digest(source, "sha256").hexdigest()


def opened(*folders: Path) -> list[Release]:
    """Releases opened anew, so that every hash is checked again."""
    return [open_release(folder) for folder in folders]


def diff_plain(before: Release, after: Release) -> int:
    """The records of two releases compared cell by cell through dictionaries."""
    old = {row["record"]: row for row in before.rows("records")}
    return sum(
        row[name] != old[row["record"]][name] for row in after.rows("records") for name in row
    )


def answer(name: str, own: list[float], peer: list[float], bound: float) -> dict[str, Any]:
    """One measure as `make bench` prints it."""
    ratio = statistics.median(own) / statistics.median(peer)
    return {
        "name": name,
        "ratio": round(ratio, 3),
        "bound": bound,
        "ok": ratio <= bound,
        "seconds": {"own": statistics.median(own), "peer": statistics.median(peer)},
    }


def measures() -> Iterator[dict[str, Any]]:
    """Build, verify and compare, each beside its plain way, interleaved."""
    tables, head, key = sample_tables(RECORDS), sample_head(), sample_key()
    times: dict[str, list[float]] = {name: [] for name in MEASURED}
    with tempfile.TemporaryDirectory() as room:
        release, raw = Path(room) / "release", Path(room) / "raw"
        for _ in range(RUNS):
            shutil.rmtree(release, ignore_errors=True)
            shutil.rmtree(raw, ignore_errors=True)
            times["build"].append(timed(lambda: build(release, tables=tables, head=head, key=key)))
            given = contents(release)
            times["write"].append(timed(partial(write_raw, raw, given)))
            times["verify"].append(timed(lambda: verdict(release, key.public)))
            times["hash"].append(timed(lambda: hash_raw(release)))
        for _ in range(RUNS):
            times["diff"].append(timed(lambda: diff(*opened(release, release))))
            times["plain"].append(timed(lambda: diff_plain(*opened(release, release))))
    size = f"release of {RECORDS:,} records"
    yield answer(f"{size}, build / write and hash the same bytes", times["build"], times["write"],
                 BUILD_BOUND)  # fmt: skip
    yield answer(f"{size}, verify / read and hash the same bytes", times["verify"], times["hash"],
                 VERIFY_BOUND)  # fmt: skip
    yield answer(f"{size}, diff of all tables / records alone through dictionaries",
                 times["diff"], times["plain"], DIFF_BOUND)  # fmt: skip
