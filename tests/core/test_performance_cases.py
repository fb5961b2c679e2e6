"""The golden cases of rates, multiples and index comparisons: to 1e-9."""

import tomllib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from koga.core import performance
from koga.core import performance_reading as reading

CASES = Path(__file__).parents[1] / "cases"


def _cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("performance-*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            yield pytest.param(case, id=case["name"])


ALL = list(_cases())


def measured(case: dict[str, Any]) -> dict[str, performance.Metric]:
    """A case's metrics."""
    lines = [line.split(",") for line in case["flows"].strip().splitlines()]
    if len(lines[0]) == 1:
        return performance.periodic([Fraction(line[0]) for line in lines])
    rows = [dict(zip(("date", "amount"), line, strict=True)) for line in lines]
    held = performance.record(
        reading.read_cash(rows, "flows"), reading.read_values(case.get("navs", []))
    )
    index = None
    if "index" in case:
        values = [line.split(",") for line in case["index"].strip().splitlines()]
        index = reading.read_index(
            [dict(zip(("date", "value"), line, strict=True)) for line in values], "index"
        )
    commitment = Fraction(case["commitment"]) if "commitment" in case else None
    return performance.measure(
        held, day_count=case["day_count"], index=index, commitment=commitment
    )


@pytest.mark.parametrize("case", ALL)
def test_every_figure_is_as_signed(case: dict[str, Any]) -> None:
    found = measured(case)

    for name, expected in case["expect"].items():
        metric = found[name]
        tolerance = expected.get("tolerance", 1e-9)
        assert metric.status == expected["status"], name
        if "value" in expected:
            assert metric.value == pytest.approx(expected["value"], abs=tolerance), name
        if expected["status"] not in ("unique",):
            assert metric.value is None
            assert all(metric.reason)
        if "roots" in expected:
            assert list(metric.roots) == pytest.approx(expected["roots"], abs=1e-9)
        for more in ("terminal", "lambda"):
            if more in expected:
                assert metric.more[more] == pytest.approx(expected[more], abs=1e-4)


def test_the_cases_are_named_once_and_sourced() -> None:
    names = [case.id for case in ALL]
    assert len(names) == len(set(names))
    assert all(case.values[0]["source"] for case in ALL)
