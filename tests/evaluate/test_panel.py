"""Panels: every problem at once, what is left out is counted, periods as they were written."""

from pathlib import Path

import polars as pl
import pytest

from koga.core.problems import Refusal
from koga.evaluate.panels import panel, tables
from koga.evaluate.panels.panel import Declaration, Panel

DID = Declaration(design="did", outcome="y", unit="u", time="t", first_treated="g")


def written(tmp_path: Path, text: str, name: str = "p.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def table(rows: int = 4, **changed: dict[tuple[int, int], object]) -> list[list[object]]:
    """Units 1…rows over 2020-2022; odd ones treated from 2021; `y` differs everywhere."""
    found: list[list[object]] = []
    for unit in range(1, rows + 1):
        for time in (2020, 2021, 2022):
            row = {"u": unit, "t": time, "g": 2021 if unit % 2 else "", "y": unit * time % 13}
            for column, cells in changed.items():
                if (unit, time) in cells:
                    row[column] = cells[unit, time]
            found.append([row[name] for name in "utgy"])
    return found


def csv(rows: list[list[object]], head: str = "u,t,g,y") -> str:
    return "\n".join([head, *(",".join(str(cell) for cell in row) for row in rows)]) + "\n"


def problems(path: Path, declared: Declaration = DID) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refused:
        panel.read(path, declared)
    for problem in refused.value.problems:
        assert problem.message("ko") and problem.message("en")
    return [(problem.code, problem.where) for problem in refused.value.problems]


def test_given_a_sound_panel_when_read_then_rows_cohorts_and_hash_are_told(tmp_path: Path) -> None:
    found = panel.read(written(tmp_path, csv(table())), DID)

    facts = found.facts()
    assert facts["rows"] == {"read": 12, "used": 12, "dropped": {}}
    assert facts["cohorts"] == [{"first": 2021, "units": 2}, {"first": None, "units": 2}]
    assert len(facts["sha256"]) == 64
    assert "“g”" in facts["dating_rule"]["ko"]


@pytest.mark.parametrize("never", ["", "0", "inf", "Inf", "NA", "."])
def test_given_any_way_to_write_never_when_read_then_the_unit_is_never_treated(
    tmp_path: Path, never: str
) -> None:
    rows = [[u, t, g or never, y] for u, t, g, y in table()]

    found = panel.read(written(tmp_path, csv(rows)), DID)

    assert found.facts()["cohorts"][-1] == {"first": None, "units": 2}


def test_given_blank_outcomes_when_read_then_they_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = table(y={(1, 2020): "", (2, 2021): "NA", (3, 2022): "."})

    found = panel.read(written(tmp_path, csv(rows)), DID)

    assert found.facts()["rows"] == {"read": 12, "used": 9, "dropped": {"blank_outcome": 3}}


def test_given_units_treated_from_the_start_or_after_the_end_when_read_then_they_are_counted(
    tmp_path: Path,
) -> None:
    rows = [[u, t, {1: 2019, 3: 2021, 5: 2030}.get(int(str(u)), ""), y] for u, t, _, y in table(6)]

    found = panel.read(written(tmp_path, csv(rows)), DID)

    assert found.dropped == {
        "treated_from_the_start": 3,
        "units_treated_from_the_start": 1,
        "treated_after_the_end_counted_as_never": 1,
    }
    assert found.facts()["cohorts"] == [{"first": 2021, "units": 1}, {"first": None, "units": 4}]


WRONG = [
    ("duplicate rows", [*table(), table()[0]], "evaluate.duplicate_row", "rows 1, 13"),
    ("switches off", table(g={(1, 2022): 0}), "evaluate.switches_off", "row 3, g"),
    ("two dates", table(g={(1, 2022): 2022}), "evaluate.first_varies", "row 3, g"),
    ("nobody untreated", [[u, t, 2021, y] for u, t, _, y in table()], "evaluate.no_untreated", "g"),
    ("nobody treated", [[u, t, "", y] for u, t, _, y in table()], "evaluate.no_treated", "g"),
    ("constant", [[u, t, g, 5] for u, t, g, _ in table()], "evaluate.constant_outcome", "y"),
    ("text", table(y={(2, 2020): "many"}), "evaluate.not_a_number", "row 4, y"),
    ("thousands", table(y={(2, 2020): '"1,200"'}), "evaluate.not_a_number", "row 4, y"),
    ("infinite", table(y={(2, 2020): "inf"}), "evaluate.infinite", "row 4, y"),
    ("no period", table(t={(2, 2020): "soon"}), "evaluate.not_a_period", "row 4, t"),
    ("half a year", table(t={(2, 2020): "2020.5"}), "evaluate.not_a_period", "row 4, t"),
    ("nobody", table(u={(2, 2020): ""}), "evaluate.blank", "row 4, u"),
    ("one period", [row for row in table() if row[1] == 2021], "evaluate.one_period", "t"),
    ("an indicator", [[u, t, 1 if g else 0, y] for u, t, g, y in table()], "evaluate.indicator",
     "g"),
    ("no rows", [], "evaluate.no_rows", "p.csv"),
    ("no outcome", [[u, t, g, ""] for u, t, g, _ in table()], "evaluate.nothing_left", "y"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "code", "where"), [case[1:] for case in WRONG],
                         ids=[case[0] for case in WRONG])  # fmt: skip
def test_given_a_wrong_panel_when_read_then_its_problem_names_the_place(
    tmp_path: Path, rows: list[list[object]], code: str, where: str
) -> None:
    assert (code, where) in problems(written(tmp_path, csv(rows)))


def test_given_many_problems_when_read_then_all_are_told_at_once(tmp_path: Path) -> None:
    rows = [*table(y={(1, 2021): "x", (2, 2021): "inf"}), table()[0]]
    declared = Declaration(
        design="did", outcome="y", unit="u", time="t", first_treated="g",
        covariates=("size",), weights="w",
    )  # fmt: skip

    found = problems(written(tmp_path, csv(rows)), declared)

    assert [code for code, _ in found] == [
        "evaluate.no_column",
        "evaluate.no_column",
        "evaluate.not_a_number",
        "evaluate.infinite",
        "evaluate.duplicate_row",
    ]


def test_given_a_thousand_bad_cells_when_read_then_twenty_are_named_and_the_rest_counted(
    tmp_path: Path,
) -> None:
    rows = [[unit, 2020, "", "x"] for unit in range(1000)]

    found = problems(written(tmp_path, csv(rows)))

    assert [code for code, _ in found].count("evaluate.not_a_number") == 20
    assert ("evaluate.more_cells", "y") in found


def test_given_one_cluster_or_clusters_that_move_when_read_then_each_is_a_problem(
    tmp_path: Path,
) -> None:
    declared = Declaration(
        design="did", outcome="y", unit="u", time="t", first_treated="g", cluster="c"
    )
    one = csv([[*row, "a"] for row in table()], "u,t,g,y,c")
    moving = csv([[*row, number % 2] for number, row in enumerate(table())], "u,t,g,y,c")

    assert problems(written(tmp_path, one), declared) == [("evaluate.one_cluster", "c")]
    assert problems(written(tmp_path, moving), declared)[0][0] == "evaluate.cluster_varies"


def test_given_negative_weights_or_a_column_in_two_parts_when_read_then_each_is_a_problem(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, csv([[*row, -1] for row in table()], "u,t,g,y,w"))
    weighted = Declaration(
        design="did", outcome="y", unit="u", time="t", first_treated="g", weights="w"
    )
    twice = Declaration(
        design="did", outcome="y", unit="u", time="t", first_treated="g", covariates=("y",)
    )

    assert problems(path, weighted)[0] == ("evaluate.negative_weight", "row 1, w")
    assert ("evaluate.two_parts", "outcome, x1") in problems(path, twice)


@pytest.mark.parametrize("times", [["2020-H2", "2021-H1", "2021-H2"], ["2020-Q4", "2021-Q1",
                         "2021-Q2"], ["2020-12", "2021-01", "2021-02"]])  # fmt: skip
def test_given_periods_in_words_when_read_then_they_follow_each_other_and_print_as_written(
    tmp_path: Path, times: list[str]
) -> None:
    names = dict(zip((2020, 2021, 2022), times, strict=True))
    rows = [[u, names[int(str(t))], g and times[1], y] for u, t, g, y in table()]

    found = panel.read(written(tmp_path, csv(rows)), DID)

    numbers = sorted(found.frame["time"].unique())
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert found.facts()["periods"] == times
    assert found.facts()["cohorts"][0] == {"first": times[1], "units": 2}


@pytest.mark.parametrize("form", ["csv", "semicolon", "cp949", "bom", "parquet"])
def test_given_one_table_in_any_form_when_read_then_the_panel_is_the_same(
    tmp_path: Path, form: str
) -> None:
    text = csv(table(), "u,t,g,y").replace("u,t,g,y", "기업,t,g,y")
    declared = Declaration(design="did", outcome="y", unit="기업", time="t", first_treated="g")
    path = tmp_path / "p"
    if form == "parquet":
        pl.read_csv(text.encode()).write_parquet(path)
    elif form == "semicolon":
        path.write_text(text.replace(",", ";"), encoding="utf-8")
    else:
        path.write_text(text, encoding={"csv": "utf-8", "bom": "utf-8-sig"}.get(form, form))

    found = panel.read(path, declared)

    plain = panel.read(written(tmp_path, text), declared)
    assert found.frame.equals(plain.frame)


def test_given_no_file_or_no_table_when_read_then_it_is_a_problem(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.csv")[0][0] == "evaluate.no_file"
    broken = tmp_path / "b.parquet"
    broken.write_bytes(b"PAR1 not really")
    assert problems(broken)[0][0] == "evaluate.unreadable_file"
    empty = written(tmp_path, "")
    assert problems(empty)[0][0] == "evaluate.unreadable_file"


SDID = Declaration(design="sdid", outcome="y", unit="u", time="t", treated="d")


def sdid_table(treated: dict[tuple[int, int], int]) -> str:
    rows: list[list[object]] = [
        [u, t, treated.get((u, t), 0), (u * t) % 11] for u in range(1, 6) for t in range(1, 6)
    ]
    return csv(rows, "u,t,d,y")


def test_given_support_that_switches_off_or_cells_that_miss_when_read_then_sdid_is_refused(
    tmp_path: Path,
) -> None:
    off = written(tmp_path, sdid_table({(1, 3): 1, (1, 4): 1}))
    assert problems(off, SDID) == [("evaluate.switches_off", "row 5, d")]
    apart = written(tmp_path, sdid_table({(1, 4): 1, (1, 5): 1, (2, 5): 1}))
    assert panel.read(apart, SDID).frame.height == 25
    gap = written(tmp_path, "\n".join(sdid_table({(1, 4): 1, (1, 5): 1}).splitlines()[:-1]))
    assert problems(gap, SDID) == [("evaluate.gaps", "u")]


def test_given_scores_on_one_side_when_read_then_rd_is_refused(tmp_path: Path) -> None:
    rows: list[list[object]] = [[number, number % 7] for number in range(60)]
    path = written(tmp_path, csv(rows, "s,y"))
    declared = Declaration(design="rd", outcome="y", score="s", cutoff=100.0)

    assert problems(path, declared) == [("evaluate.few_scores", "s")]


def test_given_take_up_that_is_not_0_or_1_when_read_then_it_is_a_problem(tmp_path: Path) -> None:
    rows: list[list[object]] = [[number % 3, number] for number in range(9)]
    path = written(tmp_path, csv(rows, "d,y"))
    declared = Declaration(design="experiment", outcome="y", treated="d")

    assert problems(path, declared)[0] == ("evaluate.not_binary", "row 3, d")


def test_given_a_frame_when_made_a_panel_then_no_file_is_needed() -> None:
    frame = pl.DataFrame(table(), schema=["u", "t", "g", "y"], orient="row", strict=False)

    found = panel.from_frame(frame, DID, name="made")

    assert isinstance(found, Panel)
    assert found.source == "made"


def test_given_a_workbook_when_read_then_it_is_told_to_be_saved_as_csv(tmp_path: Path) -> None:
    book = tmp_path / "firms.xlsx"
    book.write_bytes(b"PK\x03\x04" + bytes(40))

    with pytest.raises(Refusal) as refused:
        tables.read(book)

    assert "CSV" in str(refused.value.problems[0].value)
