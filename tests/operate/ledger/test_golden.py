"""Golden hash vectors: what was posted years ago must still verify."""

import hashlib
import struct
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koga.core import journal
from koga.core.journal import Entry, Posting
from koga.operate.ledger import drafts

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "entry-hashes.toml").read_text())[
    "case"
]


def entry_of(case: dict[str, Any]) -> Entry:
    return Entry(
        case["ledger"], case["key"], case["kind"], case["effective"],
        tuple(Posting(*line) for line in case["postings"]),
        case["reference"], case.get("reverses"), case["relates_to"],
    )  # fmt: skip


def fields(*texts: str) -> bytes:
    """Length-prefixed fields, written a second time from their description."""
    return b"".join(struct.pack(">I", len(t.encode())) + t.encode() for t in texts)


def independent_content(case: dict[str, Any]) -> str:
    lines = [text for line in case["postings"] for text in (line[0], line[1], str(line[2]))]
    raw = fields(
        "koga-entry-1", case["ledger"], case["key"], case["kind"], str(case["effective"]),
        case["reference"], str(case.get("reverses", "")), case["relates_to"],
        str(len(case["postings"])), *lines,
    )  # fmt: skip
    return hashlib.sha256(raw).hexdigest()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_given_a_golden_entry_when_hashed_then_its_content_hash_is_the_recorded_one(
    case: dict[str, Any],
) -> None:
    assert entry_of(case).content_hash().hex() == case["content"]
    assert independent_content(case) == case["content"]


def test_given_the_golden_entries_when_chained_then_every_link_is_the_recorded_one() -> None:
    chain = independent = bytes(32)
    for case in CASES:
        content = bytes.fromhex(case["content"])
        who = (case["seq"], case["recorded_us"], content, case["maker"], case["checker"])
        chain = journal.chain_hash(chain, *who)
        head = hashlib.sha256(
            fields("koga-chain-1", str(who[0]), str(who[1]), who[3], who[4])
        ).digest()
        independent = hashlib.sha256(independent + head + content).digest()
        assert chain.hex() == independent.hex() == case["chain"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_given_an_entry_when_kept_as_a_draft_then_nothing_of_it_is_lost(
    case: dict[str, Any],
) -> None:
    entry = entry_of(case)

    assert drafts.from_json(drafts.to_json(entry)) == entry


words = st.text(max_size=5)


@given(st.lists(words, min_size=6, max_size=6), st.lists(words, min_size=6, max_size=6))
def test_given_any_two_different_entries_when_hashed_then_the_hashes_differ(
    first: list[str], second: list[str]
) -> None:
    def hashed(texts: list[str]) -> bytes:
        day = CASES[0]["effective"]
        lines = (Posting(texts[4], texts[5], 1), Posting("source:x", "KRW", -1))
        return Entry(texts[0], texts[1], texts[2], day, lines, texts[3]).content_hash()

    texts = [
        [text.encode("utf-8", "replace").decode() for text in side] for side in (first, second)
    ]
    assert (hashed(texts[0]) == hashed(texts[1])) == (texts[0] == texts[1])
