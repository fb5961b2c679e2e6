"""Shares by months since as a finding: published figures, groups, checks, card, what is refused."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from koga.cli import build_app
from koga.core.problems import Refusal
from koga.evaluate import finding
from koga.evaluate.cards import card_reading
from koga.evaluate.effects import followed
from koga.evaluate.panels import panel
from koga.evaluate.panels.panel import Declaration
from koga.figures import effects
from tests.evaluate.test_survival import RELAPSED, WEEKS

# The placebo arm of the same trial, every one of whom relapsed.
PLACEBO = np.array(
    [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], dtype=float
)
DECLARED = Declaration(design="survival", outcome="weeks", treated="relapsed", group="arm")


def trial() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "weeks": np.concatenate([WEEKS, PLACEBO]),
            "relapsed": np.concatenate([RELAPSED, np.ones(21)]).astype(int),
            "arm": ["6-MP"] * 21 + ["placebo"] * 21,
        }
    )


def test_given_the_leukaemia_trial_when_followed_then_the_published_figures_stand() -> None:
    # Freireich et al. (1963); log-rank 16.79 in Kalbfleisch and Prentice (2002) and in R survdiff;
    # Greenwood's errors of 6-MP at 6, 10 and 22 weeks .0764, .0963, .1282 (Collett 2015).
    options = followed.Options(at=(6, 10, 16), share="left")

    found = followed.find(panel.from_frame(trial(), DECLARED), options)

    check = found.check("log_rank")
    assert (round(check.extra["statistic"], 2), check.extra["freedom"]) == (16.79, 1)
    drug = {
        row.event_time: (round(row.estimate, 3), round(row.se, 4))
        for row in found.estimates
        if row.group == "6-MP" and row.name == "left"
    }
    assert drug == {6: (0.857, 0.0764), 10: (0.753, 0.0963), 16: (0.627, 0.1141)}
    assert found.main == found.estimates[0]
    assert found.main.event_time is None and found.facts["headline_month"] == 16.0


def test_given_either_share_when_told_then_they_add_up_and_intervals_mirror() -> None:
    found = followed.find(panel.from_frame(trial(), DECLARED), followed.Options(at=(6, 12)))

    for month in (6, 12):
        got, left = (
            found.estimate("kaplan_meier", name, event_time=month) for name in ("reached", "left")
        )
        assert got.estimate + left.estimate == pytest.approx(1)
        assert (got.ci_low, got.se) == (pytest.approx(1 - left.ci_high), left.se)
        assert 0 <= got.ci_low <= got.estimate <= got.ci_high <= 1


def test_given_months_beyond_what_was_followed_when_asked_then_they_are_not_told() -> None:
    found = followed.find(panel.from_frame(trial(), DECLARED), followed.Options(at=(6, 500)))

    assert found.facts["settings"]["at"] == [6.0]
    with pytest.raises(Refusal) as refused:
        followed.find(panel.from_frame(trial(), DECLARED), followed.Options(at=(500,)))
    assert [problem.code for problem in refused.value.problems] == ["evaluate.option"]


def test_given_few_in_a_group_when_followed_then_it_fails_and_no_mark_rests_on_few() -> None:
    rows = trial().with_columns(
        arm=pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("few")).otherwise("arm")
    )

    found = followed.find(panel.from_frame(rows, DECLARED))

    assert found.check("cohort_size").verdict == "fail"
    assert all(mark.n >= 5 for mark in found.points if mark.x > 0)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_the_document_when_its_card_is_made_then_it_says_a_share_and_no_effect(
    language: str,
) -> None:
    found = followed.find(panel.from_frame(trial(), DECLARED), followed.Options(at=(6, 12)))
    document = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert finding.from_json(document).as_json() == document

    made = card_reading.of_document(document, "weeks").card(language)
    figures = dict(effects.every(made))

    assert "55%" in made.heading and "relapsed" in made.heading
    assert made.unit == "%" and made.lines[1].strong
    assert any("effect" in each or "효과" in each for each in made.not_said)
    assert list(figures) == ["survival"]
    assert "6-MP" in figures["survival"].wide and "placebo" in figures["survival"].narrow


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("weeks", "-3", "evaluate.negative_months"),
        ("weeks", "soon", "evaluate.not_a_number"),
        ("relapsed", "2", "evaluate.not_binary"),
        ("relapsed", "", "evaluate.blank"),
        ("arm", "", "evaluate.blank"),
    ],
)
def test_given_a_wrong_cell_when_read_then_it_is_named(column: str, value: str, code: str) -> None:
    rows = trial().cast(pl.String)
    cells = rows[column].to_list()
    cells[4] = value

    with pytest.raises(Refusal) as refused:
        panel.from_frame(rows.with_columns(pl.Series(column, cells)), DECLARED)

    told = [(problem.code, problem.where) for problem in refused.value.problems]
    assert (code, f"row 5, {column}") in told


def test_given_no_event_when_read_then_refused() -> None:
    with pytest.raises(Refusal) as refused:
        panel.from_frame(trial().with_columns(relapsed=pl.lit(0)), DECLARED)

    assert [problem.code for problem in refused.value.problems] == ["evaluate.no_events"]


def test_given_the_command_when_run_then_json_and_page_agree(tmp_path: Path) -> None:
    file = tmp_path / "trial.csv"
    trial().write_csv(file)
    words = ["evaluate", "survival", str(file), "--months", "weeks", "--event", "relapsed",
             "--group", "arm", "--at", "6,12"]  # fmt: skip

    page = CliRunner().invoke(build_app(), words)
    answered = CliRunner().invoke(build_app(), [*words, "--json"])

    document = json.loads(answered.stdout)
    assert (page.exit_code, answered.exit_code) == (0, 0)
    assert document["finding"]["design"] == "survival"
    assert [row["name"] for row in document["checks"]] == ["cohort_size", "follow_up", "log_rank"]
    assert "6-MP" in page.stdout and document["points"][0]["plot"] == "survival"
