"""Building: the same bytes again, typed rows back, nothing half-made, every problem listed."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from koga.core.problems import Problem, Refusal
from koga.release.build import build
from koga.release.read import open_release
from koga.release.tables import TABLES
from tests.release.sample import (
    Rows,
    build_sample,
    row_of,
    sample_head,
    sample_key,
    sample_tables,
)


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def refused(tmp_path: Path, tables: dict[str, Rows], **given: Any) -> list[Problem]:
    out = tmp_path / "out"
    with pytest.raises(Refusal) as refusal:
        build(out, tables=tables, head=sample_head(), key=sample_key(), **given)
    assert not out.exists()
    assert list(tmp_path.iterdir()) == []
    return refusal.value.problems


def test_given_the_same_tables_when_built_twice_then_every_byte_is_the_same(
    sample: Path, tmp_path: Path
) -> None:
    build_sample(tmp_path / "again", 120)

    assert bytes_of(tmp_path / "again") == bytes_of(sample)


def test_given_one_thread_and_another_hash_seed_when_built_then_every_byte_is_the_same(
    sample: Path, tmp_path: Path, root: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.release.sample import build_sample;"
        "build_sample(Path(sys.argv[1]), 120)"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "alone")], check=True, cwd=root,
        env={"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "7", "TZ": "Asia/Seoul", "LANG": "C"},
    )  # fmt: skip

    assert bytes_of(tmp_path / "alone") == bytes_of(sample)


def test_given_a_release_when_read_then_the_rows_are_those_given(sample: Path) -> None:
    release = open_release(sample)
    given = sample_tables(120)

    assert {name: list(release.rows(name)) for name in TABLES} == given
    assert release.count("records") == 120
    assert release.manifest.period == "2026-H1"


def test_given_a_release_when_read_as_frames_then_the_values_are_those_given(sample: Path) -> None:
    release = open_release(sample)
    given = sample_tables(120)

    for name in TABLES:
        assert release.frame(name).collect().to_dicts() == given[name], name


def test_given_totals_when_summed_by_hand_then_they_are_those_of_the_manifest(
    sample: Path,
) -> None:
    records = sample_tables(120)["records"]
    won = sum(r["amount"] for r in records if r["unit"] == "KRW" and r["counts_in_total"])

    totals = {total.unit: total.sum for total in open_release(sample).manifest.totals_of("records")}

    assert totals["KRW"] == won
    assert set(totals) == {"KRW", "GPU-HOUR-H100", "SEAT", "M2-DAY"}
    assert any(not row["counts_in_total"] for row in records)


def test_given_flows_when_totalled_then_stages_are_never_added(sample: Path) -> None:
    totals = open_release(sample).manifest.totals_of("flows")

    assert {total.by["stage"] for total in totals} == {"committed", "delivered"}


def test_given_sums_beyond_64_bits_when_totalled_then_they_are_exact(tmp_path: Path) -> None:
    tables = sample_tables(0)
    tables["flows"] = [
        row_of("flows", agency="hn-fund", programme="P-EQUITY", instrument="equity",
               stage="committed", unit="KRW", quarter=f"{1000 + number // 4}-Q{number % 4 + 1}",
               amount=2**53 - 1, entries=1)
        for number in range(3000)
    ]  # fmt: skip

    made = build(tmp_path / "big", tables=tables, head=sample_head(), key=sample_key())

    assert [total.sum for total in made.totals_of("flows")] == [3000 * (2**53 - 1)]
    assert 3000 * (2**53 - 1) > 2**64


def test_given_awkward_cells_when_written_then_every_format_carries_them(tmp_path: Path) -> None:
    tables = sample_tables(3)
    texts = [
        'comma, "quote"',
        "line\nend",
        "cr\r\nlf",
        " blanks ",
        "한글 \u2028 é",
        "=1+1",
        "-",
        "0",
    ]
    for row, text in zip(tables["promises"], texts, strict=False):
        row["text_ko"], row["target"] = text, Decimal("-0.000000001")
    tables["records"][0]["amount_own"] = -(2**53) + 1

    build(tmp_path / "out", tables=tables, head=sample_head(), key=sample_key())
    release = open_release(tmp_path / "out")

    assert [row["text_ko"] for row in release.rows("promises")][: len(texts)] == texts
    assert next(iter(release.rows("promises")))["target"] == Decimal("-0.000000001")
    assert release.frame("promises").collect()["text_ko"].to_list()[: len(texts)] == texts
    assert next(iter(release.rows("records")))["amount_own"] == -(2**53) + 1


def test_given_text_that_a_spreadsheet_would_run_when_written_then_only_its_copy_is_guarded(
    tmp_path: Path,
) -> None:
    tables = sample_tables(3)
    tables["promises"][0]["text_ko"] = "=HYPERLINK(1)"
    tables["promises"][0]["now"] = Decimal(-5)

    build(tmp_path / "out", tables=tables, head=sample_head(), key=sample_key())
    excel = (tmp_path / "out/data/promises.excel.csv").read_bytes()
    plain = (tmp_path / "out/data/promises.csv").read_bytes()

    assert excel.startswith(b"\xef\xbb\xbfpromise,agency")
    assert b",'=HYPERLINK(1)," in excel and b",=HYPERLINK(1)," in plain
    assert b",-5," in excel
    assert excel.count(b"\r\n") == excel.count(b"\n") == len(tables["promises"]) + 1
    assert b"\r" not in plain


def test_given_empty_text_when_written_then_it_is_a_blank(tmp_path: Path) -> None:
    tables = sample_tables(3)
    tables["records"][0]["region"] = ""

    build(tmp_path / "out", tables=tables, head=sample_head(), key=sample_key())

    assert next(open_release(tmp_path / "out").rows("records"))["region"] is None


def test_given_only_the_columns_known_when_written_then_the_rest_is_blank(tmp_path: Path) -> None:
    tables = sample_tables(3)
    tables["records"] = [
        {name: cell for name, cell in row.items() if cell is not None} for row in tables["records"]
    ]

    build(tmp_path / "out", tables=tables, head=sample_head(), key=sample_key())

    assert list(open_release(tmp_path / "out").rows("records")) == sample_tables(3)["records"]


def test_given_ten_kinds_of_wrong_cells_when_built_then_all_are_listed_with_their_rows(
    tmp_path: Path,
) -> None:
    tables = sample_tables(120)
    rows = tables["records"]
    rows[0]["amount"] = 1.5
    rows[1]["amount"] = 2**53
    rows[2]["amount"] = True
    rows[3]["awarded_on"] = "2026-01-01"
    rows[4]["agency"] = None
    rows[5]["instrument"] = "gift"
    rows[6]["record"] = rows[5]["record"]
    rows[7]["programme"] = "P-NONE"
    rows[8]["colour"] = "red"
    rows[9]["title"] = "bell \x07"
    rows[10]["title"] = "half \ud800"
    rows[11]["amount"] = 10**40

    found = {(p.code, p.where) for p in refused(tmp_path, tables)}

    assert {
        ("release.kind", "records row 1, amount"),
        ("release.too_large", "records row 2, amount"),
        ("release.kind", "records row 3, amount"),
        ("release.kind", "records row 4, awarded_on"),
        ("release.missing", "records row 5, agency"),
        ("release.closed", "records row 6, instrument"),
        ("release.duplicate", "records row 7"),
        ("release.reference", "records row 8, programme"),
        ("release.column_unknown", "records row 9, colour"),
        ("release.text", "records row 10, title"),
        ("release.text", "records row 11, title"),
        ("release.too_large", "records row 12, amount"),
    } <= found
    assert ("release.missing", "records row 1, amount") not in found


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (Decimal("NaN"), "release.kind"),
        (Decimal("Infinity"), "release.kind"),
        (Decimal("1E-10"), "release.decimal"),
        (Decimal("1E999999"), "release.decimal"),
        (Decimal("1E29"), "release.decimal"),
        (0.5, "release.kind"),
        ("0.5", "release.kind"),
        (True, "release.kind"),
    ],
)
def test_given_a_decimal_no_file_can_carry_when_built_then_it_is_refused(
    tmp_path: Path, cell: Any, code: str
) -> None:
    tables = sample_tables(3)
    tables["promises"][4]["target"] = cell

    assert [(p.code, p.where) for p in refused(tmp_path, tables)] == [
        (code, "promises row 5, target")
    ]


def test_given_a_moment_without_a_zone_when_built_then_it_is_refused(tmp_path: Path) -> None:
    tables = sample_tables(3)
    tables["ledger_heads"][0]["recorded_at"] = datetime(2026, 7, 1)  # noqa: DTZ001
    tables["due"][0]["due_on"] = datetime(2026, 7, 1, tzinfo=UTC)

    assert {(p.code, p.where) for p in refused(tmp_path, tables)} == {
        ("release.kind", "due row 1, due_on"),
        ("release.kind", "ledger_heads row 1, recorded_at"),
    }


def test_given_an_unknown_table_or_attachment_when_built_then_it_is_refused(
    tmp_path: Path,
) -> None:
    found = refused(tmp_path, sample_tables(3) | {"secrets": []}, attachments={"../x": b""})

    assert [problem.code for problem in found] == ["release.attachment", "release.table_unknown"]


def test_given_a_full_target_when_built_then_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("mine")

    with pytest.raises(Refusal) as refusal:
        build_sample(tmp_path / "out", 3)

    assert refusal.value.problems[0].code == "release.out_exists"
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "mine"]


def test_given_rows_that_fail_half_way_when_built_then_nothing_is_left(tmp_path: Path) -> None:
    def rows() -> Any:
        yield sample_tables(1)["records"][0]
        raise OSError("the books went away")

    with pytest.raises(OSError, match="went away"):
        build(tmp_path / "out", tables={"records": rows()}, head=sample_head(), key=sample_key())

    assert list(tmp_path.iterdir()) == []


def test_given_attachments_when_built_then_the_manifest_names_them(tmp_path: Path) -> None:
    made = build(
        tmp_path / "out", tables=sample_tables(3), head=sample_head(), key=sample_key(),
        attachments={"files/schemes/small.toml": b"value = 1\n"},
    )  # fmt: skip

    assert made.file("files/schemes/small.toml").bytes == 10
    assert open_release(tmp_path / "out").file("files/schemes/small.toml").exists()


def test_given_a_damaged_table_when_read_then_it_is_refused_before_the_first_row(
    copied: Path,
) -> None:
    place = copied / "data/records.jsonl"
    place.write_bytes(place.read_bytes().replace(b"HN-0000001", b"HN-0000009", 1))

    with pytest.raises(Refusal) as refusal:
        next(open_release(copied).rows("records"))

    assert refusal.value.problems[0].where == "data/records.jsonl"


def test_given_the_csv_when_read_with_the_standard_library_then_it_is_the_rows(
    sample: Path,
) -> None:
    import csv

    with (sample / "data/records.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    given = sample_tables(120)["records"]

    assert [row["title"] for row in rows] == [row["title"] for row in given]
    assert [int(row["amount"]) for row in rows] == [row["amount"] for row in given]
    assert [date.fromisoformat(row["awarded_on"]) for row in rows] == [
        row["awarded_on"] for row in given
    ]


def test_given_the_json_lines_when_written_by_the_standard_library_then_the_bytes_agree(
    sample: Path,
) -> None:
    content = (sample / "data/records.jsonl").read_text()
    again = "".join(
        json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":")) + "\n"
        for line in content.splitlines()
    )

    assert again == content
