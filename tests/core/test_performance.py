"""What holds for every fund's figures, ILPA's views, values rolled forward, refusals."""

import tomllib
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from koga.core import ilpa, performance, pme
from koga.core import performance_reading as reading
from koga.core.performance import Cash, Value
from koga.core.problems import Refusal

CASES = tomllib.loads(
    (Path(__file__).parents[1] / "cases" / "ilpa-performance.toml").read_text(encoding="utf-8")
)["case"]
START = date(2015, 1, 1)
FEW = settings(max_examples=50, deadline=None)
flow_lists = st.lists(
    st.tuples(st.integers(1, 4000), st.integers(-(10**9), 10**9).filter(bool)),
    min_size=1,
    max_size=8,
)


def cash_of(flows: list[tuple[int, int]], first: int = -(10**9)) -> list[Cash]:
    """Flows that start with a payment in."""
    return [Cash(START, Fraction(first))] + [
        Cash(START + timedelta(days=days), Fraction(amount)) for days, amount in flows
    ]


def index_of(cash: list[Cash], level: Any) -> pme.Index:
    """An index with a value on each day of a flow."""
    days = sorted({flow.day for flow in cash})
    return pme.Index(tuple(days), tuple(Fraction(level(day)) for day in days), "total_return")


@FEW
@given(flow_lists)
def test_a_constant_index_makes_ks_the_tvpi_and_direct_alpha_the_irr(
    flows: list[tuple[int, int]],
) -> None:
    cash = cash_of(flows)

    found = performance.measure(
        performance.record(cash), day_count="act/365f", index=index_of(cash, lambda _: 100)
    )

    assert found["ks_pme"].value == pytest.approx(found["tvpi"].value)
    assert found["direct_alpha"].status == found["irr"].status
    assert found["direct_alpha"].roots == pytest.approx(found["irr"].roots)


@FEW
@given(
    st.lists(st.tuples(st.integers(1, 4000), st.integers(1, 10**9)), min_size=1, max_size=6),
    st.floats(-0.5, 0.9),
)
def test_a_fund_that_is_the_index_gives_one_zero_and_one(
    calls: list[tuple[int, int]], drift: float
) -> None:
    """All calls are put into the index; 30 % of the holding is paid out late, the rest is NAV."""
    cash = [Cash(START, Fraction(-(10**9)))]
    cash += [Cash(START + timedelta(days=days), Fraction(-amount)) for days, amount in calls]
    middle, end = START + timedelta(days=4100), START + timedelta(days=4500)

    def level(day: date) -> Fraction:
        return Fraction(1 + drift * (day - START).days / 4500).limit_denominator(10**6)

    index = index_of([*cash, Cash(middle, Fraction(1)), Cash(end, Fraction(1))], level)
    held = sum((-flow.amount * index.at(middle) / index.at(flow.day) for flow in cash), Fraction(0))
    cash.append(Cash(middle, held * Fraction(3, 10)))
    left = held * Fraction(7, 10)
    values = [Value(middle, left), Value(end, left * index.at(end) / index.at(middle))]

    found = performance.measure(performance.record(cash, values), day_count="act/365f", index=index)

    assert found["ks_pme"].value == pytest.approx(1)
    assert found["direct_alpha"].value == pytest.approx(0, abs=1e-12)
    assert found["pme_plus"].more["lambda"] == pytest.approx(1)
    assert found["ln_pme"].value == pytest.approx(found["irr"].value)
    assert found["mpme"].value == pytest.approx(found["irr"].value)


@FEW
@given(flow_lists, st.integers(2, 10**6))
def test_scaling_cash_or_index_changes_nothing(flows: list[tuple[int, int]], factor: int) -> None:
    cash = cash_of(flows)
    assume(any(flow.amount > 0 for flow in cash))
    scaled = [Cash(flow.day, flow.amount * factor) for flow in cash]
    index = index_of(cash, lambda day: 100 + (day - START).days % 700)
    raised = pme.Index(index.days, tuple(value * factor for value in index.values))

    plain = performance.measure(performance.record(cash), day_count="act/360", index=index)
    other = performance.measure(performance.record(scaled), day_count="act/360", index=raised)

    for name in performance.NAMES:
        assert other[name].status == plain[name].status
        if plain[name].value is not None:
            assert other[name].value == pytest.approx(plain[name].value, rel=1e-9, abs=1e-12)


@FEW
@given(flow_lists, st.data())
def test_splitting_a_flow_of_a_day_changes_nothing(
    flows: list[tuple[int, int]], data: st.DataObject
) -> None:
    cash = cash_of(flows)
    chosen = data.draw(st.sampled_from(cash))
    part = int(chosen.amount) // 3
    rest = [flow for flow in cash if flow is not chosen]
    halves = [Cash(chosen.day, Fraction(part)), Cash(chosen.day, chosen.amount - part)]

    assert performance.measure(
        performance.record([*halves, *rest]), day_count="act/365f"
    ) == performance.measure(performance.record(cash), day_count="act/365f")


@given(st.integers(2**61, 2**62), st.integers(2**61, 2**62))
def test_amounts_near_two_to_the_62_do_not_overflow(paid: int, back: int) -> None:
    cash = [Cash(START, Fraction(-paid)), Cash(START + timedelta(days=365), Fraction(back))]

    found = performance.measure(performance.record(cash), day_count="act/365f")

    assert found["irr"].value == pytest.approx(back / paid - 1, abs=1e-12)


# --- ILPA


def typed(case: dict[str, Any]) -> tuple[list[Cash], list[Value]]:
    rows = [
        dict(zip(("date", "amount", "type"), line.split(",", 2), strict=True))
        for line in case["flows"].strip().splitlines()
    ]
    return reading.read_cash(rows, "flows", typed=True), reading.read_values([case["nav"]])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_four_views_are_as_signed(case: dict[str, Any]) -> None:
    found = performance.views(*typed(case), day_count="act/365f")

    for view, expected in case["expect"].items():
        rate = found[view]["irr"]
        assert found[view]["tvpi"].value == pytest.approx(expected["tvpi"], abs=1e-9), view
        assert rate.status == expected.get("status", "unique"), view
        if "irr" in expected:
            assert rate.value == pytest.approx(expected["irr"], abs=1e-9), view
        if "roots" in expected:
            assert list(rate.roots) == pytest.approx(expected["roots"], abs=1e-6)


def test_dropping_the_first_row_gives_one_rate_and_a_wrong_one() -> None:
    """The fault of the published sample: a range that starts a row late loses a first receipt."""
    cash, values = typed(CASES[1])

    whole = performance.views(cash, values, day_count="act/365f")["gross_with_facility"]["irr"]
    late = performance.views(cash[1:], values, day_count="act/365f")["gross_with_facility"]["irr"]

    assert whole.status == "multiple" and whole.value is None
    assert late.status == "unique" and late.value == pytest.approx(0.4)


def test_both_versions_agree_on_rates_of_the_same_fund() -> None:
    views = [performance.views(*typed(case), day_count="act/365f") for case in CASES[:2]]

    for view in ("net_with_facility", "net_without_facility", "gross_without_facility"):
        one, other = (found[view]["irr"].value for found in views)
        assert one == pytest.approx(other, abs=1e-12)


def test_the_mapping_is_keyed_by_type_and_speaks_of_known_views() -> None:
    assert all(one.views <= set(ilpa.VIEWS) and one.views for one in ilpa.TYPES.values())
    assert {one.part for one in ilpa.TYPES.values()} == {"paid_in", "distributed", "residual"}
    for name in ilpa.TYPES:
        calls = name.startswith(("Capital Call", "Fund-level", "Synthetic"))
        excess = "Return of Excess Capital" in name
        assert (ilpa.TYPES[name].part == "paid_in") == (calls or excess)


# --- values


def test_an_opening_value_counts_as_paid_in_on_the_first_day() -> None:
    cash = [Cash(date(2022, 1, 1), Fraction(20))]
    values = [Value(date(2021, 1, 1), Fraction(100)), Value(date(2022, 1, 1), Fraction(90))]

    found = performance.measure(performance.record(cash, values), day_count="act/365f")

    assert found["irr"].value == pytest.approx(0.10)
    assert found["irr"].navs == (date(2021, 1, 1), date(2022, 1, 1))


def test_a_rolled_value_below_zero_is_refused_with_its_figures() -> None:
    cash = [Cash(date(2021, 1, 1), Fraction(-100)), Cash(date(2023, 1, 1), Fraction(50))]

    with pytest.raises(Refusal) as refused:
        performance.record(cash, [Value(date(2022, 1, 1), Fraction(40))])

    (problem,) = refused.value.problems
    assert problem.code == "performance.nav_negative"
    assert "-10" in problem.message("en") and "2022-01-01" in problem.message("ko")


def test_an_index_that_starts_late_is_refused() -> None:
    cash = [Cash(date(2021, 1, 1), Fraction(-100)), Cash(date(2023, 1, 1), Fraction(150))]
    index = pme.Index((date(2022, 1, 1),), (Fraction(100),))

    with pytest.raises(Refusal) as refused:
        performance.measure(performance.record(cash), day_count="act/365f", index=index)

    assert refused.value.problems[0].code == "performance.index_starts_late"


def test_undefined_figures_say_why_in_both_languages() -> None:
    found = performance.measure(
        performance.record([Cash(START, Fraction(50))]), day_count="act/365f"
    )

    for name in ("irr", "tvpi", "pic", "ks_pme", "modified_dietz"):
        assert found[name].value is None
        assert found[name].status in ("invalid", "none")
        assert all(found[name].reason)


def test_reading_lists_every_problem_of_a_table() -> None:
    rows = [
        {"date": "2024-13-01", "amount": "5", "type": "Capital Call: Investments"},
        {"date": "2024-01-01", "amount": "", "type": "Capital Call: Investment"},
        {"date": "2024-01-01", "amount": "ten", "type": "NAV"},
    ]

    with pytest.raises(Refusal) as refused:
        reading.read_cash(rows, "f.csv", typed=True)

    found = sorted((problem.code, problem.where) for problem in refused.value.problems)
    assert found == [
        ("dates.unreadable", "f.csv, row 1, date"),
        ("fund.amount_blank", "f.csv, row 2, amount"),
        ("money.unreadable", "f.csv, row 3, amount"),
        ("performance.unknown_type", "f.csv, row 2, type"),
        ("performance.unknown_type", "f.csv, row 3, type"),
    ]
    near = [p for p in refused.value.problems if p.where == "f.csv, row 2, type"]
    assert "Capital Call: Investments" in near[0].message("en")


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["2024-01-01"], ["performance.nav_option"]),
        (["01-01=5", "2024-01-01=x"], ["money.unreadable", "dates.unreadable"]),
        (["2024-01-01=5", "2024-01-01=6"], ["fund.addressed_twice"]),
    ],
)
def test_values_are_read_or_refused(options: list[str], codes: list[str]) -> None:
    with pytest.raises(Refusal) as refused:
        reading.read_values(options)

    assert [problem.code for problem in refused.value.problems] == codes


def test_an_index_has_each_day_once_and_no_value_below_zero() -> None:
    rows = [
        {"date": "2024-01-01", "value": "100"},
        {"date": "2024-01-01", "value": "0"},
    ]
    with pytest.raises(Refusal) as refused:
        reading.read_index(rows, "i.csv")
    assert {problem.code for problem in refused.value.problems} == {
        "performance.index_value",
        "fund.addressed_twice",
    }
