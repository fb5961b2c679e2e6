"""Books made, copied and brought back by commands, in any directory."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

POST = """
import django; django.setup()
from datetime import date
from koga.core.journal import Entry, Posting
from koga.operate.ledger import services
lines = (Posting("source:external", "KRW", -500), Posting("delivered:p", "KRW", 500))
services.post(Entry("hub", "k", "import", date(2026, 3, 2), lines), maker="p1")
"""


def koga(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    plain = {key: value for key, value in os.environ.items() if not key.startswith("KOGA_")}
    return subprocess.run(
        [sys.executable, "-m", "koga.cli", *words],
        cwd=folder, env=plain | settings, capture_output=True, text=True, check=False, stdin=None,
    )  # fmt: skip


def codes(ran: subprocess.CompletedProcess[str]) -> list[str]:
    return [problem["code"] for problem in json.loads(ran.stdout)["problems"]]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books with one entry, made once."""
    folder = tmp_path_factory.mktemp("made")
    assert koga(folder, "init", "--name-ko", "가나시", "--name-en", "Gana").returncode == 0
    settings = os.environ | {"DJANGO_SETTINGS_MODULE": "koga.web.settings_books"}
    settings.pop("KOGA_DATABASE_URL", None)
    subprocess.run([sys.executable, "-c", POST], cwd=folder, env=settings, check=True)
    return folder


@pytest.fixture
def books(made: Path, tmp_path: Path) -> Path:
    """A copy of them, to work on."""
    return Path(shutil.copytree(made, tmp_path, dirs_exist_ok=True))


def test_given_an_empty_folder_when_init_runs_twice_then_books_stand_under_var(
    tmp_path: Path,
) -> None:
    first = koga(tmp_path, "init", "--json")
    again = koga(tmp_path, "init", "--json")

    assert json.loads(first.stdout) == json.loads(again.stdout)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["var"]


def test_given_books_when_copied_and_brought_back_elsewhere_then_every_check_holds(
    books: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "var").mkdir()

    saved = koga(books, "backup", "copy.koga", "--json")
    back = koga(elsewhere, "restore", str(books / "copy.koga"), "--json")
    balance = koga(elsewhere, "ledger", "balance", "delivered:p", "--ledger", "hub", "--json")

    assert json.loads(saved.stdout)["ok"] is True
    assert json.loads(back.stdout)["ok"] is True
    assert json.loads(balance.stdout)["balance"] == 500


def test_given_a_copy_that_was_altered_when_brought_back_then_the_answer_is_no(
    books: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "var").mkdir()
    koga(books, "backup", "copy.koga")
    with sqlite3.connect(books / "copy.koga") as copy:
        guards = copy.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_posting'"
        ).fetchall()
        for (name,) in guards:
            copy.execute(f'DROP TRIGGER "{name}"')
        copy.execute("UPDATE ledger_posting SET amount = amount * 2")
    copy.close()

    back = koga(elsewhere, "restore", str(books / "copy.koga"), "--json")

    assert back.returncode == 1
    assert json.loads(back.stdout)["failed"] != []


def test_given_books_when_restoring_over_them_then_refused(books: Path) -> None:
    koga(books, "backup", "copy.koga")

    ran = koga(books, "restore", "copy.koga", "--json")

    assert (ran.returncode, codes(ran)) == (2, ["web.books_exist"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("backup", "there", "--json"), "web.backup_exists"),
        (("restore", "nowhere", "--json"), "web.backup_missing"),
    ],
)
def test_given_wrong_files_when_copying_then_said_in_words(
    books: Path, words: tuple[str, ...], code: str
) -> None:
    (books / "there").write_text("mine")

    ran = koga(books, *words)

    assert (ran.returncode, codes(ran)) == (2, [code])
    assert (books / "there").read_text() == "mine"


def test_given_any_text_file_when_restored_then_refused_and_nothing_is_made(
    tmp_path: Path,
) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "letter.txt").write_text("hello")

    ran = koga(tmp_path, "restore", "letter.txt", "--json")

    assert (ran.returncode, codes(ran)) == (2, ["web.backup_unreadable"])


def test_given_no_books_when_served_then_said_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()

    ran = koga(tmp_path, "serve", KOGA_LANGUAGE="ko")

    assert ran.returncode == 2
    assert "koga init" in ran.stderr


def test_given_a_folder_that_is_no_release_when_served_then_refused(tmp_path: Path) -> None:
    ran = koga(tmp_path, "serve", "--public", str(tmp_path))

    assert ran.returncode == 2
    assert "manifest.json" in ran.stderr


def test_given_a_port_that_is_taken_when_served_then_refused(books: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        ran = koga(books, "serve", "--port", str(port))

    assert ran.returncode == 2
    assert str(port) in ran.stderr


def test_given_a_person_when_added_with_roles_then_they_hold_them(books: Path) -> None:
    added = koga(books, "user", "add", "kim", "--role", "approver", KOGA_PASSWORD="spring-rain-77")
    wrong = koga(books, "user", "add", "kim", "--role", "king", "--json")
    weak = koga(books, "user", "add", "lee", "--role", "auditor", "--json", KOGA_PASSWORD="1")

    assert added.returncode == 0
    assert (wrong.returncode, codes(wrong)) == (2, ["parties.unknown_role"])
    assert (weak.returncode, codes(weak)) == (2, ["parties.password"])


def test_given_a_wrong_database_address_when_used_then_said_without_a_traceback(
    tmp_path: Path,
) -> None:
    ran = koga(tmp_path, "init", "--json", KOGA_DATABASE_URL="mysql://x/y")

    assert (ran.returncode, codes(ran)) == (2, ["web.database_url"])
