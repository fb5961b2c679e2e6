"""A release of the fictional city behind the public settings, asked through Django's client.

The suite runs under the settings of the books; the public site has its own, so its pages are asked
in a process of their own and the answers brought back.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from koga.site.edition import Edition, open_edition
from tests.release.sample import build_sample

RECORDS = 400
_ASKED = """
import base64, json, os, sys
import django
django.setup()
from django.test import Client
client = Client(raise_request_exception=False)
for line in sys.stdin:
    asked = json.loads(line)
    answer = client.generic(asked["method"], asked["path"], **asked["headers"])
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    print(json.dumps({"status": answer.status_code, "headers": dict(answer.headers),
                      "body": base64.b64encode(body).decode()}), flush=True)
"""


@dataclass(frozen=True)
class Answer:
    """What the site answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Visitor:
    """Asks the public site, one process for all questions."""

    def __init__(self, release: Path, cache: Path) -> None:
        environment = {
            "PATH": "/usr/bin:/bin",
            "DJANGO_SETTINGS_MODULE": "koga.web.settings_public",
            "KOGA_RELEASE_DIR": str(release),
            "KOGA_CACHE_DIR": str(cache),
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _ASKED],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment, cwd=cache.parent, text=True,
        )  # fmt: skip

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """The answer to one request."""
        import base64

        asked = {"method": method, "path": path, "headers": headers}
        self.process.stdin.write(json.dumps(asked) + "\n")  # type: ignore[union-attr]
        self.process.stdin.flush()  # type: ignore[union-attr]
        line = self.process.stdout.readline()  # type: ignore[union-attr]
        said: dict[str, Any] = json.loads(line)
        return Answer(said["status"], said["headers"], base64.b64decode(said["body"]))

    def close(self) -> None:
        """No more questions."""
        self.process.stdin.close()  # type: ignore[union-attr]
        self.process.stdout.close()  # type: ignore[union-attr]
        self.process.wait()


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed release of the fictional city."""
    return build_sample(tmp_path_factory.mktemp("site") / "release", RECORDS)[0]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the index is kept."""
    return tmp_path_factory.mktemp("site-cache") / "cache"


@pytest.fixture(scope="session")
def edition(release: Path, cache: Path) -> Edition:
    """The release, opened."""
    return open_edition(release, cache)


@pytest.fixture(scope="session")
def visit(release: Path, cache: Path) -> Iterator[Callable[..., Answer]]:
    """Ask the public site."""
    visitor = Visitor(release, cache)
    yield visitor.ask
    visitor.close()
