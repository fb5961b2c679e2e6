"""What every page reads: the edition, opened once, and what stands at the top of each page."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings

from koga.core.problems import Problem, Refusal
from koga.release.manifest import LICENCES
from koga.site import edition as editions
from koga.site import telling
from koga.site.edition import Edition

ROOMS = (
    ("front", "", "한눈에", "Overview"),
    ("statements", "statements", "기관 보고", "Statements"),
    ("search", "search", "지원 내역", "Records"),
    ("programmes", "programmes", "사업", "Programmes"),
    ("schemes", "schemes", "계획(스킴)", "Schemes"),
    ("effects", "effects", "성과", "Effects"),
    ("downloads", "downloads", "자료 받기", "Downloads"),
)
"""The seven words of navigation: room, address, Korean, English."""
REPORTED = ("signed", "signed_late", "nil")
"""States in which a due statement is there."""
_opening = Lock()


class Absent(LookupError):
    """The release has no such thing."""


def edition() -> Edition:
    """The release this process shows; a `Refusal` where it cannot be opened."""
    with _opening:
        return _opened(settings.KOGA_RELEASE_DIR, settings.KOGA_CACHE_DIR)


@lru_cache(maxsize=4)
def _opened(folder: str, cache: str) -> Edition:
    if not folder:
        raise Refusal(Problem("release.folder", "KOGA_RELEASE_DIR", ""))
    return editions.open_edition(Path(folder), Path(cache))


def shared(edition: Edition, language: str, address: str, room: str) -> dict[str, Any]:
    """The trust line, the navigation, the other language's address, the footer."""
    other = "en" if language == "ko" else "ko"
    return {
        "language": language,
        "other_language": other,
        "other_address": f"/{other}{address[3:]}",
        "site": {
            **_imprint(edition, language),
            "rooms": [
                {
                    "name": ko if language == "ko" else en,
                    "address": f"/{language}/{place}",
                    "here": name == room,
                    "exact": address.partition("?")[0] == f"/{language}/{place}",
                }
                for name, place, ko, en in ROOMS
            ],
        },
    }


@lru_cache(maxsize=8)
def _imprint(edition: Edition, language: str) -> Mapping[str, Any]:
    head, due = edition.head, edition.due_now()
    late = {row["agency"] for row in edition.tables["due"] if row["state"] == "missing"}
    early = {row["agency"] for row in due if row["state"] == "not_yet_due"} - late
    korean = language == "ko"
    return {
        "name": _name(head.organisation_ko if korean else head.organisation_en, language),
        "title": head.title_ko if korean else head.title_en,
        "period": edition.period.label(language),
        "signed": telling.day(telling.seoul(head.signed_on).date(), language),
        "owed": len(due),
        "reported": sum(row["state"] in REPORTED for row in due),
        "missing": len(late),
        "early": len(early),
        "licence": LICENCES[head.licence][0 if korean else 1],
        "release": head.release,
        "hash": edition.name,
    }


def _name(organisation: str, language: str) -> str:
    """The name of the site: whose open books these are."""
    behind = "성장지원 공개장부" if language == "ko" else "open growth ledger"
    return organisation if behind in organisation else f"{organisation} {behind}"
