"""Funds compared: identities, errors that cover, hiding, wrong input, the command, charts."""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from koga.cli import evaluate_funds
from koga.core import performance, pme
from koga.core.performance import Cash, Value
from koga.core.problems import Refusal
from koga.evaluate.funds import fund_benchmark, fund_figures, fund_reading, funds
from koga.figures import funds as charts
from koga.release.build import build
from tests.release.sample import sample_head, sample_key, sample_tables

HEAD = ("fund", "date", "amount", "type", "vintage", "instrument", "sector", "manager")


def fund_rows(
    code: str, vintage: int, multiple: float, *, paid: int = 1_200, left: float = 0.3, **said: str
) -> list[tuple[Any, ...]]:
    """A fund of ten years: three of calls, seven of distributions, some value left."""
    own = (vintage, said.get("instrument", ""), said.get("sector", ""), said.get("manager", ""))
    rows = [(code, date(vintage + n // 4, n % 4 * 3 + 2, 10), -paid // 12, "") for n in range(12)]
    back, worth = round(paid * multiple * (1 - left)), round(paid * multiple * left)
    rows += [(code, date(vintage + 3 + n, 6, 20), back // 7 + (n < back % 7), "") for n in range(7)]
    rows.append((code, date(vintage + 10, 6, 30), worth, "NAV"))
    return [(*row, *own) for row in rows]


def write(folder: Path, rows: Iterable[Sequence[Any]], head: Sequence[str] = HEAD) -> Path:
    place = folder / "flows.csv"
    with place.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([head, *rows])
    return place


def several(count: int = 24, seed: int = 3) -> list[tuple[Any, ...]]:
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        rows += fund_rows(
            f"F{number:02}", 2005 + number % 3, float(random.lognormal(0.3, 0.4)),
            manager=f"M{number % 4}", sector=("ai", "bio")[number % 2],
        )  # fmt: skip
    return rows


def months(growth: Sequence[float], kind: str = "total_return") -> pme.Index:
    """An index at every end of a month from 2004, by monthly growth."""
    days, values, level = [], [], Fraction(100)
    for number, rate in enumerate(growth):
        start = date(2004 + (number + 1) // 12, (number + 1) % 12 + 1, 1)
        days.append(start - timedelta(days=1))
        values.append(level)
        level *= Fraction(1 + rate).limit_denominator(10**6)
    return pme.Index(tuple(days), tuple(values), kind)


def drifting(seed: int = 5) -> pme.Index:
    random = np.random.default_rng(seed)
    return months(random.normal(0.005, 0.04, size=180).tolist())


def headline(found: funds.FundFinding, name: str) -> fund_figures.Told:
    (one,) = found.of(name)
    return one.told


# --- figures


def test_given_funds_when_pooled_then_the_figures_are_those_of_one_fund(tmp_path: Path) -> None:
    read = fund_reading.read(write(tmp_path, several()))
    index = drifting()
    found = funds.evaluate(read, index=index)
    as_of = date.fromisoformat(found.facts["as_of"])
    cash = [flow for fund in read.funds for flow in fund.cash]
    worth = sum(fund.values[-1].amount for fund in read.funds)
    held = performance.record(cash, [Value(as_of, worth)])
    expected = performance.measure(held, day_count="act/365f", index=index)
    for name in fund_figures.NAMES:
        assert headline(found, name).value == pytest.approx(expected[name].value, rel=1e-9), name
    assert headline(found, "tvpi").n == 24


def test_given_an_index_that_stands_still_when_compared_then_pme_is_the_multiple(
    tmp_path: Path,
) -> None:
    read = fund_reading.read(write(tmp_path, several()))
    found = funds.evaluate(read, index=months([0.0] * 180))
    assert headline(found, "ks_pme").value == pytest.approx(headline(found, "tvpi").value)
    assert headline(found, "direct_alpha").value == pytest.approx(headline(found, "irr").value)
    (one,) = found.of("ks_pme")
    assert one.benchmark == pytest.approx((headline(found, "tvpi").value,) * 2)


def test_given_funds_that_bought_the_index_when_compared_then_pme_is_one(tmp_path: Path) -> None:
    index = drifting()
    rows = []
    for number in range(6):
        start, end = index.days[12 + number], index.days[100 + number]
        worth = 1_000 * index.at(end) / index.at(start)
        rows += [(f"F{number}", start, -1_000, "", 2005, "", "", "")]
        rows += [(f"F{number}", end, float(worth), "", 2005, "", "", "")]
    found = funds.evaluate(fund_reading.read(write(tmp_path, rows)), index=index)
    assert headline(found, "ks_pme").value == pytest.approx(1)
    assert headline(found, "direct_alpha").value == pytest.approx(0, abs=1e-9)
    assert headline(found, "ks_pme").se == pytest.approx(0, abs=1e-9)


def test_given_totals_when_compared_then_the_multiples_are_those_of_the_flows(
    tmp_path: Path,
) -> None:
    flows = fund_reading.read(write(tmp_path, several()))
    totals = [
        (
            fund.code,
            -sum(flow.amount for flow in fund.cash if flow.amount < 0),
            sum(flow.amount for flow in fund.cash if flow.amount > 0),
            fund.values[-1].amount,
            fund.groups["vintage"],
        )
        for fund in flows.funds
    ]
    head = ("fund", "paid_in", "distributed", "nav", "vintage")
    read = fund_reading.read(write(tmp_path, totals, head))
    there, here = funds.evaluate(flows), funds.evaluate(read)
    for name in ("tvpi", "dpi", "rvpi"):
        assert headline(here, name) == headline(there, name)
    assert headline(here, "irr").reason[1] == "there are no dated flows."


@pytest.mark.parametrize("name", ["tvpi", "irr", "ks_pme", "direct_alpha"])
def test_given_funds_when_one_at_a_time_is_left_out_then_the_error_is_that_of_a_jackknife(
    tmp_path: Path, name: str
) -> None:
    read = fund_reading.read(write(tmp_path, several(40)))
    strands = [fund_figures.strand(fund, "net", typed=False) for fund in read.funds]
    as_of, index = date(2018, 6, 30), drifting()

    def pooled(chosen: list[fund_figures.Strand]) -> fund_figures.Told:
        return next(t for t in fund_figures.pooled(chosen, as_of, index) if t.name == name)

    without = [pooled([*strands[:n], *strands[n + 1 :]]).value for n in range(40)]
    spread = np.array(without) - np.mean(without)
    jackknife = np.sqrt(39 / 40 * float(spread @ spread))
    assert pooled(strands).se == pytest.approx(jackknife, rel=0.06)


def test_given_many_samples_of_funds_when_estimated_then_the_intervals_cover() -> None:
    random = np.random.default_rng(8)
    true, covered, times = float(np.exp(0.3 + 0.5**2 / 2)), 0, 400
    for _ in range(times):
        paid = random.uniform(50, 150, size=40)
        back = paid * random.lognormal(0.3, 0.5, size=40)
        strands = [
            fund_figures.Strand("", (), Fraction(x), Fraction(y), Fraction(0), Fraction(0))
            for x, y in zip(paid, back, strict=True)
        ]
        told = fund_figures.pooled(strands, None, None)[0]
        covered += told.low < true < told.high
    assert 0.91 < covered / times < 0.98


@settings(max_examples=30, deadline=None)
@given(
    flows=st.lists(st.integers(-1000, 1000).filter(bool), min_size=3, max_size=30),
    worth=st.integers(0, 3000),
)
def test_given_any_flows_when_a_cheap_proof_holds_then_the_root_is_the_one(
    flows: list[int], worth: int
) -> None:
    from koga.core import irr

    amounts = [Fraction(-1000), *map(Fraction, flows), Fraction(worth)]
    times = [Fraction(place, 4) for place in range(len(amounts))]
    found, expected = fund_figures._root(times, amounts), irr.solve(times, amounts)
    assert found.status == expected.status
    assert found.roots == pytest.approx(expected.roots, rel=1e-9, abs=1e-9)


def test_given_thousands_of_flows_that_alternate_when_pooled_then_there_is_a_rate(
    tmp_path: Path,
) -> None:
    rows = [
        (f"F{number % 9}", date(2006, 1, 1) + timedelta(days=number), amount, "", "", "", "", "")
        for number in range(3_000)
        for amount in ((-100, 40)[number % 2] if number < 1_500 else (-20, 130)[number % 2],)
    ]
    found = funds.evaluate(fund_reading.read(write(tmp_path, rows)))
    assert headline(found, "irr").status == "unique"


def test_given_types_when_read_then_gross_and_net_are_those_of_the_ilpa_views(
    tmp_path: Path,
) -> None:
    typed = [
        ("2015-01-31", -1000, "Capital Call: Investments"),
        ("2015-01-31", -50, "Capital Call: Management Fees/Partnership Expenses"),
        ("2019-01-31", 1500, "Distribution: Permanent"),
        ("2020-12-31", 400, "NAV"),
    ]
    rows = [(f"F{n}", *row, 2015, "", "", "") for n in range(6) for row in typed]
    found = funds.evaluate(fund_reading.read(write(tmp_path, rows)))
    cash = [Cash(date.fromisoformat(day), Fraction(amount), kind) for day, amount, kind in typed]
    views = performance.views(
        cash[:3], [Value(date(2020, 12, 31), Fraction(400))], day_count="act/365f"
    )
    for basis, view in (("net", "net_with_facility"), ("gross", "gross_with_facility")):
        for name in ("tvpi", "dpi", "rvpi", "irr"):
            (one,) = found.of(name, basis=basis)
            assert one.told.value == pytest.approx(views[view][name].value), (basis, name)
    (net,), (gross,) = found.of("tvpi"), found.of("tvpi", basis="gross")
    assert net.told.value == pytest.approx(1900 / 1050)
    assert gross.told.value == pytest.approx(1.9)


# --- the benchmark's own uncertainty


def test_given_one_seed_when_drawn_twice_then_the_same_and_another_seed_differs(
    tmp_path: Path,
) -> None:
    read, index = fund_reading.read(write(tmp_path, several())), drifting()
    first, again, other = (
        funds.evaluate(read, index=index, settings=funds.Settings(seed=seed)).of("ks_pme")[0]
        for seed in (7, 7, 8)
    )
    assert first.benchmark == again.benchmark
    assert first.benchmark != other.benchmark
    assert first.told == other.told


def test_given_a_wilder_index_when_drawn_again_then_its_interval_is_wider(tmp_path: Path) -> None:
    read = fund_reading.read(write(tmp_path, several()))
    lengths = []
    for volatility in (0.01, 0.05):
        index = months(np.random.default_rng(2).normal(0.004, volatility, size=180).tolist())
        low, high = funds.evaluate(read, index=index).of("ks_pme")[0].benchmark
        lengths.append(high - low)
    assert lengths[1] > 2 * lengths[0]


def test_given_a_steady_index_when_drawn_again_then_nothing_moves() -> None:
    drawn = fund_benchmark.redraw(
        months([0.01] * 120), date(2005, 1, 15), date(2012, 1, 31), draws=99, block=12, seed=1
    )
    assert drawn is not None
    assert np.ptp(drawn.yearly) < 1e-4
    assert drawn.yearly[0] == pytest.approx(1.01**12 - 1, rel=1e-4)


def test_given_under_two_years_when_drawn_then_it_is_not_and_the_check_says_so(
    tmp_path: Path,
) -> None:
    rows = [
        (f"F{n}", date(2006 + k, 3, 31), (-100, 110)[k], "", "", "", "", "")
        for n in range(6)
        for k in range(2)
    ]
    found = funds.evaluate(fund_reading.read(write(tmp_path, rows)), index=drifting())
    assert found.of("ks_pme")[0].benchmark is None
    (check,) = (each for each in found.checks if each.name == "index_span")
    assert check.verdict == "warn"


# --- hiding and checks


def test_given_a_small_vintage_when_told_then_no_figure_of_it_or_its_complement_appears(
    tmp_path: Path,
) -> None:
    rows = []
    for number in range(15):
        vintage = 2005 if number < 3 else 2006 if number < 9 else 2007
        rows += fund_rows(f"F{number}", vintage, 1.4)
    found = funds.evaluate(fund_reading.read(write(tmp_path, rows)))
    by = {row.group: row for row in found.of("tvpi", dimension="vintage")}
    assert by["2005"].told.status == by["2006"].told.status == "suppressed"
    assert by["2007"].told.n == 6
    told = json.loads(json.dumps(found.as_json()))
    for row in told["estimates"]:
        if row["group"] in ("2005", "2006"):
            assert (row["estimate"], row["se"], row["n"]) == (None, None, None)
            assert row["reason"]["ko"] and row["reason"]["en"]


def test_given_four_funds_when_told_then_nothing_is_and_the_finding_fails(tmp_path: Path) -> None:
    rows = [row for n in range(4) for row in fund_rows(f"F{n}", 2005, 1.4)]
    found = funds.evaluate(fund_reading.read(write(tmp_path, rows)))
    assert found.verdict == "fail"
    assert all(row.told.value is None for row in found.figures)


def test_given_nine_funds_when_told_then_no_quartile_is_and_of_ten_there_are(
    tmp_path: Path,
) -> None:
    for count, there in ((9, False), (10, True)):
        rows = [row for n in range(count) for row in fund_rows(f"F{n}", 2005, 1 + n / 10)]
        found = funds.evaluate(fund_reading.read(write(tmp_path, rows)))
        assert (headline(found, "tvpi_median").value is not None) is there


def verdicts(found: funds.FundFinding) -> dict[str, str]:
    return {check.name: check.verdict for check in found.checks}


def test_given_a_price_index_when_compared_then_it_is_said_that_it_flatters(
    tmp_path: Path,
) -> None:
    read = fund_reading.read(write(tmp_path, several()))
    index = pme.Index(drifting().days, drifting().values, "price")
    assert verdicts(funds.evaluate(read, index=index))["benchmark"] == "warn"
    assert verdicts(funds.evaluate(read, index=drifting()))["benchmark"] == "ok"
    assert verdicts(funds.evaluate(read))["benchmark"] == "skipped"


def test_given_funds_before_the_index_when_compared_then_they_are_left_out_and_counted(
    tmp_path: Path,
) -> None:
    rows = [*several(12), *(row for n in range(3) for row in fund_rows(f"OLD{n}", 1999, 1.4))]
    found = funds.evaluate(fund_reading.read(write(tmp_path, rows)), index=drifting())
    assert headline(found, "ks_pme").n == 12
    assert headline(found, "tvpi").n == 15
    assert verdicts(found)["index_span"] == "warn"


def test_given_values_that_are_missing_or_most_of_it_when_told_then_both_are_warned_of(
    tmp_path: Path,
) -> None:
    rows = [row for n in range(6) for row in fund_rows(f"F{n}", 2005, 1.4, left=0.8)]
    rows += [row for row in fund_rows("F9", 2005, 1.4) if row[3] != "NAV"]
    found = verdicts(funds.evaluate(fund_reading.read(write(tmp_path, rows))))
    assert (found["values"], found["value_share"]) == ("warn", "warn")


# --- wrong input


def codes(refused: pytest.ExceptionInfo[Refusal]) -> list[str]:
    for problem in refused.value.problems:
        assert problem.message("ko") and problem.message("en")
    return [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("", "2006-01-01", "-5", "", 2005), "funds.no_fund"),
        (("F0", "2006-13-01", "-5", "", 2005), "dates.unreadable"),
        (("F0", "2006-01-01", "five", "", 2005), "money.unreadable"),
        (("F0", "2006-01-01", "", "", 2005), "fund.amount_blank"),
        (("F0", "2006-01-01", "-5", "NAV", 2005), "funds.value_negative"),
        (("F0", "2006-01-01", "-5", "", 1999), "funds.says_two_things"),
    ],
)
def test_given_a_wrong_row_when_read_then_it_is_named(
    tmp_path: Path, row: tuple[Any, ...], code: str
) -> None:
    rows = [*fund_rows("F0", 2005, 1.4), (*row, "", "", "")]
    with pytest.raises(Refusal) as refused:
        fund_reading.read(write(tmp_path, rows))
    assert codes(refused) == [code]
    assert f"row {len(rows)}" in refused.value.problems[0].where


def test_given_a_value_below_later_cash_when_read_then_the_fund_is_named(tmp_path: Path) -> None:
    rows = [
        *several(6),
        ("BAD", "2006-01-01", -100, "", "", "", "", ""),
        ("BAD", "2007-01-01", 10, "NAV", "", "", "", ""),
        ("BAD", "2008-01-01", 50, "", "", "", "", ""),
    ]
    with pytest.raises(Refusal) as refused:
        funds.evaluate(fund_reading.read(write(tmp_path, rows)))
    assert codes(refused) == ["performance.nav_negative"]
    assert refused.value.problems[0].where == "BAD"


def test_given_columns_missing_when_read_then_each_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        fund_reading.read(write(tmp_path, [("a", 1)], ("name", "sum")))
    assert codes(refused) == ["funds.columns"] * 3


def test_given_nothing_paid_in_when_read_then_refused(tmp_path: Path) -> None:
    rows = [("F0", "2006-01-01", 5, "", "", "", "", "")]
    with pytest.raises(Refusal) as refused:
        fund_reading.read(write(tmp_path, rows))
    assert codes(refused) == ["funds.nothing"]


def test_given_wrong_settings_when_evaluated_then_all_are_named(tmp_path: Path) -> None:
    read = fund_reading.read(write(tmp_path, several(6)))
    how = funds.Settings(by=("colour",), minimum=0, draws=5, block_months=0)
    index = pme.Index(drifting().days, drifting().values)
    with pytest.raises(Refusal) as refused:
        funds.evaluate(read, index=index, settings=how)
    assert codes(refused) == ["funds.by", *["funds.setting"] * 3, "funds.index_undeclared"]


# --- from a release, and the command


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of before funds had tables of their own: these are empty."""
    tables = {name: rows for name, rows in sample_tables(400).items() if "fund" not in name}
    folder = tmp_path_factory.mktemp("funds") / "release"
    build(folder, tables=tables, head=sample_head(), key=sample_key())
    return folder


def test_given_a_release_when_read_then_its_investing_programmes_are_funds(
    release: Path, tmp_path: Path
) -> None:
    from koga.release.read import open_release

    read = fund_reading.read(release)
    delivered = sum(
        row["amount"]
        for row in open_release(release).rows("flows")
        if row["instrument"] in ("equity", "loan")
        and row["unit"] == "KRW"
        and row["stage"] == "delivered"
    )
    assert delivered == -sum(flow.amount for fund in read.funds for flow in fund.cash)
    assert (read.form, read.unit) == ("release", "KRW")
    assert all("/" in fund.code and fund.groups["manager"] for fund in read.funds)
    worth = tmp_path / "values.csv"
    worth.write_text(f"fund,date,amount\n{read.funds[0].code},2026-06-30,1000\n")
    valued = fund_reading.read(release, values=worth)
    assert valued.funds[0].values == (Value(date(2026, 6, 30), Fraction(1000)),)
    worth.write_text("fund,date,amount\nnobody/nothing,2026-06-30,1000\n")
    with pytest.raises(Refusal) as refused:
        fund_reading.read(release, values=worth)
    assert codes(refused) == ["funds.unknown_fund"]


def run(*arguments: object, code: int = 0) -> str:
    app = typer.Typer()
    evaluate_funds.register(app)
    app.command("other")(lambda: None)
    done = CliRunner().invoke(app, ["funds", *(str(one) for one in arguments)])
    assert done.exit_code == code, done.output
    return done.stdout


def test_given_flows_when_the_command_runs_then_it_answers_and_draws(tmp_path: Path) -> None:
    flows, index = write(tmp_path, several()), tmp_path / "index.csv"
    lines = [f"{day},{float(value):.4f}" for day, value in
             zip(drifting().days, drifting().values, strict=True)]  # fmt: skip
    index.write_text("date,value\n" + "\n".join(lines))
    asked = (flows, "--index", index, "--index-kind", "price", "--figure", tmp_path / "figures")
    told = json.loads(run(*asked, "--json"))
    assert set(told) == {"finding", "estimates", "checks"}
    assert told["finding"]["headline"]["n"] == 24
    assert told["finding"]["benchmark"]["seed"] == 1
    shape = {"estimator", "name", "group", "time", "event_time", "estimate", "se", "ci_low",
             "ci_high", "n"}  # fmt: skip
    assert all(shape <= set(row) for row in told["estimates"])
    drawn = sorted(path.name for path in (tmp_path / "figures").glob("*.svg"))
    assert "tvpi-by-vintage.svg" in drawn and "ks-pme-by-manager.svg" in drawn
    assert "KS-PME" in run(*asked)


def test_given_an_index_of_no_kind_when_the_command_runs_then_it_is_refused(
    tmp_path: Path,
) -> None:
    flows, index = write(tmp_path, several(6)), tmp_path / "index.csv"
    index.write_text("date,value\n2004-01-31,100\n")
    told = json.loads(run(flows, "--index", index, "--json", code=2))
    assert [problem["code"] for problem in told["problems"]] == ["funds.index_undeclared"]
    told = json.loads(run(flows, "--column", "colour=red", "--json", code=2))
    assert [problem["code"] for problem in told["problems"]] == ["funds.column_option"]


def test_given_too_few_funds_when_the_command_runs_then_the_answer_is_no(tmp_path: Path) -> None:
    rows = [row for n in range(3) for row in fund_rows(f"F{n}", 2005, 1.4)]
    told = json.loads(run(write(tmp_path, rows), "--json", code=1))
    assert told["finding"]["verdict"] == "fail"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_finding_when_drawn_then_rows_and_table_agree(
    tmp_path: Path, language: str
) -> None:
    read = fund_reading.read(write(tmp_path, several()))
    found = funds.evaluate(read, index=drifting())
    drawn = charts.all_of(found, language)
    assert set(drawn) == {f"{name}-by-{by}" for name in ("tvpi", "ks-pme")
                          for by in ("vintage", "sector", "manager")}  # fmt: skip
    figure = drawn["ks-pme-by-vintage"]
    values = [f"{row[2]:.2f}" for row in figure.rows]
    assert all(f">{value}<" in figure.wide and f">{value}<" in figure.narrow for value in values)
    highest = max(figure.rows, key=lambda row: row[2])
    assert f"{highest[2]:.2f}" in figure.sentence and highest[0] in figure.sentence
    assert len(figure.columns) == len(figure.rows[0])
    assert not figure.sentence.endswith(".")
    assert ("thin line" if language == "en" else "가는 선") in figure.description


def test_given_long_names_when_drawn_then_a_phone_shows_all_of_each_above_its_mark(
    tmp_path: Path,
) -> None:
    long = {f"M{n}": f"Hannuri Growth and Scale-up Partners {n}" for n in range(4)}
    rows = [(*row[:-1], long[row[-1]]) for row in several()]
    found = funds.evaluate(fund_reading.read(write(tmp_path, rows)), index=drifting())

    drawn = charts.all_of(found, "en")["tvpi-by-manager"]

    assert all(f">{name}<" in drawn.narrow and f">{name}<" in drawn.wide for name in long.values())


# --- real registers


@pytest.mark.real_data
def test_given_pension_funds_when_compared_then_the_multiples_are_those_of_the_reports(
    real_data: Path, tmp_path: Path
) -> None:
    import polars as pl

    source = real_data / "pension-pe" / "pension_pe_performance.csv"
    parts = {"paid_in": "capital_called_mm", "distributed": "capital_distributed_mm",
             "nav": "remaining_value_mm", "vintage": "vintage_year"}  # fmt: skip
    table = (
        pl.read_csv(source, infer_schema=False)
        .drop_nulls(list(parts.values()))
        .with_row_index("fund")
        .select("fund", *(pl.col(name).alias(part) for part, name in parts.items()))
    )
    place = tmp_path / "totals.csv"
    table.write_csv(place)
    found = funds.evaluate(fund_reading.read(place))
    sums = table.select(pl.col("paid_in", "distributed", "nav").cast(pl.Float64).sum()).row(0)
    nothing = 1e-3  # rows without anything paid in hold next to nothing
    assert headline(found, "tvpi").value == pytest.approx(
        (sums[1] + sums[2]) / sums[0], rel=nothing
    )
    shown = [row for row in found.of("tvpi", dimension="vintage") if row.told.value is not None]
    assert len(shown) > 20
    assert all(row.told.n >= 5 for row in shown)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["kospi", "kosdaq"])
def test_given_the_korean_indices_when_drawn_again_then_the_yearly_return_has_its_interval(
    real_data: Path, name: str
) -> None:
    from koga.cli import tables
    from koga.core import performance_reading as reading

    table = tables.read_csv(real_data / "index-series" / f"{name}_daily.csv", ("date", "value"))
    index = reading.read_index(table.rows, name, kind="price")
    first, last = date(2005, 1, 3), date(2022, 12, 29)
    drawn = fund_benchmark.redraw(index, first, last, draws=499, block=12, seed=1)
    assert drawn is not None
    whole = float(index.at(last) / index.at(date(2005, 1, 31)))
    assert drawn.yearly[0] == pytest.approx(whole ** (12 / drawn.months) - 1, rel=1e-9)
    low, high = np.quantile(drawn.yearly[1:], [0.025, 0.975])
    assert low < drawn.yearly[0] < high
    assert high - low > 0.05


@pytest.mark.parametrize("page", ["fund-evaluation.md", "fund-evaluation.ko.md"])
def test_given_the_page_when_read_then_it_names_everything_and_its_example_runs(
    root: Path, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (root / "docs" / "reference" / page).read_text(encoding="utf-8")
    flows = write(tmp_path, several())
    found = funds.evaluate(fund_reading.read(flows), index=drifting()).as_json()
    names = {row["name"] for row in found["estimates"]}
    names |= {check["name"] for check in found["checks"]} | set(fund_reading.DIMENSIONS)
    assert {name for name in names if name not in text} == set()
    assert {key for key in (*found["finding"], *found["estimates"][0]) if key not in text} <= {
        "day_count", "interval", "benchmark_low", "benchmark_high",
    }  # fmt: skip
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    made: dict[str, Any] = {}
    exec(example, made)  # the page's own code, read from the checkout
    assert made["table"].height == len(made["found"].figures)
