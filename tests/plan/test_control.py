"""Steadied means: right on average, with an error that tells how far off they are."""

from pathlib import Path

import numpy as np
import pytest

from koga import plan
from koga.plan import control
from koga.plan.outcome import Outcome


def outcome(values: np.ndarray, first: int = 0) -> Outcome:
    return Outcome(
        first, np.ones(values.size), {"flow": np.stack([values, 2 * values], axis=1)},
        {"value": values},
    )  # fmt: skip


def test_given_a_close_control_when_steadied_then_the_mean_is_its_reference_and_the_rest() -> None:
    chance = np.random.default_rng(7)
    common, own = chance.normal(size=400), 0.01 * chance.normal(size=400)
    exact, near = outcome(common + own + 5), outcome(common + 4)
    reference = [[outcome(np.full(8, 4.0 + 0.001 * place))] for place in range(8)]

    found = control.steady(exact, [near], reference)

    expected = (own + 1).mean() + 4.0035
    assert found.mean["value"][0] == pytest.approx(expected, abs=1e-12)
    assert found.mean["flow"][1] == pytest.approx(2 * expected, abs=1e-12)
    spread = np.sqrt(own.var() / 399 + np.var([0.001 * n for n in range(8)], ddof=1) / 8)
    assert found.error["value"][0] == pytest.approx(spread, rel=1e-9)


def test_given_ranges_when_cut_otherwise_then_sums_differ_by_nothing_that_is_printed() -> None:
    values = np.random.default_rng(3).normal(size=512)
    reference = [[outcome(values[:64] * place)] for place in range(8)]

    whole = control.steady(outcome(values), [outcome(0.9 * values)], reference)
    parts = [outcome(0.9 * values[:256]), outcome(0.9 * values[256:], first=256)]
    cut = control.steady(outcome(values), parts, reference)

    assert cut.mean["value"] == pytest.approx(whole.mean["value"], rel=1e-12)


def test_given_a_useless_control_or_an_undefined_figure_then_the_plain_mean_stays() -> None:
    chance = np.random.default_rng(1)
    exact = outcome(chance.normal(size=300))
    plain = 1 / np.sqrt(300)
    reference = [[outcome(chance.normal(size=64))] for _ in range(8)]

    useless = control.steady(exact, [outcome(chance.normal(size=300))], reference)
    holes = control.steady(exact, [outcome(np.full(300, np.nan))], reference)

    assert useless.better("value", 0, plain) is None
    assert holes.better("value", 0, plain) is None
    assert holes.better("of programmes alone", 0, plain) is None


def test_given_a_scheme_when_simulated_with_many_seeds_then_means_spread_as_their_errors_say(
    root: Path,
) -> None:
    small = plan.load(root / "schemes" / "small.toml")

    runs = [plan.simulate(small, paths=64, seed=seed) for seed in range(1, 13)]

    told = [run.figures["gross_multiple"] for run in runs]
    plain = np.std([run.outcome.measures["gross_multiple"].mean() for run in runs], ddof=1)
    spread = np.std([figure.mean for figure in told], ddof=1)
    said = np.mean([figure.error for figure in told])
    assert spread < 0.7 * plain
    assert 0.4 < said / spread < 2.5
