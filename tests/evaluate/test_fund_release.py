"""Funds of a release compared: the case by hand, identities, what is flagged, commands, cards."""

import json
import tomllib
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from koga.cli import evaluate_funds
from koga.core import pme
from koga.core.problems import Refusal
from koga.evaluate.cards import fund_card
from koga.evaluate.funds import fund_reading, fund_release, funds
from koga.evaluate.funds.funds import FundFinding
from koga.release.build import build
from koga.release.read import Release, open_release
from tests.release.sample import sample_head, sample_key, sample_tables
from tests.release.sample_funds import BARE, HAND, RUNNING, YOUNG

CASE = tomllib.loads(
    (Path(__file__).parents[1] / "cases" / "fund-books.toml").read_text(encoding="utf-8")
)
QUARTERS = (date(2020, 6, 30), date(2021, 3, 31), date(2023, 3, 31), date(2024, 3, 31))
INDEX = pme.Index(QUARTERS, tuple(map(Fraction, (95, 100, 110, 121))), "total_return")
FLAT = pme.Index((date(2019, 12, 31), date(2026, 6, 30)), (Fraction(7), Fraction(7)), "price")

Change = Callable[[dict[str, Any]], None]


def built(out: Path, change: Change | None = None) -> Path:
    tables: dict[str, Any] = sample_tables(60)
    if change is not None:
        change(tables)
    build(out, tables=tables, head=sample_head(), key=sample_key())
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("returned") / "release")


@pytest.fixture(scope="module")
def release(folder: Path) -> Release:
    return open_release(folder)


def told(found: FundFinding, name: str, group: str, basis: str = "net") -> Any:
    rows = found.of(name, dimension="fund", basis=basis)
    return next(row for row in rows if row.group == group)


def test_given_the_case_when_evaluated_then_its_figures_are_those_by_hand(release: Release) -> None:
    found = funds.evaluate(fund_release.read(release, {}, ""), index=INDEX)

    by_hand = {name: float(Fraction(text)) for name, text in CASE["performance"].items()}
    assert told(found, "tvpi", HAND).told.value == pytest.approx(by_hand["tvpi_net"], abs=1e-12)
    assert told(found, "tvpi", HAND, "gross").told.value == pytest.approx(by_hand["tvpi_gross"])
    assert told(found, "ks_pme", HAND).told.value == pytest.approx(by_hand["ks_pme_net"])
    net = 1 + told(found, "irr", HAND).told.value
    gross = 1 + told(found, "irr", HAND, "gross").told.value
    assert 7_900 / net**2 + 5_441.273973 / net ** (1096 / 365) == pytest.approx(10_000)
    assert 100 / gross ** (275 / 365) + 7_900 / gross**2 + 6_000 / gross ** (
        1096 / 365
    ) == pytest.approx(10_000)


def test_given_a_constant_index_when_evaluated_then_pme_is_tvpi_and_alpha_the_rate(
    release: Release,
) -> None:
    found = funds.evaluate(fund_release.read(release, {}, ""), index=FLAT)

    for basis in ("net", "gross"):
        for one, other in (("ks_pme", "tvpi"), ("direct_alpha", "irr")):
            left = found.of(one, basis=basis)[0].told.value
            assert left == pytest.approx(found.of(other, basis=basis)[0].told.value, rel=1e-9)


def test_given_a_price_index_when_evaluated_then_it_is_called_flattering_everywhere(
    release: Release,
) -> None:
    found = funds.evaluate(fund_release.read(release, {}, ""), index=FLAT)

    (check,) = (check for check in found.checks if check.name == "benchmark")
    assert check.verdict == "warn" and "flatters" in check.reason.en
    assert "flatters" in fund_card.make(found, "en").alarm
    assert "좋아 보입니다" in fund_card.make(found, "ko").alarm


def test_given_a_fund_with_calls_only_when_evaluated_then_it_counts_as_worth_nothing_and_is_said(
    release: Release,
) -> None:
    found = funds.evaluate(fund_release.read(release, {}, ""), index=INDEX)

    assert told(found, "tvpi", BARE).told.value == 0
    assert (told(found, "irr", BARE).told.value, told(found, "irr", BARE).told.status) == (
        None, "none",
    )  # fmt: skip
    (check,) = (check for check in found.checks if check.name == "values")
    assert (check.verdict, check.extra["funds_without"]) == ("warn", 1)


def test_given_a_value_from_outside_when_read_then_it_is_the_last_one(
    folder: Path, tmp_path: Path
) -> None:
    worth = tmp_path / "worth.csv"
    worth.write_text(f"fund,date,amount\n{BARE},2026-06-30,1500000000\n")

    found = funds.evaluate(fund_reading.read(folder, values=worth))

    assert told(found, "tvpi", BARE).told.value == 1


def test_given_an_index_that_begins_late_when_evaluated_then_older_funds_are_left_out(
    release: Release,
) -> None:
    late = pme.Index((date(2023, 1, 1), date(2026, 6, 30)), (Fraction(1), Fraction(2)), "price")

    found = funds.evaluate(fund_release.read(release, {}, ""), index=late)

    (check,) = (check for check in found.checks if check.name == "index_span")
    assert (check.verdict, check.extra["funds_before"]) == ("warn", 2)
    assert told(found, "ks_pme", HAND).told.value is None
    assert told(found, "ks_pme", YOUNG).told.value is not None


def test_given_ended_deals_when_told_then_spans_of_few_firms_stay_hidden(release: Release) -> None:
    found = funds.evaluate(fund_release.read(release, {}, ""))

    shown = {row.group: row.told for row in found.of("deal_multiple", dimension="fund",
                                                      basis="deals")}  # fmt: skip
    assert (shown[RUNNING].n, shown[RUNNING].value) == (5, pytest.approx(4_050 / 3_200))
    assert (shown[YOUNG].status, shown[YOUNG].value) == ("suppressed", None)
    (check,) = (check for check in found.checks if check.name == "small_cells")
    assert check.extra["spans_hidden"] == 2 and "5" in found.facts["rule"]["en"]


def test_given_withheld_funds_when_evaluated_then_they_are_counted_and_not_told(
    tmp_path: Path,
) -> None:
    def change(tables: dict[str, Any]) -> None:
        for name in ("fund_flows", "fund_values", "fund_deals"):
            tables[name] = [row for row in tables[name] if row["fund"] != YOUNG]
        (row,) = (row for row in tables["funds"] if row["fund"] == YOUNG)
        blank = ("paid_in", "distributed", "costs", "carry_paid", "commitment", "through")
        row |= {"disclosure": "withheld", **dict.fromkeys(blank)}

    found = funds.evaluate(fund_reading.read(built(tmp_path / "release", change)))

    assert found.facts["funds"] == {"used": 3, "never_paid": 0, "withheld": 1}
    assert YOUNG not in {row.group for row in found.figures}


def test_given_no_fund_with_money_when_read_then_refused(tmp_path: Path) -> None:
    def change(tables: dict[str, Any]) -> None:
        tables["fund_flows"], tables["fund_values"] = [], []
        for row in tables["funds"]:
            row |= dict.fromkeys(("paid_in", "distributed", "costs", "carry_paid"))

    with pytest.raises(Refusal) as refused:
        fund_reading.read(built(tmp_path / "release", change))

    assert [problem.code for problem in refused.value.problems] == ["funds.nothing"]


def test_given_the_same_seed_when_evaluated_twice_then_the_answer_is_the_same(
    release: Release,
) -> None:
    read, carried = fund_release.read(release, {}, ""), fund_release.benchmarks(release)[0]
    how = funds.Settings(draws=99)

    one, other = (
        json.dumps(funds.evaluate(read, index=carried.index, settings=how).as_json())
        for _ in range(2)
    )

    assert one == other
    row = next(row for row in json.loads(one)["estimates"] if row["name"] == "direct_alpha")
    assert row["benchmark_low"] < row["estimate"] < row["benchmark_high"]


def run(*arguments: object, code: int = 0) -> str:
    app = typer.Typer()
    evaluate_funds.register(app)
    app.command("other")(lambda: None)
    done = CliRunner().invoke(app, ["funds", *(str(one) for one in arguments)])
    assert done.exit_code == code, done.output
    return done.stdout


def test_given_a_release_when_the_command_runs_then_its_own_index_is_used_and_cards_written(
    folder: Path, tmp_path: Path
) -> None:
    answer = json.loads(run(folder, "--draws", 99, "--card", tmp_path / "card", "--json"))

    assert answer["finding"]["benchmark"]["name"]["en"] == "Hannuri index"
    assert answer["finding"]["funds"]["used"] == 4
    assert {row["dimension"] for row in answer["estimates"]} == {
        None, "vintage", "instrument", "sector", "manager", "fund",
    }  # fmt: skip
    assert {row["basis"] for row in answer["estimates"]} == {"net", "gross", "deals", "index"}
    names = sorted(path.name for path in (tmp_path / "card").iterdir())
    assert names == ["card.css", "funds.en.html", "funds.en.pdf", "funds.ko.html", "funds.ko.pdf"]
    page = (tmp_path / "card" / "funds.en.html").read_text()
    assert "Fund by hand" in page and "hidden" in page and "KS-PME" in page
    assert (tmp_path / "card" / "funds.ko.pdf").read_bytes().startswith(b"%PDF")


def test_given_an_index_file_or_code_when_the_command_runs_then_that_one_is_used(
    folder: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index.csv"
    index.write_text("date,value\n2019-12-31,100\n2026-06-30,150\n")

    by_file = json.loads(run(folder, "--index", index, "--kind", "total", "--json"))
    by_code = json.loads(run(folder, "--index", "hn-index", "--draws", 99, "--json"))

    assert by_file["finding"]["benchmark"]["kind"] == "total_return"
    assert by_code["finding"]["benchmark"]["name"]["ko"] == "한누리 지수"


def test_given_an_index_that_is_not_there_or_wrong_when_the_command_runs_then_it_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("day,level\n2019-12-31,100\n")

    unknown = json.loads(run(folder, "--index", "kospi", "--kind", "price", "--json", code=2))
    columns = json.loads(run(folder, "--index", wrong, "--kind", "price", "--json", code=2))
    by = json.loads(run(folder, "--by", "colour", "--json", code=2))

    assert unknown["problems"] and columns["problems"]
    assert [problem["code"] for problem in by["problems"]] == ["funds.by"]
