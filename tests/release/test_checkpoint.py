"""Checkpoints and proofs as text: what opens, what does not, and why."""

import pytest

from koga.release import checkpoint, keys, log
from koga.release.files import Damaged

KEY = keys.from_seed("city.example/koga", b"k" * 32)
OTHER = keys.from_seed("witness.example/w", b"w" * 32)
HEAD = checkpoint.Checkpoint("city.example/koga", 3, log.leaf_hash(b"root"))
NOTE = checkpoint.sign(HEAD, KEY)


def test_given_a_checkpoint_when_opened_with_its_key_then_it_is_the_head() -> None:
    assert checkpoint.open_checkpoint(NOTE.encode(), KEY.public) == HEAD
    assert NOTE.startswith("city.example/koga\n3\n")
    assert NOTE.split("\n")[3] == ""


def test_given_a_witness_below_ours_when_opened_then_both_keys_open_it() -> None:
    cosigned = NOTE + checkpoint.sign(HEAD, OTHER).split("\n\n")[1]

    assert checkpoint.open_checkpoint(cosigned.encode(), KEY.public) == HEAD
    assert checkpoint.open_note(cosigned.encode(), OTHER.public) == HEAD.text


def test_given_the_same_head_when_signed_again_then_the_bytes_are_the_same() -> None:
    assert checkpoint.sign(HEAD, KEY) == NOTE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        NOTE.encode()[:-1],
        NOTE.replace("\n3\n", "\n4\n").encode(),
        NOTE.replace("\n3\n", "\n03\n").encode(),
        NOTE.replace("\n3\n", "\n3 \n").encode(),
        NOTE.replace("— city", "- city").encode(),
        NOTE.replace("\n\n", "\n").encode(),
        NOTE.replace("\n", "\r\n").encode(),
        (NOTE + "— x\n").encode(),
        (NOTE + "— x AAAA\n").encode(),
        (NOTE + "— w aGVsbG8gd29ybGQ=\n" * 100).encode(),
        checkpoint.sign(HEAD, OTHER).encode(),
        checkpoint.sign_note("city.example/koga\n3\n", KEY).encode(),
        checkpoint.sign_note("city.example/koga\n3\nAAAA\n", KEY).encode(),
        checkpoint.sign_note(HEAD.text.replace("city", "town"), KEY).encode(),
        checkpoint.sign_note(HEAD.text.replace("\n3\n", "\n" + "9" * 5000 + "\n"), KEY).encode(),
    ],
)
def test_given_what_is_no_checkpoint_of_this_log_when_opened_then_it_is_damaged(
    content: bytes,
) -> None:
    with pytest.raises(Damaged):
        checkpoint.open_checkpoint(content, KEY.public)


def test_given_every_byte_changed_in_turn_when_opened_then_none_opens() -> None:
    content = NOTE.encode()
    for place in range(len(content)):
        for bit in (1, 2, 32):
            changed = bytearray(content)
            changed[place] ^= bit
            with pytest.raises(Damaged):
                checkpoint.open_checkpoint(bytes(changed), KEY.public)


def test_given_an_inclusion_proof_when_written_and_read_then_it_is_the_same() -> None:
    path = [log.leaf_hash(b"1"), log.leaf_hash(b"2")]

    text = checkpoint.inclusion_text(2, path, NOTE)

    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 2\n")
    assert checkpoint.read_inclusion(text.encode(), "p") == (2, path, NOTE.encode())


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\n\n", b"c2sp.org/tlog-proof@v1\n\n", b"c2sp.org/tlog-proof@v1\nindex -1\n\n",
     b"c2sp.org/tlog-proof@v1\nindex 1\nnot base64\n\n"],
)  # fmt: skip
def test_given_what_is_no_inclusion_proof_when_read_then_it_is_damaged(content: bytes) -> None:
    with pytest.raises(Damaged):
        checkpoint.read_inclusion(content, "p")
