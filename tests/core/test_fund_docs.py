"""The reference pages of fund rules and performance: examples that run, names that exist."""

import re
from pathlib import Path

import pytest

from koga.core import fund_flows, fund_rules, fund_terms, ilpa, performance
from koga.core.waterfall import distribute

PAGES = Path(__file__).parents[2] / "docs" / "reference"


def blocks(page: str, kind: str) -> list[str]:
    text = (PAGES / page).read_text(encoding="utf-8")
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("page", ["fund-rules.md", "fund-rules.ko.md"])
def test_every_example_of_rules_is_right_and_the_first_one_runs(page: str) -> None:
    examples = blocks(page, "toml")
    assert len(examples) == 2
    for example in examples:
        assert fund_rules.check(example) == []
    rules = fund_rules.parse(examples[0])
    header, *lines = blocks(page, "csv")[0].strip().splitlines()
    rows = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]

    outcome = distribute(rules, fund_flows.read(rows, list(rules.members)))

    assert sum(line.won for line in outcome.lines if line.tier != "fee") == 13_000_000_000


@pytest.mark.parametrize("page", ["fund-rules.md", "fund-rules.ko.md"])
def test_every_key_kind_and_form_is_documented(page: str) -> None:
    text = (PAGES / page).read_text(encoding="utf-8")
    words = {
        *fund_terms.TIER_KINDS,
        *fund_terms.LEGAL_FORMS,
        *fund_flows.KINDS,
        *fund_rules.TOP_KEYS,
    }
    missing = [word for word in sorted(words - {"name", "members"}) if word not in text]
    assert missing == []


@pytest.mark.parametrize("page", ["performance.md", "performance.ko.md"])
def test_every_metric_status_and_view_is_documented(page: str) -> None:
    text = (PAGES / page).read_text(encoding="utf-8")
    for name in (*performance.NAMES, "unique", "multiple", "tangent", "none", "invalid"):
        assert f"`{name}`" in text, name


ROWS = (
    "Capital Call: Investments",
    "Capital Call: Management Fees/Partnership Expenses",
    "Capital Call: Fund-level Subscription Facility Fees/Interest",
    "Fund-level Subscription Facility Drawdown: Total Amount",
    "Fund-level Subscription Facility Drawdown: Management Fees/Partnership Expenses",
    "Distribution: Permanent",
    "Quarter-end Adjustment for Carry Allocation",
    "Gross Up Fund-level Subscription Facility Fees/Interest",
    "Gross Up Outstanding Balance from Fund-level Subscription Facility",
)
"""A type for each row of the table of views on the page."""


@pytest.mark.parametrize("page", ["performance.md", "performance.ko.md"])
def test_the_table_of_views_is_the_mapping(page: str) -> None:
    text = (PAGES / page).read_text(encoding="utf-8")
    rows = [line.split("|")[2:6] for line in text.splitlines() if "•" in line]

    for name, cells in zip(ROWS, rows, strict=True):
        marked = {view for view, cell in zip(ilpa.VIEWS, cells, strict=True) if "•" in cell}
        assert marked == ilpa.TYPES[name].views, name
