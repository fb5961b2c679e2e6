"""Checkpoints: the signed head of the log, and the proofs that stand on one (C2SP formats).

A checkpoint is a signed note of three lines (origin, number of leaves, root) and signatures.
Further signatures, by witnesses, may stand below ours; they are left alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from koga.release.files import Damaged
from koga.release.keys import PublicKey, SigningKey, decode, encode

NAME = "checkpoint"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")
_SIGNATURES_MAX = 64
_PROOF_HEADING = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log.

    origin: whose log; the name of the key. size: leaves. root: their Merkle root, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The signed lines."""
        return f"{self.origin}\n{self.size}\n{encode(self.root)}\n"


def sign(head: Checkpoint, key: SigningKey) -> str:
    """A checkpoint as the text of its file."""
    return sign_note(head.text, key)


def sign_note(text: str, key: SigningKey) -> str:
    """A text that ends in a newline, with one signature below a blank line."""
    signature = encode(key.public.id + key.sign(text.encode()))
    return f"{text}\n— {key.public.name} {signature}\n"


def open_note(content: bytes, key: PublicKey, path: str = NAME) -> str:
    """The signed text of a note; `Damaged` unless this key signed it."""
    try:
        note = content.decode()
    except UnicodeDecodeError:
        raise Damaged(path, "not UTF-8") from None
    if re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise Damaged(path, "has control characters")
    body, gap, below = note.rpartition("\n\n")
    if not gap or not below.endswith("\n"):
        raise Damaged(path, "not a signed note")
    text, lines = body + "\n", below[:-1].split("\n")
    if len(lines) > _SIGNATURES_MAX:
        raise Damaged(path, "too many signatures")
    signatures = [_signature(line, key, path) for line in lines]
    ours = [signature for signature in signatures if signature is not None]
    if not ours:
        raise Damaged(path, f"no signature by {key.name} with key {key.id.hex()}")
    if not all(key.verifies(signature, text.encode()) for signature in ours):
        raise Damaged(path, "the signature does not fit")
    return text


def open_checkpoint(content: bytes, key: PublicKey, path: str = NAME) -> Checkpoint:
    """The head a checkpoint signs; `Damaged` unless this key signed it for its own log."""
    lines = open_note(content, key, path).split("\n")
    if len(lines) < 4 or not _NUMBER.fullmatch(lines[1]):
        raise Damaged(path, "not a checkpoint")
    try:
        root = decode(lines[2])
    except ValueError:
        raise Damaged(path, "not a checkpoint") from None
    if lines[0] != key.name or len(root) != 32:
        raise Damaged(path, f"not a checkpoint of the log {key.name}")
    return Checkpoint(lines[0], int(lines[1]), root)


def inclusion_text(index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """An inclusion proof that verifies offline, as the text of its file (tlog-proof)."""
    hashes = "".join(encode(each) + "\n" for each in path)
    return f"{_PROOF_HEADING}\nindex {index}\n{hashes}\n{checkpoint}"


def read_inclusion(content: bytes, path: str) -> tuple[int, list[bytes], bytes]:
    """Index, hashes and checkpoint of an inclusion proof."""
    head, gap, checkpoint = content.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    number = lines[1].removeprefix("index ") if len(lines) > 1 else ""
    if not gap or lines[0] != _PROOF_HEADING or not _NUMBER.fullmatch(number):
        raise Damaged(path, "not an inclusion proof")
    try:
        return int(number), [decode(line) for line in lines[2:]], checkpoint
    except ValueError:
        raise Damaged(path, "not an inclusion proof") from None


def consistency_text(earlier: int, proof: Sequence[bytes], checkpoint: str) -> str:
    """A consistency proof as a witness is sent it (tlog-witness, add-checkpoint)."""
    hashes = "".join(encode(each) + "\n" for each in proof)
    return f"old {earlier}\n{hashes}\n{checkpoint}"


def _signature(line: str, key: PublicKey, path: str) -> bytes | None:
    """The signature of a line where it is this key's, None where it is another's."""
    parts = line.split(" ")
    try:
        content = decode(parts[2]) if len(parts) == 3 and parts[0] == "—" else b""
    except ValueError:
        content = b""
    if len(content) < 5:
        raise Damaged(path, "a signature line cannot be read")
    return content[4:] if parts[1] == key.name and content[:4] == key.id else None
