"""Files inside a release folder: safe paths, whole reads within a limit, SHA-256.

Nothing here trusts the folder: a link, a pipe, a device or a path that leads outside is `Damaged`.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

SMALL_BYTES_MAX = 32 * 1024 * 1024
"""No manifest, checkpoint, log or proof is larger; what is, is not read."""
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


class Damaged(ValueError):
    """A file of a release is not what it must be; `path` is its name inside the release."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def is_safe(path: str) -> bool:
    """Whether a manifest may name a path: plain ASCII parts, nothing absolute, nothing upward.

    >>> is_safe("data/records.csv"), is_safe("../books"), is_safe("/etc/hosts"), is_safe("a//b")
    (True, False, False, False)
    """
    return len(path) <= 300 and all(_PART.fullmatch(part) for part in path.split("/"))


def locate(folder: Path, path: str) -> Path:
    """The regular file of a path inside a release; `Damaged` where it is missing or a link."""
    if not is_safe(path):
        raise Damaged(printable(path), "not a path a release may name")
    place = folder
    for part in path.split("/"):
        place = place / part
        try:
            kind = place.lstat().st_mode
        except (OSError, ValueError):
            raise Damaged(path, "missing") from None
        if stat.S_ISLNK(kind):
            raise Damaged(path, "a link, not a file")
    if not stat.S_ISREG(kind):
        raise Damaged(path, "not a regular file")
    return place


def read_small(folder: Path, path: str) -> bytes:
    """The bytes of a small file of a release."""
    place = locate(folder, path)
    try:
        if place.stat().st_size > SMALL_BYTES_MAX:
            raise Damaged(path, "too large")
        return place.read_bytes()
    except OSError as trouble:
        raise Damaged(path, f"unreadable ({trouble.strerror})") from None


def sha256_of(place: Path, path: str) -> str:
    """The SHA-256 of a file as hexadecimal digits, read in pieces."""
    try:
        with place.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    except OSError as trouble:
        raise Damaged(path, f"unreadable ({trouble.strerror})") from None


def listing(folder: Path) -> Iterator[str]:
    """Every name under a folder that is not a plain folder: files, links, pipes; sorted."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in sorted([*names, *links]):
            yield printable(os.path.relpath(os.path.join(parent, name), folder))


def printable(name: str) -> str:
    """A file name as text that can always be printed, whatever bytes it has."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def sync(place: Path) -> None:
    """Bring a file or a folder's entries to the disk."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
