"""A release is read by its own declaration: one made before a column was added still verifies."""

from dataclasses import replace
from pathlib import Path

import pytest

import koga
from koga.release.build import build
from koga.release.declared import read_tables
from koga.release.diff import diff
from koga.release.keys import PublicKey
from koga.release.read import open_release
from koga.release.tables import DUE, TABLES
from koga.release.verify import verify
from tests.release.sample import build_sample, sample_head, sample_key, sample_tables


def build_earlier(out: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> Path:
    """A release by a koga that had no column `due.reason` and no table `targets`."""
    tables = sample_tables(60, period="2025-H2")
    with monkeypatch.context() as patched:
        patched.setitem(TABLES, "due", replace(DUE, columns=DUE.columns[:-1]))
        patched.delitem(TABLES, "targets")
        patched.setattr(koga, "__version__", version)
        del tables["targets"]
        for row in tables["due"]:
            del row["reason"]
        build(out, tables=tables, head=sample_head("2025-H2"), key=sample_key())
    return out


def test_given_a_release_when_its_declaration_is_read_then_it_is_today_s(sample: Path) -> None:
    assert read_tables((sample / "datapackage.json").read_bytes()) == TABLES


def test_given_a_release_of_an_earlier_koga_when_read_then_what_is_new_is_blank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, public: PublicKey
) -> None:
    folder = build_earlier(tmp_path / "old", monkeypatch, "0.0.9")
    release = open_release(folder)

    assert [check for check in verify(folder, public) if not check.ok] == []
    assert {row["reason"] for row in release.rows("due")} == {None}
    assert release.frame("due").collect()["reason"].null_count() == 12
    assert list(release.rows("targets")) == []
    assert release.frame("targets").collect().height == release.count("targets") == 0


def test_given_releases_of_two_versions_when_compared_then_a_new_column_is_no_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build_earlier(tmp_path / "old", monkeypatch, "0.0.9")
    second = build_sample(tmp_path / "new", 60, previous=first)[0]

    found = diff(open_release(first), open_release(second))

    assert found.explained
    assert {change.field for table in found.tables for change in table.changes} >= {"*", "amount"}
    assert next(each for each in found.tables if each.table == "targets").rows == (0, 2)


def test_given_tables_declared_otherwise_by_the_same_version_when_verified_then_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, public: PublicKey
) -> None:
    folder = build_earlier(tmp_path / "odd", monkeypatch, koga.__version__)

    found = [check for check in verify(folder, public) if not check.ok]

    assert [(check.name, check.file) for check in found] == [
        ("declared tables", "datapackage.json")
    ]


@pytest.mark.parametrize(
    "content", [b"", b"null", b"{}", b'{"resources": [1]}', b'{"resources": [{"path": "x"}]}',
                b"[" * 100_000, b'{"resources": {"a": 1}}'],
)  # fmt: skip
def test_given_what_is_no_data_package_when_read_then_it_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_tables(content)
