"""The append-only log of manifests: a Merkle tree as in RFC 6962, section 2.1.

A leaf is the canonical bytes of one manifest. An inclusion proof shows that a manifest is in a
tree of a given root; a consistency proof shows that a later tree only appended to an earlier one.
Hashes are 32 bytes of SHA-256.
"""

import hashlib
from collections.abc import Sequence

from koga.core.problems import ensure

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf.

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; of none it is the SHA-256 of nothing."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        pairs = [node_hash(*level[i : i + 2]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) & ~1 :]
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The siblings from a leaf up to the root's child (RFC 6962, 2.1.1)."""
    ensure(0 <= index < len(leaves), "the leaf is in the tree")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), root(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), root(leaves[:split])]


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> bool:
    """Whether a proof shows a leaf at an index of the tree with that size and root."""
    if not 0 <= index < size:
        return False
    position, last, computed = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and computed == expected


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """The hashes that show the tree of the first `earlier` leaves inside this one (2.1.2)."""
    ensure(0 <= earlier <= len(leaves), "the earlier tree is not larger")
    return _subproof(leaves, earlier, True) if 0 < earlier < len(leaves) else []


def is_consistent(
    *, earlier: int, size: int, earlier_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof shows that the tree of `size` leaves only appended to the earlier one."""
    if earlier > size or earlier < 0:
        return False
    if earlier in (0, size):
        return not proof and earlier_root == (root if earlier else EMPTY_ROOT)
    hashes = [earlier_root, *proof] if earlier & (earlier - 1) == 0 else list(proof)
    if not hashes:
        return False
    position, last = earlier - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old == earlier_root and new == root


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << ((size - 1).bit_length() - 1)


def _subproof(leaves: Sequence[bytes], earlier: int, whole: bool) -> list[bytes]:
    if earlier == len(leaves):
        return [] if whole else [root(leaves)]
    split = _split(len(leaves))
    if earlier <= split:
        return [*_subproof(leaves[:split], earlier, whole), root(leaves[split:])]
    return [*_subproof(leaves[split:], earlier - split, False), root(leaves[:split])]
