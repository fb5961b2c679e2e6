"""The workbook: stored values, checks, and every won again after a spreadsheet recalculates it."""

import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from koga.core import fund_flows, fund_rules, fund_terms, waterfall
from koga.core.problems import Refusal
from koga.core.waterfall_reasons import TIERS
from koga.documents import waterfall_workbook

CASES = Path(__file__).parents[1] / "cases"
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
needs_office = pytest.mark.skipif(
    SOFFICE is None, reason="LibreOffice (soffice) is not installed: nothing recalculates here"
)
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
Key = tuple[date, str, str]


def all_cases() -> list[dict[str, Any]]:
    """Every golden case of the waterfall with its rules as text."""
    import tomllib

    found = []
    for path in sorted(CASES.glob("waterfall-*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        named = document.get("rules", {})
        for case in document["case"]:
            found.append({**case, "rules": named.get(case["rules"], case["rules"])})
    return found


def read_case(case: Mapping[str, Any]) -> tuple[fund_terms.FundRules, list[fund_flows.Flow]]:
    rules = fund_rules.parse(case["rules"])
    columns = ("date", "kind", "amount", "member", "deal")
    lines = case["flows"].strip().splitlines()
    rows = [dict(zip(columns, line.split(","), strict=False)) for line in lines]
    return rules, fund_flows.read(rows, list(rules.members))


def sums_of_lines(outcome: waterfall.Outcome) -> dict[Key, int]:
    sums: dict[Key, int] = {}
    for line in outcome.lines:
        key = (line.day, TIERS[line.tier][1], line.to or "–")
        sums[key] = sums.get(key, 0) + line.won
    return {key: won for key, won in sums.items() if won}


def sums_of_workbook(path: Path) -> dict[Key, int]:
    """Lines of a workbook by its stored values."""
    sheet = openpyxl.load_workbook(path, data_only=True)["Lines"]
    sums: dict[Key, int] = {}
    for row in sheet.iter_rows(min_row=2, values_only=True):
        assert row[4] == int(row[4]), "a payment is whole won"
        key = (row[0].date(), row[2], row[3])
        sums[key] = sums.get(key, 0) + int(row[4])
    return {key: won for key, won in sums.items() if won}


def recalculated(paths: list[Path], folder: Path) -> list[Path]:
    """The files as LibreOffice saves them, all formulas computed anew, in one run."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS)
    out = folder / "out"
    subprocess.run(
        [
            str(SOFFICE),
            f"-env:UserInstallation=file://{profile}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(out),
            *map(str, paths),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return [out / path.name for path in paths]


def without_stored_values(path: Path, changes: Mapping[str, int] | None = None) -> None:
    """Save the workbook with formulas alone, some flows changed."""
    book = openpyxl.load_workbook(path)
    for cell, amount in (changes or {}).items():
        book["Flows"][cell] = amount
    book.save(path)


@pytest.mark.parametrize("case", all_cases(), ids=[case["name"] for case in all_cases()])
def test_stored_values_are_the_waterfalls(case: dict[str, Any], tmp_path: Path) -> None:
    rules, flows = read_case(case)
    outcome = waterfall.distribute(rules, flows)

    waterfall_workbook.write(tmp_path / "w.xlsx", rules, flows, outcome)

    assert sums_of_workbook(tmp_path / "w.xlsx") == sums_of_lines(outcome)


@needs_office
def test_formulas_alone_reproduce_every_won_of_every_second_case(tmp_path: Path) -> None:
    outcomes, paths = [], []
    for number, case in enumerate(all_cases()[::2]):
        rules, flows = read_case(case)
        outcomes.append(waterfall.distribute(rules, flows))
        paths.append(tmp_path / f"case-{number}.xlsx")
        waterfall_workbook.write(paths[-1], rules, flows, outcomes[-1])
        without_stored_values(paths[-1])

    for done, outcome in zip(recalculated(paths, tmp_path), outcomes, strict=True):
        assert sums_of_workbook(done) == sums_of_lines(outcome)
        summary = openpyxl.load_workbook(done, data_only=True)["Summary"]
        checks = {row[0]: row[3] for row in summary.iter_rows(values_only=True) if row[0]}
        assert checks["수령 합계 − 배분 합계 · receipts less paid out"] == 0
        assert checks["출자자 간 이전 합계 · passed between members"] == 0


@needs_office
def test_a_changed_flow_recalculates_the_whole_waterfall(tmp_path: Path) -> None:
    case = next(case for case in all_cases() if case["name"].startswith("anglo: full catch-up"))
    rules, flows = read_case(case)
    path = tmp_path / "changed.xlsx"
    waterfall_workbook.write(path, rules, flows, waterfall.distribute(rules, flows))
    other = [flows[0], fund_flows.Flow(flows[1].day, "distributable", 1777)]

    without_stored_values(path, {"C3": 1777})

    (done,) = recalculated([path], tmp_path)
    assert sums_of_workbook(done) == sums_of_lines(waterfall.distribute(rules, other))


def test_rates_and_flows_are_cells_and_formulas_refer_to_them(tmp_path: Path) -> None:
    rules, flows = read_case(all_cases()[0])
    waterfall_workbook.write(tmp_path / "w.xlsx", rules, flows, waterfall.distribute(rules, flows))

    book = openpyxl.load_workbook(tmp_path / "w.xlsx")

    assert book.sheetnames == ["Summary", "Lines", "Flows", "Terms", "Workings"]
    formulas = " ".join(
        str(row[3]) for row in book["Workings"].iter_rows(min_row=2, values_only=True)
    )
    assert "Terms!$B$" in formulas and "Flows!$C$" in formulas
    won = [row[4] for row in book["Lines"].iter_rows(min_row=2, values_only=True)]
    assert won and all(str(cell).startswith("=") for cell in won)


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    rules, flows = read_case(all_cases()[0])

    with pytest.raises(Refusal) as refused:
        waterfall_workbook.write(
            tmp_path / "nowhere" / "w.xlsx", rules, flows, waterfall.distribute(rules, flows)
        )

    assert refused.value.problems[0].code == "documents.unwritable"
