"""Ended deals told together: never fewer than five firms, never fewer left, never changed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from koga.operate.fund.selectors import Firm
from koga.operate.fund.spans import spans

QUARTERS = [f"{year}-Q{number}" for year in range(2018, 2026) for number in range(1, 5)]


def lives(ends: list[int | None], cost: int = 100) -> list[Firm]:
    """Firms that all begin in the first quarter and end in the given ones, at one and a half."""
    moves = [Firm(QUARTERS[0], f"f{n:02}", cost + n, 0, 0) for n in range(len(ends))]
    for number, end in enumerate(ends):
        if end is not None:
            moves.append(Firm(QUARTERS[end], f"f{number:02}", 0, cost + number, cost // 2))
    return sorted(moves, key=lambda move: (move.quarter, move.firm))


def test_given_four_ends_when_told_then_hidden() -> None:
    (only,) = spans(lives([1, 2, 3, 4, None, None, None, None, None]))

    assert (only.closed, only.firms) == (False, 4)


def test_given_five_ends_that_would_leave_three_when_told_then_they_wait_for_the_rest() -> None:
    waiting = spans(lives([1, 2, 3, 4, 5, None, None, None]))
    done = spans(lives([1, 2, 3, 4, 5, 9, 9, 9]))

    assert [span.closed for span in waiting] == [False]
    assert [(span.closed, span.firms, span.last) for span in done] == [(True, 8, QUARTERS[9])]


def test_given_a_late_receipt_of_an_ended_firm_when_told_then_no_closed_span_moves() -> None:
    moves = lives([1, 1, 1, 1, 1, None, None, None, None, None])
    late = [*moves, Firm(QUARTERS[7], "f00", 0, 0, 40)]

    assert spans(late)[0] == spans(moves)[0]
    assert [(span.closed, span.proceeds) for span in spans(late)[1:]] == [(False, 40)]


@settings(deadline=None)
@given(st.lists(st.none() | st.integers(1, len(QUARTERS) - 1), max_size=30), st.data())
def test_given_any_fund_when_a_quarter_passes_then_closed_spans_stay_and_new_ones_hold_five(
    ends: list[int | None], data: st.DataObject
) -> None:
    moves = lives(ends)
    cut = QUARTERS[data.draw(st.integers(0, len(QUARTERS) - 1))]
    before = [span for span in spans([m for m in moves if m.quarter <= cut]) if span.closed]
    after = [span for span in spans(moves) if span.closed]

    assert after[: len(before)] == before
    assert all(span.firms >= 5 for span in after)
    told = sum(span.firms for span in after)
    ended = sum(end is not None for end in ends)
    assert told <= ended
    if after:
        left = sum(end is None or QUARTERS[end] > after[-1].last for end in ends)
        assert left == 0 or left >= 5
