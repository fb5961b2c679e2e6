"""The fund commands as scripts use them: shapes of JSON, exit codes, problems of bad files."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from koga.cli import build_app

RULES = """
[members.lp]
role = "lp"
commitment = "90억"
[members.gp]
role = "gp"
commitment = "10억"
[[tier]]
kind = "return_of_capital"
to = [1]
[[tier]]
kind = "hurdle"
to = [1]
rate = 0.05
compounding = "simple"
day_count = "act/365f"
[[tier]]
kind = "split"
shares = {"1" = 0.8, gp = 0.2}
[recycling]
share = 0.1
limit = 0.05
"""
FLOWS = """date,kind,amount,member,deal
2021-01-01,paid_in,9000000000,lp,
2021-01-01,paid_in,1000000000,gp,
2023-01-01,distributable,13000000000,,
"""


def run(*arguments: object, code: int = 0) -> Any:
    """Run a command; its standard output, as JSON where that was asked for."""
    done = CliRunner().invoke(build_app(), [str(one) for one in arguments])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout) if "--json" in arguments else done.output


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# --- waterfall


def test_a_waterfall_answers_lines_and_totals(tmp_path: Path) -> None:
    rules, flows = put(tmp_path, "r.toml", RULES), put(tmp_path, "f.csv", FLOWS)

    shown = run("waterfall", rules, flows, "--json")

    assert shown["unit"] == "KRW"
    assert set(shown["lines"][0]) >= {"date", "tier", "to", "amount", "reason"}
    assert shown["lines"][0] == {
        "date": "2023-01-01",
        "tier": "recycling",
        "to": None,
        "amount": 500000000,
        "deal": None,
        "reason": shown["lines"][0]["reason"],
    }
    assert set(shown["lines"][0]["reason"]) == {"ko", "en"}
    assert shown["totals"] == {"lp": 10980000000, "gp": 1520000000}
    assert sum(line["amount"] for line in shown["lines"]) == 13000000000


@pytest.mark.parametrize(
    ("language", "word"), [("ko", "출자원금 배분"), ("en", "return of capital")]
)
def test_on_a_terminal_it_prints_as_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    monkeypatch.setenv("KOGA_LANGUAGE", language)
    rules, flows = put(tmp_path, "r.toml", RULES), put(tmp_path, "f.csv", FLOWS)

    page = run("waterfall", rules, flows)

    assert word in page and "2023-01-01" in page
    assert "9,000,000,000" in page and "10,980,000,000" in page


def test_a_workbook_and_a_figure_are_written(tmp_path: Path) -> None:
    rules, flows = put(tmp_path, "r.toml", RULES), put(tmp_path, "f.csv", FLOWS)

    run("waterfall", rules, flows, "--xlsx", tmp_path / "w.xlsx", "--figure", tmp_path / "w.svg")

    assert (tmp_path / "w.xlsx").read_bytes().startswith(b"PK")
    assert (tmp_path / "w.svg").read_text(encoding="utf-8").startswith("<svg")


def test_bad_rules_and_flows_are_listed_once_each_in_both_languages(tmp_path: Path) -> None:
    wrong = RULES.replace('day_count = "act/365f"\n', "").replace("gp = 0.2}", "bank = 0.2}")
    rules = put(tmp_path, "r.toml", wrong + '[[tier]]\nkind = "split"\nshares = {lp = 1}\n')
    flows = put(tmp_path, "f.csv", FLOWS)

    shown = run("waterfall", rules, flows, "--json", code=2)

    assert [(problem["code"], problem["where"]) for problem in shown["problems"]] == [
        ("fund.rate_without_day_count", "r.toml: tier[2]"),
        ("fund.unknown_member", "r.toml: tier[3].shares.bank"),
        ("fund.tier_after_last", "r.toml: tier[4]"),
    ]
    assert all(set(problem["message"]) == {"ko", "en"} for problem in shown["problems"])


def test_bad_rows_are_listed_with_their_numbers(tmp_path: Path) -> None:
    rules = put(tmp_path, "r.toml", RULES)
    flows = put(
        tmp_path,
        "f.csv",
        "date,kind,amount,member\n01-31,paid_in,5,lp\n2021-01-31,paid_in,,lp\n"
        "2021-02-01,paid_in,5,lp\n2021-02-01,paid_in,5,lp\n2021-03-01,paid_in,5,nobody\n",
    )

    shown = run("waterfall", rules, flows, "--json", code=2)

    found = {(problem["code"], problem["where"]) for problem in shown["problems"]}
    assert found == {
        ("dates.unreadable", "f.csv, row 1, date"),
        ("fund.amount_blank", "f.csv, row 2, amount"),
        ("fund.member_twice", "f.csv, row 4, member"),
        ("fund.unknown_member", "f.csv, row 5, member"),
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "fund.flows_empty"),
        ("date,amount\n2021-01-01,5\n", "fund.column_missing"),
        ("date,kind,amount\n2021-01-01,paid_in,1,2\n", "cli.cells"),
        ("date,kind,amount\n", "fund.flows_empty"),
    ],
)
def test_broken_tables_are_problems_and_not_tracebacks(
    tmp_path: Path, text: str, code: str
) -> None:
    rules, flows = put(tmp_path, "r.toml", RULES), put(tmp_path, "f.csv", text)

    shown = run("waterfall", rules, flows, "--json", code=2)

    assert shown["problems"][0]["code"] == code


def test_a_missing_or_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    rules = put(tmp_path, "r.toml", RULES)
    (tmp_path / "f.csv").write_bytes("date,kind,amount\n2021-01-01,납입,5\n".encode("cp949"))

    for flows, code in ((tmp_path / "none.csv", "cli.file"), (tmp_path / "f.csv", "cli.encoding")):
        shown = run("waterfall", rules, flows, "--json", code=2)
        assert shown["problems"][0]["code"] == code


def test_a_toml_table_given_twice_is_a_problem(tmp_path: Path) -> None:
    rules = put(tmp_path, "r.toml", RULES + '[members.lp]\nrole = "lp"\n')

    shown = run("waterfall", rules, put(tmp_path, "f.csv", FLOWS), "--json", code=2)

    assert [problem["code"] for problem in shown["problems"]] == ["fund.toml"]


# --- performance


def test_performance_answers_every_metric_with_a_status(tmp_path: Path) -> None:
    flows = put(tmp_path, "f.csv", "date,amount\n2021-01-01,-100\n2023-01-01,60\n")
    index = put(tmp_path, "i.csv", "date,value\n2021-01-01,100\n2022-01-01,110\n2023-01-01,121\n")

    shown = run(
        "performance", flows, "--index", index, "--index-kind", "total_return",
        "--commitment", "200", "--json",
    )  # fmt: skip

    metrics = shown["metrics"]
    assert set(metrics) == {
        "irr", "dpi", "rvpi", "tvpi", "pic", "ks_pme", "ln_pme", "pme_plus", "mpme",
        "direct_alpha", "direct_alpha_log", "modified_dietz",
    }  # fmt: skip
    for metric in metrics.values():
        assert set(metric) >= {"value", "status", "roots", "convention", "as_of"}
    assert metrics["ln_pme"]["value"] == pytest.approx(0.1)
    assert metrics["ln_pme"]["terminal"] == pytest.approx(61)
    assert metrics["pic"]["value"] == 0.5
    assert metrics["irr"]["convention"] == "act/365f"
    assert metrics["irr"]["as_of"] == "2023-01-01"
    assert "lambda" in metrics["pme_plus"]
    assert shown["index"] == {"kind": "total_return", "days_old_max": 0}


def test_one_column_gives_the_periodic_rate(tmp_path: Path) -> None:
    flows = put(tmp_path, "f.csv", "amount\n-1600\n10000\n-10000\n")

    metrics = run("performance", flows, "--json")["metrics"]

    assert metrics["irr"]["value"] is None
    assert metrics["irr"]["status"] == "multiple"
    assert metrics["irr"]["roots"] == pytest.approx([0.25, 4.0])
    assert metrics["irr"]["convention"] == "periodic"


def test_values_open_inform_and_close(tmp_path: Path) -> None:
    flows = put(tmp_path, "f.csv", "date,amount\n2021-07-01,40\n")

    shown = run(
        "performance", flows, "--nav", "2021-01-01=100", "--nav", "2021-07-01=70",
        "--nav", "2022-01-01=80", "--json",
    )  # fmt: skip

    assert shown["metrics"]["tvpi"]["value"] == pytest.approx(1.2)
    assert shown["metrics"]["irr"]["nav_dates"] == ["2021-01-01", "2021-07-01", "2022-01-01"]


def test_a_third_column_gives_the_four_views(tmp_path: Path) -> None:
    flows = put(
        tmp_path,
        "f.csv",
        "date,amount,type\n2021-01-01,-600,Capital Call: Investments\n"
        "2021-01-01,-400,Fund-level Subscription Facility Drawdown: Investments\n"
        "2022-01-01,400,Gross Up Outstanding Balance from Fund-level Subscription Facility\n",
    )

    shown = run("performance", flows, "--nav", "2022-01-01=850", "--json")

    assert {view: round(each["irr"]["value"], 6) for view, each in shown["views"].items()} == {
        "gross_with_facility": 0.416667,
        "net_with_facility": 0.416667,
        "gross_without_facility": 0.25,
        "net_without_facility": 0.25,
    }
    assert shown["metrics"]["irr"]["value"] == pytest.approx(0.4166667)
    assert "ILPA" in run("performance", flows, "--nav", "2022-01-01=850")


@pytest.mark.parametrize(
    ("day_count", "rate"),
    [("act/365f", 0.1), ("act/360", 1.21 ** (360 / 730) - 1), ("30/360", 0.1)],
)
def test_the_day_count_is_a_choice(tmp_path: Path, day_count: str, rate: float) -> None:
    flows = put(tmp_path, "f.csv", "date,amount\n2021-01-01,-100\n2023-01-01,121\n")

    shown = run("performance", flows, "--day-count", day_count, "--json")

    assert shown["metrics"]["irr"]["value"] == pytest.approx(rate, abs=1e-12)


def test_problems_of_all_inputs_come_together(tmp_path: Path) -> None:
    flows = put(tmp_path, "f.csv", "date,amount\n21-01-01,-100\n2023-01-01,\n")
    index = put(tmp_path, "i.csv", "date,value\n2021-01-01,0\n")

    shown = run("performance", flows, "--index", index, "--nav", "soon", "--json", code=2)

    assert {problem["code"] for problem in shown["problems"]} == {
        "dates.unreadable",
        "fund.amount_blank",
        "performance.index_value",
        "performance.nav_option",
    }
    run("performance", flows, "--day-count", "act/7", "--index-kind", "x", code=2)


# --- pacing and split


def test_pacing_answers_years(tmp_path: Path) -> None:
    arguments = [
        "pacing", "--commitment", "100", "--contributions", "0.25,1/3,0.5", "--life", "12",
        "--bow", "2.5", "--growth", "0.13", "--yield", "0", "--years", "15",
    ]  # fmt: skip

    shown = run(*arguments, "--json")

    assert set(shown["years"][0]) == {"year", "contribution", "distribution", "nav", "unfunded"}
    assert round(max(year["nav"] for year in shown["years"]), 2) == 106.80
    assert shown["irr"] == pytest.approx(0.13, abs=1e-9)
    won = run(*["100억" if one == "100" else one for one in arguments], "--json")
    assert won["unit"] == "KRW" and all(isinstance(y["nav"], int) for y in won["years"])


def test_pacing_lists_what_it_cannot_use() -> None:
    shown = run(
        "pacing", "--commitment", "0", "--contributions", "0.2,x", "--life", "1", "--bow", "1",
        "--growth", "0", "--yield", "0", "--years", "1", "--json", code=2,
    )  # fmt: skip

    assert [problem["code"] for problem in shown["problems"]] == [
        "fund.number",
        "fund.amount_negative",
    ]


def test_split_keeps_the_total(tmp_path: Path) -> None:
    weights = put(tmp_path, "w.csv", "id,weight\na,1\nb,1\nc,1.5\n")

    shown = run("split", "1억 1원", weights, "--json")
    owed = run("split", "-100", weights, "--policy", "floor_residue", "--json")

    assert sum(part["amount"] for part in shown["parts"]) == 100000001 and shown["residue"] == 0
    assert sum(part["amount"] for part in owed["parts"]) + owed["residue"] == -100
    assert [part["id"] for part in shown["parts"]] == ["a", "b", "c"]


def test_split_lists_bad_weights(tmp_path: Path) -> None:
    weights = put(tmp_path, "w.csv", "id,weight\na,1\na,-2\n,x\n")

    shown = run("split", "100", weights, "--json", code=2)

    assert [(problem["code"], problem["where"]) for problem in shown["problems"]] == [
        ("money.unreadable", "w.csv, row 3, weight"),
        ("money.weights", "w.csv, row 2, weight"),
        ("fund.missing", "w.csv, row 3, id"),
        ("fund.addressed_twice", "w.csv, row 2, id"),
    ]
    run("split", "100", weights, "--policy", "guess", code=2)
