"""Funds from the books into a release: the figures by hand, coverage, the books held against it."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from koga.core.journal import Entry, Posting
from koga.operate.fund import services as funds
from koga.operate.fund.models import Fund
from koga.operate.ledger import services as ledger
from koga.operate.parties.models import Person
from koga.publish import fund_rows
from koga.release.build import build
from koga.release.read import Release, open_release
from tests.publish import books
from tests.release.sample import sample_head, sample_key, sample_tables

CASE = tomllib.loads(
    (Path(__file__).parents[1] / "cases" / "fund-books.toml").read_text(encoding="utf-8")
)
FILE = """
fund = "{code}"
agency = "{agency}"
name_ko = "손셈 펀드"
name_en = "Fund by hand"
manager = "m"
manager_ko = "운용사"
manager_en = "Manager"
vintage = 2021
instrument = "equity"
sector = "ai"
disclosure = "{disclosure}"
"""


def fund(person: Person, code: str = "hand", agency: str = "growth", how: str = "fund") -> None:
    """The fund of the case under some code."""
    text = FILE.format(code=code, agency=agency, disclosure=how)
    funds.register(text, rules=CASE["rules"], person=person)
    rows = funds.read_book(CASE["book"].strip(), "book.csv")
    funds.take_in(code, rows, person=person)


def built(out: Path, tables: dict[str, Any]) -> Release:
    """A signed release of some tables, open."""
    build(out, tables=tables, head=sample_head(), key=sample_key())
    return open_release(out)


@pytest.mark.django_db
def test_given_the_case_when_collected_then_the_rows_are_those_by_hand() -> None:
    books.agency("growth")
    fund(books.person("op", "operator"))

    told = fund_rows.collected({"growth": date(2024, 6, 30)})

    (head,) = told.funds
    assert (head["through"], head["ended_on"]) == ("2024-Q2", date(2024, 3, 31))
    assert (head["paid_in"], head["distributed"]) == (10_000_000_000, 13_341_273_973)
    assert (head["costs"], head["carry_paid"]) == (100_000_000, 558_726_027)
    assert {f"{row['quarter']} {row['kind']}": row["amount"] for row in told.flows} == CASE["flows"]
    assert {
        row["quarter"]: [row["nav"], row["carry_accrued"]] for row in told.values
    } == CASE["values"]  # fmt: skip
    assert [row["hidden"] for row in told.deals] == [True]


@pytest.mark.django_db
def test_given_a_signature_that_reaches_less_far_when_collected_then_later_quarters_stay_out() -> (
    None
):
    books.agency("growth")
    fund(books.person("op", "operator"))

    told = fund_rows.collected({"growth": date(2022, 12, 31)})

    assert {row["quarter"] for row in told.flows} == {"2021-Q1", "2021-Q4"}
    assert (told.funds[0]["through"], told.funds[0]["distributed"]) == ("2022-Q4", 0)


@pytest.mark.django_db
def test_given_withheld_or_unsigned_funds_when_collected_then_no_figure_of_theirs_is_there() -> (
    None
):
    books.agency("growth")
    books.agency("quiet")
    person = books.person("op", "operator")
    fund(person, "secret", how="withheld")
    fund(person, "unsigned", agency="quiet")

    told = fund_rows.collected({"growth": date(2024, 6, 30)})

    assert [(row["fund"], row["paid_in"]) for row in told.funds] == [("secret", None)]
    assert (told.flows, told.values, told.deals) == ([], [], [])


@pytest.mark.django_db
def test_given_a_release_when_the_books_are_asked_then_as_of_its_heads_they_agree(
    tmp_path: Path,
) -> None:
    books.agency("hn-growth")
    fund(books.person("op", "operator"), agency="hn-growth")
    told = fund_rows.collected({"hn-growth": date(2024, 6, 30)})
    tables = {
        **sample_tables(60), "funds": told.funds, "fund_flows": told.flows,
        "fund_values": told.values, "fund_deals": told.deals,
    }  # fmt: skip
    head = {**tables["ledger_heads"][0], "ledger": "hand", "entries": 13}
    tables["ledger_heads"] = [*tables["ledger_heads"], head]
    release = built(tmp_path / "release", tables)
    late = (Posting("fee:gp", "KRW", 5), Posting("cash:custodian", "KRW", -5))
    ledger.post(Entry("hand", "late", "fund_book", date(2023, 1, 1), late), maker=books.MAKER)

    stands = fund_rows.check_published(release)
    Fund.objects.update(name_ko="이름만 바뀐 펀드")
    renamed = fund_rows.check_published(release)
    wrong = {**tables, "ledger_heads": [*tables["ledger_heads"][:-1], {**head, "entries": 14}]}
    moved = fund_rows.check_published(built(tmp_path / "other", wrong))

    assert (stands.ok, stands.offending) == (True, ())
    assert renamed.ok
    assert "fund_flows hand/2023-Q1/fee" in moved.offending
