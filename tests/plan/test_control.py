"""Steadied means: right on average, with an error that tells how far off they are."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from koga import plan
from koga.plan import spread
from koga.plan.engine import control
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
    nowhere = [[outcome(np.full(64, np.nan))] for _ in range(8)]
    holes = control.steady(exact, [outcome(np.full(300, np.nan))], nowhere)

    assert useless.better("value", 0, plain) is None
    assert holes.better("value", 0, plain) is None
    assert holes.better("of programmes alone", 0, plain) is None


def test_given_a_figure_undefined_on_some_paths_when_steadied_then_its_error_covers_the_truth() -> (
    None
):
    """A rate without a value where the market is best, on other paths for each engine: the steadied
    mean is of the paths where `exact` has one, closer than the plain mean, as its error says."""
    chance = np.random.default_rng(11)

    def holed(values: np.ndarray) -> np.ndarray:
        return np.where(values < 2.0, values, np.nan)

    truth = float(np.nanmean(holed(np.sqrt(1.01) * chance.normal(size=4_000_000) + 0.5)))
    off, told, plain = [], [], []
    for _ in range(300):
        common, own = chance.normal(size=256), 0.1 * chance.normal(size=256)
        exact, near = outcome(holed(common + own + 0.5)), outcome(holed(common + 0.45))
        quasi = (np.arange(1024)[None, :] + chance.random((8, 1))) / 1024
        reference = [[outcome(holed(norm.ppf(each) + 0.45))] for each in quasi]
        found = control.steady(exact, [near], reference)
        off.append(found.mean["value"][0] - truth)
        told.append(found.error["value"][0])
        plain.append(spread.of(exact.measures["value"], exact.weights).error)

    assert np.mean(np.abs(off) < 1.96 * np.array(told)) == pytest.approx(0.95, abs=0.03)
    assert np.mean(told) < 0.7 * np.mean(plain)
    assert abs(np.mean(off)) < 3 * np.std(off) / np.sqrt(len(off))


def test_given_figures_that_are_added_up_when_steadied_then_all_are_or_none() -> None:
    """Of two parts one has a good control, one a bad one; their sum must stay their sum."""
    chance = np.random.default_rng(5)
    first, second = 10 * chance.normal(size=300), chance.normal(size=300)
    worse = chance.normal(size=300)

    def of(one: np.ndarray, two: np.ndarray) -> Outcome:
        return Outcome(0, np.ones(one.size), {}, {"one": one, "two": two, "sum": one + two})

    control_paths = of(first, worse)
    reference = [[of(10 * chance.normal(size=64), chance.normal(size=64))] for _ in range(8)]
    whole = of(first, second)

    apart = control.steady(whole, [control_paths], reference)
    found = control.steady(whole, [control_paths], reference, together=("one", "two", "sum"))

    plain = {name: values.std() / np.sqrt(300) for name, values in whole.measures.items()}
    assert apart.better("one", 0, plain["one"]) and not apart.better("two", 0, plain["two"])
    better = {name: found.better(name, 0, plain[name]) for name in plain}
    assert all(better.values()) or not any(better.values())
    means = {name: told[0] if told else whole.measures[name].mean()
             for name, told in better.items()}  # fmt: skip
    assert means["one"] + means["two"] == pytest.approx(means["sum"], abs=1e-9)


@pytest.mark.parametrize("name", ["small", "national-growth-150"])
def test_given_a_simulation_when_its_means_are_added_then_every_total_is_the_sum_of_its_parts(
    root: Path, name: str
) -> None:
    run = plan.simulate(plan.load(root / "schemes" / f"{name}.toml"), paths=64, seed=11)

    def of(series: str) -> np.ndarray:
        return np.array([each.mean for each in run.series[series]], dtype=float)

    def total(start: str) -> np.ndarray:
        return np.sum([of(series) for series in run.series if series.startswith(start)], axis=0)

    cost = [of(f"budget.{part}") for part in ("paid_in", "interest", "guarantee", "programmes")]
    back = [of(f"budget.{part}") for part in ("returned", "recovered")]
    net = of("budget.net")
    assert np.sum(cost, axis=0) - np.sum(back, axis=0) == pytest.approx(net, abs=6)
    assert of("borne.state") + of("borne.local") == pytest.approx(net, abs=2)
    whole = run.figures["cost.lifetime"].mean + run.figures["cost.held"].mean
    assert whole == pytest.approx(net.sum(), abs=len(net))
    assert np.cumsum(total("received.") - total("paid.")) == pytest.approx(of("net.all"), abs=900)
    for rank in ("senior", "unranked", "junior"):
        if f"lost.{rank}" in run.series:
            lost = run.figures[f"loss.{rank}"].mean
            assert of(f"lost.{rank}").sum() == pytest.approx(lost, abs=50)


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
