"""`koga demo`: builds the fictional city and opens both doors."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from koga.cli import answer, setup_django
from koga.core.problems import Problem, Refusal

SIZES = {"small": 1, "full": 54}
"""Multiples of the small city's registers; full makes about 200,000 records."""


def run(*, size: str, serve: bool, port: int, as_json: bool) -> None:
    """Build `var/demo` anew unless it is complete in this size, then serve site and desk."""
    if size not in SIZES:
        raise Refusal(Problem("demo.size", "--size", size))
    folder = Path.cwd() / "var" / "demo"
    os.environ["KOGA_DATABASE_URL"] = f"sqlite:///{folder / 'books.sqlite3'}"
    os.environ["KOGA_CACHE_DIR"] = str(folder / "cache")
    mark = folder / f"complete-{size}"
    if not mark.exists():
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "keys").mkdir(parents=True)
        _build(folder, size, quiet=as_json)
        mark.touch()
    found = _outcome(folder, port)
    if as_json:
        answer.document(found)
    else:
        _tell(found)
    if serve:
        _serve(folder, port)


def _build(folder: Path, size: str, *, quiet: bool) -> None:
    from koga.web.books import initialise

    started = time.monotonic()
    initialise()
    from koga.demo import build

    def step(ko: str, en: str) -> None:
        if not quiet:
            answer.say(f"  {ko}", f"  {en}")

    build.city(folder, scale=SIZES[size], step=step)
    seconds = int(time.monotonic() - started)
    step(f"{seconds}초 걸렸습니다.", f"That took {seconds} seconds.")


def _outcome(folder: Path, port: int) -> dict[str, object]:
    setup_django()
    from koga.demo import people

    releases = sorted(path for path in (folder / "releases").iterdir() if path.is_dir())
    return {
        "urls": {
            "site": f"http://127.0.0.1:{port}/ko/",
            "desk": f"http://127.0.0.1:{port + 1}/desk/",
        },
        "logins": [
            {"login": person.login, "password": people.PASSWORD, "roles": list(person.roles)}
            for person in people.PEOPLE
        ],
        "release": str(releases[-1]),
        "releases": [str(path) for path in releases],
        "public_key": str(folder / "keys" / "release.pub"),
        "books": os.environ["KOGA_DATABASE_URL"],
    }


def _tell(found: dict[str, object]) -> None:
    urls: dict[str, str] = found["urls"]  # type: ignore[assignment]
    answer.say("지어낸 도시 한누리시가 준비되었습니다.", "The fictional city of Hannuri is ready.")
    answer.say(f"  공개 누리집  {urls['site']}", f"  public site  {urls['site']}")
    answer.say(f"  업무 화면    {urls['desk']}", f"  desk         {urls['desk']}")
    for login in found["logins"]:  # type: ignore[attr-defined]
        print(f"    {login['login']:<12} {login['password']:<18} {', '.join(login['roles'])}")
    answer.say("  검증하려면", "  to verify")
    key, release = found["public_key"], found["release"]
    print(f"    koga release verify {release} --public-key {key}")


def _serve(folder: Path, port: int) -> None:
    """Both doors as processes of their own; either one's end, or Ctrl-C, ends both."""
    release = max(path for path in (folder / "releases").iterdir() if path.is_dir())
    koga = [sys.executable, "-m", "koga.cli"]
    doors = [
        subprocess.Popen([*koga, "serve", "--public", str(release), "--port", str(port)]),
        subprocess.Popen([*koga, "serve", "--port", str(port + 1)]),
    ]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while all(door.poll() is None for door in doors):
            time.sleep(0.2)
    except KeyboardInterrupt:
        pass
    finally:
        for door in doors:
            door.terminate()
        for door in doors:
            door.wait()
