"""What stands on a sheet is what was computed: totals add up, and both languages say the same."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from koga import plan
from koga.cli import futures_files
from koga.documents.sheet import Sheet, Table
from koga.plan.result import Result

WON = {
    "bn won": 10**9, "m won": 10**6, "1,000 won": 10**3, "won": 1,
    "억 원": 10**8, "백만 원": 10**6, "만 원": 10**4, "원": 1,
}  # fmt: skip
"""Won in one of a printed unit."""
_NUMBER = re.compile(r"[△−-]?\d[\d,]*(?:\.\d+)?")
_TITLE_UNIT = re.compile(r"\(([^()]+)\)$")


@pytest.fixture(scope="module")
def result(root: Path) -> Result:
    """The one shipped scheme with bonds, first losses, programmes of people and obligations."""
    found = plan.load(root / "schemes" / "koga-500.toml")
    return plan.simulate(found, paths=64, seed=5, engine="fast")


@pytest.fixture(scope="module")
def sheets(result: Result, root: Path) -> dict[str, Sheet]:
    other = plan.load(root / "schemes" / "national-growth-150.toml")
    return {
        language: futures_files.sheet_of(result, [], language, [other]) for language in ("ko", "en")
    }


def read(cell: str) -> float | None:
    """A printed number; None where there is none."""
    match = _NUMBER.search(cell)
    if match is None:
        return None
    told = float(match[0].lstrip("△−-").replace(",", ""))
    return -told if match[0][0] in "△−-" else told


def half_of(cell: str) -> float:
    """Half of the last digit printed."""
    match = _NUMBER.search(cell)
    assert match is not None
    return 0.5 * 10.0 ** -len(match[0].partition(".")[2])


def unit_of(table: Table, row: Sequence[str]) -> int:
    """Won in one unit of a row: its own unit, else the one in the table's title."""
    if len(row) > 1 and row[1] in WON:
        return WON[row[1]]
    match = _TITLE_UNIT.search(table.title)
    return WON.get(match[1], 0) if match else 0


def titled(page: Sheet, words: str) -> Table:
    return next(table for table in page.tables if words in table.title)


def test_given_both_languages_when_printed_then_they_carry_the_same_numbers(
    sheets: dict[str, Sheet],
) -> None:
    """Korean in 억, English in billions: equal to within half a digit of each."""
    korean, english = sheets["ko"], sheets["en"]
    assert len(korean.tables) == len(english.tables) >= 11
    compared = 0
    for ko, en in zip((*korean.tables, *korean.annex), (*english.tables, *english.annex),
                      strict=True):  # fmt: skip
        assert (ko.kinds == en.kinds and len(ko.rows) == len(en.rows)) or ko.annex, ko.title
        for one, two in zip(ko.rows, en.rows, strict=False):
            sizes = unit_of(ko, one), unit_of(en, two)
            for kind, head, left, right in zip(ko.kinds, ko.columns, one, two, strict=False):
                if kind != "number" or not all(sizes) or ko.annex or head == "유효":
                    continue
                values = read(left), read(right)
                assert (values[0] is None) == (values[1] is None), (ko.title, one, two)
                if values[0] is None or values[1] is None:
                    continue
                slack = half_of(left) * sizes[0] + half_of(right) * sizes[1]
                apart = abs(values[0] * sizes[0] - values[1] * sizes[1])
                assert apart <= slack * 1.000001, (ko.title, one, two)
                compared += 1
    assert compared > 500


def test_given_the_answers_when_printed_then_both_languages_say_the_same_numbers(
    sheets: dict[str, Sheet],
) -> None:
    """Rates, chances and counts as they stand; amounts too where both use trillions."""
    for ko, en in zip(sheets["ko"].answers.rows, sheets["en"].answers.rows, strict=True):
        for one, two in zip(ko[1].splitlines(), en[1].splitlines(), strict=True):
            pairs = ([value for value in re.findall(r"-?\d+\.\d+", text)] for text in (one, two))
            left, right = (sorted(set(found)) for found in pairs)
            if "억 원" not in one and "만 원" not in one:
                assert left == right, (one, two)
    for left_tile, right_tile in zip(sheets["ko"].headline, sheets["en"].headline, strict=True):
        assert _NUMBER.findall(left_tile[1]) == _NUMBER.findall(right_tile[1])


def test_given_the_measures_when_printed_then_each_is_that_of_the_table_on_file(
    result: Result, sheets: dict[str, Sheet]
) -> None:
    filed = {row["measure"]: row for row in result.measures.iter_rows(named=True)}
    labels = {result.label(name, "en"): name for name in filed}
    table = titled(sheets["en"], "Measures and their error")

    seen = set()
    for row in table.rows:
        if len(row) == 1:
            continue
        told = filed[labels[row[0].rstrip(" ‡†")]]
        scale = WON.get(row[1], 0.01 if "%" in row[1] else 1)
        columns = [key for at in ("p05", "p50", "p95") for key in (at, f"{at}_error")]
        for cell, at in zip(row[2:], ("mean", "error", *columns), strict=True):
            if read(cell) is None:
                continue
            assert read(cell) == pytest.approx(told[at] / scale, abs=1.01 * half_of(cell)), row
        seen.add(told["measure"])
    apart = {name for name in filed if name.startswith(("subsidy_rate.", "obligation_"))}
    undefined = {name for name, row in filed.items() if row["mean"] is None}
    assert seen | apart | undefined == set(filed)


def test_given_the_money_when_printed_then_sources_and_the_account_add_up(
    sheets: dict[str, Sheet],
) -> None:
    for page in sheets.values():
        sources = titled(page, "재원별" if page.language == "ko" else "by source")
        *parts, total = [[read(cell) or 0.0 for cell in row[2:]] for row in sources.rows]
        for place in range(3):
            summed = sum(row[place] for row in parts)
            assert summed == pytest.approx(total[place], abs=0.51 * len(parts))
        for paid, received, net, _ in (*parts, total):
            assert received - paid == pytest.approx(net, abs=1.01)
        account = titled(page, "수지" if page.language == "ko" else "account")
        ins, outs = ([read(row[place]) or 0.0 for row in account.rows] for place in (1, 2))
        assert ins[-1] == outs[-1]
        assert sum(ins[:-1]) == pytest.approx(ins[-1], abs=1.01)
        assert sum(outs[:-1]) == pytest.approx(outs[-1], abs=3.01)


def test_given_the_cost_estimate_when_printed_then_rows_and_columns_add_up(
    sheets: dict[str, Sheet],
) -> None:
    for page in sheets.values():
        korean = page.language == "ko"
        for name in ("비용추계 1", "비용추계 2") if korean else ("estimate 1", "estimate 2"):
            table = titled(page, name)
            *parts, total = [[read(cell) or 0.0 for cell in row[1:]] for row in table.rows]
            for place, whole in enumerate(total):
                assert sum(row[place] for row in parts) == pytest.approx(whole, abs=3.01)
            for row in (*parts, total):
                assert sum(row[:5]) == pytest.approx(row[5], abs=3.01)
                assert row[5] / 5 == pytest.approx(row[6], abs=1.01)
                assert row[5] + row[7] == pytest.approx(row[8], abs=1.01)


def test_given_the_cost_estimate_when_printed_then_it_leads_to_the_cost_in_the_risk_table(
    result: Result, sheets: dict[str, Sheet]
) -> None:
    page = sheets["en"]
    estimate, risk = titled(page, "estimate 1"), titled(page, "Risk of the net cost")
    by_year = [read(row[1]) for row in risk.rows[:-1]]
    total = [read(cell) for cell in estimate.rows[-1][1:]]

    assert by_year[:5] == total[:5]
    whole = sum(value or 0 for value in by_year)
    assert whole == pytest.approx(total[8], abs=0.06 * len(by_year))
    held = result.figures["cost.held"].mean
    assert held is not None
    assert (total[8] or 0) - held / 10**9 == pytest.approx(read(risk.rows[-1][1]), abs=0.2)
    assert "is the net cost of the whole horizon" in estimate.note


def test_given_a_chance_or_a_fixed_figure_when_printed_then_no_spread_is_claimed(
    sheets: dict[str, Sheet],
) -> None:
    rows = {row[0].rstrip(" ‡†"): row for row in titled(sheets["en"], "Measures").rows}

    chance = rows["Chance that protected money loses"]
    fixed = rows["Share of the largest sector"]
    assert chance[3].startswith("±") and chance[4:] == ["–"] * 6
    assert fixed[3:] == ["–"] * 7


def test_given_a_scheme_beside_when_printed_then_the_overlap_is_told_and_else_how_to_get_it(
    result: Result, sheets: dict[str, Sheet]
) -> None:
    shared = titled(sheets["en"], "shares with other schemes")
    ai = next(row for row in shared.rows if row[1] == "AI")
    assert ai[2:] == ["150,000.0", "30,000.0", "30,000.0"]

    alone = futures_files.sheet_of(result, [], "en")

    assert "--beside" in alone.answers.rows[3][1]
    assert "--beside" not in sheets["en"].answers.rows[3][1]
