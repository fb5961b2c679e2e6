"""`koga ledger …` as people and scripts use it: answers, exit codes, problems in words."""

import contextlib
import csv
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.db import connections
from typer.testing import CliRunner

from koga.cli import build_app
from koga.core.accounts import KINDS
from koga.operate.ledger import selectors, services
from koga.operate.ledger.clock import moment
from koga.operate.parties.models import Person
from koga.release.build import build
from tests.books_on import Books, moved
from tests.release import sample

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


def koga(books: Books, *words: str) -> tuple[int, str, str]:
    """Run a command in this process, its books those of the test."""
    saved = connections.settings["default"]
    connections.settings["default"] = connections.settings[books.using]
    forget_default()
    try:
        ran = CliRunner(env={"KOGA_LANGUAGE": "en"}).invoke(build_app(), ["ledger", *words])
    finally:
        forget_default()
        connections.settings["default"] = saved
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return ran.exit_code, ran.stdout, ran.stderr


def forget_default() -> None:
    with contextlib.suppress(AttributeError):
        connections["default"].close()
        del connections["default"]


def in_a_process(url: str, *words: str) -> tuple[int, str, str]:
    ran = subprocess.run(
        [sys.executable, "-m", "koga.cli", "ledger", *words],
        env=os.environ | {"KOGA_DATABASE_URL": url, "KOGA_LANGUAGE": "en"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout, ran.stderr


@pytest.fixture
def kept(books: Books) -> Books:
    with connections[books.using].schema_editor() as editor:
        editor.create_model(Person)  # the commands ask whether the books have been made
    services.post(moved("a", 700), maker="p1", clock=lambda: 1_790_000_000_000_000,
                  using=books.using)  # fmt: skip
    services.post(moved("b", 50, on=date(2026, 4, 1)), maker="p1", using=books.using)
    services.post(moved("c", 9, commodity="SEAT", debit="delivered:p2"), maker="p1",
                  using=books.using)  # fmt: skip
    return books


def test_given_sound_books_when_checked_then_the_answer_is_yes(kept: Books) -> None:
    code, out, _ = koga(kept, "check", "--json")

    answer = json.loads(out)
    assert (code, answer["ok"]) == (0, True)
    assert all(check["ok"] and check["offending"] == [] for check in answer["checks"])
    assert in_a_process(kept.url, "check")[0] == 0


def test_given_rewritten_books_when_checked_then_the_answer_is_no_and_names_the_entry(
    kept: Books,
) -> None:
    kept.attack("DROP TRIGGER ledger_posting_kept", "UPDATE ledger_posting SET amount = 2 * amount")

    code, out, _ = koga(kept, "check", "--json")
    failed = {each["name"]: each["offending"] for each in json.loads(out)["checks"]
              if not each["ok"]}  # fmt: skip

    assert code == 1
    assert failed["content_recomputes"] == ["hub#1", "hub#2", "hub#3"]
    assert "ledger_posting_kept" in failed["guards_in_place"]
    assert "✗ content_recomputes" in koga(kept, "check")[1]


def test_given_no_release_in_the_folder_when_compared_then_it_is_a_problem(
    kept: Books, tmp_path: Path
) -> None:
    code, out, _ = koga(kept, "check", "--against", str(tmp_path / "none"), "--json")

    assert code == 2
    assert json.loads(out)["problems"][0]["code"].startswith("release.")


def test_given_an_account_when_asked_for_its_balance_then_day_and_moment_count(
    kept: Books,
) -> None:
    def balance(*words: str) -> tuple[int, str, int]:
        answer = json.loads(koga(kept, "balance", "delivered:p1", *words, "--json")[1])
        return answer["balance"], answer["unit"], answer["seq"]

    assert balance() == (750, "KRW", 3)
    assert balance("--as-of", "2026-03-31") == (700, "KRW", 3)
    assert balance("--as-known", "2026-09-22T00:00:00+09:00") == (700, "KRW", 1)
    assert koga(kept, "balance", "delivered:p1")[1] == "750 KRW  hub#3\n"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("balance", "delivered:none"), "ledger.no_account"),
        (("balance", "source:external"), "ledger.ambiguous"),
        (("balance", "delivered:p1", "--ledger", "else"), "ledger.no_account"),
        (("balance", "delivered:p1", "--as-of", "31.3.2026"), "dates.unreadable"),
        (("balance", "delivered:p1", "--as-known", "2026-03-31T10:00:00"), "ledger.moment"),
        (("export", "--format", "pdf"), "ledger.format"),
        (("export", "--format", "csv"), "ledger.out"),
        (("export", "--format", "csv", "--out", "/no/such/folder/x.csv"), "ledger.out"),
        (("export", "--format", "xlsx", "--out", "/no/such/folder/x.xlsx"), "ledger.out"),
        (("export", "--format", "parquet", "--out", "/no/such/folder/x.parquet"), "ledger.out"),
        (("export", "--format", "csv", "--ledger", "else", "--out", "x.csv"), "ledger.unknown"),
    ],
)
def test_given_wrong_words_when_asked_then_it_is_a_problem_in_both_languages(
    kept: Books, words: tuple[str, ...], problem: str, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    code, out, err = koga(kept, *words, "--json")

    found = json.loads(out)["problems"]
    assert (code, [each["code"] for each in found], err) == (2, [problem], "")
    assert set(found[0]["message"]) == {"ko", "en"}
    assert list(tmp_path.iterdir()) == []


def test_given_the_books_when_exported_then_every_format_is_written(
    kept: Books, tmp_path: Path
) -> None:
    for form in ("csv", "parquet", "xlsx", "beancount"):
        out = tmp_path / f"books.{form}"
        code, said, _ = koga(kept, "export", "--format", form, "--out", str(out), "--json")
        assert (code, json.loads(said)["lines"]) == (0, 6)
        assert out.stat().st_size > 100
    with (tmp_path / "books.csv").open() as source:
        assert len(list(csv.DictReader(source))) == 6

    code, text, _ = koga(kept, "export", "--format", "beancount")
    assert (code, text) == (0, (tmp_path / "books.beancount").read_text())
    assert text.count(KINDS["import"].ko) == 3


def test_given_a_role_when_grants_are_printed_then_they_are_sql(kept: Books) -> None:
    code, out, _ = koga(kept, "grants", "koga_app")

    assert code == 0
    assert 'GRANT SELECT ON ledger_head, ledger_balance TO "koga_app";' in out


def test_given_an_unreachable_database_when_asked_then_it_is_a_problem_not_a_traceback(
    kept: Books,
) -> None:
    code, out, err = in_a_process("sqlite:////no/such/folder/books.sqlite3", "check", "--json")

    assert code == 2
    assert json.loads(out)["problems"][0]["code"] == "web.no_books"
    assert "Traceback" not in err
    assert len(selectors.heads(using=kept.using)) == 1


def release_of(books: Books, folder: Path) -> Path:
    """A signed release whose ledger heads are those of the books."""
    heads = [
        {
            "ledger": head["ledger"],
            "entries": head["entries"],
            "chain": head["chain"],
            "recorded_at": moment(head["recorded_us"]),
        }
        for head in selectors.heads(using=books.using)
    ]
    tables = {name: [] for name in sample.sample_tables(1)} | {"ledger_heads": heads}
    build(folder, tables=tables, head=sample.sample_head(), key=sample.sample_key())
    return folder


def test_given_a_signed_release_when_the_books_are_rewritten_then_comparing_finds_it(
    kept: Books, tmp_path: Path
) -> None:
    release = release_of(kept, tmp_path / "release")
    services.post(moved("later", 1), maker="p1", using=kept.using)
    assert koga(kept, "check", "--against", str(release))[0] == 0

    kept.attack(
        "DROP TRIGGER ledger_entry_kept",
        "UPDATE ledger_entry SET chain = zeroblob(32) WHERE seq = 3",
    )
    code, out, _ = koga(kept, "check", "--against", str(release), "--json")

    failed = {each["name"]: each["offending"] for each in json.loads(out)["checks"]
              if not each["ok"]}  # fmt: skip
    assert code == 1
    assert failed["published_heads_stand"] == ["hub#3"]
