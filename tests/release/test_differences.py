"""What subtraction tells, in hand-made releases: found, and hidden until nothing is left."""

import itertools
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.core.problems import Refusal
from koga.release import differences
from koga.release.build import build
from koga.release.diff import diff
from koga.release.read import open_release
from tests.release.sample import row_of, sample_head, sample_key, sample_tables

TIMES = ("2023", "2024", "2025", "2026")
COMPARED = 100
Sizes = dict[str, int]
Tables = dict[str, list[dict[str, Any]]]


def finding(
    sizes: Sizes, hidden: Collection[str] = (), *, times: tuple[str, ...] = TIMES
) -> Tables:
    """A finding of cohorts of some sizes, every estimate 1: the audit asks only what is shown."""
    rows = []
    for group, units in sizes.items():
        for time in times:
            rows.append(_row("att_gt", group, time, hidden=group in hidden,
                             n=2 * (units + COMPARED)))  # fmt: skip
        rows.append(_row("group", group, None, hidden=group in hidden, n=1))
    for time in times:
        if any(group <= time for group in sizes):
            rows.append(_row("calendar", None, time, n=1))
    for event in range(len(times)):
        if any(times.index(group) + event < len(times) for group in sizes):
            rows.append(_row("dynamic", None, None, event=event, n=1))
    rows.append(_row("simple", None, None, n=1))
    table = [row_of("findings", finding="f", compared=COMPARED, covered=sum(sizes.values()))]
    return {"findings": table, "finding_estimates": rows, "fund_deals": []}


def _row(
    name: str, group: str | None, time: str | None, *, event: int | None = None, n: int,
    hidden: bool = False, estimator: str = "callaway_santanna",
) -> dict[str, Any]:  # fmt: skip
    parts = [f"g{group}"] if group else []
    parts += [f"t{time}"] if time else []
    parts += [f"e{event:+d}"] if event is not None else []
    return row_of(
        "finding_estimates", finding="f", estimator=estimator, name=name,
        place="/".join(parts) or "all", group=group, time=time, event_time=event,
        estimate=None if hidden else Decimal(1), n=None if hidden else n, hidden=hidden,
    )  # fmt: skip


def told(later: Tables, earlier: Tables | None = None) -> set[str]:
    """The rows that leak."""
    return {leak.row.rpartition("/")[2] for leak in differences.leaks(later, earlier)}


def hidden_by(later: Tables, earlier: Tables | None = None) -> set[str]:
    """Names of figures hidden beyond those that were."""
    after = differences.protected(later, earlier)
    pairs = zip(later["finding_estimates"], after["finding_estimates"], strict=True)
    return {
        f"{now['name']} {now['place']}" for was, now in pairs if now["hidden"] and not was["hidden"]
    }


def test_given_no_hidden_cell_and_no_change_when_audited_then_nothing_is_told() -> None:
    plain = finding({"2023": 40, "2024": 60})

    assert (told(plain), told(plain, plain)) == (set(), set())


def test_given_one_hidden_cohort_when_audited_then_every_average_tells_it() -> None:
    alone = finding({"2023": 3, "2024": 60, "2025": 20}, {"2023"})

    assert told(alone) == {"g2023"}
    assert {"calendar t2023", "calendar t2024"} <= hidden_by(alone)
    assert told(differences.protected(alone)) == set()


def test_given_two_hidden_when_only_one_is_there_in_a_period_then_that_period_tells_it() -> None:
    """2023 is hidden with 2025 as its complement, but in 2023 and 2024 only 2023 is hidden."""
    two = finding({"2023": 3, "2024": 60, "2025": 20}, {"2023", "2025"})

    assert "g2023" in told(two)
    assert {"calendar t2023", "calendar t2024"} <= hidden_by(two)
    assert told(differences.protected(two)) == set()


@pytest.mark.parametrize(
    ("by", "leaks"), [(1, True), (4, True), (5, False), (-2, True), (0, False)]
)
def test_given_a_cohort_that_changed_when_audited_then_few_units_leak_and_many_do_not(
    by: int, leaks: bool
) -> None:
    before = finding({"2023": 40, "2024": 60})
    now = finding({"2023": 40, "2024": 60 + by})

    assert told(now, before) == ({"g2024"} if leaks else set())
    assert told(differences.protected(now, before), before) == set()


def test_given_a_changed_cohort_when_protected_then_the_headline_goes_last() -> None:
    before = finding({"2023": 40, "2024": 60}, times=TIMES[:3])
    now = finding({"2023": 40, "2024": 62})

    hidden = hidden_by(now, before)

    assert {"att_gt g2024/t2024", "att_gt g2024/t2025"} <= hidden
    assert "simple all" not in hidden
    assert told(differences.protected(now, before), before) == set()


def test_given_the_complement_shown_before_when_audited_then_it_no_longer_protects() -> None:
    """2026 is new and small; 2025 is hidden to protect it, but stood in the release before."""
    before = finding({"2024": 60, "2025": 20})
    now = finding({"2024": 60, "2025": 20, "2026": 3}, {"2025", "2026"})

    assert "g2026" in told(now, before)
    assert "g2026" not in told(differences.protected(now, before), before)


def test_given_a_complement_that_comes_out_later_when_audited_then_the_earlier_cell_is_kept() -> (
    None
):
    """What protected 2024 in the release before may not be shown in this one either."""
    before = differences.protected(finding({"2023": 40, "2024": 3}, {"2024"}))
    now = finding({"2023": 40, "2024": 8})

    assert told(now, before) == {"g2024"}
    assert told(differences.protected(now, before), before) == set()


def test_given_a_cohort_that_fell_below_five_when_audited_then_the_later_cell_is_kept() -> None:
    before, now = finding({"2023": 5}), finding({"2023": 4}, {"2023"})

    assert told(now, before) == {"g2023"}
    assert told(differences.protected(now, before), before) == set()


@pytest.mark.parametrize("estimator", ["naive", "arm_mean", "synthetic_path"])
@pytest.mark.parametrize(("count", "leaks"), [(101, True), (105, False), (100, False)])
def test_given_a_mean_whose_count_moved_when_audited_then_few_units_leak(
    count: int, leaks: bool, estimator: str
) -> None:
    def plain(n: int) -> Tables:
        row = _row("mean_before", None, None, n=n, estimator=estimator)
        return {"findings": [], "finding_estimates": [row], "fund_deals": []}

    now, before = plain(count), plain(100)

    assert bool(told(now, before)) is leaks
    assert told(differences.protected(now, before), before) == set()


def test_given_a_span_of_deals_that_changed_when_audited_then_it_is_hidden_from_then_on() -> None:
    def deals(proceeds: int, firms: int = 6) -> Tables:
        row = row_of("fund_deals", fund="x", span=1, firms=firms, unit="KRW", cost=10,
                     proceeds=proceeds, hidden=False)  # fmt: skip
        return {"findings": [], "finding_estimates": [], "fund_deals": [row]}

    assert told(deals(30), deals(30)) == set()
    assert [leak.row for leak in differences.leaks(deals(31), deals(30))] == ["x/1"]
    assert [leak.row for leak in differences.leaks(deals(31, 11), deals(30))] == []
    (after,) = differences.protected(deals(31), deals(30))["fund_deals"]
    assert (after["hidden"], after["proceeds"], after["firms"]) == (True, None, None)


def test_given_what_few_units_were_given_when_it_would_show_then_it_is_blank() -> None:
    def given_to(units: int, spent: int) -> Tables:
        row = row_of("findings", finding="f", covered=units, unit="KRW", spent=spent,
                     estimator="e", compared=9)  # fmt: skip
        return {"findings": [row], "finding_estimates": [], "fund_deals": []}

    (after,) = differences.protected(given_to(52, 900), given_to(50, 800))["findings"]

    assert (after["spent"], after["covered"]) == (None, 52)
    assert differences.leaks(given_to(60, 900), given_to(50, 800)) == []


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.lists(st.integers(-3, 7), min_size=4, max_size=4),
)
def test_given_any_two_releases_when_protected_then_brute_force_finds_no_hidden_cohort(
    sizes: list[int], moves: list[int]
) -> None:
    """Two worlds that agree in every figure shown differ in every cohort that is hidden."""
    small = {time: n for time, n in zip(TIMES, sizes, strict=False)}
    later = {time: max(n + by, 1) for (time, n), by in zip(small.items(), moves, strict=False)}
    before = differences.protected(finding(small, {g for g, n in small.items() if n < 5}))
    now = finding(later, {g for g, n in later.items() if n < 5})

    safe = differences.protected(now, before)

    assert differences.leaks(safe, before) == []
    for group in (g for g, n in later.items() if n < 5):
        assert _free(safe["finding_estimates"], later, group)


def _free(rows: list[dict[str, Any]], sizes: Sizes, group: str) -> bool:
    """Whether the figures of one release leave a cohort's first sum open, by their null space."""
    places = {pair: n for n, pair in enumerate(itertools.product(sizes, TIMES))}
    known = []
    for row in rows:
        if row["hidden"]:
            continue
        line = np.zeros(len(places))
        for cohort, time in places:
            since = TIMES.index(time) - TIMES.index(cohort)
            counts = {
                "att_gt": row["group"] == cohort and row["time"] == time,
                "group": row["group"] == cohort and since >= 0,
                "calendar": row["time"] == time and since >= 0,
                "dynamic": row["event_time"] == since,
                "simple": since >= 0,
            }[row["name"]]
            line[places[cohort, time]] = float(counts)
        known.append(line)
    if not known:
        return True
    aim = np.zeros(len(places))
    aim[places[group, group]] = 1.0
    matrix = np.array(known)
    return bool(np.linalg.matrix_rank(np.vstack([matrix, aim])) > np.linalg.matrix_rank(matrix))


def test_given_a_build_that_would_tell_a_hidden_deal_when_signed_then_refused_and_diff_names_it(
    tmp_path: Path,
) -> None:
    first = tmp_path / "first"
    build(first, tables=sample_tables(60, period="2025-H2"), head=sample_head("2025-H2"),
          key=sample_key())  # fmt: skip
    tables: dict[str, Any] = sample_tables(60)
    (row, *_) = (row for row in tables["fund_deals"] if not row["hidden"])
    row["proceeds"] += 1

    with pytest.raises(Refusal) as refused:
        build(tmp_path / "second", tables=tables, head=sample_head(), key=sample_key(),
              previous=first)  # fmt: skip
    build(tmp_path / "alone", tables=tables, head=sample_head(), key=sample_key())
    found = diff(open_release(first), open_release(tmp_path / "alone"))

    assert [problem.code for problem in refused.value.problems] == ["release.leak"]
    assert not (tmp_path / "second").exists()
    assert [leak.table for leak in found.leaks] == ["fund_deals"] and not found.explained
