"""Schemes through a workbook and back, and what a wrong workbook is told."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from koga.cli import build_app
from koga.core.problems import Refusal
from koga.documents import scheme_workbook, scheme_workbook_reading
from koga.plan.schemes import scheme, writing


def exported(root: Path, folder: Path, code: str) -> Path:
    source = root / "schemes" / f"{code}.toml"
    comments = writing.comments_of(source.read_text())
    book = folder / f"{code}.xlsx"
    scheme_workbook.write(book, scheme.load(source), comments)
    return book


@pytest.mark.parametrize("code", ["koga-500", "national-growth-150", "small"])
def test_given_a_scheme_when_it_goes_through_a_workbook_then_it_is_the_same(
    root: Path, tmp_path: Path, code: str
) -> None:
    source = root / "schemes" / f"{code}.toml"
    first = scheme.load(source)

    body = scheme_workbook_reading.read(exported(root, tmp_path, code))

    (tmp_path / "again.toml").write_text(body)
    again = scheme.load(tmp_path / "again.toml")
    bare = [{path: replace(leaf, line=0) for path, leaf in each.leaves.items()}
            for each in (first, again)]  # fmt: skip
    assert bare[0] == bare[1]
    assert (again.plain, again.entries, again.sources) == (
        first.plain, first.entries, first.sources,
    )  # fmt: skip
    assert body == writing.text(first, writing.comments_of(source.read_text()))


Edit = Callable[[Any], None]


def edited(root: Path, tmp_path: Path, edit: Edit) -> Path:
    path = exported(root, tmp_path, "small")
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return path


def row_of(book: Any, path: str) -> int:
    return next(row[0].row for row in book["값"].iter_rows() if row[0].value == path)


def put(path: str, column: str, value: object) -> Edit:
    def edit(book: Any) -> None:
        keys = [cell.value for cell in book["값"][2]]
        book["값"].cell(row_of(book, path), keys.index(column) + 1, value)

    return edit


def test_given_a_figure_changed_in_the_book_when_read_then_the_file_has_it(
    root: Path, tmp_path: Path
) -> None:
    book = edited(root, tmp_path, put("fund.reinvested_share", "value", "75%"))

    (tmp_path / "new.toml").write_text(scheme_workbook_reading.read(book))

    assert scheme.load(tmp_path / "new.toml").leaves["fund.reinvested_share"].text == "0.75"


@pytest.mark.parametrize(
    ("path", "column", "value", "code"),
    [
        ("fund.reinvested_share", "value", "lots", "scheme.type"),
        ("fund.reinvested_share", "low", 0.9, "scheme.range"),
        ("fund.first_year", "basis", "heard", "scheme.basis"),
        ("sector.ai.weight", "note_ko", "", None),
        ("size.all.total", "value", "99억", "scheme.formula_mismatch"),
        ("capital.city.rank", "value", "golden", "scheme.choice"),
    ],
)
def test_given_a_wrong_cell_when_read_then_sheet_row_and_field_are_told(
    root: Path, tmp_path: Path, path: str, column: str, value: object, code: str | None
) -> None:
    book = edited(root, tmp_path, put(path, column, value))
    if code is None:
        assert scheme_workbook_reading.read(book)
        return

    with pytest.raises(Refusal) as refused:
        scheme_workbook_reading.read(book)

    row = row_of(openpyxl.load_workbook(book), path)
    told = {problem.code: problem.where for problem in refused.value.problems}
    assert told[code].startswith(f"값!{row} ")
    assert path in told[code]


def test_given_a_row_twice_when_read_then_both_rows_are_told(root: Path, tmp_path: Path) -> None:
    def twice(book: Any) -> None:
        book["값"].append([cell.value for cell in book["값"][row_of(book, "fund.first_year")]])

    with pytest.raises(Refusal) as refused:
        scheme_workbook_reading.read(edited(root, tmp_path, twice))

    assert [problem.code for problem in refused.value.problems] == ["book.twice"]
    assert refused.value.problems[0].value == "fund.first_year"


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda book: book.remove(book["값"]), "book.sheet"),
        (lambda book: book["값"].delete_cols(6), "book.column"),
        (lambda book: book["값"].append(["fund..x", "", "", 1]), "book.path"),
    ],
)
def test_given_a_workbook_out_of_shape_when_read_then_it_says_what_is_missing(
    root: Path, tmp_path: Path, edit: Edit, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        scheme_workbook_reading.read(edited(root, tmp_path, edit))

    assert code in [problem.code for problem in refused.value.problems]


def test_given_no_workbook_at_all_when_read_then_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"not a workbook")

    with pytest.raises(Refusal) as refused:
        scheme_workbook_reading.read(path)

    assert refused.value.problems[0].code == "book.unreadable"


def test_given_the_commands_when_run_then_they_answer_json_and_exit_codes(
    root: Path, tmp_path: Path
) -> None:
    run = CliRunner()
    book, file = str(tmp_path / "b.xlsx"), str(tmp_path / "b.toml")
    source = str(root / "schemes" / "small.toml")

    out = run.invoke(build_app(), ["scheme", "export", source, "--xlsx", book, "--json"])
    back = run.invoke(build_app(), ["scheme", "import", book, "--out", file, "--json"])
    wrong = run.invoke(build_app(), ["scheme", "import", source, "--out", file, "--json"])

    assert (out.exit_code, back.exit_code, wrong.exit_code) == (0, 0, 2)
    assert json.loads(back.stdout)["hash"] == scheme.load(file).sha256
    assert json.loads(wrong.stdout)["problems"][0]["code"] == "book.unreadable"
