"""Funds in a release: totals, values that roll forward, no figure beyond, no single firm."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from koga.core.problems import Refusal
from koga.release.build import build
from koga.release.verify import verify
from tests.release.sample import build_sample, sample_head, sample_key, sample_tables
from tests.release.sample_funds import HAND

Change = Callable[[dict[str, Any]], None]


def _cell(table: str, name: str, value: Any, place: int = 0) -> Change:
    def change(tables: dict[str, Any]) -> None:
        tables[table][place][name] = value

    return change


def _withheld(tables: dict[str, Any]) -> None:
    row = tables["funds"][0]
    row |= {"disclosure": "withheld"}


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (_cell("funds", "paid_in", 1), {"release.fund_total"}),
        (_cell("fund_flows", "amount", 7), {"release.fund_total", "release.fund_value"}),
        (_cell("fund_values", "nav", 7), {"release.fund_value"}),
        (_cell("fund_values", "carry_accrued", -1), {"release.fund_value"}),
        (_cell("funds", "through", "2023-Q4"), {"release.fund_late"}),
        (_withheld, {"release.fund_withheld"}),
        (_cell("fund_deals", "firms", 4), {"release.fund_small"}),
        (_cell("fund_deals", "proceeds", None), {"release.fund_small"}),
        (_cell("fund_deals", "hidden", True), {"release.fund_hidden"}),
        (_cell("fund_flows", "kind", "gift"), {"release.closed", "release.fund_total"}),
        (_cell("fund_flows", "fund", "nobody"), {"release.reference", "release.fund_total",
                                                  "release.fund_value"}),
    ],
)  # fmt: skip
def test_given_figures_of_funds_that_do_not_hold_when_built_then_refused(
    change: Change, codes: set[str], tmp_path: Path
) -> None:
    tables: dict[str, Any] = sample_tables(60)
    change(tables)

    with pytest.raises(Refusal) as refused:
        build(tmp_path / "release", tables=tables, head=sample_head(), key=sample_key())

    assert codes <= {problem.code for problem in refused.value.problems}


def test_given_a_release_with_funds_when_verified_then_its_checks_are_told(tmp_path: Path) -> None:
    folder, key = build_sample(tmp_path / "release", 60)

    checks = {check.name: check.ok for check in verify(folder, key)}

    assert all(checks.values())
    assert {"funds' totals are their flows", "funds' values roll forward"} <= checks.keys()


def test_given_the_fund_by_hand_when_read_then_its_rows_are_the_case() -> None:
    tables = sample_tables(60)
    values = [row for row in tables["fund_values"] if row["fund"] == HAND]

    assert [(row["nav"], row["carry_accrued"]) for row in values] == [
        (4_620_273_973, 379_726_027), (0, 0),
    ]  # fmt: skip
