"""Schemes as rows of the open tables, and their targets beside what statements report."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from koga.plan.schemes import reference, scheme, values
from koga.plan.schemes.schema import Field
from koga.plan.schemes.scheme import Scheme
from koga.release import tables


@pytest.fixture(scope="module")
def shipped(root: Path) -> list[Scheme]:
    return [scheme.load(path) for path in sorted((root / "schemes").glob("*.toml"))]


@pytest.fixture(scope="module")
def small(root: Path) -> Scheme:
    return scheme.load(root / "schemes" / "small.toml")


def line(agency: str, period: str, value: object, **other: Any) -> dict[str, Any]:
    return {
        "agency": agency,
        "period": period,
        "section": "results",
        "code": "talents_completed",
        "value": value,
        "unit": "people",
        **other,
    }


def reported(small: Scheme, lines: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[Any, int]]:
    rows = scheme.release_rows([small], lines)["targets"]
    return {(r["target"], r["period"]): (r["reported_value"], r["statements"]) for r in rows}


def test_given_schemes_when_released_then_rows_have_exactly_the_declared_columns(
    shipped: list[Scheme],
) -> None:
    rows = scheme.release_rows(shipped, [])

    assert list(rows) == ["schemes", "scheme_values", "targets"]
    for name, found in rows.items():
        table = tables.TABLES[name]
        keys = [tuple(row[column] for column in table.key) for row in found]
        assert found and len(set(keys)) == len(keys)
        for row in found:
            assert tuple(row) == table.names
            assert all(row[column.name] is not None for column in table.columns if column.required)


def test_given_schemes_when_released_then_each_leaf_is_one_row(shipped: list[Scheme]) -> None:
    rows = scheme.release_rows(shipped, [])

    for one, row in zip(shipped, rows["schemes"], strict=True):
        paths = [value["path"] for value in rows["scheme_values"] if value["scheme"] == one.code]
        assert paths == [leaf.path for leaf in scheme.leaves(one)]
        assert row["stated"] + row["derived"] + row["assumed"] == len(paths)
        assert row["sha256"] == one.sha256


@pytest.mark.parametrize(
    ("path", "column", "expected"),
    [
        ("vehicle.citizens.first_loss.share_of_total", "value", "1/6"),
        ("instrument.indirect.all.2026", "value", "≥ 7000000000000"),
        ("vehicle.citizens.tranche.citizens.rank", "value", "선순위 (senior)"),
        ("size.all.total", "unit", "KRW"),
        ("capital.guaranteed_bonds.bond.spread", "low", "0.001"),
        ("fund.public_share", "source", "셈식(formula): size.fund.total / size.all.total"),
        ("fund.demand", "source",
         "뉴스웨이; 금융위원회 보도자료, 국민성장펀드 출범과 제1차 전략위원회, 2025-12-11"),
        ("instrument.loan.fund.2026", "label_en", "low-rate loans · Fund money · 2026"),
        ("instrument.loan.fund.2026", "label_ko", "초저리 융자 · 펀드 돈 · 2026년"),
    ],
)  # fmt: skip
def test_given_a_leaf_when_released_then_it_reads_as_people_do(
    shipped: list[Scheme], path: str, column: str, expected: str
) -> None:
    rows = scheme.release_rows(shipped, [])["scheme_values"]
    row = next(r for r in rows if r["path"] == path and r["scheme"] == "national-growth-150")

    assert row[column] == expected


def test_given_shipped_schemes_when_released_then_no_label_is_a_raw_key(
    shipped: list[Scheme],
) -> None:
    for row in scheme.release_rows(shipped, [])["scheme_values"]:
        keys = {key for key in row["path"].split(".") if key.islower()}
        assert not keys & set(row["label_ko"].split(" · ")), row["path"]
        assert not any("_" in part for part in row["label_en"].split(" · ")), row["path"]


@pytest.mark.parametrize(
    ("path", "ko", "en"),
    [
        ("market.curve.10", "시장 · 국고채 수익률곡선(만기별) · 10년",
         "Market · Treasury curve by maturity · 10-year"),
        ("programme.sesac.track.found_work.24",
         "청년취업사관학교 · 인재 과정 · 수료 뒤 달수별 취업 비율 · 24개월",
         "SeSAC academies · Talent track · Found work within so many months · month 24"),
    ],
)  # fmt: skip
def test_given_a_key_that_is_a_number_when_read_then_it_says_of_what(
    shipped: list[Scheme], path: str, ko: str, en: str
) -> None:
    leaf = next(one for one in shipped if one.code == "koga-500").leaves[path]

    assert (leaf.label_ko, leaf.label_en) == (ko, en)


def test_given_a_tranche_without_a_name_when_read_then_it_is_called_as_its_money(
    shipped: list[Scheme],
) -> None:
    national = next(one for one in shipped if one.code == "national-growth-150")
    leaf = national.leaves["vehicle.citizens.tranche.budget.amount"]

    assert leaf.label_ko == "국민참여형 펀드 · 재정 · 금액"
    assert leaf.label_en == "Citizens' fund · State budget · Amount"


def test_given_parts_of_a_target_when_released_then_they_are_in_its_unit(
    shipped: list[Scheme],
) -> None:
    rows = scheme.release_rows(shipped, [])["scheme_values"]
    units = {row["unit"] for row in rows if ".part." in row["path"]}

    assert units == {"people"}


def test_given_every_leaf_when_written_as_text_then_it_reads_back_the_same(
    shipped: list[Scheme],
) -> None:
    for one in shipped:
        for leaf in scheme.leaves(one):
            raw: object = leaf.text.split("; ") if leaf.type == "list" else leaf.text
            raw = int(leaf.text) if leaf.type in ("count", "year") else raw
            field = Field("x", leaf.type, "", "")  # type: ignore[arg-type]
            assert values.read(raw, field, leaf.unit) == leaf.value, leaf.path


def test_given_no_statement_when_released_then_the_target_is_unknown_and_not_zero(
    small: Scheme,
) -> None:
    assert reported(small, [])["talents", "2025"] == (None, 0)


def test_given_statements_of_halves_when_released_then_the_year_is_their_sum(small: Scheme) -> None:
    lines = [
        line("academy", "2025-H1", 1655),
        line("academy", "2025-H2", 1890),
        line("university", "2025-H1", Decimal("500")),
        line("university", "2026-H1", 700),
    ]

    found = reported(small, lines)

    assert found["talents", "2025"] == (Decimal(4045), 3)
    assert found["talents", "2026"] == (Decimal(700), 1)


def test_given_a_year_and_its_halves_when_released_then_nothing_is_counted_twice(
    small: Scheme,
) -> None:
    lines = [
        line("academy", "2025", 3000),
        line("academy", "2025-H1", 1600),
        line("university", "2025-H2", 400),
        line("university", "2025-Q3", 150),
        line("university", "2025-Q2", 100),
    ]

    assert reported(small, lines)["talents", "2025"] == (Decimal(3500), 3)


@pytest.mark.parametrize(
    "other",
    [
        {"code": "seats_filled"},
        {"unit": "SEAT"},
        {"section": "resources"},
        {"value": None},
        {"period": "2024-H2"},
    ],
)
def test_given_another_figure_when_released_then_the_target_does_not_take_it(
    small: Scheme, other: dict[str, Any]
) -> None:
    assert reported(small, [{**line("academy", "2025-H1", 5), **other}])["talents", "2025"] == (
        None,
        0,
    )


def test_given_a_target_with_values_of_its_own_when_released_then_each_period_has_its_own(
    small: Scheme,
) -> None:
    rows = scheme.release_rows([small], [line("office", "2026-H1", 12, section="actions",
                                              code="rule_removed", unit="count")])  # fmt: skip
    found = {r["period"]: r for r in rows["targets"] if r["target"] == "rules_removed"}

    assert [found[year]["target_value"] for year in ("2025", "2026")] == [Decimal(20), Decimal(30)]
    assert found["2026"]["reported_value"] == Decimal(12)


@pytest.mark.parametrize(("language", "name"), [("en", "scheme.md"), ("ko", "scheme.ko.md")])
def test_given_the_reference_page_when_made_anew_then_it_is_the_committed_one(
    root: Path, language: str, name: str
) -> None:
    assert (root / "docs" / "reference" / name).read_text() == reference.page(language)
