"""The Merkle log: RFC 6962 vectors, and every pair of sizes up to 64."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koga.release import log

INPUTS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [log.leaf_hash(content) for content in INPUTS]
MANY = [log.leaf_hash(str(number).encode()) for number in range(64)]


def root_as_written(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256().digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return log.node_hash(root_as_written(leaves[:split]), root_as_written(leaves[split:]))


@pytest.mark.parametrize("size", range(1, 9))
def test_given_the_customary_leaves_when_hashed_then_the_root_is_the_known_one(size: int) -> None:
    assert log.root(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_given_no_leaves_when_hashed_then_the_root_is_the_hash_of_nothing() -> None:
    assert log.root([]) == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("size", range(65))
def test_given_any_size_when_hashed_then_the_root_is_that_of_the_definition(size: int) -> None:
    assert log.root(MANY[:size]) == root_as_written(MANY[:size])


@pytest.mark.parametrize("size", range(1, 65))
def test_given_every_leaf_when_proven_then_it_is_included_and_no_other_is(size: int) -> None:
    leaves, root = MANY[:size], log.root(MANY[:size])
    for index, leaf in enumerate(leaves):
        path = log.inclusion_proof(leaves, index)

        assert log.includes(leaf, index, size, path, root)
        assert not log.includes(log.leaf_hash(b"x"), index, size, path, root)
        assert not log.includes(leaf, index, size, [*path, leaf], root)
        assert not path or not log.includes(leaf, index, size, path[:-1], root)
        assert not log.includes(leaf, (index + 1) % size, size, path, root) or size == 1
        assert not log.includes(leaf, size, size, path, root)


@pytest.mark.parametrize("size", range(1, 65))
def test_given_every_earlier_size_when_proven_then_it_is_consistent(size: int) -> None:
    root = log.root(MANY[:size])
    for earlier in range(size + 1):
        proof = log.consistency_proof(MANY[:size], earlier)
        before = log.root(MANY[:earlier])
        rewritten = log.root([log.leaf_hash(b"other"), *MANY[1:earlier]])

        def holds(old: bytes, steps: list[bytes], new: bytes = root, at: int = earlier) -> bool:
            return log.is_consistent(earlier=at, size=size, earlier_root=old, root=new, proof=steps)

        assert holds(before, proof)
        assert not holds(before, [*proof, before])
        assert earlier == 0 or not holds(rewritten, proof)
        assert earlier in (0, size) or not holds(before, proof, log.leaf_hash(b"other"))
        assert not proof or not holds(before, proof[:-1])
        assert not holds(before, proof, at=size + 1)


@given(st.integers(1, 64), st.data())
def test_given_a_proof_with_one_bit_changed_when_checked_then_it_fails(
    size: int, data: st.DataObject
) -> None:
    leaves, root = MANY[:size], log.root(MANY[:size])
    earlier = data.draw(st.integers(1, size))
    proof = log.consistency_proof(leaves, earlier)
    if not proof:
        return
    place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    damaged = bytearray(proof[place])
    damaged[bit // 8] ^= 1 << bit % 8

    assert not log.is_consistent(
        earlier=earlier, size=size, earlier_root=log.root(leaves[:earlier]), root=root,
        proof=[*proof[:place], bytes(damaged), *proof[place + 1 :]],
    )  # fmt: skip
