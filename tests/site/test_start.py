"""How the site starts: several at once on one release, never on what is not one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPENED = """
import sys
from pathlib import Path
from koga.site import search
from koga.site.edition import open_edition
print("ready", flush=True)
sys.stdin.readline()
edition = open_edition(Path(sys.argv[1]), Path(sys.argv[2]))
found = search.find(edition, search.read({"q": "AI", "sort": "largest"}, edition))
print(found.count, [edition.index.row(place)["record"] for place in found.places])
"""


def started(code: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def served(folder: Path, at: Path) -> "subprocess.CompletedProcess[str]":
    """What `koga serve --public` says of a folder it will not stand on."""
    return subprocess.run(
        [sys.executable, "-c", "from koga.cli import main; main()",
         "serve", "--public", str(folder), "--port", "1"],
        cwd=at, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def test_given_several_processes_when_they_build_the_index_at_once_then_all_answer_alike(
    release: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    sites = [started(OPENED, str(release), str(cache)) for _ in range(3)]
    assert [site.stdout.readline() for site in sites] == ["ready\n"] * 3  # type: ignore[union-attr]
    for site in sites:
        site.stdin.write("go\n")  # type: ignore[union-attr]
        site.stdin.flush()  # type: ignore[union-attr]
    said = [site.communicate(timeout=60) for site in sites]

    assert [site.returncode for site in sites] == [0, 0, 0], said
    assert len({answer for answer, _ in said}) == 1 and not said[0][0].startswith("0 ")
    assert len(list(cache.iterdir())) == 1


def test_given_a_folder_that_is_no_release_when_served_then_it_is_refused_in_words(
    tmp_path: Path,
) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        answer = served(folder, tmp_path)

        assert answer.returncode == 2
        assert str(folder) in answer.stderr and "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    "path", ["data/records.jsonl", "data/records.parquet", "data/due.csv", "datapackage.json"]
)
def test_given_a_release_with_one_byte_changed_when_served_then_the_file_is_named(
    release: Path, tmp_path: Path, path: str
) -> None:
    copied = Path(shutil.copytree(release, tmp_path / "copied"))
    place = copied / path
    body = bytearray(place.read_bytes())
    body[len(body) // 2] ^= 1
    place.write_bytes(bytes(body))
    answer = served(copied, tmp_path)

    assert answer.returncode == 2
    assert path in answer.stderr and "Traceback" not in answer.stderr


def test_given_a_manifest_cut_short_when_served_then_it_is_named(
    release: Path, tmp_path: Path
) -> None:
    copied = Path(shutil.copytree(release, tmp_path / "copied"))
    place = copied / "manifest.json"
    place.write_bytes(place.read_bytes()[:-100])
    answer = served(copied, tmp_path)

    assert answer.returncode == 2
    assert "manifest.json" in answer.stderr and "Traceback" not in answer.stderr
