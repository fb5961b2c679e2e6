"""Verifying a release offline, trusting only a public key and, if given, an earlier checkpoint.

Order: signature, log, manifest, history, files, tables. Nothing is parsed before what signs it
has been verified, so damaged or hostile bytes end in a failed check and never in a traceback.
Whatever is wrong inside the folder is a `Check` that is not ok and names the file.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from koga.core.problems import Problem, Refusal
from koga.release import checkpoint as notes
from koga.release import files, keys, log, manifest
from koga.release.checkpoint import Checkpoint
from koga.release.files import Damaged
from koga.release.keys import PublicKey
from koga.release.manifest import Manifest, ReleaseFile
from koga.release.proofs import LEAVES, PROOF, UNLISTED, WITNESS, read_leaves, witness_bytes

Progress = Callable[[str, int], None]
"""Told a file's path and its bytes when it has been read."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    name: what. ok: whether it holds. file: path inside the release, blank for the whole.
    detail: for people: why not.
    """

    name: str
    ok: bool
    file: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every check, and the manifest where it is genuine."""

    checks: list[Check]
    manifest: Manifest | None = None

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(check.ok for check in self.checks)


@dataclass(slots=True)
class _Log:
    """What the log part found: head, its bytes, leaves (None where damaged), manifest bytes."""

    head: Checkpoint
    note: bytes
    leaves: tuple[bytes, ...] | None = None
    checks: list[Check] = field(default_factory=list)


def verify(
    folder: Path, public_key: PublicKey | str | Path, since: Path | None = None
) -> list[Check]:
    """Every check of a release; it verifies when all are ok.

    A `Refusal` only where the folder, the key or the earlier checkpoint is not there.
    """
    return verdict(folder, public_key, since).checks


def verdict(
    folder: Path,
    public_key: PublicKey | str | Path,
    since: Path | None = None,
    *,
    progress: Progress | None = None,
) -> Verdict:
    """Verify a release and keep its manifest, if genuine."""
    if not folder.is_dir():
        raise Refusal(Problem("release.folder", "release", str(folder)))
    key = public_key if isinstance(public_key, PublicKey) else keys.load_public(public_key)
    earlier = _read_checkpoint(since) if since else None
    try:
        note = files.read_small(folder, notes.NAME)
        found = _Log(notes.open_checkpoint(note, key), note)
    except Damaged as damage:
        return Verdict([Check("signature", False, damage.path, damage.reason)])
    checks = [Check("signature", True, notes.NAME)]
    checks += _check_log(folder, found)
    content, included = _check_inclusion(folder, found)
    checks += included
    if earlier is not None:
        checks.append(_check_since(found, earlier, key))
    if content is None:
        return Verdict(checks)
    try:
        held = manifest.from_bytes(content)
    except Damaged as damage:
        return Verdict([*checks, Check("manifest", False, damage.path, damage.reason)])
    checks += [Check("manifest", True, manifest.NAME), _check_previous(held, found, key)]
    checks += _check_files(folder, held, progress)
    if all(check.ok for check in checks if check.name in ("sha256", "manifest")):
        from koga.release import contents

        checks += [Check(*each) for each in contents.checks(folder, held)]
    return Verdict(checks, held)


def _read_checkpoint(since: Path) -> bytes:
    try:
        with since.open("rb") as source:
            return source.read(files.SMALL_BYTES_MAX)
    except (OSError, ValueError):
        raise Refusal(Problem("release.checkpoint", "since", str(since))) from None


def _check_log(folder: Path, found: _Log) -> Iterator[Check]:
    """The leaves give the signed root; the request to witnesses is the one they give."""
    try:
        leaves = read_leaves(files.read_small(folder, LEAVES))
        if len(leaves) != found.head.size or log.root(leaves) != found.head.root:
            raise Damaged(LEAVES, "the leaves do not give the signed root")
        found.leaves = leaves
        yield Check("log", True, LEAVES)
    except Damaged as damage:
        yield Check("log", False, damage.path, damage.reason)
    try:
        content = files.read_small(folder, WITNESS)
        sound = found.leaves is None or content == witness_bytes(found.leaves, found.note.decode())
        yield Check("request to witnesses", sound, WITNESS, "" if sound else "not of this log")
    except Damaged as damage:
        yield Check("request to witnesses", False, damage.path, damage.reason)


def _check_inclusion(folder: Path, found: _Log) -> tuple[bytes | None, list[Check]]:
    """The manifest's bytes where the log holds them as its last leaf, else None."""
    try:
        content = files.read_small(folder, manifest.NAME)
    except Damaged as damage:
        return None, [Check("manifest", False, damage.path, damage.reason)]
    leaf = log.leaf_hash(content)
    proven, reason = _proves(folder, found, leaf)
    checks = [Check("inclusion", proven, PROOF, reason)]
    if found.leaves is not None:
        genuine = bool(found.leaves) and found.leaves[-1] == leaf
        if not genuine:
            checks = [Check("manifest", False, manifest.NAME, "not the one that was signed")]
    else:
        genuine = proven
    return (content if genuine else None), checks


def _proves(folder: Path, found: _Log, leaf: bytes) -> tuple[bool, str]:
    """Whether the offline proof shows the leaf to be the last of the signed log."""
    try:
        content = files.read_small(folder, PROOF)
        index, path, note = notes.read_inclusion(content, PROOF)
    except Damaged as damage:
        return False, damage.reason
    head = found.head
    exact = notes.inclusion_text(index, path, found.note.decode()).encode() == content
    if note != found.note or index != head.size - 1 or not exact:
        return False, "not a proof under this checkpoint"
    shown = log.includes(leaf, index, head.size, path, head.root)
    return shown, "" if shown else "the proof does not lead from this manifest to the signed root"


def _check_since(found: _Log, earlier: bytes, key: PublicKey) -> Check:
    """The log only appended since the earlier checkpoint."""
    name = "consistency"
    try:
        before = notes.open_checkpoint(earlier, key, "--since")
    except Damaged as damage:
        return Check(name, False, notes.NAME, f"the earlier checkpoint: {damage.reason}")
    if before.size > found.head.size:
        return Check(name, False, notes.NAME, f"the earlier log had {before.size} releases")
    if found.leaves is None:
        return Check(name, False, LEAVES, "the log is damaged")
    kept = log.is_consistent(
        earlier=before.size,
        size=found.head.size,
        earlier_root=before.root,
        root=found.head.root,
        proof=log.consistency_proof(found.leaves, before.size),
    )
    return Check(name, kept, LEAVES, "" if kept else "history was rewritten since then")


def _check_previous(held: Manifest, found: _Log, key: PublicKey) -> Check:
    """The manifest names the release before, and the log is that one's with one leaf more."""
    name, size = "previous release", found.head.size
    if not held.previous:
        detail = "" if size == 1 else f"names no release before, but the log has {size}"
        return Check(name, size == 1, manifest.NAME, detail)
    try:
        before = notes.open_checkpoint(held.previous_checkpoint.encode(), key, manifest.NAME)
    except (Damaged, ValueError) as damage:
        return Check(name, False, manifest.NAME, str(damage))
    leaves = found.leaves
    sound = before.size == size - 1 and (leaves is None or log.root(leaves[:-1]) == before.root)
    return Check(name, sound, manifest.NAME, "" if sound else "not the log of the release before")


def _check_files(folder: Path, held: Manifest, progress: Progress | None) -> Iterator[Check]:
    """Every file the manifest names is there with its bytes and hash; nothing else is."""
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        checked = pool.map(lambda file: _check_file(folder, file), held.files)
        for file, check in zip(held.files, checked, strict=True):
            yield check
            if progress:
                progress(file.path, file.bytes)
    expected = {each.path for each in held.files} | set(UNLISTED)
    others = [name for name in files.listing(folder) if name not in expected]
    for name in others:
        yield Check("no other files", False, name, "not named by the manifest")
    if not others:
        yield Check("no other files", True)


def _check_file(folder: Path, file: ReleaseFile) -> Check:
    path = file.path
    try:
        place = files.locate(folder, path)
        found = place.stat().st_size
        if found != file.bytes:
            raise Damaged(path, f"has {found} bytes instead of {file.bytes}")
        if files.sha256_of(place, path) != file.sha256:
            raise Damaged(path, "its bytes are not those that were signed")
    except Damaged as damage:
        return Check("sha256", False, damage.path, damage.reason)
    except OSError as trouble:
        return Check("sha256", False, path, f"unreadable ({trouble.strerror})")
    return Check("sha256", True, path)
