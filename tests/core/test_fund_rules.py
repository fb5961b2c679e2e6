"""Reading a fund's rules: what is wrong is listed once, with its place and how to repair it."""

from fractions import Fraction

import pytest

from koga.core import fund_rules, fund_terms
from koga.core.problems import Refusal

GOOD = """
legal_form = "venture_association"
[members.lp]
role = "lp"
commitment = "90억"
[members.gp]
role = "gp"
commitment = 1_000_000_000
[[tier]]
kind = "return_of_capital"
to = [1]
[[tier]]
kind = "hurdle"
to = ["lp", "gp"]
rate = "8 %"
compounding = "annual"
day_count = "act/365f"
[[tier]]
kind = "catch_up"
to = ["gp"]
share = "1"
cap = 0.2
[[tier]]
kind = "split"
shares = {lp = "4/5", gp = 0.2}
"""


def problems(text: str) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in fund_rules.check(text)]


def test_good_rules_become_members_and_exact_fractions() -> None:
    rules = fund_rules.parse(GOOD)

    tiers = rules.terms[0].tiers
    assert rules.members["lp"].commitment == 9_000_000_000
    assert tiers[0].to == ("lp", "gp")
    assert tiers[1].accrual is not None and tiers[1].accrual.rate == Fraction(2, 25)
    assert [part for _, _, part in tiers[3].shares] == [Fraction(4, 5), Fraction(1, 5)]
    assert rules.managers == ("gp",)
    assert problems(GOOD) == []


def test_the_legal_form_decides_the_titles() -> None:
    plain = fund_rules.parse(GOOD.replace('legal_form = "venture_association"', ""))

    assert fund_rules.parse(GOOD).title("gp", "ko") == "업무집행조합원"
    assert plain.title("gp", "ko") == "운용사(GP)"
    assert set(fund_terms.LEGAL_FORMS) == {
        "venture_association",
        "new_technology_association",
        "private_equity_fund",
        "public_offering_fund",
        "statutory_fund",
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            (
                '[[tier]]\nkind = "split"',
                '[[tier]]\nkind = "split"\nshares = {gp = 1}\n[[tier]]\nkind = "split"',
            ),
            [("fund.tier_after_last", "tier[5]")],
        ),
        (('share = "1"', 'share = "1.2"'), [("fund.share_above_one", "tier[3].share")]),
        (("cap = 0.2", "cap = 1.1"), [("fund.share_above_one", "tier[3].cap")]),
        (('share = "1"', 'share = "20 %"'), [("fund.catch_up_endless", "tier[3]")]),
        (('day_count = "act/365f"\n', ""), [("fund.rate_without_day_count", "tier[2]")]),
        (('"act/365f"', '"act/366"'), [("fund.not_one_of", "tier[2].day_count")]),
        (('compounding = "annual"\n', ""), [("fund.missing", "tier[2].compounding")]),
        (('to = ["lp", "gp"]', 'to = ["lp", "bank"]'), [("fund.unknown_member", "tier[2].to")]),
        (("to = [1]", "to = [7]"), [("fund.unknown_member", "tier[1].to")]),
        (("gp = 0.2}", "gp = 0.3}"), [("fund.shares_sum", "tier[4].shares")]),
        (("gp = 0.2}", "kp = 0.2}"), [("fund.unknown_member", "tier[4].shares.kp")]),
        (('rate = "8 %"', 'rate = "eight"'), [("fund.number", "tier[2].rate")]),
        (("cap = 0.2", "cap = 0.2\nlimit = 3"), [("fund.unknown_key", "tier[3].limit")]),
        (('"90억"', '"ninety"'), [("money.unreadable", "members.lp.commitment")]),
        (('"90억"', "-9"), [("fund.amount_negative", "members.lp.commitment")]),
        (('kind = "hurdle"', 'kind = "hurdel"'), [("fund.not_one_of", "tier[2].kind")]),
        (('"venture_association"', '"club"'), [("fund.not_one_of", "legal_form")]),
        (("[members.gp]", "[members.lp]"), None),
    ],
)
def test_each_slip_is_one_problem_at_its_place(
    change: tuple[str, str], expected: list[tuple[str, str]] | None
) -> None:
    wrong = GOOD.replace(*change, 1)

    found = fund_rules.check(wrong)

    if expected is None:
        assert [problem.code for problem in found] == ["fund.toml"]
        assert "lp" in found[0].value
    else:
        assert problems(wrong) == expected
    for problem in found:
        assert problem.message("ko") != problem.message("en")


def test_all_slips_of_a_file_come_at_once() -> None:
    wrong = (
        GOOD.replace('share = "1"', 'share = "120 %"')
        .replace('day_count = "act/365f"\n', "")
        .replace('to = ["lp", "gp"]', 'to = ["bank"]')
        + '[[tier]]\nkind = "split"\nshares = {lp = 1}\n'
        + "[[cover]]\nprovider = 'gp'\nbeneficiaries = ['gp', 'lp']\ncap = 0.2\n"
    )

    assert sorted(problems(wrong)) == [
        ("fund.addressed_twice", "cover[1].beneficiaries"),
        ("fund.missing", "cover[1].base"),
        ("fund.rate_without_day_count", "tier[2]"),
        ("fund.share_above_one", "tier[3].share"),
        ("fund.tier_after_last", "tier[5]"),
        ("fund.unknown_member", "tier[2].to"),
    ]


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (
            "[[fee]]\nrate = 0.02\nbase = 'commitment'\nfrom = 3\nto = 2\n",
            [("fund.years", "fee[1]")],
        ),
        (
            "[[fee]]\nbase = 'paid_in'\nbrackets = [{above = 5, rate = 0.1}]\n",
            [("fund.brackets", "fee[1].brackets")],
        ),
        ("[recycling]\nshare = 2\n", [("fund.share_above_one", "recycling.share")]),
        ("[clawback]\ntest = 'deal'\n", [("fund.not_one_of", "clawback.test")]),
        ("[equalisation]\nrate = 0.06\n", [("fund.rate_without_day_count", "equalisation")]),
        ("[[offset]]\ndate = 2024-01-01\n", [("fund.missing", "offset[1].amount")]),
        ("[[transfer]]\nto = ['lp']\nshare = 0.1\n", [("fund.missing", "transfer[1].from")]),
        (
            "[[amendment]]\nsince = 2025-01-01\n[[amendment]]\nsince = 2024-01-01\n",
            [("fund.amendment_order", "amendment")],
        ),
        ("tier2 = 3\n", None),
        ("[fee]\nrate = 1\n", [("fund.table", "fee")]),
    ],
)
def test_other_tables_are_checked_too(extra: str, expected: list[tuple[str, str]] | None) -> None:
    if expected is None:
        assert problems(extra + GOOD) == [("fund.unknown_key", "tier2")]
    else:
        assert problems(GOOD + extra) == expected


def test_fee_clawback_and_escrow_need_a_manager() -> None:
    text = """
[members.a]
role = "lp"
[[tier]]
kind = "split"
shares = {lp = 1}
[[fee]]
rate = 0.02
base = "commitment"
[clawback]
test = "fund"
"""
    assert problems(text) == [("fund.no_manager", "fee"), ("fund.no_manager", "clawback")]


def test_an_empty_file_says_what_is_missing() -> None:
    assert problems("") == [("fund.no_members", "members"), ("fund.no_tiers", "tier")]
    with pytest.raises(Refusal):
        fund_rules.parse("")
