"""Capital adds up whatever it is broken down by; each obligation has its own base."""

from pathlib import Path

import numpy as np
import pytest

from koga.plan import absorption, build, measures, overlap, reach
from koga.plan.model import Flows, Model
from koga.plan.schemes import change, scheme
from koga.plan.schemes.scheme import Scheme

JO = 10**12


def as_planned(model: Model, paths: int = 2) -> Flows:
    """Flows in which exactly the planned money is paid into deals, and nothing else happens."""
    invested = np.zeros((paths, len(model.lines), model.quarters))
    invested[:, :, : model.planned_won.shape[2]] = model.planned_won.sum(axis=1)
    none = np.zeros_like(invested)
    return Flows(0, invested, none, none, none, none, np.ones(paths), np.zeros((paths, 1)))


@pytest.fixture(scope="module")
def national(root: Path) -> Scheme:
    return scheme.load(root / "schemes" / "national-growth-150.toml")


@pytest.fixture(scope="module")
def proposal(root: Path) -> Scheme:
    return scheme.load(root / "schemes" / "koga-500.toml")


@pytest.mark.parametrize("name", ["national-growth-150", "koga-500", "small"])
def test_given_a_scheme_when_broken_down_then_sectors_and_classes_give_the_same_total(
    root: Path, name: str
) -> None:
    found = scheme.load(root / "schemes" / f"{name}.toml")
    model = build.build(found)
    drawn = as_planned(model)

    outcome = reach.outcome(found, model, drawn)

    total = drawn.invested.sum(axis=(1, 2))
    for start in ("capital_sector.", "capital_class."):
        parts = sum(v.sum(axis=1) for n, v in outcome.series.items() if n.startswith(start))
        assert parts == pytest.approx(total, rel=1e-12), start
    assert all(v.shape == (2, model.years) for v in outcome.series.values())
    assert {measures.find(n).kind for n in outcome.series} == {"series"}
    assert {measures.find(n).kind for n in outcome.measures} <= {"measure"}


def test_given_the_same_money_when_the_base_differs_then_the_ratio_does(
    proposal: Scheme,
) -> None:
    """Main purpose against all commitments of funds; city firms against public money alone."""
    model = build.build(proposal)
    kept = {each.name: each for each in reach.obligations(proposal, model, as_planned(model))}

    funds = [p for p, line in enumerate(model.lines) if line.instrument == "indirect"]
    committed = model.planned_won[funds].sum()
    purpose, city = kept["main_purpose"], kept["city_money"]
    assert purpose.base.sum() == pytest.approx(committed)
    assert purpose.required.sum() == pytest.approx(0.6 * committed)
    assert 0 < city.base.sum() < committed
    assert city.required.sum() == pytest.approx(2 * city.base.sum())
    assert kept["regions"].base.sum() == pytest.approx(450 * JO)  # 500 less a tenth never used
    assert np.isnan(kept["regions"].reached).all()  # nothing was asked for: no ratio


def test_given_an_amount_of_one_year_when_measured_then_other_years_do_not_count(
    national: Scheme,
) -> None:
    model = build.build(national)
    kept = {each.name: each for each in reach.obligations(national, model, as_planned(model))}

    once = kept["regions_2026"]
    assert once.counted.tolist() == [True] + [False] * (model.years - 1)
    assert once.required[0] == 12 * JO and once.required[1:].sum() == 0
    assert once.reached == pytest.approx(once.numerator[:, 0] / (12 * JO))


def test_given_money_called_later_when_approvals_are_measured_then_the_year_of_approval_counts(
    national: Scheme,
) -> None:
    """30 trillion and the budget's part a year, less a tenth: no year beside 2026 to 2030."""
    model = build.build(national)
    assert model.planned_won[:, :, 20:].sum() > 0  # some is called in 2031

    kept = {each.name: each for each in reach.obligations(national, model, as_planned(model))}

    regions = kept["regions"]
    assert regions.counted.tolist() == [True] * 5 + [False] * (model.years - 5)
    assert regions.base[:5] == pytest.approx([0.9 * 30.45 * JO] * 5)
    assert regions.base[5:].sum() == 0
    assert kept["small_firms"].required[:5].tolist() == [10 * JO] * 5


def test_given_another_share_of_small_firms_when_changed_then_the_obligation_follows(
    national: Scheme,
) -> None:
    def reached(found: Scheme) -> float:
        model = build.build(found)
        outcome = reach.outcome(found, model, as_planned(model, 1))
        return float(outcome.measures["obligation_reached.small_firms"][0])

    fewer = change.changed(national, {"class.growth.reach.small_firm_share": 0.5})

    assert reached(fewer) < 1 < reached(national)


def test_given_equity_as_large_as_the_market_when_it_comes_then_prices_rise_by_the_elasticity(
    proposal: Scheme,
) -> None:
    market = absorption.market(proposal)
    assert market is not None
    size = market.size_in(2027)

    factors = absorption.entry_factors(proposal, first_year=2027, equity_won=[size / 4] * 4 + [0.0])

    assert market.size_won == 35_024_400_000_000
    assert factors.tolist() == pytest.approx([2**-0.2] * 4 + [1.0])


def test_given_a_scheme_without_a_market_when_asked_then_there_is_no_factor(root: Path) -> None:
    small = scheme.load(root / "schemes" / "small.toml")

    assert absorption.market(small) is None
    assert absorption.entry_factors(small, first_year=2025, equity_won=[1.0]).size == 0
    model = build.build(small)
    assert "equity_to_market" not in reach.outcome(small, model, as_planned(model)).series


def test_given_more_money_when_the_market_stays_then_each_won_buys_less(proposal: Scheme) -> None:
    model = build.build(proposal)
    outcome = reach.outcome(proposal, model, as_planned(model))

    ratio, factor = outcome.series["equity_to_market"][0], outcome.series["entry_factor"][0]
    busy = ratio > 0
    assert ((factor < 1) == busy).all()
    assert outcome.measures["equity_to_market_most"][0] == ratio.max()
    order = np.argsort(ratio[busy])
    assert (np.diff(factor[busy][order]) <= 1e-9).all()


def test_given_two_funds_when_compared_then_what_they_share_is_listed(
    proposal: Scheme, national: Scheme
) -> None:
    rows = overlap.table([proposal, national])

    sectors = {row.code: row for row in rows if row.kind == "sector"}
    assert sectors["ai"].amounts_won == (150 * JO, 30 * JO)
    assert sectors["ai"].shared_won == 30 * JO
    assert "quantum" not in sectors and "other" not in sectors
    years = {row.code: row for row in rows if row.kind == "year"}
    assert set(years) == {"2027", "2028", "2029", "2030"}
    equity = [c for c in scheme.committed(national) if c.year == 2027
              and c.instrument in ("direct_equity", "indirect")]  # fmt: skip
    assert years["2027"].amounts_won[1] == sum(cell.amount_won for cell in equity) >= 10 * JO
    assert not [row for row in rows if row.kind == "manager"]


def test_given_one_fund_twice_when_compared_then_its_managers_are_shared(national: Scheme) -> None:
    rows = [row for row in overlap.table([national, national]) if row.kind == "manager"]

    assert {row.label_en for row in rows} == {
        "Shinhan", "K-Growth", "Woori", "Mirae Asset", "Samsung", "KB",
    }  # fmt: skip
    shinhan = next(row for row in rows if row.label_en == "Shinhan")
    assert shinhan.amounts_won == (160_000_000_000, 160_000_000_000)


def test_given_no_share_of_any_class_when_an_obligation_asks_for_it_then_nothing_is_claimed(
    root: Path,
) -> None:
    small = scheme.load(root / "schemes" / "small.toml")
    model = build.build(small)

    found = reach.outcome(small, model, as_planned(model))

    assert np.isnan(found.measures["obligation_reached.city_firms"]).all()
    assert "obligation_done.city_firms" not in found.series
