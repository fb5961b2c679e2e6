"""The simulator against what was really reported: KVIC's net returns, the New Deal funds' ends."""

from pathlib import Path

import numpy as np
import pytest

from koga.plan import build
from koga.plan.engine import exact
from koga.plan.model import Floats, Model
from koga.plan.money import holders, rates, returns
from koga.plan.schemes import change, scheme
from koga.plan.schemes.scheme import Scheme
from tests.plan.pot_by_hand import flows, model, vehicle

REPORTED = (0.075, 0.08)
"""Net IRR of KVIC's liquidated funds: of 2025, and on average from 2005 to 2025."""
FUNDS = 3_000
A_YEAR = 40
"""About as many funds as are liquidated in a year."""


@pytest.fixture(scope="module")
def kvic() -> Scheme:
    return scheme.load(Path(__file__).with_name("kvic.toml"))


def net_flows(built: Model) -> Floats:
    """What all investors of each fund received less what they paid in, by quarter."""
    held = holders.holdings(built, exact.flows(built, seed=11, first=0, paths=FUNDS))
    net: Floats = np.sum(list(held.received.values()), axis=0)
    for paid in held.paid.values():
        net = net - paid
    return net


def pooled(built: Model) -> float:
    return float(rates.quarterly(net_flows(built).sum(axis=0)[None])[0])


def test_given_kvics_deals_and_fees_when_simulated_then_its_reported_return_is_in_the_band(
    kvic: Scheme,
) -> None:
    """Eleven deals a fund, holding time 3.7 years: pooled over all funds, and over a year's."""
    built = build.build(kvic)
    assert built.deals.sum() == 11

    net = net_flows(built)

    whole = rates.quarterly(net.sum(axis=0)[None])[0]
    by_year = rates.quarterly(net.reshape(-1, A_YEAR, built.quarters).sum(axis=1))
    low, high = np.quantile(by_year, [0.05, 0.95])
    assert 0.07 <= whole <= 0.09
    assert low < REPORTED[0] < REPORTED[1] < high
    assert high - low < 0.06


def test_given_longer_holding_when_simulated_then_the_return_falls_below_what_was_reported(
    kvic: Scheme,
) -> None:
    slow = change.changed(kvic, {"class.venture.holding_years": 5.5}, hashed=False)

    assert 0.04 < pooled(build.build(slow)) < 0.06


def test_given_kvics_funds_when_measured_then_fees_take_what_the_gap_of_multiples_says(
    kvic: Scheme,
) -> None:
    """Gross 1.52 as observed; net some 1.3, one fund in seven below what was paid in."""
    built = build.build(kvic)
    drawn = exact.flows(built, seed=11, first=0, paths=FUNDS)

    found = returns.outcome(built, drawn, holders.holdings(built, drawn)).measures

    assert found["gross_multiple"].mean() == pytest.approx(1.52, abs=0.02)
    assert 1.27 < found["tvpi.net"].mean() < 1.35
    assert 0.12 < (found["tvpi.net"] < 1).mean() < 0.18


ENDS = {-0.2912: 0.1140, -0.2522: 0.06525, -0.0607: 0.0, -0.0437: 0.0, 0.1339: 0.0}
"""Result of the sub-funds that lost, and of the best: what senior money (80 %) loses of its own."""


@pytest.mark.parametrize("result", ENDS)
def test_given_the_new_deal_funds_when_replayed_then_a_junior_of_20_per_cent_bears_its_part(
    result: float,
) -> None:
    one = model(vehicle(parts=(("citizens", 0.8), ("budget", 0.2))), 17)
    put, back = np.zeros((1, 17)), np.zeros((1, 17))
    put[0, 0], back[0, 16] = 100e9, 100e9 * (1 + result)

    found = returns.outcome(one, flows(put, back), holders.holdings(one, flows(put, back)))

    assert found.measures["loss.senior"][0] == pytest.approx(ENDS[result] * 80e9, rel=1e-9)
    assert found.measures["protected_loses"][0] == (ENDS[result] > 0)
    assert found.measures["loss.junior"][0] == pytest.approx(min(max(-result, 0), 0.2) * 100e9)
