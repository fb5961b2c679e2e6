"""Two releases beside each other: growth, corrections, and what nobody explained."""

from decimal import Decimal
from pathlib import Path

import pytest

from koga.release.build import build
from koga.release.diff import Change, Diff, TableDiff, diff
from koga.release.read import open_release
from tests.release.sample import Rows, build_sample, sample_head, sample_key, sample_tables


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sample(tmp_path_factory.mktemp("diff") / "first", 120, period="2025-H2")[0]


def against(first: Path, tmp_path: Path, tables: dict[str, Rows]) -> Diff:
    build(tmp_path / "b", tables=tables, head=sample_head(), key=sample_key(), previous=first)
    return diff(open_release(first), open_release(tmp_path / "b"))


def of(found: Diff, table: str) -> TableDiff:
    return next(each for each in found.tables if each.table == table)


def test_given_the_next_period_when_compared_then_every_change_is_explained(
    first: Path, tmp_path: Path
) -> None:
    tables = sample_tables(120)

    found = against(first, tmp_path, tables)
    records = of(found, "records")
    before = {row["record"] for row in sample_tables(120, period="2025-H2")["records"]}

    assert found.explained
    assert records.added == [row["record"] for row in tables["records"]
                             if row["record"] not in before]  # fmt: skip
    assert {(c.row, c.field, c.explained) for c in records.changes} == {
        (row["row"], row["field"], row["correction"]) for row in tables["corrections"]
    } | {(row["record"], "version", "moves") for row in tables["records"] if row["version"] == 2}
    assert [c.row for c in records.changes if c.field == "*"] == ["HN-TWICE"]


def test_given_a_release_against_itself_when_compared_then_nothing_changed(first: Path) -> None:
    found = diff(open_release(first), open_release(first))

    assert found.explained
    assert [each for each in found.tables if each.added or each.changes] == []
    assert all(old == new for old, new in found.totals)


def test_given_a_change_without_a_correction_when_compared_then_it_is_unexplained(
    first: Path, tmp_path: Path
) -> None:
    tables = sample_tables(120)
    tables["records"][0]["title"] = "다른 과제"

    found = against(first, tmp_path, tables)

    assert not found.explained
    assert of(found, "records").unexplained == [
        Change("records", tables["records"][0]["record"], "title",
               sample_tables(120)["records"][0]["title"], "다른 과제", "")
    ]  # fmt: skip


def test_given_a_row_that_went_without_a_word_when_compared_then_it_is_unexplained(
    first: Path, tmp_path: Path
) -> None:
    tables = sample_tables(120)
    tables["corrections"] = [row for row in tables["corrections"] if row["field"] != "*"]

    found = against(first, tmp_path, tables)

    assert [(c.row, c.field) for c in of(found, "records").unexplained] == [("HN-TWICE", "*")]


def test_given_a_signed_statement_that_changed_when_compared_then_it_is_unexplained(
    first: Path, tmp_path: Path
) -> None:
    tables = sample_tables(120)
    line = next(x for x in tables["statement_lines"] if x["unit"] == "percent")
    line["value"] += Decimal("0.5")

    changes = of(against(first, tmp_path, tables), "statement_lines").unexplained

    assert [(c.field, c.new - c.old) for c in changes] == [("value", Decimal("0.5"))]


def test_given_an_old_correction_when_a_cell_changes_again_then_it_does_not_explain_it(
    tmp_path: Path,
) -> None:
    tables = sample_tables(120)
    build(tmp_path / "a", tables=tables, head=sample_head(), key=sample_key())
    again = sample_tables(120)
    corrected = next(row for row in again["records"] if row["version"] == 2)
    corrected["title"] = "또 고침"
    corrected["amount_city"] = 1

    build(tmp_path / "b", tables=again, head=sample_head(), key=sample_key())
    found = diff(open_release(tmp_path / "a"), open_release(tmp_path / "b"))

    assert {c.field for c in of(found, "records").unexplained} == {"title", "amount_city"}


def test_given_totals_when_compared_then_both_are_given_by_unit(
    first: Path, tmp_path: Path
) -> None:
    found = against(first, tmp_path, sample_tables(120))

    won = [
        (old, new) for old, new in found.totals
        if new and new.table == "records" and new.unit == "KRW" and old
    ]  # fmt: skip
    assert len(won) == 1
    assert won[0][1].sum > won[0][0].sum
