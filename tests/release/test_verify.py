"""Verification: a sound release passes; whatever is done to it, the file is named."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import rfc8785

from koga.core.problems import Refusal
from koga.release import checkpoint as notes
from koga.release import keys, log, manifest, proofs
from koga.release.keys import PublicKey, from_seed
from koga.release.manifest import Manifest
from koga.release.verify import Check, verdict, verify
from tests.release.sample import build_sample, sample_key


def failed(folder: Path, key: PublicKey, since: Path | None = None) -> list[Check]:
    return [check for check in verify(folder, key, since) if not check.ok]


def files_of(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


@pytest.fixture(scope="session")
def second(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose log continues an earlier one."""
    folder = tmp_path_factory.mktemp("two")
    first = build_sample(folder / "first", 60, period="2025-H2")[0]
    return build_sample(folder / "second", 60, previous=first)[0]


def test_given_a_sound_release_when_verified_then_everything_holds(
    sample: Path, public: PublicKey
) -> None:
    found = verdict(sample, public)

    assert [check for check in found.checks if not check.ok] == []
    assert found.ok
    assert found.manifest is not None
    assert found.manifest.release == "hannuri-2026-H1"
    named = {check.file for check in found.checks}
    assert set(files_of(sample)) <= named


def test_given_a_later_release_when_verified_since_the_first_then_history_is_kept(
    second: Path, public: PublicKey
) -> None:
    assert failed(second, public, second.parent / "first" / "checkpoint") == []
    assert (second / "log/leaves.txt").read_text().count("\n") == 2


def test_given_an_older_release_when_verified_since_a_newer_then_it_is_rolled_back(
    second: Path, public: PublicKey
) -> None:
    found = failed(second.parent / "first", public, second / "checkpoint")

    assert [(check.name, check.file) for check in found] == [("consistency", "checkpoint")]


def test_given_a_rewritten_history_when_verified_since_the_real_one_then_it_is_detected(
    second: Path, public: PublicKey, tmp_path: Path
) -> None:
    other = build_sample(tmp_path / "other", 60, seed=2, period="2025-H2")[0]
    rewritten = build_sample(tmp_path / "rewritten", 60, previous=other)[0]

    assert failed(rewritten, public) == []
    found = failed(rewritten, public, second.parent / "first" / "checkpoint")

    assert [(check.name, check.file) for check in found] == [("consistency", "log/leaves.txt")]
    assert "rewritten" in found[0].detail


def test_given_another_key_when_verified_then_the_checkpoint_is_named(sample: Path) -> None:
    other = from_seed(sample_key().public.name, b"another key of the same name 001").public

    assert [(check.name, check.file) for check in failed(sample, other)] == [
        ("signature", "checkpoint")
    ]


def test_given_a_release_signed_with_another_key_when_continued_then_it_is_refused(
    tmp_path: Path, sample: Path
) -> None:
    from koga.release.build import build
    from tests.release.sample import sample_head, sample_tables

    with pytest.raises(Refusal) as refused:
        build(
            tmp_path / "next", tables=sample_tables(3), head=sample_head("2026-H2"),
            key=from_seed("hannuri.example/koga", b"z" * 32), previous=sample,
        )  # fmt: skip

    assert [problem.code for problem in refused.value.problems] == ["release.previous"]


def test_given_one_byte_flipped_anywhere_when_verified_then_that_file_is_named(
    second: Path, tmp_path: Path, public: PublicKey
) -> None:
    copied = Path(shutil.copytree(second, tmp_path / "copied"))
    dice = random.Random(20260731)
    for name in files_of(copied):
        place = copied / name
        whole = place.read_bytes()
        for _ in range(3 if name in proofs.UNLISTED else 1):  # one hash holds each of the others
            damaged = bytearray(whole)
            damaged[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
            place.write_bytes(damaged)

            assert name in {check.file for check in failed(copied, public)}, name
        place.write_bytes(whole)
    assert failed(copied, public) == []


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"{}", b"[" * 100_000, b"\xff", b"NaN"])
def test_given_any_file_replaced_when_verified_then_that_file_is_named(
    copied: Path, public: PublicKey, content: bytes
) -> None:
    names = [*proofs.UNLISTED, "datapackage.json", "README.txt", "data/due.parquet"]
    for name in names:
        whole = (copied / name).read_bytes()
        (copied / name).write_bytes(content)

        assert name in {check.file for check in failed(copied, public)}, name
        (copied / name).write_bytes(whole)


def test_given_any_file_removed_when_verified_then_that_file_is_named(
    copied: Path, public: PublicKey
) -> None:
    for name in files_of(copied):
        whole = (copied / name).read_bytes()
        (copied / name).unlink()

        assert name in {check.file for check in failed(copied, public)}, name
        (copied / name).write_bytes(whole)


def test_given_two_files_swapped_when_verified_then_both_are_named(
    copied: Path, public: PublicKey
) -> None:
    one, two = copied / "data/due.csv", copied / "data/flows.csv"
    first, other = one.read_bytes(), two.read_bytes()
    one.write_bytes(other)
    two.write_bytes(first)

    assert {check.file for check in failed(copied, public)} == {"data/due.csv", "data/flows.csv"}


def link(folder: Path) -> None:
    kept = folder.parent / "kept.csv"
    (folder / "data/due.csv").rename(kept)
    (folder / "data/due.csv").symlink_to(kept)


def link_folder(folder: Path) -> None:
    (folder / "data").rename(folder.parent / "away")
    (folder / "data").symlink_to(folder.parent / "away")


def pipe(folder: Path) -> None:
    (folder / "data/due.csv").unlink()
    os.mkfifo(folder / "data/due.csv")


def folder_instead(folder: Path) -> None:
    (folder / "data/due.csv").unlink()
    (folder / "data/due.csv").mkdir()


def extra(folder: Path) -> None:
    (folder / "data/more.csv").write_text("x\n")


def extra_hidden(folder: Path) -> None:
    (folder / ".hidden").write_text("x\n")


def extra_named_oddly(folder: Path) -> None:
    (folder / os.fsdecode(b"odd\xff\nname")).write_text("x\n")


@pytest.mark.parametrize(
    ("act", "name"),
    [
        (link, "data/due.csv"),
        (link_folder, "data/due.csv"),
        (pipe, "data/due.csv"),
        (folder_instead, "data/due.csv"),
        (extra, "data/more.csv"),
        (extra_hidden, ".hidden"),
        (extra_named_oddly, "odd\\xff\nname"),
    ],
)
def test_given_something_that_is_no_file_of_the_release_when_verified_then_it_is_named(
    copied: Path, public: PublicKey, act: Callable[[Path], None], name: str
) -> None:
    act(copied)

    assert name in {check.file for check in failed(copied, public)}


def resigned(folder: Path, change: Callable[[dict], None]) -> None:  # type: ignore[type-arg]
    """Change the manifest and sign it again with the right key: a dishonest builder."""
    given = json.loads((folder / manifest.NAME).read_bytes())
    change(given)
    sign_again(folder, rfc8785.dumps(given))


def sign_again(folder: Path, content: bytes) -> None:
    (folder / manifest.NAME).write_bytes(content)
    shutil.rmtree(folder / "log")
    proofs.append(folder, content, earlier=(), key=sample_key())


@pytest.mark.parametrize(
    "change",
    [
        lambda given: given["files"][0].update(path="../outside"),
        lambda given: given["files"][0].update(path="/etc/hostname"),
        lambda given: given["files"][0].update(path="data/../README.txt"),
        lambda given: given["files"][0].update(bytes=-1),
        lambda given: given["files"][0].update(sha256="A" * 64),
        lambda given: given["files"].append(given["files"][0]),
        lambda given: given["totals"][0].update(sum="1.5"),
        lambda given: given["totals"][0].update(sum="9" * 5000),
        lambda given: given["totals"][0].update(by={}),
        lambda given: given.update(files=None),
        lambda given: given.update(format="another"),
        lambda given: given["files"][3].update(table=["due"]),
        lambda given: given["totals"][0].update(table={}),
        lambda given: given["totals"][0]["by"].update(unit=None),
        lambda given: given.update(koga=1),
        lambda given: given.update(period="2026-H9"),
        lambda given: given.update(signed_on="yesterday"),
        lambda given: given.update(extra="field"),
        lambda given: given.update(previous={"release": "x", "checkpoint": "x"}),
        lambda given: given.pop("ledger_heads"),
    ],
)
def test_given_a_signed_but_impossible_manifest_when_verified_then_it_is_named(
    copied: Path, public: PublicKey, change: Callable[[object], None]
) -> None:
    resigned(copied, change)

    assert "manifest.json" in {check.file for check in failed(copied, public)}


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":1,"a":2}',
        b'{"bytes":1e400}',
        b'{"bytes":' + b"9" * 6000 + b"}",
        b'{"bytes":NaN}',
        b"[" * 200_000 + b"]" * 200_000,
        b'"\\ud800"',
        b"null",
        b"",
    ],
)
def test_given_signed_bytes_that_are_no_manifest_when_verified_then_it_is_named(
    copied: Path, public: PublicKey, content: bytes
) -> None:
    sign_again(copied, content)

    assert [check.file for check in failed(copied, public)] == ["manifest.json"]


def test_given_a_manifest_with_a_field_twice_when_signed_then_it_is_not_canonical(
    copied: Path, public: PublicKey
) -> None:
    content = (copied / manifest.NAME).read_bytes()
    sign_again(copied, content.replace(b'"period":"2026-H1"', b'"period":"x","period":"2026-H1"'))

    assert [(c.file, c.detail) for c in failed(copied, public)] == [
        ("manifest.json", "not in canonical form")
    ]


def test_given_totals_that_do_not_recompute_when_signed_then_verification_says_so(
    copied: Path, public: PublicKey
) -> None:
    def more(given: dict) -> None:  # type: ignore[type-arg]
        total = next(each for each in given["totals"] if each["table"] == "records")
        total["sum"] = str(int(total["sum"]) + 1)

    resigned(copied, more)
    found = failed(copied, public)

    assert ("rows and sums", "data/records.parquet") in {(c.name, c.file) for c in found}
    assert ("data package", "datapackage.json") in {(c.name, c.file) for c in found}


def test_given_ledger_heads_that_differ_when_signed_then_verification_says_so(
    copied: Path, public: PublicKey
) -> None:
    resigned(copied, lambda given: given["ledger_heads"][0].update(entries=1))

    assert [check.name for check in failed(copied, public)] == ["ledger heads"]


def test_given_formats_that_differ_when_signed_then_the_odd_one_is_named(
    copied: Path, public: PublicKey
) -> None:
    def with_other_csv(path: str) -> None:
        place = copied / path
        content = place.read_bytes().replace("한누리시".encode(), "다른도시".encode(), 1)
        place.write_bytes(content)

        def relist(given: dict) -> None:  # type: ignore[type-arg]
            from koga.release.files import sha256_of

            file = next(each for each in given["files"] if each["path"] == path)
            file["sha256"] = sha256_of(place, path)

        resigned(copied, relist)

    for path in ("data/records.csv", "data/records.excel.csv", "data/records.jsonl"):
        with_other_csv(path)
        found = failed(copied, public)
        assert ("rows and sums", path) in {(check.name, check.file) for check in found}


def test_given_no_folder_key_or_checkpoint_when_verified_then_it_is_refused(
    sample: Path, public: PublicKey, tmp_path: Path
) -> None:
    for folder, key, since in (
        (tmp_path / "none", public, None),
        (sample / "README.txt", public, None),
        (sample, str(tmp_path / "none"), None),
        (sample, public, tmp_path / "none"),
        (sample, public, tmp_path),
    ):
        with pytest.raises(Refusal):
            verify(folder, key, since)


def test_given_a_checkpoint_that_is_not_one_when_verified_since_it_then_the_answer_is_no(
    sample: Path, public: PublicKey, tmp_path: Path
) -> None:
    (tmp_path / "c").write_bytes(b"\x00\xff")

    found = failed(sample, public, tmp_path / "c")

    assert [check.name for check in found] == ["consistency"]


def test_given_the_proof_file_alone_when_checked_by_hand_then_it_proves_the_manifest(
    second: Path, public: PublicKey
) -> None:
    content = (second / "release.tlog-proof").read_bytes()
    index, path, note = notes.read_inclusion(content, "p")
    head = notes.open_checkpoint(note, public)
    leaf = log.leaf_hash((second / "manifest.json").read_bytes())

    assert log.includes(leaf, index, head.size, path, head.root)
    assert (index, head.size, len(path)) == (1, 2, 1)


def test_given_the_request_to_witnesses_when_checked_by_hand_then_the_log_only_grew(
    second: Path, public: PublicKey
) -> None:
    before = notes.open_checkpoint((second.parent / "first/checkpoint").read_bytes(), public)
    head, gap, note = (second / "log/add-checkpoint").read_bytes().partition(b"\n\n")
    old, *steps = head.decode().split("\n")
    after = notes.open_checkpoint(note, public)

    assert (old, gap) == ("old 1", b"\n\n")
    assert log.is_consistent(
        earlier=1, size=after.size, earlier_root=before.root, root=after.root,
        proof=[keys.decode(step) for step in steps],
    )  # fmt: skip


def test_given_a_manifest_when_written_and_read_then_it_is_the_same(sample: Path) -> None:
    content = (sample / "manifest.json").read_bytes()
    held = manifest.from_bytes(content)

    assert isinstance(held, Manifest)
    assert manifest.to_bytes(held) == content
    assert held.previous == ""


def test_given_the_list_of_hashes_when_sha256sum_reads_it_then_all_is_ok(sample: Path) -> None:
    import subprocess

    ran = subprocess.run(
        ["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=sample, capture_output=True, check=False
    )

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
