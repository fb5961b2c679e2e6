"""Pictures of few supported units and of lots: their figures are the estimate's own."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from koga.documents import finding_card
from koga.evaluate.cards import assessed, card_reading
from koga.evaluate.cards.assessed import Assessed
from koga.evaluate.cards.card import Card
from koga.evaluate.effects import experiment, sdid
from koga.evaluate.finding import ARM_MEAN, PATH, WEIGHTS, Estimate, Finding
from koga.evaluate.panels import panel
from koga.evaluate.panels.panel import Declaration
from koga.figures import effects


def places(treated: int = 1, *, quarters: bool = False, starts: int = 1) -> Finding:
    generator = np.random.default_rng(8)
    common = generator.normal(size=(14, 2)) @ generator.normal(size=(2, 12)).cumsum(axis=1)
    outcome = 50 + common + generator.normal(0, 0.2, (14, 12))
    rows = []
    for unit in range(14):
        for time in range(12):
            start = 8 + (unit % 2 if starts == 2 else 0)
            on = unit >= 14 - treated and time >= start
            year, part = divmod(time, 4)
            name: Any = f"{2020 + year}-Q{part + 1}" if quarters else 2005 + time
            rows.append((f"구{unit:02d}", name, int(on), float(outcome[unit, time] + 5 * on)))
    frame = pl.DataFrame(rows, schema=["u", "t", "d", "y"], orient="row")
    declared = Declaration(design="sdid", outcome="y", unit="u", time="t", treated="d")
    return sdid.find(panel.from_frame(frame, declared), sdid.Options(draws=20))


def lot(*, small: int = 0) -> tuple[Finding, pl.DataFrame]:
    generator = np.random.default_rng(4)
    drawn = generator.integers(0, 2, 120) if not small else np.arange(120) < small
    pay = 40 + 6 * drawn + generator.normal(0, 3 + 2 * drawn, 120)
    frame = pl.DataFrame({"d": drawn.astype(int), "y": pay})
    declared = Declaration(design="experiment", outcome="y", treated="d")
    return experiment.find(panel.from_frame(frame, declared)), frame


def card(found: Finding, language: str) -> Card:
    return card_reading.of_document(found.as_json(), "finding").card(language)


@pytest.mark.parametrize("treated", [1, 3])
def test_given_one_start_when_drawn_then_the_mean_gap_since_support_is_the_estimate(
    treated: int,
) -> None:
    found = places(treated)
    rows = [row for row in found.estimates if row.estimator == PATH]
    means = {name: [row for row in rows if row.name == name] for name in ("treated", "synthetic")}
    gaps = {
        one.event_time: (one.estimate or 0.0) - (other.estimate or 0.0)
        for one, other in zip(means["treated"], means["synthetic"], strict=True)
    }
    weights = {row["time"]: row["weight"] for row in found.extra["weights"]["periods"]}

    since = [gap for time, gap in gaps.items() if time >= 0]
    before = sum(gaps[time - 2013] * weight for time, weight in weights.items())
    assert np.mean(since) == pytest.approx(found.main.estimate)
    assert before == pytest.approx(0, abs=1e-9)
    assert [row.time for row in means["treated"]] == list(range(2005, 2017))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_one_supported_place_when_its_card_is_drawn_then_path_and_weights_are_on_it(
    language: str,
) -> None:
    found = places(quarters=True)
    figures = dict(effects.every(card(found, language)))

    assert list(figures) == [PATH, WEIGHTS]
    path, weights = figures[PATH], figures[WEIGHTS]
    assert len(path.rows) == 12 and len(path.rows[0]) == 1 + len(path.columns)
    assert path.rows[0][0] == ("2020년 1분기" if language == "ko" else "2020 Q1")
    told = ("높습니다", "합성 비교") if language == "ko" else ("above", "synthetic")
    assert told[0] in path.sentence and told[1] in path.wide
    heaviest = found.extra["weights"]["units"]
    assert [row[0] for row in weights.rows] == [row["unit"] for row in heaviest]
    assert heaviest[0]["unit"] in weights.narrow
    assert finding_card.pdf(card(found, language)).startswith(b"%PDF-")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_no_weights_published_when_drawn_then_the_note_says_so(language: str) -> None:
    named, unnamed = (
        card(found, language).plots[0].note
        for found in (places(), replace(places(), points=()))
    )  # fmt: skip

    below, kept = ("아래 무게", "싣지 않음") if language == "ko" else ("below", "not published")
    assert below in named and below not in unnamed
    assert kept in unnamed and kept not in named


def test_given_several_starts_when_drawn_then_no_one_synthetic_control_is_shown() -> None:
    found = places(4, starts=2)

    assert not [row for row in found.estimates if row.estimator == PATH]
    assert [name for name, _ in effects.every(card(found, "en"))] == ["groups"]


def test_given_a_lot_when_drawn_then_each_arm_has_its_mean_and_student_s_interval() -> None:
    found, frame = lot()
    arms = [row for row in found.estimates if row.estimator == ARM_MEAN]

    for row, arm in zip(arms, (0, 1), strict=True):
        pay = frame.filter(pl.col("d") == arm)["y"].to_numpy()
        ends = stats.t.interval(0.95, len(pay) - 1, pay.mean(), stats.sem(pay))
        assert (row.estimate, row.n) == (pytest.approx(pay.mean()), len(pay))
        assert (row.ci_low, row.ci_high) == pytest.approx(ends)
    for language, name in (("ko", "뽑힘"), ("en", "drawn")):
        ((kind, figure),) = effects.every(card(found, language))
        assert kind == ARM_MEAN
        assert figure.rows[1][0] == name and f">{name}<" in figure.wide


def test_given_clusters_when_arms_are_told_then_their_error_is_by_cluster() -> None:
    generator = np.random.default_rng(2)
    group = np.repeat(np.arange(20), 10)
    pay = generator.normal(0, 3, 20)[group] + generator.normal(0, 0.1, 200)
    frame = pl.DataFrame({"d": group % 2, "c": group, "y": pay})
    declared = Declaration(design="experiment", outcome="y", treated="d", cluster="c")
    found = experiment.find(panel.from_frame(frame, declared))

    arm = found.estimate(ARM_MEAN, "mean_treated")
    means = frame.filter(pl.col("d") == 1).group_by("c").agg(pl.col("y").mean())["y"].to_numpy()
    assert arm.se == pytest.approx(stats.sem(means))


def came(found: Finding) -> Assessed:
    cohorts = tuple((row["first"], row["units"]) for row in found.facts.get("starts", ()))
    return Assessed("ok", found.estimates, (), cohorts, found.headline, 1, ())


@pytest.mark.parametrize(("treated", "told"), [(4, False), (5, True)])
def test_given_few_supported_units_when_published_then_their_path_is_hidden(
    treated: int, told: bool
) -> None:
    rows = [row for row in assessed.shown(came(places(treated))) if row.estimator == PATH]

    assert rows and all((row.estimate is not None) == told for row in rows)


@pytest.mark.parametrize(("small", "told"), [(4, False), (5, True)])
def test_given_a_small_arm_when_published_then_neither_mean_is_told(small: int, told: bool) -> None:
    found, _ = lot(small=small)
    rows: list[Estimate] = [row for row in assessed.shown(came(found)) if row.estimator == ARM_MEAN]

    assert [row.estimate is not None for row in rows] == [told, told]
