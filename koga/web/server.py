"""The two doors as processes: granian in front of the desk or of the public site."""

import os
import socket
from pathlib import Path

from koga.core.problems import Problem, Refusal


def serve_books(*, host: str, port: int) -> None:
    """The desk over the books of `KOGA_DATABASE_URL`; refuses where there are none."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koga.web.settings_books")
    (Path.cwd() / "var").mkdir(exist_ok=True)  # keeps one session key for all worker processes
    import django

    django.setup()
    from koga.web.books import require_books

    require_books()
    _run("koga.web.wsgi_books:application", host=host, port=port)


def serve_release(release: Path, *, host: str, port: int) -> None:
    """The public site over one release directory; no database, no sign-in."""
    if not (release / "manifest.json").is_file():
        raise Refusal(Problem("web.no_release", "--public", str(release)))
    os.environ["DJANGO_SETTINGS_MODULE"] = "koga.web.settings_public"
    os.environ["KOGA_RELEASE_DIR"] = str(release.resolve())
    import django

    django.setup()
    from koga.site import selectors

    selectors.edition()
    _run("koga.web.wsgi_public:application", host=host, port=port)


def _require_free(host: str, port: int) -> None:
    """Granian shares a port that is taken; a second door on it would answer now and then."""
    try:
        with socket.create_connection((host, port), timeout=1):
            taken = True
    except OSError:
        taken = False
    if taken:
        raise Refusal(Problem("web.port_taken", "--port", str(port)))


def _run(target: str, *, host: str, port: int) -> None:
    _require_free(host, port)
    from granian.constants import Interfaces
    from granian.server import Server

    Server(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=4,
        websockets=False,
        log_access=False,
    ).serve()
