"""`KOGA_DATABASE_URL` as Django's database settings."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from koga.core.problems import Problem, Refusal

SQLITE_START = (
    "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON; PRAGMA journal_mode=WAL; "
    "PRAGMA synchronous=FULL;"
)
"""What every SQLite connection needs for an acknowledged entry to survive a crash."""


def database(url: str | None = None) -> dict[str, Any]:
    """Settings for `sqlite:////ABSOLUTE/FILE`, `postgresql://…`, or var/books.sqlite3 if unset."""
    url = os.environ.get("KOGA_DATABASE_URL", "") if url is None else url
    if not url:
        return sqlite(Path.cwd() / "var" / "books.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path("/" + unquote(parts.path).lstrip("/")))
    if parts.scheme not in ("postgresql", "postgres"):
        raise Refusal(Problem("web.database_url", "KOGA_DATABASE_URL", url))
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
        "ATOMIC_REQUESTS": False,
    }


def sqlite(file: Path) -> dict[str, Any]:
    """Settings for one SQLite file; its folder is made when the books are."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": SQLITE_START,
        },
        "ATOMIC_REQUESTS": False,
    }
