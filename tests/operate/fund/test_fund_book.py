"""A fund's cash book: the golden case to the won, what is refused, what is posted once."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.core import fund_rules, journal
from koga.core.problems import Refusal
from koga.operate.fund import book, selectors, services
from koga.operate.fund.book import Held, Row
from koga.operate.ledger import selectors as ledger
from koga.operate.parties import services as parties
from koga.operate.parties.models import Person

CASE: Mapping[str, Any] = tomllib.loads(
    (Path(__file__).parents[2] / "cases" / "fund-books.toml").read_text(encoding="utf-8")
)
FILE = """
fund = "hand"
agency = "growth"
name_ko = "손셈 펀드"
name_en = "Fund by hand"
manager = "m"
manager_ko = "운용사"
manager_en = "Manager"
vintage = 2021
instrument = "equity"
sector = "ai"
disclosure = "fund"
"""


def operator() -> Person:
    """An agency and someone who keeps its books."""
    parties.create_agency(code="growth", name_ko="성장", name_en="growth")
    return parties.add_person(
        login="op", password="long enough to pass", office_ko="과장", office_en="head",
        role="operator",
    )  # fmt: skip


def taken(person: Person, text: str = CASE["book"]) -> services.Taken:
    return services.take_in("hand", services.read_book(text.strip(), "book.csv"), person=person)


@pytest.mark.django_db
def test_given_the_case_when_taken_in_then_every_balance_is_the_one_computed_by_hand() -> None:
    person = operator()
    services.register(FILE, rules=CASE["rules"], person=person)

    done = taken(person)

    found = {
        account: ledger.balance("hand", account, "KRW") for account in CASE["balances"]
    }  # fmt: skip
    assert found == CASE["balances"]
    assert (done.read, done.unchanged) == (13, 0)


@pytest.mark.django_db
def test_given_the_case_when_read_by_quarter_then_flows_and_values_are_those_by_hand() -> None:
    person = operator()
    services.register(FILE, rules=CASE["rules"], person=person)
    taken(person)

    rows = selectors.movements(selectors.heads_known(["hand"]))["hand"]
    quarters = selectors.quarters(rows)

    flows = {
        f"{name} {kind}": won
        for name, quarter in quarters.items()
        for kind, won in quarter.flows.items()
        if won
    }
    values = {
        name: [quarter.assets - quarter.accrued, quarter.accrued]
        for name, quarter in quarters.items()
        if quarter.valued
    }
    assert flows == CASE["flows"]
    assert values == CASE["values"]


@pytest.mark.django_db
def test_given_a_book_taken_in_when_taken_in_again_then_nothing_is_posted() -> None:
    person = operator()
    services.register(FILE, rules=CASE["rules"], person=person)
    taken(person)
    heads = ledger.heads()

    again = taken(person)

    assert (again.posted, again.unchanged) == (0, 13)
    assert ledger.heads() == heads


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("2023-01-02,proceeds,A,70억,40억", "2023-01-02,proceeds,A,70억,41억"), "fund_book.cost"),
        (("2021-01-01,call,lp,90억,", "2021-01-01,call,lp,91억,"), "fund_book.overdrawn"),
        (("2021-01-01,investment,B,50억,", "2021-01-01,investment,B,70억,"), "fund_book.cash"),
        (("2023-01-01,valuation,A,", "2023-01-01,valuation,Z,"), "fund_book.not_held"),
    ],
)
def test_given_a_row_the_books_cannot_bear_when_taken_in_then_refused_and_nothing_posted(
    change: tuple[str, str], code: str
) -> None:
    person = operator()
    services.register(FILE, rules=CASE["rules"], person=person)

    with pytest.raises(Refusal) as refused:
        taken(person, CASE["book"].replace(*change))

    assert [problem.code for problem in refused.value.problems] == [code]
    assert not any(head["entries"] for head in ledger.heads())


@pytest.mark.django_db
def test_given_rows_that_changed_or_come_too_late_when_taken_in_then_each_is_named() -> None:
    person = operator()
    services.register(FILE, rules=CASE["rules"], person=person)
    taken(person)

    with pytest.raises(Refusal) as refused:
        taken(person, CASE["book"].replace("fee,gp,1억", "fee,gp,2억"))
    late = "date,kind,party,amount,cost\n2021-06-30,fee,gp,1억,\n"
    with pytest.raises(Refusal) as too_late:
        taken(person, late)

    assert [(p.code, p.where) for p in refused.value.problems] == [
        ("fund_book.changed", "hand, row 7")
    ]
    assert [problem.code for problem in too_late.value.problems] == ["fund_book.order"]


@pytest.mark.django_db
def test_given_no_rules_when_a_row_needs_them_then_refused() -> None:
    person = operator()
    services.register(FILE, person=person)

    with pytest.raises(Refusal) as refused:
        taken(person)

    assert [problem.code for problem in refused.value.problems] == ["fund_book.no_rules"]


@pytest.mark.django_db
def test_given_someone_without_the_role_when_taken_in_then_refused() -> None:
    services.register(FILE, rules=CASE["rules"], person=operator())
    other = parties.add_person(
        login="au", password="long enough to pass", office_ko="감사", office_en="audit",
        role="auditor",
    )  # fmt: skip

    with pytest.raises(Refusal) as refused:
        taken(other)

    assert [problem.code for problem in refused.value.problems] == ["parties.role"]


@pytest.mark.django_db
def test_given_a_fund_file_full_of_mistakes_when_registered_then_each_is_named_once() -> None:
    person = operator()
    text = FILE.replace('"equity"', '"art"').replace("2021", "21").replace("name_en", "title")
    text = text.replace('agency = "growth"', 'agency = "nobody"')

    with pytest.raises(Refusal) as refused:
        services.register(text, person=person)

    assert sorted(problem.code for problem in refused.value.problems) == [
        "fund_book.agency", "fund_book.key_missing", "fund_book.key_unknown",
        "fund_book.not_one_of", "fund_book.vintage",
    ]  # fmt: skip


def test_given_a_book_full_of_mistakes_when_read_then_every_row_is_told() -> None:
    text = (
        "date,kind,party,amount,cost\n"
        "2021-13-01,call,lp,1억,\n"
        "2021-01-02,gift,lp,1억,\n"
        "2021-01-03,call,,1억,\n"
        "2021-01-04,fee,gp,,\n"
        "2021-01-05,proceeds,A,1억,\n"
        "2021-01-06,distribute,lp,1억,\n"
        "2021-01-07,fee,gp,-1억,\n"
        "2021-01-01,fee,gp,1억,\n"
    )

    with pytest.raises(Refusal) as refused:
        services.read_book(text, "book.csv")

    told = {problem.where.split(", ")[1]: problem.code for problem in refused.value.problems}
    assert sorted(told) == [f"row {number}" for number in range(1, 8)]
    assert told["row 2"] == "fund_book.kind"
    assert told["row 7"] == "fund_book.negative"


def test_given_a_book_without_its_columns_when_read_then_each_is_named() -> None:
    with pytest.raises(Refusal) as refused:
        services.read_book("day,kind,amount\n", "book.csv")

    assert [problem.value for problem in refused.value.problems] == ["date", "party"]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 10**12), st.integers(0, 2 * 10**12)),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_given_any_deals_when_booked_then_entries_balance_and_assets_are_what_was_earned(
    deals: list[tuple[str, int, int]],
) -> None:
    """Assets are at all times paid in, less given out, plus the result."""
    rules = fund_rules.parse(CASE["rules"])
    total = sum(cost for _, cost, _ in deals)
    rows = [("c", Row(1, date(2021, 1, 1), "commitment", "lp", total))]
    rows.append(("p", Row(2, date(2021, 1, 1), "call", "lp", total)))
    for place, (firm, cost, got) in enumerate(deals):
        rows.append((f"i{place}", Row(3, date(2021, 2, 1), "investment", firm, cost)))
        rows.append((f"v{place}", Row(4, date(2022, 2, 1), "valuation", firm, got)))
        rows.append((f"x{place}", Row(5, date(2023, 2, 1), "proceeds", firm, got, cost)))
    held = Held()
    rows.sort(key=lambda pair: (pair[1].day, pair[1].number))
    rows.append(("a", Row(6, date(2023, 2, 1), "accrue", "", 0)))
    for entry in book.entries("f", rules, held, rows):
        assert journal.check(entry) == []

    result = -held.of("gain") - held.of("unrealised") - held.of("released")
    assert held.assets == total + result
    assert held.of("investment") == held.of("mark") == 0
    assert 0 <= -held.of("accrued") <= max(result, 0) / 5 + 1  # one rounding
