"""The difference one would see without a design: the same plain interval on every design's card."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from koga.evaluate.cards import card_reading
from koga.evaluate.cards.card_sums import Line
from koga.evaluate.effects import did, experiment, rd, sdid
from koga.evaluate.finding import Finding
from koga.evaluate.panels import panel
from koga.evaluate.panels.panel import Declaration

GENERATOR = np.random.default_rng(6)


def followed(treated: int) -> pl.DataFrame:
    """Sixteen units over eight years, the last few supported from the sixth on."""
    rows = [
        {"u": f"u{unit:02d}", "t": 2010 + time, "d": int(on), "g": 2015 if unit >= low else 0,
         "y": unit % 5 + 0.4 * time + 3 * on + GENERATOR.normal()}
        for low in (16 - treated,) for unit in range(16) for time in range(8)
        for on in (unit >= low and time >= 5,)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def by_unit(frame: pl.DataFrame, on: int) -> list[float]:
    """Every unit's own mean since 2015."""
    chosen = frame.filter((pl.col("t") >= 2015) & ((pl.col("g") > 0) == bool(on)))
    return chosen.group_by("u").agg(pl.col("y").mean())["y"].to_list()


def shown(found: Finding, language: str = "en") -> Line:
    made = card_reading.of_document(found.as_json(), "finding").card(language)
    label = "Naive difference" if language == "en" else "그냥 견준 차이"
    return next(line for line in made.lines if line.label == label)


def plain(above: Any, below: Any) -> tuple[float, float, float]:
    gap = float(np.mean(above) - np.mean(below))
    error = float(np.hypot(stats.sem(above), stats.sem(below)))
    return gap, gap - 1.959964 * error, gap + 1.959964 * error


def told(found: Finding) -> tuple[float, float, float]:
    own = found.facts["naive_intervals"]["treated_untreated"]
    return found.facts["naive"]["treated_untreated"], own["ci_low"], own["ci_high"]


@pytest.mark.parametrize("design", ["did", "sdid"])
def test_given_units_followed_when_compared_plainly_then_each_counts_once_by_its_mean(
    design: str,
) -> None:
    frame = followed(4)
    parts: dict[str, Any] = {"outcome": "y", "unit": "u", "time": "t"}
    if design == "did":
        declared = Declaration(design="did", first_treated="g", **parts)
        found = did.find(panel.from_frame(frame, declared))
    else:
        declared = Declaration(design="sdid", treated="d", **parts)
        found = sdid.find(panel.from_frame(frame, declared), sdid.Options(draws=5))

    assert told(found) == pytest.approx(plain(by_unit(frame, 1), by_unit(frame, 0)), abs=1e-6)
    assert shown(found).interval
    assert "sampling error of the means alone" in shown(found).note
    assert "평균의 표본오차만" in shown(found, "ko").note


def test_given_one_supported_unit_when_compared_plainly_then_no_interval_and_why() -> None:
    declared = Declaration(design="sdid", outcome="y", unit="u", time="t", treated="d")
    found = sdid.find(panel.from_frame(followed(1), declared), sdid.Options(draws=5))

    line = shown(found)

    assert line.value != "–" and line.interval == ""
    assert "One unit on a side gives no interval" in line.note
    assert "구간을 셀 수 없음" in shown(found, "ko").note


def test_given_scores_when_compared_plainly_then_all_above_against_all_below() -> None:
    score = GENERATOR.uniform(40, 80, 400)
    frame = pl.DataFrame({"s": score, "y": 0.1 * score + GENERATOR.normal(0, 1, 400)})
    declared = Declaration(design="rd", outcome="y", score="s", cutoff=60.0)
    found = rd.find(panel.from_frame(frame, declared))

    sides = [frame.filter((pl.col("s") >= 60) == side)["y"].to_list() for side in (True, False)]
    assert told(found) == pytest.approx(plain(*sides), abs=1e-6)
    assert shown(found).interval and "all above and all below" in shown(found).note


def test_given_a_lot_when_compared_plainly_then_it_is_the_estimate_with_its_interval() -> None:
    drawn = GENERATOR.integers(0, 2, 200)
    frame = pl.DataFrame({"d": drawn, "y": drawn + GENERATOR.normal(0, 1, 200)})
    declared = Declaration(design="experiment", outcome="y", treated="d")
    found = experiment.find(panel.from_frame(frame, declared))

    assert told(found) == (found.main.estimate, found.main.ci_low, found.main.ci_high)
    made = card_reading.of_document(found.as_json(), "lot").card("en")
    assert made.lines[0].interval == made.lines[1].interval != ""
    assert "is the estimate itself" in made.lines[1].note
