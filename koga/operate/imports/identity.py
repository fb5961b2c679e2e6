"""How a row is known again: its identity, the record's number and the codes made from names."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

AGENCY_MAX, PROGRAMME_MAX, RECORD_MAX = 60, 100, 90
_PLAIN = re.compile(r"[0-9A-Za-z가-힣][0-9A-Za-z가-힣._-]*")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae"})


def of_key(parts: Sequence[str]) -> str:
    """The identity of a row with declared key columns, readable where it can be.

    >>> of_key(["2026", "A-17"])
    '2026|A-17'
    """
    text = "|".join(parts)
    plain = len(text) <= 90 and text.isprintable() and not any("|" in part for part in parts)
    return text if plain else "key:" + _digest(parts)


def of_content(digest: str, occurrence: int) -> str:
    """The identity of a row without a key: its content and which of the equal rows it is."""
    return f"{digest}#{occurrence}"


def record_number(prefix: str, identity: str) -> str:
    """The permanent number of a record, readable where its key is.

    >>> record_number("BER", "17"), record_number("K", "2026|가 1")
    ('BER-17', 'K-2026-가-1-feaa83fe')
    """
    digest, _, occurrence = identity.partition("#")
    if occurrence and len(digest) == 64:
        return f"{prefix}-{digest[:16]}" + (f"-{occurrence}" if occurrence != "1" else "")
    if _PLAIN.fullmatch(identity) and len(identity) <= RECORD_MAX:
        return f"{prefix}-{identity}"
    readable = re.sub(r"[^0-9A-Za-z가-힣._-]+", "-", identity).strip("-")[:60]
    return f"{prefix}-{readable}-{_digest([identity])[:8]}"


def code_of(text: str, length_max: int) -> str:
    """A code made from a name: small letters, digits and Hangul; blank where nothing is left.

    >>> code_of("Senatsverwaltung für Inneres & Sport", 60), code_of("씨앗 보조(AI)", 60)
    ('senatsverwaltung-fuer-inneres-sport', '씨앗-보조-ai')
    """
    lowered = unicodedata.normalize("NFC", text).casefold().translate(_UMLAUTS)
    if not lowered.isascii():
        bare = [
            c for c in unicodedata.normalize("NFKD", lowered) if unicodedata.category(c) != "Mn"
        ]
        lowered = unicodedata.normalize("NFC", "".join(bare))
    return shortened(re.sub(r"[^0-9a-z가-힣]+", "-", lowered).strip("-"), length_max)


def shortened(code: str, length_max: int) -> str:
    """A code cut to a length; what was cut leaves a trace, so that two never become one."""
    if len(code) <= length_max:
        return code
    return f"{code[: length_max - 9].rstrip('-.')}-{_digest([code])[:8]}"


def _digest(parts: Iterable[str]) -> str:
    return digest_of(list(parts)).hexdigest()


def digest_of(parts: Sequence[Any]) -> "hashlib._Hash":
    """SHA-256 over values written as one JSON list, so that no two lists share their bytes."""
    return hashlib.sha256(json.dumps(parts, default=str).encode("ascii"))
