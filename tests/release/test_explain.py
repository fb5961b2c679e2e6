"""A figure leads back to its rows, each with file and line."""

import json
from pathlib import Path

import pytest

from koga.core.problems import Refusal
from koga.release.explain import explain
from koga.release.read import open_release
from tests.release.sample import sample_tables


def test_given_a_total_when_explained_then_its_lines_sum_to_the_manifest(sample: Path) -> None:
    release = open_release(sample)
    totals = {total.unit: total.sum for total in release.manifest.totals_of("records")}

    found = explain(release, "records.amount")

    assert found.totals == totals
    assert found.conditions == {"counts_in_total": "true"}


def test_given_conditions_when_explained_then_each_line_stands_where_it_says(sample: Path) -> None:
    found = explain(open_release(sample), "records.amount[unit=KRW,agency=hn-ai]")
    lines = (sample / "data/records.jsonl").read_text().split("\n")

    assert found.lines
    for each in found.lines:
        row = json.loads(lines[each.line - 1])
        assert (row["record"], row["amount"], row["agency"]) == (each.row, each.value, "hn-ai")
    assert found.totals == {"KRW": sum(each.value for each in found.lines)}


def test_given_a_count_and_a_period_when_explained_then_it_is_that_of_a_plain_count(
    sample: Path,
) -> None:
    found = explain(open_release(sample), "records.rows[period=2026-H1,counts_in_total=false]")
    rows = sample_tables(120)["records"]

    assert found.totals == {
        "": sum(row["awarded_on"].year == 2026 and not row["counts_in_total"] for row in rows)
    }


def test_given_flows_of_a_year_when_explained_then_all_its_quarters_are_summed(
    sample: Path,
) -> None:
    flows = sample_tables(120)["flows"]

    found = explain(open_release(sample), "flows.amount[stage=delivered,unit=SEAT,period=2025]")

    assert found.totals["SEAT"] == sum(
        row["amount"] for row in flows
        if row["stage"] == "delivered" and row["unit"] == "SEAT" and row["quarter"][:4] == "2025"
    )  # fmt: skip


@pytest.mark.parametrize("basis", ["ledger", "typed"])
def test_given_every_line_of_statements_when_explained_then_those_of_the_ledger_agree(
    sample: Path, basis: str
) -> None:
    release = open_release(sample)
    lines = [row for row in release.rows("statement_lines") if row["basis"] == basis]
    assert lines

    for row in lines:
        address = f"{row['agency']}:{row['period']}:{row['section']}:{row['line']}"
        found = explain(release, f"statement:{address}")

        assert found.statement == row
        if row["value"] and basis == "ledger" and row["period"] == "2026-H1":
            assert found.agrees is True, address
        if basis == "typed":
            assert found.agrees is None


@pytest.mark.parametrize(
    "figure",
    ["", "records", "records.title", "secrets.amount", "records.amount[", "records.amount[x]",
     "records.amount[colour=red]", "records.amount[unit=KRW,unit=EUR]", "due.rows[period=x] ",
     "statement:hn-ai", "statement:hn-ai:2026-H1:actions:1:2"],
)  # fmt: skip
def test_given_what_is_no_figure_when_explained_then_it_says_how_to_write_one(
    sample: Path, figure: str
) -> None:
    with pytest.raises(Refusal) as refused:
        explain(open_release(sample), figure)

    assert refused.value.problems[0].code in ("release.figure", "release.figure_none")


@pytest.mark.parametrize(
    ("figure", "code"),
    [
        ("records.amount[agency=nobody]", "release.figure_none"),
        ("statement:hn-ai:2026-H1:actions:99", "release.figure_none"),
        ("records.amount[period=soon]", "dates.period"),
    ],
)
def test_given_a_figure_without_rows_when_explained_then_it_says_so(
    sample: Path, figure: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        explain(open_release(sample), figure)

    assert refused.value.problems[0].code == code
