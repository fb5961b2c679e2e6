"""The vectorised waterfall against the exact one, on every golden case."""

import importlib.util
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koga.core import fund_flows, waterfall, waterfall_paths

_SPEC = importlib.util.spec_from_file_location(
    "waterfall_cases", Path(__file__).with_name("test_waterfall_cases.py")
)
assert _SPEC and _SPEC.loader
golden = importlib.util.module_from_spec(_SPEC)
sys.modules["waterfall_cases"] = golden
_SPEC.loader.exec_module(golden)

SCALES = np.array([1.0, 2.0, 0.5, 1.0])
"""Each path is the case with all amounts times a factor; hurdle and shares scale with it."""


def as_paths(
    flows: list[fund_flows.Flow], scales: np.ndarray[Any, Any]
) -> list[waterfall_paths.PathFlow]:
    return [
        waterfall_paths.PathFlow(flow.day, flow.kind, flow.amount * scales, flow.member, flow.deal)
        for flow in flows
    ]


@pytest.mark.parametrize("case", golden.ALL)
def test_paths_stay_within_the_bound_of_the_exact_waterfall(case: dict[str, Any]) -> None:
    rules, flows = golden.read_case(case)

    exact = waterfall.distribute(rules, flows)
    paths = waterfall_paths.distribute(rules, as_paths(flows, np.ones(3)))

    lines: dict[tuple[date, str, str], int] = {}
    count: dict[tuple[date, str, str], int] = {}
    for line in exact.lines:
        key = (line.day, line.tier, line.to)
        lines[key] = lines.get(key, 0) + line.won
        count[key] = count.get(key, 0) + 1
    for key in {*lines, *paths.payments}:
        amounts = paths.payments.get(key, np.zeros(3))
        bound = waterfall_paths.GAP_WON * max(count.get(key, 1), 1) + 1e-9 * abs(amounts[0])
        assert np.ptp(amounts) == 0
        assert abs(amounts[0] - lines.get(key, 0)) <= bound, key
    for code, total in exact.totals.items():
        bound = waterfall_paths.GAP_WON * len(exact.lines) + 1e-9 * abs(total)
        assert abs(paths.totals[code][0] - total) <= bound


def test_paths_do_not_touch_each_other() -> None:
    rules, flows = golden.read_case(golden.ALL[0].values[0])

    together = waterfall_paths.distribute(rules, as_paths(flows, SCALES))
    alone = [
        waterfall_paths.distribute(rules, as_paths(flows, np.array([scale]))) for scale in SCALES
    ]

    for code in rules.members:
        assert together.totals[code].tolist() == pytest.approx(
            [one.totals[code][0] for one in alone], rel=1e-12
        )
