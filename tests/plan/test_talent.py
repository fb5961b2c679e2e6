"""The talent pipeline: nobody lost or counted twice, and its closed forms where it has any."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from koga.plan.programmes import talent, talent_laws, talent_tracks
from koga.plan.programmes.talent_paths import ABROAD, AGAIN, AI, AI_NEW, LEFT, OTHER, OTHER_NEW
from koga.plan.programmes.talent_tracks import OPEN, Labour, Track

TRACK = Track(
    name="academy", seats={2025: 1000}, applicants_per_seat=2.0, applicants_deviation=0.2,
    take_up_share=0.95, repeat_share=0.05, intakes=2, decision_months=1, waiting_months=1,
    course_months=6, completion_share=0.85, seats_per_instructor=20.0, course_size=25.0,
    course_deviation=0.5, cohort_deviation=0.1,
    found_work=((2, 0.23), (6, 0.49), (12, 0.65), (24, 0.754)), window_months=12,
    anyway_share=0.5, ai_share=0.5, founder_share=0.05, study_rate=0.04, study_years=2.0,
    abroad_rate=0.02, leaving_rate=0.03, new_job_loss_rate=0.1, job_loss_rate=0.06,
    switch_rate=0.05, return_rate=0.03, closing_rate=0.2, again_months=5.0,
)  # fmt: skip
SURE = replace(
    TRACK, applicants_per_seat=1.0, applicants_deviation=0.0, take_up_share=1.0, repeat_share=0.0,
    completion_share=1.0, intakes=1, decision_months=0, waiting_months=0,
)  # fmt: skip
CROWDED = Labour(reference=400.0, others=100.0, elasticity=0.44, growth=0.02, volatility=0.1,
                 memory=0.5)  # fmt: skip

rates = st.floats(0.0, 0.9)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.integers(2025, 2030), st.integers(0, 3000), min_size=1),
    st.floats(0.0, 8.0), rates, rates, st.floats(0.0, 1.0), st.integers(1, 12),
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 36)),
    st.tuples(rates, rates, rates), st.integers(0, 2**62),
)  # fmt: skip
def test_given_any_track_when_run_then_everybody_is_in_one_state_and_whole(
    seats: dict[int, int], applicants: float, repeat: float, take_up: float, completion: float,
    intakes: int, months: tuple[int, int, int], leaving: tuple[float, float, float], seed: int,
) -> None:  # fmt: skip
    track = replace(
        TRACK, seats=seats, applicants_per_seat=applicants, repeat_share=repeat,
        take_up_share=take_up, completion_share=completion, intakes=intakes,
        decision_months=months[0], waiting_months=months[1], course_months=months[2],
        abroad_rate=leaving[0], leaving_rate=leaving[1], new_job_loss_rate=leaving[2],
    )  # fmt: skip
    second = replace(track, name="second", ai_share=0.2)

    found = talent.run([track, second], CROWDED, seed=seed, first=3, paths=2, years=8)

    persons = found.events[:, :, talent.EVENTS.index("persons")].cumsum(axis=1)
    assert np.array_equal(found.stocks.sum(axis=2), persons)
    assert np.array_equal(found.stocks, np.floor(found.stocks)) and found.stocks.min() >= 0
    admitted = found.events[:, :, talent.EVENTS.index("admissions")].sum(axis=1)
    assert (admitted <= 2 * sum(seats.values())).all()
    assert (found.hired <= found.completed).all()


def test_given_a_range_when_cut_then_its_parts_are_the_same() -> None:
    whole = talent.run([TRACK], CROWDED, seed=9, first=0, paths=7, years=4)
    parts = [talent.run([TRACK], CROWDED, seed=9, first=f, paths=n, years=4)
             for f, n in ((0, 3), (3, 4))]  # fmt: skip

    for name in ("stocks", "events", "completed", "hired", "anyway", "peak"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert np.array_equal(getattr(whole, name), joined), name


def test_given_one_more_track_when_run_then_the_others_meet_the_same_draws() -> None:
    alone = talent.run([TRACK], OPEN, seed=9, first=0, paths=5, years=3)
    other = replace(TRACK, name="other", ai_share=0.1)
    both = talent.run([other, TRACK], OPEN, seed=9, first=0, paths=5, years=3)

    assert np.array_equal(alone.completed[:, :, 0], both.completed[:, :, 1])
    assert np.array_equal(alone.hired[:, :, 0], both.hired[:, :, 1])


def test_given_many_paths_when_averaged_then_they_meet_the_deterministic_path() -> None:
    calm = replace(TRACK, course_deviation=0.0, cohort_deviation=0.0, applicants_deviation=0.0)
    found = talent.run([calm], OPEN, seed=1, first=0, paths=400, years=5)
    meant = talent.expected([calm], OPEN, years=5)

    for name in ("stocks", "events", "completed", "hired", "anyway"):
        drawn, mean = getattr(found, name), getattr(meant, name)[0]
        error = drawn.std(axis=0) / 20 + 0.05
        assert (np.abs(drawn.mean(axis=0) - mean) < 5 * error).all(), name


def test_given_a_steady_inflow_when_settled_then_stock_is_inflow_times_residence() -> None:
    """Little's law for the first search, whose hazard falls: residence = 1 + S(1) + S(2) + …"""
    track = replace(
        SURE, seats=dict.fromkeys(range(2025, 2060), 1200), intakes=12, course_months=1,
        new_job_loss_rate=0.0, job_loss_rate=0.0, closing_rate=0.0, study_rate=0.0,
        found_work=((2, 0.23), (6, 0.49), (12, 0.754)), abroad_rate=0.0, leaving_rate=0.05,
    )  # fmt: skip
    found = talent.expected([track], OPEN, years=34)
    hazards = talent_tracks.finding(track, 600) + talent_laws.hazard(track.leaving_rate)
    stays = np.exp(-np.concatenate([[0.0], np.cumsum(hazards)]))
    monthly = 100.0

    searching = found.stocks[0, -1, talent.STATES.index("searching")]

    assert searching == pytest.approx(monthly * stays[: 12 * 33].sum(), rel=1e-9)


def test_given_courses_when_nobody_looks_for_months_then_who_completes_is_binomial() -> None:
    """Drop-outs are drawn between looks alone; who completes is still a binomial."""
    track = replace(TRACK, seats={2025: 40}, applicants_per_seat=3.0, applicants_deviation=0.0,
                    intakes=1, take_up_share=1.0, repeat_share=0.0, course_months=17)  # fmt: skip
    found = talent.run([track], OPEN, seed=3, first=0, paths=4000, years=3)

    completed = found.completed.sum(axis=(1, 2)).astype(int)
    seen = np.bincount(completed, minlength=41)
    meant = stats.binom.pmf(np.arange(41), 40, track.completion_share) * 4000
    common = meant > 8
    off = ((seen - meant)[common] ** 2 / meant[common]).sum()
    assert stats.chi2.sf(off, common.sum()) > 1e-3
    drops = found.events[:, :, talent.EVENTS.index("drops")].sum(axis=1)
    assert np.array_equal(40 - drops, completed)


def test_given_calls_inside_a_quarter_when_some_apply_again_then_they_left_their_search() -> None:
    """Later searches are followed to the month of the call; in the mean nothing is lost by it."""
    track = replace(TRACK, seats=dict.fromkeys(range(2025, 2030), 600), intakes=12,
                    repeat_share=0.3, course_deviation=0.0, cohort_deviation=0.0,
                    applicants_deviation=0.0, new_job_loss_rate=0.5)  # fmt: skip
    rare = replace(track, repeat_share=1e-9)
    found, once = (talent.expected([one], OPEN, years=6) for one in (track, rare))

    persons, applications = (talent.EVENTS.index(name) for name in ("persons", "applications"))
    again = found.events[0, :, applications] - found.events[0, :, persons]
    assert (again[2:5] > 100).all()
    assert found.stocks[0].sum(axis=1) == pytest.approx(found.events[0, :, persons].cumsum())
    assert found.stocks[0, -1, 3] < once.stocks[0, -1, 3]


def chain_year(track: Track) -> np.ndarray:
    """One year of the chain out of work, in AI work, in other work, written down independently.

    Columns 3 and 4: in AI or other work since this quarter, which cannot be lost before the next.
    """
    move = talent_laws.moves(track)
    gone = move[:, ABROAD] + move[:, LEFT]
    rows = {
        0: [(move[AGAIN, AI_NEW], 3), (move[AGAIN, OTHER_NEW], 4), (gone[AGAIN], None)],
        1: [(move[AI, AGAIN], 0), (move[AI, OTHER_NEW], 4), (gone[AI], None)],
        2: [(move[OTHER, AGAIN], 0), (move[OTHER, AI_NEW], 3), (gone[OTHER], None)],
    }

    def step(lengths: dict[int, float]) -> np.ndarray:
        after = np.eye(5)
        for state, months in lengths.items():
            total = sum(hazard for hazard, _ in rows[state])
            after[state] = 0.0
            after[state, state] = math.exp(-total * months)
            for hazard, to in rows[state]:
                if to is not None:
                    after[state, to] += -math.expm1(-total * months) * hazard / total
        return after

    settle = np.eye(5)
    settle[3], settle[4] = settle[1], settle[2]
    month, end = step({0: 1.0}), step({0: 1.0, 1: 3.0, 2: 3.0})
    return np.linalg.matrix_power(month @ month @ end @ settle, 4)[:3, :3]


def test_given_constant_hazards_when_all_is_over_then_it_is_the_absorbing_chain() -> None:
    """Years in each state of those who completed: the fundamental matrix (I - Q)^-1."""
    track = replace(
        SURE, seats={2025: 1_000_000}, course_months=1, found_work=((3, 0.9), (6, 1.0)),
        new_job_loss_rate=0.2, job_loss_rate=0.2, study_rate=0.0, founder_share=0.0,
        abroad_rate=0.3, leaving_rate=0.1,
    )  # fmt: skip
    found = talent.expected([track], OPEN, years=80)

    at_ends = found.stocks[0, :, [talent.STATES.index(state) for state in
                                  ("searching", "ai_work", "other_work")]]  # fmt: skip
    visits = np.linalg.inv(np.eye(3) - chain_year(track))

    assert at_ends.sum(axis=1) == pytest.approx(at_ends[:, 0] @ visits, rel=1e-6)
    assert found.stocks[0, -1, :8].sum() < 1e-3


def test_given_the_table_when_read_out_then_it_passes_through_each_month() -> None:
    for month, share in TRACK.found_work:
        assert talent_tracks.found_within(TRACK, month) == pytest.approx(share, abs=1e-12)
    falling = talent_tracks.finding(TRACK, 24)

    assert (np.diff(falling) <= 1e-12).all() and falling[0] > 2 * falling[-1]


def test_given_the_same_people_when_asked_sooner_or_later_then_the_rates_are_those_reported() -> (
    None
):
    """23, 49 and 75 % of one programme need not be three programmes: they are three months."""
    at_once = {0: 1000.0}
    spring_and_summer = {month: 500.0 for month in range(6)}  # completions of half a year

    assert talent_tracks.interim(TRACK, at_once, as_of=2) == pytest.approx(0.23)
    assert talent_tracks.interim(TRACK, at_once, as_of=6) == pytest.approx(0.49)
    assert talent_tracks.interim(TRACK, at_once, as_of=24) == pytest.approx(0.754)
    assert 0.2 < talent_tracks.interim(TRACK, spring_and_summer, as_of=5) < 0.3
    assert 0.45 < talent_tracks.interim(TRACK, spring_and_summer, as_of=9) < 0.53
    assert math.isnan(talent_tracks.interim(TRACK, {5: 10.0}, as_of=1))


def test_given_larger_cohorts_when_they_crowd_the_market_then_fewer_find_work() -> None:
    """The elasticity worked back from K-Digital Training: 62.6 to 54.2 % as people rose by 68 %."""
    elasticity = math.log(math.log(0.374) / math.log(0.458)) / math.log(37628 / 22394)
    years = dict.fromkeys(range(2025, 2032), 22394)
    track = replace(SURE, seats=years, found_work=((6, 0.626),), window_months=6, study_rate=0.0,
                    abroad_rate=0.0, leaving_rate=0.0, intakes=12, course_months=1)  # fmt: skip
    market = replace(OPEN, reference=22394.0, elasticity=elasticity)
    more = replace(track, seats=dict.fromkeys(years, 37628))

    calm, crowded = (talent.expected([each], market, years=7) for each in (track, more))

    assert elasticity == pytest.approx(0.44, abs=0.01)
    assert calm.hired[0, 4, 0] / calm.completed[0, 4, 0] == pytest.approx(0.626, abs=0.002)
    assert crowded.hired[0, 4, 0] / crowded.completed[0, 4, 0] == pytest.approx(0.542, abs=0.004)


def test_given_a_counterfactual_when_nothing_crowds_then_net_is_the_difference_of_shares() -> None:
    track = replace(SURE, window_months=12, anyway_share=0.5, study_rate=0.0, abroad_rate=0.0,
                    leaving_rate=0.0)  # fmt: skip
    found = talent.expected([track], OPEN, years=4)

    completed = found.completed[0].sum()
    assert found.hired[0].sum() / completed == pytest.approx(0.65, abs=1e-9)
    assert found.anyway[0].sum() / completed == pytest.approx(0.5, abs=1e-9)


def test_given_places_when_classes_run_then_the_fullest_month_is_reported() -> None:
    track = replace(SURE, seats={2025: 100}, intakes=2, course_months=9, completion_share=1.0)
    found = talent.expected([track], OPEN, years=2)

    assert found.peak[0, :, 0].tolist() == [100.0, 50.0]
    assert found.completed[0, :, 0].tolist() == [50.0, 50.0]
