"""What a scheme costs the budget: conservation, who bears what, present values by hand."""

import dataclasses
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from koga.plan import build, measures
from koga.plan.budget import curve, exposure, fiscal, payers
from koga.plan.engine import fast
from koga.plan.model import Holdings, Line, Model, Source, Vehicle
from koga.plan.money import holders
from koga.plan.schemes import scheme
from koga.plan.schemes.shape import Scheme
from tests.plan import by_hand

PATHS = 64


@pytest.fixture(scope="module")
def small(root: Path) -> Scheme:
    return scheme.load(root / "schemes" / "small.toml")


def invented(root: Path, tmp_path: Path, change: dict[str, str]) -> Scheme:
    text = (root / "schemes" / "small.toml").read_text()
    for old, new in change.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.toml"
    path.write_text(text)
    return scheme.load(path)


BONDS = """
[capital.notes]
name_ko = "보증채"
name_en = "Guaranteed notes"
side = "fund"
kind = "bond"
rank  = { value = "junior", basis = "stated", source = "plan" }
share = { value = 0.8, basis = "stated", source = "plan" }
bond.maturity_years = { value = 2, basis = "stated", source = "plan" }
bond.guaranteed_share = { value = 1, basis = "stated", source = "plan" }
bond.spread = { value = 0.002, basis = "stated", source = "plan" }
bond.interest_support = { value = "local", basis = "stated", source = "plan" }
bond.interest_support_years = { value = 3, basis = "stated", source = "plan" }

[capital.banks]"""


@pytest.fixture
def bonded(root: Path, tmp_path: Path) -> Scheme:
    """The teaching scheme with four fifths of the city's money from guaranteed notes."""
    share = 'share = { value = 1, basis = "stated", source = "plan" }'
    return invented(
        root, tmp_path, {share: share.replace("value = 1", "value = 0.2"), "[capital.banks]": BONDS}
    )


def ran(told: Scheme) -> tuple[Model, fiscal.Accounts, object]:
    model = build.build(told)
    flows = fast.flows(model, seed=3, first=0, paths=PATHS)
    held = holders.holdings(model, flows)
    return (
        model,
        fiscal.accounts(told, model, flows, held),
        fiscal.outcome(told, model, flows, held),
    )


def test_given_a_scheme_with_bonds_when_costed_then_what_all_pay_is_what_others_get(
    bonded: Scheme,
) -> None:
    """Payers and bondholders together pay what deals, managers and recipients get, every path."""
    _, opened, _ = ran(bonded)

    paid = sum(fiscal.borne(opened).values()).sum(axis=1)

    flows, held = opened.flows, opened.holdings
    deals = (flows.invested - flows.returned).sum(axis=(1, 2))
    managers = sum(won.sum(axis=1) for won in [*held.fees.values(), *held.carry.values()])
    recipients = sum(float(programme.won.sum()) for programme in opened.programmes)
    interest = sum(purse.earned.sum(axis=1) for _, purse in opened.purses.values())
    waiting = sum(purse.waiting[:, -1] for _, purse in opened.purses.values())
    got = deals + managers + recipients - interest - waiting
    assert np.abs(paid - got).max() < 1e-6 * np.abs(deals).max() + 1.0


def test_given_a_scheme_with_bonds_when_costed_then_every_series_and_measure_is_declared(
    bonded: Scheme,
) -> None:
    model, _, found = ran(bonded)

    for name, values in found.series.items():
        assert measures.find(name).kind == "series", name
        assert values.shape == (PATHS, model.years), name
    for name, values in found.measures.items():
        assert measures.find(name).kind == "measure", name
        assert values.shape == (PATHS,), name


def test_given_budgets_when_summed_then_the_net_cost_is_its_parts_and_the_payers_columns(
    bonded: Scheme,
) -> None:
    _, _, found = ran(bonded)
    series = found.series

    parts = ["paid_in", "interest", "guarantee", "programmes"]
    net = sum(series[f"budget.{part}"] for part in parts)
    net = net - series["budget.returned"] - series["budget.recovered"]
    assert net == pytest.approx(series["budget.net"])
    columns = series["borne.state"] + series["borne.local"]
    assert np.abs(columns - net).max() < 1.0


def test_given_an_open_claim_at_the_end_when_costed_then_what_the_fund_holds_beyond_bonds_lowers_it(
    bonded: Scheme,
) -> None:
    """Horizon cut short: the fund still holds deals, owes bonds and the state waits for its claim.

    Held, bonds outstanding, claim by path: 10, 4, 5 (5 is covered); 10, 4, 9 (6 is); 3, 4, 5 (none
    is); 10, 4, 0 (nothing is owed, and the fund's own surplus is no budget's).
    """
    model = build.build(bonded, horizon_years=6)
    flows = fast.flows(model, seed=1, first=0, paths=4)
    opened = fiscal.accounts(bonded, model, flows, holders.holdings(model, flows))
    own, purse = opened.purses["notes"]
    called, outstanding = np.zeros((2, 4, model.quarters))
    called[:, 3] = 5.0, 9.0, 5.0, 0.0
    outstanding[:, -1] = 4.0
    purse = dataclasses.replace(
        purse, called=called, outstanding=outstanding, recovered=np.zeros_like(called)
    )
    held = {**opened.holdings.held, "notes": np.array([10.0, 10.0, 3.0, 10.0])}
    opened = dataclasses.replace(
        opened, purses={"notes": (own, purse)},
        holdings=dataclasses.replace(opened.holdings, held=held),
    )  # fmt: skip

    owed, covered = fiscal.claims(opened)["notes"]

    assert owed.tolist() == [5.0, 9.0, 5.0, 0.0] and covered.tolist() == [5.0, 6.0, 0.0, 0.0]


def test_given_a_bearer_when_written_then_that_column_bears_it(bonded: Scheme) -> None:
    """Support by the city's own budget stands under local budgets."""
    _, opened, found = ran(bonded)

    supported = opened.purses["notes"][1].supported.sum()

    assert supported > 0
    assert found.series["borne.local"].sum() == pytest.approx(
        found.series["budget.interest"].sum()
        + _of(opened, "local")
        + sum(one.won.sum() for one in opened.programmes if one.payer == "local") * PATHS
    )


def _of(opened: fiscal.Accounts, payer: str) -> float:
    held = opened.holdings
    names = [name for name, one in opened.payer.items() if one == payer]
    return sum(float((held.paid[name] - held.received[name]).sum()) for name in names)


@pytest.mark.parametrize(
    ("source", "payer"),
    [
        (Source("a", "fiscal", "budget", "junior"), "state"),
        (Source("a", "fund", "budget", "junior"), "state"),
        (Source("a", "fund", "bond", "junior"), "fund"),
        (Source("a", "fund", "sovereign_assets", "junior"), "fund"),
        (Source("a", "private", "bank", "senior"), "private"),
    ],
)
def test_given_no_bearer_when_asked_then_side_and_kind_tell(
    small: Scheme, source: Source, payer: str
) -> None:
    assert payers.of_source(small, source) == payer


def budget_model() -> tuple[Model, Holdings]:
    """The budget pays 100 in the first quarter and gets 60 at the end of the second year."""
    parts = {"budget": 1.0}
    found = by_hand.model(
        8, sources=(by_hand.BUDGET,), vehicles=(by_hand.vehicle(parts=parts),),
        lines=(Line("loans", "loan", 0, 1e9, by_hand.LOAN),),
    )  # fmt: skip
    paid, received = by_hand.at(8, {0: 100.0}), by_hand.at(8, {7: 60.0})
    return found, by_hand.holdings({"budget": paid}, {"budget": received}, {"budget": 10.0})


@pytest.fixture
def bare(small: Scheme) -> Scheme:
    """A scheme without programmes."""
    return dataclasses.replace(small, entries={})


def test_given_two_flows_when_discounted_then_it_is_the_hand_calculation(bare: Scheme) -> None:
    """100 after one quarter; 60 back and 10 still held at cost after eight; 4 % a year flat."""
    model, held = budget_model()
    flows = by_hand.flows(model, np.zeros((1, 1, 8)), np.zeros((1, 1, 8)))

    found = fiscal.outcome(bare, model, flows, held).measures

    assert found["cost.lifetime"][0] == pytest.approx(30)
    assert found["cost.treasury"][0] == pytest.approx(100 / 1.01 - 70 / 1.01**8)
    assert found["cost.social"][0] == pytest.approx(100 / 1.045**0.25 - 70 / 1.045**2)


def test_given_market_risk_when_priced_then_losses_of_bad_years_cost_more(bare: Scheme) -> None:
    """Half the paths, the bad ones, lose everything: the fair cost is above the treasury cost."""
    model, _ = budget_model()
    market = np.random.default_rng(5).standard_normal((20_000, 2))
    bad = market.sum(axis=1) < 0
    paid = by_hand.at(8, {0: 100.0}, paths=20_000)
    received = by_hand.at(8, {7: 120.0}, paths=20_000)
    received[bad] = 0.0
    nothing = np.zeros((20_000, 1, 8))
    flows = dataclasses.replace(by_hand.flows(model, nothing, nothing), factors=market)

    told = by_hand.holdings({"budget": paid}, {"budget": received})
    found = fiscal.outcome(bare, model, flows, told).measures

    # Priced, each year's factor has mean -0.25: the sum of two is below 0 with N(0.5 / sqrt(2)).
    risky = 1 - NormalDist().cdf(0.5 / 2**0.5)
    assert found["cost.fair"].mean() == pytest.approx(
        100 / 1.01 - 120 * risky / 1.01**8, abs=4 * found["cost.fair"].std() / 20_000**0.5
    )
    assert found["cost.fair"].mean() > found["cost.treasury"].mean()


def test_given_a_pricing_kernel_when_averaged_then_it_is_one_also_with_memory() -> None:
    market = by_hand.market(memory=0.5)
    fresh = np.random.default_rng(9).standard_normal((200_000, 4))
    factors = fresh.copy()
    for year in range(1, 4):
        factors[:, year] = 0.5 * factors[:, year - 1] + np.sqrt(0.75) * fresh[:, year]

    assert np.abs(curve.innovations(market, factors) - fresh).max() < 1e-12
    kernel = curve.pricing_kernel(market, factors)
    assert kernel.mean(axis=0) == pytest.approx([1, 1, 1, 1], abs=0.01)


def test_given_programmes_outside_the_horizon_when_costed_then_they_are_told_apart(
    small: Scheme,
) -> None:
    """Of 2025 and 2026, only 2026 lies in a horizon that begins in 2026."""
    academy, gpu = payers.programmes(small, by_hand.model(8, first_year=2026))

    assert academy.won.tolist() == [3500 * 10_000_000, 0]
    assert academy.outside_won == 3500 * 10_000_000
    assert (gpu.won.tolist(), gpu.outside_won) == ([300_000 * 3500, 0], 200_000 * 3500)


def test_given_ten_largest_deals_when_measured_then_each_counts_once() -> None:
    planned = np.zeros((1, 1, 4))
    planned[0, 0] = [100.0, 60.0, 40.0, 0.0]
    deals = np.array([[[2, 6, 40, 0]]])
    model = dataclasses.replace(by_hand.model(planned=planned), deals=deals)

    found = exposure.concentration(model)

    assert found["concentration.top"] == pytest.approx((100 + 60 + 2 * 1.0) / 200)
    assert found["concentration.sector"] == found["concentration.herfindahl"] == 1


def test_given_guaranteed_loans_when_exposed_then_they_count_until_they_end() -> None:
    law = dataclasses.replace(by_hand.LOAN, guarantee=True, tenor_years=1.0)
    planned = np.zeros((1, 1, 8))
    planned[0, 0, :3] = [100.0, 50.0, 25.0]
    model = by_hand.model(
        12, lines=(Line("loans", "guarantee", 0, 1e9, law),), planned=planned,
    )  # fmt: skip

    found = exposure._guaranteed_loans(model)

    assert found.tolist() == [100, 150, 175, 175, 75, 25, 0, 0, 0, 0, 0, 0]


def test_given_a_vehicle_with_an_unpaid_cap_when_exposed_then_the_rest_of_it_counts() -> None:
    covered: Vehicle = dataclasses.replace(
        by_hand.vehicle(parts={"budget": 0.05, "banks": 0.95}, provider="fiscal"),
        first_loss_share=0.2, first_loss_denominator="vehicle_total",
    )  # fmt: skip
    planned = np.full((1, 1, 4), 250.0)
    model = by_hand.model(
        12, sources=(by_hand.BUDGET, by_hand.BANKS), vehicles=(covered,), planned=planned
    )

    found = exposure.measures(model, {}, 2)

    assert found["exposure.first_loss"].tolist() == pytest.approx([150.0] * 2)


def test_given_years_when_the_worst_decade_is_sought_then_it_is_the_largest_ten_in_a_row() -> None:
    calm = [1.0] * 12
    late = [-5.0, *[0.0] * 9, 4.0, 6.0]

    found = fiscal._worst(np.array([calm, late]), 10)

    assert found.tolist() == [10.0, 10.0]
    assert fiscal._worst(np.array([[3.0, -1.0]]), 10).tolist() == [2.0]
