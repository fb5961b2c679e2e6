"""What tables must say together: each rule broken once, named with table and row."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from koga.core.problems import Refusal
from koga.release.build import build
from tests.release.sample import Rows, row_of, sample_head, sample_key, sample_tables

Break = Callable[[dict[str, Rows]], object]


def broken(tmp_path: Path, act: Break) -> list[tuple[str, str]]:
    tables = sample_tables(120)
    act(tables)
    with pytest.raises(Refusal) as refused:
        build(tmp_path / "out", tables=tables, head=sample_head(), key=sample_key())
    assert all(p.message("ko") and p.message("en") for p in refused.value.problems)
    return [(problem.code, problem.where) for problem in refused.value.problems]


def first(tables: dict[str, Rows], **wanted: object) -> int:
    """The place of the first record with these cells, counted from 0."""
    return next(
        place
        for place, row in enumerate(tables["records"])
        if all(row[name] == value for name, value in wanted.items())
    )


def test_given_a_record_more_than_flows_when_built_then_the_difference_is_named(
    tmp_path: Path,
) -> None:
    def act(tables: dict[str, Rows]) -> None:
        tables["records"][0]["amount"] += 1

    row = sample_tables(120)["records"][0]

    assert broken(tmp_path, act) == [
        ("release.flows_differ", f"flows, {row['agency']}, {row['programme']}, {row['unit']}")
    ]


def test_given_delivered_flows_without_their_records_when_built_then_it_is_named(
    tmp_path: Path,
) -> None:
    def act(tables: dict[str, Rows]) -> None:
        tables["flows"] += [
            row_of("flows", agency="hn-growth", programme="P-GPU", instrument="compute",
                   stage="delivered", unit="GPU-HOUR-H100", quarter="2026-Q2", amount=5, entries=1)
        ]  # fmt: skip

    assert broken(tmp_path, act) == [
        ("release.flows_differ", "flows, hn-growth, P-GPU, GPU-HOUR-H100")
    ]


def test_given_a_programme_that_keeps_no_records_when_built_then_flows_stand_alone(
    tmp_path: Path,
) -> None:
    tables = sample_tables(0)
    tables["flows"] = [
        row_of("flows", agency="hn-fund", programme="P-EQUITY", instrument="equity",
               stage="delivered", unit="KRW", quarter="2026-Q1", amount=7, entries=1)
    ]  # fmt: skip

    made = build(tmp_path / "out", tables=tables, head=sample_head(), key=sample_key())

    assert [total.sum for total in made.totals_of("flows")] == [7]


def test_given_a_parent_and_its_child_both_counted_when_built_then_the_child_is_named(
    tmp_path: Path,
) -> None:
    place = first(sample_tables(120), counts_in_total=False)

    def act(tables: dict[str, Rows]) -> None:
        tables["records"][place]["counts_in_total"] = True

    assert broken(tmp_path, act) == [
        ("release.counted_twice", f"records row {place + 1}, counts_in_total")
    ]


def test_given_a_grandchild_and_its_ancestor_counted_when_built_then_it_is_named(
    tmp_path: Path,
) -> None:
    def act(tables: dict[str, Rows]) -> None:
        one, two, three = (tables["records"][place] for place in (0, 10, 20))
        three["parent"], two["parent"] = two["record"], one["record"]
        two["counts_in_total"] = False

    assert broken(tmp_path, act) == [("release.counted_twice", "records row 21, counts_in_total")]


def test_given_parents_in_a_circle_when_built_then_it_is_named(tmp_path: Path) -> None:
    def act(tables: dict[str, Rows]) -> None:
        one, two = tables["records"][0], tables["records"][10]
        one["parent"], two["parent"] = two["record"], one["record"]
        one["counts_in_total"] = two["counts_in_total"] = False

    assert {code for code, _ in broken(tmp_path, act)} == {"release.cycle"}


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"recipient": "홍가상"}, "release.person", "recipient"),
        ({"recipient_id": "900101"}, "release.person", "recipient_id"),
        ({"region": "한누리시 가람구 나루동"}, "release.person_region", "region"),
        ({"region": "한누리시 가람구 12-3"}, "release.person_region", "region"),
        ({"region": "한누리시 가람구 햇살로 나"}, "release.person_region", "region"),
    ],
)
def test_given_a_person_who_could_be_found_when_built_then_the_cell_is_named(
    tmp_path: Path, cells: dict[str, str], code: str, column: str
) -> None:
    place = first(sample_tables(120), recipient_class="person")

    assert broken(tmp_path, lambda tables: tables["records"][place].update(cells)) == [
        (code, f"records row {place + 1}, {column}")
    ]


def test_given_records_of_an_agency_that_has_not_reported_when_built_then_they_are_named(
    tmp_path: Path,
) -> None:
    def act(tables: dict[str, Rows]) -> None:
        for row in tables["agencies"]:
            row["reported"] = row["reported"] and row["agency"] != "hn-ai"

    found = broken(tmp_path, act)
    records = [
        f"records row {number}, agency"
        for number, row in enumerate(sample_tables(120)["records"], start=1)
        if row["agency"] == "hn-ai" and row["awarded_on"] >= date(2026, 1, 1)
    ]

    assert records
    assert {code for code, _ in found} == {"release.not_reported"}
    assert [where for _, where in found if where.startswith("records")] == records
    assert any(where.startswith("flows") for _, where in found)
    assert any(where.startswith("statements") for _, where in found)


@pytest.mark.parametrize(("before", "after"), [("signed", "missing"), ("missing", "signed")])
def test_given_a_duty_that_disagrees_with_statements_when_built_then_it_is_named(
    tmp_path: Path, before: str, after: str
) -> None:
    def act(tables: dict[str, Rows]) -> int:
        for number, row in enumerate(tables["due"], start=1):
            if row["state"] == before and row["period"] == "2026-H1":
                row["state"] = after
                return number
        return 0

    number = act(sample_tables(120))

    assert broken(tmp_path, act) == [("release.due_differs", f"due row {number}, state")]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"denominator": None}, "denominator"),
        ({"denominator": Decimal(0)}, "denominator"),
        ({"denominator_ko": None}, "denominator_ko"),
        ({"denominator_en": None}, "denominator_en"),
        ({"window_start": None}, "window_start"),
        ({"window_end": None}, "window_end"),
        ({"window_end": date(2001, 1, 1)}, "window_end"),
        ({"method": None}, "method"),
        ({"section": "actions", "denominator": None}, "denominator"),
    ],
)
def test_given_a_bare_percentage_when_built_then_what_it_lacks_is_named(
    tmp_path: Path, cells: dict[str, object], column: str
) -> None:
    lines = sample_tables(120)["statement_lines"]
    place = next(place for place, line in enumerate(lines) if line["unit"] == "percent")

    found = broken(tmp_path, lambda tables: tables["statement_lines"][place].update(cells))

    assert found == [("release.bare_metric", f"statement_lines row {place + 1}, {column}")]


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"row": "HN-NONE"}, "release.reference", "row"),
        ({"field": "colour"}, "release.column_unknown", "field"),
        ({"table": "secrets"}, "release.table_unknown", "table"),
        ({"field": "*"}, "release.not_removed", "row"),
    ],
)
def test_given_a_correction_of_nothing_when_built_then_it_is_named(
    tmp_path: Path, cells: dict[str, str], code: str, column: str
) -> None:
    assert broken(tmp_path, lambda tables: tables["corrections"][0].update(cells)) == [
        (code, f"corrections row 1, {column}")
    ]


def test_given_thousands_of_the_same_problem_when_built_then_the_rest_is_counted(
    tmp_path: Path,
) -> None:
    def act(tables: dict[str, Rows]) -> None:
        row = tables["scheme_values"][0]
        tables["scheme_values"] += [row | {"path": None} for _ in range(1500)]

    found = broken(tmp_path, act)

    assert len([code for code, _ in found if code == "release.missing"]) == 1000
    assert ("release.more", "scheme_values, path") in found


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"release": "../x"}, "release.id"),
        ({"period": "soon"}, "dates.period"),
        ({"title_en": " "}, "release.head_blank"),
        ({"licence": "free"}, "release.licence"),
    ],
)
def test_given_a_head_that_cannot_be_published_when_built_then_it_is_refused(
    tmp_path: Path, cells: dict[str, str], code: str
) -> None:
    from dataclasses import replace

    with pytest.raises(Refusal) as refused:
        build(tmp_path / "out", tables={}, head=replace(sample_head(), **cells), key=sample_key())

    assert [problem.code for problem in refused.value.problems] == [code]
    assert list(tmp_path.iterdir()) == []


def test_given_a_record_without_an_entry_when_built_then_only_one_of_amount_zero_may(
    tmp_path: Path,
) -> None:
    def act(tables: dict[str, Rows]) -> None:
        tables["records"][1]["entry"] = None

    tables = sample_tables(120)
    tables["records"] += [tables["records"][0] | {"record": "HN-ZERO", "amount": 0, "entry": None}]

    assert broken(tmp_path, act) == [("release.missing", "records row 2, entry")]
    made = build(tmp_path / "zero", tables=tables, head=sample_head(), key=sample_key())
    assert made.totals_of("records")[0].rows > 0
