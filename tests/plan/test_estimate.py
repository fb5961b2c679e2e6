"""The cost estimate: whole won that add up, every assumption with its source."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koga.plan.budget import estimate
from koga.plan.schemes import scheme
from koga.plan.schemes.shape import Scheme

NAMES = (
    "paid_in", "interest", "guarantee", "programmes", "returned", "recovered", "net", "first_loss",
)  # fmt: skip


@pytest.fixture(scope="module")
def national(root: Path) -> Scheme:
    return scheme.load(root / "schemes" / "national-growth-150.toml")


def means(years: int, seed: int = 1) -> dict[str, list[float]]:
    rng = np.random.default_rng(seed)
    found = {f"budget.{name}": rng.normal(1e11, 1e11, years).tolist() for name in NAMES}
    found |= {
        f"borne.{name}": rng.normal(0, 1e11, years).tolist()
        for name in ("state", "local", "fund", "private", "lenders")
    }
    for name in ("a", "b"):
        found[f"bonds.issued.{name}"] = rng.uniform(0, 1e12, years).tolist()
    return found | {"subsidy.treasury": [10.4] * years, "subsidy.fair": [12.6] * years}


@given(st.integers(1, 30), st.integers(0, 1000))
def test_given_any_result_when_estimated_then_every_total_adds_up_the_cells_above_it(
    years: int, seed: int
) -> None:
    told = Scheme("x", "", "", "", "", None, "fund", "", {}, {}, {}, {})

    found = estimate.estimate(told, means(years, seed), first_year=2027)

    for table in (found.result, found.payers):
        *parts, total = table.rows
        signs = [-1 if row.kind == "less" else 1 for row in parts]
        for place in range(len(table.columns)):
            column = [sign * row.won[place] for sign, row in zip(signs, parts, strict=True)]
            assert total.won[place] == sum(column)
    for row in found.result.rows[:-1]:
        shown = min(years, estimate.YEARS)
        assert row.won[shown] == sum(row.won[:shown])
        if years > estimate.YEARS:
            assert row.won[shown] + row.won[shown + 2] == row.won[shown + 3]


def test_given_a_long_horizon_when_estimated_then_five_years_stand_one_by_one(
    national: Scheme,
) -> None:
    found = estimate.estimate(national, means(25), first_year=2026)

    assert [column.ko for column in found.result.columns] == [
        "2026년", "2027년", "2028년", "2029년", "2030년", "2026~2030년 합계", "5년 연평균",
        "2031~2050년", "전 기간(25년)",
    ]  # fmt: skip
    assert [row.ko for row in found.payers.rows] == [
        "국비", "지방비", "기금·공공기관", "민간", "채권 투자자(빌려준 돈)", "합계",
    ]  # fmt: skip
    assert found.result.rows[-1].label("ko") == "재정의 순부담"
    assert found.result.rows[4].kind == "less"


def test_given_several_bonds_when_estimated_then_one_row_adds_them_up(national: Scheme) -> None:
    given_means = means(3)

    found = estimate.estimate(national, given_means, first_year=2026)

    issued = next(row for row in found.promises.rows if row.name == "bonds.issued")
    both = zip(given_means["bonds.issued.a"], given_means["bonds.issued.b"], strict=True)
    assert issued.won[:3] == tuple(round(a + b) for a, b in both)
    subsidy = next(row for row in found.promises.rows if row.name == "subsidy.treasury")
    assert subsidy.won == (10, 10, 10, 30, 10)


def test_given_a_scheme_when_its_premises_are_listed_then_each_has_basis_and_source(
    national: Scheme,
) -> None:
    found = list(estimate.premises(national))

    by_label = {one.en: one for one in found}
    assert len(found) > 50
    assert all(one.ko and one.en and one.value and one.basis for one in found)
    assert all(one.source for one in found if one.basis != "derived")
    limit = next(one for label, one in by_label.items() if "Issue limit" in label)
    assert limit.basis == "stated"
    assert "연합인포맥스" in limit.source
