"""The golden cases of the waterfall: every line exact, in core."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from koga.core import fund_flows, fund_rules, fund_terms, waterfall

CASES = Path(__file__).parents[1] / "cases"
COLUMNS = ("date", "kind", "amount", "member", "deal")


def _cases() -> Iterator[Any]:
    """Every case of every waterfall file, with its rules as text."""
    for path in sorted(CASES.glob("waterfall-*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        named = document.get("rules", {})
        for case in document["case"]:
            rules = named.get(case["rules"], case["rules"])
            yield pytest.param({**case, "rules": rules}, id=case["name"])


ALL = list(_cases())


def read_case(case: dict[str, Any]) -> tuple[fund_terms.FundRules, list[fund_flows.Flow]]:
    """A case's rules and flows."""
    rules = fund_rules.parse(case["rules"])
    rows = [
        dict(zip(COLUMNS, line.split(","), strict=False))
        for line in case["flows"].strip().splitlines()
    ]
    return rules, fund_flows.read(rows, list(rules.members))


def expected_lines(case: dict[str, Any]) -> list[tuple[date, str, str, int]]:
    """The lines written in a case."""
    lines = []
    for line in case["lines"].strip().splitlines():
        day, tier, to, amount = line.split(",")
        lines.append((date.fromisoformat(day), tier, to, int(amount)))
    return lines


@pytest.mark.parametrize("case", ALL)
def test_every_line_is_as_signed(case: dict[str, Any]) -> None:
    rules, flows = read_case(case)

    outcome = waterfall.distribute(rules, flows)

    actual = [(line.day, line.tier, line.to, line.won) for line in outcome.lines]
    assert sorted(actual) == sorted(expected_lines(case))
    assert dict(outcome.totals) == case["totals"]


@pytest.mark.parametrize("case", [case for case in ALL if "fees" in case.values[0]])
def test_the_roll_forward_of_offsets_is_as_signed(case: dict[str, Any]) -> None:
    rules, flows = read_case(case)

    outcome = waterfall.distribute(rules, flows)

    actual = [
        {name: int(getattr(year, name)) for name in expected}
        for year, expected in zip(outcome.fee_years, case["fees"], strict=True)
    ]
    assert actual == case["fees"]


@pytest.mark.parametrize("case", [case for case in ALL if "clawback" in case.values[0]])
def test_the_whole_fund_test_is_as_signed(case: dict[str, Any]) -> None:
    rules, flows = read_case(case)

    tested = waterfall.carry_clawback(rules, flows)

    assert tested == waterfall.Clawback(**case["clawback"])


def test_the_cases_are_many_and_named_once() -> None:
    names = [case.id for case in ALL]
    assert len(names) == len(set(names))
    assert all(case.values[0]["source"] for case in ALL)
