"""What holds for every fund: parts, order of rows, splitting of receipts, twins, refusals."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koga.core import fund_flows, fund_rules, waterfall, waterfall_paths
from koga.core.fund_flows import Flow
from koga.core.fund_terms import FundRules
from koga.core.problems import Refusal

START = date(2020, 1, 15)
KOREAN = """
[members.lp1]
role = "lp"
commitment = 6000
[members.lp2]
role = "lp"
commitment = 3000
[members.gp]
role = "gp"
commitment = 1000
[[tier]]
kind = "return_of_capital"
to = [1]
[[tier]]
kind = "hurdle"
to = [1]
rate = 0.07
compounding = "COMPOUNDING"
day_count = "DAY_COUNT"
CATCH_UP
[[tier]]
kind = "split"
shares = {"1" = 0.8, gp = 0.2}
MORE
"""
CATCH_UP = """
[[tier]]
kind = "catch_up"
to = ["gp"]
share = 0.9
cap = 0.2
"""
EXTRAS = (
    "",
    "[clawback]\ntest = 'fund'\n[escrow]\nshare = 0.3\n",
    "[recycling]\nshare = 0.25\nlimit = 0.5\n",
    "[[cover]]\nprovider = 'gp'\nbeneficiaries = ['lp']\nbase = 'paid_in'\ncap = 0.1\n"
    "settles = 'liquidation'\n",
    "[[fee]]\nrate = 0.02\nbase = 'paid_in'\n",
    "[[transfer]]\nfrom = ['lp1']\nto = ['lp2']\nshare = 0.2\n",
)


@st.composite
def funds(draw: st.DrawFn, *, amount_max: int = 10**9) -> tuple[FundRules, list[Flow]]:
    """A fund of three members with payments in, receipts, and sometimes an end."""
    text = KOREAN.replace("COMPOUNDING", draw(st.sampled_from(["simple", "annual"])))
    text = text.replace("DAY_COUNT", draw(st.sampled_from(["act/365f", "30/360"])))
    text = text.replace("CATCH_UP", draw(st.sampled_from(["", CATCH_UP])))
    text = text.replace("MORE", draw(st.sampled_from(EXTRAS)))
    if draw(st.booleans()):
        text = 'scope = "deal"\n' + text
    day = st.integers(0, 3000).map(lambda days: START + timedelta(days=days))
    amount = st.integers(1, amount_max)
    deal = st.sampled_from(["", "A", "B"])
    paid = draw(st.lists(st.tuples(day, amount, deal), min_size=1, max_size=4))
    out = draw(st.lists(st.tuples(day, amount, deal), min_size=1, max_size=5))
    flows = [Flow(when, "paid_in", much, "", where) for when, much, where in paid]
    flows += [Flow(when, "distributable", much, "", where) for when, much, where in out]
    if draw(st.booleans()):
        last = max(flow.day for flow in flows) + timedelta(days=30)
        flows.append(Flow(last, "liquidation", draw(st.integers(0, amount_max))))
    return fund_rules.parse(text), flows


def named_calls(rules: FundRules, flows: list[Flow]) -> list[Flow]:
    """Every call as one payment of each member, by commitments."""
    named = []
    for flow in flows:
        if flow.kind != "paid_in":
            named.append(flow)
            continue
        named += [
            Flow(flow.day, "paid_in", flow.amount * member.commitment, code, flow.deal)
            for code, member in rules.members.items()
        ]
    return named


FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(funds())
def test_parts_equal_the_total_on_every_day(fund: tuple[FundRules, list[Flow]]) -> None:
    rules, flows = fund

    lines = waterfall.distribute(rules, flows).lines

    for day in {flow.day for flow in flows}:
        receipts = sum(
            flow.amount
            for flow in flows
            if flow.day == day and flow.kind in ("distributable", "liquidation")
        )
        shared = ("return_of_capital", "hurdle", "catch_up", "split", "recycling")
        paid = sum(line.won for line in lines if line.day == day and line.tier in shared)
        assert paid == receipts


@FEW
@given(funds())
def test_nobody_pays_in_a_distribution_but_by_cover_clawback_escrow_or_transfer(
    fund: tuple[FundRules, list[Flow]],
) -> None:
    rules, flows = fund

    lines = waterfall.distribute(rules, flows).lines

    may = ("cover", "clawback", "escrow", "transfer", "equalisation", "equalisation_interest")
    assert all(line.won > 0 for line in lines if line.tier not in may)


@FEW
@given(funds(), st.randoms(use_true_random=False), st.data())
def test_order_of_rows_and_splitting_a_receipt_change_nothing(
    fund: tuple[FundRules, list[Flow]], chance: object, data: st.DataObject
) -> None:
    rules, flows = fund
    receipts = [place for place, flow in enumerate(flows) if flow.kind == "distributable"]
    chosen = flows[data.draw(st.sampled_from(receipts))]
    part = data.draw(st.integers(0, chosen.amount))
    others = list(flows)
    others.remove(chosen)
    halves = [
        Flow(chosen.day, chosen.kind, amount, "", chosen.deal)
        for amount in (part, chosen.amount - part)
    ]
    shuffled = data.draw(st.permutations([*others, *halves]))

    assert waterfall.distribute(rules, shuffled) == waterfall.distribute(rules, flows)


@FEW
@given(funds())
def test_capital_is_returned_once_to_the_won(fund: tuple[FundRules, list[Flow]]) -> None:
    rules, flows = fund

    outcome = waterfall.distribute(rules, flows)

    for position in outcome.positions.values():
        assert position.returned + position.unreturned == position.paid_in


@FEW
@given(funds(), st.lists(st.floats(0.1, 3), min_size=2, max_size=4))
def test_paths_follow_the_exact_waterfall(
    fund: tuple[FundRules, list[Flow]], factors: list[float]
) -> None:
    """Each path scales the receipts by its own factor; each is compared with the exact result.

    Calls name their members: a call left to be shared by commitments is rounded in the exact
    waterfall alone, and profit shared by capital follows that rounding.
    """
    rules, unnamed = fund
    flows = named_calls(rules, unnamed)
    paid = ("paid_in",)
    whole = [
        [
            f if f.kind in paid else Flow(f.day, f.kind, int(f.amount * factor), "", f.deal)
            for f in flows
        ]
        for factor in factors
    ]
    paths = [
        waterfall_paths.PathFlow(
            flow.day,
            flow.kind,
            np.array([float(path[place].amount) for path in whole]),
            flow.member,
            flow.deal,
        )
        for place, flow in enumerate(flows)
    ]

    found = waterfall_paths.distribute(rules, paths)

    for number, path in enumerate(whole):
        exact = waterfall.distribute(rules, path)
        bound = waterfall_paths.GAP_WON * (len(exact.lines) + 2)
        for code, total in exact.totals.items():
            assert abs(found.totals[code][number] - total) <= bound + 1e-9 * abs(total)


@FEW
@given(funds(amount_max=2**62))
def test_amounts_near_two_to_the_62_do_not_overflow(fund: tuple[FundRules, list[Flow]]) -> None:
    rules, flows = fund

    outcome = waterfall.distribute(rules, flows)

    received = sum(f.amount for f in flows if f.kind in ("distributable", "liquidation"))
    kept = sum(line.won for line in outcome.lines if not line.to)
    fees = sum(line.won for line in outcome.lines if line.tier == "fee")
    assert sum(outcome.totals.values()) - fees + kept == received


@given(st.lists(st.integers(0, 10**15), min_size=2, max_size=6), st.data())
def test_a_loss_is_borne_to_the_won(capital: list[int], data: st.DataObject) -> None:
    members = "".join(
        f'[members.m{place}]\nrole = "lp"\nrank = {1 + place % 3}\ncommitment = {amount}\n'
        for place, amount in enumerate(capital)
    )
    rules = fund_rules.parse(members + '[[tier]]\nkind = "split"\nshares = {lp = 1}\n')
    loss = data.draw(st.integers(0, sum(capital)))

    borne = waterfall.absorb_loss(rules, loss)

    assert sum(borne.values()) == loss
    ranks = {code: member.rank for code, member in rules.members.items()}
    for code, amount in borne.items():
        assert 0 <= amount <= rules.members[code].commitment
        junior = [one for one in borne if ranks[one] > ranks[code]]
        if amount:
            assert all(borne[one] == rules.members[one].commitment for one in junior)


def test_a_cover_bears_before_the_beneficiaries() -> None:
    rules = fund_rules.parse(
        KOREAN.replace("COMPOUNDING", "simple")
        .replace("DAY_COUNT", "act/365f")
        .replace("CATCH_UP", "")
        .replace(
            "MORE",
            "[[cover]]\nprovider = 'gp'\nbeneficiaries = ['lp']\nbase = 'commitment'\ncap = 0.05\n",
        )
    )

    # 1,000 by capital 600 / 300 / 100; 500 of the investors' 900 is covered, 2:1
    assert waterfall.absorb_loss(rules, 1000) == {"lp1": 267, "lp2": 133, "gp": 600}


def test_a_loss_above_all_capital_is_refused() -> None:
    rules = fund_rules.parse(
        '[members.a]\nrole = "lp"\ncommitment = 10\n[[tier]]\nkind = "split"\nshares = {lp = 1}\n'
    )
    with pytest.raises(Refusal) as refused:
        waterfall.absorb_loss(rules, 11)
    assert [problem.code for problem in refused.value.problems] == ["fund.loss"]


def test_money_no_tier_takes_is_refused_with_day_and_amount() -> None:
    rules = fund_rules.parse(
        '[members.a]\nrole = "lp"\n[[tier]]\nkind = "return_of_capital"\nto = ["lp"]\n'
    )
    flows = [Flow(START, "paid_in", 100, "a"), Flow(START, "distributable", 130)]

    with pytest.raises(Refusal) as refused:
        waterfall.distribute(rules, flows)

    (problem,) = refused.value.problems
    assert problem.code == "fund.left_over"
    assert "30" in problem.message("ko") and str(START) in problem.message("en")


def test_an_option_is_refused_beyond_its_share_and_without_one() -> None:
    text = """
[members.state]
role = "state"
commitment = 100
[members.partner]
role = "partner"
[[tier]]
kind = "split"
shares = {state = 1}
"""
    option = """
[[transfer]]
kind = "call_option"
from = ["state"]
to = ["partner"]
share = 0.5
rate = 0.04
compounding = "simple"
day_count = "act/365f"
"""
    flows = [Flow(START, "paid_in", 100, "state"), Flow(START, "transfer", 51, "partner")]
    for rules, code in ((text, "fund.option_missing"), (text + option, "fund.option_exceeded")):
        with pytest.raises(Refusal) as refused:
            waterfall.distribute(fund_rules.parse(rules), flows)
        assert refused.value.problems[0].code == code


def test_only_the_difference_is_posted_after_a_late_flow() -> None:
    rules = fund_rules.parse(
        '[members.a]\nrole = "lp"\n[members.g]\nrole = "gp"\n'
        '[[tier]]\nkind = "return_of_capital"\nto = ["a"]\n'
        '[[tier]]\nkind = "split"\nshares = {lp = 0.8, gp = 0.2}\n'
    )
    first = Flow(date(2024, 1, 1), "paid_in", 100, "a")
    receipt = Flow(date(2025, 1, 1), "distributable", 150)
    late = Flow(date(2024, 6, 1), "paid_in", 20, "a")

    before = waterfall.distribute(rules, [first, receipt]).lines
    after = waterfall.distribute(rules, [first, receipt, late]).lines

    day = date(2025, 1, 1)
    assert waterfall.changes(before, after) == [
        (day, "return_of_capital", "a", 20),
        (day, "split", "a", -16),
        (day, "split", "g", -4),
    ]


def test_every_line_says_why_in_both_languages() -> None:
    rules = fund_rules.parse(
        KOREAN.replace("COMPOUNDING", "annual")
        .replace("DAY_COUNT", "act/365f")
        .replace("CATCH_UP", CATCH_UP)
        .replace("MORE", "".join(EXTRAS[1:]))
    )
    flows = [
        Flow(START, "paid_in", 10_000),
        Flow(START + timedelta(days=900), "distributable", 30_000),
        Flow(START + timedelta(days=1200), "liquidation", 10),
    ]

    lines = waterfall.distribute(rules, flows).lines

    assert {line.tier for line in lines} >= {"fee", "recycling", "hurdle", "catch_up", "escrow"}
    for line in lines:
        assert line.reason_ko and line.reason_en and line.reason_ko != line.reason_en
        assert "{" not in line.reason_ko + line.reason_en


def test_terms_of_a_day_are_the_last_that_were_in_force() -> None:
    rules = fund_rules.parse(
        '[members.a]\nrole = "lp"\n[[tier]]\nkind = "split"\nshares = {lp = 1}\n'
        "[recycling]\nshare = 0.5\n"
        "[[amendment]]\nsince = 2025-01-01\n[amendment.recycling]\nshare = 0.2\n"
    )

    shares = [rules.terms_on(day).recycling for day in (date(2024, 12, 31), date(2025, 1, 1))]

    assert [float(one.share) for one in shares if one] == [0.5, 0.2]


def test_flows_are_listed_with_every_problem_of_every_row() -> None:
    rows = [
        {"date": "03-31", "kind": "paid_in", "amount": "100", "member": "lp"},
        {"date": "2024-01-01", "kind": "paid_in", "amount": "", "member": "lp"},
        {"date": "2024-01-02", "kind": "paid_in", "amount": "5", "member": "lp"},
        {"date": "2024-01-02", "kind": "paid_in", "amount": "7", "member": "lp"},
        {"date": "2024-01-02", "kind": "wire", "amount": "-7", "member": "nobody"},
    ]

    with pytest.raises(Refusal) as refused:
        fund_flows.read(rows, ["lp"])

    found = [(problem.code, problem.where) for problem in refused.value.problems]
    assert sorted(found) == [
        ("dates.unreadable", "row 1, date"),
        ("fund.amount_blank", "row 2, amount"),
        ("fund.amount_negative", "row 5, amount"),
        ("fund.member_twice", "row 4, member"),
        ("fund.unknown_kind", "row 5, kind"),
        ("fund.unknown_member", "row 5, member"),
    ]
    for problem in refused.value.problems:
        assert problem.message("ko") != problem.message("en")
