"""Money moved between two ends leaves one and reaches the other; nothing else changes its size."""

from pathlib import Path

import pytest

from koga.core.problems import Refusal
from koga.plan import moves
from koga.plan.schemes import scheme
from koga.plan.schemes.scheme import Scheme

JO = 10**12


@pytest.fixture(scope="module")
def proposal(root: Path) -> Scheme:
    return scheme.load(root / "schemes" / "koga-500.toml")


@pytest.fixture(scope="module")
def national(root: Path) -> Scheme:
    return scheme.load(root / "schemes" / "national-growth-150.toml")


def test_given_a_trillion_when_moved_from_loans_to_gpus_then_the_fund_is_smaller_by_it(
    proposal: Scheme,
) -> None:
    moved = moves.move(proposal, giving="loan", taking="gpu", amount_won=JO)

    assert moved.amount("size.all.total") == 499 * JO
    assert moves.held(moved, "programme.gpu") - moves.held(proposal, "programme.gpu") == JO
    given = moves.held(proposal, "instrument.loan") - moves.held(moved, "instrument.loan")
    assert abs(given - JO) <= 1
    for other in ("direct_equity", "indirect", "infrastructure"):
        before, after = (moves.held(each, f"instrument.{other}") for each in (proposal, moved))
        assert abs(before - after) <= 1
    assert moved.leaves["programme.gpu.quantity.2027"].basis == "assumed"
    assert moved.sha256 != proposal.sha256


def test_given_two_fund_lines_when_money_moves_then_the_size_stays(national: Scheme) -> None:
    moved = moves.move(national, giving="loan", taking="direct_equity", amount_won=3 * JO)

    assert moved.amount("size.all.total") == 150 * JO
    assert moves.held(moved, "instrument.loan") == 47 * JO
    assert moves.held(moved, "instrument.direct_equity") == 75 * JO // 10 + 3 * JO
    assert moved.amount("instrument.loan.fund.2026") == 94 * JO // 10
    cells = [c for c in scheme.committed(moved) if c.instrument == "loan" and c.source == "fund"]
    assert sum(cell.amount_won for cell in cells) == 47 * JO


@pytest.mark.parametrize(
    ("giving", "taking"),
    [("gpu", "hub"), ("hub", "gpu"), ("key_talents", "sesac"), ("sesac", "rules"),
     ("rules", "indirect"), ("rise", "loan")],
)  # fmt: skip
def test_given_any_two_ends_when_money_moves_then_only_a_part_of_a_unit_is_left_over(
    proposal: Scheme, giving: str, taking: str
) -> None:
    amount = 10**10
    moved = moves.move(proposal, giving=giving, taking=taking, amount_won=amount)
    known = {end.partition(".")[2]: end for end in moves.ends(proposal)}
    unit = max(
        proposal.amount(f"{known[name]}.unit_cost") if known[name].startswith("prog") else 1
        for name in (giving, taking)
    )

    left, reached = (
        moves.held(moved, known[name]) - moves.held(proposal, known[name])
        for name in (giving, taking)
    )
    assert -amount <= left < -amount + unit + 1
    assert amount - 2 * unit <= reached <= amount + 1


def test_given_reviewers_when_money_leaves_then_fewer_decide(proposal: Scheme) -> None:
    moved = moves.move(proposal, giving="rules", taking="gpu", amount_won=19_035_000_000)

    assert moved.number("programme.rules.queue.reviewers") == 10


@pytest.mark.parametrize(
    ("giving", "taking", "amount", "code"),
    [
        ("lottery", "gpu", JO, "plan.move_end"),
        ("gpu", "gpu", JO, "plan.move_same"),
        ("gpu", "programme.gpu", JO, "plan.move_same"),
        ("loan", "gpu", 0, "plan.move_amount"),
        ("gpu", "loan", 100 * JO, "plan.move_too_much"),
        ("loan", "key_talents", 1_000, "plan.move_small"),
    ],
)
def test_given_what_cannot_be_moved_when_asked_then_it_is_refused_with_its_reason(
    proposal: Scheme, giving: str, taking: str, amount: int, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        moves.move(proposal, giving=giving, taking=taking, amount_won=amount)

    assert [problem.code for problem in refused.value.problems] == [code]
    assert all(problem.message(side) for problem in refused.value.problems for side in ("ko", "en"))
