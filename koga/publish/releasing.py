"""From the books to a signed release."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction

from koga.core.dates import Period
from koga.publish import rows, selectors
from koga.release import differences
from koga.release.build import build as build_files
from koga.release.keys import SigningKey, load
from koga.release.manifest import Manifest, ReleaseHead
from koga.release.read import open_release

SHIPPED_SCHEMES = Path(__file__).resolve().parents[2] / "schemes"


def shipped_schemes() -> list[Path]:
    """Scheme files to show; the one that only measures the simulator is none of them."""
    return sorted(p for p in SHIPPED_SCHEMES.glob("*.toml") if not p.stem.startswith("reference"))


def build(
    *,
    period: Period,
    key_file: Path,
    out: Path,
    previous: Path | None,
    schemes: Iterable[Path] | None,
    licence: str,
    benchmarks: Iterable[Path] = (),
) -> Manifest:
    """Build and sign the release of a period; every problem is a `Refusal` and leaves no folder."""
    key = load(key_file)
    chosen = shipped_schemes() if schemes is None else list(schemes)
    with one_moment():
        return _build(period, key, out, previous, chosen, licence, list(benchmarks))


def _build(
    period: Period,
    key: SigningKey,
    out: Path,
    previous: Path | None,
    schemes: list[Path],
    licence: str,
    benchmarks: list[Path],
) -> Manifest:
    taken = rows.snapshot(period)
    name_ko, name_en = selectors.publisher()
    head = ReleaseHead(
        release=release_id(key.public.name, period, _id_of(previous)),
        period=period.name,
        title_ko=f"{name_ko} 성장지원 공개판 {period.label('ko')}",
        title_en=f"{name_en}: support for growth, {period.label('en')}",
        organisation_ko=name_ko,
        organisation_en=name_en,
        signed_on=taken.signed_at,
        licence=licence,
    )
    return build_files(
        out,
        tables=_guarded(rows.tables_of(taken, schemes, benchmarks), previous),
        head=head,
        key=key,
        previous=previous,
        attachments=taken.findings.plans,
    )


def _guarded(
    tables: Mapping[str, Iterable[rows.Row]], previous: Path | None
) -> dict[str, Iterable[rows.Row]]:
    """The tables with those cells hidden that would tell a small one by subtraction."""
    now = {name: list(tables[name]) for name in differences.TOLD}
    before = differences.rows_of(open_release(previous)) if previous else {}
    return {**tables, **differences.protected(now, before)}


@contextmanager
def one_moment() -> Iterator[None]:
    """Read the books as of one moment, without holding up those who post meanwhile."""
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _id_of(previous: Path | None) -> str:
    return open_release(previous).manifest.release if previous else ""


def release_id(origin: str, period: Period, previous: str = "") -> str:
    """The id of a release: the first name of who signs, and the period.

    A further edition of the period the release before was of is numbered.

    >>> release_id("hannuri.example/koga", Period.parse("2026-H1"))
    'hannuri-2026-H1'
    >>> release_id("hannuri.example/koga", Period.parse("2026-H1"), "hannuri-2026-H1-2")
    'hannuri-2026-H1-3'
    """
    stem = re.sub(r"[^a-z0-9]+", "-", origin.lower().partition(".")[0]).strip("-")
    plain = f"{stem[:40] or 'koga'}-{period}"
    edition = re.fullmatch(rf"{re.escape(plain)}(?:-(\d+))?", previous)
    return f"{plain}-{int(edition[1] or 1) + 1}" if edition else plain
