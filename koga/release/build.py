"""Building a release: a pure function of tables, head, key and the release before.

Everything is written beside the target, checked, signed, brought to disk and only then renamed
into place. Nothing half-made is ever left under the target's name, and no clock is read.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import koga
from koga.core.problems import Problem, Refusal
from koga.release import checkpoint as notes
from koga.release import checks, describe, differences, files, log, manifest, proofs
from koga.release.files import Damaged
from koga.release.keys import PublicKey, SigningKey
from koga.release.manifest import Manifest, ReleaseFile, ReleaseHead
from koga.release.read import open_release
from koga.release.tables import TABLES
from koga.release.write import Progress, Written, write_table

__all__ = ["ReleaseHead", "build"]


@dataclass(frozen=True, slots=True)
class Past:
    """The log so far: leaf hashes, and the id and checkpoint of the release before."""

    leaves: tuple[bytes, ...] = ()
    release: str = ""
    checkpoint: str = ""


def build(
    out: Path,
    *,
    tables: Mapping[str, Iterable[Mapping[str, Any]]],
    head: ReleaseHead,
    key: SigningKey,
    previous: Path | None = None,
    attachments: Mapping[str, bytes] | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """Build and sign the release of some tables in the folder `out`.

    tables: rows by table name; a table left out has no rows. previous: the folder of the release
    before, signed with the same key. attachments: further files by path, under `files/`.
    A `Refusal` lists every problem; then `out` does not exist.
    """
    found = [*head.problems(), *_target_problems(out), *_attachment_problems(attachments or {})]
    found += [Problem("release.table_unknown", "tables", name) for name in tables.keys() - TABLES]
    past = _past(previous, key.public, head) if previous else Past()
    if found:
        raise Refusal(found)
    out.parent.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        (room / "data").mkdir()
        written = {
            name: write_table(room, table, tables.get(name, ()), progress=progress)
            for name, table in TABLES.items()
        }
        _refuse_wrong(room, written, head, previous)
        listed = [file for each in written.values() for file in each.files]
        totals = [total for each in written.values() for total in each.totals]
        listed += [_put(room, path, content) for path, content in (attachments or {}).items()]
        package = describe.data_package(head, listed, totals, koga.__version__)
        listed.append(_put(room, describe.DATA_PACKAGE, package))
        listed.append(_put(room, describe.READ_ME, describe.read_me(head, key.public.name)))
        listed.sort(key=lambda file: file.path)
        listed.append(_put(room, describe.HASHES, describe.hashes(listed)))
        made = Manifest(
            head=head,
            koga=koga.__version__,
            files=tuple(sorted(listed, key=lambda file: file.path)),
            totals=tuple(totals),
            ledger_heads=tuple(checks.ledger_heads(room)),
            previous=past.release,
            previous_checkpoint=past.checkpoint,
            withheld=tuple(checks.withheld(room)),
        )
        content = manifest.to_bytes(made)
        _put(room, manifest.NAME, content)
        proofs.append(room, content, earlier=past.leaves, key=key)
        _settle(room, out)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return manifest.from_bytes(content)


def _target_problems(out: Path) -> list[Problem]:
    if not os.path.lexists(out):
        return []
    empty = out.is_dir() and not out.is_symlink() and not any(out.iterdir())
    return [] if empty else [Problem("release.out_exists", "out", str(out))]


def _attachment_problems(attachments: Mapping[str, bytes]) -> list[Problem]:
    return [
        Problem("release.attachment", "attachments", path)
        for path in attachments
        if not (files.is_safe(path) and path.startswith("files/"))
    ]


def _past(previous: Path, key: PublicKey, head: ReleaseHead) -> Past:
    """The log that a release carries; a `Refusal` unless this key signed exactly that log."""
    try:
        note = files.read_small(previous, notes.NAME)
        signed = notes.open_checkpoint(note, key)
        leaves = proofs.read_leaves(files.read_small(previous, proofs.LEAVES))
        content = files.read_small(previous, manifest.NAME)
        before = manifest.from_bytes(content)
    except Damaged as damage:
        raise Refusal(Problem("release.previous", str(previous), str(damage))) from None
    whole = signed.size == len(leaves) and signed.root == log.root(leaves)
    if not whole or not leaves or leaves[-1] != log.leaf_hash(content):
        raise Refusal(Problem("release.previous", str(previous), proofs.LEAVES))
    if before.release == head.release:
        raise Refusal(Problem("release.same_id", str(previous), head.release))
    return Past(leaves, before.release, note.decode())


def _refuse_wrong(
    room: Path, written: Mapping[str, Written], head: ReleaseHead, previous: Path | None
) -> None:
    """Everything wrong with the cells and with the tables together, as one `Refusal`.

    So is a hidden cell that subtraction from the release before would tell.
    """
    found = [problem for each in written.values() for problem in each.refused.problems]
    wrong = {(name, *cell) for name, each in written.items() for cell in each.refused.wrong}
    found += checks.problems(room, period=head.period, reported_already=wrong)
    if not found and previous is not None:
        found += differences.problems(_leaks(room, previous))
    if found:
        raise Refusal(found)


def _leaks(room: Path, previous: Path) -> list[differences.Leak]:
    tables = checks.open_tables(room)
    now = {name: tables[name].collect().to_dicts() for name in differences.TOLD}
    return differences.leaks(now, differences.rows_of(open_release(previous)))


def _put(room: Path, path: str, content: bytes) -> ReleaseFile:
    place = room / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return ReleaseFile(path, len(content), files.sha256_of(place, path))


def _settle(room: Path, out: Path) -> None:
    """Bring every byte to disk, then give the folder its name in one step."""
    for place in sorted(room.rglob("*")):
        files.sync(place)
    room.chmod(0o755)
    files.sync(room)
    room.rename(out)
    files.sync(out.parent)
