"""Files and rows that are not as they should be: everything is named, the rest goes in."""

import io
import zipfile
from pathlib import Path
from random import Random

import pytest

from koga.core.problems import LANGUAGES, Refusal
from koga.operate.imports import reading
from koga.operate.imports.models import RefusedRow
from koga.operate.imports.sheets import FileSettings
from koga.operate.support.models import Record
from tests.operate.imports import registers
from tests.operate.imports.conftest import Run


@pytest.mark.django_db
def test_given_many_kinds_of_damage_when_imported_then_each_is_named_by_row_and_the_rest_is_in(
    run: Run,
) -> None:
    outcome = run(registers.damaged(40))

    found = {row: problems[0].code for row, problems in outcome.refused.items()}
    assert found == {row: code for row, (_, code) in registers.DAMAGES.items()}
    assert (outcome.read, outcome.added) == (40, 40 - len(registers.DAMAGES))
    assert Record.objects.count() == outcome.added
    assert list(RefusedRow.objects.values_list("row", flat=True)) == list(outcome.refused)
    for row, problems in outcome.refused.items():
        for problem in problems:
            assert f"row {row}" in problem.where
            assert all(problem.message(language) for language in LANGUAGES)


@pytest.mark.django_db
def test_given_a_row_with_several_faults_when_refused_then_all_are_said(run: Run) -> None:
    row = ["1", "", "씨앗", "과제", "", "", "어제", "많이", "", ""]

    outcome = run(registers.texts_as_csv([row]))

    assert {problem.code for problem in outcome.refused[1]} == {
        "imports.blank", "dates.unreadable", "money.unreadable"
    }  # fmt: skip


@pytest.mark.django_db
def test_given_an_unknown_currency_when_refused_then_known_ones_go_in(run: Run) -> None:
    mapping = registers.MAPPING.replace(
        '[fields.unit]\nconstant = "KRW"',
        '[fields.unit]\ncolumn = "지역"\nmap = { "유로" = "EUR", "원" = "KRW" }',
    )
    rows = [list(row.texts()) for row in registers.lines(4)]
    for row, unit in zip(rows, ("원", "유로", "XDR", ""), strict=True):
        row[5] = unit

    outcome = run(registers.texts_as_csv(rows), mapping)

    assert outcome.refused[3][0].code == "units.unknown"
    assert outcome.refused[4][0].code == "imports.blank"
    amounts = [line.amount for line in registers.lines(4)]
    assert outcome.totals == {"KRW": amounts[0], "EUR": amounts[1] * 100}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["register.xlsx", "register-other.xlsx"])
def test_given_float_noise_in_excel_when_read_then_the_fifteen_digits_people_see(
    run: Run, tmp_path: Path, name: str
) -> None:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ("a", "b", "c"))
        page.write_row(1, 0, (1234.99999984, 0.1 + 0.2, 1e15))

    sheet = reading.read(registers.write(tmp_path, name, out.getvalue()), FileSettings())

    assert sheet.rows[0].cells == ("1234.99999984", "0.3", "1000000000000000")


FILES = {
    "empty.csv": (b"", "imports.empty"),
    "blanks.csv": (b" \n\n \n", "imports.empty"),
    "page.xls": (b"<html><table><tr><td>1</td></tr></table></html>", "imports.wrong_kind"),
    "paper.csv": (b"%PDF-1.7 ...", "imports.wrong_kind"),
    "noise.csv": (bytes(Random(1).randbytes(5000)).replace(b"PAR1", b""), "imports.wrong_kind"),
    "packed.csv": (b"\x1f\x8b\x08abc", "imports.wrong_kind"),
    "broken.xlsx": (registers.as_excel(registers.lines(3))[:3000], "imports.unreadable"),
    "broken.parquet": (b"PAR1" + b"x" * 99 + b"PAR1", "imports.unreadable"),
    "cut.parquet": (registers.as_parquet(registers.lines(3))[:-9], "imports.unreadable"),
    "other.csv": (b"alpha,beta\n1,2\n", "imports.column_unknown"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", FILES)
def test_given_a_file_that_is_no_register_when_imported_then_it_is_refused_in_words(
    run: Run, name: str
) -> None:
    content, code = FILES[name]

    with pytest.raises(Refusal) as refused:
        run(content, name=name)

    assert {problem.code for problem in refused.value.problems} == {code}
    assert Record.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", ["register.csv", "register.xlsx", "register.parquet"])
def test_given_bytes_changed_at_random_when_imported_then_refused_or_read_but_never_a_crash(
    run: Run, name: str, seed: int
) -> None:
    draw = Random(f"{name} {seed}")
    content = bytearray(registers.FORMS[name](registers.lines(20)))
    for _ in range(draw.randint(1, 40)):
        content[draw.randrange(len(content))] = draw.randrange(256)

    try:
        outcome = run(bytes(content), name=name)
    except Refusal as refusal:
        assert all(problem.message("ko") for problem in refusal.problems)
    else:
        assert outcome.read == outcome.added + len(outcome.refused)


def test_given_no_file_when_read_then_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(Refusal) as refused:
            reading.read(path, FileSettings())
        assert refused.value.problems[0].code == "imports.no_file"


def test_given_an_archive_that_unpacks_to_gigabytes_when_read_then_refused(
    tmp_path: Path,
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (200 * 2**20))

    with pytest.raises(Refusal) as refused:
        reading.read(registers.write(tmp_path, "bomb.xlsx", out.getvalue()), FileSettings())

    assert refused.value.problems[0].code == "imports.unpacks"


def test_given_several_filled_sheets_when_none_is_named_then_they_are_listed(
    tmp_path: Path,
) -> None:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name in ("상반기", "하반기"):
            book.add_worksheet(name).write_row(0, 0, ("a", "b"))
        book.add_worksheet("빈 시트")
    path = registers.write(tmp_path, "two.xlsx", out.getvalue())

    with pytest.raises(Refusal) as refused:
        reading.read(path, FileSettings())
    chosen = reading.read(path, FileSettings(sheet="하반기"))
    with pytest.raises(Refusal) as unknown:
        reading.read(path, FileSettings(sheet="연간"))

    assert refused.value.problems[0].code == "imports.which_sheet"
    assert chosen.columns == ("a", "b")
    assert "상반기" in unknown.value.problems[0].message("ko")


CSV_CASES = {
    "a cell over two lines": (b'a,b\n"x\ny",2\n3,4\n', [("x\ny", "2"), ("3", "4")]),
    "quotes inside": (b'a,b\n"say ""yes""",2\n', [('say "yes"', "2")]),
    "quotes in the middle": (b'a,b\nsize 5" wide,2\n', [('size 5" wide', "2")]),
    "old Mac lines": (b"a,b\r1,2\r3,4\r", [("1", "2"), ("3", "4")]),
    "blank lines": (b"a,b\n\n1,2\n,\n3,4\n", [("1", "2"), ("3", "4")]),
    "empty cells beyond": (b"a,b\n1,2,,\n", [("1", "2")]),
    "line separator inside": ("a,b\nx\u2028y,2\n".encode(), [("x\u2028y", "2")]),
}


@pytest.mark.parametrize("name", CSV_CASES)
def test_given_csv_as_it_comes_when_read_then_rows_are_what_was_meant(
    tmp_path: Path, name: str
) -> None:
    content, expected = CSV_CASES[name]

    sheet = reading.read(registers.write(tmp_path, "x.csv", content), FileSettings())

    assert [row.cells for row in sheet.rows] == expected


def test_given_an_open_quotation_mark_when_read_then_only_its_row_is_lost(
    tmp_path: Path,
) -> None:
    content = b'a,b\n1,2\n"3,4\n5,6\n"7",8\n9,10\n'

    sheet = reading.read(registers.write(tmp_path, "x.csv", content), FileSettings())

    good = [row.cells for row in sheet.rows if not row.problems]
    assert good == [("1", "2"), ("5", "6"), ("7", "8"), ("9", "10")]
    assert [row.number for row in sheet.rows if row.problems] == [2]


def test_given_title_lines_above_when_the_header_row_is_named_then_it_is_found(
    tmp_path: Path,
) -> None:
    path = registers.write(tmp_path, "x.csv", "보조금 대장,\n2026년,\na,b\n1,2\n".encode())

    sheet = reading.read(path, FileSettings(header_row=3))

    assert (sheet.columns, [row.cells for row in sheet.rows]) == (("a", "b"), [("1", "2")])
    with pytest.raises(Refusal) as refused:
        reading.read(path, FileSettings(header_row=30))
    assert refused.value.problems[0].code == "imports.header"
