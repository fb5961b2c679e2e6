"""The log's files inside a release: all leaves so far, the inclusion proof, the request to
witnesses. The manifest cannot name them, because they are made from its bytes; they are verified
against the signed root instead.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from koga.release import checkpoint as notes
from koga.release import log, manifest
from koga.release.files import Damaged
from koga.release.keys import SigningKey

LEAVES = "log/leaves.txt"
PROOF = "release.tlog-proof"
WITNESS = "log/add-checkpoint"
UNLISTED = (manifest.NAME, notes.NAME, PROOF, LEAVES, WITNESS)
"""Files that no manifest names."""


def leaves_text(leaves: Iterable[bytes]) -> bytes:
    """Leaf hashes as the bytes of their file, oldest first."""
    return "".join(leaf.hex() + "\n" for leaf in leaves).encode()


def read_leaves(content: bytes) -> tuple[bytes, ...]:
    """Leaf hashes from the bytes of their file; `Damaged` unless spelled exactly so."""
    try:
        leaves = tuple(bytes.fromhex(line) for line in content.decode().splitlines())
    except ValueError:
        raise Damaged(LEAVES, "not a list of hashes") from None
    if leaves_text(leaves) != content or any(len(leaf) != 32 for leaf in leaves):
        raise Damaged(LEAVES, "not a list of hashes")
    return leaves


def witness_bytes(leaves: Sequence[bytes], note: str) -> bytes:
    """What a witness is sent: that this log only appended one leaf to the one before."""
    earlier = max(len(leaves) - 1, 0)
    return notes.consistency_text(earlier, log.consistency_proof(leaves, earlier), note).encode()


def append(folder: Path, content: bytes, *, earlier: Sequence[bytes], key: SigningKey) -> None:
    """Append a manifest to the log; write checkpoint, leaves, proof and request to witnesses."""
    leaves = (*earlier, log.leaf_hash(content))
    note = notes.sign(notes.Checkpoint(key.public.name, len(leaves), log.root(leaves)), key)
    path = log.inclusion_proof(leaves, len(leaves) - 1)
    (folder / "log").mkdir()
    (folder / notes.NAME).write_bytes(note.encode())
    (folder / LEAVES).write_bytes(leaves_text(leaves))
    (folder / PROOF).write_bytes(notes.inclusion_text(len(leaves) - 1, path, note).encode())
    (folder / WITNESS).write_bytes(witness_bytes(leaves, note))
