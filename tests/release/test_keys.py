"""Signing keys: golden vectors of signed notes, files, and everything that is not a key."""

import stat
from pathlib import Path

import pytest

from koga.core.problems import Refusal
from koga.release import checkpoint, keys

# The example key of the Go package golang.org/x/mod/sumdb/note, the reference for signed notes.
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_NOTE = (
    GO_TEXT + "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_given_the_reference_key_when_it_signs_then_the_note_is_the_reference_note(
    tmp_path: Path,
) -> None:
    file = tmp_path / "key"
    file.write_text(GO_PRIVATE + "\n")

    key = keys.load(file)

    assert key.public.text == GO_PUBLIC
    assert checkpoint.sign_note(GO_TEXT, key) == GO_NOTE
    assert checkpoint.open_note(GO_NOTE.encode(), keys.parse_public(GO_PUBLIC)) == GO_TEXT


def test_given_a_new_key_when_made_then_only_its_owner_reads_it_and_it_loads(
    tmp_path: Path,
) -> None:
    file = tmp_path / "keys" / "city.key"

    made = keys.new_key(file, name="city.example/koga")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys.load(file) == made
    assert keys.load_public(keys.public_path(file)) == made.public
    assert keys.load_public(made.public.text) == made.public
    assert made.public.verifies(made.sign(b"won"), b"won")
    assert not made.public.verifies(made.sign(b"won"), b"wan")
    assert made.text not in repr(made)


@pytest.mark.parametrize("taken", ["city.key", "city.key.pub"])
def test_given_a_file_in_the_way_when_a_key_is_made_then_nothing_is_written_over(
    tmp_path: Path, taken: str
) -> None:
    (tmp_path / taken).write_text("mine")

    with pytest.raises(Refusal) as refused:
        keys.new_key(tmp_path / "city.key", name="city")

    assert [problem.code for problem in refused.value.problems] == ["release.key_exists"]
    assert (tmp_path / taken).read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [taken]


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nend", "x" * 201])
def test_given_a_name_notes_cannot_carry_when_a_key_is_made_then_it_is_refused(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(Refusal) as refused:
        keys.new_key(tmp_path / "k", name=name)

    assert refused.value.problems[0].code == "release.key_name"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "PeterNeumann",
        GO_PRIVATE,
        GO_PUBLIC.replace("c74f20a3", "c74f20a4"),
        GO_PUBLIC.replace("Peter", "Pater"),
        GO_PUBLIC[:-1],
        GO_PUBLIC[:-1] + "X",
        GO_PUBLIC.replace("ARpc", "BRpc"),
        "a+b+\u00e9",
        "\x00+\x00+AA==",
    ],
)
def test_given_what_is_no_public_key_when_read_then_it_is_refused(line: str) -> None:
    with pytest.raises(Refusal) as refused:
        keys.parse_public(line)

    assert refused.value.problems[0].code == "release.key_public"


@pytest.mark.parametrize("line", ["", GO_PUBLIC, GO_PRIVATE.replace("c74f", "d74f"), "é", "\x00"])
def test_given_what_is_no_private_key_when_loaded_then_it_is_refused(
    tmp_path: Path, line: str
) -> None:
    (tmp_path / "key").write_text(line)

    with pytest.raises(Refusal) as refused:
        keys.load(tmp_path / "key")

    assert refused.value.problems[0].code == "release.key_private"


def test_given_no_file_when_a_key_is_loaded_then_it_says_so(tmp_path: Path) -> None:
    for load in (keys.load, keys.load_public):
        with pytest.raises(Refusal) as refused:
            load(tmp_path / "none")
        assert refused.value.problems[0].code == "release.key_missing"
