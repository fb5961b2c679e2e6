"""Who received: named, a person (an opaque number only), several together, or not stated."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from koga.core.problems import Problem
from koga.operate.imports.mapping import RegisterMapping
from koga.release.tables import RECIPIENT_CLASSES

NAME_MAX, NUMBER_MAX = 300, 60
_TOO_FINE = re.compile(r"[0-9]|(?:동|읍|면|리|로|길)$")
Reader = Callable[[Mapping[str, str], int, list[Problem]], "Recipient"]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who received, as the books may know it. opaque: a person's number under the books' secret."""

    kind: str
    name: str = ""
    number: str = ""
    opaque: str = ""

    def region(self, text: str) -> str:
        """The region; a person's only down to 시군구, so that it singles nobody out.

        >>> Recipient("person").region("한누리시 온새구 마루동 12")
        '한누리시 온새구'
        """
        if self.kind != "person":
            return text
        kept = []
        for word in text.split():
            if _TOO_FINE.search(word):
                break
            kept.append(word)
        return " ".join(kept)


def opaque_id(secret: str, text: str) -> str:
    """The same person's same number, from which nobody without the secret finds the person."""
    digest = hmac.new(bytes.fromhex(secret), text.encode(), hashlib.sha256).hexdigest()
    return "p" + digest[:16]


def recipient_reader(mapping: RegisterMapping, secret: str) -> Reader:
    """A function from a row's texts to its recipient."""

    def read(text: Mapping[str, str], number: int, problems: list[Problem]) -> Recipient:
        name, number_text = text["recipient"], text["recipient_id"]
        kind = text["recipient_class"] or _kind(mapping, name)
        where = f"row {number}, recipient"
        if kind not in RECIPIENT_CLASSES:
            expected = {"expected": ", ".join(RECIPIENT_CLASSES)}
            problems.append(Problem("imports.choice", f"{where}_class", kind, expected))
            return Recipient("none")
        if kind == "person":
            known = number_text or name
            return Recipient("person", opaque=opaque_id(secret, known) if known else "")
        if kind == "named" and not name:
            problems.append(Problem("imports.blank", where, "recipient"))
        for value, limit in ((name, NAME_MAX), (number_text, NUMBER_MAX)):
            if len(value) > limit:
                length, most = f"{len(value):,}", {"limit": f"{limit:,}"}
                problems.append(Problem("imports.too_long", where, length, most))
        if kind == "none":
            return Recipient("none")
        return Recipient(kind, name, number_text)

    return read


def _kind(mapping: RegisterMapping, name: str) -> str:
    if not name:
        return "none"
    if any(pattern.search(name) for pattern in mapping.aggregate):
        return "aggregate"
    if any(pattern.search(name) for pattern in mapping.person):
        return "person"
    return "named"
