"""From a scheme to the model: money by vehicle, quarter and deal; what lacks is said at once."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from koga.core.problems import Refusal
from koga.plan import build, class_laws, pace
from koga.plan.model import Equity, Loan, Model
from koga.plan.money import first_loss, holders
from koga.plan.schemes import scheme
from koga.plan.schemes.scheme import Scheme

SHIPPED = ("koga-500", "national-growth-150", "small", "reference-50k")
JO = 1e12


@pytest.fixture(scope="module")
def load(root: Path) -> Callable[[str], Scheme]:
    return lambda name: scheme.load(root / "schemes" / f"{name}.toml")


@pytest.fixture
def small(root: Path) -> str:
    return (root / "schemes" / "small.toml").read_text()


def built(text: str, tmp_path: Path) -> Model:
    path = tmp_path / "scheme.toml"
    path.write_text(text)
    return build.build(scheme.load(path))


def refused(text: str, tmp_path: Path) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refusal:
        built(text, tmp_path)
    for problem in refusal.value.problems:
        assert problem.message("ko") != problem.message("en")
    return [(problem.code, problem.where) for problem in refusal.value.problems]


@pytest.mark.parametrize("name", SHIPPED)
def test_given_a_shipped_scheme_when_built_then_its_money_is_what_is_committed_less_fees(
    load: Callable[[str], Scheme], name: str
) -> None:
    written = load(name)
    committed = sum(cell.amount_won for cell in scheme.committed(written))
    used = 1 - float(written.number("fund.undeployed_share")) if name in SHIPPED[:2] else 1

    model = build.build(written)

    called = 0.0
    for place, vehicle in enumerate(model.vehicles):
        lines = [line.vehicle == place for line in model.lines]
        called += model.planned_won[lines].sum() / (1 - holders.fee_load(vehicle))
        assert sum(part for _, part in vehicle.parts) == pytest.approx(1, abs=1e-12)
        assert {one for one, _ in vehicle.parts} <= {source.name for source in model.sources}
        assert {one for one, _ in vehicle.ranks} == {one for one, _ in vehicle.parts}
    assert called == pytest.approx(committed * used, rel=1e-12)
    assert model.vintages <= model.quarters
    assert ((model.deals > 0) >= (model.planned_won > 0)).all()
    assert sum(sector.weight for sector in model.sectors) == pytest.approx(1)


def test_given_the_national_fund_when_built_then_each_side_pays_what_the_matrix_says(
    load: Callable[[str], Scheme],
) -> None:
    model = build.build(load("national-growth-150"))

    paid = {"fund": 0.0, "private": 0.0, "fiscal": 0.0}
    sides = {source.name: source.side for source in model.sources}
    for place, vehicle in enumerate(model.vehicles):
        lines = [line.vehicle == place for line in model.lines]
        called = model.planned_won[lines].sum() / (1 - holders.fee_load(vehicle))
        for name, part in vehicle.parts:
            paid[sides[name]] += part * called

    assert paid["fund"] == pytest.approx(75 * JO * 0.9, rel=1e-9)
    assert paid["private"] == pytest.approx(75 * JO * 0.9, rel=1e-9)
    assert paid["fiscal"] == pytest.approx(2.25 * JO * 0.9, rel=1e-9)


def test_given_a_fund_of_one_year_when_built_then_it_is_called_in_that_year_alone(
    load: Callable[[str], Scheme],
) -> None:
    """The citizens' fund of 2026: 5,700 + 300 + 1,200, called from nine months later on."""
    model = build.build(load("national-growth-150"))
    place = [vehicle.told_as for vehicle in model.vehicles].index("citizens")
    vehicle = model.vehicles[place]

    lines = [line.vehicle == place for line in model.lines]
    by_quarter = model.planned_won[lines].sum(axis=(0, 1))
    loss = first_loss.of(vehicle, model.sources)

    assert np.flatnonzero(by_quarter).tolist() == [3, 4, 5, 6]
    assert dict(vehicle.parts) == pytest.approx(
        {"citizens": 5700 / 7200, "guaranteed_bonds": 300 / 7200, "budget": 1200 / 7200}
    )
    assert loss.cap == pytest.approx(1200 / 7200)
    assert (loss.providers, loss.unfunded) == (("budget",), 0)
    assert vehicle.term_years == 5


def test_given_a_mix_that_changes_with_the_years_when_built_then_each_mix_is_a_vehicle(
    load: Callable[[str], Scheme],
) -> None:
    """2026's budget money is in named funds; from 2027 on it is in the funds without a name."""
    model = build.build(load("national-growth-150"))
    parts = {vehicle.name: dict(vehicle.parts) for vehicle in model.vehicles}

    assert "budget" not in parts["indirect"]
    assert parts["indirect_2027"]["budget"] == pytest.approx(0.45 / 7.45)


def test_given_the_proposal_when_built_then_its_first_loss_is_mostly_not_in_the_vehicle(
    load: Callable[[str], Scheme],
) -> None:
    model = build.build(load("koga-500"))
    vehicle = next(one for one in model.vehicles if one.told_as == "equity_funds")

    loss = first_loss.of(vehicle, model.sources)

    assert loss.providers == ("budget",)
    assert loss.funded == pytest.approx(3 / 14 * 0.05)
    assert loss.funded + loss.unfunded == pytest.approx(0.1)
    assert model.quarters == 80


def test_given_a_lag_between_quarters_when_paced_then_money_falls_on_both_beside_it() -> None:
    paced = pace.by_quarter({2026: 4.0}, first_year=2026, lag_years=0.1)

    assert paced == pytest.approx([0.6, 1, 1, 1, 0.4])


def test_given_a_limit_on_a_year_when_it_binds_then_the_rest_waits_for_the_next() -> None:
    called = np.array([[5.0, 5, 5, 5, 0, 0, 0, 0], [1.0, 1, 1, 1, 0, 0, 0, 0]])
    limits = [(np.array([1.0, 0.0]), {2026: 15.0, 2027: 3.0})]

    kept = pace.within_limits(called, limits, 2026)

    by_year = kept.reshape(2, -1, 4).sum(axis=2)
    assert by_year[0] == pytest.approx([15, 3, 2])
    assert by_year[1] == pytest.approx([4, 0, 0])


def test_given_fewer_deals_than_quarters_when_made_whole_then_the_years_money_stays() -> None:
    planned = np.full((1, 1, 8), 25.0)

    won, deals = pace.whole_deals(planned, [50.0])

    assert won.reshape(2, 4).sum(axis=1) == pytest.approx([100, 100])
    assert deals.reshape(2, 4).sum(axis=1).tolist() == [2, 2]
    assert set(won[0, 0].tolist()) == {0.0, 50.0}


def test_given_a_bond_limit_when_built_then_bond_money_of_the_year_stays_within_it(
    small: str, tmp_path: Path
) -> None:
    limited = small.replace(
        "[fund]\n",
        '[fund]\ncash_limit.2025 = { value = "5억", basis = "stated", source = "plan" }\n',
    )
    free, held = built(small, tmp_path), built(limited, tmp_path)

    def public(model: Model, year: int) -> float:
        quarters = slice((year - 2025) * 4, (year - 2024) * 4)
        own = [dict(model.vehicles[line.vehicle].parts).get("city", 0) for line in model.lines]
        loads = [1 - holders.fee_load(model.vehicles[line.vehicle]) for line in model.lines]
        by_line = model.planned_won[:, :, quarters].sum(axis=(1, 2))
        return float((by_line * own / loads).sum())

    assert public(free, 2025) > 5e8
    assert public(held, 2025) == pytest.approx(5e8)
    assert held.planned_won.sum() == pytest.approx(free.planned_won.sum())


def test_given_a_class_when_built_then_what_is_not_written_is_none(
    small: str, tmp_path: Path
) -> None:
    law = built(small, tmp_path).lines[0].law

    assert isinstance(law, Equity)
    assert (law.tail_alpha, law.sector_volatility, law.follow_on_share) == (0, 0, 0)
    assert law.cap == math.inf


def test_given_a_loan_when_built_then_its_rate_is_treasury_and_spread(
    small: str, tmp_path: Path
) -> None:
    law = built(small, tmp_path).lines[1].law

    assert isinstance(law, Loan)
    assert law.rate == pytest.approx(0.04)
    assert not law.guarantee
    assert law.ratings == (0, 0, 0, 0.4, 0.4, 0.2)


def test_given_guarantees_when_built_then_the_class_is_of_guarantees_and_not_reinvested(
    small: str, tmp_path: Path
) -> None:
    text = small.replace("[instrument.loan.", "[instrument.guarantee.").replace(
        'instruments = ["loan"]', 'instruments = ["guarantee"]'
    )
    text = text.replace("instrument.loan.fund", "instrument.guarantee.fund")
    fee = 'guarantee_fee = { value = 0.008, basis = "stated", source = "plan" }\ntenor_years'
    text = text.replace("tenor_years        =", f"{fee}        =")

    model = built(text, tmp_path)

    law = model.lines[1].law
    assert isinstance(law, Loan)
    assert (law.guarantee, law.rate) == (True, pytest.approx(0.008))
    assert model.evergreen_line.tolist() == [1, 0]
    assert model.lines[1].instrument == class_laws.GUARANTEE


STATED = 'basis = "stated", source = "plan" }\n'
LACKING = (
    (
        'treasury_rate        = { value = 0.035, basis = "assumed", low = 0.025, high = 0.045 }\n',
        "",
        ("plan.needs", "market.treasury_rate"),
    ),
    (
        'holding_shape = { value = 4, basis = "assumed", low = 2, high = 8 }\n',
        "",
        ("plan.needs", "class.young_firms.holding_shape"),
    ),
    (
        'tenor_years        = { value = 5, basis = "assumed", low = 3, high = 7 }\n',
        "",
        ("plan.needs", "class.shop_loans.loan.tenor_years"),
    ),
    (
        '{ value = "5억", basis = "assumed", low = "2억"',
        '{ value = 0, basis = "assumed", low = 0',
        ("plan.ticket", "class.young_firms.ticket"),
    ),
    (
        'instruments = ["loan"]',
        'instruments = ["indirect"]',
        ("plan.no_class", "instrument.loan"),
    ),
    (
        'management_fee  = { value = 0.02, basis = "assumed", low = 0.015, high = 0.025 }\n',
        "management_fee = { value = 0.5, " + STATED,
        ("plan.fees", "instrument.indirect.terms.management_fee"),
    ),
    (
        "carry           =",
        "catch_up = { value = 0.1, " + STATED + "carry =",
        ("plan.catch_up", "vehicle.venture_fund.terms.catch_up"),
    ),
    (
        "memory               =",
        "curve.long = { value = 0.04, " + STATED + "memory =",
        ("plan.maturity", "market.curve.long"),
    ),
    ('side = "private"', 'side = "fund"', ("plan.no_source", "capital")),
)


@pytest.mark.parametrize(("old", "new", "expected"), LACKING, ids=[row[2][1] for row in LACKING])
def test_given_a_scheme_that_lacks_something_when_built_then_it_is_a_problem_at_its_place(
    small: str, tmp_path: Path, old: str, new: str, expected: tuple[str, str]
) -> None:
    assert old in small
    text = small.replace(old, new)
    if expected[0] == "plan.no_class":
        text = text.replace(
            'share  = { value = 1, basis = "stated"', 'share  = { value = 0, basis = "stated"'
        )
    if expected[0] == "plan.no_source":
        text = text.replace("share = { value = 1, basis", "share = { value = 0.5, basis")

    assert expected in refused(text, tmp_path)


def test_given_a_scheme_without_market_and_classes_when_built_then_all_is_said_at_once(
    small: str, tmp_path: Path
) -> None:
    start, end = small.index("# 건 묶음"), small.index("# 목표: 기관의")

    found = refused(small[:start] + small[end:], tmp_path)

    assert found == [
        ("plan.no_class", "instrument.indirect"),
        ("plan.no_class", "instrument.loan"),
        ("plan.needs", "market.treasury_rate"),
        ("plan.needs", "market.volatility"),
    ]


def test_given_a_horizon_when_it_is_absurd_then_it_is_refused(
    load: Callable[[str], Scheme],
) -> None:
    with pytest.raises(Refusal) as refusal:
        build.build(load("small"), horizon_years=900)

    assert [problem.code for problem in refusal.value.problems] == ["plan.horizon"]
