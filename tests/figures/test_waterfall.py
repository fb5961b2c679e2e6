"""The figure of who got what: the same won in its table, a sentence in both languages."""

from datetime import date

import pytest

from koga.core import fund_rules, waterfall
from koga.core.fund_flows import Flow
from koga.figures import waterfall as figures

RULES = fund_rules.parse(
    """
[members.lp]
role = "lp"
commitment = 900
[members.gp]
role = "gp"
commitment = 100
[[tier]]
kind = "return_of_capital"
to = [1]
[[tier]]
kind = "split"
shares = {"1" = 0.8, gp = 0.2}
[[cover]]
provider = "gp"
beneficiaries = ["lp"]
base = "commitment"
cap = 0.2
"""
)
FLOWS = [
    Flow(date(2021, 1, 1), "paid_in", 1000),
    Flow(date(2022, 5, 1), "realised_loss", 200),
    Flow(date(2024, 5, 1), "distributable", 1500),
]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_table_holds_the_payments_and_the_chart_is_svg(language: str) -> None:
    outcome = waterfall.distribute(RULES, FLOWS)

    figure = figures.who_got_what(RULES, outcome, language)

    assert list(figure.columns) == ["lp", "gp"]
    assert [row[0] for row in figure.rows] == ["2022", "2023", "2024"]
    assert [row[1:] for row in figure.rows][1] == [0, 0]
    assert sum(row[1] for row in figure.rows) == outcome.totals["lp"]
    assert sum(row[2] for row in figure.rows) == outcome.totals["gp"]
    assert figure.rows[0][1:] == [180, -180]
    assert figure.wide.startswith("<svg") and figure.narrow.startswith("<svg")
    assert "lp" in figure.sentence


def test_the_sentences_differ_by_language_and_never_praise() -> None:
    outcome = waterfall.distribute(RULES, FLOWS)

    korean = figures.who_got_what(RULES, outcome, "ko").sentence
    english = figures.who_got_what(RULES, outcome, "en").sentence

    assert korean.endswith("입니다.") and "2022–2024" in korean
    assert english == "In 2022–2024 ₩1,500 was paid out in all, of which lp received most, ₩1,390."


def test_many_members_share_one_last_series() -> None:
    members = "".join(
        f'[members.m{place}]\nrole = "lp"\ncommitment = {100 + place}\n' for place in range(9)
    )
    rules = fund_rules.parse(members + '[[tier]]\nkind = "split"\nshares = {lp = 1}\n')
    flows = [Flow(date(2021, 1, 1), "paid_in", 936), Flow(date(2022, 1, 1), "distributable", 9360)]
    outcome = waterfall.distribute(rules, flows)

    figure = figures.who_got_what(rules, outcome, "en")

    assert len(figure.columns) == 6 and figure.columns[-1] == "others"
    assert sum(figure.rows[0][1:]) == 9360


def test_nothing_paid_out_is_said_plainly() -> None:
    outcome = waterfall.distribute(RULES, FLOWS[:1])

    figure = figures.who_got_what(RULES, outcome, "en")

    assert figure.sentence == "Nothing was paid out."
    assert figure.rows == [] and "Nothing was paid out." in figure.wide
